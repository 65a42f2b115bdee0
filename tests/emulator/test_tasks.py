"""Task switches as DPMI hosts use them, and a host in small: paging, a client on level 3, DOS in real mode."""

from __future__ import annotations

from pathlib import Path

import pytest
from guests import EXIT, run_asm, run_exe
from protected import ENTER_32, LEAVE_32, protected_guest
from stepping import step

from emulator import Session


def tss_descriptor(selector: int, label: str) -> str:
    """Code that fills in the descriptor of a TSS at a label (EAX is used)."""
    at = f"gdt+{selector}"
    return f"""
    mov eax, [base]
    add eax, {label}
    mov [{at}+2], ax
    shr eax, 16
    mov [{at}+4], al
    mov [{at}+7], ah
    mov word ptr [{at}], 0x67
    mov word ptr [{at}+5], 0x0089
"""


def switch(selector: int, opcode: int = 0xEA) -> str:
    """JMP (or CALL, 9Ah) to a TSS."""
    return f"    .byte {opcode}\n    .long 0\n    .word {selector}\n"


#: Descriptors for level 3, and a TSS at tss with the stack of level 0 (EAX is used).
RING_3 = (
    tss_descriptor(0x30, "tss")
    + """
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
"""
)
#: Fields of a TSS.
ESP0, SS0, CR3, EIP, EFLAGS, ESP, ES, CS, SS, DS = 4, 8, 0x1C, 0x20, 0x24, 0x38, 0x48, 0x4C, 0x50, 0x54


def three_tasks() -> bytes:
    """A program that jumps and calls between three tasks and prints y when all was as it should be."""
    code32 = (
        ENTER_32
        + tss_descriptor(0x40, "tss_a")
        + tss_descriptor(0x48, "tss_b")
        + tss_descriptor(0x50, "tss_c")
        + "".join(
            f"mov dword ptr [{tss}+{EIP}], {start}\nmov dword ptr [{tss}+{EFLAGS}], 2\n"
            f"mov dword ptr [{tss}+{ESP}], {stack}\nmov word ptr [{tss}+{CS}], 0x18\n"
            + "".join(f"mov word ptr [{tss}+{segment}], 0x10\n" for segment in (ES, SS, DS))
            for tss, start, stack in (("tss_b", "task_b", 0xE000), ("tss_c", "task_c", 0xD000))
        )
        + """
    mov ax, 0x40
    ltr ax
    clts
    mov ebx, 0x11111111
    mov dword ptr [trail], 0
"""
        + switch(0x48)
        + """
    cmp ebx, 0x11111111
    jne bad
    cmp esp, 0xfff0
    jne bad
    mov eax, cr0
    test al, 8              ; task switched
    jz bad
    cmp byte ptr [gdt+0x45], 0x8b
    jne bad
    cmp byte ptr [gdt+0x4d], 0x89
    jne bad
"""
        + switch(0x48)
        + """
    stc
"""
        + switch(0x50, 0x9A)
        + """
    jnc bad                 ; EFLAGS are the task's own
    pushfd
    pop eax
    test ah, 0x40           ; NT has gone
    jnz bad
    cmp ebx, 0x11111111
    jne bad
    cmp word ptr [tss_c], 0x40  ; the back link
    jne bad
    cmp byte ptr [gdt+0x55], 0x89
    jne bad
    cmp dword ptr [trail], 0x43c2b1
    jne bad
    mov byte ptr [verdict], 121
bad:
    clts
"""
        + LEAVE_32
        + """
task_b:
    mov ebx, 0x22222222
    mov byte ptr [trail], 0xb1
"""
        + switch(0x40)
        + """
    cmp ebx, 0x22222222
    jne bad
    mov byte ptr [trail+1], 0xc2
"""
        + switch(0x40)
        + """
    jmp bad
task_c:
    mov ebx, 0x33333333
    mov byte ptr [trail+2], 0x43
    clc
    iretd
    jmp bad
.balign 4, 0
trail: .long 0
tss_a: .fill 104, 1, 0
tss_b: .fill 104, 1, 0
tss_c: .fill 104, 1, 0
"""
    )
    after = "mov ah, 2\nmov dl, [verdict]\nint 0x21\n" + EXIT + "verdict: .byte 110\n"
    return protected_guest(code32, after, {})


