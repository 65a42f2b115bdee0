"""The benchmark runs what it says; no speed is asserted."""

from __future__ import annotations

import pytest

from emulator import benchmark


def test_counts() -> None:
    rows = benchmark.measure(1e-5)
    overhead = 4 + 2 + 1
    expected = [
        loops * length + overhead
        for rounds, length in ((200, 2), (200, 10), (10, 202))
        for loops in (rounds, rounds // 2, rounds // 2)
    ]
    assert [count for _, _, count, _ in rows] == expected
    assert all(seconds > 0 for *_, seconds in rows)


def test_output(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["benchmark", "1e-6"])
    benchmark.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[-4:] == ["raw", "cycle", "model", "profile"]
    assert len(lines) == 4
