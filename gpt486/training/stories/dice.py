"""A small integer random number generator, so that a seed gives the same story on every Python."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


def _scramble(value: int) -> int:
    """The finalizer of SplitMix64 (Steele, Lea, Flood 2014): 64 bits in, 64 well mixed bits out."""
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


class Dice:
    """SplitMix64. Every draw of a story comes from one of these; integers only, so nothing is rounded."""

    def __init__(self, *seeds: int) -> None:
        self._state = 0
        for seed in seeds:
            self._state = _scramble((self._state + _GOLDEN + seed) & _MASK)

    def below(self, bound: int) -> int:
        """An integer in 0..bound-1. The bias of the multiply-shift is below 2**-40 for our small bounds."""
        self._state = (self._state + _GOLDEN) & _MASK
        return ((_scramble(self._state) >> 11) * bound) >> 53

    def chance(self, percent: int) -> bool:
        """True in `percent` of 100 cases."""
        return self.below(100) < percent

    def pick(self, items: Sequence[T]) -> T:
        """One of the items, each as likely as another."""
        return items[self.below(len(items))]

    def sample(self, items: Sequence[T], count: int) -> list[T]:
        """`count` different positions of `items`, in random order (all of them if there are fewer)."""
        pool = list(items)
        for index in range(min(count, len(pool))):
            other = index + self.below(len(pool) - index)
            pool[index], pool[other] = pool[other], pool[index]
        return pool[:count]
