"""Reading programs: what is wrong with a file is said in one line, and no file can harm the host."""

from __future__ import annotations

from pathlib import Path

import pytest
from guests import EXIT, assemble, mz, run_exe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator import BadProgramError, Session
from emulator.errors import REASONS
from emulator.loader import parse_program, read_program

GOOD = mz(assemble(EXIT), relocations=((0, 1),))


def changed(offset: int, value: int) -> bytes:
    return GOOD[:offset] + value.to_bytes(2, "little") + GOOD[offset + 2 :]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"PE", "does not begin with MZ"),
        (b"#!/bin/sh\n", "does not begin with MZ"),
        (b"MZ", "truncated"),
        (GOOD[:20], "truncated"),
        (GOOD[:-1], "truncated"),
        (changed(2, 513), "damaged"),
        (changed(4, 0), "damaged"),
        (changed(4, 40), "truncated"),
        (changed(8, 0xFFFF), "damaged"),
        (changed(24, 0xFFFF), "relocation table"),
        (changed(6, 0xFFFF), "relocation table"),
        (changed(28, 0xFFFF), "relocation 0"),
    ],
)
def test_bad_programs_are_named(data: bytes, words: str) -> None:
    with pytest.raises(BadProgramError, match=words) as caught:
        parse_program(data, "X.EXE")
    assert str(caught.value).startswith("X.EXE: ")
    assert "\n" not in str(caught.value)


def test_good_programs() -> None:
    program = parse_program(GOOD, "X.EXE")
    assert program.relocations == (1,)
    assert program.image(0x1234)[1:3] == (0x4C00 + 0x1234).to_bytes(2, "little")
    assert parse_program(b"ZM" + GOOD[2:], "X.EXE").relocations == (1,)
    assert parse_program(b"\xc3", "x.com").is_com
    with pytest.raises(BadProgramError, match="too many for a COM"):
        parse_program(bytes(65100), "x.com")
    big = bytearray(bytes(2 << 20))
    big[: len(GOOD)] = GOOD
    big[2:6] = b"\0\0\0\x10"
    with pytest.raises(BadProgramError, match="conventional memory"):
        parse_program(bytes(big), "X.EXE")


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadProgramError, match="no such program"):
        read_program(tmp_path / "NONE.EXE")
    with pytest.raises(BadProgramError, match="no such program"):
        read_program(tmp_path)
    path = tmp_path / "X.EXE"
    path.write_bytes(GOOD)
    assert read_program(path) == parse_program(GOOD, "X.EXE")

    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(BadProgramError, match="Permission denied"):
        read_program(path)


QUIET = settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)


def one_line(data: bytes) -> None:
    """A file that is refused is refused with one line."""
    message = ""
    try:
        parse_program(data, "F.EXE")
    except BadProgramError as error:
        message = str(error)
    assert "\n" not in message


def survives(folder: Path, data: bytes, name: str) -> None:
    """Whatever the bytes: one clear message, or a run that ends within its budgets."""
    before = sorted(path.name for path in folder.parent.iterdir())
    path = folder / name
    path.write_bytes(data)
    try:
        session = Session(
            path, folder=folder, console=lambda _: None, memory_mb=2, time_limit=1.0, instruction_limit=200_000
        )
    except BadProgramError:
        return
    result = session.run()
    assert 0 <= result.exit_code <= 255
    if result.stop is not None:
        assert result.stop.reason in REASONS
        assert "\n" not in result.stop.message
    assert sorted(path.name for path in folder.parent.iterdir()) == before


@QUIET
@given(st.binary(max_size=2000))
def test_any_bytes_as_an_exe(tmp_path: Path, data: bytes) -> None:
    survives(tmp_path, data, "F.EXE")
    survives(tmp_path, b"MZ" + data, "F.EXE")
    one_line(data)
    one_line(b"MZ" + data)


@QUIET
@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=6), st.integers(0, len(GOOD)))
def test_damaged_headers(tmp_path: Path, offset: int, patch: bytes, length: int) -> None:
    data = GOOD[:offset] + patch + GOOD[offset + len(patch) :]
    survives(tmp_path, data, "F.EXE")
    survives(tmp_path, data[:length], "F.EXE")


@settings(QUIET, max_examples=60)
@given(st.binary(min_size=1, max_size=300))
def test_any_code(tmp_path: Path, code: bytes) -> None:
    survives(tmp_path, code, "F.COM")


#: Pieces that random code rarely forms by chance.
PIECES = st.sampled_from(
    [
        assemble(source)
        for source in (
            "int 0x21",
            "int 0x10",
            "int 0x15",
            "int 0x16",
            "int 0x2f",
            "int 0x1a",
            "mov ah, 0x3d",
            "mov ah, 0x48",
            "mov ax, 0xffff",
            "mov bx, ax",
            "mov cx, 0xffff",
            "mov dx, 0xfff0",
            "mov es, ax",
            "mov ds, ax",
            "mov ss, ax",
            "mov sp, 1",
            "mov cr0, eax",
            "mov eax, 0x80000001",
            "mov cr3, eax",
            "push ax",
            "popf",
            "iret",
            "retf",
            "sti",
            "hlt",
            "out 0x20, al",
            "out 0x21, al",
            "out 0x40, al",
            "out 0x43, al",
            "out 0x64, al",
            "out 0x60, al",
            "out 0x92, al",
            "in al, 0x60",
            "rep stosd",
            "rep movsd",
            "pusha",
        )
    ]
) | st.binary(min_size=1, max_size=3)


@settings(QUIET, max_examples=80)
@given(st.lists(PIECES, min_size=1, max_size=30))
def test_hostile_code(tmp_path: Path, pieces: list[bytes]) -> None:
    survives(tmp_path, b"".join(pieces), "F.COM")


@settings(QUIET, max_examples=70)
@given(st.integers(0, 0xFFFF), st.lists(st.integers(0, 0xFFFF), min_size=8, max_size=8), st.sampled_from(range(256)))
def test_any_arguments_of_any_service(tmp_path: Path, ax: int, values: list[int], vector: int) -> None:
    names = ("bx", "cx", "dx", "si", "di", "bp", "ds", "es")
    loads = "".join(
        f"mov {name}, {value}\n" if name not in ("ds", "es") else f"mov ax, {value}\nmov {name}, ax\n"
        for name, value in zip(names, values, strict=True)
    )
    survives(tmp_path, assemble(loads + f"mov ax, {ax}\n") + bytes((0xCD, vector)) + assemble(EXIT), "F.COM")
    survives(tmp_path, assemble(loads + f"mov ax, {ax}\n") + b"\xcd\x21" + assemble(EXIT), "F.COM")


def test_a_program_that_runs_off_its_end(tmp_path: Path) -> None:
    outcome = run_exe(tmp_path, mz(b"\x90" * 32), memory_mb=1, instruction_limit=3_000_000)
    assert outcome.result.stop is not None
