"""gpt486 run and gpt486 dosbox."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from emulator.profiles import DEFAULT_CPU, find_profile
from gpt486.backends import BackendError, BackendRun
from gpt486.backends.dosboxed import run_in_dosbox
from gpt486.backends.emulated import run_emulated
from gpt486.backends.request import INTERRUPTED
from gpt486.build import load_build
from gpt486.cli.options import CPU_HELP, errors, generation_options, known_cpu, not_nan, request_of, say

_EVERY = {"full": 1, "sampled": 4, "off": 0}
"""--timing: one token in how many goes through the cycle model."""

memory_report = click.option(
    "--memory-report", is_flag=True, help="Have the program report its use of memory behind the text, as GPT /M does."
)


def _discard(piece: bytes) -> None:
    pass


def _check(run: BackendRun) -> None:
    """Raise what a run failed with."""
    if run.exit_code != 0 or run.stopped:
        error = BackendError(run.message or f"the program ended with exit code {run.exit_code}")
        error.exit_code = INTERRUPTED if run.exit_code == INTERRUPTED else 1
        raise error


@click.command("run", short_help="Run a built program on the emulated 486.")
@click.argument("directory", type=click.Path(path_type=Path))
@generation_options
@memory_report
@click.option("--cpu", default=DEFAULT_CPU, show_default=True, callback=known_cpu, help=CPU_HELP)
@click.option("--memory", default=32, type=click.IntRange(1, 32), show_default=True, help="Megabytes of the PC.")
@click.option(
    "--time-limit",
    default=600.0,
    type=click.FloatRange(0, min_open=True),
    callback=not_nan,
    show_default=True,
    help="Seconds of host time.",
)
@click.option("--instruction-limit", type=click.IntRange(1), help="Stop after so many emulated instructions.")
@click.option(
    "--timing",
    type=click.Choice(sorted(_EVERY)),
    default="sampled",
    show_default=True,
    help="Tokens that go through the cycle model: one in four, all, or none.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the text.")
def run_command(
    directory: Path,
    cpu: str,
    memory: int,
    time_limit: float,
    instruction_limit: int | None,
    memory_report: bool,
    timing: str,
    as_json: bool,
    **options: Any,
) -> None:
    """Run GPT.EXE of a build on the emulated PC.

    \b
    gpt486 run build -p "One morning"
    gpt486 run build -p "One morning" -n 100 --temp 0.8 --top-k 40 -s 7
    gpt486 run build -p "One morning" --cpu 486sx-25 --memory 4 --json

    The text goes to standard output as the 486 writes it, the prompt first; the figures go to standard error. The
    emulator runs the program's own bytes from the first instruction in real mode. Clocks and tokens per second are
    those of the cycle model for the decoding of new tokens, not the loading, with the standard error where only a
    sample went through it; --cpu also takes a machine of yours as a TOML file.
    """
    facts = load_build(directory)
    request = replace(request_of(**options), memory=memory_report)
    run = run_emulated(
        directory,
        request,
        facts["model"]["config"]["vocabulary"],
        cpu=cpu,
        memory_mb=memory,
        on_text=_discard if as_json else say,
        time_limit=time_limit,
        instruction_limit=instruction_limit,
        every=_EVERY[timing],
    )
    if not as_json:
        say(b"\n")
    _check(run)
    hertz = find_profile(cpu).clock_hz
    speed = hertz / run.clocks_per_token if run.clocks_per_token else None
    figures = {
        "text": run.text.decode("utf-8", "replace"),
        "prompt_tokens": run.prompt_tokens,
        "new_tokens": run.new_tokens,
        "instructions": run.instructions,
        "instructions_per_token": run.instructions_per_token,
        "clocks": run.clocks,
        "clocks_per_token": run.clocks_per_token,
        "tokens_per_second": speed,
        "sampling_error": run.sampling_error,
        "peak_memory_bytes": run.peak_memory_bytes,
        "memory": run.memory,
        "cpu": cpu,
        "exit_code": run.exit_code,
    }
    if as_json:
        click.echo(json.dumps(figures))
        return
    console = errors()
    error = f" ± {speed * run.sampling_error:.2f}" if speed and run.sampling_error is not None else ""
    per_token = run.instructions_per_token
    console.print(
        f"{run.new_tokens} tokens on a {cpu.upper()} with {memory} MB: {run.instructions:,} instructions"
        + (f", {per_token:,} for each token" if per_token else "")
        + (f"; {run.clocks_per_token:,} clocks for each, {speed:.2f}{error} tokens a second" if speed else "")
        + f"; {(run.peak_memory_bytes or 0) / 2**20:.2f} MB of memory used",
        markup=False,
    )


@click.command("dosbox", short_help="Run a built program in DOSBox.")
@click.argument("directory", type=click.Path(path_type=Path))
@generation_options
@memory_report
@click.option(
    "--time-limit",
    default=300.0,
    type=click.FloatRange(0, min_open=True),
    callback=not_nan,
    show_default=True,
    help="Seconds after which DOSBox is ended.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the text.")
def dosbox_command(directory: Path, time_limit: float, memory_report: bool, as_json: bool, **options: Any) -> None:
    """Run GPT.EXE of a build in a headless DOSBox.

    \b
    gpt486 dosbox build -p "One morning"

    DOSBox is another program's idea of the same PC: what runs on both has a good chance on a real one. It counts no
    clocks as a 486 does, so its speed says nothing of a 486's.
    """
    facts = load_build(directory)
    request = replace(request_of(**options), memory=memory_report)
    on_text: Callable[[bytes], None] = _discard if as_json else say
    run = run_in_dosbox(
        directory, request, facts["model"]["config"]["vocabulary"], on_text=on_text, time_limit=time_limit
    )
    if not as_json:
        say(b"\n")
    _check(run)
    if as_json:
        text = run.text.decode("utf-8", "replace")
        click.echo(json.dumps({"text": text, "exit_code": run.exit_code}))
