"""Programs over the whole language, each with the output that the real fbc gives (as comments `'>` at its end)."""

from __future__ import annotations

from pathlib import Path

import pytest
from basic_running import needs_fbc, run, run_fbc

CASES = sorted((Path(__file__).parent / "cases").glob("*.bas"))
EXIT_CODES = {"control": 3}


def expected(source: str) -> str:
    return "".join(line[3:] + "\n" for line in source.split("\n") if line.startswith("'> "))


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_in_the_emulator(case: Path) -> None:
    source = case.read_text()
    ran = run(source)
    assert ran.output == expected(source)
    assert ran.exit_code == EXIT_CODES.get(case.stem, 0)


@needs_fbc
@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_fbc_gives_the_same(case: Path) -> None:
    source = case.read_text()
    ran = run_fbc(source)
    assert ran.output == expected(source)
    assert ran.exit_code == EXIT_CODES.get(case.stem, 0)
