;! Function find_likely(ByVal values As Long Ptr, ByVal count As Long, ByVal threshold As Long, ByVal list As LikelyToken Ptr) As LongInt
;
; List every value that reaches the threshold, the last one first: its number, then the value. The lower half of the
; result is their number, the upper half the highest of them (the threshold if there are none).
;
; As in argmax, three clocks for a value that does not reach it.

        push ebx
        push esi
        push edi
        push ebp
        mov esi, [esp+20]               ; values
        mov ebx, [esp+24]               ; count: number of the last value of a turn + 1
        lea esi, [esi+ebx*4]            ; downwards from the end
        mov eax, [esp+28]               ; threshold
        mov edi, [esp+32]               ; list
        mov ebp, eax                    ; the highest
        sub ebx, 32
        jl find_likely_rest
find_likely_turn:
        sub esi, 128
{%- for i in range(31, -1, -1) %}
        cmp eax, [esi{{ "+%d" % (4 * i) if i else "" }}]
        jle find_likely_found_{{ i }}
find_likely_next_{{ i }}:
{%- endfor %}
        sub ebx, 32
        jge find_likely_turn
find_likely_rest:
        add ebx, 32
        jz find_likely_done
find_likely_one:
        sub esi, 4
        dec ebx
        mov edx, [esi]
        cmp eax, edx
        jg find_likely_not
        mov [edi], ebx
        mov [edi+4], edx
        add edi, 8
        cmp edx, ebp
        jle find_likely_not
        mov ebp, edx
find_likely_not:
        test ebx, ebx
        jnz find_likely_one
find_likely_done:
        mov eax, edi
        mov edx, ebp
        sub eax, [esp+32]
        shr eax, 3
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret
{%- for i in range(31, -1, -1) %}
find_likely_found_{{ i }}:
        lea edx, [ebx{{ "+%d" % i if i else "" }}]
        mov [edi], edx
        mov edx, [esi{{ "+%d" % (4 * i) if i else "" }}]
        mov [edi+4], edx
        add edi, 8
        cmp edx, ebp
        jle find_likely_next_{{ i }}
        mov ebp, edx
        jmp find_likely_next_{{ i }}
{%- endfor %}
