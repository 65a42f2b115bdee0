from __future__ import annotations

from pathlib import Path

import pytest

from gpt486.backends.request import Request
from gpt486.bench import kernels, packed, primitives
from gpt486.bench.fbc_twins import FbcError, assembly_of, find_fbc, translate
from gpt486.bench.procedures import FBC, Measured, compare, cpu_and_fbc, table
from gpt486.errors import Gpt486Error
from tests.gpt486.basic.basic_running import output, run

needs_fbc = pytest.mark.skipif(find_fbc() is None, reason="fbc is neither on PATH nor named by $FBC")

SOURCE = """
Dim Shared As Long count_up(3), table(0 To 1) = {5, 6}
Dim Shared As ULongInt large = 1000
Function twice(ByVal x As Long) As Long
    Static As Long calls
    calls += 1
    Return x * 2 + calls + table(1)
End Function
Sub divide()
    large = large \\ CULngInt(count_up(1))
End Sub
Sub fill()
    For i As Long = 0 To 3
        count_up(i) = twice(i)
    Next
End Sub
fill()
divide()
Print count_up(0); count_up(3); large
"""

GAS = r"""
	.intel_syntax noprefix

.section .text
.balign 16

.globl _TWICE
_TWICE:
mov eax, dword ptr [esp+4]
inc dword ptr [_Lt_0001]
jmp .L_0002
.L_0002:
add eax, dword ptr [_TABLE]
add eax, dword ptr [_Lt_0003]
add eax, dword ptr [_Lt_0001]
ret
.balign 16

.globl _DIVIDE
_DIVIDE:
call ___udivdi3
ret
.balign 16
_fb_ctor__TWINS:
call _fb_Init
ret

.section .bss
.balign 4
	.lcomm	_Lt_0001,4
.balign 4
	.lcomm	_COUNT_UP,16

.section .data
.balign 4
_TABLE:
.long 5
.long 6
.balign 4
_Lt_0003:
.int 100
_Lt_0004:	.ascii	"_TABLE\0"

.section .ctors
.int _fb_ctor__TWINS
"""
"""What fbc might make of it, but `twice` computes x + calls + table(0) + 100."""


def fake_fbc(folder: Path, gas: str, says: str = "") -> str:
    (folder / "gas").write_text(gas)
    path = folder / "fbc"
    path.write_text(f"#!/bin/sh\ncp {folder / 'gas'} TWINS.ASM\nprintf '%s' '{says}'\n")
    path.chmod(0o755)
    return str(path)


def test_procedures_change_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FBC", fake_fbc(tmp_path, GAS))
    assert output(SOURCE) == " 7 16100\n"
    translated = translate(SOURCE)
    assert translated.taken == {"TWICE"}
    assert translated.kept == {"DIVIDE": "__udivdi3"}
    assert translated.reason("divide") == "divide calls __udivdi3"
    assert translated.reason("twice") is None
    assert run(translated.program).output == " 106 1129\n"


def test_what_fbc_says_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FBC", fake_fbc(tmp_path, GAS, "TWINS.BAS(1) warning 3"))
    with pytest.raises(FbcError, match="fbc: TWINS"):
        assembly_of(SOURCE)
    monkeypatch.setenv("FBC", str(tmp_path / "none"))
    with pytest.raises(FbcError, match="install FreeBASIC"):
        assembly_of(SOURCE)


def test_statements_without_fbc_code_have_a_reason_and_wrong_results_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FBC", fake_fbc(tmp_path, ".section .text\n.balign 16\n_STATEMENT_0:\ncall ___divdi3\nret\n"))
    compared = compare(["x = x + 1"], "Dim Shared As Long x", "x", fbc=True)
    assert compared.reasons == {0: "statement_0 calls __divdi3"}
    assert list(compared.of(0)) == ["assembly", "twin"]
    row = Measured("one", "call", {"assembly": 2.0, FBC: 3.0}, "it calls __divdi3")
    assert table([row], "A note.").endswith("| 1.5 |\n\nA note.\none: not by fbc, it calls __divdi3.")
    monkeypatch.setenv(
        "FBC", fake_fbc(tmp_path, ".section .text\n.balign 16\n_STATEMENT_0:\ninc dword ptr [_X]\nret\n")
    )
    with pytest.raises(Gpt486Error, match="computes something else"):
        compare(["x = x + 2"], "Dim Shared As Long x", "x", fbc=True)


def test_kernels_beside_their_twins() -> None:
    rows = {row.name: row.clocks for row in kernels.measure(requests=[Request(b"", 1, ignore_end=True)])}
    assert rows["forward"]["twin"] > 3 * rows["forward"]["assembly"]
    for name in ("lut_rows_ternary27_22_only", "attend_heads", "argmax"):
        assert rows[name]["twin"] > rows[name]["assembly"], name


def test_whole_tokens(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(kernels, "POSITIONS", 1)
    (row,) = kernels.measure_tokens(shapes=["463k"], formats=["ternary"])
    assert row.clocks["twin"] > 3 * row.clocks["assembly"]
    monkeypatch.setattr(kernels, "measure_tokens", lambda cpu, **options: [row])
    monkeypatch.setattr(kernels, "measure", lambda cpu, **options: [Measured(cpu, "call", {"assembly": 1})])
    kernels.main(["--tokens"])
    assert "463k, ternary" in capsys.readouterr().out
    kernels.main(["486sx-25"])
    assert "| 486sx-25 | call | 1.00 |" in capsys.readouterr().out


def test_command_lines() -> None:
    assert cpu_and_fbc([]) == ("486dx2-66", False)
    assert cpu_and_fbc(["--fbc", "486sx-25"]) == ("486sx-25", True)


@needs_fbc
def test_fbc_computes_the_same() -> None:
    translated = translate(SOURCE)
    assert translated.taken == {"TWICE", "FILL"}
    assert run(translated.program).output == " 7 16100\n"


@needs_fbc
def test_fbc_twins_are_slower_than_the_assembly() -> None:
    rows = [*primitives.measure(fbc=True), *packed.measure(fbc=True)]
    for row in rows:
        assert (row.reason is None) == (FBC in row.clocks), row.name
        assert row.clocks.get(FBC, 1e9) > row.clocks["assembly"], row.name
    assert {row.name for row in rows if row.reason} == {"divide_shifted", "reciprocal", "reciprocal_root"}


@needs_fbc
def test_kernels_by_fbc() -> None:
    rows = {row.name: row.clocks for row in kernels.measure(fbc=True, requests=[Request(b"", 1, ignore_end=True)])}
    assert rows["forward"][FBC] > 3 * rows["forward"]["assembly"]
    assert FBC not in rows["layer_norm_vector"]
