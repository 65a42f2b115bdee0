; The real-mode half of every program's start-up, and its way back to DOS.
;
; DOS loads this at some paragraph and enters it at its first byte, in real mode, on anything from an 8086
; to a Pentium. It checks the machine, takes extended memory, opens address line A20, copies the 32-bit
; image there and enters it in flat protected mode (see flat32.asm for that half).
; It stays in conventional memory afterwards: whenever the program wants DOS or the BIOS, or an interrupt
; arrives, the processor comes back here, to real mode, and returns.
;
; The whole stub is one segment of 64 KB at most: in real mode cs = ds = ss = STUB (the paragraph where
; DOS put it), in 16-bit protected mode the selectors CODE16 and DATA16 describe the same bytes. So every
; label has one offset, whatever the mode.
;
; The linker gives these numbers:
;   IMAGE_BYTES    size of the 32-bit image (text and data), a multiple of 4
;   TOTAL_KB       image + bss + stack, in KB: what must fit into extended memory
;   START_OFFSET   offset of sys_start in the image
;   BACK_OFFSET    offset of sys_back in the image: where real_int goes when it is done
;   STUB_BYTES     size of this stub, a multiple of 16; the image follows it in the file
;   STACK_TOP      the real-mode stack's end: STUB_BYTES + 4096

CODE32 = 0x08           ; selectors of the descriptor table below
FLAT   = 0x10
CODE16 = 0x18
DATA16 = 0x20

EXIT_PROCESSOR = 251    ; exit codes of a start-up that fails (250: a processor exception)
EXIT_MODE      = 252
EXIT_DOS       = 253
EXIT_MEMORY    = 254
EXIT_A20       = 255

; ------------------------------------------------------------------------------------------------------
; Part 1: 8086 instructions only, until the processor is known.

entry:
        mov     word ptr cs:[psp], ds   ; DOS enters an EXE with ds = es = PSP
        mov     ax, cs
        mov     ds, ax
        cld

        mov     ah, 0x30                ; DOS version: al = major, ah = minor (DOS 1 gives 0)
        int     0x21
        cmp     al, 3
        jae     dos_ok
        mov     dx, offset text_dos
        mov     ah, 9
        int     0x21
        mov     ax, 0x4C00 + EXIT_DOS
        int     0x21                    ; DOS 2 ends here; DOS 1 does not know 4Ch and comes back
        push    word ptr [psp]          ; it ends by a jump to PSP:0, where there is an INT 20h
        xor     ax, ax
        push    ax
        retf
dos_ok:

; On an 8086 bits 12..15 of FLAGS are always 1; on a 286 in real mode they are always 0; from the 386 on
; the nested-task bit and the I/O privilege level (bits 12..14) can be changed.
        pushf
        pop     cx                      ; cx = FLAGS as they were
        mov     ax, cx
        and     ax, 0x0FFF
        push    ax
        popf
        pushf
        pop     ax
        and     ax, 0xF000
        cmp     ax, 0xF000
        je      no_386                  ; cannot be cleared: 8086, 8088, 80186, V20
        mov     ax, cx
        or      ax, 0x7000
        push    ax
        popf
        pushf
        pop     ax
        push    cx
        popf
        test    ax, 0x7000
        jnz     have_386                ; can be set: 386 or better
no_386:
        mov     dx, offset text_386
        mov     ah, 9
        int     0x21
        mov     ax, 0x4C00 + EXIT_PROCESSOR
        int     0x21

; ------------------------------------------------------------------------------------------------------
; Part 2: a 386 or better from here on, with 32-bit registers.

have_386:
        smsw    ax                      ; the machine status word: bit 0 is CR0.PE
        test    al, 1
        mov     dx, offset text_mode    ; set means virtual 8086 mode: someone else owns protected mode
        mov     cl, EXIT_MODE
        jnz     fail

; Where we are: the descriptors of the 16-bit segments and the far jumps need the stub's address.
        mov     ax, cs
        mov     word ptr [to_real_segment], ax
        movzx   eax, ax
        shl     eax, 4
        mov     dword ptr [stub_linear], eax
        or      dword ptr [gdt_code16 + 2], eax ; base bits 0..23 lie at bytes 2..4 of a descriptor
        or      dword ptr [gdt_data16 + 2], eax
        add     eax, offset gdt
        mov     dword ptr [gdt_pointer + 2], eax

        call    find_memory             ; block_start, block_kb, memory_from; or the program ends
        call    open_a20                ; or the program ends

