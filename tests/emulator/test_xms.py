"""The XMS driver."""

from __future__ import annotations

from pathlib import Path

import pytest
from guests import DATA, Pc


@pytest.fixture
def pc(tmp_path: Path) -> Pc:
    return Pc(tmp_path, memory_mb=8)


def xms(pc: Pc, function: int, **registers: int) -> Pc:
    pc.call(0x2F, ax=0x4310)
    return pc.call(far=(pc.cpu.es, pc.cpu.bx), eax=function << 8, **registers)


def fails(pc: Pc, code: int) -> None:
    assert (pc.cpu.ax, pc.cpu.bl) == (0, code)


def test_the_entry_point_can_be_hooked(pc: Pc) -> None:
    pc.call(0x2F, ax=0x4310)
    assert pc.memory.read(pc.cpu.es * 16 + pc.cpu.bx, 5) == b"\xeb\x05\x90\x90\x90"


def test_version_and_hma(pc: Pc) -> None:
    xms(pc, 0)
    assert (pc.cpu.ax, pc.cpu.dx) == (0x0300, 1)
    assert xms(pc, 1, dx=0xFFFF).cpu.ax == 1
    fails(xms(pc, 1, dx=0xFFFF), 0x91)
    assert xms(pc, 2).cpu.ax == 1
    fails(xms(pc, 2), 0x93)
    fails(xms(pc, 0x55), 0x80)


def test_no_hma_on_one_megabyte(tmp_path: Path) -> None:
    pc = Pc(tmp_path, memory_mb=1)
    assert xms(pc, 0).cpu.dx == 0
    fails(xms(pc, 1, dx=0xFFFF), 0x90)
    xms(pc, 8)
    assert (pc.cpu.ax, pc.cpu.dx, pc.cpu.bl) == (0, 0, 0xA0)
    xms(pc, 0x88)
    assert (pc.cpu.eax, pc.cpu.edx, pc.cpu.bl) == (0, 0, 0xA0)
    fails(xms(pc, 9, dx=1), 0xA0)


def test_a20(pc: Pc) -> None:
    pc.memory.set_u16(0x500, 0x1111)
    assert xms(pc, 7).cpu.ax == 0
    assert pc.memory.u16(0x100500) == 0x1111
    assert xms(pc, 3).cpu.ax == 1
    assert xms(pc, 7).cpu.ax == 1
    assert pc.memory.u16(0x100500) != 0x1111
    assert xms(pc, 5).cpu.ax == 1
    fails(xms(pc, 4), 0x94)
    assert xms(pc, 6).cpu.ax == 1
    assert xms(pc, 7).cpu.ax == 0
    xms(pc, 3)
    xms(pc, 5)
    fails(xms(pc, 6), 0x94)
    assert xms(pc, 4).cpu.ax == 1


def test_allocation(pc: Pc) -> None:
    xms(pc, 8)
    total = 7 * 1024 - 64
    assert (pc.cpu.ax, pc.cpu.dx) == (total, total)
    assert xms(pc, 9, dx=100).cpu.ax == 1
    first = pc.cpu.dx
    xms(pc, 9, dx=200)
    second = pc.cpu.dx
    xms(pc, 0x89, edx=300)
    third = pc.cpu.dx
    xms(pc, 0x0A, dx=second)
    xms(pc, 8)
    assert (pc.cpu.ax, pc.cpu.dx) == (total - 600, total - 400)
    xms(pc, 0x88)
    assert (pc.cpu.eax, pc.cpu.edx, pc.cpu.ecx) == (total - 600, total - 400, 8 * 1024 * 1024 - 1)
    fails(xms(pc, 9, dx=total), 0xA0)
    fails(xms(pc, 0x0A, dx=second), 0xA2)
    xms(pc, 0x0C, dx=first)
    address = pc.cpu.dx << 16 | pc.cpu.bx
    assert address == 0x110000
    fails(xms(pc, 0x0A, dx=first), 0xAB)
    fails(xms(pc, 0x0F, dx=first, bx=300), 0xAB)
    xms(pc, 0x0E, dx=first)
    assert (pc.cpu.ax, pc.cpu.bh, pc.cpu.bl, pc.cpu.dx) == (1, 1, 30, 100)
    xms(pc, 0x8E, dx=third)
    assert (pc.cpu.ax, pc.cpu.bh, pc.cpu.cx, pc.cpu.edx) == (1, 0, 30, 300)
    xms(pc, 0x0D, dx=first)
    fails(xms(pc, 0x0D, dx=first), 0xAA)
    xms(pc, 3)
    pc.memory.write(0x110000, b"content")
    assert xms(pc, 0x0F, dx=first, bx=1000).cpu.ax == 1
    xms(pc, 0x0C, dx=first)
    assert pc.memory.read(pc.cpu.dx << 16 | pc.cpu.bx, 7) == b"content"
    for _ in range(254):
        xms(pc, 0x0C, dx=first)
    fails(xms(pc, 0x0C, dx=first), 0xAC)
    fails(xms(pc, 0x8F, dx=third, ebx=100_000), 0xA0)
    assert xms(pc, 0x8F, dx=third, ebx=10).cpu.ax == 1
    assert xms(pc, 9, dx=0).cpu.ax == 1  # an empty block is a block
    assert xms(pc, 0x0F, dx=pc.cpu.dx, bx=5).cpu.ax == 1


def test_handles_run_out(pc: Pc) -> None:
    for _ in range(32):
        assert xms(pc, 9, dx=1).cpu.ax == 1
    fails(xms(pc, 9, dx=1), 0xA1)


def move(pc: Pc, length: int, source: tuple[int, int], target: tuple[int, int]) -> Pc:
    table = length.to_bytes(4, "little")
    for handle, offset in (source, target):
        table += handle.to_bytes(2, "little") + offset.to_bytes(4, "little")
    pc.put(table, 0x800)
    return xms(pc, 0x0B, si=0x800)


def test_move(pc: Pc) -> None:
    xms(pc, 9, dx=16)
    handle = pc.cpu.dx
    pc.put(b"into extended memory")
    here = DATA << 16
    assert move(pc, 20, (0, here), (handle, 1000)).cpu.ax == 1
    assert move(pc, 20, (handle, 1000), (0, here | 0x100)).cpu.ax == 1
    assert pc.get(20, 0x100) == b"into extended memory"
    fails(move(pc, 3, (handle, 0), (0, here)), 0xA7)
    fails(move(pc, 4, (77, 0), (0, here)), 0xA3)
    fails(move(pc, 4, (handle, 16384), (0, here)), 0xA4)
    fails(move(pc, 4, (0, here), (77, 0)), 0xA5)
    fails(move(pc, 4, (0, here), (handle, 16382)), 0xA6)
    fails(move(pc, 0xFFFFF0, (0, here), (handle, 0)), 0xA4)
    assert not pc.memory.a20


def test_int_15_sees_no_memory_once_xms_has_it(pc: Pc, tmp_path: Path) -> None:
    assert pc.call(0x15, ax=0x8800).cpu.ax == 0
    assert Pc(tmp_path, memory_mb=8, xms=False).call(0x15, ax=0x8800).cpu.ax == 7168
