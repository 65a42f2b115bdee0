"""int4: four bits a weight."""

from __future__ import annotations

from gpt486.models.gpt2 import Float
from gpt486.quantize.formats.base import WeightFormat
from gpt486.quantize.rows import QuantizedMatrix, assign, best_scales


class Int4(WeightFormat):
    """-8..7, with the scale of each row that has the least squared error."""

    name = "int4"
    meaning = "4 bits a weight"
    kernels = ("subset64x4", "subset64_16x4", "subset128_16x4", "multiply8", "pairs")
    input_bits = 7

    def quantize(self, weight: Float) -> QuantizedMatrix:
        """By the least squared error of each row."""
        return assign(self.name, weight, best_scales(weight, -8, 7), -8, 7, up=False)
