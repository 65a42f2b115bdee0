{#- A Long of each vector: eax is of a, ebx of b. For equality eax is 0 in the lanes where they are equal. #}
{%- macro load(name, at) %}
        mov eax, [esi{{ "+%d" % at if at else "" }}]
{%- if name == "equal" %}
        xor eax, [edi{{ "+%d" % at if at else "" }}]
{%- else %}
        mov ebx, [edi{{ "+%d" % at if at else "" }}]
{%- endif %}
{%- endmacro %}
{#- What is done to them. `label` makes labels of its own. #}
{%- macro body(name, bits, low, high, label) %}
{%- if name in ("add", "subtract") and bits == 16 %}
        {{ name[:3] }} ax, bx                      ; the lower lane; what it carries goes nowhere
        and ebx, 0xffff0000
        {{ name[:3] }} eax, ebx
{%- elif name == "add" %}
        mov ecx, eax
        and eax, {{ low }}
        xor ecx, ebx
        and ebx, {{ low }}
        and ecx, {{ high }}             ; the top bits add without a carry
        add eax, ebx                    ; and so no carry leaves a lane
        xor eax, ecx
{%- elif name == "subtract" %}
        mov ecx, eax
        or eax, {{ high }}              ; a borrow stays in its lane
        xor ecx, ebx
        and ebx, {{ low }}
        not ecx
        sub eax, ebx
        and ecx, {{ high }}
        xor eax, ecx
{%- elif name == "equal" and bits == 16 %}
        cmp ax, 1                       ; only 0 makes a borrow
        sbb ecx, ecx
        cmp eax, 0x10000
        sbb eax, eax
        shrd ecx, eax, 16               ; the masks of both lanes
{%- elif name == "equal" %}
        mov ecx, eax
        and eax, {{ low }}
        add eax, {{ low }}              ; the top bit is set unless the rest is 0
        or eax, ecx
        not eax
        and eax, {{ high }}             ; the top bit of equal lanes
        {{- mask("eax", "ecx", bits) }}
{%- elif name.startswith("greater") and bits == 16 %}
{%- if name == "greater" %}
        xor eax, {{ high }}             ; signed numbers in the order of unsigned ones
        xor ebx, {{ high }}
{%- endif %}
        cmp bx, ax                      ; a borrow says that a is greater
        sbb ecx, ecx
        or ebx, 0xffff                  ; let the upper lanes decide
        cmp ebx, eax
        sbb eax, eax
        shrd ecx, eax, 16               ; the masks of both lanes
{%- elif name.startswith("greater") %}
{%- if name == "greater" %}
        xor eax, {{ high }}             ; signed numbers in the order of unsigned ones
        xor ebx, {{ high }}
{%- endif %}
        mov ecx, ebx
        mov edx, eax
        or ecx, {{ high }}
        and edx, {{ low }}
        sub ecx, edx                    ; b - a without the top bits: its top bit is clear where a is greater
        mov edx, eax
        xor eax, ebx
        not ebx
        and edx, ebx                    ; a is greater where it alone has the top bit,
        or eax, ecx
        not eax                         ; and, where the top bits agree, by the rest
        or eax, edx
        and eax, {{ high }}
        {{- mask("eax", "ecx", bits) }}
{%- elif name == "add_saturated_unsigned" and bits == 16 %}
        add ax, bx                      ; the lower lane
        sbb ecx, ecx                    ; all ones if it overflowed
        and ebx, 0xffff0000
        add eax, ebx
        sbb ebx, ebx
        shrd ecx, ebx, 16               ; the masks of both lanes
        or eax, ecx
{%- elif name == "add_saturated" and bits == 16 %}
        add ax, bx                      ; the lower lane
        jo {{ label }}_low
{{ label }}_upper:
        and ebx, 0xffff0000
        add eax, ebx
        jo {{ label }}_high
{{ label }}_sum:
{%- elif name == "add_saturated_unsigned" %}
        mov ecx, eax
        mov edx, eax
        and ecx, ebx
        or edx, ebx
        and eax, {{ low }}
        and ebx, {{ low }}
        add eax, ebx                    ; the sum without the top bits
        mov ebx, edx
        and edx, eax
        xor ebx, ecx
        or edx, ecx                     ; two of three top bits, a's, b's and that of this sum, make a carry
        and ebx, {{ high }}
        and edx, {{ high }}
        xor eax, ebx                    ; the sum
        {{- mask("edx", "ecx", bits) }}
        or eax, edx
{%- elif name == "add_saturated" %}
        add al, bl                      ; the overflow flag is for just this
        jo {{ label }}_0
{{ label }}_1:
        add ah, bh
        jo {{ label }}_2
{{ label }}_3:
        shr ebx, 16
        rol eax, 16
        add al, bl
        jo {{ label }}_4
{{ label }}_5:
        add ah, bh
        jo {{ label }}_6
{{ label }}_7:
        rol eax, 16
{%- endif %}
{%- endmacro %}
{#- Where that leaves the result #}
{%- macro result(name, bits) -%}
{{ "ecx" if bits == 16 and (name == "equal" or name.startswith("greater")) else "eax" }}
{%- endmacro %}
{#- Each top bit becomes a whole lane. #}
{%- macro mask(register, other, bits) %}
        mov {{ other }}, {{ register }}
        shr {{ other }}, {{ bits - 1 }}
        add {{ register }}, {{ register }}
        sub {{ register }}, {{ other }}                    ; twice the top bit less the lowest one: the whole lane
{%- endmacro %}
{#- What stands behind the loop: a lane that overflowed. The sign that came out is the wrong one. #}
{%- macro beyond(name, bits, label) %}
{%- if name == "add_saturated" and bits == 16 %}
{{ label }}_low:
        sar ax, 15
        xor ax, 0x8000
        jmp {{ label }}_upper
{{ label }}_high:
        mov ecx, eax
        and eax, 0xffff
        sar ecx, 31
        xor ecx, 0x80000000
        and ecx, 0xffff0000
        or eax, ecx
        jmp {{ label }}_sum
{%- elif name == "add_saturated" %}
{%- for i, register in [(0, "al"), (2, "ah"), (4, "al"), (6, "ah")] %}
{{ label }}_{{ i }}:
        sar {{ register }}, 7
        xor {{ register }}, 0x80
        jmp {{ label }}_{{ i + 1 }}
{%- endfor %}
{%- endif %}
{%- endmacro %}
{%- for bits, low, high in [(8, "0x7f7f7f7f", "0x80808080"), (16, "0x7fff7fff", "0x80008000")] %}
{%- for name, what in operations %}
{%- set label = "packed_%s_%s" % (name, bits) %}
;! Sub {{ label }}(ByVal a As ULong Ptr, ByVal b As ULong Ptr, ByVal target As ULong Ptr, ByVal count As Long)
;
; {{ what }} in lanes of {{ bits }} bits; count Longs, at least one. Eight Longs a turn, what is left over before them.

        push ebx
        push esi
        push edi
        push ebp
        mov esi, [esp+20]               ; a
        mov edi, [esp+24]               ; b
        mov ebp, [esp+28]               ; target
        mov ecx, [esp+32]               ; count
        mov edx, ecx
        lea eax, [esi+ecx*4]
        and edx, 7
        mov [esp+32], eax               ; the end of a
        lea edx, [esi+edx*4]
        mov [esp+28], edx               ; the end of what is left over
        cmp esi, edx
        je {{ label }}_eights
{{ label }}_one:
        {{- load(name, 0) }}
        {{- body(name, bits, low, high, label ~ "_x") }}
        mov [ebp], {{ result(name, bits) }}
        add esi, 4
        add edi, 4
        add ebp, 4
        cmp esi, [esp+28]
        jne {{ label }}_one
{{ label }}_eights:
        cmp esi, [esp+32]
        je {{ label }}_done
{{ label }}_turn:
{%- for i in range(8) %}
        {{- load(name, 4 * i) }}
        {{- body(name, bits, low, high, label ~ "_" ~ "abcdefgh"[i]) }}
        mov [ebp{{ "+%d" % (4 * i) if i else "" }}], {{ result(name, bits) }}
{%- endfor %}
        add esi, 32
        add edi, 32
        add ebp, 32
        cmp esi, [esp+32]
        jne {{ label }}_turn
{{ label }}_done:
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret
{%- for place in "xabcdefgh" %}
{{- beyond(name, bits, label ~ "_" ~ place) }}
{%- endfor %}
{% endfor %}
{%- endfor %}
