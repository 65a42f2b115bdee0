"""python -m emulator PROG.EXE [ARGS]: run a DOS program on an emulated 486 PC."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from emulator.errors import EmulatorError
from emulator.files import check_outputs
from emulator.mapfile import MapError, read_map
from emulator.profiles import DEFAULT_CPU, PROFILES
from emulator.profiling.front import Front, ProfileOptions, take_options
from emulator.profiling.record import Exports
from emulator.run import INTERRUPTED, RunResult, Session, handling_signals
from emulator.terminal import Terminal
from emulator.timing.options import Profiling, Timing

_FILE = click.Path(dir_okay=False, path_type=Path)
_ESCAPES = {"r": b"\r", "n": b"\r", "t": b"\t", "e": b"\x1b", "b": b"\b", "\\": b"\\"}


def typed(text: str) -> bytes:
    """The bytes that --keys means: backslash escapes r, n (both Enter), t, b, e (Esc), xHH, and a backslash."""
    out = bytearray()
    rest = text
    while rest:
        head, slash, rest = rest.partition("\\")
        out += head.encode("cp437", "replace")
        if not slash:
            break
        if rest[:1] == "x" and len(rest) >= 3:
            try:
                out.append(int(rest[1:3], 16))
            except ValueError:
                raise click.BadParameter(f"\\{rest[:3]} is no escape", param_hint="--keys") from None
            rest = rest[3:]
        elif rest[:1] in _ESCAPES:
            out += _ESCAPES[rest[0]]
            rest = rest[1:]
        else:
            raise click.BadParameter(f"\\{rest[:1]} is no escape", param_hint="--keys")
    return bytes(out)


def _to_stdout(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _report(result: RunResult) -> str:
    speed = result.instructions / result.host_seconds / 1e6 if result.host_seconds else 0.0
    time = ""
    if result.clocks is not None:
        time = f" in {result.clocks:,} clocks ({result.clocks / result.clock_hz:.3f} s on that machine)"
    return (
        f"[{result.cpu}: {result.instructions:,} instructions{time}, exit code {result.exit_code}; "
        f"memory {result.conventional_bytes // 1024} KB conventional, "
        f"{result.extended_bytes // 1024} KB extended; {result.host_seconds:.2f} s, {speed:.0f} million/s]"
    )


def _as_json(result: RunResult, text: bytes, front: Front | None) -> str:
    stop = None
    if result.stop is not None:
        stop = {
            "reason": result.stop.reason,
            "message": result.stop.message,
            "address": result.stop.address,
            "where": result.stop.where,
        }
    return json.dumps(
        {
            "text": text.decode("utf-8", "replace").replace("\r\n", "\n"),
            "instructions": result.instructions,
            "clocks": result.clocks,
            "clock_hz": result.clock_hz,
            "tokens_per_second": None,
            "peak_memory_bytes": result.peak_memory_bytes,
            "cpu": result.cpu,
            "exit_code": result.exit_code,
            "stop": stop,
            "probes": result.probes,
            "probe_clocks": result.probe_clocks,
            "screen": result.screen,
            "profile": front.to_json() if front is not None else None,
        }
    )


def _map_beside(program: Path) -> Path | None:
    """PROGRAM.MAP if it is a map of ours and of this very program; otherwise a word on what it is, and none."""
    if not program.is_file() or not program.with_suffix(".MAP").is_file():
        return None
    beside = program.with_suffix(".MAP")
    try:
        if read_map(beside).fits(program.read_bytes()):
            return beside
        reason = f"{beside} is the map of another program or build than {program}"
    except MapError as error:
        reason = str(error)
    except OSError:
        return None  # the program cannot be read, which is told later
    click.echo(f"emulator: without a map: {reason}", err=True)
    return None


def _write(front: Front | None, exports: Exports) -> tuple[list[Path], str]:
    """Write the profile's files; returns those, and what went wrong: what was shown stays true without them."""
    try:
        return (front.write(exports) if front is not None else []), ""
    except EmulatorError as error:
        return [], str(error)


