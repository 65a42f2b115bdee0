;! Sub pack_8(ByVal values As Long Ptr, ByVal target As ULong Ptr, ByVal count As Long)
;
; Four values into each of count Longs; the lowest 8 bits of each.

        push esi
        push edi
        mov esi, [esp+12]               ; values
        mov edi, [esp+16]               ; target
        mov ecx, [esp+20]               ; count
pack_8_one:
        mov al, [esi+8]
        mov ah, [esi+12]
        mov dl, [esi]
        shl eax, 16
        mov dh, [esi+4]
        add esi, 16
        mov ax, dx
        mov [edi], eax
        add edi, 4
        dec ecx
        jnz pack_8_one
        pop edi
        pop esi
        ret

;! Sub pack_16(ByVal values As Long Ptr, ByVal target As ULong Ptr, ByVal count As Long)
;
; Two values into each of count Longs; the lowest 16 bits of each.

        push esi
        push edi
        mov esi, [esp+12]               ; values
        mov edi, [esp+16]               ; target
        mov ecx, [esp+20]               ; count
pack_16_one:
        mov eax, [esi+4]
        mov edx, [esi]
        shl eax, 16
        and edx, 0xffff
        add esi, 8
        or eax, edx
        mov [edi], eax
        add edi, 4
        dec ecx
        jnz pack_16_one
        pop edi
        pop esi
        ret

;! Sub pack_4(ByVal values As Long Ptr, ByVal target As ULong Ptr, ByVal count As Long)
;
; Eight values into each of count Longs; the lowest 4 bits of each.

        push esi
        push edi
        mov esi, [esp+12]               ; values
        mov edi, [esp+16]               ; target
        mov ecx, [esp+20]               ; count
pack_4_one:
        mov eax, [esi+28]
{%- for i in range(6, -1, -1) %}
        mov edx, [esi{{ "+%d" % (4 * i) if i else "" }}]
        shl eax, 4
        and edx, 15
        or eax, edx
{%- endfor %}
        add esi, 32
        mov [edi], eax
        add edi, 4
        dec ecx
        jnz pack_4_one
        pop edi
        pop esi
        ret
{% for bits in (4, 8, 16) %}
{%- for suffix in ("", "_unsigned") %}
{%- set label = "unpack%s_%d" % (suffix, bits) %}
;! Sub {{ label }}(ByVal source As ULong Ptr, ByVal values As Long Ptr, ByVal count As Long)
;
; The {{ 32 // bits }} lanes of each of count Longs, {{ "as numbers with a sign" if not suffix else "as numbers without a sign" }}.

        push esi
        push edi
        mov esi, [esp+12]               ; source
        mov edi, [esp+16]               ; values
        mov ecx, [esp+20]               ; count
{{ label }}_one:
{%- if bits == 4 %}
        mov eax, [esi]
{%- for i in range(8) %}
{%- if suffix %}
        mov edx, eax
{%- if i < 7 %}
        shr eax, 4
        and edx, 15
{%- endif %}
{%- else %}
        mov edx, eax
{%- if i < 7 %}
        shl edx, {{ 28 - 4 * i }}
{%- endif %}
        sar edx, 28
{%- endif %}
        mov [edi{{ "+%d" % (4 * i) if i else "" }}], edx
{%- endfor %}
{%- else %}
{%- for i in range(32 // bits) %}
        {{ "movzx" if suffix else "movsx" }} eax, {{ "byte" if bits == 8 else "word" }} ptr [esi{{ "+%d" % (bits // 8 * i) if i else "" }}]
        mov [edi{{ "+%d" % (4 * i) if i else "" }}], eax
{%- endfor %}
{%- endif %}
        add esi, 4
        add edi, {{ 128 // bits }}
        dec ecx
        jnz {{ label }}_one
        pop edi
        pop esi
        ret
{% endfor %}
{%- endfor %}
