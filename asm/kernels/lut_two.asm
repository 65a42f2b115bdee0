{%- for k in two_kernels %}
{%- set second = 4 * token_longs %}
;! Sub {{ k.name }}({{ k.parameters }})
;
; {{ k.meaning }}, for two tokens: {{ k.groups }} groups{{ " in %d planes" % k.planes if k.planes else "" }}, {{ k.levels * k.groups }} lookups a row.
;
; An entry is the sum of one token's inputs plus 65536 times that of the other's, and so is what a row adds up to. The
; second token's sums lie {{ token_longs }} Longs behind the first one's.
{%- if k.bits == 16 %}
;
; A byte is the offset of an entry of 16 bits; here they have 32, so ebx and edx hold half of an address. Both sums come
; out {{ k.excess }} too large, as those of one token do.
{%- else %}
; The lower half is the first token's sum; it has borrowed from the upper one if it is negative.
{%- endif %}

        push ebx
        push esi
        push edi
        push ebp
        mov esi, [esp+20]               ; codes
        mov ebx, [esp+24]               ; tables
        mov edi, [esp+28]               ; sums
        mov eax, [esp+32]               ; rows
{%- if k.scales %}
        mov ebp, [esp+36]               ; scales: multiplier and bias of each row
{%- elif k.biased %}
        mov ebp, [esp+36]               ; bias of each row
{%- endif %}
        shl eax, 2
        add eax, edi
        mov [esp+32], eax               ; where the sums end
{%- if k.bits == 16 %}
        shr ebx, 1
{%- endif %}
        mov edx, ebx
        mov bl, [esi]
        mov dl, [esi+1]
{{ k.name }}_row:
{%- for row in range(k.at_once) %}
{%- set place = "edi%+d" % (4 * row) if row else "edi" %}
{%- set place_2 = "edi%+d" % (4 * row + second) %}
{%- if k.at_once > 1 %}
        ; the {{ ("first", "second")[row] }} row
{%- endif %}
{%- if k.bits == 16 %}
        mov eax, {{ k.start_two }}
{%- endif %}
{%- for i in range(k.levels * k.groups) %}
{%- set at = row * k.levels * k.groups + i %}
{%- set page, low = ("ebx", "bl") if at % 2 == 0 else ("edx", "dl") %}
{%- set group = i % k.groups %}
{%- set number = group // k.per_page %}
{%- if i == k.groups %}
        neg eax                         ; the top plane counts negative
{%- endif %}
{%- if i >= k.groups and group == 0 %}
        {{ "%-31s ; the plane of weight %d" | format("add eax, eax", 2 ** (k.planes - 1 - i // k.groups)) }}
{%- endif %}
{%- if k.bits == 16 %}
        add eax, [{{ page }}*2{{ "%+d" % (512 * number) if number else "" }}]
{%- else %}
        {{ "add" if i else "mov" }} eax, [{{ page }}{{ "%+d" % (256 * number) if number else "" }}]
{%- endif %}
        mov {{ low }}, [esi+{{ at + 2 }}]
{%- endfor %}
{%- if k.bits == 16 %}
        movzx ecx, ax                   ; the first token's
        shr eax, 16                     ; the second token's
{%- else %}
        movsx ecx, ax                   ; the first token's
        sub eax, ecx
        sar eax, 16                     ; the second token's
{%- endif %}
{%- if k.scales %}
{%- if k.adds %}
        add ecx, [{{ place }}]
        add eax, [{{ place_2 }}]
{%- endif %}
{%- if k.excess %}
        sub ecx, {{ "[esp+48]" if k.adds else k.excess }}
        sub eax, {{ "[esp+48]" if k.adds else k.excess }}
{%- endif %}
        imul ecx, [ebp{{ "%+d" % (8 * row) if row else "" }}]
        imul eax, [ebp{{ "%+d" % (8 * row) if row else "" }}]
        mov [{{ place }}], ecx
        mov ecx, [esp+44]               ; the second token's shift
        sar eax, cl                     ; the last bit that goes is the carry: adding it rounds
        adc eax, [ebp+{{ 8 * row + 4 }}]
        mov [{{ place_2 }}], eax
        mov eax, [{{ place }}]
        mov ecx, [esp+40]               ; the first token's shift
        test eax, eax                   ; no carry, in case that nothing is shifted
        sar eax, cl
        adc eax, [ebp+{{ 8 * row + 4 }}]
        mov [{{ place }}], eax
{%- elif k.biased %}
{%- if k.adds %}
        add ecx, [{{ place }}]
        add eax, [{{ place_2 }}]
{%- endif %}
{%- for _ in range(k.doublings) %}
        add ecx, ecx
        add eax, eax
{%- endfor %}
        add ecx, [ebp{{ "%+d" % (4 * row) if row else "" }}]
        add eax, [ebp{{ "%+d" % (4 * row) if row else "" }}]
        mov [{{ place }}], ecx
        mov [{{ place_2 }}], eax
{%- else %}
        {{ "add" if k.adds else "mov" }} [{{ place }}], ecx
        {{ "add" if k.adds else "mov" }} [{{ place_2 }}], eax
{%- endif %}
{%- endfor %}
        add esi, {{ k.at_once * k.levels * k.groups }}
        add edi, {{ 4 * k.at_once }}
{%- if k.scales %}
        add ebp, {{ 8 * k.at_once }}
{%- elif k.biased %}
        add ebp, {{ 4 * k.at_once }}
{%- endif %}
        cmp edi, [esp+32]
        jb {{ k.name }}_row
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret
{% endfor %}
