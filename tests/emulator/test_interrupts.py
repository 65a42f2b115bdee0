"""Interrupts: hooked vectors, chains, the timer in real and protected mode, exceptions through an IDT."""

from __future__ import annotations

from pathlib import Path

import pytest
from guests import EXIT, FLAT, run_asm, run_exe
from protected import ENTER_32, LEAVE_32, protected_guest

PRINT = """
digit:              ; prints dl + '0'
    add dl, 48
    mov ah, 2
    int 0x21
    ret
"""


def hook(vector: int, handler: str, saved: str) -> str:
    """Point a vector at a handler and keep the old one; DS must be CS."""
    return f"""
    mov ax, 0x3500 + {vector}
    int 0x21
    mov [{saved}], bx
    mov [{saved}+2], es
    mov dx, {handler}
    mov ax, 0x2500 + {vector}
    int 0x21
"""


def unhook(vector: int, saved: str) -> str:
    return f"""
    push ds
    mov dx, [{saved}]
    mov ds, [{saved}+2]
    mov ax, 0x2500 + {vector}
    int 0x21
    pop ds
"""


def test_hooked_timer_and_keyboard_chain_to_the_bios(tmp_path: Path) -> None:
    """INT 8 chained by a far jump, 1Ch by a call, 9 counted: the BIOS goes on working behind them."""
    source = (
        FLAT
        + hook(8, "timer", "old8")
        + hook(0x1C, "user", "old1c")
        + hook(9, "key", "old9")
        + """
    sti
wait:
    hlt
    cmp byte ptr [ticks], 3
    jb wait
    mov ah, 0           ; the BIOS put the key into its buffer
    int 0x16
    mov [char], al
    push ds
    mov ax, 0x40
    mov ds, ax
    mov eax, [0x6c]
    pop ds
    mov [bios], eax
"""
        + unhook(8, "old8")
        + unhook(0x1C, "old1c")
        + unhook(9, "old9")
        + """
    mov dl, [char]
    mov ah, 2
    int 0x21
    mov dl, [ticks]
    call digit
    mov dl, [users]
    call digit
    mov dl, [keys]
    call digit
"""
        + EXIT
        + PRINT
        + """
timer:
    inc byte ptr cs:[ticks]
    .byte 0x2e, 0xff, 0x2e      ; jmp far cs:[old8]
    .word old8
user:
    inc byte ptr cs:[users]
    pushf
    .byte 0x2e, 0xff, 0x1e      ; call far cs:[old1c]
    .word old1c
    iret
key:
    inc byte ptr cs:[keys]
    .byte 0x2e, 0xff, 0x2e
    .word old9
ticks: .byte 0
users: .byte 0
keys: .byte 0
char: .byte 0
bios: .long 0
old8: .long 0
old1c: .long 0
old9: .long 0
"""
    )
    outcome = run_asm(tmp_path, source, keys=b"k")
    assert outcome.ok, outcome.result.stop
    assert outcome.text == b"k331"  # the press came before the hook, the release after


def test_the_timer_ticks_18_2_times_a_second(tmp_path: Path) -> None:
    source = FLAT + "mov ax, 0x40\nmov ds, ax\nmov bx, [0x6c]\nl: hlt\nmov dx, [0x6c]\nsub dx, bx\ncmp dx, 91\njb l\n"
    outcome = run_asm(tmp_path, source + EXIT)
    assert outcome.ok
    assert outcome.machine.clock.microseconds() == pytest.approx(91 * 54925.4, rel=0.01)


def test_interrupts_wait_for_sti_and_its_shadow(tmp_path: Path) -> None:
    """A tick that is due during CLI is taken after STI and one more instruction."""
    source = (
        FLAT
        + hook(0x1C, "user", "old")
        + """
    cli
    xor eax, eax
    mov ecx, 0x200000
spin:
    inc eax
    dec ecx
    jnz spin            ; 6 million instructions: the timer has ticked
    cmp byte ptr [seen], 0
    jne bad
    sti
    mov bl, [seen]      ; STI's shadow: not yet
    mov bh, [seen]      ; now
"""
        + unhook(0x1C, "old")
        + """
    cmp bx, 0x0100
    jne bad
    mov ax, 0x4c00
    int 0x21
bad:
    mov ax, 0x4c01
    int 0x21
user:
    mov byte ptr cs:[seen], 1
    iret
seen: .byte 0
old: .long 0
"""
    )
    assert run_asm(tmp_path, source).ok


