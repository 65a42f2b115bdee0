;! Function argmax(ByVal values As Long Ptr, ByVal count As Long) As Long
;
; The number of the highest value, of equals the first; count >= 1.
;
; Three clocks for a value: a compare with memory and a jump that is seldom taken. What is to be done when it is taken
; stands behind the loop, so that the loop runs straight through 32 values. It begins at the end: what was written last
; may still be in the cache.

        push ebx
        mov ebx, [esp+8]                ; values
        mov ecx, [esp+12]               ; count
        lea ecx, [ebx+ecx*4]            ; downwards from the end
        mov edx, ecx
        mov eax, 0x80000000             ; the highest so far, and where it stands: edx
        add ebx, 128
        cmp ecx, ebx
        jb argmax_rest
argmax_turn:
        sub ecx, 128
{%- for i in range(31, -1, -1) %}
        cmp eax, [ecx{{ "+%d" % (4 * i) if i else "" }}]
        jle argmax_found_{{ i }}
argmax_next_{{ i }}:
{%- endfor %}
        cmp ecx, ebx
        jae argmax_turn
argmax_rest:
        sub ebx, 128
        cmp ecx, ebx
        je argmax_done
argmax_one:
        sub ecx, 4
        cmp eax, [ecx]
        jg argmax_not
        mov eax, [ecx]
        mov edx, ecx
argmax_not:
        cmp ecx, ebx
        jne argmax_one
argmax_done:
        mov eax, edx
        sub eax, ebx
        pop ebx
        shr eax, 2
        ret
{%- for i in range(31, -1, -1) %}
argmax_found_{{ i }}:
        mov eax, [ecx{{ "+%d" % (4 * i) if i else "" }}]
        lea edx, [ecx{{ "+%d" % (4 * i) if i else "" }}]
        jmp argmax_next_{{ i }}
{%- endfor %}
