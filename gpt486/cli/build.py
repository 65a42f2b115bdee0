"""gpt486 build."""

from __future__ import annotations

from pathlib import Path

import click

from emulator.profiles import DEFAULT_CPU, PROFILES
from gpt486.build import APPS, PC_MEMORY, TOOLCHAINS, BuildOptions, build, find_model
from gpt486.cli.options import errors, known_cpu
from gpt486.lower.memory import smallest_pc
from gpt486.quantize.formats import FORMATS


@click.command("build", short_help="Make a DOS program of a model.")
@click.option("-m", "--model", help="A directory in Hugging Face's GPT-2 layout, or the name of a model that ships.")
@click.option(
    "-o",
    "--output",
    default="build",
    type=click.Path(file_okay=False, path_type=Path),
    show_default=True,
    help="Folder for the program; files of an earlier build are replaced.",
)
@click.option(
    "--cpu",
    default=DEFAULT_CPU,
    show_default=True,
    callback=known_cpu,
    help=f"Choose the kernels for this machine: {', '.join(PROFILES)}, or a .toml file of yours. The program runs on "
    "every other one, too: it uses no coprocessor.",
)
@click.option(
    "--memory",
    "memory_mb",
    type=click.IntRange(2, 32),
    default=PC_MEMORY,
    show_default=True,
    help="Megabytes of the PC; where they are scarce, kernels are chosen that need fewer bytes.",
)
@click.option(
    "--weights",
    metavar="FORMAT[,MATRIX=FORMAT...]",
    help=f"Format of the weights: {', '.join(FORMATS)}; and others for some matrices, such as "
    "ternary,lm_head=int8.  [default: the model's own, else int8]",
)
@click.option(
    "--app", type=click.Choice(APPS), default="complete", show_default=True, help="complete: continue a text."
)
@click.option("-c", "--ctx-size", type=click.IntRange(2), help="Positions of the context; the model's own by default.")
@click.option("--no-asm", is_flag=True, help="Use the BASIC twins of the assembly procedures: slower.")
@click.option(
    "--toolchain",
    type=click.Choice(TOOLCHAINS),
    default="builtin",
    show_default=True,
    help="Our own compiler, or the real fbc with DJGPP's tools (its program needs CWSDPMI and a coprocessor).",
)
def build_command(
    model: str | None,
    output: Path,
    cpu: str,
    memory_mb: int,
    weights: str | None,
    app: str,
    ctx_size: int | None,
    no_asm: bool,
    toolchain: str,
) -> None:
    """Make a DOS program of a trained GPT-2.

    \b
    gpt486 build -o build                     the model that ships
    gpt486 build -m ./my-gpt2 -o out -c 128   your own, with a shorter context

    The folder gets GPT.EXE with its data MODEL.BIN and VOCAB.BIN (copy these three to a 486), the source GPT.BAS that
    it was compiled from, GPT.MAP (addresses of procedures and BASIC lines), and BUILD.JSON: every choice that was made,
    the fixed-point formats with their proven bounds, and the memory plan.
    """
    console = errors()
    options = BuildOptions(cpu, weights, app, ctx_size, not no_asm, toolchain, memory_mb)
    with console.status("building") as status:
        facts = build(find_model(model), output, options, lambda stage: status.update(stage))
    memory = facts["memory"]["total"] / 2**20
    size = facts["files"]["GPT.EXE"]["bytes"]
    console.print(
        f"{output}: {facts['model']['name']}, {facts['model']['parameters']:,} parameters; GPT.EXE {size:,} bytes; "
        f"it takes {memory:.2f} MB of memory: a PC with {smallest_pc(facts['memory']['total'])} MB",
        markup=False,
    )
