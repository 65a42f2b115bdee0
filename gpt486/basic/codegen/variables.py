"""Which variables live in ebx, esi and edi."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gpt486.basic import ir
from gpt486.basic.codegen.emitter import SAVED
from gpt486.basic.types import BOOLEAN

LOOP_WEIGHT = 8
"""A use inside of a loop counts this many times as much as one outside."""


@dataclass(slots=True)
class _Range:
    """A variable's uses: their weight, and the first and last operation at which it holds a value."""

    weight: float = 0
    first: int = 1 << 30
    last: int = -1

    def touch(self, at: int, weight: float) -> None:
        self.weight += weight
        self.first = min(self.first, at)
        self.last = max(self.last, at)


def candidates(proc: ir.Proc) -> set[ir.Var]:
    """Scalars of at most 32 bits of which nothing but their value is ever used."""
    if proc.has_asm or proc.naked:
        return set()
    variables = [*proc.locals, *proc.params, *([proc.result] if proc.result is not None else [])]
    return {
        v
        for v in variables
        if (v.byref or (v.type.is_scalar and v.type.size <= 4 and v.type is not BOOLEAN))
        and not v.address_taken
        and not v.in_asm
        and not v.is_static
    }


def reads(e: ir.Expr) -> Iterator[ir.EVar]:
    """The variables that an expression reads directly."""
    stack = [e]
    while stack:
        e = stack.pop()
        if isinstance(e, ir.EVar):
            yield e
        elif isinstance(e, ir.EBin | ir.ECmp | ir.ELogic):
            stack += (e.left, e.right)
        elif isinstance(e, ir.EMem):
            stack.append(e.address)
        elif isinstance(e, ir.EConv | ir.EUn):
            stack.append(e.operand)
        elif isinstance(e, ir.ECall):
            stack += e.args
            if isinstance(e.target, ir.Expr):
                stack.append(e.target)
        elif isinstance(e, ir.EIif):
            stack += (e.condition, e.yes, e.no)
        elif isinstance(e, ir.EHold):
            stack.append(e.value)


def parts(op: ir.Op) -> tuple[ir.Expr, ...]:
    """The expressions of an operation."""
    if isinstance(op, ir.OAssign):
        return (op.target, op.value)
    if isinstance(op, ir.OEval | ir.OSwitch):
        return (op.value,)
    if isinstance(op, ir.OBranch):
        return (op.condition,)
    if isinstance(op, ir.OCopy):
        return (op.target, op.source)
    if isinstance(op, ir.OZero):
        return (op.target,)
    if isinstance(op, ir.OReturn) and op.value is not None:
        return (op.value,)
    return ()


def assign_registers(proc: ir.Proc) -> set[str]:
    """Give registers to the variables that profit most; returns the registers used.

    Two variables share a register when one is done with before the other begins. A variable that is used inside of a
    loop and outside of it holds its register for the whole loop.
    """
    allowed = candidates(proc)
    if not allowed:
        return set()
    ranges: dict[ir.Var, _Range] = {}
    loops: list[tuple[int, int]] = []
    open_loops: list[int] = []
    weight = 1.0
    for at, op in enumerate(proc.body):
        if isinstance(op, ir.OLoop):
            if op.begin:
                open_loops.append(at)
                weight *= LOOP_WEIGHT
            else:
                loops.append((open_loops.pop(), at))
                weight /= LOOP_WEIGHT
            continue
        for e in parts(op):
            for leaf in reads(e):
                if leaf.var in allowed:
                    ranges.setdefault(leaf.var, _Range()).touch(at, weight)
    end = len(proc.body)
    for var in proc.params:
        if var in ranges:
            ranges[var].touch(-1, 0)
            ranges[var].weight -= 1  # the load from the stack
    for var, span in ranges.items():
        if proc.has_goto or var is proc.result:
            span.first, span.last = -1, end
    changed = True
    while changed:
        changed = False
        for begin, stop in loops:
            for span in ranges.values():
                inside = span.first <= stop and span.last >= begin
                if inside and (span.first < begin or span.last > stop):
                    first, last = min(span.first, begin), max(span.last, stop)
                    if (first, last) != (span.first, span.last):
                        span.first, span.last, changed = first, last, True
    taken: dict[str, list[_Range]] = {reg: [] for reg in SAVED}
    order = sorted(ranges.items(), key=lambda item: -item[1].weight / (1 + (item[1].last - item[1].first) / 1000))
    for var, span in order:
        if span.weight < 2:
            continue
        for reg in SAVED:
            if all(span.last < other.first or other.last < span.first for other in taken[reg]):
                taken[reg].append(span)
                var.register = reg
                break
    return {reg for reg, held in taken.items() if held}
