"""layer_norm: mean 0, variance 1, then a scale and a shift for each element; integers only.

How it works, for a vector x of n elements in fixed point with R fraction bits:

1. v = x >> s, where s is the least shift that leaves BITS bits. Add up v and, from a table, its square.
2. The mean of x is that of v + 1/2, shifted back. The squares about it: W = sum of v*v - (sum of v)**2 / n.
   If W is small although x was shifted, the elements lie close to their mean: subtract it from them and begin again.
3. Add epsilon, and take the logarithm k of the total in 64ths from a table.
4. out = ((x - mean) * gain[i]) >> shift + beta[i], where gain is gamma[i] * sqrt(n) / root of the total: a power of
   two whose exponent is a sum of logarithms, read from a table.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gpt486.models.gpt2 import Float, LayerNorm
from gpt486.ops.arithmetic import INT32_MAX, Int, RangeError, bit_length, integers, magnitude_bits
from gpt486.ops.base import Accumulator, Blob, Field, Frame, Op, Vector, longs, placed

BITS = 8
"""Bits besides the sign of the elements whose squares are added up."""

LEAST = 1 << 2 * BITS - 4
"""With a sum of squares below this subtracting the mean saves a bit: all elements are that close to it."""

GAIN_BITS = 9
"""Bits of the largest gain: with one of 9 bits, imul takes 19 clocks."""

STEPS = 128
"""Gains for each power of two: 0.54 % from one to the next."""

GAINS = STEPS * (GAIN_BITS + 2)
"""From here on gains are 0."""

OUTPUT_BITS = 18
"""The output's bound has this many bits: enough that quantizing it later to 15 or 16 bits loses nothing."""

MAX_WIDTH = 1 << 15


def square_table() -> Int:
    """The squares of -2**BITS .. 2**BITS - 1."""
    squares: Int = np.square(np.arange(-(1 << BITS), 1 << BITS, dtype=np.int64))
    return squares


def gain_table() -> Int:
    """2**(GAIN_BITS - p / 128) for p = 0 .. GAINS + 127, then the same negative."""
    powers = np.rint(2.0 ** (GAIN_BITS - np.arange(GAINS + STEPS) / STEPS)).astype(np.int64)
    powers[GAINS:] = 0
    return np.concatenate([powers, -powers])


def logarithm_table() -> Int:
    """64 * log2 of 1 + (i + 1/2) / 256 for i = 0 .. 255."""
    logarithms: Int = np.rint(64 * np.log2(1 + (np.arange(256) + 0.5) / 256)).astype(np.int64)
    return logarithms


_SQUARES, _GAINS, _LOGARITHMS = square_table(), gain_table(), logarithm_table()


def norm_tables() -> bytes:
    """All three, as the kernel finds them."""
    return longs(_SQUARES) + longs(_GAINS) + _LOGARITHMS.astype(np.uint8).tobytes()


def logarithm(value: int) -> int:
    """64 * log2 of a value of 1 to 2**31 - 1, to within 0.7."""
    exponent = bit_length(value) - 1
    return 64 * exponent + int(_LOGARITHMS[(value << 31 - exponent >> 23) & 255])


@dataclass(frozen=True)
class NormKernel:
    """What the templates ask of the layer norms of a program.

    Attributes:
        width: n.
        uniform: the gammas of each layer norm are one number, and there are no betas.
        biased: there are betas.
    """

    width: int
    uniform: bool
    biased: bool

    bits = BITS
    least = LEAST
    gain_bits = GAIN_BITS
    squares = 4 << BITS
    table_of_gains = 8 << BITS
    logarithms = table_of_gains + 8 * (GAINS + STEPS)

    @property
    def reciprocal(self) -> int:
        """2**31 / 2n, rounded."""
        return _reciprocal(self.width)

    @property
    def columns(self) -> int:
        """Longs for each element: its place in the table of gains, and beta."""
        return 2 if self.biased else 1


