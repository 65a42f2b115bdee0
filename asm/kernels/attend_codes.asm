;! Function attend_codes(ByVal source As Long Ptr, ByVal exponents As UByte Ptr, ByVal codes As UByte Ptr) As Long
{%- set chunk, chunks = pairing.chunk, pairing.chunks %}
;
; Pack a row of the cache: each number, shifted down by its column's exponent, is a code of two digits of three bits; a
; byte holds the high digits of two columns, and another one their low digits, {{ plane }} bytes further on.
;
; The result is 0 if a number is too large for its exponent; then the row is not complete.

        push ebx
        push esi
        push edi
        push ebp
        mov esi, [esp+20]               ; source
        mov ebp, [esp+24]               ; exponents
        mov edi, [esp+28]               ; codes
{%- if chunks > 1 %}
        mov dword ptr [esp+20], {{ chunks }}
attend_codes_chunk:
{%- endif %}
{%- for pair in range(chunk) %}
        mov cl, [ebp{{ "+%d" % (2 * pair) if pair else "" }}]
        mov eax, [esi{{ "+%d" % (8 * pair) if pair else "" }}]
        sar eax, cl
        mov cl, [ebp+{{ 2 * pair + 1 }}]
        mov edx, [esi+{{ 8 * pair + 4 }}]
        sar edx, cl
        add eax, 32
        add edx, 32
        cmp eax, 63
        ja attend_codes_too_large
        cmp edx, 63
        ja attend_codes_too_large
        mov ebx, eax
        mov ecx, edx
        and ebx, 7                      ; the low digit of the first
        and ecx, 7                      ; and of the second
        xor eax, ebx                    ; the high digits, times eight
        xor edx, ecx
        shl ebx, 2
        shl ecx, 5
        shr eax, 1
        shl edx, 2
        or ebx, ecx
        or eax, edx
        mov [edi{{ "+%d" % pair if pair else "" }}], al
        mov [edi+{{ plane + pair }}], bl
{%- endfor %}
{%- if chunks > 1 %}
        add esi, {{ 8 * chunk }}
        add ebp, {{ 2 * chunk }}
        add edi, {{ chunk }}
        dec dword ptr [esp+20]
        jnz attend_codes_chunk
{%- endif %}
        mov eax, 1
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret
attend_codes_too_large:
        xor eax, eax
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret
