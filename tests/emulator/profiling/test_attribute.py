"""Counts by procedure, line, instruction and module."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from synthetic import BASE, MAP, counts, recording

from emulator.profiling.attribute import Attribution, ProcedureCost, count, lines_of, total
from emulator.profiling.schema import COUNTERS, Context, Profile
from emulator.profiling.storage import Recording


def costs(attribution: Attribution) -> dict[str, ProcedureCost]:
    return {row.procedure.name: row for row in attribution.procedures()}


def test_procedures_own_and_inclusive_clocks() -> None:
    found = costs(Attribution(recording()))
    clocks = {name: (row.calls, count(row.own, "clocks"), count(row.total, "clocks")) for name, row in found.items()}
    assert clocks == {
        "KERNEL": (7, 1002, 1002),
        "FIB": (3, 400, 400),  # the inner calls count once
        "MAIN": (1, 60, 1492),
        "(BIOS and DOS)": (1, 30, 30),
        "(real mode)": (1, 20, 1522),
        "fb_start": (1, 10, 1502),
    }
    assert list(found) == ["KERNEL", "FIB", "MAIN", "(BIOS and DOS)", "(real mode)", "fb_start"]
    assert (found["KERNEL"].file, found["KERNEL"].line) == ("T.BAS", 30)
    assert (found["(real mode)"].file, found["(real mode)"].line) == ("", 0)


def test_lines() -> None:
    rows = Attribution(recording()).lines()
    first = rows[0]
    assert (first.file, first.line, first.procedure, first.text) == ("T.BAS", 31, "KERNEL", "mov bl, [esi]")
    assert count(first.counts, "clocks") == 800
    clocks = {(row.line, row.procedure): count(row.counts, "clocks") for row in rows}
    assert clocks[20, "FIB"] == 400  # two instructions of one line
    assert clocks[0, "HELPER"] == 2  # a procedure without a line
    assert clocks[0, "(BIOS and DOS)"] == 30
    assert sum(clocks.values()) == 1522


def test_a_label_that_is_called_is_a_procedure() -> None:
    made = recording()
    called = Context(2, BASE + 0x20, BASE + 0x48, -1, 1, counts(8))
    profile = replace(made.profile, contexts=[*made.profile.contexts, called])
    found = Attribution(replace(made, profile=profile))
    assert found.where(BASE + 0x4A).procedure.name == "kernel_row"
    assert Attribution(made).where(BASE + 0x4A).procedure.name == "KERNEL"
    assert "kernel_row" in costs(found)


def test_without_a_map_entries_are_procedures() -> None:
    found = Attribution(replace(recording(), map=None))
    assert found.where(BASE + 0x32).procedure.name == f"sub_{BASE + 0x30:08X}"
    assert found.where(BASE + 0x32).procedure.module == "extended memory"
    assert found.where(0x0902).procedure.module == "conventional memory"
    assert found.where(0x0100).procedure.name == "(conventional memory)"
    assert costs(found)[f"sub_{BASE + 0x40:08X}"].calls == 7
    assert costs(found)["(BIOS and DOS)"].calls == 1


def test_the_start_of_a_run_has_no_entry() -> None:
    made = recording()
    contexts = [replace(made.profile.contexts[0], entry=0), *made.profile.contexts[1:]]
    for program_map, name in ((MAP, "(real mode)"), (None, "(conventional memory)")):
        found = Attribution(replace(made, map=program_map, profile=replace(made.profile, contexts=contexts)))
        assert found.owners[0].name == name


def test_an_image_that_never_stored_its_base_has_no_names() -> None:
    made = recording()
    found = Attribution(replace(made, profile=replace(made.profile, image_base=None)))
    assert found.where(BASE + 0x30).procedure.name == f"sub_{BASE + 0x30:08X}"


def test_before_the_first_symbol() -> None:
    made = recording()
    symbols = tuple(symbol for symbol in MAP.symbols if symbol.offset >= 0x30)
    found = Attribution(replace(made, map=replace(MAP, symbols=symbols, _by_name={})))
    assert found.where(BASE + 0x10).procedure.name == "image offset 0x10"


def test_lines_of_addresses() -> None:
    assert lines_of([BASE, BASE + 0x31, BASE + 0x55, 5], MAP, BASE) == {("runtime/start.bas", 3), ("T.BAS", 20)}


def test_an_empty_profile() -> None:
    profile = Profile("T.EXE", {}, 1000, None, counts(0), [], [])
    found = Attribution(Recording(profile))
    assert found.procedures() == []
    assert found.lines() == []
    assert total([]) == counts(0)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3), st.integers(0, 1000)), min_size=1, max_size=40))
def test_inclusive_costs_of_any_tree(rows: list[tuple[int, int, int]]) -> None:
    """Own costs add up to the whole; the root's inclusive cost is the whole; no procedure costs more."""
    contexts = [
        Context(min(parent, index - 1), BASE, BASE + 16 * which, -1, 1, counts(clocks))
        for index, (parent, which, clocks) in enumerate(rows)
    ]
    whole = sum(clocks for _, _, clocks in rows)
    profile = Profile("T.EXE", {}, 1000, BASE, counts(whole), [], contexts)
    attribution = Attribution(Recording(profile, MAP))
    found = attribution.procedures()
    assert sum(count(row.own, "clocks") for row in found) == whole
    assert max(count(row.total, "clocks") for row in found) == whole
    assert int(attribution.inclusive[0][COUNTERS.index("clocks")]) == whole
    assert all(count(row.own, "clocks") <= count(row.total, "clocks") <= whole for row in found)
    assert [len(children) for children in attribution.children].count(0) >= 1
