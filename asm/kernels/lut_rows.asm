{%- for k in row_kernels %}
{%- set sum = "ax" if k.bits == 16 else "eax" %}
;! Sub {{ k.name }}(ByVal codes As UByte Ptr, ByVal tables As Any Ptr, ByVal sums As Long Ptr, ByVal rows As Long)
;
; {{ "Add the products of a tile to the sums" if k.adds else "The products of the only or first tile" }}: {{ k.groups }} groups{{ " in %d planes" % k.planes if k.planes else "" }}, {{ k.levels * k.groups }} lookups for a row, unrolled.
{%- if k.bits == 16 %}
;
; Sums of 16 bits. They begin with {{ k.first }}, which takes the bias of the entries away and leaves the sum 32768 too
; large: so it is never negative, and the upper half of eax stays 0.
{%- endif %}

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
{%- if k.first %}
        mov eax, {{ k.first }}
{%- else %}
        xor eax, eax
{%- endif %}
{{ k.name }}_row:
{%- for row in range(k.at_once) %}
{%- if k.at_once > 1 %}
        ; the {{ ("first", "second")[row] }} row
{%- endif %}
{%- for i in range(k.levels * k.groups) %}
{%- set at = row * k.levels * k.groups + i %}
{%- set page, low = ("ebx", "bl") if at % 2 == 0 else ("ecx", "cl") %}
{%- set group = i % k.groups %}
{%- if i == k.groups %}
        {{ "%-31s ; the top plane counts negative" | format("neg " + sum) }}
{%- endif %}
{%- if i >= k.groups and group == 0 %}
        {{ "%-31s ; the plane of weight %d" | format("add %s, %s" | format(sum, sum), 2 ** (k.planes - 1 - i // k.groups)) }}
{%- endif %}
        add {{ sum }}, [{{ page }}{{ "%+d" % (256 * (group // k.per_page)) if group // k.per_page else "" }}]
        mov {{ low }}, [esi+{{ at + 2 }}]
{%- endfor %}
{%- if k.bits == 16 %}
        sub eax, 32768
{%- endif %}
        {{ "add" if k.adds else "mov" }} [edi{{ "%+d" % (4 * row) if row else "" }}], eax
{%- if row < k.at_once - 1 %}
{%- if k.first %}
        mov eax, {{ k.first }}
{%- else %}
        xor eax, eax
{%- endif %}
{%- endif %}
{%- endfor %}
        add esi, {{ k.at_once * k.levels * k.groups }}
        add edi, {{ 4 * k.at_once }}
{%- if k.first %}
        mov eax, {{ k.first }}
{%- else %}
        xor eax, eax
{%- endif %}
{%- if k.at_once == 1 %}
        dec edx
        jnz {{ k.name }}_row
{%- else %}
        sub edx, {{ k.at_once }}
        jg {{ k.name }}_row
{%- endif %}
        pop edi
        pop esi
        pop ebx
        ret
{% endfor %}
