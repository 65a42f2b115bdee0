{%- for name, shift in [("gelu_vector", none), ("gelu_vector_down", "sar"), ("gelu_vector_up", "shl")] %}
;! Sub {{ name }}(ByVal target As Long Ptr, ByVal count As Long, ByVal bumps As UByte Ptr{{ ", ByVal shift As Long" if shift }})
;
; target = max(x, 0) - bumps[|x|], the bump being 0 for |x| >= {{ gelu_entries }}; twelve clocks an element.
{%- if shift %}
; Here x is the target shifted {{ "up" if shift == "shl" else "down" }}, which takes three clocks more.
{%- endif %}
;
; For a negative x the bump is that of -x - 1, which is x xor its sign.
{%- macro element(i, at, label) %}
        mov eax, [esi{{ at }}]
{%- if shift %}
        {{ shift }} eax, cl
{%- endif %}
        mov edx, eax
        sar edx, 31                     ; the sign: -1 or 0
        xor eax, edx
        not edx
        cmp eax, {{ gelu_entries }}
        jae {{ name }}_{{ label }}
        mov bl, [edi+eax]               ; the upper bytes of ebx stay 0
        and eax, edx                    ; max(x, 0)
        sub eax, ebx
        mov [esi{{ at }}], eax
{%- endmacro %}

        push ebx
        push esi
        push edi
        push ebp
        mov esi, [esp+20]               ; target
        mov ebp, [esp+24]               ; count
        mov edi, [esp+28]               ; bumps
{%- if shift %}
        mov ecx, [esp+32]               ; shift
{%- endif %}
        xor ebx, ebx
        sub ebp, 4
        jl {{ name }}_rest
{{ name }}_four:
{%- for i in range(4) %}
{{- element(i, "+%d" % (4 * i) if i else "", "far_%d" % i) }}
{{ name }}_after_{{ i }}:
{%- endfor %}
        add esi, 16
        sub ebp, 4
        jge {{ name }}_four
{{ name }}_rest:
        add ebp, 4
        jz {{ name }}_done
{{ name }}_one:
{{- element(4, "", "far_4") }}
{{ name }}_after_4:
        add esi, 4
        dec ebp
        jnz {{ name }}_one
{{ name }}_done:
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret
{%- for i in range(5) %}
{{ name }}_far_{{ i }}:
        and eax, edx
        mov [esi{{ "+%d" % (4 * i) if 0 < i < 4 else "" }}], eax
        jmp {{ name }}_after_{{ i }}
{%- endfor %}
{% endfor %}
