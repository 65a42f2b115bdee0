"""The report of a program that is no model."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from synthetic import counts, recording

from emulator.profiling.attribute import Attribution
from emulator.profiling.schema import COUNTERS, Context
from gpt486.profile import program_report as module
from gpt486.profile.html import render
from gpt486.profile.program_report import program_report


def total(node: dict[str, Any]) -> int:
    own = node["counts"][COUNTERS.index("clocks")] if "counts" in node else 0
    return int(own + sum(total(child) for child in node.get("children", ())))


def names(node: dict[str, Any]) -> list[str]:
    return [node["name"], *(name for child in node.get("children", ()) for name in names(child))]


def test_everything_is_there_and_adds_up() -> None:
    made = recording()
    data = program_report(Attribution(made), board="a board", command="x", memory_bytes=8 << 20, notes=["a note"])
    assert render(data).count("<section") == 4
    meta = data["meta"]
    assert (meta["title"], meta["cpu"]["board"], meta["notes"]) == ("T.EXE on a 486DX2-66", "a board", ["a note"])
    tree = data["flame"]["views"][0]["tree"]
    assert total(tree) == made.profile.clocks
    assert names(tree) == ["(real mode)", "fb_start", "MAIN", "FIB", "FIB", "KERNEL 0", "KERNEL 1", "(BIOS and DOS)"]
    assert sum(row["own"][COUNTERS.index("clocks")] for row in data["procedures"]) == made.profile.clocks
    kernel = next(row for row in data["procedures"] if row["name"] == "KERNEL")
    assert (kernel["file"], kernel["line"], kernel["group"], kernel["calls"]) == ("T.BAS", 30, "other", 7)


def test_lines_are_of_the_busiest_file() -> None:
    source = program_report(Attribution(recording()))["source"]
    assert (source["file"], source["lines"]) == ("T.BAS", [10, 11, 20, 30, 31])
    assert source["texts"] == ["Print fib(3)", "kernel()", "", "Sub kernel()", "mov bl, [esi]"]
    assert [row[COUNTERS.index("clocks")] for row in source["counts"]] == [40, 20, 400, 200, 800]


def test_without_a_map_there_are_addresses() -> None:
    data = program_report(Attribution(replace(recording(), map=None)))
    assert data["source"] == {"file": "", "lines": [], "counts": []}
    assert any(row["name"].startswith("sub_") for row in data["procedures"])
    render(data)


def test_what_is_small_is_folded_and_several_roots_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SMALLEST", 0.1)
    made = recording()
    contexts = [*made.profile.contexts, Context(-1, 0, 0xF0200, -1, 1, counts(500))]
    profile = replace(made.profile, contexts=contexts, totals=counts(2022))
    tree = program_report(Attribution(replace(made, profile=profile)))["flame"]["views"][0]["tree"]
    assert names(tree) == [
        "T.EXE",
        "(real mode)",
        "fb_start",
        "MAIN",
        "FIB",
        "FIB",
        "KERNEL 0",
        "KERNEL 1",
        "(the rest)",
        "(BIOS and DOS)",
    ]
    assert total(tree) == 2022


def test_what_is_too_deep_is_added_to_its_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DEEPEST", 3)
    made = recording()
    tree = program_report(Attribution(made))["flame"]["views"][0]["tree"]
    assert names(tree) == ["(real mode)", "fb_start", "MAIN"]
    assert total(tree) == made.profile.clocks
