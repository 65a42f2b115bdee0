{#- edi is at a half of a table: `register` becomes where its share of the next head's numbers is, `bits` = 7 for bytes. -#}
{%- macro share_at(register, base, bits) %}
        mov {{ register }}, edi
        shr {{ register }}, {{ bits - share // 2 }}
        add {{ register }}, [esp+{{ base }}]
{%- endmacro %}
        ; The tables. An entry is the sum of six numbers, each added where its bit of the index is 1 and subtracted
        ; where it is 0. The six are of six columns, one for each bit of a plane; for a pair of columns they are 1, 2
        ; and 4 times each. In the order of a Gray code an entry is the one before it plus or minus twice one number;
        ; half a table has 32.
        ;
        ; A store takes six clocks on the bus, and four can wait: meanwhile the next head's query is brought to levels.
        mov ebp, [esp+{{ args }}]
        mov esi, [esp+{{ this_numbers }}]
        mov edi, {{ arg("tables") }}
{%- for column in range(head_width, columns) %}
        mov dword ptr [esi+{{ 4 * column }}], 0
{%- endfor %}
{%- if tables > 1 %}
        lea eax, {{ at("edi", 256 * groups) }}
        mov [esp+{{ end }}], eax
{%- endif %}
{%- if pairing.key_pairs == 2 %}
        lea eax, {{ at("esi", 24 * groups) }}
        mov [esp+{{ source }}], eax
{%- endif %}
{%- if pairing.key_pairs %}
{%- if groups %}
        jmp attend_heads_fill
{%- endif %}
attend_heads_pair:
{%- if pairing.key_pairs == 2 %}
        mov esi, [esp+{{ source }}]
        add dword ptr [esp+{{ source }}], 8
{%- endif %}
        mov eax, [esi]
        mov ecx, [esi+4]
        lea esi, [esp+{{ expanded }}]
        mov [esi], eax
        add eax, eax
        mov [esi+12], ecx
        add ecx, ecx
        mov [esi+4], eax
        add eax, eax
        mov [esi+16], ecx
        add ecx, ecx
        mov [esi+8], eax
        mov [esi+20], ecx
{%- endif %}
attend_heads_fill:
        mov ebx, [esi]
        mov ebp, [esi+20]
        add ebp, ebx
        add ebp, [esi+4]
        add ebp, [esi+8]
        add ebp, [esi+12]
        add ebp, [esi+16]
        sar ebp, 1
        neg ebp                         ; all are subtracted
attend_heads_half:
{%- set interval = 32 // (4 * share) %}
{%- for i in range(32) %}
        mov {{ at("edi", 4 * (i.__xor__(i // 2))) }}, ebp
{%- if i < 31 %}
{%- set bit = (i + 1).__and__(-i - 1).bit_length() - 1 %}
        {{ "sub" if (i + 1) // 2 ** (bit + 1) % 2 else "add" }} ebp, {{ at("esi", 4 * bit) if bit else "ebx" }}
{%- endif %}
{%- set step = (i + 1) // interval - 1 %}
{%- if (i + 1) % interval == 0 and step < 4 * share %}
{%- set number, label = step // 4, "attend_heads_next_" ~ step // 4 %}
{%- if step % 4 == 0 %}
{{- share_at("ecx", next_query, 5) }}
{{- multiply_number(at("ecx", 4 * number)) }}
{%- elif step % 4 == 1 %}
{{- round_number() }}
{{- share_at("edx", next_exponents, 7) }}
{{- find_shift(at("edx", number), label) }}
{%- elif step % 4 == 2 %}
{{- shift_number(label) }}
{%- else %}
{{- share_at("ecx", next_numbers, 5) }}
        mov {{ at("ecx", 4 * number) }}, eax
{%- endif %}
{%- endif %}
{%- endfor %}
        sub ebp, [esi+16]               ; only the fifth one is left
        add ebp, [esi+20]
        sub edi, -128
        test edi, 128
        jnz attend_heads_half
{%- if groups > 1 or pairing.key_pairs == 1 %}
        add esi, 24
        cmp edi, [esp+{{ end }}]
{%- if groups > 1 %}
        jb attend_heads_fill
{%- endif %}
{%- if pairing.key_pairs == 1 %}
        je attend_heads_pair
{%- endif %}
{%- endif %}
{%- if pairing.key_pairs == 2 %}
        lea eax, [edi-256]
        cmp eax, [esp+{{ end }}]
        jbe attend_heads_pair
{%- endif %}

        ; The two queries change places.
        mov eax, [esp+{{ this_numbers }}]
        mov ecx, [esp+{{ that_numbers }}]
        mov edx, [esp+{{ next_numbers }}]
        mov [esp+{{ this_numbers }}], ecx
        sub edx, ecx
        mov [esp+{{ that_numbers }}], eax
        add edx, eax
        add dword ptr [esp+{{ next_query }}], {{ 4 * head_width }}
        mov [esp+{{ next_numbers }}], edx
        add dword ptr [esp+{{ next_exponents }}], {{ columns }}