def test_popf_and_iret_let_a_waiting_interrupt_in(tmp_path: Path) -> None:
    source = (
        FLAT
        + hook(0x1C, "user", "old")
        + """
    pushf
    cli
    mov ecx, 0x200000
spin:
    dec ecx
    jnz spin
    popf
    mov bl, [seen]
    cli
    mov byte ptr [seen], 0
    mov ecx, 0x200000
spin2:
    dec ecx
    jnz spin2
    pushf
    pop ax
    or ax, 0x200
    push ax
    push cs
    .byte 0x68          ; push word
    .word back
    iret
back:
    mov bh, [seen]
"""
        + unhook(0x1C, "old")
        + """
    cmp bx, 0x0101
    jne bad
    mov ax, 0x4c00
    int 0x21
bad:
    mov ax, 0x4c01
    int 0x21
user:
    mov byte ptr cs:[seen], 1
    iret
seen: .byte 0
old: .long 0
"""
    )
    assert run_asm(tmp_path, source).ok


def test_the_pic_can_be_reprogrammed_and_masked(tmp_path: Path) -> None:
    """IRQ 0 moved to vector 50h; masked it stays away; OCW3 shows it in service."""
    source = (
        FLAT
        + """
    mov ax, 0x2550
    mov dx, handler
    int 0x21
    cli
    mov al, 0x11
    out 0x20, al
    mov al, 0x50
    out 0x21, al
    mov al, 4
    out 0x21, al
    mov al, 1
    out 0x21, al
    mov al, 0xff
    out 0x21, al
    sti
    mov ecx, 0x200000
masked:
    dec ecx
    jnz masked
    cmp byte ptr [count], 0
    jne bad
    mov al, 0xfe
    out 0x21, al
    in al, 0x21
    cmp al, 0xfe
    jne bad
wait:
    hlt
    cmp byte ptr [count], 2
    jb wait
    mov al, 8               ; restore
    cli
    mov al, 0x11
    out 0x20, al
    mov al, 8
    out 0x21, al
    mov al, 4
    out 0x21, al
    mov al, 1
    out 0x21, al
    mov ax, 0x4c00
    int 0x21
bad:
    mov ax, 0x4c01
    int 0x21
handler:
    push ax
    mov al, 0x0b
    out 0x20, al
    in al, 0x20
    cmp al, 1
    jne odd
    inc byte ptr cs:[count]
odd:
    mov al, 0x20
    out 0x20, al
    pop ax
    iret
count: .byte 0
"""
    )
    assert run_asm(tmp_path, source).ok


def test_protected_mode_takes_timer_interrupts_through_its_idt(tmp_path: Path) -> None:
    code32 = (
        ENTER_32
        + """
    sti
wait:
    hlt
    cmp byte ptr [ticks], 5
    jb wait
"""
        + LEAVE_32
        + """
tick:
    push eax
    inc byte ptr [ticks]
    mov al, 0x20
    out 0x20, al
    pop eax
    iretd
ticks: .byte 0
"""
    )
    after = "mov ah, 2\nmov dl, 111\nint 0x21\n" + EXIT
    outcome = run_exe(tmp_path, protected_guest(code32, after, {8: ("tick", 0x18, 0x8E)}))
    assert outcome.ok, outcome.result.stop
    assert outcome.text == b"o"


def test_protected_mode_exceptions_and_software_interrupts(tmp_path: Path) -> None:
    """#DE twice (the second must be no double fault), #GP with its error code, INT n by 16- and 32-bit gates."""
    code32 = (
        ENTER_32
        + """
    xor eax, eax
    xor edx, edx
    xor ecx, ecx
    div ecx
    xor ecx, ecx
    xor edx, edx
    div ecx
    int 0x40
    int 0x41
    mov ax, 0x8b            ; beyond the limit of the GDT: #GP(88h)
    mov fs, ax
    cmp byte ptr [divides], 2
    jne bad
    cmp byte ptr [wide], 1
    jne bad
    cmp byte ptr [narrow], 1
    jne bad
    cmp dword ptr [code], 0x88
    jne bad
    mov byte ptr [verdict], 121
bad:
"""
        + LEAVE_32
        + """
divide:
    inc byte ptr [divides]
    mov ecx, 1
    iretd
gate32:
    inc byte ptr [wide]
    iretd
gate16:
    inc byte ptr [narrow]
    .byte 0x66, 0xcf
fault:
    pop dword ptr [code]
    add dword ptr [esp], 2  ; over MOV FS, AX
    iretd
divides: .byte 0
wide: .byte 0
narrow: .byte 0
code: .long 0
"""
    )
    after = "mov ah, 2\nmov dl, [verdict]\nint 0x21\n" + EXIT + "verdict: .byte 110\n"
    gates = {
        0: ("divide", 0x18, 0x8E),
        13: ("fault", 0x18, 0x8F),
        0x40: ("gate32", 0x18, 0x8F),
        0x41: ("gate16", 0x18, 0x87),
    }
    outcome = run_exe(tmp_path, protected_guest(code32, after, gates))
    assert outcome.ok, outcome.result.stop
    assert outcome.text == b"y"


