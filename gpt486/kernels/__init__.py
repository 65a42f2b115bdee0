"""Kernels of matrix-vector products: how weights are laid out, and which assembly multiplies by them."""

from gpt486.kernels import tables
from gpt486.kernels.base import Kernel, Tiling
from gpt486.kernels.lookup import Lookup
from gpt486.kernels.multiply import Multiply, MultiplyPairs

KERNELS: dict[str, Kernel] = {
    kernel.name: kernel
    for kernel in (
        Lookup(tables.SUBSET64, 16),
        Lookup(tables.SUBSET64, 8),
        Lookup(tables.SUBSET64, 4),
        Lookup(tables.SUBSET64, 2),
        Lookup(tables.SUBSET64_16, 4),
        Lookup(tables.SUBSET64_16, 2),
        Lookup(tables.SUBSET128_16, 4),
        Lookup(tables.SUBSET128_16, 2),
        Lookup(tables.TERNARY27),
        Lookup(tables.TERNARY27_16),
        Lookup(tables.TERNARY81_16),
        Lookup(tables.SPARSE64),
        Lookup(tables.SPARSE64_16),
        Multiply(8),
        Multiply(16),
        MultiplyPairs(),
    )
}
"""Every kernel by its name."""

__all__ = ["KERNELS", "Kernel", "Lookup", "Multiply", "MultiplyPairs", "Tiling"]
