"""Packed vectors, defined in NumPy: lanes of 4, 8 or 16 bits in 32-bit words, the first lane in the lowest bits.

A packed vector is an array of unsigned words, dtype int64 with values 0 .. 2**32 - 1. The operations are lane by lane.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]

LANES = (4, 8, 16)
"""Bits of a lane."""


def pack(values: Int, bits: int) -> Int:
    """The lowest `bits` bits of each value; a multiple of 32 // bits values."""
    lanes = (np.asarray(values, np.int64) & ((1 << bits) - 1)).reshape(-1, 32 // bits)
    return np.asarray((lanes << (bits * np.arange(32 // bits))).sum(1), np.int64)


def unpack(words: Int, bits: int, *, signed: bool) -> Int:
    """The lanes as numbers, with or without a sign."""
    lanes = (np.asarray(words, np.int64)[:, None] >> (bits * np.arange(32 // bits))) & ((1 << bits) - 1)
    if signed:
        lanes = lanes - (lanes >> (bits - 1) << bits)
    return np.asarray(lanes.reshape(-1), np.int64)


def add(a: Int, b: Int, bits: int) -> Int:
    """Sums modulo 2**bits, which are the same for signed and unsigned lanes."""
    return pack(unpack(a, bits, signed=False) + unpack(b, bits, signed=False), bits)


def subtract(a: Int, b: Int, bits: int) -> Int:
    """Differences modulo 2**bits."""
    return pack(unpack(a, bits, signed=False) - unpack(b, bits, signed=False), bits)


def equal(a: Int, b: Int, bits: int) -> Int:
    """A mask: all bits of a lane are set where a = b, and clear elsewhere."""
    return pack(-(unpack(a, bits, signed=False) == unpack(b, bits, signed=False)).astype(np.int64), bits)


def greater(a: Int, b: Int, bits: int, *, signed: bool = True) -> Int:
    """A mask of the lanes where a > b."""
    return pack(-(unpack(a, bits, signed=signed) > unpack(b, bits, signed=signed)).astype(np.int64), bits)


def add_saturated(a: Int, b: Int, bits: int, *, signed: bool = True) -> Int:
    """Sums, those beyond the range of a lane replaced by its nearest end."""
    low = -(1 << (bits - 1)) if signed else 0
    total = unpack(a, bits, signed=signed) + unpack(b, bits, signed=signed)
    return pack(np.clip(total, low, low + (1 << bits) - 1), bits)


def greater_unsigned(a: Int, b: Int, bits: int) -> Int:
    """`greater` of unsigned lanes."""
    return greater(a, b, bits, signed=False)


def add_saturated_unsigned(a: Int, b: Int, bits: int) -> Int:
    """`add_saturated` of unsigned lanes."""
    return add_saturated(a, b, bits, signed=False)


def dot(a: Int, b: Int, bits: int) -> int:
    """The sum of the products of signed lanes, modulo 2**32, signed."""
    total = int((unpack(a, bits, signed=True) * unpack(b, bits, signed=True)).sum())
    return (total + 2**31) % 2**32 - 2**31


OPERATIONS: dict[str, tuple[Callable[[Int, Int, int], Int], str]] = {
    "add": (add, "a + b"),
    "subtract": (subtract, "a - b"),
    "equal": (equal, "Masks of a = b"),
    "greater": (greater, "Masks of a > b, signed,"),
    "greater_unsigned": (greater_unsigned, "Masks of a > b, unsigned,"),
    "add_saturated": (add_saturated, "a + b, signed and saturating,"),
    "add_saturated_unsigned": (add_saturated_unsigned, "a + b, unsigned and saturating,"),
}
"""Operations on two packed vectors by name, and what they are called in a comment."""


def quarter_squares() -> Int:
    """floor((i - 256)**2 / 4) for i = 0 .. 511: a * b is the difference of two of them, for a + b and for a - b."""
    return (np.arange(512, dtype=np.int64) - 256) ** 2 // 4
