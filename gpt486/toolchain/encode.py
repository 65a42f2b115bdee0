"""Instructions into what keystone gets right, or into bytes where keystone gets them wrong.

keystone 0.9.2 silently mis-assembles a good many statements: operand sizes of push, ret and far jumps, 16-bit
calls, complex addresses, and, in its Intel syntax, every decimal number above 9, which it reads as
hexadecimal.  So it is given a canonical spelling only: hexadecimal numbers, symbols renamed to ``l_0`` ...,
at most base + index*scale + one symbol + one number.  The rest is encoded here: see `raw_form`.  Either way
the verifier disassembles the result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from gpt486.toolchain import statements
from gpt486.toolchain.expressions import ExpressionError, Lookup, Value
from gpt486.toolchain.operands import BRANCHES, Immediate, Memory, Operand, Register, Target, parse_operand
from gpt486.toolchain.statements import AsmLine, Statement, fail

Bits = Literal[16, 32]


@dataclass(frozen=True)
class Instruction:
    """A parsed instruction; the sizes of its memory operands are filled in.

    `prefix` is "", lock, rep, repe, repz, repne or repnz.
    """

    prefix: str
    mnemonic: str
    operands: tuple[Operand, ...]
    line: AsmLine


@dataclass(frozen=True)
class Field:
    """A place in raw bytes for a value: or, if `relative`, its distance from the instruction's end."""

    width: int
    value: Value
    relative: bool = False


@dataclass(frozen=True)
class Raw:
    """An instruction that is encoded here: constant bytes and fields."""

    parts: tuple[bytes | Field, ...]

    @property
    def size(self) -> int:
        """Bytes of the instruction."""
        return sum(len(part) if isinstance(part, bytes) else part.width for part in self.parts)

    def build(self, address: int, values: Mapping[str, int]) -> bytes:
        """The bytes at an address, given the symbols' values; OverflowError where a field is too small."""
        out = bytearray()
        for part in self.parts:
            if isinstance(part, bytes):
                out += part
                continue
            number = part.value.evaluate(values)
            limit = 1 << 8 * part.width
            if part.relative:
                number -= address + self.size
                if not -limit // 2 <= number < limit // 2:
                    raise OverflowError(f"the target is {number} bytes away, out of reach")
            out += (number % limit).to_bytes(part.width, "little")
        return bytes(out)


SHIFTS: Final = frozenset(("shl", "sal", "shr", "sar", "rol", "ror", "rcl", "rcr"))
_REP_FOR: Final = {
    **dict.fromkeys(("movs", "stos", "lods", "ins", "outs"), ("rep",)),
    **dict.fromkeys(("cmps", "scas"), ("rep", "repe", "repz", "repne", "repnz")),
}
#: String instructions: opcode of the byte form; the others are one higher.
_STRING_OPCODES: Final = {
    "movs": 0xA4, "cmps": 0xA6, "stos": 0xAA, "lods": 0xAC, "scas": 0xAE, "ins": 0x6C, "outs": 0x6E,
}  # fmt: skip
STRINGS: Final = frozenset(name + size for name in _STRING_OPCODES for size in "bwd")
#: Instructions whose size the suffix or the mode decides: opcode and the size in bits (None: the mode's).
_PLAIN: Final[Mapping[str, tuple[int, int | None]]] = {
    "iret": (0xCF, None), "iretd": (0xCF, 32), "iretw": (0xCF, 16),
    "pushf": (0x9C, None), "pushfd": (0x9C, 32), "pushfw": (0x9C, 16),
    "popf": (0x9D, None), "popfd": (0x9D, 32), "popfw": (0x9D, 16),
    "pusha": (0x60, None), "pushad": (0x60, 32), "pushaw": (0x60, 16),
    "popa": (0x61, None), "popad": (0x61, 32), "popaw": (0x61, 16),
    "cbw": (0x98, 16), "cwde": (0x98, 32), "cwd": (0x99, 16), "cdq": (0x99, 32),
    "ret": (0xC3, None), "retn": (0xC3, None), "retf": (0xCB, None),
    "xlat": (0xD7, None), "xlatb": (0xD7, None), "int3": (0xCC, None),
}  # fmt: skip
_PUSH_SEGMENT: Final = {
    "es": b"\x06", "cs": b"\x0e", "ss": b"\x16", "ds": b"\x1e", "fs": b"\x0f\xa0", "gs": b"\x0f\xa8",
}  # fmt: skip
_POP_SEGMENT: Final = {
    "es": b"\x07", "ss": b"\x17", "ds": b"\x1f", "fs": b"\x0f\xa1", "gs": b"\x0f\xa9",
}  # fmt: skip
#: keystone puts an operand-size prefix before these in 32-bit code, which would load a 24-bit base.  They are
#: assembled as INVLPG (0F 01 /7) and get their own number in the ModRM byte.
TABLE_LOADS: Final = {"sgdt": 0, "sidt": 1, "lgdt": 2, "lidt": 3}
_NEAR_CONDITIONS: Final = {
    name: 0x80 + number
    for number, names in enumerate(
        ("o", "no", "b c nae", "ae nb nc", "e z", "ne nz", "be na", "a nbe", "s", "ns", "p pe", "np po",
         "l nge", "ge nl", "le ng", "g nle")
    )
    for name in ("j" + condition for condition in names.split())
}  # fmt: skip
#: Branches that have no near form (jecxz: with an address-size prefix in 16-bit code).
_SHORT_ONLY: Final = {
    "loopne": b"\xe0", "loopnz": b"\xe0", "loope": b"\xe1", "loopz": b"\xe1", "loop": b"\xe2",
    "jcxz": b"\xe3", "jecxz": b"\x67\xe3",
}  # fmt: skip
#: Memory operands whose size no register tells and no `ptr` need tell (0: the operand has no size).
_IMPLIED_BITS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("lea", "lgdt", "lidt", "sgdt", "sidt", "les", "lds", "lss", "lfs", "lgs", "bound"), 0),
    **dict.fromkeys(("ljmp", "lcall", "fldenv", "fnstenv", "frstor", "fnsave"), 0),
    **dict.fromkeys(("fldcw", "fnstcw", "fnstsw", "lldt", "ltr", "sldt", "str", "verr", "verw", "lmsw", "smsw"), 16),
    **dict.fromkeys(("fbld", "fbstp"), 80),
    "invlpg": 8,
}
#: Base registers whose default segment is ss.
STACK_BASES: Final = ("ebp", "esp", "bp")
_PORTS: Final = frozenset(("in", "out"))


