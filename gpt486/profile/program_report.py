"""The HTML report's data for any program, without a model: the flame graph, procedures, lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gpt486
from emulator.profiling.attribute import PROGRAM, Attribution, counts
from emulator.profiling.schema import COUNTERS
from emulator.profiling.speedscope import context_name
from gpt486.profile.report_check import FORMAT

SMALLEST = 1e-4
"""Nodes of the flame graph below this share of the clocks are folded into one."""

DEEPEST = 48
"""Levels of the flame graph; what lies deeper is added to the last one."""

REST = "(the rest)"

_CLOCKS = COUNTERS.index("clocks")


def program_report(
    attribution: Attribution,
    *,
    board: str = "",
    command: str | None = None,
    memory_bytes: int | None = None,
    peak_memory_bytes: int | None = None,
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """The report's data.

    Args:
        attribution: the profile; procedures are named by addresses where it has no map.
        board: a sentence on the board.
        command: the command line that made the profile.
        memory_bytes: the PC's memory.
        peak_memory_bytes: what of it was used.
        notes: sentences for the reader.
    """
    profile = attribution.profile
    cpu: Mapping[str, Any] = {"name": "486", "bus_hz": profile.clock_hz, "cache_bytes": 8192, "fpu": False} | dict(
        profile.cpu
    )
    return {
        "format": FORMAT,
        "counters": list(COUNTERS),
        "meta": {
            "title": f"{profile.program} on a {str(cpu['name']).upper()}",
            "program": profile.program,
            "version": f"gpt486 {gpt486.__version__}",
            "command": command,
            "model": None,
            "cpu": {**cpu, "clock_hz": profile.clock_hz, "board": board},
            "memory_bytes": memory_bytes,
            "peak_memory_bytes": peak_memory_bytes,
            "sampled": profile.sampled,
            "notes": list(notes),
        },
        "totals": {"run": list(profile.totals), "disk": profile.disk, "idle": profile.idle},
        "flame": {"views": [_view(attribution)]},
        "procedures": [
            {
                "name": row.procedure.name,
                "group": _group(row.procedure.module),
                "file": row.file or row.procedure.module,
                "line": row.line or None,
                "calls": row.calls,
                "own": list(row.own),
                "total": list(row.total),
            }
            for row in attribution.procedures()
        ],
        "source": _source(attribution),
    }


def _group(module: str) -> str:
    return "other" if module == PROGRAM else "system"


def _view(attribution: Attribution) -> dict[str, Any]:
    roots = [index for index, context in enumerate(attribution.profile.contexts) if context.parent < 0]
    least = SMALLEST * attribution.profile.clocks
    nodes = _merge(attribution, roots, least, DEEPEST)
    tree = nodes[0] if len(nodes) == 1 else {"name": attribution.profile.program, "kind": "phase", "children": nodes}
    explain = "from the first instruction to the return to DOS"
    return {"name": "Whole run", "explain": explain, "per": 1, "tree": tree}


def _merge(attribution: Attribution, indices: Sequence[int], least: float, levels: int) -> list[dict[str, Any]]:
    """Calling contexts added up by name, `levels` deep; what is small is folded into one node."""
    members: dict[str, list[int]] = {}
    for index in indices:
        members.setdefault(context_name(attribution, index), []).append(index)
    nodes: list[dict[str, Any]] = []
    folded: list[int] = []
    for name, group in members.items():
        inclusive = attribution.inclusive[group].sum(axis=0)
        if inclusive[_CLOCKS] < least:
            folded += group
            continue
        owner = attribution.owners[group[0]]
        file, line = attribution.first_line(owner)
        below = [child for index in group for child in attribution.children[index]]
        node: dict[str, Any] = {
            "name": name,
            "group": _group(owner.module),
            "kind": "procedure",
            "calls": sum(attribution.profile.contexts[index].calls for index in group),
            "counts": list(counts(attribution.own[group].sum(axis=0) if levels > 1 else inclusive)),
            "children": _merge(attribution, below, least, levels - 1) if levels > 1 else [],
        }
        if file:
            node["where"] = f"{file}:{line}"
        nodes.append(node)
    if folded:
        rest = list(counts(attribution.inclusive[folded].sum(axis=0)))
        nodes.append({"name": REST, "group": "other", "kind": "procedure", "counts": rest})
    return nodes


def _source(attribution: Attribution) -> dict[str, Any]:
    """The lines of the file that took most clocks; their texts as far as the recording has them."""
    by_file: dict[str, dict[int, list[int]]] = {}
    for row in attribution.lines():
        if row.file and row.line:
            lines = by_file.setdefault(row.file, {})
            lines[row.line] = [a + b for a, b in zip(lines.get(row.line, [0] * len(COUNTERS)), row.counts, strict=True)]
    if not by_file:
        return {"file": "", "lines": [], "counts": []}
    file = max(by_file, key=lambda name: sum(counted[_CLOCKS] for counted in by_file[name].values()))
    numbers = sorted(by_file[file])
    return {
        "file": file,
        "lines": numbers,
        "counts": [by_file[file][number] for number in numbers],
        "texts": [attribution.text(file, number) for number in numbers],
    }
