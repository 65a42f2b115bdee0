"""Matrices of small integers that a kernel can hold, and inputs that it allows; for the tests of kernels."""

from __future__ import annotations

import numpy as np

from gpt486.kernels import Kernel, Lookup
from gpt486.ops.arithmetic import INT32_MAX, Int


def codes_for(kernel: Kernel, rows: int, columns: int, random: np.random.Generator, *, extreme: bool = False) -> Int:
    """Random codes, [rows, columns]; of the largest magnitudes when `extreme`."""
    if isinstance(kernel, Lookup) and not kernel.planes:
        patterns = kernel.table.digits
        if extreme:
            weight = np.abs(patterns).sum(axis=1)
            patterns = patterns[weight == weight.max()]
        groups = -(-columns // kernel.table.columns)
        codes: Int = patterns[random.integers(len(patterns), size=(rows, groups))].reshape(rows, -1)[:, :columns].copy()
        rest = columns % kernel.table.columns
        if rest and not kernel.can_hold(codes):  # the last group, cut short, may be the pattern that was dropped
            codes[:, -1] = 0
        return codes
    low, high = kernel.digits
    if extreme:
        codes = random.choice([low, high], (rows, columns))
        codes[random.integers(rows)] = low
        return codes
    return random.integers(low, high + 1, (rows, columns))


def most_for(kernel: Kernel, codes: Int) -> int:
    """The largest magnitude of inputs with which the kernel's own numbers and the 32-bit sums fit."""
    return min(kernel.most_input(codes), INT32_MAX // max(1, int(np.abs(codes).sum(axis=1).max())))


def inputs_for(codes: Int, most: int, random: np.random.Generator, *, extreme: bool = False) -> Int:
    """Random inputs, [columns]; when `extreme` with the signs that are worst for a row, or all at an end."""
    columns = codes.shape[1]
    if not extreme:
        return random.integers(-most, most + 1, columns)
    signs = np.where(codes[random.integers(len(codes))] < 0, -1, 1)
    worst: Int = most * (signs, -signs, np.ones(columns, np.int64), -np.ones(columns, np.int64))[random.integers(4)]
    return worst


def wrapped(values: Int) -> Int:
    """Modulo 2**32, signed."""
    return values.astype(np.int64).astype(np.uint32).astype(np.int32).astype(np.int64)
