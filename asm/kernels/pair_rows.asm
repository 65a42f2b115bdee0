{%- for k in pair_kernels %}
;! Sub {{ k.name }}(ByVal codes As Long Ptr, ByVal inputs As Long Ptr, ByVal sums As Long Ptr, ByVal rows As Long)
;
; {{ "Add the products of a tile to the sums" if k.adds else "The products of the only or first tile" }}: {{ k.columns }} columns, unrolled.
;
; A code is the weight of one row plus 65536 times that of the next, so that one multiplication serves two rows.

        push ebx
        push esi
        push edi
        push ebp
        mov esi, [esp+20]               ; codes
        mov edi, [esp+24]               ; inputs
        mov ebp, [esp+28]               ; sums
        mov ecx, [esp+32]               ; rows
{{ k.name }}_pair:
        mov ebx, [esi]
        imul ebx, [edi]
{%- for i in range(1, k.columns) %}
        mov {{ "eax" if i % 2 else "edx" }}, [esi+{{ 4 * i }}]
        imul {{ "eax" if i % 2 else "edx" }}, [edi+{{ 4 * i }}]
        add ebx, {{ "eax" if i % 2 else "edx" }}
{%- endfor %}
        movsx eax, bx
        sub ebx, eax                    ; without what the lower sum borrowed
        sar ebx, 16
        {{ "add" if k.adds else "mov" }} [ebp], eax
        {{ "add" if k.adds else "mov" }} [ebp+4], ebx
        add esi, {{ 4 * k.columns }}
        add ebp, 8
        sub ecx, 2
        jg {{ k.name }}_pair
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret
{% endfor %}
