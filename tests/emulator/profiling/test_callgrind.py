"""Callgrind output: the figures, and that callgrind_annotate reads the same ones."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from synthetic import BASE, MAP, recording

from emulator.mapfile import MapLine
from emulator.profiling.attribute import Attribution
from emulator.profiling.callgrind import callgrind, event_name
from emulator.profiling.schema import COUNTERS


def test_the_text() -> None:
    text = callgrind(Attribution(recording()), creator="test", path=lambda file: f"/src/{file}")
    lines = text.splitlines()
    assert lines[0] == "# callgrind format"
    assert "positions: instr line" in lines
    events = next(line for line in lines if line.startswith("events: ")).split()[1:]
    assert events[:3] == ["Clocks", "Instructions", "Multiply"]
    assert len(events) == len(COUNTERS)
    assert all(re.fullmatch("[A-Z][A-Za-z]+", name) for name in events)
    assert f"0x{BASE + 0x48:x} 31 800 400 80 40 0 0 16 8 4" in lines
    # MAIN calls KERNEL from lines 11 (twice: two call sites) and FIB from line 10.
    at = lines.index(f"0x{BASE + 0x18:x} 11 6 3")
    assert "calls=3 0x120040 30" in lines[at:]
    assert lines[lines.index("calls=3 0x120040 30") + 1].startswith(f"0x{BASE + 0x18:x} 11 400 200 0 0 0 120")
    # The recursive call has its number, and no cost of its own.
    assert lines[lines.index("calls=2 0x120030 20") + 1] == f"0x{BASE + 0x30:x} 20 0"
    assert lines[-1].startswith("totals: 1522 761 80 40 0 120 16 8 4")
    assert re.search(r"^(fl|cfi)=\(\d+\) /src/T.BAS$", text, re.MULTILINE)


def test_names_are_written_once() -> None:
    text = callgrind(Attribution(recording()))
    for name in ("KERNEL", "MAIN", "T.BAS"):
        assert len(re.findall(rf"\) {name}$", text, re.MULTILINE)) == 1
    for kind in ("fn", "fl"):
        defined = set(re.findall(rf"c?{kind[0]}[nil]=\((\d+)\) ", text))
        assert set(re.findall(rf"^{kind}=\((\d+)\)", text, re.MULTILINE)) <= defined


def test_a_procedure_with_lines_of_another_file() -> None:
    from dataclasses import replace

    lines = tuple(MapLine(0x48, "OTHER.BAS", 5) if line.offset == 0x48 else line for line in MAP.lines)
    text = callgrind(Attribution(replace(recording(), map=replace(MAP, lines=lines, _by_name={}))))
    assert re.search(r"^fi=\(\d+\) OTHER.BAS\n0x120048 5 800 .*\nfe=\(\d+\)$", text, re.MULTILINE)


def annotate(path: Path, *options: str) -> str:
    program = shutil.which("callgrind_annotate")
    if program is None:
        pytest.skip("callgrind_annotate is not installed (apt-get install valgrind)")
    done = subprocess.run([program, *options, str(path)], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


def figures(text: str, name: str) -> int:
    """The first column of the row that ends with a name, as callgrind_annotate prints it."""
    row = next(line for line in text.splitlines() if re.search(rf"{re.escape(name)}(\s|$)", line))
    return int(row.split()[0].replace(",", ""))


def test_callgrind_annotate_agrees(tmp_path: Path) -> None:
    source = tmp_path / "T.BAS"
    source.write_text("".join(f"line {number}\n" for number in range(1, 40)))
    out = tmp_path / "callgrind.out"
    out.write_text(callgrind(Attribution(recording()), path=lambda file: str(tmp_path / file)))
    own = annotate(out, "--auto=yes", "--threshold=100", "--context=50")
    assert figures(own, "PROGRAM TOTALS") == 1522
    assert figures(own, "T.BAS:KERNEL") == 1000
    assert figures(own, "T.BAS:FIB") == 400
    assert figures(own, "T.BAS:MAIN") == 60
    assert figures(own, "line 31") == 800
    assert figures(own, "line 30") == 200
    assert figures(own, "line 20") == 400
    inclusive = annotate(out, "--inclusive=yes", "--threshold=100")
    assert figures(inclusive, "T.BAS:MAIN") == 60 + 400 + 1002 + 30
    assert figures(inclusive, "T.BAS:FIB") == 400
    assert figures(inclusive, "start.bas:fb_start") == 1502


def test_event_names() -> None:
    assert event_name("read_misses") == "ReadMisses"
    assert len({event_name(name) for name in COUNTERS}) == len(COUNTERS)
