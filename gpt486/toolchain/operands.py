"""Operands: registers, memory, immediates and branch targets, in GNU as's Intel syntax (noprefix).

As GNU as has it, a label without brackets is a memory operand (``mov eax, table`` loads), except in branches;
``offset table`` is its address.  A constant (``name = 5``) is an immediate.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gpt486.toolchain import expressions
from gpt486.toolchain.expressions import REGISTER_BITS, SEGMENTS, ExpressionError, Lookup, Value


@dataclass(frozen=True)
class Register:
    """A register, by its lower-case name; ``st(0)`` .. ``st(7)`` for the x87's."""

    name: str

    @property
    def bits(self) -> int:
        """Width in bits (80 for the x87's)."""
        return REGISTER_BITS.get(self.name, 80)


@dataclass(frozen=True)
class Immediate:
    """A number; `far` is set to the segment in ``segment:offset``."""

    value: Value
    far: Value | None = None


@dataclass(frozen=True)
class Target:
    """The place a branch goes to; `short` where the source demands the two-byte form."""

    value: Value
    short: bool = False


@dataclass(frozen=True)
class Memory:
    """A memory operand: ``size ptr segment:[base + index*scale + displacement]``.

    `bits` is the operand's width as written (None where it is not). `segment` is "" unless overridden.
    `wide` tells 32-bit addressing from 16-bit addressing; None where no register decides.
    """

    bits: int | None
    segment: str
    base: str
    index: str
    scale: int
    displacement: Value
    far: bool = False

    @property
    def address_bits(self) -> int | None:
        """16 or 32 by the registers in it, None without registers."""
        name = self.base or self.index
        return REGISTER_BITS[name] if name else None


Operand = Register | Immediate | Target | Memory

SIZES: Final[Mapping[str, int]] = {
    "byte": 8, "word": 16, "dword": 32, "fword": 48, "qword": 64, "tbyte": 80, "xword": 80,
}  # fmt: skip
#: Branches whose bare operand is a place to go to, not a memory operand.
BRANCHES: Final = frozenset((
    "jmp", "call", "ljmp", "ljmpl", "ljmpw", "lcall",
    "loop", "loope", "loopz", "loopne", "loopnz", "jcxz", "jecxz",
    "jo", "jno", "jb", "jc", "jnae", "jae", "jnb", "jnc", "je", "jz", "jne", "jnz", "jbe", "jna", "ja",
    "jnbe", "js", "jns", "jp", "jpe", "jnp", "jpo", "jl", "jnge", "jge", "jnl", "jle", "jng", "jg", "jnle",
))  # fmt: skip

_HEAD = re.compile(
    r"(?i)(?:(short)\s+|(?:(byte|word|dword|fword|qword|tbyte|xword|near|far)\s+ptr\b\s*)?(offset\s+)?)(?:([c-gs]s)\s*:\s*)?"
)
_STACK = re.compile(r"(?i)st(?:\s*\(\s*([0-7])\s*\))?$")
_BRACKET = re.compile(r"\[([^\[\]]*)\]")


def parse_operand(text: str, mnemonic: str, lookup: Lookup) -> Operand:
    """Read one operand.

    Raises:
        ExpressionError: with the reason; the caller adds file, line and statement.
    """
    low = text.lower()
    if low in REGISTER_BITS:
        return Register(low)
    if low.startswith("st") and (match := _STACK.match(low)) and lookup(text) is None:
        return Register(f"st({match[1] or 0})")
    match = _HEAD.match(text)
    assert match is not None
    short, size, offset, segment = (part.lower().strip() if part else "" for part in match.groups())
    body = text[match.end() :].strip()
    if not body:
        raise ExpressionError("an operand is missing" if not text else f"'{text}' is no operand")
    if re.match(r"(?i)(byte|word|dword|qword)\b", body):
        raise ExpressionError(f"write '{body.split()[0].lower()} ptr' for an operand's size")
    if offset:
        if segment or size or "[" in body:
            raise ExpressionError(f"'offset' takes a symbol, not '{body}'")
        return Immediate(_plain(body, lookup))
    if mnemonic in BRANCHES and "[" not in body and size in ("", "near", "far") and not segment:
        return _branch(body, mnemonic, short=bool(short), far=size == "far", lookup=lookup)
    if short:
        raise ExpressionError("'short' belongs to a jump")
    if size == "near":
        raise ExpressionError("'near ptr' belongs to a branch to a label")
    value = _brackets(body, lookup)
    if value.symbols and not value.is_address and not value.is_distance:
        raise ExpressionError(f"'{body}' is neither an address nor a distance between two")
    bits = SIZES.get(size)
    if "[" not in body and not segment and not value.registers:
        if not value.is_address:
            if size:
                raise ExpressionError(f"'{size} ptr' before the number {body}; write [{body}] for memory")
            return Immediate(value)
    elif "[" not in body and value.registers:
        raise ExpressionError(f"write [{body}] for memory")
    return _memory(value, bits, segment, far=size == "far")