def test_jump_call_and_return_between_tasks(tmp_path: Path) -> None:
    """JMP leaves a task where it can go on later; CALL nests, and IRET with NT goes back along the link.

    Each task keeps its registers; the busy bits and CR0.TS are as the i486 sets them.
    """
    outcome = run_exe(tmp_path, three_tasks())
    assert outcome.ok, outcome.result.stop
    assert outcome.text == b"y"


def test_instructions_are_counted_across_tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = run_exe(tmp_path, three_tasks()).result
    session = Session(tmp_path / "T.EXE", folder=tmp_path, console=lambda _: None)
    monkeypatch.setattr(session.machine, "run", lambda: step(session))
    slow = session.run()
    assert (slow.stop, fast.stop) == (None, None)
    assert fast.instructions == slow.instructions


def test_a_dpmi_host_in_small(tmp_path: Path) -> None:
    """A client on level 3 under paging, with its own task, is served by DOS in real mode.

    Its page fault and its INT 31h arrive on level 0, where the handler jumps to the host's task; that leaves
    paging and protected mode, prints a letter through DOS, comes back, maps the page, and jumps to the client's
    task, which returns from the handler.  The timer interrupts level 3 meanwhile.
    """
    code32 = (
        ENTER_32
        + """
    cmp byte ptr [entered], 0
    jne reenter
    inc byte ptr [entered]
"""
        + tss_descriptor(0x40, "host")
        + tss_descriptor(0x48, "client")
        + f"""
    mov eax, [gdt+0x18]         ; 28: data, 38: code of level 3
    mov [gdt+0x28], eax
    mov [gdt+0x38], eax
    mov eax, [gdt+0x1c]
    and eax, 0xffff00ff
    or eax, 0xf200
    mov [gdt+0x2c], eax
    or eax, 0xfa00
    mov [gdt+0x3c], eax
    mov ax, 0x20
    mov es, ax
    mov edi, 0x50000            ; a page directory and a table: 4 MB, but for the last page
    mov ecx, 1024
    xor eax, eax
    cld
    rep stosd
    mov eax, 7
fill:
    stosd
    add eax, 0x1000
    cmp eax, 0x3ff007
    jb fill
    mov dword ptr es:[edi], 0
    mov dword ptr es:[0x50000], 0x51007
    mov dword ptr [client+{ESP0}], 0xfe00
    mov word ptr [client+{SS0}], 0x10
    mov dword ptr [client+{CR3}], 0x50000
    mov dword ptr [host+{CR3}], 0x50000
    mov dword ptr [client+{EIP}], work
    mov dword ptr [client+{EFLAGS}], 0x202
    mov dword ptr [client+{ESP}], 0xf000
    mov word ptr [client+{CS}], 0x3b
    mov word ptr [client+{DS}], 0x2b
    mov word ptr [client+{ES}], 0x2b
    mov word ptr [client+{SS}], 0x2b
reenter:
    mov ax, 0x20
    mov es, ax
    cmp byte ptr [letter], 80
    jne mapped
    mov dword ptr es:[0x51000+0x3ff*4], 0x62007
mapped:
    mov eax, 0x50000
    mov cr3, eax
    mov eax, cr0
    or eax, 0x80000000
    mov cr0, eax
    jmp paged
paged:
    and byte ptr [gdt+0x45], 0xfd
    mov ax, 0x40
    ltr ax
"""
        + switch(0x48)
        + """
    clts
    mov eax, cr0
    and eax, 0x7fffffff
    mov cr0, eax
    jmp flat
flat:
"""
        + LEAVE_32
        + """
page_fault:
    push eax
    push ds
    mov ax, 0x10
    mov ds, ax
    mov eax, cr2
    mov [where], eax
    mov eax, [esp+8]
    mov [why], eax
    mov byte ptr [letter], 80
"""
        + switch(0x40)
        + """
    pop ds
    pop eax
    add esp, 4
    iretd
service:
    push ds
    push 0x10
    pop ds
    mov [letter], al
"""
        + switch(0x40)
        + """
    pop ds
    iretd
tick:
    push eax
    push ds
    mov ax, 0x10
    mov ds, ax
    mov eax, [esp+12]           ; the old CS
    and al, 3
    cmp al, 3
    jne tock
    inc byte ptr [ticks]
tock:
    mov al, 0x20
    out 0x20, al
    pop ds
    pop eax
    iretd
work:
    mov edx, 0x12345678
    mov esi, 0x3ff123
    sub esi, [base]
    mov byte ptr [esi], 9       ; the page is not present
    mov byte ptr [esi+1], 8
    mov al, 83
    int 0x31
    cmp edx, 0x12345678
    jne worse
wait:
    cmp byte ptr [ticks], 3
    jb wait
    cmp dword ptr [where], 0x3ff123
    jne worse
    cmp dword ptr [why], 6      ; level 3, a write, to a page that is not present
    jne worse
    mov al, 84
    int 0x31
    mov byte ptr [verdict], 121
worse:
    mov al, 0
    int 0x31
    jmp worse
entered: .byte 0
ticks: .byte 0
.balign 4, 0
where: .long 0
why: .long 0
host: .fill 104, 1, 0
client: .fill 104, 1, 0
"""
    )
    after = (
        """
    mov ah, 2
    mov dl, [letter]
    cmp dl, 0
    je over
    int 0x21
    jmp start
over:
    mov dl, [verdict]
    int 0x21
"""
        + EXIT
        + "verdict: .byte 110\nletter: .byte 0\n"
    )
    gates = {8: ("tick", 0x18, 0x8E), 14: ("page_fault", 0x18, 0x8E), 0x31: ("service", 0x18, 0xEE)}
    outcome = run_exe(tmp_path, protected_guest(code32, after, gates))
    assert outcome.ok, outcome.result.stop
    assert outcome.text == b"PSTy"
    assert outcome.machine.memory.read(0x62123, 2) == b"\x09\x08"


