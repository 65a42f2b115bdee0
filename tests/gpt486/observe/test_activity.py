"""Attention against a float softmax, accumulators against their bounds, saturation against a count by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt486.build import Lowered, find_model, lower_model
from gpt486.lower import Program, lower
from gpt486.models import load_model
from gpt486.models.random_model import write_random_model
from gpt486.observe.activity import Activity, Watcher, observe
from gpt486.ops.arithmetic import RangeError
from gpt486.ops.attention import Attention
from gpt486.ops.base import Accumulator, Frame, Op, Vector
from gpt486.reference import floats
from gpt486.reference.exact import ExactSession
from gpt486.reference.generate import PromptError, generate
from gpt486.reference.sampling import Sampling

NEW = 48


@pytest.fixture(scope="module")
def lowered() -> Lowered:
    return lower_model(find_model(None))[0]


@pytest.fixture(scope="module")
def activity(lowered: Lowered) -> Activity:
    prompt = lowered.tokenizer.encode(b"One morning, a little girl named Mia")
    return observe(lowered.program, prompt, NEW, end_of_text=lowered.tokenizer.eot, ignore_end=True)


def float_attention(model: object, tokens: list[int], monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """The float model's softmax at each position and layer, [heads, seen], in order."""
    seen: list[np.ndarray] = []
    softmax = floats.softmax

    def recording(x: np.ndarray) -> np.ndarray:
        seen.append(softmax(x))
        return seen[-1]

    monkeypatch.setattr(floats, "softmax", recording)
    session = floats.FloatSession(model)  # type: ignore[arg-type]
    for token in tokens:
        session.step(token)
    return seen


def check_against_floats(activity: Activity, softmaxes: list[np.ndarray], tolerance: float) -> None:
    weights = activity.attention.weights
    layers, heads, positions = len(weights), len(weights[0]), len(activity.attention.tokens)
    assert len(softmaxes) == layers * positions
    for query in range(positions):
        for layer in range(layers):
            expected = softmaxes[query * layers + layer]
            assert expected.shape == (heads, query + 1)
            for head in range(heads):
                row = weights[layer][head][query]
                np.testing.assert_allclose(row[: query + 1], expected[head], atol=tolerance)
                assert not row[query + 1 :].any()
                assert row.sum() == pytest.approx(1)


def test_attention_is_the_float_models(lowered: Lowered, activity: Activity, monkeypatch: pytest.MonkeyPatch) -> None:
    """To within what int8 weights, six bits and steps of a quarter octave change in four layers."""
    tokens = list(activity.attention.tokens)
    check_against_floats(activity, float_attention(lowered.model, tokens, monkeypatch), 0.16)


def float_softmax_of_integers(program: Program, tokens: tuple[int, ...]) -> list[np.ndarray]:
    """Softmax in floats of the queries and keys that the integer model has."""
    config = program.config
    rows: dict[str, list[np.ndarray]] = {}
    session = ExactSession(program)
    for token in tokens:
        session.step(token, lambda op, output: rows.setdefault(op.name, []).append(output / 2.0**op.output.fraction))
    softmaxes = []
    for position in range(len(tokens)):
        for layer in range(config.layers):
            qkv = np.array(rows[f"h.{layer}.attn_qkv"][: position + 1])
            shape = (-1, config.heads, config.head_width)
            query = qkv[-1, : config.width].reshape(shape)[0]
            keys = qkv[:, config.width : 2 * config.width].reshape(shape)
            softmaxes.append(floats.softmax(np.einsum("hd,thd->ht", query, keys) / np.sqrt(config.head_width)))
    return softmaxes


def test_attention_is_a_softmax(lowered: Lowered, activity: Activity) -> None:
    """The same queries and keys: what is left are keys of six bits, and weights in steps of a quarter octave."""
    check_against_floats(activity, float_softmax_of_integers(lowered.program, activity.attention.tokens), 0.15)


def test_attention_of_awkward_models(awkward_model: Path) -> None:
    program = lower(load_model(awkward_model))
    tokens = [int(t) for t in np.random.default_rng(0).integers(0, program.config.vocabulary, program.config.context)]
    seen = observe(program, tokens, 0, end_of_text=None)
    assert seen.attention.tokens == tuple(tokens)
    check_against_floats(seen, float_softmax_of_integers(program, tuple(tokens)), 0.2)


def test_observing_changes_nothing(lowered: Lowered, activity: Activity) -> None:
    prompt = lowered.tokenizer.encode(b"One morning, a little girl named Mia")
    plain = generate(ExactSession(lowered.program), prompt, NEW, end_of_text=lowered.tokenizer.eot, ignore_end=True)
    assert activity.new_tokens == tuple(plain.tokens)
    # The last token is written, but no longer fed.
    assert activity.attention.tokens == (*prompt, *plain.tokens[:-1])
    assert activity.attention.prompt_tokens == len(prompt)
    assert activity.stability.positions == len(prompt) + NEW - 1


