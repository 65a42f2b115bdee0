;! Sub add_weighted(ByVal sums As Long Ptr, ByVal values As Short Ptr, ByVal weight As Long, ByVal count As Long)
;
; sums[i] += weight * values[i]; four a turn, then one at a time.

        push ebx
        push esi
        push edi
        mov edi, [esp+16]               ; sums
        mov esi, [esp+20]               ; values
        mov ebx, [esp+24]               ; weight
        mov ecx, [esp+28]               ; count
        sub ecx, 4
        jl add_weighted_rest
add_weighted_four:
{%- for i in range(4) %}
        movsx eax, word ptr [esi{{ "+%d" % (2 * i) if i else "" }}]
        imul eax, ebx
        add [edi{{ "+%d" % (4 * i) if i else "" }}], eax
{%- endfor %}
        add esi, 8
        add edi, 16
        sub ecx, 4
        jge add_weighted_four
add_weighted_rest:
        add ecx, 4
        jz add_weighted_done
add_weighted_one:
        movsx eax, word ptr [esi]
        imul eax, ebx
        add [edi], eax
        add esi, 2
        add edi, 4
        dec ecx
        jnz add_weighted_one
add_weighted_done:
        pop edi
        pop esi
        pop ebx
        ret