def test_an_interrupt_on_a_stack_that_is_not_there(tmp_path: Path) -> None:
    """INT on level 3, whose stack page is absent, then read-only: #PF of the INT instruction, which is tried again.

    The handler makes the page present, but read-only at first; the error codes are those of writes on level 3.
    """
    code32 = (
        ENTER_32
        + RING_3
        + """
    mov ax, 0x20
    mov es, ax
    mov edi, 0x50000
    mov ecx, 1024
    xor eax, eax
    cld
    rep stosd
    mov eax, 7
fill:
    stosd
    add eax, 0x1000
    cmp eax, 0x3ff007
    jb fill
    mov dword ptr es:[edi], 0x62006         ; the last page: not present
    mov dword ptr es:[0x50000], 0x51007
    mov eax, 0x50000
    mov cr3, eax
    mov eax, cr0
    or eax, 0x80000000
    mov cr0, eax
    jmp paged
paged:
    mov ebx, 0x3ff006
    sub ebx, [base]
    push 0x2b
    push ebx
    push 0x202
    push 0x3b
    mov eax, work
    push eax
    iretd
work:
    mov ax, 0x2b
    mov ds, ax
    int 0x41                                ; its handler is on level 3, too
    cmp word ptr [codes], 0x0607
    jne over
    cmp esp, ebx
    jne over
    cmp byte ptr [calls], 1
    jne over
    mov byte ptr [verdict], 121
over:
    int 0x30
leave:
    mov ax, 0x10
    mov ds, ax
    mov ss, ax
    mov esp, 0xfff0
    mov eax, cr0
    and eax, 0x7fffffff
    mov cr0, eax
"""
        + LEAVE_32
        + """
page_fault:
    push eax
    push ds
    push es
    mov ax, 0x10
    mov ds, ax
    mov ax, 0x20
    mov es, ax
    mov eax, [esp+12]
    shl word ptr [codes], 8
    mov [codes], al
    mov eax, cr2
    and eax, 0xfffff000
    cmp eax, 0x3fe000
    jne shown
    mov byte ptr [codes], 0xee
shown:
    mov eax, es:[0x51000+0x3ff*4]
    mov dword ptr es:[0x51000+0x3ff*4], 0x62005
    test al, 1
    jz once
    mov dword ptr es:[0x51000+0x3ff*4], 0x62007
once:
    mov eax, cr3
    mov cr3, eax
    pop es
    pop ds
    pop eax
    add esp, 4
    iretd
called:
    inc byte ptr [calls]
    iretd
.balign 4, 0
codes: .long 0
calls: .long 0
tss: .fill 104, 1, 0
"""
    )
    after = "mov ah, 2\nmov dl, [verdict]\nint 0x21\n" + EXIT + "verdict: .byte 110\n"
    gates = {14: ("page_fault", 0x18, 0x8E), 0x30: ("leave", 0x18, 0xEE), 0x41: ("called", 0x3B, 0xEE)}
    outcome = run_exe(tmp_path, protected_guest(code32, after, gates))
    assert outcome.ok, outcome.result.stop
    assert outcome.text == b"y"
    entry = outcome.machine.memory.u32(0x51000 + 0x3FF * 4)
    assert entry & 0x60 == 0x60  # accessed and dirty


