"""Clocks of the fixed-point primitives: `python -m gpt486.bench.primitives`."""

from __future__ import annotations

import sys

from gpt486.bench.procedures import Measured, clocks_of, table
from gpt486.primitives.units import render_unit

COUNT = 64
"""Calls that are averaged: arguments differ, and multiplications and divisions with them."""

CALLS = {
    "bit_length": "bit_length(a(i))",
    "multiply_round, b of 8 bits": "multiply_round(a(i), b(i) And 255, 8)",
    "multiply_round, b of 16 bits": "multiply_round(a(i), b(i) And 65535, 16)",
    "divide_nearest": "divide_nearest(a(i), b(i) And 65535)",
    "divide_shifted": "divide_shifted(a(i) Shr 16, b(i) And 65535, 16)",
    "reciprocal": "reciprocal(a(i))",
    "square_root": "square_root(a(i))",
    "reciprocal_root": "reciprocal_root(a(i))",
    "exp2_fixed": "exp2_fixed(a(i) Shr 12)",
    "exp_fixed": "exp_fixed(a(i) Shr 13)",
    "log2_fixed": "log2_fixed(a(i))",
    "ln_fixed": "ln_fixed(a(i))",
}

FILL = f"""
Dim Shared As Long a({COUNT - 1}), b({COUNT - 1}), result
Dim Shared As ULong state = 1
For i As Long = 0 To {COUNT - 1}
    state = state * 1664525 + 1013904223
    a(i) = state Shr 1
    state = state * 1664525 + 1013904223
    b(i) = state Or 3
Next
"""


def measure(cpu: str = "486dx2-66") -> list[Measured]:
    """All primitives; clocks of one call, without the loop around it."""
    loops = [f"For i As Long = 0 To {COUNT - 1}: result = {call}: Next" for call in ("a(i)", *CALLS.values())]
    preamble = render_unit("fixed_point") + FILL
    rows = {}
    for variant, without in (("assembly", False), ("twin", True)):
        empty, *clocks = clocks_of(loops, preamble, no_assembly=without, cpu=cpu)
        rows[variant] = [(total - empty) / COUNT for total in clocks]
    return [
        Measured(name, "call", {variant: clocks[i] for variant, clocks in rows.items()}) for i, name in enumerate(CALLS)
    ]


if __name__ == "__main__":
    machine = sys.argv[1] if len(sys.argv) > 1 else "486dx2-66"
    print(table(measure(machine), f"Clocks of a call on a {machine}, its pushes included."))
