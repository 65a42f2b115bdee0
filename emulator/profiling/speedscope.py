"""Profiles for speedscope (speedscope.app): its JSON file format, "sampled" profiles of the calling contexts.

Every context is a stack; its weight is what it cost without its callees.  The format has no unit for clocks,
so they are plain numbers; a second profile has the same as emulated nanoseconds.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from emulator.profiling.attribute import Attribution
from emulator.profiling.schema import COUNTERS

SCHEMA: Final = "https://www.speedscope.app/file-format-schema.json"


def speedscope(
    attribution: Attribution,
    *,
    exporter: str = "emulator",
    label: Callable[[int], str | None] = lambda index: None,
    path: Callable[[str], str] = lambda file: file,
) -> str:
    """The profile as a text in speedscope's format.

    label: a name for a context by its index, where it has one better than its procedure's.  path: turns the
    name of a source file in the map into one to show.
    """
    profile = attribution.profile
    frames: list[dict[str, Any]] = []
    numbers: dict[tuple[str, str, int], int] = {}

    def frame(index: int) -> int:
        procedure = attribution.owners[index]
        name = label(index) or context_name(attribution, index)
        file, line = attribution.first_line(procedure)
        key = (name, file, line)
        if key not in numbers:
            numbers[key] = len(frames)
            place = {"file": path(file), "line": line} if file else {"file": procedure.module}
            frames.append({"name": name, **place})
        return numbers[key]

    order, stacks = _stacks(attribution, frame)
    clocks = [int(attribution.own[index][COUNTERS.index("clocks")]) for index in order]
    instructions = [int(attribution.own[index][COUNTERS.index("instructions")]) for index in order]
    moved = [
        int(
            attribution.own[index][COUNTERS.index("bytes_read")]
            + attribution.own[index][COUNTERS.index("bytes_written")]
        )
        for index in order
    ]
    times = [round(number * 1e9 / profile.clock_hz) for number in clocks]
    document = {
        "$schema": SCHEMA,
        "exporter": exporter,
        "name": profile.program,
        "activeProfileIndex": 0,
        "shared": {"frames": frames},
        "profiles": [
            _sampled(f"{profile.program}: clocks", "none", stacks, clocks),
            _sampled(f"{profile.program}: time", "nanoseconds", stacks, times),
            _sampled(f"{profile.program}: instructions", "none", stacks, instructions),
            _sampled(f"{profile.program}: bytes read and written", "bytes", stacks, moved),
        ],
    }
    return json.dumps(document, separators=(",", ":")) + "\n"


def context_name(attribution: Attribution, index: int) -> str:
    """A context's procedure, with its number where it is one of several: "TRANSFORMER_BLOCK 0"."""
    ordinal = attribution.profile.contexts[index].ordinal
    name = attribution.owners[index].name
    return name if ordinal < 0 else f"{name} {ordinal}"


def _stacks(attribution: Attribution, frame: Callable[[int], int]) -> tuple[list[int], list[list[int]]]:
    """The contexts, callers first, and for each its stack of frames from the root on."""
    order: list[int] = []
    stacks: list[list[int]] = []
    contexts = attribution.profile.contexts
    waiting: list[tuple[int, list[int]]] = [
        (index, []) for index in range(len(contexts) - 1, -1, -1) if contexts[index].parent < 0
    ]
    while waiting:
        index, above = waiting.pop()
        stack = [*above, frame(index)]
        order.append(index)
        stacks.append(stack)
        waiting += [(child, stack) for child in reversed(attribution.children[index])]
    return order, stacks


def _sampled(name: str, unit: str, stacks: list[list[int]], weights: list[int]) -> dict[str, Any]:
    kept = [(stack, weight) for stack, weight in zip(stacks, weights, strict=True) if weight]
    return {
        "type": "sampled",
        "name": name,
        "unit": unit,
        "startValue": 0,
        "endValue": sum(weight for _, weight in kept),
        "samples": [stack for stack, _ in kept],
        "weights": [weight for _, weight in kept],
    }
