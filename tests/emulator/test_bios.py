"""BIOS services: video, keyboard, memory sizes, block moves, A20, time."""

from __future__ import annotations

from pathlib import Path

import pytest
from guests import DATA, EXIT, FLAT, Pc, assemble, mz, run_asm

from emulator import Session
from emulator.keyboard import ALT, CTRL, KEYPAD, SHIFT


@pytest.fixture
def pc(tmp_path: Path) -> Pc:
    return Pc(tmp_path, xms=False)


def test_equipment_and_memory(pc: Pc, tmp_path: Path) -> None:
    assert pc.call(0x11).cpu.ax & 2
    assert not Pc(tmp_path, cpu="486sx-25").call(0x11).cpu.ax & 2
    assert pc.call(0x12).cpu.ax == 640


@pytest.mark.parametrize(("megabytes", "low", "high"), [(1, 0, 0), (8, 7168, 0), (16, 15360, 0), (32, 15360, 256)])
def test_extended_memory_sizes(tmp_path: Path, megabytes: int, low: int, high: int) -> None:
    pc = Pc(tmp_path, memory_mb=megabytes, xms=False)
    assert pc.call(0x15, ax=0x8800).cpu.ax == min((megabytes - 1) * 1024, 0xFFFF)
    pc.call(0x15, ax=0xE801)
    assert (pc.cpu.ax, pc.cpu.bx, pc.cpu.cx, pc.cpu.dx) == (low, high, low, high)
    assert pc.call(0x15, ax=0xE820).carry
    assert pc.cpu.ah == 0x86
    cmos = pc.machine.cmos
    cmos.select(0x17)
    low_byte = cmos.read()
    cmos.select(0x18)
    assert low_byte | cmos.read() << 8 == (megabytes - 1) * 1024


def test_block_move(pc: Pc) -> None:
    def descriptor(address: int) -> bytes:
        return bytes((0xFF, 0xFF, address & 0xFF, address >> 8 & 0xFF, address >> 16 & 0xFF, 0x93, 0, address >> 24))

    pc.put(b"sixteen bytes ok")
    pc.put(bytes(16) + descriptor(DATA * 16) + descriptor(0x1200000) + bytes(16), 0x100)
    assert not pc.call(0x15, ax=0x8700, cx=8, si=0x100).carry
    assert pc.memory.read(0x1200000, 16) == b"sixteen bytes ok"
    pc.put(bytes(16) + descriptor(DATA * 16) + descriptor(0x1FFFFFF) + bytes(16), 0x100)
    assert pc.call(0x15, ax=0x8700, cx=8, si=0x100).carry
    assert pc.cpu.ah == 2


def test_a20_service(pc: Pc) -> None:
    assert pc.call(0x15, ax=0x2402).cpu.al == 0
    assert not pc.call(0x15, ax=0x2401).carry
    assert pc.call(0x15, ax=0x2402).cpu.al == 1
    assert pc.memory.a20
    pc.call(0x15, ax=0x2400)
    assert pc.call(0x15, ax=0x2403).cpu.bx == 3
    assert pc.call(0x15, ax=0x2404).carry


def test_small_system_services(pc: Pc) -> None:
    assert not pc.call(0x15, ax=0xC000).carry
    assert pc.memory.u8(pc.cpu.es * 16 + pc.cpu.bx + 2) == 0xFC
    assert pc.call(0x15, ax=0x4F1E).carry
    assert pc.call(0x15, ax=0x1234).carry
    before = pc.machine.pit_now()
    pc.call(0x15, ax=0x8600, cx=0x000F, dx=0x4240)
    assert pc.machine.pit_now() - before == pytest.approx(1_193_182, abs=100)


A20 = """
    xor ax, ax
    mov es, ax
    mov ax, 0xffff
    mov ds, ax
    mov word ptr es:[0x500], 0x1234
    mov bx, 1
    cmp word ptr [0x510], 0x1234
    je closed
    mov bx, 0
closed:
    not word ptr es:[0x500]
    mov ax, es:[0x500]
    cmp ax, [0x510]
    je both
    mov bx, 0
both:
    {open}
    mov ax, es:[0x500]
    cmp ax, [0x510]
    jne open
    add bx, 2
open:
    mov al, bl
    mov ah, 0x4c
    int 0x21
"""


@pytest.mark.parametrize(
    ("opening", "code"),
    [
        ("mov ax, 0x2401\nint 0x15\n", 1),
        ("in al, 0x92\nor al, 2\nout 0x92, al\njmp x\nx:\n", 1),
        ("mov al, 0xd1\nout 0x64, al\nmov al, 0xdf\nout 0x60, al\njmp x\nx:\n", 1),
        ("mov al, 0xdf\nout 0x64, al\njmp x\nx:\n", 1),
        ("nop\n", 3),
    ],
)
def test_the_a20_gate_as_a_program_sees_it(tmp_path: Path, opening: str, code: int) -> None:
    """Closed at first, FFFF:0510 is 0000:0500; after any way of opening it is not."""
    assert run_asm(tmp_path, A20.format(open=opening)).result.exit_code == code


