;! Function square_root(ByVal x_in As ULong) As ULong
;
; The square root, rounded down: sixteen bits, one after the other, from the top. eax holds the root found so far,
; shifted so that the next bit of the square belongs just below it.

        mov edx, [esp+4]
        xor eax, eax
{%- for i in range(15, -1, -1) %}
        lea ecx, [eax+{{ 4 ** i }}]
        shr eax, 1
        cmp edx, ecx
        jb square_root_{{ i }}
        sub edx, ecx
        add eax, {{ 4 ** i }}
square_root_{{ i }}:
{%- endfor %}
        ret
