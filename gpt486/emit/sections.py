"""The container of MODEL.BIN and VOCAB.BIN: a header, a table of sections, the sections, each with a CRC-32.

    offset  0  "G486"
            4  version of the format
            8  number of the build that the file belongs to
           12  number of sections
           16  for each section: tag (four letters), offset in the file, bytes, CRC-32
               the sections, each at a multiple of 16

All numbers are 32-bit and little-endian.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

from gpt486.errors import Gpt486Error

MAGIC = b"G486"
VERSION = 1
_HEADER = struct.Struct("<4sIII")
_ENTRY = struct.Struct("<4sIII")


class SectionError(Gpt486Error):
    """A file of sections that is damaged; says which section."""


def write_sections(sections: Mapping[str, bytes], build_number: int) -> bytes:
    """Pack sections, in the order given.

    Args:
        sections: contents by tag, four ASCII letters each.
        build_number: what the program checks.
    """
    offset = _HEADER.size + _ENTRY.size * len(sections)
    table, body = [], []
    for tag, content in sections.items():
        padding = -offset % 16
        offset += padding
        table.append(_ENTRY.pack(tag.encode("ascii"), offset, len(content), zlib.crc32(content)))
        body.append(bytes(padding) + content)
        offset += len(content)
    return _HEADER.pack(MAGIC, VERSION, build_number, len(sections)) + b"".join(table) + b"".join(body)


def read_sections(data: bytes, name: str) -> dict[str, bytes]:
    """Unpack and check a file of sections.

    Args:
        data: the file.
        name: its name, for messages.

    Raises:
        SectionError: the file is truncated or a checksum is wrong.
    """
    if len(data) < _HEADER.size or data[:4] != MAGIC:
        raise SectionError(f"{name}: no file of gpt486")
    _, version, _, count = _HEADER.unpack_from(data)
    if version != VERSION:
        raise SectionError(f"{name}: version {version}; this program reads version {VERSION}")
    if len(data) < _HEADER.size + count * _ENTRY.size:
        raise SectionError(f"{name}: truncated in its table of sections")
    result = {}
    for i in range(count):
        tag, offset, size, crc = _ENTRY.unpack_from(data, _HEADER.size + i * _ENTRY.size)
        letters = tag.decode("ascii", "replace")
        content = data[offset : offset + size]
        if len(content) != size:
            raise SectionError(f"{name}: truncated in section {letters}")
        if zlib.crc32(content) != crc:
            raise SectionError(f"{name}: the checksum of section {letters} is wrong")
        result[letters] = content
    return result
