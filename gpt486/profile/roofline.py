"""The roofline of the 486: clocks per weight against bytes per weight, kernels as points against the machine's limits.

The limits are those of the profile's machine. Memory: the clocks that the bus takes to fill a line, over its bytes; a
kernel that moves x bytes a weight cannot take less than x times that. Instructions: what the i486's clock table says of
the two ways to multiply by a weight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulator.profiling.attribute import count
from emulator.profiling.schema import Counts
from emulator.profiling.tables import LINE_BYTES
from gpt486.kernels import KERNELS, Lookup
from gpt486.lower.weights import WeightChoice
from gpt486.profile import groups
from gpt486.profile.model import ModelView

LOOKUP_CLOCKS = 3
"""ADD reg, mem takes 2 and MOV r8, mem 1 (Intel's i486 clock table): one lookup of asm/kernels/lut_rows.asm."""

MULTIPLY_CLOCKS = 3 + 13 + 1
"""MOVSX reg, mem 3, IMUL at least 13, ADD reg, reg 1 (the same table)."""

_BURST = 4
"""Dwords of a line."""


L1_CLOCKS_PER_BYTE = 1 / 4
"""A read that hits takes a clock and brings at most a dword."""


@dataclass(frozen=True)
class Limit:
    """A limit of the machine: a slope (clocks per byte moved) or a height (clocks per weight).

    Attributes:
        axis: which bytes it speaks of: "core" (what instructions read and write), "bus" (lines filled and writes), or
            "both" for a height.
    """

    name: str
    axis: str
    clocks_per_byte: float | None = None
    clocks_per_weight: float | None = None

    def to_json(self) -> dict[str, object]:
        """As plain data."""
        if self.clocks_per_byte is not None:
            return {"name": self.name, "axis": self.axis, "clocks_per_byte": self.clocks_per_byte}
        return {"name": self.name, "axis": self.axis, "clocks_per_weight": self.clocks_per_weight}


def limits(cpu: Mapping[str, Any], weights: str = "int8") -> list[Limit]:
    """The limits of a machine, given as Profile.cpu, for a format of weights."""
    found = [Limit("first-level cache: 4 bytes a clock", "core", clocks_per_byte=L1_CLOCKS_PER_BYTE)]
    ratio: float = cpu["clock_hz"] / cpu["bus_hz"]
    board: Mapping[str, Any] = cpu.get("board", {})

    def fill(name: str, lead: float, burst: float) -> Limit:
        clocks = ratio * (lead + (_BURST - 1) * burst)
        return Limit(f"{name}: a line in {clocks:.0f} clocks", "bus", clocks_per_byte=clocks / LINE_BYTES)

    if board.get("l2_bytes"):
        found.append(fill("second-level cache", board["l2_lead"], board["l2_burst"]))
    if "dram_lead" in board:
        found.append(fill("DRAM", board["dram_lead"], board["dram_burst"]))
    writes = _write(board)
    if writes is not None:
        clocks = ratio * writes
        found.append(Limit(f"writes: 4 bytes in {clocks:.0f} clocks", "bus", clocks_per_byte=clocks / 4))
    for kernel in lookups_of(weights)[:1]:
        clocks = kernel.levels * LOOKUP_CLOCKS / kernel.table.columns
        found.append(Limit(f"{weights} by lookups of {kernel.name}", "both", clocks_per_weight=clocks))
    found.append(Limit("a multiplication at its fastest", "both", clocks_per_weight=float(MULTIPLY_CLOCKS)))
    return found


def lookups_of(weights: str) -> list[Lookup]:
    """The kernels of lookups that a format (the first one of a mixture) can use, the cheapest lookups first."""
    found = [KERNELS[name] for name in WeightChoice.parse(weights).format_of("").kernels]
    return sorted(
        (kernel for kernel in found if isinstance(kernel, Lookup)), key=lambda k: (k.levels / k.table.columns, k.name)
    )


def _write(board: Mapping[str, Any]) -> float | None:
    """Bus clocks of the fastest write: to the second-level cache if that keeps it, else to DRAM."""
    dram: float | None = board.get("dram_write")
    if not board.get("l2_bytes") or "l2_write" not in board:
        return dram
    cache: float = board["l2_write"]
    return cache if board.get("l2_write_back") or dram is None else max(cache, dram)


def roofline(view: ModelView) -> dict[str, Any]:
    """Points and limits as plain data. A point is a kernel, or a whole op ("kind") of which the weights are known."""
    points = [
        _point(
            "kernel",
            kernel.name,
            ", ".join(kernel.ops),
            groups.of_op(view, kernel.ops[0]),
            kernel.calls,
            kernel.weights,
            kernel.counts,
        )
        for kernel in view.kernels
        if kernel.weights and kernel.ops
    ]
    for op, cost in zip(view.ops, view.op_costs, strict=True):
        if op.weights and cost.calls:
            detail = f"{op.facts['rows']:,} rows of {op.facts['columns']:,}"
            points.append(_point("op", op.name, detail, "matvec", cost.calls, op.weights * cost.calls, cost.counts))
    return {"points": points, "limits": [limit.to_json() for limit in limits(view.profile.cpu, view.weight_format)]}


def _point(kind: str, name: str, detail: str, group: str, calls: int, weights: int, counted: Counts) -> dict[str, Any]:
    moved = LINE_BYTES * (count(counted, "read_misses") + count(counted, "fetch_misses"))
    return {
        "kind": kind,
        "name": name,
        "detail": detail,
        "group": group,
        "calls": calls,
        "weights": weights,
        "clocks": count(counted, "clocks"),
        "bytes_core": count(counted, "bytes_read") + count(counted, "bytes_written"),
        "bytes_bus": moved + count(counted, "bytes_written"),
    }