; The image lies at the first 4 KB boundary in the block.
        mov     eax, dword ptr [block_start]
        add     eax, 0xFFF
        and     eax, 0xFFFFF000
        mov     dword ptr [image_base], eax
        add     dword ptr [enter32_offset], eax ; holds BACK_OFFSET, becomes the address of sys_back

        call    take_vectors

        mov     word ptr [after_pm16], offset copy_image
        jmp     enter_pm

; Ends the program with the message at dx and exit code cl, after undoing everything that was done.
fail:
        push    cx
        mov     ah, 9
        int     0x21
        pop     cx
        mov     byte ptr [exit_code], cl
; (continues)

; Leaves the program from real mode: undoes what was done, in reverse, and ends with [exit_code].
real_exit:
        sti
        call    give_back_vectors
        call    close_a20
        call    free_memory
        mov     al, byte ptr [exit_code]
        mov     ah, 0x4C
        int     0x21

; ------------------------------------------------------------------------------------------------------
; Extended memory: from the XMS driver (HIMEM.SYS) where there is one, else from the BIOS.

find_memory:
        mov     ax, 0x4300              ; is an XMS driver there? al = 80h if so
        int     0x2F
        cmp     al, 0x80
        jne     find_bios_memory
        mov     ax, 0x4310              ; its entry point -> es:bx
        int     0x2F
        mov     word ptr [xms_entry], bx
        mov     word ptr [xms_entry + 2], es
        mov     byte ptr [memory_from], 1

        xor     ah, ah                  ; version -> ax, BCD
        call    far ptr [xms_entry]
        cmp     ah, 3
        jb      xms_2

        mov     ah, 0x88                ; XMS 3: largest free block in KB -> eax (beyond 64 MB too)
        xor     bl, bl
        call    far ptr [xms_entry]
        test    bl, bl
        jnz     xms_2                   ; some drivers call themselves 3 and lack this
        mov     dword ptr [block_kb], eax
        call    check_enough
        mov     edx, eax
        mov     ah, 0x89                ; allocate edx KB -> handle dx
        call    far ptr [xms_entry]
        jmp     xms_allocated
xms_2:
        mov     ah, 0x08                ; XMS 2: largest free block in KB -> ax
        call    far ptr [xms_entry]
        movzx   eax, ax
        mov     dword ptr [block_kb], eax
        call    check_enough
        mov     dx, ax
        mov     ah, 0x09                ; allocate dx KB -> handle dx
        call    far ptr [xms_entry]
xms_allocated:
        cmp     ax, 1
        jne     xms_failed
        mov     word ptr [xms_handle], dx
        mov     byte ptr [xms_state], 1 ; there is something to free from now on
        mov     ah, 0x0C                ; lock it -> linear address dx:bx; it stays where it is
        call    far ptr [xms_entry]
        cmp     ax, 1
        jne     xms_failed
        mov     byte ptr [xms_state], 2 ; ... and to unlock
        mov     word ptr [block_start], bx
        mov     word ptr [block_start + 2], dx
        ret
xms_failed:
        mov     dx, offset text_xms
        mov     cl, EXIT_MEMORY
        jmp     fail

; Without XMS all memory above 1 MB is ours, as far as the BIOS says it is there.
find_bios_memory:
        mov     byte ptr [memory_from], 2
        mov     dword ptr [block_start], 0x100000
        stc
        mov     ah, 0x88                ; KB above 1 MB -> ax, at most 64 MB. Programs that keep memory for
        int     0x15                    ; themselves (RAM disks, caches) make this number smaller.
        jnc     bios_88
        xor     ax, ax
bios_88:
        movzx   eax, ax
        push    eax
        xor     cx, cx
        xor     dx, dx
        stc
        mov     ax, 0xE801              ; KB from 1 MB to 16 MB -> ax, 64 KB units above 16 MB -> bx;
        int     0x15                    ; some BIOSes use cx and dx instead
        pop     esi                     ; esi = what AH=88h said
        jc      bios_old
        test    ax, ax
        jnz     bios_e801
        mov     ax, cx
        mov     bx, dx
