from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gpt486.quantize.int8 import quantize_rows
from gpt486.quantize.planes import GROUP, MAX_GROUPS, PLANES, READ_AHEAD, pack_planes, tiling, unpack_planes


@given(st.integers(1, 20), st.integers(1, 50), st.integers(0, 1000), st.sampled_from([1e-6, 1.0, 1e6]))
def test_rows_are_quantized_to_nearest(rows: int, columns: int, seed: int, scale: float) -> None:
    weight = (np.random.default_rng(seed).standard_normal((rows, columns)) * scale).astype(np.float32)
    q = quantize_rows(weight)
    assert np.abs(q.codes.astype(int)).max() == 127
    error = np.abs(q.dequantized() - weight)
    assert (error <= q.scales[:, None] * 0.5000001).all()


def test_a_row_of_zeros() -> None:
    q = quantize_rows(np.zeros((2, 3), np.float32))
    assert not q.codes.any()
    assert not q.scales.any()


@given(st.integers(1, 3000))
def test_tiles_are_as_few_as_the_cache_allows(columns: int) -> None:
    cut = tiling(columns)
    assert cut.columns >= columns
    assert cut.groups <= MAX_GROUPS
    assert cut.tiles == 1 or (cut.tiles - 1) * MAX_GROUPS * GROUP < columns


@given(st.integers(1, 9), st.integers(1, 220), st.integers(0, 1000))
def test_planes_round_trip(rows: int, columns: int, seed: int) -> None:
    codes = np.random.default_rng(seed).integers(-128, 128, (rows, columns)).astype(np.int8)
    packed = pack_planes(codes)
    cut = tiling(columns)
    assert len(packed) == rows * cut.tiles * cut.groups * PLANES + READ_AHEAD
    np.testing.assert_array_equal(unpack_planes(packed, rows, columns), codes)


@given(st.integers(1, 5), st.integers(1, 130), st.integers(0, 1000))
def test_lookups_add_up_to_the_product(rows: int, columns: int, seed: int) -> None:
    """The kernel's idea, step by step in Python: tables of subset sums, picked by the bytes of the planes."""
    random = np.random.default_rng(seed)
    codes = random.choice([-128, -127, -1, 0, 1, 127], (rows, columns)).astype(np.int8)
    x = random.integers(-(2**16), 2**16 + 1, columns)
    cut = tiling(columns)
    padded = np.zeros(cut.columns, np.int64)
    padded[:columns] = x
    packed = iter(pack_planes(codes))
    sums = np.zeros(rows, np.int64)
    for tile in range(cut.tiles):
        groups = padded.reshape(cut.tiles, cut.groups, GROUP)[tile]
        tables = [[sum(int(g[j]) for j in range(GROUP) if e >> j & 1) for e in range(64)] for g in groups]
        for row in range(rows):
            total = 0
            for plane in range(PLANES):
                part = sum(tables[g][next(packed) // 4] for g in range(cut.groups))
                total = -part if plane == 0 else 2 * total + part
            sums[row] += total
    np.testing.assert_array_equal(sums, codes.astype(np.int64) @ x)
