"""Lookup tables of a matrix-vector product: what a byte of weights means, and how a table of all meanings is filled.

A *group* is a few columns of a matrix. The weights of a row in a group follow one of at most 128 *patterns* of digits,
such as (1, 0, -1, 1). For the inputs of a group the table holds, for every pattern, the sum of digit times input; the
byte that a weight matrix stores is the entry's offset, so that a lookup needs no arithmetic.

A table fills `stride` bytes, a power of two; tables follow each other, so that `per_page` of them share a page of 256
bytes. An entry has 32 bits, or 16 where the sums are known to be small: half as many stores, and stores are what
filling costs on a 486, whose cache writes through.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

PAGE = 256

EXCESS = 1 << 15
"""How much too large a row's sum of 16-bit entries comes out, so that it is never negative."""

REGISTERS = ("ebx", "ecx", "edx", "ebp")
"""Hold the first inputs of a group while its table is filled."""


@dataclass(frozen=True)
class Table:
    """A kind of table.

    Entries of 16 bits have a bias, so that none is negative: then the two entries of a dword can be added to at once.

    Attributes:
        name: of its assembly, such as "ternary81".
        columns: of a group.
        patterns: the digits of every entry, [entries][columns].
        bits: of an entry, 16 or 32.
        meaning: in a few words.
    """

    name: str
    columns: int
    patterns: tuple[tuple[int, ...], ...]
    bits: int
    meaning: str

    @property
    def entries(self) -> int:
        """Number of patterns."""
        return len(self.patterns)

    @property
    def entry_bytes(self) -> int:
        """Bytes of an entry."""
        return self.bits // 8

    @property
    def stride(self) -> int:
        """Bytes from one table to the next."""
        return 1 << (self.entries * self.entry_bytes - 1).bit_length()

    @property
    def wide(self) -> Table:
        """The table of the same patterns whose entries have 32 bits."""
        if self.bits == 32:
            return self
        return Table(
            self.name.removesuffix("_16"), self.columns, self.patterns, 32, self.meaning.removesuffix(", 16 bits")
        )

    @property
    def per_page(self) -> int:
        """Tables in a page."""
        return PAGE // self.stride

    @property
    def centre(self) -> int:
        """The byte that the filling code points to, so that 256 bytes of entries are within a one-byte displacement."""
        return 128 if self.stride > 128 else 0

    @cached_property
    def digits(self) -> NDArray[np.int64]:
        """The patterns as an array, [entries, columns]."""
        return np.array(self.patterns, np.int64)

    @cached_property
    def _entry_of(self) -> dict[tuple[int, ...], int]:
        return {pattern: entry for entry, pattern in enumerate(self.patterns)}

    def entry(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """The entries of groups of digits: [..., columns] -> [...].

        Raises:
            KeyError: digits that are no pattern.
        """
        flat = codes.reshape(-1, self.columns)
        found = [self._entry_of[tuple(row)] for row in flat.tolist()]
        return np.array(found, np.int64).reshape(codes.shape[:-1])

    def sums(self, x: NDArray[np.int64]) -> NDArray[np.int64]:
        """What the tables of some inputs hold: [groups * columns] -> [groups, entries], without bias."""
        result: NDArray[np.int64] = x.reshape(-1, self.columns) @ self.digits.T
        return result

    # What the template of the filling assembly needs.

    @property
    def registers(self) -> tuple[tuple[int, str], ...]:
        """(input, register) of the inputs that stay in registers; with 16-bit entries times 65537."""
        return tuple(enumerate(REGISTERS[: self.columns]))

    def operand(self, lanes: str, input: int) -> str:
        """Where an input is: for both lanes of a pair of entries, or for the low one alone."""
        if input < len(REGISTERS) and (lanes == "both" or self.bits == 32):
            return REGISTERS[input]
        base, place = ("esi", input) if lanes == "low" or self.bits == 32 else ("esp", input - len(REGISTERS))
        return f"[{base}+{4 * place}]" if place else f"[{base}]"

    def stored(self, step: Step) -> str:
        """The patterns whose sums a step stores, for its comment: "+0-" or, for two entries of 16 bits, "+0- 00-"."""
        first = (step.offset + self.centre) // self.entry_bytes
        patterns = self.patterns[first : first + step.size // self.entry_bytes]
        return " ".join("".join("-0+"[digit + 1] for digit in pattern) for pattern in patterns)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """How the assembly fills a table."""
        return _plan(self)


@dataclass(frozen=True)
class Step:
    """One store of the filling code: what is added to the accumulator before it, and where it goes.

    Attributes:
        terms: (times, lanes, input): "both" lanes or only the "low" one get input times a small number.
        offset: of the entry from the pointer.
        size: bytes that are stored, 4 or 2.
    """

    terms: tuple[tuple[int, str, int], ...]
    offset: int
    size: int


_Pair = tuple[tuple[int, ...], tuple[int, ...]]


def _difference(there: _Pair, here: _Pair) -> tuple[tuple[int, str, int], ...]:
    """What brings the accumulator (low lane, high lane) from one pair of patterns to another."""
    terms = []
    for i in range(len(here[0])):
        low, high = there[0][i] - here[0][i], there[1][i] - here[1][i]
        if high:
            terms.append((high, "both", i))
        if low - high:
            terms.append((low - high, "low", i))
    return tuple(terms)


def _effort(terms: tuple[tuple[int, str, int], ...]) -> int:
    """Clocks of the additions: one for an input that stays in a register, two for one in memory."""
    return sum(abs(times) * (1 if lanes == "both" and i < 4 else 2) for times, lanes, i in terms)


@cache
def entry_bias(groups: int) -> int:
    """The bias of the 16-bit entries of so many groups: `groups` times the bias is EXCESS modulo 2**16.

    Of the numbers for which that is true the one nearest to the middle of 16 bits, where the entries have most room.
    """
    fitting = (bias for bias in range(1, 1 << 16) if groups * bias % (1 << 16) == EXCESS)
    return min(fitting, key=lambda bias: abs(bias - EXCESS))


@cache
def _plan(table: Table) -> tuple[Step, ...]:
    """Visit every entry (every pair of entries, where they have 16 bits), the nearest one next."""
    patterns = table.patterns
    zero = (0,) * table.columns
    if table.bits == 32:
        nodes = [((p, p), 4 * e, 4) for e, p in enumerate(patterns)]
    else:
        nodes = [((patterns[e], patterns[e + 1]), 2 * e, 4) for e in range(0, len(patterns) - 1, 2)]
        if len(patterns) % 2:
            nodes.append(((patterns[-1], patterns[-1]), 2 * (len(patterns) - 1), 2))
    here: _Pair = (zero, zero)
    left = list(nodes)
    steps = []
    while left:
        best = min(left, key=lambda node: (_effort(_difference(node[0], here)), node[1]))
        left.remove(best)
        steps.append(Step(_difference(best[0], here), best[1] - table.centre, best[2]))
        here = best[0]
    return tuple(steps)


def _base3(columns: int) -> tuple[tuple[int, ...], ...]:
    """All patterns of digits -1, 0, 1; the first digit changes fastest."""
    return tuple(tuple(reversed(p)) for p in itertools.product((-1, 0, 1), repeat=columns))


def _base2(columns: int) -> tuple[tuple[int, ...], ...]:
    """All patterns of digits 0, 1; the first digit changes fastest."""
    return tuple(tuple(reversed(p)) for p in itertools.product((0, 1), repeat=columns))


def _paired(patterns: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
    """The same patterns in an order in which most neighbours differ by 1 in the same digit.

    Two neighbours share a dword where entries have 16 bits, and both halves change by the same additions. First come
    the pairs (0, 1) of the first digit, then those of the second among what is left, and so on. In the lower half of
    each pair stands the one with the 0: so what lies in the columns beyond a matrix, which may be anything, does not
    borrow from an entry of the upper half that leaves these columns out.
    """
    left = list(patterns)
    ordered: list[tuple[int, ...]] = []
    for i in range(len(patterns[0])):
        for pattern in list(left):
            upper = (*pattern[:i], pattern[i] + 1, *pattern[i + 1 :])
            if pattern[i] == 0 and pattern in left and upper in left:
                ordered += [pattern, upper]
                left.remove(pattern)
                left.remove(upper)
    return (*ordered, *sorted(left, key=_last_columns))


def _last_columns(pattern: tuple[int, ...]) -> int:
    """The last column in use; from 1 on, 0 for none."""
    return max((i + 1 for i, digit in enumerate(pattern) if digit), default=0)


def _sparse() -> tuple[tuple[int, ...], ...]:
    """The patterns of four ternary digits of which at most three are not 0: 65, and (1, 1, 1, 0) has to go."""
    return _paired(tuple(p for p in _base3(4) if 0 in p and p != DROPPED))


DROPPED = (1, 1, 1, 0)
"""The pattern that the 3-of-4 sparse format does without, so that 64 are left."""

SUBSET64 = Table("subset64", 6, _base2(6), 32, "the sums of every subset of six inputs")
SUBSET64_16 = Table("subset64_16", 6, _base2(6), 16, "the sums of every subset of six inputs, 16 bits")
SUBSET128_16 = Table("subset128_16", 7, _base2(7), 16, "the sums of every subset of seven inputs, 16 bits")
TERNARY27 = Table("ternary27", 3, _paired(_base3(3)), 32, "three inputs, each added, subtracted or left out")
TERNARY27_16 = Table(
    "ternary27_16", 3, _paired(_base3(3)), 16, "three inputs, each added, subtracted or left out, 16 bits"
)
TERNARY81_16 = Table(
    "ternary81_16", 4, _paired(_base3(4)), 16, "four inputs, each added, subtracted or left out, 16 bits"
)
SPARSE64 = Table("sparse64", 4, _sparse(), 32, "four inputs, at most three of them added or subtracted")
SPARSE64_16 = Table("sparse64_16", 4, _sparse(), 16, "four inputs, at most three of them added or subtracted, 16 bits")

TABLES = {
    t.name: t
    for t in (
        SUBSET64,
        SUBSET64_16,
        SUBSET128_16,
        TERNARY27,
        TERNARY27_16,
        TERNARY81_16,
        SPARSE64,
        SPARSE64_16,
    )
}
