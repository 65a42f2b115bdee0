"""`gpt486 basic`: the FreeBASIC compiler on its own."""

from __future__ import annotations

from pathlib import Path

import click

from emulator.files import write_atomically
from gpt486.basic.compiler import DEFAULT_STACK, MAX_STACK, MIN_STACK, compile_file
from gpt486.basic.errors import BasicError


def parse_defines(values: tuple[str, ...]) -> dict[str, str]:
    """`NAME` and `NAME=VALUE` options as macros; a bare NAME is defined as 1, as fbc does.

    Raises:
        click.BadParameter: a name that is no BASIC name.
    """
    out: dict[str, str] = {}
    for value in values:
        name, given, text = value.partition("=")
        if not name.replace("_", "a").isalnum() or name[0].isdigit():
            raise click.BadParameter(f"{value!r}: write -d NAME or -d NAME=VALUE")
        out[name] = text if given else "1"
    return out


@click.command("basic", context_settings={"help_option_names": ["--help", "-h"]})
@click.argument("source", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.BAS")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The executable to write.")
@click.option("--listing", type=click.Path(dir_okay=False, path_type=Path), help="Write BASIC lines and their code.")
@click.option("--map", "map_file", type=click.Path(dir_okay=False, path_type=Path), help="Write symbols and lines.")
@click.option("-d", "--define", multiple=True, metavar="NAME[=VALUE]", help="Define a macro; may be repeated.")
@click.option(
    "--stack",
    type=click.IntRange(MIN_STACK, MAX_STACK),
    default=DEFAULT_STACK,
    show_default=True,
    metavar="BYTES",
    help=f"Bytes of stack, {MIN_STACK} to {MAX_STACK}.",
)
def basic_command(
    source: Path,
    output: Path | None,
    listing: Path | None,
    map_file: Path | None,
    define: tuple[str, ...],
    stack: int,
) -> None:
    """Compile a FreeBASIC program to a DOS executable for a 386 or better.

    \b
    gpt486 basic HELLO.BAS                       writes HELLO.EXE
    gpt486 basic GPT.BAS -o GPT.EXE --map GPT.MAP --listing GPT.LST
    gpt486 basic GPT.BAS -d NO_ASM -o PLAIN.EXE  as if it began with #define NO_ASM 1

    The language is FreeBASIC's (-lang fb) without floating point, classes and dynamic arrays: integers of 8 to 64 bits,
    pointers, strings, Types, fixed arrays, procedures, the preprocessor, files, and inline Asm. The executable carries
    its own start-up code, runs in flat 32-bit protected mode, and needs no FPU. Errors quote their line:

    \b
        HELLO.BAS(3): error: unknown name cuont (did you mean count?)
            Print cuont
                  ^^^^^
    """
    try:
        program = compile_file(source, defines=parse_defines(define))
    except FileNotFoundError as error:
        raise BasicError.plain(f"{source}: there is no such file") from error
    except OSError as error:
        raise BasicError.plain(f"{source}: cannot be read: {error.strerror}") from error
    for message in program.messages:
        click.echo(message, err=True)
    output = output or source.with_suffix(".EXE")
    for path in (output, listing, map_file):
        if path is not None and path.exists() and path.samefile(source):
            raise BasicError.plain(f"{path}: is the source itself; choose another name to write to")
    executable = program.build(stack_bytes=stack)
    _write(output, executable.exe)
    if listing is not None:
        _write(listing, program.listing.encode())
    if map_file is not None:
        _write(map_file, executable.map.text().encode())


def _write(path: Path, data: bytes) -> None:
    try:
        write_atomically(path, data)
    except OSError as error:
        raise BasicError.plain(f"{path}: cannot be written: {error.strerror}") from error
