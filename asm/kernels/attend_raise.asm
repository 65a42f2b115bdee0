{%- set row, plane, groups = pairing.pairs, pairing.plane, pairing.groups %}
{%- macro at(base, offset) %}[{{ base }}{{ "%+d" % offset if offset else "" }}]{% endmacro %}
{#- From tile to tile, and from position to position of each; `body` is done for the row at esi. -#}
{%- macro rows(name) %}
        mov eax, [esp+40]               ; positions
        mov [esp+4], eax
{{ name }}_tile:
        mov edi, [esp+4]
        cmp edi, {{ tile }}
        jbe {{ name }}_few
        mov edi, {{ tile }}
{{ name }}_few:
        sub [esp+4], edi
{{ name }}_row:
{{- caller() }}
        add esi, {{ row }}
        dec edi
        jnz {{ name }}_row
        add esi, {{ tile_bytes - plane }}
        cmp dword ptr [esp+4], 0
        jne {{ name }}_tile
{%- endmacro %}
{%- for kind in ["keys", "values"] %}
{%- set planes = 6 * groups if kind == "keys" else 0 %}
{%- set name = "attend_raise_" ~ kind %}
;! Sub {{ name }}(ByVal source As Long Ptr, ByVal exponents As UByte Ptr, ByVal codes As UByte Ptr, ByVal positions As Long)
;
; Where a number of a head's row is too large for the exponent of its column: raise it, and shift down what the cache
; has of the column, from the row of the first position on.

        push ebx
        push esi
        push edi
        push ebp
        sub esp, 8
        mov esi, [esp+28]               ; source
        mov ebp, [esp+32]               ; exponents
        xor ebx, ebx                    ; the column
{{ name }}_column:
        mov eax, [esi+ebx*4]
        mov cl, [ebp+ebx]
        mov edx, eax
        sar edx, 31
        xor eax, edx
        shr eax, cl
        cmp eax, 31
        ja {{ name }}_large
{{ name }}_next:
        inc ebx
        cmp ebx, {{ head_width }}
        jne {{ name }}_column
        add esp, 8
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret
{{ name }}_large:
        xor edx, edx
{{ name }}_count:
        inc edx
        shr eax, 1
        cmp eax, 31
        ja {{ name }}_count
        add [ebp+ebx], dl
        cmp dword ptr [esp+40], 0       ; positions
        je {{ name }}_next
        mov [esp], ebx
{%- if planes %}
        cmp ebx, {{ planes }}
        jae {{ name }}_pair

        ; Planes: each bit becomes that of the plane before it, where the highest one has the sign, 1 for positive.
        mov eax, ebx
        mov cl, 6
        mov ebp, edx                    ; the rise
        div cl
        mov cl, ah
        and eax, 255
        mov ebx, 4
        mov esi, [esp+36]               ; codes
        shl ebx, cl                     ; the column's bit
        add esi, eax
{%- call rows(name ~ "_plane") %}
        mov ecx, ebp
{{ name }}_step:
        mov al, [esi]
        not eax
{%- for offset in [groups, 2 * groups, plane, plane + groups, plane + 2 * groups] %}
        mov dl, {{ at("esi", offset) }}
        xor eax, edx
        and eax, ebx                    ; where they differ
        xor eax, edx
        mov {{ at("esi", offset) }}, al
{%- if not loop.last %}
        mov eax, edx
{%- endif %}
{%- endfor %}
        dec ecx
        jnz {{ name }}_step
{%- endcall %}
        jmp {{ name }}_again
{%- endif %}

        ; A pair: put the digits together, shift, and take them apart.
{{ name }}_pair:
        mov esi, ebx
        and ebx, 1
        shr esi, 1
        lea ecx, [ebx+ebx*2+2]          ; the place of the digits
        mov ebx, 7
        add esi, [esp+36]               ; codes
        shl ebx, cl                     ; their bits
        mov ebp, 32                     ; the code of 1, the least positive number
        shl ebp, cl
        mov ecx, edx                    ; the rise
{%- call rows(name ~ "_pair") %}
        mov al, [esi]
        mov dl, {{ at("esi", plane) }}
        and eax, ebx
        and edx, ebx
        xor [esi], al
        shl eax, 3
        xor {{ at("esi", plane) }}, dl
        or eax, edx
        sub eax, ebp
        sar eax, cl
        add eax, ebp
        mov edx, eax
        shr eax, 3
        and edx, ebx
        and eax, ebx
        or {{ at("esi", plane) }}, dl
        or [esi], al
{%- endcall %}
{{ name }}_again:
        mov ebx, [esp]
        mov esi, [esp+28]
        mov ebp, [esp+32]
        jmp {{ name }}_next
{% endfor %}
