"""A build's profile as tables for the terminal: by op, layer and kernel, and the cost of each token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from emulator.profiling import diff, tables
from emulator.profiling.attribute import Attribution, count
from emulator.profiling.numbers import percent, short
from emulator.profiling.schema import Counts
from emulator.profiling.tables import Column, cost_columns, draw
from gpt486.profile.model import KernelCost, ModelView
from gpt486.profile.steps import Step, per_token, steps

VIEWS = ("op", "layer", "kernel", "token", "procedure", "line", "instruction")
"""What --by can be."""

BETWEEN = "(between ops)"
REST = "(outside)"
"""Rows for what no op is charged with."""


@dataclass(frozen=True)
class _Share:
    """A row of a table of ops or layers."""

    name: str
    kind: str
    calls: int | None
    counts: Counts


def show(console: Console, attribution: Attribution, view: ModelView | None, by: str, top: int) -> None:
    """Print one view; `view` may be None for those of any program: procedure, line, instruction."""
    if by == "procedure":
        tables.procedures(console, attribution, top)
    elif by == "line":
        tables.lines(console, attribution, top)
    elif by == "instruction":
        tables.instructions(console, attribution, top)
    elif view is not None:
        {"op": ops, "layer": layers, "kernel": kernels, "token": tokens}[by](console, view)


def speed(console: Console, view: ModelView) -> None:
    """Print what a new token costs."""
    mean = per_token(view.profile)
    if mean is None or not mean[0]:
        return
    clocks, instructions = mean
    rate = view.profile.clock_hz / clocks
    console.print(
        Text(f"a new token: {round(clocks):,} clocks, {round(instructions):,} instructions; {rate:.2f} tokens a second")
    )


def ops(console: Console, view: ModelView) -> None:
    """What each op costs, all layers and tokens together, callees included."""
    rows = [_Share(cost.name, cost.kind, cost.calls, cost.counts) for cost in view.op_costs]
    rows.append(_Share(BETWEEN, "", None, view.between))
    columns: list[Column[_Share]] = [
        Column("op", lambda row: row.name, 0, 13),
        Column("kind", lambda row: row.kind, 6, 8),
        Column("calls", lambda row: "" if row.calls is None else short(row.calls), 1),
        *cost_columns(lambda row: row.counts, view.step_costs),
    ]
    draw(console, "By op of the model (all layers)", columns, rows, _outside(view))


def layers(console: Console, view: ModelView) -> None:
    """What each layer costs."""
    rows = [_Share(cost.name, "", None, cost.counts) for cost in view.op_costs[:1]]
    rows += [_Share(f"layer {layer}", "", None, cost) for layer, cost in view.layer_costs.items()]
    last = len(view.final)
    rows += [_Share(cost.name, "", None, cost.counts) for cost in view.op_costs[len(view.op_costs) - last :]]
    columns: list[Column[_Share]] = [
        Column("layer", lambda row: row.name, 0, 9),
        *cost_columns(lambda row: row.counts, view.step_costs),
    ]
    draw(console, "By layer", columns, rows, _outside(view))


def _outside(view: ModelView) -> str:
    outside, whole = count(view.rest, "clocks"), count(view.profile.totals, "clocks")
    return f"% of the model's clocks; loading, text and DOS: {short(outside)}, {percent(outside, whole)} % of all"


def kernels(console: Console, view: ModelView) -> None:
    """What each kernel costs, and how much of it a weight takes."""
    longest = max((len(kernel.name) for kernel in view.kernels), default=0)
    columns: list[Column[KernelCost]] = [
        Column("kernel", lambda row: row.name, 0, max(12, longest)),
        Column("calls", lambda row: short(row.calls), 4),
        Column("weights", lambda row: short(row.weights), 3),
        Column("clocks/weight", lambda row: f"{row.per_weight('clocks'):.3f}" if row.weights else ""),
        Column("instr/weight", lambda row: f"{row.per_weight('instructions'):.3f}" if row.weights else "", 4),
        Column("stored", lambda row: "" if row.stored is None else f"{row.stored:.3f}", 2),
        Column("moved", lambda row: f"{row.moved:.3f}" if row.weights else "", 1),
        *cost_columns(lambda row: row.counts, view.step_costs),
    ]
    note = "stored: bytes a weight takes; moved: bytes over the bus for one, both ways"
    draw(console, "By kernel (own clocks)", columns, view.kernels, note)


def tokens(console: Console, view: ModelView) -> None:
    """What each token costs as the context grows."""
    rows = steps(view.profile, view.facts)
    shown = ["attention", *(op.name for op in view.ops if op.kind == "matvec")]

    def clocks(step: Step) -> int:
        return sum(step.clocks.values())

    columns: list[Column[Step]] = [
        Column("position", lambda row: f"{row.position:,}"),
        Column("clocks", lambda row: short(clocks(row))),
        Column("ms", lambda row: f"{1000 * clocks(row) / view.profile.clock_hz:.1f}", 1),
    ]
    for name in shown:
        columns.append(_share_column(name))
    draw(console, "By token (the columns of ops are in percent)", columns, rows)


def _share_column(name: str) -> Column[Step]:
    return Column(name, lambda row: percent(row.clocks.get(name, 0), sum(row.clocks.values())), 2)


def by_op(view: ModelView) -> dict[str, Counts]:
    """Inclusive counts by op, for a comparison."""
    found = {cost.name: cost.counts for cost in view.op_costs}
    return {**found, BETWEEN: view.between, REST: view.rest}


def by_layer(view: ModelView) -> dict[str, Counts]:
    """Inclusive counts by layer, for a comparison."""
    found = {f"layer {layer}": cost for layer, cost in view.layer_costs.items()}
    return {**found, REST: view.rest}


def by_kernel(view: ModelView) -> dict[str, Counts]:
    """Own counts by kernel, for a comparison."""
    return {kernel.name: kernel.counts for kernel in view.kernels}


def changes(
    before: Attribution, after: Attribution, views: tuple[ModelView, ModelView] | None, by: str
) -> list[diff.Change]:
    """The differences between two profiles in one of DIFFS."""
    if by == "procedure" or views is None:
        return diff.compare(diff.by_procedure(before), diff.by_procedure(after))
    if by == "line":
        return diff.compare(diff.by_line(before), diff.by_line(after))
    table = {"op": by_op, "layer": by_layer, "kernel": by_kernel}[by]
    return diff.compare(table(views[0]), table(views[1]))


DIFFS = ("op", "layer", "kernel", "procedure", "line")
"""What --by can be for a comparison."""


def diff_summary(
    before: Attribution, after: Attribution, facts: tuple[Mapping[str, Any], Mapping[str, Any]]
) -> dict[str, Any]:
    """Both wholes, as plain data."""

    def whole(attribution: Attribution, notes: Mapping[str, Any]) -> dict[str, Any]:
        profile = attribution.profile
        mean = per_token(profile)
        return {
            "name": notes.get("name"),
            "cpu": profile.cpu.get("name"),
            "clocks": count(profile.totals, "clocks"),
            "instructions": profile.instructions,
            "clocks_per_token": mean[0] if mean else None,
        }

    return {"before": whole(before, facts[0]), "after": whole(after, facts[1])}


def diff_heading(console: Console, whole: Mapping[str, Any]) -> None:
    """Print both wholes and how they compare."""
    sides: list[dict[str, Any]] = [whole["before"], whole["after"]]
    columns: list[Column[dict[str, Any]]] = [
        Column("profile", lambda side: str(side["name"]), 0, 16),
        Column("cpu", lambda side: str(side["cpu"]), 0, 10),
        Column("clocks", lambda side: f"{side['clocks']:,}"),
        Column("instructions", lambda side: f"{side['instructions']:,}", 1),
        Column("clocks a token", lambda side: f"{round(side['clocks_per_token'] or 0):,}"),
    ]
    pairs = [("the whole run", "clocks"), ("a new token", "clocks_per_token")]
    ratios = [f"{what} {sides[1][key] / sides[0][key]:.3f}" for what, key in pairs if sides[0][key] and sides[1][key]]
    draw(console, "Before and after", columns, sides, "clocks after / before: " + ", ".join(ratios))
