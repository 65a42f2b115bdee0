"""Console calls of DOS, waiting for keys, line editing and Ctrl-C."""

from __future__ import annotations

from pathlib import Path

import pytest
from guests import EXIT, FLAT, Pc, assemble, mz, run_asm

from emulator import Session
from emulator.keyboard import BREAK


def test_output(tmp_path: Path) -> None:
    pc = Pc(tmp_path)
    pc.call(ax=0x0200, dx=ord("a"))
    pc.put(b"string$never")
    pc.call(ax=0x0900, dx=0)
    pc.call(ax=0x0600, dx=ord("d"))
    pc.call(0x29, ax=ord("f"))
    pc.put(b"handle")
    pc.call(ax=0x4000, bx=2, cx=6, dx=0)
    for ax in (0x0400, 0x0500):
        pc.call(ax=ax, dx=ord("x"))
    assert pc.text == b"astringdfhandle"
    assert pc.session.bios.video.screen()[0] == "astringdfhandle"
    assert pc.call(ax=0x0300).cpu.al == 0x1A


def test_single_keys(tmp_path: Path) -> None:
    pc = Pc(tmp_path, keys=b"aB\xe9\x01")
    assert pc.call(ax=0x0100).cpu.al == ord("a")
    assert pc.text == b"a"
    assert pc.call(ax=0x0800).cpu.al == ord("B")
    assert pc.call(ax=0x0700).cpu.al == 0xE9  # Alt and digits
    assert pc.call(ax=0x0800).cpu.al == 1
    assert pc.call(ax=0x0B00).cpu.al == 0
    pc.call(ax=0x0600, dx=0xFF)
    assert (pc.zero, pc.cpu.al) == (True, 0)
    pc.session.bios.keys.put(0x1E61)
    assert pc.call(ax=0x0B00).cpu.al == 0xFF
    pc.call(ax=0x0600, dx=0xFF)
    assert (pc.zero, pc.cpu.al) == (False, ord("a"))


def test_extended_keys_come_in_two_bytes(tmp_path: Path) -> None:
    pc = Pc(tmp_path)
    pc.session.bios.keys.put(0x4800)
    assert pc.call(ax=0x0700).cpu.al == 0
    assert pc.call(ax=0x0700).cpu.al == 0x48


def test_flush(tmp_path: Path) -> None:
    pc = Pc(tmp_path)
    pc.session.bios.keys.put(0x1E61)
    assert pc.call(ax=0x0C00).cpu.al == 0
    assert pc.call(ax=0x0B00).cpu.al == 0
    pc.session.bios.keys.put(0x1E61)
    pc.machine.keyboard.type(b"az")  # the first comes before the call
    assert pc.call(ax=0x0C08).cpu.al == ord("z")
    pc.machine.keyboard.type(b"y")
    assert pc.call(ax=0x0C01).cpu.al == ord("y")


def test_line_input_with_editing(tmp_path: Path) -> None:
    pc = Pc(tmp_path, keys=b"abx\bcdefgh\x1bok\r")
    pc.put(bytes((6, 0, 0, 0, 0, 0)))
    pc.call(ax=0x0A00, dx=0)
    count, text = pc.get(1, 1)[0], pc.get(4, 2)
    assert (count, text) == (2, b"ok\r\0")
    assert b"\b \b" in pc.text
    assert b"\a" in pc.text
    pc.put(b"\0")
    pc.call(ax=0x0A00, dx=0)  # no room: nothing happens


def test_reading_a_handle_gives_lines(tmp_path: Path) -> None:
    pc = Pc(tmp_path, keys=b"first\rsecond\r\x1a\r")
    assert pc.call(ax=0x3F00, bx=0, cx=4, dx=0).cpu.ax == 4
    assert pc.get(4) == b"firs"
    assert pc.call(ax=0x3F00, bx=0, cx=100, dx=0).cpu.ax == 3
    assert pc.get(3) == b"t\r\n"
    assert pc.call(ax=0x3F00, bx=0, cx=100, dx=0).cpu.ax == 8
    assert pc.call(ax=0x3F00, bx=0, cx=100, dx=0).cpu.ax == 0
    pc.call(ax=0x4401, bx=0, dx=0x20)
    pc.machine.keyboard.type(b"r")
    assert pc.call(ax=0x3F00, bx=0, cx=1, dx=0).cpu.ax == 1
    assert pc.get(1) == b"r"


def test_waiting_for_a_key_that_never_comes(tmp_path: Path) -> None:
    for source in ("mov ah, 8\nint 0x21\n", "mov ah, 0\nint 0x16\n"):
        outcome = run_asm(tmp_path, source + EXIT)
        assert outcome.result.stop is not None
        assert outcome.result.stop.reason == "input"


