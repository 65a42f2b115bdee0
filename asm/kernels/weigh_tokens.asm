;! Function weigh_tokens(ByVal list As LikelyToken Ptr, ByVal count As Long, ByVal best As Long, ByVal table As ChanceTable Ptr) As LongInt
;
; Turn the listed tokens into keys, distance * 65536 + token, and their logits into chances. A token that is out of
; reach is dropped. The lower half of the result is the sum of the chances, the upper half how many tokens are left.

        push ebx
        push esi
        push edi
        push ebp
        mov esi, [esp+20]               ; list: the tokens that come
        mov edi, esi                    ; the keys that stay
        mov ebp, [esp+32]               ; table: reach, distance_shift, table_shift, entries
        xor edx, edx                    ; the sum of the chances
        mov eax, [esp+24]               ; count
        lea eax, [esi+eax*8]
        cmp esi, eax
        je weigh_tokens_done
        mov [esp+24], eax               ; the end of the list
weigh_tokens_one:
        mov eax, [esp+28]               ; best
        mov ecx, [ebp+4]                ; distance_shift
        sub eax, [esi+4]                ; how far below the best
        cmp eax, [ebp]                  ; reach
        ja weigh_tokens_next
        mov ebx, eax
        shr eax, cl
        mov ecx, [ebp+8]                ; table_shift
        shl eax, 16
        shr ebx, cl
        add eax, [esi]                  ; token
        xor ecx, ecx
        mov [edi], eax
        mov cx, [ebp+ebx*2+12]          ; entries
        mov [edi+4], ecx
        add edi, 8
        add edx, ecx
weigh_tokens_next:
        add esi, 8
        cmp esi, [esp+24]
        jne weigh_tokens_one
weigh_tokens_done:
        mov eax, edx
        mov edx, edi
        sub edx, [esp+20]               ; list
        shr edx, 3
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret
