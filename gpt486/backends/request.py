"""What a program is asked to do, and what came of it: the same for every backend."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gpt486.errors import Gpt486Error
from gpt486.ops.arithmetic import Int
from gpt486.reference.sampling import Sampling

INTERRUPTED = 130
"""Exit code after Ctrl-C, of the program on the 486 as of ours."""

PROMPT_FILE = "PROMPT.TXT"
LOGITS_FILE = "LOGITS.BIN"
TRACE_FILE = "TRACE.BIN"
DATA_FILES = ("MODEL.BIN", "VOCAB.BIN")


class BackendError(Gpt486Error):
    """A program that did not run to its end; says what it said."""


@dataclass(frozen=True)
class Request:
    """A run.

    Attributes:
        prompt: the text to be continued, any bytes.
        count: tokens to write at most.
        sampling: how to choose them.
        ignore_end: go on after the end-of-text token.
        logits: write down the logits of every step.
        trace_step: write down every vector of this step.
        memory: print a report of memory behind the text.
    """

    prompt: bytes
    count: int = 64
    sampling: Sampling = field(default_factory=Sampling)
    ignore_end: bool = False
    logits: bool = False
    trace_step: int | None = None
    memory: bool = False

    def arguments(self) -> list[str]:
        """The program's command line."""
        s = self.sampling
        words = ["/N", str(self.count), "/F", PROMPT_FILE]
        if s.temperature > 0:
            words += ["/T", f"{s.temperature / 1000:.3f}", "/S", str(s.seed)]
            if s.top_k > 0:
                words += ["/K", str(s.top_k)]
            if s.top_p < 1000:
                words += ["/P", f"{s.top_p / 1000:.3f}"]
        if self.ignore_end:
            words.append("/E")
        if self.memory:
            words.append("/M")
        if self.logits:
            words += ["/L", LOGITS_FILE]
        if self.trace_step is not None:
            words += ["/X", str(self.trace_step), TRACE_FILE]
        return words


@dataclass
class BackendRun:
    """What a run gave.

    Attributes:
        text: everything the program wrote, with line feeds alone for new lines.
        exit_code: the program's.
        steps: (token fed, position, logits) of each step, when asked for.
        trace: the vectors of the traced step by the op's number, when asked for.
        instructions: all that were executed, where they are counted.
        clocks: of the new tokens' decoding, by the cycle model.
        clocks_per_token: the same, the mean of a token.
        sampling_error: relative standard error of the clocks, when only some of the tokens were modelled.
        instructions_per_token: mean from one new token's choice to the next one's, where they are counted.
        peak_memory_bytes: memory that the PC's programs touched, where it is known.
        memory: the program's own books of memory (MemoryReport) and the touched pages, where they are known.
        new_tokens: tokens that were written, where they are counted.
        prompt_tokens: tokens of the prompt, where they are counted.
        message: why the run failed or was stopped, if it was.
        stopped: whether the machine was stopped before the program ended.
    """

    text: bytes = b""
    exit_code: int = 0
    steps: list[tuple[int, int, Int]] = field(default_factory=list)
    trace: dict[int, Int] = field(default_factory=dict)
    instructions: int | None = None
    instructions_per_token: int | None = None
    clocks: int | None = None
    clocks_per_token: int | None = None
    sampling_error: float | None = None
    new_tokens: int | None = None
    prompt_tokens: int | None = None
    peak_memory_bytes: int | None = None
    memory: dict[str, Any] | None = None
    message: str | None = None
    stopped: bool = False


@contextmanager
def guest_folder(build: Path, request: Request, program: str) -> Iterator[Path]:
    """A temporary folder with all that the program needs; `program` is GPT.EXE or the like."""
    with tempfile.TemporaryDirectory(prefix="gpt486-") as name:
        folder = Path(name)
        for file in (program, *DATA_FILES):
            shutil.copyfile(build / file, folder / file)
        (folder / PROMPT_FILE).write_bytes(request.prompt)
        yield folder


def collect(folder: Path, request: Request, vocabulary: int, run: BackendRun) -> BackendRun:
    """Read what the program wrote down into `run`.

    Args:
        folder: where the program ran.
        request: what it was asked.
        vocabulary: number of logits of a step.
        run: is completed.
    """
    if request.logits and (folder / LOGITS_FILE).exists():
        words = np.fromfile(folder / LOGITS_FILE, "<i4").astype(np.int64)
        whole = words[: words.size // (vocabulary + 2) * (vocabulary + 2)].reshape(-1, vocabulary + 2)
        run.steps = [(int(row[0]), int(row[1]), row[2:]) for row in whole]
    if request.trace_step is not None and (folder / TRACE_FILE).exists():
        words = np.fromfile(folder / TRACE_FILE, "<i4").astype(np.int64)
        place = 0
        while place + 2 <= words.size:
            op, length = int(words[place]), int(words[place + 1])
            run.trace[op] = words[place + 2 : place + 2 + length]
            place += 2 + length
    return run


class Transcript:
    """The text of a DOS program as it comes, with LF for CR LF, and without the message that a failure ends with.

    The program says why it failed on a line of its own, `GPT: ...`, and ends: what may be such a line is held back
    until the end shows whether it is one.
    """

    MARK = b"\nGPT: "

    def __init__(self, on_text: Callable[[bytes], None] = lambda piece: None) -> None:
        self._on_text = on_text
        self._held = b""
        self.text = b""

    def feed(self, piece: bytes) -> None:
        """Take a piece of output as the program wrote it."""
        self._held = (self._held + piece).replace(b"\r\n", b"\n")
        at = self._held.find(self.MARK)
        if at < 0:
            cut = [b"\r", *(self.MARK[:n] for n in range(1, len(self.MARK)))]
            at = len(self._held) - max((len(part) for part in cut if self._held.endswith(part)), default=0)
        self._pass_on(at)

    def end(self, exit_code: int) -> str | None:
        """The program has ended: pass on what is left, or return it where it is the reason of a failure."""
        at = self._held.rfind(self.MARK) if exit_code != 0 else -1
        message = None
        if at >= 0:
            message = self._held[at + len(self.MARK) :].decode("ascii", "replace").strip()
            self._pass_on(at)
            self._held = b""
        self._pass_on(len(self._held))
        if exit_code == INTERRUPTED:
            return "interrupted"
        if exit_code != 0 and message is None:
            lines = [line for line in self.text.decode("ascii", "replace").splitlines() if line.strip()]
            message = lines[-1].strip() if lines else None
        return message

    def _pass_on(self, count: int) -> None:
        piece, self._held = self._held[:count], self._held[count:]
        if piece:
            self.text += piece
            self._on_text(piece)
