from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt486.ops.arithmetic import RangeError
from gpt486.ops.attention import Attention
from gpt486.ops.base import Frame, Vector


def op_of(width: int, heads: int, context: int, bound: int = 2**20, fraction: int = 16) -> Attention:
    vector = Vector("qkv", 3 * width, fraction, bound, bound * math.sqrt(3 * width))
    return Attention("h.0.attention", vector, "mixed", heads, context)


def run(op: Attention, rows: np.ndarray) -> np.ndarray:
    caches: dict[str, dict[str, np.ndarray]] = {}
    outputs = []
    for position, row in enumerate(rows):
        y = op.exact(Frame(0, position, {"qkv": row}, caches))
        assert np.abs(y).max() <= op.output.bound
        assert np.linalg.norm(y.astype(float)) <= op.output.norm
        outputs.append(y)
    return np.array(outputs)


@given(st.sampled_from([(8, 1), (12, 3), (32, 2), (60, 5)]), st.integers(0, 1000), st.sampled_from([0.3, 1.0]))
def test_close_to_real_attention(shape: tuple[int, int], seed: int, spread: float) -> None:
    width, heads = shape
    op = op_of(width, heads, 12)
    rows = np.random.default_rng(seed).standard_normal((12, 3 * width)) * spread
    rows = np.clip(rows, -15, 15)
    ours = run(op, np.rint(rows * 2**16).astype(np.int64)) / 2**16
    depth = width // heads
    for t in range(12):
        q, k, v = (rows[: t + 1, i * width : (i + 1) * width].reshape(t + 1, heads, depth) for i in range(3))
        for h in range(heads):
            real = Attention.meaning(q[t, h], k[:, h], v[:, h])
            # Six bits of the largest so far, and weights in steps of a quarter octave
            error = ours[t, h * depth : (h + 1) * depth] - real
            assert np.abs(error).max() < 0.25 * spread
            assert np.sqrt(np.square(error).mean()) < 0.12 * spread


@given(st.integers(0, 200), st.sampled_from([2**8, 2**20, 2**22]))
def test_bounds_hold_at_extremes(seed: int, bound: int) -> None:
    random = np.random.default_rng(seed)
    rows = random.choice([-bound, -1, 0, 1, bound], (10, 36))
    rows[3] = bound
    rows[4] = -bound
    run(op_of(12, 2, 10, bound, fraction=12), rows)


@pytest.mark.parametrize("depth", [1, 2, 3, 64])
def test_scores_fit_into_32_bits(depth: int) -> None:
    op = op_of(8 * depth, 8, 4, 2**20)
    assert (7 + 1) * op.pairing.columns * op.largest_query < 2**30


def test_formats_that_cannot_be_done() -> None:
    with pytest.raises(RangeError, match="context"):
        op_of(8, 1, 2**15)
    with pytest.raises(RangeError, match="too large"):
        op_of(8, 1, 16, 2**29, fraction=0)
