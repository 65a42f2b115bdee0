"""Clocks of the packed vector operations: `python -m gpt486.bench.packed`.

Each stands beside its BASIC twin, compiled by our own compiler (with `--fbc` by fbc as well), and beside an assembly
loop that does the same with one number in each Long.
"""

from __future__ import annotations

import sys

from gpt486.bench.procedures import Measured, clocks_of, compare, cpu_and_fbc, table
from gpt486.primitives import packed
from gpt486.primitives.units import render_unit

COUNT = 64
"""Longs of a packed vector: 256 lanes of 8 bits, whose unpacked form still fits into the cache."""

_BODIES = {
    "add": ["add eax, [edi]"],
    "subtract": ["sub eax, [edi]"],
    "equal": ["sub eax, [edi]", "cmp eax, 1", "sbb eax, eax"],
    "greater": ["cmp [edi], eax", "setl al", "movzx eax, al", "neg eax"],
    "greater_unsigned": ["cmp [edi], eax", "sbb eax, eax"],
    "add_saturated": [
        "add eax, [edi]",
        "cmp eax, {high}",
        "jg {label}_high",
        "cmp eax, {low}",
        "jl {label}_low",
        "{label}_store:",
    ],
    "add_saturated_unsigned": ["add eax, [edi]", "cmp eax, {range}", "ja {label}_high", "{label}_store:"],
}
_BEYOND = {
    "add_saturated": ["{label}_high:", "mov eax, {high}", "jmp {label}_store", "{label}_low:", "mov eax, {low}"],
    "add_saturated_unsigned": ["{label}_high:", "mov eax, {range}"],
}


def unpacked(name: str, bits: int) -> str:
    """A BASIC procedure with the plain assembly loop over Longs."""
    label = f"unpacked_{name}_{bits}"
    values = {"label": label, "high": 2 ** (bits - 1) - 1, "low": -(2 ** (bits - 1)), "range": 2**bits - 1}
    beyond = [*_BEYOND[name], "jmp {label}_store"] if name in _BEYOND else []
    lines = [
        *("push esi", "push edi", "push ebp", "mov esi, [esp+16]", "mov edi, [esp+20]", "mov ebp, [esp+24]"),
        *("mov ecx, [esp+28]", "{label}_one:", "mov eax, [esi]", *_BODIES[name], "mov [ebp], eax"),
        *("add esi, 4", "add edi, 4", "add ebp, 4", "dec ecx", "jnz {label}_one", "pop ebp", "pop edi", "pop esi"),
        *("ret", *beyond),
    ]
    body = "\n".join(line.format(**values) for line in lines)
    pointers = ", ".join(f"ByVal {x} As Long Ptr" for x in ("a", "b", "target"))
    return f"Sub {label} Naked Cdecl ({pointers}, ByVal count As Long)\nAsm\n{body}\nEnd Asm\nEnd Sub\n"


UNPACKED_DOT = """
Function unpacked_dot Naked Cdecl (ByVal a As Long Ptr, ByVal b As Long Ptr, ByVal count As Long) As Long
Asm
push esi
push edi
mov esi, [esp+12]
mov edi, [esp+16]
mov ecx, [esp+20]
xor eax, eax
unpacked_dot_one:
mov edx, [esi]
imul edx, [edi]
add eax, edx
add esi, 4
add edi, 4
dec ecx
jnz unpacked_dot_one
pop edi
pop esi
ret
End Asm
End Function
"""

FILL = f"""
Dim Shared As ULong a({COUNT - 1}), b({COUNT - 1}), target({COUNT - 1})
Dim Shared As Long long_a({8 * COUNT - 1}), long_b({8 * COUNT - 1}), long_target({8 * COUNT - 1}), squares(511)
Dim Shared As Long result
Dim Shared As ULong state = 1
packed_squares(@squares(0))
For i As Long = 0 To {COUNT - 1}
    state = state * 1664525 + 1013904223
    a(i) = state
    state = state * 1664525 + 1013904223
    b(i) = state
Next

' A sum over all results, which depends on their order
Function digest() As ULong
    Dim As ULong sum = result
    For i As Long = 0 To {COUNT - 1}
        sum = sum * 31 + target(i)
        target(i) = 0
    Next
    For i As Long = 0 To {8 * COUNT - 1}
        sum = sum * 31 + long_target(i)
        long_target(i) = 0
    Next
    result = 0
    Return sum
End Function
"""


def measure(cpu: str = "486dx2-66", *, fbc: bool = False) -> list[Measured]:
    """All operations; clocks for each lane; `fbc`: those of fbc's twins as well."""
    unit = render_unit("packed")
    plain = "".join(unpacked(name, bits) for bits in (8, 16) for name in packed.OPERATIONS)
    statements: list[str] = []
    others: list[str] = []
    names: list[tuple[str, int]] = []
    for bits in (8, 16):
        lanes = COUNT * 32 // bits
        for name in packed.OPERATIONS:
            names.append((f"packed_{name}_{bits}", lanes))
            statements.append(f"packed_{name}_{bits}(@a(0), @b(0), @target(0), {COUNT})")
            others.append(f"unpacked_{name}_{bits}(@long_a(0), @long_b(0), @long_target(0), {lanes})")
        names.append((f"packed_dot_{bits}", lanes))
        squares = ", @squares(0)" if bits == 8 else ""
        statements.append(f"result = packed_dot_{bits}(@a(0), @b(0), {COUNT}{squares})")
        others.append(f"result = unpacked_dot(@long_a(0), @long_b(0), {lanes})")
    first = len(statements)
    for bits in (4, 8, 16):
        for name in ("pack", "unpack", "unpack_unsigned"):
            names.append((f"{name}_{bits}", COUNT * 32 // bits))
            ends = "@long_a(0), @target(0)" if name == "pack" else "@a(0), @long_target(0)"
            statements.append(f"{name}_{bits}({ends}, {COUNT})")
    preamble = unit + FILL
    compared = compare(statements, preamble, "digest()", fbc=fbc, cpu=cpu)
    loops: list[int] = []
    for bits in (8, 16):  # the same numbers, one in each Long
        values = "".join(f"unpack_{bits}(@{x}(0), @long_{x}(0), {COUNT})\n" for x in "ab")
        part = others[: first // 2] if bits == 8 else others[first // 2 :]
        loops += clocks_of(part, unit + plain + UNPACKED_DOT + FILL + values, cpu=cpu)
    rows = []
    for i, (name, lanes) in enumerate(names):
        clocks = {variant: total / lanes for variant, total in compared.of(i).items()}
        if i < first:
            clocks["one number a Long"] = loops[i] / lanes
        rows.append(Measured(name, "lane", clocks, compared.reasons.get(i)))
    return rows


if __name__ == "__main__":
    machine, with_fbc = cpu_and_fbc(sys.argv[1:])
    print(table(measure(machine, fbc=with_fbc), f"Clocks on a {machine}, vectors of {COUNT} Longs, in the cache."))
