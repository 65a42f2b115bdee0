"""DOSBox as a backend."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from gpt486.backends.request import BackendError, BackendRun, Request, Transcript, collect, guest_folder
from gpt486.toolchain.dosbox import run_dosbox


def available() -> bool:
    """Whether dosbox is on PATH."""
    return shutil.which("dosbox") is not None


def run_in_dosbox(
    build: Path,
    request: Request,
    vocabulary: int,
    *,
    on_text: Callable[[bytes], None] = lambda piece: None,
    time_limit: float = 300,
) -> BackendRun:
    """Run GPT.EXE in a headless DOSBox.

    Args:
        build: the folder of the build.
        request: what to do.
        vocabulary: number of logits of a step.
        on_text: called with the text as it comes.
        time_limit: seconds after which DOSBox is ended.

    Raises:
        DosboxMissing: there is no dosbox; says how to install it.
        BackendError: the program did not end within the time limit.
    """
    transcript = Transcript(on_text)
    with guest_folder(build, request, "GPT.EXE") as folder:
        command = " ".join(["GPT.EXE", *request.arguments()])
        result = run_dosbox(folder, command, time_limit=time_limit, on_output=transcript.feed)
        if result.timed_out or result.exit_code is None:
            raise BackendError(f"DOSBox: the program did not end within {time_limit:.0f} seconds (--time-limit)")
        message = transcript.end(result.exit_code)
        run = BackendRun(text=transcript.text, exit_code=result.exit_code, message=message)
        return collect(folder, request, vocabulary, run)
