"""embed: the residual stream begins as token embedding + position embedding."""

from __future__ import annotations

import math

import numpy as np

from gpt486.models.gpt2 import Float
from gpt486.ops.arithmetic import Int, integers
from gpt486.ops.base import Accumulator, Blob, Field, Frame, Op, Vector, placed, position_of, shorts

SHORT_MAX = 2**15 - 1


class Embed(Op):
    """x = wte[token] + wpe[position].

    Both tables are Shorts in one fixed point; their sum, shifted up, is the residual stream's.

    Args:
        tokens: [vocabulary, width].
        positions: [context, width].
        fraction: fraction bits of the residual stream.
    """

    KIND = "embed"
    RECORD = "EmbedRecord"
    FIELDS = (
        Field("tokens", "offset: Shorts, a row for each token"),
        Field("positions", "offset: Shorts, a row for each position"),
    )

    def __init__(self, name: str, tokens: Float, positions: Float, fraction: int) -> None:
        self.name = name
        largest = float(max(np.abs(tokens).max(), np.abs(positions).max()))
        # The largest number becomes at most 2**15 - 1 by 2**(fraction - shift).
        reach = SHORT_MAX / largest if largest > 0 else math.inf
        self.shift = 0
        while 2.0 ** (fraction - self.shift) > reach:
            self.shift += 1
        self.tokens: Int = integers(tokens.astype(np.float64) * 2.0 ** (fraction - self.shift), f"{name}: a token")
        self.positions: Int = integers(
            positions.astype(np.float64) * 2.0 ** (fraction - self.shift), f"{name}: a position"
        )
        bound = int(np.abs(self.tokens).max() + np.abs(self.positions).max()) << self.shift
        norm = sum(float(np.sqrt(np.square(rows).sum(axis=1).max())) for rows in (self.tokens, self.positions))
        self.inputs = ()
        self.output = Vector("x", tokens.shape[1], fraction, bound, norm * 2.0**self.shift * (1 + 1e-9))
        self.accumulators = (Accumulator("output", "token embedding plus position embedding", bound),)

    @staticmethod
    def meaning(wte: Float, wpe: Float, token: int, position: int) -> Float:
        """The op in real numbers: wte [V, C], wpe [T, C] -> [C]."""
        row: Float = wte[token] + wpe[position]
        return row

    def exact(self, frame: Frame) -> Int:
        """The sum of the two rows in fixed point, [width]."""
        return frame.word(self, "output", (self.tokens[frame.token] + self.positions[frame.position]) << self.shift)

    def values(self, blob: Blob) -> list[int]:
        """The record: see FIELDS."""
        return [blob.add(shorts(self.tokens)), blob.add(shorts(self.positions))]

    def facts(self) -> dict[str, object]:
        """Shapes and the shift."""
        return {"tokens": list(self.tokens.shape), "positions": list(self.positions.shape), "shift": self.shift}

    def call(self, record: str, at: str | None = None) -> str:
        """The BASIC call."""
        return f"embed(token, {position_of(at)}, {placed(self.output, at)}, {record})"
