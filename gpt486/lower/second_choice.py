"""Kernels for the other kind of CPU: the program finds out at start-up which kind it runs on, and takes those.

A clock-doubled CPU waits twice as long for its bus, in its own clocks, as one that runs at the speed of the bus: that
decides whether tables with fewer stores or rows with fewer instructions are better. A program is built for one
machine; where another kernel of the same format, taking the same inputs, is faster on the other kind of CPU,
MODEL.BIN holds the matrix for that one, too. The numbers that come out are the same.
"""

from __future__ import annotations

from dataclasses import replace

from emulator.profiles import CpuProfile
from gpt486.kernels import KERNELS, Lookup
from gpt486.lower.cost import CostModel, Ending
from gpt486.lower.program import Program
from gpt486.ops.arithmetic import RangeError
from gpt486.ops.matvec import MatVec
from gpt486.quantize.formats import FORMATS

WORTH = 0.02
"""By how much faster, as a share of the product's clocks, the other kernel must be."""


def other_kind(machine: CpuProfile) -> CpuProfile:
    """A machine like this one whose clock is doubled, or, if its own is multiplied, one whose clock is not."""
    return replace(machine, clock_hz=machine.bus_hz * (1 if machine.multiplied else 2))


def second_choices(program: Program, costs: CostModel) -> dict[str, MatVec]:
    """The products that have another kernel on the other kind of CPU, by name.

    Args:
        program: lowered for one kind.
        costs: those of the other.
    """
    found: dict[str, MatVec] = {}
    for op in program.ops():
        if not isinstance(op, MatVec) or not isinstance(op.kernel, Lookup) or op.choice is None:
            continue
        rows, columns = op.weights.shape
        ending = Ending(op.narrows, not op.plain, op.doublings)
        least = (1 - WORTH) * costs.product(op.kernel, rows, columns, ending).clocks
        for name in FORMATS[op.weights.format].kernels:
            clocks = costs.product(KERNELS[name], rows, columns, ending).clocks
            if name == op.kernel.name or clocks >= least:
                continue
            try:
                found[op.name] = op.with_kernel(KERNELS[name])
            except RangeError:
                continue
            least = clocks
    return found
