"""What a weight format is: a name, a quantizer, and the kernels that can multiply by it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace

import numpy as np

from gpt486.models.gpt2 import Float
from gpt486.quantize.rows import QuantizedMatrix

GROUP = 4
"""No format looks at more columns together."""


class WeightFormat(ABC):
    """A way to store weights.

    Attributes:
        name: as in `--weights`.
        meaning: in a few words, for help and reports.
        kernels: names of the kernels that may be used for it (see gpt486.kernels).
        input_bits: bits of the inputs, a sign aside, below which the products would lose accuracy.
    """

    name: str
    meaning: str
    kernels: tuple[str, ...]
    input_bits: int

    @abstractmethod
    def quantize(self, weight: Float) -> QuantizedMatrix:
        """Weights [rows, columns], finite, as small integers."""

    def quantize_uniform(self, weight: Float) -> QuantizedMatrix:
        """The same with one scale for all rows."""
        rows, columns = weight.shape
        padded = np.pad(weight, ((0, 0), (0, -columns % GROUP)))
        whole = self.quantize(padded.reshape(1, -1))
        codes = whole.codes.reshape(rows, -1)[:, :columns].copy()
        return replace(whole, codes=codes, mantissas=np.repeat(whole.mantissas, rows))