def parse_instruction(statement: Statement, lookup: Lookup, bits: Bits, cache: dict[str, Operand]) -> Instruction:
    """Read an instruction and fill in what its syntax leaves open.

    Raises:
        AssemblyError: bad operands, sizes that disagree, numbers that do not fit, misplaced prefixes.
    """
    line = statement.line
    prefix, _, mnemonic = statement.name.rpartition(" ")
    if not mnemonic or " " in prefix or mnemonic in statements.PREFIXES:
        fail(line, f"'{statement.name}' is no instruction")
    operands: list[Operand] = []
    for text in statements.split_operands(statement.rest):
        key = f"{mnemonic in BRANCHES} {text}"
        operand = cache.get(key)
        if operand is None:
            try:
                operand = cache[key] = parse_operand(text, mnemonic, lookup)
            except ExpressionError as error:
                fail(line, str(error))
        operands.append(operand)
    try:
        _check_prefix(prefix, mnemonic)
        if mnemonic not in STRINGS:
            _fill_sizes(mnemonic, operands, bits)
            _check_numbers(mnemonic, operands, bits)
    except ExpressionError as error:
        fail(line, str(error))
    return Instruction(prefix, mnemonic, tuple(operands), line)


def _check_prefix(prefix: str, mnemonic: str) -> None:
    if prefix in ("", "lock"):
        return
    if mnemonic not in STRINGS or prefix not in _REP_FOR[mnemonic[:-1]]:
        raise ExpressionError(f"'{prefix}' cannot stand before {mnemonic}")


def _fill_sizes(mnemonic: str, operands: list[Operand], bits: Bits) -> None:
    for at, operand in enumerate(operands):
        if not isinstance(operand, Memory):
            continue
        registers = [other for other in operands if isinstance(other, Register) and other.bits < 80]
        implied = _IMPLIED_BITS.get(mnemonic)
        extending = mnemonic in ("movzx", "movsx")
        shift = mnemonic in SHIFTS or mnemonic in ("shld", "shrd")
        if shift:
            registers = [
                other for other in operands[1:2] if mnemonic in ("shld", "shrd") and isinstance(other, Register)
            ]
        size = operand.bits
        if implied is not None:
            size = size or implied
        elif mnemonic in ("call", "jmp", "push", "pop"):
            size = size or (0 if operand.far else bits)
        elif mnemonic.startswith("set"):
            size = size or 8
        elif registers and not extending and mnemonic not in _PORTS:
            wanted = 16 if any(r.name in ("es", "cs", "ss", "ds", "fs", "gs") for r in registers) else registers[0].bits
            if size is not None and size != wanted:
                raise ExpressionError(f"a {size}-bit memory operand does not go with {registers[0].name}")
            size = wanted
        if size is None:
            raise ExpressionError("the size of the memory operand is open: write byte ptr, word ptr or dword ptr")
        operands[at] = Memory(size, operand.segment, operand.base, operand.index, operand.scale,
                              operand.displacement, operand.far)  # fmt: skip


