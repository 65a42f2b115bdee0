"""The map file: round trips, look-ups, and what is refused."""

from __future__ import annotations

import zlib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.mapfile import MapError, MapFile, MapLine, MapSymbol, parse_map, read_map

SAMPLE = MapFile(
    "GPT",
    0x1000,
    0x500,
    0x10000,
    0x5C4,
    (
        MapSymbol(0x0, 0x20, "code", "sys_start"),
        MapSymbol(0x20, 0x100, "code", "MAIN"),
        MapSymbol(0x120, 0x80, "data", "table"),
        MapSymbol(0x1000, 0x500, "bss", "buffer"),
    ),
    (
        MapLine(0x0, "asm/startup/flat32.asm", 9),
        MapLine(0x20, "GPT.BAS", 5),
        MapLine(0x40, "my file.bi", 7),
        MapLine(0x60, "GPT.BAS", 0),
    ),
)  # fmt: skip


def test_text_format() -> None:
    assert SAMPLE.text().splitlines()[:7] == [
        "gpt486-map 1",
        "title GPT",
        "image-size 1000",
        "bss-size 500",
        "stack-size 10000",
        "base-pointer 5C4",
        "symbol 0 20 code sys_start",
    ]
    assert "line 40 2 7" in SAMPLE.text()
    assert SAMPLE.text().endswith("\nend\n")


def test_a_map_knows_its_program() -> None:
    assert SAMPLE.fits(b"anything")
    made = replace(SAMPLE, program_crc=zlib.crc32(b"program"))
    assert parse_map(made.text()) == made
    assert made.fits(b"program")
    assert not made.fits(b"another")
    with pytest.raises(MapError, match="is no record of a map"):
        parse_map(made.text().replace("program-crc ", "program-crc x"))


def test_round_trip_through_a_file(tmp_path: Path) -> None:
    path = tmp_path / "GPT.MAP"
    SAMPLE.write(path)
    assert b"\r\nend\r\n" in path.read_bytes()
    assert read_map(path) == SAMPLE


@pytest.mark.parametrize(
    ("offset", "name"),
    [
        (0x0, "sys_start, asm/startup/flat32.asm:9"),
        (0x1F, "sys_start, asm/startup/flat32.asm:9"),
        (0x20, "MAIN, GPT.BAS:5"),
        (0x5F, "MAIN, my file.bi:7"),
        (0x60, "MAIN"),
        (0x130, "image offset 0x130"),
        (0x1000, "image offset 0x1000"),
        (-5, "image offset -0x5"),
    ],
)
def test_symbolize(offset: int, name: str) -> None:
    assert SAMPLE.symbolize(offset) == name


def test_symbols_by_name() -> None:
    symbol = SAMPLE.symbol("buffer")
    assert symbol is not None
    assert (symbol.offset, symbol.kind) == (0x1000, "bss")
    assert SAMPLE.symbol("nowhere") is None


def test_an_empty_map_names_nothing() -> None:
    empty = MapFile("X", 10, 0, 0, 0)
    assert empty.symbolize(3) == "image offset 0x3"
    assert parse_map(empty.text()) == empty


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no map file of this version"),
        ("gpt486-map 2\nend\n", "no map file of this version"),
        ("gpt486-map 1\ntitle X\n", "cut off"),
        ("gpt486-map 1\nend\n", "lacks the record 'title'"),
        ("gpt486-map 1\ntitle X\nend\n", "lacks the record 'image-size'"),
        (SAMPLE.text().replace("symbol 20", "symbol zz"), "line 8: 'symbol zz 100 code MAIN' is no record"),
        (SAMPLE.text().replace("code MAIN", "core MAIN"), "is no record"),
        (SAMPLE.text().replace("line 20 1", "line 20 9"), "is no record"),
        (SAMPLE.text().replace("line 20 1", "line -20 1"), "is no record"),
        (SAMPLE.text().replace("symbol 20 100", "symbol 2000 100"), "symbol records are not in order"),
        (SAMPLE.text().replace("line 20", "line 2000"), "line records are not in order"),
        (SAMPLE.text().replace("title GPT", "title GPT\nnonsense"), "'nonsense' is no record"),
    ],
)
def test_refused(text: str, why: str) -> None:
    with pytest.raises(MapError, match=why):
        parse_map(text, "GPT.MAP")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(MapError, match=r"cannot read .*NONE\.MAP: No such file"):
        read_map(tmp_path / "NONE.MAP")
    (tmp_path / "BIN.MAP").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MapError, match="not text"):
        read_map(tmp_path / "BIN.MAP")


@given(st.integers(0, len(SAMPLE.text())), st.text(max_size=5), st.integers(0, 30))
def test_damaged_maps_are_refused_or_read(at: int, patch: str, cut: int) -> None:
    text = SAMPLE.text()
    damaged = text[:at] + patch + text[at + cut :]
    with suppress(MapError):
        assert isinstance(parse_map(damaged), MapFile)


NAMES = st.from_regex(r"[A-Za-z_.@][\w.@]{0,20}", fullmatch=True)
FILES = st.from_regex(r"[ -~]{1,20}", fullmatch=True)
NUMBERS = st.integers(0, 1 << 24)


@given(
    NUMBERS,
    NUMBERS,
    st.lists(st.tuples(NUMBERS, NUMBERS, st.sampled_from(["code", "data", "bss"]), NAMES), max_size=8),
    st.lists(st.tuples(NUMBERS, FILES, NUMBERS), max_size=8),
)
def test_any_map_round_trips(size: int, pointer: int, symbols: list[Any], lines: list[Any]) -> None:
    sorted_symbols = tuple(MapSymbol(*entry) for entry in sorted(symbols))
    sorted_lines = tuple(MapLine(*entry) for entry in sorted(lines))
    whole = MapFile("T", size, 0, 65536, pointer, sorted_symbols, sorted_lines)
    assert parse_map(whole.text()) == whole
