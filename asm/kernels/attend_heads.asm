;! Sub attend_heads(ByVal query As Long Ptr, ByVal key_exponents As UByte Ptr, ByVal value_exponents As UByte Ptr, ByVal blocks As UByte Ptr, ByVal tables As UByte Ptr, ByVal target As Long Ptr, ByVal count As Long, ByVal pages As UByte Ptr, ByVal weights As Long Ptr, ByVal multiplier As Long, ByVal multiplier_shift As Long, ByVal query_shift As Long)
{%- set chunk, chunks, row, columns = pairing.chunk, pairing.chunks, pairing.pairs, pairing.columns %}
{%- set groups, tables, plane = pairing.groups, pairing.tables, pairing.plane %}
{%- set octave_bits = octave.bit_length() - 1 %}
{#- Arguments, from where esp was after the four registers were saved: at `args` of the frame. #}
{%- macro arg(name) -%}
[ebp+{{ 20 + 4 * ["query", "key_exponents", "value_exponents", "blocks", "tables", "target", "count", "pages", "weights",
                  "multiplier", "multiplier_shift", "query_shift"].index(name) }}]
{%- endmacro %}
{#- The frame, from esp up, where the slots of a tile end. At the end of it twice the numbers of two queries: of this head
    and the next one, of which each half of a table brings `share` numbers: more would not fit between the stores. The
    first `early` columns come so, the others when it is their head's turn. #}
{%- set args, heads_left, left, inside, block, total, reference, near, end, source, left_chunks, down, multiplier,
   multiplier_shift, query_shift, next_query, next_exponents, next_numbers, this_numbers, that_numbers =
   range(0, 80, 4) %}
{%- set share = [(columns + 2 * tables - 1) // (2 * tables), 2] | min %}
{%- set early = 2 * tables * share %}
{%- set expanded = 80 %}
{%- set sums = 112 %}
{%- set numbers = sums + 4 * columns %}
{%- set numbers_bytes = 4 * ([early, columns] | max) %}
{%- set frame = numbers + 2 * numbers_bytes %}
{%- from "attend/query.asm" import multiply_number, round_number, find_shift, shift_number,
   unlikely with context %}
{%- macro at(base, offset) %}[{{ base }}{{ "%+d" % offset if offset else "" }}]{% endmacro %}
{%- macro times_row(register) %}
{%- if row.bit_count() == 1 %}
        shl {{ register }}, {{ row.bit_length() - 1 }}
{%- else %}
        imul {{ register }}, {{ register }}, {{ row }}
{%- endif %}
{%- endmacro %}
;
; All heads of a layer: for each, the query and its tables; tile by tile, the softmax of its scores for `count`
; positions times their values; and in the end the mean.
;
; The frame begins at a multiple of 128. Below it are the slots of a tile, one for each position, the first position's
; at the end: they are pushed, and what has been popped is not needed any more. So esp & 127 is 0 when none is left. A
; slot holds a score, then the page of its weight. A tile with fewer positions takes a multiple of four slots; those
; left over get a score so low that their weight is 0. Loops are not unrolled further than pays: code and tables have
; to share a cache of 8 KB.

        push ebx
        push esi
        push edi
        push ebp
        mov ebp, esp
        sub esp, {{ frame }}
        and esp, -128
        mov [esp+{{ args }}], ebp
        mov dword ptr [esp+{{ heads_left }}], {{ heads }}

        mov eax, {{ arg("multiplier") }}
        mov ecx, {{ arg("multiplier_shift") }}
        mov edx, {{ arg("query_shift") }}
        mov [esp+{{ multiplier }}], eax
        mov [esp+{{ multiplier_shift }}], ecx
        mov [esp+{{ query_shift }}], edx
        mov ecx, {{ columns }}
attend_heads_zero:
        dec ecx
        mov dword ptr [esp+{{ sums }}+ecx*4], 0
        jnz attend_heads_zero

        ; Where the next head's query is, and what it needs, less what halves of tables before the first one would
        ; come to.
        mov ecx, {{ arg("tables") }}
        mov esi, {{ arg("query") }}
        shr ecx, 7
        mov ebx, {{ arg("key_exponents") }}
        lea eax, [esi+{{ 4 * head_width }}]
        lea edx, [ebx+{{ columns }}]
{%- if share == 2 %}
        add ecx, ecx
{%- endif %}
        sub edx, ecx
        shl ecx, 2
        mov [esp+{{ next_exponents }}], edx
        sub eax, ecx
        lea edx, [esp+{{ numbers + numbers_bytes }}]
        lea edi, [esp+{{ numbers }}]
        mov [esp+{{ next_query }}], eax
        mov [esp+{{ that_numbers }}], edx
        sub edx, ecx
        mov [esp+{{ this_numbers }}], edi
        mov [esp+{{ next_numbers }}], edx
        mov ebp, {{ columns }}

        ; Numbers of a head's query, all of the first one's, in levels for each unit of a key: times a constant, then
        ; shifted down by query_shift less the exponent of the key's column, 31 at most; what is too large saturates.
        ; The carry of a shift is the last bit that left: to add it is to round. What is kept is twice the number.
attend_heads_number:
{{- multiply_number("[esi]") }}
{{- round_number() }}
{{- find_shift("[ebx]", "attend_heads_number") }}
{{- shift_number("attend_heads_number") }}
        mov [edi], eax
        add esi, 4
        inc ebx
        add edi, 4
        dec ebp
        jnz attend_heads_number
attend_heads_head:
{% include "attend/tables.asm" %}

        mov ebp, [esp+{{ args }}]
        mov eax, {{ arg("count") }}
        mov ecx, {{ arg("blocks") }}
        mov [esp+{{ left }}], eax
        mov [esp+{{ block }}], ecx
        mov dword ptr [esp+{{ reference }}], -0x40000000
        mov dword ptr [esp+{{ total }}], 0
attend_heads_tile:
{% include "attend/score.asm" %}

{% include "attend/weigh.asm" %}

{% include "attend/mix.asm" %}

        add dword ptr [esp+{{ block }}], {{ tile_bytes }}
        cmp dword ptr [esp+{{ left }}], 0
        jne attend_heads_tile

{% include "attend/mean.asm" %}

        add dword ptr {{ arg("value_exponents") }}, {{ columns }}
        add dword ptr {{ arg("blocks") }}, {{ pairing.block }}
        add dword ptr {{ arg("target") }}, {{ 4 * head_width }}
        dec dword ptr [esp+{{ heads_left }}]
{%- if early >= columns %}
        jnz attend_heads_head
{%- else %}
        jz attend_heads_done
        mov esi, {{ arg("query") }}
        mov ebx, {{ arg("key_exponents") }}
        add esi, {{ 4 * head_width }}
        add ebx, {{ columns }}
        mov edi, [esp+{{ this_numbers }}]
        mov {{ arg("query") }}, esi
        mov {{ arg("key_exponents") }}, ebx
        add esi, {{ 4 * early }}
        add ebx, {{ early }}
        add edi, {{ 4 * early }}
        mov ebp, {{ columns - early }}
        jmp attend_heads_number
attend_heads_done:
{%- endif %}
        mov esp, ebp
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret

        ; What seldom happens
{%- set unrolled = 2 if head_width % 2 == 0 else 1 %}
{{- unlikely("attend_heads_number") }}
{%- for i in range(share) %}
{{- unlikely("attend_heads_next_" ~ i) }}
{%- endfor %}
{%- for i in range(unroll) %}
attend_heads_high_best_{{ i }}:
        mov edx, eax
        jmp attend_heads_high_score_{{ i }}
{%- endfor %}
{%- for i in range(2) %}
attend_heads_low_best_{{ i }}:
        mov edx, eax
        jmp attend_heads_low_score_{{ i }}
{%- endfor %}
{%- for i in range(4) %}
attend_heads_beyond_{{ i }}:
        mov eax, ecx
        jmp attend_heads_level_{{ i }}
{%- endfor %}
{%- for i in range(unrolled) %}
attend_heads_mean_up_{{ i }}:
        neg cl
        shl eax, cl
        jmp attend_heads_mean_store_{{ i }}
{%- endfor %}
