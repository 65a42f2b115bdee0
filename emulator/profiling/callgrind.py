"""Profiles for KCachegrind and callgrind_annotate: the Callgrind Profile Format, version 1.

The format is described in Valgrind's manual ("Callgrind Format Specification").  Costs stand with address
and source line; a call stands at the line of its CALL with what it cost inside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from emulator.profiling.attribute import Attribution, Matrix, Procedure, Where, counts, total
from emulator.profiling.schema import COUNTERS, Counts

#: The order of the columns: what one wants to see first comes first.
_ORDER: Final = ("clocks", *(name for name in COUNTERS if name != "clocks"))
_COLUMNS: Final = [COUNTERS.index(name) for name in _ORDER]
_LONG_NAMES: Final = {
    "instructions": "Instructions executed",
    "clocks": "CPU core clocks",
    "multiply": "Clocks of multiplication and division",
    "address": "Clocks waited for address registers",
    "decode": "Clocks of prefixes and complicated addressing",
    "cache": "Clocks waited for data not in the cache",
    "write": "Clocks waited for the write buffers",
    "branch": "Clocks lost after taken branches",
    "fetch": "Clocks waited for code",
    "fpu": "Clocks waited for the x87",
    "align": "Clocks of misaligned operands",
    "translate": "Clocks of page-table walks",
    "reads": "Data reads",
    "writes": "Data writes",
    "read_misses": "Data reads that missed the cache",
    "fetch_misses": "Code lines that missed the cache",
    "far_misses": "Lines not in the second-level cache",
    "bytes_read": "Bytes read",
    "bytes_written": "Bytes written",
}


def event_name(counter: str) -> str:
    """A counter's name as KCachegrind takes it: letters only."""
    return "".join(part.capitalize() for part in counter.split("_"))


class _Names:
    """Name compression: a number for each name, which stands beside it at its first use."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __call__(self, name: str) -> str:
        if name in self._numbers:
            return f"({self._numbers[name]})"
        self._numbers[name] = len(self._numbers) + 1
        return f"({self._numbers[name]}) {name}"


def callgrind(
    attribution: Attribution, *, creator: str = "emulator", path: Callable[[str], str] = lambda file: file
) -> str:
    """The profile as a text in callgrind's format.

    path: turns the name of a source file in the map into one that KCachegrind can open.  Recursive calls are
    written with their number and no cost, since that is part of the outer call already.
    """
    profile = attribution.profile
    out = [
        "# callgrind format",
        "version: 1",
        f"creator: {creator}",
        f"cmd: {profile.program}",
        f"desc: CPU: {profile.cpu.get('name', 'unknown')} at {profile.clock_hz / 1e6:.2f} MHz",
        "positions: instr line",
        *(f"event: {event_name(name)} : {_LONG_NAMES[name]}" for name in _ORDER),
        "events: " + " ".join(event_name(name) for name in _ORDER),
        "",
        *_Body(attribution, path).lines(),
        f"totals: {_row(total(place.counts for place in profile.places))}",
        "",
    ]
    return "\n".join(out)


def _row(counted: Counts) -> str:
    """Costs in the order of the columns; zeros at the end may be left out."""
    numbers = [counted[column] for column in _COLUMNS]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return " ".join(map(str, numbers))


class _Body:
    def __init__(self, attribution: Attribution, path: Callable[[str], str]) -> None:
        self.attribution = attribution
        self.path = path
        self.objects, self.files, self.functions = _Names(), _Names(), _Names()

    def lines(self) -> Iterator[str]:
        calls = self.calls()
        costs: dict[Procedure, list[tuple[int, Where, Counts]]] = {caller: [] for caller, _, _ in calls}
        for place, where in self.attribution.instructions():
            costs.setdefault(where.procedure, []).append((place.address, where, place.counts))
        by_caller: dict[Procedure, list[tuple[int, Procedure]]] = {}
        for caller, site, callee in calls:
            by_caller.setdefault(caller, []).append((site, callee))
        for procedure in sorted(costs):
            file = self.file_of(procedure)
            yield f"ob={self.objects(self.object_of(procedure))}"
            yield f"fl={self.files(file)}"
            yield f"fn={self.functions(procedure.name)}"
            shown = file
            for address, where, counted in costs[procedure]:
                now = self.path(where.file) if where.file else file
                if now != shown:
                    yield f"{'fe' if now == file else 'fi'}={self.files(now)}"
                    shown = now
                yield f"0x{address:x} {where.line} {_row(counted)}"
            if shown != file:
                yield f"fe={self.files(file)}"
            for site, callee in by_caller.get(procedure, []):
                number, cost = calls[procedure, site, callee]
                yield f"cob={self.objects(self.object_of(callee))}"
                yield f"cfi={self.files(self.file_of(callee))}"
                yield f"cfn={self.functions(callee.name)}"
                yield f"calls={number} 0x{callee.entry:x} {self.attribution.first_line(callee)[1]}"
                line = self.attribution.where(site).line if site else self.attribution.first_line(procedure)[1]
                yield f"0x{site:x} {line} {_row(counts(cost))}"
            yield ""

    def calls(self) -> dict[tuple[Procedure, int, Procedure], tuple[int, Matrix]]:
        """Number and inclusive cost of the calls by caller, place and callee."""
        a = self.attribution
        found: dict[tuple[Procedure, int, Procedure], tuple[int, Matrix]] = {}
        for index, context in enumerate(a.profile.contexts):
            if context.parent < 0:
                continue
            key = (a.owners[context.parent], context.call_site, a.owners[index])
            number, cost = found.get(key, (0, np.zeros(len(COUNTERS), np.int64)))
            inside = a.inclusive[index] if a.outermost[index] else 0
            found[key] = (number + context.calls, cost + inside)
        return dict(sorted(found.items()))

    def file_of(self, procedure: Procedure) -> str:
        file = self.attribution.first_line(procedure)[0]
        return self.path(file) if file else "???"

    def object_of(self, procedure: Procedure) -> str:
        return self.attribution.profile.program if procedure.module == "program" else procedure.module
