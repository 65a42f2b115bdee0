"""The sampler's rejection against a sampler that sorts everything."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt486.ops.arithmetic import Int
from gpt486.reference.sampling import ChanceTable, Sampler, Sampling

FRACTION = 16


def logits_of(kind: str, size: int, seed: int = 0) -> Int:
    random = np.random.default_rng(seed)
    spread = {"flat": 0.7, "peaked": 4.0, "equal": 0.0}[kind]
    return np.rint(random.standard_normal(size) * spread * 2**FRACTION).astype(np.int64)


def probabilities(sampling: Sampling, logits: Int) -> np.ndarray:
    """By sorting: the share of each token."""
    table = ChanceTable(sampling.temperature, FRACTION)
    below = int(logits.max()) - logits
    chances = table.chance(below).astype(np.float64)
    order = np.lexsort((np.arange(logits.size), below >> table.distance_shift))
    kept = np.zeros(logits.size, bool)
    sampler = Sampler(sampling, FRACTION)
    if sampling.top_k == 0 and sampling.top_p >= 1000:
        kept[:] = True
    else:
        enough = min(sampling.top_k, logits.size)
        listed = next(x for t in sampler.thresholds(logits) if (x := logits >= t).sum() >= enough)
        order = order[listed[order]]
        goal = max(1, int(chances[order].sum()) * round(sampling.top_p * 65.536) >> 16)
        before = np.cumsum(chances[order]) - chances[order]
        kept[order[(before < goal) & (np.arange(order.size) < (sampling.top_k or logits.size))]] = True
    return np.where(kept, chances, 0) / chances[kept].sum()


@pytest.mark.parametrize("kind", ["flat", "peaked", "equal"])
@pytest.mark.parametrize(
    ("temperature", "top_k", "top_p"),
    [(800, 0, 1000), (800, 10, 1000), (1000, 0, 950), (1500, 40, 700), (1000, 1, 1000), (700, 0, 1)],
)
def test_tokens_come_with_the_chances_of_a_sampler_that_sorts(
    kind: str, temperature: int, top_k: int, top_p: int
) -> None:
    logits, draws = logits_of(kind, 300), 4000
    sampling = Sampling(temperature, top_k, top_p, 5)
    expected = probabilities(sampling, logits)
    sampler = Sampler(sampling, FRACTION)
    counts = np.bincount([sampler.choose(logits) for _ in range(draws)], minlength=logits.size)
    assert not counts[expected == 0].any()
    # Pearson's chi-squared over the tokens that are expected at least five times, the others together
    often = expected * draws >= 5
    observed = np.append(counts[often], counts[~often].sum())
    wanted = np.append(expected[often], expected[~often].sum()) * draws
    observed, wanted = observed[wanted > 1], wanted[wanted > 1]
    degrees = max(1, wanted.size - 1)
    assert ((observed - wanted) ** 2 / wanted).sum() < degrees + 5 * np.sqrt(2 * degrees) + 1


@given(st.integers(1, 10**5), st.integers(8, 20))
def test_chances_are_powers_of_the_temperature(temperature: int, fraction: int) -> None:
    table = ChanceTable(temperature, fraction)
    assert table.entries.size <= 2**12
    assert table.entries[0] == 2**15
    reach = min(table.reach, 2**31)
    below = np.unique(np.linspace(0, reach, 1000).astype(np.int64))
    real = 2.0**15 * np.exp(-below / 2.0**fraction * 1000 / temperature)
    step = 1 - np.exp(-(2.0**table.table_shift) / 2.0**fraction * 1000 / temperature)
    assert (np.abs(table.chance(below) - real) <= 2 + real * (step + 2.0**-9)).all()
    assert (below >> table.distance_shift).max() < 2**16


def test_an_unlucky_sample_is_tried_again_and_then_given_up() -> None:
    logits = np.zeros(4096, np.int64)
    logits[np.arange(4096) % 64 < 4] = 2**16  # the sample sees nothing but the best: 256 tokens
    sampler = Sampler(Sampling(1000, 300, 1000, 1), FRACTION)
    thresholds = sampler.thresholds(logits)
    assert thresholds == [2**16, 2**16, -(2**31)]
    assert {sampler.choose(logits) % 64 < 4 for _ in range(50)} == {True, False}
