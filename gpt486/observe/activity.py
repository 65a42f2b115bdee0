"""What goes on inside the exact model while it reads a prompt and writes: attention, and the room that numbers have.

The exact model equals the program on the 486 in every number, so this is what the 486 does; it takes no emulator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpt486.lower.program import Program
from gpt486.ops.add import Add
from gpt486.ops.arithmetic import Int
from gpt486.ops.attention import OCTAVES
from gpt486.ops.attention import Attention as AttentionOp
from gpt486.ops.base import Accumulator, Op
from gpt486.ops.embed import Embed
from gpt486.reference.exact import ExactSession
from gpt486.reference.generate import generate
from gpt486.reference.sampling import Sampling

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Attention:
    """Where each head looks.

    Attributes:
        tokens: the token at each position: the prompt, then what was written, up to the end of the first context.
        prompt_tokens: how many of them are the prompt's.
        weights: [layers][heads]: [positions, positions], row = query, column = key; rows add up to 1, and what lies
            beyond a query is 0.
    """

    tokens: tuple[int, ...]
    prompt_tokens: int
    weights: tuple[tuple[Floats, ...], ...]

    def to_json(self, texts: Sequence[str]) -> dict[str, Any]:
        """As plain JSON; rows end at the query's own position.

        Args:
            texts: the text of each position's token.
        """
        return {
            "layers": len(self.weights),
            "heads": len(self.weights[0]),
            "prompt_tokens": self.prompt_tokens,
            "tokens": list(texts),
            "weights": [
                [[head[q, : q + 1].round(4).tolist() for q in range(len(self.tokens))] for head in layer]
                for layer in self.weights
            ],
        }


@dataclass(frozen=True)
class AccumulatorUse:
    """How near an accumulator came to its bound.

    Attributes:
        op: the op's name.
        kind: the op's kind, such as "matvec".
        layer: its transformer block, None outside of them.
        accumulator: its name, meaning and bound.
        by_position: the largest magnitude at each position; None where the op did not run (a prompt's tokens but the
            last need no logits).
    """

    op: str
    kind: str
    layer: int | None
    accumulator: Accumulator
    by_position: tuple[int | None, ...]

    @property
    def seen(self) -> int:
        """The largest magnitude of all."""
        return max((value for value in self.by_position if value is not None), default=0)

    @property
    def share(self) -> float:
        """The largest magnitude as a share of the bound; 0 for a bound of 0."""
        return self._share(self.seen)

    def _share(self, value: int) -> float:
        return value / self.accumulator.bound if self.accumulator.bound else 0.0

    def to_json(self) -> dict[str, Any]:
        """As plain JSON, with shares instead of magnitudes by position."""
        return {
            "op": self.op,
            "kind": self.kind,
            "layer": self.layer,
            "name": self.accumulator.name,
            "meaning": self.accumulator.meaning,
            "bound": self.accumulator.bound,
            "seen": self.seen,
            "share": round(self.share, 6),
            "by_position": [None if value is None else round(self._share(value), 6) for value in self.by_position],
        }


@dataclass(frozen=True)
class Saturation:
    """What an op clipped, as it is designed to.

    Attributes:
        op: the op's name.
        layer: its transformer block.
        what: what was clipped.
        count: how many values.
        of: out of how many.
    """

    op: str
    layer: int | None
    what: str
    count: int
    of: int


@dataclass(frozen=True)
class Residual:
    """The residual stream behind an op, in real units at each position: its root mean square, its largest magnitude."""

    op: str
    layer: int | None
    rms: tuple[float, ...]
    max: tuple[float, ...]


@dataclass(frozen=True)
class Stability:
    """The room that numbers have.

    Attributes:
        positions: how many of the context were used.
        accumulators: every accumulator of every op, in the program's order.
        saturated: what was clipped.
        residual: the residual stream behind the embedding and each addition.
    """

    positions: int
    accumulators: tuple[AccumulatorUse, ...]
    saturated: tuple[Saturation, ...]
    residual: tuple[Residual, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "positions": self.positions,
            "accumulators": [use.to_json() for use in self.accumulators],
            "saturated": [dict(vars(row)) for row in self.saturated],
            "residual": [
                {
                    "op": row.op,
                    "layer": row.layer,
                    "rms": [round(value, 5) for value in row.rms],
                    "max": [round(value, 5) for value in row.max],
                }
                for row in self.residual
            ],
        }


@dataclass(frozen=True)
class Activity:
    """What was seen of a run.

    Attributes:
        attention: of the first context; what comes when its newer half was fed again is left out.
        stability: of the whole run.
        new_tokens: what was written.
    """

    attention: Attention
    stability: Stability
    new_tokens: tuple[int, ...]


@dataclass
class _Series:
    """A figure by position: the largest where a position was used again."""

    values: dict[int, float] = field(default_factory=dict)

    def add(self, position: int, value: float) -> None:
        self.values[position] = max(value, self.values.get(position, value))

    def row(self, positions: int) -> list[float | None]:
        return [self.values.get(position) for position in range(positions)]


class Watcher:
    """An observer that collects for `Activity`.

    Args:
        program: what is watched.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.layers: dict[str, int | None] = {op.name: None for op in program.ops()}
        self.layers |= {op.name: layer for layer, block in enumerate(program.blocks) for op in block}
        self._magnitudes: dict[tuple[str, str], _Series] = {
            (op.name, accumulator.name): _Series() for op in program.ops() for accumulator in op.accumulators
        }
        self._rms: dict[str, _Series] = {op.name: _Series() for op in program.ops() if isinstance(op, Embed | Add)}
        self._rows: dict[str, list[Floats]] = {op.name: [] for op in program.ops() if isinstance(op, AttentionOp)}
        self._saturated: dict[str, tuple[int, int]] = {}

    def word(self, position: int, op: Op, name: str, values: Int) -> None:
        """See Observer."""
        self._magnitudes[op.name, name].add(position, int(np.abs(values).max()))
        if op.name in self._rms:
            self._rms[op.name].add(position, float(np.sqrt(np.square(values.astype(np.float64)).mean())))

    def saturated(self, position: int, op: Op, count: int, of: int) -> None:
        """See Observer."""
        counts = self._saturated.get(op.name, (0, 0))
        self._saturated[op.name] = (counts[0] + count, counts[1] + of)

    def attention(self, position: int, op: Op, weights: Int) -> None:
        """See Observer."""
        rows = self._rows[op.name]
        if len(rows) == position:  # else the context has been full, and its newer half is fed again
            rows.append(weights / weights.sum(axis=1, keepdims=True))

    def heads(self) -> tuple[tuple[Floats, ...], ...]:
        """Weights by layer and head: see Attention."""
        layers = []
        for rows in self._rows.values():
            square = np.zeros((rows[0].shape[0], len(rows), len(rows)))  # [heads, queries, keys]
            for query, row in enumerate(rows):
                square[:, query, : query + 1] = row
            layers.append(tuple(square))
        return tuple(layers)

    def stability(self) -> Stability:
        """What the accumulators came to."""
        positions = len(self._rms[self.program.embed.name].values)
        uses = []
        for op in self.program.ops():
            for accumulator in op.accumulators:
                row = self._magnitudes[op.name, accumulator.name].row(positions)
                values = tuple(None if value is None else int(value) for value in row)
                uses.append(AccumulatorUse(op.name, op.KIND, self.layers[op.name], accumulator, values))
        what = f"softmax weights below 2^-{OCTAVES} of the largest"
        saturated = [Saturation(op, self.layers[op], what, *counts) for op, counts in self._saturated.items()]
        residual = []
        for name, series in self._rms.items():
            unit = 2.0**-self.program.embed.output.fraction
            largest = self._magnitudes[name, "output"]
            residual.append(
                Residual(
                    name,
                    self.layers[name],
                    tuple(series.values[position] * unit for position in range(positions)),
                    tuple(largest.values[position] * unit for position in range(positions)),
                )
            )
        return Stability(positions, tuple(uses), tuple(saturated), tuple(residual))


def observe(
    program: Program,
    prompt: Sequence[int],
    count: int,
    *,
    end_of_text: int | None,
    sampling: Sampling | None = None,
    ignore_end: bool = False,
) -> Activity:
    """Continue a prompt in the exact model and look inside; the arguments are those of `generate`.

    Args:
        program: the lowered model.
        prompt: its tokens; when empty, the end-of-text token takes their place.
        count: tokens to write at most.
        end_of_text: the token that ends a text, or None.
        sampling: how to choose tokens; greedy when None.
        ignore_end: go on after the end-of-text token.

    Raises:
        PromptError: the prompt is longer than the context, or empty without an end-of-text token.
    """
    watcher = Watcher(program)
    session = ExactSession(program, watcher)
    run = generate(session, list(prompt), count, end_of_text=end_of_text, sampling=sampling, ignore_end=ignore_end)
    fed = list(prompt) if prompt or end_of_text is None else [end_of_text]
    weights = watcher.heads()
    positions = len(weights[0][0])
    tokens = (fed + run.tokens)[:positions]
    attention = Attention(tuple(tokens), min(len(fed), positions), weights)
    return Activity(attention, watcher.stability(), tuple(run.tokens))
