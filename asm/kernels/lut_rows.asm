{%- for k in row_kernels %}
{%- set sum = "ax" if k.bits == 16 else "eax" %}
{#- One row a turn: one index for the sums and what is added to them, instead of two pointers. #}
{%- set indexed = k.at_once == 1 and not k.scales %}
;! Sub {{ k.name }}({{ k.parameters }})
;
; {{ k.meaning }}: {{ k.groups }} groups{{ " in %d planes" % k.planes if k.planes else "" }}, {{ k.levels * k.groups }} lookups a row.
{%- if k.scales %}
; Each sum is scaled at once: sum * multiplier sar shift, rounded, + bias. The multiplication ends early, since its
; second factor, the multiplier, has few bits.
{%- endif %}
;
; ebx and edx both point to the tables; the byte of a weight replaces the low byte of one of them, while the other one
; is in use. So a lookup is two instructions and three clocks: there is no index register and no pointer that was
; written by the instruction before.
{%- if k.bits == 16 %}
;
; Sums of 16 bits. The bias of the entries makes a sum {{ k.excess }} too large: so it is never negative, and the upper half
; of eax stays 0. {{ "The excess is taken away" if k.scales else "The bias of a row takes it away" if k.biased else "It is left to the kernel of the last tile to take it away" }}.
{%- endif %}

        push ebx
        push esi
        push edi
        push ebp
        mov esi, [esp+20]               ; codes
        mov ebx, [esp+24]               ; tables
        mov edi, [esp+28]               ; sums
        mov edx, [esp+32]               ; rows
{%- if k.scales %}
        mov ebp, [esp+36]               ; scales: multiplier and bias of each row
        mov ecx, [esp+40]               ; shift, 0 to 31
        shl edx, 2
        add edx, edi
        mov [esp+32], edx               ; where the sums end
{%- else %}
{%- if k.biased %}
        mov ebp, [esp+36]               ; bias of each row
{%- endif %}
{%- if indexed %}
        lea edi, [edi+edx*4]            ; where the sums end
{%- if k.biased %}
        lea ebp, [ebp+edx*4]
{%- endif %}
        neg edx
        lea ecx, [edx*4]                ; the row, from there
{%- else %}
        mov ecx, edx
{%- endif %}
{%- endif %}
        mov edx, ebx
        mov bl, [esi]
        mov dl, [esi+1]
{%- if k.bits == 16 %}
        xor eax, eax
{%- endif %}
{{ k.name }}_row:
{%- for row in range(k.at_once) %}
{%- set place = "edi+ecx" if indexed else "edi%+d" % (4 * row) if row else "edi" %}
{%- set bias = "ebp+ecx" if indexed else "ebp%+d" % (4 * row) if row else "ebp" %}
{%- if k.at_once > 1 %}
        ; the {{ ("first", "second")[row] }} row
{%- endif %}
{%- for i in range(k.levels * k.groups) %}
{%- set at = row * k.levels * k.groups + i %}
{%- set page, low = ("ebx", "bl") if at % 2 == 0 else ("edx", "dl") %}
{%- set group = i % k.groups %}
{%- if i == k.groups %}
        {{ "%-31s ; the top plane counts negative" | format("neg " + sum) }}
{%- endif %}
{%- if i >= k.groups and group == 0 %}
        {{ "%-31s ; the plane of weight %d" | format("add %s, %s" | format(sum, sum), 2 ** (k.planes - 1 - i // k.groups)) }}
{%- endif %}
        {{ "add" if i else "mov" }} {{ sum }}, [{{ page }}{{ "%+d" % (256 * (group // k.per_page)) if group // k.per_page else "" }}]
        mov {{ low }}, [esi+{{ at + 2 }}]
{%- endfor %}
{%- if k.scales %}
{%- if k.adds %}
        add eax, [{{ place }}]
{%- endif %}
{%- if k.excess %}
        sub eax, {{ "[esp+44]" if k.adds else k.excess }}
{%- endif %}
        imul eax, [ebp{{ "%+d" % (8 * row) if row else "" }}]
        sar eax, cl                     ; the last bit that goes is the carry: adding it rounds
        adc eax, [ebp+{{ 8 * row + 4 }}]
        mov [{{ place }}], eax
{%- elif k.biased %}
{%- if k.adds and k.doublings %}
        add eax, [{{ place }}]
{%- endif %}
{%- for _ in range(k.doublings) %}
        add eax, eax
{%- endfor %}
        add eax, [{{ bias }}]
        {{ "add" if k.adds and not k.doublings else "mov" }} [{{ place }}], eax
{%- else %}
        {{ "add" if k.adds else "mov" }} [{{ place }}], eax
{%- endif %}
{%- if k.bits == 16 and (k.scales or k.biased) %}
        xor eax, eax
{%- endif %}
{%- endfor %}
        add esi, {{ k.at_once * k.levels * k.groups }}
{%- if not indexed %}
        add edi, {{ 4 * k.at_once }}
{%- endif %}
{%- if k.biased and not indexed %}
        add ebp, {{ 4 * k.at_once }}
{%- endif %}
{%- if k.scales %}
        add ebp, {{ 8 * k.at_once }}
        cmp edi, [esp+32]
        jb {{ k.name }}_row
{%- else %}
{%- if indexed %}
        add ecx, 4
        jl {{ k.name }}_row
{%- else %}
        sub ecx, {{ k.at_once }}
        jg {{ k.name }}_row
{%- endif %}
{%- endif %}
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret
{% endfor %}
