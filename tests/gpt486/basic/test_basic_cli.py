"""`gpt486 basic`, and compiling files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from basic_running import run
from click.testing import CliRunner, Result

from gpt486.basic import BasicError, compile_file
from gpt486.basic.cli import basic_command, parse_defines
from gpt486.basic.compiler import MAX_SOURCE
from gpt486.basic.sema import unit


def basic(*args: str | Path) -> Result:
    return CliRunner().invoke(basic_command, [str(a) for a in args])


def test_writes_executable_listing_and_map(tmp_path: Path) -> None:
    source = tmp_path / "HELLO.BAS"
    source.write_bytes(b'#print compiling\r\n#include "part.bi"\r\nPrint GREETING; N\r\n\x1aleft over')
    (tmp_path / "part.bi").write_text('#define GREETING "Hello"\n')
    result = basic(source, "--listing", tmp_path / "L", "--map", tmp_path / "M", "-d", "N=5")
    assert result.exit_code == 0, result.output
    assert "compiling" in result.output
    assert (tmp_path / "HELLO.EXE").read_bytes()[:2] == b"MZ"
    assert "Print GREETING; N" in (tmp_path / "L").read_text()
    assert " main" in (tmp_path / "M").read_text()
    assert run(compile_file(source, defines={"N": "7"})).output == "Hello 7\n"


def failure(*args: str | Path) -> str:
    """The message of the error that the command raises."""
    error = basic(*args).exception
    assert isinstance(error, BasicError)
    return str(error)


def test_errors(tmp_path: Path) -> None:
    source = tmp_path / "BAD.BAS"
    source.write_bytes(b"Print \xe9t\xe9\n")
    assert "BAD.BAS(1): error: the character" in failure(source)
    assert "there is no such file" in failure(tmp_path / "NONE.BAS")
    source.write_text("End")
    assert "cannot be written" in failure(source, "-o", tmp_path / "no" / "X.EXE")
    assert "cannot be read" in failure(tmp_path / "BAD.BAS" / "INSIDE.BAS")


def test_only_files_of_a_sensible_size_are_read(tmp_path: Path) -> None:
    for device in ("/dev/zero", "/dev/full", "/dev/null"):
        assert failure(device) == f"{device}: is no regular file; a BASIC source is wanted"
    large = tmp_path / "LARGE.BAS"
    with large.open("wb") as file:
        file.truncate(MAX_SOURCE + 1)
    assert failure(large) == f"{large}: has 16,777,217 bytes; a BASIC source has at most 16,777,216"


def test_stack(tmp_path: Path) -> None:
    source = tmp_path / "S.BAS"
    source.write_text("Print 1")
    assert basic(source, "--stack", "1024").exit_code == 0
    for bytes_ in ("1023", "-5", str(8 * 1024 * 1024 + 1)):
        result = basic(source, "--stack", bytes_)
        assert result.exit_code == 2
        assert "1024<=x<=8388608" in result.output


def test_a_file_of_the_installation_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "runtime"
    shutil.copytree(unit.RUNTIME, folder)
    monkeypatch.setattr(unit, "RUNTIME", folder)
    source = tmp_path / "S.BAS"
    source.write_text("Print 1")
    try:
        for name in ("print.bas", "types.bas", "start.bas"):
            unit.runtime_index.cache_clear()
            unit.runtime_syntax.cache_clear()
            (folder / name).rename(tmp_path / name)
            message = failure(source)
            assert message.startswith("the installation is incomplete: ")
            assert "\n" not in message
            (tmp_path / name).rename(folder / name)
    finally:
        unit.runtime_index.cache_clear()
        unit.runtime_syntax.cache_clear()


def test_defines() -> None:
    assert parse_defines(("A", "B=2", "C=")) == {"A": "1", "B": "2", "C": ""}
    assert basic("x.bas", "-d", "5A=1").exit_code == 2


def test_help_teaches() -> None:
    text = basic("--help").output
    assert "--listing" in text
    assert "error: unknown name cuont" in text
