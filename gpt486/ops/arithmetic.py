"""The 32-bit integer arithmetic that every op is defined in.

Arrays are int64 so that NumPy never wraps; `int32` asserts that each value which the 486 holds in a register or
in memory really fits there. A product of two 32-bit numbers is the one place where the 486 uses 64 bits (imul
leaves them in edx:eax).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gpt486.errors import Gpt486Error

Int = NDArray[np.int64]

INT32_MAX = 2**31 - 1


class RangeError(Gpt486Error):
    """A value cannot be kept within 32 bits: a model whose ranges cannot be proven, or a broken proof."""


def int32(values: Int, what: str) -> Int:
    """Assert that every value fits into a signed 32-bit word.

    Raises:
        RangeError: one does not: the proof that the lowering made was wrong.
    """
    if values.size and (int(values.max()) > INT32_MAX or int(values.min()) < -INT32_MAX - 1):
        worst = int(values[np.abs(values).argmax()]) if values.ndim == 1 else int(np.abs(values).max())
        raise RangeError(f"{what}: {worst} does not fit into 32 bits")
    return values


def integers(values: NDArray[np.float64], what: str) -> Int:
    """Round to the nearest integers, which must fit into 32 bits.

    Raises:
        RangeError: one does not, or is not finite.
    """
    largest = float(np.abs(values).max()) if values.size else 0.0
    if not largest <= INT32_MAX:  # NaN compares false
        raise RangeError(f"{what}: {largest:.3g} does not fit into 32 bits")
    return np.rint(values).astype(np.int64)


def bit_length(value: int) -> int:
    """Number of bits of a value >= 0: 0 for 0, 1 for 1, 2 for 2 and 3, ..."""
    return int(value).bit_length()


def shift_round(values: Int, shift: Int | int) -> Int:
    """Divide by 2**shift, rounding halves up: `(v + half of 2**shift) sar shift`; a shift of 0 changes nothing."""
    return (values + ((1 << shift) >> 1)) >> shift


def scale(values: Int, multipliers: Int | int, shift: Int | int) -> Int:
    """`(v * m + 2**(shift-1)) sar shift` with a 64-bit product; 1 <= shift <= 31 (imul, add, adc, shrd)."""
    assert np.all((np.asarray(shift) >= 1) & (np.asarray(shift) <= 31))
    return (values * multipliers + (1 << (shift - 1))) >> shift


def magnitude_bits(values: Int) -> int:
    """The bits that the elements of a vector need besides their sign, b: all lie in -2**b .. 2**b - 1."""
    return bit_length(int((values ^ (values >> 63)).max()))


def narrow(values: Int, bits: int) -> tuple[Int, int]:
    """Scale a vector down so that it fits into `bits` bits and a sign: |v| <= 2**bits.

    The scale is a power of two: shift = max(0, magnitude_bits(values) - bits).

    Returns:
        The scaled values and the shift; value ~ scaled * 2**shift, with an error of at most 2**(shift-1).
    """
    shift = max(0, magnitude_bits(values) - bits)
    return shift_round(values, shift), shift
