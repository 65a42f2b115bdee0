"""Which kernel multiplies by a matrix, what that is expected to cost, and how the memory has a say."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emulator.profiles import DEFAULT_CPU, CpuProfile, find_profile
from gpt486.backends.request import Request
from gpt486.build import BuildOptions, build, load_build, lower_model, lowered_of
from gpt486.errors import Gpt486Error
from gpt486.kernels import KERNELS, Lookup
from gpt486.lower.choose import Choice, Chooser
from gpt486.lower.cost import CostModel, Ending
from gpt486.lower.memory import MEGABYTE, OUTSIDE, PROGRAM_RESERVE, smallest_pc
from gpt486.models import ModelError
from gpt486.models.random_model import write_random_model
from gpt486.ops.arithmetic import RangeError
from gpt486.ops.base import Vector
from gpt486.ops.matvec import InputLimits, MatVec
from gpt486.profile.record import record_build
from gpt486.profile.steps import steps
from gpt486.quantize.formats import FORMATS
from gpt486.quantize.rows import QuantizedMatrix

DX2 = find_profile(DEFAULT_CPU)
SHAPES = [(1, 64), (3, 300), (64, 64), (500, 36), (64, 1000)]


def matrix(form: str, rows: int, columns: int) -> QuantizedMatrix:
    weights = np.random.default_rng(1).standard_normal((rows, columns))
    return FORMATS[form].quantize(weights.astype(np.float32))


def choose(weights: QuantizedMatrix, asked: str | None = None, price: float = 0.0, cpu: str = DEFAULT_CPU) -> Choice:
    return Chooser(CostModel(find_profile(cpu)), price).choose(weights, asked, lambda limits: Ending())


# -- choices --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("price", [0.0, 1.0, 1e9])
def test_the_chosen_kernel_can_do_it_and_no_able_one_is_cheaper(
    form: str, shape: tuple[int, int], price: float
) -> None:
    weights = matrix(form, *shape)
    costs = CostModel(DX2)
    able = {
        name: costs.product(KERNELS[name], *shape, Ending())
        for name in FORMATS[form].kernels
        if KERNELS[name].can_hold(weights.codes)
        and InputLimits(weights, KERNELS[name]).bits >= FORMATS[form].input_bits
    }
    choice = choose(weights, price=price)
    assert choice.cost == able[choice.kernel]
    worth = {name: cost.clocks + price * cost.bytes for name, cost in able.items()}
    assert worth[choice.kernel] == min(worth.values())
    # Every kernel of the format has been considered: with its clocks, or with what is against it.
    assert list(choice.considered) == list(FORMATS[form].kernels)
    assert {name: value for name, value in choice.considered.items() if not isinstance(value, str)} == {
        name: cost.clocks for name, cost in able.items()
    }
    MatVec("m", Vector("x", shape[1], 16, 2**20, 2.0**26), "y", weights, None, kernel=choice.kernel)


def test_few_rows_are_multiplied_and_many_looked_up() -> None:
    assert isinstance(KERNELS[choose(matrix("int8", 200, 64)).kernel], Lookup)
    assert not isinstance(KERNELS[choose(matrix("int8", 1, 64)).kernel], Lookup)


def test_reasons() -> None:
    """A kernel is out where it has no pattern for a weight, or where its sums leave too few bits to the inputs."""
    ternary34 = FORMATS["ternary34"]
    dense = QuantizedMatrix("ternary34", np.ones((8, 64), np.int16), np.full(8, 63), -12)
    assert choose(dense).considered["sparse64"] == "has no pattern for some of the weights"
    assert not isinstance(choose(ternary34.quantize(np.eye(8, 64, dtype=np.float32))).considered["sparse64"], str)

    heavy = QuantizedMatrix("int4", np.full((8, 600), 7, np.int16), np.full(8, 63), -12)
    choice = choose(heavy)
    refused = {name: value for name, value in choice.considered.items() if isinstance(value, str)}
    for name, reason in refused.items():
        bits = InputLimits(heavy, KERNELS[name]).bits
        assert bits < FORMATS["int4"].input_bits
        assert reason == f"takes inputs of {bits} bits; int4 wants {FORMATS['int4'].input_bits}"
    assert refused
    assert choice.kernel not in refused


@pytest.mark.parametrize(
    ("form", "kernel"), [(form, kernel) for form in FORMATS for kernel in FORMATS[form].kernels if form != "ternary34"]
)
def test_a_kernel_that_was_asked_for_is_taken(form: str, kernel: str) -> None:
    weights = matrix(form, 64, 64)
    choice = choose(weights, kernel, price=1e9)
    assert choice.kernel == kernel
    assert choice.cost == CostModel(DX2).product(KERNELS[kernel], 64, 64, Ending())


def test_a_kernel_that_was_asked_for_and_cannot_do_it(awkward_models: dict[str, Path]) -> None:
    dense = QuantizedMatrix("ternary34", np.ones((8, 64), np.int16), np.full(8, 63), -12)
    choice = choose(dense, "sparse64")
    assert choice.kernel == "sparse64"
    with pytest.raises(RangeError, match="m: sparse64 cannot hold these ternary34 weights"):
        MatVec("m", Vector("x", 64, 16, 100, 300.0), "y", dense, None, kernel=choice.kernel)
    with pytest.raises(Gpt486Error, match=r"--weights int8/ternary27: int8 has no kernel 'ternary27'; it has subset"):
        lower_model(awkward_models["untied-relu"], weights="int8/ternary27")


def test_every_kernel_through_the_build(awkward_models: dict[str, Path], tmp_path: Path) -> None:
    """What was asked for one matrix is what BUILD.JSON says, and the others keep their choice."""
    facts = build(awkward_models["untied-relu"], tmp_path, BuildOptions(weights="ternary,h.0.mlp_in=ternary/pairs"))
    ops = {op["name"]: op for op in facts["ops"] if op["op"] == "matvec"}
    assert ops["h.0.mlp_in"]["kernel"].startswith("pair_rows")
    assert all("choice" in op for op in ops.values())
    for name, op in ops.items():
        considered = op["choice"]["considered"]
        assert list(considered) == list(FORMATS["ternary"].kernels)
        clocks = [value for value in considered.values() if not isinstance(value, str)]
        if name != "h.0.mlp_in":
            assert op["choice"]["predicted_clocks"] == min(clocks)
        assert op["choice"]["bytes"] == op["bytes"]
    again = lowered_of(tmp_path, load_build(tmp_path), str(awkward_models["untied-relu"]))
    assert [op.procedure for op in again.program.ops() if isinstance(op, MatVec)] == [
        op["kernel"] for op in ops.values()
    ]


# -- memory ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMATS)
def test_the_dearer_memory_is_the_smaller_the_kernels(form: str) -> None:
    weights = matrix(form, 256, 96)
    chosen = [choose(weights, price=price).cost for price in (0.0, 0.25, 1.0, 4.0, 16.0, 256.0, 1e9)]
    for cheap, dear in itertools.pairwise(chosen):
        assert dear.bytes <= cheap.bytes
        assert dear.clocks >= cheap.clocks
    able = [value for value in choose(weights).considered.values() if not isinstance(value, str)]
    assert chosen[0].clocks == min(able)
    smallest = min(
        KERNELS[name].packed_bytes(256, 96)
        for name, value in choose(weights).considered.items()
        if not isinstance(value, str)
    )
    assert chosen[-1].bytes == smallest


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that a PC with 3 MB can hold, but not with its fastest kernels."""
    folder = tmp_path_factory.mktemp("large") / "large"
    write_random_model(folder, layers=1, heads=4, width=192, context=32, vocabulary=1550)
    return folder


