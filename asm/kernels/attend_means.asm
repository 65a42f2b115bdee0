;! Sub attend_means(ByVal sums As Long Ptr, ByVal exponents As UByte Ptr, ByVal target As Long Ptr, ByVal count As Long, ByVal reciprocal As Long, ByVal down As Long)
;
; Divide a head's sums by the sum of the weights: times the reciprocal of 16 bits, Shr 16, and then by down less the
; exponent of the value's column; if that is negative, up.

        push ebx
        push esi
        push edi
        push ebp
        mov esi, [esp+20]               ; sums
        mov ebp, [esp+24]               ; exponents
        mov edi, [esp+28]               ; target
attend_means_next:
        mov eax, [esi]
        imul dword ptr [esp+36]         ; the reciprocal
        shrd eax, edx, 16
        adc eax, 0                      ; the last bit that left rounds
        xor ebx, ebx
        mov bl, [ebp]
        mov ecx, [esp+40]
        sub ecx, ebx
        js attend_means_up
        test eax, eax                   ; no carry, in case that nothing is shifted
        sar eax, cl
        adc eax, 0
attend_means_store:
        mov [edi], eax
        add esi, 4
        inc ebp
        add edi, 4
        dec dword ptr [esp+32]          ; count
        jnz attend_means_next
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret
attend_means_up:
        neg ecx
        shl eax, cl
        jmp attend_means_store
