"""What procedures are for, in a few words that colours stand for: "matvec", "attention", "load" and the like."""

from __future__ import annotations

from emulator.profiling.attribute import PROGRAM
from emulator.profiling.schema import COUNTERS
from gpt486.profile.model import ModelView

OTHER = "other"
SYSTEM = "system"

_OF_KIND = {
    "matvec": "matvec",
    "attend": "attention",
    "layer_norm": "layer_norm",
    "gelu": "activation",
    "relu": "activation",
    "embed": "embed",
    "add_vector": "add",
}
"""The group of an op's kind."""

_OF_PROCEDURE = {
    "NEXT_TOKEN": "sample",
    "RANDOM_SEED": "sample",
    "ENCODE": "text",
    "PRINT_TOKEN": "text",
    "CONSOLE_WRITE": "text",
    "READ_COMMAND_LINE": "text",
    "TAKE_PROMPT": "text",
    "HELP": "text",
    "MODEL_LOAD": "load",
    "LOG_LOGITS": "text",
    "TRACE_VECTOR": "text",
}
"""The group of a procedure and of everything that it calls."""


def of_kind(kind: str) -> str:
    """The group of a kind of op."""
    return _OF_KIND.get(kind, OTHER)


def of_op(view: ModelView, name: str) -> str:
    """The group of an op by its name."""
    return of_kind(next(op.kind for op in view.ops if op.name == name))


def of_contexts(view: ModelView) -> list[str]:
    """The group of each calling context: of the nearest op or known procedure that it stands in."""
    found: list[str] = []
    for index, context in enumerate(view.profile.contexts):
        above = found[context.parent] if context.parent >= 0 else SYSTEM
        owner = view.attribution.owners[index]
        if index in view.op_of:
            group = of_kind(view.op_of[index].kind)
        elif owner.module != PROGRAM:
            group = SYSTEM if above == OTHER else above
        elif owner.name in _OF_PROCEDURE and above in (OTHER, SYSTEM):
            group = _OF_PROCEDURE[owner.name]
        elif owner.name.isupper() and above == SYSTEM:
            group = OTHER  # BASIC of the program below the run-time's start
        elif owner.name.islower() and above == OTHER:
            group = SYSTEM  # the run-time library
        else:
            group = above
        found.append(group)
    return found


def of_procedures(view: ModelView) -> dict[tuple[str, str], str]:
    """The group of each procedure, by module and name: where most of its own clocks were spent.

    BIOS, DOS and the start-up code interrupt whatever runs, and are the system's all the same.
    """
    clocks = view.attribution.own[:, COUNTERS.index("clocks")]
    spent: dict[tuple[str, str], dict[str, int]] = {}
    for index, group in enumerate(of_contexts(view)):
        owner = view.attribution.owners[index]
        groups = spent.setdefault((owner.module, owner.name), {})
        groups[group] = groups.get(group, 0) + int(clocks[index])
    return {
        (module, name): SYSTEM if module != PROGRAM or name.startswith("sys_") else max(groups, key=groups.__getitem__)
        for (module, name), groups in spent.items()
    }
