"""`gpt486 basic`, and compiling files."""

from __future__ import annotations

from pathlib import Path

from basic_running import run
from click.testing import CliRunner, Result

from gpt486.basic import BasicError, compile_file
from gpt486.basic.cli import basic_command, parse_defines


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


def test_defines() -> None:
    assert parse_defines(("A", "B=2", "C=")) == {"A": "1", "B": "2", "C": ""}
    assert basic("x.bas", "-d", "5A=1").exit_code == 2


def test_help_teaches() -> None:
    text = basic("--help").output
    assert "--listing" in text
    assert "error: unknown name cuont" in text