def test_back_and_forth(tmp_path: Path) -> None:
    """Many switches between the modes; DOS is called from real mode in between."""
    code32 = ENTER_32 + "inc byte ptr [rounds]\n" + LEAVE_32
    after = (
        """
    mov dl, [rounds]
    add dl, 64
    mov ah, 2
    int 0x21
    cmp byte ptr [rounds], 20
    jb again
"""
        + EXIT
        + "rounds: .byte 0\nagain: jmp start\n"
    )
    exe = protected_guest(code32, after, {})
    outcome = run_exe(tmp_path, exe)
    assert outcome.ok, outcome.result.stop
    assert outcome.text == bytes(range(65, 85))


RING_3 = """
    ; a TSS at tss: its stack for level 0, then LTR; IRETD to level 3
    mov eax, [base]
    add eax, tss
    mov [gdt+0x30+2], ax
    shr eax, 16
    mov [gdt+0x30+4], al
    mov [gdt+0x30+7], ah
    mov word ptr [gdt+0x30], 0x67
    mov byte ptr [gdt+0x30+5], 0x89
    ; 28: data of level 3 with the program's base, 38: code of level 3
    mov eax, [gdt+0x18]
    mov [gdt+0x28], eax
    mov [gdt+0x38], eax
    mov eax, [gdt+0x1c]
    and eax, 0xffff00ff
    or eax, 0xf200
    mov [gdt+0x2c], eax
    or eax, 0xfa00
    mov [gdt+0x3c], eax
    mov dword ptr [tss+4], 0xff00
    mov dword ptr [tss+8], 0x10
    mov ax, 0x30
    ltr ax
    push 0x2b
    push 0xf000
    push {flags}
    push 0x3b
    mov eax, user
    push eax
    iretd
user:
    mov ax, 0x2b
    mov ds, ax
    mov es, ax
    {user}
    int 0x30            ; a gate for level 3: back to level 0
    jmp user
"""


def ring_3(folder: Path, user: str, handlers: str, gates: dict[int, tuple[str, int, int]], flags: int = 0x202) -> str:
    """Run code on privilege level 3, INT 30h ends it; returns what byte `verdict` holds, as text."""
    code32 = (
        ENTER_32
        + RING_3.format(user=user, flags=flags)
        + """
leave:
    mov ax, 0x10
    mov ds, ax
    mov ax, cs
    and al, 3
    add [verdict], al       ; level 0 adds nothing
    mov ax, ss
    mov ss, ax
    mov esp, 0xfff0
"""
        + LEAVE_32
        + handlers
        + "\n.balign 4, 0\ntss: .fill 104, 1, 0\n"
    )
    after = "mov ah, 2\nmov dl, [verdict]\nint 0x21\n" + EXIT + "verdict: .byte 110\n"
    gates = {0x30: ("leave", 0x18, 0xEE), **gates}
    outcome = run_exe(folder, protected_guest(code32, after, gates))
    assert outcome.ok, outcome.result.stop
    return outcome.text.decode()


def test_level_3_is_interrupted_by_the_timer_through_the_tss(tmp_path: Path) -> None:
    handlers = """
tick:
    push eax
    push ds
    mov ax, 0x10
    mov ds, ax
    inc byte ptr [ticks]
    cmp dword ptr [esp+12], 0x3b    ; the old CS
    jne tock
    cmp dword ptr [esp+24], 0x2b    ; the old SS
    jne tock
    mov byte ptr [verdict], 121
tock:
    mov al, 0x20
    out 0x20, al
    pop ds
    pop eax
    iretd
ticks: .byte 0
"""
    user = "w: cmp byte ptr [ticks], 3\njb w\n"
    assert ring_3(tmp_path, user, handlers, {8: ("tick", 0x18, 0x8E)}) == "y"


def test_level_3_faults_with_error_codes(tmp_path: Path) -> None:
    """HLT is privileged: #GP(0); INT 41h has a gate for level 0 only: #GP(41h * 8 + 2)."""
    handlers = """
fault:
    push eax
    push ds
    mov ax, 0x10
    mov ds, ax
    mov eax, [esp+8]        ; the error code
    add [sum], eax
    add dword ptr [esp+12], 1
    test eax, eax
    jz hlt_fault
    add dword ptr [esp+12], 1
    cmp dword ptr [sum], 0x20a
    jne hlt_fault
    mov byte ptr [verdict], 121
hlt_fault:
    pop ds
    pop eax
    add esp, 4
    iretd
sum: .long 0
"""
    gates = {13: ("fault", 0x18, 0x8E), 0x41: ("fault", 0x18, 0x8E)}
    assert ring_3(tmp_path, "hlt\nint 0x41\n", handlers, gates) == "y"


