"""The kernels that multiply by two tokens at once, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from harness import Kernel
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_codes import codes_for, inputs_for, wrapped
from test_kernels import ENDINGS, LOOKUPS, SEED, all_rows, group_counts, tables_of

from gpt486.emit.matvec import Mode
from gpt486.kernels import Lookup
from gpt486.kernels.tables import EXCESS, PAGE, Table
from gpt486.ops.arithmetic import INT32_MAX, shift_round

APART = 12
"""Longs from the sums of the first token to those of the second."""

WIDE = list({kernel.table.wide.name: kernel.table.wide for kernel in LOOKUPS}.values())


@pytest.fixture(scope="module")
def join_lanes() -> Kernel:
    return Kernel("join_lanes")


@given(SEED, st.integers(1, 50), st.sampled_from([2**4, 2**15, 2**31 - 1]))
@settings(max_examples=50)
def test_join_lanes(join_lanes: Kernel, seed: int, count: int, bound: int) -> None:
    random = np.random.default_rng(seed)
    first, second = random.integers(-bound, bound + 1, (2, count))
    target = join_lanes.place(np.full(count + 1, 77, "<i4"))
    places = [join_lanes.place(vector.astype("<i4")) for vector in (first, second)]
    join_lanes.call("join_lanes", [*places, target, count])
    np.testing.assert_array_equal(join_lanes.read(target, "<i4", count + 1), [*wrapped(first + (second << 16)), 77])


def test_in_place(join_lanes: Kernel) -> None:
    place = join_lanes.place(np.array([1, -2, 3, -4], "<i4"))
    join_lanes.call("join_lanes", [place, place + 8, place, 2])
    assert join_lanes.read(place, "<i4", 4).tolist() == [1 + (3 << 16), -2 - (4 << 16), 3, -4]


@pytest.fixture(scope="module")
def lut_build() -> Kernel:
    return Kernel("lut_build", tables=WIDE)


@pytest.mark.parametrize("table", WIDE, ids=[table.name for table in WIDE])
@given(SEED, st.integers(1, 5))
@settings(max_examples=20)
def test_tables_of_two_tokens(lut_build: Kernel, table: Table, seed: int, groups: int) -> None:
    """Any 32-bit table, those with more than 64 entries too; nothing is written beyond the entries."""
    x = np.random.default_rng(seed).integers(-(2**31), 2**31, groups * table.columns)
    tables = lut_build.place(b"\xaa" * table.stride * groups, align=PAGE)
    lut_build.call(f"lut_build_{table.name}", [lut_build.place(x.astype("<i4")), tables, groups])
    found = lut_build.read(tables, "<i4", table.stride // 4 * groups).reshape(groups, -1)
    np.testing.assert_array_equal(found[:, : table.entries], wrapped(table.sums(x)))
    assert (found[:, table.entries :] == wrapped(np.array([0xAAAAAAAA]))).all()


@pytest.mark.parametrize("kernel", LOOKUPS, ids=[kernel.name for kernel in LOOKUPS])
def test_lut_two(kernel: Lookup) -> None:
    """Sums of both tokens set, added to, scaled, doubled, with bias, up to the ends of 16 bits."""
    rows_of = all_rows(kernel, kernel.procedure_two, two=True)
    assembled = Kernel("lut_two", two_kernels=rows_of, token_longs=APART)
    counts = [g for g in group_counts(kernel) if kernel.levels < 8 or g <= 11]

    @given(SEED, st.sampled_from(counts), st.integers(1, 9), st.booleans(), st.sampled_from(ENDINGS))
    @settings(max_examples=100)
    def check(seed: int, groups: int, rows: int, extreme: bool, ending: tuple[Mode, int]) -> None:
        mode, doublings = ending
        random = np.random.default_rng(seed)
        codes = codes_for(kernel, rows, groups * kernel.table.columns, random, extreme=extreme)
        most = kernel.most_two(codes)
        x = np.stack([inputs_for(codes, most, random, extreme=extreme) for _ in range(2)])
        even = rows + rows % 2
        sums = np.zeros((2, even), np.int64)
        sums[:, :rows] = x @ codes.T
        assert np.abs(sums).max() < 2**15
        before = random.integers(-(2**12), 2**12, (2, even))
        excess = EXCESS if kernel.table.bits == 16 else 0
        expected = sums + excess + mode.adds * before
        multipliers, bias = random.integers(0, 64, even), random.integers(-(2**20), 2**20, even)
        shifts = random.integers(0, 32, 2)
        if mode.scales:
            expected -= 2 * excess if mode.adds else excess
            multipliers = np.minimum(multipliers, INT32_MAX // np.maximum(1, np.abs(expected).max(axis=0)))
            expected = shift_round(expected * multipliers, shifts[:, None]) + bias
        elif mode.biased:
            expected = (expected << doublings) + bias
        cut = kernel.tiling(codes.shape[1])
        tables = assembled.place(tables_of(kernel.table.wide, x[0] + (x[1] << 16)), align=2 * PAGE)
        memory = np.full((2, APART), 77)
        memory[:, :even] = before
        target = assembled.place(memory.astype("<i4"))
        arguments = [assembled.place(kernel.pack(codes)), tables, target, rows]
        if mode.scales:
            arguments += [assembled.place(np.stack([multipliers, bias], axis=1).astype("<i4")), *map(int, shifts)]
            arguments += [2 * excess] if excess and mode.adds else []
        elif mode.biased:
            arguments.append(assembled.place(bias.astype("<i4")))
        assembled.call(f"{kernel.procedure_two(cut)}_x{1 << doublings}{mode.suffix}", arguments)
        found = assembled.read(target, "<i4", 2 * APART).reshape(2, APART)
        written = even if kernel.rows_at_once(cut) == 2 else rows  # a row of zeros may make them even
        np.testing.assert_array_equal(found[:, :written], wrapped(expected[:, :written]))
        np.testing.assert_array_equal(found[:, written:even], before[:, written:])
        assert (found[:, even:] == 77).all()

    check()
