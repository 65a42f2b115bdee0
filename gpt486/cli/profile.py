"""gpt486 profile."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

import gpt486
from emulator import EmulatorError
from emulator.files import check_outputs
from emulator.profiling import diff
from emulator.profiling.record import Exports
from emulator.profiling.tables import summary
from gpt486.backends.request import INTERRUPTED, Request
from gpt486.cli.options import errors, generation, not_nan, request_of
from gpt486.errors import Gpt486Error
from gpt486.profile import tables
from gpt486.profile.figures import RunFacts, figures
from gpt486.profile.record import ProfileError, Recorded, read_recorded, record_build

DEFAULT_VIEWS = ("op", "kernel", "procedure", "line")
"""What is shown without --by."""

ANY_PROGRAM = ("procedure", "line", "instruction")
"""Views that need no build."""

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("profile", short_help="Where the clocks of a built program go, on a given 486.")
@click.argument("directory", required=False, type=click.Path(path_type=Path))
@generation(8)
@click.option("--cpu", default="486dx2-66", show_default=True, help="A CPU's name, or a .toml file of your own.")
@click.option("--memory", default=32, type=click.IntRange(1, 32), show_default=True, help="Megabytes of the PC.")
@click.option("--by", multiple=True, type=click.Choice(tables.VIEWS), help="What to show; may be given again.")
@click.option("--top", default=15, type=click.IntRange(1), show_default=True, help="Rows of the longer tables.")
@click.option("--callgrind", type=_FILE, help="Write a profile for KCachegrind, with BASIC source lines.")
@click.option("--speedscope", type=_FILE, help="Write a profile for speedscope.app.")
@click.option("--html", type=_FILE, help="Write a report that any browser shows.")
@click.option("--save", type=_FILE, help="Keep the profile in a file: for --diff, or to look at it again.")
@click.option(
    "--diff",
    "compared",
    nargs=2,
    metavar="A B",
    type=click.Path(path_type=Path),
    help="Compare two builds (both are run) or saved profiles.",
)
@click.option(
    "--time-limit",
    default=600.0,
    type=click.FloatRange(0, min_open=True),
    callback=not_nan,
    show_default=True,
    help="Seconds of host time.",
)
@click.option("--instruction-limit", type=click.IntRange(1), help="Stop after so many emulated instructions.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def profile_command(
    directory: Path | None,
    cpu: str,
    memory: int,
    by: tuple[str, ...],
    top: int,
    callgrind: Path | None,
    speedscope: Path | None,
    html: Path | None,
    save: Path | None,
    compared: tuple[Path, Path] | None,
    time_limit: float,
    instruction_limit: int | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Run GPT.EXE of a build with the cycle model on and show where the clocks go.

    \b
    gpt486 profile build -p "One morning"
    gpt486 profile build -p "One morning" --by op --by layer --cpu 486sx-25
    gpt486 profile build -p "One morning" --callgrind callgrind.out --html report.html
    gpt486 profile build -p "One morning" --save before.json
    gpt486 profile --diff before.json build -p "One morning"

    DIRECTORY is a build, or a saved profile. By op, layer, kernel and token is of the model; by procedure, line and
    instruction of the whole run, loading included. Ctrl-C stops the run and shows what it has done so far.
    """
    exports = Exports(callgrind, speedscope, save)
    if (directory is None) == (compared is None):
        raise click.UsageError("give a build (or a saved profile), or two of them with --diff")
    if compared is not None and (exports or html):
        raise click.UsageError("--diff takes no --callgrind, --speedscope, --html or --save: they are of one profile")
    request = request_of(**options)
    try:
        check_outputs([*exports.files, *([html] if html else [])], [directory] if directory else [])
    except EmulatorError as error:
        raise ProfileError(str(error)) from None

    def record(path: Path) -> Recorded:
        if path.is_file():
            return read_recorded(path)
        return _run(path, request, cpu, memory, time_limit, instruction_limit, html is not None)

    if compared is not None:
        _compare(record(compared[0]), record(compared[1]), by, top, as_json)
        return
    assert directory is not None
    found = record(directory)
    views = _views(found, by)
    creator = f"gpt486 {gpt486.__version__}"
    label: Callable[[int], str | None] = found.view.label if found.view is not None else lambda index: None
    failed: Gpt486Error | None = None
    written: list[Path] = []
    try:
        written += exports.write(found.attribution, found.sources, creator, label)
        if html is not None:
            _write_html(html, found, request, memory)
            written.append(html)
    except EmulatorError as error:
        failed = ProfileError(str(error))
    except Gpt486Error as error:
        failed = error
    if as_json:
        click.echo(json.dumps(_json(found)))
    else:
        _show(found, views, top)
    if failed is not None:
        raise failed
    if written:
        errors().print("written: " + ", ".join(str(path) for path in written), markup=False)
    if found.stopped:
        sys.exit(INTERRUPTED if found.interrupted else 1)


