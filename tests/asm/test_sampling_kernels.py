"""The sampler's kernels against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from harness import Kernel
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt486.ops.arithmetic import Int
from gpt486.reference.sampling import CLUSTER, LOWEST, STRIDE, ChanceTable

SEED = st.integers(0, 2**32 - 1)
SIZES = st.one_of(st.integers(1, 100), st.sampled_from([128, 257, 512, 1000]))
LARGEST = 2**31 - 1


@pytest.fixture(scope="module")
def kernels() -> dict[str, Kernel]:
    names = ("argmax", "find_leaders", "find_likely", "weigh_tokens", "pick_token", "count_likelier")
    return {name: Kernel(name) for name in names}


def values_of(seed: int, size: int, bound: int) -> Int:
    """Values with equals among them, and the extremes now and then."""
    random = np.random.default_rng(seed)
    values = random.integers(-bound - 1, bound + 1, size)
    if bound == LARGEST:
        values[random.integers(size)] = random.choice([LOWEST, LARGEST])
    return values


@given(SEED, SIZES, st.sampled_from([1, 3, 1000, LARGEST]))
@settings(max_examples=100)
def test_argmax(kernels: dict[str, Kernel], seed: int, size: int, bound: int) -> None:
    kernel, values = kernels["argmax"], values_of(seed, size, bound)
    assert kernel.call("argmax", [kernel.place(values.astype("<i4")), size]) == values.argmax()


@given(SEED, SIZES, st.sampled_from([1, 3, 1000, LARGEST]), st.integers(1, 70))
@settings(max_examples=100)
def test_find_leaders(kernels: dict[str, Kernel], seed: int, size: int, bound: int, ranks: int) -> None:
    kernel, values = kernels["find_leaders"], values_of(seed, size, bound)
    leaders = 4 + kernel.place(np.array([LARGEST, *[LOWEST] * (ranks + 1)], "<i4"))
    kernel.call("find_leaders", [kernel.place(values.astype("<i4")), size, leaders, ranks])
    sample = values[np.arange(size) % STRIDE < CLUSTER]
    expected = np.append(np.sort(sample)[::-1], [LOWEST] * ranks)[:ranks]
    np.testing.assert_array_equal(kernel.read(leaders, "<i4", ranks + 1), [*expected, LOWEST])


@given(SEED, SIZES, st.sampled_from([1, 3, 1000, LARGEST]), st.floats(0, 1))
@settings(max_examples=100)
def test_find_likely(kernels: dict[str, Kernel], seed: int, size: int, bound: int, share: float) -> None:
    kernel, values = kernels["find_likely"], values_of(seed, size, bound)
    threshold = int(np.sort(values)[int(share * (size - 1))])
    found = np.flatnonzero(values >= threshold)[::-1]
    place = kernel.place(bytes(8 * size + 8))
    result = kernel.call_wide("find_likely", [kernel.place(values.astype("<i4")), size, threshold, place])
    assert result == (found.size, values.max())
    pairs = kernel.read(place, "<i4", 2 * found.size + 2).reshape(-1, 2)
    np.testing.assert_array_equal(pairs, [*np.stack([found, values[found]], 1), [0, 0]])


def table_bytes(table: ChanceTable) -> bytes:
    """As the BASIC Type."""
    head = np.array([table.reach, table.distance_shift, table.table_shift], "<u4")
    return head.tobytes() + table.entries.astype("<u2").tobytes()


@given(SEED, st.integers(0, 70), st.sampled_from([1, 50, 800, 5000, 10**7]), st.sampled_from([8, 12, 16, 20]))
@settings(max_examples=100)
def test_weigh_tokens(kernels: dict[str, Kernel], seed: int, count: int, temperature: int, fraction: int) -> None:
    kernel, random = kernels["weigh_tokens"], np.random.default_rng(seed)
    table = ChanceTable(temperature, fraction)
    best = int(random.integers(LOWEST, LARGEST))
    below = np.minimum(random.choice([0, 1, table.reach, table.reach + 1, 2**32 - 1], count), best - LOWEST)
    mixed = random.random(count) < 0.6
    below[mixed] = random.integers(0, min(table.reach + table.reach // 8, best - LOWEST) + 1, int(mixed.sum()))
    tokens = random.integers(0, 65535, count)
    place = kernel.place(np.stack([tokens, (best - below)], 1).astype("<i8").astype("<i4"))
    low, high = kernel.call_wide("weigh_tokens", [place, count, best, kernel.place(table_bytes(table))])
    kept = below <= table.reach
    chances = table.chance(below)[kept]
    assert (low, high) == (chances.sum(), kept.sum())
    keys = ((below >> table.distance_shift) << 16)[kept] + tokens[kept]
    pairs = kernel.read(place, "<u4", 2 * high).reshape(-1, 2)
    np.testing.assert_array_equal(pairs, np.stack([keys, chances], 1))


def keyed_list(seed: int, count: int) -> tuple[Int, Int]:
    """Different keys and chances that are seldom 0."""
    random = np.random.default_rng(seed)
    keys = random.choice([0, 2**31 - 1, 2**31, 2**32 - 2], 4, replace=False)
    keys = np.append(keys, random.integers(0, 2**32 - 1, count))
    keys = random.permutation(np.unique(keys))
    return keys, random.choice([0, 1, 2, 32768, int(random.integers(1, 32769))], keys.size)


@given(SEED, st.integers(1, 60))
@settings(max_examples=100)
def test_pick_token_and_count_likelier(kernels: dict[str, Kernel], seed: int, count: int) -> None:
    keys, chances = keyed_list(seed, count)
    random = np.random.default_rng(seed)
    limit = int(random.choice([2**32 - 1, *keys]))
    below = keys < limit
    kernel = kernels["count_likelier"]
    pairs = np.stack([keys, chances], 1).astype("<u4")
    assert kernel.call_wide("count_likelier", [kernel.place(pairs), keys.size, limit]) == (
        chances[below].sum(),
        below.sum(),
    )
    if chances[below].sum() == 0:
        return
    target = int(random.integers(chances[below].sum()))
    drawn = keys[below][np.searchsorted(np.cumsum(chances[below]), target, side="right")]
    kernel = kernels["pick_token"]
    assert kernel.call("pick_token", [kernel.place(pairs), limit, target]) & 0xFFFFFFFF == drawn
