"""gelu and relu, in place.

gelu(x) = x * Phi(x) = max(x, 0) - g(|x|) with g(a) = a * (1 - Phi(a)): one small bump serves both signs, for the exact
GELU as for its tanh form (tanh is odd). g is read from a table of 513 points on 0..8 and interpolated linearly; the
error is below 2**-14, and beyond 8 g is below 2**-46.
"""

from __future__ import annotations

import math

import numpy as np

from gpt486.models.gpt2 import Float
from gpt486.ops.arithmetic import Int, RangeError, shift_round
from gpt486.ops.base import Accumulator, Blob, Field, Frame, Op, Vector

TABLE_RANGE = 8
STEP_BITS = 6
"""64 table entries for each unit."""

TABLE_FRACTION = 16


def gelu_table(kind: str) -> Int:
    """g(i / 64) * 2**16 for i = 0..512.

    Args:
        kind: "gelu" (with the error function), "gelu_new" (with tanh) or "relu" (all zeros).
    """
    points = [i / 2**STEP_BITS for i in range(TABLE_RANGE * 2**STEP_BITS + 1)]
    if kind == "gelu":
        tail = [0.5 * math.erfc(a / math.sqrt(2)) for a in points]
    elif kind == "gelu_new":
        tail = [0.5 * (1 - math.tanh(math.sqrt(2 / math.pi) * (a + 0.044715 * a**3))) for a in points]
    else:
        tail = [0.0 for a in points]
    return np.array([round(a * t * 2**TABLE_FRACTION) for a, t in zip(points, tail, strict=True)], np.int64)


class Activation(Op):
    """Apply GELU or ReLU to a vector, in place.

    Args:
        name: the op's name.
        source: the vector.
        kind: "gelu_new", "gelu" or "relu".

    Raises:
        RangeError: the input has fewer than 6 or more than 16 fraction bits.
    """

    RECORD = "ActivationRecord"
    FIELDS = (
        Field("length", "number of elements"),
        Field("fraction", "fraction bits of the vector"),
    )

    def __init__(self, name: str, source: Vector, kind: str) -> None:
        self.name = name
        self.kind = kind
        self.KIND = "relu" if kind == "relu" else "gelu"
        self.inputs = (source,)
        if not STEP_BITS <= source.fraction <= TABLE_FRACTION:
            raise RangeError(
                f"{name}: the hidden layer can reach {source.real_bound:.3g}, which leaves {source.fraction} fraction "
                f"bits; the activation needs {STEP_BITS} to {TABLE_FRACTION}"
            )
        self.table = gelu_table(kind)
        bump = 0 if kind == "relu" else int(self.table.max()) + 1
        bump = (bump >> (TABLE_FRACTION - source.fraction)) + 1
        norm = math.hypot(source.norm, bump * math.sqrt(source.length))
        self.output = Vector(source.buffer, source.length, source.fraction, max(source.bound, bump), norm)
        output = Accumulator("output", "max(x, 0) minus the bump", self.output.bound)
        slope = int(np.abs(np.diff(self.table)).max()) << source.fraction - STEP_BITS
        interpolated = Accumulator("interpolated", "a step of the table times the rest", slope)
        self.accumulators = (output,) if kind == "relu" else (interpolated, output)

    @staticmethod
    def meaning(x: Float, kind: str) -> Float:
        """The op in real numbers, elementwise."""
        from gpt486.reference.floats import activate

        return activate(x, kind)

    def exact(self, frame: Frame) -> Int:
        """The activated vector."""
        x = frame.buffers[self.inputs[0].buffer]
        positive = np.maximum(x, 0)
        if self.kind == "relu":
            return frame.word(self, "output", positive)
        fraction = self.inputs[0].fraction
        step = fraction - STEP_BITS
        magnitude = np.abs(x)
        inside = magnitude < TABLE_RANGE << fraction
        index = np.where(inside, magnitude >> step, 0)
        rest = np.where(inside, magnitude & ((1 << step) - 1), 0)
        slope = self.table[index + 1] - self.table[index]
        bump = self.table[index] + shift_round(frame.word(self, "interpolated", slope * rest), step)
        bump = np.where(inside, shift_round(bump, TABLE_FRACTION - fraction), 0)
        return frame.word(self, "output", positive - bump)

    def values(self, blob: Blob) -> list[int]:
        """The record: see FIELDS."""
        return [self.output.length, self.output.fraction]

    def facts(self) -> dict[str, object]:
        """Shapes and formats."""
        return {"length": self.output.length, "activation": self.kind}

    def call(self, record: str) -> str:
        """The BASIC call."""
        return f"{self.KIND}({self.output.buffer}, {record})"
