"""The op program: what one step of the model does, in order, and the checks that it must pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gpt486.models.config import GPT2Config
from gpt486.ops.arithmetic import RangeError
from gpt486.ops.base import Op, Vector
from gpt486.ops.embed import Embed
from gpt486.ops.matvec import MatVec


@dataclass(frozen=True)
class Program:
    """A lowered model.

    Attributes:
        name: the model's name.
        config: the model's sizes; `config.context` is the context of the program.
        embed: the op that begins a step.
        blocks: the ops of each transformer block; all blocks have the same ops on the same buffers.
        final: the ops after the last block; the last one writes the logits.
        others: products that have another kernel on the other kind of CPU, by name: see second_choice.py.
    """

    name: str
    config: GPT2Config
    embed: Embed
    blocks: tuple[tuple[Op, ...], ...]
    final: tuple[Op, ...]
    others: Mapping[str, MatVec] = field(default_factory=dict)

    def ops(self) -> Iterator[Op]:
        """Every op in the order of execution."""
        yield self.embed
        for block in self.blocks:
            yield from block
        yield from self.final

    def products(self) -> Iterator[MatVec]:
        """Every product, and those with other kernels."""
        yield from (op for op in self.ops() if isinstance(op, MatVec))
        yield from self.others.values()

    @property
    def logits(self) -> Vector:
        """The last op's output."""
        return self.final[-1].output

    @property
    def tokens_at_once(self) -> int:
        """How many tokens of a prompt a step takes: two, if there are products that do two at once."""
        return 2 if any(op.two for op in self.products()) else 1

    def check(self) -> None:
        """Check shapes, formats and ranges between the ops, and that the blocks are alike.

        Raises:
            RangeError: an op reads what no op wrote, or in another length, format or range.
        """
        written: dict[str, Vector] = {}
        for op in self.ops():
            for vector in op.inputs:
                found = written.get(vector.buffer)
                if found is None:
                    raise RangeError(f"{op.name}: reads {vector.buffer} before anything wrote it")
                if (found.length, found.fraction) != (vector.length, vector.fraction):
                    raise RangeError(f"{op.name}: {vector.buffer} has another length or format than the op expects")
                if found.bound > vector.bound or found.norm > vector.norm * (1 + 1e-9):
                    raise RangeError(f"{op.name}: {vector.buffer} may exceed the range that the op was proven for")
            written[op.output.buffer] = op.output
        for block in self.blocks[1:]:
            if [_shape(op) for op in block] != [_shape(op) for op in self.blocks[0]]:
                raise RangeError("the transformer blocks differ in their ops or shapes")
        names = [op.name for op in self.ops()]
        if len(set(names)) != len(names):
            raise RangeError("two ops have the same name")


def _shape(op: Op) -> tuple[object, ...]:
    vectors = [(v.buffer, v.length) for v in (*op.inputs, op.output)]
    return (type(op), op.member, *vectors)


def pair_tokens(program: Program) -> Program:
    """Decide which products the program does for two tokens of the prompt at once: where it can in every block.

    The final ops are not among them: of a prompt's tokens the last one alone needs logits.
    """
    for ops in zip(*program.blocks, strict=True):
        matrices = [op for op in ops if isinstance(op, MatVec)]
        fits = all(op.fits_two for op in matrices)
        for op in matrices:
            op.two = fits
    return program


def part_tokens(program: Program) -> Program:
    """Let the program do one token of a prompt at a time: then it needs less memory."""
    for op in program.products():
        op.two = False
    return program


def number_kernels(program: Program) -> Program:
    """Number the variants of kernels that a program's products use; equal ones get the same number."""
    numbers: dict[tuple[object, ...], int] = {}
    for op in program.products():
        op.number = numbers.setdefault(op.variant, len(numbers))
    return program
