"""Keys and values in lookup form: six bits of a cache's row make a byte, the offset of a Long in a table of 64.

A number is a code of 6 bits, 0..63, that stands for the odd number 2 * code - 63, and is two digits of 3 bits:

    2 * code - 63 = 8 * (2 * high - 7) + (2 * low - 7)

Both digits count in the same way, so that one table serves for both. A byte holds six bits of one kind of digits, times
four. It is one of two:

* a pair: a digit of one column and the same digit of its neighbour. All values are pairs.
* a plane: the same bit of six columns' digits. A digit is three bits that count 1, 2 and 4 times 2 * bit - 1 each, so
  that one table, for six columns, serves for three bytes: a third of the tables that pairs would need. Keys, whose
  tables are built for each query, are planes as far as their columns go in sixes, and pairs where they do not.

Three planes hold six columns, as three pairs do, so that a row of keys is as long as one of values.

A row of pairs is cut into chunks: so many registers add up a chunk of the values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpt486.ops.arithmetic import Int

CODE_BITS = 6
DIGIT = 3
LARGEST = 63
GROUP = 6
"""Columns whose bits make a plane."""

TILE = 32
"""Positions that lie together, and are done together: see ops/attention.py."""


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

    @property
    def groups(self) -> int:
        """Groups of six columns whose keys are planes."""
        return self.columns // GROUP

    @property
    def key_pairs(self) -> int:
        """Pairs of columns whose keys are pairs."""
        return self.columns % GROUP // 2

    @property
    def tables(self) -> int:
        """Tables of a query."""
        return self.groups + self.key_pairs

    @property
    def plane(self) -> int:
        """Bytes of a tile's digits of one kind."""
        return TILE * self.pairs

    @property
    def block(self) -> int:
        """Bytes of a head's tile: high digits of the keys, low digits, high digits of the values, low digits."""
        return 4 * self.plane


def pairing(head_width: int) -> Pairing:
    """Cut a head into chunks of equal size; the number of pairs is even.

    A row of four pairs at most is one chunk. Longer ones need a register to come back for the next chunk.
    """
    pairs = -(-head_width // 4) * 2
    chunk = pairs if pairs <= 4 else 3 if pairs % 3 == 0 else 2
    return Pairing(chunk, pairs // chunk)


def pack_values(codes: Int) -> NDArray[np.uint8]:
    """Pack codes [rows, columns of a head, filled up] into bytes, high digits and low digits: [2, rows, pairs]."""
    digits = np.stack([codes >> DIGIT, codes & 7]).reshape(2, len(codes), -1, 2)
    packed: NDArray[np.uint8] = ((digits[..., 0] | digits[..., 1] << DIGIT) << 2).astype(np.uint8)
    return packed


def pack_keys(codes: Int) -> NDArray[np.uint8]:
    """Pack codes like pack_values, but six columns at a time as planes.

    A row begins with the highest bit of each group of six columns; the other bits follow, and then the pairs.
    """
    groups = codes.shape[1] // GROUP
    digits = np.stack([codes >> DIGIT, codes & 7])[..., : GROUP * groups].reshape(2, len(codes), groups, GROUP)
    planes = [((digits >> bit & 1) << np.arange(GROUP)).sum(axis=-1) << 2 for bit in (2, 1, 0)]
    pairs = pack_values(codes[:, GROUP * groups :])
    packed: NDArray[np.uint8] = np.concatenate([*planes, pairs], axis=-1).astype(np.uint8)
    return packed
