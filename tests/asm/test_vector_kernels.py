"""The kernels that go through a vector once, against NumPy: at random, and at extremes."""

from __future__ import annotations

import numpy as np
import pytest
from harness import Kernel
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gpt486.ops.activation import GELU_ENTRIES, gelu_table
from gpt486.ops.arithmetic import Int, magnitude_bits, shift_round

SEED = st.integers(0, 2**32 - 1)
COUNT = st.integers(1, 21)
LONG = st.integers(-(2**31), 2**31 - 1)
AFTER = 77
"""Stands behind each vector, where nothing may be written."""


@pytest.fixture(scope="module")
def kernels() -> dict[str, Kernel]:
    names = ("magnitude_bits", "shift_down", "add_vector", "relu_vector", "gelu_vector")
    return {name: Kernel(name, gelu_entries=GELU_ENTRIES) for name in names}


def vector(seed: int, count: int, bits: int) -> Int:
    """Numbers of up to so many bits, extremes among them."""
    random = np.random.default_rng(seed)
    values = random.integers(-(2**bits), 2**bits, count)
    extremes = random.choice([-(2**bits), 2**bits - 1, -1, 0, 1], count)
    return np.where(random.random(count) < 0.3, extremes, values)


@given(st.lists(LONG, min_size=1, max_size=21))
@example([0, -1, 0])
@example([-(2**31)])
@example([1] * 4 + [-2])
@settings(max_examples=100)
def test_magnitude_bits(kernels: dict[str, Kernel], values: list[int]) -> None:
    kernel = kernels["magnitude_bits"]
    x = np.array(values, np.int64)
    for down in range(32):
        found = kernel.call("magnitude_bits", [kernel.place((x >> down).astype("<i4")), x.size])
        assert found == magnitude_bits(x >> down)


@given(SEED, COUNT, st.integers(0, 31))
@settings(max_examples=60)
def test_shift_down(kernels: dict[str, Kernel], seed: int, count: int, shift: int) -> None:
    kernel = kernels["shift_down"]
    x = vector(seed, count, 30)
    target = kernel.place(np.full(count + 1, AFTER, "<i4"))
    kernel.call("shift_down", [kernel.place(x.astype("<i4")), target, count, shift])
    np.testing.assert_array_equal(kernel.read(target, "<i4", count + 1), [*shift_round(x, shift), AFTER])


@given(SEED, COUNT)
@settings(max_examples=60)
def test_add_vector(kernels: dict[str, Kernel], seed: int, count: int) -> None:
    kernel = kernels["add_vector"]
    x, y = vector(seed, count, 30), vector(seed + 1, count, 30)
    target = kernel.place(np.append(x, AFTER).astype("<i4"))
    kernel.call("add_vector", [target, kernel.place(y.astype("<i4")), count])
    np.testing.assert_array_equal(kernel.read(target, "<i4", count + 1), [*(x + y), AFTER])


@given(SEED, COUNT)
@settings(max_examples=60)
def test_relu_vector(kernels: dict[str, Kernel], seed: int, count: int) -> None:
    kernel = kernels["relu_vector"]
    x = vector(seed, count, 31)
    target = kernel.place(np.append(x, -AFTER).astype("<i4"))
    kernel.call("relu_vector", [target, count])
    np.testing.assert_array_equal(kernel.read(target, "<i4", count + 1), [*np.maximum(x, 0), -AFTER])


@given(SEED, COUNT, st.sampled_from([3, 11, 12, 13, 31]), st.sampled_from(["gelu", "gelu_new"]), st.integers(-4, 20))
@settings(max_examples=120)
def test_gelu_vector(kernels: dict[str, Kernel], seed: int, count: int, bits: int, kind: str, shift: int) -> None:
    kernel = kernels["gelu_vector"]
    x = vector(seed, count, min(31, max(bits + shift, 3) if shift > 0 else bits + min(0, 31 - bits + shift)))
    target = kernel.place(np.append(x, -AFTER).astype("<i4"))
    # Behind the table stands what must not be taken for a bump.
    table = kernel.place(np.append(gelu_table(kind), [255] * 9).astype(np.uint8))
    name = "gelu_vector_down" if shift > 0 else "gelu_vector_up" if shift else "gelu_vector"
    kernel.call(name, [target, count, table, abs(shift)])
    x = x >> shift if shift > 0 else x << -shift
    magnitude = x ^ (x >> 63)
    bumps = np.append(gelu_table(kind), 0)[np.minimum(magnitude, GELU_ENTRIES)]
    np.testing.assert_array_equal(kernel.read(target, "<i4", count + 1), [*(np.maximum(x, 0) - bumps), -AFTER])


@given(SEED, COUNT, st.integers(0, 8))
@settings(max_examples=60)
def test_embed_rows(seed: int, count: int, shift: int) -> None:
    kernel = Kernel("embed_rows", embed_shift=shift)
    token, position = vector(seed, count, 15), vector(seed + 1, count, 15)
    target = kernel.place(np.full(count + 1, AFTER, "<i4"))
    rows = [kernel.place(row.astype("<i2")) for row in (token, position)]
    kernel.call("embed_rows", [*rows, target, count])
    np.testing.assert_array_equal(kernel.read(target, "<i4", count + 1), [*((token + position) << shift), AFTER])
