"""Every kernel against NumPy: at random, and at the extremes that its op's proof allows."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from harness import Kernel
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_codes import codes_for, inputs_for, most_for, wrapped

from gpt486.emit.matvec import lookup_rows
from gpt486.kernels import KERNELS, Lookup
from gpt486.kernels.tables import ENTRY_BIAS, PAGE, TABLES, Table
from gpt486.ops.arithmetic import INT32_MAX, Int, shift_round

SEED = st.integers(0, 2**32 - 1)
LOOKUPS = [kernel for kernel in KERNELS.values() if isinstance(kernel, Lookup)]
ADDS = pytest.mark.parametrize("adds", [False, True], ids=["set", "add"])
PAIRS = KERNELS["pairs"]
PAIR_COLUMNS = [1, 2, 5, 32]


@pytest.fixture(scope="module")
def kernels() -> Callable[..., Kernel]:
    """Kernels by name and what their template needs, each assembled once."""
    return cache(Kernel)


# -- products by lookup --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lut_build() -> Kernel:
    return Kernel("lut_build", tables=list(TABLES.values()), bias=ENTRY_BIAS)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
@given(SEED, st.integers(1, 9), st.sampled_from([1, 2**8, 2**11, 2**16, 2**31 - 1]), st.booleans())
@settings(max_examples=30)
def test_lut_build(lut_build: Kernel, table: Table, seed: int, groups: int, bound: int, extreme: bool) -> None:
    random = np.random.default_rng(seed)
    if table.bits == 16:
        bound = min(bound, (ENTRY_BIAS - 1) // table.columns)  # what Lookup.most_input allows
    shape = (groups, table.columns)
    inputs = random.choice([-bound, bound], shape) if extreme else random.integers(-bound, bound + 1, shape)
    source = lut_build.place(inputs.astype("<i4"))
    tables = lut_build.place(b"\xaa" * (table.stride * groups + 64), align=PAGE)
    lut_build.call(f"lut_build_{table.name}", [source, tables, groups])
    used = table.entries * table.entry_bytes
    found = lut_build.read(tables, "u1", table.stride * groups).astype("u1").reshape(groups, -1)
    entries = np.ascontiguousarray(found[:, :used]).view("<u2" if table.bits == 16 else "<i4").astype(np.int64)
    expected = table.sums(inputs.reshape(-1))
    np.testing.assert_array_equal(entries, expected + ENTRY_BIAS if table.bits == 16 else wrapped(expected))
    assert (found[:, used:] == 0xAA).all()
    assert (lut_build.read(tables + table.stride * groups, "u1", 64) == 0xAA).all()


def group_counts(kernel: Lookup) -> list[int]:
    """One, few and many groups; even and odd; two rows at once and one."""
    most = kernel.tiling(10**6).groups
    return sorted({g for g in (1, 2, 3, 7, 11, most - 1, most) if 1 <= g <= most})


def lut_rows(kernel: Lookup) -> Kernel:
    """All variants of a kernel of lookups."""
    cuts = [kernel.tiling(groups * kernel.table.columns) for groups in group_counts(kernel)]
    rows = [
        {"name": kernel.procedure(cut) + suffix, **lookup_rows(kernel, cut, adds=suffix == "_add")}
        for cut in cuts
        for suffix in ("_set", "_add")
    ]
    return Kernel("lut_rows", row_kernels=rows)


def tables_of(table: Table, x: Int) -> bytes:
    """The tables as lut_build fills them; what lies between them is spoiled."""
    sums = table.sums(x)
    entries = (sums + ENTRY_BIAS).astype("<u2") if table.bits == 16 else wrapped(sums).astype("<i4")
    return b"".join(row.tobytes() + b"\xaa" * (table.stride - len(row.tobytes())) for row in entries)


@ADDS
@pytest.mark.parametrize("kernel", LOOKUPS, ids=[kernel.name for kernel in LOOKUPS])
def test_lut_rows(kernel: Lookup, adds: bool) -> None:
    assembled = lut_rows(kernel)

    @given(SEED, st.sampled_from(group_counts(kernel)), st.integers(1, 9), st.booleans())
    @settings(max_examples=40)
    def check(seed: int, groups: int, rows: int, extreme: bool) -> None:
        random = np.random.default_rng(seed)
        columns = groups * kernel.table.columns
        codes = codes_for(kernel, rows, columns, random, extreme=extreme)
        x = inputs_for(codes, most_for(kernel, codes), random, extreme=extreme)
        before = random.integers(-(2**31), 2**31, rows + 1)
        tables = assembled.place(tables_of(kernel.table, x), align=PAGE)
        packed = assembled.place(kernel.pack(codes))
        sums = assembled.place(np.append(before, [77, 77]).astype("<i4"))
        cut = kernel.tiling(columns)
        assert (cut.tiles, cut.groups) == (1, groups)
        assembled.call(kernel.procedure(cut) + ("_add" if adds else "_set"), [packed, tables, sums, rows])
        found = assembled.read(sums, "<i4", rows + 3)
        np.testing.assert_array_equal(found[:rows], wrapped(codes @ x + adds * before[:rows]))
        if rows % 2 and kernel.rows_at_once(cut) == 2:  # the row of zeros that makes them even
            assert found[rows] == adds * before[rows]
        else:
            assert found[rows] == before[rows]
        assert found[rows + 1 :].tolist() == [77, 77]

    check()


# -- products by multiplication ------------------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [8, 16])
@given(SEED, st.integers(1, 7), st.integers(1, 40), st.integers(0, 31), st.sampled_from([2**10, 2**16, INT32_MAX]))
@settings(max_examples=50)
def test_mul_rows(
    kernels: Callable[..., Kernel], bits: int, seed: int, rows: int, columns: int, shift: int, bound: int
) -> None:
    kernel = kernels("mul_rows", multiply_bits=(8, 16))
    random = np.random.default_rng(seed)
    multiply = KERNELS[f"multiply{bits}"]
    codes = codes_for(multiply, rows, columns, random, extreme=seed % 2 == 0)
    x = inputs_for(codes, bound, random, extreme=seed % 2 == 0)
    sums = kernel.place(np.full(rows + 1, 77, "<i4"))
    packed = kernel.place(multiply.pack(codes))
    kernel.call(f"mul_rows_{bits}", [packed, kernel.place(x.astype("<i4")), sums, rows, columns, shift])
    found = kernel.read(sums, "<i4", rows + 1)
    np.testing.assert_array_equal(found[:-1], wrapped(shift_round(codes @ x, shift)))
    assert found[-1] == 77


@pytest.fixture(scope="module")
def pair_rows() -> Kernel:
    procedures = {count: PAIRS.procedure(PAIRS.tiling(count)) for count in PAIR_COLUMNS}
    return Kernel(
        "pair_rows",
        pair_kernels=[
            {"name": name + suffix, "adds": suffix == "_add", "columns": count}
            for count, name in procedures.items()
            for suffix in ("_set", "_add")
        ],
    )


@ADDS
@given(SEED, st.sampled_from(PAIR_COLUMNS), st.integers(1, 9), st.booleans())
@settings(max_examples=50)
def test_pair_rows(pair_rows: Kernel, adds: bool, seed: int, columns: int, rows: int, extreme: bool) -> None:
    random = np.random.default_rng(seed)
    codes = codes_for(PAIRS, rows, columns, random, extreme=extreme)
    x = inputs_for(codes, min(INT32_MAX, PAIRS.most_input(codes)), random, extreme=extreme)
    even = rows + rows % 2
    before = random.integers(-(2**31), 2**31, even)
    sums = pair_rows.place(np.append(before, 77).astype("<i4"))
    packed = pair_rows.place(PAIRS.pack(codes))
    name = PAIRS.procedure(PAIRS.tiling(columns)) + ("_add" if adds else "_set")
    pair_rows.call(name, [packed, pair_rows.place(x.astype("<i4")), sums, rows])
    found = pair_rows.read(sums, "<i4", even + 1)
    expected = np.zeros(even, np.int64)
    expected[:rows] = codes @ x
    np.testing.assert_array_equal(found[:-1], wrapped(expected + adds * before))
    assert found[-1] == 77


# -- scales --------------------------------------------------------------------------------------------------------


def scaled(kernel: Kernel, name: str, sums: Int, multipliers: Int, bias: Int, shift: int) -> Int:
    """What a procedure makes of the sums; they are even in number in memory."""
    rows = len(sums)
    pad = np.zeros(rows % 2, np.int64)
    at = kernel.place(np.concatenate([sums, pad, [77]]).astype("<i4"))
    places = [kernel.place(np.append(values, pad).astype("<i4")) for values in (multipliers, bias)]
    kernel.call(name, [at, *places, rows, shift])
    found = kernel.read(at, "<i4", rows + len(pad) + 1)
    assert found[-1] == 77
    return found[:rows]


@given(SEED, st.integers(1, 9), st.integers(0, 31), st.sampled_from([1, 63, 2**15]))
@settings(max_examples=60)
def test_scale_rows(kernels: Callable[..., Kernel], seed: int, rows: int, shift: int, largest: int) -> None:
    """Products of 32 bits, half a unit included: up to the last one that fits."""
    random = np.random.default_rng(seed)
    half = 1 << shift >> 1
    bound = (INT32_MAX - half) // largest
    sums = random.choice([-bound, -bound + 1, -1, 0, 1, bound, int(random.integers(-bound, bound + 1))], rows)
    multipliers = random.choice([0, largest, int(random.integers(largest + 1))], rows)
    bias = random.integers(-(2**20), 2**20, rows)
    found = scaled(kernels("scale_rows"), "scale_rows", sums, multipliers, bias, shift)
    np.testing.assert_array_equal(found, wrapped(shift_round(sums * multipliers, shift) + bias))


@given(SEED, st.integers(1, 9), st.integers(0, 31), st.sampled_from([2**10, 2**30, INT32_MAX]))
@settings(max_examples=60)
def test_scale_rows_wide(kernels: Callable[..., Kernel], seed: int, rows: int, shift: int, bound: int) -> None:
    random = np.random.default_rng(seed)
    sums = random.choice([-bound, -bound + 1, -1, 0, 1, bound, int(random.integers(-bound, bound))], rows)
    multipliers = random.choice([0, 63, INT32_MAX, int(random.integers(0, 2**31))], rows)
    bias = random.integers(-(2**20), 2**20, rows)
    found = scaled(kernels("scale_rows_wide"), "scale_rows_wide", sums, multipliers, bias, shift)
    np.testing.assert_array_equal(found, wrapped(shift_round(sums * multipliers, shift) + bias))


# -- attention -----------------------------------------------------------------------------------------------------


@given(SEED, st.integers(1, 40), st.booleans())
@settings(max_examples=60)
def test_dot_product(kernels: Callable[..., Kernel], seed: int, count: int, extreme: bool) -> None:
    kernel = kernels("dot_product")
    random = np.random.default_rng(seed)
    bits = 2**12
    a = random.choice([-bits, bits], count) if extreme else random.integers(-bits, bits + 1, count)
    b = random.choice([-(2**15), 2**15 - 1], count) if extreme else random.integers(-(2**15), 2**15, count)
    result = kernel.call("dot_product", [kernel.place(a.astype("<i4")), kernel.place(b.astype("<i2")), count])
    assert result == wrapped(np.array([a @ b]))[0]


@given(SEED, st.integers(1, 40), st.sampled_from([1, 2**15, 2**16]))
@settings(max_examples=60)
def test_add_weighted(kernels: Callable[..., Kernel], seed: int, count: int, weight: int) -> None:
    kernel = kernels("add_weighted")
    random = np.random.default_rng(seed)
    sums = random.integers(-(2**30), 2**30, count + 1)
    values = random.choice([-(2**14), 2**14, 0, int(random.integers(-(2**14), 2**14))], count)
    at = kernel.place(sums.astype("<i4"))
    kernel.call("add_weighted", [at, kernel.place(values.astype("<i2")), weight, count])
    expected = sums.copy()
    expected[:-1] += weight * values
    np.testing.assert_array_equal(kernel.read(at, "<i4", count + 1), wrapped(expected))
