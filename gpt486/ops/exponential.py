"""2**-t by table: what softmax and the sampler weigh with.

t >= 0 has 16 fraction bits. Its whole part shifts, the upper 8 bits of its fraction choose one of 256 table entries,
and the lower 8 bits correct that entry to first order: 2**-d ~ 1 - d ln 2, where d < 1/256 leaves an error below
2**-17. The result has 15 fraction bits: 32768 for t = 0, 0 from t = 17 on.
"""

from __future__ import annotations

import numpy as np

from gpt486.ops.arithmetic import Int

FRACTION = 16
RESULT_BITS = 15
LIMIT = 17
"""From here on the result rounds to 0 (just below, 2**-17 * 2**15 is a quarter of a unit)."""

CORRECTION = 177
"""round(ln 2 / 256 * 2**16)"""


def exp2_table() -> Int:
    """2**15 * 2**(-i / 256), rounded, for i = 0..255."""
    return np.array([round(2.0 ** (RESULT_BITS - i / 256)) for i in range(256)], np.int64)


_TABLE = exp2_table()


def exp2_negative(t: Int) -> Int:
    """2**-t with 15 fraction bits for t >= 0 with 16 fraction bits."""
    t = np.minimum(t, LIMIT << FRACTION)
    entry = _TABLE[(t >> 8) & 255]
    value = entry - ((((entry * (t & 255)) >> 8) * CORRECTION + 0x8000) >> 16)
    shift = t >> FRACTION
    half = np.where(shift > 0, 1 << np.maximum(shift - 1, 0), 0)
    result: Int = (value + half) >> shift
    return result
