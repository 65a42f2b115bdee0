"""Programs that include the packed vectors: assembly and twins compute what NumPy does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emulator import run_program
from gpt486.basic import compile_source
from gpt486.primitives import packed
from gpt486.primitives.units import UNITS, render_unit

COUNT = 23
PROGRAM = """
#include once "packed.bi"
Const COUNT = {count}
Dim Shared As ULong a(COUNT - 1), b(COUNT - 1), target(8 * COUNT - 1)
Dim Shared As Long values(8 * COUNT - 1), squares(511)

Sub show(ByVal longs As Long)
    Dim As ULong sum = 0
    For i As Long = 0 To longs - 1
        sum = sum * 31 + target(i)
    Next
    Print sum
End Sub

Dim As ULong state = 1
packed_squares(@squares(0))
For i As Long = 0 To COUNT - 1
    state = state * 1664525 + 1013904223
    a(i) = state
    state = state * 1664525 + 1013904223
    b(i) = state
    If i Mod 5 = 0 Then b(i) = a(i)
Next
{calls}
Print packed_dot_8(@a(0), @b(0), COUNT, @squares(0))
Print packed_dot_16(@a(0), @b(0), COUNT)
"""


def vectors() -> tuple[np.ndarray, np.ndarray]:
    state, a, b = 1, [], []
    for i in range(COUNT):
        for out in (a, b):
            state = (state * 1664525 + 1013904223) % 2**32
            out.append(state)
        if i % 5 == 0:
            b[i] = a[i]
    return np.array(a), np.array(b)


def digest(longs: np.ndarray) -> int:
    total = 0
    for value in longs:
        total = (total * 31 + int(value)) % 2**32
    return total


def expected() -> list[int]:
    a, b = vectors()
    out = [digest(f(a, b, bits)) for bits in (8, 16) for f, _ in packed.OPERATIONS.values()]
    for bits in packed.LANES:
        values = packed.unpack(a, bits, signed=True)
        out += [digest(values), digest(packed.unpack(a, bits, signed=False)), digest(packed.pack(values, bits))]
    return [*out, packed.dot(a, b, 8), packed.dot(a, b, 16)]


def source() -> str:
    calls = []
    for bits in (8, 16):
        for name in packed.OPERATIONS:
            calls.append(f"packed_{name}_{bits}(@a(0), @b(0), @target(0), COUNT): show(COUNT)")
    for bits in packed.LANES:
        longs = f"show({32 // bits} * COUNT)"
        calls.append(f"unpack_{bits}(@a(0), @values(0), COUNT)")
        calls.append(f"unpack_{bits}(@a(0), CPtr(Long Ptr, @target(0)), COUNT): {longs}")
        calls.append(f"unpack_unsigned_{bits}(@a(0), CPtr(Long Ptr, @target(0)), COUNT): {longs}")
        calls.append(f"pack_{bits}(@values(0), @target(0), COUNT): show(COUNT)")
    return PROGRAM.format(count=COUNT, calls="\n".join(calls))


@pytest.mark.parametrize("defines", [{}, {"NO_ASM": ""}], ids=["assembly", "twins"])
def test_a_program_that_includes_them(tmp_path: Path, defines: dict[str, str]) -> None:
    program = tmp_path / "P.EXE"
    program.write_bytes(compile_source(source(), defines=defines).build().exe)
    output: list[bytes] = []
    result = run_program(program, folder=tmp_path, cpu="486sx-25", console=output.append, time_limit=60)
    assert result.stop is None, result.stop
    assert [int(word) for word in b"".join(output).split()] == expected()


@pytest.mark.parametrize("name", UNITS)
def test_units_are_plain_source(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    from gpt486.primitives.__main__ import main

    assert main([name]) == 0
    assert capsys.readouterr().out == render_unit(name)
    assert "{" not in render_unit(name).replace("= { _", "")
    assert main(["nothing"]) == 2


def test_the_example_in_the_documentation(tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "docs" / "kernels.md").read_text()
    example = text.partition("```basic\n")[2].partition("```")[0]
    (tmp_path / "P.EXE").write_bytes(compile_source(example).build().exe)
    output: list[bytes] = []
    run_program(tmp_path / "P.EXE", folder=tmp_path, console=output.append, time_limit=60)
    assert b"".join(output).split() == [b"60E0FF30"]
