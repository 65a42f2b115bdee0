"""int8: eight bits a weight."""

from __future__ import annotations

import numpy as np

from gpt486.models.gpt2 import Float
from gpt486.quantize.formats.base import WeightFormat
from gpt486.quantize.rows import QuantizedMatrix, assign


class Int8(WeightFormat):
    """-127..127, scaled so that the largest weight of a row is the largest number."""

    name = "int8"
    meaning = "8 bits a weight: as good as the floats"
    kernels = ("subset64x8", "multiply8", "pairs")
    input_bits = 10

    def quantize(self, weight: Float) -> QuantizedMatrix:
        """By the largest magnitude of each row."""
        return assign(self.name, weight, np.abs(weight).max(axis=1).astype(np.float64) / 127, -127, 127, up=True)
