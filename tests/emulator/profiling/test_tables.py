"""Tables: what they show, and that they fit whatever the terminal's width."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from synthetic import recording

from emulator.profiling import diff, tables
from emulator.profiling.attribute import Attribution, count
from emulator.profiling.numbers import percent, ratio, short
from emulator.profiling.storage import Recording


def printed(width: int, show: object, *arguments: object) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    show(console, *arguments)  # type: ignore[operator]
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [40, 60, 80, 100, 132, 200])
def test_tables_fit(width: int) -> None:
    made = Attribution(recording())
    for show in (tables.procedures, tables.lines, tables.instructions):
        text = printed(width, show, made, 5)
        rows = text.splitlines()
        assert max(map(len, rows)) <= width
        # title, heading, rule, five rows, note: nothing was wrapped
        assert len([row for row in rows if row.strip()]) == 9, text


def test_procedures_at_80_columns() -> None:
    text = printed(80, tables.procedures, Attribution(recording()), 20)
    row = next(line for line in text.splitlines() if "KERNEL" in line).split()
    heading = text.splitlines()[1].split()
    cells = dict(zip(heading, row, strict=True))
    assert cells["calls"] == "7"
    assert cells["clocks"] == "1.00k"
    assert cells["%"] == "65.8"
    assert cells["cpi"] == "2.00"
    assert cells["mul"] == "8"
    assert cells["cache"] == "12"
    assert "--top" not in text


def test_lines_show_source() -> None:
    text = printed(100, tables.lines, Attribution(recording()), 3)
    assert "T.BAS:31" in text
    assert "mov bl, [esi]" in text
    assert "(FIB)" in text  # no text at hand
    assert "((" not in printed(100, tables.lines, Attribution(recording()), 30)
    assert "6 more lines" in text


def test_instructions_show_address_and_place() -> None:
    text = printed(100, tables.instructions, Attribution(recording()), 30)
    assert "00120048" in text
    assert "add eax, [ebx]" in text
    assert "(real mode)" in text


def test_summary() -> None:
    made = recording()
    text = printed(200, tables.summary, made.profile)
    assert "T.EXE on a 486DX2-66: 761 instructions, 1,522 clocks" in text
    assert "2.00 clocks per instruction; instructions 82.4%, cache 7.9%, multiply 5.3%" in text
    assert "sampled" not in text
    assert "besides" not in text
    waited = replace(made.profile, disk=made.profile.clock_hz * 3 // 2, idle=made.profile.clock_hz // 4)
    text = printed(200, tables.summary, waited)
    assert "besides, the CPU waited 1.500 s for the disk, 0.250 s for a key or the timer" in text
    assert "25.0%" in printed(200, tables.summary, replace(made.profile, sampled=0.25))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (7, "7"),
        (999, "999"),
        (1.5, "1.50"),
        (1000, "1.00k"),
        (999_499, "999k"),
        (999_600, "1.00M"),
        (-12_345, "-12.3k"),
        (4.25e6, "4.25M"),
        (8.1e11, "810G"),
        (9.99e15, "9990T"),
    ],
)
def test_short_numbers(number: float, text: str) -> None:
    assert short(number) == text


@given(st.integers(0, 10**14))
def test_short_numbers_are_short_and_close(number: int) -> None:
    text = short(number)
    assert len(text) <= 5
    scale = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}.get(text[-1], 1)
    assert abs(float(text.rstrip("kMGT")) * scale - number) <= 0.006 * number


def test_shares() -> None:
    assert [percent(*pair) for pair in ((1, 8), (1, 1), (0, 5), (1, 0))] == ["12.5", "100", "0.0", ""]
    assert (ratio(1, 3), ratio(1, 0), ratio(1, 3, 1)) == ("0.33", "", "0.3")
    assert (ratio(99.9, 1), ratio(99.999, 1), ratio(31_163.89, 1)) == ("99.90", "100", "31.2k")


def slower() -> Recording:
    """The same program, in which KERNEL has become a third dearer and FIB is gone."""
    made = recording()
    contexts = [
        replace(c, counts=tuple(n + n // 3 for n in c.counts)) if c.ordinal >= 0 else c
        for c in made.profile.contexts
        if c.entry != 0x120030
    ]
    places = [p for p in made.profile.places if not 0x120030 <= p.address < 0x120040]
    return replace(made, profile=replace(made.profile, contexts=contexts, places=places))


def test_diff_by_procedure() -> None:
    before, after = Attribution(recording()), Attribution(slower())
    changes = diff.compare(diff.by_procedure(before), diff.by_procedure(after))
    assert [(c.name, c.clocks) for c in changes[:2]] == [("FIB", -400), ("KERNEL", 333)]
    assert changes[0].ratio == 0
    assert changes[1].ratio == pytest.approx(1335 / 1002)
    data = diff.to_json(changes)
    assert data[0]["before"]["clocks"] == 400  # type: ignore[index]
    assert data[1]["change"] == 333
    text = printed(80, diff.show, "By procedure", changes, 10)
    assert max(map(len, text.splitlines())) <= 80
    row = next(line for line in text.splitlines() if "KERNEL" in line).split()
    assert row[:5] == ["KERNEL", "1.00k", "1.33k", "+333", "1.332"]
    assert "4 the same" in text
    assert "MAIN" not in text
    new = diff.compare(diff.by_procedure(after), diff.by_procedure(before))
    assert new[0].ratio is None
    assert "new" in printed(80, diff.show, "x", new, 1)
    assert "1 smaller changes left out" in printed(80, diff.show, "x", new, 1)


def test_diff_by_line_follows_the_text() -> None:
    """A line that moved is the same line."""
    made = recording()
    moved = replace(
        made,
        map=replace(
            made.map,  # type: ignore[type-var]
            lines=tuple(line._replace(line=line.line + 7 if line.line else 0) for line in made.map.lines),  # type: ignore[union-attr]
            _by_name={},
        ),
        sources={"T.BAS": {number + 7: text for number, text in made.sources["T.BAS"].items()}},
    )
    changes = diff.compare(diff.by_line(Attribution(made)), diff.by_line(Attribution(moved)))
    same = {change.name for change in changes if change.clocks == 0}
    assert "KERNEL: mov bl, [esi]" in same
    different = {change.name for change in changes if change.clocks}
    assert different == {
        "FIB: T.BAS:20",
        "FIB: T.BAS:27",
        "fb_start: runtime/start.bas:3",
        "fb_start: runtime/start.bas:10",
    }
    assert sum(count(change.after, "clocks") for change in changes) == 1522
