from __future__ import annotations

import numpy as np
import pytest

from gpt486.ops.add import Add
from gpt486.ops.arithmetic import RangeError
from gpt486.ops.base import Blob, Frame, Vector
from gpt486.ops.embed import Embed


def test_embed_is_the_sum_of_two_rows() -> None:
    random = np.random.default_rng(3)
    tokens = random.standard_normal((20, 7)).astype(np.float32) * 0.2
    positions = random.standard_normal((5, 7)).astype(np.float32) * 0.01
    op = Embed("embed", tokens, positions, 16)
    for token in range(20):
        x = op.exact(Frame(token, token % 5))
        real = Embed.meaning(tokens, positions, token, token % 5)
        assert np.abs(x / 2**16 - real).max() <= 2.0**-15
        assert np.abs(x).max() <= op.output.bound
        assert np.linalg.norm(x.astype(float)) <= op.output.norm
    assert len(op.pack(Blob())) == 8


@pytest.mark.parametrize("largest", [0.25, 0.999999, 1.0, 3.7, 1000.0])
@pytest.mark.parametrize("fraction", [8, 16])
def test_the_format_of_the_embeddings(largest: float, fraction: int) -> None:
    op = Embed("embed", np.full((3, 4), -largest, np.float32), np.full((2, 4), largest / 2, np.float32), fraction)
    assert np.abs(op.exact(Frame(2, 1)) / 2**fraction + largest / 2).max() <= 2.0 ** (op.shift - fraction)
    assert op.shift == 0 or np.abs(op.tokens).max() >= 2**14 - 1
    op.pack(Blob())


def test_embeddings_of_zeros() -> None:
    op = Embed("embed", np.zeros((3, 4), np.float32), np.zeros((2, 4), np.float32), 16)
    assert not op.exact(Frame(2, 1)).any()


def test_add_adds_and_refuses_to_overflow() -> None:
    x, y = Vector("x", 3, 12, 2**29, 2.0**30), Vector("update", 3, 12, 100, 200.0)
    op = Add("h.0.add", x, y)
    frame = Frame(0, 0, {"x": np.array([1, 2, 3]), "update": np.array([-1, 0, 100])})
    assert op.exact(frame).tolist() == [0, 2, 103]
    assert op.output.bound == 2**29 + 100
    with pytest.raises(RangeError, match="residual"):
        Add("h.0.add", x, Vector("update", 3, 12, 2**29, 1.0))
    with pytest.raises(RangeError, match="format"):
        Add("h.0.add", x, Vector("update", 3, 11, 1, 1.0))
