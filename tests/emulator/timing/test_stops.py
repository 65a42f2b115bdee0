"""Where the host stops the guest changes nothing: instructions, clocks and all else that is counted are the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.core import Core
from emulator.gate import Gate
from emulator.timing.options import Timing
from tests.emulator.guests import EXIT, FLAT, assemble, mz, run_exe
from tests.emulator.protected import ENTER_32, LEAVE_32, protected_guest
from tests.emulator.test_tasks import CR3, CS, DS, EFLAGS, EIP, ES, ESP, SS, switch, tss_descriptor

#: After how many blocks the host asks to stop, each time.
_EVERY = (1, 2, 3, 7, 50, 1000)


def stop_every(monkeypatch: pytest.MonkeyPatch, blocks: int) -> list[int]:
    """Let the host ask for control in every so-many-th block; returns where the requests are noted."""
    enter, special = Gate.enter, Core._on_special
    entered = [0]
    asked: list[int] = []

    def enter_special(gate: Gate, code: bytes, address: int, bits: int, _special: bool, size: int | None = None) -> int:
        return enter(gate, code, address, bits, True, size)

    def on_special(core: Core, slot: int, count: int) -> int:
        entered[0] += 1
        if entered[0] % blocks == 0:
            asked.append(count)
            core.attend()
        return special(core, slot, count)

    monkeypatch.setattr(Gate, "enter", enter_special)
    monkeypatch.setattr(Core, "_on_special", on_special)
    return asked


def counts(
    folder: Path, exe: bytes, expected: bytes, *, keys: bytes = b"", timed: bool = True
) -> tuple[int, int | None, tuple[int, ...]]:
    """Run a guest: (instructions, clocks, the model's counters); without the model the last two are empty."""
    outcome = run_exe(folder, exe, keys=keys, timing=Timing() if timed else None)
    assert outcome.ok, outcome.result.stop
    assert outcome.text == expected
    model = outcome.machine.model
    return outcome.result.instructions, outcome.result.clocks, model.totals if model is not None else ()


def paging_tasks() -> bytes:
    """Two tasks under paging: one waits, interrupts off, for the timer's request; then the other one turns them on.

    It is the jump to its TSS that does so.  Prints how many interrupts it saw at its beginning in all.
    """
    fields = "".join(
        f"mov dword ptr [{tss}+{CR3}], 0x50000\nmov dword ptr [{tss}+{EIP}], work\n"
        f"mov dword ptr [{tss}+{EFLAGS}], 0x202\nmov dword ptr [{tss}+{ESP}], 0xe000\n"
        f"mov word ptr [{tss}+{CS}], 0x18\nmov word ptr [{tss}+{ES}], 0x20\n"
        f"mov word ptr [{tss}+{SS}], 0x10\nmov word ptr [{tss}+{DS}], 0x10\n"
        for tss in ("host", "client")
    )
    code32 = (
        ENTER_32
        + tss_descriptor(0x40, "host")
        + tss_descriptor(0x48, "client")
        + fields
        + """
    mov ax, 0x20
    mov es, ax
    mov edi, 0x50000            ; a page directory and a table: 4 MB
    mov ecx, 1024
    xor eax, eax
    cld
    rep stosd
    mov eax, 7
fill:
    stosd
    add eax, 0x1000
    cmp eax, 0x400007
    jb fill
    mov dword ptr es:[0x50000], 0x51007
    mov eax, 0x50000
    mov cr3, eax
    mov eax, cr0
    or eax, 0x80000000
    mov cr0, eax
    jmp paged
paged:
    mov ax, 0x40
    ltr ax
    mov al, 0x34                ; the timer: every 2048 clocks of its own, 1.7 ms
    out 0x43, al
    mov al, 0
    out 0x40, al
    mov al, 8
    out 0x40, al
    mov ebp, 5
again:
    mov byte ptr [ticks], 0
request:
    in al, 0x20
    test al, 1
    jz request
"""
        + switch(0x48)
        + """
    dec ebp
    jnz again
    clts
    mov eax, cr0
    and eax, 0x7fffffff
    mov cr0, eax
    jmp flat
flat:
"""
        + LEAVE_32
        + """
work:
    mov al, [ticks]
    add [letter], al
    mov esi, 0x100000
touch:
    mov eax, es:[esi]
    add es:[esi+0x804], eax
    add esi, 0x1010
    cmp esi, 0x140000
    jb touch
"""
        + switch(0x40)
        + """
    jmp work
tick:
    push eax
    inc byte ptr [ticks]
    mov al, 0x20
    out 0x20, al
    pop eax
    iretd
ticks: .byte 0
.balign 4, 0
host: .fill 104, 1, 0
client: .fill 104, 1, 0
"""
    )
    after = "mov ah, 2\nmov dl, [letter]\nint 0x21\n" + EXIT + "letter: .byte 48\n"
    return protected_guest(code32, after, {8: ("tick", 0x18, 0x8E)})


@pytest.mark.parametrize("blocks", _EVERY)
def test_under_paging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blocks: int) -> None:
    """An interrupt waits when a task switch sets IF: it is taken there, whether the host stops or not."""
    guest = paging_tasks()
    expected = counts(tmp_path, guest, b"5")
    asked = stop_every(monkeypatch, blocks)
    assert counts(tmp_path, guest, b"5") == expected
    assert asked