bios_e801:
        movzx   eax, ax
        cmp     ax, 0x3C00              ; a hole below 16 MB ends the memory there
        jb      bios_joined
        movzx   ebx, bx
        shl     ebx, 6
        add     eax, ebx
bios_joined:
        mov     ecx, eax                ; if AH=88h says less than it could, someone keeps the rest
        cmp     ecx, 0x3C00
        jbe     bios_compare
        mov     ecx, 0x3C00
bios_compare:
        cmp     esi, ecx
        jae     bios_done
bios_old:
        mov     eax, esi
bios_done:
        mov     dword ptr [block_kb], eax
; (continues: check_enough returns to our caller)

; Ends the program if eax KB are too little. Changes nothing.
check_enough:
        cmp     eax, dword ptr [total_kb]
        jb      too_little
        ret
too_little:
        push    eax
        mov     dx, offset text_needs
        mov     ah, 9
        int     0x21
        mov     eax, dword ptr [total_kb]
        call    print_number
        mov     dx, offset text_found
        mov     ah, 9
        int     0x21
        pop     eax
        call    print_number
        mov     dx, offset text_found_end
        mov     cl, EXIT_MEMORY
        jmp     fail

; Prints eax in decimal.
print_number:
        mov     ebx, 10
        mov     di, offset number_end
1:
        xor     edx, edx
        div     ebx
        add     dl, '0'
        dec     di
        mov     byte ptr [di], dl
        test    eax, eax
        jnz     1b
        mov     dx, di
        mov     ah, 9
        int     0x21
        ret

free_memory:
        cmp     byte ptr [xms_state], 1
        jb      2f
        je      1f
        mov     dx, word ptr [xms_handle]
        mov     ah, 0x0D                ; unlock
        call    far ptr [xms_entry]
1:
        mov     dx, word ptr [xms_handle]
        mov     ah, 0x0A                ; free
        call    far ptr [xms_entry]
        mov     byte ptr [xms_state], 0
2:
        ret

; ------------------------------------------------------------------------------------------------------
; Address line A20. With it closed, every odd megabyte is a copy of the even one below it.
; [a20_way] remembers how it was opened: 0 not by us, 1 XMS, 2 BIOS, 3 port 92h, 4 the 8042.

open_a20:
        cmp     byte ptr [memory_from], 1
        jne     1f
        mov     ah, 0x05                ; XMS: local enable. It counts, so it is right to ask in any case
        call    far ptr [xms_entry]
        mov     byte ptr [a20_way], 1
1:
        call    a20_is_open
        jnz     a20_done
        call    a20_again
        jz      a20_failed
a20_done:
        ret
a20_failed:
        mov     dx, offset text_a20
        mov     cl, EXIT_A20
        jmp     fail

; Tries to open A20 by all means, XMS aside; zero flag set if it stays closed.
a20_again:
        mov     ax, 0x2401              ; the BIOS of later machines
        int     0x15
        mov     cl, 2
        call    a20_opened
        jnz     1f
        in      al, 0x92                ; system control port: bit 1 is A20, bit 0 would reset the machine
        cmp     al, 0xFF                ; nothing there on older machines
        je      3f
        or      al, 2
        and     al, 0xFE
        out     0x92, al
        mov     cl, 3
        call    a20_opened
        jnz     1f
3:
        mov     bl, 0xDF                ; the keyboard controller's output port, with its bit 1 set
        call    write_8042
        mov     cl, 4
        call    a20_opened
1:
        ret

; Tests A20 for a while, since it may open late; records way cl if it is open and no way is recorded.
a20_opened:
        mov     si, 1000
1:
        call    a20_is_open
        jnz     2f
        dec     si
        jnz     1b
        ret                             ; zero flag set
2:
        cmp     byte ptr [a20_way], 0
        jne     3f
        mov     byte ptr [a20_way], cl
3:
        or      cl, cl                  ; zero flag clear
        ret

