; FLUSH.COM: a resident helper for running programs in DOSBox, no part of any program of ours.
;
; DOSBox gathers what a program writes to a redirected standard output and puts it into the file some
; kilobytes at a time. To move the file's position makes it write at once, so this hooks INT 21h and, after
; each write to handle 1, moves the position by nothing. Whoever reads the file from outside then sees
; every token as it comes.

entry:
        jmp     install

old_21: .long   0

on_21:
        cmp     ah, 0x40                ; write to a handle: is it standard output?
        jne     1f
        cmp     bx, 1
        je      writes
1:
        cmp     ah, 0x02                ; write a character, write directly, write a string
        je      writes
        cmp     ah, 0x06
        je      writes
        cmp     ah, 0x09
        je      writes
        jmp     far ptr cs:[old_21]

writes:
        pushf                           ; the call itself, as INT would do it
        call    far ptr cs:[old_21]
        push    bp
        mov     bp, sp                  ; bp+2: the caller's IP, CS and FLAGS
        jc      2f                      ; hand on the carry flag that DOS returned
        and     word ptr [bp + 6], 0xFFFE
        jmp     3f
2:
        or      word ptr [bp + 6], 1
3:
        push    ax
        push    bx
        push    cx
        push    dx
        mov     ax, 0x4201              ; move handle bx's position by cx:dx = 0 from where it is
        mov     bx, 1
        xor     cx, cx
        xor     dx, dx
        pushf
        call    far ptr cs:[old_21]
        pop     dx
        pop     cx
        pop     bx
        pop     ax
        pop     bp
        iret

install:
        mov     ax, 0x3521              ; get vector 21h -> es:bx
        int     0x21
        mov     word ptr [old_21], bx
        mov     word ptr [old_21 + 2], es
        mov     dx, offset on_21
        mov     ax, 0x2521              ; set it
        int     0x21
        mov     dx, offset install
        int     0x27                    ; stay resident, up to dx
