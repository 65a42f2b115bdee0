"""attention: causal multi-head attention of one token to everything in the cache, itself included.

Nothing here multiplies a key or a value. Both are cached as 6-bit codes, in lookup form (quantize/pairs.py), with one
power of two for each column of the cache, which rises when a larger number arrives. A score adds up entries of tables
that hold the sums of a query's pairs of numbers. Softmax weights come in steps of a quarter of an octave, and each
step has a page of products (weight_pages), so that weight times value is a lookup, too. All is done in one pass over
tiles of 16 positions (online softmax): what has been added up is shifted down when a better score turns up.
"""

from __future__ import annotations

import math

import numpy as np

from gpt486.models.gpt2 import Float
from gpt486.ops.arithmetic import Int, RangeError, bit_length, scale, shift_round
from gpt486.ops.base import Accumulator, Blob, Field, Frame, Op, Vector
from gpt486.ops.exponential import FRACTION as EXP_FRACTION
from gpt486.ops.exponential import exp2_negative
from gpt486.quantize.pairs import CODE_BITS, DIGIT, LARGEST, pairing

STEPS_PER_OCTAVE = 4
"""Softmax weights are 2**(-level / 4)."""

OCTAVES = 12
LEVELS = OCTAVES * STEPS_PER_OCTAVE
"""Weights from level 48 on, 2**-12 of the largest, are 0."""

FINER = 3 * STEPS_PER_OCTAVE
"""A low digit counts an eighth of a high one: its products stand 12 levels further down."""

PAGES = LEVELS + FINER + 1
PAGE_SHIFT = 7
"""Products of a page: 2**15 * 2**(-level / 4) * digit, Shr 7."""

LEVEL_BITS = 8
"""Fraction bits of a score that is counted in levels."""

OCTAVE_BITS = LEVEL_BITS + 2
TILE = 16
"""Positions whose products fit into 16-bit lanes: 16 * (256 * 7 * 9 / 8 + 1) < 2**15."""

LOWEST = -(1 << 30)
RECIPROCAL_BITS = 30


def level_powers() -> Int:
    """2**15 * 2**(-level / 4) for each page, rounded."""
    return exp2_negative(np.arange(PAGES, dtype=np.int64) << (EXP_FRACTION - 2))


_POWERS = level_powers()
_WEIGHTS = np.where(np.arange(PAGES) < LEVELS, 2 * _POWERS, 0)


def largest_query(head_width: int) -> int:
    """Queries saturate here, where a unit of a key is worth hundreds of octaves, so that scores stay below 2**30."""
    return (-LOWEST - 1) // (LARGEST * pairing(head_width).columns)


def template_values(head_width: int) -> dict[str, object]:
    """What the templates of the kernels and of attend.bas need to know."""
    return {
        "largest_query": largest_query(head_width),
        "pairing": pairing(head_width),
        "most_level": LEVELS,
        "finer": FINER,
        "octave": 1 << OCTAVE_BITS,
        "level_pages": PAGES,
    }


