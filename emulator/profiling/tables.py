"""Profiles as tables for the terminal.

A table shows as many columns as fit into the terminal's width: the less important ones go first, and no row
is ever wrapped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from emulator.profiling.attribute import Attribution, LineCost, ProcedureCost, Where, count
from emulator.profiling.numbers import percent, ratio, short
from emulator.profiling.schema import COUNTERS, STALLS, Counts, Place, Profile

Row = TypeVar("Row")

#: Columns of stalls that stand alone, with their headings; the others are added up in one.
_CAUSES: Final = {
    "multiply": "mul",
    "address": "addr",
    "cache": "cache",
    "write": "write",
    "branch": "jump",
}
_REST: Final = tuple(name for name in STALLS if name not in _CAUSES)
#: Bytes of a line of the 486's cache (Intel's data sheets).
LINE_BYTES: Final = 16


@dataclass(frozen=True)
class Column(Generic[Row]):
    """A column: its heading, how a row's cell reads, and its rank: the higher, the sooner it is left out.

    least: characters that a text column may be cut down to; None for numbers, which are never cut.
    """

    heading: str
    cell: Callable[[Row], str]
    rank: int = 0
    least: int | None = None


def draw(console: Console, title: str, columns: Sequence[Column[Row]], rows: Sequence[Row], note: str = "") -> None:
    """Print a table that fits into the console's width, title above and note below."""
    cells = [[column.cell(row) for row in rows] for column in columns]
    widths = [max(map(len, [column.heading, *texts])) for column, texts in zip(columns, cells, strict=True)]
    least = [
        width if column.least is None else min(width, column.least)
        for column, width in zip(columns, widths, strict=True)
    ]
    kept = list(range(len(columns)))
    while len(kept) > 1 and sum(least[i] + 1 for i in kept) - 1 > console.width:
        worst = max(kept, key=lambda i: (columns[i].rank, i))
        if columns[worst].rank == 0:
            break
        kept.remove(worst)
    spare = console.width - sum(least[i] + 1 for i in kept) - 1
    final = dict(zip(range(len(columns)), least, strict=True))
    for i in kept:
        grown = min(widths[i] - least[i], max(0, spare))
        final[i] += grown
        spare -= grown
    console.print(Text(title, style="bold"), no_wrap=True, overflow="ellipsis")
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=0, pad_edge=False)
    for i in kept:
        justify: Literal["left", "right"] = "right" if columns[i].least is None else "left"
        table.add_column(Text(columns[i].heading), justify=justify, no_wrap=True, overflow="ellipsis", width=final[i])
    for number in range(len(rows)):
        table.add_row(*(Text(cells[i][number]) for i in kept))
    console.print(table)
    if note:
        console.print(Text(note, style="dim"), no_wrap=True, overflow="ellipsis")


def cost_columns(cost: Callable[[Row], Counts], whole: Counts) -> list[Column[Row]]:
    """The columns of figures: clocks, their share, clocks per instruction, stalls by cause, misses, bytes moved.

    Stalls are in percent of the row's own clocks.
    """

    def at(name: str) -> Callable[[Row], int]:
        column = COUNTERS.index(name)
        return lambda row: cost(row)[column]

    def share(*names: str) -> Callable[[Row], str]:
        columns = [COUNTERS.index(name) for name in names]
        clocks = at("clocks")
        return lambda row: percent(sum(cost(row)[column] for column in columns), clocks(row), 0)

    clocks, instructions = at("clocks"), at("instructions")
    reads, writes = at("bytes_read"), at("bytes_written")
    columns: list[Column[Row]] = [
        Column("clocks", lambda row: short(clocks(row))),
        Column("%", lambda row: percent(clocks(row), count(whole, "clocks"))),
        Column("instr", lambda row: short(instructions(row)), 6),
        Column("cpi", lambda row: ratio(clocks(row), instructions(row)), 2),
    ]
    columns += [Column(heading, share(name), 3) for name, heading in _CAUSES.items()]
    columns.append(Column("other", share(*_REST), 4))
    columns.append(Column("misses", lambda row: short(at("read_misses")(row) + at("fetch_misses")(row)), 5))
    columns.append(Column("bytes", lambda row: short(reads(row) + writes(row)), 7))
    return columns


