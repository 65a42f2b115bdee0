"""What a product costs on a given 486, before it is built: clocks of every kernel, from its instructions and the board.

The instructions of a kernel are known, so their clocks are counted: a lookup takes 3, a store 1, a taken jump 3. What
the memory adds follows from the board: a table is filled no faster than the bus takes its stores, and each line of
weights that comes from the second-level cache or from DRAM is waited for until its first dword is there. A few
constants were fitted to `gpt486 bench --components` on a 486DX2-66; that command shows how far prediction and
emulation are apart, on any machine.
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

NARROW, NARROW_STORES = 7.4, 2.9
"""Clocks for a column whose input is scaled down, and how many stores on the bus it takes as long as (fitted)."""

NARROW_CALL, NARROW_CALL_STORES = 300.0, 155.0
"""The same beside the columns: procedures of BASIC, and code that comes back into the cache (fitted)."""

CALL = 1000.0
"""Clocks of a product beside its kernels (fitted)."""

TILE_ROW = 2.4
"""Clocks of a row and tile for sums that are not in the cache (fitted)."""

TABLE_MISSES = 1.0
"""How often a table's lines are waited for when they are first read (fitted)."""

STREAM = 1.1
"""Waiting for a line of weights, over the time to its first dword: other lines are thrown out by it (fitted)."""

OTHER_BYTES = 24 << 10
"""What a token touches beside weights, roughly: it competes for the second-level cache."""


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
    """The cost of products on a machine.

    Args:
        machine: the CPU and its board.
        footprint: bytes of all weights that a token reads: what does not fit into the second-level cache comes from
            DRAM, and in a cache that is direct-mapped it takes as much again with it.
    """

    def __init__(self, machine: CpuProfile, footprint: int = 0) -> None:
        board, ratio = machine.board, machine.ratio
        self.machine = machine
        #: Core clocks of a write on the bus.
        self.write = ratio * (board.l2_write if board.l2_bytes and board.l2_write_back else board.dram_write)
        dram = ratio * (board.dram_lead + board.dram_row / 2)
        touched = footprint + OTHER_BYTES
        beyond = min(1.0, max(0.0, 2 * (touched - board.l2_bytes) / touched)) if board.l2_bytes else 1.0
        #: Core clocks until a line's first dword is there, from wherever the weights are.
        self.miss = (1 - beyond) * (ratio * board.l2_lead - 0.7) + beyond * (dram + ratio - 1)
        #: The same for what was written lately.
        self.near = ratio * board.l2_lead - 0.7 if board.l2_bytes else dram

    def product(self, kernel: Kernel, rows: int, columns: int, ending: Ending) -> ProductCost:
        """What a matrix [rows, columns] costs with a kernel."""
        cut = kernel.tiling(columns)
        size = kernel.packed_bytes(rows, columns)
        narrow = 0.0
        if ending.narrows:
            narrow = (NARROW + NARROW_STORES * self.write) * columns + NARROW_CALL + NARROW_CALL_STORES * self.write
        scale = 10 + MULTIPLIER_BITS + 9 if ending.scales else 3.0 + ending.doublings
        stalls = STREAM * self.miss * (size + rows * (8 if ending.scales else 4)) / LINE
        if not isinstance(kernel, Lookup):
            each = 10.5 if isinstance(kernel, MultiplyPairs) else 31.0
            return ProductCost(narrow, 0.0, rows * (cut.columns * each + 12 + scale), stalls, CALL, size)
        table = kernel.table
        build = cut.tiles * cut.groups * self.table(table)
        # A row's first lookup is a MOV; 16 bits begin with a prefix.
        tile = LOOKUP * kernel.levels * cut.groups - 1 + kernel.levels - 1 + (kernel.levels > 1) + (table.bits == 16)
        loop = 1 + 9 / kernel.rows_at_once(cut) + TILE_ROW
        clear = (1 + ending.scales) * (table.bits == 16)  # the upper half of the sum, and its excess
        work = rows * (cut.tiles * (tile + loop) + scale + clear + 2.0 * (cut.tiles - 1))
        lines = cut.tiles * cut.groups * table.entries * table.entry_bytes / LINE
        stalls += self.near * TABLE_MISSES * lines
        return ProductCost(narrow, build, work, stalls, CALL, size)

    def table(self, table: Table) -> float:
        """Clocks to fill one table: the CPU does the additions while the bus takes the stores."""
        additions = sum(_clocks(table, step.terms) for step in table.steps)
        setup = (5 * table.columns if table.bits == 16 else table.columns) + 8
        return max(additions + len(table.steps) + setup, self.write * len(table.steps))


def _clocks(table: Table, terms: tuple[tuple[int, str, int], ...]) -> int:
    """Clocks of the additions before a store: one for a register, two for memory."""
    return sum(abs(times) * (2 if table.operand(lanes, i).startswith("[") else 1) for times, lanes, i in terms)
