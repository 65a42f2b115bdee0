"""fixed16: 16-bit fixed point, the baseline that others are measured against."""

from __future__ import annotations

import numpy as np

from gpt486.models.gpt2 import Float
from gpt486.quantize.formats.base import WeightFormat
from gpt486.quantize.rows import QuantizedMatrix, assign


class Fixed16(WeightFormat):
    """-32767..32767, scaled so that the largest weight of a row is the largest number."""

    name = "fixed16"
    meaning = "16 bits a weight, multiplied"
    kernels = ("multiply16",)
    input_bits = 14

    def quantize(self, weight: Float) -> QuantizedMatrix:
        """By the largest magnitude of each row."""
        return assign(self.name, weight, np.abs(weight).max(axis=1).astype(np.float64) / 32767, -32767, 32767, up=True)
