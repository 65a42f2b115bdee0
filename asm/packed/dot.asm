{#- A lane of 8 bits. The second lookup is decoded while the first one reads. #}
{%- macro lane_8(at) %}
        mov bl, [esi{{ "+%d" % at if at else "" }}]
        mov cl, [edi{{ "+%d" % at if at else "" }}]
        xor bl, 128                     ; both from 0 to 255
        xor cl, 128
        mov edx, ebx
        sub ebx, ecx                    ; this may be negative
        add edx, ecx
        sub eax, [ebp+ebx*4+1024]
        add eax, [ebp+edx*4]
        xor ebx, ebx
{%- endmacro -%}
;! Function packed_dot_8(ByVal a As ULong Ptr, ByVal b As ULong Ptr, ByVal count As Long, ByVal squares As Long Ptr) As Long
;
; The dot product of two vectors of count Longs, at least one, with four signed numbers of 8 bits in each. Two Longs a turn,
; what is left over before them.
;
; A product is a difference of two quarter squares, ((a + b) / 2) ^ 2 - ((a - b) / 2) ^ 2, from a table of 512: two additions
; with memory cost less than a multiplication, which takes 13 to 18 clocks and wants its factors extended before.

        push ebx
        push esi
        push edi
        push ebp
        mov esi, [esp+20]               ; a
        mov edi, [esp+24]               ; b
        mov ebp, [esp+32]               ; squares
        xor eax, eax                    ; the sum
        xor ebx, ebx
        xor ecx, ecx
        shr dword ptr [esp+28], 1       ; count
        jnc packed_dot_8_pairs
{%- for at in range(4) %}
        {{- lane_8(at) }}
{%- endfor %}
        add esi, 4
        add edi, 4
        cmp dword ptr [esp+28], 0
        je packed_dot_8_done
packed_dot_8_pairs:
{%- for at in range(8) %}
        {{- lane_8(at) }}
{%- endfor %}
        add esi, 8
        add edi, 8
        dec dword ptr [esp+28]
        jnz packed_dot_8_pairs
packed_dot_8_done:
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret

;! Function packed_dot_16(ByVal a As ULong Ptr, ByVal b As ULong Ptr, ByVal count As Long) As Long
;
; The dot product of two vectors of count Longs, at least one, with two signed numbers of 16 bits in each, modulo 2 ^ 32.
; Two Longs a turn, what is left over before them.
;
; A multiplication of 16 bits wants no factor extended. The halves of its products are added up apart, as Longs: no carry
; from one to the other is needed. A 16-bit load behind a multiplication is decoded, its prefix too, while that goes on.

        push ebx
        push esi
        push edi
        push ebp
        mov esi, [esp+20]               ; a
        mov edi, [esp+24]               ; b
        mov ebp, [esp+28]               ; count
        xor ebx, ebx                    ; sum of the lower halves, which have no sign
        xor ecx, ecx                    ; sum of the upper halves in its lower 16 bits
        xor eax, eax                    ; the upper half of eax stays 0
        shr ebp, 1
        jnc packed_dot_16_pairs
{%- macro lane(at) %}
        imul word ptr [edi{{ "+%d" % at if at else "" }}]
        add ebx, eax
{%- endmacro %}
        mov ax, [esi]
        {{- lane(0) }}
        mov ax, [esi+2]
        add ecx, edx
        {{- lane(2) }}
        add esi, 4
        add ecx, edx
        add edi, 4
        test ebp, ebp
        jz packed_dot_16_done
packed_dot_16_pairs:
        mov ax, [esi]
{%- for at in (0, 2, 4) %}
        {{- lane(at) }}
        mov ax, [esi+{{ at + 2 }}]
        add ecx, edx
{%- endfor %}
        {{- lane(6) }}
        add esi, 8
        add ecx, edx
        add edi, 8
        dec ebp
        jnz packed_dot_16_pairs
packed_dot_16_done:
        mov eax, ecx
        pop ebp
        shl eax, 16
        pop edi
        add eax, ebx
        pop esi
        pop ebx
        ret
