"""ternary34: ternary weights of which, in every four columns, at most three are not 0."""

from __future__ import annotations

import numpy as np

from gpt486.kernels.tables import DROPPED
from gpt486.models.gpt2 import Float
from gpt486.quantize.formats.base import WeightFormat
from gpt486.quantize.formats.ternary import ternary_scales
from gpt486.quantize.rows import QuantizedMatrix, assign

GROUP = 4


class Ternary34(WeightFormat):
    """Four weights have 65 patterns, of which 64 fit into six bits: one fewer lookup for every four ternary weights."""

    name = "ternary34"
    meaning = "-1, 0 or 1, at most three of four not 0"
    kernels = ("sparse64", "sparse64_16", "ternary27", "ternary27_16", "ternary81_16", "multiply8", "pairs")
    input_bits = 7

    def quantize(self, weight: Float) -> QuantizedMatrix:
        """As ternary, with the smallest weight of a full group left out; so with the group of the dropped pattern."""
        rows, columns = weight.shape
        padded = np.zeros((rows, -(-columns // GROUP) * GROUP), np.float32)
        padded[:, :columns] = weight
        groups = np.abs(padded.reshape(rows, -1, GROUP))
        sparse = padded.reshape(rows, -1, GROUP).copy()
        np.put_along_axis(sparse, groups.argmin(axis=2)[:, :, None], 0.0, axis=2)
        full = assign(self.name, padded, ternary_scales(sparse.reshape(rows, -1)), -1, 1, up=False)
        codes = full.codes.reshape(rows, -1, GROUP).copy()
        while True:
            crowded = (codes != 0).all(axis=2) | (codes == np.array(DROPPED, np.int16)).all(axis=2)
            if not crowded.any():
                break
            smallest = np.where(codes != 0, groups, np.inf).argmin(axis=2)  # of those that are left
            row, group = np.nonzero(crowded)
            codes[row, group, smallest[row, group]] = 0
        return QuantizedMatrix(self.name, codes.reshape(rows, -1)[:, :columns].copy(), full.mantissas, full.exponent)
