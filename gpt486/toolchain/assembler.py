"""The assembler: Intel-syntax statements into checked i486 code.

keystone encodes, capstone reads every byte back, and an instruction that is not what the source says, or not
an i486's, is an error that names file and line.  The stages:

    statements  text -> labels, constants, directives, instructions
    operands    operand text -> registers, memory, numbers (expressions evaluated here)
    encode      instruction -> keystone's canonical text, or bytes where keystone is wrong
    assembler   one keystone call, layout, data and raw bytes filled in, relocations     <- this module
    verify      capstone's reading == the source
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Literal

import capstone
import keystone

from emulator import isa
from gpt486.toolchain import encode, statements, verify
from gpt486.toolchain.encode import Bits, Instruction, Raw
from gpt486.toolchain.errors import AssemblyError
from gpt486.toolchain.expressions import Value
from gpt486.toolchain.operands import Operand, Target
from gpt486.toolchain.statements import AsmLine, Data, Statement, Symbols, fail

__all__ = ["AsmLine", "AssemblyError", "Object", "Row", "assemble", "read_assembly"]

#: Distance between the two origins that a 32-bit object is assembled at. Its lowest byte is zero (alignment
#: stays) and the next is not, so that the first byte that differs is the second of an address.
_DELTA: Final = 0x01111000
#: Outside storage (bss) begins at this alignment after the object's end.
BSS_ALIGN: Final = 256


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


@dataclass
class _Item:
    """A statement on its way: exactly one of the four forms is set, labels have none."""

    statement: Statement
    instruction: Instruction | None = None
    raw: Raw | None = None
    data: Data | None = None
    align: int = 0
    near: bool = False
    offset: int = 0
    size: int = 0


@dataclass
class _Job:
    items: list[_Item]
    symbols: Symbols
    bits: Bits
    bss: Mapping[str, int]
    names: dict[str, str] = field(default_factory=dict)
    aliases: dict[Value, str] = field(default_factory=dict)


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
        code, values = _settle_16(job, origin)
    else:
        code, values = _settle_32(job, origin)
    _verify(job, code, values, origin, allow_x87, rules)
    relocations: list[int] = []
    if bits == 32:
        moved, _ = _settle_32(job, origin + _DELTA)
        relocations = _relocations(job, code, moved)
    rows = [
        Row(item.offset, item.size, item.statement.line, item.instruction is not None)
        for item in job.items
        if item.size
    ]
    labels = {name: value for name, value in values.items() if not name.startswith("@")}
    return Object(code, labels, relocations, rows, origin, _bss_start(origin, code))


def _prepare(lines: Sequence[AsmLine], bits: Bits, outside: Mapping[str, int], bss: Mapping[str, int]) -> _Job:
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
    job = _Job([], symbols, bits, bss)
    cache: dict[str, Operand] = {}
    for statement in kept:
        item = _Item(statement)
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


def _bss_start(origin: int, code: bytes) -> int:
    return -(-(origin + len(code)) // BSS_ALIGN) * BSS_ALIGN


# ---------------------------------------------------------------- 32-bit code: keystone lays out


def _settle_32(job: _Job, origin: int) -> tuple[bytes, dict[str, int]]:
    """Assemble at an origin: the finished bytes and every symbol's value."""
    output = _keystone(job, origin, _spell_32)
    values = _lay_out(job, output, origin)
    return _fill(job, output, values, origin), values


def _spell_32(job: _Job, value: Value) -> str:
    """A value with symbols: ``l_3+0x8``, or an alias that is defined at the end as the sum it stands for."""
    symbols = value.symbols
    if len(symbols) > 1 or symbols[0][1] != 1:
        return job.aliases.setdefault(value, f"d_{len(job.aliases)}")
    name = job.names[symbols[0][0]]
    if not value.constant:
        return name
    return f"{name}{'-' if value.constant < 0 else '+'}{abs(value.constant):#x}"


def _spell_target_32(job: _Job, value: Value) -> str:
    """A branch's target; keystone takes no sum there."""
    return job.aliases.setdefault(value, f"d_{len(job.aliases)}") if value.constant else _spell_32(job, value)


