from __future__ import annotations

import numpy as np
import pytest

from gpt486.ops.activation import GELU_FRACTION, Activation, gelu_table, wanted_fraction
from gpt486.ops.arithmetic import RangeError
from gpt486.ops.base import Blob, Frame, Vector


def op_of(kind: str, fraction: int = GELU_FRACTION, length: int = 8) -> Activation:
    return Activation("h.0.activation", Vector("hidden", length, fraction, 2**24, 2.0**30), kind)


@pytest.mark.parametrize("kind", ["gelu_new", "gelu", "relu"])
def test_close_to_the_real_function_everywhere(kind: str) -> None:
    x = np.arange(-10 << GELU_FRACTION, 10 << GELU_FRACTION)
    op = op_of(kind, length=x.size)
    ours = op.exact(Frame(0, 0, {"hidden": x})) / 2**GELU_FRACTION
    real = Activation.meaning((x / 2**GELU_FRACTION).astype(np.float32), kind)
    assert np.abs(ours - real).max() <= 0.8 * 2.0**-GELU_FRACTION
    assert np.abs(ours).max() <= op.output.real_bound


@pytest.mark.parametrize("kind", ["gelu_new", "gelu"])
def test_the_bump_fits_into_a_byte_and_ends_within_the_table(kind: str) -> None:
    table = gelu_table(kind)
    assert 0 <= table.min() <= table.max() <= 255
    assert table[-1] == 0


@pytest.mark.parametrize("fraction", [6, 9, 11, 16])
def test_other_formats_are_brought_to_10_bits(fraction: int) -> None:
    x = np.arange(-9 << fraction, 9 << fraction, max(1, 2 ** (fraction - 12)))
    op = op_of("gelu", fraction, length=x.size)
    assert op.output.fraction == GELU_FRACTION
    ours = op.exact(Frame(0, 0, {"hidden": x})) / 2**GELU_FRACTION
    real = Activation.meaning((x / 2**fraction).astype(np.float32), "gelu")
    assert np.abs(ours - real).max() <= 1.8 * 2.0**-GELU_FRACTION
    assert np.abs(ours).max() <= op.output.real_bound


@pytest.mark.parametrize("kind", ["gelu_new", "gelu", "relu"])
def test_extreme_values(kind: str) -> None:
    x = np.array([2**31 - 1, -(2**31), 0, 4095, 4096, -4096, -4097])
    y = op_of(kind, length=x.size).exact(Frame(0, 0, {"hidden": x}))
    assert y.tolist() == [2**31 - 1, 0, 0, 4095, 4096, 0, 0]


def test_formats() -> None:
    for fraction in (5, 42):
        with pytest.raises(RangeError, match="fraction"):
            op_of("gelu", fraction)
        assert op_of("relu", fraction).output.fraction == fraction
    with pytest.raises(RangeError, match="32 bits"):
        Activation("h.0.activation", Vector("hidden", 8, 6, 2**30, 2.0**30), "gelu")
    assert wanted_fraction("gelu") == GELU_FRACTION
    assert wanted_fraction("relu") is None


def test_record_and_call() -> None:
    op = op_of("gelu")
    assert op.values(Blob()) == [8, 0]
    assert op_of("gelu", 7).values(Blob()) == [8, -3]
    assert op.call("@b->activation") == "gelu(hidden, @b->activation)"
    assert op_of("relu", 12).call("r") == "relu(hidden, r)"
