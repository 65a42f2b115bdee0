;! Function magnitude_bits(ByVal source As Long Ptr, ByVal count As Long) As Long
;
; The bits that the elements of a vector need besides their sign.
;
; x xor 2x has its highest bit where the bits of x stop being copies of the sign, one place further up. So the bits of
; all elements can be collected with or: five clocks an element, and no comparison.

        push ebx
        push esi
        mov esi, [esp+12]               ; source
        mov ebx, [esp+16]               ; count
        xor eax, eax
        sub ebx, 4
        jl magnitude_bits_rest
magnitude_bits_four:
{%- for i in range(4) %}
        mov ecx, [esi{{ "+%d" % (4 * i) if i else "" }}]
        mov edx, ecx
        add ecx, ecx
        xor ecx, edx
        or eax, ecx
{%- endfor %}
        add esi, 16
        sub ebx, 4
        jge magnitude_bits_four
magnitude_bits_rest:
        add ebx, 4
        jz magnitude_bits_count
magnitude_bits_one:
        mov ecx, [esi]
        mov edx, ecx
        add ecx, ecx
        xor ecx, edx
        or eax, ecx
        add esi, 4
        dec ebx
        jnz magnitude_bits_one
magnitude_bits_count:
        shr eax, 1                      ; halving undoes "one place further up"; now the bits of this number,
        xor ecx, ecx
{%- for bits in (16, 8, 4, 2) %}
        cmp eax, {{ 2 ** bits }}
        jb magnitude_bits_{{ bits }}
        shr eax, {{ bits }}
        add ecx, {{ bits }}
magnitude_bits_{{ bits }}:
{%- endfor %}
        mov edx, eax                    ; of which 0 to 3 are left: 0, 1, 2, 2 bits
        shr edx, 1
        and edx, eax
        sub eax, edx
        add eax, ecx
        pop esi
        pop ebx
        ret