def _reciprocal(n: int) -> int:
    return ((1 << 30) + n // 2) // n


class LayerNormOp(Op):
    """Normalize a vector.

    Args:
        name: the op's name.
        source: the input.
        target: the output's buffer.
        weights: gamma and beta, each [n].
        epsilon: added to the variance.
        output_bits: the output's bound has at most this many bits.
        biased: whether the program knows betas; the same for all layer norms of a program.

    Raises:
        RangeError: gamma, beta or epsilon cannot be represented.
    """

    KIND = "layer_norm"
    RECORD = "LayerNormRecord"
    FIELDS = (
        Field("gains", "offset: for each element its place in the table of gains, and beta"),
        Field("gain_offset", "128 * the logarithm of the largest gamma * Sqr(n)"),
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
        *,
        biased: bool = True,
    ) -> None:
        self.name = name
        self.inputs = (source,)
        n = source.length
        self.length = n
        if n > MAX_WIDTH:
            raise RangeError(f"{name}: a width of {n} is beyond what the integer layer norm can do (32,768)")
        self.epsilon = round(epsilon * n * 4.0**source.fraction)
        if self.epsilon >= 2**30:
            raise RangeError(f"{name}: an epsilon of {epsilon} is too large for {source.fraction} fraction bits")

        gamma = np.abs(weights.gamma.astype(np.float64)) * math.sqrt(n)
        beta = weights.beta.astype(np.float64)
        largest = float(gamma.max())
        slack = self._slack()
        real_bound = float(((gamma + largest * 2.0**-GAIN_BITS) * slack + np.abs(beta)).max())
        fraction = max(0, min(24, output_bits - (math.frexp(real_bound)[1] if real_bound > 0 else 0)))
        most_shift = max(0, bit_length(source.bound) - BITS)
        squares = (n << 2 * BITS) + self.epsilon
        farthest = 2 * source.bound * (n - 1) // n + (1 << most_shift) + 1
        if farthest > INT32_MAX:
            raise RangeError(f"{name}: differences of values up to {source.real_bound:.3g} do not fit into 32 bits")

        # The gain of the largest gamma has GAIN_BITS bits, but no product is shifted by more than 31 or less than 0.
        lowest = logarithm(squares) - STEPS * (32 - GAIN_BITS - most_shift) + 1
        while self._least_shift(max(lowest, _steps(largest * 2.0**fraction)), most_shift) < 0:
            if fraction == 0:
                raise RangeError(f"{name}: gamma reaches {np.abs(weights.gamma).max():.3g}, too large for 32 bits")
            fraction -= 1
        self.gain_offset = max(lowest, _steps(largest * 2.0**fraction))
        self.places: Int = np.array([self.gain_offset - _steps(g * 2.0**fraction) for g in gamma], np.int64)
        self.places = np.minimum(self.places, GAINS)
        self.places += np.where(weights.gamma < 0, GAINS + STEPS, 0)
        self.beta: Int = integers(beta * 2.0**fraction, f"{name}: beta")
        assert biased or not self.beta.any(), name
        self.biased = biased
        self.uniform = not (self.places.any() or biased)

        # What the table makes of gamma, and its rounding.
        exponents = (self.gain_offset - self.places % (GAINS + STEPS)) / STEPS
        factors = 2.0**exponents + 2.0 ** (self.gain_offset / STEPS - GAIN_BITS)
        bounds = factors * slack + np.abs(self.beta) + 1
        # The error of each shifted element is at most one unit, and their norm is at least that of LEAST.
        norm = float(factors.max()) * slack * (1 + math.sqrt(n / LEAST))
        norm += float(np.linalg.norm(self.beta.astype(np.float64))) + math.sqrt(n)
        norm = min(norm, float(np.linalg.norm(bounds)))
        self.output = Vector(target, n, fraction, math.ceil(bounds.max()), norm)
        self.accumulators = (
            Accumulator("sum", "the elements, shifted", n << BITS),
            Accumulator("squares", "their squares", n << 2 * BITS),
            Accumulator("differences", "an element less the mean", farthest),
            Accumulator("total", "the squares about the mean, and epsilon", squares),
            Accumulator("scaled", "a difference times its gain", math.ceil((factors * slack).max()) + 1),
            Accumulator("output", "plus beta", self.output.bound),
        )

    def _slack(self) -> float:
        """What an element can exceed sqrt(n) * gamma by, as a factor."""
        shifted = 1 + 1 / math.sqrt(LEAST)
        unshifted = math.sqrt(1 + 0.25 / self.epsilon) if self.epsilon else 1.5
        return float(max(shifted, unshifted) * 2.0 ** (0.75 / STEPS))

    def _least_shift(self, offset: int, most_shift: int) -> int:
        """The least shift of a difference times its gain; offset: the logarithm of the largest gain."""
        totals = [max(LEAST if s else 1, self.epsilon >> 2 * s) for s in range(most_shift + 1)]
        return min(GAIN_BITS + (logarithm(total) - offset >> 7) + s for s, total in enumerate(totals))

    @property
    def mean_error(self) -> float:
        """What the output lacks on average, since it is rounded down: half a unit."""
        return 0.5 / 2.0**self.output.fraction

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
        while True:
            shift = max(0, magnitude_bits(x) - BITS)
            v = x >> shift
            total = int(frame.word(self, "sum", v.sum(keepdims=True))[0])
            squares = int(frame.word(self, "squares", _SQUARES[v + (1 << BITS)].sum(keepdims=True))[0])
            about_mean = squares - total * total // n
            mean = (2 * total + n) * _reciprocal(n) >> 31 - shift
            difference = frame.word(self, "differences", x - mean)
            if shift == 0 or about_mean >= LEAST:
                break
            x = difference
        with_epsilon = frame.word(self, "total", np.array([about_mean + (self.epsilon >> 2 * shift)]))
        place = logarithm(max(1, int(with_epsilon[0]))) - self.gain_offset
        down = GAIN_BITS + (place >> 7) + shift
        assert 0 <= down <= 31
        gains = _GAINS[self.places + (place & 127)]
        return frame.word(self, "output", frame.word(self, "scaled", difference * gains >> down) + self.beta)

    def values(self, blob: Blob) -> list[int]:
        """The record: see FIELDS."""
        columns = [4 * self.places, self.beta] if self.biased else [4 * self.places]
        return [blob.add(longs(np.stack(columns, axis=1).reshape(-1))), self.gain_offset, self.epsilon]

    def facts(self) -> dict[str, object]:
        """Shapes, shifts and bounds."""
        return {"length": self.length, "gain_offset": self.gain_offset, "epsilon": self.epsilon}

    def call(self, record: str, at: str | None = None) -> str:
        """The BASIC call."""
        return f"layer_norm({placed(self.inputs[0], at)}, {placed(self.output, at)}, {record})"


def _steps(value: float) -> int:
    """128 * log2 of a value; far below 0 for 0."""
    return round(STEPS * math.log2(value)) if value > 0 else -STEPS * 1000
