"""Clocks of single calls of BASIC procedures: a small program calls each a few times, and the cycle model tells."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from emulator import run_program
from emulator.timing.options import Timing
from gpt486.basic import Program, compile_source
from gpt486.bench.fbc_twins import translate
from gpt486.errors import Gpt486Error

CALLS = 4
"""How often each statement is executed; the quickest counts, since the first one fills the cache."""


FBC = "fbc's twin"
"""The variant whose twins fbc compiled."""


@dataclass(frozen=True)
class Measured:
    """One row of a table.

    Attributes:
        name: of the procedure.
        unit: what the clocks are counted for: "lane", "call".
        clocks: for each variant, by its name, in the order of the columns.
        reason: why fbc's code was not timed.
    """

    name: str
    unit: str
    clocks: dict[str, float]
    reason: str | None = None


@dataclass(frozen=True)
class Compared:
    """Statements timed with assembly, with the twins of our compiler and with those of fbc.

    Attributes:
        clocks: for each variant ("assembly", "twin", "fbc's twin") those of each statement; None where there are none.
        reasons: for the statements that have none with fbc's code, why.
    """

    clocks: dict[str, list[int | None]]
    reasons: dict[int, str]

    def of(self, index: int) -> dict[str, int]:
        """The clocks of one statement."""
        found = {variant: clocks[index] for variant, clocks in self.clocks.items()}
        return {variant: clocks for variant, clocks in found.items() if clocks is not None}


def compare(
    statements: Sequence[str], preamble: str, digest: str, *, fbc: bool = False, cpu: str = "486dx2-66"
) -> Compared:
    """Clocks of each statement, warm, with assembly and with twins, which must compute the same.

    Args:
        statements: of BASIC, one line each.
        preamble: declarations, procedures and statements before them.
        digest: an expression that sums up what a statement has computed.
        fbc: whether to time the code as well that fbc makes of the twins.
        cpu: a profile of the emulator.

    Raises:
        Gpt486Error: the program did not run to its end, or results differ; or there is no fbc.
    """
    text = _program(statements, preamble, digest)
    without = {"NO_ASM": ""}
    programs = {
        "assembly": compile_source(text, "BENCH.BAS"),
        "twin": compile_source(text, "BENCH.BAS", defines=without),
    }
    reasons: dict[int, str] = {}
    if fbc:
        translated = translate(text, "BENCH.BAS", without)
        programs[FBC] = translated.program
        for i in range(len(statements)):
            if (reason := translated.reason(f"statement_{i}")) is not None:
                reasons[i] = reason
    clocks: dict[str, list[int | None]] = {}
    right: list[str] = []
    for variant, program in programs.items():
        times, digests = _times(program, len(statements), cpu)
        right = right or digests
        for i, (found, wanted) in enumerate(zip(digests, right, strict=True)):
            if found != wanted:
                raise Gpt486Error(f"the {variant} of {statements[i]!r} computes something else than the assembly")
        clocks[variant] = [*times]
    for i in reasons:
        clocks[FBC][i] = None
    return Compared(clocks, reasons)


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
    text = _program(statements, preamble, "0")
    program = compile_source(text, "BENCH.BAS", defines={"NO_ASM": ""} if no_assembly else {})
    return _times(program, len(statements), cpu)[0]


def _program(statements: Sequence[str], preamble: str, digest: str) -> str:
    """A program that executes each statement CALLS times and then prints the digest of what it has computed."""
    lines = [preamble, "Dim Shared As Long marks", "Sub mark()", "    marks += 1", "End Sub"]
    for i, statement in enumerate(statements):
        lines += [f"Sub statement_{i}()", f"    {statement}", "End Sub"]
    lines += ["Sub no_statement()", "End Sub"]
    for name in ("no_statement", *(f"statement_{i}" for i in range(len(statements)))):
        lines += ["mark()", *(f"{name}(): mark()" for _ in range(CALLS)), f"Print {digest}"]
    return "\n".join(lines) + "\n"


def _times(program: Program, count: int, cpu: str) -> tuple[list[int], list[str]]:
    """Clocks and digests of the statements of such a program."""
    executable = program.build()
    printed = bytearray()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "BENCH.EXE"
        path.write_bytes(executable.exe)
        executable.map.write(path.with_suffix(".MAP"))
        result = run_program(
            path,
            folder=Path(name),
            cpu=cpu,
            console=printed.extend,
            map_file=path.with_suffix(".MAP"),
            probes=["MARK"],
            timing=Timing(),
            time_limit=600,
        )
    if result.stop is not None or result.exit_code != 0:
        raise Gpt486Error(f"the benchmark ended with {result.stop or result.exit_code}")
    times = result.probe_clocks["MARK"]
    quickest = []
    for i in range(count + 1):
        block = times[i * (CALLS + 1) : (i + 1) * (CALLS + 1)]
        quickest.append(min(after - before for before, after in itertools.pairwise(block)))
    return [clocks - quickest[0] for clocks in quickest[1:]], printed.decode("ascii").split()[1:]


def cpu_and_fbc(arguments: Sequence[str]) -> tuple[str, bool]:
    """The machine that a command line names, and whether it wants fbc's code as well."""
    machines = [argument for argument in arguments if argument != "--fbc"]
    return (machines[0] if machines else "486dx2-66"), "--fbc" in arguments


def table(rows: Sequence[Measured], note: str) -> str:
    """The rows as a Markdown table, and a note below it; why a row has no figure of fbc's code follows."""
    columns = list(dict.fromkeys(column for row in rows for column in row.clocks))
    head = ["procedure", "for each", *columns, *(f"{column} / {columns[0]}" for column in columns[1:])]
    out = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        clocks = [row.clocks.get(column) for column in columns]
        cells = ["" if value is None else f"{value:.2f}" if value < 1000 else f"{value:,.0f}" for value in clocks]
        ratios = [f"{value / row.clocks[columns[0]]:.1f}" if value is not None else "" for value in clocks[1:]]
        out.append("| " + " | ".join([row.name, row.unit, *cells, *ratios]) + " |")
    missing = [f"{row.name}: not by fbc, {row.reason}." for row in rows if row.reason]
    return "\n".join([*out, "", note, *missing])
