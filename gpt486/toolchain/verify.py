"""Checks an assembled instruction against its source by what capstone reads in the bytes.

Both sides are brought to one normal form: canonical mnemonic; registers by name; numbers modulo their width;
memory as (bits, segment, registers, scale, displacement).  Nothing is taken on trust: what cannot be compared
is an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from gpt486.toolchain.encode import SHIFTS, STACK_BASES, STRINGS, TABLE_LOADS, Bits, Instruction
from gpt486.toolchain.expressions import REGISTER_BITS, Value
from gpt486.toolchain.operands import Immediate, Memory, Operand, Register, Target

Normal = tuple[object, ...]

#: Other names for the same instruction -> capstone's name.
_SAME: Final[Mapping[str, str]] = {
    "jz": "je", "jnz": "jne", "jc": "jb", "jnae": "jb", "jnc": "jae", "jnb": "jae",
    "jna": "jbe", "jnbe": "ja",
    "jnge": "jl", "jnl": "jge", "jng": "jle", "jnle": "jg", "jpe": "jp", "jpo": "jnp",
    "loopz": "loope", "loopnz": "loopne", "sal": "shl", "retn": "ret", "xlat": "xlatb", "fwait": "wait",
    "setz": "sete", "setnz": "setne", "setc": "setb", "setnae": "setb", "setnc": "setae", "setnb": "setae",
    "setna": "setbe", "setnbe": "seta", "setnge": "setl", "setnl": "setge", "setng": "setle",
    "setnle": "setg",
    "setpe": "setp", "setpo": "setnp",
    "pushad": "pushal", "popad": "popal", "ljmpl": "ljmp", "ljmpw": "ljmp",
    "cmovz": "cmove",
}  # fmt: skip
#: Names that depend on the operand size in the two modes.
_SAME_IN: Final[Mapping[int, Mapping[str, str]]] = {
    32: {"pusha": "pushal", "popa": "popal", "iret": "iretd", "pushf": "pushfd", "popf": "popfd",
         "iretw": "iret", "pushfw": "pushf", "popfw": "popf"},
    # (capstone gives 98 and 99 the same name whatever their size; encode has its own table of those)
    16: {"cbw": "cwde", "cwd": "cdq", "pusha": "pushaw", "popa": "popaw", "iretw": "iret", "pushfw": "pushf",
         "popfw": "popf"},
}  # fmt: skip
_COMMUTATIVE: Final = frozenset(("xchg", "test"))
_X87_ARITHMETIC: Final = frozenset(("fadd", "fmul", "fsub", "fsubr", "fdiv", "fdivr"))
_X87_POPPING: Final = frozenset(name + "p" for name in _X87_ARITHMETIC)
_X87_WITH_TOP: Final = frozenset(("fxch", "fcom", "fcomp", "fucom", "fucomp"))

_MEMORY = re.compile(r"(?:(\w+) )?(?:ptr )?(?:(\w\w):)?\[(.*)\]$")
_TERM = re.compile(r"([+-])? ?([^ +-]+)")
_BITS: Final = {
    "byte": 8, "word": 16, "dword": 32, "fword": 48, "qword": 64, "xword": 80, "tbyte": 80, None: 0, "ptr": 0,
}  # fmt: skip


class Decoded(NamedTuple):
    """One instruction as capstone's fast path gives it."""

    address: int
    size: int
    mnemonic: str
    operands: str


def difference(instruction: Instruction, decoded: Decoded, values: Mapping[str, int], bits: Bits) -> str | None:
    """Say how the bytes differ from the source; None when they are the same instruction."""
    prefix, _, mnemonic = decoded.mnemonic.rpartition(" ")
    found = read_operands(decoded.operands)
    if prefix == "notrack":  # what later processors make of a ds: override before an indirect branch
        prefix, found = "", tuple((*o[:2], "ds", *o[3:]) if o[0] == "memory" else o for o in found)
    wanted_prefix = {"repz": "repe", "repnz": "repne"}.get(instruction.prefix, instruction.prefix)
    if prefix != wanted_prefix and {prefix, wanted_prefix} != {"rep", "repe"}:
        return f"prefix '{prefix}' instead of '{wanted_prefix}'"
    name = _canonical(instruction.mnemonic, bits)
    if name in SHIFTS and len(found) == 1:  # capstone leaves out the 1 of RCL and RCR in memory
        found = (*found, ("number", 1))
    if name in STRINGS:
        return None if mnemonic == name else f"{mnemonic} instead of {name}"
    far = any(isinstance(o, Memory) and o.far for o in instruction.operands)
    if name in ("ljmp", "lcall") or far:
        # capstone writes "jmp ptr [ebx]" for FF /5 in 32-bit code and "ljmp [bx]" in 16-bit code
        name, mnemonic = "l" + name.removeprefix("l"), "l" + mnemonic.removeprefix("l")
        if found[0][0] == "memory" and found[0][1] != 0:
            return f"a near {mnemonic[1:]} instead of a far one"
    elif name in ("jmp", "call") and any(isinstance(o, Immediate) for o in instruction.operands):
        name = f"l{name}"
    if name in ("ljmp", "lcall") and len(found) == 2:  # "lcall 8, 0x12345" in 32-bit code
        found = (("far", found[0][1], found[1][1]),)
    wanted: tuple[Normal, ...] = ()
    if name == "xchg" and mnemonic == "nop":
        found = ()
    else:
        if name != mnemonic and not (name == "int" and mnemonic == "int3"):
            return f"{mnemonic} instead of {name}"
        wanted = tuple(_normal(operand, values, bits) for operand in _expand(instruction, name))
    if name.startswith("f"):
        wanted, found = _x87(name, wanted), _x87(name, found)
    elif name == "int" and mnemonic == "int3":
        found = (("number", 3),)
    if name == "lea" or name in TABLE_LOADS or name == "invlpg" or name == "bound":
        wanted, found = _unsized(wanted), _unsized(found)
    if wanted == found or (name in _COMMUTATIVE and wanted[::-1] == found):
        return None
    if len(wanted) == len(found) and all(_same(a, b, wanted, name, bits) for a, b in zip(wanted, found, strict=True)):
        return None
    return f"'{decoded.mnemonic} {decoded.operands}'"


