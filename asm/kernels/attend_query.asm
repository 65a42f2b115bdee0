;! Sub attend_query(ByVal source As Long Ptr, ByVal exponents As UByte Ptr, ByVal target As Long Ptr, ByVal count As Long, ByVal multiplier As Long, ByVal multiplier_shift As Long, ByVal query_shift As Long)
;
; Bring a head's query to levels for each unit of a key: first times a constant, then shifted down by query_shift less
; the exponent of the key's column, 31 at most; what is too large saturates. The
; carry of a shift is the last bit that left: to add it is to round.

        push esi
        push edi
        push ebp
        mov esi, [esp+16]               ; source
        mov ebp, [esp+20]               ; exponents
        mov edi, [esp+24]               ; target
attend_query_next:
        mov ecx, [esp+36]               ; multiplier_shift, 1 to 31
        mov eax, [esi]
        imul dword ptr [esp+32]         ; the multiplier has 15 bits: the multiplication ends early
        shrd eax, edx, cl
        adc eax, 0
        xor edx, edx
        mov dl, [ebp]
        mov ecx, [esp+40]
        sub ecx, edx
        cmp ecx, 31
        jle attend_query_shift
        mov ecx, 31
attend_query_shift:
        test eax, eax                   ; no carry, in case that nothing is shifted
        sar eax, cl
        adc eax, 0
        cmp eax, {{ largest_query }}
        jg attend_query_large
        cmp eax, -{{ largest_query }}
        jl attend_query_small
attend_query_store:
        mov [edi], eax
        add esi, 4
        inc ebp
        add edi, 4
        dec dword ptr [esp+28]          ; count
        jnz attend_query_next
        pop ebp
        pop edi
        pop esi
        ret
attend_query_large:
        mov eax, {{ largest_query }}
        jmp attend_query_store
attend_query_small:
        mov eax, -{{ largest_query }}
        jmp attend_query_store
