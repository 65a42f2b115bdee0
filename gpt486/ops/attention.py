"""attention: causal multi-head attention of one token to everything in the cache, itself included.

Nothing here multiplies a key or a value. Both are cached as 6-bit codes, in lookup form (quantize/pairs.py), with one
power of two for each column of the cache, which rises when a larger number arrives. A score adds up entries of tables
that hold the sums of a query's numbers. Softmax weights come in steps of a quarter of an octave, and each
step has a page of products (weight_pages), so that weight times value is a lookup, too. All is done in one pass over
tiles of 32 positions (online softmax): what has been added up is shifted down when a better score turns up.
"""

from __future__ import annotations

import math

import numpy as np

from gpt486.models.gpt2 import Float
from gpt486.ops.arithmetic import Int, RangeError, bit_length, scale, shift_round
from gpt486.ops.base import Accumulator, Blob, Field, Frame, Op, Vector, placed, position_of
from gpt486.ops.exponential import FRACTION as EXP_FRACTION
from gpt486.ops.exponential import exp2_negative
from gpt486.quantize.pairs import CODE_BITS, DIGIT, GROUP, LARGEST, TILE, pairing

STEPS_PER_OCTAVE = 4
"""Softmax weights are 2**(-level / 4)."""

OCTAVES = 12
LEVELS = OCTAVES * STEPS_PER_OCTAVE
"""Weights from level 48 on, 2**-12 of the largest, are 0."""

FINER = 3 * STEPS_PER_OCTAVE
"""A low digit counts an eighth of a high one: its products stand 12 levels further down."""

PAGES = LEVELS + FINER + 1
PAGE_SHIFT = 8
"""Products of a page: 2**15 * 2**(-level / 4) * digit, Shr 8; 32 sums of a high and a low one stay below 2**15."""

NEAR_BITS = 4
"""Where no weight of a tile is more than 2**-4 of all weights so far, its own included, the high digits do."""

LEVEL_BITS = 8
"""Fraction bits of a score that is counted in levels."""

OCTAVE_BITS = LEVEL_BITS + 2
LOWEST = -(1 << 30)
RECIPROCAL_BITS = 30


def level_powers() -> Int:
    """2**15 * 2**(-level / 4) for each page, rounded."""
    return exp2_negative(np.arange(PAGES, dtype=np.int64) << (EXP_FRACTION - 2))


_POWERS = level_powers()
_WEIGHTS = np.where(np.arange(PAGES) < LEVELS, 2 * _POWERS, 0)


def largest_query(head_width: int) -> int:
    """Queries saturate here, where a digit of a key is worth hundreds of octaves, so that scores stay below 2**30."""
    return (-LOWEST - 1) // (8 * pairing(head_width).columns)


