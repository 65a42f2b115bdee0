;! Function attend_head(ByVal tables As Any Ptr, ByVal keys As UByte Ptr, ByVal values As UByte Ptr, ByVal sums As Long Ptr, ByVal count As Long, ByVal pages As Any Ptr, ByVal weights As Long Ptr) As Long
{%- set chunk, chunks, row, columns = pairing.chunk, pairing.chunks, pairing.pairs, pairing.columns %}
{%- set slots_end, reference, total, near, start, row_end, source, left, inside = range(4 * tile, 4 * tile + 36, 4) %}
{%- set frame = 4 * tile + 36 %}
{%- set tables, keys, values, sums, count, pages, weights = range(frame + 20, frame + 48, 4) %}
{%- macro at(base, offset) %}[{{ base }}{{ "%+d" % offset if offset else "" }}]{% endmacro %}
{%- macro rows(register) %}
{%- if row.bit_count() == 1 %}
        shl {{ register }}, {{ row.bit_length() - 1 }}
{%- else %}
        imul {{ register }}, {{ register }}, {{ row }}
{%- endif %}
{%- endmacro %}
{#- The codes of a row, at `offset` from esi: eax becomes the sum of their entries; those of the next row follow. #}
{%- macro lookups(offset) %}
{%- for pair in range(row) %}
        {{ "add" if pair else "mov" }} eax, {{ at("ecx" if pair % 2 else "ebx", 256 * pair) }}
        mov {{ "cl" if pair % 2 else "bl" }}, {{ at("esi", offset + pair + 2) }}
{%- endfor %}
{%- endmacro %}
;
; One head: the softmax of its scores for `count` positions, times their values, is added to the sums; the result is the
; sum of the weights. One pass over tiles of {{ tile }} positions, each of which is done in three steps: score; weigh; mix.
;
; The frame has a slot for each position, and variables. A slot holds a score, then the page of its weight. A tile with
; fewer positions takes the last slots, a multiple of four; those left over get a score so low that its weight is 0.
; Loops are not unrolled further than pays: code and tables have to share a cache of 8 KB.

        push ebx
        push esi
        push edi
        push ebp
        sub esp, {{ frame }}
        mov dword ptr [esp+{{ reference }}], -0x40000000
        mov dword ptr [esp+{{ total }}], 0
        lea eax, [esp+{{ 4 * tile }}]
        mov [esp+{{ slots_end }}], eax

attend_head_tile:
        mov eax, [esp+{{ count }}]
        cmp eax, {{ tile }}
        jle attend_head_few
        mov eax, {{ tile }}
attend_head_few:
        sub [esp+{{ count }}], eax
        mov [esp+{{ inside }}], eax
        lea edi, [eax+3]
        and edi, -4
        neg edi
        lea edi, [esp+edi*4+{{ 4 * tile }}]        ; the first slot
        mov [esp+{{ start }}], edi
        test al, 3
        jz attend_head_whole
        mov edx, -0x41000000            ; far below the lowest score
        mov [esp+{{ 4 * tile - 12 }}], edx
        mov [esp+{{ 4 * tile - 8 }}], edx
        mov [esp+{{ 4 * tile - 4 }}], edx
attend_head_whole:
        mov esi, [esp+{{ keys }}]
        mov ebp, eax
        {{- rows("ebp") }}
        add ebp, esi                    ; the end
        mov [esp+{{ row_end }}], ebp
        mov dword ptr [esp+{{ near }}], 0

        ; Score by the high digits: a row is {{ row }} lookups in the tables of the query's pairs. ebx and ecx point to the
        ; tables; a byte of the row replaces the low byte of one of them while the other one is in use.
{%- for low in range(2) %}
{%- set step = ["high", "low"][low] %}
{%- if low %}

        ; Near: refine the scores by the low digits.
attend_head_refine:
        mov edi, [esp+{{ start }}]
        mov esi, [esp+{{ keys }}]
        mov dword ptr [esp+{{ near }}], 1
        mov eax, [esp+{{ row_end }}]
        sub eax, esi
        test al, {{ row.__and__(-row) }}                       ; is the number of rows odd?
{%- endif %}
        mov ebx, [esp+{{ tables }}]
        mov ecx, ebx
        mov bl, {{ at("esi", plane * low) }}
        mov cl, {{ at("esi", plane * low + 1) }}
        mov edx, -0x40000000            ; the best
{%- if not low %}
        xor ebp, ebp                    ; the sum
        test al, 1
{%- endif %}
        jz attend_head_{{ step }}_two
        sub esi, {{ row }}                      ; an odd number: begin with the second of two
        sub edi, 4
        jmp attend_head_{{ step }}_one
{%- for half in range(2) %}
attend_head_{{ step }}_{{ ["two", "one"][half] }}:
        {{- lookups(plane * low + row * half) }}
{%- if low %}
        add eax, 4
        sar eax, 3                      ; low digits count an eighth
        add eax, {{ at("edi", 4 * half) }}
{%- else %}
        add ebp, eax
{%- endif %}
        cmp eax, edx
        jg attend_head_{{ step }}_best_{{ half }}
attend_head_{{ step }}_score_{{ half }}:
        mov {{ at("edi", 4 * half) }}, eax
{%- endfor %}
        add esi, {{ 2 * row }}
        add edi, 8
        cmp esi, [esp+{{ row_end }}]
        jne attend_head_{{ step }}_two
{%- if not low %}

        ; A tile is near if its best weight is more than a {{ near_share }}th of all weights so far, its own included. These are half
        ; of its best one on average, at least, if the best score is an octave above the mean at most. edx is the best
        ; score, ebp the sum.
        mov esi, [esp+{{ total }}]
        mov ebx, 65536
        mov ecx, [esp+{{ reference }}]
        sub ecx, edx
        jl attend_head_above
        shr ecx, {{ octave.bit_length() - 1 }}
        cmp ecx, 31
        jg attend_head_raise            ; a weight of 0
        shr ebx, cl                     ; its weight
        jmp attend_head_own
attend_head_above:                      ; a new best: the others' weights would be shifted down
        neg ecx
        add ecx, {{ octave - 1 }}
        shr ecx, {{ octave.bit_length() - 1 }}
        cmp ecx, 31
        jle attend_head_above_shift
        mov ecx, 31
attend_head_above_shift:
        mov eax, 1
        shl eax, cl
        shr eax, 1
        add esi, eax
        shr esi, cl
attend_head_own:
        mov eax, [esp+{{ inside }}]
        mov ecx, eax
        mov edi, eax
        imul ecx, edx
        sub ecx, ebp                    ; the best score less the mean, times the positions
        shl edi, {{ octave.bit_length() - 1 }}
        cmp ecx, edi
        ja attend_head_scattered
        imul eax, ebx
        shr eax, 1
        add esi, eax
attend_head_scattered:
        shl ebx, {{ near_share.bit_length() - 1 }}
        cmp esi, ebx
        jae attend_head_raise
{%- endif %}
{%- endfor %}

        ; A better score raises the reference, by whole octaves: what has been added up is shifted down.
attend_head_raise:
        mov eax, edx
        sub eax, [esp+{{ reference }}]
        jle attend_head_weigh
        add eax, {{ octave - 1 }}
        shr eax, {{ octave.bit_length() - 1 }}
        mov ecx, eax
        shl eax, {{ octave.bit_length() - 1 }}
        add [esp+{{ reference }}], eax
        cmp ecx, 31
        jle attend_head_shift
        mov ecx, 31
attend_head_shift:
        mov ebx, 1
        shl ebx, cl
        shr ebx, 1                      ; half a unit
        mov eax, [esp+{{ total }}]
        add eax, ebx
        shr eax, cl
        mov [esp+{{ total }}], eax
        mov edi, [esp+{{ sums }}]
        lea esi, [edi+{{ 4 * columns }}]
attend_head_lower:
        mov eax, [edi]
        add eax, ebx
        sar eax, cl
        mov [edi], eax
        add edi, 4
        cmp edi, esi
        jne attend_head_lower

        ; Weigh: a level is how far a score lies below the reference, {{ most_level }} at most. With the address of the pages added
        ; to the reference, the difference is the address of the level's page, and a fraction in the low byte.
attend_head_weigh:
        mov eax, [esp+{{ pages }}]
        mov edx, [esp+{{ reference }}]
        lea ecx, [eax+{{ 256 * most_level }}]
        add edx, eax
        mov edi, [esp+{{ start }}]
        mov esi, [esp+{{ weights }}]
        mov ebp, [esp+{{ total }}]
        xor ebx, ebx
attend_head_weigh_four:
{%- for i in range(4) %}
        mov eax, edx
        sub eax, {{ at("edi", 4 * i) }}
{%- if i %}
        add ebp, [esi+ebx*4]
{%- endif %}
        cmp eax, ecx
        ja attend_head_far_{{ i }}
attend_head_level_{{ i }}:
        mov bl, ah
        mov {{ at("edi", 4 * i) }}, eax
{%- endfor %}
        add ebp, [esi+ebx*4]
        add edi, 16
        cmp edi, [esp+{{ slots_end }}]
        jne attend_head_weigh_four
        mov [esp+{{ total }}], ebp

        ; Mix: a page holds the products of a weight with the digits of two columns, in two lanes of 16 bits. Low digits
        ; count an eighth, which is {{ finer }} levels further on, and only if the tile is near. A pass takes {{ chunk }} pairs: so many
        ; registers are left.
{%- set lanes = [("eax", "ax"), ("edx", "dx"), ("edi", "di")][:chunk] %}
{%- macro mix(name, stream, page) %}
        mov ebp, [esp+{{ start }}]
attend_head_{{ name }}:
        mov ebx, [ebp]
        mov ecx, ebx
        mov bl, {{ at("esi", stream) }}
        mov cl, {{ at("esi", stream + 1) }}
{%- for i in range(4 * chunk) %}
        add {{ lanes[i % chunk][0] }}, {{ at("ecx" if i % 2 else "ebx", page) }}
{%- if i + 2 < 4 * chunk %}
{%- set position = (i + 2) // chunk %}
{%- if (i + 2) % chunk < 2 %}
        mov {{ "ecx" if i % 2 else "ebx" }}, {{ at("ebp", 4 * position) }}
{%- endif %}
        mov {{ "cl" if i % 2 else "bl" }}, {{ at("esi", stream + position * row + (i + 2) % chunk) }}
{%- endif %}
{%- endfor %}
        add esi, {{ 4 * row }}
        add ebp, 16
        cmp ebp, [esp+{{ slots_end }}]
        jne attend_head_{{ name }}
{%- endmacro %}
        mov esi, [esp+{{ values }}]
        mov [esp+{{ source }}], esi
        mov dword ptr [esp+{{ left }}], {{ chunks }}
attend_head_chunk:
        xor eax, eax
        xor edx, edx
{%- if chunk > 2 %}
        xor edi, edi
{%- endif %}
        cmp [esp+{{ near }}], eax
        je attend_head_mix
        {{- mix("mix_low", plane, 256 * finer) }}
        mov esi, [esp+{{ source }}]
attend_head_mix:
        {{- mix("mix_high", 0, 0) }}

        ; Two lanes to two sums: the upper one has lost a unit wherever the lower one is negative.
        mov esi, [esp+{{ sums }}]
{%- for register, low in lanes %}
        movsx ecx, {{ low }}
        sub {{ register }}, ecx
        sar {{ register }}, 16
        add {{ at("esi", 8 * loop.index0) }}, ecx
        add [esi+{{ 8 * loop.index0 + 4 }}], {{ register }}
{%- endfor %}
        add esi, {{ 8 * chunk }}
        mov [esp+{{ sums }}], esi
        mov esi, [esp+{{ source }}]
        add esi, {{ chunk }}
        mov [esp+{{ source }}], esi
        dec dword ptr [esp+{{ left }}]
        jnz attend_head_chunk
        sub dword ptr [esp+{{ sums }}], {{ 4 * columns }}
        add dword ptr [esp+{{ keys }}], {{ tile * row }}
        add dword ptr [esp+{{ values }}], {{ tile * row }}
        cmp dword ptr [esp+{{ count }}], 0
        jne attend_head_tile
        mov eax, [esp+{{ total }}]
        add esp, {{ frame }}
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret

{%- for step in ["high", "low"] %}
{%- for half in range(2) %}
attend_head_{{ step }}_best_{{ half }}:
        mov edx, eax
        jmp attend_head_{{ step }}_score_{{ half }}
{%- endfor %}
{%- endfor %}
{%- for i in range(4) %}
attend_head_far_{{ i }}:
        mov eax, ecx
        jmp attend_head_level_{{ i }}
{%- endfor %}