def summary(console: Console, profile: Profile) -> None:
    """A few lines on the whole run: clocks, time, clocks an instruction, where the clocks went."""
    totals = profile.totals
    clocks = count(totals, "clocks")
    name = str(profile.cpu.get("name", "unknown CPU")).upper()
    figures = f" on a {name}: {profile.instructions:,} instructions, {clocks:,} clocks, {profile.seconds:.3f} s"
    console.print(Text.assemble((profile.program, "bold"), figures))
    waiting = (("for the disk", profile.disk), ("for a key or the timer", profile.idle))
    waited = [f"{waits / profile.clock_hz:.3f} s {what}" for what, waits in waiting if waits]
    if waited:
        console.print(Text("besides, the CPU waited " + ", ".join(waited)))
    if profile.sampled < 1:
        console.print(Text(f"sampled: {profile.sampled:.1%} of the instructions; the figures are of those alone"))
    stalls = [(name, count(totals, name)) for name in STALLS]
    spent = sum(number for _, number in stalls)
    parts = [f"instructions {percent(clocks - spent, clocks)}%"]
    parts += [
        f"{name} {percent(number, clocks)}%"
        for name, number in sorted(stalls, key=lambda s: -s[1])
        if 2000 * number >= clocks
    ]
    if clocks:
        lines = [f"{ratio(clocks, profile.instructions)} clocks per instruction"]
        for part in parts:
            if len(lines[-1]) + len(part) + 3 > console.width:
                lines.append(part)
            else:
                lines[-1] += (", " if len(lines) > 1 or "%" in lines[-1] else "; ") + part
        console.print(Text(",\n".join(lines)))
        console.print(Text("below, mul to other are clocks waited, in percent of the row's clocks", style="dim"))


def procedures(console: Console, attribution: Attribution, top: int) -> None:
    """The most expensive procedures by their own clocks."""
    rows = attribution.procedures()
    whole = attribution.profile.totals
    columns: list[Column[ProcedureCost]] = [
        Column("procedure", lambda row: row.procedure.name, 0, 16),
        Column("calls", lambda row: short(row.calls), 1),
        *cost_columns(lambda row: row.own, whole),
    ]
    columns.insert(4, Column("incl%", lambda row: percent(count(row.total, "clocks"), count(whole, "clocks")), 1))
    draw(console, "By procedure (own clocks)", columns, rows[:top], _left_out(rows, top, "procedures"))


def lines(console: Console, attribution: Attribution, top: int) -> None:
    """The most expensive source lines."""
    rows = attribution.lines()
    columns: list[Column[LineCost]] = [
        Column("line", lambda row: _place(row.file, row.line), 0, 14),
        Column("source", lambda row: row.text or f"({row.procedure.strip('()')})", 1, 20),
        *cost_columns(lambda row: row.counts, attribution.profile.totals),
    ]
    draw(console, "By source line", columns, rows[:top], _left_out(rows, top, "lines"))


def instructions(console: Console, attribution: Attribution, top: int) -> None:
    """The most expensive instructions."""
    rows = sorted(attribution.instructions(), key=lambda row: (-count(row[0].counts, "clocks"), row[0].address))

    def place(row: tuple[Place, Where]) -> str:
        where = row[1]
        return _place(where.file, where.line) if where.line else where.procedure.name

    columns: list[Column[tuple[Place, Where]]] = [
        Column("address", lambda row: f"{row[0].address:08X}", 1),
        Column("instruction", lambda row: row[0].text, 0, 20),
        Column("where", place, 2, 12),
        *cost_columns(lambda row: row[0].counts, attribution.profile.totals),
    ]
    draw(console, "By instruction", columns, rows[:top], _left_out(rows, top, "instructions"))


def _place(file: str, line: int) -> str:
    return f"{file.rsplit('/', 1)[-1]}:{line}" if line else "(no line)"


def _left_out(rows: Sequence[object], top: int, what: str) -> str:
    return f"{len(rows) - top:,} more {what}: --top" if len(rows) > top else ""