def test_one_megabyte_has_nothing_above(tmp_path: Path) -> None:
    source = A20.format(open="mov ax, 0x2401\nint 0x15\nmov dx, [0x7000]\ncmp dx, 0xffff\njne both\nmov [0x7000], bx\n")
    assert run_asm(tmp_path, source, memory_mb=1).result.exit_code == 1


# -- video -------------------------------------------------------------------------------------------------


def test_teletype_scrolls(pc: Pc) -> None:
    for character in b"one\r\ntwo\b\b\x07":
        pc.call(0x10, ax=0x0E00 | character)
    pc.call(0x10, ax=0x0300, bx=0)
    assert pc.cpu.dx == 0x0101
    assert pc.session.bios.video.screen()[:2] == ["one", "two"]
    pc.session.bios.video.write(b"\r\n" * 24 + b"x" * 81)
    screen = pc.session.bios.video.screen()
    assert screen[0] == ""
    assert (screen[-2], screen[-1]) == ("x" * 80, "x")


def test_cursor_cells_and_scrolling(pc: Pc) -> None:
    pc.call(0x10, ax=0x0003)
    pc.call(0x10, ax=0x0200, bx=0, dx=0x0510)
    pc.call(0x10, ax=0x0941, bx=0x1F, cx=3)
    assert pc.call(0x10, ax=0x0800, bx=0).cpu.ax == 0x1F41
    pc.call(0x10, ax=0x0A42, bx=0, cx=1)
    assert pc.call(0x10, ax=0x0800, bx=0).cpu.ax == 0x1F42
    assert pc.session.bios.video.screen()[5] == " " * 16 + "BAA"
    pc.call(0x10, ax=0x0601, bx=0x0700, cx=0x0400, dx=0x184F)
    assert pc.session.bios.video.screen()[4] == " " * 16 + "BAA"
    pc.call(0x10, ax=0x0702, bx=0x0700, cx=0x0000, dx=0x184F)
    assert pc.session.bios.video.screen()[6] == " " * 16 + "BAA"
    pc.call(0x10, ax=0x0600, bx=0x0700, cx=0x0000, dx=0x184F)
    assert not any(pc.session.bios.video.screen())
    pc.call(0x10, ax=0x0601, bx=0, cx=0x1900, dx=0)  # an empty window


def test_modes_and_the_rest(pc: Pc) -> None:
    pc.call(0x10, ax=0x0F00)
    assert (pc.cpu.ax, pc.cpu.bh) == (0x5003, 0)
    pc.call(0x10, ax=0x0013)
    assert pc.call(0x10, ax=0x0F00).cpu.al == 0x13
    assert pc.memory.read(0xA0000, 64000) == bytes(64000)
    pc.call(0x10, ax=0x0100, cx=0x0D0E)
    assert pc.call(0x10, ax=0x0300, bx=0).cpu.cx == 0x0D0E
    pc.call(0x10, ax=0x0501)
    assert pc.call(0x10, ax=0x0F00).cpu.bh == 1
    pc.call(0x10, ax=0x1130, bx=0, dx=0)
    assert (pc.cpu.cx, pc.cpu.dx) == (16, 24)
    assert pc.call(0x10, ax=0x1200, bx=0x10).cpu.bx == 3
    assert pc.call(0x10, ax=0x1A00).cpu.bx == 8
    pc.put(b"text")
    pc.call(0x10, ax=0x1301, bx=7, cx=4, dx=0x0200, bp=0)
    assert pc.session.bios.video.screen()[2] == "text"
    pc.put(b"p\x1fq\x1f")
    pc.call(0x10, ax=0x1302, bx=7, cx=2, dx=0x0300, bp=0)
    assert pc.session.bios.video.screen()[3] == "pq"
    pc.call(0x10, ax=0x4F00)  # no VESA


def test_programs_may_write_to_video_memory(tmp_path: Path) -> None:
    source = "mov ax, 0xb800\nmov es, ax\nmov word ptr es:[160], 0x0748\nmov byte ptr es:[162], 0x69\n"
    outcome = run_asm(tmp_path, source + EXIT)
    assert outcome.result.screen[1] == "Hi"
    assert outcome.text == b""


# -- keyboard ----------------------------------------------------------------------------------------------


