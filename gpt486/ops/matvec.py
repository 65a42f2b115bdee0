"""matvec: y = W x + b with int8 weights.

The input is scaled down to `input_bits` bits (a power of two found from its largest magnitude), multiplied exactly
into 32-bit sums, and each sum is scaled to the output's fixed point by its row's multiplier. `input_bits` is the
largest number for which no sum can overflow: 2**input_bits * max(sum of |weights| of a row) < 2**31. The lookup
kernel adds the same products in another order; additions that wrap on the way do no harm, since the final sum fits.
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gpt486.models.gpt2 import Float
from gpt486.ops.arithmetic import INT32_MAX, Int, RangeError, bit_length, integers, narrow, scale
from gpt486.ops.base import Accumulator, Blob, Field, Frame, Op, Vector, longs
from gpt486.quantize.int8 import QuantizedRows
from gpt486.quantize.planes import pack_planes, tiling

MAX_INPUT_BITS = 16
MULTIPLIER_BITS = 16
"""Multipliers of 16 bits: imul takes 26 clocks or fewer with one, and their error is below 2**-16."""

MAX_FRACTION = 16
TARGET_BITS = 29


class MatVec(Op):
    """A matrix-vector product with bias.

    Args:
        name: the op's name.
        source: the input, [columns].
        target: the output's buffer.
        weights: [rows, columns] int8 with row scales.
        bias: [rows] float, or None.
        fraction: fraction bits of the output; chosen from the bound when None.

    Raises:
        RangeError: the output cannot be bounded within 32 bits.
    """

    KIND = "matvec"
    RECORD = "MatrixRecord"
    FIELDS = (
        Field("rows", "length of the output"),
        Field("columns", "length of the input"),
        Field("tiles", "the columns are cut into tiles"),
        Field("groups", "of this many groups of six columns"),
        Field("input_bits", "the input is scaled down to this many bits"),
        Field("shift", "(sum * multiplier) Shr (this - input shift) is the output"),
        Field("codes", "offset: the weights' bit planes"),
        Field("multipliers", "offset: a Long for each row"),
        Field("bias", "offset: a Long for each row"),
    )

    def __init__(
        self,
        name: str,
        source: Vector,
        target: str,
        weights: QuantizedRows,
        bias: Float | None,
        fraction: int | None = None,
    ) -> None:
        self.name = name
        self.inputs = (source,)
        self.weights = weights
        rows, columns = weights.shape
        if columns != source.length:
            raise RangeError(f"{name}: a matrix of {columns} columns cannot take a vector of {source.length}")
        self.matrix: Int = weights.codes.astype(np.int64)
        row_sums = np.abs(self.matrix).sum(axis=1)
        self.input_bits = min(MAX_INPUT_BITS, bit_length(INT32_MAX // max(1, int(row_sums.max()))) - 1)
        if self.input_bits < 8:
            raise RangeError(f"{name}: {columns} columns are too many for 32-bit sums")
        most_shift = max(0, bit_length(source.bound) - self.input_bits)

        # What a row can yield in real units: |W x| <= min(sum|w| max|x|, |w| |x|), rounding of x included.
        slack = 1 + 2.0**-self.input_bits
        reach = source.bound * slack * row_sums
        rounding = 2.0 ** (most_shift - 1) * math.sqrt(columns) if most_shift else 0.0
        length = np.linalg.norm(self.matrix.astype(np.float64), axis=1)
        reach = np.minimum(reach, (source.norm + rounding) * length * (1 + 1e-9))
        real_bias = np.zeros(rows) if bias is None else bias.astype(np.float64)
        real = reach * weights.scales / 2.0**source.fraction + np.abs(real_bias)
        if fraction is None:
            largest = float(real.max())
            fraction = min(MAX_FRACTION, TARGET_BITS - (math.frexp(largest)[1] if largest > 0 else 0))
        if fraction < 0:
            raise RangeError(f"{name}: outputs up to {real.max():.3g} leave no fraction bits within 32 bits")

        factors = weights.scales * 2.0 ** (fraction - source.fraction)
        largest = float(factors.max())
        wanted = MULTIPLIER_BITS - (math.frexp(largest)[1] if largest > 0 else 0)
        self.shift = max(most_shift + 1, min(31, wanted))
        if self.shift > 31:
            raise RangeError(f"{name}: inputs up to 2**{bit_length(source.bound)} cannot be scaled in 32 bits")
        self.multipliers: Int = integers(factors * 2.0**self.shift, f"{name}: a row's scale")
        self.bias: Int = integers(real_bias * 2.0**fraction, f"{name}: a bias")
        bounds = reach * self.multipliers / 2.0**self.shift + np.abs(self.bias) + 1
        self.output = Vector(
            target, rows, fraction, math.ceil(bounds.max()), float(np.linalg.norm(bounds)) * (1 + 1e-9)
        )
        self.sum_bound = int(row_sums.max()) << self.input_bits
        scaled = math.ceil(float((reach * self.multipliers / 2.0**self.shift).max())) + 1
        self.accumulators = (
            Accumulator("sums", "weights times inputs", self.sum_bound),
            Accumulator("scaled", "the sums in the output's format", scaled),
            Accumulator("output", "with the bias", self.output.bound),
        )

    @staticmethod
    def meaning(x: Float, weight: Float, bias: Float) -> Float:
        """The op in real numbers: weight [rows, columns] @ x [columns] + bias [rows]."""
        result: Float = weight @ x + bias
        return result

    def exact(self, frame: Frame) -> Int:
        """The product, [rows]."""
        x, down = narrow(frame.buffers[self.inputs[0].buffer], self.input_bits)
        sums = frame.word(self, "sums", self._product(x))
        y = frame.word(self, "scaled", scale(sums, self.multipliers, self.shift - down))
        return frame.word(self, "output", y + self.bias)

    def _product(self, x: Int) -> Int:
        # float64 sums are exact: every partial sum is an integer below 2**31 (and BLAS is ten times faster).
        product: Int = (self._real_matrix @ x.astype(np.float64)).astype(np.int64)
        return product

    @cached_property
    def _real_matrix(self) -> NDArray[np.float64]:
        return self.matrix.astype(np.float64)

    def values(self, blob: Blob) -> list[int]:
        """The record: see FIELDS."""
        rows, columns = self.weights.shape
        cut = tiling(columns)
        return [
            rows,
            columns,
            cut.tiles,
            cut.groups,
            self.input_bits,
            self.shift,
            blob.add(pack_planes(self.weights.codes)),
            blob.add(longs(self.multipliers)),
            blob.add(longs(self.bias)),
        ]

    def facts(self) -> dict[str, object]:
        """Shapes, shifts and bounds."""
        rows, columns = self.weights.shape
        cut = tiling(columns)
        return {
            "rows": rows,
            "columns": columns,
            "format": "int8",
            "kernel": f"lut_rows_{cut.groups}",
            "tiles": cut.tiles,
            "groups_per_tile": cut.groups,
            "input_bits": self.input_bits,
            "shift": self.shift,
            "sum_bound": self.sum_bound,
        }

    def call(self, record: str) -> str:
        """The BASIC call."""
        return f"matvec({self.inputs[0].buffer}, {self.output.buffer}, {record})"
