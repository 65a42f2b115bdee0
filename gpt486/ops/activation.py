"""gelu and relu, in place.

gelu(x) = x * Phi(x) = max(x, 0) - g(|x|) with g(a) = a * (1 - Phi(a)): one small bump serves both signs, for the exact
GELU as for its tanh form (tanh is odd). With 10 fraction bits g fits into a byte, and a table of 4,096 bytes has its
value for every |x| below 4; beyond 4 it is below half a unit. So nothing is interpolated or multiplied.

An index of the table is x xor its sign: x, or -x - 1 for a negative x. Its entry is the bump half a unit further up,
which is a quarter of a unit off either way: the error is at most 0.8 units of 2**-10.
"""

from __future__ import annotations

import math

import numpy as np

from gpt486.models.gpt2 import Float
from gpt486.ops.arithmetic import Int, RangeError
from gpt486.ops.base import Accumulator, Blob, Field, Frame, Op, Vector, placed

GELU_FRACTION = 10
"""Fraction bits of GELU's output, and of its input once that is shifted to as many."""

MOST_UP = 4

GELU_ENTRIES = 4 << GELU_FRACTION


def gelu_table(kind: str) -> Int:
    """The bump g at (i + 1/2) / 1024, in units of 1/1024, for i = 0 .. 4095; each fits into a byte.

    Args:
        kind: "gelu" (with the error function), "gelu_new" (with tanh) or "relu" (all zeros).
    """
    points = [(i + 0.5) / 2**GELU_FRACTION for i in range(GELU_ENTRIES)]
    if kind == "gelu":
        tail = [0.5 * math.erfc(a / math.sqrt(2)) for a in points]
    elif kind == "gelu_new":
        tail = [0.5 * (1 - math.tanh(math.sqrt(2 / math.pi) * (a + 0.044715 * a**3))) for a in points]
    else:
        tail = [0.0 for a in points]
    return np.array([round(a * t * 2**GELU_FRACTION) for a, t in zip(points, tail, strict=True)], np.int64)


def wanted_fraction(kind: str) -> int | None:
    """The fraction bits that an activation asks of the matrix before it; None: any will do."""
    return None if kind == "relu" else GELU_FRACTION


class Activation(Op):
    """Apply GELU or ReLU to a vector, in place. GELU's output has 10 fraction bits.

    Args:
        name: the op's name.
        source: the vector.
        kind: "gelu_new", "gelu" or "relu".

    Raises:
        RangeError: GELU's input has fewer than 6 fraction bits, or needs more than 32 bits with 10.
    """

    RECORD = "ActivationRecord"
    FIELDS = (
        Field("length", "number of elements"),
        Field("shift", "they are shifted down by this, up where it is negative, to 10 fraction bits"),
    )

    def __init__(self, name: str, source: Vector, kind: str) -> None:
        self.name = name
        self.kind = kind
        self.KIND = "relu" if kind == "relu" else "gelu"
        self.inputs = (source,)
        self.shift = 0 if kind == "relu" else source.fraction - GELU_FRACTION
        if not -MOST_UP <= self.shift <= 31:
            raise RangeError(
                f"{name}: the hidden layer can reach {source.real_bound:.3g}, which leaves {source.fraction} fraction "
                f"bits; gelu takes {GELU_FRACTION - MOST_UP} to {GELU_FRACTION + 31}"
            )
        self.table = gelu_table(kind)
        bump = int(self.table.max())
        bound = source.bound << -self.shift if self.shift < 0 else (source.bound >> self.shift) + 1
        norm = math.hypot(source.norm / 2.0**self.shift + math.sqrt(source.length), bump * math.sqrt(source.length))
        self.output = Vector(source.buffer, source.length, source.fraction - self.shift, max(bound, bump), norm)
        self.accumulators = (Accumulator("output", "max(x, 0) minus the bump", self.output.bound),)

    @staticmethod
    def meaning(x: Float, kind: str) -> Float:
        """The op in real numbers, elementwise."""
        from gpt486.reference.floats import activate

        return activate(x, kind)

    def exact(self, frame: Frame) -> Int:
        """The activated vector."""
        x = frame.buffers[self.inputs[0].buffer]
        x = x << -self.shift if self.shift < 0 else x >> self.shift
        y = np.maximum(x, 0)
        if self.kind != "relu":
            magnitude = x ^ (x >> 63)
            inside = magnitude < GELU_ENTRIES
            y = y - np.where(inside, self.table[np.where(inside, magnitude, 0)], 0)
        return frame.word(self, "output", y)

    def values(self, blob: Blob) -> list[int]:
        """The record: see FIELDS."""
        return [self.output.length, self.shift]

    def facts(self) -> dict[str, object]:
        """Shapes and formats."""
        return {"length": self.output.length, "activation": self.kind}

    def call(self, record: str, at: str | None = None) -> str:
        """The BASIC call."""
        return f"{self.KIND}({placed(self.output, at)}, {record})"
