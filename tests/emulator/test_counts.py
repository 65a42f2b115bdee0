"""Instruction counts: exact for loops, REP, faults, self-modifying code; equal to a slow single-step run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from guests import EXIT, FLAT, assemble, mz
from stepping import step

from emulator import Session, hooks

HANDLER = FLAT + "xor ax, ax\nmov es, ax\nmov word ptr es:[{0}*4], h\nmov es:[{0}*4+2], cs\n"

GUESTS = {
    "straight": "nop\nnop\nmov ax, 1\nadd ax, 2\n",
    "loop": "mov cx, 100\nl: dec cx\njnz l\n",
    "loop instruction": "mov cx, 300\nl: nop\nloop l\n",
    "nested": "mov dx, 20\no: mov cx, 7\ni: dec cx\njnz i\ndec dx\njnz o\n",
    "rep stos": FLAT + "mov di, 0x800\nmov cx, 50\ncld\nrep stosb\n",
    "rep stos none": FLAT + "mov di, 0x800\nxor cx, cx\nrep stosb\nnop\n",
    "rep stos one": FLAT + "mov di, 0x800\nmov cx, 1\nrep stosb\nnop\n",
    "rep movs twice": FLAT
    + "mov dx, 3\no: mov si, 0x100\nmov di, 0x800\nmov cx, 40\nrep movsw\nmov cx, 3\nrep movsd\ndec dx\njnz o\n",
    "repne scas": FLAT + "mov di, 0x100\nmov cx, 0x200\nmov al, 0x90\ncld\nrepne scasb\nnop\n",
    "rep as jump target": FLAT + "mov dx, 5\nmov di, 0x800\nmov cx, 3\nback: rep stosb\nmov cx, 2\ndec dx\njnz back\n",
    "rep behind a jump": FLAT + "mov di, 0x800\nmov cx, 9\njmp r\nnop\nr: rep stosb\nnop\n",
    "calls": "mov cx, 10\nl: call f\ndec cx\njnz l\njmp e\nf: inc bx\nret\ne: nop\n",
    "sti shadow": "cli\nsti\nnop\nsti\nmov ax, 1\ncli\nsti\nsti\nnop\n",
    "mov ss shadow": "mov ax, ss\nmov bx, sp\nmov ss, ax\nmov sp, bx\nnop\n",
    "self-modifying ahead": FLAT + "mov byte ptr [t+1], 5\nnop\nt: mov al, 1\nnop\n",
    "self-modifying loop": FLAT
    + "mov cx, 6\nl: mov al, cl\nmov byte ptr [t+1], al\nnop\nt: mov bl, 1\ninc dx\ndec cx\njnz l\n",
    "modifies its first instruction": FLAT
    + "mov cx, 4\njmp l\nl: mov byte ptr [l+4], cl\nnop\ninc dx\ndec cx\njnz l\n",
    "new code in the same place": FLAT
    + "mov byte ptr [t], 0x40\ncall t\nmov word ptr [t], 0x4040\nmov byte ptr [t+2], 0xc3\ncall t\njmp e\n"
    + "t: nop\nret\nnop\nnop\ne: nop\n",
    "rep over its own code": FLAT
    + "mov di, s\nmov cx, 8\nmov al, 0x90\ncld\njmp s\nnop\ns: rep stosb\n"
    + "nop\n" * 12,
    "long block": "inc ax\n" * 530,
    "software interrupts": "mov cx, 5\nl: mov ah, 0x19\nint 0x21\ndec cx\njnz l\nint 0x12\nint 0x11\n",
    "trap flag": HANDLER.format(1)
    + "pushf\npop ax\nor ax, 0x100\npush ax\npopf\nnop\nnop\nmov bx, 1\n"
    + "pushf\npop ax\nand ax, 0xfeff\npush ax\npopf\nnop\njmp e\nh: inc dx\niret\ne: nop\n",
    "divide error": HANDLER.format(0) + "nop\nmov bl, 0\nnop\ndiv bl\nnop\nnop\njmp e\nh: mov bl, 1\niret\ne: nop\n",
    "divide errors": HANDLER.format(0)
    + "mov cx, 4\nl: mov bl, 0\ninc dx\ndiv bl\nnop\ndec cx\njnz l\njmp e\nh: mov bl, 1\niret\ne: nop\n",
    "bound": HANDLER.format(5)
    + "mov ax, 9\nnop\nbound ax, [t]\nnop\njmp e\nh: mov ax, 2\niret\nt: .word 1, 5\ne: nop\n",
    "into": HANDLER.format(4) + "mov al, 127\nadd al, 1\ninto\nnop\njmp e\nh: inc dx\niret\ne: nop\n",
    "int3": HANDLER.format(3) + "nop\nint3\nnop\njmp e\nh: inc dx\niret\ne: nop\n",
    "invalid opcode": HANDLER.format(6)
    + "nop\nnop\nf: .byte 0x0f, 0x00, 0xc0\nnop\njmp e\n"  # SLDT is invalid in real mode
    + "h: mov bp, sp\nadd word ptr [bp], 3\niret\ne: nop\n",
    "rep at the segment's end": HANDLER.format(13)
    + "mov ax, 0x2000\nmov es, ax\nmov di, 0xfff5\nmov cx, 9\ncld\nrep stosw\nnop\njmp e\n"
    + "h: mov cx, 0\niret\ne: nop\n",
    "ports": "mov cx, 3\nl: in al, 0x61\nout 0x80, al\nin ax, 0x40\ndec cx\njnz l\n",
    "block move": "std\ncld\ncmc\ncmc\nlahf\nsahf\ncwde\nbswap eax\nxadd ax, bx\ncmpxchg bx, cx\n",
}


def session_of(folder: Path, source: str, **options: Any) -> Session:
    path = folder / "T.EXE"
    path.write_bytes(mz(assemble(source + EXIT)))
    options.setdefault("time_limit", 30.0)
    return Session(path, folder=folder, console=lambda _: None, **options)


@pytest.mark.parametrize("name", GUESTS)
def test_counts_equal_single_stepping(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = session_of(tmp_path, GUESTS[name]).run()
    slow_session = session_of(tmp_path, GUESTS[name])
    monkeypatch.setattr(slow_session.machine, "run", lambda: step(slow_session))
    slow = slow_session.run()
    assert fast.stop is None, fast.stop
    assert slow.stop is None, slow.stop
    assert fast.exit_code == slow.exit_code == 0
    assert fast.instructions == slow.instructions
    assert fast.peak_memory_bytes == slow.peak_memory_bytes


def test_counts_by_hand(tmp_path: Path) -> None:
    """The stepper itself is checked against counts that a person can make."""
    exit_cost = 3  # MOV, INT, and the service that does not return
    for source, expected in (
        ("nop\n", 1),
        ("mov cx, 100\nl: dec cx\njnz l\n", 1 + 200),
        (FLAT + "mov di, 0x800\nmov cx, 50\ncld\nrep stosb\n", 4 + 4),
    ):
        assert session_of(tmp_path, source).run().instructions == expected + exit_cost


def test_counts_do_not_depend_on_slices(tmp_path: Path) -> None:
    """Stopping at every block, as a very fast heartbeat would, changes nothing."""
    source = FLAT + "mov dx, 30\no: mov cx, 7\ni: dec cx\njnz i\nmov di, 0x800\nmov cx, 20\nrep stosw\ndec dx\njnz o\n"
    whole = session_of(tmp_path, source).run()
    sliced = session_of(tmp_path, source)
    stops = 0

    def again() -> None:
        nonlocal stops
        stops += 1
        # Alternate, so that the run gets on.
        if stops % 2:
            return
        sliced.machine.attend()

    original = sliced.machine._between_instructions

    def between() -> None:
        original()
        due = sliced.machine._state
        due[hooks.STATE_DUE // 8] = min(due[hooks.STATE_DUE // 8], sliced.machine.count + 1)

    sliced.machine._between_instructions = between  # type: ignore[method-assign]
    again()
    result = sliced.run()
    assert result.instructions == whole.instructions
    assert result.peak_memory_bytes == whole.peak_memory_bytes


def test_runs_repeat_exactly(tmp_path: Path) -> None:
    """With timer interrupts, over several ticks."""
    source = (
        FLAT + "mov ax, 0x40\nmov ds, ax\nmov bx, [0x6c]\nl: inc esi\nmov dx, [0x6c]\nsub dx, bx\ncmp dx, 3\njb l\n"
    )
    results = [session_of(tmp_path, source).run() for _ in range(2)]
    assert results[0].stop is None
    assert results[0].instructions == results[1].instructions > 3_000_000
    other = session_of(tmp_path, source, cpu="486sx-25").run()
    assert other.instructions < results[0].instructions
