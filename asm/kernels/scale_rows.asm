;! Sub scale_rows(ByVal sums As Long Ptr, ByVal multipliers As Long Ptr, ByVal bias As Long Ptr, ByVal rows As Long, ByVal shift As Long)
;
; sum = (sum * multiplier + half) sar shift + bias for all rows, in place; two rows a turn. The products fit into
; 32 bits.
;
; A multiplication ends early when its second factor is small: that is the multiplier, of few bits.

        push ebx
        push esi
        push edi
        push ebp
        mov esi, [esp+20]               ; sums
        mov edi, [esp+24]               ; multipliers
        mov ebp, [esp+28]               ; bias
        mov edx, [esp+32]               ; rows
        mov ecx, [esp+36]               ; shift, 0 to 31
        mov ebx, 1
        shl ebx, cl
        shr ebx, 1                      ; half a unit
scale_rows_two:
        mov eax, [esi]
        imul eax, [edi]
        add eax, ebx
        sar eax, cl
        add eax, [ebp]
        mov [esi], eax
        mov eax, [esi+4]
        imul eax, [edi+4]
        add eax, ebx
        sar eax, cl
        add eax, [ebp+4]
        mov [esi+4], eax
        add esi, 8
        add edi, 8
        add ebp, 8
        sub edx, 2
        jg scale_rows_two
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret
