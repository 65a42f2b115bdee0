"""The model's view of a profile: counts by op, layer and kernel.

In GPT.BAS, FORWARD calls EMBED, then TRANSFORMER_BLOCK once a layer, then the final ops; inside of a block each op is
one call, in the order of BUILD.JSON's "ops". So an op is a call site, and a layer is the number of TRANSFORMER_BLOCK's
call, which the calling contexts keep apart. A step of two tokens calls an op for each of them, or, where BUILD.JSON
says "two", once for both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from emulator.profiling.attribute import PROGRAM, Attribution, Matrix, counts
from emulator.profiling.schema import COUNTERS, Counts
from emulator.profiling.tables import LINE_BYTES
from gpt486.emit.matvec import MODES
from gpt486.errors import Gpt486Error

STEP = "FORWARD"
"""The procedure that feeds a token to the model, or two: a step."""

TWO = "MATVEC_TWO"
"""Does a product for both tokens of a step."""

BLOCK = "TRANSFORMER_BLOCK"
"""The procedure of a layer; its calls are kept apart."""

TRACE = "TRACE_VECTOR"
"""Called beside the ops when a step is traced; no op."""

KERNELS = (
    r"LUT_BUILD_\w+",
    r"LUT_ROWS_\w+",
    r"LUT_TWO_\w+",
    r"MUL_ROWS_\d+",
    r"PAIR_ROWS_\w+",
    "SCALE_ROWS",
    "SCALE_ROWS_WIDE",
    r"ATTEND_(?!PREPARE)\w+",
)
"""The procedures of asm/kernels that have to do with weights or with cached keys and values: regular expressions."""

TWINS = (
    "FILL_TABLES",
    "PICK_ROWS",
    "PICK_TWO",
    "PICK_ROW",
    "PICK_SUMS",
    "ROW_SCORE",
    "ADD_PRODUCTS",
    *(name for name in KERNELS if not name.startswith("LUT_")),
)
"""The same in BASIC, in a build without assembly; there LUT_BUILD_... and LUT_ROWS_... only call the first five."""

_HALVES = ("ROW_SCORE", "ADD_PRODUCTS")
"""Twins within attention, the first for keys and the other one for values; what is in assembly is there for both."""

_CACHE_READERS = ("ATTEND_HEADS", *_HALVES)
"""Those that read what is cached."""

_OF_A_TILE = ("LUT_BUILD_", "LUT_ROWS_", "LUT_TWO_", "PAIR_ROWS_", "FILL_TABLES", "PICK_ROWS", "PICK_TWO")
"""A call of these is for one tile of a matrix; of others that have to do with matrices, for all of it."""

_ROW_BYTES = 8
"""Bytes that SCALE_ROWS reads for a row beside its sum: multiplier and bias."""

_BIAS_BYTES = 4
"""Bytes of a bias alone."""


class ViewError(Gpt486Error):
    """A profile that does not belong to the build it is looked at with."""


@dataclass
class OpCost:
    """An op's inclusive counts: of one layer (`layer` is None for embed and the final ops) or of all together."""

    name: str
    kind: str
    layer: int | None
    calls: int
    counts: Counts


@dataclass
class KernelCost:
    """A kernel's own counts and the work that it did.

    Attributes:
        weights: multiply-accumulates of the ops that called it: weights, or cached keys and values, used.
        stored: bytes in which such a weight is stored, None where the kernel reads none.
        ops: names of those ops.
    """

    name: str
    calls: int
    counts: Counts
    weights: int
    stored: float | None
    ops: list[str] = field(default_factory=list)

    def per_weight(self, *names: str) -> float:
        """The sum of some counters per weight; 0 without weights."""
        return sum(self.counts[COUNTERS.index(name)] for name in names) / self.weights if self.weights else 0.0

    @property
    def moved(self) -> float:
        """Bytes over the bus per weight: lines filled, and what was written through."""
        lines = self.per_weight("read_misses", "fetch_misses")
        return lines * LINE_BYTES + self.per_weight("bytes_written")


@dataclass(frozen=True)
class Op:
    """An op of BUILD.JSON, its name without the block's prefix."""

    name: str
    kind: str
    facts: Mapping[str, Any]

    @property
    def weights(self) -> int | None:
        """Weights of a matrix, None for any other op."""
        return int(self.facts["rows"]) * int(self.facts["columns"]) if self.kind == "matvec" else None


def ops_on(facts: Mapping[str, Any], cpu: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The ops of BUILD.JSON with the kernels that the program takes on a CPU (basic_templates/units/load.bas).

    Args:
        facts: BUILD.JSON.
        cpu: the machine of a profile.
    """
    # The twins cannot ask the CPU.
    multiplied = round(cpu["clock_hz"] / cpu["bus_hz"]) > 1 and bool(facts["options"]["assembly"])
    if multiplied == facts.get("machine", {}).get("multiplied", multiplied):
        return list(facts["ops"])
    return [{**op, **op.get("other", {})} for op in facts["ops"]]


class ModelView:
    """A recording of a build, by ops.

    Args:
        attribution: the profile with its map.
        facts: BUILD.JSON.

    Raises:
        ViewError: the calls in the profile are not those of the build's ops.
    """

    def __init__(self, attribution: Attribution, facts: Mapping[str, Any]) -> None:
        self.attribution = attribution
        self.profile = attribution.profile
        self.facts = facts
        all_ops = [Op(str(op["name"]), str(op["op"]), op) for op in ops_on(facts, self.profile.cpu)]
        self.embed = all_ops[0]
        self.block = [Op(op.name.split(".", 2)[2], op.kind, op.facts) for op in all_ops if op.name.startswith("h.0.")]
        self.final = [op for op in all_ops[1:] if not op.name.startswith("h.")]
        self.ops = [self.embed, *self.block, *self.final]
        self._names = [
            owner.name if owner.module == PROGRAM else f"({owner.module})" for owner in self.attribution.owners
        ]
        self.op_of = self._find_ops()

    @property
    def weight_format(self) -> str:
        """The format of the weights: "int8"."""
        return str(self.facts["options"]["weights"])

    def name(self, index: int) -> str:
        """Name of a context's procedure; a part of the PC in brackets outside of the program."""
        return self._names[index]

    # -- which context is which op -----------------------------------------------------------------

    def _find_ops(self) -> dict[int, Op]:
        """Contexts that are calls of ops."""
        found = self._match(BLOCK, self.block, skip=(TRACE,))
        found.update(self._match(STEP, [self.embed, *self.final], skip=(TRACE, BLOCK)))
        return found

    def _match(self, caller: str, ops: list[Op], skip: tuple[str, ...]) -> dict[int, Op]:
        """Pair the call sites of a procedure, by address, with ops."""
        contexts = self.profile.contexts
        called = [
            (context.call_site, index)
            for index, context in enumerate(contexts)
            if context.parent >= 0
            and context.call_site
            and self._names[context.parent] == caller
            and self._names[index] not in skip
        ]
        sites = sorted({site for site, _ in called})
        place = {site: number for number, site in enumerate(sites)}
        found: dict[int, Op] = {}
        for site, index in called:
            number = place[site]
            if number >= len(ops) or self._names[index] != ops[number].kind.upper():
                expected = ops[number].kind.upper() if number < len(ops) else "nothing more"
                raise ViewError(
                    f"the profile does not fit the build: {caller} calls {self._names[index]} where BUILD.JSON "
                    f"has {expected}; record it again with this build"
                )
            found[index] = ops[number]
        return found

    def layer_of(self, index: int) -> int | None:
        """The layer that a context stands in, None outside of the blocks."""
        while index >= 0:
            if self._names[index] == BLOCK:
                ordinal = self.profile.contexts[index].ordinal
                return ordinal if ordinal >= 0 else None
            index = self.profile.contexts[index].parent
        return None

    def label(self, index: int) -> str | None:
        """A better name for a context than its procedure's: the op's, or the layer's."""
        if index in self.op_of:
            return self.op_of[index].name
        if self._names[index] == BLOCK and self.profile.contexts[index].ordinal >= 0:
            return f"layer {self.profile.contexts[index].ordinal}"
        return None

    # -- ops and layers ----------------------------------------------------------------------------

    def _sum(self, rows: Matrix, indices: Iterable[int]) -> Counts:
        chosen = [*indices]
        return counts(rows[chosen].sum(axis=0)) if chosen else (0,) * len(COUNTERS)

    def _cost(self, op: Op, layer: int | None, indices: list[int]) -> OpCost:
        calls = sum(self.profile.contexts[index].calls for index in indices)
        return OpCost(op.name, op.kind, layer, calls, self._sum(self.attribution.inclusive, indices))

    @cached_property
    def op_costs(self) -> list[OpCost]:
        """Each op, all layers together, in the order of execution."""
        return [self._cost(op, None, [index for index, found in self.op_of.items() if found is op]) for op in self.ops]

    @cached_property
    def op_costs_by_layer(self) -> list[OpCost]:
        """Each op of each layer, in the order of execution."""
        cells: dict[tuple[int, int], list[int]] = {}
        for index, op in self.op_of.items():
            layer = self.layer_of(index)
            number = next(i for i, known in enumerate(self.ops) if known is op)
            group = -1 if op is self.embed else len(self.profile.contexts) if layer is None else layer
            cells.setdefault((group, number), []).append(index)
        return [
            self._cost(self.ops[number], self.layer_of(cells[group, number][0]), cells[group, number])
            for group, number in sorted(cells)
        ]

    @cached_property
    def layer_costs(self) -> dict[int, Counts]:
        """Inclusive counts of each layer."""
        layers: dict[int, list[int]] = {}
        for index, context in enumerate(self.profile.contexts):
            if self._names[index] == BLOCK and context.ordinal >= 0:
                layers.setdefault(context.ordinal, []).append(index)
        return {layer: self._sum(self.attribution.inclusive, layers[layer]) for layer in sorted(layers)}

    @cached_property
    def steps(self) -> list[int]:
        """The contexts of FORWARD."""
        return [index for index, name in enumerate(self._names) if name == STEP]

    @property
    def step_count(self) -> int:
        """How many tokens were fed to the model."""
        return sum(self.profile.contexts[index].calls for index, op in self.op_of.items() if op is self.embed)

    @cached_property
    def step_costs(self) -> Counts:
        """Inclusive counts of all steps."""
        return self._sum(self.attribution.inclusive, self.steps)

    @cached_property
    def between(self) -> Counts:
        """What the steps cost beside their ops: the calls, and what interrupted them."""
        inside = np.array([cost.counts for cost in self.op_costs]).sum(axis=0)
        return counts(np.array(self.step_costs) - inside)

    @cached_property
    def rest(self) -> Counts:
        """Everything outside of the steps: loading, tokenizing, choosing, printing, DOS."""
        return counts(np.array(self.profile.totals) - np.array(self.step_costs))

    # -- kernels -----------------------------------------------------------------------------------

    @cached_property
    def kernels(self) -> list[KernelCost]:
        """The kernels, the most expensive first."""
        assembly = bool(self.facts["options"]["assembly"])
        pattern = re.compile("|".join(KERNELS if assembly else TWINS))
        found: dict[str, list[int]] = {}
        for index, name in enumerate(self._names):
            if pattern.fullmatch(name):
                found.setdefault(name, []).append(index)
        costs = [self._kernel(name, indices) for name, indices in found.items()]
        return sorted(costs, key=lambda cost: (-cost.counts[COUNTERS.index("clocks")], cost.name))

    def _kernel(self, name: str, indices: list[int]) -> KernelCost:
        contexts = self.profile.contexts
        calls = sum(contexts[index].calls for index in indices)
        callers: dict[int, int] = {}  # calls, by the context of the op that they serve; twice, if for two tokens
        for index in indices:
            above, tokens = contexts[index].parent, 1
            while above >= 0 and above not in self.op_of:
                tokens = 2 if self._names[above] == TWO else tokens
                above = contexts[above].parent
            if above >= 0:
                callers[above] = callers.get(above, 0) + tokens * contexts[index].calls
        used = list({self.op_of[index].name: self.op_of[index] for index in callers}.values())
        if name in _HALVES or name.startswith("ATTEND_"):
            weights = sum(self._attended(op) for op in used) * (1 if name in _HALVES else 2)
            read = used and name in _CACHE_READERS
            stored = 2 * int(used[0].facts["pairs"]) / int(used[0].facts["head_width"]) if read else None
        else:
            products = [
                (self.op_of[index], self._products(name, index, number))
                for index, number in callers.items()
                if self.op_of[index].weights
            ]
            weights = round(sum((op.weights or 0) * number for op, number in products))
            held = sum(self._held(name, op) * number for op, number in products)
            stored = held / weights if weights and held else None
        order = [op.name for op in self.ops]
        own = self._sum(self.attribution.own, indices)
        return KernelCost(name, calls, own, weights, stored, sorted((op.name for op in used), key=order.index))

    def _attended(self, op: Op) -> int:
        """How many numbers of the keys all layers of an attention have used: each step those of one more position.

        The window slides by half when it is full, so that positions come round with the context.
        """
        layers = len([known for known in self.facts["ops"] if str(known["op"]) == op.kind])
        context = int(self.facts["model"]["config"]["context"])
        calls = sum(self.profile.contexts[index].calls for index, found in self.op_of.items() if found is op)
        rounds, rest = divmod(calls // layers, context)
        positions = rounds * (context * (context + 1) // 2) + rest * (rest + 1) // 2
        numbers: int = layers * positions * int(op.facts["heads"]) * int(op.facts["head_width"])
        return numbers

    def _products(self, kernel: str, index: int, calls: int) -> float:
        """How many times a kernel has gone through the matrix of an op: a tile of three is a third of a time.

        Args:
            kernel: the kernel.
            index: the context of the op.
            calls: of the kernel there, those for two tokens counted twice.
        """
        if kernel in ("PICK_ROW", "PICK_SUMS"):  # called for every row or plane: all together are the op's calls
            contexts = self.profile.contexts
            two = [c.calls for i, c in enumerate(contexts) if c.parent == index and self._names[i] == TWO]
            return contexts[index].calls + sum(two)
        return calls / int(self.op_of[index].facts["tiles"]) if kernel.startswith(_OF_A_TILE) else calls

    @staticmethod
    def _held(kernel: str, op: Op) -> int:
        """Bytes of MODEL.BIN that a kernel reads for a whole matrix; 0 for one that reads none.

        What scales the sums, or adds the bias, of a tile reads the scales or biases of all rows with it.
        """
        if kernel.startswith("SCALE_ROWS"):
            return int(op.facts["rows"]) * _ROW_BYTES
        of_op = str(op.facts["kernel"]).upper()
        if kernel in (of_op, "PICK_ROWS", "PICK_SUMS"):
            return int(op.facts["bytes"])
        if kernel.startswith("LUT_TWO_"):  # one reading serves two products
            return ModelView._held(kernel.replace("LUT_TWO_", "LUT_ROWS_"), op) // 2
        found = re.fullmatch(rf"{re.escape(of_op)}(_X\d+)?({'|'.join(MODES)})", kernel, re.IGNORECASE)
        if found is None:
            return 0
        mode = MODES[found[2].lower()]
        of_row = _ROW_BYTES if mode.scales else _BIAS_BYTES if mode.biased else 0
        return int(op.facts["bytes"]) + int(op.facts["rows"]) * int(op.facts["tiles"]) * of_row
