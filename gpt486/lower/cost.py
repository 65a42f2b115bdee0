"""What a product costs on a given 486, before it is built: clocks of every kernel, from its instructions and the board.

The instructions of a kernel are known, so their clocks are counted: a lookup takes 3, a store 1, a taken jump 3. What
the memory adds is estimated: a table is filled no faster than the bus takes its stores; every line of weights and of
tables that has to come from beyond the first-level cache is waited for. The constants below are the only ones that
were fitted, to `gpt486 bench --components` on a 486DX2-66; that command compares prediction and emulation on any
machine.
"""

from __future__ import annotations

from dataclasses import dataclass

from emulator.profiles import CpuProfile
from gpt486.kernels import Kernel, Lookup, MultiplyPairs
from gpt486.kernels.tables import Table

LINE = 16
"""Bytes of a line of the first-level cache."""

LOOKUP = 3
"""ADD eax, [page] and MOV byte: 2 + 1 clocks."""

MULTIPLIER_BITS = 5.5
"""Significant bits of a row's multiplier, on average: IMUL takes 10 clocks and these."""

NARROW = 17.0
"""Clocks for an input that is scaled down: finding the largest, shifting, storing."""

CALL = 420.0
"""Clocks of a product beside its kernels: the BASIC procedure around them, and code that comes back into the cache."""

TABLE_MISSES = 0.75
"""Share of a table's lines that are not in the cache when they are first read."""

STREAM = 0.85
"""Share of a line's latency that is waited for when weights stream in."""


@dataclass(frozen=True)
class ProductCost:
    """Clocks of a product.

    Attributes:
        narrow: scaling the input down.
        build: filling the tables.
        rows: lookups or multiplications of all rows, scaling included.
        stalls: waiting for weights and tables.
        call: what is around the kernels.
        bytes: of the packed weights.
    """

    narrow: float
    build: float
    rows: float
    stalls: float
    call: float
    bytes: int

    @property
    def clocks(self) -> float:
        """All of it."""
        return self.narrow + self.build + self.rows + self.stalls + self.call


@dataclass(frozen=True)
class Ending:
    """How a product begins and ends: what MatVec.narrows, fused, plain and doublings say.

    Attributes:
        narrows: whether the input is scaled down first.
        scales: whether every row is scaled.
        doublings: how often a row's sum is doubled.
    """

    narrows: bool = True
    scales: bool = True
    doublings: int = 0


class CostModel:
    """The cost of products on a machine."""

    def __init__(self, machine: CpuProfile) -> None:
        board, ratio = machine.board, machine.ratio
        self.machine = machine
        #: Core clocks of a write on the bus, and until the first dword of a line arrives.
        self.write = ratio * (board.l2_write if board.l2_bytes and board.l2_write_back else board.dram_write)
        lead = board.l2_lead if board.l2_bytes else board.dram_lead
        self.miss = ratio * lead + 1 + (ratio - 1) / 2

    def product(self, kernel: Kernel, rows: int, columns: int, ending: Ending) -> ProductCost:
        """What a matrix [rows, columns] costs with a kernel."""
        cut = kernel.tiling(columns)
        size = kernel.packed_bytes(rows, columns)
        narrow = NARROW * columns if ending.narrows else 0.0
        scale = (10 + MULTIPLIER_BITS) + 9 if ending.scales else 3.0 + ending.doublings
        stalls = self.miss * STREAM * (size + rows * (8 if ending.scales else 4)) / LINE
        if isinstance(kernel, Lookup):
            table = kernel.table
            build = cut.tiles * (25 + cut.groups * self.table(table))
            lookups = kernel.levels * cut.groups
            tile = LOOKUP * lookups + kernel.levels - 1 + (kernel.levels > 1) + (table.bits == 16)
            loop = 2 + 9 / kernel.rows_at_once(cut)
            work = rows * (cut.tiles * (tile + loop) + scale + 2.0 * (cut.tiles - 1))
            lines = cut.tiles * cut.groups * table.entries * table.entry_bytes / LINE
            stalls += self.miss * TABLE_MISSES * lines
            return ProductCost(narrow, build, work, stalls, CALL + 40.0 * cut.tiles, size)
        each = 10.5 if isinstance(kernel, MultiplyPairs) else 31.0
        work = rows * (cut.columns * each + 12 + scale)
        return ProductCost(narrow, 0.0, work, stalls, CALL, size)

    def table(self, table: Table) -> float:
        """Clocks to fill one table: the bus takes the stores, the CPU does the additions."""
        additions = sum(_clocks(table, step.terms) for step in table.steps)
        setup = (5 * table.columns if table.bits == 16 else table.columns) + 8
        work = additions + len(table.steps) + setup
        bus = self.write * len(table.steps)
        return max(work, bus) + 0.35 * min(work, bus) * (work < bus) * 0.5


def _clocks(table: Table, terms: tuple[tuple[int, str, int], ...]) -> int:
    """Clocks of the additions before a store: one for a register, two for memory."""
    return sum(abs(times) * (2 if table.operand(lanes, i).startswith("[") else 1) for times, lanes, i in terms)
