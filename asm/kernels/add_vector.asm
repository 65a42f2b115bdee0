;! Sub add_vector(ByVal target As Long Ptr, ByVal source As Long Ptr, ByVal count As Long)
;
; target += source: four clocks an element, less than the bus of a DX2 takes for a write.

        push ebx
        push esi
        push edi
        mov edi, [esp+16]               ; target
        mov esi, [esp+20]               ; source
        mov ebx, [esp+24]               ; count
        sub ebx, 4
        jl add_vector_rest
add_vector_four:
{%- for i in range(4) %}
        mov eax, [esi{{ "+%d" % (4 * i) if i else "" }}]
        add eax, [edi{{ "+%d" % (4 * i) if i else "" }}]
        mov [edi{{ "+%d" % (4 * i) if i else "" }}], eax
{%- endfor %}
        add esi, 16
        add edi, 16
        sub ebx, 4
        jge add_vector_four
add_vector_rest:
        add ebx, 4
        jz add_vector_done
add_vector_one:
        mov eax, [esi]
        add [edi], eax
        add esi, 4
        add edi, 4
        dec ebx
        jnz add_vector_one
add_vector_done:
        pop edi
        pop esi
        pop ebx
        ret
