from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from gpt486.models import GPT2, load_model
from gpt486.models.random_model import write_random_model
from gpt486.reference.floats import FloatSession, sequence_logits


@pytest.mark.parametrize("activation", ["gelu_new", "gelu", "relu"])
@pytest.mark.parametrize(("tied", "biases"), [(True, True), (False, False)])
def test_agrees_with_pytorch(tmp_path: Path, activation: str, tied: bool, biases: bool) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed (pip install torch)")
    write_random_model(
        tmp_path / "m",
        layers=3,
        heads=4,
        width=48,
        context=20,
        vocabulary=300,
        activation=activation,
        tied=tied,
        biases=biases,
    )
    model = load_model(tmp_path / "m")
    tokens = [int(t) for t in np.random.default_rng(5).integers(0, 300, 20)]
    ours = sequence_logits(model, tokens)
    theirs = _pytorch_logits(torch, model, tokens)
    assert np.abs(ours - theirs).max() < 1e-5


def _pytorch_logits(torch, model: GPT2, tokens: list[int]) -> np.ndarray:  # type: ignore[no-untyped-def]
    """The same model of PyTorch's own modules, the whole text at once."""
    c = model.config

    def norm(weights, x):  # type: ignore[no-untyped-def]
        layer = torch.nn.LayerNorm(c.width, eps=c.epsilon)
        layer.weight.data, layer.bias.data = torch.tensor(weights.gamma), torch.tensor(weights.beta)
        return layer(x)

    def linear(weights, x):  # type: ignore[no-untyped-def]
        layer = torch.nn.Linear(weights.weight.shape[1], weights.weight.shape[0])
        layer.weight.data, layer.bias.data = torch.tensor(weights.weight), torch.tensor(weights.bias)
        return layer(x)

    activate = {
        "gelu_new": torch.nn.GELU(approximate="tanh"),
        "gelu": torch.nn.GELU(),
        "relu": torch.nn.ReLU(),
    }[c.activation]
    with torch.no_grad():
        ids = torch.tensor(tokens)
        x = torch.tensor(model.wte)[ids] + torch.tensor(model.wpe)[: len(tokens)]
        for block in model.blocks:
            qkv = linear(block.attn_qkv, norm(block.ln_1, x))
            q, k, v = (part.reshape(-1, c.heads, c.head_width).transpose(0, 1) for part in qkv.split(c.width, dim=-1))
            mixed = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + linear(block.attn_out, mixed.transpose(0, 1).reshape(-1, c.width))
            x = x + linear(block.mlp_out, activate(linear(block.mlp_in, norm(block.ln_2, x))))
        return (norm(model.ln_f, x) @ torch.tensor(model.head).T).numpy()


def test_reset_forgets(awkward_model: Path) -> None:
    session = FloatSession(load_model(awkward_model))
    first = [session.step(t) for t in (1, 2, 3)]
    session.reset()
    for before, token in zip(first, (1, 2, 3), strict=True):
        np.testing.assert_array_equal(session.step(token), before)


def test_the_file_stays_readable() -> None:
    import gpt486.reference.floats as module

    lines = Path(str(module.__file__)).read_text().splitlines()
    assert len(lines) <= 150
    mathematics = [line for line in lines if re.search(r"= .*( @ | \* |\.(zeros|exp|max|mean|reshape|tanh)|wte)", line)]
    assert len(mathematics) > 12
    assert [line for line in mathematics if "# [" not in line and "-> [" not in line and "# 3 x [" not in line] == []
