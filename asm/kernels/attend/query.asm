{#- A number of a query in levels for each unit of a key, in steps that can be taken apart: it is in eax, what else is used
    is in ecx and edx. First times a constant, -#}
{%- macro multiply_number(number) %}
        mov eax, [esp+{{ multiplier }}]
        imul dword ptr {{ number }}
{%- endmacro %}
{#- of which as many bits are left as fit; the carry of a shift is the last bit that left, and to add it is to round. -#}
{%- macro round_number() %}
        mov ecx, [esp+{{ multiplier_shift }}]               ; 1 to 31
        shrd eax, edx, cl
        adc eax, 0
{%- endmacro %}
{#- Then down by query_shift less the exponent of the key's column, 31 at most; -#}
{%- macro find_shift(exponent, label) %}
        mov cl, [esp+{{ query_shift }}]
        sub cl, {{ exponent }}
        cmp cl, 31
        jg {{ label }}_far
{{ label }}_near:
{%- endmacro %}
{#- what is too large saturates; and it is doubled. -#}
{%- macro shift_number(label) %}
        test eax, eax                   ; no carry, in case that nothing is shifted
        sar eax, cl
        adc eax, 0
        lea edx, [eax+{{ largest_query }}]
        cmp edx, {{ 2 * largest_query }}
        ja {{ label }}_large
{{ label }}_twice:
        add eax, eax
{%- endmacro %}
{%- macro unlikely(label) %}
{{ label }}_far:
        mov cl, 31
        jmp {{ label }}_near
{{ label }}_large:
        sar eax, 31                     ; the sign: -1 or 0
        mov edx, eax
        xor eax, {{ largest_query }}
        sub eax, edx
        jmp {{ label }}_twice
{%- endmacro %}
