"""File control blocks: parsing names (AH=29h), the two in the PSP, and calls that fail cleanly."""

from __future__ import annotations

from pathlib import Path

import pytest
from guests import EXIT, Pc, assemble, mz
from hypothesis import given
from hypothesis import strategies as st

from emulator import Session
from emulator.dos.fcb import EMPTY, parse

C = 3


@pytest.mark.parametrize(
    ("text", "options", "result", "fcb", "left"),
    [
        ("FILE.TXT rest", 0, 0, (0, "FILE    TXT"), " rest"),
        ("  c:name", 0, 0, (C, "NAME       "), ""),
        ("*.B?", 0, 1, (0, "????????B? "), ""),
        ("A*X.T", 0, 1, (0, "A???????T  "), ""),
        ("toolongname.extension", 0, 0, (0, "TOOLONGNEXT"), ""),
        ("z:x", 0, 0xFF, (26, "X          "), ""),
        (";x", 0, 0, (0, "           "), ";x"),
        (";x", 1, 0, (0, "X          "), ""),
        ("/opt", 1, 0, (0, "           "), "/opt"),
        ("x", 2, 0, (9, "X          "), ""),
        (".e", 4, 0, (0, "OLD     E  "), ""),
        ("n", 8, 0, (0, "N       EXT"), ""),
        ("", 14, 0, (9, "OLD     EXT"), ""),
    ],
)
def test_names_are_parsed(
    tmp_path: Path, text: str, options: int, result: int, fcb: tuple[int, str], left: str
) -> None:
    pc = Pc(tmp_path)
    pc.put(text.encode() + b"\r", 0)
    pc.put(b"\x09OLD     EXT\1\2\3\4", 0x100)
    pc.call(ax=0x2900 | options, si=0, di=0x100)
    assert pc.cpu.al == result
    assert pc.get(12, 0x100) == bytes((fcb[0],)) + fcb[1].encode()
    assert pc.get(4, 0x10C) == b"\1\2\3\4"
    assert text[pc.cpu.si :] == left


@given(st.binary(max_size=40), st.integers(0, 15))
def test_any_text_makes_an_fcb(text: bytes, options: int) -> None:
    """Twelve bytes of drive and name, the rest untouched; what was read lies in the text, and is upper case."""
    fcb, result, read = parse(text, EMPTY[:12] + b"rest", options)
    assert (len(fcb), fcb[12:]) == (16, b"rest")
    assert result in (0, 1, 0xFF)
    assert 0 <= read <= len(text)
    assert fcb[1:12] == fcb[1:12].upper()
    assert b"*" not in fcb[1:12]


def test_the_command_tail_makes_the_fcbs_of_the_psp(tmp_path: Path) -> None:
    exe = tmp_path / "T.EXE"
    exe.write_bytes(mz(assemble(EXIT)))
    session = Session(exe, b"c:one.txt two", folder=tmp_path, console=lambda _: None)
    psp = session.dos.process.psp * 16
    assert session.machine.memory.read(psp + 0x5C, 12) == b"\x03ONE     TXT"
    assert session.machine.memory.read(psp + 0x6C, 12) == b"\x00TWO        "


def test_file_access_fails_without_harm(tmp_path: Path) -> None:
    (tmp_path / "A.TXT").write_bytes(b"there")
    pc = Pc(tmp_path)
    for function in (0x0F, 0x10, 0x11, 0x12, 0x13, 0x16, 0x17, 0x23):
        pc.put(b"\0A       TXT" + bytes(32), 0)
        assert pc.call(ax=function << 8, dx=0).cpu.al == 0xFF
    for function in (0x14, 0x15, 0x21, 0x22, 0x27, 0x28):
        assert pc.call(ax=function << 8, dx=0, cx=1).cpu.al == 1
    assert pc.call(ax=0x2400, dx=0).cpu.al == 0
    assert (tmp_path / "A.TXT").read_bytes() == b"there"
