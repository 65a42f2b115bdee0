"""Products by lookup: a byte of weights picks the sum of a group of inputs from a table.

Two manners of weights:

* *direct*: the digits of a table's patterns are the weights themselves (ternary weights);
* *planes*: a weight of b bits in two's complement is b bits of weight -2**(b-1), 2**(b-2), ..., 1. The patterns are
  the bits of a group in one plane, and the planes of a row are added up from the top, doubling each time.

The bytes lie in the order in which they are read: tile, row, plane from the top, group. A byte is the offset of the
entry within the page of its table.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gpt486.kernels.base import TABLE_BYTES, Codes, Kernel, Tiling
from gpt486.kernels.tables import EXCESS, PAGE, Table, entry_bias
from gpt486.ops.arithmetic import Int

MOST_LOOKUPS = 96
"""Lookups that are unrolled for a row of a tile: their code, nine bytes each, shares the cache with the tables."""

SHORT_ROW = 44
"""Rows of up to so many lookups are unrolled two at a time."""

SUM16 = 2**15 - 1

SHORT_COLUMNS = 72
"""Columns of a tile whose sums have 16 bits though the weights have several: more would leave too few to the inputs."""


@dataclass(frozen=True)
class Lookup(Kernel):
    """A kernel of table lookups.

    Attributes:
        table: the tables.
        planes: planes of a weight; 0 for direct digits.
    """

    table: Table
    planes: int = 0

    def __post_init__(self) -> None:
        low, high = int(self.table.digits.min()), int(self.table.digits.max())
        digits = (-(1 << self.planes - 1), (1 << self.planes - 1) - 1) if self.planes else (low, high)
        name = f"{self.table.name}x{self.planes}" if self.planes else self.table.name
        for attribute, value in (("name", name), ("digits", digits), ("read_ahead", 2)):
            object.__setattr__(self, attribute, value)

    @property
    def levels(self) -> int:
        """Lookups for each group: the planes, or one."""
        return self.planes or 1

    def tiling(self, columns: int) -> Tiling:
        """Equal tiles, as few as the cache allows."""
        groups = -(-columns // self.table.columns)
        most = max(1, min(TABLE_BYTES // self.table.stride, MOST_LOOKUPS // self.levels))
        if self.table.bits == 16 and self.planes > 2:
            most = min(most, SHORT_COLUMNS // self.table.columns)
        tiles = -(-groups // most)
        return Tiling(tiles, -(-groups // tiles), self.table.columns)

    def can_hold(self, codes: Codes) -> bool:
        """Whether every group is a pattern."""
        if codes.size == 0:
            return True
        if not self.digits[0] <= int(codes.min()) <= int(codes.max()) <= self.digits[1]:
            return False
        if self.planes:
            return True
        groups = self.padded(codes).reshape(-1, self.table.columns)
        found = {tuple(row) for row in np.unique(groups, axis=0).tolist()}
        return found <= set(self.table.patterns)

    def most_input(self, codes: Codes) -> int:
        """With 16-bit entries a row's sum over a tile must fit into 16 bits, and a group's beside the bias."""
        if self.table.bits == 32:
            return 2**31 - 1
        bias = entry_bias(self.tiling(codes.shape[1]).groups)
        return min(self.most_two(codes), (min(bias, 2 * EXCESS - bias) - 1) // self.table.columns)

    def pack(self, codes: Codes) -> bytes:
        """The bytes: tile, row, plane, group."""
        padded = self.padded(codes)
        cut = self.tiling(codes.shape[1])
        groups = padded.reshape(len(padded), cut.tiles, cut.groups, cut.group)
        if self.planes:
            levels = [(groups >> plane) & 1 for plane in range(self.planes - 1, -1, -1)]
        else:
            levels = [groups]
        entries = np.stack([self.table.entry(level) for level in levels], axis=2)  # [row, tile, level, group]
        places = np.arange(cut.groups) % self.table.per_page * self.table.stride
        packed = (entries * self.table.entry_bytes + places).astype(np.uint8)
        return packed.transpose(1, 0, 2, 3).tobytes() + bytes(self.read_ahead)

    def unpack(self, packed: bytes, rows: int, columns: int) -> Int:
        """The codes again."""
        cut = self.tiling(columns)
        data = np.frombuffer(packed, np.uint8, count=len(packed) - self.read_ahead).astype(np.int64)
        levels = data.reshape(cut.tiles, -1, self.levels, cut.groups).transpose(1, 0, 2, 3)
        digits = self.table.digits[levels % self.table.stride // self.table.entry_bytes]
        if self.planes:
            weight = 1 << np.arange(self.planes - 1, -1, -1)
            weight[0] = -weight[0]
            codes = np.einsum("rtlgc,l->rtgc", digits, weight)
        else:
            codes = digits[:, :, 0]
        result: Int = codes.reshape(-1, cut.columns)[:rows, :columns].copy()
        return result

    def packed_bytes(self, rows: int, columns: int) -> int:
        """Bytes of a packed matrix."""
        cut = self.tiling(columns)
        padded = -(-rows // self.row_multiple) * self.row_multiple
        return padded * cut.tiles * cut.groups * self.levels + self.read_ahead

    def procedure(self, tiling: Tiling) -> str:
        """lut_rows_TABLE_GROUPS, with the number of planes."""
        return f"lut_rows_{self.name}_{tiling.groups}"

    def procedure_two(self, tiling: Tiling) -> str:
        """The same for two tokens at once: lut_two_TABLE_GROUPS."""
        return f"lut_two_{self.name}_{tiling.groups}"

    def most_two(self, codes: Codes) -> int:
        """The largest magnitude of inputs with which two tokens fit into one sum: 16 bits for a row and a tile."""
        padded = np.abs(self.padded(codes)).reshape(-1, self.tiling(codes.shape[1]).tile_columns)
        return SUM16 // max(1, int(padded.sum(axis=1).max(initial=0)))

    def table_bytes(self, tiling: Tiling) -> int:
        """Bytes of a tile's tables: for the assembly, or for the BASIC twin, whose entries are all Longs."""
        pages = -(-tiling.groups // self.table.per_page)
        return max(pages * PAGE, tiling.groups * self.table.entries * 4)

    def table_bytes_two(self, tiling: Tiling) -> int:
        """Bytes of a tile's tables for two tokens, whose entries have 32 bits."""
        pages = -(-tiling.groups // self.table.per_page)
        return max(pages * PAGE * 32 // self.table.bits, tiling.groups * self.table.entries * 4)

    # What the assembly's template needs.

    def rows_at_once(self, tiling: Tiling) -> int:
        """Rows of a turn: an odd number of lookups takes two, since two page pointers take turns."""
        lookups = self.levels * tiling.groups
        return 2 if lookups % 2 or lookups <= SHORT_ROW else 1

    def bias(self, tiling: Tiling) -> int:
        """The bias of a tile's entries; 0 for those of 32 bits."""
        return entry_bias(tiling.groups) if self.table.bits == 16 else 0

    def excess(self, tiling: Tiling) -> int:
        """How much too large a row's sums of all tiles come out."""
        return EXCESS * tiling.tiles if self.table.bits == 16 else 0
