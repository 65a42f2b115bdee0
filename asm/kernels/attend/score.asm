{#- The codes of a row, at `offset` from esi: eax becomes the sum of their entries; those of the next row follow. Each
    plane of all groups counts twice what the next one does. -#}
{%- macro lookups(offset) %}
{%- for byte in range(row) %}
{%- set table = byte % groups if byte < 3 * groups else byte - 2 * groups %}
        {{ "add" if byte else "mov" }} eax, {{ at("ecx" if byte % 2 else "ebx", 256 * table) }}
{%- if byte + 1 in [groups, 2 * groups] %}
        add eax, eax
{%- endif %}
        mov {{ "cl" if byte % 2 else "bl" }}, {{ at("esi", offset + byte + 2) }}
{%- endfor %}
{%- endmacro %}
        ; Score by the high digits: a row is {{ row }} lookups in the tables. ebx and ecx point to the tables; a byte
        ; of the row replaces the low byte of one of them while the other one is in use.
        mov eax, [esp+{{ left }}]
        mov esi, [esp+{{ block }}]
        cmp eax, {{ tile }}
        jle attend_heads_few
        mov eax, {{ tile }}
attend_heads_few:
        sub [esp+{{ left }}], eax
        mov ebp, [esp+{{ args }}]
        mov [esp+{{ inside }}], eax
        mov edi, eax
        {{- times_row("edi") }}
        add edi, esi                    ; the end
        mov ebx, {{ arg("tables") }}
        mov ecx, ebx
        mov bl, [esi]
        mov cl, [esi+1]
        mov edx, -0x40000000            ; the best
{%- if unroll == 2 %}
        xor ebp, ebp                    ; the sum
        test al, 1
        jz attend_heads_high_0
        sub esi, {{ row }}                      ; an odd number: begin with the second of two
        jmp attend_heads_high_1
{%- else %}
        xor ebp, ebp                    ; the sum
        and eax, 3
        jz attend_heads_high_0
        sub eax, 4                      ; of four, begin with one of the last three
{%- if row == 4 %}
        lea esi, [esi+eax*4]
{%- else %}
        imul eax, eax, {{ row }}
        add esi, eax
{%- endif %}
        cmp eax, {{ -2 if row == 4 else -2 * row }}
        je attend_heads_high_2
        jg attend_heads_high_1
        jmp attend_heads_high_3
{%- endif %}
{%- for i in range(unroll) %}
attend_heads_high_{{ i }}:
        {{- lookups(row * i) }}
        add ebp, eax
        cmp eax, edx
        jg attend_heads_high_best_{{ i }}
attend_heads_high_score_{{ i }}:
        push eax
{%- endfor %}
        add esi, {{ unroll * row }}
        cmp esi, edi
        jne attend_heads_high_0

        ; A tile is near if its best weight is more than a {{ near_share }}th of all weights so far, its own included.
        ; These are half of its best one on average, at least, if the best score is an octave above the mean at most.
        ; edx is the best score, ebp the sum.
        mov edi, esp
        or edi, 127
        inc edi                         ; the frame
        mov esi, {{ at("edi", total) }}
        mov ecx, {{ at("edi", reference) }}
        mov dword ptr {{ at("edi", near) }}, 0
        sub ecx, edx
        jl attend_heads_above
        shr ecx, {{ octave_bits }}
        cmp ecx, 16
        jle attend_heads_own
        jmp attend_heads_raise          ; a weight of 0
attend_heads_above:                     ; a new best: the others' weights would be shifted down
        test esi, esi
        jz attend_heads_first
        neg ecx
        add ecx, {{ octave - 1 }}
        shr ecx, {{ octave_bits }}
        cmp ecx, 31
        jle attend_heads_above_shift
        mov ecx, 31
attend_heads_above_shift:
        shr esi, cl
        adc esi, 0
attend_heads_first:
        xor ecx, ecx
attend_heads_own:
        mov eax, {{ 65536 * near_share }}
        shr eax, cl
        sub esi, eax
        jae attend_heads_raise
        mov eax, {{ at("edi", inside) }}
        mov ebx, edx
        imul ebx, eax
        sub ebx, ebp                    ; the best score less the mean, times the positions
        mov ebp, eax
        shl ebp, {{ octave_bits }}
        cmp ebx, ebp
        ja attend_heads_near
        shl eax, 15
        shr eax, cl
        add esi, eax                    ; a carry: not below 0 any more
        jc attend_heads_raise

        ; Near: refine the scores by the low digits.
attend_heads_near:
        mov eax, {{ at("edi", inside) }}
        mov ebp, {{ at("edi", args) }}
        mov esi, {{ at("edi", block) }}
        mov dword ptr {{ at("edi", near) }}, 1
        mov ebx, {{ arg("tables") }}
        mov ebp, eax
        {{- times_row("ebp") }}
        mov ecx, ebx
        add ebp, esi                    ; the end
        mov bl, {{ at("esi", plane) }}
        mov cl, {{ at("esi", plane + 1) }}
        mov edx, -0x40000000
        test al, 1
        jz attend_heads_low_0
        sub esi, {{ row }}
        add edi, 4
        jmp attend_heads_low_1
{%- for i in range(2) %}
attend_heads_low_{{ i }}:
        {{- lookups(plane + row * i) }}
        add eax, 4
        sar eax, 3                      ; low digits count an eighth
        add eax, {{ at("edi", -4 * i - 4) }}
        cmp eax, edx
        jg attend_heads_low_best_{{ i }}
attend_heads_low_score_{{ i }}:
        mov {{ at("edi", -4 * i - 4) }}, eax
{%- endfor %}
        add esi, {{ 2 * row }}
        sub edi, 8
        cmp esi, ebp
        jne attend_heads_low_0
        mov edi, esp
        or edi, 127
        inc edi

        ; A better score raises the reference, by whole octaves: what has been added up is shifted down.
attend_heads_raise:
        mov eax, edx
        sub eax, {{ at("edi", reference) }}
        jle attend_heads_weigh
        add eax, {{ octave - 1 }}
        shr eax, {{ octave_bits }}
        mov ecx, eax
        shl eax, {{ octave_bits }}
        add {{ at("edi", reference) }}, eax
        mov eax, {{ at("edi", total) }}
        test eax, eax
        jz attend_heads_weigh           ; nothing has
        cmp ecx, 31
        jle attend_heads_raise_shift
        mov ecx, 31
attend_heads_raise_shift:
        shr eax, cl
        adc eax, 0
        mov {{ at("edi", total) }}, eax
        lea esi, {{ at("edi", sums) }}
        lea ebx, [esi+{{ 4 * columns }}]
attend_heads_lower:
        mov eax, [esi]
        sar eax, cl
        adc eax, 0
        mov [esi], eax
        add esi, 4
        cmp esi, ebx
        jne attend_heads_lower
