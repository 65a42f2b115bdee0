; The protected-mode half of every program's start-up: flat 32-bit code in extended memory.
;
; The linker puts this at the beginning of the image, in front of the program. It is entered at sys_start,
; moves the image's addresses to where it lies, builds the interrupt table, and calls the program. The
; program reaches DOS and the BIOS through sys_int and ends by sys_exit or by returning.
;
; Every segment register describes 0 to 4 GB, so an offset is a linear (and, without paging, a physical)
; address. The stub in conventional memory is reached through sys_stub; the linker gives the offsets of
; its labels as SYS_STUB_name, and SYS_BSS_BYTES, SYS_STACK_BYTES, SYS_RESIDENT (paragraphs of the memory
; block that DOS shall leave us), SYS_XFER_OFFSET (the transfer buffer's, from the stub) and
; SYS_PROGRAM_ENTRY, where the program begins. sys_image_end, sys_idt and sys_exception_stack_end are
; defined by the linker as well.

SYS_CODE32 = 0x08
SYS_CODE16 = 0x18

SYS_XFER_BYTES = 32768
SYS_EXIT_EXCEPTION = 250

; ------------------------------------------------------------------------------------------------------
; Entry: ebx = the image's linear address, edx = the stub's, esi = the relocation table's; interrupts off.
; Until the relocations are applied no label may be used as an address, only as a distance from the
; image's beginning: [ebx + label - sys_image].

sys_image:
sys_start:
; Relocations: the distances from one address-holding dword to the next.
;   1..253   the distance itself        254 + word    a longer one
;   0        the end                    255 + dword   a still longer one
        mov     edi, ebx
        xor     eax, eax
        cld
1:
        lodsb
        cmp     al, 254
        jae     2f
        test    al, al
        jz      4f
        add     edi, eax
        add     dword ptr [edi], ebx
        jmp     1b
2:
        mov     al, 0
        je      3f                      ; (mov changes no flags)
        lodsd
        add     edi, eax
        add     dword ptr [edi], ebx
        xor     eax, eax
        jmp     1b
3:
        lodsw
        add     edi, eax
        add     dword ptr [edi], ebx
        xor     eax, eax
        jmp     1b
4:

; From here on labels are addresses.
        mov     esp, offset sys_image_end + SYS_BSS_BYTES + SYS_STACK_BYTES
        mov     dword ptr [sys_stub], edx
        mov     edi, offset sys_image_end
        mov     ecx, SYS_BSS_BYTES / 4
        xor     eax, eax
        rep stosd

; What the stub found.
        mov     eax, dword ptr [edx + SYS_STUB_block_kb]
        mov     dword ptr [sys_memory_kb], eax
        shl     eax, 10
        add     eax, dword ptr [edx + SYS_STUB_block_start]
        mov     dword ptr [sys_heap_end], eax
        mov     eax, esp
        add     eax, 0xFFF
        and     eax, 0xFFFFF000
        mov     dword ptr [sys_heap], eax
        movzx   eax, byte ptr [edx + SYS_STUB_memory_from]
        mov     dword ptr [sys_memory_from], eax
        lea     eax, [edx + SYS_XFER_OFFSET]
        mov     dword ptr [sys_xfer], eax
        shr     eax, 4
        mov     dword ptr [sys_xfer_seg], eax
        movzx   ecx, word ptr [edx + SYS_STUB_psp]
        mov     dword ptr [sys_regs + 36], ecx  ; es for the call below
        shl     ecx, 4
        movzx   eax, word ptr [ecx + 0x2C]      ; the environment's segment is at PSP:2Ch
        shl     eax, 4
        mov     dword ptr [sys_env], eax

; The command tail: its length at PSP:80h, then the characters and a carriage return.
        lea     esi, [ecx + 0x81]
        mov     edi, offset sys_tail
        mov     dword ptr [sys_cmdline], edi
        mov     ecx, 127
5:
        lodsb
        cmp     al, 13
        je      6f
        stosb
        dec     ecx
        jnz     5b
6:
        mov     byte ptr [edi], 0

; The interrupt table: 256 interrupt gates. Vectors 0..31 and 70h..77h have an entry each in the tables
; below; all others are not expected.
        mov     edi, offset sys_idt
        xor     ecx, ecx
7:
        mov     eax, offset sys_trap_unexpected
        cmp     ecx, 32
        jae     8f
        lea     eax, [ecx + ecx*4 + sys_trap_table] ; 5 bytes an entry
8:
        lea     edx, [ecx - 0x70]
        cmp     edx, 8
        jae     9f
        lea     eax, [edx + edx*4 + sys_trap_table_slave]
9:
        mov     edx, eax
        and     eax, 0xFFFF
        or      eax, SYS_CODE32 << 16
        mov     dword ptr [edi], eax            ; offset 0..15, selector
        mov     dx, 0x8E00                      ; offset 16..31, present 32-bit interrupt gate
        mov     dword ptr [edi + 4], edx
        add     edi, 8
        inc     ecx
        cmp     ecx, 256
        jb      7b
        mov     edx, dword ptr [sys_stub]
        mov     dword ptr [edx + SYS_STUB_pm_idt + 2], offset sys_idt
        lidt    [edx + SYS_STUB_pm_idt]
        sti

; Give DOS back what the file occupied, now that the image has left: keep the stub, its stack and the
; transfer buffer. (If DOS refuses we keep it all; nothing depends on it.)
        mov     dword ptr [sys_regs], 0x4A00
        mov     dword ptr [sys_regs + 4], SYS_RESIDENT
        mov     eax, 0x21
        call    sys_int

        call    SYS_PROGRAM_ENTRY
; (continues: the program's result is the exit code)

; ------------------------------------------------------------------------------------------------------
; Ends the program: eax = exit code (its low byte counts). Does not return.

sys_exit:
        cli
        mov     edx, dword ptr [sys_stub]
        mov     byte ptr [edx + SYS_STUB_exit_code], al
        mov     ebx, SYS_STUB_real_exit
        ljmp    [sys_to_stub]

; ------------------------------------------------------------------------------------------------------
; Performs real-mode interrupt eax with the registers in sys_regs and writes them back. Changes nothing
; else. Interrupts are on during the call, and afterwards as they were before.

sys_int:
        pushfd
        cli
        pushad
        mov     edi, dword ptr [sys_stub]
        mov     eax, dword ptr [eax*4]          ; real mode's vector table lies at address 0
        mov     dword ptr [edi + SYS_STUB_real_vector], eax
        add     edi, SYS_STUB_real_regs
        mov     esi, offset sys_regs
        mov     ecx, 10
        cld
        rep movsd
        and     dword ptr [edi - 12], 0x8D5     ; of the flags the arithmetic ones, and
        or      dword ptr [edi - 12], 0x202     ; interrupts on
        call    sys_to_real_int
        mov     esi, dword ptr [sys_stub]
        add     esi, SYS_STUB_real_regs
        mov     edi, offset sys_regs
        mov     ecx, 10
        rep movsd
        popad
        popfd
        ret

; Goes to the stub's real_int and comes back. Interrupts are off; changes everything but esp.
sys_to_real_int:
        mov     dword ptr [sys_saved_esp], esp
        mov     ebx, SYS_STUB_real_int
        ljmp    [sys_to_stub]

; The stub comes back here, all segments flat.
sys_back:
        mov     esp, dword ptr [sys_saved_esp]
        mov     eax, dword ptr [sys_stub]
        mov     al, byte ptr [eax + SYS_STUB_break_seen]
        or      byte ptr [sys_break], al
        cld
        ret

; ------------------------------------------------------------------------------------------------------
; Interrupts and exceptions in protected mode. The PC's interrupt controllers send IRQ 0..7 as vectors
; 8..15 and IRQ 8..15 as 70h..77h, and we leave them so: real mode's handlers expect it. Vectors 8..14 are
; processor exceptions too; the controller's in-service register tells which it was.
;
; Each entry of the table is a near call of 5 bytes; the address it leaves on the stack tells the vector.

sys_trap_table:
        call    sys_trap                ; 00 divide error
        call    sys_trap                ; 01 debug
        call    sys_trap                ; 02 NMI
        call    sys_trap                ; 03 breakpoint
        call    sys_trap                ; 04 overflow
        call    sys_trap                ; 05 bound
        call    sys_trap                ; 06 invalid instruction
        call    sys_trap                ; 07 no coprocessor
        call    sys_trap                ; 08 double fault; IRQ 0, the clock
        call    sys_trap                ; 09 coprocessor segment overrun; IRQ 1, the keyboard
        call    sys_trap                ; 10 invalid TSS; IRQ 2
        call    sys_trap                ; 11 segment not present; IRQ 3
        call    sys_trap                ; 12 stack fault; IRQ 4
        call    sys_trap                ; 13 general protection; IRQ 5
        call    sys_trap                ; 14 page fault; IRQ 6
        call    sys_trap                ; 15 IRQ 7
        call    sys_trap                ; 16 coprocessor error
        call    sys_trap                ; 17 alignment check
        call    sys_trap                ; 18 and on: not on a 486
        call    sys_trap
        call    sys_trap
        call    sys_trap
        call    sys_trap
        call    sys_trap
        call    sys_trap
        call    sys_trap
        call    sys_trap
        call    sys_trap
        call    sys_trap
        call    sys_trap
        call    sys_trap
        call    sys_trap                ; 31
sys_trap_table_slave:
        call    sys_trap_slave          ; 70h IRQ 8, the real-time clock
        call    sys_trap_slave
        call    sys_trap_slave
        call    sys_trap_slave
        call    sys_trap_slave
        call    sys_trap_slave          ; 75h IRQ 13, the coprocessor
        call    sys_trap_slave
        call    sys_trap_slave          ; 77h IRQ 15

; Interrupts are off here (interrupt gates), and protected mode is not entered again before we are done, so
; fixed places in memory can hold the registers. Of the program's stack only what the processor and the
; call pushed is used: an exception is reported on a stack of its own.
sys_trap:
        mov     dword ptr [sys_trap_eax], eax
        pop     eax
        mov     dword ptr [sys_trap_esp], esp
        mov     dword ptr [sys_trap_ecx], ecx
        mov     dword ptr [sys_trap_edx], edx
        sub     eax, offset sys_trap_table + 5
        xor     edx, edx
        mov     ecx, 5
        div     ecx
        mov     dword ptr [sys_trap_vector], eax
        cmp     eax, 2                  ; NMI: real mode's handler reports memory errors
        je      sys_reflect
        cmp     eax, 8
        jb      sys_exception
        cmp     eax, 15                 ; 15 is no exception, but the controller sends it for an IRQ that
        je      sys_reflect             ; went away, too; real mode's handler knows that
        ja      sys_exception
        lea     ecx, [eax - 8]
        mov     al, 0x0B                ; OCW3: read the in-service register next
        out     0x20, al
        jmp     1f                      ; (time for the controller)
1:
        in      al, 0x20
        mov     ch, al
        mov     al, 0x0A                ; OCW3: back to the request register, as everyone expects
        out     0x20, al
        movzx   eax, ch
        movzx   ecx, cl
        bt      eax, ecx
        jc      sys_reflect
        jmp     sys_exception

sys_trap_slave:
        mov     dword ptr [sys_trap_eax], eax
        pop     eax
        mov     dword ptr [sys_trap_esp], esp
        mov     dword ptr [sys_trap_ecx], ecx
        mov     dword ptr [sys_trap_edx], edx
        sub     eax, offset sys_trap_table_slave + 5
        xor     edx, edx
        mov     ecx, 5
        div     ecx
        add     eax, 0x70
        mov     dword ptr [sys_trap_vector], eax
; (continues)

; A hardware interrupt: let real mode's handler serve it, then go on with the program.
sys_reflect:
        mov     dword ptr [sys_trap_ebx], ebx
        mov     dword ptr [sys_trap_esi], esi
        mov     dword ptr [sys_trap_edi], edi
        mov     dword ptr [sys_trap_ebp], ebp
        mov     eax, dword ptr [sys_trap_vector]
        mov     edx, dword ptr [sys_stub]
        mov     eax, dword ptr [eax*4]
        mov     dword ptr [edx + SYS_STUB_real_vector], eax
        mov     dword ptr [edx + SYS_STUB_real_flags], 0x202
        mov     eax, edx
        shr     eax, 4
        mov     dword ptr [edx + SYS_STUB_real_ds], eax
        mov     dword ptr [edx + SYS_STUB_real_es], eax
        call    sys_to_real_int
        mov     ebx, dword ptr [sys_trap_ebx]
        mov     esi, dword ptr [sys_trap_esi]
        mov     edi, dword ptr [sys_trap_edi]
        mov     ebp, dword ptr [sys_trap_ebp]
        mov     eax, dword ptr [sys_trap_eax]
        mov     ecx, dword ptr [sys_trap_ecx]
        mov     edx, dword ptr [sys_trap_edx]
        iretd

sys_trap_unexpected:
        mov     dword ptr [sys_trap_eax], eax
        mov     dword ptr [sys_trap_esp], esp
        mov     dword ptr [sys_trap_ecx], ecx
        mov     dword ptr [sys_trap_edx], edx
        mov     dword ptr [sys_trap_vector], 32
; (continues)

; An exception ends the program, with one line that says what and where:
;   Exception 13 (general protection fault, code 00000000) at image 00001234: eax=........ ebx=...
sys_exception:
        mov     dword ptr [sys_trap_ebx], ebx
        mov     dword ptr [sys_trap_esi], esi
        mov     dword ptr [sys_trap_edi], edi
        mov     dword ptr [sys_trap_ebp], ebp
        mov     esi, dword ptr [sys_trap_esp]
        mov     esp, offset sys_exception_stack_end
        cld
        mov     edi, dword ptr [sys_xfer]

        mov     ecx, dword ptr [sys_trap_vector]
        xor     ebx, ebx                ; the error code, for those that have one: 8, 10..14, 17
        cmp     ecx, 17
        ja      1f
        bt      dword ptr [sys_with_code], ecx
        jnc     1f
        mov     ebx, dword ptr [esi]
        add     esi, 4
1:
        mov     edx, dword ptr [esi]    ; eip: of the instruction; after it for vectors 3 and 4 and for INT
        cmp     ecx, 32
        jb      2f
        cmp     byte ptr [edx - 2], 0xCD
        jne     2f
        mov     bl, byte ptr [edx - 1]  ; the number in INT stands for the code
2:
        lea     eax, [esi + 12]         ; esp as it was
        mov     dword ptr [sys_trap_esp], eax
        cmp     ecx, 18                 ; find the name: the ecx-th zero-terminated text
        jbe     2f
        mov     ecx, 18
2:
        mov     esi, offset sys_text_exception
        call    sys_append
        mov     eax, ecx
        mov     esi, offset sys_names
4:
        test    ecx, ecx
        jz      6f
5:
        lodsb
        test    al, al
        jnz     5b
        dec     ecx
        jmp     4b
6:
        call    sys_append
        mov     esi, offset sys_text_code
        call    sys_append
        mov     eax, ebx
        call    sys_append_hex
        mov     esi, offset sys_text_at
        mov     eax, edx
        sub     eax, offset sys_image
        cmp     eax, sys_image_end - sys_image
        jb      7f
        mov     esi, offset sys_text_at_linear  ; outside the image: the linear address is all there is
        mov     eax, edx
7:
        call    sys_append
        call    sys_append_hex

        mov     ebx, offset sys_trap_eax
        mov     esi, offset sys_text_registers
8:
        call    sys_append              ; " eax=", and so on, in the order of trap_eax ..
        mov     eax, dword ptr [ebx]
        call    sys_append_hex
        add     ebx, 4
        cmp     ebx, offset sys_trap_end
        jb      8b
        mov     ax, 0x0A0D
        stosw

        mov     ecx, edi                ; write it to DOS's standard output
        sub     ecx, dword ptr [sys_xfer]
        mov     eax, dword ptr [sys_xfer_seg]
        mov     dword ptr [sys_regs + 32], eax
        mov     dword ptr [sys_regs], 0x4000
        mov     dword ptr [sys_regs + 4], 1
        mov     dword ptr [sys_regs + 8], ecx
        mov     dword ptr [sys_regs + 12], 0
        mov     eax, 0x21
        call    sys_int
        mov     eax, SYS_EXIT_EXCEPTION
        jmp     sys_exit

; Copies the zero-terminated text at esi to edi; both end behind it. Changes nothing else.
sys_append:
        push    eax
1:
        lodsb
        stosb
        test    al, al
        jnz     1b
        dec     edi
        pop     eax
        ret

; Writes eax as eight hexadecimal digits to edi. Changes eax, ecx.
sys_append_hex:
        mov     ecx, 8
        push    edx
        mov     edx, eax
1:
        rol     edx, 4
        mov     al, dl
        and     al, 15
        add     al, '0'
        cmp     al, '9'
        jbe     2f
        add     al, 7
2:
        stosb
        dec     ecx
        jnz     1b
        pop     edx
        ret

; ------------------------------------------------------------------------------------------------------
; Data.

        .balign 4
sys_to_stub:                            ; far pointer: offset, selector
        .long   SYS_STUB_leave_pm
        .word   SYS_CODE16
        .balign 4
sys_stub:       .long 0
sys_saved_esp:      .long 0
sys_regs:       .long 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0  ; eax ebx ecx edx esi edi ebp flags ds es
sys_xfer:       .long 0
sys_xfer_seg:   .long 0
sys_xfer_size:  .long SYS_XFER_BYTES
sys_cmdline:    .long 0
sys_env:        .long 0
sys_heap:       .long 0
sys_heap_end:   .long 0
sys_bss_bytes:  .long SYS_BSS_BYTES
sys_stack_bytes:    .long SYS_STACK_BYTES
sys_below_bytes:    .long SYS_RESIDENT * 16
sys_memory_kb:  .long 0
sys_memory_from:.long 0
sys_trap_vector:    .long 0
sys_trap_eax:       .long 0             ; in the order of text_registers
sys_trap_ebx:       .long 0
sys_trap_ecx:       .long 0
sys_trap_edx:       .long 0
sys_trap_esi:       .long 0
sys_trap_edi:       .long 0
sys_trap_ebp:       .long 0
sys_trap_esp:       .long 0
sys_trap_end:
sys_with_code:      .long 0x27D00       ; bits 8, 10..14, 17
sys_tail:       .skip 128
sys_break:      .byte 0

sys_text_exception: .asciz "Exception: "
sys_text_code:      .asciz ", code "
sys_text_at:        .asciz ", at image offset "
sys_text_at_linear: .asciz ", at address "
sys_text_registers: .asciz ": eax="
                .asciz " ebx="
                .asciz " ecx="
                .asciz " edx="
                .asciz " esi="
                .asciz " edi="
                .asciz " ebp="
                .asciz " esp="
sys_names:
                .asciz "divide error"
                .asciz "debug"
                .asciz "non-maskable interrupt"
                .asciz "breakpoint"
                .asciz "overflow"
                .asciz "bound"
                .asciz "invalid instruction"
                .asciz "no coprocessor"
                .asciz "double fault"
                .asciz "coprocessor segment overrun"
                .asciz "invalid TSS"
                .asciz "segment not present"
                .asciz "stack fault"
                .asciz "general protection"
                .asciz "page fault"
                .asciz "reserved exception"
                .asciz "coprocessor error"
                .asciz "alignment check"
                .asciz "unexpected interrupt"
                .balign 256