def test_a_task_gate_is_refused(tmp_path: Path) -> None:
    code32 = ENTER_32 + "here: int 0x40\n" + LEAVE_32
    outcome = run_exe(tmp_path, protected_guest(code32, EXIT, {0x40: ("here", 0x40, 0x85)}))
    assert outcome.result.stop is not None
    assert "task gate" in outcome.result.stop.message


@pytest.mark.parametrize(
    ("call", "absent"),
    [
        ("mov ax, 0x1687\nint 0x2f\nor ax, ax\n", "jz bad"),  # no DPMI host
        ("mov ax, 0\nint 0x33\nor ax, ax\n", "jnz bad"),  # no mouse
        ("mov ax, 0x21\nint 0x33\ncmp ax, 0x21\n", "jnz bad"),
        ("mov ax, 0x1600\nint 0x2f\ntest al, 0x7f\n", "jnz bad"),  # no Windows
        ("mov ax, 0xde00\nint 0x67\nor ah, ah\n", "jz bad"),  # no VCPI
        ("mov ax, 0x3d00\nmov dx, name\nint 0x21\n", "jnc bad"),  # no EMS driver
        ("mov ax, 0x3567\nint 0x21\nmov ax, es\nor ax, bx\n", "jnz bad"),
        ("smsw ax\ntest al, 1\n", "jnz bad"),  # no V86 monitor
    ],
)
def test_what_an_extender_looks_for_and_does_not_find(tmp_path: Path, call: str, absent: str) -> None:
    """As on a PC with DOS and HIMEM.SYS only; INT 67h is called through a handler that changes nothing."""
    hook = "push cs\npop ds\n"
    if "0x67\n" in call:
        hook += "mov dx, nothing\nmov ax, 0x2567\nint 0x21\n"
    source = hook + call + absent + "\n" + EXIT + "bad: mov ax, 0x4c01\nint 0x21\nnothing: iret\n"
    outcome = run_asm(tmp_path, source + 'name: .ascii "EMMXXXX0"\n.byte 0\n')
    assert outcome.ok, outcome.result
