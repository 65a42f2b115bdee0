"""Clocks of single calls of BASIC procedures: a small program calls each a few times, and the cycle model tells."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from emulator import run_program
from emulator.timing.options import Timing
from gpt486.basic import compile_source
from gpt486.errors import Gpt486Error

CALLS = 4
"""How often each statement is executed; the quickest counts, since the first one fills the cache."""


@dataclass(frozen=True)
class Measured:
    """One row of a table.

    Attributes:
        name: of the procedure.
        unit: what the clocks are counted for: "lane", "call".
        clocks: for each variant, by its name, in the order of the columns.
    """

    name: str
    unit: str
    clocks: dict[str, float]


def clocks_of(
    statements: Sequence[str], preamble: str, *, no_assembly: bool = False, cpu: str = "486dx2-66"
) -> list[int]:
    """Clocks of each statement, warm.

    Args:
        statements: of BASIC, one line each.
        preamble: declarations before them.
        no_assembly: whether NO_ASM is defined.
        cpu: a profile of the emulator.

    Raises:
        Gpt486Error: the program did not run to its end.
    """
    lines = [preamble, "Dim Shared As Long marks", "Sub mark()", "    marks += 1", "End Sub"]
    for statement in ("marks += 0", *statements):
        lines += ["mark()", *(f"{statement}: mark()" for _ in range(CALLS))]
    program = compile_source("\n".join(lines) + "\n", "BENCH.BAS", defines={"NO_ASM": ""} if no_assembly else {})
    executable = program.build()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "BENCH.EXE"
        path.write_bytes(executable.exe)
        executable.map.write(path.with_suffix(".MAP"))
        result = run_program(
            path,
            folder=Path(name),
            cpu=cpu,
            console=lambda text: None,
            map_file=path.with_suffix(".MAP"),
            probes=["MARK"],
            timing=Timing(),
            time_limit=600,
        )
    if result.stop is not None or result.exit_code != 0:
        raise Gpt486Error(f"the benchmark ended with {result.stop or result.exit_code}")
    times = result.probe_clocks["MARK"]
    quickest = []
    for i in range(len(statements) + 1):
        block = times[i * (CALLS + 1) : (i + 1) * (CALLS + 1)]
        quickest.append(min(after - before for before, after in itertools.pairwise(block)))
    return [clocks - quickest[0] for clocks in quickest[1:]]


def table(rows: Sequence[Measured], note: str) -> str:
    """The rows as a Markdown table, and a note below it."""
    columns = list(rows[0].clocks)
    head = ["procedure", "for each", *columns, *(f"{column} / {columns[0]}" for column in columns[1:])]
    out = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        clocks = [row.clocks.get(column) for column in columns]
        cells = [f"{value:.2f}" if value is not None else "" for value in clocks]
        ratios = [f"{value / row.clocks[columns[0]]:.1f}" if value is not None else "" for value in clocks[1:]]
        out.append("| " + " | ".join([row.name, row.unit, *cells, *ratios]) + " |")
    return "\n".join([*out, "", note])
