"""A profile of a build as the HTML report takes it (see report_check): trees, ops, lines, roofline, tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import gpt486
from emulator.profiling.schema import COUNTERS, Counts
from emulator.profiling.speedscope import context_name
from gpt486.profile import groups
from gpt486.profile.figures import RunFacts
from gpt486.profile.model import ModelView
from gpt486.profile.roofline import roofline
from gpt486.profile.steps import decoding, steps

FORMAT = "gpt486-report 1"

SMALLEST = 1e-4
"""Nodes below this share of a tree's clocks are folded into one."""

SOURCE = "GPT.BAS"
REST = "(the rest)"

_CLOCKS = COUNTERS.index("clocks")


def report_data(
    view: ModelView,
    run: RunFacts,
    *,
    source: Sequence[str] = (),
    command: str | None = None,
    memory_bytes: int | None = None,
    peak_memory_bytes: int | None = None,
    notes: Sequence[str] = (),
    sections: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The report's data.

    Args:
        view: the profile by ops.
        run: what was run.
        source: the lines of GPT.BAS.
        command: the command line that made the profile.
        memory_bytes: the PC's memory.
        peak_memory_bytes: what of it was used.
        notes: sentences for the reader.
        sections: further sections: memory, attention, stability.
    """
    profile, facts = view.profile, view.facts
    config = facts["model"]["config"]
    name = str(profile.cpu.get("name", "486"))
    limited = roofline(view)
    tokens = _tokens(view, run, ((sections or {}).get("attention") or {}).get("tokens", ()))
    return {
        "format": FORMAT,
        "counters": list(COUNTERS),
        "meta": {
            "title": f"{facts['model']['name']} on a {name.upper()}",
            "program": profile.program,
            "version": f"gpt486 {gpt486.__version__}",
            "command": command,
            "model": {
                "name": facts["model"]["name"],
                "parameters": facts["model"]["parameters"],
                **{key: config[key] for key in ("layers", "heads", "width", "context", "vocabulary")},
            },
            "prompt": run.prompt,
            "text": run.text.removeprefix(run.prompt),
            "prompt_tokens": run.prompt_tokens,
            "new_tokens": run.new_tokens,
            "cpu": {**profile.cpu, "board": board_sentence(profile.cpu)},
            "memory_bytes": memory_bytes,
            "peak_memory_bytes": peak_memory_bytes,
            "sampled": profile.sampled,
            "notes": [*notes, *([f"The run was stopped: {run.stopped}."] if run.stopped else [])],
        },
        "totals": _totals(view),
        "flame": {"views": _views(view)},
        # What did not run has no section: a run that is stopped early has neither ops nor kernels nor steps.
        "ops": _ops(view) if any(cost.calls for cost in view.op_costs) else None,
        "procedures": _procedures(view),
        "source": _source(view, source),
        "roofline": limited if limited["points"] else None,
        "tokens": tokens if tokens["positions"] else None,
        **(sections or {}),
    }


def board_sentence(cpu: Mapping[str, Any]) -> str:
    """What the board is, for people; "" where the profile does not say."""
    board = cpu.get("board")
    if not isinstance(board, Mapping):
        return ""
    parts = []
    if board.get("l2_bytes"):
        timing = f"{board['l2_lead']}-{board['l2_burst']}-{board['l2_burst']}-{board['l2_burst']}"
        parts.append(f"{board['l2_bytes'] // 1024} KB second-level cache ({timing})")
    else:
        parts.append("no second-level cache")
    if "dram_lead" in board:
        burst = board["dram_burst"]
        parts.append(f"DRAM {board['dram_lead']}-{burst}-{burst}-{burst}, {board['dram_row']} more for another row")
    return ", ".join(parts)


def _totals(view: ModelView) -> dict[str, Any]:
    taken = decoding(view.profile)
    totals: dict[str, Any] = {"run": list(view.profile.totals), "disk": view.profile.disk, "idle": view.profile.idle}
    if taken is not None:
        totals["decode"] = {"counts": list(taken[0]), "tokens": taken[1]}
    return totals


def _views(view: ModelView) -> list[dict[str, Any]]:
    tree = _Tree(view)
    roots = [index for index, context in enumerate(view.profile.contexts) if context.parent < 0]
    views = [
        {
            "name": "Whole run",
            "explain": "from the first instruction to the return to DOS",
            "per": 1,
            "tree": tree.of(roots, view.profile.program),
        }
    ]
    if view.step_count:
        explain = (
            f"mean of the {view.step_count:,} steps of the run" if view.step_count > 1 else "the only step of the run"
        )
        token = {"name": "A token", "explain": explain, "per": view.step_count, "tree": tree.of(view.steps, "FORWARD")}
        views.insert(0, token)
    return views


class _Tree:
    """Calling contexts added up by name from some roots down, with what is small folded into one node."""

    def __init__(self, view: ModelView) -> None:
        self.view = view
        self.groups = groups.of_contexts(view)
        self.least = 0.0

    def of(self, roots: Sequence[int], name: str) -> dict[str, Any]:
        """One tree; several roots of different names get a common one."""
        inclusive = self.view.attribution.inclusive
        self.least = SMALLEST * int(inclusive[list(roots), _CLOCKS].sum()) if roots else 0.0
        nodes = self.merge(roots)
        if len(nodes) == 1:
            return nodes[0]
        return {"name": name, "group": groups.OTHER, "kind": "phase", "children": nodes}

    def merge(self, indices: Sequence[int]) -> list[dict[str, Any]]:
        attribution = self.view.attribution
        members: dict[tuple[str, str], list[int]] = {}
        for index in indices:
            label = self.view.label(index)
            kind = "procedure" if label is None else "op" if index in self.view.op_of else "layer"
            members.setdefault((kind, label or context_name(attribution, index)), []).append(index)
        nodes: list[dict[str, Any]] = []
        folded: list[int] = []
        for (kind, name), group in members.items():
            if int(attribution.inclusive[group, _CLOCKS].sum()) < self.least:
                folded += group
                continue
            file, line = attribution.first_line(attribution.owners[group[0]])
            node: dict[str, Any] = {
                "name": name,
                "group": self.groups[group[0]],
                "kind": kind,
                "calls": sum(self.view.profile.contexts[index].calls for index in group),
                "counts": _summed(attribution.own[group]),
                "children": self.merge([child for index in group for child in attribution.children[index]]),
            }
            if file:
                node["where"] = f"{file}:{line}"
            nodes.append(node)
        if folded:
            counted = _summed(attribution.inclusive[folded])
            nodes.append({"name": REST, "group": groups.OTHER, "kind": "procedure", "counts": counted})
        return nodes


def _summed(rows: Any) -> list[int]:
    return [int(number) for number in np.asarray(rows).sum(axis=0)]


def _ops(view: ModelView) -> list[dict[str, Any]]:
    by_name = {op.name: op for op in view.ops}
    return [
        {
            "name": cost.name if cost.layer is None else f"h.{cost.layer}.{cost.name}",
            "group": groups.of_kind(cost.kind),
            "layer": cost.layer,
            "kernel": by_name[cost.name].facts.get("kernel"),
            "weights": by_name[cost.name].weights,
            "calls": cost.calls,
            "counts": list(cost.counts),
        }
        for cost in view.op_costs_by_layer
    ]


def _procedures(view: ModelView) -> list[dict[str, Any]]:
    group = groups.of_procedures(view)
    return [
        {
            "name": row.procedure.name,
            "group": group[row.procedure.module, row.procedure.name],
            "file": row.file or row.procedure.module,
            "line": row.line or None,
            "calls": row.calls,
            "own": list(row.own),
            "total": list(row.total),
        }
        for row in view.attribution.procedures()
    ]


def _source(view: ModelView, text: Sequence[str]) -> dict[str, Any]:
    counted: dict[int, list[Counts]] = {}
    for row in view.attribution.lines():
        if row.file == SOURCE and (not text or row.line <= len(text)):
            counted.setdefault(row.line, []).append(row.counts)
    lines = sorted(counted)
    return {
        "file": SOURCE,
        "text": list(text),
        "lines": lines,
        "counts": [_summed(counted[line]) for line in lines],
    }


def _tokens(view: ModelView, run: RunFacts, texts: Sequence[str]) -> dict[str, Any]:
    found = steps(view.profile, view.facts)
    spent: dict[str, list[int]] = {}
    for number, step in enumerate(found):
        for op in view.ops:
            column = spent.setdefault(groups.of_kind(op.kind), [0] * len(found))
            column[number] += step.clocks.get(op.name, 0)
        spent.setdefault("sample", [0] * len(found))[number] += step.after
    data: dict[str, Any] = {
        "positions": [step.position for step in found],
        "prompt_tokens": run.prompt_tokens,
        "groups": spent,
        "instructions": [sum(step.instructions.values()) for step in found],
    }
    if len(texts) >= len(found):
        data["texts"] = list(texts[: len(found)])
    return data
