"""layer_norm: mean 0, variance 1, then a scale and a shift for each element; integers only.

How it works, for a vector x of n elements in fixed point with R fraction bits:

1. Scale x down (by a power of two) so that the sum of n elements fits, and subtract the mean.
2. Square a copy of the differences with few enough bits that the sum of squares W stays below 2**30; add epsilon.
3. Shift W to the range 2**28 .. 2**30 by an even number of bits and take r = 2**29 / isqrt(W): the reciprocal square
   root with 15 bits.
4. y = d * r, brought to 15 fraction bits: each y is a cosine, so |y| <= 1 (a little more by rounding: Y_SLACK).
5. out = y * gamma' + beta, where gamma' = gamma * sqrt(n) in the output's fixed point.
"""

from __future__ import annotations

import math

import numpy as np

from gpt486.models.gpt2 import Float, LayerNorm
from gpt486.ops.arithmetic import (
    INT32_MAX,
    Int,
    RangeError,
    bit_length,
    divide,
    integers,
    isqrt,
    narrow,
    shift_round,
)
from gpt486.ops.base import Accumulator, Blob, Field, Frame, Op, Vector, longs

DIFFERENCE_BITS = 15
ROOT_BITS = 29
OUTPUT_BITS = 18
"""The output's bound has this many bits: enough that quantizing it later to 15 or 16 bits loses nothing."""


class LayerNormOp(Op):
    """Normalize a vector.

    Args:
        name: the op's name.
        source: the input.
        target: the output's buffer.
        weights: gamma and beta, each [n].
        epsilon: added to the variance.
        output_bits: the output's bound has at most this many bits.

    Raises:
        RangeError: gamma, beta or epsilon cannot be represented.
    """

    KIND = "layer_norm"
    RECORD = "LayerNormRecord"
    FIELDS = (
        Field("gamma", "offset: a Long for each element, gamma * Sqr(n)"),
        Field("beta", "offset: a Long for each element"),
        Field("shift", "(y * gamma) Shr this is the output"),
        Field("epsilon", "epsilon * n in units of the sum of squares"),
    )

    def __init__(
        self,
        name: str,
        source: Vector,
        target: str,
        weights: LayerNorm,
        epsilon: float,
        output_bits: int = OUTPUT_BITS,
    ) -> None:
        self.name = name
        self.inputs = (source,)
        n = source.length
        self.length = n
        levels = max(1, math.ceil(math.log2(n)))
        self.sum_bits = 29 - levels
        self.square_bits = (30 - levels) // 2
        if self.square_bits < 8:
            raise RangeError(f"{name}: a width of {n} is beyond what the integer layer norm can do (8,192)")

        self.epsilon = round(epsilon * n * 4.0**source.fraction)
        if self.epsilon >= 2**30:
            raise RangeError(f"{name}: an epsilon of {epsilon} is too large for {source.fraction} fraction bits")
        # |y| <= 2**15 * (1 + slack): see docs/arithmetic.md, "Layer norm".
        slack = 2.0 ** (2 - self.square_bits)
        y_bound = 2.0**15 * (1 + slack)
        gamma = weights.gamma.astype(np.float64) * math.sqrt(n)
        beta = weights.beta.astype(np.float64)
        real_bound = float((np.abs(gamma) * (1 + slack) + np.abs(beta)).max())
        fraction = max(0, min(24, output_bits - (math.frexp(real_bound)[1] if real_bound > 0 else 0)))
        # out = y * 2**-15 * gamma * 2**fraction = (y * g) >> shift, with |y * g| + rounding below 2**31.
        largest = float(np.abs(gamma).max()) * 2.0 ** (fraction - 15)
        headroom = (2.0**31 - 2.0**29) / y_bound
        self.shift = 0
        while self.shift < 29 and largest * 2.0 ** (self.shift + 1) < min(headroom, 2.0**15):
            self.shift += 1
        self.gamma: Int = integers(gamma * 2.0 ** (fraction - 15 + self.shift), f"{name}: gamma")
        self.beta: Int = integers(beta * 2.0**fraction, f"{name}: beta")
        product = y_bound * int(np.abs(self.gamma).max()) + (1 << self.shift >> 1)
        if product > INT32_MAX:
            raise RangeError(f"{name}: gamma reaches {np.abs(weights.gamma).max()}, too large for 32 bits")
        bounds = np.abs(self.gamma) * y_bound / 2.0**self.shift + np.abs(self.beta) + 1
        # Elementwise products with a vector of norm 2**15 (1 + slack): at most the largest gamma times that.
        norm = float(np.abs(self.gamma).max()) / 2.0**self.shift * y_bound
        norm += float(np.linalg.norm(self.beta.astype(np.float64))) + math.sqrt(n)
        norm = min(norm, float(np.linalg.norm(bounds)))
        self.output = Vector(target, n, fraction, math.ceil(bounds.max()), norm)
        squares = (n << 2 * self.square_bits) + self.epsilon
        self.accumulators = (
            Accumulator("sum", "the elements", n << self.sum_bits),
            Accumulator("differences", "an element less the mean", 2 << self.sum_bits),
            Accumulator("squares", "the squares of the differences, and epsilon", squares),
            Accumulator("normed", "a difference times the reciprocal root", 1 << 2 * DIFFERENCE_BITS),
            Accumulator("scaled", "times gamma", math.floor(product)),
            Accumulator("output", "plus beta", self.output.bound),
        )

    @staticmethod
    def meaning(x: Float, weights: LayerNorm, epsilon: float) -> Float:
        """The op in real numbers: [n] -> [n]."""
        centred = x - x.mean()
        result: Float = centred / np.sqrt(np.square(centred).mean() + epsilon) * weights.gamma + weights.beta
        return result

    def exact(self, frame: Frame) -> Int:
        """The normalized vector, [n]."""
        x = frame.buffers[self.inputs[0].buffer]
        n = self.length
        scaled, down = narrow(x, self.sum_bits)
        mean = divide(int(frame.word(self, "sum", scaled.sum(keepdims=True))[0]), n)
        difference = frame.word(self, "differences", scaled - mean)

        squared, square_shift = narrow(difference, self.square_bits)
        squares = np.square(squared).sum(keepdims=True) + (self.epsilon >> min(31, 2 * (down + square_shift)))
        total = max(int(frame.word(self, "squares", squares)[0]), 1)
        even = (30 - bit_length(total)) & ~1  # an even shift, so that it can be halved after the root
        normal = total << even if even >= 0 else total >> -even
        reciprocal = (1 << ROOT_BITS) // isqrt(normal)

        short, short_shift = narrow(difference, DIFFERENCE_BITS)
        shift = 14 - even // 2 + square_shift - short_shift
        assert 0 <= shift <= 31
        y = shift_round(frame.word(self, "normed", short * reciprocal), shift)
        scaled = frame.word(self, "scaled", y * self.gamma)
        return frame.word(self, "output", shift_round(scaled, self.shift) + self.beta)

    def values(self, blob: Blob) -> list[int]:
        """The record: see FIELDS."""
        return [blob.add(longs(self.gamma)), blob.add(longs(self.beta)), self.shift, self.epsilon]

    def facts(self) -> dict[str, object]:
        """Shapes, shifts and bounds."""
        return {"length": self.length, "shift": self.shift, "epsilon": self.epsilon}

    def call(self, record: str) -> str:
        """The BASIC call."""
        return f"layer_norm({self.inputs[0].buffer}, {self.output.buffer}, {record})"
