;! Sub scale_rows_wide(ByVal sums As Long Ptr, ByVal multipliers As Long Ptr, ByVal bias As Long Ptr, ByVal rows As Long, ByVal shift As Long)
;
; The same where the products need 64 bits.

        push ebx
        push esi
        push edi
        push ebp
        mov esi, [esp+20]               ; sums
        mov edi, [esp+24]               ; multipliers
        mov ebp, [esp+28]               ; bias
        mov ecx, [esp+36]               ; shift, 0 to 31
        mov ebx, 1
        shl ebx, cl
        shr ebx, 1                      ; half a unit
scale_rows_wide_row:
        mov eax, [esi]
        imul dword ptr [edi]
        add eax, ebx
        adc edx, 0
        shrd eax, edx, cl
        add eax, [ebp]
        mov [esi], eax
        add esi, 4
        add edi, 4
        add ebp, 4
        dec dword ptr [esp+32]          ; rows
        jnz scale_rows_wide_row
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret
