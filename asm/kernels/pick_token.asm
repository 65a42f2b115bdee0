;! Function pick_token(ByVal list As LikelyToken Ptr, ByVal limit As ULong, ByVal target As Long) As ULong
;
; The key that a dart hits which lands `target` chances from the beginning of the list; keys from `limit` on are not
; there. The dart must hit one.

        push ebx
        mov ecx, [esp+8]                ; list
        mov edx, [esp+12]               ; limit
        mov eax, [esp+16]               ; target
        sub ecx, 8
pick_token_one:
        add ecx, 8
        mov ebx, [ecx+4]                ; chance
        cmp [ecx], edx
        jae pick_token_one
        sub eax, ebx
        jge pick_token_one
        mov eax, [ecx]
        pop ebx
        ret
