from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from gpt486.lower import lower
from gpt486.models import GPT2, ModelError, load_model
from gpt486.models.random_model import write_random_model
from gpt486.ops.arithmetic import RangeError
from gpt486.ops.base import Op
from gpt486.reference.agreement import measure_agreement
from gpt486.reference.exact import ExactSession


def test_every_value_stays_within_its_proven_bound(awkward_model: Path) -> None:
    program = lower(load_model(awkward_model))
    session = ExactSession(program)
    seen: list[str] = []

    def check(op: Op, output: np.ndarray) -> None:
        seen.append(op.name)
        assert np.abs(output).max() <= op.output.bound
        assert np.linalg.norm(output.astype(float)) <= op.output.norm
        assert output.size == op.output.length

    random = np.random.default_rng(0)
    for _ in range(program.config.context):
        session.step(int(random.integers(program.config.vocabulary)), check)
    assert seen[: len(list(program.ops()))] == [op.name for op in program.ops()]


def test_close_to_the_floats(awkward_model: Path) -> None:
    model = load_model(awkward_model)
    random = np.random.default_rng(1)
    texts = [[int(t) for t in random.integers(0, model.config.vocabulary, model.config.context)] for _ in range(3)]
    result = measure_agreement(model, lower(model), texts)
    assert result.tokens == 3 * model.config.context
    assert result.top1_agreement > 0.8  # random models are nearly indifferent
    assert abs(result.nll_exact - result.nll_float) < 0.05


def test_the_residual_stream_gives_up_fraction_bits_for_range(tmp_path: Path) -> None:
    write_random_model(tmp_path / "m", layers=2, heads=2, width=64, context=8, vocabulary=260, spread=1.5)
    program = lower(load_model(tmp_path / "m"))
    assert program.embed.output.fraction < 16
    assert all(op.output.bound < 2**30 for op in program.ops() if op.name.endswith("_add"))


def test_what_cannot_be_bounded_is_refused_by_name(tmp_path: Path) -> None:
    write_random_model(tmp_path / "m", layers=1, heads=1, width=16, context=8, vocabulary=260, spread=500.0)
    with pytest.raises(RangeError, match=r"m cannot be computed in 32-bit integers: h\.0"):
        lower(load_model(tmp_path / "m"))


HUGE = [
    "wte.weight",
    "wpe.weight",
    "h.0.ln_1.weight",
    "h.0.ln_2.bias",
    "h.0.attn.c_attn.weight",
    "h.0.attn.c_proj.weight",
    "h.0.attn.c_proj.bias",
    "h.0.mlp.c_fc.weight",
    "h.0.mlp.c_proj.bias",
    "ln_f.weight",
]


@pytest.mark.parametrize("name", HUGE)
@pytest.mark.parametrize("value", [1e30, -3e38])
def test_huge_weights_are_refused_or_right(tmp_path: Path, name: str, value: float) -> None:
    write_random_model(tmp_path / "m", layers=1, heads=2, width=8, context=8, vocabulary=260)
    path = tmp_path / "m" / "model.safetensors"
    tensors = load_file(path)
    tensors[f"transformer.{name}"].flat[3] = value
    save_file(tensors, path)
    try:
        program = lower(load_model(tmp_path / "m"))
    except RangeError:
        return
    session = ExactSession(program)
    for token in range(8):
        session.step(token, lambda op, output: np.abs(output).max() <= op.output.bound or pytest.fail(op.name))


@pytest.mark.parametrize("epsilon", [1e-12, 1e-3, 0.1, 1.0])
def test_any_epsilon(tmp_path: Path, epsilon: float) -> None:
    write_random_model(tmp_path / "m", layers=1, heads=2, width=64, context=8, vocabulary=260)
    model = load_model(tmp_path / "m")
    model = replace(model, config=replace(model.config, epsilon=epsilon))
    result = measure_agreement(model, lower(model), [[1, 2, 3, 4, 5, 6]])
    assert result.max_abs_error < 0.15


def test_a_shorter_context(awkward_model: Path) -> None:
    model = load_model(awkward_model)
    program = lower(model, 10)
    assert program.config.context == 10
    assert program.embed.positions.shape[0] == 10
    full, short = ExactSession(lower(model)), ExactSession(program)
    for token in range(10):
        np.testing.assert_array_equal(full.step(token), short.step(token))
    for bad in (1, model.config.context + 1):
        with pytest.raises(ModelError, match="context"):
            lower(model, bad)


def test_the_check_finds_what_does_not_fit_together(awkward_model: Path) -> None:
    program = lower(load_model(awkward_model))
    block = program.blocks[0]
    with pytest.raises(RangeError, match="before anything wrote it"):
        replace(program, blocks=(block[1:],)).check()
    with pytest.raises(RangeError, match="same name"):
        replace(program, final=(program.final[0], *program.final)).check()
    with pytest.raises(RangeError, match="differ"):
        replace(program, blocks=(*program.blocks, ())).check()
    with pytest.raises(RangeError, match="exceed the range"):
        replace(program, blocks=((*block, block[-1], block[3], block[4]),)).check()


def test_no_token_is_special(awkward_model: Path) -> None:
    """Changing one row of the embedding changes only what that token does."""
    model = load_model(awkward_model)
    wte = model.wte.copy()
    wte[7] += 0.5
    changed: GPT2 = replace(model, wte=wte, head=model.head)
    a, b = ExactSession(lower(model)), ExactSession(lower(changed))
    if lower(model).embed.shift == lower(changed).embed.shift:
        np.testing.assert_array_equal(a.step(3, logits=False), b.step(3, logits=False))
    assert (a.step(7, logits=False) != b.step(7, logits=False)).any()
