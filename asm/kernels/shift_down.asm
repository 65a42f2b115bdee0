;! Sub shift_down(ByVal source As Long Ptr, ByVal target As Long Ptr, ByVal count As Long, ByVal shift As Long)
;
; target = source / 2 ^ shift, rounded: six clocks an element, as many as the bus of a DX2 takes for a write.

        push ebx
        push esi
        push edi
        mov esi, [esp+16]               ; source
        mov edi, [esp+20]               ; target
        mov ebx, [esp+24]               ; count
        mov ecx, [esp+28]               ; shift
        mov edx, 1
        shl edx, cl
        shr edx, 1                      ; half a unit
        sub ebx, 4
        jl shift_down_rest
shift_down_four:
{%- for i in range(4) %}
        mov eax, [esi{{ "+%d" % (4 * i) if i else "" }}]
        add eax, edx
        sar eax, cl
        mov [edi{{ "+%d" % (4 * i) if i else "" }}], eax
{%- endfor %}
        add esi, 16
        add edi, 16
        sub ebx, 4
        jge shift_down_four
shift_down_rest:
        add ebx, 4
        jz shift_down_done
shift_down_one:
        mov eax, [esi]
        add eax, edx
        sar eax, cl
        mov [edi], eax
        add esi, 4
        add edi, 4
        dec ebx
        jnz shift_down_one
shift_down_done:
        pop edi
        pop esi
        pop ebx
        ret
