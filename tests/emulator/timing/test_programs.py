"""Figures that were published for real 486s, of programs small enough to be written here again.

docs/timing.md has the larger ones, which run from other people's files.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.profiles import find_profile
from emulator.timing.options import Timing
from tests.emulator.guests import EXIT, assemble, mz, run_exe
from tests.emulator.timing.lab import machine, run


@pytest.mark.parametrize("cpu", ["486sx-25", "486dx-33", "486dx2-50", "486dx2-66", "486dx4-100"])
def test_bogomips(cpu: str) -> None:
    """BogoMips mini-HOWTO (W. C. A. van Dorst, 18 January 1995): 486SX, DX, DX2: clock x (0.50 +- 0.01).

    A 486DX4/100 was reported with 50.08.  A million turns of Linux's delay loop are two BogoMips a second.
    """
    turns = 1_000_000
    clocks = run(machine(f"mov eax, {turns}\nagain:\ndec eax\njns again\nhlt", bits=32, cpu=cpu))
    hertz = find_profile(cpu).clock_hz
    bogomips = turns * hertz / clocks / 500_000
    assert bogomips / (hertz / 1e6) == pytest.approx(0.5, abs=0.01)
    if cpu == "486dx4-100":
        assert bogomips == pytest.approx(50.08, rel=0.01)


def test_reading_a_cached_buffer() -> None:
    """CERBERUS 0.8.0 on an i486DX2-66 (a UMC491 board): REP LODSB over 4096 bytes takes 246 microseconds.

    Tony Atkins's capture of 21 April 2026 (CERBERUS, tests/captures/486-BEK-V409-2026-04-21-m1-exit).
    """
    setup = "cld\nmov cx, 4096\nmov si, 0x4000\n"
    once, twice = (run(machine((setup + ".byte 0xf3, 0xac\n") * times + "hlt", bits=16)) for times in (1, 2))
    microseconds = (twice - once) / find_profile("486dx2-66").clock_hz * 1e6
    assert microseconds == pytest.approx(246, rel=0.01)


@pytest.mark.parametrize(
    ("cpu", "least", "most"),
    [("486dx-33", 143, 143), ("486sx-25", 197, 206), ("486dx2-66", 80, 90)],
)
def test_string_instructions(cpu: str, least: int, most: int) -> None:
    """The memory test of TOPBENCH (Jim Leonard), in microseconds, from its database of real machines.

    486DX-33 with UM8498F, 486SX-25 (a clone, Compaq ProLinea 4/25s), 486DX2-66 (eight desktop machines).  257 bytes
    are filled, copied, scanned for the last byte but one, compared up to there, and read, all for the first time.
    Other machines are further off: docs/timing.md.
    """
    body = """
    cld
    xor ax, ax
    mov di, 0x4000
    mov cx, 128
    .byte 0xf3, 0xab
    mov cl, 1
    .byte 0xf3, 0xaa
    mov di, 0x4102
    mov si, 0x4000
    mov cl, 128
    .byte 0xf3, 0xa5
    mov cl, 1
    .byte 0xf3, 0xa4
    mov si, 0x4000
    mov di, 0x4102
    mov byte ptr [di + 255], 0xff
    mov cx, 257
    mov al, 0xff
    .byte 0xf2, 0xae
    mov di, 0x4102
    mov cx, 257
    .byte 0xf3, 0xa6
    mov si, 0x4000
    mov cx, 128
    .byte 0xf3, 0xad
    """
    nothing, everything = (run(machine(text + "hlt", bits=16, cpu=cpu)) for text in ("", body))
    microseconds = (everything - nothing) / find_profile(cpu).clock_hz * 1e6
    assert least * 0.95 <= microseconds <= most * 1.05


def test_a_vector_without_a_service_is_a_bare_iret(tmp_path: Path) -> None:
    """INT 1Ch costs INT, the stub's NOP and IRET, with their fetches; a call of DOS a few hundred clocks."""

    def clocks(body: str) -> int:
        outcome = run_exe(tmp_path, mz(assemble(body * 8 + EXIT)), timing=Timing())
        assert outcome.result.clocks is not None
        return outcome.result.clocks

    nothing, timer = (clocks(body) for body in ("nop\nnop\n", "int 0x1c\n"))
    version = clocks("mov ah, 0x30\nint 0x21\n")
    assert nothing + 8 * 39 <= timer <= nothing + 8 * 80
    assert version > nothing + 8 * 400
