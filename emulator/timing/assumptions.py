"""What the model takes for granted although no source settles it: each constant, its doubt, its alternative.

`python -m emulator.timing.sensitivity` shows how much a program's time moves when one of them is wrong;
docs/timing.md has the table for the shipped model.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Final


def _assumed(value: int, alternative: int, doubt: str) -> Any:
    return field(default=value, metadata={"alternative": alternative, "doubt": doubt})


@dataclass(frozen=True)
class Assumptions:
    """The doubtful constants of the cycle model, in core clocks unless the doubt says otherwise."""

    agi_real: int = _assumed(
        1, 0, "address generation interlock: one clock more in real mode: Abrash measured it, Intel's manual has it not"
    )
    index: int = _assumed(
        1, 0, "an index register: 'may' cost 1 (Intel), does (Abrash), only with base and displacement (Crawford)"
    )
    displacement_immediate: int = _assumed(1, 0, "a displacement and an immediate in one instruction (Intel, note 22)")
    prefix: int = _assumed(1, 2, "a prefix takes one clock in D1 (Intel, Abrash); 86Box charges 2 for 66h and 67h")
    byte_source: int = _assumed(
        1, 0, "a byte register written, then the whole register read (Abrash, rule 3; Toth); not in Intel's manual"
    )
    byte_collision: int = _assumed(
        1, 0, "a byte register written 2 clocks before an address is computed (Abrash, rule 4); not explained"
    )
    misaligned: int = _assumed(3, 2, "an operand across a dword boundary takes 3 more (Intel's manual, 86Box)")
    queue_size: int = _assumed(
        4, 3, "write buffers: 4 (Intel); whether the write on the bus still holds one is not said"
    )
    straddle: int = _assumed(1, 0, "a branch target across a 16-byte line waits a clock for the second line (Intel)")
    walk: int = _assumed(6, 12, "a page walk besides its reads; Intel gives 13 to 28 clocks for a TLB miss in all")
    multiply_base: int = _assumed(10, 9, "MUL, IMUL: 10 + max(ceil(log2 |m|), 3 or 5), m the multiplier (Intel)")


DEFAULTS: Final = Assumptions()


@dataclass(frozen=True)
class Alternative:
    """Another plausible value of an assumption."""

    name: str
    value: int
    other: int
    doubt: str


def alternatives() -> list[Alternative]:
    """Every assumption with its other plausible value and the reason for the doubt."""
    return [
        Alternative(one.name, getattr(DEFAULTS, one.name), one.metadata["alternative"], one.metadata["doubt"])
        for one in fields(Assumptions)
    ]
