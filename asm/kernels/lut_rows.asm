{%- for groups in group_counts %}
;! Sub lut_rows_{{ groups }}(ByVal codes As UByte Ptr, ByVal tables As Any Ptr, ByVal sums As Long Ptr, ByVal rows As Long)
;
; Add the products of a tile of {{ groups }} groups to the sums of all rows: {{ 8 * groups }} lookups for a row, unrolled.
;
; ebx and ecx both point to the tables; the byte of a plane replaces the low byte of one of them, while the other one is
; in use. So a lookup is two instructions and three clocks: there is no index register, no prefix and no pointer that
; was written by the instruction before.

        push ebx
        push esi
        push edi
        mov esi, [esp+16]               ; codes
        mov ebx, [esp+20]               ; tables
        mov edi, [esp+24]               ; sums
        mov edx, [esp+28]               ; rows
        mov ecx, ebx
        mov bl, [esi]
        mov cl, [esi+1]
        xor eax, eax
lut_rows_{{ groups }}_row:
{%- for i in range(8 * groups) %}
{%- set page, low = ("ebx", "bl") if i % 2 == 0 else ("ecx", "cl") %}
{%- if i == groups %}
        neg eax                         ; plane 7 counts -128
{%- endif %}
{%- if i >= groups and i % groups == 0 %}
        add eax, eax                    ; plane {{ 7 - i // groups }}
{%- endif %}
        add eax, [{{ page }}{{ "+%d" % (256 * (i % groups)) if i % groups else "" }}]
        mov {{ low }}, [esi+{{ i + 2 }}]
{%- endfor %}
        add [edi], eax
        add esi, {{ 8 * groups }}
        add edi, 4
        xor eax, eax
        dec edx
        jnz lut_rows_{{ groups }}_row
        pop edi
        pop esi
        pop ebx
        ret
{% endfor %}
