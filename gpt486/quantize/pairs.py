"""Keys and values in lookup form: two columns of a cache, one digit of each, make a byte.

A number is a code of 6 bits, 0..63, that stands for the odd number 2 * code - 63, and is two digits of 3 bits:

    2 * code - 63 = 8 * (2 * high - 7) + (2 * low - 7)

The high digits of two columns are one byte, their low digits another one; a byte is an index times four, the offset
of a Long in a table of 64. Both digits count in the same way, so that one table serves for both. The high digits of
all positions lie together, and so do the low digits, which are not always wanted.

A row is cut into chunks of two or three pairs: so many registers add up a chunk of the values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpt486.ops.arithmetic import Int

CODE_BITS = 6
DIGIT = 3
LARGEST = 63
GROUP = 4
"""Positions that are mixed together at least: there are so many rows that their number is a multiple of it."""


@dataclass(frozen=True)
class Pairing:
    """How the columns of a head are cut.

    Attributes:
        chunk: pairs in a chunk.
        chunks: chunks in a row.
    """

    chunk: int
    chunks: int

    @property
    def pairs(self) -> int:
        """Pairs in a row, and bytes of its high digits."""
        return self.chunk * self.chunks

    @property
    def columns(self) -> int:
        """Columns with those that fill up."""
        return 2 * self.pairs

    def rows(self, context: int) -> int:
        """Rows of a head's cache."""
        return -(-context // GROUP) * GROUP

    def plane(self, context: int) -> int:
        """Bytes of a head's digits of one kind."""
        return self.rows(context) * self.pairs


def pairing(head_width: int) -> Pairing:
    """Cut a head into chunks of equal size; the number of pairs is even."""
    pairs = -(-head_width // 4) * 2
    chunk = 3 if pairs % 3 == 0 else 2
    return Pairing(chunk, pairs // chunk)


def pack_rows(codes: Int) -> NDArray[np.uint8]:
    """Pack codes [rows, columns of a head, filled up] into bytes, high digits and low digits: [2, rows, pairs]."""
    digits = np.stack([codes >> DIGIT, codes & 7]).reshape(2, len(codes), -1, 2)
    packed: NDArray[np.uint8] = ((digits[..., 0] | digits[..., 1] << DIGIT) << 2).astype(np.uint8)
    return packed
