;! Sub join_lanes(ByVal first As Long Ptr, ByVal second As Long Ptr, ByVal target As Long Ptr, ByVal count As Long)
;
; Two tokens in one Long: target = first + 65536 * second. Sums and differences of such Longs are those of both tokens,
; as long as the lower one's stay within 16 bits.

        push ebx
        push esi
        push edi
        mov esi, [esp+16]               ; first
        mov edx, [esp+20]               ; second
        mov edi, [esp+24]               ; target
        mov ecx, [esp+28]               ; count
join_lanes_next:
        mov eax, [edx]
        mov ebx, [esi]
        shl eax, 16
        add edx, 4
        add eax, ebx
        add esi, 4
        mov [edi], eax
        add edi, 4
        dec ecx
        jnz join_lanes_next
        pop edi
        pop esi
        pop ebx
        ret
