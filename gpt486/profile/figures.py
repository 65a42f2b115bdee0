"""A profile of a build as plain data: what `gpt486 profile --json` prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from emulator.profiling.attribute import LineCost, ProcedureCost
from emulator.profiling.schema import COUNTERS, STALLS, Counts
from gpt486.profile.model import KernelCost, ModelView, OpCost
from gpt486.profile.roofline import roofline
from gpt486.profile.steps import Step, per_token, steps

FORMAT = "gpt486-figures 1"
LINES = 200
"""Source lines that are listed."""

_CLOCKS = COUNTERS.index("clocks")


@dataclass(frozen=True)
class RunFacts:
    """What was run.

    Attributes:
        prompt: the prompt's text.
        text: the whole text that the program wrote.
        prompt_tokens: tokens of the prompt, None where they are not known.
        new_tokens: tokens that it wrote.
        stopped: why the run was stopped, None if it ended by itself.
    """

    prompt: str
    text: str
    prompt_tokens: int | None
    new_tokens: int | None
    stopped: str | None = None


def figures(view: ModelView, run: RunFacts, *, lines: int = LINES) -> dict[str, Any]:
    """Everything that the profile says of a build.

    Args:
        view: the profile by ops.
        run: what was run.
        lines: how many source lines to list.
    """
    attribution, profile, facts = view.attribution, view.profile, view.facts
    model, config = facts["model"], facts["model"]["config"]
    mean = per_token(profile)
    return {
        "format": FORMAT,
        "build": {
            "name": model["name"],
            "parameters": model["parameters"],
            **{name: config[name] for name in ("layers", "heads", "width", "context", "vocabulary")},
            "assembly": facts["options"]["assembly"],
            "weights": view.weight_format,
        },
        "run": {
            "prompt": run.prompt,
            "text": run.text,
            "prompt_tokens": run.prompt_tokens,
            "new_tokens": run.new_tokens,
            "program": profile.program,
            "sampled": profile.sampled,
            "stopped": run.stopped,
        },
        "cpu": dict(profile.cpu),
        "clock_hz": profile.clock_hz,
        "counters": list(COUNTERS),
        "stalls": list(STALLS),
        "totals": named(profile.totals),
        "seconds": profile.seconds,
        "disk_clocks": profile.disk,
        "idle_clocks": profile.idle,
        "tokens": {
            "count": view.step_count,
            "clocks_per_token": mean[0] if mean else None,
            "instructions_per_token": mean[1] if mean else None,
            "tokens_per_second": profile.clock_hz / mean[0] if mean and mean[0] else None,
        },
        "procedures": [_procedure(row) for row in attribution.procedures()],
        "lines": [_line(row) for row in attribution.lines()[:lines]],
        "ops": [_op(cost, view) for cost in view.op_costs],
        "layers": [{"layer": layer, "counts": named(cost)} for layer, cost in view.layer_costs.items()],
        "ops_by_layer": [
            {"op": cost.name, "layer": cost.layer, "counts": named(cost.counts)} for cost in view.op_costs_by_layer
        ],
        "between": named(view.between),
        "rest": named(view.rest),
        "kernels": [_kernel(kernel) for kernel in view.kernels],
        "roofline": roofline(view),
        "context": _context(view, steps(profile, facts)),
    }


def named(counts: Counts) -> dict[str, int]:
    """Counts by name."""
    return dict(zip(COUNTERS, counts, strict=True))


def _procedure(row: ProcedureCost) -> dict[str, Any]:
    return {
        "name": row.procedure.name,
        "module": row.procedure.module,
        "file": row.file or None,
        "line": row.line or None,
        "calls": row.calls,
        "self": named(row.own),
        "total": named(row.total),
    }


def _line(row: LineCost) -> dict[str, Any]:
    return {
        "file": row.file or None,
        "line": row.line or None,
        "procedure": row.procedure,
        "text": row.text,
        "counts": named(row.counts),
    }


def _op(cost: OpCost, view: ModelView) -> dict[str, Any]:
    weights = next(op.weights for op in view.ops if op.name == cost.name)
    return {
        "op": cost.name,
        "kind": cost.kind,
        "calls": cost.calls,
        "counts": named(cost.counts),
        "weights": weights,
    }


def _kernel(kernel: KernelCost) -> dict[str, Any]:
    return {
        "name": kernel.name,
        "calls": kernel.calls,
        "counts": named(kernel.counts),
        "weights": kernel.weights,
        "clocks_per_weight": kernel.per_weight("clocks"),
        "stored_bytes_per_weight": kernel.stored,
        "bus_bytes_per_weight": kernel.moved,
        "of": kernel.ops,
    }


def _context(view: ModelView, found: Sequence[Step]) -> dict[str, Any]:
    ops = [op.name for op in view.ops]
    return {
        "position": [step.position for step in found],
        "ops": ops,
        "clocks": [[step.clocks.get(op, 0) for step in found] for op in ops],
        "instructions": [[step.instructions.get(op, 0) for step in found] for op in ops],
    }