def _views(found: Recorded, by: tuple[str, ...]) -> tuple[str, ...]:
    """What to show of a profile."""
    if found.view is not None:
        return by or DEFAULT_VIEWS
    wrong = [view for view in by if view not in ANY_PROGRAM]
    if wrong:
        raise ProfileError(f"--by {wrong[0]} needs the profile of a build; {found.name} is of another program")
    return by or ANY_PROGRAM[:2]


def _run(
    build: Path,
    request: Request,
    cpu: str,
    memory: int,
    time_limit: float,
    instruction_limit: int | None,
    watch_memory: bool,
) -> Recorded:
    console = errors()
    bar = Progress(
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[state]}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )
    shown: AbstractContextManager[object] = bar if console.is_terminal else nullcontext()
    with shown:
        task = bar.add_task(f"{build} on a {cpu}", total=None, state="loading")
        found = record_build(
            build,
            request,
            cpu=cpu,
            memory_mb=memory,
            time_limit=time_limit,
            instruction_limit=instruction_limit,
            on_step=lambda steps: bar.update(task, state=f"token {steps:,}"),
            watch_memory=watch_memory,
        )
    if found.run is not None and found.run.stopped is not None:
        console.print(f"gpt486: {found.run.stopped}; what follows is of the run so far", markup=False)
    return found


def _json(found: Recorded) -> dict[str, Any]:
    if found.view is None:
        raise ProfileError(f"--json shows the profile of a build; {found.name} is of another program")
    return figures(found.view, found.run or RunFacts("", "", None, None))


def _show(found: Recorded, views: tuple[str, ...], top: int) -> None:
    console = Console(highlight=False)
    summary(console, found.attribution.profile)
    if found.view is not None:
        tables.speed(console, found.view)
    for view in views:
        console.print()
        tables.show(console, found.attribution, found.view, view, top)


def _compare(before: Recorded, after: Recorded, by: tuple[str, ...], top: int, as_json: bool) -> None:
    models = (before.view, after.view) if before.view is not None and after.view is not None else None
    wrong = [view for view in by if view not in tables.DIFFS]
    if wrong:
        raise click.UsageError(f"--diff can be shown by {', '.join(tables.DIFFS)}, not by {wrong[0]}")
    views = by or (("op", "procedure", "line") if models else ("procedure", "line"))
    if models is None and any(view not in ANY_PROGRAM for view in views):
        raise ProfileError("ops, layers and kernels can be compared only where both profiles are of builds")
    changes = {view: tables.changes(before.attribution, after.attribution, models, view) for view in views}
    whole = tables.diff_summary(before.attribution, after.attribution, ({"name": before.name}, {"name": after.name}))
    if as_json:
        listed: Mapping[str, Any] = {view: diff.to_json(found) for view, found in changes.items()}
        click.echo(json.dumps({**whole, "by": listed}))
        return
    console = Console(highlight=False)
    tables.diff_heading(console, whole)
    for view, found in changes.items():
        console.print()
        diff.show(console, f"By {view}, clocks", found, top)


def _write_html(path: Path, found: Recorded, request: Request, memory: int) -> None:
    # Imported here, so that the other commands do without the report's templates and the exact model.
    from gpt486.profile.html import write_report
    from gpt486.profile.program_report import program_report
    from gpt486.profile.report_data import SOURCE, board_sentence, report_data
    from gpt486.profile.sections import activity

    command = shlex.join(["gpt486", *sys.argv[1:]])
    if found.view is None or found.run is None:
        board = board_sentence(found.attribution.profile.cpu)
        write_report(path, program_report(found.attribution, board=board, command=command))
        return
    sections = dict(found.sections)
    notes: list[str] = []
    source: list[str] = []
    if found.build is not None:
        more, notes = activity(found.build, dict(found.view.facts), request)
        sections.update(more)
        source = (found.build / SOURCE).read_text(encoding="ascii", errors="replace").splitlines()
    data = report_data(
        found.view,
        found.run,
        source=source,
        command=command,
        memory_bytes=memory << 20,
        peak_memory_bytes=found.peak_memory_bytes,
        notes=notes,
        sections=sections,
    )
    write_report(path, data)