def _operand_bits(mnemonic: str, operands: Sequence[Operand], bits: Bits) -> int:
    """Width of the immediate operand that an instruction takes."""
    if mnemonic in SHIFTS or mnemonic in (
        "shld",
        "shrd",
        "bt",
        "bts",
        "btr",
        "btc",
        "int",
        "in",
        "out",
        "aam",
        "aad",
    ):
        return 8
    if mnemonic in ("ret", "retn", "retf"):
        return 16
    if mnemonic == "push":
        return bits
    first = operands[0] if operands else None
    if isinstance(first, Register):
        return first.bits
    if isinstance(first, Memory):
        return first.bits or bits
    return 32


def _check_numbers(mnemonic: str, operands: Sequence[Operand], bits: Bits) -> None:
    for operand in operands:
        if not isinstance(operand, Immediate) or operand.far is not None or mnemonic == "enter":
            continue
        width = _operand_bits(mnemonic, operands, bits)
        value = operand.value
        if value.is_address and width < bits:
            raise ExpressionError(f"an address does not fit in {width} bits")
        unsigned = mnemonic in ("int", "ret", "retn", "retf", "in", "out", "aam", "aad") or mnemonic in SHIFTS
        low = 0 if unsigned else -(1 << (width - 1))
        if value.is_constant and not low <= value.constant < 1 << width:
            raise ExpressionError(f"{value.constant} does not fit in {width} bits")


