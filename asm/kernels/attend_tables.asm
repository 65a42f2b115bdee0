;! Sub attend_tables(ByVal query As Long Ptr, ByVal tables As Any Ptr, ByVal pairs As Long)
;
; Fill the table of each pair a, b of a query: entry low + 8 * high is (2 * low - 7) * a + (2 * high - 7) * b.
;
; An entry is the one before it plus 2 a: an addition and a store, which is what takes the time.

        push ebx
        push esi
        push edi
        push ebp
        mov esi, [esp+20]               ; query
        mov edi, [esp+24]               ; tables
        mov ebp, [esp+28]               ; pairs
        add edi, 128                    ; the middle of the page: every entry within a one-byte displacement
attend_tables_pair:
        mov ebx, [esi]
        mov ecx, [esi+4]
        lea eax, [ebx+ecx]
        mov edx, eax
        shl edx, 3
        sub eax, edx                    ; -7 a - 7 b
        add ebx, ebx
        add ecx, ecx
        mov edx, ebx
        shl edx, 3
        sub ecx, edx
        add ecx, ebx                    ; from the end of a row of eight to the start of the next one
{%- for i in range(64) %}
        mov [edi{{ "%+d" % (4 * i - 128) if i != 32 else "" }}], eax
{%- if i < 63 %}
        add eax, {{ "ecx" if i % 8 == 7 else "ebx" }}
{%- endif %}
{%- endfor %}
        add esi, 8
        add edi, 256
        dec ebp
        jnz attend_tables_pair
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret
