;! Function attend_head(ByVal tables As Any Ptr, ByVal keys As UByte Ptr, ByVal values As UByte Ptr, ByVal sums As Long Ptr, ByVal count As Long, ByVal pages As Any Ptr, ByVal weights As Long Ptr) As Long
{%- set chunk, chunks, row = pairing.chunk, pairing.chunks, pairing.row %}
{%- set frame, levels, reference, total, slots, left = 96, 64, 80, 84, 88, 92 %}
{%- set tables, keys, values, sums, count, pages, weights = range(frame + 20, frame + 48, 4) %}
{%- macro at(base, offset) %}[{{ base }}{{ "%+d" % offset if offset else "" }}]{% endmacro %}
{%- macro rows(register) %}
{%- if row.bit_count() == 1 %}
        shl {{ register }}, {{ row.bit_length() - 1 }}
{%- else %}
        imul {{ register }}, {{ register }}, {{ row }}
{%- endif %}
{%- endmacro %}
{#- The bytes of a row and the pages of their tables, in the order in which a score adds them up. #}
{%- set codes = namespace(list=[]) %}
{%- for digit in range(2) %}
{%- for pair in range(pairing.pairs) %}
{%- set codes.list = codes.list + [(2 * chunk * (pair // chunk) + digit * chunk + pair % chunk, 256 * pair)] %}
{%- endfor %}
{%- endfor %}
{%- set steps = codes.list | length %}
{%- macro score(offset, slot, label) %}
{%- for byte, page in codes.list %}
{%- set i = loop.index0 %}
{%- if i == steps // 2 %}
        shl eax, 3                      ; high digits count eight times as much
{%- endif %}
        {{ "add" if i else "mov" }} eax, {{ at("ecx" if i % 2 else "ebx", page) }}
{%- set next = codes.list[(i + 2) % steps][0] + (row if i + 2 >= steps else 0) + offset %}
        mov {{ "cl" if i % 2 else "bl" }}, {{ at("esi", next) }}
{%- endfor %}
        cmp eax, edx
        jg attend_head_best_{{ label }}
attend_head_score_{{ label }}:
        mov {{ at("edi", slot) }}, eax
{%- endmacro %}
;
; One head: the softmax of its scores for `count` positions, times their values, is added to the sums; the result is the
; sum of the weights. One pass over tiles of 16 positions, each of which is done in three steps: score; weigh; mix.
;
; The frame holds 16 scores, 16 levels, the reference, the total of the weights, the slots in use. A tile with fewer
; positions takes the last slots, a multiple of four; those left over get a score so low that its weight is 0.

        push ebx
        push esi
        push edi
        push ebp
        sub esp, {{ frame }}
        mov dword ptr [esp+{{ reference }}], -0x40000000
        mov dword ptr [esp+{{ total }}], 0

attend_head_tile:
        mov eax, [esp+{{ count }}]
        cmp eax, 16
        jle attend_head_few
        mov eax, 16
attend_head_few:
        sub [esp+{{ count }}], eax
        lea edi, [eax+3]
        and edi, -4
        mov [esp+{{ slots }}], edi
        neg edi
        lea edi, [esp+edi*4+64]         ; the slot of the first score
        test al, 3
        jz attend_head_whole
        mov edx, -0x41000000            ; far below the lowest score
        mov [esp+52], edx
        mov [esp+56], edx
        mov [esp+60], edx
attend_head_whole:

        ; Score: each row of keys is {{ steps }} lookups in the tables of the query's pairs. ebx and ecx point to the tables; a
        ; byte of the row replaces the low byte of one of them while the other one is in use.
        mov ebp, eax
        {{- rows("ebp") }}
        mov esi, [esp+{{ keys }}]
        add ebp, esi                    ; the end
        mov [esp+{{ keys }}], ebp
        mov ebx, [esp+{{ tables }}]
        mov ecx, ebx
        mov bl, {{ at("esi", codes.list[0][0]) }}
        mov cl, {{ at("esi", codes.list[1][0]) }}
        mov edx, -0x40000000            ; the best
        test al, 1
        jz attend_head_two
        sub esi, {{ row }}                      ; an odd number: begin with the second of two
        sub edi, 4
        jmp attend_head_one
attend_head_two:
        {{- score(0, 0, "a") }}
attend_head_one:
        {{- score(row, 4, "b") }}
        add esi, {{ 2 * row }}
        add edi, 8
        cmp esi, ebp
        jne attend_head_two

        ; A better score raises the reference, by whole octaves: what has been added up is shifted down.
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
        mov edx, 1
        shl edx, cl
        shr edx, 1                      ; half a unit
        mov eax, [esp+{{ total }}]
        add eax, edx
        shr eax, cl
        mov [esp+{{ total }}], eax
        mov edi, [esp+{{ sums }}]
        mov ebp, {{ pairing.columns }}
attend_head_lower:
        mov eax, [edi]
        add eax, edx
        sar eax, cl
        mov [edi], eax
        add edi, 4
        dec ebp
        jnz attend_head_lower

        ; Weigh: a level is how far a score lies below the reference, {{ most_level }} at most. The page's number is added to
        ; the reference, so that ah is the page of the level.
attend_head_weigh:
        movzx eax, word ptr [esp+{{ pages }}]
        mov edx, [esp+{{ reference }}]
        add edx, eax
        lea ecx, [eax+{{ 256 * most_level }}]
        mov esi, [esp+{{ weights }}]
        mov ebp, [esp+{{ total }}]
        xor ebx, ebx
        mov eax, [esp+{{ slots }}]
        cmp eax, 12
        jg attend_head_weigh_0
        je attend_head_weigh_4
        cmp eax, 8
        je attend_head_weigh_8
        jmp attend_head_weigh_12
{%- for i in range(16) %}
{%- if i % 4 == 0 %}
attend_head_weigh_{{ i }}:
{%- endif %}
        mov eax, edx
        sub eax, {{ at("esp", 4 * i) }}
{%- if i % 4 %}
        add ebp, [esi+ebx*4]
{%- endif %}
        cmp eax, ecx
        ja attend_head_far_{{ i }}
attend_head_level_{{ i }}:
        mov bl, ah
        mov [esp+{{ levels + i }}], ah
{%- if i % 4 == 3 %}
        add ebp, [esi+ebx*4]
{%- endif %}
{%- endfor %}
        mov [esp+{{ total }}], ebp

        ; Mix: bh and ch are the page of a level, which holds products with the digits of two columns, in two lanes of 16
        ; bits; low digits count an eighth: {{ finer }} levels further on.
        mov eax, [esp+{{ slots }}]
        sub eax, 16
        {{- rows("eax") }}
        add eax, [esp+{{ values }}]
        mov esi, eax
        add dword ptr [esp+{{ values }}], {{ 16 * row }}
{%- if chunks > 1 %}
        mov eax, [esp+{{ sums }}]
        mov dword ptr [esp+{{ left }}], {{ chunks }}
        mov [esp], eax                  ; the scores are done with
        mov [esp+4], esi
attend_head_chunk:
{%- endif %}
        mov ebx, [esp+{{ pages }}]
        mov ecx, ebx
        mov eax, [esp+{{ slots }}]
        xor edi, edi
        xor ebp, ebp
        cmp eax, 12
        mov eax, edi
        mov edx, edi
        jg attend_head_mix_0
        je attend_head_mix_4
        cmp dword ptr [esp+{{ slots }}], 8
        je attend_head_mix_8
        jmp attend_head_mix_12
{%- set lanes = [("eax", "ax"), ("edx", "dx"), ("edi", "di"), ("ebp", "bp")][:chunk] %}
{%- for group in range(0, 16, 4) %}
attend_head_mix_{{ group }}:
        mov bh, [esp+{{ levels + group }}]
        mov ch, bh
        mov bl, {{ at("esi", group * row) }}
        mov cl, {{ at("esi", group * row + 1) }}
{%- for i in range(8 * chunk) %}
{%- set place = i % (2 * chunk) %}
{%- set low = place // chunk %}
        add {{ lanes[place % chunk][0] }}, {{ at("ecx" if i % 2 else "ebx", 256 * finer * low) }}
{%- if i + 2 < 8 * chunk %}
{%- set next = i + 2 %}
{%- set position = group + next // (2 * chunk) %}
{%- if next % (2 * chunk) < 2 %}
        mov {{ "ch" if i % 2 else "bh" }}, [esp+{{ levels + position }}]
{%- endif %}
        mov {{ "cl" if i % 2 else "bl" }}, {{ at("esi", position * row + next % (2 * chunk)) }}
{%- endif %}
{%- endfor %}
{%- endfor %}

        ; Two lanes to two sums: the upper one has lost a unit wherever the lower one is negative.
        mov esi, [esp{{ "+%d" % sums if chunks == 1 else "" }}]
{%- for register, low in lanes %}
        movsx ecx, {{ low }}
        add {{ at("esi", 8 * loop.index0) }}, ecx
        sub {{ register }}, ecx
        sar {{ register }}, 16
        add [esi+{{ 8 * loop.index0 + 4 }}], {{ register }}
{%- endfor %}
{%- if chunks > 1 %}
        add esi, {{ 8 * chunk }}
        mov [esp], esi
        mov esi, [esp+4]
        add esi, {{ 2 * chunk }}
        mov [esp+4], esi
        dec dword ptr [esp+{{ left }}]
        jnz attend_head_chunk
{%- endif %}
        cmp dword ptr [esp+{{ count }}], 0
        jne attend_head_tile
        mov eax, [esp+{{ total }}]
        add esp, {{ frame }}
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret

{%- for label in "ab" %}
attend_head_best_{{ label }}:
        mov edx, eax
        jmp attend_head_score_{{ label }}
{%- endfor %}
{%- for i in range(16) %}
attend_head_far_{{ i }}:
        mov eax, ecx
        jmp attend_head_level_{{ i }}
{%- endfor %}
