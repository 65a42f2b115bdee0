"""python -m emulator.timing.sensitivity PROG.EXE [ARGS]: how much a program's speed moves when the model is wrong.

The program runs through the cycle model once as it is, and once for every doubtful constant at its other
plausible value: the assumptions of the pipeline, entries of the clock tables that sources dispute, and the
timing of the board's memory.  With --less, the clocks of a second, shorter run are taken off each time, so
that loading and starting do not count.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from emulator.errors import EmulatorError
from emulator.profiles import DEFAULT_CPU, CpuProfile, find_profile
from emulator.run import run_program
from emulator.timing.assumptions import DEFAULTS, alternatives
from emulator.timing.integer_clocks import CLOCKS, SHIFT
from emulator.timing.options import Timing
from emulator.timing.x87_clocks import X87

_MEMORY: Final = 32


@dataclass(frozen=True)
class Variant:
    """The model with one constant at another value.

    value and other: as they are shown.  assumptions and board: fields to replace; tables: (table, key, entry).
    """

    name: str
    value: str
    other: str
    doubt: str
    assumptions: dict[str, int] = field(default_factory=dict)
    board: dict[str, Any] = field(default_factory=dict)
    tables: tuple[tuple[MutableMapping[Any, Any], Any, Any], ...] = ()


@dataclass(frozen=True)
class Effect:
    """What a variant does: speed is the change of the program's speed, 0.01 for one per cent faster."""

    name: str
    value: str
    other: str
    doubt: str
    speed: float


def _table_variants() -> list[Variant]:
    """Entries of the clock tables about which Intel, measurements and other models disagree."""
    adds = tuple((X87, name, (14, 11)) for name in ("fadd", "fsub", "fsubr"))
    waits = tuple((X87, name, (3, 0)) for name in ("wait", "fwait"))
    divides = tuple((X87, name, (35, 32)) for name in ("fdiv", "fdivr"))
    return [
        Variant("POP", "1", "4", "Intel's manual says 4; Abrash measured 1", tables=((CLOCKS, "pop", (4, 6, 6)),)),
        Variant(
            "shift by a constant",
            "2",
            "3",
            "2 by Intel, Abrash and GCC; 3 in 86Box and MAME",
            tables=((SHIFT, "imm", (3, 4)),),
        ),
        Variant(
            "MOVZX, MOVSX",
            "3",
            "2",
            "3 by Intel; 2 in GCC",
            tables=((CLOCKS, "movzx", (2, 2, 2)), (CLOCKS, "movsx", (2, 2, 2))),
        ),
        Variant("LEA", "1", "2", "2 with an index register in Intel's manual", tables=((CLOCKS, "lea", (2, 2, 2)),)),
        Variant("FADD, FSUB", "10", "14", "8 to 20 by the operands (Intel); 14 is the middle", tables=adds),
        Variant("FDIV", "73", "35", "73 in full precision; 35 is said of single precision", tables=divides),
        Variant("F2XM1", "242", "210", "140 to 279 by the operand (Intel)", tables=((X87, "f2xm1", (210, 2)),)),
        Variant("FWAIT", "1", "3", "1 to 3 (Intel); 3 fits the x87 loop of CERBERUS", tables=waits),
    ]


def _board_variants(profile: CpuProfile) -> list[Variant]:
    """Other boards that were sold with the same CPU."""
    board = profile.board
    found = []

    def other(name: str, doubt: str, **changes: Any) -> None:
        changes = {key: value for key, value in changes.items() if getattr(board, key) != value}
        if changes:
            value = ", ".join(str(getattr(board, key)) for key in changes)
            there = ", ".join(str(change) for change in changes.values())
            found.append(Variant(name, value, there, doubt, board=changes))

    if board.l2_bytes:
        other("L2 read, lead", "2-1-1-1 with fast SRAM in two banks (EMIS FAQ); UM82C480 can", l2_lead=2, l2_burst=1)
        other("L2 read, burst", "3-2-2-2 with one bank or slow SRAM; a choice of the UM82C480", l2_lead=3, l2_burst=2)
        other("L2 write", "no wait state: a choice of later chip sets", l2_write=2)
        other("L2 write ", "one wait state more: measured on a UMC491 board (CERBERUS)", l2_write=4)
        other("L2 write-through", "boards without a dirty bit", l2_write_back=False)
        other("L2 size in bytes", "128 KB were sold as often before 1994", l2_bytes=128 * 1024)
        other("no L2", "brand PCs often came without", l2_bytes=0)
    other("DRAM read, lead", "one wait state less, or interleaved", dram_lead=board.dram_lead - 1)
    other("DRAM read, lead ", "two wait states more: cautious BIOS settings", dram_lead=board.dram_lead + 2)
    other("DRAM read, burst", "one clock less: EDO, or interleaved banks", dram_burst=max(1, board.dram_burst - 1))
    other("DRAM read, burst ", "one clock more: 80 ns DRAM", dram_burst=board.dram_burst + 1)
    other("DRAM write", "one wait state more", dram_write=board.dram_write + 1)
    other("DRAM row miss", "precharge and RAS again in full", dram_row=board.dram_row + 2)
    return found


