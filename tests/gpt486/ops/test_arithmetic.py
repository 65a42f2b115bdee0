from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt486.ops.arithmetic import RangeError, int32, magnitude_bits, narrow, scale, shift_round

LONG = st.integers(-(2**31), 2**31 - 1)


@given(st.integers(-(2**30), 2**30), st.integers(0, 30))
def test_shift_round_is_division_with_halves_up(value: int, shift: int) -> None:
    assert int(shift_round(np.array([value]), shift)[0]) == math.floor(value / 2**shift + 0.5)


@given(LONG, LONG, st.integers(1, 31))
def test_scale_keeps_64_bits(value: int, multiplier: int, shift: int) -> None:
    expected = (value * multiplier + 2 ** (shift - 1)) // 2**shift
    assert int(scale(np.array([value]), multiplier, shift)[0]) == expected


@given(st.lists(LONG, min_size=1, max_size=20))
def test_magnitude_bits_are_the_fewest(values: list[int]) -> None:
    bits = magnitude_bits(np.array(values, np.int64))
    assert all(-(1 << bits) <= value < 1 << bits for value in values)
    assert bits == 0 or any(not -(1 << bits - 1) <= value < 1 << bits - 1 for value in values)


@given(st.lists(LONG, min_size=1, max_size=20), st.integers(8, 16))
def test_narrow_fits_and_is_close(values: list[int], bits: int) -> None:
    x = np.array(values, np.int64)
    narrowed, shift = narrow(x, bits)
    assert np.abs(narrowed).max() <= 2**bits
    assert np.abs((narrowed << shift) - x).max() <= (1 << shift) // 2
    if shift:
        assert magnitude_bits(x) - shift == bits
        assert np.abs(x).max() >= 1 << (bits + shift - 1)


def test_int32_refuses() -> None:
    assert int32(np.array([2**31 - 1, -(2**31)]), "x") is not None
    for bad in (2**31, -(2**31) - 1):
        with pytest.raises(RangeError, match=r"wide: .* does not fit"):
            int32(np.array([0, bad]), "wide")
