;! Sub find_leaders(ByVal values As Long Ptr, ByVal count As Long, ByVal leaders As Long Ptr, ByVal ranks As Long)
;
; Of the first four of every 64 values, find the `ranks` highest: into `leaders`, falling, which begin as the lowest
; of all numbers. Before them stands the highest of all numbers, where the search for a place ends. Four values are
; one line of the cache.

        push esi
        push edi
        push ebp
        mov esi, [esp+16]               ; values
        mov ecx, [esp+20]               ; count
        mov edx, [esp+24]               ; leaders
        mov edi, [esp+28]               ; ranks
        lea edi, [edx+edi*4-4]          ; the last leader,
        mov eax, [edi]                  ; which a value must exceed
        sub ecx, 4
        jl find_leaders_rest
find_leaders_four:
{%- for i in range(4) %}
        cmp eax, [esi{{ "+%d" % (4 * i) if i else "" }}]
        jl find_leaders_found_{{ i }}
find_leaders_next_{{ i }}:
{%- endfor %}
        add esi, 256
        sub ecx, 64
        jge find_leaders_four
find_leaders_rest:
        add ecx, 4
        jle find_leaders_done
find_leaders_one:
        cmp eax, [esi]
        jge find_leaders_not
        mov ebp, [esi]
        call find_leaders_insert
find_leaders_not:
        add esi, 4
        dec ecx
        jnz find_leaders_one
find_leaders_done:
        pop ebp
        pop edi
        pop esi
        ret
{%- for i in range(4) %}
find_leaders_found_{{ i }}:
        mov ebp, [esi{{ "+%d" % (4 * i) if i else "" }}]
        call find_leaders_insert
        jmp find_leaders_next_{{ i }}
{%- endfor %}
find_leaders_insert:
        mov edx, edi                    ; from the last leader upwards, those below the new one move down a place
        mov eax, [edx-4]
        cmp eax, ebp
        jge find_leaders_place
find_leaders_shift:
        mov [edx], eax
        mov eax, [edx-8]
        sub edx, 4
        cmp eax, ebp
        jl find_leaders_shift
find_leaders_place:
        mov [edx], ebp
        mov eax, [edi]
        ret