def variants(profile: CpuProfile) -> list[Variant]:
    """Every doubtful constant at its other plausible value, for a profile."""
    assumed = [
        Variant(one.name, str(one.value), str(one.other), one.doubt, assumptions={one.name: one.other})
        for one in alternatives()
    ]
    return assumed + _table_variants() + _board_variants(profile)


@contextmanager
def _replaced(entries: tuple[tuple[MutableMapping[Any, Any], Any, Any], ...]) -> Iterator[None]:
    """Clock tables with other entries meanwhile."""
    before = [(table, key, table[key]) for table, key, _ in entries]
    try:
        for table, key, entry in entries:
            table[key] = entry
        yield
    finally:
        for table, key, entry in before:
            table[key] = entry


def clocks(program: Path, runs: list[bytes], folder: Path, profile: CpuProfile, variant: Variant | None = None) -> int:
    """Core clocks of a program's run with the arguments runs[0], less those with runs[1] if there is one.

    Raises EmulatorError when a run does not end by itself, or the second one is no shorter.
    """
    assumptions = DEFAULTS
    tables: tuple[tuple[MutableMapping[Any, Any], Any, Any], ...] = ()
    if variant is not None:
        assumptions = replace(DEFAULTS, **variant.assumptions)
        profile = replace(profile, board=replace(profile.board, **variant.board))
        tables = variant.tables
    taken = []
    with _replaced(tables):
        for args in runs:
            result = run_program(
                program,
                args,
                folder=folder,
                cpu=profile,
                memory_mb=_MEMORY,
                console=lambda _: None,
                on_interrupt="stop",
                timing=Timing(assumptions=assumptions),
            )
            if result.stop is not None:
                raise EmulatorError(f"{program}: {result.stop.message}: give a program that ends by itself")
            assert result.clocks is not None
            taken.append(result.clocks)
    if len(taken) > 1 and taken[1] >= taken[0]:
        raise EmulatorError(f"--less takes {taken[1]:,} clocks, the run itself {taken[0]:,}: give a shorter one")
    return taken[0] - sum(taken[1:])


def effects(
    program: Path,
    runs: list[bytes],
    folder: Path,
    profile: CpuProfile,
    progress: Callable[[Effect], None] = lambda _: None,
) -> tuple[int, list[Effect]]:
    """(clocks of the model as it is, what every variant changes); progress gets each as it is known.

    Raises EmulatorError as clocks() does.
    """
    usual = clocks(program, runs, folder, profile)
    found = []
    for variant in variants(profile):
        speed = usual / clocks(program, runs, folder, profile, variant) - 1
        effect = Effect(variant.name.strip(), variant.value, variant.other, variant.doubt, speed)
        progress(effect)
        found.append(effect)
    return usual, found


def _print(usual: int, found: list[Effect], profile: CpuProfile) -> None:
    table = Table(title=f"{profile.name}: {usual:,} clocks; the speed when one constant is different")
    for name in ("constant", "value", "other", "speed", "why"):
        table.add_column(name, justify="right" if name == "speed" else "left")
    for one in sorted(found, key=lambda effect: -abs(effect.speed)):
        table.add_row(one.name, one.value, one.other, f"{one.speed:+.2%}", one.doubt)
    Console(width=None if sys.stdout.isatty() else 160).print(table)


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--cpu", default=DEFAULT_CPU, show_default=True, help="A machine, or a TOML file of one.")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder that is drive C:.  [default: the program's folder]",
)
@click.option("--less", help="Arguments of a shorter run whose clocks are taken off.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the table.")
@click.argument("program", type=click.Path(path_type=Path))
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def main(cpu: str, folder: Path | None, less: str | None, as_json: bool, program: Path, args: tuple[str, ...]) -> None:
    """How much the modelled speed of PROGRAM moves when a doubtful constant of the cycle model is wrong.

    \b
        python -m emulator.timing.sensitivity --less "/N 2 Once" GPT.EXE /N 10 Once
    """
    runs = [text.encode("cp437", "replace") for text in (" ".join(args), *([] if less is None else [less]))]
    try:
        profile = find_profile(cpu)
        usual, found = effects(program, runs, folder or program.resolve().parent, profile)
    except EmulatorError as error:
        click.echo(f"emulator: {error}", err=True)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps({"cpu": profile.name, "clocks": usual, "effects": [asdict(one) for one in found]}))
    else:
        _print(usual, found, profile)


if __name__ == "__main__":
    main(prog_name="python -m emulator.timing.sensitivity")
