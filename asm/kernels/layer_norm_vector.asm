;! Sub layer_norm_vector(ByVal source As Long Ptr, ByVal target As Long Ptr, ByVal gains As Long Ptr, ByVal tables As UByte Ptr, ByVal epsilon As Long, ByVal gain_offset As Long)
;
; Layer norm of {{ norm.width }} elements: docs/arithmetic.md, "Layer norm".
;
; One multiplication an element: squares and the product of gamma and the reciprocal root are read from tables.
{%- set unroll = 4 if norm.width % 4 == 0 else 2 if norm.width % 2 == 0 else 1 %}
{%- macro at(register, offset) -%} [{{ register }}{{ "+%d" % offset if offset else "" }}] {%- endmacro %}
{%- set power = norm.width.bit_length() - 1 if norm.width.__and__(norm.width - 1) == 0 else none %}

        push ebx
        push esi
        push edi
        push ebp
        sub esp, 8                      ; [esp] the mean, [esp+4] where the source ends
        mov esi, [esp+28]               ; source
layer_norm_vector_round:
        lea eax, [esi+{{ 4 * norm.width }}]
        mov [esp+4], eax

        ; The shift: how many bits the elements need besides their sign, less {{ norm.bits }} (see magnitude_bits)
        xor eax, eax
        mov ebx, {{ norm.width // unroll }}
layer_norm_vector_bits:
{%- for i in range(unroll) %}
        mov ecx, {{ at("esi", 4 * i) }}
        mov edx, ecx
        add ecx, ecx
        xor ecx, edx
        or eax, ecx
{%- endfor %}
        add esi, {{ 4 * unroll }}
        dec ebx
        jnz layer_norm_vector_bits
        sub esi, {{ 4 * norm.width }}
        shr eax, {{ norm.bits + 1 }}
        xor ecx, ecx
{%- for bits in (16, 8, 4, 2) %}
        cmp eax, {{ 2 ** bits }}
        jb layer_norm_vector_bits_{{ bits }}
        shr eax, {{ bits }}
        add ecx, {{ bits }}
layer_norm_vector_bits_{{ bits }}:
{%- endfor %}
        mov edx, eax                    ; 0 to 3 are left: 0, 1, 2, 2 bits
        shr edx, 1
        and edx, eax
        sub eax, edx
        add ecx, eax                    ; the shift

        ; The sum and the sum of squares of the elements, shifted
        xor edx, edx
        xor ebx, ebx
        mov ebp, [esp+40]               ; tables
        add ebp, {{ norm.squares }}
        mov edi, {{ norm.width // unroll }}
layer_norm_vector_sums:
{%- for i in range(unroll) %}
        mov eax, {{ at("esi", 4 * i) }}
        sar eax, cl
        add edx, eax
        add ebx, [ebp+eax*4]
{%- endfor %}
        add esi, {{ 4 * unroll }}
        dec edi
        jnz layer_norm_vector_sums
        sub esi, {{ 4 * norm.width }}

        ; The squares less those of the mean
        mov edi, edx
        mov eax, edx
        imul edi
{%- if power is none %}
        mov ebp, {{ norm.width }}
        div ebp
{%- elif power %}
        shrd eax, edx, {{ power }}
{%- endif %}
        sub ebx, eax

        ; The mean, in the source's units; a shifted element stands for half a unit more
        lea ebp, [edi+edi+{{ norm.width }}]
        mov eax, {{ norm.reciprocal }}
        imul ebp
        neg ecx
        add ecx, 31
        shrd eax, edx, cl
        neg ecx
        add ecx, 31
        mov [esp], eax
        jz layer_norm_vector_exact      ; not shifted
        cmp ebx, {{ norm.least }}
        jb layer_norm_vector_again
layer_norm_vector_exact:

        ; Epsilon, and the logarithm of the total in 64ths
        mov eax, [esp+44]               ; epsilon
        shr eax, cl
        shr eax, cl
        add ebx, eax
        cmp ebx, 1
        adc ebx, 0                      ; at least 1
        mov eax, {{ 31 * 64 }}
{%- for bits in (16, 8, 4, 2, 1) %}
        cmp ebx, {{ 2 ** (32 - bits) }}
        jae layer_norm_vector_log_{{ bits }}
        shl ebx, {{ bits }}
        sub eax, {{ 64 * bits }}
layer_norm_vector_log_{{ bits }}:
{%- endfor %}
        shr ebx, 23
        and ebx, 255
        mov ebp, [esp+40]               ; tables
        mov bl, [ebp+ebx{{ "%+d" % norm.logarithms }}]
        add eax, ebx

        ; The reciprocal root and the largest gamma: a place in the table of gains, and a shift
        sub eax, [esp+48]               ; gain_offset
        mov edx, eax
        sar edx, 7
        add ecx, edx
        add ecx, {{ norm.gain_bits }}
        and eax, 127
        lea ebp, [ebp+eax*4{{ "%+d" % norm.table_of_gains }}]
        mov edi, [esp+32]               ; target
{%- if norm.uniform %}
        mov ebx, [ebp]
        mov ebp, [esp]                  ; the mean
{%- else %}
        mov ebx, [esp+36]               ; gains
{%- endif %}
layer_norm_vector_scale:
{%- for i in range(unroll) %}
{%- if norm.uniform %}
        mov eax, {{ at("esi", 4 * i) }}
        sub eax, ebp
        imul ebx
        shrd eax, edx, cl
        mov {{ at("edi", 4 * i) }}, eax
{%- else %}
        mov edx, {{ at("ebx", 4 * norm.columns * i) }}
        mov eax, {{ at("esi", 4 * i) }}
        sub eax, [esp]
        imul dword ptr [ebp+edx]
        shrd eax, edx, cl
{%- if norm.biased %}
        add eax, {{ at("ebx", 4 * norm.columns * i + 4) }}
{%- endif %}
        mov {{ at("edi", 4 * i) }}, eax
{%- endif %}
{%- endfor %}
        add esi, {{ 4 * unroll }}
        add edi, {{ 4 * unroll }}
{%- if not norm.uniform %}
        add ebx, {{ 4 * norm.columns * unroll }}
{%- endif %}
        cmp esi, [esp+4]
        jb layer_norm_vector_scale
        add esp, 8
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret

layer_norm_vector_again:
        ; All elements are near the mean: subtract it, and begin again.
        mov edi, [esp+32]               ; target
        mov ebx, [esp]                  ; the mean
layer_norm_vector_subtract:
        mov eax, [esi]
        sub eax, ebx
        mov [edi], eax
        add esi, 4
        add edi, 4
        cmp esi, [esp+4]
        jb layer_norm_vector_subtract
        mov esi, [esp+32]
        jmp layer_norm_vector_round
