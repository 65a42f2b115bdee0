"""Running a build under the cycle model, and keeping what it did."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulator import EmulatorError, Session
from emulator.profiling.attribute import Attribution
from emulator.profiling.record import make_recording
from emulator.profiling.sources import Sources
from emulator.profiling.storage import Recording, load
from emulator.run import handling_signals
from emulator.timing.options import Profiling
from gpt486.backends.emulated import CHOICE, FEED, WRITE
from gpt486.backends.request import BackendError, Request, Transcript, guest_folder
from gpt486.build import load_build
from gpt486.errors import Gpt486Error
from gpt486.observe.guest_memory import ReportError as MemoryReportError
from gpt486.observe.memory_timeline import PROBES, MemoryTimeline
from gpt486.paths import ASM
from gpt486.profile.figures import RunFacts, figures
from gpt486.profile.model import BLOCK, ModelView
from gpt486.profile.steps import mark_symbols

FACTS = "build"
"""The note of a recording that holds BUILD.JSON."""

RUN = "run"
"""The note that holds what was run."""


_SIZES = ("layers", "heads", "width", "context", "vocabulary")


class ProfileError(Gpt486Error):
    """A profile that cannot be made or read."""


@dataclass(frozen=True)
class Recorded:
    """A profile with everything to look at it.

    Attributes:
        recording: the profile, its map and sources.
        attribution: the same by procedure and line.
        view: the same by op; None for a program that is no build.
        run: what was run; None for a program that is no build.
        sources: where the source files lie.
        name: what to call it.
        build: the folder of the build; None when it was read from a file.
        peak_memory_bytes: memory that the program touched, None when it was read from a file.
        sections: sections of the report that were made during the run.
        stopped: whether the run was stopped now, by a limit or by Ctrl-C; False for what was read from a file.
        interrupted: whether it was Ctrl-C.
    """

    recording: Recording
    attribution: Attribution
    view: ModelView | None
    run: RunFacts | None
    sources: Sources
    name: str
    build: Path | None = None
    peak_memory_bytes: int | None = None
    sections: Mapping[str, Any] = field(default_factory=dict)
    stopped: bool = False
    interrupted: bool = False


def sources_of(build: Path) -> Sources:
    """Where the files that a build's map names are: GPT.BAS in the build, the run-time library and start-up here."""
    return Sources([build, Path(__file__).resolve().parents[1] / "basic", ASM.parent])


