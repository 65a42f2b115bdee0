"""Memory over time: the arena by purpose, sampled wherever a GPT.EXE takes or gives back memory, or feeds a token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emulator import Session
from gpt486.lower.memory import PURPOSES
from gpt486.observe.guest_memory import GuestMemory, PageUse, Piece

FEEDS = "EMBED"
PROBES = ("ARENA_TAKE", "ARENA_RELEASE", "SECTIONS_OPEN", "NEXT_TOKEN", FEEDS)
"""Code symbols that must be among the session's probes. A sample is what holds when control arrives there, so a piece
shows at the next of them: while memory is taken, the next call; then, the opening of MODEL.BIN."""


@dataclass(frozen=True)
class MemorySample:
    """Memory at one moment.

    Attributes:
        instructions: emulated so far.
        tokens: fed to the model so far.
        by_purpose: bytes of the arena handed out.
        heap: bytes of the heap in use besides the arena.
    """

    instructions: int
    tokens: int
    by_purpose: dict[str, int]
    heap: int


@dataclass
class Holder:
    """A piece of the arena over time.

    Attributes:
        piece: the piece.
        taken: instruction count of the first sample that has it.
        returned: of the first sample that no longer has it; None when it was held to the end.
    """

    piece: Piece
    taken: int
    returned: int | None = None


class MemoryTimeline:
    """Watches the memory of a GPT.EXE while a session runs it.

    Args:
        session: has the program's map and PROBES among its probes, and has not run yet.

    Raises:
        ReportError: the program keeps no books.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.guest = GuestMemory(session)
        #: One for each arrival at which something differed from the one before, and the first and the last arrival.
        self.samples: list[MemorySample] = []
        #: Who held what, in the order of taking.
        self.holders: list[Holder] = []
        self._last: MemorySample | None = None
        self._held: list[Holder] = []
        self._tokens = 0
        self._before = session.symbols.on_arrival
        session.symbols.on_arrival = self._arrival

    def _arrival(self, name: str, instructions: int) -> None:
        if self._before is not None:
            self._before(name, instructions)
        if name in PROBES:
            self._sample(instructions)
            self._tokens += name == FEEDS

    def _sample(self, instructions: int) -> None:
        if not self.guest.opened():
            return
        sample = MemorySample(instructions, self._tokens, self.guest.by_purpose(), self.guest.heap())
        if self._last is None or (sample.by_purpose, sample.heap) != (self._last.by_purpose, self._last.heap):
            if self._last is not None and self.samples[-1] is not self._last:
                self.samples.append(self._last)  # so that a line between two samples is level where memory was
            self.samples.append(sample)
            self._note_holders(instructions)
        self._last = sample

    def _note_holders(self, instructions: int) -> None:
        pieces = [piece for piece in self.guest.pieces() if piece.held]
        same = 0
        while same < min(len(pieces), len(self._held)) and pieces[same] == self._held[same].piece:
            same += 1
        for holder in self._held[same:]:
            holder.returned = instructions
        fresh = [Holder(piece, instructions) for piece in pieces[same:]]
        self._held = self._held[:same] + fresh
        self.holders += fresh

    def finish(self) -> None:
        """The session has run: take the last sample."""
        self._sample(self.session.machine.count)
        if self._last is not None and self.samples[-1] is not self._last:
            self.samples.append(self._last)

    def to_json(self, plan: dict[str, Any]) -> dict[str, Any]:
        """The timeline as columns, the holders, the plan beside them, and the pages; after finish().

        Args:
            plan: the key "memory" of BUILD.JSON.
        """
        report = self.guest.report()
        pages: tuple[PageUse, ...] = self.guest.pages()
        return {
            "pc_bytes": self.session.machine.memory.size,
            "purposes": list(PURPOSES),
            "plan": {key: plan[key] for key in ("total", "by_purpose", "regions")},
            "program": None if report.program is None else vars(report.program),
            "timeline": {
                "instructions": [sample.instructions for sample in self.samples],
                "tokens": [sample.tokens for sample in self.samples],
                "by_purpose": {p: [sample.by_purpose[p] for sample in self.samples] for p in PURPOSES},
                "heap": [sample.heap for sample in self.samples],
            },
            "holders": [
                {
                    "name": holder.piece.name,
                    "purpose": holder.piece.purpose,
                    "bytes": holder.piece.bytes,
                    "from": holder.taken,
                    "to": holder.returned,
                }
                for holder in self.holders
            ],
            "pages": {
                "peak_bytes": sum(part.bytes for part in pages),
                "regions": [{"name": part.name, "pages": part.pages, "bytes": part.bytes} for part in pages],
            },
        }
