"""The layout: items into bytes by keystone, every statement's offset, every symbol's value.

32-bit code is laid out by keystone, symbols and all; 16-bit code here, in passes, because keystone gives symbols
32-bit displacements there.  keystone leaves room for data, padding and raw instructions; `fill` puts them in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NoReturn

import capstone
import keystone

from gpt486.toolchain import encode, verify
from gpt486.toolchain.encode import Bits, Instruction, Raw
from gpt486.toolchain.errors import AssemblyError
from gpt486.toolchain.expressions import Value
from gpt486.toolchain.operands import Target
from gpt486.toolchain.statements import Data, Statement, Symbols, fail

#: Outside storage (bss) begins at this alignment after the object's end.
BSS_ALIGN: Final = 256


@dataclass
class Item:
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
class Job:
    """Everything about one object: `bss` holds offsets, `names` and `aliases` are keystone's spelling."""

    items: list[Item]
    symbols: Symbols
    bits: Bits
    bss: Mapping[str, int]
    names: dict[str, str] = field(default_factory=dict)
    aliases: dict[Value, str] = field(default_factory=dict)


def bss_start(origin: int, code: bytes) -> int:
    """The address where bss begins behind an object."""
    return -(-(origin + len(code)) // BSS_ALIGN) * BSS_ALIGN


# ---------------------------------------------------------------- 32-bit code: keystone lays out


def settle_32(job: Job, origin: int) -> tuple[bytes, dict[str, int]]:
    """Assemble at an origin: the finished bytes and every symbol's value."""
    output = _keystone(job, origin, _spell_32)
    values = _lay_out(job, output, origin)
    return _fill(job, output, values, origin), values


def _spell_32(job: Job, value: Value) -> str:
    """A value with symbols: ``l_3+0x8``, or an alias that is defined at the end as the sum it stands for."""
    symbols = value.symbols
    if len(symbols) > 1 or symbols[0][1] != 1:
        return job.aliases.setdefault(value, f"d_{len(job.aliases)}")
    name = job.names[symbols[0][0]]
    if not value.constant:
        return name
    return f"{name}{'-' if value.constant < 0 else '+'}{abs(value.constant):#x}"


def _spell_target_32(job: Job, value: Value) -> str:
    """A branch's target; keystone takes no sum there."""
    return job.aliases.setdefault(value, f"d_{len(job.aliases)}") if value.constant else _spell_32(job, value)


def _source_32(job: Job, items: Sequence[Item], spell: Callable[[Job, Value], str]) -> list[str]:
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


def _keystone(job: Job, origin: int, spell: Callable[[Job, Value], str]) -> bytes:
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


def _blame(job: Job, spell: Callable[[Job, Value], str], message: str) -> NoReturn:
    """Find the statement that keystone refuses (it names no line) by halving, and raise its error."""
    head = [f"{name} = 0x20000" for name in (*job.names.values(), "l_bss", *job.aliases.values())]
    engine = _engine(job.bits)

    def refused(items: Sequence[Item]) -> Item | None:
        try:
            engine.asm("\n".join((*head, *_source_32(job, items, spell))), 0x20000, as_bytes=True)
        except keystone.KsError:
            if len(items) == 1:
                return items[0]
            half = len(items) // 2
            return refused(items[:half]) or refused(items[half:])
        return None

    def in_reach(items: Sequence[Item]) -> Item | None:
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


def decode(bits: Bits, code: bytes, offset: int, count: int, origin: int) -> list[verify.Decoded]:
    """Up to `count` instructions from an offset in the code; fewer where bytes are no instruction."""
    window = code[offset : offset + 16 * count]
    found = _disassembler(bits).disasm_lite(window, origin + offset, count)
    return [verify.Decoded(*one) for one in found]


def _lay_out(job: Job, output: bytes, origin: int) -> dict[str, int]:
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
            decoded = decode(job.bits, output, offset, end - at, origin)
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


def _fill(job: Job, output: bytes, values: Mapping[str, int], origin: int) -> bytes:
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


def settle_16(job: Job, origin: int) -> tuple[bytes, dict[str, int]]:
    """Assemble real-mode code: symbols go to keystone as numbers, pass after pass until nothing moves.

    keystone would give 32-bit displacements and addresses to symbols. Branches are encoded here; they start
    short and only ever grow, so the passes end.
    """
    values = dict.fromkeys(job.symbols.addresses, 0x1234) | job.symbols.absolute

    def spell(_: Job, value: Value) -> str:
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


def _grow(item: Item, values: Mapping[str, int], origin: int) -> bool:
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
