"""The listing: every byte of a program beside the assembly it came from, under the BASIC line that it serves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from emulator.mapfile import MapFile
from gpt486.toolchain.assembler import Object, Row

_BYTES_A_LINE = 8
_LONGEST_DATA = 64


def write_listing(
    title: str, stub: Object, image: Object, map_file: MapFile, sources: Mapping[str, Sequence[str]]
) -> str:
    """The listing of a whole program, with plain line feeds.

    Offsets count from the beginning of the 16-bit stub and of the 32-bit image. `sources` gives the source lines
    of files by name; a file that is not in it is shown by name and line number alone.
    """
    out = [
        f"{title}: {len(stub.code)} bytes of 16-bit stub, {map_file.image_size} of 32-bit image, "
        f"{map_file.bss_size} of bss, {map_file.stack_size} of stack; {len(image.relocations)} relocations",
    ]
    for heading, part in (("16-bit stub", stub), ("32-bit image", image)):
        out += ["", f"{heading} ".ljust(100, "=")]
        out += _part(part, sources)
    return "\n".join((*out, ""))


def _part(part: Object, sources: Mapping[str, Sequence[str]]) -> Iterator[str]:
    labels: dict[int, list[str]] = {}
    for name, value in part.symbols.items():
        labels.setdefault(value - part.origin, []).append(name)
    for (file, line), rows in groupby(part.rows, key=lambda row: (row.line.file, row.line.line)):
        if not file.endswith(".asm") and line:
            text = sources.get(file, ())
            source = text[line - 1].strip() if line <= len(text) else ""
            yield ""
            yield f"{'':34}; {file}:{line}  {source}".rstrip()
        for row in rows:
            for label in labels.get(row.offset, ()):
                yield f"{'':34}{label}:"
            yield from _row(part.code, row)


def _row(code: bytes, row: Row) -> Iterator[str]:
    shown = code[row.offset : row.offset + min(row.size, _LONGEST_DATA)]
    for at in range(0, len(shown), _BYTES_A_LINE):
        text = f"    {row.line.text.strip()}" if at == 0 else ""
        yield f"{row.offset + at:06X}  {shown[at : at + _BYTES_A_LINE].hex(' '):26}{text}".rstrip()
    if row.size > _LONGEST_DATA:
        yield f"{'':8}... {row.size - _LONGEST_DATA} bytes more"
