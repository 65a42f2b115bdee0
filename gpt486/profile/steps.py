"""What each token cost: the marks of a profile, cut into steps and ops.

The marks are the arrivals at FORWARD, at the procedures of the ops, and at what follows a step. An op lasts from its
arrival to the next mark. In a step of two tokens an op arrives twice, except for products that do both at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np

from emulator.profiling.schema import COUNTERS, Counts, Mark, Profile
from gpt486.backends.emulated import CHOICE
from gpt486.profile.model import STEP, Op, ViewError

_CLOCKS = COUNTERS.index("clocks")
_INSTRUCTIONS = COUNTERS.index("instructions")


def mark_symbols(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The symbols whose arrivals are to be marked for a build: FORWARD, its ops, and the choice of a token."""
    kinds = dict.fromkeys(str(op["op"]).upper() for op in facts["ops"])
    return (STEP, *kinds, CHOICE)


@dataclass(frozen=True)
class Step:
    """One token fed to the model; two tokens of a step share what it took.

    Attributes:
        position: its position in the context.
        clocks: what each op cost, all layers of an op added up.
        instructions: the same.
        after: clocks from the last op to the next step: choosing and printing the next token; 0 for the last step.
    """

    position: int
    clocks: dict[str, int]
    instructions: dict[str, int]
    after: int


def steps(profile: Profile, facts: Mapping[str, Any]) -> list[Step]:
    """Every whole step of a run, in order. A step without logits has no final ops.

    Raises:
        ViewError: the marks are not those of the build's ops.
    """
    names = [str(op["name"]) for op in facts["ops"]]
    ops = [
        Op(name.split(".", 2)[2] if name.startswith("h.") else name, str(op["op"]), op)
        for name, op in zip(names, facts["ops"], strict=True)
    ]
    short = len(ops) - sum(not name.startswith("h.") for name in names[1:])
    context = int(facts["model"]["config"]["context"])
    found: list[Step] = []
    for marks, following_step in _cut(profile.marks):
        arrivals = marks[:-1]
        tokens = sum(arrival.symbol == ops[0].kind.upper() for arrival in arrivals)
        due = [op for op in ops for _ in range(1 if op.facts.get("two") else tokens)]
        if len(arrivals) not in (len(due) - (len(ops) - short) * tokens, len(due)):
            break  # the run was stopped in this step
        clocks: dict[str, int] = {}
        instructions: dict[str, int] = {}
        for op, arrival, following in zip(due, arrivals, marks[1:], strict=False):
            if arrival.symbol != op.kind.upper():
                raise ViewError(f"the profile does not fit the build: {arrival.symbol} ran where {op.name} was due")
            taken = _difference(following.counts, arrival.counts)
            clocks[op.name] = clocks.get(op.name, 0) + taken[_CLOCKS]
            instructions[op.name] = instructions.get(op.name, 0) + taken[_INSTRUCTIONS]
        after = _difference(following_step.counts, marks[-1].counts)[_CLOCKS] if following_step is not None else 0
        for token in range(tokens):
            # The window slides by half when it is full, so that positions come round with the context.
            position = len(found) % context
            shares = _share(clocks, token, tokens), _share(instructions, token, tokens)
            found.append(Step(position, *shares, (after + token) // tokens))
    return found


def _share(counts: Mapping[str, int], token: int, tokens: int) -> dict[str, int]:
    """A token's part of what a step took; the parts add up to the whole."""
    return {name: (count + token) // tokens for name, count in counts.items()}


def _cut(marks: Sequence[Mark]) -> Iterator[tuple[list[Mark], Mark | None]]:
    """The marks of each step: its ops' arrivals and the first mark after them; and the next step's arrival, if any."""
    begins = [index for index, mark in enumerate(marks) if mark.symbol == STEP]
    for begin, following in zip_longest(begins, begins[1:]):
        end = begin + 1
        while end < len(marks) and marks[end].symbol not in (STEP, CHOICE):
            end += 1
        if end < len(marks):
            yield [*marks[begin + 1 : end + 1]], None if following is None else marks[following]


def _difference(after: Counts, before: Counts) -> list[int]:
    return [int(number) for number in np.array(after) - np.array(before)]


def decoding(profile: Profile) -> tuple[Counts, int] | None:
    """Counts from the first new token's choice to the last one's, and how many tokens that is; None with no two."""
    choices = [mark for mark in profile.marks if mark.symbol == CHOICE]
    if len(choices) < 2:
        return None
    return tuple(_difference(choices[-1].counts, choices[0].counts)), len(choices) - 1


def per_token(profile: Profile) -> tuple[float, float] | None:
    """Mean clocks and instructions from one new token's choice to the next one's; None with fewer than two."""
    taken = decoding(profile)
    return None if taken is None else (taken[0][_CLOCKS] / taken[1], taken[0][_INSTRUCTIONS] / taken[1])
