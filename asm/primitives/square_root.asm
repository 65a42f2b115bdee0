;! Function square_root(ByVal x_in As ULong) As ULong
;
; The square root, rounded down: sixteen bits, one after the other, from the top. eax is 2 ^ 15 times the root found so far,
; edx what is left of the number when its square is subtracted, doubled for each bit: so nothing needs a shift. A bit b
; is in the root if what is left reaches 2 * root * b + b * b. The rest stays in edx for reciprocal_root.

        mov edx, [esp+4]
        xor eax, eax
        cmp edx, 0x40000000
        jb square_root_14
        sub edx, 0x40000000
        mov eax, 0x40000000
square_root_14:
{%- for i in range(14, -1, -1) %}
        lea ecx, [eax+{{ 2 ** (i + 14) }}]
        cmp edx, ecx
        jb square_root_{{ i - 1 if i else "done" }}
        sub edx, ecx
        add eax, {{ 2 ** (i + 15) }}
square_root_{{ i - 1 if i else "done" }}:
{%- if i %}
        add edx, edx
{%- endif %}
{%- endfor %}
        shr eax, 15
        shr edx, 14
        ret
