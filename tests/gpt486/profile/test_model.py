"""Ops, layers and kernels of an invented profile."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_model import AT, BUILD, LAYERS, ROWS, STEPS, TILES, clocks, facts, recording, view

from emulator.profiling.attribute import Attribution
from emulator.profiling.schema import Context
from gpt486.profile import groups
from gpt486.profile.model import ModelView, ViewError, ops_on

MATVEC = 2 + BUILD + ROWS
HEAD = 2 + TILES * (BUILD + ROWS)


def test_ops_all_layers_together() -> None:
    costs = {cost.name: (cost.kind, cost.calls, clocks(cost.counts)) for cost in view().op_costs}
    assert costs == {
        "embed": ("embed", STEPS, 9),
        "ln_1": ("layer_norm", 6, 60),
        "attn_qkv": ("matvec", 6, 6 * MATVEC),
        "attention": ("attend", 6, 6 * 30 + 2 * 240),
        "attn_add": ("add_vector", 6, 24),
        "ln_f": ("layer_norm", 2, 20),
        "lm_head": ("matvec", 2, 2 * HEAD),
    }


def test_ops_by_layer_in_order() -> None:
    rows = [(cost.layer, cost.name) for cost in view().op_costs_by_layer]
    block = ["ln_1", "attn_qkv", "attention", "attn_add"]
    expected = [(None, "embed"), *((layer, name) for layer in range(LAYERS) for name in block)]
    assert rows == [*expected, (None, "ln_f"), (None, "lm_head")]
    assert all(clocks(cost.counts) == 330 for cost in view().op_costs_by_layer if cost.name == "attention")


def test_everything_adds_up() -> None:
    made = view()
    ops = np.array([cost.counts for cost in made.op_costs]).sum(axis=0)
    whole = ops + np.array(made.between) + np.array(made.rest)
    assert tuple(whole) == made.profile.totals
    assert clocks(made.between) == 6 + LAYERS * (3 + 3 + 11)  # own clocks, tracing, interrupts
    assert clocks(made.rest) == 5 + 7 + 1000 + 40
    assert made.step_count == STEPS


def test_layers() -> None:
    layers = view().layer_costs
    assert list(layers) == [0, 1]
    assert clocks(layers[0]) == 3 + 3 + 11 + 30 + 3 * MATVEC + 90 + 240 + 12


def test_kernels() -> None:
    """A call of a kernel is for a tile: the first of each matrix sets the sums, the others add to them."""
    rows, more, build, head = sorted(view().kernels, key=lambda kernel: -clocks(kernel.counts))
    assert (rows.name, rows.calls, clocks(rows.counts)) == ("LUT_ROWS_SUBSET64X8_2_SET", 8, 8 * ROWS)
    assert rows.weights == 8 * 144
    assert rows.per_weight("clocks") == pytest.approx(ROWS / 144)
    assert rows.stored == pytest.approx(12 * 2 * 8 / 144)
    assert rows.moved == pytest.approx(9 * 16 / 144)
    assert rows.ops == ["attn_qkv", "lm_head"]
    added = 2 * (TILES - 1)
    assert (more.name, more.calls, more.weights) == ("LUT_ROWS_SUBSET64X8_2_ADD", added, added * 144)
    assert more.stored == pytest.approx(12 * 2 * 8 / 144)
    assert more.ops == ["lm_head"]
    built = 6 + 2 * TILES
    assert (build.name, build.stored, build.calls, build.weights) == ("LUT_BUILD_SUBSET64", None, built, built * 144)
    assert build.moved == pytest.approx(100 / 144)
    # Positions 0 and 1, and 0 again, for the context is 2: keys and values of 1 + 2 + 1 positions in each layer.
    attended = LAYERS * (1 + 2 + 1) * 2 * 12
    assert (head.name, head.calls, head.weights) == ("ATTEND_HEADS", LAYERS * STEPS * 2, attended)
    assert head.stored == pytest.approx(2 * 4 / 6)
    assert head.per_weight("clocks") == 480 / attended
    assert head.ops == ["attention"]


def test_the_weights_of_all_tiles_are_the_matrices() -> None:
    made = view()
    used = sum(kernel.weights for kernel in made.kernels if kernel.name.startswith("LUT_ROWS"))
    calls = {cost.name: cost.calls for cost in made.op_costs}
    assert used == sum((op.weights or 0) * calls[op.name] for op in made.ops)


def renamed(names: dict[str, str], kernel: str) -> ModelView:
    """The view of a program whose procedures, and the kernel in BUILD.JSON, have other names."""
    made = recording()
    symbols = tuple(symbol._replace(name=names.get(symbol.name, symbol.name)) for symbol in made.map.symbols)
    told = facts()
    for op in told["ops"]:
        if op["op"] == "matvec":
            op["kernel"] = kernel
    return ModelView(Attribution(replace(made, map=replace(made.map, symbols=symbols))), told)


def test_a_kernel_whose_name_begins_like_another_is_another() -> None:
    """lut_rows_subset64x8_2 is not lut_rows_subset64x8_21."""
    other = {kernel.name: kernel for kernel in renamed({}, "lut_rows_subset64x8_21").kernels}
    assert other["LUT_ROWS_SUBSET64X8_2_SET"].stored is None


def test_kernels_that_take_a_whole_matrix() -> None:
    multiply = {"LUT_ROWS_SUBSET64X8_2_SET": "MUL_ROWS_16", "LUT_ROWS_SUBSET64X8_2_ADD": "SCALE_ROWS_WIDE"}
    found = {kernel.name: kernel for kernel in renamed(multiply, "mul_rows_16").kernels}
    assert found["MUL_ROWS_16"].weights == 6 * 144 + 2 * TILES * 144
    assert found["MUL_ROWS_16"].stored == pytest.approx(12 * 2 * 8 / 144)
    scale = found["SCALE_ROWS_WIDE"]
    assert (scale.calls, scale.weights) == (4, 4 * TILES * 144)
    assert scale.stored == pytest.approx(12 * 8 / (TILES * 144))


def test_pairs_go_by_tiles() -> None:
    pairs = {"LUT_ROWS_SUBSET64X8_2_SET": "PAIR_ROWS_12_SET", "LUT_ROWS_SUBSET64X8_2_ADD": "PAIR_ROWS_12_ADD"}
    found = {kernel.name: kernel for kernel in renamed(pairs, "pair_rows_12").kernels}
    assert (found["PAIR_ROWS_12_SET"].weights, found["PAIR_ROWS_12_ADD"].weights) == (8 * 144, 4 * 144)


@pytest.mark.parametrize("doublings", ["", "_X2", "_X4"])
def test_kernels_that_scale_read_the_scales_too(doublings: str) -> None:
    """What ends a product reads, for each row of a tile, its multiplier and bias, or its bias alone."""
    codes, weights = 12 * 2 * 8, 144

    def found(first: str, others: str) -> list[tuple[int, float | None]]:
        names = {f"LUT_ROWS_SUBSET64X8_2_{name}": ending for name, ending in (("SET", first), ("ADD", others))}
        kernels = {kernel.name: kernel for kernel in renamed(names, "lut_rows_subset64x8_2").kernels}
        return [(kernels[name].weights, kernels[name].stored) for name in names.values()]

    base = "LUT_ROWS_SUBSET64X8_2"
    one, last = found(f"{base}_ONLY", f"{base}_LAST")
    assert one == (8 * weights, pytest.approx((codes + 8 * 12) / weights))
    assert last == (4 * weights, pytest.approx((codes + 8 * 12) / weights))
    one, last = found(f"{base}{doublings}_PLAIN", f"{base}{doublings}_PLAIN_LAST")
    assert one == (8 * weights, pytest.approx((codes + 4 * 12) / weights))
    assert last == (4 * weights, pytest.approx((codes + 4 * 12) / weights))


def test_twins_of_attention() -> None:
    """Half of what a head uses are keys, half are values."""
    attended = LAYERS * (1 + 2 + 1) * 2 * 12
    for twin in ("ROW_SCORE", "ADD_PRODUCTS"):
        made = renamed({"ATTEND_HEADS": twin}, "lut_rows_subset64x8_2")
        made.facts["options"]["assembly"] = False  # type: ignore[index]
        found = next(kernel for kernel in made.kernels if kernel.name == twin)
        assert (found.weights, found.stored) == (attended // 2, pytest.approx(2 * 4 / 6))
    for name, stored in (("ATTEND_TABLES", None), ("ATTEND_HEADS", pytest.approx(2 * 4 / 6))):
        made = renamed({"ATTEND_HEADS": name}, "lut_rows_subset64x8_2")
        found = next(kernel for kernel in made.kernels if kernel.name == name)
        assert (found.weights, found.stored) == (attended, stored)
    prepare = renamed({"ATTEND_HEADS": "ATTEND_PREPARE"}, "lut_rows_subset64x8_2").kernels
    assert not any(kernel.name.startswith("ATTEND") for kernel in prepare)


def test_without_assembly_the_twins_are_the_kernels() -> None:
    made = renamed(
        {
            "LUT_BUILD_SUBSET64": "FILL_TABLES",
            "LUT_ROWS_SUBSET64X8_2_SET": "PICK_ROWS",
            "LUT_ROWS_SUBSET64X8_2_ADD": "PICK_SUMS",
        },
        "lut_rows_subset64x8_2",
    )
    made.facts["options"]["assembly"] = False  # type: ignore[index]
    twins = {kernel.name: kernel for kernel in made.kernels}
    assert set(twins) == {"ATTEND_HEADS", "FILL_TABLES", "PICK_ROWS", "PICK_SUMS"}
    assert (twins["FILL_TABLES"].weights, twins["FILL_TABLES"].stored) == (12 * 144, None)
    assert (twins["PICK_ROWS"].weights, twins["PICK_ROWS"].stored) == (8 * 144, pytest.approx(12 * 2 * 8 / 144))
    sums = twins["PICK_SUMS"]  # of lm_head alone here, whose two calls go through all of it
    assert (sums.weights, sums.stored) == (2 * TILES * 144, pytest.approx(12 * 2 * 8 / 144))


def test_a_kernel_outside_of_every_op() -> None:
    """A test program may call one: it has no weights then."""
    made = recording()
    contexts = [made.profile.contexts[0], Context(0, AT["main"], AT["LUT_ROWS_SUBSET64X8_2_SET"], -1, 1, (0,) * 19)]
    found = ModelView(Attribution(replace(made, profile=replace(made.profile, contexts=contexts))), facts()).kernels
    assert [(kernel.weights, kernel.stored, kernel.moved, kernel.ops) for kernel in found] == [(0, None, 0.0, [])]


def test_layers_that_were_not_kept_apart() -> None:
    made = recording()
    contexts = [replace(context, ordinal=-1) for context in made.profile.contexts]
    found = ModelView(Attribution(replace(made, profile=replace(made.profile, contexts=contexts))), facts())
    assert found.layer_costs == {}
    assert [cost.layer for cost in found.op_costs_by_layer] == [None] * 7
    assert clocks(found.op_costs[1].counts) == 60


def test_labels() -> None:
    made = view()
    labels = {made.label(index) for index in range(len(made.profile.contexts))}
    assert labels == {
        None,
        "embed",
        "layer 0",
        "layer 1",
        "ln_1",
        "attn_qkv",
        "attention",
        "attn_add",
        "ln_f",
        "lm_head",
    }


def test_each_kind_of_cpu_has_its_own_kernels() -> None:
    """An SX2 is faster than its bus as a DX2 is, FPU or not; twins cannot tell, and pass for a 386."""
    made = facts()
    made["machine"] = {"multiplied": True}
    made["ops"][2]["other"] = {"kernel": "lut_rows_subset128_16x4_2", "tiles": 2}
    plain, doubled = ({"fpu": False, "bus_hz": 25_000_000, "clock_hz": n * 25_000_000} for n in (1, 2))
    for cpu, other in ((plain, True), (doubled, False), ({**doubled, "fpu": True}, False)):
        assert (ops_on(made, cpu)[2]["kernel"] == "lut_rows_subset128_16x4_2") == other
    made["options"]["assembly"] = False
    assert ops_on(made, doubled)[2]["tiles"] == 2


def test_a_profile_of_another_build() -> None:
    made = facts()
    made["ops"][1]["op"] = "relu"
    with pytest.raises(ViewError, match=r"TRANSFORMER_BLOCK calls LAYER_NORM where BUILD\.JSON has RELU"):
        ModelView(Attribution(recording()), made)
    made = facts()
    del made["ops"][-1]
    with pytest.raises(ViewError, match=r"FORWARD calls MATVEC where BUILD\.JSON has nothing more"):
        ModelView(Attribution(recording()), made)


def test_a_run_that_ended_before_the_model() -> None:
    made = recording()
    contexts = made.profile.contexts[:3]
    found = ModelView(Attribution(replace(made, profile=replace(made.profile, contexts=contexts, marks=[]))), facts())
    assert found.step_count == 0
    assert [cost.calls for cost in found.op_costs] == [0] * 7
    assert clocks(found.step_costs) == 0


def test_groups() -> None:
    made = view()
    by_name = dict(
        zip([made.name(i) for i in range(len(made.profile.contexts))], groups.of_contexts(made), strict=True)
    )
    assert by_name["main"] == "system"
    assert by_name["MAIN"] == "other"
    assert by_name["MODEL_LOAD"] == "load"
    assert by_name["NEXT_TOKEN"] == "sample"
    assert by_name["LUT_ROWS_SUBSET64X8_2_SET"] == "matvec"
    assert by_name["ATTEND_HEADS"] == "attention"
    assert by_name["EMBED"] == "embed"
    assert by_name["fb_put"] == "text"
    assert by_name["(BIOS and DOS)"] == "system"
    assert groups.of_procedures(made)["program", "LAYER_NORM"] == "layer_norm"
    assert groups.of_procedures(made)["BIOS and DOS", "(BIOS and DOS)"] == "system"
    assert groups.of_kind("softplus") == "other"
