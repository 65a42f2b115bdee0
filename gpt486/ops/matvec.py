"""matvec: y = W x + b, with W as small integers.

The input is scaled down to `input_bits` bits (a power of two found from its largest magnitude), multiplied exactly
into sums, and each sum is scaled to the output's fixed point by its row's multiplier. `input_bits` is the largest
number for which no sum and no scaled sum can overflow, and which the kernel allows: 2**input_bits times the largest
sum of |weights| of a row bounds the sums. The kernels add the same products in other orders; additions that wrap on
the way do no harm, since the final sum fits.
"""

from __future__ import annotations

import math
from copy import copy
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gpt486.kernels import KERNELS, Kernel, Lookup, Multiply
from gpt486.models.gpt2 import Float
from gpt486.ops.arithmetic import INT32_MAX, Int, RangeError, bit_length, integers, narrow, shift_round
from gpt486.ops.base import Accumulator, Blob, Field, Frame, Op, Vector, longs, placed
from gpt486.quantize.formats import FORMATS
from gpt486.quantize.rows import QuantizedMatrix

MAX_INPUT_BITS = 16
"""More bits of input than this would add nothing to the accuracy."""

MAX_FRACTION = 16
MOST_FRACTION = 24
"""Where sums need no scaling, the output may have the format that they have."""

TARGET_BITS = 29


