"""The one host folder that is drive C:, and nothing outside it.

A DOS path is walked name by name from the folder, so that `..` cannot leave it.  Only regular files and
directories exist; a symbolic link does only where it leads to one inside the folder.  Names are matched
without regard to case; a host name that is no 8.3 name gets an alias such as LONGNA~1.TXT.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from emulator.dos.errors import ACCESS_DENIED, FILE_NOT_FOUND, INVALID_DRIVE, PATH_NOT_FOUND, DosError

DRIVE: Final = 2
_FORBIDDEN: Final = frozenset('"*+,/:;<=>?[\\]|. ') | {chr(code) for code in range(32)}
DEVICES: Final = frozenset(
    (
        "CON",
        "NUL",
        "AUX",
        "PRN",
        "CLOCK$",
        "EMMXXXX0",
        *(f"COM{n}" for n in range(1, 5)),
        *(f"LPT{n}" for n in range(1, 4)),
    )
)
#: Devices that can be opened; the others are only reserved names.
OPENABLE: Final = DEVICES - {"EMMXXXX0"}
_LONGEST_PATH: Final = 128


def split_name(name: str) -> tuple[str, str] | None:
    """(base, extension) of a valid 8.3 name in upper case, else None."""
    base, dot, extension = name.upper().partition(".")
    if not 1 <= len(base) <= 8 or len(extension) > 3 or (dot and not extension):
        return None
    if any(character in _FORBIDDEN for character in base + extension):
        return None
    try:
        name.encode("cp437")
    except UnicodeEncodeError:
        return None
    return base, extension


def shorten(name: str) -> str:
    """What DOS makes of a name with parts that are too long: the rest is cut off."""
    base, _, extension = name.upper().partition(".")
    base, extension = base[:8], extension[:3]
    return f"{base}.{extension}" if extension else base


def pattern_matches(pattern: str, name: str) -> bool:
    """Whether an 8.3 name matches a pattern with ? and *, as FCBs compare it: padded with blanks."""

    def expand(text: str, width: int) -> str:
        out = ""
        for character in text:
            if character == "*":
                return out.ljust(width, "?")[:width]
            out += character
        return out.ljust(width)[:width]

    base, _, extension = pattern.upper().partition(".")
    wanted = expand(base, 8) + expand(extension, 3)
    base, _, extension = name.partition(".")
    have = base.ljust(8) + extension.ljust(3)
    return all(left in ("?", right) for left, right in zip(wanted, have, strict=True))


@dataclass(frozen=True)
class Place:
    """Where a DOS path leads: the directory (checked, real), the DOS name in it, and the host's name if any."""

    directory: Path
    name: str
    host: str | None

    @property
    def path(self) -> Path:
        """The host path, of an existing name or of the one that would be created."""
        return self.directory / (self.host if self.host is not None else self.name)


class Folder:
    """Drive C:, rooted at a host folder, with a current directory."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        #: DOS names from the root to the current directory.
        self.current: list[str] = []

    def listing(self, directory: Path) -> dict[str, str]:
        """DOS name -> host name of everything a guest may see in a directory, sorted by host name."""
        names: dict[str, str] = {}
        long_names = []
        for host in sorted(path.name for path in directory.iterdir()):
            if not self._visible(directory / host):
                continue
            parts = split_name(host)
            short = host.upper()
            if parts is None or short in names or parts[0] in DEVICES:
                long_names.append(host)
            else:
                names[short] = host
        for host in long_names:
            alias = self._alias(host, names)
            if alias is not None:
                names[alias] = host
        return names

    def _visible(self, path: Path) -> bool:
        try:
            if path.is_symlink() and not path.resolve().is_relative_to(self.root):
                return False
            mode = path.stat().st_mode
        except (OSError, RuntimeError):
            return False
        return stat.S_ISREG(mode) or stat.S_ISDIR(mode)

    @staticmethod
    def _alias(host: str, taken: dict[str, str]) -> str | None:
        stem, dot, extension = host.upper().rpartition(".")
        if not dot or not stem:
            stem, extension = host.upper(), ""

        def clean(text: str) -> str:
            return "".join(c for c in text if c.isascii() and c not in _FORBIDDEN)

        base, extension = clean(stem) or "FILE", clean(extension)[:3]
        for number in range(1, 1000):
            tail = f"~{number}"
            alias = base[: 8 - len(tail)] + tail + (f".{extension}" if extension else "")
            if alias not in taken:
                return alias
        return None

    def split(self, path: str) -> list[str]:
        """The names of a DOS path from the root, `.` and `..` worked off; DosError for another drive."""
        path = path.replace("/", "\\")
        if len(path) > _LONGEST_PATH:
            raise DosError(PATH_NOT_FOUND)
        if path[1:2] == ":":
            if path[0].upper() != "C":
                raise DosError(INVALID_DRIVE)
            path = path[2:]
        names = [] if path.startswith("\\") else list(self.current)
        for name in path.split("\\"):
            if name in ("", "."):
                continue
            if name == "..":
                if not names:
                    raise DosError(PATH_NOT_FOUND)
                names.pop()
            else:
                names.append(shorten(name))
        return names

    def canonical(self, path: str) -> str:
        """The full path that a DOS path means."""
        return "C:\\" + "\\".join(self.split(path))

    def directory(self, names: list[str]) -> Path:
        """The host directory that a list of DOS names leads to."""
        place = self.root
        for name in names:
            host = self.listing(place).get(name)
            if host is None or not (place / host).is_dir():
                raise DosError(PATH_NOT_FOUND)
            place = (place / host).resolve()
            if not place.is_relative_to(self.root):
                raise DosError(PATH_NOT_FOUND)
        return place

    def find(self, path: str) -> Place:
        """Where a DOS path leads; its last name need not exist, the directories before it must."""
        names = self.split(path)
        if not names:
            raise DosError(ACCESS_DENIED)
        directory = self.directory(names[:-1])
        name = names[-1]
        return Place(directory, name, self.listing(directory).get(name))

    def existing(self, path: str) -> Place:
        """find() for something that must exist."""
        place = self.find(path)
        if place.host is None:
            raise DosError(FILE_NOT_FOUND)
        return place

    def creatable(self, path: str) -> Place:
        """find() for a name that may be created."""
        place = self.find(path)
        parts = split_name(place.name)
        if parts is None or parts[0] in DEVICES:
            raise DosError(PATH_NOT_FOUND if parts is None else ACCESS_DENIED)
        return place

    @staticmethod
    def device(path: str) -> str | None:
        """The name of the device that a path means, or None: the last name decides, its extension does not."""
        last = path.replace("/", "\\").rpartition("\\")[2]
        if last[1:2] == ":":
            last = last[2:]
        base = last.partition(".")[0].rstrip(" ").upper().rstrip(":")
        return base if base in OPENABLE else None
