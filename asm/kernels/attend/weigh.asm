        ; Weigh: a level is how far a score lies below the reference, {{ most_level }} at most. With the address of the pages added
        ; to the reference, the difference is the address of the level's page, and a fraction in the low byte.
attend_heads_weigh:
        mov ebp, {{ at("edi", args) }}
        mov ecx, {{ at("edi", inside) }}
        mov esi, {{ arg("weights") }}
        and ecx, 3
        jz attend_heads_whole
attend_heads_spare:
        push -0x41000000                ; far below the lowest score
        inc ecx
        test cl, 3
        jnz attend_heads_spare
attend_heads_whole:
        mov eax, {{ arg("pages") }}
        mov edx, {{ at("edi", reference) }}
        lea ecx, [eax+{{ 256 * most_level }}]
        add edx, eax
        mov ebp, {{ at("edi", total) }}
        xor ebx, ebx
        mov edi, esp
        mov bl, ch                      ; a weight of 0
attend_heads_weigh_four:
{%- for i in range(4) %}
        mov eax, edx
        sub eax, {{ at("edi", 4 * i) }}
        add ebp, [esi+ebx*4]            ; the weight of the one before
        cmp eax, ecx
        ja attend_heads_beyond_{{ i }}
attend_heads_level_{{ i }}:
        mov bl, ah
        mov {{ at("edi", 4 * i) }}, eax
{%- endfor %}
        add edi, 16
        test edi, 127
        jnz attend_heads_weigh_four
        add ebp, [esi+ebx*4]
        mov {{ at("edi", total) }}, ebp