class Attention(Op):
    """Attend.

    Args:
        name: the op's name.
        source: queries, keys and values one after the other, [3 * width].
        target: the output's buffer, [width].
        heads: number of heads.
        context: positions in the cache.

    Raises:
        RangeError: scores cannot be bounded within 32 bits.
    """

    KIND = "attend"
    RECORD = "AttentionRecord"
    FIELDS = (
        Field("multiplier", "a query times this, Shr"),
        Field("multiplier_shift", "this many bits, and then Shr"),
        Field("query_shift", "this many less the exponent of the key, is in levels"),
    )

    def __init__(self, name: str, source: Vector, target: str, heads: int, context: int) -> None:
        self.name = name
        self.inputs = (source,)
        self.heads = heads
        self.context = context
        self.width = source.length // 3
        self.head_width = self.width // heads
        self.pairing = pairing(self.head_width)
        if context > 2**14:
            raise RangeError(f"{name}: a context of {context} positions is beyond the attention's 16,384")

        # In levels with 8 fraction bits, a query's number counts unit * 2**exponent for each odd unit of a key.
        bits = bit_length(source.bound)
        self.most_exponent = max(1, bits + 1 - CODE_BITS)
        unit = STEPS_PER_OCTAVE * math.log2(math.e) / math.sqrt(self.head_width) * 2.0 ** (LEVEL_BITS - 1)
        mantissa, exponent = math.frexp(unit)
        self.multiplier = round(mantissa * 2**15)
        self.multiplier_shift = max(1, bits - 15)
        self.query_shift = 15 - exponent + 2 * source.fraction - self.multiplier_shift
        if self.query_shift < self.most_exponent:
            real = source.real_bound
            raise RangeError(f"{name}: queries and keys can reach {real:.3g}, too large for a softmax in 32 bits")
        self.largest_query = largest_query(self.head_width)

        # Each of a position's two products is rounded by at most half a unit; weights that count 128 at least share it.
        odd = LARGEST + 8 * (context + 2) / 127
        bound = math.ceil(odd * 1.001 * 2.0 ** (self.most_exponent - 1)) + 1
        self.output = Vector(target, self.width, source.fraction, bound, bound * math.sqrt(self.width))
        most_product = (256 * 7 * 9 + 7) // 8 + 1
        self.accumulators = (
            Accumulator("queries", "a query, in levels for each unit of a key", self.largest_query),
            Accumulator("scores", "queries times keys, in levels", -LOWEST - 1),
            Accumulator("tile", "softmax weights times values of 16 positions: a lane of 16 bits", TILE * most_product),
            Accumulator("mixed", "softmax weights times values", context * most_product),
            Accumulator("totals", "the sum of the softmax weights", context << 16),
            Accumulator("output", "the mean of the values", bound),
        )

    @staticmethod
    def meaning(q: Float, keys: Float, values: Float) -> Float:
        """One head in real numbers: q [D], keys [T, D], values [T, D] -> [D]."""
        scores = keys @ q / math.sqrt(q.size)
        weights = np.exp(scores - scores.max())
        result: Float = weights / weights.sum() @ values
        return result

    def exact(self, frame: Frame) -> Int:
        """The mixed values of all heads, [width]."""
        q, k, v = frame.buffers[self.inputs[0].buffer].reshape(3, self.heads, self.head_width)
        cache = frame.caches.setdefault(self.name, self._empty_cache())
        seen = frame.position + 1
        codes, exponents = [], []
        for name, row in (("keys", k), ("values", v)):
            if frame.position == 0:
                cache[f"{name[:-1]}_exponents"][:] = 1
            cache[name][frame.position] = row
            columns = cache[f"{name[:-1]}_exponents"]
            np.maximum(columns, _exponents(row), out=columns)
            # Shifting down in steps, as exponents rise, is the same as shifting once.
            codes.append((cache[name][:seen] >> columns) + 32)
            exponents.append(columns)

        scores = frame.word(self, "scores", self._scores(frame, q, codes[0], exponents[0]))
        mixed, totals = self._mix(frame, scores, codes[1])
        # sums / total: the reciprocal has 16 bits.
        bits = np.array([[bit_length(int(total))] for total in totals[:, 0]])
        reciprocal = (1 << RECIPROCAL_BITS) // shift_round(totals, bits - 15)
        mean = scale(mixed, reciprocal, 16)
        down = bits - 11 - exponents[1]
        mean = np.where(down >= 0, shift_round(mean, np.maximum(down, 0)), mean << np.maximum(-down, 0))
        return frame.word(self, "output", mean.reshape(-1))

    def _scores(self, frame: Frame, q: Int, keys: Int, exponents: Int) -> Int:
        """Queries [heads, D] times codes of keys [T, heads, D] in levels, [heads, T]."""
        scaled = scale(q, self.multiplier, self.multiplier_shift)
        query = shift_round(scaled, np.minimum(31, self.query_shift - exponents))
        query = frame.word(self, "queries", np.clip(query, -self.largest_query, self.largest_query))
        return np.einsum("thd,hd->ht", 2 * keys - LARGEST, query)

    def _mix(self, frame: Frame, scores: Int, values: Int) -> tuple[Int, Int]:
        """Softmax weights [heads, T] times codes of values [T, heads, D]: sums [heads, D] and totals [heads, 1]."""
        high, low = 2 * (values >> DIGIT) - 7, 2 * (values & 7) - 7
        reference = np.full((self.heads, 1), LOWEST)
        mixed = np.zeros((self.heads, self.head_width), np.int64)
        totals = np.zeros((self.heads, 1), np.int64)
        for start in range(0, scores.shape[1], TILE):
            tile = scores[:, start : start + TILE]
            best = tile.max(axis=1, keepdims=True)
            rise = np.maximum(0, best - reference + (1 << OCTAVE_BITS) - 1) >> OCTAVE_BITS
            reference = reference + (rise << OCTAVE_BITS)
            rise = np.minimum(rise, 31)
            mixed, totals = shift_round(mixed, rise), shift_round(totals, rise)
            levels = frame.clip(self, (reference - tile) >> LEVEL_BITS, LEVELS)
            rows = slice(start, start + TILE)
            by_position = levels.T[:, :, None]  # [tile, heads, 1]
            sums = shift_round(_POWERS[by_position] * high[rows], PAGE_SHIFT).sum(axis=0)
            sums += shift_round(_POWERS[by_position + FINER] * low[rows], PAGE_SHIFT).sum(axis=0)
            mixed = frame.word(self, "mixed", mixed + frame.word(self, "tile", sums))
            totals = frame.word(self, "totals", totals + _WEIGHTS[levels].sum(axis=1, keepdims=True))
        frame.attention(self, _WEIGHTS[np.minimum((reference - scores) >> LEVEL_BITS, LEVELS)])
        return mixed, totals

    def _empty_cache(self) -> dict[str, Int]:
        shape = (self.heads, self.head_width)
        return {
            "keys": np.zeros((self.context, *shape), np.int64),
            "values": np.zeros((self.context, *shape), np.int64),
            "key_exponents": np.ones(shape, np.int64),
            "value_exponents": np.ones(shape, np.int64),
        }

    def values(self, blob: Blob) -> list[int]:
        """The record: see FIELDS."""
        return [self.multiplier, self.multiplier_shift, self.query_shift]

    def facts(self) -> dict[str, object]:
        """Shapes, formats and bounds."""
        return {
            "heads": self.heads,
            "head_width": self.head_width,
            "context": self.context,
            "pairs": self.pairing.pairs,
            "chunks": self.pairing.chunks,
            "code_bits": CODE_BITS,
            "largest_query": self.largest_query,
            "query_shift": self.query_shift,
        }

    def call(self, record: str) -> str:
        """The BASIC call."""
        return f"attend({self.inputs[0].buffer}, {self.output.buffer}, {record}, layer, position)"


def _exponents(values: Int) -> Int:
    """The least exponents, 1 at least, with which values shifted down fit into a code."""
    magnitudes = (values ^ (values >> 63)).reshape(-1)
    bits = np.array([bit_length(int(value)) for value in magnitudes]).reshape(values.shape)
    result: Int = np.maximum(1, bits + 1 - CODE_BITS)
    return result
