"""The sampler, exactly as the program samples: whole numbers, so that a seed gives the same text everywhere."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gpt486.errors import Gpt486Error
from gpt486.ops.arithmetic import Int
from gpt486.ops.exponential import FRACTION, LIMIT, exp2_negative

LOG2_E = round(math.log2(math.e) * 2**20 * 1000)
"""log2(e) in thousandths with 20 fraction bits: divided by a temperature in thousandths, the slope of the chances."""

MASK32 = 2**32 - 1


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen.

    Attributes:
        temperature: in thousandths; 0 takes the likeliest token (the smaller number of two equals).
        top_k: choose among this many of the likeliest; 0: all.
        top_p: in thousandths: choose among the fewest of the likeliest that have this share of the chances.
        seed: 0 .. 2**32 - 1.
    """

    temperature: int = 0
    top_k: int = 0
    top_p: int = 1000
    seed: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.seed <= MASK32:
            raise Gpt486Error(f"a seed lies between 0 and {MASK32}, not {self.seed}")


class Sampler:
    """Chooses tokens from logits.

    Args:
        sampling: how.
        fraction: fraction bits of the logits.
    """

    def __init__(self, sampling: Sampling, fraction: int) -> None:
        self.sampling = sampling
        self.fraction = fraction
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
        """The next token for integer logits [vocabulary]."""
        s = self.sampling
        if s.temperature <= 0:
            return int(logits.argmax())
        slope = LOG2_E // s.temperature
        below = ((int(logits.max()) - logits) * slope) >> (20 + self.fraction - FRACTION)
        chances = np.where(below >= LIMIT << FRACTION, 0, exp2_negative(below))
        size = logits.size
        wanted = s.top_k if 0 < s.top_k < size else size
        if wanted == size and s.top_p >= 1000:
            return self._draw(np.arange(size), chances)
        likeliest = np.lexsort((np.arange(size), -logits))[:wanted]
        total = int(chances[likeliest].sum())
        reached = np.cumsum(chances[likeliest]) * 1000 >= total * s.top_p
        kept = int(reached.argmax()) + 1 if reached.any() else wanted
        chosen = likeliest[:kept][::-1]
        return self._draw(chosen, chances[chosen])

    def _draw(self, tokens: Int, chances: Int) -> int:
        target = self._random() * int(chances.sum()) >> 32
        return int(tokens[np.searchsorted(np.cumsum(chances), target, side="right")])
