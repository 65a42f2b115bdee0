"""The map file (GPT.MAP): which procedure and which source line lies where in a program.

A text file with CR LF line ends, one record a line, fields separated by single spaces; file names may hold
anything but control characters and stand last.  Offsets and sizes are hexadecimal, the rest decimal::

    gpt486-map 1                    the header: format and version
    title GPT                       what the program calls itself
    image-size 1A300                bytes of the image in the EXE (text and data)
    bss-size 5000                   bytes behind it that start out as zeros
    stack-size 10000                bytes behind those
    base-pointer 5C4                offset, in the MZ load module, of the dword that holds the image's linear
                                    address once the program runs
    program-crc 5A3C0F21            CRC-32 of the executable that it belongs to; may be missing
    symbol 1200 40 code main        offset in the image, size, kind (code, data or bss), name
    file 0 GPT.BAS                  number, name
    line 1200 0 17                  from this offset on: file number, line
    end

Symbols and lines are sorted by offset; bss offsets continue behind the image. A line record holds up to the
next one; line 0 means "no source line".
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, NamedTuple

Kind = Literal["code", "data", "bss"]
_KINDS: Final = ("code", "data", "bss")
_HEADER: Final = "gpt486-map 1"
_NUMBERS: Final = ("image-size", "bss-size", "stack-size", "base-pointer")
_CRC: Final = "program-crc"


class MapError(Exception):
    """A map file that cannot be read; the message names the file, the line and what is wrong."""


class MapSymbol(NamedTuple):
    """A label: its offset from the image's start, the bytes up to the next one, and its kind."""

    offset: int
    size: int
    kind: Kind
    name: str


class MapLine(NamedTuple):
    """From `offset` on, the code comes from line `line` of `file`."""

    offset: int
    file: str
    line: int


@dataclass(frozen=True)
class MapFile:
    """A program's map; offsets count from the image's first byte.

    `symbols` and `lines` must be sorted by offset. `base_pointer` is an offset in the MZ load module, `program_crc` the
    CRC-32 of the whole executable, None where the map does not say.
    """

    title: str
    image_size: int
    bss_size: int
    stack_size: int
    base_pointer: int
    symbols: tuple[MapSymbol, ...] = ()
    lines: tuple[MapLine, ...] = ()
    program_crc: int | None = None
    _by_name: dict[str, MapSymbol] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        self._by_name.update((symbol.name, symbol) for symbol in self.symbols)

    def symbol(self, name: str) -> MapSymbol | None:
        """The symbol of that name, or None."""
        return self._by_name.get(name)

    def fits(self, executable: bytes) -> bool:
        """Whether it is the map of this executable, as far as it says."""
        return self.program_crc in (None, zlib.crc32(executable))

    @cached_property
    def _code_offsets(self) -> tuple[list[int], list[MapSymbol]]:
        code = [symbol for symbol in self.symbols if symbol.kind == "code"]
        return [symbol.offset for symbol in code], code

    @cached_property
    def _line_offsets(self) -> list[int]:
        return [line.offset for line in self.lines]

    def procedure_at(self, offset: int) -> MapSymbol | None:
        """The last code symbol at or before an offset in the image; None outside code."""
        if not 0 <= offset < self.image_size:
            return None
        offsets, code = self._code_offsets
        at = bisect_right(offsets, offset) - 1
        if at < 0 or offset >= code[at].offset + code[at].size:
            return None
        return code[at]

    def line_at(self, offset: int) -> MapLine | None:
        """The source line that an offset in the image comes from, or None."""
        if not 0 <= offset < self.image_size:
            return None
        at = bisect_right(self._line_offsets, offset) - 1
        return self.lines[at] if at >= 0 and self.lines[at].line else None

    def symbolize(self, offset: int) -> str:
        """Name a place in the image: "procedure, FILE.BAS:123", as much of it as is known, else its offset."""
        procedure, line = self.procedure_at(offset), self.line_at(offset)
        parts = [procedure.name] if procedure else []
        if line:
            parts.append(f"{line.file}:{line.line}")
        return ", ".join(parts) or f"image offset {offset:#x}"

    def text(self) -> str:
        """The map in its file format, with plain line feeds."""
        out = [_HEADER, f"title {self.title}"]
        values = (self.image_size, self.bss_size, self.stack_size, self.base_pointer)
        out += [f"{name} {value:X}" for name, value in zip(_NUMBERS, values, strict=True)]
        if self.program_crc is not None:
            out.append(f"program-crc {self.program_crc:08X}")
        out += [f"symbol {s.offset:X} {s.size:X} {s.kind} {s.name}" for s in self.symbols]
        files = {name: number for number, name in enumerate(dict.fromkeys(line.file for line in self.lines))}
        out += [f"file {number} {name}" for name, number in files.items()]
        out += [f"line {line.offset:X} {files[line.file]} {line.line}" for line in self.lines]
        return "\n".join((*out, "end", ""))

    def write(self, path: Path) -> None:
        """Write the map file; OSError as open() raises it."""
        path.write_bytes(self.text().replace("\n", "\r\n").encode("utf-8"))


