"""The charts of the report in headless Chromium: what they show, and what happens when one clicks and types."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest
from report_page import Open, is_well, texts

from emulator.profiling.schema import COUNTERS
from gpt486.profile.html import SECTIONS


def test_every_section_is_drawn(show: Open, sample: dict[str, Any]) -> None:
    page = show(sample)
    assert page.evaluate("[...document.querySelectorAll('section.panel')].map(s => s.id)") == [s[0] for s in SECTIONS]
    drawn = page.evaluate(
        "[...document.querySelectorAll('section.panel .chart')].map(chart => chart.getBoundingClientRect().height)"
    )
    assert all(height > 100 for height in drawn)
    assert page.evaluate("document.title") == sample["meta"]["title"]
    assert texts(page, "h1") == [sample["meta"]["title"]]
    assert len(texts(page, ".card")) == 6
    assert sample["meta"]["text"] in texts(page, "#screen pre")[0]


def test_cards_show_the_run(show: Open, sample: dict[str, Any]) -> None:
    decode = sample["totals"]["decode"]
    of = dict(zip(COUNTERS, decode["counts"], strict=True))
    speed = decode["tokens"] * sample["meta"]["cpu"]["clock_hz"] / of["clocks"]
    cards = texts(show(sample), ".card dd:first-of-type")
    assert float(cards[0].split()[0]) == pytest.approx(speed, rel=0.01)
    assert float(cards[1].split()[0]) * 1e6 == pytest.approx(of["clocks"] / decode["tokens"], rel=0.01)
    assert float(cards[4]) == pytest.approx(of["clocks"] / of["instructions"], abs=0.005)


def test_the_disk_and_waiting_stand_beside_the_run(show: Open, sample: dict[str, Any]) -> None:
    hertz = sample["meta"]["cpu"]["clock_hz"]
    page = show({**sample, "totals": {**sample["totals"], "disk": 3 * hertz // 2, "idle": hertz // 4}})
    assert any("besides 1.5 s for the disk, 250 ms for a key or the timer" in note for note in texts(page, ".card"))
    assert not any("besides" in note for note in texts(show(sample), ".card"))


def test_the_report_begins_with_a_sentence(show: Open, sample: dict[str, Any]) -> None:
    clocks = COUNTERS.index("clocks")
    spent = [op["counts"][clocks] for op in sample["ops"]]
    products = sum(op["counts"][clocks] for op in sample["ops"] if op["group"] == "matvec")
    sentence = texts(show(sample), "#lede")[0]
    assert sentence.startswith("To write one token, this 486 executes 3.06 million instructions in 86.1 ms. ")
    assert f" {round(100 * products / sum(spent))} % of the model’s clocks go into matrix products, " in sentence
    assert sentence.endswith("the CPU waits, longest for cache misses.")


def test_a_click_zooms_the_flame_graph_and_the_crumb_zooms_out(show: Open, sample: dict[str, Any]) -> None:
    page = show(sample)
    width = "document.querySelector('#flame [data-name=\"layer 1\"] rect').getBoundingClientRect().width"
    narrow = page.evaluate(width)
    page.click("#flame [data-name='layer 1']")
    assert page.evaluate(width) > 4 * narrow
    assert texts(page, ".crumbs strong") == ["layer 1"]
    assert page.evaluate("document.querySelector('#flame [data-name=\"layer 2\"]')") is None
    page.click(".crumbs .crumb")
    assert page.evaluate(width) == pytest.approx(narrow)


def test_flame_widths_are_the_clocks(show: Open, sample: dict[str, Any]) -> None:
    def clocks(node: dict[str, Any]) -> int:
        own = node["counts"][COUNTERS.index("clocks")] if "counts" in node else 0
        return int(own + sum(clocks(child) for child in node.get("children", ())))

    tree = sample["flame"]["views"][0]["tree"]
    page = show(sample)
    shown = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('#flame .frame')].map("
        "frame => [frame.dataset.name, frame.querySelector('rect').width.baseVal.value]))"
    )
    for child in tree["children"]:
        if clocks(child) / clocks(tree) > 0.02:
            expected = shown["forward"] * clocks(child) / clocks(tree)
            assert shown[child["name"]] == pytest.approx(expected, abs=1.5)


def test_the_flame_graph_obeys_the_keyboard(show: Open, sample: dict[str, Any]) -> None:
    page = show(sample)
    page.evaluate("document.querySelector('#flame .frame[tabindex=\"0\"]').focus()")
    focused = "document.activeElement.dataset.name"
    page.press("ArrowDown")
    page.press("ArrowRight")
    assert page.evaluate(focused) == "layer 0"
    page.press("ArrowDown")
    page.press("ArrowRight")
    assert page.evaluate(focused) == "h.0.attn_qkv"
    page.press("Enter")
    assert texts(page, ".crumbs strong") == ["h.0.attn_qkv"]
    assert page.evaluate(focused) == "h.0.attn_qkv"
    page.press("ArrowUp")
    assert page.evaluate(focused) == "layer 0"
    page.press("Escape")
    assert texts(page, ".crumbs strong") == ["forward"]


def test_the_flame_graph_can_be_searched_and_measured_otherwise(show: Open, sample: dict[str, Any]) -> None:
    page = show(sample)
    page.evaluate("document.querySelector('#flame input').focus()")
    page.type("lut_rows")
    found = texts(page, "#flame .found")[0]
    assert found.startswith("34 bars")  # a first tile and others in each of 17 matrices
    assert len(texts(page, "#flame .frame.match")) == 34
    page.evaluate(
        "(() => { const list = document.querySelector('#flame select'); list.value = 'instructions';"
        " list.dispatchEvent(new Event('change')); })()"
    )
    assert "instructions" in texts(page, ".crumbs .amount")[0]
    page.click("#flame [data-value='1']")
    assert texts(page, ".crumbs strong") == ["main"]


def test_tooltips_have_exact_figures(show: Open, sample: dict[str, Any]) -> None:
    page = show(sample)
    page.hover("#flame [data-name='layer 0']")
    assert texts(page, "#tip strong") == ["layer 0"]
    layer = sample["flame"]["views"][0]["tree"]["children"][1]
    assert "Clocks an instruction" in texts(page, "#tip")[0]
    assert layer["where"] in texts(page, "#tip")[0]
    page.hover("#tokens .hit")
    assert texts(page, "#tip strong")[0].startswith(("Position 37: ", "Position 38: "))
    page.hover("#memory .hit")
    assert "instructions" in texts(page, "#tip strong")[0]
    page.press("Escape")
    assert page.evaluate("document.querySelector('#tip').hidden") is True


def test_charts_with_a_cursor_obey_the_arrow_keys(show: Open, sample: dict[str, Any]) -> None:
    page = show(sample)
    page.evaluate("document.querySelector('#tokens .hit').focus()")
    page.press("ArrowRight")
    page.press("ArrowRight")
    page.press("ArrowLeft")
    said = page.evaluate("document.querySelector('#tokens .hit').getAttribute('aria-valuetext')")
    clocks = sum(column[1] for column in sample["tokens"]["groups"].values())
    assert said.startswith(f"Position 1: ␣morning, Clocks {clocks:,}")


def test_stalls_by_procedure_and_as_shares(show: Open, sample: dict[str, Any]) -> None:
    page = show(sample)
    assert "mlp_out" in texts(page, "#stalls .row .name")
    page.click("#stalls [data-value='procedure']")
    names = texts(page, "#stalls .row .name")
    assert names[0] == "lut_rows_subset64x8_11_add"
    assert names[-1].endswith(" others")
    page.click("#stalls [data-value='true']")
    widths = page.evaluate("[...document.querySelectorAll('#stalls .bar')].map(bar => bar.style.width)")
    assert set(widths) == {"100%"}


def test_the_roofline_has_every_kernel_and_both_kinds_of_bytes(show: Open, sample: dict[str, Any]) -> None:
    page = show(sample)
    points = {point["name"] for point in sample["roofline"]["points"]}
    for axis in ("bus", "core"):
        page.click(f"#roofline [data-value='{axis}']")
        labels = page.evaluate("[...document.querySelectorAll('#roofline .spot')].map(s => s.ariaLabel)")
        assert {label.split(":")[0] for label in labels} == points
        assert set(texts(page, "#roofline .spot-name")) == points
        at = {
            p["name"]: f"{p['bytes_' + axis] / p['weights']:.2f} bytes per weight" for p in sample["roofline"]["points"]
        }
        assert all(label.endswith(at[label.split(":")[0]]) for label in labels)


def test_memory_against_the_line(show: Open, sample: dict[str, Any]) -> None:
    page = show(sample)
    assert texts(page, "#memory .danger-name") == []
    page.click("#memory [data-value='true']")
    assert texts(page, "#memory .danger-name") == ["all of the PC’s 32 MB"]


def test_stability_is_drawn_in_bits(show: Open, sample: dict[str, Any]) -> None:
    page = show(sample)
    rows: dict[str, list[int]] = {}
    for entry in sample["stability"]["accumulators"]:
        rows.setdefault(f"{entry['op'].split('.', 2)[2]} · {entry['name']}", []).append(entry["seen"])
    nearest = sorted(rows, key=lambda name: max(rows[name]), reverse=True)
    assert texts(page, "#stability .row-name") == nearest[:12]
    assert len(texts(page, "#stability .dot-mark")) == 12 * 4
    places = page.evaluate("[...document.querySelectorAll('#stability .dot-mark')].map(dot => dot.cx.baseVal.value)")
    seen = [math.log2(value) for name in nearest[:12] for value in rows[name]]
    slope, start = np.polyfit(seen, places, 1)
    assert np.allclose(np.array(seen) * slope + start, places, atol=0.1)
    page.click("#stability [data-value='all']")
    assert texts(page, "#stability .row-name") == list(rows)
    most = max(sample["stability"]["accumulators"], key=lambda entry: entry["share"])
    page.click("#stability [data-value='bound']")
    assert texts(page, "#stability .row-name")[0] == f"{most['op'].split('.', 2)[2]} · {most['name']}"
    assert "Every bound held." in texts(page, "#stability .remark")[0]
    assert "softmax weights below 2⁻¹⁷ of the largest" in texts(page, "#stability td")


def test_a_broken_bound_is_named(show: Open, sample: dict[str, Any]) -> None:
    data = copy.deepcopy(sample)
    data["stability"]["accumulators"][3]["seen"] = data["stability"]["accumulators"][3]["bound"] + 1
    assert texts(show(data), "#stability .remark strong")[-1] == "1 bound did not hold: h.0.attn_out sums."


def test_attention_of_a_head_and_a_token(show: Open, sample: dict[str, Any]) -> None:
    page = show(sample)
    page.click("#attention [data-layer='2'][data-head='1']")
    page.click("#attention [data-at='20']")
    row = sample["attention"]["weights"][2][1][20]
    best = max(range(21), key=lambda k: row[k])
    title = texts(page, ".heat-title")[0]
    assert title.startswith("Layer 2, head 1")
    assert f"{100 * row[best]:.1f} %" in title
    later = page.evaluate("[...document.querySelectorAll('.word')].map(word => word.classList.contains('later'))")
    assert later == [k > 20 for k in range(len(later))]
    page.evaluate("document.querySelector('.heat').focus()")
    page.press("ArrowUp")
    assert page.evaluate("document.querySelector('.word.query').dataset.at") == "19"


def test_few_tokens_make_a_small_square(show: Open, sample: dict[str, Any]) -> None:
    attention = sample["attention"]
    weights = [[head[:5] for head in layer] for layer in attention["weights"]]
    page = show({**sample, "attention": {**attention, "tokens": attention["tokens"][:5], "weights": weights}})
    page.size(1400)
    assert page.evaluate("document.querySelector('#attention .heat').getBoundingClientRect().width") <= 60 + 5 * 44
    assert is_well(page)


def test_tables_sort_and_search(show: Open, sample: dict[str, Any]) -> None:
    page = show(sample)
    column = COUNTERS.index("clocks")
    names = [row["name"] for row in sorted(sample["procedures"], key=lambda row: -row["own"][column])]
    assert texts(page, "#tables tbody td:first-child") == names
    page.click("#tables [data-column='name'] button")
    assert texts(page, "#tables tbody td:first-child") == sorted(names)
    assert page.evaluate("document.querySelector('#tables [data-column=name]').ariaSort") == "ascending"
    page.click("#tables [data-column='calls'] button")
    calls = [int(text.replace(",", "")) for text in texts(page, "#tables tbody td:last-child")]
    assert calls == sorted((row["calls"] for row in sample["procedures"]), reverse=True)
    page.evaluate("document.querySelector('#tables input').focus()")
    page.type("lut_")
    assert sorted(texts(page, "#tables tbody td:first-child")) == [
        "lut_build_subset64",
        "lut_rows_subset64x8_11_add",
        "lut_rows_subset64x8_11_set",
    ]


def test_a_procedure_leads_to_its_source(show: Open, sample: dict[str, Any]) -> None:
    data = copy.deepcopy(sample)
    next(row for row in data["procedures"] if row["name"] == "crc32")["file"] = "runtime/files.bas"
    page = show(data)
    links = set(texts(page, "#tables .link"))
    assert "crc32" not in links
    assert {row["name"] for row in data["procedures"] if row["file"] == "GPT.BAS"} == links
    page.click("#tables tbody tr:first-child .link")
    row = next(row for row in sample["procedures"] if row["name"] == "lut_rows_subset64x8_11_add")
    assert page.evaluate("document.querySelector('.line.here').dataset.line") == str(row["line"])
    line = sample["source"]["lines"].index(row["line"] + 2)
    clocks = sample["source"]["counts"][line][COUNTERS.index("clocks")]
    page.hover(f".line[data-line='{row['line'] + 2}']")
    assert f"{clocks:,}" in texts(page, "#tip dd")
    page.click("#tables [data-value='lines']")
    assert len(texts(page, "#tables tbody tr")) == 60
    page.click("#tables .pane > div > .button")
    assert len(texts(page, "#tables tbody tr")) == len(sample["source"]["lines"])