def record_build(
    build: Path,
    request: Request,
    *,
    cpu: str,
    memory_mb: int = 32,
    time_limit: float | None = None,
    instruction_limit: int | None = None,
    on_step: Callable[[int], None] = lambda steps: None,
    watch_memory: bool = False,
) -> Recorded:
    """Run GPT.EXE of a build with every instruction in the cycle model.

    Args:
        build: the folder of the build.
        request: what to do.
        cpu: a profile of the emulator, or the path of a .toml file.
        memory_mb: the PC's memory.
        time_limit: seconds of host time after which the run is stopped.
        instruction_limit: emulated instructions after which it is stopped.
        on_step: called with the number of tokens fed to the model so far.
        watch_memory: make the report's section "memory" as well.

    Returns:
        The profile, of as much as ran: a run that was stopped, by Ctrl-C as well, says so in `run.stopped`.

    Raises:
        ProfileError: the build has no map, or the program failed before it was stopped.
        BackendError: the emulator cannot run the program at all.
    """
    facts = load_build(build)
    map_file = build / "GPT.MAP"
    if not map_file.exists() or not map_file.read_bytes().strip():
        raise ProfileError(
            f"{map_file}: missing or empty, and a profile needs it; build with our own compiler: "
            f"gpt486 build -o {build} --toolchain builtin"
        )
    transcript = Transcript()
    marks = mark_symbols(facts)
    arrived = dict.fromkeys((FEED, CHOICE, WRITE), 0)
    fed_before_choice = 0

    def arrival(name: str, _count: int) -> None:
        nonlocal fed_before_choice
        if name in arrived:
            arrived[name] += 1
        if name == FEED:
            on_step(arrived[FEED])
            fed_before_choice += arrived[CHOICE] == 0

    with guest_folder(build, request, "GPT.EXE") as folder:
        try:
            session = Session(
                folder / "GPT.EXE",
                " ".join(request.arguments()).encode("ascii"),
                folder=folder,
                cpu=cpu,
                memory_mb=memory_mb,
                console=transcript.feed,
                instruction_limit=instruction_limit,
                time_limit=time_limit,
                map_file=map_file,
                probes=tuple(dict.fromkeys((*marks, WRITE, *(PROBES if watch_memory else ())))),
                on_interrupt="stop",
                profiling=Profiling(split=(BLOCK,), marks=marks),
            )
        except EmulatorError as error:
            raise BackendError(str(error)) from None
        session.symbols.on_arrival = arrival
        timeline = MemoryTimeline(session) if watch_memory else None
        with handling_signals(session):
            result = session.run()
        message = transcript.end(result.exit_code)
        sections = _memory(timeline, facts) if timeline is not None else {}
    stop = result.stop
    if stop is None and result.exit_code != 0:
        raise ProfileError(message or f"the program ended with exit code {result.exit_code}")
    assert result.profile is not None
    run = RunFacts(
        prompt=request.prompt.decode("utf-8", "replace"),
        text=transcript.text.decode("utf-8", "replace"),
        prompt_tokens=fed_before_choice if arrived[CHOICE] else None,
        new_tokens=arrived[WRITE],
        stopped=stop.message if stop is not None else None,
    )
    sources = sources_of(build)
    notes = {FACTS: facts, RUN: vars(run)}
    recording = make_recording(result.profile, session.symbols.map, sources, notes)
    attribution = Attribution(recording)
    return Recorded(
        recording,
        attribution,
        ModelView(attribution, facts),
        run,
        sources,
        str(build),
        build,
        result.peak_memory_bytes,
        sections,
        stop is not None,
        stop is not None and stop.reason == "interrupted",
    )


def _memory(timeline: MemoryTimeline, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The section "memory"; none where the run was stopped before the program had any."""
    try:
        timeline.finish()
        return {"memory": timeline.to_json(facts["memory"])}
    except MemoryReportError:
        return {}


def _check_facts(facts: Mapping[str, Any], run: RunFacts) -> None:
    """See that what people are told of a build is of its kind; ValueError or KeyError otherwise."""
    model = facts["model"]
    numbers = [model["parameters"], *(model["config"][name] for name in _SIZES)]
    counted = [number for number in (run.prompt_tokens, run.new_tokens) if number is not None]
    if (
        not all(type(number) is int and number >= 0 for number in (*numbers, *counted))
        or not model["config"]["context"]
    ):
        raise ValueError("a size that cannot be")
    texts = [model["name"], run.prompt, run.text, *([run.stopped] if run.stopped is not None else [])]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("a text that is none")


def read_recorded(path: Path) -> Recorded:
    """Read a saved profile, of a build or of any other program.

    Raises:
        ProfileError: it cannot be read, or is damaged.
    """
    try:
        recording = load(path)
    except EmulatorError as error:
        raise ProfileError(str(error)) from None
    attribution = Attribution(recording)
    facts, run = recording.notes.get(FACTS), recording.notes.get(RUN)
    view, found = None, None
    if facts is not None:
        try:
            view = ModelView(attribution, facts)
            found = RunFacts(**(run or {}))
            _check_facts(facts, found)
            json.dumps(figures(view, found), allow_nan=False)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError, ZeroDivisionError):
            raise ProfileError(f"{path}: what it says of its build is damaged; record it again") from None
    return Recorded(recording, attribution, view, found, Sources(), path.name)
