"""What --json prints and what the report takes; tables of a build; the roofline."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console
from tiny_model import BOARD, CPU, LAYERS, STEPS, clocks, facts, recording, view

from emulator.profiling.attribute import Attribution
from emulator.profiling.schema import COUNTERS
from gpt486.profile import tables
from gpt486.profile.figures import RunFacts, figures
from gpt486.profile.model import ModelView
from gpt486.profile.report_check import check_report
from gpt486.profile.report_data import board_sentence, report_data
from gpt486.profile.roofline import limits
from gpt486.quantize.formats import FORMATS

RUN = RunFacts("One", "One morning", 1, 2)


def test_figures_are_json_and_add_up() -> None:
    data = json.loads(json.dumps(figures(view(), RUN)))
    assert data["totals"]["clocks"] == clocks(recording().profile.totals)
    assert data["tokens"]["count"] == STEPS
    assert data["tokens"]["tokens_per_second"] == pytest.approx(66e6 / data["tokens"]["clocks_per_token"])
    parts = [op["counts"]["clocks"] for op in data["ops"]] + [data["between"]["clocks"], data["rest"]["clocks"]]
    assert sum(parts) == data["totals"]["clocks"]
    assert sum(row["self"]["clocks"] for row in data["procedures"]) == data["totals"]["clocks"]
    assert sum(row["counts"]["clocks"] for row in data["lines"]) == data["totals"]["clocks"]
    assert [layer["layer"] for layer in data["layers"]] == [*range(LAYERS)]
    assert data["context"]["position"] == [0, 1, 0]
    assert len(data["context"]["clocks"]) == len(data["context"]["ops"]) == 7
    assert data["context"]["clocks"][-1] == [0, 1110, 2110]
    assert data["run"]["stopped"] is None
    assert (data["disk_clocks"], data["idle_clocks"]) == (0, 0)
    short = figures(view(), RUN, lines=2)
    assert len(short["lines"]) == 2


def test_figures_without_tokens() -> None:
    made = recording()
    empty = ModelView(Attribution(replace(made, profile=replace(made.profile, marks=[]))), facts())
    assert figures(empty, RUN)["tokens"] == {
        "count": STEPS,
        "clocks_per_token": None,
        "instructions_per_token": None,
        "tokens_per_second": None,
    }


def tree_total(node: dict[str, Any]) -> int:
    own = node["counts"][COUNTERS.index("clocks")] if node.get("counts") else 0
    return int(own) + sum(tree_total(child) for child in node.get("children", ()))


def test_report_data() -> None:
    source = [f"line {number}" for number in range(1, 130)]
    data = report_data(view(), RUN, source=source, command="x", sections={"attention": {"tokens": ["One", ",", "a"]}})
    json.dumps(data, allow_nan=False)
    token, whole = data["flame"]["views"]
    assert token["per"] == STEPS
    assert tree_total(whole["tree"]) == clocks(recording().profile.totals)
    assert tree_total(token["tree"]) == clocks(view().step_costs)
    layers = [child for child in token["tree"]["children"] if child["kind"] == "layer"]
    assert [layer["name"] for layer in layers] == ["layer 0", "layer 1"]
    op = next(child for child in layers[0]["children"] if child["name"] == "attn_qkv")
    assert (op["kind"], op["group"], op["calls"]) == ("op", "matvec", STEPS)
    (tile,) = op["children"]
    assert tile["name"] == "MULTIPLY_TILE"
    assert {child["name"] for child in tile["children"]} == {"LUT_BUILD_SUBSET64", "LUT_ROWS_SUBSET64X8_2_SET"}
    assert [row["name"] for row in data["ops"]][:3] == ["embed", "h.0.ln_1", "h.0.attn_qkv"]
    assert data["ops"][2]["kernel"] == "lut_rows_subset64x8_2"
    assert data["ops"][2]["weights"] == 144
    assert data["meta"]["text"] == " morning"
    assert data["source"]["text"] == source
    assert max(data["source"]["lines"]) <= len(source)
    assert data["tokens"]["texts"] == ["One", ",", "a"]
    assert data["tokens"]["groups"]["sample"] == [0, 70, 0]
    assert data["tokens"]["groups"]["attention"] == [120, 2120, 4120]
    assert data["totals"]["decode"]["tokens"] == 1
    assert data["meta"]["notes"] == []
    bare = report_data(view(), replace(RUN, stopped="interrupted by Ctrl-C"), notes=["n"])
    assert bare["meta"]["notes"] == ["n", "The run was stopped: interrupted by Ctrl-C."]
    assert "texts" not in bare["tokens"]
    assert bare["source"]["text"] == []


def test_small_nodes_are_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gpt486.profile.report_data.SMALLEST", 0.05)
    data = report_data(view(), RUN)
    whole = data["flame"]["views"][1]["tree"]
    assert tree_total(whole) == clocks(recording().profile.totals)
    names = json.dumps(whole)
    assert "(the rest)" in names
    assert "EMBED" not in names


def test_a_report_of_a_run_without_steps() -> None:
    made = recording()
    profile = replace(made.profile, contexts=made.profile.contexts[:3], marks=[])
    data = report_data(ModelView(Attribution(replace(made, profile=profile)), facts()), RUN)
    assert [view["name"] for view in data["flame"]["views"]] == ["Whole run"]
    assert [data[section] for section in ("ops", "roofline", "tokens")] == [None] * 3
    check_report(data)
    two = replace(profile, contexts=[profile.contexts[0], replace(profile.contexts[1], parent=-1)])
    data = report_data(ModelView(Attribution(replace(made, profile=two)), facts()), RUN)
    assert [child["name"] for child in data["flame"]["views"][0]["tree"]["children"]] == ["main", "MAIN"]


def test_roofline() -> None:
    data = report_data(view(), RUN)["roofline"]
    points = {point["name"]: point for point in data["points"]}
    assert set(points) == {
        "LUT_ROWS_SUBSET64X8_2_SET",
        "LUT_ROWS_SUBSET64X8_2_ADD",
        "LUT_BUILD_SUBSET64",
        "ATTEND_HEADS",
        "attn_qkv",
        "lm_head",
    }
    rows = points["LUT_ROWS_SUBSET64X8_2_SET"]
    assert (rows["weights"], rows["clocks"], rows["bytes_core"], rows["bytes_bus"]) == (1152, 4000, 8000, 8 * 9 * 16)
    assert (points["attn_qkv"]["kind"], points["attn_qkv"]["weights"]) == ("op", 6 * 144)
    slopes = {limit.name: limit.clocks_per_byte for limit in limits(CPU) if limit.clocks_per_byte}
    assert slopes == {
        "first-level cache: 4 bytes a clock": 0.25,
        "second-level cache: a line in 10 clocks": 10 / 16,
        "DRAM: a line in 28 clocks": 28 / 16,
        "writes: 4 bytes in 4 clocks": 1.0,
    }
    for change, least in (({"l2_write_back": False}, 6), ({"l2_bytes": 0}, 6), ({"dram_write": None}, 4)):
        board = {key: value for key, value in {**BOARD, **change}.items() if value is not None}
        assert f"writes: 4 bytes in {least} clocks" in [limit.name for limit in limits({**CPU, "board": board})]
    heights = [limit.clocks_per_weight for limit in limits(CPU) if limit.clocks_per_weight]
    assert heights == [4.0, 17.0]
    bare = {**CPU, "board": {}}
    found = {limit.name: limit.clocks_per_weight for form in FORMATS for limit in limits(bare, form)}
    assert {name: height for name, height in found.items() if " by lookups" in name} == {
        "int8 by lookups of subset64x8": 4.0,
        "int4 by lookups of subset128_16x4": 12 / 7,
        "int2 by lookups of subset128_16x2": 6 / 7,
        "ternary by lookups of ternary81_16": 0.75,
        "ternary34 by lookups of sparse64": 0.75,
    }
    assert [limit.name for limit in limits(bare, "fixed16")] == [
        "first-level cache: 4 bytes a clock",
        "a multiplication at its fastest",
    ]
    assert "int4,lm_head=int8 by lookups of subset128_16x4" in [
        limit.name for limit in limits(bare, "int4,lm_head=int8")
    ]


def test_board_sentence() -> None:
    assert board_sentence(CPU) == "256 KB second-level cache (2-1-1-1), DRAM 5-3-3-3, 2 more for another row"
    assert board_sentence({"board": {**BOARD, "l2_bytes": 0}}).startswith("no second-level cache, DRAM 5")
    assert board_sentence({"board": {}}) == "no second-level cache"
    assert board_sentence({}) == ""


def printed(width: int, by: str, made: ModelView | None = None) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    shown = made or view()
    tables.show(console, shown.attribution, shown, by, 20)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("by", tables.VIEWS)
@pytest.mark.parametrize("width", [60, 80, 140])
def test_every_table_fits(by: str, width: int) -> None:
    text = printed(width, by)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text or width < 80 or by in ("line", "instruction", "procedure")


def test_op_table() -> None:
    text = printed(80, "op")
    row = next(line for line in text.splitlines() if line.startswith("attn_qkv")).split()
    assert row[:2] == ["attn_qkv", "6"]
    assert "(between ops)" in text
    assert "loading, text and DOS: 1.05k, 12.2 % of all" in text
    shares = [float(line.split()[3]) for line in text.splitlines()[3:-2]]
    assert 99 < sum(shares) < 100


def test_kernel_and_token_tables() -> None:
    assert "3.472" in printed(100, "kernel")  # 500 / 144
    assert "1.333" in printed(100, "kernel")
    rows = [line.split()[:2] for line in printed(80, "token").splitlines()]
    assert rows[-3:] == [["0", "450"], ["1", "11.7k"], ["0", "22.7k"]]


def test_speed() -> None:
    console = Console(file=io.StringIO(), width=100)
    tables.speed(console, view())
    made = recording()
    tables.speed(console, ModelView(Attribution(replace(made, profile=replace(made.profile, marks=[]))), facts()))
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert text.startswith("a new token: 22,7")
    assert text.count("\n") == 1


@pytest.mark.parametrize("by", tables.DIFFS)
def test_changes(by: str) -> None:
    before, after = view(), view()
    same = tables.changes(before.attribution, after.attribution, (before, after), by)
    assert {change.clocks for change in same} == {0}
    made = recording()
    doubled = [
        replace(context, counts=tuple(2 * n for n in context.counts)) if context.ordinal == 1 else context
        for context in made.profile.contexts
    ]
    slower = ModelView(Attribution(replace(made, profile=replace(made.profile, contexts=doubled))), facts())
    changed = tables.changes(before.attribution, slower.attribution, (before, slower), by)
    expected = {"op": "(between ops)", "layer": "layer 1", "procedure": "TRANSFORMER_BLOCK"}
    if by in expected:
        assert (expected[by], 3) in [(change.name, change.clocks) for change in changed]


def test_diff_summary() -> None:
    made = view()
    data = tables.diff_summary(made.attribution, made.attribution, ({"name": "a"}, {"name": "b"}))
    assert data["before"]["name"] == "a"
    assert data["after"]["clocks"] == clocks(made.profile.totals)
