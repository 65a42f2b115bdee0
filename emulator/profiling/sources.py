"""The text of source lines: which file a name in a map means, and what stands in a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path, PurePosixPath


class Sources:
    """Source files, looked for under some folders in order; names are as in the map, with slashes."""

    def __init__(self, roots: Iterable[Path] = ()) -> None:
        self._roots = [root.resolve() for root in roots]
        self.path = cache(self._path)
        self._lines = cache(self._read)

    def _path(self, name: str) -> Path | None:
        pure = PurePosixPath(name)
        if pure.is_absolute() or ".." in pure.parts:
            return None
        return next((root / pure for root in self._roots if (root / pure).is_file()), None)

    def _read(self, name: str) -> list[str]:
        path = self.path(name)
        if path is None:
            return []
        try:
            return path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []

    def line(self, name: str, number: int) -> str:
        """The text of a line, counted from 1, without the blanks around it; "" where it is not known."""
        lines = self._lines(name)
        return lines[number - 1].strip() if 0 < number <= len(lines) else ""

    def excerpt(self, wanted: Iterable[tuple[str, int]]) -> Mapping[str, Mapping[int, str]]:
        """The texts of some lines, (file, number) each: file -> number -> text; unknown ones are left out."""
        found: dict[str, dict[int, str]] = {}
        for name, number in sorted(set(wanted)):
            if text := self.line(name, number):
                found.setdefault(name, {})[number] = text
        return found