class Raw:
    """An observer that keeps everything, and checks what it is shown against what the op declares."""

    def __init__(self) -> None:
        self.words: list[tuple[int, Op, str, np.ndarray]] = []
        self.clipped: list[tuple[str, int, int]] = []

    def word(self, position: int, op: Op, name: str, values: np.ndarray) -> None:
        bound = next(accumulator.bound for accumulator in op.accumulators if accumulator.name == name)
        assert np.abs(values).max() <= bound, (op.name, name)
        assert bound < 2**31
        self.words.append((position, op, name, values.copy()))

    def saturated(self, position: int, op: Op, count: int, of: int) -> None:
        self.clipped.append((op.name, count, of))

    def attention(self, position: int, op: Op, weights: np.ndarray) -> None:
        assert weights.shape == (op.heads, position + 1)  # type: ignore[attr-defined]


def test_the_figures_are_what_the_model_showed(awkward_model: Path) -> None:
    program = lower(load_model(awkward_model))
    raw, watcher = Raw(), Watcher(program)
    tokens = [5, 7, 256, 3, 3, 80]
    for observer in (raw, watcher):
        session = ExactSession(program, observer)
        for i, token in enumerate(tokens):
            session.step(token, logits=i == len(tokens) - 1)
    stability = watcher.stability()
    # Every op shows each of its accumulators once a step, in the declared order.
    declared = [(op, accumulator) for op in program.ops() for accumulator in op.accumulators]
    last = [(op, name) for position, op, name, _ in raw.words if position == len(tokens) - 1]
    assert last == [(op, accumulator.name) for op, accumulator in declared]
    assert [(use.op, use.accumulator) for use in stability.accumulators] == [(op.name, acc) for op, acc in declared]
    for use in stability.accumulators:
        shown = {
            position: int(np.abs(values).max())
            for position, op, name, values in raw.words
            if (op.name, name) == (use.op, use.accumulator.name)
        }
        assert use.by_position == tuple(shown.get(position) for position in range(len(tokens)))
        assert use.seen == max(shown.values())
        assert use.share == use.seen / use.accumulator.bound
        assert use.layer == (int(use.op.split(".")[1]) if use.op.startswith("h.") else None)
    final = {op.name for op in program.final}
    assert {use.op for use in stability.accumulators if None in use.by_position} == final

    unit = 2.0**-program.embed.output.fraction
    assert [row.op for row in stability.residual] == [
        op.name for op in program.ops() if op.name == "embed" or op.name.endswith("_add")
    ]
    for row in stability.residual:
        vectors = [values * unit for _, op, name, values in raw.words if op.name == row.op]
        assert row.max == pytest.approx([np.abs(x).max() for x in vectors])
        assert row.rms == pytest.approx([np.sqrt((x**2).mean()) for x in vectors])


@settings(max_examples=60)
@given(
    heads=st.integers(1, 3),
    depth=st.integers(1, 9),
    layers=st.integers(1, 2),
    inner=st.integers(1, 40),
    activation=st.sampled_from(["gelu_new", "gelu", "relu"]),
    tied=st.booleans(),
    spread=st.floats(0.01, 2.5),
    seed=st.integers(0, 1000),
)
def test_no_bound_is_ever_exceeded(
    tmp_path_factory: pytest.TempPathFactory,
    heads: int,
    depth: int,
    layers: int,
    inner: int,
    activation: str,
    tied: bool,
    spread: float,
    seed: int,
) -> None:
    folder = tmp_path_factory.mktemp("random")
    write_random_model(
        folder,
        layers=layers,
        heads=heads,
        width=heads * depth,
        inner=inner,
        context=12,
        vocabulary=257,
        activation=activation,
        tied=tied,
        spread=spread,
        seed=seed,
    )
    try:
        program = lower(load_model(folder))
    except RangeError:
        return  # refused: nothing is claimed of it
    session = ExactSession(program, Raw())  # which checks every value
    for token in np.random.default_rng(seed).integers(0, 257, 12):
        session.step(int(token))


def extremes(vector: Vector, random: np.random.Generator) -> list[np.ndarray]:
    """Vectors at the edge of what is proven of one: all in one element, spread evenly, with random signs."""
    flat = min(vector.bound, int(vector.norm / np.sqrt(vector.length)))
    one = np.zeros(vector.length, np.int64)
    one[random.integers(vector.length)] = min(vector.bound, int(vector.norm))
    signs = random.choice([-1, 1], vector.length)
    return [one, -one, flat * signs, np.full(vector.length, flat), np.full(vector.length, -flat), one * 0]


def test_bounds_hold_at_the_extremes_of_each_op(awkward_model: Path) -> None:
    program = lower(load_model(awkward_model))
    random = np.random.default_rng(4)
    for op in [*program.blocks[0], *program.final]:
        raw = Raw()
        caches: dict[str, dict[str, np.ndarray]] = {}
        for position in range(program.config.context):
            choices = [extremes(vector, random) for vector in op.inputs]
            buffers = {
                vector.buffer: choice[random.integers(len(choice))]
                for vector, choice in zip(op.inputs, choices, strict=True)
            }
            op.exact(Frame(0, position, buffers, caches, raw))
        assert raw.words


