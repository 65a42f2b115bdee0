"""ternary: a weight is added, subtracted or left out."""

from __future__ import annotations

import numpy as np

from gpt486.models.gpt2 import Float
from gpt486.quantize.formats.base import WeightFormat
from gpt486.quantize.rows import QuantizedMatrix, Real, assign


def ternary_scales(weight: Float) -> Real:
    """For each row the scale s with the least squared error of weights in {-s, 0, s}.

    If the k largest magnitudes become s, the best s is their mean, and the error falls by (their sum)**2 / k: the
    best k maximizes that.
    """
    magnitudes = -np.sort(-np.abs(weight.astype(np.float64)), axis=1)
    sums = np.cumsum(magnitudes, axis=1)
    counts = np.arange(1, weight.shape[1] + 1)
    best = np.argmax(np.square(sums) / counts, axis=1)
    result: Real = sums[np.arange(len(sums)), best] / (best + 1)
    return result


class Ternary(WeightFormat):
    """-1, 0 or 1, with the scale of each row that has the least squared error."""

    name = "ternary"
    meaning = "-1, 0 or 1"
    kernels = (
        "ternary27",
        "ternary27_16",
        "ternary81_16",
        "subset64x2",
        "subset64_16x2",
        "subset128_16x2",
        "multiply8",
        "pairs",
    )
    input_bits = 7

    def quantize(self, weight: Float) -> QuantizedMatrix:
        """By the least squared error of each row."""
        return assign(self.name, weight, ternary_scales(weight), -1, 1, up=False)
