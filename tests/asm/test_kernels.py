"""Every kernel against NumPy: at random, and at the extremes that its op's proof allows."""

from __future__ import annotations

import numpy as np
import pytest
from harness import Kernel
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt486.ops.arithmetic import Int, scale
from gpt486.quantize.planes import GROUP, pack_planes

GROUPS = [1, 2, 7, 11, 16]
SEED = st.integers(0, 2**32 - 1)


def wrapped(values: Int) -> Int:
    """Modulo 2**32, signed."""
    return values.astype(np.int64).astype(np.uint32).astype(np.int32).astype(np.int64)


@pytest.fixture(scope="module")
def kernels() -> dict[str, Kernel]:
    names = ("lut_build", "lut_rows", "scale_rows", "dot_product", "add_weighted")
    return {name: Kernel(name, group_counts=GROUPS) for name in names}


@given(SEED, st.integers(1, 5), st.sampled_from([1, 2**8, 2**16, 2**31 - 1]))
@settings(max_examples=40)
def test_lut_build(kernels: dict[str, Kernel], seed: int, groups: int, bound: int) -> None:
    kernel = kernels["lut_build"]
    inputs = np.random.default_rng(seed).integers(-bound, bound + 1, (groups, GROUP))
    source = kernel.place(inputs.astype("<i4"))
    tables = kernel.place(bytes(256 * groups + 64), align=256)
    kernel.call("lut_build", [source, tables, groups])
    subsets = np.array([[entry >> j & 1 for j in range(GROUP)] for entry in range(64)])
    expected = wrapped(inputs @ subsets.T).reshape(-1)
    np.testing.assert_array_equal(kernel.read(tables, "<i4", 64 * groups), expected)
    assert not kernel.read(tables + 256 * groups, "u1", 64).any()


@given(SEED, st.sampled_from(GROUPS), st.integers(1, 9), st.booleans())
@settings(max_examples=60)
def test_lut_rows(kernels: dict[str, Kernel], seed: int, groups: int, rows: int, extreme: bool) -> None:
    kernel = kernels["lut_rows"]
    random = np.random.default_rng(seed)
    columns = groups * GROUP
    weights = (
        random.choice([-128, -127, -1, 0, 127], (rows, columns))
        if extreme
        else random.integers(-128, 128, (rows, columns))
    )
    largest = (2**31 - 1) // (128 * columns)
    x = random.choice([-largest, largest], columns) if extreme else random.integers(-largest, largest + 1, columns)
    before = random.integers(-1000, 1000, rows)
    subsets = np.array([[entry >> j & 1 for j in range(GROUP)] for entry in range(64)])
    tables = kernel.place((x.reshape(groups, GROUP) @ subsets.T).astype("<i4"), align=256)
    codes = kernel.place(pack_planes(weights.astype(np.int8)))
    sums = kernel.place(np.append(before, 77).astype("<i4"))
    kernel.call(f"lut_rows_{groups}", [codes, tables, sums, rows])
    found = kernel.read(sums, "<i4", rows + 1)
    np.testing.assert_array_equal(found[:-1], wrapped(weights @ x + before))
    assert found[-1] == 77


@given(SEED, st.integers(1, 9), st.integers(1, 31), st.sampled_from([2**10, 2**30, 2**31 - 1]))
@settings(max_examples=60)
def test_scale_rows(kernels: dict[str, Kernel], seed: int, rows: int, shift: int, bound: int) -> None:
    kernel = kernels["scale_rows"]
    random = np.random.default_rng(seed)
    sums = random.choice([-bound, -bound + 1, -1, 0, 1, bound, int(random.integers(-bound, bound))], rows)
    multipliers = random.integers(0, 2**16, rows)
    bias = random.integers(-(2**20), 2**20, rows)
    at = kernel.place(sums.astype("<i4"))
    kernel.call(
        "scale_rows",
        [at, kernel.place(multipliers.astype("<i4")), kernel.place(bias.astype("<i4")), rows, shift],
    )
    np.testing.assert_array_equal(kernel.read(at, "<i4", rows), wrapped(scale(sums, multipliers, shift) + bias))


@given(SEED, st.integers(1, 40), st.booleans())
@settings(max_examples=60)
def test_dot_product(kernels: dict[str, Kernel], seed: int, count: int, extreme: bool) -> None:
    kernel = kernels["dot_product"]
    random = np.random.default_rng(seed)
    bits = 2**12
    a = random.choice([-bits, bits], count) if extreme else random.integers(-bits, bits + 1, count)
    b = random.choice([-(2**15), 2**15 - 1], count) if extreme else random.integers(-(2**15), 2**15, count)
    result = kernel.call("dot_product", [kernel.place(a.astype("<i4")), kernel.place(b.astype("<i2")), count])
    assert result == wrapped(np.array([a @ b]))[0]


@given(SEED, st.integers(1, 40), st.sampled_from([1, 2**15, 2**16]))
@settings(max_examples=60)
def test_add_weighted(kernels: dict[str, Kernel], seed: int, count: int, weight: int) -> None:
    kernel = kernels["add_weighted"]
    random = np.random.default_rng(seed)
    sums = random.integers(-(2**30), 2**30, count + 1)
    values = random.choice([-(2**14), 2**14, 0, int(random.integers(-(2**14), 2**14))], count)
    at = kernel.place(sums.astype("<i4"))
    kernel.call("add_weighted", [at, kernel.place(values.astype("<i2")), weight, count])
    expected = sums.copy()
    expected[:-1] += weight * values
    np.testing.assert_array_equal(kernel.read(at, "<i4", count + 1), wrapped(expected))
