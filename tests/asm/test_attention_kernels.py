"""The kernels of attention against NumPy."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from harness import Kernel
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt486.ops.arithmetic import Int, bit_length, scale, shift_round
from gpt486.ops.attention import LEVELS, LOWEST, PAGE_SHIFT, PAGES, TILE, largest_query, level_powers, template_values
from gpt486.quantize.pairs import pack_rows, pairing

SEED = st.integers(0, 2**32 - 1)
CONTEXT = 150
WIDTHS = [1, 2, 5, 8, 10, 12, 32]


@cache
def kernel(name: str, width: int) -> Kernel:
    return Kernel(name, **template_values(width, CONTEXT))


def pages_of() -> Int:
    """The pages of products, [PAGES, 64] Longs."""
    digits = 2 * np.arange(8) - 7
    products = shift_round(level_powers()[:, None] * digits, PAGE_SHIFT)  # [PAGES, 8]
    return (products[:, None, :] + (products[:, :, None] << 16)).reshape(PAGES, 64)


def mixed(query: Int, keys: Int, values: Int) -> tuple[Int, int, list[bool]]:
    """The definition once more, for one head and with Python's numbers; also which tiles are near."""
    powers = level_powers()
    reference, total, sums, which = LOWEST, 0, np.zeros(values.shape[1], np.int64), []
    high = ((2 * (keys >> 3) - 7) @ query).tolist()
    low = ((2 * (keys & 7) - 7) @ query).tolist()
    for start in range(0, len(keys), TILE):
        places = range(start, min(start + TILE, len(keys)))
        below = reference - max(high[t] for t in places)
        others, weight = total, 2**16 >> min(31, max(0, below) >> 10)
        if below < 0:
            octaves = min(31, 1023 - below >> 10)
            others = total + (1 << octaves >> 1) >> octaves
        gap = len(places) * max(high[t] for t in places) - sum(high[t] for t in places)
        if gap % 2**32 <= len(places) << 10:
            others += len(places) * weight // 2
        near = others < 16 * weight
        which.append(near)
        scores = {t: high[t] + (low[t] + 4 >> 3 if near else 0) for t in places}
        best = max(scores.values())
        if best > reference:
            octaves = best - reference + 1023 >> 10
            reference += octaves << 10
            shift = min(octaves, 31)
            sums, total = shift_round(sums, shift), (total + ((1 << shift) >> 1)) >> shift
        for t in places:
            level = min((reference - scores[t]) >> 8, LEVELS)
            sums = sums + shift_round(powers[level] * (2 * (values[t] >> 3) - 7), PAGE_SHIFT)
            if near:
                sums = sums + shift_round(powers[level + 12] * (2 * (values[t] & 7) - 7), PAGE_SHIFT)
            total += 2 * int(powers[level]) if level < LEVELS else 0
    return sums, total, which


@given(SEED, st.sampled_from(WIDTHS), st.integers(1, 5))
@settings(max_examples=30)
def test_attend_tables(seed: int, width: int, pairs: int) -> None:
    built = kernel("attend_tables", width)
    query = np.random.default_rng(seed).integers(-(2**24), 2**24, (pairs, 2))
    at = built.place(query.astype("<i4"))
    tables = built.place(bytes(256 * pairs + 64), align=256)
    built.call("attend_tables", [at, tables, pairs])
    digits = 2 * np.arange(8) - 7
    expected = digits * query[:, :1, None] + digits[:, None] * query[:, 1:, None]
    np.testing.assert_array_equal(built.read(tables, "<i4", 64 * pairs), expected.reshape(-1))
    assert not built.read(tables + 256 * pairs, "u1", 64).any()


@given(SEED, st.sampled_from(WIDTHS), st.integers(1, 150), st.sampled_from(["far", "near", "rising", "extreme"]))
@settings(max_examples=150, deadline=None)
def test_attend_head(seed: int, width: int, count: int, kind: str) -> None:
    built = kernel("attend_head", width)
    random = np.random.default_rng(seed)
    columns = pairing(width).columns
    extreme = kind == "extreme"
    keys, values = (
        random.choice([0, 63], (count, columns)) if extreme else random.integers(0, 64, (count, columns))
        for _ in range(2)
    )
    most = largest_query(width)
    size = {"far": 200, "near": 4, "rising": 1000, "extreme": most}[kind]
    query = random.choice([-size, size], columns) if extreme else random.integers(-size, size + 1, columns)
    if kind == "rising":
        keys = keys[np.argsort(keys @ query, kind="stable")]
    digits = 2 * np.arange(8) - 7
    table = digits * query.reshape(-1, 2)[:, :1, None] + digits[:, None] * query.reshape(-1, 2)[:, 1:, None]
    sums, total, which = mixed(query, keys, values)

    tables = built.place(table.astype("<i4"), align=256)
    pages = built.place(pages_of().astype("<i4"), align=0x10000)
    powers = level_powers()
    weights = built.place(np.where(np.arange(PAGES) < LEVELS, 2 * powers, 0).astype("<i4"))
    # A tile takes a multiple of four positions: there must be codes, with any values, behind the last one.
    rows = pairing(width).rows(CONTEXT)
    spare = random.integers(0, 64, (rows - count, columns))
    key_rows = built.place(pack_rows(np.concatenate([keys, spare])).tobytes())
    value_rows = built.place(pack_rows(np.concatenate([values, spare])).tobytes())
    at = built.place(np.append(np.zeros(columns), 77).astype("<i4"))
    first = pages >> 8 & 255
    found = built.call("attend_head", [tables, key_rows, value_rows, at, count, pages, weights - 4 * first])
    assert found == total
    after = built.read(at, "<i4", columns + 1)
    np.testing.assert_array_equal(after[:-1], sums)
    assert after[-1] == 77
    assert which[0]
    assert bit_length(total) >= 15


