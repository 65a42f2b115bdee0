"""Each op's BASIC, with assembly and without, against the op's definition: at random and at the extremes of its proof.

GPT.BAS is cut before its application; a driver takes its place that reads vectors from a file, calls one op on each,
and writes what comes out.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from emulator import run_program
from gpt486.basic import compile_source
from gpt486.build import BuildOptions, build, lower_model
from gpt486.kernels import KERNELS
from gpt486.lower import Program
from gpt486.ops.base import Frame, Op, Vector
from gpt486.ops.embed import Embed
from gpt486.ops.matvec import MatVec
from gpt486.quantize.formats import FORMATS

CASES = 12
TWO = 100
"""Added to an op's number: two tokens at once."""

DRIVER = """
Dim Shared As Long input_handle, output_handle

Sub read_vector(ByVal target As Long Ptr, ByVal count As Long)
    Dim As ULong got
    Dim As UByte Ptr bytes_in = CPtr(UByte Ptr, target)
    If Get(#input_handle, , *bytes_in, count * 4, got) <> 0 OrElse got <> count * 4 Then fail("INPUT.BIN is too short")
End Sub

Sub call_op(ByVal op As Long, ByVal token As Long, ByVal position As Long)
    Const layer = 0
    Dim As BlockRecord Ptr b = @model->blocks(0)
    Select Case op
{cases}
    End Select
End Sub

Dim As Long head(0 To 2)
model_load()
input_handle = FreeFile()
If Open("INPUT.BIN" For Binary Access Read As #input_handle) <> 0 Then fail("INPUT.BIN is missing")
output_handle = create_file("OUTPUT.BIN")
Do
    read_vector(@head(0), 3)
    If head(0) < 0 Then Exit Do
    call_op(head(0), head(1), head(2))
Loop
Close #output_handle
"""


@dataclass
class Driver:
    """A program that calls single ops: its folder, the ops, the cases, and what must come out."""

    folder: Path
    expected: list[tuple[str, np.ndarray]]


def ops_of(program: Program) -> list[Op]:
    return [program.embed, *program.blocks[0], *program.final]


def within(vector: Vector, kind: int, random: np.random.Generator) -> np.ndarray:
    """A vector of one of several kinds that keeps to what is proven of it."""
    n = vector.length
    flat = min(vector.bound, int(vector.norm / np.sqrt(n)))
    if kind == 0:
        return np.zeros(n, np.int64)
    if kind in (1, 2):
        x = random.integers(-1, 2, n)
        x[random.integers(n)] = (3 - 2 * kind) * (min(vector.bound, int(vector.norm)) - n)
        return x
    if kind in (3, 4):
        return np.full(n, (7 - 2 * kind) * flat)
    if kind == 5:
        return random.choice([-flat, flat], n)
    x = random.standard_normal(n)
    x *= flat / 4 / 2.0 ** random.integers(0, 20)
    return np.clip(np.rint(x).astype(np.int64), -flat, flat)


def driver_source(source: str, program: Program) -> str:
    """GPT.BAS with the driver for its application."""
    cut = source.index("'  The application")
    cases = []
    for i, op in enumerate(ops_of(program)):
        record = "@model->embed" if i == 0 else f"@model->{op.member}" if op in program.final else f"@b->{op.member}"
        cases.append(f"    Case {i}")
        cases += [f"        read_vector({v.buffer}, {v.length})" for v in op.inputs]
        cases.append(f"        {op.call(record)}")
        cases.append(f"        write_longs(output_handle, {op.output.buffer}, {op.output.length})")
        if isinstance(op, MatVec) and op.two:
            x, y = op.inputs[0], op.output
            cases.append(f"    Case {i + TWO}")
            for at in ("", " + TOKEN_LONGS"):
                cases.append(f"        read_vector({x.buffer}{at}, {x.length})")
            cases.append(f"        {op.call(record)[:-1]}, 2)")
            for at in ("", " + TOKEN_LONGS"):
                cases.append(f"        write_longs(output_handle, {y.buffer}{at}, {y.length})")
    return source[:cut].rsplit("\n", 2)[0] + DRIVER.replace("{cases}", "\n".join(cases))


def make_cases(program: Program) -> tuple[bytes, list[tuple[str, np.ndarray]]]:
    """INPUT.BIN and the outputs that the definitions give."""
    random = np.random.default_rng(11)
    longs: list[np.ndarray] = []
    expected: list[tuple[str, np.ndarray]] = []
    for i, op in enumerate(ops_of(program)):
        caches: dict[str, dict[str, np.ndarray]] = {}
        for case in range(CASES):
            token = int(random.integers(program.config.vocabulary))
            position = case if not isinstance(op, Embed) else int(random.integers(program.config.context))
            inputs = {v.buffer: within(v, case % 9, random) for v in op.inputs}
            expected.append((f"{op.name}, case {case}", op.exact(Frame(token, position, inputs, caches))))
            longs.append(np.array([i, token, position]))
            longs += [inputs[v.buffer] for v in op.inputs]
            if isinstance(op, MatVec) and op.two:
                pair = [within(op.inputs[0], kind, random) for kind in (case % 9, int(random.integers(9)))]
                longs += [np.array([i + TWO, 0, 0]), *pair]
                for token, x in enumerate(pair):
                    y = op.exact(Frame(0, 0, {op.inputs[0].buffer: x}))
                    expected.append((f"{op.name} of two, case {case}, token {token}", y))
    longs.append(np.array([-1, 0, 0]))
    return np.concatenate(longs).astype("<i4").tobytes(), expected


