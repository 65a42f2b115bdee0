;! Sub gelu_vector(ByVal target As Long Ptr, ByVal count As Long, ByVal bumps As UByte Ptr)
;
; target = max(x, 0) - bumps[|x|], the bump being 0 for |x| >= {{ gelu_entries }}; twelve clocks an element.
;
; For a negative x the bump is that of -x - 1, which is x xor its sign.
{%- macro element(i, at, label) %}
        mov eax, [esi{{ at }}]
        mov edx, eax
        sar edx, 31                     ; the sign: -1 or 0
        xor eax, edx
        not edx
        cmp eax, {{ gelu_entries }}
        jae gelu_vector_{{ label }}
        mov bl, [edi+eax]               ; the upper bytes of ebx stay 0
        and eax, edx                    ; max(x, 0)
        sub eax, ebx
        mov [esi{{ at }}], eax
{%- endmacro %}

        push ebx
        push esi
        push edi
        mov esi, [esp+16]               ; target
        mov ecx, [esp+20]               ; count
        mov edi, [esp+24]               ; bumps
        xor ebx, ebx
        sub ecx, 4
        jl gelu_vector_rest
gelu_vector_four:
{%- for i in range(4) %}
{{- element(i, "+%d" % (4 * i) if i else "", "far_%d" % i) }}
gelu_vector_after_{{ i }}:
{%- endfor %}
        add esi, 16
        sub ecx, 4
        jge gelu_vector_four
gelu_vector_rest:
        add ecx, 4
        jz gelu_vector_done
gelu_vector_one:
{{- element(4, "", "far_4") }}
gelu_vector_after_4:
        add esi, 4
        dec ecx
        jnz gelu_vector_one
gelu_vector_done:
        pop edi
        pop esi
        pop ebx
        ret
{%- for i in range(5) %}
gelu_vector_far_{{ i }}:
        and eax, edx
        mov [esi{{ "+%d" % (4 * i) if 0 < i < 4 else "" }}], eax
        jmp gelu_vector_after_{{ i }}
{%- endfor %}