; Closes A20 again if it was closed when we came.
close_a20:
        mov     bl, byte ptr [a20_way]
        mov     byte ptr [a20_way], 0
        cmp     bl, 1
        jb      9f
        jne     2f
        mov     ah, 0x06                ; XMS: local disable
        call    far ptr [xms_entry]
        jmp     9f
2:
        cmp     bl, 3
        ja      4f
        je      3f
        mov     ax, 0x2400
        int     0x15
        jmp     9f
3:
        in      al, 0x92
        and     al, 0xFC
        out     0x92, al
        jmp     9f
4:
        mov     bl, 0xDD
        call    write_8042
9:
        ret

; Writes bl to the 8042's output port. Interrupts are off meanwhile: the keyboard's would disturb it.
write_8042:
        pushf
        cli
        call    wait_8042
        mov     al, 0xD1                ; "the next byte goes to the output port"
        out     0x64, al
        call    wait_8042
        mov     al, bl
        out     0x60, al
        call    wait_8042
        mov     al, 0xFF                ; "pulse no line": when this is taken, the byte has arrived
        out     0x64, al
        call    wait_8042
        popf
        ret

; Waits until the 8042 has taken the last byte (status bit 1 clear), but not for ever.
wait_8042:
        xor     cx, cx
1:
        in      al, 0x64
        test    al, 2
        jz      2f
        loop    1b
2:
        ret

; Compares a dword of ours with the one 1 MB above it: zero flag clear if they differ, so A20 is open.
; Equal ones may be chance, so the dword is changed and compared again. Reads, but never writes, what is
; not ours. Works in protected mode for the address above 1 MB; changes eax and edx.
a20_is_open:
        pushf
        call    to_pm
        call    a20_compare
        setnz   dl
        call    to_real
        popf
        or      dl, dl
        ret

; The comparison itself, in 16-bit protected mode with ds = DATA16. Changes eax, edi, es.
a20_compare:
        mov     ax, FLAT
        mov     es, ax
        mov     edi, dword ptr [stub_linear]
        mov     eax, dword ptr [a20_probe]
        cmp     eax, dword ptr es:[edi + a20_probe + 0x100000]
        jne     1f
        not     dword ptr [a20_probe]
        mov     eax, dword ptr [a20_probe]
        cmp     eax, dword ptr es:[edi + a20_probe + 0x100000]
1:
        ret

; ------------------------------------------------------------------------------------------------------
; Changing the mode. Both are called near, in 16-bit code, and change eax only. Interrupts are off from
; to_pm on: while the mode and the interrupt table do not match, none may come.
; The stack segment is not touched: the processor keeps the base and the limit that it loaded last.

to_pm:
        cli
        lgdt    [gdt_pointer]
        mov     eax, cr0
        or      al, 1                   ; CR0.PE
        mov     cr0, eax
        jmp     CODE16:to_pm_2          ; a far jump loads cs, and throws away what was prefetched
to_pm_2:
        mov     ax, DATA16
        mov     ds, ax
        ret

; Going back needs descriptors that look like real mode's (64 KB, bytes, writable) in every segment
; register, because real mode goes on using them: a 4 GB limit would stay.
to_real:
        mov     ax, DATA16
        mov     ds, ax
        mov     es, ax
        mov     fs, ax
        mov     gs, ax
        lidt    [real_idt]              ; real mode's vectors: at 0, 400h bytes
        mov     eax, cr0
        and     al, 0xFE
        mov     cr0, eax
        .byte   0xEA                    ; jmp STUB:to_real_2, its segment written at the start
        .word   to_real_2
to_real_segment:
        .word   0
to_real_2:
        mov     ax, cs
        mov     ds, ax
        mov     es, ax
        mov     fs, ax
        mov     gs, ax
        ret

; To the 32-bit program. Each time A20 is tested first: a program that was called meanwhile (DOS, the
; BIOS, a driver) may have closed it, and the image would not be where it was.
enter_pm:
        call    to_pm
        call    a20_compare
        jne     1f
        call    to_real
        call    a20_again               ; was open before: open it again and retry
        jmp     enter_pm
1:
        jmp     word ptr [after_pm16]

