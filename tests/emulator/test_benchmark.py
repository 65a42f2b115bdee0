"""The benchmark runs what it says; no speed is asserted."""

from __future__ import annotations

import pytest

from emulator import benchmark


def test_counts() -> None:
    rows = benchmark.measure(1e-5)
    overhead = 4 + 2 + 1
    assert [count for _, count, _ in rows] == [200 * 2 + overhead, 200 * 10 + overhead, 10 * 202 + overhead]
    assert all(seconds > 0 for _, _, seconds in rows)


def test_output(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["benchmark", "1e-6"])
    benchmark.main()
    assert capsys.readouterr().out.count("million instructions a second\n") == 3
