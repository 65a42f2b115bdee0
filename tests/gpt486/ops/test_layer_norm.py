from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt486.models import LayerNorm
from gpt486.ops.arithmetic import RangeError
from gpt486.ops.base import Frame, Vector
from gpt486.ops.layer_norm import LayerNormOp

BOUND = 2**30 - 2**24


def weights_of(n: int, seed: int, spread: float) -> LayerNorm:
    random = np.random.default_rng(seed)
    return LayerNorm(
        (1 + spread * random.standard_normal(n)).astype(np.float32),
        (spread * random.standard_normal(n)).astype(np.float32),
    )


def op_of(n: int, fraction: int = 16, seed: int = 0, spread: float = 0.3) -> LayerNormOp:
    weights = weights_of(n, seed, spread)
    return LayerNormOp("h.0.ln_1", Vector("x", n, fraction, BOUND, 2.0**40), "normed", weights, 1e-5)


def check(op: LayerNormOp, x: np.ndarray) -> np.ndarray:
    """The op's own range checks pass, and the proven bounds hold."""
    y = op.exact(Frame(0, 0, {"x": x}))
    assert np.abs(y).max() <= op.output.bound
    assert np.linalg.norm(y.astype(float)) <= op.output.norm
    return y


@given(st.sampled_from([1, 2, 3, 12, 36, 64, 100, 128, 768]), st.integers(0, 2**32 - 1), st.integers(0, 30))
def test_close_to_the_real_norm(n: int, seed: int, magnitude: int) -> None:
    random = np.random.default_rng(seed)
    op = op_of(n, seed=seed % 7)
    x = np.clip((random.standard_normal(n) * 2**magnitude).astype(np.int64), -BOUND, BOUND)
    y = check(op, x) / 2.0**op.output.fraction
    real = LayerNormOp.meaning((x / 2.0**16).astype(np.float64), weights_of(n, seed % 7, 0.3), 1e-5)  # type: ignore[arg-type]
    # Two units of x's own resolution, relative to its spread; the steps of the gains and the shifted elements.
    spread = max(x.std(), np.sqrt(1e-5) * 2**16)
    assert np.abs(y - real).max() <= 10 / spread + 0.015 * np.abs(real).max() + 2.0 ** (1 - op.output.fraction)


@given(st.sampled_from([1, 2, 7, 36, 128, 1000]), st.data())
def test_bounds_hold_at_extremes(n: int, data: st.DataObject) -> None:
    extreme = st.sampled_from([0, 1, -1, BOUND, -BOUND, 2**15, -(2**15) - 1, 12345])
    values = data.draw(st.lists(extreme, min_size=n, max_size=n) if n < 40 else st.just([]))
    x = np.array(values or [data.draw(extreme)] * n, np.int64)
    if n >= 40:
        x[data.draw(st.integers(0, n - 1))] = data.draw(extreme)
    check(op_of(n, seed=n), x)


def test_constant_vectors_give_beta() -> None:
    op = op_of(12)
    for value in (0, 5, -BOUND):
        y = check(op, np.full(12, value))
        np.testing.assert_allclose(y / 2**op.output.fraction, op.beta / 2**op.output.fraction, atol=0.01)


def test_what_cannot_be_done_is_refused() -> None:
    with pytest.raises(RangeError, match="width"):
        op_of(40000)
