;! Sub attend_query(ByVal source As Long Ptr, ByVal exponents As UByte Ptr, ByVal target As Long Ptr, ByVal count As Long, ByVal multiplier As Long, ByVal multiplier_shift As Long, ByVal query_shift As Long)
;
; Bring a head's query to levels for each unit of a key: first times a constant, then shifted down by query_shift less
; the exponent of the key's column, 31 at most; what is too large saturates.

        push ebx
        push esi
        push edi
        push ebp
        mov esi, [esp+20]               ; source
        mov ebp, [esp+24]               ; exponents
        mov edi, [esp+28]               ; target
attend_query_next:
        mov ecx, [esp+40]               ; multiplier_shift, 1 to 31
        mov ebx, 1
        shl ebx, cl
        shr ebx, 1                      ; half a unit
        mov eax, [esi]
        imul dword ptr [esp+36]         ; the multiplier has 15 bits: the multiplication ends early
        add eax, ebx
        adc edx, 0
        shrd eax, edx, cl
        xor edx, edx
        mov dl, [ebp]
        mov ecx, [esp+44]
        sub ecx, edx
        cmp ecx, 31
        jle attend_query_shift
        mov ecx, 31
attend_query_shift:
        mov ebx, 1
        shl ebx, cl
        shr ebx, 1
        add eax, ebx
        sar eax, cl
        cmp eax, {{ largest_query }}
        jg attend_query_large
        cmp eax, -{{ largest_query }}
        jl attend_query_small
attend_query_store:
        mov [edi], eax
        add esi, 4
        inc ebp
        add edi, 4
        dec dword ptr [esp+32]          ; count
        jnz attend_query_next
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret
attend_query_large:
        mov eax, {{ largest_query }}
        jmp attend_query_store
attend_query_small:
        mov eax, -{{ largest_query }}
        jmp attend_query_store
