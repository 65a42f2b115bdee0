"""What the page is given: checked, packed, written whole."""

from __future__ import annotations

import base64
import copy
import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_sample import attention, sample_report

from gpt486.profile import report_pack
from gpt486.profile.html import ReportError, render, write_report
from gpt486.profile.report_pack import pack_attention


@pytest.fixture
def data() -> dict[str, Any]:
    return sample_report(steps=14, prompt=4)


def change(data: dict[str, Any], path: str, value: Any) -> None:
    """Set a value by its path: keys and indices joined by dots; no value deletes it."""
    *parents, last = (int(key) if key.isdigit() else key for key in path.split("."))
    place: Any = data
    for key in parents:
        place = place[key]
    if value is ...:
        del place[last]
    else:
        place[last] = value


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("format", "gpt486-report 2", "format: expected 'gpt486-report 1', found 'gpt486-report 2'"),
        ("format", ..., "format: expected 'gpt486-report 1', found None"),
        ("counters", "clocks", "counters: expected list, found str"),
        ("counters", ["clocks"], "counters: 'instructions' is missing"),
        ("meta", ..., "meta: expected mapping, found NoneType"),
        ("meta.title", 7, "meta.title: expected str, found int"),
        ("totals.run", [1, 2], "totals.run: expected 19 entries, found 2"),
        ("totals.decode.counts", [], "totals.decode.counts: expected 19 entries, found 0"),
        ("flame.views", ..., "flame: KeyError 'views'"),
        ("flame.views.0.per", 0, "flame.views: per of 'A token' must be positive"),
        (
            "flame.views.0.tree.children.0.children.0.counts",
            [1],
            "flame: counts of 'embed': expected 19 entries, found 1",
        ),
        ("ops.0.counts", [0] * 20, "counts of 'embed': expected 19 entries, found 20"),
        ("procedures.1.own", ..., "procedures: KeyError 'own'"),
        ("source.counts.0", [5], "source.counts of line 221: expected 19 entries, found 1"),
        ("source.texts", ["a"], "source.texts: expected"),
        ("source.lines.0", 9999, "source.lines: the text has the lines 1 to 2282"),
        ("source.lines", [1], "source.counts: expected 1 entries, found"),
        ("roofline.points.0.weights", -1, "roofline.points: weights of 'attn_qkv' is negative"),
        ("roofline.limits.0.clocks_per_weight", 1.0, "roofline.limits: 'First-level cache: 4 bytes a clock' needs"),
        ("tokens.groups.matvec", [1], "tokens.groups.matvec: expected 14 entries, found 1"),
        ("tokens.texts", ["a"], "tokens.texts: expected 14 entries, found 1"),
        ("memory.timeline.heap", [1], "memory.timeline.heap: expected 9 entries, found 1"),
        ("memory.timeline.by_purpose.weights", ..., "memory: KeyError 'weights'"),
        ("attention.layers", 5, "attention.weights: expected 5 entries, found 4"),
        ("attention.heads", 5, "attention.weights of a layer: expected 5 entries, found 4"),
        ("attention.tokens", ["a"], "attention.weights of a head: expected 1 entries, found 14"),
        ("attention.weights.0.0.3", [1.0], "attention.weights of query 3: expected 4 entries, found 1"),
        ("stability.accumulators.0.bound", -1, "stability: h.0.ln_1 squares: bound and seen are magnitudes"),
        ("stability.accumulators", 5, "stability: TypeError 'int' object is not iterable"),
    ],
)
def test_what_is_wrong_is_named(data: dict[str, Any], path: str, value: Any, message: str) -> None:
    changed = copy.deepcopy(data)
    change(changed, path, value)
    with pytest.raises(ReportError, match=re.escape(message)):
        render(changed)


@pytest.mark.parametrize("value", [math.nan, math.inf, {1}, b"bytes"])
def test_what_is_no_json_is_refused(data: dict[str, Any], value: Any) -> None:
    data["meta"]["something"] = value
    with pytest.raises(ReportError, match="the report's data is no JSON"):
        render(data)


def embedded(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    assert not re.search(r"[<>&\u0080-\uffff]", found[1])
    value: dict[str, Any] = json.loads(found[1])
    return value


def test_the_data_is_in_the_page(data: dict[str, Any]) -> None:
    inside = embedded(render(data))
    data.pop("attention")
    inside.pop("attention")
    assert inside == data


@given(st.text(st.characters(codec=None, exclude_categories=[])))
def test_any_text_survives_and_none_breaks_out(text: str) -> None:
    page = render(
        {"format": "gpt486-report 1", "counters": ["instructions", "clocks", "read_misses"], "meta": {"title": text}}
    )
    assert embedded(page)["meta"]["title"] == text
    plain = render(
        {"format": "gpt486-report 1", "counters": ["instructions", "clocks", "read_misses"], "meta": {"title": ""}}
    )
    assert page.count("<") == plain.count("<")


def test_the_page_asks_for_nothing(data: dict[str, Any]) -> None:
    page = render(data)
    addresses = set(re.findall(r"[a-z]+://[^\s\"'`)]*", page))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert not re.search(
        r"url\((?!#)|@import|\bfetch\(|XMLHttpRequest|WebSocket|<link(?! rel=\"icon\" href=\"data:)", page
    )
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", page)


def test_the_report_of_the_model_that_ships_is_small() -> None:
    page = render(sample_report(steps=76, prompt=12))
    assert len(page.encode()) < 2_000_000


def test_the_same_data_gives_the_same_bytes(data: dict[str, Any]) -> None:
    assert render(data) == render(copy.deepcopy(data))


def test_it_is_written_whole_or_not_at_all(tmp_path: Path, data: dict[str, Any]) -> None:
    path = tmp_path / "report.html"
    write_report(path, data)
    assert path.read_text(encoding="utf-8") == render(data)
    with pytest.raises(ReportError):
        write_report(path, {**data, "format": "other"})
    assert path.read_text(encoding="utf-8") == render(data)
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, data: dict[str, Any]) -> None:
    with pytest.raises(ReportError, match=r"cannot write .*nowhere/report.html: No such file or directory"):
        write_report(tmp_path / "nowhere" / "report.html", data)


def unpack(packed: dict[str, Any], layer: int, head: int) -> list[np.ndarray[Any, Any]]:
    raw = base64.b64decode(packed["weights"][layer][head])
    flat = np.frombuffer(raw, dtype="<u2" if packed["bits"] == 16 else "u1") / (2 ** packed["bits"] - 1)
    return [flat[q * (q + 1) // 2 :][: q + 1] for q in range(packed["positions"])]


@pytest.mark.parametrize(
    ("fine", "coarse", "bits", "positions"), [(10**6, 10**6, 16, 20), (1000, 10**6, 8, 20), (100, 1000, 8, 10)]
)
def test_attention_is_packed_within_the_limit(
    monkeypatch: pytest.MonkeyPatch, fine: int, coarse: int, bits: int, positions: int
) -> None:
    monkeypatch.setattr(report_pack, "FINE_BYTES", fine)
    monkeypatch.setattr(report_pack, "COARSE_BYTES", coarse)
    given_ = attention([f"t{k % 5}" for k in range(20)], 4)
    packed = pack_attention(given_)
    assert (packed["bits"], packed["positions"]) == (bits, positions)
    for layer in range(4):
        for head in range(4):
            for query, row in enumerate(unpack(packed, layer, head)):
                assert np.allclose(row, given_["weights"][layer][head][query], atol=0.5 / (2**bits - 1) + 1e-12)