@given(SEED, st.sampled_from(WIDTHS), st.booleans())
@settings(max_examples=60, deadline=None)
def test_attend_codes(seed: int, width: int, too_large: bool) -> None:
    built = kernel("attend_codes", width)
    random = np.random.default_rng(seed)
    cut = pairing(width)
    exponents = random.integers(0, 26, cut.columns)
    source = random.integers(-32, 32, cut.columns) << exponents | random.integers(0, 1 << exponents)
    if too_large:
        column = random.integers(cut.columns)
        source[column] = random.choice([-33, 32]) << exponents[column]
    at = built.place(source.astype("<i4"))
    codes = built.place(bytes(2 * cut.plane(CONTEXT)))
    result = built.call("attend_codes", [at, built.place(exponents.astype("u1")), codes])
    assert result == (0 if too_large else 1)
    if not too_large:
        high, low = pack_rows(((source >> exponents) + 32)[None])
        np.testing.assert_array_equal(built.read(codes, "u1", cut.pairs), high[0])
        np.testing.assert_array_equal(built.read(codes + cut.plane(CONTEXT), "u1", cut.pairs), low[0])


@given(SEED, st.integers(1, 15), st.integers(5, 31), st.sampled_from([1, 2**8, 2**20, 2**30]))
@settings(max_examples=60, deadline=None)
def test_attend_query(seed: int, multiplier_shift: int, query_shift: int, bound: int) -> None:
    built = kernel("attend_query", 8)
    random = np.random.default_rng(seed)
    bound = min(bound, 1 << 15 + multiplier_shift)
    source = random.choice([-bound, -1, 0, 1, bound, int(random.integers(-bound, bound))], 8)
    exponents = random.integers(1, query_shift + 1, 8)
    multiplier = int(random.integers(1 << 14, 1 << 15))
    target = built.place(bytes(32))
    places = [built.place(source.astype("<i4")), built.place(exponents.astype("u1")), target]
    built.call("attend_query", [*places, 8, multiplier, multiplier_shift, query_shift])
    expected = shift_round(scale(source, multiplier, multiplier_shift), np.minimum(31, query_shift - exponents))
    most = largest_query(8)
    np.testing.assert_array_equal(built.read(target, "<i4", 8), np.clip(expected, -most, most))


@given(SEED, st.integers(-4, 18), st.sampled_from([1, 2**10, 2**24]))
@settings(max_examples=60, deadline=None)
def test_attend_means(seed: int, down: int, bound: int) -> None:
    built = kernel("attend_means", 8)
    random = np.random.default_rng(seed)
    sums = random.choice([-bound, -1, 0, 1, bound, int(random.integers(-bound, bound))], 8)
    exponents = random.integers(1, 6, 8)
    reciprocal = int(random.integers(1 << 15, (1 << 16) + 1))
    target = built.place(bytes(32))
    places = [built.place(sums.astype("<i4")), built.place(exponents.astype("u1")), target]
    built.call("attend_means", [*places, 8, reciprocal, down])
    shift = down - exponents
    mean = scale(sums, reciprocal, 16)
    expected = np.where(shift >= 0, shift_round(mean, np.maximum(shift, 0)), mean << np.maximum(-shift, 0))
    np.testing.assert_array_equal(built.read(target, "<i4", 8), expected.astype(np.int32))


@pytest.mark.parametrize("width", [*range(1, 40), 64, 96, 128, 256])
def test_rows_hold_every_column(width: int) -> None:
    cut = pairing(width)
    assert width <= cut.columns < width + 4
    assert cut.pairs % 2 == 0
    assert 2 <= cut.chunk <= 3
    codes = np.random.default_rng(width).integers(0, 64, (3, cut.columns))
    high, low = pack_rows(codes)
    assert high.shape == (3, cut.pairs)
    np.testing.assert_array_equal(high[:, 0], (codes[:, 0] >> 3) << 2 | (codes[:, 1] >> 3) << 5)
    np.testing.assert_array_equal(low[:, -1], (codes[:, -2] & 7) << 2 | (codes[:, -1] & 7) << 5)
