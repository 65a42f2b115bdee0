"""Clocks of the fixed-point primitives: `python -m gpt486.bench.primitives`; `--fbc` times fbc's twins as well."""

from __future__ import annotations

import sys

from gpt486.bench.procedures import Measured, compare, cpu_and_fbc, table
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
Dim Shared As Long a({COUNT - 1}), b({COUNT - 1}), results({COUNT - 1})
Dim Shared As ULong state = 1
For i As Long = 0 To {COUNT - 1}
    state = state * 1664525 + 1013904223
    a(i) = state Shr 1
    state = state * 1664525 + 1013904223
    b(i) = state Or 3
Next

' A sum over all results, which depends on their order
Function digest() As ULong
    Dim As ULong sum = 0
    For i As Long = 0 To {COUNT - 1}
        sum = sum * 31 + results(i)
        results(i) = 0
    Next
    Return sum
End Function
"""


def measure(cpu: str = "486dx2-66", *, fbc: bool = False) -> list[Measured]:
    """All primitives; clocks of one call, without the loop around it; `fbc`: those of fbc's twins as well."""
    loops = [f"For i As Long = 0 To {COUNT - 1}: results(i) = {call}: Next" for call in ("a(i)", *CALLS.values())]
    compared = compare(loops, render_unit("fixed_point") + FILL, "digest()", fbc=fbc, cpu=cpu)
    empty = compared.of(0)
    rows = []
    for i, name in enumerate(CALLS, 1):
        clocks = {variant: (total - empty[variant]) / COUNT for variant, total in compared.of(i).items()}
        rows.append(Measured(name, "call", clocks, compared.reasons.get(i)))
    return rows


if __name__ == "__main__":
    machine, with_fbc = cpu_and_fbc(sys.argv[1:])
    print(table(measure(machine, fbc=with_fbc), f"Clocks of a call on a {machine}, its pushes included."))
