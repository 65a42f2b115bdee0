;! Sub scale_rows_wide(ByVal sums As Long Ptr, ByVal scales As Long Ptr, ByVal rows As Long, ByVal shift As Long)
;
; The same where the products need 64 bits, one row a turn.

        push ebx
        push esi
        push edi
        push ebp
        mov esi, [esp+20]               ; sums
        mov edi, [esp+24]               ; scales
        mov ebp, [esp+28]               ; rows
        mov ecx, [esp+32]               ; shift, 0 to 31
        mov ebx, 1
        shl ebx, cl
        shr ebx, 1                      ; half a unit
scale_rows_wide_row:
        mov eax, [esi]
        imul dword ptr [edi]
        add eax, ebx
        adc edx, 0
        shrd eax, edx, cl
        add eax, [edi+4]
        mov [esi], eax
        add esi, 4
        add edi, 8
        dec ebp
        jnz scale_rows_wide_row
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret
