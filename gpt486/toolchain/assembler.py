"""The assembler: Intel-syntax statements into checked i486 code.

keystone encodes, capstone reads every byte back, and an instruction that is not what the source says, or not
an i486's, is an error that names file and line.  The stages:

    statements  text -> labels, constants, directives, instructions
    operands    operand text -> registers, memory, numbers (expressions evaluated here)
    encode      instruction -> keystone's canonical text, or bytes where keystone is wrong
    layout      one keystone call, every statement's offset, data and raw bytes filled in
    verify      capstone's reading == the source
    assembler   the whole, and the relocations                                             <- this module
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import capstone

from emulator import isa
from gpt486.toolchain import encode, statements, verify
from gpt486.toolchain.encode import Bits
from gpt486.toolchain.errors import AssemblyError
from gpt486.toolchain.layout import BSS_ALIGN, Item, Job, bss_start, decode, settle_16, settle_32
from gpt486.toolchain.operands import Operand, Target
from gpt486.toolchain.statements import AsmLine, Data, Statement, Symbols, fail

__all__ = ["BSS_ALIGN", "AsmLine", "AssemblyError", "Object", "Row", "assemble", "read_assembly"]

#: Distance between the two origins that a 32-bit object is assembled at. Its lowest byte is zero (alignment
#: stays) and the next is not, so that the first byte that differs is the second of an address.
_DELTA: Final = 0x01111000


@dataclass(frozen=True)
class Row:
    """What one statement produced: `size` bytes at `offset`; `code` tells instructions from data."""

    offset: int
    size: int
    line: AsmLine
    code: bool = True


@dataclass
class Object:
    """Assembled bytes.

    Attributes:
        code: the bytes, the first belonging at `origin`.
        symbols: every label's value, origin included (bss symbols too).
        relocations: offsets of dwords that hold an address inside the object or its bss (32-bit code only).
        rows: one row for each statement that produced bytes, in order.
        origin: the address the bytes were assembled for.
        bss_start: the address of the first byte of bss.
    """

    code: bytes
    symbols: dict[str, int]
    relocations: list[int]
    rows: list[Row]
    origin: int = 0
    bss_start: int = 0


def read_assembly(text: str, file: str) -> list[AsmLine]:
    """The lines of an assembly source file: ``;`` begins a comment (outside quotes), one statement a line."""
    lines: list[AsmLine] = []
    for number, whole in enumerate(text.splitlines(), 1):
        quote = ""
        end = len(whole)
        for at, char in enumerate(whole):
            if quote:
                quote = "" if char == quote else quote
            elif char in "\"'":
                quote = char
            elif char == ";":
                end = at
                break
        statement = whole[:end].strip()
        if statement:
            lines.append(AsmLine(statement, file, number))
    return lines


def assemble(
    lines: Sequence[AsmLine],
    *,
    bits: Literal[16, 32] = 32,
    origin: int = 0,
    symbols: Mapping[str, int] | None = None,
    bss_symbols: Mapping[str, int] | None = None,
    allow_x87: bool = False,
    rules: Callable[[capstone.CsInsn], str | None] = isa.refusal,
) -> Object:
    """Assemble statements into one object.

    Args:
        lines: the statements in order; code and data may be mixed.
        bits: 32 for flat protected-mode code, 16 for real-mode code.
        origin: the address of the first byte, a multiple of 4096 in 32-bit code if anything is aligned.
        symbols: outside symbols, as absolute addresses (they do not move with the object).
        bss_symbols: symbols in uninitialised storage behind the object: offset from its start, which is the
            object's end rounded up to `BSS_ALIGN`. They move with the object.
        allow_x87: whether x87 instructions may occur.
        rules: says why an instruction is refused; the i486's instruction set unless another is given.

    Raises:
        AssemblyError: the first statement in error, by file and line.
    """
    job = _prepare(lines, bits, symbols or {}, bss_symbols or {})
    if bits == 16:
        code, values = settle_16(job, origin)
    else:
        code, values = settle_32(job, origin)
    _verify(job, code, values, origin, allow_x87, rules)
    relocations: list[int] = []
    if bits == 32:
        moved, _ = settle_32(job, origin + _DELTA)
        relocations = _relocations(job, code, moved)
    rows = [
        Row(item.offset, item.size, item.statement.line, item.instruction is not None)
        for item in job.items
        if item.size
    ]
    labels = {name: value for name, value in values.items() if not name.startswith("@")}
    return Object(code, labels, relocations, rows, origin, bss_start(origin, code))


def _prepare(lines: Sequence[AsmLine], bits: Bits, outside: Mapping[str, int], bss: Mapping[str, int]) -> Job:
    symbols = Symbols(outside)
    kept: list[Statement] = []
    for name in bss:
        symbols.define_label(name, AsmLine(f"{name} (in bss)"))
    for statement in statements.statements(lines):
        if statement.kind == "label":
            symbols.define_label(statement.name, statement.line)
        elif statement.kind == "constant":
            symbols.define_constant(statement.name, statement.rest, statement.line)
            continue
        kept.append(statement)
    job = Job([], symbols, bits, bss)
    cache: dict[str, Operand] = {}
    for statement in kept:
        item = Item(statement)
        if statement.kind == "instruction":
            item.instruction = encode.parse_instruction(statement, symbols.lookup, bits, cache)
            item.raw = encode.raw_form(item.instruction, bits)
        elif statement.kind == "directive":
            if statement.name in statements.ALIGNMENTS:
                item.align = statements.parse_alignment(statement, symbols.lookup)
            else:
                item.data = statements.parse_data(statement, symbols.lookup)
                item.size = item.data.size
                if bits == 32:
                    _check_cells(item.data, statement.line)
        job.items.append(item)
    for number, name in enumerate(sorted(symbols.addresses)):
        job.names[name] = f"l_{number}"
    return job


def _check_cells(data: Data, line: AsmLine) -> None:
    if any(width < 4 and value.symbols and not value.is_distance for width, value in data.cells):
        fail(line, "an address needs .long in 32-bit code")


# ---------------------------------------------------------------- checking


def _verify(
    job: Job,
    code: bytes,
    values: Mapping[str, int],
    origin: int,
    allow_x87: bool,
    rules: Callable[[capstone.CsInsn], str | None],
) -> None:
    """Disassemble every instruction and compare it with its source; check it against the rules."""
    items = [item for item in job.items if item.instruction is not None]
    checked: dict[bytes, str | None] = {}
    at = 0
    while at < len(items):
        end = at + 1
        while end < len(items) and items[end].offset == items[end - 1].offset + items[end - 1].size:
            end += 1
        decoded = decode(job.bits, code, items[at].offset, end - at, origin)
        for item, one in zip(items[at:end], decoded, strict=False):
            _verify_one(job, item, one, code, values, allow_x87, rules, checked)
        if len(decoded) < end - at:
            fail(items[at + len(decoded)].statement.line, "the assembled bytes are no instruction")
        at = end


def _verify_one(
    job: Job,
    item: Item,
    decoded: verify.Decoded,
    code: bytes,
    values: Mapping[str, int],
    allow_x87: bool,
    rules: Callable[[capstone.CsInsn], str | None],
    checked: dict[bytes, str | None],
) -> None:
    assert item.instruction is not None
    line = item.statement.line
    encoded = code[item.offset : item.offset + item.size]
    wrong = verify.difference(item.instruction, decoded, values, job.bits)
    if wrong is not None or decoded.size != item.size:
        fail(line, f"assembled wrongly, as {wrong or decoded} ({encoded.hex(' ')}): write it another way")
    operand = item.instruction.operands[0] if item.instruction.operands else None
    if isinstance(operand, Target) and operand.short and item.size != 2:
        fail(line, "the label is too far away for a short jump")
    head = encoded[:7]  # prefixes, opcode and ModRM: all that decides whether an i486 has it
    if head not in checked:
        checked[head] = _refusal(encoded, decoded, allow_x87, rules)
    reason = checked[head]
    if reason is not None:
        fail(line, reason)


class _Bytes:
    """The part of capstone's CsInsn that emulator.isa looks at; the whole would cost too much time."""

    def __init__(self, code: bytes, mnemonic: str) -> None:
        self.bytes = code
        self.mnemonic = mnemonic


