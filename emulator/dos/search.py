"""Searching directories: AH=4Eh and 4Fh, with the results in the disk transfer area."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from emulator.dos import errors
from emulator.dos.errors import DosError
from emulator.dos.folder import pattern_matches, shorten
from emulator.dos.frame import Services

if TYPE_CHECKING:
    from emulator.dos.kernel import Dos, Handler

_READ_ONLY: Final = 0x01
_HIDDEN_OR_SYSTEM: Final = 0x06
_LABEL: Final = 0x08
_DIRECTORY: Final = 0x10
_ARCHIVE: Final = 0x20
#: Marks the DTA of a search of ours; the word after it is the search's number.
_MARK: Final = b"\x03G4"
_MOST_SEARCHES: Final = 4096


@dataclass
class Running:
    """A search: what is still to be reported, as (name, attributes, size, modification time)."""

    found: list[tuple[str, int, int, float]]
    next: int = 0


class Search(Services):
    """Searches in progress, kept on the host; the DTA holds their number."""

    def __init__(self, dos: Dos) -> None:
        super().__init__(dos)
        self._running: dict[int, Running] = {}
        self._number = 0
        self.functions: dict[int, Handler] = {0x4E: self._first, 0x4F: self._next}

    @staticmethod
    def attributes(path: Path) -> int:
        """DOS attributes of a host file or directory."""
        if path.is_dir():
            return _DIRECTORY
        return _ARCHIVE if os.access(path, os.W_OK) else _ARCHIVE | _READ_ONLY

    def _first(self) -> None:
        """AH=4Eh: DS:DX is a path whose last name may hold ? and *, CX the attributes wanted."""
        path = self.memory.text(self.ds_dx, 256).decode("cp437").replace("/", "\\")
        wanted = self.cpu.cx
        if wanted & 0x3F == _LABEL:
            raise DosError(errors.NO_MORE_FILES)
        head, _, pattern = path.rpartition("\\")
        if not head and path[1:2] == ":" and "\\" not in path:
            head, pattern = path[:2], path[2:]
        elif path.startswith("\\") and not head:
            head = "\\"
        elif head.endswith(":"):
            head += "\\"
        names = self.dos.folder.split(head)
        directory = self.dos.folder.directory(names)
        found = []
        entries = dict(self.dos.folder.listing(directory))
        if names:
            entries = {".": ".", "..": "..", **entries}
        for name, host in entries.items():
            special = name in (".", "..")
            if not (
                pattern_matches(shorten(pattern), name) if not special else pattern in ("*.*", "*", "????????.???")
            ):
                continue
            place = directory if special else directory / host
            attributes = self.attributes(place)
            if attributes & _DIRECTORY and not wanted & _DIRECTORY:
                continue
            status = place.stat()
            size = 0 if attributes & _DIRECTORY else min(status.st_size, 0xFFFFFFFF)
            found.append((name, attributes, size, status.st_mtime))
        if not found:
            raise DosError(errors.NO_MORE_FILES)
        self.memory.write(self.dos.system.dta, _MARK + self._start(found).to_bytes(2, "little"))
        self._report(self._number)

    def _start(self, found: list[tuple[str, int, int, float]]) -> int:
        """Remember a search: its number.  The oldest one is forgotten when there are too many."""
        self._number = (self._number + 1) % 0x10000
        self._running[self._number] = Running(found)
        if len(self._running) > _MOST_SEARCHES:
            del self._running[next(iter(self._running))]
        return self._number

    def _next(self) -> None:
        head = self.memory.read(self.dos.system.dta, 5)
        number = int.from_bytes(head[3:5], "little")
        if head[:3] != _MARK or number not in self._running:
            raise DosError(errors.NO_MORE_FILES)
        self._report(number)

    def _report(self, number: int) -> None:
        from emulator.dos.files import dos_stamp

        search = self._running[number]
        if search.next >= len(search.found):
            raise DosError(errors.NO_MORE_FILES)
        name, attributes, size, stamp = search.found[search.next]
        search.next += 1
        time, date = dos_stamp(stamp)
        record = (
            bytes((attributes,))
            + time.to_bytes(2, "little")
            + date.to_bytes(2, "little")
            + size.to_bytes(4, "little")
            + name.encode("cp437").ljust(13, b"\0")
        )
        self.memory.write(self.dos.system.dta + 0x15, record)
        self.cpu.ax = 0