def _source_32(job: _Job, items: Sequence[_Item], spell: Callable[[_Job, Value], str]) -> list[str]:
    text: list[str] = []
    for item in items:
        if item.raw is not None:
            text.append(f".skip {item.raw.size:#x}")
        elif item.instruction is not None:
            operands = item.instruction.operands
            one = _spell_target_32 if job.bits == 32 and operands and isinstance(operands[0], Target) else spell
            text.append(encode.keystone_text(item.instruction, partial(one, job), job.bits))
        elif item.data is not None:
            if item.size:
                text.append(f".skip {item.size:#x}")
        elif item.align:
            text.append(f".balign {item.align:#x}")
        else:
            text.append(f"{job.names[item.statement.name]}:")
    return text


def _keystone(job: _Job, origin: int, spell: Callable[[_Job, Value], str]) -> bytes:
    """One keystone call for the whole object; on failure, find the statement that is to blame."""
    body = _source_32(job, job.items, spell)
    head = [f"{job.names[name]} = {value:#x}" for name, value in job.symbols.absolute.items()]
    tail = [f".balign {BSS_ALIGN:#x}", "l_bss:"] if job.bss else []
    tail += [f"{job.names[name]} = l_bss+{offset:#x}" for name, offset in job.bss.items()]
    for value, name in job.aliases.items():
        terms = "".join(f"{'-' if f < 0 else '+'}{job.names[s]}" * abs(f) for s, f in value.symbols)
        tail.append(f"{name} = {terms.removeprefix('+')}+{value.constant % (1 << 32):#x}")
    engine = _engine(job.bits)
    try:
        encoded, _ = engine.asm("\n".join((*head, *body, *tail)), origin, as_bytes=True)
    except keystone.KsError as error:
        _blame(job, spell, str(error))
    output: bytes = encoded or b""
    return output


def _engine(bits: Bits) -> keystone.Ks:
    engine = keystone.Ks(keystone.KS_ARCH_X86, keystone.KS_MODE_32 if bits == 32 else keystone.KS_MODE_16)
    engine.syntax = keystone.KS_OPT_SYNTAX_INTEL
    return engine


def _blame(job: _Job, spell: Callable[[_Job, Value], str], message: str) -> None:
    """Find the statement that keystone refuses (it names no line) by halving, and raise its error."""
    head = [f"{name} = 0x20000" for name in (*job.names.values(), "l_bss", *job.aliases.values())]
    engine = _engine(job.bits)

    def refused(items: Sequence[_Item]) -> _Item | None:
        try:
            engine.asm("\n".join((*head, *_source_32(job, items, spell))), 0x20000, as_bytes=True)
        except keystone.KsError:
            if len(items) == 1:
                return items[0]
            half = len(items) // 2
            return refused(items[:half]) or refused(items[half:])
        return None

    def in_reach(items: Sequence[_Item]) -> _Item | None:
        """A branch that is refused only where it stands: its label is too far away for its short form."""
        for item in items:
            if item.statement.name.startswith("loop") or item.statement.name in ("jecxz", "jcxz"):
                return item
        return None

    code = [item for item in job.items if item.instruction is not None and item.raw is None]
    guilty = refused(code)
    reason = message.split(" (KS_ERR")[0]
    if guilty is None:
        guilty = in_reach(code)
        reason = "the label is too far away: this instruction reaches 127 bytes"
    if guilty is None:
        raise AssemblyError(f"keystone refuses the program as a whole: {message}")
    fail(guilty.statement.line, f"cannot be assembled: {reason[:1].lower()}{reason[1:]}")


_DISASSEMBLERS: Final[dict[int, capstone.Cs]] = {}


def _disassembler(bits: int) -> capstone.Cs:
    if bits not in _DISASSEMBLERS:
        mode = capstone.CS_MODE_32 if bits == 32 else capstone.CS_MODE_16
        _DISASSEMBLERS[bits] = capstone.Cs(capstone.CS_ARCH_X86, mode)
    return _DISASSEMBLERS[bits]


def _decode(bits: Bits, code: bytes, offset: int, count: int, origin: int) -> list[verify.Decoded]:
    window = code[offset : offset + 16 * count]
    found = _disassembler(bits).disasm_lite(window, origin + offset, count)
    return [verify.Decoded(*one) for one in found]


