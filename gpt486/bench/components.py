"""Components: what each kernel costs for a weight, at six shapes, inside of whole tokens."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from emulator.profiling.attribute import count
from gpt486.backends.request import Request
from gpt486.bench.shapes import Shape
from gpt486.build import BuildOptions, build
from gpt486.ops.arithmetic import RangeError
from gpt486.profile.record import record_build
from gpt486.quantize.formats import FORMATS

TOKENS = 3
"""Tokens of a measurement; all but the first count, since the first one finds cold caches."""

MODELS: dict[str, tuple[Shape, tuple[str, ...]]] = {
    "narrow": (Shape(1, 64, 8, 256, 4096, 64), ("attn_out", "mlp_in", "mlp_out", "lm_head")),
    "wide": (Shape(1, 512, 8, 2048, 512, 64), ("attn_out", "mlp_in")),
}
"""Models whose matrices have the six shapes, and the matrices that are looked at."""


@dataclass(frozen=True)
class ComponentRow:
    """What a product costs: tables, lookups and scaling, in the course of a token.

    Attributes:
        kernel: its name.
        weights: the format.
        rows: of the matrix.
        columns: of the matrix.
        cpu: name of the machine.
        instructions: of one product.
        clocks: of one product, in core clocks by the cycle model.
        misses: data reads of one product that missed the first-level cache.
        far_misses: lines that the second-level cache did not have either.
        weight_bytes: bytes of the packed matrix.
        predicted: clocks that the compiler expects (gpt486.lower.cost).
    """

    kernel: str
    weights: str
    rows: int
    columns: int
    cpu: str
    instructions: float
    clocks: float
    misses: float
    far_misses: float
    weight_bytes: int
    predicted: int

    @property
    def error(self) -> float:
        """How far the prediction is off, 0.01 for one per cent too high."""
        return self.predicted / self.clocks - 1

    @property
    def clocks_per_weight(self) -> float:
        """Clocks of one product over its weights."""
        return self.clocks / (self.rows * self.columns)


def component_rows(
    cpu: str, weights: str | None = None, progress: Callable[[str], None] = lambda stage: None
) -> Iterator[ComponentRow]:
    """Measure every kernel of every format, or of one.

    Args:
        cpu: a profile of the emulator.
        weights: the format; all when None.
        progress: called with what is measured next.
    """
    with tempfile.TemporaryDirectory(prefix="gpt486-bench-") as name:
        folder = Path(name)
        for form in FORMATS.values() if weights is None else [FORMATS[weights]]:
            for kernel in form.kernels:
                for label, (shape, members) in MODELS.items():
                    if not (folder / label).exists():
                        shape.write(folder / label)
                    progress(f"{form.name} by {kernel}, {label} matrices")
                    options = BuildOptions(cpu, f"{form.name}/{kernel}")
                    try:
                        facts = build(folder / label, folder / "build", options)
                    except RangeError:
                        continue  # this kernel leaves too few bits to the inputs of such matrices
                    yield from _measure(folder / "build", facts, members, cpu)


def _measure(folder: Path, facts: dict[str, object], members: tuple[str, ...], cpu: str) -> Iterator[ComponentRow]:
    """The rows of a build's matrices: what a run of TOKENS tokens costs beyond one of a single token."""
    short, long = (record_build(folder, Request(b"", tokens, ignore_end=True), cpu=cpu).view for tokens in (1, TOKENS))
    assert short is not None
    assert long is not None
    ops: list[dict[str, object]] = facts["ops"]  # type: ignore[assignment]
    by_name = {str(op["name"]).rpartition(".")[2]: op for op in ops}
    for member in members:
        one, all_ = (next(cost for cost in view.op_costs if cost.name == member).counts for view in (short, long))
        counted = ("instructions", "clocks", "read_misses", "far_misses")
        each = {name: (count(all_, name) - count(one, name)) / (TOKENS - 1) for name in counted}
        op = by_name[member]
        yield ComponentRow(
            str(op["kernel"]).removeprefix("lut_rows_"),
            str(op["format"]),
            int(str(op["rows"])),
            int(str(op["columns"])),
            cpu,
            each["instructions"],
            each["clocks"],
            each["read_misses"],
            each["far_misses"],
            int(str(op["bytes"])),
            op["choice"]["predicted_clocks"],  # type: ignore[index]
        )
