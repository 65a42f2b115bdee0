"""The disk model: what seeks, turns, sectors and programmed I/O take, and that their time passes in the guest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from guests import EXIT, FLAT, Outcome, run_asm
from hypothesis import given
from hypothesis import strategies as st

from emulator.disk import SECTOR, Disk, DiskTiming
from emulator.profiles import find_profile
from emulator.timing.options import Timing

HERTZ = 66_000_000
DRIVE = DiskTiming(seek_ms=10.0, turn_ms=12.0, kb_per_s=1024.0)


def test_seek_turn_and_sectors() -> None:
    disk = Disk(DRIVE, HERTZ, 750)
    assert disk.seek_clocks == 1_056_000  # 10 ms and half a turn
    assert disk.sector_clocks == 32_227  # 512 bytes at 1 MB/s: 0.488 ms
    assert disk.directory() == disk.seek_clocks + disk.sector_clocks
    assert disk.transfer("a", 0, 1) == disk.seek_clocks + disk.sector_clocks
    assert disk.transfer("a", 1, 511) == 0  # the sector is in DOS's buffer
    assert disk.transfer("a", 512, 1024) == 2 * disk.sector_clocks  # reading on
    assert disk.transfer("a", 1535, 2) == disk.sector_clocks
    assert disk.transfer("a", 0, 1) == disk.seek_clocks + disk.sector_clocks  # back
    assert disk.transfer("b", 512, 1) == disk.seek_clocks + disk.sector_clocks  # another file
    assert disk.transfer("b", 512, 0) == 0


def test_the_cpu_is_the_limit_of_a_fast_drive() -> None:
    disk = Disk(DiskTiming(10, 12, 50_000), HERTZ, 750)
    assert disk.sector_clocks == pytest.approx(256 * (750e-9 * HERTZ + 8), abs=1)


@given(st.integers(0, 10_000), st.lists(st.integers(1, 3000), min_size=1, max_size=20))
def test_reading_in_pieces_moves_the_same_sectors(start: int, sizes: list[int]) -> None:
    pieces, whole = Disk(DRIVE, HERTZ, 750), Disk(DRIVE, HERTZ, 750)
    at, clocks = start, 0
    for size in sizes:
        clocks += pieces.transfer(1, at, size)
        at += size
    assert clocks == whole.transfer(1, start, at - start)
    sectors = (at - 1) // SECTOR - start // SECTOR + 1
    assert clocks == whole.seek_clocks + sectors * whole.sector_clocks


def reading(folder: Path, kilobytes: int, seek_ms: float) -> Outcome:
    """A program that opens a file and reads so much of it, 1 KB at a time."""
    (folder / "DATA.BIN").write_bytes(bytes(64 * 1024))
    profile = replace(find_profile("486dx2-66"), disk=DiskTiming(seek_ms, 0.0, 1024.0))
    source = f"""{FLAT}
        mov ax, 0x3d00
        mov dx, name
        int 0x21
        mov bx, ax
        mov si, {kilobytes}
        again:
        mov ah, 0x3f
        mov cx, 1024
        mov dx, 0x1000
        int 0x21
        dec si
        jnz again
        {EXIT}
        name: .asciz "DATA.BIN"
        """
    return run_asm(folder, source, cpu=profile, timing=Timing())


def test_time_passes_in_the_guest(tmp_path: Path) -> None:
    short, long, slow = reading(tmp_path, 8, 0.0), reading(tmp_path, 40, 0.0), reading(tmp_path, 8, 200.0)
    assert all(outcome.ok for outcome in (short, long, slow))
    clocks = [outcome.result.clocks or 0 for outcome in (short, long, slow)]
    hertz = short.machine.profile.clock_hz
    # 32 KB more at 1 MB/s are 31.25 ms; the calls themselves add little.
    assert (clocks[1] - clocks[0]) / hertz == pytest.approx(0.03125, rel=0.02)
    # Two seeks, to the directory and to the file, of 200 ms each.
    assert (clocks[2] - clocks[0]) / hertz == pytest.approx(0.4, rel=0.01)


def test_the_timer_ticks_while_the_disk_turns(tmp_path: Path) -> None:
    slow = reading(tmp_path, 1, 1000.0)
    assert slow.ok
    ticks = slow.machine.memory.u32(0x46C) - reading(tmp_path, 1, 0.0).machine.memory.u32(0x46C)
    assert ticks == pytest.approx(2 * 18.2, abs=1)
