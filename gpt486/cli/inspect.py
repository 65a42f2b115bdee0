"""gpt486 inspect."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.table import Table

from gpt486.build import BuildOptions, describe, find_model, lower_model
from gpt486.lower.memory import smallest_pc


@click.command("inspect", short_help="Show what a model becomes: ops, formats, bounds, memory.")
@click.argument("model", required=False)
@click.option("-c", "--ctx-size", type=click.IntRange(2), help="Positions of the context; the model's own by default.")
@click.option("--all", "all_blocks", is_flag=True, help="Show every block, not the first alone.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def inspect_command(model: str | None, ctx_size: int | None, all_blocks: bool, as_json: bool) -> None:
    """Show what a model becomes when it is lowered, without building it.

    \b
    gpt486 inspect
    gpt486 inspect ./my-gpt2 --json

    For each op: its output's length, its fixed-point format (fraction bits), the bound that is proven for it, and the
    op's own choices. The blocks have the same ops; the first is shown. Then the memory plan by purpose.
    """
    directory = find_model(model)
    lowered, _ = lower_model(directory, ctx_size)
    facts = describe(directory, lowered, BuildOptions(context=ctx_size), 0, {})
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
    table = Table()
    for heading in ("op", "length", "fraction bits", "bound", "choices"):
        table.add_column(heading, justify="left" if heading in ("op", "choices") else "right")
    shown = (
        facts["ops"]
        if all_blocks
        else [op for op in facts["ops"] if not op["name"].startswith("h.") or op["name"].startswith("h.0.")]
    )
    for op in shown:
        known = {"name", "op", "inputs", "output", "accumulators", "length", "rows", "columns"}
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