def devices() -> bytes:
    """A DOS program that keeps the timer, the keyboard, the disk and interrupt shadows busy; it prints eight keys."""
    return mz(
        assemble(
            f"""{FLAT}
    mov ax, 0x3508
    int 0x21
    mov [old], bx
    mov [old+2], es
    push ds
    pop es
    mov ax, 0x2508
    mov dx, tick
    int 0x21
    mov al, 0x34                ; the timer: every 5000 clocks of its own, 4.2 ms
    out 0x43, al
    mov al, 0x88
    out 0x40, al
    mov al, 0x13
    out 0x40, al
    mov ax, 0x3d00
    mov dx, name
    int 0x21
    mov bx, ax
    mov bp, 8
again:
    mov ah, 0x3f
    mov cx, 512
    mov dx, 0x1000
    int 0x21
    mov cx, 400
shadows:
    cli
    mov ax, ss
    mov ss, ax
    inc dx
    sti
    .fill 80, 1, 0x90           ; the time passes in the block before a shadow ...
    mov ss, ax
    in al, 0x61                 ; ... and in the shadow
    push cx
    mov cx, 3
    mov si, 0x1000
    mov di, 0x1100
    cld
    .byte 0xf3, 0xa4            ; rep movsb
    pop cx
    dec cx
    jnz shadows
    mov ah, 0
    int 0x16
    mov dl, al
    mov ah, 2
    int 0x21
    dec bp
    jnz again
    mov ax, 0x2508
    lds dx, [old]
    int 0x21
    {EXIT}
tick:
    push ax
    push cx
    push si
    push di
    push es
    push ds
    push cs
    pop ds
    push cs
    pop es
    mov cx, 200
    mov si, 0x1200
    mov di, 0x1210
    .byte 0xf3, 0xa4
    .byte 0xf3, 0xa4            ; nothing left
    pop ds
    pop es
    mov al, 0x20
    out 0x20, al
    pop di
    pop si
    pop cx
    pop ax
    sti
    nop
    iret
old: .long 0
name: .asciz "T.EXE"
"""
        )
    )


@pytest.mark.parametrize("timed", [True, False], ids=["model", "counting"])
@pytest.mark.parametrize("blocks", _EVERY)
def test_with_devices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blocks: int, timed: bool) -> None:
    """The timer, keys, time of the disk, and interrupts held off by STI and loads of SS."""
    guest = devices()
    expected = counts(tmp_path, guest, b"abcdefgh", keys=b"abcdefgh", timed=timed)
    asked = stop_every(monkeypatch, blocks)
    assert counts(tmp_path, guest, b"abcdefgh", keys=b"abcdefgh", timed=timed) == expected
    assert asked
