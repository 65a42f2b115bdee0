"""attention: causal multi-head attention of one token to everything in the cache, itself included.

q, k and v are scaled down to few enough bits that a dot product of one head fits into 32 bits (each by a power of two
found from its own vector); k and v go into the cache as 16-bit numbers, with their shift. Scores are brought to base-2
logarithms, softmax is exact integer arithmetic on 2**-t (exponential.py), and the weighted sum of values is divided by
the sum of weights.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gpt486.models.gpt2 import Float
from gpt486.ops.arithmetic import INT32_MAX, Int, RangeError, bit_length, narrow, scale, shift_round
from gpt486.ops.base import Accumulator, Blob, Field, Frame, Op, Vector
from gpt486.ops.exponential import FRACTION as EXP_FRACTION
from gpt486.ops.exponential import LIMIT, RESULT_BITS, exp2_negative

VALUE_BITS = 14
WEIGHT_SUM_BITS = 16
"""A sum of weights below 2**16 + context / 2, times values of 14 bits, stays below 2**31."""

SCORE_SHIFT = 31


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
        Field("score_multiplier", "dot products times this, Shr (31 - shifts), are"),
        Field("score_fraction", "base-2 logarithms with this many fraction bits"),
    )

    def __init__(self, name: str, source: Vector, target: str, heads: int, context: int) -> None:
        self.name = name
        self.inputs = (source,)
        self.heads = heads
        self.context = context
        self.width = source.length // 3
        self.head_width = self.width // heads
        self.query_bits = min(14, (30 - max(0, math.ceil(math.log2(self.head_width)))) // 2)
        if context > 2**14:
            raise RangeError(f"{name}: a context of {context} positions is beyond the attention's 16,384")

        most_shift = max(0, bit_length(source.bound) - self.query_bits)
        if 2 * most_shift >= SCORE_SHIFT:
            raise RangeError(f"{name}: queries and keys can reach {source.real_bound:.3g}, too large to score")
        per_head = source.bound * math.sqrt(self.head_width) * (1 + 2.0**-self.query_bits)
        largest = min(per_head, source.norm * 1.01 + 2.0**most_shift * math.sqrt(self.head_width)) ** 2
        unit = math.log2(math.e) / math.sqrt(self.head_width) / 4.0**source.fraction
        self.score_fraction = min(EXP_FRACTION, 29 - math.frexp(largest * unit)[1])
        if self.score_fraction < 6:
            raise RangeError(f"{name}: scores can reach {largest * unit:.3g}, too large for a softmax in 32 bits")
        self.score_multiplier = round(unit * 2.0 ** (self.score_fraction + SCORE_SHIFT))
        if not 0 < self.score_multiplier <= INT32_MAX:
            raise RangeError(f"{name}: the format of queries and keys ({source.fraction} fraction bits) does not fit")
        # A mixture of values is no larger than the largest, except that weights and shifts round: see docs.
        bound = 1 << bit_length(source.bound)
        self.output = Vector(target, self.width, source.fraction, bound, bound * math.sqrt(self.width))
        # Rounding adds at most half to each weight.
        most_weight = (1 << WEIGHT_SUM_BITS) + (context + 1) // 2
        self.accumulators = (
            Accumulator("dots", "a query times a key", self.head_width << 2 * self.query_bits),
            Accumulator("scores", "base-2 logarithms", math.ceil(largest * self.score_multiplier / 2**SCORE_SHIFT) + 1),
            Accumulator("powers", "softmax: powers of two below the best", context << RESULT_BITS),
            Accumulator("totals", "softmax: the weights, scaled to 16 bits", most_weight),
            Accumulator("mixed", "weights times values", most_weight << VALUE_BITS),
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
        qkv = frame.buffers[self.inputs[0].buffer]
        position, heads, depth = frame.position, self.heads, self.head_width
        cache = frame.caches.setdefault(self.name, self._empty_cache())
        q, q_shift = narrow(qkv[: self.width], self.query_bits)
        k, k_shift = narrow(qkv[self.width : 2 * self.width], self.query_bits)
        v, v_shift = narrow(qkv[2 * self.width :], VALUE_BITS)
        cache["keys"][position] = k
        cache["values"][position] = v
        cache["key_shifts"][position] = k_shift
        cache["value_shifts"][position] = v_shift

        seen = position + 1
        keys = cache["keys"][:seen].reshape(seen, heads, depth)
        values = cache["values"][:seen].reshape(seen, heads, depth)
        value_shifts = cache["value_shifts"][:seen]
        highest = int(value_shifts.max())

        dots = frame.word(self, "dots", np.einsum("thd,hd->ht", keys, q.reshape(heads, depth)))
        shifts = SCORE_SHIFT - q_shift - cache["key_shifts"][:seen]
        scores = frame.word(self, "scores", scale(dots, self.score_multiplier, shifts))

        # Softmax: powers of two below the best, [heads, seen]; their sum must leave room for the values.
        below = frame.clip(self, scores.max(axis=1, keepdims=True) - scores, LIMIT << self.score_fraction)
        powers = exp2_negative(below << (EXP_FRACTION - self.score_fraction))
        sums = frame.word(self, "powers", powers.sum(axis=1, keepdims=True))
        down = np.maximum(0, np.array([[bit_length(int(total))] for total in sums[:, 0]]) - WEIGHT_SUM_BITS)
        weights = frame.attention(self, shift_round(powers, down))
        totals = frame.word(self, "totals", weights.sum(axis=1, keepdims=True))

        # The weighted mean: a value that was shifted less counts with a weight shifted more.
        mixed: Int = np.einsum("ht,thd->hd", shift_round(powers, down + highest - value_shifts), values)
        mean = divide_round(frame.word(self, "mixed", mixed), totals) << highest
        return frame.word(self, "output", mean.reshape(-1))

    def _empty_cache(self) -> dict[str, NDArray[np.int64]]:
        return {
            "keys": np.zeros((self.context, self.width), np.int64),
            "values": np.zeros((self.context, self.width), np.int64),
            "key_shifts": np.zeros(self.context, np.int64),
            "value_shifts": np.zeros(self.context, np.int64),
        }

    def values(self, blob: Blob) -> list[int]:
        """The record: see FIELDS."""
        return [self.score_multiplier, self.score_fraction]

    def facts(self) -> dict[str, object]:
        """Shapes, formats and bounds."""
        return {
            "heads": self.heads,
            "head_width": self.head_width,
            "context": self.context,
            "query_bits": self.query_bits,
            "value_bits": VALUE_BITS,
            "score_fraction": self.score_fraction,
        }

    def call(self, record: str) -> str:
        """The BASIC call."""
        return f"attend({self.inputs[0].buffer}, {self.output.buffer}, {record}, layer, position)"


def divide_round(values: Int, divisor: Int | int) -> Int:
    """Divide to the nearest integer, halves away from zero; divisor > 0 (idiv after adding half of it)."""
    magnitudes: Int = np.abs(values) + (divisor >> 1)
    magnitudes //= divisor
    return np.sign(values) * magnitudes