def test_where_memory_is_scarce_kernels_are_smaller(large: Path, tmp_path: Path) -> None:
    room = 3 * MEGABYTE - OUTSIDE - PROGRAM_RESERVE
    fast = lower_model(large)[0]
    assert {op.kernel.name for op in fast.program.ops() if isinstance(op, MatVec)} == {"subset64x8"}
    assert fast.plan.total > room
    facts = build(large, tmp_path, BuildOptions(memory_mb=3))
    assert facts["memory"]["total"] <= room
    assert "mul_rows_8" in {op["kernel"] for op in facts["ops"] if op["op"] == "matvec"}
    assert load_build(tmp_path)["options"]["memory_mb"] == 3
    assert smallest_pc(facts["memory"]["total"]) == 4  # there were none with 3

    with pytest.raises(ModelError, match=r"large needs .* a PC with 2 MB has 0\.7 MB for it"):
        lower_model(large, memory_mb=2)
    with pytest.raises(ModelError, match=r"a PC with 3 MB has 1\.7 MB for it"):  # those asked for are not exchanged
        lower_model(large, weights="int8/subset64x8", memory_mb=3)


# -- costs ----------------------------------------------------------------------------------------------------------

EVERY_KERNEL = sorted({name for form in FORMATS.values() for name in form.kernels})


