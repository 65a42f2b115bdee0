"""A native program, made by the real fbc of the same GPT.BAS: an independent check of compiler and kernels."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from gpt486.backends.request import BackendError, BackendRun, Request, collect, guest_folder

FLAGS = ("-gen", "gas", "-arch", "486", "-w", "all")


def available() -> bool:
    """Whether fbc is on PATH."""
    return shutil.which("fbc") is not None


def run_native(build: Path, request: Request, vocabulary: int, time_limit: float = 600) -> BackendRun:
    """Compile GPT.BAS with fbc and run the program.

    Args:
        build: the folder of the build.
        request: what to do.
        vocabulary: number of logits of a step.
        time_limit: seconds for the run.

    Raises:
        BackendError: fbc had anything to say, or the program did not end in time.
    """
    with guest_folder(build, request, "GPT.BAS") as folder:
        command = ["fbc", *FLAGS, "GPT.BAS", "-x", "gpt", "-Wl", "-z,noexecstack"]
        made = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        said = (made.stdout + made.stderr).strip()
        if made.returncode != 0 or said:
            raise BackendError(f"fbc on GPT.BAS: {said or f'exit code {made.returncode}'}")
        try:
            done = subprocess.run(
                [str(folder / "gpt"), *request.arguments()],
                cwd=folder,
                capture_output=True,
                timeout=time_limit,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise BackendError(f"the native program did not end within {time_limit:.0f} seconds") from None
        return collect(folder, request, vocabulary, BackendRun(text=done.stdout, exit_code=done.returncode))
