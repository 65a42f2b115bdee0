"""The memory of a running GPT.EXE: who holds how much, by the program's own books, and which pages were touched.

The books are the arena's records (basic_templates/units/arena.bas) and the heap's (gpt486/basic/runtime/memory.bas).
`GPT /M` prints them, on any machine, and `parse_report` reads that; `GuestMemory` reads the same records in the memory
of an emulated PC, at any moment, through the program's map.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from emulator import Session
from emulator.memory import CONVENTIONAL, PAGE
from gpt486.errors import Gpt486Error
from gpt486.lower.memory import PURPOSES

PIECE_BYTES = 12
"""SizeOf(ArenaPiece): bytes, held_for, holder."""

LONGEST_NAME = 64
MOST_PIECES = 32
HEAP_HEADER = 8


class ReportError(Gpt486Error):
    """A text that holds no report of `GPT /M`, or a program without an arena."""


@dataclass(frozen=True)
class Piece:
    """A piece of the arena.

    Attributes:
        name: who took it; a region of the memory plan.
        purpose: one of PURPOSES.
        bytes: its size.
        held: False when it was given back.
    """

    name: str
    purpose: str
    bytes: int
    held: bool


@dataclass(frozen=True)
class ProgramMemory:
    """What a program takes besides the arena, in bytes; fb_MemoryUse of gpt486's run-time library tells.

    Attributes:
        below: below 1 MB: program segment prefix, start-up code, its stack, transfer buffer.
        image: code and data.
        bss: variables without an initial value.
        stack: the stack's size.
        heap: the heap in use besides the arena: strings, and what the library takes.
        heap_peak: the most of it since the arena was opened.
        free: extended memory left for the heap.
    """

    below: int
    image: int
    bss: int
    stack: int
    heap: int
    heap_peak: int
    free: int


@dataclass(frozen=True)
class MemoryReport:
    """The program's own books at one moment; all sizes in bytes.

    Attributes:
        limit: what the arena has in all.
        used: what is handed out.
        peak: the most that ever was.
        now: by purpose, what is handed out.
        most: by purpose, the most that ever was.
        pieces: what is held, in the order of taking, then what was given back and has not been taken again.
        program: memory besides the arena; None for a native program, which does not know.
    """

    limit: int
    used: int
    peak: int
    now: dict[str, int]
    most: dict[str, int]
    pieces: tuple[Piece, ...]
    program: ProgramMemory | None

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)


@dataclass(frozen=True)
class PageUse:
    """Pages of 4 KB that were touched in one part of the PC's memory."""

    name: str
    pages: int

    @property
    def bytes(self) -> int:
        """The pages' size."""
        return self.pages * PAGE