def template_values(head_width: int, heads: int, layers: int) -> dict[str, object]:
    """What the templates of the kernels and of attend.bas need to know."""
    cut = pairing(head_width)
    return {
        "head_width": head_width,
        "heads": heads,
        "largest_query": largest_query(head_width),
        "pairing": cut,
        "key_group": GROUP,
        "unroll": 4 if cut.pairs <= 6 else 2,
        "tile_bytes": layers * heads * cut.block,
        "most_level": LEVELS,
        "finer": FINER,
        "octave": 1 << OCTAVE_BITS,
        "level_pages": PAGES,
        "page_shift": PAGE_SHIFT,
        "tile": TILE,
        "near_share": 1 << NEAR_BITS,
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

        # In levels with 8 fraction bits, a query's number counts unit * 2**exponent for a unit of a key's high digit.
        bits = bit_length(source.bound)
        self.most_exponent = max(1, bits + 1 - CODE_BITS)
        unit = STEPS_PER_OCTAVE * math.log2(math.e) / math.sqrt(self.head_width) * 2.0 ** (LEVEL_BITS + DIGIT - 1)
        mantissa, exponent = math.frexp(unit)
        self.multiplier = round(mantissa * 2**15)
        self.multiplier_shift = max(1, bits - 15)
        self.query_shift = 15 - exponent + 2 * source.fraction - self.multiplier_shift
        if self.query_shift < self.most_exponent:
            real = source.real_bound
            raise RangeError(f"{name}: queries and keys can reach {real:.3g}, too large for a softmax in 32 bits")
        self.largest_query = largest_query(self.head_width)

        # Each of a position's two products is rounded by half a unit; the best weight is at least half of 2**15.
        odd = LARGEST + 8 * (context + 2) * 2.0 ** (PAGE_SHIFT - 14)
        bound = math.ceil(odd * 1.01 * 2.0 ** (self.most_exponent - 1)) + 1
        self.output = Vector(target, self.width, source.fraction, bound, bound * math.sqrt(self.width))
        most_product = ((7 * 9 << 15) >> (PAGE_SHIFT + DIGIT)) + 1
        self.accumulators = (
            Accumulator("queries", "a query, in levels for each unit of a high digit", self.largest_query),
            Accumulator("scores", "queries times keys, in levels", -LOWEST - 1),
            Accumulator("tile", "softmax weights times values of a tile: a lane of 16 bits", TILE * most_product),
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

        query = self._query(frame, q, exponents[0])
        mixed, totals = self._mix(frame, query, codes[0], codes[1])
        # sums / total: the reciprocal has 16 bits.
        bits = np.array([[bit_length(int(total))] for total in totals[:, 0]])
        reciprocal = (1 << RECIPROCAL_BITS) // shift_round(totals, bits - 15)
        mean = scale(mixed, reciprocal, 16)
        down = bits - 4 - PAGE_SHIFT - exponents[1]
        mean = np.where(down >= 0, shift_round(mean, np.maximum(down, 0)), mean << np.maximum(-down, 0))
        return frame.word(self, "output", mean.reshape(-1))

    def _query(self, frame: Frame, q: Int, exponents: Int) -> Int:
        """A query in levels for each unit of a key's high digit, [heads, D]."""
        scaled = scale(q, self.multiplier, self.multiplier_shift)
        query = shift_round(scaled, np.minimum(31, self.query_shift - exponents))
        return frame.word(self, "queries", np.clip(query, -self.largest_query, self.largest_query))

    def _mix(self, frame: Frame, query: Int, keys: Int, values: Int) -> tuple[Int, Int]:
        """One pass over codes of keys and values [T, heads, D]: weighted values [heads, D], totals [heads, 1]."""
        high_scores = np.einsum("thd,hd->ht", 2 * (keys >> DIGIT) - 7, query)
        low_scores = shift_round(np.einsum("thd,hd->ht", 2 * (keys & 7) - 7, query), DIGIT)
        high_values, low_values = 2 * (values >> DIGIT) - 7, 2 * (values & 7) - 7
        reference = np.full((self.heads, 1), LOWEST)
        mixed = np.zeros((self.heads, self.head_width), np.int64)
        totals = np.zeros((self.heads, 1), np.int64)
        scores = []
        for start in range(0, len(keys), TILE):
            rows = slice(start, start + TILE)
            high = high_scores[:, rows]
            near = _near(high, reference, totals)
            tile = frame.word(self, "scores", high + np.where(near, low_scores[:, rows], 0))
            scores.append(tile)
            reference, rise = _raise(reference, tile)
            mixed, totals = shift_round(mixed, rise), shift_round(totals, rise)

            levels = frame.clip(self, (reference - tile) >> LEVEL_BITS, LEVELS)
            by_position = levels.T[:, :, None]  # [tile, heads, 1]
            sums = shift_round(_POWERS[by_position] * high_values[rows], PAGE_SHIFT).sum(axis=0)
            low = shift_round(_POWERS[by_position + FINER] * low_values[rows], PAGE_SHIFT).sum(axis=0)
            sums += np.where(near, low, 0)
            mixed = frame.word(self, "mixed", mixed + frame.word(self, "tile", sums))
            totals = frame.word(self, "totals", totals + _WEIGHTS[levels].sum(axis=1, keepdims=True))
        levels = np.minimum((reference - np.concatenate(scores, axis=1)) >> LEVEL_BITS, LEVELS)
        frame.attention(self, _WEIGHTS[levels])
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

    def call(self, record: str, at: str | None = None) -> str:
        """The BASIC call."""
        place = position_of(at)
        return f"attend({placed(self.inputs[0], at)}, {placed(self.output, at)}, {record}, layer, {place})"


def _raise(reference: Int, scores: Int) -> tuple[Int, Int]:
    """A better score raises the reference [heads, 1] by whole octaves, which come with it, 31 at most."""
    best = scores.max(axis=1, keepdims=True)
    octaves = np.maximum(0, best - reference + (1 << OCTAVE_BITS) - 1) >> OCTAVE_BITS
    return reference + (octaves << OCTAVE_BITS), np.minimum(octaves, 31)


def _near(scores: Int, reference: Int, totals: Int) -> Int:
    """Whether the best weight of a tile is more than 2**-4 of all weights, as far as can be told from its scores.

    scores [heads, tile], reference and totals [heads, 1]. If the best score is no more than an octave above the mean
    (as sums of 32 bits say), the tile's weights are half of its best one on average, at least.
    """
    reference, rise = _raise(reference, scores)
    totals = shift_round(totals, rise)
    best = scores.max(axis=1, keepdims=True)
    count = scores.shape[1]
    weight = 65536 >> np.minimum((reference - best) >> OCTAVE_BITS, 31)
    gap = (count * best - scores.sum(axis=1, keepdims=True)) & 0xFFFFFFFF
    own = np.where(gap <= count << OCTAVE_BITS, count * weight >> 1, 0)
    result: Int = totals + own < weight << NEAR_BITS
    return result


def _exponents(values: Int) -> Int:
    """The least exponents, 1 at least, with which values shifted down fit into a code."""
    magnitudes = (values ^ (values >> 63)).reshape(-1)
    bits = np.array([bit_length(int(value)) for value in magnitudes]).reshape(values.shape)
    result: Int = np.maximum(1, bits + 1 - CODE_BITS)
    return result
