"""The bit-plane layout that the table-lookup kernel reads.

A row of int8 weights in two's complement is eight rows of bits: w = -128 b7 + 64 b6 + ... + b0. Six columns make a
*group*; for each group the kernel builds a table of all 64 sums of subsets of its six activations, and one byte of
a plane picks one of them. The byte is stored times four, ready to be the low byte of a pointer into a table of
dwords that fills a 256-byte page.

Groups are gathered into *tiles* small enough that the tables of a tile stay in the 486's 8 KB cache. The bytes lie
in the order in which they are read: tile, row, plane 7 down to 0, group.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GROUP = 6
"""Columns that one lookup covers: 2**6 dwords fill a page of 256 bytes."""

MAX_GROUPS = 16
"""Groups in a tile: 4 KB of tables leave half of an 8 KB cache to weights and code."""

PLANES = 8

READ_AHEAD = 2
"""The kernel loads this many bytes beyond the last row before it notices that it is done."""


@dataclass(frozen=True)
class Tiling:
    """How the columns of a matrix are cut: `tiles` tiles of `groups` groups of six columns, zero-padded."""

    tiles: int
    groups: int

    @property
    def columns(self) -> int:
        """Columns with padding."""
        return self.tiles * self.groups * GROUP


def tiling(columns: int) -> Tiling:
    """Cut `columns` into equal tiles, as few as the cache allows."""
    groups = -(-columns // GROUP)
    tiles = -(-groups // MAX_GROUPS)
    return Tiling(tiles, -(-groups // tiles))


def pack_planes(codes: NDArray[np.int8]) -> bytes:
    """Pack a matrix of int8 [rows, columns] into the kernel's byte order (and its read-ahead)."""
    rows, columns = codes.shape
    cut = tiling(columns)
    padded = np.zeros((rows, cut.columns), np.uint8)
    padded[:, :columns] = codes.view(np.uint8)
    bits = padded.reshape(rows, cut.tiles, cut.groups, GROUP)
    planes = np.empty((cut.tiles, rows, PLANES, cut.groups), np.uint8)
    place = (4 << np.arange(GROUP)).astype(np.uint8)  # the byte comes out multiplied by 4
    for plane in range(PLANES):
        chosen = (bits >> plane) & 1
        planes[:, :, PLANES - 1 - plane] = (chosen * place).sum(axis=3, dtype=np.uint8).transpose(1, 0, 2)
    return planes.tobytes() + bytes(READ_AHEAD)


def unpack_planes(packed: bytes, rows: int, columns: int) -> NDArray[np.int8]:
    """The inverse of `pack_planes`: int8 [rows, columns]."""
    cut = tiling(columns)
    planes = np.frombuffer(packed, np.uint8, count=len(packed) - READ_AHEAD)
    planes = planes.reshape(cut.tiles, rows, PLANES, cut.groups)
    bits = np.zeros((rows, cut.tiles, cut.groups, GROUP), np.uint8)
    for plane in range(PLANES):
        byte = planes[:, :, PLANES - 1 - plane].transpose(1, 0, 2)
        for j in range(GROUP):
            bits[..., j] |= ((byte >> (j + 2)) & 1) << plane
    return bits.reshape(rows, cut.columns)[:, :columns].copy().view(np.int8)
