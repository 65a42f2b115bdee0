;! Function bit_length(ByVal value As ULong) As Long
;
; Number of bits of a value: 0 for 0, 1 for 1, 2 for 2 and 3, ...

        bsr eax, [esp+4]
        jz bit_length_zero
        inc eax
        ret
bit_length_zero:
        xor eax, eax
        ret