def test_paging(tmp_path: Path) -> None:
    """Identity but for linear 300000h, which is mapped to 60000h and then to 61000h: other code there each
    time, seen although neither address nor length changes.  The timer ticks meanwhile; then a page fault."""
    code32 = (
        ENTER_32
        + """
    mov ax, 0x20
    mov es, ax
    mov edi, 0x50000            ; the page directory, and a table behind it
    mov ecx, 1024
    xor eax, eax
    cld
    rep stosd
    mov eax, 3
fill:
    stosd
    add eax, 0x1000
    cmp eax, 0x400003
    jb fill
    mov dword ptr es:[0x50000], 0x51003
    mov dword ptr es:[0x51000+0x300*4], 0x60003
    mov dword ptr es:[0x51000+0x3ff*4], 0
    mov dword ptr es:[0x60000], 0x000001b8
    mov word ptr es:[0x60004], 0xcb00
    mov dword ptr es:[0x61000], 0x000002b8
    mov word ptr es:[0x61004], 0xcb00
    mov eax, 0x50000
    mov cr3, eax
    mov eax, cr0
    or eax, 0x80000000
    mov cr0, eax
    jmp paged
paged:
    mov ecx, [base]
    mov ebx, 0x300000
    sub ebx, ecx
    push cs
    call ebx
    mov [first], eax
    mov dword ptr es:[0x51000+0x300*4], 0x61003
    mov eax, cr3
    mov cr3, eax
    push cs
    call ebx
    mov [second], eax
    sti
wait:
    hlt
    cmp byte ptr [ticks], 2
    jb wait
    cli
    mov byte ptr es:[0x3ff123], 9
    mov eax, cr0
    and eax, 0x7fffffff
    mov cr0, eax
    cmp dword ptr [first], 1
    jne bad
    cmp dword ptr [second], 2
    jne bad
    cmp dword ptr [where], 0x3ff123
    jne bad
    cmp dword ptr [why], 2      ; a write, to a page that is not present
    jne bad
    mov byte ptr [verdict], 121
bad:
"""
        + LEAVE_32
        + """
tick:
    push eax
    inc byte ptr [ticks]
    mov al, 0x20
    out 0x20, al
    pop eax
    iretd
page_fault:
    push eax
    mov eax, cr2
    mov [where], eax
    mov eax, [esp+4]
    mov [why], eax
    mov dword ptr es:[0x51000+0x3ff*4], 0x62003
    mov eax, cr3
    mov cr3, eax
    pop eax
    add esp, 4
    iretd
ticks: .byte 0
first: .long 0
second: .long 0
where: .long 0
why: .long 0
"""
    )
    after = "mov ah, 2\nmov dl, [verdict]\nint 0x21\n" + EXIT + "verdict: .byte 110\n"
    gates = {8: ("tick", 0x18, 0x8E), 14: ("page_fault", 0x18, 0x8E)}
    outcome = run_exe(tmp_path, protected_guest(code32, after, gates))
    assert outcome.ok, outcome.result.stop
    assert outcome.text == b"y"
    assert outcome.machine.memory.u8(0x62123) == 9


@pytest.mark.parametrize(
    ("code32", "words"),
    [
        ("int 0x50\n", "gate has the type 00h"),
        ("mov eax, 0x7fffff00\nmov bx, 0x20\nmov ds, bx\nmov eax, [eax]\n", "7FFFFF00h, beyond the 32 MB"),
        ("mov eax, 0x2000000\nmov bx, 0x20\nmov ds, bx\nmov [eax], eax\n", "write of 4 bytes at 02000000h"),
        ("cli\nhlt\n", "HLT with interrupts disabled"),
        ("xor ecx, ecx\ndiv ecx\n", "divide error"),
        ("mov bx, 0x20\nmov es, bx\n.byte 0x26\n.byte 0xff, 0x25\n.long 0x30\n", "beyond"),
    ],
)
def test_what_cannot_be_delivered_ends_the_run(tmp_path: Path, code32: str, words: str) -> None:
    outcome = run_exe(tmp_path, protected_guest(ENTER_32 + code32 + LEAVE_32, EXIT, {}))
    assert outcome.result.stop is not None
    assert words in outcome.result.stop.message
    assert outcome.result.exit_code == 1


def test_real_mode_exceptions_without_a_handler(tmp_path: Path) -> None:
    outcome = run_asm(tmp_path, ".byte 0x0f, 0x00, 0xc0\n" + EXIT)
    assert outcome.result.stop is not None
    assert outcome.result.stop.reason == "exception"
    assert "invalid opcode" in outcome.result.stop.message
    outcome = run_asm(tmp_path, "xor cx, cx\ndiv cx\n" + EXIT)
    assert outcome.result.stop is None
    assert (outcome.result.exit_code, outcome.text) == (255, b"\r\nDivide overflow\r\n")
