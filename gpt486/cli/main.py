"""gpt486: the command line."""

from __future__ import annotations

import importlib
import sys
from typing import NoReturn

import click

import gpt486
from gpt486.errors import Gpt486Error

COMMANDS = {
    "build": ("gpt486.cli.build", "build_command", "Make a DOS program of a model."),
    "run": ("gpt486.cli.run", "run_command", "Run a built program on the emulated 486."),
    "dosbox": ("gpt486.cli.run", "dosbox_command", "Run a built program in DOSBox."),
    "compare": ("gpt486.cli.compare", "compare_command", "Check that every machine agrees with NumPy, bit for bit."),
    "profile": ("gpt486.cli.profile", "profile_command", "Where the clocks of a built program go, on a given 486."),
    "inspect": ("gpt486.cli.inspect", "inspect_command", "Show what a model becomes: ops, formats, bounds, memory."),
    "bench": ("gpt486.cli.bench", "bench_command", "What a token costs at given shapes and weight formats."),
    "accuracy": ("gpt486.cli.accuracy", "accuracy_command", "How little the integers lose against the floats."),
    "train": ("gpt486.training.cli", "train", "Train a small GPT-2 on stories."),
    "eval": ("gpt486.training.cli", "eval_command", "Judge a trained model on stories that it never saw."),
    "basic": ("gpt486.basic.cli", "basic_command", "Compile a FreeBASIC program for DOS."),
}
"""Module, name and summary of each command: imported when it is used, so that `--help` and errors come at once."""


class LazyGroup(click.Group):
    """A group whose commands are imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands, in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None when there is none of the name."""
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, _, summary) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["--help", "-h"]})
@click.version_option(gpt486.__version__, prog_name="gpt486")
def cli() -> None:
    """Put a trained GPT on a 1990s PC.

    \b
    gpt486 build -o DIR            make GPT.EXE, a DOS program, of the model that ships
    gpt486 run DIR -p "One day"    run it on an emulated 486
    gpt486 dosbox DIR -p "One day" run it in DOSBox
    gpt486 compare DIR -p "..."    check that every machine agrees with NumPy, bit for bit

    Each command has a --help of its own.
    """


def main() -> NoReturn:
    """Run the command line; a user's error is one line, never a traceback."""
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("gpt486: interrupted", err=True)
        sys.exit(130)
    except Gpt486Error as error:
        click.echo(f"gpt486: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except OSError as error:
        # What we open ourselves is reported where it is opened; this is a disk that is full or gone.
        name = f"{error.filename}: " if error.filename else ""
        click.echo(f"gpt486: {name}{error.strerror or error}", err=True)
        sys.exit(1)
    except MemoryError:
        click.echo("gpt486: out of memory", err=True)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)
