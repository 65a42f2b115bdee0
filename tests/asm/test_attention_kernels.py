"""The kernels of attention against NumPy."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from harness import Kernel
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt486.ops import attention
from gpt486.ops.arithmetic import Int, bit_length, shift_round
from gpt486.ops.attention import LEVELS, LOWEST, PAGES, TILE, level_powers, template_values
from gpt486.quantize.pairs import LARGEST, pack_rows, pairing

SEED = st.integers(0, 2**32 - 1)
WIDTHS = [1, 2, 5, 8, 10, 12, 32]


@cache
def kernel(name: str, width: int) -> Kernel:
    return Kernel(name, **template_values(width))


def pages_of() -> Int:
    """The pages of products, [PAGES, 64] Longs."""
    digits = 2 * np.arange(8) - 7
    products = shift_round(level_powers()[:, None] * digits, attention.PAGE_SHIFT)  # [PAGES, 8]
    return (products[:, None, :] + (products[:, :, None] << 16)).reshape(PAGES, 64)


def mixed(scores: Int, values: Int) -> tuple[Int, int, list[int]]:
    """Scores [T] and codes of values [T, columns] through the definition, for one head, position by position."""
    powers = level_powers()
    reference, total, sums, rises = LOWEST, 0, np.zeros(values.shape[1], np.int64), []
    for start in range(0, len(scores), TILE):
        rise = max(0, int(scores[start : start + TILE].max()) - reference + 1023) >> 10
        rises.append(rise)
        reference += rise << 10
        sums, total = shift_round(sums, min(rise, 31)), int(shift_round(np.array(total), min(rise, 31)))
        for score, row in zip(scores[start : start + TILE], values[start : start + TILE], strict=True):
            level = min((reference - int(score)) >> 8, LEVELS)
            high, low = 2 * (row >> 3) - 7, 2 * (row & 7) - 7
            sums = sums + shift_round(powers[level] * high, 7) + shift_round(powers[level + 12] * low, 7)
            total += 2 * int(powers[level]) if level < LEVELS else 0
    return sums, total, rises


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


@given(SEED, st.sampled_from(WIDTHS), st.integers(1, 70), st.sampled_from(["far", "near", "rising", "extreme"]))
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
    most = (-LOWEST - 1) // (LARGEST * columns)
    size = {"far": 40, "near": 2, "rising": 200, "extreme": most}[kind]
    query = random.choice([-size, size], columns) if extreme else random.integers(-size, size + 1, columns)
    scores = (2 * keys - LARGEST) @ query
    if kind == "rising":
        order = np.argsort(scores, kind="stable")
        keys, scores = keys[order], scores[order]
    digits = 2 * np.arange(8) - 7
    table = digits * query.reshape(-1, 2)[:, :1, None] + digits[:, None] * query.reshape(-1, 2)[:, 1:, None]
    sums, total, rises = mixed(scores, values)

    tables = built.place(table.astype("<i4"), align=256)
    pages = built.place(pages_of().astype("<i4"), align=0x10000)
    powers = level_powers()
    weights = built.place(np.where(np.arange(PAGES) < LEVELS, 2 * powers, 0).astype("<i4"))
    # A tile takes a multiple of four positions: there must be codes, with any values, behind the last one.
    padding = pack_rows(random.integers(0, 64, (4, columns))).tobytes()
    key_rows = built.place(pack_rows(keys).tobytes() + padding)
    value_rows = built.place(pack_rows(values).tobytes() + padding)
    at = built.place(np.append(np.zeros(columns), 77).astype("<i4"))
    first = pages >> 8 & 255
    found = built.call("attend_head", [tables, key_rows, value_rows, at, count, pages, weights - 4 * first])
    assert found == total
    after = built.read(at, "<i4", columns + 1)
    np.testing.assert_array_equal(after[:-1], sums)
    assert after[-1] == 77
    if kind == "rising" and count > 2 * TILE:
        assert rises[0] > 0
    assert bit_length(total) >= 15


@pytest.mark.parametrize("width", range(1, 40))
def test_rows_hold_every_column_once(width: int) -> None:
    columns = pairing(width).columns
    codes = np.random.default_rng(width).integers(0, 64, (3, columns))
    rows = pack_rows(codes)
    assert rows.shape == (3, pairing(width).row)
    assert (rows % 4 == 0).all()
    back = np.sort(np.concatenate([rows >> 2 & 7, rows >> 5], axis=1), axis=1)
    np.testing.assert_array_equal(back, np.sort(np.concatenate([codes >> 3, codes & 7], axis=1), axis=1))