; The usual way: everything flat, then into the image.
enter32:
        lidt    [pm_idt]
        mov     ax, FLAT
        mov     ds, ax
        mov     es, ax
        mov     fs, ax
        mov     gs, ax
        mov     ss, ax
        .byte   0x66, 0xEA              ; jmp CODE32:sys_back, with a 32-bit offset
enter32_offset:
        .long   BACK_OFFSET             ; plus the image's address, added at the start
        .word   CODE32

; The first time: copy the image from behind the stub to its place, and start it.
copy_image:
        mov     ax, FLAT
        mov     es, ax
        mov     esi, dword ptr [stub_linear]
        add     esi, STUB_BYTES
        mov     edi, dword ptr [image_base]
        mov     ecx, dword ptr [image_bytes]
        shr     ecx, 2
1:
        mov     eax, dword ptr es:[esi] ; 32-bit addresses in 16-bit code: es is flat
        mov     dword ptr es:[edi], eax
        add     esi, 4
        add     edi, 4
        dec     ecx
        jnz     1b
        mov     word ptr [after_pm16], offset enter32
        mov     ebx, dword ptr [image_base]
        mov     edx, dword ptr [stub_linear]
        mov     eax, ebx
        add     eax, dword ptr [start_offset]
        mov     dword ptr [start32_offset], eax
        mov     ax, FLAT
        mov     ds, ax
        mov     fs, ax
        mov     gs, ax
        mov     ss, ax
        jmp     1f                      ; the jump below was just written: fetch it anew
1:
        .byte   0x66, 0xEA              ; jmp CODE32:sys_start with ebx = the image's address, edx = the
start32_offset:                         ; stub's, esi = the relocation table's (it follows the image)
        .long   0
        .word   CODE32

; ------------------------------------------------------------------------------------------------------
; The 32-bit half jumps here, through CODE16, with interrupts off; bx = where to go in real mode
; (real_int or real_exit).

leave_pm:
        mov     ax, DATA16
        mov     ss, ax
        mov     sp, STACK_TOP
        call    to_real
        mov     ax, cs
        mov     ss, ax
        mov     sp, STACK_TOP
        jmp     bx

; Performs a real-mode interrupt: calls the handler at [real_vector] as INT does, with the registers of
; real_regs, and writes them back. The handler finds FLAGS, CS and IP on the stack and returns by IRET.
real_int:
        push    word ptr [real_flags]   ; the flags that IRET takes: interrupts on
        mov     eax, dword ptr [real_eax]
        mov     ebx, dword ptr [real_ebx]
        mov     ecx, dword ptr [real_ecx]
        mov     edx, dword ptr [real_edx]
        mov     esi, dword ptr [real_esi]
        mov     edi, dword ptr [real_edi]
        mov     ebp, dword ptr [real_ebp]
        mov     es, word ptr [real_es]
        mov     ds, word ptr [real_ds]
        call    far ptr cs:[real_vector]
        pushfd                          ; the handler's answer is in the flags too
        cli
        mov     word ptr cs:[real_ds], ds
        push    cs
        pop     ds
        mov     word ptr [real_es], es
        mov     dword ptr [real_eax], eax
        mov     dword ptr [real_ebx], ebx
        mov     dword ptr [real_ecx], ecx
        mov     dword ptr [real_edx], edx
        mov     dword ptr [real_esi], esi
        mov     dword ptr [real_edi], edi
        mov     dword ptr [real_ebp], ebp
        pop     dword ptr [real_flags]
        cld
        jmp     enter_pm

; ------------------------------------------------------------------------------------------------------
; Vectors of our own: INT 1Bh (Ctrl-Break, called by the keyboard's interrupt), INT 23h (Ctrl-C, called by
; DOS), INT 24h (a disk error, called by DOS). They only leave a note; the program looks at sys_break.

take_vectors:
        mov     al, 0x1B
        mov     di, offset old_1b
        mov     dx, offset on_break
        call    take_vector
        mov     al, 0x23
        mov     di, offset old_23
        mov     dx, offset on_break
        call    take_vector
        mov     al, 0x24
        mov     di, offset old_24
        mov     dx, offset on_disk_error
        call    take_vector
        mov     byte ptr [vectors_taken], 1
        ret

