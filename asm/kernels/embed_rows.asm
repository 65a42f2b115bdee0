;! Sub embed_rows(ByVal token As Short Ptr, ByVal place As Short Ptr, ByVal target As Long Ptr, ByVal count As Long)
;
; target = (token + place) * 2 ^ {{ embed_shift }}, four elements a turn.
{%- macro element(words, longs) %}
        movsx eax, word ptr [esi{{ words }}]
        movsx edx, word ptr [ebx{{ words }}]
        add eax, edx
{%- if embed_shift > 2 %}
        shl eax, {{ embed_shift }}
{%- else %}
{%- for i in range(embed_shift) %}
        add eax, eax
{%- endfor %}
{%- endif %}
        mov [edi{{ longs }}], eax
{%- endmacro %}

        push ebx
        push esi
        push edi
        mov esi, [esp+16]               ; token
        mov ebx, [esp+20]               ; place
        mov edi, [esp+24]               ; target
        mov ecx, [esp+28]               ; count
        sub ecx, 4
        jl embed_rows_rest
embed_rows_four:
{%- for i in range(4) %}
{{- element("+%d" % (2 * i) if i else "", "+%d" % (4 * i) if i else "") }}
{%- endfor %}
        add esi, 8
        add ebx, 8
        add edi, 16
        sub ecx, 4
        jge embed_rows_four
embed_rows_rest:
        add ecx, 4
        jz embed_rows_done
embed_rows_one:
{{- element("", "") }}
        add esi, 2
        add ebx, 2
        add edi, 4
        dec ecx
        jnz embed_rows_one
embed_rows_done:
        pop edi
        pop esi
        pop ebx
        ret
