        ; The mean: the sums times the reciprocal of the sum of the weights, of 16 bits, Shr 16; and then down by the
        ; bits of that sum less the exponent of the value's column; if that is negative, up.
        mov eax, [esp+{{ total }}]
        mov edx, eax
        xor ecx, ecx
        shr edx, 15
        cmp edx, 16
        jb attend_heads_bits
attend_heads_nibble:
        add ecx, 4
        shr edx, 4
        cmp edx, 16
        jae attend_heads_nibble
attend_heads_bits:
        cmp edx, 1
        sbb ecx, -1                     ; one more unless there is none
        shr edx, 1
        jnz attend_heads_bits
attend_heads_scale:
        test eax, eax                   ; no carry, in case that nothing is shifted
        shr eax, cl
        adc eax, 0
        mov ebx, eax
        xor edx, edx
        mov eax, 0x40000000
        add ecx, {{ 15 - page_shift - 4 }}
        div ebx
        mov ebp, [esp+{{ args }}]
        mov [esp+{{ down }}], ecx
        lea esi, [esp+{{ sums }}]
        mov ebx, eax                    ; the reciprocal
        mov edi, {{ arg("target") }}
        mov ebp, {{ arg("value_exponents") }}
        lea eax, [edi+{{ 4 * head_width }}]
        mov [esp+{{ end }}], eax
attend_heads_mean:
{%- set unrolled = 2 if head_width % 2 == 0 else 1 %}
{%- for i in range(unrolled) %}
        mov eax, ebx
        imul dword ptr {{ at("esi", 4 * i) }}
        mov dword ptr {{ at("esi", 4 * i) }}, 0
        shrd eax, edx, 16
        mov ecx, [esp+{{ down }}]
        adc eax, 0
        sub cl, {{ at("ebp", i) }}
        js attend_heads_mean_up_{{ i }}
        test eax, eax
        sar eax, cl
        adc eax, 0
attend_heads_mean_store_{{ i }}:
        mov {{ at("edi", 4 * i) }}, eax
{%- endfor %}
        add esi, {{ 4 * unrolled }}
        add ebp, {{ unrolled }}
        add edi, {{ 4 * unrolled }}
        cmp edi, [esp+{{ end }}]
        jne attend_heads_mean
        mov ebp, [esp+{{ args }}]
