"""What every kernel of a matrix-vector product has in common.

A kernel computes sums[i] = q[i][0] * x[0] + q[i][1] * x[1] + ... for a matrix of small integers. All kernels give the
same sums, so that which one is used changes nothing but time and memory; what differs is how large the inputs may be.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpt486.ops.arithmetic import Int

Codes = NDArray[np.integer]
"""A matrix of small integers, [rows, columns]."""

TABLE_BYTES = 4096
"""Bytes of lookup tables in a tile: half of an 8 KB cache, the rest is for weights and code."""


@dataclass(frozen=True)
class Tiling:
    """How the columns of a matrix are cut: `tiles` tiles of `groups` groups of `group` columns, zero-padded."""

    tiles: int
    groups: int
    group: int

    @property
    def tile_columns(self) -> int:
        """Columns of a tile."""
        return self.groups * self.group

    @property
    def columns(self) -> int:
        """Columns with padding."""
        return self.tiles * self.tile_columns


class Kernel(ABC):
    """A way to multiply a matrix of given codes.

    Attributes:
        name: such as "subset64x8".
        digits: the range of codes that it can hold, (lowest, highest).
        row_multiple: rows are padded to a multiple of this.
        read_ahead: bytes that the assembly reads beyond the last row.
    """

    name: str
    digits: tuple[int, int]
    row_multiple: int = 2
    read_ahead: int = 0

    @abstractmethod
    def tiling(self, columns: int) -> Tiling:
        """How it cuts so many columns."""

    @abstractmethod
    def can_hold(self, codes: Codes) -> bool:
        """Whether it can represent these weights."""

    @abstractmethod
    def most_input(self, codes: Codes) -> int:
        """The largest magnitude of inputs with which every intermediate number fits; sums of 32 bits aside."""

    @abstractmethod
    def pack(self, codes: Codes) -> bytes:
        """The weights in the order in which the assembly reads them, read-ahead included."""

    @abstractmethod
    def unpack(self, packed: bytes, rows: int, columns: int) -> Int:
        """The inverse of `pack`: [rows, columns]."""

    @abstractmethod
    def procedure(self, tiling: Tiling) -> str:
        """Name of the assembly procedure for the rows of a tile; its variants end in _set and _add."""

    def padded(self, codes: Codes) -> Int:
        """The codes with rows and columns of zeros for padding, int64."""
        rows, columns = codes.shape
        cut = self.tiling(columns)
        result = np.zeros((-(-rows // self.row_multiple) * self.row_multiple, cut.columns), np.int64)
        result[:rows, :columns] = codes
        return result

    def packed_bytes(self, rows: int, columns: int) -> int:
        """Bytes of a packed matrix, from its shape alone."""
        return len(self.pack(np.zeros((rows, columns), np.int8)))
