;! Sub lut_build(ByVal inputs As Long Ptr, ByVal tables As Any Ptr, ByVal groups As Long)
;
; Fill the tables of `groups` groups of six inputs: entry e of a page is the sum of the inputs whose bits are set in e.
;
; The entries are visited in the order of the Gray code, in which neighbours differ by one bit: each sum is the one
; before it plus or minus one input, an addition and a store. Three inputs stay in registers.
{%- set inputs = ["ebx", "ecx", "edx", "[esi+12]", "[esi+16]", "[esi+20]"] %}

        push ebx
        push esi
        push edi
        push ebp
        mov esi, [esp+20]               ; inputs
        mov edi, [esp+24]               ; tables
        mov ebp, [esp+28]               ; groups
        add edi, 128                    ; the middle of the page: every entry within a one-byte displacement
lut_build_group:
        mov ebx, [esi]
        mov ecx, [esi+4]
        mov edx, [esi+8]
        xor eax, eax
        mov [edi-128], eax
{%- for i in range(1, 64) %}
{%- set gray = i.__xor__(i // 2) %}
{%- set before = (i - 1).__xor__((i - 1) // 2) %}
{%- set bit = (gray.__xor__(before)).bit_length() - 1 %}
        {{ "add" if gray > before else "sub" }} eax, {{ inputs[bit] }}
        mov [edi{{ "%+d" % (4 * gray - 128) if gray != 32 else "" }}], eax
{%- endfor %}
        add esi, 24
        add edi, 256
        dec ebp
        jnz lut_build_group
        pop ebp
        pop edi
        pop esi
        pop ebx
        ret