; Saves vector al at di and points it to dx.
take_vector:
        mov     ah, 0x35                ; get vector -> es:bx
        int     0x21
        mov     word ptr [di], bx
        mov     word ptr [di + 2], es
        mov     ah, 0x25                ; set vector al to ds:dx
        int     0x21
        ret

give_back_vectors:
        cmp     byte ptr [vectors_taken], 0
        je      1f
        mov     byte ptr [vectors_taken], 0
        push    ds
        mov     ax, 0x251B
        lds     dx, [old_1b]
        int     0x21
        mov     ax, 0x2523
        lds     dx, cs:[old_23]
        int     0x21
        mov     ax, 0x2524
        lds     dx, cs:[old_24]
        int     0x21
        pop     ds
1:
        ret

on_break:
        mov     byte ptr cs:[break_seen], 1
        iret                            ; to DOS this means: go on with what you were doing

on_disk_error:
        mov     al, 3                   ; "fail the call": the program gets an error code
        iret

; ------------------------------------------------------------------------------------------------------
; Data.

        .balign 8
gdt:                                    ; limit 0..15, base 0..23, access, limit 16..19 + flags, base 24..31
        .long   0, 0                    ; the null descriptor
        .long   0x0000FFFF, 0x00CF9A00  ; CODE32: 0 to 4 GB, 32-bit code
        .long   0x0000FFFF, 0x00CF9200  ; FLAT:   0 to 4 GB, data
gdt_code16:
        .long   0x0000FFFF, 0x00009A00  ; CODE16: the stub, 64 KB, 16-bit code
gdt_data16:
        .long   0x0000FFFF, 0x00009200  ; DATA16: the stub, 64 KB, data
gdt_end:
gdt_pointer:
        .word   gdt_end - gdt - 1
        .long   0                       ; its linear address, written at the start
pm_idt:
        .word   256 * 8 - 1             ; written by sys_start
        .long   0
real_idt:
        .word   0x3FF
        .long   0

        .balign 4
image_base:     .long 0                 ; where the image lies: the map's base-pointer
stub_linear:    .long 0                 ; where this stub lies
block_start:    .long 0                 ; the block of extended memory
block_kb:       .long 0
xms_entry:      .long 0
image_bytes:    .long IMAGE_BYTES       ; the linker's numbers
total_kb:       .long TOTAL_KB
start_offset:   .long START_OFFSET
a20_probe:      .long 0x486A20
real_vector:    .long 0                 ; segment:offset of the handler that real_int calls
real_regs:                              ; in the order of sys_regs
real_eax:       .long 0
real_ebx:       .long 0
real_ecx:       .long 0
real_edx:       .long 0
real_esi:       .long 0
real_edi:       .long 0
real_ebp:       .long 0
real_flags:     .long 0
real_ds:        .long 0
real_es:        .long 0
old_1b:         .long 0
old_23:         .long 0
old_24:         .long 0
psp:            .word 0
xms_handle:     .word 0
after_pm16:     .word 0
memory_from:    .byte 0                 ; 1: XMS, 2: BIOS
xms_state:      .byte 0                 ; 1: allocated, 2: and locked
a20_way:        .byte 0
vectors_taken:  .byte 0
break_seen:     .byte 0
exit_code:      .byte 0

text_dos:       .ascii "This program needs DOS 3 or later.\r\n$"
text_386:       .ascii "This program needs a 386 or better.\r\n$"
text_mode:      .ascii "The processor is in protected mode already: EMM386, QEMM or Windows is running.\r\n"
                .ascii "Start plain DOS without it (take EMM386 out of CONFIG.SYS, HIMEM may stay) and\r\n"
                .ascii "run this program again.\r\n$"
text_xms:       .ascii "The XMS driver (HIMEM.SYS) does not give its free extended memory.\r\n$"
text_needs:     .ascii "Not enough extended memory: this program needs $"
text_found:     .ascii " KB, and $"
text_found_end: .ascii " KB are free.\r\n$"
text_a20:       .ascii "Address line A20 cannot be opened; load HIMEM.SYS and run this program again.\r\n$"
number:         .skip 10
number_end:     .ascii "$"
        .balign 16
