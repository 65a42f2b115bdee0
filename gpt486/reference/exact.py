"""The exact integer model: runs a program op by op in NumPy. What it computes is what the 486 must compute."""

from __future__ import annotations

from collections.abc import Callable

from gpt486.lower.program import Program
from gpt486.ops.arithmetic import Int
from gpt486.ops.base import Frame, Observer, Op

Trace = Callable[[Op, Int], None]


class ExactSession:
    """An exact run of a program over one text: feed tokens, get integer logits.

    Args:
        program: the lowered model.
        observer: is shown every accumulator of every op.
    """

    def __init__(self, program: Program, observer: Observer | None = None) -> None:
        self.program = program
        self.observer = observer
        self.length = 0
        self._caches: dict[str, dict[str, Int]] = {}

    def reset(self) -> None:
        """Forget every token."""
        self.length = 0

    def step(self, token: int, trace: Trace | None = None, logits: bool = True) -> Int:
        """Feed one token.

        Args:
            token: its number.
            trace: called after each op with the op and its output.
            logits: whether the ops after the last block are wanted; a prompt's tokens but the last need none.

        Returns:
            The logits for the next token, [vocabulary], fixed point with `program.logits.fraction` fraction bits;
            the residual stream, [width], when `logits` is False.
        """
        frame = Frame(token, self.length, caches=self._caches, observer=self.observer)
        for op in self.program.ops():
            if not logits and op is self.program.final[0]:
                break
            output = op.exact(frame)
            frame.buffers[op.output.buffer] = output
            if trace is not None:
                trace(op, output)
        self.length += 1
        return output
