"""The sensitivity of a program's speed to the doubtful constants of the cycle model."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from emulator.errors import EmulatorError
from emulator.profiles import find_profile
from emulator.timing import sensitivity
from emulator.timing.assumptions import DEFAULTS, Assumptions
from emulator.timing.integer_clocks import CLOCKS
from emulator.timing.sensitivity import Variant, clocks, effects, variants
from tests.emulator.guests import EXIT, FLAT, assemble, mz

PROFILE = find_profile("486dx-33")
#: POPs as many as the first digit of the command line says, 256 times.
POPS = (
    FLAT
    + """
    mov bx, ds
    mov ah, 0x62
    int 0x21
    mov ds, bx
    mov cl, byte ptr [0x82]
    and cx, 15
    again:
    mov dx, 256
    pops:
    push ax
    pop ax
    dec dx
    jnz pops
    dec cx
    jnz again
    """
    + EXIT
)
POP = Variant("POP", "1", "4", "", tables=((CLOCKS, "pop", (4, 6, 6)),))
BURST = Variant("DRAM", "3", "9", "", board={"dram_burst": 9})
WALK = Variant("walk", "6", "12", "", assumptions={"walk": 12})


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "POPS.EXE"
    path.write_bytes(mz(assemble(POPS)))
    return path


def test_every_assumption_has_another_value() -> None:
    named = {one.name: one for one in variants(PROFILE)}
    for one in fields(Assumptions):
        assert named[one.name].assumptions[one.name] != getattr(DEFAULTS, one.name)
        assert named[one.name].doubt
    for variant in named.values():
        for name, value in variant.board.items():
            assert getattr(PROFILE.board, name) != value
        for table, key, entry in variant.tables:
            assert table[key] != entry


def test_boards_without_a_second_cache() -> None:
    bare = replace(PROFILE, board=replace(PROFILE.board, l2_bytes=0))
    assert any("L2" in one.name for one in variants(PROFILE))
    assert not any("L2" in one.name for one in variants(bare))
    fast = replace(PROFILE, board=replace(PROFILE.board, l2_lead=2, l2_burst=1))
    assert all(one.board != {"l2_lead": 2} for one in variants(fast))


def test_a_table_entry_counts_and_comes_back(program: Path) -> None:
    folder = program.parent
    usual, slow = (clocks(program, [b"1"], folder, PROFILE, variant) for variant in (None, POP))
    assert slow == usual + 256 * 3
    assert CLOCKS["pop"] == (1, 6, 6)
    assert clocks(program, [b"1"], folder, PROFILE, WALK) == usual
    assert clocks(program, [b"1"], folder, PROFILE, BURST) > usual


def test_a_shorter_run_is_taken_off(program: Path) -> None:
    folder = program.parent
    alone = clocks(program, [b"3"], folder, PROFILE)
    rest = clocks(program, [b"3", b"1"], folder, PROFILE)
    assert 2 * 256 * 5 <= rest < alone
    with pytest.raises(EmulatorError, match="give a shorter one"):
        clocks(program, [b"1", b"3"], folder, PROFILE)


def test_a_program_that_does_not_end(tmp_path: Path) -> None:
    path = tmp_path / "HANG.EXE"
    path.write_bytes(mz(assemble("cli\nhlt\n")))
    with pytest.raises(EmulatorError, match="ends by itself"):
        clocks(path, [b""], tmp_path, PROFILE)


def test_effects_are_changes_of_the_speed(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sensitivity, "variants", lambda _: [POP, WALK])
    seen: list[str] = []
    usual, found = effects(program, [b"3", b"1"], program.parent, PROFILE, lambda effect: seen.append(effect.name))
    assert seen == ["POP", "walk"]
    assert found[0].speed == pytest.approx(usual / (usual + 2 * 256 * 3) - 1)
    assert found[1].speed == 0


def test_command_line(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sensitivity, "variants", lambda _: [WALK, POP])
    line = ["--cpu", "486dx-33", "--less", "1", str(program), "3"]
    shown = CliRunner().invoke(sensitivity.main, line)
    assert shown.exit_code == 0
    assert shown.output.index("POP") < shown.output.index("walk")  # the greatest effect first
    assert "486dx-33" in shown.output
    data = json.loads(CliRunner().invoke(sensitivity.main, ["--json", *line]).output)
    assert data["cpu"] == "486dx-33"
    assert [one["name"] for one in data["effects"]] == ["walk", "POP"]
    wrong = CliRunner().invoke(sensitivity.main, [str(program.parent / "NONE.EXE")])
    assert wrong.exit_code == 1
    assert wrong.output.startswith("emulator: ")
