{%- set lanes = [("eax", "ax"), ("edx", "dx"), ("edi", "di"), ("ebp", "bp")][:chunk] %}
{%- set high, low = (2 * plane, 0), (3 * plane, 256 * finer) %}
{#- Lookups of some positions, the last one first, by turns of two positions: ebx and ecx hold the pages of their slots.
    `kinds` are those of digits: the place of their bytes and pages. -#}
{%- macro lookups_of(positions, kinds) %}
{%- set each = chunk * kinds | length %}
{%- for i in range(-2, positions * each) %}
{%- set register = ["ebx", "ecx"][i % 2] %}
{%- if i >= 0 %}
{%- set which = i // 2 % each %}
        add {{ lanes[which % chunk][0] }}, {{ at(register, kinds[which // chunk][1]) }}
{%- endif %}
{%- set next = i + 2 %}
{%- if next < positions * each %}
{%- set position, which = next // (2 * each) * 2 + next % 2, next // 2 % each %}
{%- if which == 0 %}
        {{ "pop " ~ register if chunks == 1 else "mov " ~ register ~ ", " ~ at("ebp", 4 * position) }}
{%- endif %}
        mov {{ register[1] }}l, {{ at("esi", kinds[which // chunk][0] + (positions - 1 - position) * row + which % chunk) }}
{%- endif %}
{%- endfor %}
{%- endmacro %}
        ; Mix: a page holds the products of a weight with the digits of two columns, in two lanes of 16 bits. Low digits
        ; count an eighth, which is {{ finer }} levels further on, and only if the tile is near.
attend_heads_mix:
        mov esi, edi
        sub esi, esp
{%- if row == 8 %}
        add esi, esi
{%- elif row == 2 %}
        shr esi, 1
{%- elif row != 4 %}
        shr esi, 2
        {{- times_row("esi") }}
{%- endif %}
        add esi, {{ at("edi", block) }}        ; behind the last row
{%- if chunks == 1 %}
        xor eax, eax
        cmp {{ at("edi", near) }}, eax
{%- for register, _ in lanes[1:] %}
        mov {{ register }}, eax
{%- endfor %}
        jne attend_heads_mix_both_start
        sub esi, {{ 4 * row }}
attend_heads_mix_high:
{{- lookups_of(4, [high]) }}
        sub esi, {{ 4 * row }}
        test esp, 127
        jnz attend_heads_mix_high
        jmp attend_heads_add
attend_heads_mix_both_start:
        sub esi, {{ 2 * row }}
attend_heads_mix_both:
{{- lookups_of(2, [high, low]) }}
        sub esi, {{ 2 * row }}
        test esp, 127
        jnz attend_heads_mix_both
{%- set base, offset = "esp", sums %}
{%- else %}
        sub esi, {{ 4 * row }}
        lea ecx, {{ at("edi", sums) }}
        mov {{ at("edi", source) }}, esi
        mov {{ at("edi", end) }}, ecx
        mov dword ptr {{ at("edi", left_chunks) }}, {{ chunks }}
        mov ebp, edi
attend_heads_chunk:
        xor eax, eax
        xor edx, edx
{%- if chunk > 2 %}
        xor edi, edi
{%- endif %}
        cmp {{ at("ebp", near) }}, eax
        mov ebp, esp
        je attend_heads_mix_high
attend_heads_mix_low:
{{- lookups_of(4, [low]) }}
        sub esi, {{ 4 * row }}
        add ebp, 16
        test ebp, 127
        jnz attend_heads_mix_low
        mov esi, {{ at("ebp", source) }}
        mov ebp, esp
attend_heads_mix_high:
{{- lookups_of(4, [high]) }}
        sub esi, {{ 4 * row }}
        add ebp, 16
        test ebp, 127
        jnz attend_heads_mix_high
        mov esi, {{ at("ebp", end) }}
{%- set base, offset = "esi", 0 %}
{%- endif %}

        ; Two lanes to two sums: the upper one has lost a unit wherever the lower one is negative.
attend_heads_add:
{%- for register, lower in lanes %}
        movsx ecx, {{ lower }}
        sub {{ register }}, ecx
        sar {{ register }}, 16
        add {{ at(base, offset + 8 * loop.index0) }}, ecx
        add {{ at(base, offset + 8 * loop.index0 + 4) }}, {{ register }}
{%- endfor %}
{%- if chunks > 1 %}
        add esi, {{ 8 * chunk }}
        mov {{ at("ebp", end) }}, esi
        mov esi, {{ at("ebp", source) }}
        add esi, {{ chunk }}
        mov {{ at("ebp", source) }}, esi
        dec dword ptr {{ at("ebp", left_chunks) }}
        jnz attend_heads_chunk
        mov esp, ebp
{%- endif %}
