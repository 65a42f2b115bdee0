"""Products by multiplication: the baseline, and what pays for matrices of few rows, which are not worth a table.

On a 486 IMUL takes 10 clocks and one for each significant bit of its second operand, at least 13. So the input is the
second operand: it is what has few bits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gpt486.kernels.base import Codes, Kernel, Tiling
from gpt486.ops.arithmetic import Int

PAIR_COLUMNS = 32
"""Columns of a tile of the packed kernel: sums of 16 bits hold so many products, and its code is unrolled."""


@dataclass(frozen=True)
class Multiply(Kernel):
    """One IMUL for each weight, whose sums have 64 bits.

    Attributes:
        bits: of a stored weight, 8 or 16.
    """

    bits: int

    def __post_init__(self) -> None:
        most = 2 ** (self.bits - 1) - 1
        object.__setattr__(self, "name", f"multiply{self.bits}")
        object.__setattr__(self, "digits", (-most - 1, most))

    def tiling(self, columns: int) -> Tiling:
        """One tile."""
        return Tiling(1, columns, 1)

    def can_hold(self, codes: Codes) -> bool:
        """Whether every code fits."""
        return codes.size == 0 or self.digits[0] <= int(codes.min()) <= int(codes.max()) <= self.digits[1]

    def most_input(self, codes: Codes) -> int:
        """No limit of its own: sums have 64 bits."""
        return 2**31 - 1

    def pack(self, codes: Codes) -> bytes:
        """Row by row, little-endian."""
        return self.padded(codes).astype(f"<i{self.bits // 8}").tobytes()

    def unpack(self, packed: bytes, rows: int, columns: int) -> Int:
        """The codes again."""
        data = np.frombuffer(packed, f"<i{self.bits // 8}").astype(np.int64)
        return data.reshape(-1, columns)[:rows].copy()

    def packed_bytes(self, rows: int, columns: int) -> int:
        """Bytes of a packed matrix."""
        return (rows + rows % 2) * columns * (self.bits // 8)

    def procedure(self, tiling: Tiling) -> str:
        """mul_rows_BITS."""
        return f"mul_rows_{self.bits}"


@dataclass(frozen=True)
class MultiplyPairs(Kernel):
    """One IMUL for the weights of two rows: w1 * 65536 + w0, times an input, is both products in one register."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", "pairs")
        object.__setattr__(self, "digits", (-128, 127))

    def tiling(self, columns: int) -> Tiling:
        """Equal tiles of at most PAIR_COLUMNS columns."""
        tiles = -(-columns // PAIR_COLUMNS)
        return Tiling(tiles, -(-columns // tiles), 1)

    def can_hold(self, codes: Codes) -> bool:
        """Whether every code has 8 bits: wider ones leave no room in 16-bit sums."""
        return codes.size == 0 or self.digits[0] <= int(codes.min()) <= int(codes.max()) <= self.digits[1]

    def most_input(self, codes: Codes) -> int:
        """The lower row's sum over a tile must fit into 16 bits; so must the upper one's, and the borrow of one."""
        padded = np.abs(self.padded(codes)).reshape(-1, self.tiling(codes.shape[1]).groups)
        return (2**15 - 2) // max(1, int(padded.sum(axis=1).max(initial=0)))

    def pack(self, codes: Codes) -> bytes:
        """Tile, pair of rows, column: a Long for the two weights."""
        cut = self.tiling(codes.shape[1])
        pairs = self.padded(codes).reshape(-1, 2, cut.tiles, cut.groups)
        packed = pairs[:, 0] + (pairs[:, 1] << 16)  # [pair, tile, column]
        return packed.transpose(1, 0, 2).astype("<i4").tobytes()

    def unpack(self, packed: bytes, rows: int, columns: int) -> Int:
        """The codes again."""
        cut = self.tiling(columns)
        data = np.frombuffer(packed, "<i4").astype(np.int64).reshape(cut.tiles, -1, cut.groups).transpose(1, 0, 2)
        low = (data + 2**15) % 2**16 - 2**15
        both = np.stack([low, (data - low) >> 16], axis=1)  # [pair, 2, tile, column]
        return both.reshape(-1, cut.columns)[:rows, :columns].copy()

    def packed_bytes(self, rows: int, columns: int) -> int:
        """Bytes of a packed matrix."""
        return 2 * (rows + rows % 2) * self.tiling(columns).columns

    def procedure(self, tiling: Tiling) -> str:
        """pair_rows_COLUMNS."""
        return f"pair_rows_{tiling.groups}"
