{%- set row, plane, groups, columns = pairing.pairs, pairing.plane, pairing.groups, pairing.columns %}
{%- macro at(base, offset) %}[{{ base }}{{ "%+d" % offset if offset else "" }}]{% endmacro %}
{%- for kind in ["keys", "values"] %}
;! Function attend_{{ kind }}(ByVal source As Long Ptr, ByVal exponents As UByte Ptr, ByVal codes As UByte Ptr, ByVal heads As Long) As Long
{%- set sixes = groups if kind == "keys" else 0 %}
{%- set twos = (columns - 6 * sixes) // 2 %}
{%- set name = "attend_" ~ kind %}
{#- The code of a column: a number shifted down by its exponent. -#}
{%- macro code(register, column) %}
        mov cl, {{ at("ebp", column) }}
        mov {{ register }}, {{ at("esi", 4 * column) }}
        sar {{ register }}, cl
        add {{ register }}, 32
        cmp {{ register }}, 63
        ja {{ name }}_stop
{%- endmacro %}
{#- Six columns: three bytes of high digits, three of low ones. -#}
{%- macro planes(column, byte, known) %}
{%- for half in [3, 0] %}
{%- for i in [2, 1, 0] if half + i < known %}
{{- code("eax", column + half + i) }}
        mov edx, eax
        shl edx, 9
        or eax, edx
        shl edx, 9
        or eax, edx
        and eax, 0x242424
{%- if loop.first %}
        mov ebx, eax
{%- else %}
        add ebx, ebx
        or ebx, eax
{%- endif %}
{%- endfor %}
{%- if known <= half %}
        xor ebx, ebx
{%- endif %}
{%- if half %}
        mov [esp+20], ebx
{%- endif %}
{%- endfor %}
        mov eax, [esp+20]
        mov ecx, ebx
        mov edx, eax
        and ecx, 0xE0E0E0               ; the high digits
        and edx, 0xE0E0E0
        shr ecx, 3
        and ebx, 0x1C1C1C               ; the low digits
        or ecx, edx
        and eax, 0x1C1C1C
        mov {{ at("edi", byte) }}, cl
        shl eax, 3
        mov {{ at("edi", byte + groups) }}, ch
        or eax, ebx
        shr ecx, 16
        mov {{ at("edi", plane + byte) }}, al
        mov {{ at("edi", plane + byte + groups) }}, ah
        shr eax, 16
        mov {{ at("edi", byte + 2 * groups) }}, cl
        mov {{ at("edi", plane + byte + 2 * groups) }}, al
{%- endmacro %}
{#- Two columns: a byte of high digits, one of low ones. -#}
{%- macro pair(column, byte, known) %}
{{- code("eax", column) }}
{%- if known > 1 %}
{{- code("edx", column + 1) }}
{%- endif %}
        mov ebx, eax
        and ebx, 7                      ; the low digit of the first
        xor eax, ebx                    ; its high digit, times eight
        shl ebx, 2
        shr eax, 1
{%- if known > 1 %}
        mov ecx, edx
        and ecx, 7                      ; the low digit of the second
        xor edx, ecx
        shl ecx, 5
        shl edx, 2
        or ebx, ecx
        or eax, edx
{%- endif %}
        mov {{ at("edi", byte) }}, al
        mov {{ at("edi", plane + byte) }}, bl
{%- endmacro %}
;
; Pack a row of the cache, for all heads: each number, shifted down by its column's exponent, is a code of two digits of
; three bits. {% if kind == "keys" %}The bits of six columns' digits are planes; what columns are left are pairs.
{%- else %}A byte holds the high digits of two columns, and another one their low digits.
{%- endif %} Low digits lie {{ plane }} bytes
; further on.
;
; The result is 0, or else how many heads are left: a number of the first of them is too large for its exponent.

        push ebx
        push esi
        push edi
        push ebp
        mov esi, [esp+20]               ; source
        mov ebp, [esp+24]               ; exponents
        mov edi, [esp+28]               ; codes
{{ name }}_head:
{%- set whole = columns == head_width %}
{%- if whole and sixes > 1 %}
        mov dword ptr [esp+24], {{ sixes }}
{{ name }}_six:
{{- planes(0, 0, 6) }}
        add esi, 24
        add ebp, 6
        inc edi
        dec dword ptr [esp+24]
        jnz {{ name }}_six
        {%- set done, bytes = 6 * sixes, sixes %}
{%- else %}
{%- for i in range(sixes) %}
{{- planes(6 * i, i, head_width - 6 * i) }}
{%- endfor %}
        {%- set done, bytes = 0, 0 %}
{%- endif %}
{%- if whole and twos > 4 %}
        mov dword ptr [esp+24], {{ twos // 2 }}
{{ name }}_four:
{{- pair(6 * sixes - done, 3 * sixes - bytes, 2) }}
{{- pair(6 * sixes - done + 2, 3 * sixes - bytes + 1, 2) }}
        add esi, 16
        add ebp, 4
        add edi, 2
        dec dword ptr [esp+24]
        jnz {{ name }}_four
        {%- set done, bytes = done + 2 * twos, bytes + twos %}
{%- else %}
{%- for i in range(twos) if 6 * sixes + 2 * i < head_width %}
{{- pair(6 * sixes + 2 * i - done, 3 * sixes + i - bytes, head_width - 6 * sixes - 2 * i) }}
{%- endfor %}
{%- endif %}
        add esi, {{ 4 * (head_width - done) }}
        add ebp, {{ columns - done }}
        add edi, {{ pairing.block - bytes }}
        dec dword ptr [esp+32]
        jnz {{ name }}_head
{{ name }}_stop:
        mov eax, [esp+32]
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret
{% endfor %}
