;! Sub scale_rows(ByVal sums As Long Ptr, ByVal scales As Long Ptr, ByVal rows As Long, ByVal shift As Long)
;
; sum = (sum * multiplier + half) sar shift + bias for all rows, in place; two rows a turn. The scales are multiplier
; and bias of each row. The products fit into 32 bits.
;
; A multiplication ends early when its second factor is small: that is the multiplier, of few bits.

        push ebx
        push esi
        push edi
        mov esi, [esp+16]               ; sums
        mov edi, [esp+20]               ; scales
        mov edx, [esp+24]               ; rows
        mov ecx, [esp+28]               ; shift, 0 to 31
        mov ebx, 1
        shl ebx, cl
        shr ebx, 1                      ; half a unit
scale_rows_two:
        mov eax, [esi]
        imul eax, [edi]
        add eax, ebx
        sar eax, cl
        add eax, [edi+4]
        mov [esi], eax
        mov eax, [esi+4]
        imul eax, [edi+8]
        add eax, ebx
        sar eax, cl
        add eax, [edi+12]
        mov [esi+4], eax
        add esi, 8
        add edi, 16
        sub edx, 2
        jg scale_rows_two
        pop edi
        pop esi
        pop ebx
        ret
