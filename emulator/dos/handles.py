"""File handles: DOS's table of open files, and each program's table of handles, which lies in its PSP.

A program's job file table (JFT) is a byte for each handle: the number of an open file, or FFh.  Word 32h of
the PSP is its length, dword 34h points to it: at first to the 20 bytes at 18h.  A child inherits the handles.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from emulator.dos import errors
from emulator.dos.errors import DosError

if TYPE_CHECKING:
    from emulator.dos.kernel import Dos

#: Handles in the PSP itself; only these are inherited.
IN_PSP: Final = 20
_MOST_HANDLES: Final = 255
_CLOSED: Final = 0xFF
_TABLE: Final = 0x18
_COUNT: Final = 0x32
_POINTER: Final = 0x34
#: What stdin, stdout, stderr, AUX and PRN of the first program are, as numbers of open files.
_STANDARD: Final = bytes((1, 1, 1, 0, 2))


@dataclass(eq=False)
class OpenFile:
    """A file or device that one or more handles refer to; descriptor is the host's, -1 for a device."""

    name: str
    descriptor: int = -1
    readable: bool = True
    writable: bool = True
    #: Whether a program started by this one gets it too.
    inherit: bool = True
    #: Whether the console's sink gets what is written, too.
    echo: bool = False
    handles: int = 0
    #: Bytes of a line read from CON that the program has not taken yet.
    ahead: bytearray = field(default_factory=bytearray)
    raw: bool = False
    #: Time stamp set by AX=5701h, applied when the file is closed.
    stamp: float | None = None

    @property
    def is_device(self) -> bool:
        """Whether it is a character device."""
        return self.descriptor < 0

    def close(self) -> None:
        """Close the host's file, with the time stamp that the program wanted."""
        if self.descriptor < 0:
            return
        descriptor, self.descriptor = self.descriptor, -1
        try:
            if self.stamp is not None:
                os.utime(descriptor, (self.stamp, self.stamp))
        finally:
            os.close(descriptor)


class Handles:
    """All open files, and the handles of programs; a PSP is given by its segment."""

    def __init__(self, dos: Dos) -> None:
        self._dos = dos
        self._memory = dos.machine.memory
        self._open: list[OpenFile | None] = [OpenFile("AUX"), OpenFile("CON"), OpenFile("PRN")]

    # -- the table of a program --------------------------------------------------------------------

    def create(self, psp: int, parent: int | None) -> None:
        """Fill the table of a new PSP: inherited from its parent, or the five standard handles."""
        table = bytearray(_STANDARD.ljust(IN_PSP, b"\xff"))
        if parent is not None:
            table = bytearray(_CLOSED for _ in range(IN_PSP))
            at, count = self._table(parent)
            for handle, number in enumerate(self._memory.read(at, min(count, IN_PSP))):
                file = self._number(number)
                if file is not None and file.inherit:
                    table[handle] = number
        for number in table:
            file = self._number(number)
            if file is not None:
                file.handles += 1
        memory = self._memory
        memory.write(psp * 16 + _TABLE, bytes(table))
        memory.set_u16(psp * 16 + _COUNT, IN_PSP)
        memory.set_u32(psp * 16 + _POINTER, psp << 16 | _TABLE)

    def _table(self, psp: int) -> tuple[int, int]:
        """(linear address, length) of a program's table."""
        pointer = self._memory.u32(psp * 16 + _POINTER)
        return (pointer >> 16) * 16 + (pointer & 0xFFFF), self._memory.u16(psp * 16 + _COUNT)

    def _number(self, number: int) -> OpenFile | None:
        return self._open[number] if number < len(self._open) else None

    def resize(self, psp: int, count: int) -> None:
        """AH=67h: room for `count` handles; more than 20 take a block of memory, as in DOS."""
        at, before = self._table(psp)
        count = min(max(count, IN_PSP), _MOST_HANDLES)
        if count <= before:
            return
        segment = self._dos.arena.allocate(-(-count // 16), psp)
        self._memory.write(segment * 16, self._memory.read(at, before).ljust(count, b"\xff"))
        self._memory.set_u16(psp * 16 + _COUNT, count)
        self._memory.set_u32(psp * 16 + _POINTER, segment << 16)

    # -- handles of the running program ------------------------------------------------------------

    def file(self, handle: int) -> OpenFile:
        """What a handle refers to; DosError INVALID_HANDLE."""
        at, count = self._table(self._dos.process.psp)
        file = self._number(self._memory.u8(at + handle)) if handle < count else None
        if file is None:
            raise DosError(errors.INVALID_HANDLE)
        return file

    def free(self) -> int:
        """The lowest free handle; DosError TOO_MANY_FILES."""
        at, count = self._table(self._dos.process.psp)
        handle = self._memory.read(at, count).find(_CLOSED)
        if handle < 0 or (None not in self._open and len(self._open) >= _MOST_HANDLES):
            raise DosError(errors.TOO_MANY_FILES)
        return handle

    def assign(self, file: OpenFile) -> int:
        """Give an open file a handle; it is closed when there is none."""
        try:
            handle = self.free()
        except DosError:
            file.close()
            raise
        self.refer(handle, file)
        return handle

    def refer(self, handle: int, file: OpenFile) -> None:
        """Make a handle, which is closed first if it is open, refer to a file."""
        at, count = self._table(self._dos.process.psp)
        if handle >= count:
            raise DosError(errors.INVALID_HANDLE)
        file.handles += 1
        if self._number(self._memory.u8(at + handle)) is not None:
            self.release(handle)
        if file not in self._open:
            place = self._open.index(None) if None in self._open else len(self._open)
            self._open[place : place + 1] = [file]
        self._memory.set_u8(at + handle, self._open.index(file))

    def release(self, handle: int) -> None:
        """Close a handle, and the file with its last one."""
        file = self.file(handle)
        at, _ = self._table(self._dos.process.psp)
        number = self._memory.u8(at + handle)
        self._memory.set_u8(at + handle, _CLOSED)
        file.handles -= 1
        if file.handles == 0:
            if number > 2:
                self._open[number] = None
            file.close()

    def close_program(self) -> None:
        """Close every handle of the running program, as at its end."""
        _, count = self._table(self._dos.process.psp)
        for handle in range(min(count, _MOST_HANDLES)):
            try:
                self.release(handle)
            except (DosError, OSError):
                continue

    def close_all(self) -> None:
        """Close every file of the host."""
        for file in self._open:
            if file is not None:
                try:
                    file.close()
                except OSError:
                    continue
