"""Programs, their memory and surroundings; date, time, vectors and the other small services of DOS."""

from __future__ import annotations

from pathlib import Path

import pytest
from guests import EXIT, FLAT, Pc, assemble, mz, run_asm, run_exe

from emulator import EmulatorError, Session
from emulator.dos.memory import END, FIRST


def test_psp_environment_and_command_tail(tmp_path: Path) -> None:
    (tmp_path / "SUB").mkdir()
    exe = tmp_path / "SUB" / "T.EXE"
    exe.write_bytes(mz(assemble(EXIT)))
    session = Session(exe, b"one /two", folder=tmp_path, console=lambda _: None)
    psp, memory = session.machine.cpu.ds, session.machine.memory
    assert session.machine.cpu.es == psp
    assert memory.read(psp * 16, 2) == b"\xcd\x20"
    assert memory.u16(psp * 16 + 2) == END
    assert memory.read(psp * 16 + 0x80, 11) == b"\x09 one /two\r"
    environment = memory.u16(psp * 16 + 0x2C)
    text = memory.read(environment * 16, 200)
    assert b"PATH=C:\\\0" in text
    assert text.partition(b"\0\0\x01\0")[2].partition(b"\0")[0] == b"C:\\SUB\\T.EXE"
    assert memory.read(psp * 16 + 0x50, 3) == b"\xcd\x21\xcb"
    assert (psp - 1) * 16 > 0x10000


def test_a_program_outside_the_folder(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    exe = tmp_path / "Long program name.exe"
    exe.write_bytes(mz(assemble(EXIT)))
    session = Session(exe, folder=tmp_path / "disk", console=lambda _: None)
    environment = session.machine.memory.u16(session.machine.cpu.ds * 16 + 0x2C)
    assert b"C:\\LONG PRO.EXE\0" in session.machine.memory.read(environment * 16, 200)
    assert session.run().exit_code == 0


def test_arguments_that_are_too_long(tmp_path: Path) -> None:
    exe = tmp_path / "T.EXE"
    exe.write_bytes(mz(assemble(EXIT)))
    with pytest.raises(EmulatorError, match="125 bytes"):
        Session(exe, b"x" * 126, folder=tmp_path, console=lambda _: None)
    with pytest.raises(EmulatorError, match="without a CR"):
        Session(exe, b"x\r", folder=tmp_path, console=lambda _: None)
    Session(exe, b"x" * 125, folder=tmp_path, console=lambda _: None)


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("mov ax, 0x4c2a\nint 0x21\n", 42),
        ("mov ah, 0\nint 0x21\n", 0),
        ("int 0x20\n", 0),
        ("mov dx, 1\nmov ax, 0x3107\nint 0x21\n", 7),
        ("push ds\nxor ax, ax\npush ax\nretf\n", 0),  # to PSP:0
        ("int 0x22\n", 0),
        ("int 0x27\n", 0),
        ("int 0x23\n", 0),
    ],
)
def test_ways_to_end(tmp_path: Path, source: str, code: int) -> None:
    outcome = run_asm(tmp_path, source)
    assert (outcome.result.stop, outcome.result.exit_code) == (None, code)


def test_relocations_and_stack(tmp_path: Path) -> None:
    """The word at 10h is a segment that the loader relocates."""
    code = assemble("mov ax, cs:[0x10]\nmov bx, cs\nsub ax, bx\nmov ah, 0x4c\nint 0x21\nnop\nnop\n")
    code = code[:0x10].ljust(0x10, b"\x90") + b"\x05\x00" + bytes(100)
    outcome = run_exe(tmp_path, mz(code, relocations=((1, 0),)))
    assert outcome.result.exit_code == 5


def test_com_programs(tmp_path: Path) -> None:
    code = assemble("mov ah, 9\nmov dx, 0x10b\nint 0x21\nret\n").ljust(11, b"\x90") + b"com$"
    outcome = run_exe(tmp_path, code, name="C.COM")
    assert (outcome.ok, outcome.text) == (True, b"com")


def test_high_loading(tmp_path: Path) -> None:
    code = assemble("mov ax, ds\nmov bx, cs\ncmp bx, 0x9000\nja good\nmov ax, 0x4c01\nint 0x21\ngood: nop\n" + EXIT)
    exe = bytearray(mz(code))
    exe[10:14] = bytes(4)
    exe[14:18] = b"\0\0\x00\x10"  # SS:SP inside the image's segment
    assert run_exe(tmp_path, bytes(exe)).result.exit_code in (0, 1)


