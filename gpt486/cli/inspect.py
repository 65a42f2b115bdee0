"""gpt486 inspect."""

from __future__ import annotations

import json
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from emulator.profiles import DEFAULT_CPU
from gpt486.build import BuildOptions, describe, find_model, lower_model
from gpt486.cli.options import CPU_HELP, known_cpu
from gpt486.lower.memory import smallest_pc


@click.command("inspect", short_help="Show what a model becomes: ops, formats, bounds, memory.")
@click.argument("model", required=False)
@click.option("-c", "--ctx-size", type=click.IntRange(2), help="Positions of the context; the model's own by default.")
@click.option(
    "--weights", metavar="FORMAT[,MATRIX=FORMAT...]", help="Format of the weights, as in gpt486 build --weights."
)
@click.option("--cpu", default=DEFAULT_CPU, show_default=True, callback=known_cpu, help=CPU_HELP)
@click.option("--plan", is_flag=True, help="Show which kernel every product got, and what the others would take.")
@click.option("--all", "all_blocks", is_flag=True, help="Show every block, not the first alone.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def inspect_command(
    model: str | None,
    ctx_size: int | None,
    weights: str | None,
    cpu: str,
    plan: bool,
    all_blocks: bool,
    as_json: bool,
) -> None:
    """Show what a model becomes when it is lowered, without building it.

    \b
    gpt486 inspect
    gpt486 inspect ./my-gpt2 --json
    gpt486 inspect --plan --weights int4 --cpu 486sx-25

    For each op: its output's length, its fixed-point format (fraction bits), the bound that is proven for it, and the
    op's own choices. The blocks have the same ops; the first is shown. Then the memory plan by purpose.
    """
    directory = find_model(model)
    lowered, _ = lower_model(directory, ctx_size, weights, cpu)
    facts = describe(directory, lowered, BuildOptions(cpu, str(lowered.weights), context=ctx_size), 0, {})
    if as_json:
        for key in ("build_number", "files", "options"):
            del facts[key]
        click.echo(json.dumps(facts))
        return
    console = Console(highlight=False)
    config = lowered.program.config
    console.print(
        f"{lowered.model.name}: {lowered.model.parameters:,} parameters; {config.layers} layers, {config.heads} heads, "
        f"width {config.width}, {config.vocabulary:,} tokens, context {config.context}",
        markup=False,
    )
    if plan:
        print_plan(console, facts["ops"], cpu, all_blocks)
        return
    table = Table()
    for heading in ("op", "length", "fraction bits", "bound", "choices"):
        table.add_column(heading, justify="left" if heading in ("op", "choices") else "right")
    shown = first_block(facts["ops"], all_blocks)
    for op in shown:
        known = {"name", "op", "inputs", "output", "accumulators", "length", "rows", "columns", "choice"}
        choices = ", ".join(f"{key} {value}" for key, value in op.items() if key not in known)
        output = op["output"]
        table.add_row(
            op["name"], str(output["length"]), str(output["fraction"]), f"{output['real_bound']:.2f}", choices
        )
    console.print(table)
    memory = Table(title="memory plan, bytes")
    memory.add_column("purpose")
    memory.add_column("bytes", justify="right")
    memory.add_column("held by")
    for purpose, size in facts["memory"]["by_purpose"].items():
        holders = [region for region in facts["memory"]["regions"] if region["purpose"] == purpose]
        names = ", ".join(f"{region['name']} {region['bytes']:,}" for region in holders)
        memory.add_row(purpose.replace("_", " "), f"{size:,}", names)
    memory.add_row("all", f"{facts['memory']['total']:,}")
    console.print(memory)
    console.print(f"A PC with {smallest_pc(facts['memory']['total'])} MB has room for it.", markup=False)


PLAN_COLUMNS = 100


def first_block(ops: list[dict[str, Any]], all_blocks: bool) -> list[dict[str, Any]]:
    """The ops to be shown: those of the first block stand for all blocks."""
    return [op for op in ops if all_blocks or not op["name"].startswith("h.") or op["name"].startswith("h.0.")]


def print_plan(console: Console, ops: list[dict[str, Any]], cpu: str, all_blocks: bool) -> None:
    """Show the kernel of every product with its predicted clocks, and the runner-up; --json has all of them."""
    table = Table(title=f"products on a {cpu}: predicted clocks of each", box=SIMPLE_HEAD)
    for heading in ("product", "shape", "kernel", "tiles", "clocks", "bytes", "runner-up"):
        table.add_column(heading, justify="right" if heading in ("tiles", "clocks", "bytes") else "left", no_wrap=True)
    products = [op for op in ops if "choice" in op]
    for op in first_block(products, all_blocks):
        choice = op["choice"]
        clocks = choice["predicted_clocks"]
        kernel = choice["kernel"]
        others = {
            name: value for name, value in choice["considered"].items() if not isinstance(value, str) and name != kernel
        }
        second = min(others, key=lambda name: others[name], default=None)
        table.add_row(
            op["name"],
            f"{op['rows']} x {op['columns']}",
            kernel,
            str(op["tiles"]),
            f"{clocks:,}",
            f"{op['bytes']:,}",
            "" if second is None else f"{second} {others[second] / clocks - 1:+.0%}",
        )
    console.width = max(console.width, PLAN_COLUMNS)  # names that are cut short help nobody
    console.print(table)
    total = sum(op["choice"]["predicted_clocks"] for op in products)
    size = sum(op["bytes"] for op in products)
    console.print(f"All products of a token: {total:,} clocks, {size:,} bytes of weights.")
