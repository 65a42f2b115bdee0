"""Where counts belong: to procedures, source lines and modules, by the program's map.

A procedure's own counts come from the calling contexts, so that they are exact whatever labels the code
has inside; a line's come from the instructions.  Addresses outside of the program's image are named after
the part of the PC that they lie in.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emulator.mapfile import MapFile, MapSymbol
from emulator.profiling.schema import COUNTERS, Counts, Place
from emulator.profiling.storage import Recording

Matrix = NDArray[np.int64]

PROGRAM: Final = "program"
ROM: Final = "BIOS and DOS"
REAL_MODE: Final = "real mode"
CONVENTIONAL: Final = "conventional memory"
EXTENDED: Final = "extended memory"

_ROM_FIRST: Final = 0xC0000
_MEGABYTE: Final = 0x100000


class Procedure(NamedTuple):
    """A procedure by its module and name; `entry` is its first address (0 for a whole module)."""

    module: str
    name: str
    entry: int


class Where(NamedTuple):
    """The place of an instruction; file is "" and line 0 where the map knows none."""

    procedure: Procedure
    file: str
    line: int


@dataclass(frozen=True)
class ProcedureCost:
    """What a procedure cost: `own` without its callees, `total` with them (recursive calls count once)."""

    procedure: Procedure
    file: str
    line: int
    calls: int
    own: Counts
    total: Counts


@dataclass(frozen=True)
class LineCost:
    """What a source line cost, in one procedure; text is "" where the source was not at hand."""

    file: str
    line: int
    procedure: str
    text: str
    counts: Counts


def matrix(rows: Sequence[Counts]) -> Matrix:
    """Counts as an array [rows, counters]."""
    return np.array(rows, dtype=np.int64).reshape(len(rows), len(COUNTERS))


def counts(row: Matrix) -> Counts:
    """A row of such an array as counts."""
    return tuple(int(number) for number in row)


def total(rows: Iterable[Counts]) -> Counts:
    """The sum of counts, zeros for none."""
    return counts(matrix([*rows]).sum(axis=0))


def count(counted: Counts, name: str) -> int:
    """One counter by its name."""
    return counted[COUNTERS.index(name)]


class Attribution:
    """A recording's counts by procedure, line and instruction."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.profile = recording.profile
        self._map = recording.map if recording.profile.image_base is not None else None
        self._base = recording.profile.image_base or 0
        self._entries = sorted({context.entry for context in self.profile.contexts if context.entry})
        self._known: dict[int, Where] = {}

    # -- places ------------------------------------------------------------------------------------

    def module(self, address: int) -> str:
        """The part of the PC that a linear address lies in."""
        if self._map is not None and 0 <= address - self._base < self._map.image_size:
            return PROGRAM
        if address < _ROM_FIRST:
            return CONVENTIONAL if self._map is None else REAL_MODE
        return ROM if address < _MEGABYTE else EXTENDED

    def where(self, address: int) -> Where:
        """The procedure and source line of a linear address."""
        found = self._known.get(address)
        if found is None:
            found = self._known[address] = self._locate(address)
        return found

    def _locate(self, address: int) -> Where:
        module = self.module(address)
        if module != PROGRAM or self._map is None:
            return Where(self._foreign(module, address), "", 0)
        offset = address - self._base
        at = bisect_right(self._starts[0], offset) - 1
        line = self._map.line_at(offset)
        file, number = (line.file, line.line) if line is not None else ("", 0)
        if at < 0:
            return Where(Procedure(PROGRAM, f"image offset {offset:#x}", address), file, number)
        symbol = self._starts[1][at]
        return Where(Procedure(PROGRAM, symbol.name, self._base + symbol.offset), file, number)

    def _foreign(self, module: str, address: int) -> Procedure:
        """Outside of the map: one procedure for ROM and stub; without a map, the entry called last before it."""
        if module == ROM or self._map is not None:
            return Procedure(module, f"({module})", 0)
        at = bisect_right(self._entries, address) - 1
        if at < 0 or self.module(self._entries[at]) != module:
            return Procedure(module, f"({module})", 0)
        return Procedure(module, f"sub_{self._entries[at]:08X}", self._entries[at])

    @cached_property
    def _starts(self) -> tuple[list[int], list[MapSymbol]]:
        """Offsets and symbols of the procedures: what was called, and every label that is not one inside of another.

        A label inside carries its procedure's name: `lut_rows_11_row` in LUT_ROWS_11, `udivmod_long` in fb_udivmod.
        """
        assert self._map is not None
        called = {entry - self._base for entry in self._entries}
        starts: list[MapSymbol] = []
        for symbol in self._map.symbols:
            if symbol.kind != "code" or (starts and starts[-1].offset == symbol.offset):
                continue
            if starts and symbol.offset not in called and _inside(symbol.name, starts[-1].name):
                continue
            starts.append(symbol)
        return [symbol.offset for symbol in starts], starts

    # -- procedures --------------------------------------------------------------------------------

    @cached_property
    def owners(self) -> list[Procedure]:
        """The procedure of each calling context."""
        return [self.where(context.entry).procedure for context in self.profile.contexts]

    @cached_property
    def own(self) -> Matrix:
        """Counts of each context without its callees, [contexts, counters]."""
        return matrix([context.counts for context in self.profile.contexts])

    @cached_property
    def inclusive(self) -> Matrix:
        """Counts of each context with its callees, [contexts, counters]."""
        sums = self.own.copy()
        contexts = self.profile.contexts
        for index in range(len(contexts) - 1, -1, -1):
            if contexts[index].parent >= 0:
                sums[contexts[index].parent] += sums[index]
        return sums

    @cached_property
    def children(self) -> list[list[int]]:
        """The contexts called from each context, in the order of their first calls."""
        lists: list[list[int]] = [[] for _ in self.profile.contexts]
        for index, context in enumerate(self.profile.contexts):
            if context.parent >= 0:
                lists[context.parent].append(index)
        return lists

    @cached_property
    def outermost(self) -> list[bool]:
        """For each context: whether its procedure is in none of its callers."""
        answer = []
        for index, context in enumerate(self.profile.contexts):
            owner, caller = self.owners[index], context.parent
            while caller >= 0 and self.owners[caller] != owner:
                caller = self.profile.contexts[caller].parent
            answer.append(caller < 0)
        return answer

    def procedures(self) -> list[ProcedureCost]:
        """Every procedure that was entered, the most expensive first."""
        own: dict[Procedure, Matrix] = {}
        full: dict[Procedure, Matrix] = {}
        calls: dict[Procedure, int] = {}
        zero = np.zeros(len(COUNTERS), np.int64)
        for index, context in enumerate(self.profile.contexts):
            owner = self.owners[index]
            own[owner] = own.get(owner, zero) + self.own[index]
            calls[owner] = calls.get(owner, 0) + context.calls
            if self.outermost[index]:
                full[owner] = full.get(owner, zero) + self.inclusive[index]
        rows = []
        for owner in own:
            file, line = self.first_line(owner)
            rows.append(ProcedureCost(owner, file, line, calls[owner], counts(own[owner]), counts(full[owner])))
        return sorted(rows, key=lambda row: (-count(row.own, "clocks"), -row.own[0], row.procedure))

    def first_line(self, procedure: Procedure) -> tuple[str, int]:
        """File and line at which a procedure begins; ("", 0) where they are not known."""
        if procedure.entry == 0:
            return "", 0
        where = self.where(procedure.entry)
        return where.file, where.line

    # -- lines and instructions --------------------------------------------------------------------

    def text(self, file: str, line: int) -> str:
        """The text of a source line, "" where it is not known."""
        return self.recording.sources.get(file, {}).get(line, "")

    def lines(self) -> list[LineCost]:
        """Every source line that ran, the most expensive first; what has no line stands under line 0."""
        sums: dict[tuple[str, int, str], list[Counts]] = {}
        for place in self.profile.places:
            where = self.where(place.address)
            sums.setdefault((where.file, where.line, where.procedure.name), []).append(place.counts)
        rows = [
            LineCost(file, line, procedure, self.text(file, line), total(parts))
            for (file, line, procedure), parts in sums.items()
        ]
        return sorted(rows, key=lambda row: (-count(row.counts, "clocks"), row.file, row.line, row.procedure))

    def instructions(self) -> list[tuple[Place, Where]]:
        """Every instruction that ran and where it stands, by address."""
        return [(place, self.where(place.address)) for place in sorted(self.profile.places, key=lambda p: p.address)]


def lines_of(profile_addresses: Iterable[int], program_map: MapFile, base: int) -> set[tuple[str, int]]:
    """The source lines, (file, number), of some linear addresses."""
    found = (program_map.line_at(address - base) for address in profile_addresses)
    return {(line.file, line.line) for line in found if line is not None}


def _inside(label: str, procedure: str) -> bool:
    """Whether a label's name says that it stands inside of a procedure."""
    return label.lower().startswith(procedure.lower().removeprefix("fb_") + "_")