@pytest.mark.parametrize("name", EVERY_KERNEL)
@pytest.mark.parametrize("cpu", ["486sx-25", "486dx-33", "486dx2-66", "486dx4-100"])
def test_more_costs_more(name: str, cpu: str) -> None:
    """More rows, columns, scaling and doubling; what is in the parts is in the sum."""
    costs, kernel = CostModel(find_profile(cpu)), KERNELS[name]
    for rows, columns in itertools.product((1, 8, 64, 1000), (16, 64, 260, 1024)):
        cost = costs.product(kernel, rows, columns, Ending())
        assert costs.product(kernel, rows + 1, columns, Ending()).clocks > cost.clocks
        assert costs.product(kernel, rows, 2 * columns, Ending()).clocks > cost.clocks
        assert costs.product(kernel, rows, columns, Ending(narrows=False)).clocks < cost.clocks
        plain = costs.product(kernel, rows, columns, Ending(scales=False))
        assert plain.clocks < cost.clocks
        assert costs.product(kernel, rows, columns, Ending(scales=False, doublings=1)).clocks > plain.clocks
        assert cost.bytes == kernel.packed_bytes(rows, columns)
        parts = (cost.narrow, cost.build, cost.rows, cost.stalls, cost.call)
        assert min(parts) >= 0
        assert cost.clocks == pytest.approx(sum(parts))
        assert (cost.build > 0) == isinstance(kernel, Lookup)


@pytest.mark.parametrize("name", EVERY_KERNEL)
def test_a_slower_board_costs_more(name: str) -> None:
    """In core clocks: a faster core waits longer, and so it does without a second-level cache."""

    def clocks(machine: CpuProfile, footprint: int = 0) -> float:
        return CostModel(machine, footprint).product(KERNELS[name], 256, 64, Ending()).clocks

    assert DX2.board.l2_bytes
    slower_bus = replace(DX2, bus_hz=DX2.bus_hz // 2)
    assert clocks(slower_bus) > clocks(DX2)
    assert clocks(replace(DX2, board=replace(DX2.board, l2_bytes=0))) > clocks(DX2)
    slow_writes = replace(DX2.board, l2_write=2 * DX2.board.l2_write, dram_write=2 * DX2.board.dram_write)
    assert clocks(replace(DX2, board=slow_writes)) > clocks(DX2)
    # Weights that do not fit into the second-level cache come from DRAM, the more the more there are.
    sizes = [0, DX2.board.l2_bytes // 2, DX2.board.l2_bytes, 4 * DX2.board.l2_bytes]
    costs = [clocks(DX2, size) for size in sizes]
    assert costs == sorted(costs)
    assert costs[-1] > costs[0]


@pytest.mark.parametrize(
    ("weights", "shape"), [("int8", (8, 32)), ("int8", (96, 48)), ("ternary", (96, 48)), ("int4", (200, 24))]
)
def test_the_kernel_that_is_chosen_is_the_quickest(weights: str, shape: tuple[int, int], tmp_path: Path) -> None:
    """On the emulated 486 no other kernel of the format is quicker, but by what the predictions may be off."""
    vocabulary, width = max(shape[0], 257), shape[1]
    write_random_model(
        tmp_path / "model", layers=1, heads=2, width=width, inner=shape[0], context=8, vocabulary=vocabulary
    )
    facts = build(tmp_path / "model", tmp_path / "build", BuildOptions(weights=weights))
    considered = next(op["choice"]["considered"] for op in facts["ops"] if op["name"] == "h.0.mlp_in")
    predicted = {name: clocks for name, clocks in considered.items() if not isinstance(clocks, str)}
    best = min(predicted, key=lambda name: predicted[name])
    rivals = [name for name in predicted if predicted[name] < 1.5 * predicted[best]]
    taken = {}
    for name in rivals:
        options = BuildOptions(weights=f"{weights},h.0.mlp_in={weights}/{name}")
        facts = build(tmp_path / "model", tmp_path / "build", options)
        made = record_build(tmp_path / "build", Request(b"", 4, ignore_end=True), cpu=DEFAULT_CPU)
        found = steps(made.attribution.profile, facts)[1:]
        taken[name] = sum(step.clocks["mlp_in"] for step in found) / len(found)
        assert predicted[name] == pytest.approx(taken[name], rel=0.15)
    assert taken[best] < 1.05 * min(taken.values())
