;! Sub scale_rows(ByVal sums As Long Ptr, ByVal scales As Long Ptr, ByVal rows As Long, ByVal shift As Long)
;
; sum = sum * multiplier sar shift, rounded, + bias for all rows, in place; two rows a turn. The scales are multiplier
; and bias of each row. The products fit into 32 bits.
;
; A multiplication ends early when its second factor is small: that is the multiplier, of few bits. It leaves no carry,
; since the product fits; the shift leaves the last bit that goes there, and adding it rounds.

        push esi
        push edi
        mov esi, [esp+12]               ; sums
        mov edi, [esp+16]               ; scales
        mov edx, [esp+20]               ; rows
        mov ecx, [esp+24]               ; shift, 0 to 31
scale_rows_two:
        mov eax, [esi]
        imul eax, [edi]
        sar eax, cl
        adc eax, [edi+4]
        mov [esi], eax
        mov eax, [esi+4]
        imul eax, [edi+8]
        sar eax, cl
        adc eax, [edi+12]
        mov [esi+4], eax
        add esi, 8
        add edi, 16
        sub edx, 2
        jg scale_rows_two
        pop edi
        pop esi
        ret
