"""Every kernel against NumPy: at random, and at the extremes that its op's proof allows."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from harness import Kernel
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_codes import codes_for, inputs_for, most_for, wrapped

from gpt486.emit.matvec import MODES, Mode, row_procedure
from gpt486.kernels import KERNELS, Lookup, Tiling
from gpt486.kernels.tables import EXCESS, PAGE, TABLES, Table, entry_bias
from gpt486.ops.arithmetic import INT32_MAX, Int, shift_round

SEED = st.integers(0, 2**32 - 1)
LOOKUPS = [kernel for kernel in KERNELS.values() if isinstance(kernel, Lookup)]
ADDS = pytest.mark.parametrize("adds", [False, True], ids=["set", "add"])
ENDINGS = [(mode, doublings) for mode in MODES.values() for doublings in ((0, 1, 2) if mode.biased else (0,))]
"""What a kernel of lookups may do with its sums."""
PAIRS = KERNELS["pairs"]
PAIR_COLUMNS = [1, 2, 5, 32]


@pytest.fixture(scope="module")
def kernels() -> Callable[..., Kernel]:
    """Kernels by name and what their template needs, each assembled once."""
    return cache(Kernel)


# -- products by lookup --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lut_build() -> Kernel:
    return Kernel("lut_build", tables=list(TABLES.values()))


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
@given(SEED, st.integers(1, 9), st.sampled_from([1, 2**8, 2**11, 2**16, 2**31 - 1]), st.booleans())
@settings(max_examples=30)
def test_lut_build(lut_build: Kernel, table: Table, seed: int, groups: int, bound: int, extreme: bool) -> None:
    random = np.random.default_rng(seed)
    bias = entry_bias(groups) if table.bits == 16 else 0
    if bias:
        bound = min(bound, (min(bias, 2**16 - bias) - 1) // table.columns)  # what Lookup.most_input allows
    shape = (groups, table.columns)
    inputs = random.choice([-bound, bound], shape) if extreme else random.integers(-bound, bound + 1, shape)
    source = lut_build.place(inputs.astype("<i4"))
    tables = lut_build.place(b"\xaa" * (table.stride * groups + 64), align=PAGE)
    lut_build.call(f"lut_build_{table.name}", [source, tables, groups, *([bias * 65537] if bias else [])])
    used = table.entries * table.entry_bytes
    found = lut_build.read(tables, "u1", table.stride * groups).astype("u1").reshape(groups, -1)
    entries = np.ascontiguousarray(found[:, :used]).view("<u2" if table.bits == 16 else "<i4").astype(np.int64)
    expected = table.sums(inputs.reshape(-1))
    np.testing.assert_array_equal(entries, expected + bias if bias else wrapped(expected))
    assert (found[:, used:] == 0xAA).all()
    assert (lut_build.read(tables + table.stride * groups, "u1", 64) == 0xAA).all()


def group_counts(kernel: Lookup) -> list[int]:
    """One, few and many groups; even and odd; two rows at once and one."""
    most = kernel.tiling(10**6).groups
    return sorted({g for g in (1, 2, 3, 7, 11, most - 1, most) if 1 <= g <= most})


def all_rows(kernel: Lookup, procedure: Callable[[Tiling], str], *, two: bool = False) -> list[dict[str, Any]]:
    """All variants of a kernel of lookups."""
    cuts = [kernel.tiling(groups * kernel.table.columns) for groups in group_counts(kernel)]
    return [
        row_procedure(kernel, cut, mode, f"{procedure(cut)}_x{1 << doublings}", doublings, two=two)
        for cut in cuts
        for mode, doublings in ENDINGS
    ]


def tables_of(table: Table, x: Int) -> bytes:
    """The tables as lut_build fills them; what lies between them is spoiled."""
    sums = table.sums(x)
    entries = (sums + entry_bias(len(sums))).astype("<u2") if table.bits == 16 else wrapped(sums).astype("<i4")
    return b"".join(row.tobytes() + b"\xaa" * (table.stride - len(row.tobytes())) for row in entries)


@pytest.mark.parametrize("kernel", LOOKUPS, ids=[kernel.name for kernel in LOOKUPS])
def test_lut_rows(kernel: Lookup) -> None:
    """Sums set, added to, scaled, doubled, with bias; one row or two at once; odd rows."""
    assembled = Kernel("lut_rows", row_kernels=all_rows(kernel, kernel.procedure))

    @given(SEED, st.sampled_from(group_counts(kernel)), st.integers(1, 9), st.booleans(), st.sampled_from(ENDINGS))
    @settings(max_examples=150)
    def check(seed: int, groups: int, rows: int, extreme: bool, ending: tuple[Mode, int]) -> None:
        mode, doublings = ending
        random = np.random.default_rng(seed)
        columns = groups * kernel.table.columns
        codes = codes_for(kernel, rows, columns, random, extreme=extreme)
        x = inputs_for(codes, most_for(kernel, codes), random, extreme=extreme)
        even = rows + rows % 2
        products = np.zeros(even, np.int64)
        products[:rows] = codes @ x
        before = random.integers(-(2**31), 2**31, even)
        multipliers, bias = random.integers(0, 64, even), random.integers(-(2**20), 2**20, even)
        shift = int(random.integers(0, 32))
        excess = EXCESS if kernel.table.bits == 16 else 0
        all_excess = 3 * excess if mode.adds else excess
        if mode.scales:
            if random.integers(2):  # small sums leave room for large multipliers
                before = before >> 12
            products -= all_excess
        expected = wrapped(products + excess + mode.adds * before)
        if mode.scales:
            # The op's proof keeps products within 32 bits.
            multipliers = np.minimum(multipliers, INT32_MAX // np.maximum(1, np.abs(expected)))
            expected = shift_round(expected * multipliers, shift) + bias
        elif mode.biased:
            expected = (expected << doublings) + bias
        cut = kernel.tiling(columns)
        assert (cut.tiles, cut.groups) == (1, groups)
        tables = assembled.place(tables_of(kernel.table, x), align=PAGE)
        packed = assembled.place(kernel.pack(codes))
        sums = assembled.place(np.append(before, [77, 77]).astype("<i4"))
        arguments = [packed, tables, sums, rows]
        if mode.scales:
            arguments += [assembled.place(np.stack([multipliers, bias], axis=1).astype("<i4")), shift]
            arguments += [all_excess] if excess and mode.adds else []
        elif mode.biased:
            arguments.append(assembled.place(bias.astype("<i4")))
        assembled.call(f"{kernel.procedure(cut)}_x{1 << doublings}{mode.suffix}", arguments)
        found = assembled.read(sums, "<i4", even + 2)
        written = even if kernel.rows_at_once(cut) == 2 else rows  # a row of zeros may make them even
        np.testing.assert_array_equal(found[:written], wrapped(expected[:written]))
        np.testing.assert_array_equal(found[written:even], before[written:])
        assert found[even:].tolist() == [77, 77]

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
    scales = np.stack([np.append(multipliers, pad), np.append(bias, pad)], axis=1)
    kernel.call(name, [at, kernel.place(scales.astype("<i4")), rows, shift])
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
