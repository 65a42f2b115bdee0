"""int8 weights with one scale per row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpt486.models.gpt2 import Float


@dataclass(frozen=True)
class QuantizedRows:
    """A matrix as small integers: weight[i, j] ~ codes[i, j] * scales[i].

    Attributes:
        codes: [rows, columns] int8, -127..127.
        scales: [rows] float64, >= 0.
    """

    codes: NDArray[np.int8]
    scales: NDArray[np.float64]

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        rows, columns = self.codes.shape
        return rows, columns

    def dequantized(self) -> NDArray[np.float64]:
        """The real matrix that the integers stand for, [rows, columns]."""
        return self.codes.astype(np.float64) * self.scales[:, None]


def quantize_rows(weight: Float) -> QuantizedRows:
    """Quantize each row to -127..127 by its largest magnitude, rounding to nearest (halves to even).

    Args:
        weight: [rows, columns] float32, finite. A row of zeros gets the scale 0.
    """
    exact = weight.astype(np.float64)
    scales = np.abs(exact).max(axis=1) / 127.0
    safe = np.where(scales > 0, scales, 1.0)
    codes = np.rint(exact / safe[:, None]).astype(np.int8)
    return QuantizedRows(codes, scales)
