from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import gpt486.build
from gpt486.build import BuildOptions, Lowered, build, load_build, lower_model, lowered_of
from gpt486.compare import compare
from gpt486.lower import Program, lower, plan_memory
from gpt486.lower.memory import ALIGNMENT, MEGABYTE, PAGE, Region, check_fits, estimate_bytes
from gpt486.lower.weights import WeightChoice, least_matrix_bytes
from gpt486.models import ModelError, load_model
from gpt486.models.config import GPT2Config
from gpt486.quantize.formats import FORMATS

SIZES = GPT2Config(
    layers=12,
    heads=12,
    width=768,
    inner=3072,
    context=1024,
    vocabulary=50257,
    activation="gelu_new",
    epsilon=1e-5,
    tied=True,
    biases=True,
    eos=50256,
    extra={},
)
"""GPT-2's."""


@pytest.fixture
def program(awkward_model: Path) -> Program:
    return lower(load_model(awkward_model))


def test_vectors_that_live_together_lie_apart(program: Program) -> None:
    plan = plan_memory(program, model_bytes=1000, vocabulary_bytes=100, longest_token=5)
    ops = [program.embed, *program.blocks[0], *program.final]
    lives: dict[str, list[int]] = {}
    for time, op in enumerate(ops):
        for vector in (*op.inputs, op.output):
            lives.setdefault(vector.buffer, []).append(time)
            assert vector.length <= plan.slots[vector.buffer].length
    for a, b in ((a, b) for a in lives for b in lives if a < b):
        if min(lives[a]) <= max(lives[b]) and min(lives[b]) <= max(lives[a]):
            first, second = sorted((plan.slots[a], plan.slots[b]), key=lambda slot: slot.offset)
            assert first.offset + first.length <= second.offset, (a, b)
    assert plan.workspace < plan.separate
    assert all(slot.offset % (ALIGNMENT // 4) == 0 for slot in plan.slots.values())
    assert plan.workspace >= max(slot.offset + slot.length for slot in plan.slots.values())


def test_regions(program: Program) -> None:
    plan = plan_memory(program, model_bytes=1001, vocabulary_bytes=100, longest_token=5)
    assert plan.total == sum(plan.by_purpose.values())
    assert all(region.bytes % ALIGNMENT == 0 for region in plan.regions)
    assert plan.regions[0].name == "lookup"
    assert plan.regions[0].bytes % PAGE == 0
    assert plan.region("model").bytes == 1008
    assert plan.prompt_bytes == 5 * program.config.context


def test_the_estimate_is_close_to_the_plan(awkward_model: Path) -> None:
    from gpt486.emit.model_file import lower_model_file

    for price, least in ((0.0, 0.7), (1e9, 0.8)):  # the estimate is of the smallest kernels
        program = lower(load_model(awkward_model), price=price)
        size = lower_model_file(program).bytes
        plan = plan_memory(program, model_bytes=size, vocabulary_bytes=13000, longest_token=4)
        assert least < estimate_bytes(program.config) / plan.total < 1.2


@pytest.mark.parametrize("weights", FORMATS)
def test_the_estimate_is_of_the_smallest_kernels(weights: str, awkward_model: Path) -> None:
    """A model is refused by it before its weights are read: it must not be larger than what can be had."""
    choice = WeightChoice.parse(weights)
    for price in (0.0, 1e9):
        program = lower(load_model(awkward_model), weights=choice, price=price)
        packed = sum(len(op.packed) + 4 * len(op.bias) for op in program.products())
        assert least_matrix_bytes(program.config, choice) <= packed
    large = replace(SIZES, vocabulary=1000, width=512, inner=2048, layers=8, context=256)  # 26 MB of int8
    if weights != "fixed16":
        check_fits(large, "large", 32 * MEGABYTE, weights=choice)


def refusal(config: GPT2Config, memory: int, regions: tuple[Region, ...] | None = None) -> str:
    with pytest.raises(ModelError) as error:
        check_fits(config, "big", memory, regions)
    return str(error.value)


def test_too_big_a_model_says_what_would_fit() -> None:
    message = refusal(SIZES, 32 * MEGABYTE)
    assert "Even one layer" in message
    assert "50,257 tokens" in message
    message = refusal(replace(SIZES, vocabulary=1000), 32 * MEGABYTE)
    assert "of its 12 layers" in message
    message = refusal(replace(SIZES, vocabulary=1000, width=192, inner=768, context=8192), 32 * MEGABYTE)
    assert "-c 4096" in message
    assert estimate_bytes(replace(SIZES, vocabulary=1000, width=192, inner=768, context=4096)) < 30 * MEGABYTE


def test_what_fits_is_not_refused() -> None:
    small = replace(SIZES, vocabulary=1000, width=128, inner=512, layers=4, context=256)
    check_fits(small, "small", 32 * MEGABYTE)
    check_fits(small, "small", 4 * MEGABYTE)
    assert "2 MB" in refusal(small, 2 * MEGABYTE)


def test_a_refusal_names_who_asks_and_who_holds_the_rest() -> None:
    small = replace(SIZES, vocabulary=1000, width=128, inner=512, layers=4, context=256)
    regions = (
        Region("model", "weights", 10 * MEGABYTE),
        Region("key_cache", "kv_cache", 15 * MEGABYTE),
        Region("value_cache", "kv_cache", 15 * MEGABYTE),
        Region("history", "buffers", MEGABYTE),
    )
    assert refusal(small, 32 * MEGABYTE, regions).startswith(
        "big needs 41.0 MB; a PC with 32 MB has 30.7 MB for it. There is no memory for value_cache: it asks for "
        "15.0 MB (kv cache), 5.7 MB are left; the rest is held by weights 10.0 MB, kv cache 15.0 MB, "
        "DOS and the program 1.3 MB."
    )
    check_fits(small, "small", 32 * MEGABYTE, regions[:2])
    assert "has 0.0 MB for it. There is no memory for lookup" in refusal(small, MEGABYTE)


def test_where_memory_is_scarce_a_prompt_is_fed_a_token_at_a_time(
    monkeypatch: pytest.MonkeyPatch, awkward_models: dict[str, Path], tmp_path: Path
) -> None:
    """Vectors for a second token are no reason to refuse a model, or to take slower kernels; the program is exact."""

    def kernels(lowered: Lowered) -> list[str]:
        return [op.kernel.name for op in lowered.program.products()]

    monkeypatch.setattr("gpt486.lower.lowering.second_choices", lambda program, costs: {})
    plenty = lower_model(awkward_models["untied-relu"], weights="ternary")[0]
    assert plenty.program.tokens_at_once == 2
    monkeypatch.setattr(gpt486.build, "fits", lambda regions, _: sum(r.bytes for r in regions) < plenty.plan.total)
    scarce = lower_model(awkward_models["untied-relu"], weights="ternary")[0]
    assert scarce.program.tokens_at_once == 1
    assert scarce.plan.total < plenty.plan.total
    assert kernels(scarce) == kernels(plenty)
    build(awkward_models["untied-relu"], tmp_path, BuildOptions(weights="ternary"))
    facts = load_build(tmp_path)
    assert not any(op.get("two") for op in facts["ops"])
    assert compare(tmp_path, facts, lowered_of(tmp_path, facts), b"The old dog", 3, ("emulator",)).exact
