"""python -m emulator --profile: of programs with a map and without one."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from guests import EXIT, assemble, mz

from emulator.__main__ import main
from emulator.profiling.front import ProfileOptions, take_options
from emulator.profiling.record import Exports
from emulator.profiling.storage import load
from gpt486.basic import compile_source

FIB = """
Function fib(ByVal n As Long) As Long
    If n < 2 Then Return n
    Return fib(n - 1) + fib(n - 2)
End Function
Print fib(10)
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """FIB.EXE with FIB.MAP and FIB.BAS beside it."""
    folder = tmp_path_factory.mktemp("fib")
    made = compile_source(FIB, "FIB.BAS").build()
    (folder / "FIB.BAS").write_text(FIB)
    (folder / "FIB.EXE").write_bytes(made.exe)
    made.map.write(folder / "FIB.MAP")
    return folder / "FIB.EXE"


def run(*words: str | Path) -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(main, [str(word) for word in words])


def test_with_a_map(program: Path, tmp_path: Path) -> None:
    done = run(program, "--profile", "--callgrind", tmp_path / "c", "--speedscope", tmp_path / "s")
    assert done.exit_code == 0, done.output
    assert done.stdout_bytes == b" 55\r\n"
    row = next(line for line in done.stderr.splitlines() if line.startswith("FIB ")).split()
    assert row[1] == "177"  # calls of fib(10)
    assert "Return fib(n - 1)" in done.stderr
    assert f"written: {tmp_path / 'c'}, {tmp_path / 's'}" in done.stderr
    assert str(program.with_suffix(".BAS")) in (tmp_path / "c").read_text()
    assert (
        max(len(line) for line in done.stderr.splitlines() if "exit code" not in line and "written" not in line) <= 80
    )


def test_the_map_of_another_build_names_nothing(program: Path, tmp_path: Path) -> None:
    other = compile_source(FIB.replace("fib(10)", "fib(9)"), "FIB.BAS").build()
    (tmp_path / "FIB.EXE").write_bytes(other.exe)
    stale = tmp_path / "FIB.MAP"
    stale.write_bytes(program.with_suffix(".MAP").read_bytes())
    done = run(tmp_path / "FIB.EXE", "--profile")
    assert done.exit_code == 0, done.output
    assert f"emulator: without a map: {stale} is the map of another program or build than" in done.stderr
    assert "FIB " not in done.stderr.split("By procedure")[1]
    asked = run("--map", stale, tmp_path / "FIB.EXE", "--profile")
    assert asked.exit_code == 1
    assert asked.stdout == ""
    assert f"emulator: {stale} is the map of another program or build than" in asked.stderr
    other.map.write(stale)
    assert "FIB " in run(tmp_path / "FIB.EXE", "--profile").stderr.split("By procedure")[1]


def test_without_a_map(tmp_path: Path) -> None:
    (tmp_path / "T.EXE").write_bytes(mz(assemble("call l\ncall l\n" + EXIT + "l: mov cx, 9\nm: loop m\nret\n")))
    done = run("--profile", "--top", "2", tmp_path / "T.EXE")
    assert done.exit_code == 0, done.output
    assert "By instruction" in done.stderr
    assert "loop" in done.stderr
    row = next(line for line in done.stderr.splitlines() if line.startswith("sub_")).split()
    assert row[1] == "2"
    assert len([line for line in done.stderr.splitlines() if line.startswith("sub_")]) <= 2


