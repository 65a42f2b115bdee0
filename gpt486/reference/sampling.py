"""The sampler, exactly as the program samples: whole numbers, so that a seed gives the same text everywhere.

A vocabulary is long and few of its tokens matter, so the sampler sorts nothing. It reads all logits once and keeps a
list of the likely tokens: those that reach a threshold taken from a sixteenth of the logits. Tokens are drawn by
rejection:

* Without top-k and top-p, the tokens below the threshold are columns beside each other, one for each token, all as high
  as the chance of the threshold. A dart is thrown at the list and the columns; it hits a token of the list, or the
  column of a token that is high enough there, or nothing: then it is thrown again.
* With top-k or top-p, a token is drawn from the list by its chance, and refused if k of the list are likelier, or if
  the likelier ones have the share p already. Every token that is not likelier than a refused one would be refused as
  well, so they leave the list, which on average halves it, and the next one is drawn.

Either way a token comes out with exactly the chance that it would have, were all of them sorted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gpt486.errors import Gpt486Error
from gpt486.ops.arithmetic import Int, bit_length
from gpt486.ops.exponential import exp2_negative

LOG2_E = round(math.log2(math.e) * 2**20 * 1000)
"""log2(e) in thousandths with 20 fraction bits: divided by a temperature in thousandths, the slope of the chances."""

MASK32 = 2**32 - 1

HALVINGS = 16
"""A token whose chance is so many halvings below the likeliest one's has none."""

TABLE_BITS = 12
"""Chances come from a table of 2**TABLE_BITS entries at most: steps of 1/256 to 1/128 of a halving."""

CLUSTER, STRIDE = 4, 64
"""The threshold is taken from the first CLUSTER of every STRIDE logits: a cache line of the 486 each time."""

LEADERS = 64
"""The longest list of the highest of these; if it would have to be longer, the threshold is below all logits."""

LOWEST = -(2**31)


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen.

    Attributes:
        temperature: in thousandths; 0 takes the likeliest token (the smaller number of two equals).
        top_k: choose among this many of the likeliest; 0: all.
        top_p: in thousandths: choose among the fewest of the likeliest that have this share of the chances of all
            tokens that are likely (see `Sampler.thresholds`: some hundred of the likeliest); 1000: no limit.
        seed: 0 .. 2**32 - 1.
    """

    temperature: int = 0
    top_k: int = 0
    top_p: int = 1000
    seed: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.seed <= MASK32:
            raise Gpt486Error(f"a seed lies between 0 and {MASK32}, not {self.seed}")


class ChanceTable:
    """The chances for one temperature, relative to the likeliest token's: 2**15 for a difference of 0.

    Args:
        temperature: in thousandths, at least 1.
        fraction: fraction bits of the logits.

    Attributes:
        reach: the largest difference from the best logit that leaves a chance, at most 2**32 - 1.
        distance_shift: shifts a difference within reach down to the 16 bits by which tokens are ordered.
        table_shift: shifts it down to the number of an entry.
        entries: the chances.
    """

    def __init__(self, temperature: int, fraction: int) -> None:
        slope = LOG2_E // temperature
        self.reach = min(max(0, (HALVINGS << (fraction + 20)) // slope - 1), MASK32) if slope else MASK32
        bits = bit_length(self.reach)
        self.distance_shift = max(0, bits - 16)
        self.table_shift = max(0, bits - TABLE_BITS)
        steps = np.arange((self.reach >> self.table_shift) + 1) << self.table_shift
        self.entries = exp2_negative((steps * slope) >> (fraction + 4))

    def chance(self, differences: Int) -> Int:
        """Chances for differences >= 0."""
        within = np.minimum(differences, self.reach) >> self.table_shift
        return np.where(differences > self.reach, 0, self.entries[within])


class Sampler:
    """Chooses tokens from logits.

    Args:
        sampling: how.
        fraction: fraction bits of the logits.
    """

    def __init__(self, sampling: Sampling, fraction: int) -> None:
        self.sampling = sampling
        self.fraction = fraction
        self._table = ChanceTable(max(1, sampling.temperature), fraction)
        self._state = (sampling.seed * 2654435769 + 1013904223) & MASK32 or 1
        for _ in range(8):
            self._random()

    def _random(self) -> int:
        """Marsaglia's xorshift with 32 bits."""
        x = self._state
        x ^= x << 13 & MASK32
        x ^= x >> 17
        x ^= x << 5 & MASK32
        self._state = x
        return x

    def choose(self, logits: Int) -> int:
        """The next token for integer logits [vocabulary], which has at most 65,535."""
        s = self.sampling
        if s.temperature <= 0:
            return int(logits.argmax())
        if s.top_k == 0 and s.top_p >= 1000:
            return self._throw(logits)
        return self._refuse(logits)

    def thresholds(self, logits: Int) -> list[int]:
        """What a logit must reach to be likely: the first choice, and what to try if too few reach it.

        What the highest `rank` of a sixteenth of the logits reach, about 16 * rank of all logits reach. The rank is
        chosen so that these are seldom fewer than top_k.
        """
        s = self.sampling
        rank = 3 + 3 * (s.top_k or (24 if s.top_p < 1000 else 0)) // 32
        sample = np.sort(logits[np.arange(logits.size) % STRIDE < CLUSTER])[::-1]
        ranks = [r for r in (rank, rank + 3) if rank + 3 <= LEADERS and r <= sample.size]
        return [*(int(sample[r - 1]) for r in ranks), LOWEST]

    def _throw(self, logits: Int) -> int:
        """Sample from all tokens."""
        threshold = self.thresholds(logits)[0]
        best = int(logits.max())
        likely = np.flatnonzero(logits >= threshold)[::-1]
        chances = self._table.chance(best - logits)
        bound = int(self._table.chance(np.array([best - threshold]))[0])
        total = int(chances[likely].sum())
        while True:
            target = self._random() * (total + bound * logits.size) >> 32
            if target < total:
                return int(likely[np.searchsorted(np.cumsum(chances[likely]), target, side="right")])
            token, level = divmod(target - total, bound)
            if logits[token] < threshold and level < chances[token]:
                return token

    def _refuse(self, logits: Int) -> int:
        """Sample from the k likeliest and the nucleus."""
        s = self.sampling
        wanted = min(s.top_k, logits.size) or logits.size
        enough = s.top_k and wanted
        likely = next(x for t in self.thresholds(logits) if (x := np.flatnonzero(logits >= t)[::-1]).size >= enough)
        differences = int(logits.max()) - logits[likely]
        chances = self._table.chance(differences)
        keys = ((differences >> self._table.distance_shift) << 16) + likely
        total = int(chances.sum())
        goal = max(1, total * ((s.top_p * 65536 + 500) // 1000) >> 16)
        while True:
            target = self._random() * int(chances.sum()) >> 32
            drawn = int(np.searchsorted(np.cumsum(chances), target, side="right"))
            likelier = keys < keys[drawn]
            if int(likelier.sum()) < wanted and int(chances[likelier].sum()) < goal:
                return int(likely[drawn])
            likely, keys, chances = likely[likelier], keys[likelier], chances[likelier]