USED = {name for form in FORMATS.values() for name in form.kernels}
PROGRAMS = {
    # model, weights
    "untied-relu": ("untied-relu", None),
    "no-bias-gelu": ("no-bias-gelu", None),
    **{form: ("untied-relu", form) for form in FORMATS if form != "int8"},
    "mixture": ("no-bias-gelu", "ternary34,attn_out=int4,mlp_in=fixed16,mlp_out=ternary,lm_head=int2"),
}
"""Every format, and a program in which every matrix of a block has another one."""


def driver_of(directory: Path, folder: Path, weights: str | None) -> Driver:
    build(directory, folder, BuildOptions(weights=weights))
    lowered, _ = lower_model(directory, weights=weights)
    source = (folder / "GPT.BAS").read_text()
    (folder / "DRIVER.BAS").write_text(driver_source(source, lowered.program))
    data, expected = make_cases(lowered.program)
    (folder / "INPUT.BIN").write_bytes(data)
    return Driver(folder, expected)


@pytest.fixture(scope="module", params=PROGRAMS)
def driver(
    request: pytest.FixtureRequest, awkward_models: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Driver:
    name, weights = PROGRAMS[request.param]
    return driver_of(awkward_models[name], tmp_path_factory.mktemp("driver"), weights)


PRODUCTS = {
    **{
        name: next(f"{form}/{name}" for form in FORMATS if name in FORMATS[form].kernels)
        for name in KERNELS
        if name in USED
    },
    # Sums of 16 bits hold few products of large weights.
    "pairs": "ternary/pairs",
    "subset64_16x4": "ternary,attn_qkv=int4/subset64_16x4",
}
"""Weights with which every product that can is done by one kernel."""


@pytest.fixture(scope="module", params=PRODUCTS)
def product_driver(
    request: pytest.FixtureRequest, awkward_models: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Driver:
    """A program all of whose products are done by one kernel, whether or not it would be chosen."""
    return driver_of(awkward_models["untied-relu"], tmp_path_factory.mktemp("product"), PRODUCTS[request.param])


def check(driver: Driver) -> None:
    found = np.fromfile(driver.folder / "OUTPUT.BIN", "<i4").astype(np.int64)
    place = 0
    for name, expected in driver.expected:
        got = found[place : place + expected.size]
        place += expected.size
        np.testing.assert_array_equal(got, expected, err_msg=name)
    assert place == found.size


@pytest.mark.parametrize("defines", [{}, {"NO_ASM": ""}], ids=["assembly", "twins"])
def test_on_the_emulated_486(driver: Driver, defines: dict[str, str]) -> None:
    run_on_486(driver, defines)


@pytest.mark.parametrize("defines", [{}, {"NO_ASM": ""}], ids=["assembly", "twins"])
def test_every_kernel_on_the_emulated_486(product_driver: Driver, defines: dict[str, str]) -> None:
    run_on_486(product_driver, defines)


def run_on_486(driver: Driver, defines: dict[str, str]) -> None:
    source = (driver.folder / "DRIVER.BAS").read_text()
    executable = compile_source(source, "DRIVER.BAS", defines=defines).build()
    (driver.folder / "DRIVER.EXE").write_bytes(executable.exe)
    output: list[bytes] = []
    result = run_program(
        driver.folder / "DRIVER.EXE", folder=driver.folder, cpu="486sx-33", console=output.append, time_limit=300
    )
    assert result.stop is None, result.stop
    assert (result.exit_code, b"".join(output)) == (0, b"")
    check(driver)


@pytest.mark.parametrize("flags", [[], ["-d", "NO_ASM"]], ids=["assembly", "twins"])
def test_natively_by_fbc(driver: Driver, flags: list[str]) -> None:
    if shutil.which("fbc") is None:
        pytest.skip("the FreeBASIC compiler fbc is not on PATH")
    command = ["fbc", "-gen", "gas", "-arch", "486", "-w", "all", "DRIVER.BAS", "-x", "driver", "-Wl", "-z,noexecstack"]
    made = subprocess.run([*command, *flags], cwd=driver.folder, capture_output=True, text=True, check=False)
    assert made.stdout + made.stderr == ""
    done = subprocess.run([driver.folder / "driver"], cwd=driver.folder, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"")
    check(driver)
