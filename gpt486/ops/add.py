"""add: the residual connection, in place: x += y."""

from __future__ import annotations

from gpt486.models.gpt2 import Float
from gpt486.ops.arithmetic import Int, RangeError
from gpt486.ops.base import Accumulator, Blob, Field, Frame, Op, Vector, placed

RESIDUAL_BITS = 30
"""The residual stream keeps a guard bit: its bound stays below 2**30."""


class Add(Op):
    """Add a vector to the residual stream.

    Args:
        name: the op's name.
        target: the residual stream; also the output.
        source: what is added, in the same format.

    Raises:
        RangeError: the two differ in length or format, or the sum may need more than 30 bits.
    """

    KIND = "add_vector"
    RECORD = ""
    FIELDS: tuple[Field, ...] = ()

    def __init__(self, name: str, target: Vector, source: Vector) -> None:
        self.name = name
        self.inputs = (target, source)
        if (target.length, target.fraction) != (source.length, source.fraction):
            raise RangeError(f"{name}: {target.buffer} and {source.buffer} differ in length or format")
        bound = target.bound + source.bound
        if bound >= 1 << RESIDUAL_BITS:
            raise RangeError(f"{name}: the residual stream can reach {bound / 2**target.fraction:.3g}")
        norm = target.norm + source.norm
        self.output = Vector(target.buffer, target.length, target.fraction, bound, norm)
        self.accumulators = (Accumulator("output", "the residual stream with what is added", bound),)

    @staticmethod
    def meaning(x: Float, y: Float) -> Float:
        """The op in real numbers, elementwise."""
        return x + y

    def exact(self, frame: Frame) -> Int:
        """The sum."""
        target, source = self.inputs
        return frame.word(self, "output", frame.buffers[target.buffer] + frame.buffers[source.buffer])

    def values(self, blob: Blob) -> list[int]:
        """No record: the length is a constant of the program."""
        return []

    def facts(self) -> dict[str, object]:
        """The length."""
        return {"length": self.output.length}

    def call(self, record: str, at: str | None = None) -> str:
        """The BASIC call."""
        return f"add_vector({placed(self.inputs[0], at)}, {placed(self.inputs[1], at)}, EMBED_WIDTH)"