def _refusal(
    code: bytes, decoded: verify.Decoded, allow_x87: bool, rules: Callable[[capstone.CsInsn], str | None]
) -> str | None:
    insn = _Bytes(code, decoded.mnemonic)
    reason = rules(insn)
    if reason is not None:
        return f"not an i486 instruction: {reason}"
    if not allow_x87 and isa.is_x87(insn):
        return f"{decoded.mnemonic} is an x87 instruction; a 486SX has none"
    return None


def _relocations(job: Job, code: bytes, moved: bytes) -> list[int]:
    """Offsets of the dwords that differ by exactly the distance between the two origins."""
    if len(code) != len(moved):
        raise AssemblyError("internal: the object's size depends on its address")
    found: list[int] = []
    if code == moved:
        return found
    for item in job.items:
        offset, end = item.offset, item.offset + item.size
        if code[offset:end] == moved[offset:end]:
            continue
        at = offset
        while at < end:
            if code[at] == moved[at]:
                at += 1
                continue
            start = at - 1
            a, b = (int.from_bytes(image[start : start + 4], "little") for image in (code, moved))
            if start < offset or start + 4 > end or (b - a) % (1 << 32) != _DELTA:
                fail(
                    item.statement.line,
                    "this depends on the address of the program in a way that cannot be relocated",
                )
            found.append(start)
            at = start + 4
    return found
