;! Function count_likelier(ByVal list As LikelyToken Ptr, ByVal count As Long, ByVal key As ULong) As LongInt
;
; The keys below `key`: the lower half of the result is the sum of their chances, the upper half their number. count >=
; 1.
;
; The borrow of a compare, spread over a register, counts and masks without a jump.

        push ebx
        push esi
        push edi
        mov esi, [esp+16]               ; list
        mov edi, [esp+20]               ; count
        mov ecx, [esp+24]               ; key
        xor eax, eax                    ; their chances
        xor edx, edx                    ; their number
count_likelier_one:
        cmp [esi], ecx
        sbb ebx, ebx                    ; -1 if it is below
        sub edx, ebx
        and ebx, [esi+4]                ; chance
        add esi, 8
        add eax, ebx
        dec edi
        jnz count_likelier_one
        pop edi
        pop esi
        pop ebx
        ret
