"""Which kernel multiplies by which matrix: the one that takes the fewest clocks."""

from __future__ import annotations

from gpt486.kernels import KERNELS, Kernel, Lookup, MultiplyPairs
from gpt486.ops.base import Vector
from gpt486.ops.matvec import InputLimits
from gpt486.quantize.formats import FORMATS
from gpt486.quantize.rows import QuantizedMatrix


def clocks_of(kernel: Kernel, rows: int, columns: int) -> float:
    """Rough clocks of a product on a 486DX2-66."""
    cut = kernel.tiling(columns)
    if isinstance(kernel, Lookup):
        build = 6.0 * len(kernel.table.steps) * cut.groups + 30
        lookups = kernel.levels * cut.groups
        row = 3.0 * lookups + 8 + kernel.levels + 0.5 * lookups
        return cut.tiles * (build + row * rows)
    if isinstance(kernel, MultiplyPairs):
        return cut.columns * rows * 10.5
    return cut.columns * rows * 22.0


def choose_kernel(weights: QuantizedMatrix, source: Vector) -> str:
    """Name of the kernel for a matrix.

    Args:
        weights: the matrix.
        source: its input.
    """
    form = FORMATS[weights.format]
    rows, columns = weights.shape
    able = [
        name
        for name in form.kernels
        if KERNELS[name].can_hold(weights.codes) and InputLimits(weights, KERNELS[name]).bits >= form.input_bits
    ]
    return min(able or form.kernels[:1], key=lambda name: clocks_of(KERNELS[name], rows, columns))