def test_keyboard_service(tmp_path: Path) -> None:
    pc = Pc(tmp_path, keys=b"aA\t\x1b1!")
    assert pc.call(0x16, ax=0).cpu.ax == 0x1E61
    assert pc.call(0x16, ax=0x1000).cpu.ax == 0x1E41
    assert pc.call(0x16, ax=0).cpu.ax == 0x0F09
    assert pc.call(0x16, ax=0).cpu.ax == 0x011B
    assert pc.call(0x16, ax=0).cpu.ax == 0x0231
    assert pc.call(0x16, ax=0).cpu.ax == 0x0221
    pc.call(0x16, ax=0x0100)
    assert pc.zero
    pc.call(0x16, ax=0x0500, cx=0x3920)
    assert pc.cpu.al == 0
    pc.call(0x16, ax=0x1100)
    assert (pc.zero, pc.cpu.ax) == (False, 0x3920)
    for _ in range(14):
        assert pc.call(0x16, ax=0x0500, cx=0x3920).cpu.al == 0
    assert pc.call(0x16, ax=0x0500, cx=0x3920).cpu.al == 1
    assert pc.carry
    pc.call(0x16, ax=0x0300)


def press(pc: Pc, *codes: int) -> None:
    pc.machine.keyboard.press(codes)


def test_modifiers(pc: Pc) -> None:
    press(pc, 0x3A, 0xBA, 0x10, 0x90, SHIFT, 0x10, 0x90, SHIFT | 0x80, 0x3A, 0xBA)
    assert pc.call(0x16, ax=0).cpu.al == ord("Q")  # caps lock
    assert pc.call(0x16, ax=0).cpu.al == ord("q")
    press(pc, CTRL, 0x2E, 0xAE, 0x1A, 0x9A, 0x3B, 0xBB, CTRL | 0x80, ALT, 0x10, 0x90, ALT | 0x80, 0x3B, 0xBB)
    assert pc.call(0x16, ax=0).cpu.ax == 0x2E03
    assert pc.call(0x16, ax=0).cpu.ax == 0x1A1B
    assert pc.call(0x16, ax=0).cpu.ax == 0x3B00
    assert pc.call(0x16, ax=0).cpu.ax == 0x1000
    assert pc.call(0x16, ax=0).cpu.ax == 0x3B00
    press(pc, SHIFT, 0xE0, 0x48, 0xE0, 0xC8, SHIFT | 0x80)
    assert pc.call(0x16, ax=0).cpu.ax == 0x4800
    press(pc, ALT, KEYPAD[6], KEYPAD[6] | 0x80, KEYPAD[5], KEYPAD[5] | 0x80, ALT | 0x80)
    assert pc.call(0x16, ax=0).cpu.ax == 65
    assert pc.call(0x16, ax=0x0200).cpu.al == 0


def test_typing_waits_for_room_in_the_buffer(tmp_path: Path) -> None:
    """More keys than the BIOS buffer holds, read late: none is lost."""
    text = bytes(range(97, 123)) * 2
    source = (
        "mov ecx, 0x80000\nw: dec ecx\njnz w\nmov cx, 52\nl: push cx\nmov ah, 0\nint 0x16\nmov dl, al\n"
        "mov ah, 2\nint 0x21\npop cx\ndec cx\njnz l\n"
    )
    (tmp_path / "T.EXE").write_bytes(mz(assemble(FLAT + source + EXIT)))
    printed: list[bytes] = []
    Session(tmp_path / "T.EXE", folder=tmp_path, console=printed.append, keys=text, time_limit=30).run()
    assert b"".join(printed) == text


# -- time --------------------------------------------------------------------------------------------------


def test_time_of_day(pc: Pc) -> None:
    pc.call(0x1A, ax=0)
    ticks = pc.cpu.cx << 16 | pc.cpu.dx
    assert ticks == pytest.approx(12 * 3600 * 18.2065, abs=2)
    pc.call(0x1A, ax=0x0100, cx=0x18, dx=0x00AF)
    pc.machine.clock.idle_until(pc.machine.pit_now() + 70_000)
    pc.call(0x1A, ax=0)
    assert (pc.cpu.cx, pc.cpu.dx < 3, pc.cpu.al) == (0, True, 1)  # past midnight
    assert pc.call(0x1A, ax=0).cpu.al == 0
    pc.call(0x1A, ax=0x0200)
    assert (pc.cpu.ch, pc.cpu.cl) == (0x12, 0)
    pc.call(0x1A, ax=0x0400)
    assert (pc.cpu.cx, pc.cpu.dx) == (0x1994, 0x0531)
    assert pc.call(0x1A, ax=0x7700).carry


def test_unused_hardware_interrupts_are_acknowledged(pc: Pc) -> None:
    pc.machine.pics.master.mask = pc.machine.pics.slave.mask = 0
    for irq in (5, 8, 12):
        pc.machine.pics.raise_irq(irq)
    pc.call(0x12)
    assert pc.machine.pics.master.in_service == pc.machine.pics.slave.in_service == 0
    pc.call(0x0D)  # a program may raise it by software
