"""Runs a DOS program in DOSBox without a window, streaming what it writes, with its exit code and a time limit.

DOSBox 0.74 has no headless mode, so it gets SDL's dummy drivers, a configuration of its own, and a batch file.  The
folder of the program is drive C:; a temporary folder is D: and holds the batch file, the redirected output, the exit
code, and FLUSH.COM, which makes DOSBox write the output at once (asm/startup/flush16.asm).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from gpt486 import paths
from gpt486.toolchain.assembler import assemble, read_assembly
from gpt486.toolchain.errors import DosboxError, DosboxMissing

#: Cycles per emulated millisecond, more than any host reaches with the normal core. Fixed, since "max" and "auto"
#: leave a quarter of the host's time unused (docs/executable.md has the measurement).
CYCLES: Final = 200_000
_POLL_SECONDS: Final = 0.02
_PR_SET_PDEATHSIG: Final = 1
_MISSING: Final = "DOSBox is not installed; on Debian and Ubuntu: apt-get install dosbox"

_CONFIGURATION: Final = """\
[sdl]
fullscreen=false
output=surface
priority=normal,normal
[dosbox]
memsize={memory}
[cpu]
core={core}
cputype=486_slow
cycles=fixed {cycles}
[mixer]
nosound=true
[midi]
mpu401=none
mididevice=none
[sblaster]
sbtype=none
[gus]
gus=false
[speaker]
pcspeaker=false
tandy=off
disney=false
[joystick]
joysticktype=none
[serial]
serial1=disabled
serial2=disabled
[dos]
xms={xms}
ems=false
umb=false
[autoexec]
@echo off
mount c "{folder}"
mount d "{private}"
d:
d:\\run.bat
"""


@dataclass(frozen=True)
class DosboxResult:
    """How a run ended: the program's exit code (None if it did not end), and whether the time ran out."""

    exit_code: int | None
    timed_out: bool


def run_dosbox(
    folder: Path,
    command: str,
    *,
    time_limit: float,
    on_output: Callable[[bytes], None],
    memory_mb: int = 32,
    core: Literal["normal", "dynamic", "simple"] = "normal",
    xms: bool = True,
) -> DosboxResult:
    """Run one DOS command with `folder` as drive C: and the current directory.

    Args:
        folder: holds the program and its data; nothing is added to it or removed from it here.
        command: a DOS command line without redirection, at most 110 characters.
        time_limit: host seconds until DOSBox is killed.
        on_output: gets what the command writes to its standard output, as it comes (CR LF line ends).
        memory_mb: the machine's memory, 1 to 63.
        core: DOSBox's CPU core; "normal" interprets, "dynamic" translates.
        xms: whether there is an XMS driver.

    Raises:
        DosboxMissing: there is no dosbox.
        DosboxError: the folder or the command is unsuitable, or DOSBox failed.
    """
    program = shutil.which("dosbox")
    if program is None:
        raise DosboxMissing(_MISSING)
    folder = folder.resolve()
    if not folder.is_dir():
        raise DosboxError(f"{folder} is no folder")
    if '"' in str(folder) or "\n" in str(folder):
        raise DosboxError(f"DOSBox cannot mount {folder}: the path has a quotation mark or a line end in it")
    if not 1 <= memory_mb <= 63:
        raise DosboxError(f"DOSBox machines have 1 to 63 MB of memory, not {memory_mb}")
    if len(command) > 110 or not command.isprintable() or not command.isascii() or set(command) & set("<>|%"):
        raise DosboxError(f"not a plain DOS command of at most 110 characters: {command!r}")
    try:
        temporary = tempfile.TemporaryDirectory(prefix="gpt486-dosbox-")
    except OSError as error:
        raise DosboxError(f"no temporary folder for DOSBox: {error.strerror}") from None
    with temporary as name:
        private = Path(name)
        configuration = _CONFIGURATION.format(
            memory=memory_mb,
            core=core,
            cycles=CYCLES,
            xms="true" if xms else "false",
            folder=folder,
            private=private,
        )
        try:
            (private / "dosbox.conf").write_text(configuration, encoding="utf-8")
            (private / "RUN.BAT").write_bytes(_batch(command).encode("ascii"))
            (private / "FLUSH.COM").write_bytes(flush_program())
        except OSError as error:
            raise DosboxError(f"cannot prepare DOSBox: {error.filename}: {error.strerror}") from None
        return _run(program, private, time_limit, on_output)


def flush_program() -> bytes:
    """FLUSH.COM, assembled."""
    source = paths.ASM / "startup" / "flush16.asm"
    lines = read_assembly(source.read_text(encoding="utf-8"), "asm/startup/flush16.asm")
    return assemble(lines, bits=16, origin=0x100).code


def _batch(command: str) -> str:
    """The batch file: run the command, then find its exit code by halving with IF ERRORLEVEL, which means >=.

    CALL, because the command may be a batch file itself.
    """
    start = ["@echo off", "d:\\flush.com", "c:", f"call {command} > d:\\OUT.TXT"]
    lines = [*start, *_search(0, 256), ":done", "exit", ""]
    return "\r\n".join(lines)


def _search(low: int, high: int) -> Iterator[str]:
    if high - low == 1:
        yield f"echo {low} > d:\\CODE.TXT"
        yield "goto done"
        return
    middle = (low + high) // 2
    yield f"if errorlevel {middle} goto n{middle}"
    yield from _search(low, middle)
    yield f":n{middle}"
    yield from _search(middle, high)


def _run(program: str, private: Path, time_limit: float, on_output: Callable[[bytes], None]) -> DosboxResult:
    environment = {
        **os.environ,
        "HOME": str(private),  # DOSBox writes a configuration into the home folder when there is none
        "SDL_VIDEODRIVER": "dummy",
        "SDL_AUDIODRIVER": "dummy",
    }
    log = private / "dosbox.log"
    output = private / "OUT.TXT"
    deadline = time.monotonic() + time_limit
    with log.open("wb") as log_file:
        process = subprocess.Popen(
            [program, "-conf", str(private / "dosbox.conf")],
            stdin=subprocess.DEVNULL,
            stdout=log_file,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=private,
            start_new_session=True,  # a process group of its own, to be killed as a whole
            preexec_fn=_die_with_parent,
        )
    reader = _Follower(output, on_output)
    timed_out = False
    try:
        while process.poll() is None:
            reader.read()
            if time.monotonic() >= deadline:
                timed_out = True
                break
            time.sleep(_POLL_SECONDS)
    finally:
        _kill(process)
    reader.read()
    if timed_out:
        return DosboxResult(None, True)
    code = private / "CODE.TXT"
    if not code.is_file():
        said = log.read_text(errors="replace").strip().splitlines()[-1:]
        detail = f": {said[0]}" if said else ""
        raise DosboxError(f"DOSBox ended (status {process.returncode}) before the program did{detail}")
    return DosboxResult(int(code.read_text()), False)


def _die_with_parent() -> None:
    """Runs in the child: should our process be killed, which leaves it no time to end DOSBox, the kernel does."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the process and everything it started; the group can outlive its first process."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class _Follower:
    """Hands on what a growing file gains."""

    def __init__(self, path: Path, on_output: Callable[[bytes], None]) -> None:
        self.path = path
        self.on_output = on_output
        self.offset = 0

    def read(self) -> None:
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset)
                data = file.read()
        except FileNotFoundError:
            return
        if data:
            self.offset += len(data)
            self.on_output(data)
