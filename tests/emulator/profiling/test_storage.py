"""Profiles as files: what is read is what was written, and damage is told in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from synthetic import recording

from emulator.profiling.schema import Mark
from emulator.profiling.sources import Sources
from emulator.profiling.storage import ProfileFileError, Recording, load, save, write_text


def test_round_trip(tmp_path: Path) -> None:
    made = recording()
    made.profile.marks.append(Mark("FORWARD", made.profile.totals))
    save(made, tmp_path / "P.JSON")
    assert load(tmp_path / "P.JSON") == made
    bare = Recording(made.profile)
    save(bare, tmp_path / "P.JSON")
    assert load(tmp_path / "P.JSON") == bare
    assert [path.name for path in tmp_path.iterdir()] == ["P.JSON"]


def spoil(path: Path, change: Any) -> str:
    """Change the data of a saved profile; returns the message on reading it."""
    save(recording(), path)
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
    with pytest.raises(ProfileFileError) as caught:
        load(path)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("format", "gpt486-profile 99", "another version"),
        ("format", "something", "no profile"),
        ("format", None, "no profile"),
        ("counters", ["clocks"], "other counters"),
        ("totals", [1, 2], "counters were expected"),
        ("totals", "many", "counters were expected"),
        ("places", [[1, 2]], "rows of 4"),
        ("places", {}, "rows of 4"),
        ("contexts", [[0, 0, 0, -1, 1, [0] * 19]], "no parent before it"),
        ("clock_hz", 0, "cannot be"),
        ("clock_hz", 1.5, "not a whole number"),
        ("clock_hz", True, "not a whole number"),
        ("sampled", 2, "cannot be"),
        ("program", 5, "not a text"),
        ("cpu", [], "not an object"),
        ("cpu", {"bus_hz": 0}, "bus_hz is no clock"),
        ("cpu", {"bus_hz": -5}, "bus_hz is no number"),
        ("cpu", {"name": 486}, "cpu.name: not a text"),
        ("cpu", {"board": "x"}, "not an object"),
        ("cpu", {"board": {"dram_lead": {}}}, "dram_lead is no number"),
        ("cpu", {"board": {"dram_lead": 5}}, "belong to dram_lead"),
        ("cpu", {"disk": {"seek_ms": float("nan")}}, "seek_ms is no number"),
        ("totals", [-1] * 19, "a counter that cannot be"),
        ("totals", [10**30] * 19, "a counter that cannot be"),
        ("disk", "long", "not a whole number"),
        ("notes", None, "not an object"),
        ("map", "no map", "its map"),
        ("sources", {"a": {"x": "y"}}, "damaged"),
    ],
)
def test_damaged_files(tmp_path: Path, key: str, value: Any, words: str) -> None:
    assert words in spoil(tmp_path / "P.JSON", lambda data: data.update({key: value}))


def test_a_missing_key(tmp_path: Path) -> None:
    assert "damaged" in spoil(tmp_path / "P.JSON", lambda data: data.pop("places"))


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[1]", b"[" * 100_000, b'{"format": "gpt486-report 1"}'])
def test_files_that_are_no_profile(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "P.JSON").write_bytes(data)
    with pytest.raises(ProfileFileError, match="no profile"):
        load(tmp_path / "P.JSON")


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(ProfileFileError, match="cannot be read: No such file"):
        load(tmp_path / "none")
    with pytest.raises(ProfileFileError, match="cannot be written: No such file"):
        save(recording(), tmp_path / "none" / "P.JSON")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ProfileFileError, match="cannot be written"):
        write_text(tmp_path / "folder", "x")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_sources(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "T.BAS").write_text("first\n   Print 1   \n")
    (tmp_path / "S.BAS").write_text("secret\n")
    sources = Sources([tmp_path / "none", tmp_path / "a"])
    assert sources.path("T.BAS") == tmp_path / "a" / "T.BAS"
    assert sources.path("../S.BAS") is None
    assert sources.path(str(tmp_path / "S.BAS")) is None
    assert [sources.line("T.BAS", number) for number in (0, 1, 2, 3)] == ["", "first", "Print 1", ""]
    assert sources.line("U.BAS", 1) == ""
    assert sources.excerpt([("T.BAS", 2), ("T.BAS", 9), ("U.BAS", 1)]) == {"T.BAS": {2: "Print 1"}}
    (tmp_path / "a" / "T.BAS").chmod(0)