def _plain(text: str, lookup: Lookup) -> Value:
    value = expressions.parse(text, lookup)
    if value.registers:
        raise ExpressionError(f"a register cannot stand in '{text}'")
    if value.symbols and not value.is_address and not value.is_distance:
        raise ExpressionError(f"'{text}' is neither an address nor a distance between two")
    return value


def _branch(body: str, mnemonic: str, *, short: bool, far: bool, lookup: Lookup) -> Operand:
    if ":" in body:
        return _far(body, lookup)
    if mnemonic.startswith("l") and not mnemonic.startswith("loop"):
        raise ExpressionError(f"{mnemonic} needs segment:offset or memory in brackets, not '{body}'")
    low = body.lower()
    if low in REGISTER_BITS and not short:
        return Register(low)
    value = _plain(body, lookup)
    if far or not value.is_address:
        raise ExpressionError(f"{mnemonic} needs a label, a register or memory in brackets, not '{body}'")
    return Target(value, short)


def _far(body: str, lookup: Lookup) -> Immediate:
    segment, _, offset = body.partition(":")
    return Immediate(_plain(offset.removeprefix("offset "), lookup), _plain(segment, lookup))


def _brackets(body: str, lookup: Lookup) -> Value:
    """``a[b][c]+d`` is the sum of everything."""
    if "[" not in body and "]" not in body:
        return expressions.parse(body, lookup)
    if body[0] == "[" and body.find("]") == len(body) - 1 and body.rfind("[") == 0:
        return expressions.parse(body[1:-1], lookup)
    total = Value(0)
    for inner in _BRACKET.findall(body):
        total = expressions.add(total, expressions.parse(inner, lookup))
    outer = _BRACKET.sub(" ", body).strip()
    if "[" in outer or "]" in outer:
        raise ExpressionError(f"the brackets in '{body}' do not match")
    if outer:
        total = expressions.add(expressions.parse(outer, lookup), total)
    return total


def _memory(value: Value, bits: int | None, segment: str, *, far: bool) -> Memory:
    displacement = Value(value.constant, value.symbols)
    if segment and segment not in SEGMENTS:
        raise ExpressionError(f"'{segment}:' is no segment")
    base, index, scale = _base_and_index(value.registers)
    return Memory(bits, segment, base, index, scale, displacement, far)


_PAIRS_16: Final = frozenset((("bx", "si"), ("bx", "di"), ("bp", "si"), ("bp", "di")))


def _base_and_index(registers: tuple[tuple[str, int], ...]) -> tuple[str, str, int]:
    """Sort the registers of an address into base, index and scale."""
    if not registers:
        return "", "", 1
    if len(registers) > 2:
        raise ExpressionError("an address has at most two registers")
    if len({REGISTER_BITS[name] for name, _ in registers}) > 1:
        raise ExpressionError("16-bit and 32-bit registers cannot share an address")
    if REGISTER_BITS[registers[0][0]] == 16:
        return _address_16(registers)
    if len(registers) == 1:
        name, scale = registers[0]
        if scale == 1:
            return name, "", 1
        base, index = "", name
    else:
        (first, one), (second, two) = registers
        if one == 1 and (two != 1 or second != "esp"):
            base, index, scale = first, second, two
        elif two == 1:
            base, index, scale = second, first, one
        else:
            raise ExpressionError("only one register of an address can be scaled")
    if scale not in (1, 2, 4, 8):
        raise ExpressionError(f"{index}*{scale} cannot be encoded; a scale is 1, 2, 4 or 8")
    if index == "esp":
        raise ExpressionError("esp cannot be an index")
    return base, index, scale


def _address_16(registers: tuple[tuple[str, int], ...]) -> tuple[str, str, int]:
    if any(scale != 1 for _, scale in registers):
        raise ExpressionError("16-bit addresses have no scale")
    names = tuple(name for name, _ in registers)
    if len(names) == 1:
        return names[0], "", 1
    for pair in (names, names[::-1]):
        if pair in _PAIRS_16:
            return pair[0], pair[1], 1
    raise ExpressionError(f"[{'+'.join(names)}] cannot be encoded with 16-bit registers")
