from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt486.errors import Gpt486Error
from gpt486.lower import lower
from gpt486.models import load_model
from gpt486.reference.exact import ExactSession
from gpt486.reference.generate import PromptError, generate
from gpt486.reference.sampling import ChanceTable, Sampler, Sampling


def session_of(directory: Path, context: int | None = None) -> ExactSession:
    return ExactSession(lower(load_model(directory), context))


def test_greedy_takes_the_likeliest_and_the_smaller_of_equals() -> None:
    sampler = Sampler(Sampling(), 16)
    assert sampler.choose(np.array([1, 5, 5, 2])) == 1


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 3000))
def test_top_k_never_leaves_the_k_likeliest(seed: int, k: int, temperature: int) -> None:
    logits = np.random.default_rng(seed).integers(-(2**18), 2**18, 40)
    sampler = Sampler(Sampling(temperature, k, 1000, seed), 16)
    # Tokens whose chances differ by less than 2**-11 of a halving count as equal: the smaller number first.
    below = (logits.max() - logits) >> ChanceTable(temperature, 16).distance_shift
    likeliest = set(np.argsort(below, kind="stable")[:k])
    assert all(sampler.choose(logits) in likeliest for _ in range(20))


def test_frequencies_follow_the_softmax() -> None:
    logits = np.array([0, 1, 2, 3]) * 2**15  # real: 0, .5, 1, 1.5
    sampler = Sampler(Sampling(500, 0, 1000, 3), 16)
    counts = np.bincount([sampler.choose(logits) for _ in range(20000)], minlength=4) / 20000
    real = np.exp(np.array([0, 1, 2, 3]))
    np.testing.assert_allclose(counts, real / real.sum(), atol=0.012)


def test_top_p_keeps_the_fewest_that_reach_it() -> None:
    logits = np.array([0, 1, 2, 3]) * 2**16
    for top_p, kept in ((1, 1), (640, 1), (650, 2), (880, 2), (890, 3), (999, 4)):
        sampler = Sampler(Sampling(1000, 0, top_p, 3), 16)
        assert len({sampler.choose(logits) for _ in range(3000)}) == kept


def test_a_seed_fixes_everything_and_seeds_differ() -> None:
    logits = np.zeros(1000, np.int64)

    def draw(seed: int) -> list[int]:
        sampler = Sampler(Sampling(1000, 0, 1000, seed), 16)
        return [sampler.choose(logits) for _ in range(10)]

    assert draw(5) == draw(5)
    assert len({tuple(draw(seed)) for seed in range(50)}) == 50
    assert 3145341903 >= 0  # the seed whose state would be 0
    with pytest.raises(Gpt486Error, match="seed"):
        Sampling(seed=2**32)


def test_the_window_slides(awkward_model: Path) -> None:
    session = session_of(awkward_model, 10)
    result = generate(session, [1, 2, 3], 30, end_of_text=None, ignore_end=True)
    positions = [position for _, position, _ in result.steps]
    assert len(result.tokens) == 30
    assert positions == [2, *range(3, 10), *[*range(5, 10)] * 5][:30]
    # After a slide the newest half is the context: a fresh session fed with it gives the same logits.
    text = [1, 2, 3, *result.tokens]
    again = session_of(awkward_model, 10)
    for token in text[5:10]:
        again.step(token)
    np.testing.assert_array_equal(again.step(text[10]), result.steps[8][2])


def test_an_empty_prompt_begins_with_the_end_of_text(awkward_model: Path) -> None:
    result = generate(session_of(awkward_model), [], 3, end_of_text=9)
    assert result.steps[0][:2] == (9, 0)
    with pytest.raises(PromptError, match="no end-of-text"):
        generate(session_of(awkward_model), [], 3, end_of_text=None)


def test_too_long_a_prompt(awkward_model: Path) -> None:
    with pytest.raises(PromptError, match="11 tokens; the context holds 10"):
        generate(session_of(awkward_model, 10), [1] * 11, 3, end_of_text=None)


def test_the_end_of_text_ends_a_text(awkward_model: Path) -> None:
    free = generate(session_of(awkward_model), [1, 2], 12, end_of_text=None)
    end = free.tokens[4]
    first = free.tokens.index(end)
    stopped = generate(session_of(awkward_model), [1, 2], 12, end_of_text=end)
    assert stopped.tokens == free.tokens[:first]
    ignored = generate(session_of(awkward_model), [1, 2], 12, end_of_text=end, ignore_end=True)
    assert ignored.tokens == free.tokens


def test_callbacks(awkward_model: Path) -> None:
    tokens: list[int] = []
    traced: list[str] = []
    result = generate(
        session_of(awkward_model),
        [1, 2, 3],
        4,
        end_of_text=None,
        on_token=tokens.append,
        trace_step=result_step if (result_step := 3) else None,
        trace=lambda op, output: traced.append(op.name),
    )
    assert tokens == result.tokens
    assert traced[0] == "embed"
    assert traced[-1] == "lm_head"
    assert result.numbers == [2, 3, 4, 5]
