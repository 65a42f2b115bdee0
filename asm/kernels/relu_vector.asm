;! Sub relu_vector(ByVal target As Long Ptr, ByVal count As Long)
;
; target = max(target, 0): five clocks an element, whatever its sign; what is not negative is not written.

        push ebx
        push esi
        mov esi, [esp+12]               ; target
        mov ebx, [esp+16]               ; count
        xor ecx, ecx
        sub ebx, 8
        jl relu_vector_rest
relu_vector_eight:
{%- for i in range(8) %}
        mov eax, [esi{{ "+%d" % (4 * i) if i else "" }}]
        test eax, eax
        jns relu_vector_{{ i }}
        mov [esi{{ "+%d" % (4 * i) if i else "" }}], ecx
relu_vector_{{ i }}:
{%- endfor %}
        add esi, 32
        sub ebx, 8
        jge relu_vector_eight
relu_vector_rest:
        add ebx, 8
        jz relu_vector_done
relu_vector_one:
        mov eax, [esi]
        test eax, eax
        jns relu_vector_next
        mov [esi], ecx
relu_vector_next:
        add esi, 4
        dec ebx
        jnz relu_vector_one
relu_vector_done:
        pop esi
        pop ebx
        ret
