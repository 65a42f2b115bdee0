"""embed: the residual stream begins as token embedding + position embedding."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gpt486.models.gpt2 import Float
from gpt486.ops.arithmetic import Int, integers, shift_round
from gpt486.ops.base import Accumulator, Blob, Field, Frame, Op, Vector, longs
from gpt486.quantize.int8 import QuantizedRows

MULTIPLIER_BITS = 16
"""|code| < 2**7, so that code * multiplier stays below 2**23."""


class Embed(Op):
    """x = wte[token] + wpe[position].

    Both tables are int8 with a scale for each row; a row comes out as `(code * multiplier) >> shift` in the residual
    stream's fixed point.

    Args:
        tokens: [vocabulary, width].
        positions: [context, width].
        fraction: fraction bits of the residual stream.
    """

    KIND = "embed"
    RECORD = "EmbedRecord"
    FIELDS = (
        Field("token_codes", "offset: signed bytes, a row for each token"),
        Field("token_multipliers", "offset: a Long for each token"),
        Field("token_shift", "(code * multiplier) Shr this is fixed point"),
        Field("position_codes", "offset: signed bytes, a row for each position"),
        Field("position_multipliers", "offset: a Long for each position"),
        Field("position_shift", ""),
    )

    def __init__(self, name: str, tokens: QuantizedRows, positions: QuantizedRows, fraction: int) -> None:
        self.name = name
        self.tokens = tokens
        self.positions = positions
        self.token_multipliers, self.token_shift = _fixed_scales(tokens.scales, fraction)
        self.position_multipliers, self.position_shift = _fixed_scales(positions.scales, fraction)
        largest = self._row_norms(tokens, self.token_multipliers, self.token_shift)
        largest = largest + self._row_norms(positions, self.position_multipliers, self.position_shift)
        bound = sum(
            math.ceil(np.abs(rows.codes.astype(np.int64) * m[:, None]).max() / 2**s) + 1
            for rows, m, s in (
                (tokens, self.token_multipliers, self.token_shift),
                (positions, self.position_multipliers, self.position_shift),
            )
        )
        self.inputs = ()
        self.output = Vector("x", tokens.shape[1], fraction, bound, float(largest))
        self.accumulators = (Accumulator("output", "token embedding plus position embedding", bound),)

    @staticmethod
    def _row_norms(rows: QuantizedRows, multipliers: Int, shift: int) -> float:
        """The largest norm of a row in fixed point; each element is off by at most half a unit."""
        fixed = rows.codes.astype(np.float64) * multipliers[:, None] / 2**shift
        return float(np.sqrt(np.square(fixed).sum(axis=1).max()) + 0.5 * math.sqrt(rows.shape[1]) + 1e-6)

    @staticmethod
    def meaning(wte: Float, wpe: Float, token: int, position: int) -> Float:
        """The op in real numbers: wte [V, C], wpe [T, C] -> [C]."""
        row: Float = wte[token] + wpe[position]
        return row

    def exact(self, frame: Frame) -> Int:
        """The sum of the two rows in fixed point, [width]."""
        token = self.tokens.codes[frame.token].astype(np.int64)
        position = self.positions.codes[frame.position].astype(np.int64)
        x = shift_round(token * self.token_multipliers[frame.token], self.token_shift)
        x = x + shift_round(position * self.position_multipliers[frame.position], self.position_shift)
        return frame.word(self, "output", x)

    def values(self, blob: Blob) -> list[int]:
        """The record: see FIELDS."""
        return [
            blob.add(self.tokens.codes.tobytes()),
            blob.add(longs(self.token_multipliers)),
            self.token_shift,
            blob.add(self.positions.codes.tobytes()),
            blob.add(longs(self.position_multipliers)),
            self.position_shift,
        ]

    def facts(self) -> dict[str, object]:
        """Shapes, shifts and bounds."""
        return {
            "tokens": list(self.tokens.shape),
            "positions": list(self.positions.shape),
            "token_shift": self.token_shift,
            "position_shift": self.position_shift,
        }

    def call(self, record: str) -> str:
        """The BASIC call."""
        return f"embed(token, position, {self.output.buffer}, {record})"


def _fixed_scales(scales: NDArray[np.float64], fraction: int) -> tuple[Int, int]:
    """Row scales as integers m and one shift s, so that scale * 2**fraction ~ m / 2**s and m < 2**16."""
    fixed = scales * 2.0**fraction
    largest = float(fixed.max())
    shift = 0 if largest <= 0 else max(0, min(24, MULTIPLIER_BITS - math.frexp(largest)[1]))
    return integers(fixed * 2.0**shift, "a row of the embedding"), shift