def _canonical(name: str, bits: Bits) -> str:
    name = _SAME_IN[bits].get(name, name)
    return _SAME.get(name, name)


def _expand(instruction: Instruction, name: str) -> tuple[Operand, ...]:
    """Operands that the source may leave out and capstone writes."""
    operands = instruction.operands
    if name in SHIFTS and len(operands) == 1:
        return (*operands, Immediate(Value(1)))
    if name == "imul" and len(operands) == 2 and isinstance(operands[1], Immediate):
        return (operands[0], *operands)
    if name in ("aam", "aad") and not operands:
        return (Immediate(Value(10)),)
    return operands


def _normal(operand: Operand, values: Mapping[str, int], bits: Bits) -> Normal:
    if isinstance(operand, Register):
        return ("register", operand.name)
    if isinstance(operand, Target):
        return ("number", operand.value.evaluate(values) % (1 << 32))
    if isinstance(operand, Immediate):
        number = operand.value.evaluate(values) % (1 << 32)
        return ("number", number) if operand.far is None else ("far", operand.far.evaluate(values), number)
    registers = tuple(name for name in (operand.base, operand.index) if name)
    width = operand.address_bits or bits
    return _memory(
        0 if operand.far else operand.bits or 0,
        operand.segment,
        operand.base,
        operand.index,
        operand.scale,
        operand.displacement.evaluate(values) % (1 << width),
        registers,
    )


def _memory(
    bits: int, segment: str, base: str, index: str, scale: int, displacement: int, registers: tuple[str, ...]
) -> Normal:
    default = "ss" if base in STACK_BASES else "ds"
    if scale == 1:
        return ("memory", bits, segment or default, tuple(sorted(registers)), 1, displacement)
    return ("memory", bits, segment or default, (base, index), scale, displacement)


@lru_cache(maxsize=1 << 16)
def read_operands(text: str) -> tuple[Normal, ...]:
    """Capstone's operand text in normal form."""
    return tuple(_read_operand(part) for part in text.split(", ")) if text else ()


def _read_operand(text: str) -> Normal:
    if text.endswith("]"):
        match = _MEMORY.match(text)
        if match is None:
            return ("unknown", text)
        return _read_memory(match[1], match[2] or "", match[3])
    if text[0] in "-0123456789":
        if ":" in text:
            segment, _, offset = text.partition(":")
            return ("far", int(segment, 0), int(offset, 0) % (1 << 32))
        return ("number", int(text, 0) % (1 << 32))
    return ("register", "st(0)" if text == "st" else text)


def _read_memory(size: str | None, segment: str, inside: str) -> Normal:
    base = index = ""
    scale, displacement = 1, 0
    for sign, term in _TERM.findall(inside):
        if term[0].isdigit():
            displacement += -int(term, 0) if sign == "-" else int(term, 0)
        elif "*" in term:
            index, _, factor = term.partition("*")
            scale = int(factor)
        elif not base:
            base = term
        else:
            index = term
    registers = tuple(name for name in (base, index) if name)
    width = 16 if registers and len(registers[0]) == 2 else 32
    return _memory(_BITS.get(size, -1), segment, base, index, scale, displacement % (1 << width), registers)


def _same(wanted: Normal, found: Normal, all_wanted: tuple[Normal, ...], name: str, bits: Bits) -> bool:
    """Equality that allows a number to be written signed or unsigned in the width of the first operand."""
    if wanted == found:
        return True
    if wanted[0] == "number" and found[0] == "number":
        width = bits if name == "push" else _width(all_wanted[0])
        mask = (1 << width) - 1
        return (int(str(wanted[1])) ^ int(str(found[1]))) & mask == 0
    return False


def _width(operand: Normal) -> int:
    if operand[0] == "register":
        return min(32, REGISTER_BITS.get(str(operand[1]), 32))
    if operand[0] == "memory":
        return min(32, int(str(operand[1])) or 32)
    return 32


def _unsized(operands: tuple[Normal, ...]) -> tuple[Normal, ...]:
    return tuple((o[0], 0, *o[2:]) if o[0] == "memory" else o for o in operands)


_TOP: Final[Normal] = ("register", "st(0)")
_SECOND: Final[Normal] = ("register", "st(1)")


def _x87(name: str, operands: tuple[Normal, ...]) -> tuple[Normal, ...]:
    """The x87's register forms with every implied operand written out."""
    if any(operand[0] == "memory" for operand in operands):
        return operands
    if name in _X87_ARITHMETIC and len(operands) == 1:
        return (_TOP, *operands)
    if name in _X87_POPPING:
        return (_SECOND, _TOP) if not operands else (*operands, _TOP) if len(operands) == 1 else operands
    if name in _X87_WITH_TOP:
        return (_SECOND,) if not operands else operands[-1:]
    return operands