def test_what_the_cpu_waited_for_is_told(tmp_path: Path) -> None:
    source = """
        mov ax, 0x3d00
        mov dx, name
        int 0x21
        mov bx, ax
        mov ah, 0x3f
        mov cx, 100
        mov dx, 0x1000
        int 0x21
        sti
        hlt
        """
    (tmp_path / "DATA.BIN").write_bytes(bytes(100))
    (tmp_path / "T.EXE").write_bytes(mz(assemble(f'push cs\npop ds\n{source}{EXIT}name: .asciz "DATA.BIN"')))
    answer = json.loads(run("--json", tmp_path / "T.EXE", "--save-profile", tmp_path / "p.json").stdout)
    found = answer["profile"]
    assert found["disk_clocks"] / answer["clock_hz"] == pytest.approx(2 * 0.023, rel=0.1)  # two seeks of 16 + 7 ms
    assert 0 < found["idle_clocks"] / answer["clock_hz"] < 0.055  # at most one tick
    assert found["totals"]["clocks"] + found["disk_clocks"] + found["idle_clocks"] == answer["clocks"]
    saved = load(tmp_path / "p.json").profile
    assert (saved.disk, saved.idle) == (found["disk_clocks"], found["idle_clocks"])


def test_json_and_saved(program: Path, tmp_path: Path) -> None:
    done = run("--json", program, "--save-profile", tmp_path / "p.json")
    answer = json.loads(done.stdout)
    assert answer["text"] == " 55\n"
    totals = answer["profile"]["totals"]
    assert totals["instructions"] == answer["instructions"]
    assert totals["clocks"] > totals["instructions"]
    fib = next(row for row in answer["profile"]["procedures"] if row["name"] == "FIB")
    assert (fib["calls"], fib["file"], fib["line"]) == (177, "FIB.BAS", 2)
    assert fib["self"] == fib["total"]  # it calls nothing but itself
    assert any(line["text"] == "If n < 2 Then Return n" for line in answer["profile"]["lines"])
    saved = load(tmp_path / "p.json")
    assert saved.profile.clocks == totals["clocks"]
    assert saved.map is not None
    assert "By procedure" not in done.stderr
    assert json.loads(run("--json", program).stdout)["profile"] is None


def test_a_file_that_cannot_be_written(program: Path, tmp_path: Path) -> None:
    done = run(program, "--callgrind", tmp_path / "no" / "where")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1].endswith(f"where: cannot be written: no folder {tmp_path / 'no'}")
    assert done.stdout == ""  # it did not run
    assert "Traceback" not in done.output
    for taken in (program, program.with_suffix(".MAP")):
        before = taken.read_bytes()
        assert run(program, "--callgrind", taken).exit_code == 1
        assert taken.read_bytes() == before


def test_a_file_that_fails_takes_no_tables_with_it(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("emulator.profiling.storage.write_atomically", full)
    done = run(program, "--callgrind", tmp_path / "full.out")
    assert done.exit_code == 1
    assert "By procedure" in done.stderr
    assert done.stderr.endswith("full.out: cannot be written: No space left on device\n")
    assert json.loads(run("--json", program, "--callgrind", tmp_path / "full.out").stdout)["text"] == " 55\n"


def test_options_behind_the_program() -> None:
    options, rest = take_options(
        ProfileOptions(), ["/n", "--profile", "5", "--callgrind=a", "--save-profile", "b", "--", "--profile", "--", "x"]
    )
    assert options == ProfileOptions(True, Exports(Path("a"), None, Path("b")))
    assert rest == ["/n", "5", "--profile", "--", "x"]
    assert not take_options(ProfileOptions(), ["--json", "-x"])[0]
    assert take_options(ProfileOptions(), ["--speedscope", "s"])[0]
    assert take_options(ProfileOptions(), ["--top", "3"])[0] == ProfileOptions(top=3)
    for wrong in (["--callgrind"], ["--top"], ["--top", "0"], ["--top=x"]):
        with pytest.raises(click.BadParameter):
            take_options(ProfileOptions(), wrong)


def test_arguments_reach_the_program(tmp_path: Path) -> None:
    tail = "mov bx, 0x81\nl: mov dl, [bx]\ncmp dl, 13\nje e\nmov ah, 2\nint 0x21\ninc bx\njmp l\ne: nop\n" + EXIT
    (tmp_path / "T.EXE").write_bytes(mz(assemble(tail)))
    assert run(tmp_path / "T.EXE", "a", "--profile", "b").stdout == " a b"
    assert run(tmp_path / "T.EXE", "a", "--", "--profile", "b").stdout == " a --profile b"
