"""Measuring a few instructions on a bare machine: no BIOS, no interrupts, code and data warm in the cache."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest

from emulator.errors import GuestStopError
from emulator.machine import Machine
from emulator.profiles import CpuProfile, find_profile
from emulator.timing.assumptions import DEFAULTS, Assumptions
from emulator.timing.model import CycleModel
from tests.emulator.guests import assemble

#: Where the code lies, the number of passes, the table of segments, and room for data (all linear addresses).
CODE, PASSES, GDT, DATA, STACK = 0x10000, 0x9000, 0x8000, 0x4000, 0x7000

_FLAT_CODE = struct.pack("<HHBBBB", 0xFFFF, 0, 0, 0x9A, 0xCF, 0)
_FLAT_DATA = struct.pack("<HHBBBB", 0xFFFF, 0, 0, 0x92, 0xCF, 0)


def machine(
    source: str, *, bits: int, cpu: str | CpuProfile = "486dx-33", assumptions: Assumptions = DEFAULTS
) -> Machine:
    """A machine about to execute `source`, as real-mode code with all segments 0 but CS, or in flat 32-bit mode."""
    profile = find_profile(cpu) if isinstance(cpu, str) else cpu
    pc = Machine(profile, 2)
    pc.attach_model(CycleModel(profile, assumptions))
    pc.start_model()
    pc.memory.write(GDT, bytes(8) + _FLAT_CODE + _FLAT_DATA)
    pc.memory.write(GDT + 0x40, struct.pack("<HI", 0x17, GDT))
    prologue = "xor ax, ax\nmov ds, ax\nmov es, ax\nmov ss, ax\nmov sp, 0x7000\n"
    if bits == 32:
        prologue += "lgdt [0x8040]\nmov eax, cr0\nor al, 1\nmov cr0, eax\n"
    code = assemble(prologue, 16)
    if bits == 32:
        code += b"\x66\xea" + struct.pack("<IH", CODE + len(code) + 8, 8)
        source = "mov eax, 16\nmov ds, eax\nmov es, eax\nmov ss, eax\nmov esp, 0x7000\n" + source
    code += b"\x90" * (-len(code) % 2)
    pc.memory.write(CODE, code)
    pc.memory.write(CODE + len(code), assemble(source, bits, (CODE if bits == 32 else 0) + len(code)))
    pc.cpu.cs = CODE >> 4
    pc.cpu.eip = 0
    pc.cpu.eflags = 2
    return pc


def run(pc: Machine) -> int:
    """Run until HLT; returns the clocks, all of them."""
    with pytest.raises(GuestStopError) as stopped:
        pc.run()
    assert stopped.value.reason == "halted", stopped.value
    assert pc.model is not None
    assert int(pc.model.state["lost"]) == 0
    assert pc.model.totals[0] == pc.count
    return pc.model.now


def total(
    body: str, repeat: int, passes: int, *, setup: str, bits: int, cpu: str | CpuProfile, assumptions: Assumptions
) -> int:
    """Clocks of `passes` passes over `repeat` copies of a body."""
    source = [setup, f"mov word ptr [{PASSES}], {passes}", "again:", *[body] * repeat]
    source += [f"dec word ptr [{PASSES}]", "jz done"]
    source += [".byte 0xe9", ".word again - . - 2" if bits == 16 else ".long again - . - 4", "done:", "hlt"]
    return run(machine("\n".join(source), bits=bits, cpu=cpu, assumptions=assumptions))


def clocks(
    body: str,
    *,
    bits: int = 32,
    setup: str = "",
    repeat: int = 64,
    cpu: str | CpuProfile = "486dx-33",
    assumptions: Assumptions = DEFAULTS,
) -> float:
    """Clocks of one copy of a body, warm: what a further pass over `repeat` more copies of it takes."""

    def warm(copies: int) -> int:
        one, two = (
            total(body, copies, passes, setup=setup, bits=bits, cpu=cpu, assumptions=assumptions) for passes in (3, 4)
        )
        return two - one

    return (warm(2 * repeat) - warm(repeat)) / repeat


def board(cpu: str = "486dx-33", **changes: int) -> CpuProfile:
    """A profile with another board."""
    profile = find_profile(cpu)
    return replace(profile, board=replace(profile.board, **changes))