def test_a_timer_handler_may_end_the_wait(tmp_path: Path) -> None:
    source = (
        FLAT
        + """
    mov dx, tick
    mov ax, 0x251c
    int 0x21
    mov ah, 8
    int 0x21
    mov ax, 0x4c05
    int 0x21
tick:
    inc byte ptr cs:[count]
    cmp byte ptr cs:[count], 30
    jb out
    push ax
    push ds
    mov ax, 0x40
    mov ds, ax
    mov word ptr [0x1e], 0x1e61
    mov word ptr [0x1a], 0x1e
    mov word ptr [0x1c], 0x20
    pop ds
    pop ax
out:
    iret
count: .byte 0
"""
    )
    outcome = run_asm(tmp_path, source)
    assert (outcome.result.stop, outcome.result.exit_code) == (None, 5)


BREAK_GUEST = (
    FLAT
    + """
    mov dx, handler
    mov ax, 0x2523
    int 0x21
    {call}
    mov dl, al
    mov ah, 2
    int 0x21
"""
    + EXIT
    + """
handler:
    push ax
    push dx
    mov dl, 33
    mov ah, 6
    int 0x21
    pop dx
    pop ax
    {end}
"""
)


@pytest.mark.parametrize(
    ("end", "code", "text"),
    [
        ("iret", 0, b"^C\r\n!k"),  # the call starts again
        ("clc\n.byte 0xcb", 0, b"^C\r\n!k"),
        ("stc\n.byte 0xcb", 0, b"^C\r\n!"),  # abort
        ("mov ax, 0x4c09\nint 0x21", 9, b"^C\r\n!"),
    ],
)
def test_ctrl_c_goes_through_int_23(tmp_path: Path, end: str, code: int, text: bytes) -> None:
    source = BREAK_GUEST.format(call="mov ah, 8\nint 0x21", end=end)
    outcome = run_asm(tmp_path, source, keys=b"\x03k")
    assert (outcome.result.stop, outcome.result.exit_code, outcome.text) == (None, code, text)


def test_ctrl_c_without_a_handler_ends_the_program(tmp_path: Path) -> None:
    outcome = run_asm(tmp_path, "l: mov ah, 0x0b\nint 0x21\njmp l\n", keys=b"\x03")
    assert (outcome.result.stop, outcome.result.exit_code, outcome.text) == (None, 0, b"^C\r\n")


@pytest.mark.parametrize("function", [0x01, 0x02, 0x08, 0x09, 0x0A, 0x0B])
def test_every_console_call_looks_for_ctrl_c(tmp_path: Path, function: int) -> None:
    wait = "mov cx, 40000\nw: loop w\nsti\n"
    source = FLAT + wait + f"mov dx, t\nmov ah, {function}\nint 0x21\n" + EXIT + "t: .byte 36\n"
    outcome = run_asm(tmp_path, source, keys=b"\x03")
    assert outcome.text == b"^C\r\n"


def test_reads_and_writes_of_handles_look_for_ctrl_c(tmp_path: Path) -> None:
    for function in (0x3F, 0x40):
        source = FLAT + "mov cx, 40000\nw: loop w\nmov bx, 1\nmov cx, 1\nmov dx, 0x800\n"
        outcome = run_asm(tmp_path, source + f"mov ah, {function}\nint 0x21\n" + EXIT, keys=b"\x03")
        assert outcome.text == b"^C\r\n"


def test_ctrl_break(tmp_path: Path) -> None:
    """The BIOS calls INT 1Bh at once; DOS's own handler makes the next console call raise INT 23h."""
    source = (
        FLAT
        + """
    mov dx, handler
    mov ax, 0x2523
    int 0x21
l:  mov ah, 0x0b
    int 0x21
    jmp l
handler:
    mov ax, 0x40
    mov ds, ax
    mov al, [0x71]
    mov ah, 0x4c
    int 0x21
"""
    )
    (tmp_path / "B.EXE").write_bytes(mz(assemble(source)))
    session = Session(tmp_path / "B.EXE", folder=tmp_path, console=lambda _: None, time_limit=30)
    session.machine.keyboard.press(BREAK)
    result = session.run()
    assert (result.stop, result.exit_code) == (None, 0x80)


def test_break_flag(tmp_path: Path) -> None:
    pc = Pc(tmp_path)
    assert pc.call(ax=0x3300).cpu.dl == 0
    pc.call(ax=0x3301, dx=1)
    assert pc.call(ax=0x3300).cpu.dl == 1
    assert pc.call(ax=0x3302, dx=0).cpu.dl == 1
    assert pc.call(ax=0x3305).cpu.dl == 3
    assert pc.call(ax=0x3306).cpu.bx == 0x1606
    assert pc.call(ax=0x3377).cpu.al == 0xFF