def test_memory_calls(tmp_path: Path) -> None:
    pc = Pc(tmp_path)
    pc.call(ax=0x4A00, es=pc.psp, bx=0x1000)
    assert not pc.carry
    pc.call(ax=0x4800, bx=0xFFFF)
    assert (pc.carry, pc.cpu.ax) == (True, 8)
    largest = pc.cpu.bx
    assert 0x7000 < largest < 0xA000 - FIRST
    blocks = []
    for size in (0x10, 0x20, 0x30):
        pc.call(ax=0x4800, bx=size)
        assert not pc.carry
        blocks.append(pc.cpu.ax)
    assert not pc.call(ax=0x4900, es=blocks[1]).carry
    pc.call(ax=0x4800, bx=8)
    assert pc.cpu.ax == blocks[1]  # first fit
    pc.call(ax=0x4A00, es=blocks[0], bx=0x100)
    assert (pc.carry, pc.cpu.ax, pc.cpu.bx) == (True, 8, 0x10)
    assert not pc.call(ax=0x4A00, es=blocks[2], bx=0x200).carry
    assert not pc.call(ax=0x4A00, es=blocks[2], bx=0x10).carry
    pc.call(ax=0x4900, es=0x1234)
    assert (pc.carry, pc.cpu.ax) == (True, 9)
    assert pc.call(ax=0x5800).cpu.ax == 0
    pc.call(ax=0x5801, bx=2)
    pc.call(ax=0x4800, bx=0x10)
    assert pc.cpu.ax == END - 0x10  # last fit, from the top
    pc.call(ax=0x5801, bx=1)
    pc.call(ax=0x4800, bx=0x17)
    assert not pc.carry
    assert pc.call(ax=0x5802).cpu.ax == 0
    assert pc.call(ax=0x5803, bx=1).carry
    whole = pc.call(ax=0x4800, bx=0xFFFF).cpu.bx
    assert not pc.call(ax=0x4800, bx=whole).carry


def test_a_damaged_arena_is_an_error_of_the_guest(tmp_path: Path) -> None:
    pc = Pc(tmp_path)
    pc.memory.set_u8(FIRST * 16, 0x11)
    for registers in ({"ax": 0x4800, "bx": 1}, {"ax": 0x4900, "es": pc.psp}, {"ax": 0x4A00, "es": pc.psp, "bx": 9}):
        pc.call(**registers)
        assert (pc.carry, pc.cpu.ax) == (True, 7)
    pc.session.dos.arena.free_all(pc.psp)
    pc.memory.set_u8(FIRST * 16, 0x4D)
    pc.memory.set_u16(FIRST * 16 + 3, 5)
    assert pc.call(ax=0x4800, bx=1).cpu.ax == 7


def test_free_all(tmp_path: Path) -> None:
    pc = Pc(tmp_path)
    pc.session.dos.arena.free_all(pc.psp)
    assert pc.session.dos.arena.largest() == END - FIRST - 1


def test_psp_calls(tmp_path: Path) -> None:
    pc = Pc(tmp_path)
    assert pc.call(ax=0x6200).cpu.bx == pc.psp
    assert pc.call(ax=0x5100).cpu.bx == pc.psp
    pc.call(ax=0x5000, bx=0x1234)
    assert pc.call(ax=0x6200).cpu.bx == 0x1234
    pc.call(ax=0x5000, bx=pc.psp)
    pc.call(ax=0x5500, dx=0x8000, si=0)
    assert pc.memory.read(0x80000, 2) == b"\xcd\x20"
    assert pc.memory.u16(0x80016) == pc.psp
    assert pc.call(ax=0x6200).cpu.bx == 0x8000
    pc.call(ax=0x5000, bx=pc.psp)
    pc.call(ax=0x2523, ds=0x1234, dx=0x5678)
    pc.call(ax=0x2600, dx=0x8100)
    assert pc.memory.read(0x81000, 10) == pc.memory.read(pc.psp * 16, 10)
    assert pc.memory.u32(0x8100E) == 0x12345678
    assert pc.call(ax=0x6200).cpu.bx == pc.psp
    assert pc.call(ax=0x4D00).cpu.ax == 0


def test_vectors(tmp_path: Path) -> None:
    pc = Pc(tmp_path)
    pc.call(ax=0x2560, dx=0x5678, ds=0x1234)
    assert pc.memory.u32(0x60 * 4) == 0x12345678
    pc.call(ax=0x3560)
    assert (pc.cpu.es, pc.cpu.bx) == (0x1234, 0x5678)