class GuestMemory:
    """Reads the books of a GPT.EXE in an emulated PC.

    Args:
        session: runs a program, with its map.

    Raises:
        ReportError: the program's map has no arena.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._memory = session.machine.memory
        program_map = session.symbols.map
        offsets = {} if program_map is None else {symbol.name: symbol.offset for symbol in program_map.symbols}
        if program_map is None or not {"v_arena_piece", "v_heap_top"} <= offsets.keys():
            raise ReportError("the program's map has no arena: only a GPT.EXE with its GPT.MAP keeps books of memory")
        self._map = program_map
        self._offsets = offsets

    def _value(self, name: str, index: int = 0) -> int:
        """A dword of the program, by the name in the map."""
        base = self._session.symbols.base()
        assert base is not None
        return self._dword(base + self._offsets[name] + 4 * index)

    def _dword(self, address: int) -> int:
        # Straight from RAM: the program leaves with A20 closed, and then half of it is out of the CPU's sight.
        return int.from_bytes(self._memory.ram[address : address + 4].tobytes(), "little")

    def opened(self) -> bool:
        """Whether the program has begun and opened its arena."""
        base = self._session.symbols.base()
        if base is None:
            return False
        return 0 < self._value("v_arena_limit") <= self._memory.size and self._value("v_arena_seen") <= MOST_PIECES

    def by_purpose(self) -> dict[str, int]:
        """Bytes handed out now."""
        return {purpose: self._value("v_arena_held", i) for i, purpose in enumerate(PURPOSES)}

    def heap(self) -> int:
        """Bytes of the heap in use besides the arena."""
        return self._value("v_heap_used") - self._value("v_arena_block")

    def pieces(self) -> tuple[Piece, ...]:
        """The arena's pieces, as in MemoryReport."""
        held = self._value("v_arena_pieces")
        pieces = []
        for i in range(self._value("v_arena_seen")):
            size, purpose, holder = (self._value("v_arena_piece", i * PIECE_BYTES // 4 + word) for word in range(3))
            name = self._memory.ram[holder : holder + LONGEST_NAME].tobytes().partition(b"\0")[0]
            known = PURPOSES[purpose] if purpose < len(PURPOSES) else "?"
            pieces.append(Piece(name.decode("ascii", "replace"), known, size, i < held))
        return tuple(pieces)

    def report(self) -> MemoryReport:
        """What `GPT /M` would print now.

        Raises:
            ReportError: the program has not opened its arena.
        """
        if not self.opened():
            raise ReportError("the program has not opened its arena")
        block = self._value("v_arena_block")
        program = ProgramMemory(
            below=self._value("sys_below_bytes"),
            image=self._map.image_size,
            bss=self._map.bss_size,
            stack=self._map.stack_size,
            heap=self._value("v_heap_used") - block,
            heap_peak=self._value("v_heap_peak") - block,
            free=self._free(),
        )
        return MemoryReport(
            limit=self._value("v_arena_limit"),
            used=self._value("v_arena_used"),
            peak=self._value("v_arena_peak"),
            now=self.by_purpose(),
            most={purpose: self._value("v_arena_held_peak", i) for i, purpose in enumerate(PURPOSES)},
            pieces=self.pieces(),
            program=program,
        )

    def _free(self) -> int:
        """The sum of the heap's free blocks."""
        total, last, block = 0, 0, self._value("v_free_list")
        while last < block <= self._memory.size - HEAP_HEADER:  # in the order of addresses, unless it was overwritten
            total += self._dword(block)
            last, block = block, self._dword(block + 4)
        return total

    def pages(self) -> tuple[PageUse, ...]:
        """Where the pages lie that `RunResult.peak_memory_bytes` counts: every page in the part with most of its bytes.

        The parts: "below 1 MB", "code and data", "variables", "stack", "arena", "heap" and, for what belongs to none of
        them, "elsewhere".
        """
        base = self._session.symbols.base()
        if base is None:
            raise ReportError("the program has not begun")
        image, arena = base + self._map.image_size, self._value("v_arena_base")
        bss = image + self._map.bss_size
        stack = bss + self._map.stack_size
        limit = self._value("v_arena_limit")
        top = self._value("v_heap_top")
        parts = [
            ("below 1 MB", 0, CONVENTIONAL),
            ("code and data", base, image),
            ("variables", image, bss),
            ("stack", bss, stack),
            ("heap", stack, arena),
            ("arena", arena, arena + limit),
            # Behind the highest block that was ever handed out lies the header of the free rest.
            ("heap", arena + limit, top + HEAP_HEADER),
        ]
        counts = dict.fromkeys([name for name, _, _ in parts] + ["elsewhere"], 0)
        for page in self._memory.touched_pages().nonzero()[0].tolist():
            first = page * PAGE
            overlaps = [(min(first + PAGE, end) - max(first, begin), name) for name, begin, end in parts]
            size, name = max(overlaps, key=lambda overlap: overlap[0])
            counts[name if size > 0 else "elsewhere"] += 1
        return tuple(PageUse(name, count) for name, count in counts.items())


_BY_PURPOSE, _HELD, _BESIDE = "Memory, in bytes:", "Held by:", "Beside the arena:"
_PIECE = re.compile(r"  (\S+) +(\d+)  ([a-z ]+?)(, given back)?")


def parse_report(text: str) -> MemoryReport:
    """Read what `GPT /M` prints, from anywhere in a program's output.

    Raises:
        ReportError: there is no whole report.
    """
    sections: dict[str, list[str]] = {}
    rows: list[str] = []
    for line in text.replace("\r\n", "\n").splitlines():
        heading = next((heading for heading in (_BY_PURPOSE, _HELD, _BESIDE) if line.startswith(heading)), None)
        if heading is not None:
            rows = sections[heading] = []
        elif line.startswith("  "):
            rows.append(line)
        else:
            rows = []
    try:
        books = _numbers(sections[_BY_PURPOSE])
        used, peak, limit = books["all"]
        purposes = {purpose: books[purpose.replace("_", " ")] for purpose in PURPOSES}
        pieces = tuple(_piece(row) for row in sections[_HELD])
        if sum(piece.bytes for piece in pieces if piece.held) != used:
            raise ValueError
        return MemoryReport(
            limit=limit,
            used=used,
            peak=peak,
            now={purpose: numbers[0] for purpose, numbers in purposes.items()},
            most={purpose: numbers[1] for purpose, numbers in purposes.items()},
            pieces=pieces,
            program=_program(_numbers(sections[_BESIDE])) if _BESIDE in sections else None,
        )
    except (KeyError, ValueError, IndexError):
        raise ReportError("there is no whole report of GPT /M in the text") from None


def _numbers(rows: list[str]) -> dict[str, list[int]]:
    """The numbers of each row by its name, which has 16 columns."""
    return {row[2:18].strip(): [int(word) for word in row[18:].split() if word != "of"] for row in rows}


def _piece(row: str) -> Piece:
    found = _PIECE.fullmatch(row)
    if found is None:
        raise ValueError(row)
    name, size, purpose, back = found.groups()
    return Piece(name, purpose.replace(" ", "_"), int(size), back is None)


def _program(rows: dict[str, list[int]]) -> ProgramMemory:
    heap, heap_peak = rows["heap"]
    return ProgramMemory(
        below=rows["below 1 MB"][0],
        image=rows["code and data"][0],
        bss=rows["variables"][0],
        stack=rows["stack"][0],
        heap=heap,
        heap_peak=heap_peak,
        free=rows["free"][0],
    )
