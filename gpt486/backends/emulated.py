"""The emulator as a backend."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from emulator import EmulatorError, Session
from emulator.run import handling_signals
from emulator.timing.options import Timing
from gpt486.backends.request import BackendError, BackendRun, Request, Transcript, collect, guest_folder
from gpt486.observe.guest_memory import GuestMemory, ReportError

CHOICE = "NEXT_TOKEN"
"""The procedure that chooses the next token; the instructions of decoding are counted between its calls."""

STEP = "STEP_MODEL"
"""The procedure of a step, which feeds a token to the model, or two of the prompt's."""

FEED = "EMBED"
"""The procedure that every token fed to the model begins with: its calls before the first choice are the prompt's."""

WRITE = "PRINT_TOKEN"
"""The procedure that writes a new token."""


def run_emulated(
    build: Path,
    request: Request,
    vocabulary: int,
    *,
    cpu: str = "486dx2-66",
    memory_mb: int = 32,
    on_text: Callable[[bytes], None] = lambda piece: None,
    instruction_limit: int | None = None,
    time_limit: float | None = None,
    every: int = 0,
) -> BackendRun:
    """Run GPT.EXE on the emulated PC.

    Args:
        build: the folder of the build.
        request: what to do.
        vocabulary: number of logits of a step.
        cpu: a profile of the emulator.
        memory_mb: the PC's memory.
        on_text: called with the text as it comes.
        instruction_limit: emulated instructions after which the run is stopped.
        time_limit: seconds of host time after which it is stopped.
        every: put one token in so many through the cycle model; 0 for none.

    Raises:
        BackendError: the emulator cannot run the program at all.
    """
    transcript = Transcript(on_text)
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
                map_file=build / "GPT.MAP",
                probes=(CHOICE, STEP, FEED, WRITE),
                timing=Timing(every, STEP) if every else None,
            )
            with handling_signals(session):
                result = session.run()
        except EmulatorError as error:
            raise BackendError(str(error)) from None
        message = transcript.end(result.exit_code)
        choices = result.probes.get(CHOICE, [])
        times = result.probe_clocks.get(CHOICE, [])
        run = BackendRun(
            text=transcript.text,
            exit_code=result.exit_code,
            instructions=result.instructions,
            instructions_per_token=round((choices[-1] - choices[0]) / (len(choices) - 1)) if len(choices) > 1 else None,
            clocks=times[-1] - times[0] if len(times) > 1 else None,
            clocks_per_token=round((times[-1] - times[0]) / (len(times) - 1)) if len(times) > 1 else None,
            sampling_error=result.sampling_error,
            prompt_tokens=sum(count <= choices[0] for count in result.probes.get(FEED, [])) if choices else None,
            new_tokens=len(result.probes.get(WRITE, [])),
            peak_memory_bytes=result.peak_memory_bytes,
            memory=_memory_of(session),
            stopped=result.stop is not None,
            message=result.stop.message if result.stop is not None else message,
        )
        return collect(folder, request, vocabulary, run)


def _memory_of(session: Session) -> dict[str, Any] | None:
    """The program's own books in the end, and the pages that were touched; None if it did not come so far."""
    try:
        guest = GuestMemory(session)
        report = guest.report()
    except ReportError:
        return None
    pages = {part.name: part.bytes for part in guest.pages()}
    return {**report.to_json(), "pages": pages}
