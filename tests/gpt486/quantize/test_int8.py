from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gpt486.quantize.int8 import quantize_rows


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
