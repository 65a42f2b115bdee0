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
from gpt486.quantize.pairs import Pairing, pack_keys, pack_values, pairing

SEED = st.integers(0, 2**32 - 1)
HEADS, LAYERS = 3, 2
TILES = 5
WIDTHS = [1, 2, 5, 8, 10, 12, 16, 32]
"""Groups of six columns and pairs: none and 2, none and 2, 1 and 1 (with columns that fill up, and without), 2 and none
(the same), 2 and 2, 5 and 1."""


@cache
def kernel(name: str, width: int) -> Kernel:
    return Kernel(name, **template_values(width, HEADS, LAYERS))


def cache_of(cut: Pairing, codes: Int, layer: int) -> tuple[bytes, int, int]:
    """A layer's cache: codes [keys and values, HEADS, TILES * TILE, columns].

    Returns all of it, zeros in the other layer, and where the layer begins and how long a tile of all layers is.
    """
    keys, values = (
        pack(rows.reshape(-1, cut.columns)).reshape(2, HEADS, TILES, cut.plane)
        for pack, rows in zip((pack_keys, pack_values), codes, strict=True)
    )
    blocks = np.concatenate([keys, values]).transpose(2, 1, 0, 3)  # [TILES, HEADS, 4, plane]
    every = np.zeros((TILES, LAYERS, HEADS, 4, cut.plane), np.uint8)
    every[:, layer] = blocks
    return every.tobytes(), layer * HEADS * cut.block, LAYERS * HEADS * cut.block


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


def tables_of(query: Int) -> Int:
    """The tables of a query, filled up to all columns: [tables, 64]."""
    cut = pairing(len(query))
    index = np.arange(64)
    signs = 2 * (index[:, None] >> np.arange(6) & 1) - 1
    sixes = query[: 6 * cut.groups].reshape(-1, 6) @ signs.T
    digits = 2 * np.array([index & 7, index >> 3]) - 7
    pairs = query[6 * cut.groups :].reshape(-1, 2) @ digits
    return np.concatenate([sixes, pairs])