def _not_nan(context: click.Context, option: click.Parameter, value: float | None) -> float | None:
    if value is not None and value != value:
        raise click.BadParameter("not a number")
    return value


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    epilog="The exit code is the program's own; 1 when the emulator stopped it, 130 after Ctrl-C.",
)
@click.option(
    "--cpu", default=DEFAULT_CPU, show_default=True, help=f"One of {', '.join(PROFILES)}, or a .toml file of yours."
)
@click.option(
    "--memory", default=32, show_default=True, type=click.IntRange(1, 1024), help="Megabytes of memory, in all."
)
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder that is drive C:; the program sees nothing outside it.  [default: the program's folder]",
)
@click.option("--keys", default="", help=r"Text typed from the start; \r is Enter, \e Esc, \x03 Ctrl-C.")
@click.option("--instruction-limit", type=click.IntRange(1), help="Stop after this many instructions.")
@click.option(
    "--time-limit",
    type=click.FloatRange(0, min_open=True),
    callback=_not_nan,
    help="Stop after this many seconds.",
)
@click.option(
    "--map", "map_file", type=click.Path(path_type=Path), help="Map of the program.  [default: PROGRAM.MAP if present]"
)
@click.option("--probe", "probes", multiple=True, help="Record the arrivals at this code symbol of the map.")
@click.option("--no-xms", is_flag=True, help="Without HIMEM.SYS: extended memory only through INT 15h.")
@click.option("--redirect", is_flag=True, help="Let standard output be a file, as with > in DOS; it comes out here.")
@click.option("--screen", is_flag=True, help="Print the text on the screen at the end, whoever wrote it there.")
@click.option("--timing", is_flag=True, help="Count clocks: put every instruction through the cycle model.")
@click.option("--profile", "profiling", is_flag=True, help="Show where the clocks went, by procedure and source line.")
@click.option("--callgrind", type=_FILE, help="Write a profile for KCachegrind.")
@click.option("--speedscope", type=_FILE, help="Write a profile for speedscope.app.")
@click.option("--save-profile", type=_FILE, help="Write the profile for `gpt486 profile FILE` and its --diff.")
@click.option("--top", default=15, show_default=True, type=click.IntRange(1), help="Rows of the profile's tables.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of the text.")
@click.argument("program", type=click.Path(path_type=Path))
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def main(
    cpu: str,
    memory: int,
    folder: Path | None,
    keys: str,
    instruction_limit: int | None,
    time_limit: float | None,
    map_file: Path | None,
    probes: tuple[str, ...],
    no_xms: bool,
    redirect: bool,
    screen: bool,
    timing: bool,
    profiling: bool,
    callgrind: Path | None,
    speedscope: Path | None,
    save_profile: Path | None,
    top: int,
    as_json: bool,
    program: Path,
    args: tuple[str, ...],
) -> None:
    """Run the DOS program PROGRAM (an EXE or COM file) on an emulated 486 PC.

    Options stand before PROGRAM; what follows it is the program's command line, but for --profile and its
    files, which may stand there as well (not behind `--`).  What the program prints goes to stdout, the
    figures to stderr.  Keys come from the terminal; when stdin is no terminal, it is
    read when the program first waits for a key.  Ctrl-C is Ctrl-Break for the program; a second one ends it.

    \b
        python -m emulator --cpu 486sx-25 HELLO.EXE
        python -m emulator --memory 8 --dir disk disk/GPT.EXE /p Once upon a time
        python -m emulator HELLO.EXE --profile --callgrind callgrind.out
    """
    wanted, words = take_options(ProfileOptions(profiling, Exports(callgrind, speedscope, save_profile), top), args)
    pieces: list[bytes] = []
    console: Callable[[bytes], None] = pieces.append if as_json else _to_stdout
    if map_file is None:
        map_file = _map_beside(program)
    try:
        check_outputs(wanted.exports.files, [program, *([map_file] if map_file is not None else [])])
        session = Session(
            program,
            " ".join(words).encode("cp437", "replace"),
            folder=folder if folder is not None else program.resolve().parent,
            cpu=cpu,
            memory_mb=memory,
            console=console,
            keys=typed(keys),
            instruction_limit=instruction_limit,
            time_limit=time_limit,
            map_file=map_file,
            probes=probes,
            xms=not no_xms,
            redirect=redirect,
            profiling=Profiling() if wanted else None,
            timing=Timing() if timing else None,
        )
        with Terminal(session, interactive=not as_json), handling_signals(session):
            result = session.run()
        front = Front(result.profile, session.symbols.map, program.resolve().parent) if result.profile else None
        written, failed = _write(front, wanted.exports)
    except EmulatorError as error:
        click.echo(f"emulator: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        click.echo(f"emulator: standard output cannot be written: {error.strerror or error}", err=True)
        sys.exit(1)
    if as_json:
        click.echo(_as_json(result, b"".join(pieces), front))
    elif screen:
        click.echo("\n".join(result.screen).rstrip())
    if result.stop is not None:
        click.echo(f"emulator: {result.stop.message}", err=True)
    if not as_json:
        click.echo(_report(result), err=True)
        if front is not None:
            front.show(written, wanted.top)
    if failed:
        click.echo(f"emulator: {failed}", err=True)
        sys.exit(result.exit_code or 1)
    sys.exit(result.exit_code)


if __name__ == "__main__":
    main(prog_name="python -m emulator")
