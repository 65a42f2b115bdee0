;! Function bit_length(ByVal value As ULong) As Long
;
; Number of bits of a value: 0 for 0, 1 for 1, 2 for 2 and 3, ... BSR would take 6 clocks and 3 for each zero before the
; first one.

        mov edx, [esp+4]
        xor eax, eax
{%- for bits in (16, 8, 4) %}
        cmp edx, {{ 2 ** bits - 1 }}
        jbe bit_length_{{ bits }}
        shr edx, {{ bits }}
        add eax, {{ bits }}
bit_length_{{ bits }}:
{%- endfor %}
{%- for value in (1, 2, 4, 8) %}
        cmp edx, {{ value }}
        sbb eax, -1                     ; one more bit if there is no borrow
{%- endfor %}
        ret
