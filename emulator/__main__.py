"""python -m emulator PROG.EXE [ARGS]: run a DOS program on an emulated 486 PC."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from emulator.errors import EmulatorError
from emulator.run import run_program


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.flush()


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("program", type=click.Path(path_type=Path))
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def main(program: Path, args: tuple[str, ...]) -> None:
    """Run PROGRAM."""
    try:
        result = run_program(
            program,
            " ".join(args).encode("cp437", "replace"),
            folder=program.resolve().parent,
            console=_write,
        )
    except EmulatorError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    if result.stop:
        click.echo(result.stop.message, err=True)
    click.echo(str(result), err=True)
    sys.exit(result.exit_code)


if __name__ == "__main__":
    main()
