"""A profile as data: counters by instruction and by calling context.

Everything else about a profile (by procedure, line, op, layer) is computed from these two lists and the
program's map, so a profile that was saved can be looked at in every way later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

FORMAT: Final = "gpt486-profile 1"

#: What is counted for each instruction, in this order.  `clocks` is everything that passed; the counters
#: from `multiply` to `translate` are parts of it, and what they leave is the work of the clock table.
COUNTERS: Final = (
    "instructions",  #: executed; a REP instruction counts once
    "clocks",  #: CPU core clocks between the ends of the instruction before and of this one
    "multiply",  #: clocks beyond the first of MUL, IMUL, DIV and IDIV
    "address",  #: clocks waited for a base or index register (address generation interlock)
    "decode",  #: clocks for prefixes, index registers, displacement with immediate, byte-register writes
    "cache",  #: clocks waited for data that was not in the first-level cache
    "write",  #: clocks waited for a free write buffer, or for writes before a read
    "branch",  #: clocks of the bubbles after taken branches
    "fetch",  #: clocks waited for code bytes
    "fpu",  #: clocks waited for the x87 instruction before
    "align",  #: clocks for operands that cross a 4-byte boundary
    "translate",  #: clocks for page-table walks after TLB misses
    "reads",  #: data reads, one per access that the bus or cache would see
    "writes",
    "read_misses",  #: data reads that missed the first-level cache
    "fetch_misses",  #: code lines that missed the first-level cache
    "far_misses",  #: lines (code or data) that the second-level cache did not have either
    "bytes_read",
    "bytes_written",
)
#: The counters that are parts of `clocks`.
STALLS: Final = COUNTERS[COUNTERS.index("multiply") : COUNTERS.index("translate") + 1]

Counts = tuple[int, ...]


@dataclass(frozen=True)
class Place:
    """One instruction: its linear address, its length in bytes, its text, and its counts (as COUNTERS)."""

    address: int
    size: int
    text: str
    counts: Counts


@dataclass(frozen=True)
class Context:
    """A node of the calling context tree: a procedure as called along one chain of calls.

    parent: index of the caller's node, -1 for the root.  call_site: linear address of the CALL instruction
    (0 for the root and for interrupts).  entry: linear address of the procedure's first instruction.
    ordinal: for a procedure that is split, the number of this call among the calls from the same caller's
    activation, from 0 (the layer, for a procedure called once a layer); -1 for any other.  calls: how often it
    was entered.  counts: of its own instructions, without those of its callees.
    """

    parent: int
    call_site: int
    entry: int
    ordinal: int
    calls: int
    counts: Counts


@dataclass(frozen=True)
class Mark:
    """An arrival at a probed code symbol: totals of the whole run so far, before that instruction."""

    symbol: str
    counts: Counts


@dataclass(frozen=True)
class Profile:
    """What a run did, and on what machine.

    cpu: the profile of the CPU and its board as plain data (see emulator.profiles).  image_base: linear
    address of the program's image, to subtract before looking an address up in its map; None if it never
    stored one.  sampled: the share of the instructions that went through the cycle model, 1.0 for all; counts
    are of those alone.  disk, idle: clocks of the whole run in which no instruction ran, since the disk was busy
    or since the program waited (HLT) for a key or the timer; they are not in any of the counts.
    """

    program: str
    cpu: Mapping[str, Any]
    clock_hz: int
    image_base: int | None
    totals: Counts
    places: list[Place]
    contexts: list[Context]
    marks: list[Mark] = field(default_factory=list)
    sampled: float = 1.0
    disk: int = 0
    idle: int = 0

    @property
    def instructions(self) -> int:
        """Instructions that were counted."""
        return self.totals[0]

    @property
    def clocks(self) -> int:
        """CPU core clocks that they took."""
        return self.totals[1]

    @property
    def seconds(self) -> float:
        """Emulated time that they took, without that of the disk and of waiting."""
        return self.clocks / self.clock_hz