def _lay_out(job: _Job, output: bytes, origin: int) -> dict[str, int]:
    """Find each statement's offset in keystone's output, and from that every symbol's value."""
    values = dict(job.symbols.absolute)
    offset = at = 0
    items = job.items
    while at < len(items):
        item = items[at]
        if item.instruction is not None and item.raw is None:
            end = at
            while end < len(items) and items[end].instruction is not None and items[end].raw is None:
                end += 1
            decoded = _decode(job.bits, output, offset, end - at, origin)
            for item, one in zip(items[at:end], decoded, strict=False):
                item.offset, item.size = offset, one.size
                offset += one.size
            if len(decoded) < end - at:
                fail(items[at + len(decoded)].statement.line, "keystone gives no instruction for this")
            at = end
            continue
        item.offset = offset
        if item.raw is not None:
            item.size = item.raw.size
        elif item.align:
            item.size = -offset % item.align
        elif item.data is None:
            values[item.statement.name] = origin + offset
        offset += item.size
        at += 1
    end_of_bss = -(-(origin + offset) // BSS_ALIGN) * BSS_ALIGN
    if len(output) != (end_of_bss - origin if job.bss and job.bits == 32 else offset):
        raise AssemblyError(f"internal: keystone gives {len(output)} bytes for a layout of {offset}")
    for name, distance in job.bss.items():
        values[name] = end_of_bss + distance
    return values


def _fill(job: _Job, output: bytes, values: Mapping[str, int], origin: int) -> bytes:
    """Put data, padding and raw instructions into the places that keystone left for them."""
    code = bytearray(output)
    after_code = False
    end = 0
    for item in job.items:
        offset, size = item.offset, item.size
        end = offset + size
        if item.raw is not None:
            try:
                code[offset:end] = item.raw.build(origin + offset, values)
            except OverflowError as error:
                fail(item.statement.line, str(error))
        elif item.data is not None:
            code[offset:end] = item.data.raw + b"".join(
                (value.evaluate(values) % (1 << 8 * width)).to_bytes(width, "little")
                for width, value in item.data.cells
            )
        elif item.align:
            code[offset:end] = (b"\x90" if after_code else b"\0") * size
        elif item.instruction is not None and job.bits == 32:
            group = encode.TABLE_LOADS.get(item.instruction.mnemonic)
            if group is not None:
                modrm = code.index(b"\x0f\x01", offset) + 2
                code[modrm] = code[modrm] & 0xC7 | group << 3
        if size:
            after_code = item.instruction is not None or (item.align > 0 and after_code)
    return bytes(code[:end])


# ---------------------------------------------------------------- 16-bit code: layout is settled here


def _settle_16(job: _Job, origin: int) -> tuple[bytes, dict[str, int]]:
    """Assemble real-mode code: symbols go to keystone as numbers, pass after pass until nothing moves.

    keystone would give 32-bit displacements and addresses to symbols. Branches are encoded here; they start
    short and only ever grow, so the passes end.
    """
    values = dict.fromkeys(job.symbols.addresses, 0x1234) | job.symbols.absolute

    def spell(_: _Job, value: Value) -> str:
        number = value.evaluate(values)
        return hex(number if number >= 0 else number % (1 << 16))

    for item in job.items:
        if item.instruction is not None and item.raw is None:
            item.raw = encode.branch_form(item.instruction, item.near)
    for _ in range(64):
        output = _keystone(job, origin, spell)
        found = _lay_out(job, output, origin)
        grown = False
        for item in job.items:
            if item.raw is not None and item.instruction is not None and not item.near:
                grown |= _grow(item, found, origin)
        if found == values and not grown:
            return _fill(job, output, values, origin), values
        values = found
    raise AssemblyError("internal: the layout of the 16-bit code does not settle")


def _grow(item: _Item, values: Mapping[str, int], origin: int) -> bool:
    """Make a short branch near when its target is out of reach."""
    assert item.instruction is not None
    assert item.raw is not None
    target = item.instruction.operands[0] if item.instruction.operands else None
    if not isinstance(target, Target) or item.instruction.mnemonic == "call":
        return False
    distance = target.value.evaluate(values) - (origin + item.offset + item.raw.size)
    if -128 <= distance <= 127:
        return False
    longer = encode.branch_form(item.instruction, near=True)
    if target.short or longer == item.raw:
        fail(item.statement.line, f"the label is {distance} bytes away: too far for a short jump")
    item.near, item.raw = True, longer
    return True


# ---------------------------------------------------------------- checking


def _verify(
    job: _Job,
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
        decoded = _decode(job.bits, code, items[at].offset, end - at, origin)
        for item, one in zip(items[at:end], decoded, strict=False):
            _verify_one(job, item, one, code, values, allow_x87, rules, checked)
        if len(decoded) < end - at:
            fail(items[at + len(decoded)].statement.line, "the assembled bytes are no instruction")
        at = end


def _verify_one(
    job: _Job,
    item: _Item,
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


def _relocations(job: _Job, code: bytes, moved: bytes) -> list[int]:
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
