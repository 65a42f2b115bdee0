from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt486.ops.arithmetic import INT32_MAX, RangeError
from gpt486.ops.base import Blob, Frame, Vector
from gpt486.ops.matvec import MatVec
from gpt486.quantize.int8 import QuantizedRows, quantize_rows


def op_of(rows: int, columns: int, seed: int, bound: int = 2**20, scale: float = 0.1) -> MatVec:
    random = np.random.default_rng(seed)
    weights = quantize_rows((scale * random.standard_normal((rows, columns))).astype(np.float32))
    bias = random.standard_normal(rows).astype(np.float32)
    norm = bound * math.sqrt(columns)
    return MatVec("m", Vector("x", columns, 16, bound, norm), "y", weights, bias)


def run(op: MatVec, x: np.ndarray) -> np.ndarray:
    y = op.exact(Frame(0, 0, {"x": x}))
    assert np.abs(y).max() <= op.output.bound
    assert np.linalg.norm(y.astype(float)) <= op.output.norm
    return y


@given(st.integers(1, 40), st.integers(1, 200), st.integers(0, 1000), st.integers(0, 20))
def test_close_to_the_real_product(rows: int, columns: int, seed: int, magnitude: int) -> None:
    op = op_of(rows, columns, seed)
    random = np.random.default_rng(seed)
    x = np.clip(random.standard_normal(columns) * 2**magnitude, -(2**20), 2**20).astype(np.int64)
    y = run(op, x) / 2.0**op.output.fraction
    real = op.weights.dequantized() @ (x / 2**16) + op.bias / 2.0**op.output.fraction
    assert np.abs(y - real).max() <= 2e-4 * (1 + np.abs(real).max()) + 2.0 ** (1 - op.output.fraction)


@given(st.integers(1, 12), st.integers(1, 100), st.integers(0, 100), st.sampled_from([1, 2**15, 2**20, 2**28]))
def test_bounds_hold_at_extremes(rows: int, columns: int, seed: int, bound: int) -> None:
    op = op_of(rows, columns, seed, bound)
    signs = np.sign(op.weights.codes[seed % rows].astype(np.int64))
    for x in (signs * bound, -signs * bound, np.full(columns, bound), np.zeros(columns, np.int64)):
        run(op, x)
    assert op.sum_bound <= INT32_MAX


def test_the_worst_weights_reach_the_sum_bound_without_overflow() -> None:
    weights = QuantizedRows(np.full((2, 200), -127, np.int8), np.array([0.01, 0.0]))
    op = MatVec("m", Vector("x", 200, 16, 2**20, 2.0**30), "y", weights, None)
    y = run(op, np.full(200, 2**20))
    assert y[0] < 0
    assert y[1] == 0
    assert op.sum_bound > INT32_MAX // 2


def test_zero_rows_and_matrices() -> None:
    op = MatVec("m", Vector("x", 5, 16, 100, 300.0), "y", quantize_rows(np.zeros((3, 5), np.float32)), None)
    assert not run(op, np.full(5, 100)).any()


def test_refusals() -> None:
    with pytest.raises(RangeError, match="columns"):
        MatVec("m", Vector("x", 4, 16, 10, 10.0), "y", quantize_rows(np.ones((3, 5), np.float32)), None)
    huge = quantize_rows(np.full((3, 5), 1e12, np.float32))
    with pytest.raises(RangeError, match="fraction"):
        MatVec("m", Vector("x", 5, 16, 2**20, 2.0**22), "y", huge, None)
    with pytest.raises(RangeError, match="32 bits"):
        MatVec("m", Vector("x", 5, 16, 2**20, 2.0**22), "y", quantize_rows(np.full((3, 5), 1e4, np.float32)), None, 16)


def test_record() -> None:
    op = op_of(7, 100, 1)
    blob = Blob()
    values = dict(zip([f.name for f in op.FIELDS], op.values(blob), strict=True))
    assert (values["rows"], values["columns"], values["tiles"], values["groups"]) == (7, 100, 2, 9)
    assert blob.size % 16 == 0
    assert len(op.pack(Blob())) == 4 * len(op.FIELDS)
