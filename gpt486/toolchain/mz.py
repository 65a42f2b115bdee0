"""The MZ executable: a header that DOS reads, and the load module behind it.

The load module is the 16-bit stub, the 32-bit image and the relocation table of the image, each behind the other.
DOS itself relocates nothing (the MZ relocation table is empty): the stub is position-independent up to its segment,
and the image's addresses are moved by the image's own start-up code, from the compact table coded here.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from gpt486.toolchain.errors import LinkError

PAGE = 512
PARAGRAPH = 16
HEADER_BYTES = 32
#: The most that DOS can load: 640 KB less a generous DOS, in bytes of load module.
LARGEST_LOAD = 560 * 1024
_FIELDS = struct.Struct("<2s13H")


@dataclass(frozen=True)
class MzHeader:
    """What the header of an MZ file says.

    `load_offset` and `load_bytes` are where the load module lies in the file; the others are in paragraphs of 16
    bytes (`minimum`, `maximum`: memory wanted behind the load module; `ss` and `cs` relative to it) or plain.
    """

    load_offset: int
    load_bytes: int
    relocations: int
    minimum: int
    maximum: int
    ss: int
    sp: int
    ip: int
    cs: int


def write_mz(load_module: bytes, *, stack_bytes: int, minimum_bytes: int) -> bytes:
    """Make an MZ file.

    Args:
        load_module: what DOS loads; entered at its first byte.
        stack_bytes: size of the initial stack, right behind the load module.
        minimum_bytes: memory the program needs in all, from the load module's first byte; DOS gives this much and
            no more.

    Raises:
        LinkError: the load module is too large for DOS.
    """
    if len(load_module) > LARGEST_LOAD:
        raise LinkError(
            f"the program has {len(load_module) >> 10} KB of code and data; DOS loads at most "
            f"{LARGEST_LOAD >> 10} KB of an EXE. Put large tables into a file or make them at run time"
        )
    size = HEADER_BYTES + len(load_module)
    stack_paragraph = -(-len(load_module) // PARAGRAPH)
    needed = max(stack_paragraph * PARAGRAPH + stack_bytes, minimum_bytes) - len(load_module)
    extra = -(-needed // PARAGRAPH)
    header = _FIELDS.pack(
        b"MZ",
        size % PAGE,  # bytes on the last page; 0 means that it is full
        -(-size // PAGE),
        0,  # relocations
        HEADER_BYTES // PARAGRAPH,
        extra,
        extra,
        stack_paragraph,
        stack_bytes,
        0,  # checksum, which DOS does not look at
        0,  # ip
        0,  # cs
        HEADER_BYTES - 4,  # where the relocation table would be
        0,  # no overlay
    )
    return header.ljust(HEADER_BYTES, b"\0") + load_module


def read_mz(data: bytes) -> MzHeader:
    """Read the header of an MZ file.

    Raises:
        LinkError: it is none, or cut off.
    """
    if len(data) < _FIELDS.size or data[:2] not in (b"MZ", b"ZM"):
        raise LinkError("this is no DOS executable: it does not begin with an MZ header")
    (_, last, pages, relocations, header, low, high, ss, sp, _, ip, cs, _, _) = _FIELDS.unpack_from(data)
    size = pages * PAGE - (PAGE - last if last else 0)
    if header * PARAGRAPH < _FIELDS.size or size < header * PARAGRAPH or last >= PAGE:
        raise LinkError("this DOS executable has a damaged header")
    if len(data) < size:
        raise LinkError(f"this DOS executable is cut off: {len(data)} of {size} bytes")
    load = header * PARAGRAPH
    return MzHeader(load, size - load, relocations, low, high, ss, sp, ip, cs)


def pack_relocations(offsets: Sequence[int]) -> bytes:
    """Code ascending offsets by their distances (the first from 0).

    A distance of 1 to 253 is one byte; 254 is followed by a word and 255 by a dword, little-endian, that hold it; 0
    ends the table.
    """
    out = bytearray()
    last = 0
    for offset in offsets:
        distance = offset - last
        last = offset
        if distance < 0 or (distance == 0 and out):
            raise LinkError("internal: relocations out of order")
        if 0 < distance < 254:
            out.append(distance)
        elif distance < 1 << 16:
            out += b"\xfe" + distance.to_bytes(2, "little")
        else:
            out += b"\xff" + distance.to_bytes(4, "little")
    return bytes(out) + b"\0"


def unpack_relocations(table: bytes) -> list[int]:
    """The offsets that `pack_relocations` coded.

    Raises:
        LinkError: the table does not end.
    """
    offsets: list[int] = []
    at = offset = 0
    while at < len(table):
        code = table[at]
        at += 1
        if code == 0:
            return offsets
        width = {254: 2, 255: 4}.get(code, 0)
        if at + width > len(table):
            break
        offset += int.from_bytes(table[at : at + width], "little") if width else code
        at += width
        offsets.append(offset)
    raise LinkError("the relocation table does not end")
