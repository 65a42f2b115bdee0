"""Ops, layers and kernels of an invented profile."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_model import AT, BUILD, LAYERS, ROWS, STEPS, clocks, facts, recording, view

from emulator.profiling.attribute import Attribution
from emulator.profiling.schema import Context
from gpt486.profile import groups
from gpt486.profile.model import ModelView, ViewError

MATVEC = 2 + BUILD + ROWS


def test_ops_all_layers_together() -> None:
    costs = {cost.name: (cost.kind, cost.calls, clocks(cost.counts)) for cost in view().op_costs}
    assert costs == {
        "embed": ("embed", STEPS, 9),
        "ln_1": ("layer_norm", 6, 60),
        "attn_qkv": ("matvec", 6, 6 * MATVEC),
        "attention": ("attend", 6, 6 * 30 + 2 * 240),
        "attn_add": ("add_vector", 6, 24),
        "ln_f": ("layer_norm", 2, 20),
        "lm_head": ("matvec", 2, 2 * MATVEC),
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
    rows, dot, build = view().kernels
    assert (rows.name, rows.calls, rows.weights, clocks(rows.counts)) == ("LUT_ROWS_2", 8, 8 * 144, 8 * ROWS)
    assert rows.per_weight("clocks") == pytest.approx(ROWS / 144)
    assert rows.stored == pytest.approx(12 * 2 * 8 / 144)
    assert rows.moved == pytest.approx(9 * 16 / 144)
    assert rows.ops == ["attn_qkv", "lm_head"]
    assert (build.name, build.stored, build.weights) == ("LUT_BUILD", None, 8 * 144)
    assert build.moved == pytest.approx(100 / 144)
    assert (dot.name, dot.calls, dot.weights, dot.stored) == ("DOT_PRODUCT", 20, 120, 2.0)
    assert dot.per_weight("clocks") == 4.0


def test_without_assembly_the_twins_are_the_kernels() -> None:
    made = facts()
    made["options"]["assembly"] = False
    twins = ModelView(Attribution(recording()), made).kernels
    assert [kernel.name for kernel in twins] == ["DOT_PRODUCT", "LUT_BUILD"]


def test_a_kernel_outside_of_every_op() -> None:
    """A test program may call one: it has no weights then."""
    made = recording()
    contexts = [made.profile.contexts[0], Context(0, AT["main"], AT["LUT_ROWS_2"], -1, 1, (0,) * 19)]
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
    assert by_name["LUT_ROWS_2"] == "matvec"
    assert by_name["DOT_PRODUCT"] == "attention"
    assert by_name["EMBED"] == "embed"
    assert by_name["fb_put"] == "text"
    assert by_name["(BIOS and DOS)"] == "system"
    assert groups.of_procedures(made)["program", "LAYER_NORM"] == "layer_norm"
    assert groups.of_procedures(made)["BIOS and DOS", "(BIOS and DOS)"] == "system"
    assert groups.of_kind("softplus") == "other"
