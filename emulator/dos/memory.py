"""The DOS memory arena: a chain of blocks, each behind a 16-byte memory control block (MCB).

An MCB holds a letter (4Dh 'M', or 5Ah 'Z' for the last), the owner's PSP segment (0: free), the size in
paragraphs, and the owner's name.  The chain lies in guest memory, where the guest may damage it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from emulator.dos.errors import ARENA_TRASHED, INVALID_BLOCK, INVALID_FUNCTION, NO_MEMORY, DosError

if TYPE_CHECKING:
    from emulator.memory import Memory

#: First and last paragraph of the arena.  It begins above 64 KB, so that programs which only work there do.
FIRST: Final = 0x1000
END: Final = 0xA000
_MIDDLE: Final = 0x4D
_LAST: Final = 0x5A


class Arena:
    """AH=48h, 49h, 4Ah and 58h; segments and sizes are in paragraphs of 16 bytes."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.strategy = 0
        self.upper_linked = 0
        self._write(FIRST, _LAST, 0, END - FIRST - 1)

    def _write(self, mcb: int, kind: int, owner: int, size: int) -> None:
        head = bytes((kind,)) + owner.to_bytes(2, "little") + size.to_bytes(2, "little")
        self.memory.write(mcb * 16, head)

    def _read(self, mcb: int) -> tuple[int, int, int]:
        head = self.memory.read(mcb * 16, 5)
        return head[0], int.from_bytes(head[1:3], "little"), int.from_bytes(head[3:5], "little")

    def blocks(self) -> Iterator[tuple[int, int, int]]:
        """(MCB segment, owner, size) along the chain; DosError when the chain is damaged."""
        mcb = FIRST
        while True:
            kind, owner, size = self._read(mcb)
            if kind not in (_MIDDLE, _LAST) or mcb + 1 + size > END:
                raise DosError(ARENA_TRASHED)
            yield mcb, owner, size
            if kind == _LAST:
                return
            mcb += 1 + size

    def _join(self) -> None:
        """Merge neighbouring free blocks."""
        mcb = FIRST
        while True:
            kind, owner, size = self._read(mcb)
            if kind not in (_MIDDLE, _LAST) or mcb + 1 + size > END:
                raise DosError(ARENA_TRASHED)
            if kind == _LAST:
                return
            after = mcb + 1 + size
            next_kind, next_owner, next_size = self._read(after)
            if next_kind not in (_MIDDLE, _LAST):
                raise DosError(ARENA_TRASHED)
            if owner == 0 and next_owner == 0:
                self._write(mcb, next_kind, 0, size + 1 + next_size)
            else:
                mcb = after

    def allocate(self, size: int, owner: int, name: bytes = b"") -> int:
        """A block of `size` paragraphs for a PSP: its segment.  DosError NO_MEMORY when none is big enough."""
        self._join()
        free = [(mcb, room) for mcb, holder, room in self.blocks() if holder == 0 and room >= size]
        if not free:
            raise DosError(NO_MEMORY)
        fit = self.strategy & 3
        if fit == 0:
            mcb, room = free[0]
        elif fit == 1:
            mcb, room = min(free, key=lambda block: block[1])
        else:
            mcb, room = free[-1]
        kind = self._read(mcb)[0]
        if room > size:
            if fit >= 2:  # from the top
                rest = room - size - 1
                self._write(mcb, _MIDDLE, 0, rest)
                mcb += 1 + rest
                self._write(mcb, kind, owner, size)
            else:
                self._write(mcb + 1 + size, kind, 0, room - size - 1)
                self._write(mcb, _MIDDLE, owner, size)
        else:
            self._write(mcb, kind, owner, size)
        self.memory.write(mcb * 16 + 8, name[:8].ljust(8, b"\0"))
        return mcb + 1

    def largest(self) -> int:
        """Size of the largest free block."""
        self._join()
        return max((size for _, owner, size in self.blocks() if owner == 0), default=0)

    def set_owner(self, segment: int, owner: int) -> None:
        """Give a block to another PSP."""
        kind, _, size = self._read(segment - 1)
        self._write(segment - 1, kind, owner, size)

    def _find(self, segment: int) -> tuple[int, int, int]:
        for block in self.blocks():
            if block[0] + 1 == segment:
                return block
        raise DosError(INVALID_BLOCK)

    def free(self, segment: int) -> None:
        """Free a block by its segment."""
        mcb, _, size = self._find(segment)
        self._write(mcb, self._read(mcb)[0], 0, size)

    def free_all(self, owner: int) -> None:
        """Free every block of a PSP; a damaged chain is left alone."""
        try:
            for mcb, holder, size in list(self.blocks()):
                if holder == owner:
                    self._write(mcb, self._read(mcb)[0], 0, size)
        except DosError:
            return

    def resize(self, segment: int, size: int) -> int:
        """Grow or shrink a block in place; returns the size it got, which is less when it could not grow."""
        self._join()
        mcb, owner, room = self._find(segment)
        kind = self._read(mcb)[0]
        if size > room and kind == _MIDDLE:
            next_kind, next_owner, next_size = self._read(mcb + 1 + room)
            if next_owner == 0:
                kind, room = next_kind, room + 1 + next_size
                self._write(mcb, kind, owner, room)
        if size < room:
            self._write(mcb + 1 + size, kind, 0, room - size - 1)
            self._write(mcb, _MIDDLE, owner, size)
            self._join()
            room = size
        return room

    def set_strategy(self, function: int, value: int) -> int:
        """AH=58h: allocation strategy (AL=0, 1) and the link to upper memory (AL=2, 3), which is absent."""
        if function == 0:
            return self.strategy
        if function == 1:
            self.strategy = value & 0xFF
            return value
        if function == 2:
            return 0
        raise DosError(INVALID_FUNCTION)
