"""Reading DOS programs: MZ executables and COM files.

MZ header: Ralf Brown's Interrupt List, table 01594.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from emulator.errors import BadProgramError

_HEADER: Final = struct.Struct("<14H")
_LARGEST_COM: Final = 0xFF00 - 0x100
#: More than fits below 640 KB; what lies behind the load module is the program's own business.
_LARGEST_IMAGE: Final = 1 << 20


@dataclass(frozen=True)
class Program:
    """A program to load: its load module, the segments to relocate, its memory needs and first registers.

    paragraphs: size of the load module; least_extra, most_extra: further paragraphs wanted behind it; cs,
    ss: relative to where the load module lies; high: load it at the top of its memory.
    """

    module: bytes
    relocations: tuple[int, ...]
    paragraphs: int
    least_extra: int
    most_extra: int
    cs: int
    ip: int
    ss: int
    sp: int
    is_com: bool = False
    high: bool = False

    def image(self, segment: int) -> bytes:
        """The load module as it lies in memory at a segment."""
        image = bytearray(self.module)
        for at in self.relocations:
            value = int.from_bytes(image[at : at + 2], "little") + segment & 0xFFFF
            image[at : at + 2] = value.to_bytes(2, "little")
        return bytes(image)


def read_program(path: Path) -> Program:
    """Read a program file; BadProgramError says in one line what is wrong with it."""
    try:
        if not path.is_file():
            raise BadProgramError(f"{path}: no such program file")
        data = path.read_bytes()
    except OSError as error:
        raise BadProgramError(f"{path}: cannot be read: {error.strerror}") from error
    return parse_program(data, str(path))


def parse_program(data: bytes, name: str, *, com: bool = False) -> Program:
    """The program in a file's bytes; `name` is for messages.

    com: whatever does not begin with MZ is a COM program, as DOS takes it; else only what is named so.
    """
    if data[:2] in (b"MZ", b"ZM"):
        return _parse_mz(data, name)
    if not data:
        raise BadProgramError(f"{name}: the file is empty")
    if com or name.lower().endswith(".com"):
        if len(data) > _LARGEST_COM:
            raise BadProgramError(f"{name}: {len(data)} bytes are too many for a COM program")
        paragraphs = -(-len(data) // 16)
        return Program(data, (), paragraphs, 0x10, 0xFFFF, 0, 0x100, 0, 0, is_com=True)
    raise BadProgramError(f"{name}: no DOS program: it does not begin with MZ")


def _parse_mz(data: bytes, name: str) -> Program:
    if len(data) < _HEADER.size:
        raise BadProgramError(f"{name}: truncated: the MZ header needs {_HEADER.size} bytes, there are {len(data)}")
    (_, last, pages, count, header, least, most, ss, sp, _, ip, cs, table, _) = _HEADER.unpack_from(data)
    start = header * 16
    end = pages * 512 - (512 - last if last else 0)
    if last > 512 or end <= start:
        raise BadProgramError(f"{name}: damaged MZ header: the load module would be {end - start} bytes long")
    if end > len(data):
        raise BadProgramError(f"{name}: truncated: its header promises {end} bytes, there are {len(data)}")
    module = data[start:end]
    if len(module) > _LARGEST_IMAGE:
        raise BadProgramError(f"{name}: its load module of {len(module)} bytes does not fit conventional memory")
    if table + 4 * count > len(data):
        raise BadProgramError(f"{name}: damaged MZ header: its relocation table lies beyond the end of the file")
    relocations = []
    for index in range(count):
        offset, segment = struct.unpack_from("<2H", data, table + 4 * index)
        at = segment * 16 + offset
        if at + 2 > len(module):
            raise BadProgramError(f"{name}: damaged: relocation {index} points beyond the load module ({at:05X}h)")
        relocations.append(at)
    return Program(
        module,
        tuple(relocations),
        -(-len(module) // 16),
        least,
        most,
        cs,
        ip,
        ss,
        sp,
        high=least == 0 and most == 0,
    )
