"""The layer norm kernel against the op's definition: at random, at extremes, close to a constant."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from harness import Kernel
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt486.models import LayerNorm
from gpt486.ops.arithmetic import Int
from gpt486.ops.base import Blob, Frame, Vector
from gpt486.ops.layer_norm import LayerNormOp, NormKernel, norm_tables

WIDTHS = [1, 2, 7, 48, 64, 100]
KINDS = ["uniform", "gains", "biased"]
BOUND = 2**30 - 2**24
AFTER = 77


def op_of(width: int, kind: str, fraction: int) -> LayerNormOp:
    random = np.random.default_rng(width)
    gamma = np.full(width, 1.5) if kind == "uniform" else random.choice([-1.0, 0.0, 1e-6, 1.0], width)
    gamma = gamma if kind == "uniform" else gamma * np.exp(random.standard_normal(width))
    beta = random.standard_normal(width) if kind == "biased" else np.zeros(width)
    weights = LayerNorm(gamma.astype(np.float32), beta.astype(np.float32))
    source = Vector("x", width, fraction, BOUND, 2.0**40)
    return LayerNormOp("ln", source, "normed", weights, 1e-5, 16, biased=kind == "biased")


@cache
def kernel_of(width: int, kind: str) -> Kernel:
    return Kernel("layer_norm_vector", norm=NormKernel(width, uniform=kind == "uniform", biased=kind == "biased"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", WIDTHS)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(["normal", "extreme", "constant", "outlier", "small"]),
    st.integers(0, 29),
    st.sampled_from([8, 13, 16]),
)
@settings(max_examples=40)
def test_layer_norm_vector(width: int, kind: str, seed: int, shape: str, bits: int, fraction: int) -> None:
    random = np.random.default_rng(seed)
    x: Int = np.rint(random.standard_normal(width) * 2**bits).astype(np.int64)
    if shape == "extreme":
        x = random.choice([-BOUND, BOUND, 0, 1, -1], width)
    elif shape == "constant":
        x = x // 2 ** random.integers(0, 30) + int(random.choice([-1, 1])) * (BOUND - 5)
    elif shape == "outlier":
        x[random.integers(width)] *= 1000
    elif shape == "small":
        x = random.integers(-2, 3, width)
    x = np.clip(x, -BOUND, BOUND)
    op = op_of(width, kind, fraction)
    assert op.uniform == (kind == "uniform")
    kernel = kernel_of(width, kind)
    blob = Blob()
    gains, offset, epsilon = op.values(blob)
    source = kernel.place(x.astype("<i4"))
    target = kernel.place(np.full(width + 1, AFTER, "<i4"))
    arguments = [source, target, kernel.place(blob.bytes()[gains:]), kernel.place(norm_tables()), epsilon, offset]
    kernel.call("layer_norm_vector", arguments)
    expected = op.exact(Frame(0, 0, {"x": x}))
    np.testing.assert_array_equal(kernel.read(target, "<i4", width + 1), [*expected, AFTER])
    np.testing.assert_array_equal(kernel.read(source, "<i4", width), x)
    assert np.abs(expected).max() <= op.output.bound
    assert np.linalg.norm(expected.astype(float)) <= op.output.norm