@given(
    SEED,
    st.sampled_from(WIDTHS),
    st.integers(1, TILES * TILE),
    st.sampled_from(["far", "near", "rising", "extreme", "scaled"]),
)
@settings(max_examples=200, deadline=None)
def test_attend_heads(seed: int, width: int, count: int, kind: str) -> None:
    """Queries as they are, so that their size is known, or scaled; `rising`: each score is better than those before."""
    built = kernel("attend_heads", width)
    random = np.random.default_rng(seed)
    cut, most = pairing(width), largest_query(width)
    shape = (2, HEADS, TILES * TILE, cut.columns)
    codes = random.choice([0, 63], shape) if kind == "extreme" else random.integers(0, 64, shape)
    multiplier, multiplier_shift, query_shift = 1 << 14, 14, 9
    if kind == "scaled":
        multiplier, multiplier_shift, query_shift = (
            int(random.integers(*within)) for within in ((2**14, 2**15), (1, 16), (9, 45))
        )
    scaled = 1 << int(random.integers(1, multiplier_shift + 15))
    size = {"far": 200, "near": 4, "rising": 1000, "extreme": most, "scaled": scaled}[kind]
    query = random.integers(-size, size + 1, (HEADS, width))
    if kind == "extreme":
        query = random.choice([-size, size, 2 * size, -2 * size], (HEADS, width))
    exponents = random.integers(1, 9, (2, HEADS, cut.columns))
    if kind != "scaled":
        exponents[0] = query_shift
    levels = np.zeros((HEADS, cut.columns), np.int64)
    levels[:, :width] = shift_round(
        scale(query, multiplier, multiplier_shift), np.minimum(31, query_shift - exponents[0, :, :width])
    )
    levels = np.clip(levels, -most, most)
    if kind == "rising":
        for head in range(HEADS):
            order = np.argsort(codes[0, head, :count] @ levels[head], kind="stable")
            codes[0, head, :count] = codes[0, head, order]

    found = attend_heads(built, width, count, codes, query, exponents, (multiplier, multiplier_shift, query_shift))
    np.testing.assert_array_equal(found["tables"], tables_of(levels[-1]).reshape(-1))
    assert not found["spare"].any()
    for head in range(HEADS):
        sums, total, which = mixed(levels[head], codes[0, head, :count], codes[1, head, :count])
        bits = bit_length(total)
        assert bits >= 15
        mean = scale(sums, (1 << 30) // int(shift_round(np.int64(total), bits - 15)), 16)[:width]
        down = bits - 4 - PAGE_SHIFT - exponents[1, head, :width]
        expected = np.where(down >= 0, shift_round(mean, np.maximum(down, 0)), mean << np.maximum(-down, 0))
        np.testing.assert_array_equal(found["target"][head], expected)
        assert which[0] or count >= TILE


def attend_heads(
    built: Kernel, width: int, count: int, codes: Int, query: Int, exponents: Int, scaling: tuple[int, int, int]
) -> dict[str, Int]:
    """Call the kernel: what it wrote, and what lies behind that."""
    cut = pairing(width)
    every, layer, _ = cache_of(cut, codes, 1)
    powers = level_powers()
    pages = built.place(pages_of().astype("<i4"), align=0x10000)
    weights = built.place(np.where(np.arange(PAGES) < LEVELS, 2 * powers, 0).astype("<i4"))
    tables = built.place(bytes(256 * cut.tables + 64), align=256)
    target = built.place(bytes(4 * HEADS * width + 16))
    key_exponents, value_exponents = (built.place(row.astype("u1")) for row in exponents)
    places = [built.place(query.astype("<i4")), key_exponents, value_exponents, built.place(every) + layer]
    places += [tables, target, count, pages, weights - 4 * (pages >> 8 & 255), *scaling]
    built.call("attend_heads", places)
    after = built.read(target, "<i4", HEADS * width + 4)
    spare = np.concatenate([after[HEADS * width :], built.read(tables + 256 * cut.tables, "u1", 64)])
    return {
        "target": after[: HEADS * width].reshape(HEADS, width),
        "tables": built.read(tables, "<i4", 64 * cut.tables),
        "spare": spare,
    }


@given(SEED, st.sampled_from(WIDTHS), st.sampled_from(["keys", "values"]), st.booleans())
@settings(max_examples=100, deadline=None)
def test_attend_codes(seed: int, width: int, kind: str, too_large: bool) -> None:
    built = kernel("attend_codes", width)
    random = np.random.default_rng(seed)
    cut = pairing(width)
    exponents = random.integers(0, 26, (HEADS, cut.columns))
    codes = np.zeros((HEADS, cut.columns), np.int64)
    codes[:, :width] = random.integers(0, 64, (HEADS, width))
    source = (codes - 32) << exponents | random.integers(0, 1 << exponents)
    bad = int(random.integers(HEADS)) if too_large else HEADS
    if too_large:
        column = random.integers(width)
        source[bad, column] = random.choice([-33, 32]) << exponents[bad, column]
    places = [built.place(array) for array in (source[:, :width].astype("<i4"), exponents.astype("u1"))]
    row = built.place(np.full(HEADS * cut.block, 255, np.uint8).tobytes())
    assert built.call(f"attend_{kind}", [*places, row, HEADS]) == HEADS - bad
    pack = pack_keys if kind == "keys" else pack_values
    found = built.read(row, "u1", HEADS * cut.block).reshape(HEADS, 4, cut.plane)
    # What fills up the last bytes: bits of planes are 0, a pair that is all of it is not written.
    used = max(3 * cut.groups * (kind == "keys"), -(-width // 2))
    expected = pack(codes)
    for head in range(bad):
        for digit in range(2):
            np.testing.assert_array_equal(found[head, digit, :used], expected[digit, head, :used])
        assert (found[head, :, used:] == 255).all()
        assert (found[head, 2:] == 255).all()


@given(SEED, st.sampled_from(WIDTHS), st.integers(0, TILES * TILE), st.sampled_from(["keys", "values"]))
@settings(max_examples=100, deadline=None)
def test_attend_raise(seed: int, width: int, positions: int, kind: str) -> None:
    built = kernel("attend_raise", width)
    random = np.random.default_rng(seed)
    cut, head, which = pairing(width), int(random.integers(HEADS)), int(kind == "values")
    exponents = random.integers(1, 6, cut.columns)
    source = random.integers(-(1 << 31), 1 << 31, width) >> random.integers(1, 32, width)
    codes = random.integers(0, 64, (2, HEADS, TILES * TILE, cut.columns))
    every, layer, _ = cache_of(cut, codes, 1)
    at = built.place(every)
    columns = built.place(exponents.astype("u1"))
    row = at + layer + head * cut.block + 2 * cut.plane * which
    built.call(f"attend_raise_{kind}", [built.place(source.astype("<i4")), columns, row, positions])
    needed = np.array([bit_length(int(number ^ (number >> 63))) - 5 for number in source])
    raised = exponents.copy()
    raised[:width] = np.maximum(exponents[:width], needed)
    np.testing.assert_array_equal(built.read(columns, "u1", cut.columns), raised)
    codes[which, head, :positions] = (codes[which, head, :positions] - 32 >> raised - exponents) + 32
    assert bytes(built.read(at, "u1", len(every)).astype(np.uint8)) == cache_of(cut, codes, 1)[0]


@pytest.mark.parametrize("width", [*range(1, 40), 64, 96, 128, 256])
def test_rows_hold_every_column(width: int) -> None:
    cut = pairing(width)
    assert width <= cut.columns < width + 4
    assert cut.pairs % 2 == 0
    assert 2 <= cut.chunk <= 4
    assert cut.columns == 6 * cut.groups + 2 * cut.key_pairs
    codes = np.random.default_rng(width).integers(0, 64, (3, cut.columns))
    high, low = pack_values(codes)
    assert high.shape == (3, cut.pairs)
    np.testing.assert_array_equal(high[:, 0], (codes[:, 0] >> 3) << 2 | (codes[:, 1] >> 3) << 5)
    np.testing.assert_array_equal(low[:, -1], (codes[:, -2] & 7) << 2 | (codes[:, -1] & 7) << 5)
    high_keys, low_keys = pack_keys(codes)
    assert high_keys.shape == low_keys.shape == high.shape
    pairs = 3 * cut.groups
    np.testing.assert_array_equal(high_keys[:, pairs:], high[:, pairs:])
    np.testing.assert_array_equal(low_keys[:, pairs:], low[:, pairs:])
    for bit in range(3):
        for group in range(cut.groups):
            six = codes[:, 6 * group : 6 * group + 6]
            plane = sum((six[:, i] >> 3 + bit & 1) << i + 2 for i in range(6))
            np.testing.assert_array_equal(high_keys[:, (2 - bit) * cut.groups + group], plane)
