{%- for table in tables %}
{%- set spilled = [table.columns - 4, 0] | max if table.bits == 16 else 0 %}
;! Sub lut_build_{{ table.name }}(ByVal inputs As Long Ptr, ByVal tables As Any Ptr, ByVal groups As Long{{ ", ByVal bias As Long" if table.bits == 16 }})
;
; Fill the tables of `groups` groups of {{ table.columns }} inputs: {{ table.meaning }}.
{%- if table.bits == 16 %}
;
; Two entries at a time: an input that counts in both is added to both halves of eax by one addition of input * 65537.
; Every entry is too large by a bias, so that the lower half is never negative and borrows nothing from the upper one;
; the argument has it in both halves.
{%- else %}
;
; Each sum is the nearest one before it, plus or minus few inputs.
{%- endif %}
; Beside a store stands what is stored: + for an input that is added, - for one that is subtracted, 0 for one left out.

        push ebx
        push esi
        push edi
        push ebp
        mov esi, [esp+20]               ; inputs
        mov edi, [esp+24]               ; tables
        mov eax, [esp+28]               ; groups
        shl eax, {{ {512: 9, 256: 8, 128: 7, 64: 6}[table.stride] }}                      ; tables of {{ table.stride }} bytes
        add eax, edi
{%- if table.centre %}
        add eax, {{ table.centre }}
        add edi, {{ table.centre }}                    ; 64 entries within a one-byte displacement
{%- endif %}
        push eax                        ; where the last table ends
{%- if spilled %}
        {{ "%-31s ; room for the inputs that find no register" | format("sub esp, %d" | format(4 * spilled)) }}
{%- endif %}
lut_build_{{ table.name }}_group:
{%- if table.bits == 16 %}
{%- for input in range(4, table.columns) %}
        {{ "%-31s ; in both halves: times 65537" | format("mov eax, [esi+%d]" | format(4 * input)) }}
        mov ebx, eax
        shl eax, 16
        add eax, ebx
        mov {{ table.operand("both", input) }}, eax
{%- endfor %}
{%- for input, register in table.registers %}
        {{ "%-31s ; in both halves" | format("mov %s, [esi%s]" | format(register, "%+d" % (4 * input) if input else "")) }}
        mov eax, {{ register }}
        shl eax, 16
        add {{ register }}, eax
{%- endfor %}
        {{ "%-31s ; the bias" | format("mov eax, [esp+%d]" | format(36 + 4 * spilled)) }}
{%- else %}
{%- for input, register in table.registers %}
        mov {{ register }}, [esi{{ "%+d" % (4 * input) if input else "" }}]
{%- endfor %}
        xor eax, eax
{%- endif %}
{%- for step in table.steps %}
{%- for times, lanes, input in step.terms %}
{%- for _ in range(times | abs) %}
        {{ "add" if times > 0 else "sub" }} eax, {{ table.operand(lanes, input) }}
{%- endfor %}
{%- endfor %}
{%- set place = "edi%+d" % step.offset if step.offset else "edi" %}
        {{ "%-31s ; %s" | format("mov [%s], %s" | format(place, "eax" if step.size == 4 else "ax"), table.stored(step)) }}
{%- endfor %}
        add esi, {{ 4 * table.columns }}
        add edi, {{ table.stride }}
        cmp edi, [esp{{ "%+d" % (4 * spilled) if spilled else "" }}]
        jb lut_build_{{ table.name }}_group
        add esp, {{ 4 + 4 * spilled }}
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret
{% endfor %}
