"""gpt486 compare."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.table import Table

from gpt486.build import load_build, lowered_of
from gpt486.cli.options import errors, prompt_bytes
from gpt486.compare import BACKENDS, compare


@click.command("compare", short_help="Check that every machine agrees with NumPy, bit for bit.")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("-p", "--prompt", default="", help="Text to be continued; any bytes.")
@click.option(
    "-f",
    "--file",
    "prompt_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take the text from a file instead.",
)
@click.option("-n", "--predict", default=32, type=click.IntRange(1, 10**6), show_default=True, help="Tokens to write.")
@click.option("--with", "wanted", default=",".join(BACKENDS), show_default=True, help="Backends, with commas between.")
@click.option("-m", "--model", help="The model, where it no longer lies where it was built from.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def compare_command(
    directory: Path,
    prompt: str,
    prompt_file: Path | None,
    predict: int,
    wanted: str,
    model: str | None,
    as_json: bool,
) -> None:
    """Run a build on every machine and compare each logit of each step with the exact integer model in NumPy.

    \b
    gpt486 compare build -p "One morning" -n 64
    gpt486 compare build --with emulator,dosbox --json

    `emulator` stands for three: a 486SX, a 486DX, and the build without assembly. `fbc` is a native program that the
    real FreeBASIC compiler makes of the same GPT.BAS, where it is on PATH. Where a backend differs, the first
    difference is named: step, op, index and both values. The exit code is 1 when any does.
    """
    names = tuple(name.strip() for name in wanted.split(",") if name.strip())
    unknown = [name for name in names if name not in BACKENDS]
    if unknown or not names:
        raise click.UsageError(f"--with takes some of {', '.join(BACKENDS)}, not {wanted!r}")
    facts = load_build(directory)
    lowered = lowered_of(directory, facts, model)
    text = prompt_bytes(prompt, prompt_file)
    console = errors()
    with console.status("comparing") as status:
        result = compare(directory, facts, lowered, text, predict, names, lambda stage: status.update(stage))
    if as_json:
        click.echo(json.dumps(result.to_json()))
    else:
        table = Table(title=f"every logit of {result.steps} steps against NumPy")
        table.add_column("machine")
        table.add_column("result")
        for backend in result.backends:
            if backend.skipped:
                verdict = f"skipped: {backend.skipped}"
            elif backend.logits_equal:
                verdict = "exact"
            elif backend.first_difference is None:
                verdict = f"failed: {backend.message or 'too few steps'}"
            else:
                d = backend.first_difference
                verdict = f"differs: step {d.step}, {d.op}[{d.index}] is {d.found}, expected {d.expected}"
            table.add_row(backend.name, verdict)
        console.print(table)
        floats = result.floats
        console.print(
            f"Against the float model: the likeliest token agrees in {floats.top1_agreement:.1%}; logits differ by "
            f"{floats.max_abs_error:.4f} at most; the loss by {floats.nll_exact - floats.nll_float:+.4f} nats a token",
            markup=False,
        )
    if not result.exact:
        raise SystemExit(1)
