"""A matrix as small integers with a scale for each row, and how scales are rounded.

The scale of row i is mantissa[i] * 2**exponent with a mantissa of few bits: on a 486 the multiplication by a small
number ends early, and a product of a sum and six bits still fits into 32 bits. Rounding the scales costs no accuracy,
because the weights are quantized with the rounded scales.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gpt486.models.gpt2 import Float

MANTISSA_BITS = 6

MOST_SHIFT = 40
"""Mantissas shifted by so much have more than 32 bits, or none."""

Real = NDArray[np.float64]


@dataclass(frozen=True)
class QuantizedMatrix:
    """weight[i, j] ~ codes[i, j] * mantissas[i] * 2**exponent.

    Attributes:
        format: name of the format.
        codes: [rows, columns] int16.
        mantissas: [rows] int64, >= 0; 0 for a row of zeros.
        exponent: of two.
    """

    format: str
    codes: NDArray[np.int16]
    mantissas: NDArray[np.int64]
    exponent: int

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        rows, columns = self.codes.shape
        return rows, columns

    @property
    def scales(self) -> Real:
        """The rows' scales as real numbers, [rows]."""
        scales: Real = self.mantissas * np.float64(2.0**self.exponent)
        return scales

    def dequantized(self) -> Real:
        """The real matrix that the integers stand for, [rows, columns]."""
        return self.codes.astype(np.float64) * self.scales[:, None]

    @property
    def is_uniform(self) -> bool:
        """Whether all rows have the same scale."""
        return bool(np.all(self.mantissas == self.mantissas[0]))

    def error(self, weight: Float) -> float:
        """Sum of the squared differences to the real matrix."""
        return float(np.square(self.dequantized() - weight).sum())

    def without_scale(self) -> QuantizedMatrix:
        """The codes alone, as if every scale were 1."""
        return replace(self, mantissas=np.ones_like(self.mantissas), exponent=0)

    def with_exponent(self, exponent: int) -> QuantizedMatrix:
        """The same scales with another exponent; rounded where it is larger.

        Where it is smaller by more than MOST_SHIFT the mantissas stop at 2**MOST_SHIFT times theirs: no op takes them.
        """
        down = exponent - self.exponent
        if down <= 0:
            mantissas = self.mantissas << min(-down, MOST_SHIFT)
        else:
            down = min(down, MOST_SHIFT)
            mantissas = (self.mantissas + (1 << down >> 1)) >> down
        return replace(self, mantissas=mantissas, exponent=exponent)


def round_scales(scales: Real, *, up: bool) -> tuple[NDArray[np.int64], int]:
    """Scales as mantissas of MANTISSA_BITS bits with a common exponent.

    Args:
        scales: [rows], >= 0.
        up: round up, so that what fitted under a scale still does; to nearest otherwise.

    Returns:
        mantissas [rows], at least 1 where the scale is not 0, and the exponent.
    """
    largest = float(scales.max(initial=0.0))
    if largest <= 0:
        return np.zeros(scales.shape, np.int64), 0
    exponent = math.frexp(largest)[1] - MANTISSA_BITS
    if math.ceil(largest / 2.0**exponent) >= 2**MANTISSA_BITS:
        exponent += 1
    units = scales / 2.0**exponent
    mantissas = (np.ceil(units) if up else np.rint(units)).astype(np.int64)
    return np.where(scales > 0, np.maximum(mantissas, 1), 0), exponent


def assign(name: str, weight: Float, scales: Real, lowest: int, highest: int, *, up: bool) -> QuantizedMatrix:
    """Round the scales, then every weight to the nearest code.

    Args:
        name: of the format.
        weight: [rows, columns].
        scales: [rows], wanted.
        lowest: smallest code.
        highest: largest code.
        up: see `round_scales`.
    """
    mantissas, exponent = round_scales(scales, up=up)
    rounded = np.where(mantissas > 0, mantissas * 2.0**exponent, 1.0)
    codes = np.clip(np.rint(weight.astype(np.float64) / rounded[:, None]), lowest, highest)
    codes[mantissas == 0] = 0
    return QuantizedMatrix(name, codes.astype(np.int16), mantissas, exponent)


def best_scales(weight: Float, lowest: int, highest: int, steps: int = 24) -> Real:
    """For each row the scale, among `steps` between 0.4 of what the largest weight needs and all of it, with the
    least squared error.

    Args:
        weight: [rows, columns].
        lowest: smallest code.
        highest: largest code.
        steps: how many are tried.
    """
    exact = weight.astype(np.float64)
    top = np.abs(exact).max(axis=1, initial=0.0) / highest
    best, least = top.copy(), np.full(top.shape, np.inf)
    for share in np.linspace(1.0, 0.4, steps):
        scales = np.where(top > 0, top * share, 1.0)
        codes = np.clip(np.rint(exact / scales[:, None]), lowest, highest)
        error = np.square(codes * scales[:, None] - exact).sum(axis=1)
        better = error < least
        best[better], least[better] = (top * share)[better], error[better]
    result: Real = best
    return result
