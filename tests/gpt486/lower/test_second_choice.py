"""Kernels for the other kind of CPU."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gpt486.build
import gpt486.lower.second_choice as second_choice
from emulator.profiles import find_profile
from gpt486.backends.emulated import run_emulated
from gpt486.backends.request import Request
from gpt486.build import BuildOptions, Lowered, build, load_build, lower_model, lowered_of
from gpt486.compare import compare
from gpt486.emit.sections import read_sections
from gpt486.kernels import KERNELS
from gpt486.lower import lower
from gpt486.lower.second_choice import other_kind
from gpt486.lower.weights import WeightChoice
from gpt486.models import load_model
from gpt486.ops.arithmetic import RangeError
from gpt486.ops.base import Frame, Vector
from gpt486.ops.matvec import MatVec
from gpt486.quantize.formats import FORMATS


@pytest.fixture
def any_gain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take another kernel wherever it is faster at all, and where it is not, too."""
    monkeypatch.setattr(second_choice, "WORTH", -0.5)


def test_kinds() -> None:
    for name, ratio in (("486dx2-66", 1), ("486dx4-100", 1), ("486sx-25", 2), ("486dx-33", 2)):
        machine = find_profile(name)
        other = other_kind(machine)
        assert other.ratio == ratio
        assert replace(other, clock_hz=machine.clock_hz) == machine


def test_a_choice_needs_a_gain(awkward_models: dict[str, Path]) -> None:
    program = lower(load_model(awkward_models["untied-relu"]), weights=WeightChoice.parse("int8", 2))
    assert program.others == {}  # int8 has one kernel of lookups


@given(st.integers(0, 2**32 - 1), st.sampled_from(["ternary", "ternary34", "int4", "int2"]), st.integers(4, 80))
@settings(max_examples=40)
def test_another_kernel_gives_the_same_numbers(seed: int, form: str, columns: int) -> None:
    """Its own bytes, unpacked, are the same weights; inputs that are too large for it are refused."""
    random = np.random.default_rng(seed)
    weights = FORMATS[form].quantize(random.standard_normal((6, columns)).astype(np.float32))
    source = Vector("x", columns, 8, 2**20, 2.0**23)
    op = MatVec("m", source, "y", weights, None)
    x = random.integers(-(2**12), 2**12, columns)
    for name in FORMATS[form].kernels:
        kernel = KERNELS[name]
        try:
            other = op.with_kernel(kernel)
        except RangeError:
            continue
        assert other.procedure.startswith(f"lut_rows_{name}_")
        np.testing.assert_array_equal(kernel.unpack(other.packed, 6, columns), op.matrix)
        np.testing.assert_array_equal(other.exact(Frame(0, 0, {"x": x})), op.exact(Frame(0, 0, {"x": x})))
        assert kernel.most_input(op.matrix) >= 1 << op.input_bits
    with pytest.raises(RangeError, match="cannot take the place of"):
        op.with_kernel(KERNELS["multiply8"])


def test_where_memory_is_scarce_the_program_does_without(
    any_gain: None, monkeypatch: pytest.MonkeyPatch, awkward_models: dict[str, Path]
) -> None:
    """What the other kind of CPU would like better is no reason to refuse a model, or to take slower kernels."""

    def kernels(lowered: Lowered) -> list[str]:
        return [op.kernel.name for op in lowered.program.ops() if isinstance(op, MatVec)]

    plenty = lower_model(awkward_models["untied-relu"], weights="ternary34")[0]
    assert plenty.program.others
    monkeypatch.setattr(gpt486.build, "fits", lambda regions, _: sum(r.bytes for r in regions) < plenty.plan.total)
    scarce = lower_model(awkward_models["untied-relu"], weights="ternary34")[0]
    assert scarce.plan.total < plenty.plan.total
    assert not scarce.program.others
    assert kernels(scarce) == kernels(plenty)


@pytest.mark.parametrize("cpu", ["486dx2-66", "486sx-25"])
def test_each_kind_of_cpu_takes_its_own(
    any_gain: None, cpu: str, awkward_models: dict[str, Path], tmp_path: Path
) -> None:
    """MODEL.BIN has both; the program is exact on both kinds, and a spoiled half shows on one of them only."""
    build(awkward_models["untied-relu"], tmp_path, BuildOptions(weights="ternary34", cpu=cpu))
    facts = load_build(tmp_path)
    assert facts["machine"] == {"multiplied": cpu == "486dx2-66"}
    others = [op for op in facts["ops"] if "other" in op]
    assert others
    assert all(op["kernel"] != op["other"]["kernel"] for op in others)
    assert compare(tmp_path, facts, lowered_of(tmp_path, facts), b"The old dog", 3, ("emulator",)).exact

    path = tmp_path / "MODEL.BIN"
    whole = path.read_bytes()
    for tag, spoiled in (("VARS", cpu), ("VAR2", {"486dx2-66": "486sx-25", "486sx-25": "486dx2-66"}[cpu])):
        content = read_sections(whole, "MODEL.BIN")[tag]
        at = whole.index(content)
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        for machine in ("486dx2-66", "486sx-25"):
            run = run_emulated(tmp_path, Request(b"The", 1), facts["model"]["config"]["vocabulary"], cpu=machine)
            assert (run.exit_code != 0) == (machine == spoiled)
            assert (f"section {tag} is wrong" in (run.message or "")) == (machine == spoiled)