def test_version_drives_and_disk(tmp_path: Path) -> None:
    pc = Pc(tmp_path)
    assert pc.call(ax=0x3000).cpu.ax == 0x1606
    assert pc.call(ax=0x1900).cpu.al == 2
    assert pc.call(ax=0x0E00, dx=2).cpu.al == 3
    pc.call(ax=0x3600, dx=0)
    assert (pc.cpu.ax, pc.cpu.cx) == (64, 512)
    assert 0 < pc.cpu.dx <= 0xFFFE
    assert pc.call(ax=0x3600, dx=9).cpu.ax == 0xFFFF
    pc.call(ax=0x1B00)
    assert pc.memory.u8(pc.cpu.ds * 16 + pc.cpu.bx) == 0xF8
    pc.call(ax=0x0D00)
    pc.call(ax=0x1A00, dx=0x99)
    pc.call(ax=0x2F00)
    assert pc.cpu.bx == 0x99
    pc.call(ax=0x2E01)
    assert pc.call(ax=0x5400).cpu.al == 1
    assert pc.call(ax=0x3700).cpu.dl == ord("/")
    pc.call(ax=0x3701, dx=ord("-"))
    assert pc.call(ax=0x3700).cpu.dl == ord("-")
    assert pc.call(ax=0x3702).cpu.al == 0xFF
    pc.call(ax=0x5200)
    assert pc.memory.u16(pc.cpu.es * 16 + pc.cpu.bx - 2) == FIRST
    pc.call(ax=0x3400)
    assert pc.memory.u8(pc.cpu.es * 16 + pc.cpu.bx) == 0
    pc.call(ax=0x3800, dx=0)
    assert not pc.carry
    assert pc.get(3, 2) == b"$\0\0"
    assert not pc.call(ax=0x3800, dx=0xFFFF).carry
    assert pc.call(ax=0x6500).carry
    assert pc.call(ax=0x6601).cpu.bx == 437
    assert pc.call(ax=0x6100).carry
    pc.call(ax=0x71A0)  # no long file names: beyond the last function only AL changes
    assert (pc.carry, pc.cpu.ax) == (False, 0x7100)
    assert pc.call(ax=0x1800).cpu.al == 0


def test_date_and_time_are_fixed_and_can_be_set(tmp_path: Path) -> None:
    pc = Pc(tmp_path)
    pc.call(ax=0x2A00)
    assert (pc.cpu.cx, pc.cpu.dh, pc.cpu.dl, pc.cpu.al) == (1994, 5, 31, 2)
    pc.call(ax=0x2C00)
    assert (pc.cpu.ch, pc.cpu.cl, pc.cpu.dh) == (12, 0, 0)
    assert pc.call(ax=0x2B00, cx=1995, dx=0x0102).cpu.al == 0
    assert pc.call(ax=0x2D00, cx=0x0F1E, dx=0x2D00).cpu.al == 0
    pc.call(ax=0x2C00)
    assert (pc.cpu.ch, pc.cpu.cl, pc.cpu.dh) == (15, 30, 45)
    pc.call(ax=0x2A00)
    assert (pc.cpu.cx, pc.cpu.dh, pc.cpu.dl) == (1995, 1, 2)
    assert pc.call(ax=0x2B00, cx=1970, dx=0x0102).cpu.al == 0xFF
    assert pc.call(ax=0x2D00, cx=0x1900, dx=0).cpu.al == 0xFF


def test_multiplex(tmp_path: Path) -> None:
    pc = Pc(tmp_path)
    assert pc.call(0x2F, ax=0x1600).cpu.al == 0
    assert pc.call(0x2F, ax=0x1687).cpu.ax == 0x1687
    assert pc.call(0x2F, ax=0x4300).cpu.al == 0x80
    none = Pc(tmp_path, xms=False)
    assert none.call(0x2F, ax=0x4300).cpu.al == 0
    assert pc.call(0x33, ax=0).cpu.ax == 0
    assert pc.call(0x24, ax=0).cpu.al == 3


def test_too_big_for_conventional_memory(tmp_path: Path) -> None:
    exe = tmp_path / "BIG.EXE"
    exe.write_bytes(mz(assemble(EXIT), least=0x9800))
    with pytest.raises(EmulatorError, match="does not fit"):
        Session(exe, folder=tmp_path, console=lambda _: None)


def test_services_given_addresses_beyond_memory(tmp_path: Path) -> None:
    source = FLAT + "mov ax, 0xffff\nmov ds, ax\nmov dx, 0xffff\nmov cx, 0xffff\nmov bx, 1\nmov ah, 0x40\nint 0x21\n"
    outcome = run_asm(tmp_path, source + EXIT, memory_mb=1, xms=False)
    assert outcome.result.stop is None or outcome.result.stop.reason == "memory"
