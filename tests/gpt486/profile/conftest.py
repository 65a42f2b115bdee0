"""Makes the helpers here and the emulator tests' synthetic.py importable; a browser for reports."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "emulator" / "profiling"))

from chromium import Chromium, find_chromium
from report_page import Open, is_well
from report_sample import sample_report

from gpt486.profile.html import write_report


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A headless Chromium."""
    path = find_chromium()
    if path is None:
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    with Chromium(path, tmp_path_factory.mktemp("chromium")) as started:
        yield started


@pytest.fixture
def show(browser: Chromium, tmp_path: Path) -> Open:
    """Write a report, open it 1,400 pixels wide in the light scheme, and see to it that all is well."""

    def opened(data: dict[str, Any]) -> Chromium:
        page = tmp_path / "report.html"
        write_report(page, data)
        browser.scheme("light")
        browser.size(1400)
        browser.open(page.as_uri())
        assert is_well(browser)
        assert browser.requests == [page.as_uri()]
        return browser

    return opened


@pytest.fixture(scope="session")
def sample() -> dict[str, Any]:
    """An invented report with every section; tests must not change it."""
    return sample_report()
