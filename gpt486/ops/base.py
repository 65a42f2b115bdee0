"""What every op has in common: the vectors it reads and writes, its record in MODEL.BIN, its line of BASIC."""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from gpt486.ops.arithmetic import INT32_MAX, Int, RangeError, int32


@dataclass(frozen=True)
class Vector:
    """A vector of int32 in fixed point, with what is proven about it.

    Attributes:
        buffer: name of the buffer that holds it.
        length: number of elements.
        fraction: fraction bits; the real value is the integer / 2**fraction.
        bound: no element's magnitude exceeds this, whatever the input.
        norm: the Euclidean norm of the integers never exceeds this.
    """

    buffer: str
    length: int
    fraction: int
    bound: int
    norm: float

    def __post_init__(self) -> None:
        if not 0 <= self.bound <= INT32_MAX:
            raise RangeError(f"{self.buffer}: values up to {self.bound:.4g} do not fit into 32 bits")

    @property
    def real_bound(self) -> float:
        """The bound as a real number."""
        return self.bound / 2.0**self.fraction


@dataclass(frozen=True)
class Accumulator:
    """A place in an op where numbers add up or multiply in a 32-bit word.

    Attributes:
        name: unique in the op.
        meaning: what adds up there, in a few words.
        bound: proven: no magnitude there exceeds it, whatever the input.
    """

    name: str
    meaning: str
    bound: int


class Observer(Protocol):
    """Who looks on while the exact model runs; it must not change what it is shown."""

    def word(self, position: int, op: Op, name: str, values: Int) -> None:
        """Values have been computed in the accumulator `name` of an op; any shape."""

    def saturated(self, position: int, op: Op, count: int, of: int) -> None:
        """An op has clipped `count` values out of `of`, as it is designed to."""

    def attention(self, position: int, op: Op, weights: Int) -> None:
        """The weights that each head gives to each position up to this one, [heads, position + 1], at any scale."""


@dataclass
class Frame:
    """The state of the exact machine during one step.

    Attributes:
        token: the token fed in this step.
        position: its position in the context.
        buffers: the vectors by buffer name.
        caches: what an op keeps from step to step, by the op's name.
        observer: who looks on, if anybody.
    """

    token: int
    position: int
    buffers: dict[str, Int] = field(default_factory=dict)
    caches: dict[str, dict[str, Int]] = field(default_factory=dict)
    observer: Observer | None = None

    def word(self, op: Op, name: str, values: Int) -> Int:
        """The values of an op's accumulator, which must fit into 32 bits.

        Raises:
            RangeError: one does not: the proof that the lowering made was wrong.
        """
        if self.observer is not None:
            self.observer.word(self.position, op, name, values)
        return int32(values, f"{op.name}: {name}")

    def attention(self, op: Op, weights: Int) -> Int:
        """The weights of an attention's heads, [heads, position + 1]."""
        if self.observer is not None:
            self.observer.attention(self.position, op, weights)
        return weights

    def clip(self, op: Op, values: Int, most: int) -> Int:
        """The values, but no more than `most`: where an op saturates by design."""
        if self.observer is not None:
            self.observer.saturated(self.position, op, int((values > most).sum()), values.size)
        clipped: Int = np.minimum(values, most)
        return clipped


@dataclass(frozen=True)
class Field:
    """One Long of an op's record: its name in the BASIC Type, and what a reader should know of it."""

    name: str
    comment: str


class Blob:
    """The bytes that records point into; each piece begins at a multiple of 16.

    Args:
        start: offset of the first piece.
    """

    def __init__(self, start: int = 0) -> None:
        self._pieces: list[bytes] = []
        self._start = start
        self.size = 0

    def add(self, piece: bytes) -> int:
        """Append a piece and return its offset."""
        offset = self._start + self.size
        padded = piece + bytes(-len(piece) % 16)
        self._pieces.append(padded)
        self.size += len(padded)
        return offset

    def bytes(self) -> bytes:
        """Everything added so far."""
        return b"".join(self._pieces)


class Op(ABC):
    """One operation of a lowered model.

    Attributes:
        name: unique in the program, such as "h.0.ln_1".
        inputs: the vectors it reads.
        output: the vector it writes.
        accumulators: where its numbers add up, with what is proven of them; `exact` passes each through `Frame.word`.
    """

    name: str
    inputs: tuple[Vector, ...]
    output: Vector
    accumulators: tuple[Accumulator, ...]

    KIND: str
    """Name of the op; also of the BASIC procedure that does it."""

    RECORD: str
    """Name of the BASIC Type of its record."""

    FIELDS: Sequence[Field]
    """The record's fields, in order; all are Long."""

    @property
    def member(self) -> str:
        """The op's name within its block: the field that holds its record."""
        return self.name.rsplit(".", 1)[-1]

    @abstractmethod
    def exact(self, frame: Frame) -> Int:
        """The op's definition: the int32 output for the input vectors in `frame`."""

    @abstractmethod
    def values(self, blob: Blob) -> list[int]:
        """The record's values, in the order of FIELDS; arrays go into `blob`, their offsets into the record."""

    @abstractmethod
    def facts(self) -> dict[str, object]:
        """What BUILD.JSON tells of the op: shapes, shifts, bounds."""

    @abstractmethod
    def call(self, record: str, at: str | None = None) -> str:
        """The line of BASIC that performs the op.

        Args:
            record: an expression for a pointer to its record.
            at: where a step has several tokens, an expression for how far a token's vectors lie behind those of the
                first one, in Longs.
        """

    def pack(self, blob: Blob) -> bytes:
        """The record as bytes, little-endian.

        Raises:
            RangeError: a value does not fit into a Long.
        """
        values = self.values(blob)
        assert len(values) == len(self.FIELDS), self.name
        for spec, value in zip(self.FIELDS, values, strict=True):
            if not -INT32_MAX - 1 <= value <= INT32_MAX:
                raise RangeError(f"{self.name}: {spec.name} = {value} does not fit into 32 bits")
        return struct.pack(f"<{len(values)}i", *values)


def placed(vector: Vector, at: str | None) -> str:
    """A vector in BASIC, or that of another token, `at` Longs behind."""
    return vector.buffer if at is None else f"{vector.buffer} + {at}"


def position_of(at: str | None) -> str:
    """The position of a token in BASIC: the second one of a step has the next one (a comparison is -1 if it holds)."""
    return "position" if at is None else f"position - ({at} > 0)"


def longs(values: Int) -> bytes:
    """An array of Long as bytes, little-endian.

    Raises:
        RangeError: a value does not fit.
    """
    return int32(values, "a constant").astype("<i4").tobytes()


def shorts(values: Int) -> bytes:
    """An array of Short as bytes, little-endian.

    Raises:
        RangeError: a value does not fit.
    """
    if values.size and not -(2**15) <= values.min() <= values.max() < 2**15:
        raise RangeError("a constant does not fit into 16 bits")
    return values.astype("<i2").tobytes()
