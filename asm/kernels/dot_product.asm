;! Function dot_product(ByVal a As Long Ptr, ByVal b As Short Ptr, ByVal count As Long) As Long
;
; The sum of a[i] * b[i]; four products a turn, then one at a time.

        push ebx
        push esi
        push edi
        mov esi, [esp+16]               ; a
        mov edi, [esp+20]               ; b
        mov ecx, [esp+24]               ; count
        xor eax, eax
        sub ecx, 4
        jl dot_product_rest
dot_product_four:
        movsx ebx, word ptr [edi]
        movsx edx, word ptr [edi+2]
        imul ebx, [esi]
        imul edx, [esi+4]
        add eax, ebx
        add eax, edx
        movsx ebx, word ptr [edi+4]
        movsx edx, word ptr [edi+6]
        imul ebx, [esi+8]
        imul edx, [esi+12]
        add eax, ebx
        add eax, edx
        add edi, 8
        add esi, 16
        sub ecx, 4
        jge dot_product_four
dot_product_rest:
        add ecx, 4
        jz dot_product_done
dot_product_one:
        movsx ebx, word ptr [edi]
        imul ebx, [esi]
        add eax, ebx
        add edi, 2
        add esi, 4
        dec ecx
        jnz dot_product_one
dot_product_done:
        pop edi
        pop esi
        pop ebx
        ret