class MatVec(Op):
    """A matrix-vector product with bias.

    Args:
        name: the op's name.
        source: the input, [columns].
        target: the output's buffer.
        weights: [rows, columns] as small integers with row scales.
        bias: [rows] float, or None.
        fraction: fraction bits of the output; chosen from the bound when None.
        kernel: name of the kernel; the first that the format allows when None.

    Raises:
        RangeError: the output cannot be bounded within 32 bits, or the kernel cannot multiply by these weights.
    """

    KIND = "matvec"
    RECORD = "MatrixRecord"
    FIELDS = (
        Field("rows", "length of the output"),
        Field("columns", "length of the input"),
        Field("tiles", "the columns are cut into tiles"),
        Field("groups", "of this many groups"),
        Field("tile_columns", "and columns"),
        Field("tile_bytes", "of this many bytes"),
        Field("kernel", "number of the kernel in matvec"),
        Field("input_bits", "the input is scaled down to this many bits; 31: never"),
        Field("pre_shift", "the kernel's sums are shifted down by this"),
        Field("wide", "are scaled sums too large for 32 bits?"),
        Field("shift", "(sum * multiplier) Shr (this - input shift) is the output"),
        Field("codes", "offset: the weights"),
        Field("scales", "offset: multiplier and bias of each row, or the bias alone"),
    )

    def __init__(
        self,
        name: str,
        source: Vector,
        target: str,
        weights: QuantizedMatrix,
        bias: Float | None,
        fraction: int | None = None,
        kernel: str | None = None,
    ) -> None:
        self.name = name
        self.inputs = (source,)
        rows, columns = weights.shape
        if columns != source.length:
            raise RangeError(f"{name}: a matrix of {columns} columns cannot take a vector of {source.length}")
        self.kernel: Kernel = KERNELS[kernel or FORMATS[weights.format].kernels[0]]
        if not self.kernel.can_hold(weights.codes):
            raise RangeError(f"{name}: {self.kernel.name} cannot hold these {weights.format} weights")
        self.cut = self.kernel.tiling(columns)
        self.matrix: Int = weights.codes.astype(np.int64)
        row_sums = np.abs(self.matrix).sum(axis=1)
        limits = InputLimits(weights, self.kernel)
        self.input_bits, self.wide, self.pre_shift = limits.bits, limits.wide, limits.pre_shift
        if self.input_bits < min(7, FORMATS[weights.format].input_bits):
            raise RangeError(f"{name}: {columns} columns are too many for 32-bit sums with {self.kernel.name}")
        #: Whether the input has to be scaled down at all.
        self.narrows = source.bound > limits.most
        most_shift = max(0, bit_length(source.bound) - self.input_bits) if self.narrows else 0

        # What a row can yield in real units: |W x| <= min(sum|w| max|x|, |w| |x|), rounding of x included.
        slack = 1 + 2.0**-self.input_bits
        reach = source.bound * slack * row_sums
        rounding = 2.0 ** (most_shift - 1) * math.sqrt(columns) if most_shift else 0.0
        length = np.linalg.norm(self.matrix.astype(np.float64), axis=1)
        reach = np.minimum(reach, (source.norm + rounding) * length * (1 + 1e-9))
        real_bias = np.zeros(rows) if bias is None else bias.astype(np.float64)
        real = reach * weights.scales / 2.0**source.fraction + np.abs(real_bias)
        finest = source.fraction - weights.exponent - self.pre_shift  # the format of sum * mantissa
        if fraction is None:
            largest = float(real.max())
            unscaled = weights.exponent == 0 and bool(np.all(weights.mantissas == 1))
            fraction = min(
                MOST_FRACTION if unscaled else MAX_FRACTION,
                TARGET_BITS - (math.frexp(largest)[1] if largest > 0 else 0),
            )
            if weights.mantissas.any():
                fraction = min(fraction, finest - most_shift)
        if fraction < 0:
            raise RangeError(f"{name}: outputs up to {real.max():.3g} leave no fraction bits within 32 bits")

        # (sum * mantissa) >> shift, with most_shift <= shift <= 31 whatever the input was shifted down by.
        shift = finest - fraction
        self.shift = min(max(shift, most_shift), 31)
        if self.shift < most_shift:
            raise RangeError(f"{name}: inputs up to 2**{bit_length(source.bound)} cannot be scaled in 32 bits")
        weights = weights.with_exponent(weights.exponent + shift - self.shift)
        self.weights = weights
        self.multipliers: Int = integers(weights.mantissas.astype(np.float64), f"{name}: a row's scale")
        self.bias: Int = integers(real_bias * 2.0**fraction, f"{name}: a bias")
        largest_input = self._largest_input
        self.sum_bound = (int(row_sums.max()) * largest_input >> self.pre_shift) + (self.pre_shift > 0)
        product = int((row_sums * self.multipliers).max()) * largest_input
        product = (product >> self.pre_shift) + (1 << self.shift >> 1) + int(self.multipliers.max())
        self.wide = self.wide or product > INT32_MAX
        if self.wide and isinstance(self.kernel, Lookup) and self.kernel.table.bits == 16:
            raise RangeError(f"{name}: {self.kernel.name} has no sums that need 64 bits when they are scaled")
        factor = self.multipliers / 2.0 ** (self.shift + self.pre_shift)
        bounds = reach * factor + self.multipliers / 2.0**self.shift + np.abs(self.bias) + 1
        self.output = Vector(
            target, rows, fraction, math.ceil(bounds.max()), float(np.linalg.norm(bounds)) * (1 + 1e-9)
        )
        scaled = math.ceil(float((reach * factor + self.multipliers / 2.0**self.shift).max())) + 1
        accumulators = [
            Accumulator("sums", "weights times inputs", self.sum_bound),
            Accumulator("products", "the sums times the rows' scales", product),
            Accumulator("scaled", "the sums in the output's format", scaled),
            Accumulator("output", "with the bias", self.output.bound),
        ]
        self.accumulators = tuple(a for a in accumulators if a.name != "products" or not self.wide)

    def with_kernel(self, kernel: Kernel) -> MatVec:
        """The same product by another kernel: it takes the same inputs and gives the same numbers.

        Raises:
            RangeError: the kernel cannot hold the weights, cannot take inputs as large as these, or does another part
                of the work than the present one.
        """
        most = InputLimits(self.weights, kernel).most if kernel.can_hold(self.weights.codes) else 0
        if most < self._largest_input or not isinstance(kernel, Lookup) or not self.fused:
            raise RangeError(f"{self.name}: {kernel.name} cannot take the place of {self.kernel.name}")
        other = copy(self)
        other.kernel = kernel
        other.cut = kernel.tiling(self.weights.shape[1])
        other.__dict__.pop("packed", None)
        if self.two and not other.fits_two:
            raise RangeError(f"{self.name}: {kernel.name} cannot take two tokens at once")
        return other

    @property
    def _largest_input(self) -> int:
        return 1 << self.input_bits if self.narrows else self.inputs[0].bound

    @staticmethod
    def meaning(x: Float, weight: Float, bias: Float) -> Float:
        """The op in real numbers: weight [rows, columns] @ x [columns] + bias [rows]."""
        result: Float = weight @ x + bias
        return result

    def exact(self, frame: Frame) -> Int:
        """The product, [rows]."""
        x, down = frame.buffers[self.inputs[0].buffer], 0
        if self.narrows:
            x, down = narrow(x, self.input_bits)
        sums = frame.word(self, "sums", shift_round(self._product(x), self.pre_shift))
        products = sums * self.multipliers
        if not self.wide:
            frame.word(self, "products", products)
        y = frame.word(self, "scaled", shift_round(products, self.shift - down))
        return frame.word(self, "output", y + self.bias)

    def _product(self, x: Int) -> Int:
        # float64 sums are exact: every partial sum is an integer below 2**53 (and BLAS is ten times faster).
        product: Int = (self._real_matrix @ x.astype(np.float64)).astype(np.int64)
        return product

    @cached_property
    def _real_matrix(self) -> NDArray[np.float64]:
        return self.matrix.astype(np.float64)

    @cached_property
    def packed(self) -> bytes:
        """The weights as the kernel reads them."""
        return self.kernel.pack(self.weights.codes)

    @property
    def procedure(self) -> str:
        """Name of the procedures that multiply by a tile."""
        return self.kernel.procedure(self.cut)

    @property
    def fused(self) -> bool:
        """Whether the kernel of the last tile scales the sums, too."""
        return isinstance(self.kernel, Lookup) and not self.wide

    @property
    def plain(self) -> bool:
        """Whether the sums are in the output's format as they are, or after doubling: no scale, no shift."""
        one = int(self.multipliers[0])
        powers = bool(np.all(self.multipliers == one)) and one in (1, 2, 4)
        return self.fused and not self.narrows and self.shift == 0 and powers

    @property
    def doublings(self) -> int:
        """How often plain sums are doubled."""
        return bit_length(int(self.multipliers[0])) - 1 if self.plain else 0

    @property
    def fits_two(self) -> bool:
        """Whether the sums of two tokens fit into the halves of a Long, whatever the inputs."""
        if not isinstance(self.kernel, Lookup) or not self.fused:
            return False
        return self._largest_input <= self.kernel.most_two(self.matrix)

    two = False
    """Whether the program multiplies by two tokens at once, in the prompt: see gpt486.lower.program.pair_tokens."""

    @property
    def variant(self) -> tuple[object, ...]:
        """What tells the products apart that need a case of their own in the BASIC procedure."""
        return self.procedure, self.fused, self.plain, self.doublings, self.cut.tiles > 1, self.two

    def values(self, blob: Blob) -> list[int]:
        """The record: see FIELDS. Its kernel is 0 until `number` has been set."""
        rows, columns = self.weights.shape
        return [
            rows,
            columns,
            self.cut.tiles,
            self.cut.groups,
            self.cut.tile_columns,
            (len(self.packed) - self.kernel.read_ahead) // self.cut.tiles,
            self.number,
            self.input_bits if self.narrows else 31,
            self.pre_shift,
            int(self.wide),
            self.shift,
            blob.add(self.packed),
            blob.add(longs(self._scales())),
        ]

    def _scales(self) -> Int:
        """What the program reads for each row: multiplier and bias, or the bias alone; an even number of rows."""
        bias = self.bias
        if self.plain and isinstance(self.kernel, Lookup):  # what the sums are too large by goes with the bias
            bias = bias - (self.kernel.excess(self.cut) << self.doublings)
        rows = bias if self.plain else np.stack([self.multipliers, bias], axis=1).reshape(-1)
        return np.pad(rows, (0, len(rows) // len(self.bias) * (len(self.bias) % 2)))

    choice: dict[str, object] | None = None
    """Why the kernel was chosen, for BUILD.JSON."""

    number = 0
    """Of the kernel among those of the program: see gpt486.lower.program.number_kernels."""

    @property
    def table_bytes(self) -> int:
        """Bytes of lookup tables."""
        if not isinstance(self.kernel, Lookup):
            return 0
        return self.kernel.table_bytes_two(self.cut) if self.two else self.kernel.table_bytes(self.cut)

    def layout(self) -> dict[str, object]:
        """The kernel, and what follows from it."""
        return {
            "kernel": self.procedure,
            "tiles": self.cut.tiles,
            "groups_per_tile": self.cut.groups,
            "bytes": len(self.packed),
        }

    def facts(self) -> dict[str, object]:
        """Shapes, shifts and bounds."""
        rows, columns = self.weights.shape
        return {
            "rows": rows,
            "columns": columns,
            "format": self.weights.format,
            **self.layout(),
            "fused": self.fused,
            "plain": self.plain,
            "input_bits": self.input_bits,
            "narrows": self.narrows,
            "wide": self.wide,
            "two": self.two,
            "shift": self.shift,
            "sum_bound": self.sum_bound,
            **({"choice": self.choice} if self.choice is not None else {}),
        }

    def call(self, record: str, at: str | None = None) -> str:
        """The BASIC call."""
        return f"matvec({placed(self.inputs[0], at)}, {placed(self.output, at)}, {record})"


class InputLimits:
    """How large the inputs of a matrix may be with a kernel.

    Attributes:
        most: magnitude of the inputs.
        bits: whole bits of it.
        wide: whether the scaled sums need 64 bits: they may, where 32 would cost the inputs too many bits.
        pre_shift: how far sums are shifted down, so that they fit into 32 bits; 0 except with kernels whose own sums
            have 64.
    """

    def __init__(self, weights: QuantizedMatrix, kernel: Kernel) -> None:
        row_sums = np.abs(weights.codes.astype(np.int64)).sum(axis=1)
        largest = max(1, int(row_sums.max(initial=0)))
        product = max(1, int((row_sums * weights.mantissas).max(initial=0)))
        wanted = FORMATS[weights.format].input_bits
        most = min(1 << MAX_INPUT_BITS, kernel.most_input(weights.codes))
        self.most = min(most, INT32_MAX // (product + (product >> 4) + 1))
        self.wide = bit_length(self.most) - 1 < min(wanted, bit_length(most) - 1)
        self.pre_shift = 0
        if self.wide:
            self.most = min(most, INT32_MAX // largest)
            if isinstance(kernel, Multiply) and bit_length(self.most) - 1 < wanted:
                self.most = min(most, 1 << wanted)
                self.pre_shift = max(0, bit_length(largest * self.most) - 30)

    @property
    def bits(self) -> int:
        """Bits of the inputs, a sign aside."""
        return bit_length(self.most) - 1