def test_saturation_is_counted_exactly() -> None:
    """Keys at chosen distances from the best: a weight is clipped from a distance of 12 octaves on."""
    width, context = 2, 6
    source = Vector("qkv", 3 * width, 8, 1 << 14, float(1 << 15))
    op = Attention("attention", source, "mixed", 1, context)
    raw = Raw()
    caches: dict[str, dict[str, np.ndarray]] = {}
    keys = [4000, 3900, 100, -4000, 2000, 3999]
    expected = []
    for position, key in enumerate(keys):
        row = np.array([2048, 0, key, 0, 7, 7])
        op.exact(Frame(0, position, {"qkv": row}, caches, raw))
        # In real numbers: score = q k log2(e) / sqrt(width), 8 fraction bits each.
        scores = np.array(keys[: position + 1]) / 256 * (2048 / 256) * np.log2(np.e) / np.sqrt(width)
        distances = scores.max() - scores
        assert np.abs(distances - 12).min() > 1.5  # no case is a close call
        expected.append(("attention", int((distances > 12).sum()), position + 1))
    assert raw.clipped == expected
    assert [count for _, count, _ in expected] == [0, 0, 1, 2, 3, 3]


def test_saturation_adds_up(lowered: Lowered, activity: Activity) -> None:
    config, positions = lowered.program.config, activity.stability.positions
    rows = activity.stability.saturated
    assert [(row.op, row.layer) for row in rows] == [(f"h.{i}.attention", i) for i in range(config.layers)]
    raw = Raw()
    session = ExactSession(lowered.program, raw)
    for token in activity.attention.tokens:
        session.step(token)
    for row in rows:
        assert row.of == config.heads * positions * (positions + 1) // 2
        assert row.count == sum(count for name, count, _ in raw.clipped if name == row.op)
        assert row.what == "softmax weights below 2^-12 of the largest"
    assert sum(row.count for row in rows) > 0


def test_a_context_that_fills(awkward_model: Path) -> None:
    """Attention is of the first context; figures by position are the largest of all times."""
    program = lower(load_model(awkward_model))
    context = program.config.context
    sampling = Sampling(temperature=1000, seed=3)
    long = observe(program, [1, 2], context + 20, end_of_text=256, sampling=sampling, ignore_end=True)
    short = observe(program, [1, 2], context - 1, end_of_text=256, sampling=sampling, ignore_end=True)
    assert len(long.new_tokens) == context + 20
    assert len(long.attention.tokens) == context == long.stability.positions
    assert long.attention.tokens == short.attention.tokens
    for a, b in zip(long.attention.weights, short.attention.weights, strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(long.stability.accumulators, short.stability.accumulators, strict=True):
        assert all((x or 0) >= (y or 0) for x, y in zip(a.by_position, b.by_position, strict=True))
    assert any(a.seen > b.seen for a, b in zip(long.stability.accumulators, short.stability.accumulators, strict=True))


def test_no_prompt(lowered: Lowered) -> None:
    seen = observe(lowered.program, [], 3, end_of_text=lowered.tokenizer.eot)
    assert seen.attention.tokens[0] == lowered.tokenizer.eot
    assert seen.attention.prompt_tokens == 1
    with pytest.raises(PromptError, match="give it a prompt"):
        observe(lowered.program, [], 3, end_of_text=None)


def test_json(lowered: Lowered, activity: Activity) -> None:
    texts = [lowered.tokenizer.tokens[token].decode("utf-8", "replace") for token in activity.attention.tokens]
    attention = json.loads(json.dumps(activity.attention.to_json(texts), allow_nan=False))
    assert (attention["layers"], attention["heads"]) == (4, 4)
    assert "".join(attention["tokens"]).startswith("One morning, a little girl named Mia")
    for layer in attention["weights"]:
        for head in layer:
            assert [len(row) for row in head] == list(range(1, len(texts) + 1))
            assert all(sum(row) == pytest.approx(1, abs=2e-3) for row in head)
    stability = json.loads(json.dumps(activity.stability.to_json(), allow_nan=False))
    assert set(stability) == {"positions", "accumulators", "saturated", "residual"}
    assert all(0 <= row["share"] <= 1 and len(row["by_position"]) == len(texts) for row in stability["accumulators"])
    assert {"op", "layer", "what", "count", "of"} == set(stability["saturated"][0])
    assert {"op", "layer", "rms", "max"} == set(stability["residual"][0])


def test_a_bound_of_nothing(tmp_path: Path) -> None:
    """Weights that are all zero have accumulators that can only be zero."""
    write_random_model(tmp_path, layers=1, heads=1, width=4, context=4, vocabulary=257, biases=False, spread=0.0)
    program = lower(load_model(tmp_path))
    stability = observe(program, [1, 2], 1, end_of_text=None).stability
    assert Accumulator("sums", "weights times inputs", 0) in {use.accumulator for use in stability.accumulators}
    assert all(use.share == 0 for use in stability.accumulators if use.accumulator.bound == 0)
