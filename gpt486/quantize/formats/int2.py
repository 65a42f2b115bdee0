"""int2: two bits a weight."""

from __future__ import annotations

from gpt486.models.gpt2 import Float
from gpt486.quantize.formats.base import WeightFormat
from gpt486.quantize.rows import QuantizedMatrix, assign, best_scales


class Int2(WeightFormat):
    """-2..1, with the scale of each row that has the least squared error."""

    name = "int2"
    meaning = "2 bits a weight: -2, -1, 0 or 1"
    kernels = ("subset64x2", "subset64_16x2", "subset128_16x2", "multiply8", "pairs")
    input_bits = 7

    def quantize(self, weight: Float) -> QuantizedMatrix:
        """By the least squared error of each row."""
        return assign(self.name, weight, best_scales(weight, -2, 1), -2, 1, up=False)
