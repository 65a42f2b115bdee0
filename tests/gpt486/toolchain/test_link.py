"""Linking: layout, entry, bss, map, listing, determinism, and what is refused."""

from __future__ import annotations

import importlib
import struct
from collections.abc import Callable

import capstone
import pytest

from emulator import isa
from emulator.mapfile import parse_map
from gpt486 import paths
from gpt486.toolchain import AsmLine, AssemblyError, Executable, LinkError, assemble, link, mz
from gpt486.toolchain.assembler import read_assembly

Program = Callable[..., Executable]

SOURCE = """
main:
    mov eax, 42
    ret
    .balign 256
table: .long table, main
text: .ascii "hi"
"""


def test_the_map_describes_the_load_module(program: Program) -> None:
    built = program(SOURCE, bss_bytes=1000, bss_symbols={"buffer": 0, "last": 996}, stack_bytes=5000)
    header = mz.read_mz(built.exe)
    load = built.exe[header.load_offset :]
    table = built.map.symbol("table")
    main = built.map.symbol("main")
    assert table is not None
    assert main is not None
    stub_bytes = load.index(b"\xb8\x2a\x00\x00\x00\xc3") - main.offset
    assert stub_bytes % 16 == 0
    assert table.offset % 256 == 0
    assert struct.unpack_from("<II", load, stub_bytes + table.offset) == (table.offset, main.offset)
    assert built.map.image_size % 256 == 0
    packed = load[stub_bytes + built.map.image_size :]
    assert {table.offset, table.offset + 4} <= set(mz.unpack_relocations(packed))
    assert struct.unpack_from("<I", load, built.map.base_pointer) == (0,)
    assert built.map.base_pointer < stub_bytes
    buffer, last = built.map.symbol("buffer"), built.map.symbol("last")
    assert buffer is not None
    assert last is not None
    assert last.offset - buffer.offset == 996
    assert (buffer.kind, table.kind, main.kind) == ("bss", "data", "code")
    assert buffer.offset >= built.map.image_size
    assert buffer.offset % 256 == 0
    assert last.offset + 4 == built.map.image_size + built.map.bss_size
    assert built.map.stack_size == 5008
    assert parse_map(built.map.text()) == built.map


def test_lines_lead_back_to_the_source(program: Program) -> None:
    built = program(SOURCE)
    main = built.map.symbol("main")
    assert main is not None
    assert built.map.symbolize(main.offset) == "main, TEST.BAS:3"
    assert built.map.symbolize(main.offset + 5) == "main, TEST.BAS:4"
    start = built.map.symbol("sys_start")
    assert start is not None
    assert built.map.symbolize(start.offset).startswith("sys_start, asm/startup/flat32.asm:")


def test_the_same_source_gives_the_same_bytes(program: Program) -> None:
    assert program(SOURCE) == program(SOURCE)


def test_local_labels_stay_out_of_the_map(program: Program) -> None:
    built = program("main: jmp .L1\n1: nop\n.L1: ret")
    assert not [symbol.name for symbol in built.map.symbols if symbol.name[0] in ".@"]


def test_the_listing_shows_source_and_bytes(program: Program) -> None:
    listing = program(SOURCE).listing
    assert "TEST.BAS:3" in listing
    assert "b8 2a 00 00 00                mov eax, 42" in listing
    assert "table:" in listing
    assert "bytes more" in program("main: ret\nbig: .skip 300").listing


def test_small_enough(program: Program) -> None:
    built = program("main: ret")
    assert len(built.exe) < 6000
    assert built.map.base_pointer < 2048


@pytest.mark.parametrize(
    ("source", "options", "why"),
    [
        ("start: ret", {}, "no label 'main'"),
        ("main: ret", {"bss_bytes": 10, "bss_symbols": {"x": 11}}, "'x' lies at 11, outside the 10 bytes"),
        ("main: ret", {"stack_bytes": 100}, "a stack of 100 bytes is too small"),
        ("main: ret\n.skip 600000", {}, "560 KB"),
    ],
)
def test_refused(lines: Callable[[str], list[AsmLine]], source: str, options: dict[str, int], why: str) -> None:
    with pytest.raises(LinkError, match=why):
        link(lines(source), entry="main", title="T", **options)  # type: ignore[arg-type]


def test_a_name_of_the_startup_is_taken(lines: Callable[[str], list[AsmLine]]) -> None:
    with pytest.raises(AssemblyError, match="'sys_int' is defined twice"):
        link(lines("main: ret\nsys_int: ret"), entry="main", title="T")


def test_missing_startup_sources(monkeypatch: pytest.MonkeyPatch, lines: Callable[[str], list[AsmLine]]) -> None:
    module = importlib.import_module("gpt486.toolchain.link")
    for cached in (module._source, module._draft):
        cached.cache_clear()
    monkeypatch.setattr(paths, "ASM", paths.ASM / "nowhere")
    with pytest.raises(LinkError, match=r"cannot read .*install it again"):
        link(lines("main: ret"), entry="main", title="T")
    module._source.cache_clear()


#: Opcodes that an 8086 has, as far as the first part of the stub uses them (Intel's 8086 manual, table 4-14).
ON_8086 = {"mov", "push", "pop", "pushf", "popf", "and", "or", "xor", "test", "cmp", "int", "retf", "cld"}
ON_8086 |= {"je", "jne", "jae"}


def test_the_stub_asks_for_the_processor_in_8086_instructions(program: Program) -> None:
    """Everything up to the check must run on an 8086: no 386 registers, prefixes, near jumps, push of numbers."""
    built = program("main: ret")
    load = built.exe[mz.HEADER_BYTES :]
    have_386 = load.index(bytes.fromhex("0f01e0"))  # smsw ax, the first instruction after the check
    disassembler = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_16)
    at = 0
    for instruction in disassembler.disasm(load[:have_386], 0):
        prefixes, rest = isa.split(bytes(instruction.bytes))
        assert instruction.mnemonic in ON_8086
        assert prefixes in (b"", b"\x2e")
        assert rest[0] not in (0x0F, 0x68, 0x6A)
        at += instruction.size
    assert at == have_386


def test_every_startup_source_assembles_by_itself() -> None:
    text = (paths.ASM / "startup" / "flush16.asm").read_text()
    assert len(assemble(read_assembly(text, "flush16.asm"), bits=16, origin=0x100).code) < 120
