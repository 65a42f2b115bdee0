"""The report as a page: nothing is fetched or thrown, nothing overlaps, everything has a name, any data is drawn."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from chromium import Chromium
from click.testing import CliRunner
from report_page import Open, contrast, is_well, overlaps, texts
from synthetic import recording

from emulator.profiling.attribute import Attribution
from emulator.profiling.schema import COUNTERS
from gpt486.cli.main import cli
from gpt486.profile.html import PAGE, SCRIPTS, SECTIONS, STYLES, write_report
from gpt486.profile.program_report import program_report

HOSTILE = (
    "</script><script>window.pwned = 1</script><img src=x onerror='window.pwned = 2'>\u2028\u2029<!--\udc80&lt;\"'\0"
)


@pytest.mark.parametrize("width", [400, 768, 1100, 1600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overlaps_or_is_cut_off(show: Open, sample: dict[str, Any], width: int, scheme: str) -> None:
    page = show(sample)
    page.scheme(scheme)
    page.size(width)
    assert is_well(page)
    assert overlaps(page) == []


def test_everything_that_can_be_used_has_a_name(show: Open, sample: dict[str, Any]) -> None:
    page = show(sample)
    page.call("Accessibility.enable")
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    usable = ("button", "slider", "searchbox", "combobox", "link", "img", "region")
    seen = [node for node in nodes if node.get("role", {}).get("value") in usable and not node["ignored"]]
    assert len(seen) > 100
    assert [node for node in seen if not node.get("name", {}).get("value", "").strip()] == []


def test_contrast_is_readable_in_both_schemes(show: Open, sample: dict[str, Any]) -> None:
    page = show(sample)
    groups = [
        f"--{g}"
        for g in (
            "matvec",
            "attention",
            "layer_norm",
            "activation",
            "embed",
            "add",
            "sample",
            "text",
            "load",
            "system",
            "other",
        )
    ]
    pairs = [
        ("--ink", "--card"),
        ("--soft", "--card"),
        ("--soft", "--paper"),
        ("--accent", "--card"),
        ("--warn", "--card"),
    ]
    pairs += [("--on-group", group) for group in groups]
    for scheme in ("light", "dark"):
        page.scheme(scheme)
        for ink, paper in pairs:
            of = page.evaluate(
                f"[{ink!r}, {paper!r}].map("
                "name => getComputedStyle(document.documentElement).getPropertyValue(name).trim())"
            )
            assert contrast(*of) >= 4.5, (scheme, ink, paper)


def test_it_prints(show: Open, sample: dict[str, Any]) -> None:
    page = show(sample)
    page.scheme("dark", "print")
    card = page.evaluate("getComputedStyle(document.querySelector('.panel')).backgroundColor")
    assert card == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert len(page.call("Page.printToPDF", {"printBackground": True})["data"]) > 50_000
    assert is_well(page)


def test_a_program_without_a_model_has_fewer_sections(show: Open, sample: dict[str, Any]) -> None:
    keys = ("format", "counters", "flame", "procedures")
    data = {key: copy.deepcopy(sample[key]) for key in keys}
    data["meta"] = {"title": "HELLO.EXE"}
    data["totals"] = {"run": sample["totals"]["run"]}
    del data["flame"]["views"][1:]
    page = show(data)
    ids = page.evaluate("[...document.querySelectorAll('section.panel, nav a')].map(s => s.id || s.hash)")
    assert ids == ["#flame", "#stalls", "#tables", "flame", "stalls", "tables"]
    assert texts(page, "#tables .choice") == []


@pytest.mark.parametrize("cpu", ["486sx-25", "486dx4-100"])
def test_the_report_of_a_real_run(browser: Chromium, built: Path, tmp_path: Path, cpu: str) -> None:
    """A random model of odd sizes, run by gpt486 profile: every section draws, in the narrowest window as well."""
    path = tmp_path / "real.html"
    words = ["profile", str(built), "-p", "The dog", "-n", "6", "--ignore-eos", "--cpu", cpu, "--html", str(path)]
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 0, done.output
    for width in (1400, 400):
        browser.size(width)
        browser.open(path.as_uri())
        assert is_well(browser)
        assert browser.requests == [path.as_uri()]
        assert overlaps(browser) == []
    assert [s[0] for s in SECTIONS] == browser.evaluate("[...document.querySelectorAll('.panel')].map(s => s.id)")
    assert texts(browser, ".card dt")[0] == "Speed"
    assert cpu.upper() in texts(browser, "h1")[0]


def test_any_program_has_a_report(show: Open) -> None:
    page = show(program_report(Attribution(recording())))
    assert page.evaluate("document.title") == "T.EXE on a 486DX2-66"
    fills = page.evaluate("[...document.querySelectorAll('#flame .frame rect')].map(rect => rect.style.fill)")
    assert len(set(fills)) >= 4
    assert texts(page, "#flame .legend") == []
    page.click("#tables [data-value='lines']")
    assert texts(page, "#tables tbody code")[0] == "mov bl, [esi]"
    page.click("#tables [data-value='procedures']")
    assert texts(page, "#tables .link") == []
    assert texts(page, "#stalls .choice button") == ["Clocks", "Shares"]
    assert page.evaluate("document.querySelector('#screen').checkVisibility()") is False
    assert page.evaluate(
        "document.querySelector('#stalls').offsetWidth === document.querySelector('#flame').offsetWidth"
    )


def test_a_report_with_nothing_but_a_title(show: Open) -> None:
    page = show({"format": "gpt486-report 1", "counters": list(COUNTERS), "meta": {"title": "Nothing"}})
    assert texts(page, "section.panel") == []


def test_empty_sections_are_no_trouble(show: Open, sample: dict[str, Any]) -> None:
    data = copy.deepcopy(sample)
    data["procedures"] = [
        {"name": "idle", "group": "unheard of", "calls": 0, "own": [0] * len(COUNTERS), "total": [0] * len(COUNTERS)}
    ]
    data["ops"] = []
    data["source"] = {"file": "A.BAS", "text": [], "lines": [], "counts": []}
    data["flame"]["views"] = [{"name": "Run", "per": 1, "tree": {"name": "main", "group": "nothing"}}]
    data["roofline"]["points"] = []
    data["stability"] = {"positions": 0, "accumulators": [], "saturated": [], "residual": []}
    data["attention"] = {"layers": 1, "heads": 1, "prompt_tokens": 1, "tokens": ["A"], "weights": [[[[1.0]]]]}
    data["tokens"] = {"positions": [0], "prompt_tokens": 1, "groups": {"matvec": [5]}}
    assert "No kernel with weights ran." in texts(show(data), "#roofline .note")


def test_hostile_text_stays_text(show: Open, sample: dict[str, Any]) -> None:
    """Token texts, names of files and procedures, the prompt: none of them becomes HTML or script."""

    def poisoned(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: value[key] if key in ("axis", "kind", "group", "format") else poisoned(value[key]) for key in value
            }
        if isinstance(value, list):
            return [poisoned(entry) for entry in value]
        return value + HOSTILE if isinstance(value, str) else value

    data = {key: value if key in ("format", "counters", "memory") else poisoned(value) for key, value in sample.items()}
    page = show(data)
    for selector in (
        "#tables [data-value='lines']",
        "#tables [data-value='source']",
        "#stalls [data-value='procedure']",
    ):
        page.click(selector)
    page.hover("#flame .frame")
    assert is_well(page)
    assert page.evaluate("window.pwned") is None
    assert page.evaluate("document.querySelectorAll('img, iframe, object').length") == 0
    assert page.evaluate("document.scripts.length") == len(SCRIPTS) + 1
    assert HOSTILE[:80] in texts(page, ".word")[0]


def test_an_injected_script_would_not_run(browser: Chromium, tmp_path: Path, sample: dict[str, Any]) -> None:
    """The second wall: even HTML that got into the file could neither run a script nor fetch anything."""
    page = tmp_path / "report.html"
    write_report(page, sample)
    text = page.read_text(encoding="utf-8")
    injected = '<script>window.pwned = 1</script><img src="https://example.com/x.png" onerror="window.pwned = 2">'
    page.write_text(text.replace("<main", f"{injected}<main"), encoding="utf-8")
    browser.open(page.as_uri())
    assert browser.evaluate("window.pwned") is None
    assert browser.requests == [page.as_uri(), "https://example.com/x.png"]
    assert browser.blocked == ["https://example.com/x.png"]
    assert len(browser.messages) >= 2
    assert all("Content Security Policy" in message for message in browser.messages)


def test_a_report_that_cannot_be_drawn_says_so(browser: Chromium, tmp_path: Path, sample: dict[str, Any]) -> None:
    page = tmp_path / "report.html"
    write_report(page, sample)
    broken = page.read_text(encoding="utf-8").replace('"views":[', '"views":0,"x":[')
    page.write_text(broken, encoding="utf-8")
    browser.open(page.as_uri())
    assert texts(browser, "#failure")[0].startswith("This report could not be drawn: ")
    assert len(browser.exceptions) == 1


def test_the_files_of_the_page_are_short() -> None:
    names = {path.name for path in PAGE.iterdir()}
    assert names == {*STYLES, *SCRIPTS, "report.html.j2"}
    assert max(len((PAGE / name).read_text(encoding="utf-8").splitlines()) for name in names) < 500