def read_map(path: Path) -> MapFile:
    """Read a map file.

    Raises:
        MapError: it cannot be opened, is no map, is cut off or damaged.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise MapError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise MapError(f"{path} is no map file: it is not text") from None
    return parse_map(text, str(path))


def parse_map(text: str, name: str = "map") -> MapFile:
    """Read a map from its text; `name` stands in error messages.

    Raises:
        MapError: as read_map.
    """
    rows = text.replace("\r\n", "\n").split("\n")
    if rows[0] != _HEADER:
        raise MapError(f"{name} is no map file of this version: it should begin with '{_HEADER}'")
    if "end" not in rows[-2:]:
        raise MapError(f"{name} is cut off: it should finish with 'end'")
    reader = _Reader(name)
    for number, row in enumerate(rows[1:], 2):
        if row == "end":
            break
        reader.row(number, row)
    return reader.finish()


class _Reader:
    def __init__(self, name: str) -> None:
        self.name = name
        self.title: str | None = None
        self.numbers: dict[str, int] = {}
        self.symbols: list[MapSymbol] = []
        self.files: dict[int, str] = {}
        self.lines: list[MapLine] = []

    def row(self, number: int, row: str) -> None:
        word, _, rest = row.partition(" ")
        try:
            if word == "symbol":
                offset, size, kind, name = rest.split(" ", 3)
                self.symbols.append(MapSymbol(_hex(offset), _hex(size), _kind(kind), name))
            elif word == "line":
                offset, file, line = rest.split(" ")
                self.lines.append(MapLine(_hex(offset), self.files[int(file)], int(line)))
            elif word == "file":
                key, name = rest.split(" ", 1)
                self.files[int(key)] = name
            elif word in (*_NUMBERS, _CRC):
                self.numbers[word] = _hex(rest)
            elif word == "title":
                self.title = rest
            else:
                raise ValueError(word)
        except (ValueError, KeyError):
            raise MapError(f"{self.name}, line {number}: '{row[:80]}' is no record of a map") from None

    def finish(self) -> MapFile:
        missing = [name for name in _NUMBERS if name not in self.numbers]
        if self.title is None or missing:
            raise MapError(f"{self.name} lacks the record '{'title' if self.title is None else missing[0]}'")
        for what, offsets in (("symbol", self.symbols), ("line", self.lines)):
            if not _sorted(entry.offset for entry in offsets):
                raise MapError(f"{self.name}: the {what} records are not in order")
        image, bss, stack, pointer = (self.numbers[name] for name in _NUMBERS)
        crc = self.numbers.get(_CRC)
        return MapFile(self.title, image, bss, stack, pointer, tuple(self.symbols), tuple(self.lines), crc)


def _hex(text: str) -> int:
    value = int(text, 16)
    if value < 0:
        raise ValueError(text)
    return value


def _kind(text: str) -> Kind:
    for kind in _KINDS:
        if text == kind:
            return kind
    raise ValueError(text)


def _sorted(offsets: Iterable[int]) -> bool:
    last = -1
    for offset in offsets:
        if offset < last:
            return False
        last = offset
    return True
