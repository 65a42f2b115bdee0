"""Two profiles side by side: what became cheaper and what dearer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rich.console import Console

from emulator.profiling.attribute import Attribution, count, total
from emulator.profiling.numbers import ratio, short
from emulator.profiling.schema import COUNTERS, Counts
from emulator.profiling.tables import Column, draw

ZERO: Counts = (0,) * len(COUNTERS)


@dataclass(frozen=True)
class Change:
    """What one procedure, line or op cost in both profiles; zeros where a profile does not have it."""

    name: str
    before: Counts
    after: Counts

    @property
    def clocks(self) -> int:
        """Clocks that it takes more than before."""
        return count(self.after, "clocks") - count(self.before, "clocks")

    @property
    def ratio(self) -> float | None:
        """Clocks after over clocks before; None where there were none."""
        before = count(self.before, "clocks")
        return count(self.after, "clocks") / before if before else None


def compare(before: Mapping[str, Counts], after: Mapping[str, Counts]) -> list[Change]:
    """Pair costs by name, the largest change in clocks first."""
    names = dict.fromkeys([*before, *after])
    changes = [Change(name, before.get(name, ZERO), after.get(name, ZERO)) for name in names]
    return sorted(changes, key=lambda change: (-abs(change.clocks), change.name))


def by_procedure(attribution: Attribution) -> dict[str, Counts]:
    """Own costs by the procedures' names."""
    return _added((row.procedure.name, row.own) for row in attribution.procedures())


def by_line(attribution: Attribution) -> dict[str, Counts]:
    """Costs by procedure and text of the line: numbers move from build to build, texts stay.

    Lines without a text go by their file and number.
    """
    return _added(
        (f"{row.procedure}: {row.text or f'{row.file}:{row.line}'}", row.counts) for row in attribution.lines()
    )


def _added(rows: Iterable[tuple[str, Counts]]) -> dict[str, Counts]:
    parts: dict[str, list[Counts]] = {}
    for name, counted in rows:
        parts.setdefault(name, []).append(counted)
    return {name: total(several) for name, several in parts.items()}


def show(console: Console, title: str, changes: list[Change], top: int) -> None:
    """Print the largest changes; what did not change is left out."""
    rows = [change for change in changes if change.before != change.after]
    columns: list[Column[Change]] = [
        Column("name", lambda row: row.name, 0, 20),
        Column("before", lambda row: short(count(row.before, "clocks"))),
        Column("after", lambda row: short(count(row.after, "clocks"))),
        Column("change", lambda row: ("+" if row.clocks > 0 else "") + short(row.clocks)),
        Column("ratio", lambda row: _ratio(count(row.after, "clocks"), count(row.before, "clocks")), 1),
        Column("instr", lambda row: _ratio(row.after[0], row.before[0]), 2),
        Column("misses", lambda row: _ratio(_misses(row.after), _misses(row.before)), 3),
    ]
    same = len(changes) - len(rows)
    notes = ["ratio, instr, misses: after / before"]
    notes += [f"{len(rows) - top:,} smaller changes left out" if len(rows) > top else ""]
    notes += [f"{same:,} the same" if same else ""]
    draw(console, title, columns, rows[:top], "; ".join(note for note in notes if note))


def to_json(changes: list[Change]) -> list[dict[str, object]]:
    """The changes as plain data."""
    return [
        {
            "name": change.name,
            "before": dict(zip(COUNTERS, change.before, strict=True)),
            "after": dict(zip(COUNTERS, change.after, strict=True)),
            "change": change.clocks,
            "ratio": change.ratio,
        }
        for change in changes
    ]


def _ratio(after: int, before: int) -> str:
    return ratio(after, before, 3) or ("new" if after else "")


def _misses(counted: Counts) -> int:
    return count(counted, "read_misses") + count(counted, "fetch_misses")