def raw_form(instruction: Instruction, bits: Bits) -> Raw | None:
    """The encoding of an instruction that keystone must not be asked for; None where it may be.

    Raises:
        AssemblyError: such an instruction with operands it does not have.
    """
    name, operands, line = instruction.mnemonic, instruction.operands, instruction.line
    if name in STRINGS:
        return _string_form(instruction, bits)
    if name in ("ret", "retn", "retf") and len(operands) == 1:
        if isinstance(operands[0], Immediate) and operands[0].value.is_constant:
            return Raw((bytes((0xCA if name == "retf" else 0xC2,)), Field(2, operands[0].value)))
    elif name in _PLAIN:
        if operands:
            fail(line, f"{name} takes no operands")
        opcode, width = _PLAIN[name]
        return Raw((_size_prefix(width or bits, bits) + bytes((opcode,)),))
    if name == "int" and len(operands) == 1 and operands[0] == Immediate(Value(3)):
        return Raw((b"\xcc",))
    if name in ("push", "pop") and len(operands) == 1:
        return _stack_form(name, operands[0], bits)
    if name in ("jmp", "call", "ljmp", "ljmpl", "ljmpw", "lcall") and len(operands) == 1:
        operand = operands[0]
        if isinstance(operand, Immediate) and operand.far is not None:
            width = 32 if name == "ljmpl" else 16 if name == "ljmpw" else bits
            opcode = 0x9A if name in ("call", "lcall") else 0xEA
            return Raw(
                (
                    _size_prefix(width, bits) + bytes((opcode,)),
                    Field(width // 8, operand.value),
                    Field(2, operand.far),
                )
            )
    return None


def _size_prefix(width: int, bits: Bits) -> bytes:
    return b"" if width == bits else b"\x66"


def _string_form(instruction: Instruction, bits: Bits) -> Raw:
    name = instruction.mnemonic
    if instruction.operands:
        fail(instruction.line, f"write {name} without operands")
    opcode = _STRING_OPCODES[name[:-1]] + (name[-1] != "b")
    repeat = {"": b"", "repne": b"\xf2", "repnz": b"\xf2"}.get(instruction.prefix, b"\xf3")
    width = {"b": bits, "w": 16, "d": 32}[name[-1]]
    return Raw((repeat + _size_prefix(width, bits) + bytes((opcode,)),))


def _stack_form(name: str, operand: Operand, bits: Bits) -> Raw | None:
    table = _PUSH_SEGMENT if name == "push" else _POP_SEGMENT
    if isinstance(operand, Register) and operand.name in table:
        return Raw((table[operand.name],))
    if name == "pop" or not isinstance(operand, Immediate) or operand.far is not None:
        return None
    if operand.value.is_constant:
        number = operand.value.constant % (1 << bits)
        if number >= 1 << (bits - 1):
            number -= 1 << bits
        if -128 <= number <= 127:
            return Raw((b"\x6a", Field(1, operand.value)))
    return Raw((b"\x68", Field(bits // 8, operand.value)))


def branch_form(instruction: Instruction, near: bool) -> Raw | None:
    """The 16-bit form of a near branch to a label; None for other branches.

    keystone would give it a 32-bit displacement, and for a call a 32-bit return address.
    """
    name = instruction.mnemonic
    if len(instruction.operands) != 1 or not isinstance(target := instruction.operands[0], Target):
        return None
    if name == "call":
        return Raw((b"\xe8", Field(2, target.value, relative=True)))
    if name == "jmp":
        return Raw((b"\xe9" if near else b"\xeb", Field(2 if near else 1, target.value, relative=True)))
    if name in _SHORT_ONLY:
        return Raw((_SHORT_ONLY[name], Field(1, target.value, relative=True)))
    if name in _NEAR_CONDITIONS:
        number = _NEAR_CONDITIONS[name]
        opcode = bytes((0x0F, number)) if near else bytes((number - 0x10,))
        return Raw((opcode, Field(2 if near else 1, target.value, relative=True)))
    return None


_POINTER: Final = {8: "byte", 16: "word", 32: "dword", 48: "fword", 64: "qword", 80: "tbyte"}
#: keystone takes these without a size only.
_UNSIZED: Final = frozenset(
    ("lea", "les", "lds", "lss", "lfs", "lgs", "bound", "fldenv", "fnstenv", "frstor", "fnsave")
)


def keystone_text(instruction: Instruction, render: Callable[[Value], str], bits: Bits) -> str:
    """The instruction as keystone gets it.

    Args:
        instruction: one that `raw_form` does not encode.
        render: spells a value that has symbols.
        bits: the mode, which decides how wide an immediate is.
    """
    name = instruction.mnemonic
    if name in TABLE_LOADS and bits == 32:
        name = "invlpg"
    elif name in ("jmp", "call") and any(isinstance(o, Memory) and o.far for o in instruction.operands):
        name = f"l{name}"
    parts = [_operand_text(o, instruction, name, render, bits) for o in instruction.operands]
    prefix = f"{instruction.prefix} " if instruction.prefix else ""
    if any(isinstance(o, Memory) and o.segment == "ds" and o.base in STACK_BASES for o in instruction.operands):
        prefix = f".byte 0x3e; {prefix}"  # keystone takes ds: for the default even where that is ss
    return f"{prefix}{name} {', '.join(parts)}"


def _operand_text(
    operand: Operand, instruction: Instruction, name: str, render: Callable[[Value], str], bits: Bits
) -> str:
    if isinstance(operand, Register):
        return operand.name
    if isinstance(operand, Target):
        return render(operand.value)
    if isinstance(operand, Immediate):
        if operand.far is not None:
            fail(instruction.line, "a far address belongs to jmp, call, ljmp or lcall")
        if operand.value.is_constant:
            width = 32 if name == "enter" else _operand_bits(instruction.mnemonic, instruction.operands, bits)
            return hex(operand.value.constant % (1 << width))
        return render(operand.value)
    registers = [operand.base] if operand.base else []
    if operand.index:
        registers.append(operand.index if operand.scale == 1 and operand.base else f"{operand.index}*{operand.scale}")
    displacement = operand.displacement
    address = "+".join(registers)
    if displacement.symbols:
        address = f"{address}+{render(displacement)}" if address else render(displacement)
    elif displacement.constant or not address:
        limit = 16 if operand.address_bits == 16 or (bits == 16 and not registers) else 32
        number = displacement.constant % (1 << limit)
        negative = bool(registers) and number >= 1 << (limit - 1)
        spelled = hex((1 << limit) - number if negative else number)
        address = f"{address}{'-' if negative else '+'}{spelled}" if address else spelled
    size = (
        "byte ptr "
        if name == "invlpg"
        else ""
        if name in _UNSIZED or not operand.bits
        else f"{_POINTER[operand.bits]} ptr "
    )
    segment = f"{operand.segment}:" if operand.segment else ""
    return f"{size}{segment}[{address}]"
