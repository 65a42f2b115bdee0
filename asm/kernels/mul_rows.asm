{%- for bits in multiply_bits %}
;! Sub mul_rows_{{ bits }}(ByVal codes As {{ "Byte" if bits == 8 else "Short" }} Ptr, ByVal inputs As Long Ptr, ByVal sums As Long Ptr, ByVal rows As Long, ByVal columns As Long, ByVal shift As Long)
;
; sums = weights * inputs / 2 ^ shift, rounded, with {{ bits }}-bit weights: a multiplication for each.

        push ebx
        push esi
        push edi
        push ebp
        mov esi, [esp+20]               ; codes
        mov edi, [esp+28]               ; sums
mul_rows_{{ bits }}_row:
        push edi
        mov edi, [esp+28]               ; inputs
        mov ebp, [esp+40]               ; columns
        xor ebx, ebx
        xor ecx, ecx
mul_rows_{{ bits }}_column:
        movsx eax, {{ "byte" if bits == 8 else "word" }} ptr [esi]
        imul dword ptr [edi]            ; ends early when the input is small
        add ebx, eax
        adc ecx, edx
        add esi, {{ bits // 8 }}
        add edi, 4
        dec ebp
        jnz mul_rows_{{ bits }}_column
        mov eax, ebx
        mov edx, ecx
        mov ecx, [esp+44]               ; shift
        mov ebx, 1
        shl ebx, cl
        shr ebx, 1                      ; half a unit
        add eax, ebx
        adc edx, 0
        shrd eax, edx, cl
        pop edi
        mov [edi], eax
        add edi, 4
        dec dword ptr [esp+32]          ; rows
        jnz mul_rows_{{ bits }}_row
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret
{% endfor %}
