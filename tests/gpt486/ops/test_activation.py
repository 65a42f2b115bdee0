from __future__ import annotations

import numpy as np
import pytest

from gpt486.ops.activation import Activation
from gpt486.ops.arithmetic import RangeError
from gpt486.ops.base import Blob, Frame, Vector


def op_of(kind: str, fraction: int, length: int = 8) -> Activation:
    return Activation("h.0.activation", Vector("hidden", length, fraction, 2**24, 2.0**30), kind)


@pytest.mark.parametrize("kind", ["gelu_new", "gelu", "relu"])
@pytest.mark.parametrize("fraction", [6, 7, 11, 16])
def test_close_to_the_real_function_everywhere(kind: str, fraction: int) -> None:
    x = np.unique(np.concatenate([np.arange(-10 << fraction, 10 << fraction, max(1, 2 ** (fraction - 10)))]))
    op = op_of(kind, fraction, x.size)
    ours = op.exact(Frame(0, 0, {"hidden": x})) / 2**fraction
    real = Activation.meaning((x / 2**fraction).astype(np.float32), kind)
    assert np.abs(ours - real).max() <= 2**-14 + 0.5 * 2.0**-fraction + 1e-6
    assert np.abs(ours).max() <= op.output.real_bound


@pytest.mark.parametrize("kind", ["gelu_new", "gelu", "relu"])
def test_extreme_values(kind: str) -> None:
    x = np.array([2**31 - 1, -(2**31), 0, 1, -1, (8 << 16) - 1, 8 << 16, -(8 << 16)])
    y = op_of(kind, 16).exact(Frame(0, 0, {"hidden": x}))
    assert y[0] == 2**31 - 1
    assert y[1] == 0
    assert y[2] == 0
    assert y[6] == 8 << 16


def test_formats_that_cannot_be_done() -> None:
    for fraction in (5, 17):
        with pytest.raises(RangeError, match="fraction"):
            op_of("gelu", fraction)


def test_record_and_call() -> None:
    op = op_of("gelu", 12)
    assert op.values(Blob()) == [8, 12]
    assert op.call("@b->activation") == "gelu(hidden, @b->activation)"
    assert op_of("relu", 12).call("r") == "relu(hidden, r)"
