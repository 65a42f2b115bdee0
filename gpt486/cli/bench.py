"""gpt486 bench."""

from __future__ import annotations

import json
from dataclasses import asdict

import click
from click.core import ParameterSource
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from emulator.profiles import DEFAULT_CPU
from gpt486.bench.components import ComponentRow, component_rows
from gpt486.bench.shapes import SHAPES
from gpt486.bench.tokens import POSITIONS, TokenRow, token_row
from gpt486.cli.options import CPU_HELP, errors, known_cpu
from gpt486.lower.weights import WeightChoice
from gpt486.quantize.formats import FORMATS

DEFAULT = ParameterSource.DEFAULT
COMPONENT_COLUMNS = 110
GOAL_SHAPES = ("260k", "463k")
GOAL_FORMATS = ("int8", "int4", "ternary")


def known_weights(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Check formats before anything else is done."""
    for value in values:
        WeightChoice.parse(value)
    return values


@click.command("bench", short_help="What a token costs at given shapes and weight formats.")
@click.option(
    "--shape", "shapes", multiple=True, type=click.Choice(list(SHAPES)), help="A shape; repeatable. [260k, 463k]"
)
@click.option(
    "--weights",
    multiple=True,
    callback=known_weights,
    metavar="FORMAT[,MATRIX=FORMAT...]",
    help=f"A format of the weights; repeatable: {', '.join(FORMATS)}. [int8, int4, ternary]",
)
@click.option("--cpu", "cpus", multiple=True, default=[DEFAULT_CPU], help=f"{CPU_HELP} Repeatable.")
@click.option("--first", default=0, type=click.IntRange(0), show_default=True, help="First position measured.")
@click.option(
    "--positions", default=POSITIONS, type=click.IntRange(1), show_default=True, help="Positions to take the mean of."
)
@click.option("--prompt", is_flag=True, help="Tokens of a prompt, two at once where products can.")
@click.option(
    "--components",
    is_flag=True,
    help="Each kernel at six shapes instead of whole tokens; a minute and more for each format, all unless told.",
)
@click.option("--no-asm", is_flag=True, help="The BASIC twins instead of the assembly procedures.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def bench_command(
    shapes: tuple[str, ...],
    weights: tuple[str, ...],
    cpus: tuple[str, ...],
    first: int,
    positions: int,
    prompt: bool,
    components: bool,
    no_asm: bool,
    as_json: bool,
) -> None:
    """Build models of random weights, run them on the emulated 486 with every instruction in the cycle model, and say
    what a token costs: from feeding one to feeding the next, the choice and the output included.

    \b
    gpt486 bench                                        the shapes and formats of docs/kernels.md
    gpt486 bench --shape 260k --weights ternary --cpu 486sx-25
    gpt486 bench --shape 260k --first 510 --positions 1  the last position but one of the context
    gpt486 bench --prompt                               the tokens of a prompt, which need no logits
    gpt486 bench --components --weights int4            each kernel at six shapes
    """
    for cpu in cpus:
        known_cpu(click.get_current_context(), click.Option(["--cpu"]), cpu)
    if components:
        for value in weights:
            if value not in FORMATS:
                raise click.UsageError(f"--components takes one format for all matrices, not {value!r}")
        given = click.get_current_context().get_parameter_source
        if shapes or no_asm or prompt or any(given(name) != DEFAULT for name in ("first", "positions")):
            raise click.UsageError(
                "--components has shapes of its own, in assembly: no --shape, --no-asm, --prompt and positions"
            )
    if prompt and first:
        raise click.UsageError("a prompt begins at position 0: no --first with --prompt")
    shapes = shapes or GOAL_SHAPES
    for shape in () if components else shapes:
        # A token lasts until the next one is fed, for which there must be a position.
        if first + positions >= SHAPES[shape].context:
            raise click.UsageError(
                f"shape {shape} has a context of {SHAPES[shape].context} positions; the last one cannot be measured"
            )
    console = errors()
    if components:
        found: list[ComponentRow] = []
        with console.status("measuring") as status:
            for cpu in cpus:
                for form in weights or FORMATS:
                    found += component_rows(cpu, form, lambda stage: status.update(stage))
        _print_components(found, as_json)
        return
    rows: list[TokenRow] = []
    with console.status("measuring") as status:
        for cpu in cpus:
            for shape in shapes:
                for form in weights or GOAL_FORMATS:
                    label = f"{shape}, {form}, {cpu}: "
                    rows.append(
                        token_row(
                            shape,
                            form,
                            cpu,
                            first=first,
                            positions=positions,
                            assembly=not no_asm,
                            prompt=prompt,
                            progress=lambda stage, label=label: status.update(label + stage),  # type: ignore[misc]
                        )
                    )
    _print_tokens(rows, as_json)


def _print_tokens(rows: list[TokenRow], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"rows": [asdict(row) for row in rows]}))
        return
    what = "a token of a prompt" if rows[0].prompt else "a token"
    table = Table(title=f"{what}, mean of positions {rows[0].first} to {rows[0].first + rows[0].positions - 1}")
    for heading in ("shape", "weights", "machine", "instructions", "clocks", "tokens/s", "weight bytes"):
        table.add_column(heading, justify="left" if heading in ("shape", "weights", "machine") else "right")
    for row in rows:
        table.add_row(
            row.shape,
            row.weights,
            row.cpu,
            f"{row.instructions_per_token:,}",
            f"{row.clocks_per_token:,}",
            f"{row.tokens_per_second:.2f}",
            f"{row.weight_bytes:,}",
        )
    Console(highlight=False).print(table)


def _print_components(rows: list[ComponentRow], as_json: bool) -> None:
    if as_json:
        data = [
            {**asdict(row), "clocks_per_weight": round(row.clocks_per_weight, 4), "error": round(row.error, 4)}
            for row in rows
        ]
        click.echo(json.dumps({"rows": data}))
        return
    table = Table(title="a product in the course of a token, clocks and bytes a weight", box=SIMPLE_HEAD)
    for heading in ("weights", "kernel", "machine", "shape", "clocks", "a weight", "bytes", "predicted"):
        left = heading in ("weights", "kernel", "machine")
        table.add_column(heading, justify="left" if left else "right", no_wrap=True)
    for row in rows:
        size = row.rows * row.columns
        table.add_row(
            row.weights,
            row.kernel,
            row.cpu,
            f"{row.rows} x {row.columns}",
            f"{row.clocks:,.0f}",
            f"{row.clocks_per_weight:.3f}",
            f"{row.weight_bytes / size:.3f}",
            f"{row.error:+.1%}",
        )
    console = Console(highlight=False)
    console.width = max(console.width, COMPONENT_COLUMNS)  # names that are cut short help nobody
    console.print(table)
