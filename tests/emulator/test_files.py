"""Files are written whole or not at all, and devices stay devices."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from emulator.errors import EmulatorError
from emulator.files import check_outputs, write_atomically


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "GPT.EXE"
    write_atomically(path, b"old")

    def fail(self: Path, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["GPT.EXE"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there/P.JSON")
    for data in (b"made", b"written again"):
        write_atomically(tmp_path / "link", data)
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "there" / "P.JSON").read_bytes() == data


def test_a_pipe_is_written_into(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_atomically(tmp_path / "pipe", b"through")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_long_names(tmp_path: Path) -> None:
    write_atomically(tmp_path / ("n" * 250), b"x")
    assert [len(path.name) for path in tmp_path.iterdir()] == [250]


def test_outputs_are_checked(tmp_path: Path) -> None:
    (tmp_path / "input").write_text("x")
    (tmp_path / "link").symlink_to("input")
    check_outputs([tmp_path / "new", tmp_path / "old", Path("/dev/null"), Path("/dev/null")], [tmp_path / "input"])
    for outputs, words in (
        ([tmp_path], f"{tmp_path}: cannot be written: it is a folder"),
        ([tmp_path / "no" / "x"], f"x: cannot be written: no folder {tmp_path / 'no'}"),
        ([tmp_path / "link"], "link: named twice"),
        ([tmp_path / "new", tmp_path / "." / "new"], "new: named twice"),
    ):
        with pytest.raises(EmulatorError) as caught:
            check_outputs(outputs, [tmp_path / "input"])
        assert words in str(caught.value)


def test_a_folder_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, _mode: path != tmp_path)  # root may do anything
    with pytest.raises(EmulatorError, match="x: cannot be written: no permission"):
        check_outputs([tmp_path / "x"])
