{% include "primitives/bit_length.asm" %}
{% include "primitives/square_root.asm" %}
;! Function multiply_round(ByVal a As Long, ByVal b As Long, ByVal shift As Long) As Long
;
; a * b / 2 ^ shift, rounded, halves up; shift 0 to 31. A multiplication ends early when b is small.
;
; The last bit that is shifted out goes into the carry flag: it is the half.

        mov eax, [esp+4]
        imul dword ptr [esp+8]
        mov ecx, [esp+12]
        test eax, eax                   ; no carry, should the shift be 0
        shrd eax, edx, cl
        adc eax, 0
        ret

;! Function divide_nearest(ByVal a As Long, ByVal b As Long) As Long
;
; a / b, rounded, halves away from zero; b > 0.

        mov eax, [esp+4]
        mov ecx, [esp+8]
        xor edx, edx
        test eax, eax
        js divide_nearest_negative
        div ecx
        sub ecx, edx                    ; rest >= b - rest?
        cmp edx, ecx
        sbb eax, -1                     ; one more if so: there is no borrow
        ret
divide_nearest_negative:
        neg eax
        div ecx
        sub ecx, edx
        cmp edx, ecx
        sbb eax, -1
        neg eax
        ret

;! Function divide_shifted(ByVal a As Long, ByVal b As Long, ByVal shift As Long) As Long
;
; a * 2 ^ shift / b, rounded, halves away from zero; b > 0, shift 0 to 31.

        mov eax, [esp+4]
        mov ecx, [esp+12]
        xor edx, edx
        test eax, eax
        js divide_shifted_negative
        shld edx, eax, cl
        shl eax, cl
        mov ecx, [esp+8]
        div ecx
        sub ecx, edx                    ; rest >= b - rest?
        cmp edx, ecx
        sbb eax, -1                     ; one more if so: there is no borrow
        ret
divide_shifted_negative:
        neg eax
        shld edx, eax, cl
        shl eax, cl
        mov ecx, [esp+8]
        div ecx
        sub ecx, edx
        cmp edx, ecx
        sbb eax, -1
        neg eax
        ret

;! Function reciprocal(ByVal x_in As ULong) As ULong
;
; 2 ^ 32 / x, rounded, halves up; x >= 2.

        mov ecx, [esp+4]
        mov edx, 1
        xor eax, eax
        div ecx
        sub ecx, edx                    ; rest >= x - rest?
        cmp edx, ecx
        sbb eax, -1                     ; one more if so: there is no borrow
        ret

;! Function reciprocal_root(ByVal x_in As ULong) As ULong
;
; 2 ^ 31 / the square root of x, within 3 units; x >= 1.

        push ebx
        push esi
        mov ebx, [esp+12]
        bsr ecx, ebx
        xor ecx, 31                     ; leading zeros,
        and ecx, 30                     ; an even number of them
        shl ebx, cl
        mov esi, ecx
        push ebx
        call square_root                ; leaves the rest of the square in edx
        add esp, 4
        mov ebx, eax
        mov eax, edx
        mov edx, eax
        shl eax, 15
        shr edx, 17
        div ebx                         ; sixteen more bits of the root
        shl ebx, 16
        cmp eax, 65535
        jbe reciprocal_root_fits
        mov eax, 65535
reciprocal_root_fits:
        add ebx, eax
        mov edx, 0x40000000
        xor eax, eax
        div ebx                         ; 2 ^ 62 / root
        shr esi, 1
        mov ecx, 15
        sub ecx, esi                    ; no carry, should the shift be 0
        shr eax, cl
        adc eax, 0
        pop esi
        pop ebx
        ret

;! Function exp2_fixed(ByVal x_in As Long) As Long
;
; 2 ^ x, both with 16 fraction bits; x < 15.

        mov edx, [esp+4]
        push ebx
        mov ebx, edx
        movzx eax, dh                   ; the upper 8 bits of the fraction
        sar ebx, 16
        mov ecx, 14
        and edx, 255
        sub ecx, ebx                    ; how far to shift down
        mov ebx, [exp2_high+eax*4]
        cmp ecx, 31
        ja exp2_fixed_zero
        mov eax, ebx
        mul dword ptr [exp2_low+edx*4]  ; the small factor ends the multiplication early
        shld edx, eax, 2
        mov eax, ebx
        add eax, edx                    ; no carry, should the shift be 0
        shr eax, cl
        adc eax, 0
        pop ebx
        ret
exp2_fixed_zero:
        xor eax, eax
        pop ebx
        ret

;! Function exp_fixed(ByVal x_in As Long) As Long
;
; e ^ x, both with 16 fraction bits; x < 10.397: 2 ^ (x * log2(e)), which takes the place of x.

        mov eax, {{ fixed_point.LOG2_E }}             ; 30 fraction bits
        imul dword ptr [esp+4]
        shrd eax, edx, 30
        adc eax, 0
        mov [esp+4], eax
        jmp exp2_fixed

;! Function log2_fixed(ByVal x_in As ULong) As Long
;
; log2(x) with 16 fraction bits, for x >= 1.

        mov eax, [esp+4]
        bsr ecx, eax
        push ebx
        mov ebx, ecx
        xor ecx, 31
        shl eax, cl                     ; the top bit is set
        shl ebx, 16                     ; the whole part
        mov ecx, eax
        shr eax, 8
        shr ecx, 23
        and eax, 32767
        and ecx, 255
        mov edx, [log2_table+ecx*4+4]
        sub edx, [log2_table+ecx*4]
        mul edx
        mov edx, [log2_table+ecx*4]
        shr eax, 15
        lea eax, [eax+edx+128]
        shr eax, 8
        add eax, ebx
        pop ebx
        ret

;! Function ln_fixed(ByVal x_in As ULong) As Long
;
; ln(x) with 16 fraction bits, for x >= 1: log2(x) * ln(2).

        push dword ptr [esp+4]
        call log2_fixed
        mov ecx, eax
        mov eax, {{ fixed_point.LN_2 }}             ; 31 fraction bits
        imul ecx
        add esp, 4
        shrd eax, edx, 31
        adc eax, 0
        ret
