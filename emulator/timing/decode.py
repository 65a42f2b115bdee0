"""From an instruction's bytes to the record that the native model works on.

Done once for every instruction of a block when it first runs; capstone reads the operands, the clock tables
give the clocks.
"""

from __future__ import annotations

from typing import Any, Final

import capstone
from capstone import x86 as cs

from emulator import isa
from emulator.timing import integer_clocks as table
from emulator.timing import layout
from emulator.timing.x87_clocks import x87_clocks

_ALL: Final = 0xFFFFFFFF
_SEGMENTS: Final = {
    cs.X86_REG_ES: 0,
    cs.X86_REG_CS: 1,
    cs.X86_REG_SS: 2,
    cs.X86_REG_DS: 3,
    cs.X86_REG_FS: 4,
    cs.X86_REG_GS: 5,
}
_NAMES: Final = (
    ("eax", "ax", "al", "ah"),
    ("ecx", "cx", "cl", "ch"),
    ("edx", "dx", "dl", "dh"),
    ("ebx", "bx", "bl", "bh"),
    ("esp", "sp"),
    ("ebp", "bp"),
    ("esi", "si"),
    ("edi", "di"),
)
#: capstone's register -> (number, bytes, whether it is the high byte)
_REGISTERS: Final = {
    getattr(cs, f"X86_REG_{name.upper()}"): (number, (4, 2, 1, 1)[at], at == 3)
    for number, names in enumerate(_NAMES)
    for at, name in enumerate(names)
}
_ESP: Final = 1 << 4
_EBP: Final = 1 << 5

#: A memory operand that comes first and is only written, ...
_STORES: Final = frozenset(("mov", "pop", "sgdt", "sidt", "sldt", "str", "smsw"))
#: ... or only read.
_READERS: Final = frozenset(
    [
        *("cmp", "test", "bt", "push", "jmp", "call", "ljmp", "lcall", "mul", "imul", "div", "idiv"),
        *("lgdt", "lidt", "lldt", "ltr", "lmsw", "verr", "verw", "bound"),
    ]
)
_X87_STORES: Final = frozenset(
    [
        *("fst", "fstp", "fist", "fistp", "fbstp", "fnstcw", "fnstsw", "fnstenv", "fnsave"),
        *("fstcw", "fstsw", "fstenv", "fsave"),
    ]
)
_NO_ACCESS: Final = frozenset(("lea", "invlpg", "nop"))
_SHIFTS: Final = frozenset(("shl", "sal", "shr", "sar", "rol", "ror"))
_STRINGS: Final = frozenset(("movs", "stos", "lods", "scas", "cmps", "ins", "outs"))
_CONDITIONALS: Final = frozenset(
    ["jo", "jno", "jb", "jae", "je", "jne", "jbe", "ja", "js", "jns", "jp", "jnp", "jl", "jge", "jle", "jg"]
)
_FAR_LOADS: Final = frozenset(("lds", "les", "lfs", "lgs", "lss"))


class Decoder:
    """Fills INSTRUCTION records."""

    def __init__(self) -> None:
        self._engines = {16: _engine(capstone.CS_MODE_16), 32: _engine(capstone.CS_MODE_32)}

    def fill(self, record: Any, code: bytes, address: int, bits: int, protected: bool) -> str:
        """Fill a record (one element of an array of INSTRUCTION) from an instruction's bytes; returns its text.

        `code` is that instruction alone.  bits: 16 or 32, the size of code; protected: CR0.PE.
        """
        record["address"] = address
        record["next"] = address + len(code)
        record["line"] = address >> 4
        record["last_line"] = (address + len(code) - 1) >> 4
        for field in ("base", "index", "multiplier", "first", "second", "third", "result"):
            record[field] = layout.NO_REGISTER
        record["mask"] = _ALL
        record["clocks"] = table.UNKNOWN
        insn = next(self._engines[bits].disasm(code, address), None)
        if insn is None:
            return "?"
        _Reader(record, insn, bits, protected).read()
        return f"{insn.mnemonic} {insn.op_str}".strip()


def _engine(mode: int) -> Any:
    engine = capstone.Cs(capstone.CS_ARCH_X86, mode)
    engine.detail = True
    return engine


class _Reader:
    """Reads one instruction into its record."""

    def __init__(self, record: Any, insn: Any, bits: int, protected: bool) -> None:
        self.record, self.insn, self.bits, self.protected = record, insn, bits, protected
        self.name = insn.mnemonic.split()[-1]
        self.flags = 0
        self.prefixes, self.rest = isa.split(bytes(insn.bytes))
        self.operands = list(insn.operands)
        self.memory = next((one for one in self.operands if one.type == cs.X86_OP_MEM), None)
        self.addressing = 0
        self.sources = 0
        self.results = 0
        self.bytes = 0

    def read(self) -> None:
        """Fill the record."""
        string = self.name[:-1]
        if string in _STRINGS and self.name[-1] in "bwd" and self.memory is not None and not self._is_x87():
            self._string(string)
        else:
            if self.memory is not None:
                self._memory_operand()
            self._registers()
            self._stack()
            self._clocks()
        # A REP prefix takes its clock in D1 as any other prefix does.
        self.record["prefixes"] = len(self.prefixes)
        self.record["flags"] = self.flags
        for field, number in zip(("first", "second", "third"), _numbers(self.addressing), strict=False):
            self.record[field] = number
        results = _numbers(self.results)
        if results:
            self.record["result"] = results[0]
            self.record["results"] = self.results & ~(1 << results[0])
        self.record["sources"] = self.sources & ~self.addressing
        self.record["bytes"] = self.bytes

    def _is_x87(self) -> bool:
        return bool(isa.is_x87(self.insn))

    # -- operands ----------------------------------------------------------------------------------

    def _memory_operand(self) -> None:
        record, insn = self.record, self.insn
        memory: Any = self.memory
        operand = memory.mem
        self.flags |= layout.ADDRESS
        record["size"] = memory.size
        record["mask"] = _ALL if insn.addr_size == 4 else 0xFFFF
        record["displacement"] = operand.disp
        for field, register in (("base", operand.base), ("index", operand.index)):
            if register in _REGISTERS:
                number = _REGISTERS[register][0]
                record[field] = number
                self.addressing |= 1 << number
        record["shift"] = {1: 0, 2: 1, 4: 2, 8: 3}[operand.scale]
        default = 2 if operand.base in (cs.X86_REG_ESP, cs.X86_REG_EBP, cs.X86_REG_BP) else 3
        record["segment"] = _SEGMENTS.get(operand.segment, default)
        if record["index"] >= 0:
            record["d2"] |= 1
        if insn.disp_size and insn.imm_size:
            record["d2"] |= 2
        if self.name == "xlatb":
            self.flags |= layout.TABLE | layout.READ
            record["index"] = layout.NO_REGISTER
            record["d2"] = 0
            record["size"] = 1
            return
        if self.name in _NO_ACCESS:
            return
        first = self.operands[0].type == cs.X86_OP_MEM
        if self._is_x87():
            self.flags |= layout.WRITE if self.name in _X87_STORES else layout.READ
        elif not first or self.name in _READERS:
            self.flags |= layout.READ
            if self.name == "xchg":
                self.flags |= layout.WRITE
        elif self.name in _STORES or self.name.startswith("set"):
            self.flags |= layout.WRITE
        else:
            self.flags |= layout.READ | layout.WRITE

    def _registers(self) -> None:
        read, written = self.insn.regs_access()
        for register in written:
            if register in _REGISTERS:
                number, size, _ = _REGISTERS[register]
                self.results |= 1 << number
                if size == 1:
                    self.bytes |= 1 << number
        for register in read:
            if register in _REGISTERS and _REGISTERS[register][1] > 1:
                self.sources |= 1 << _REGISTERS[register][0]

    def _stack(self) -> None:
        name, record = self.name, self.record
        step = 2 if (0x66 in self.prefixes) != (self.bits == 16) else 4
        push = pop = 0
        if name == "push":
            push = step
        elif name == "pop":
            pop = step
        elif name == "call":
            push = step
        elif name == "ret":
            pop = step
        elif name in ("pushal", "pushaw"):
            push = 8 * step
        elif name in ("popal", "popaw"):
            pop = 8 * step
        elif name in ("pushfd", "pushf"):
            push = step
        elif name in ("popfd", "popf"):
            pop = step
        elif name == "lcall":
            push = 2 * step
        elif name == "retf":
            pop = 2 * step
        elif name in ("iretd", "iret"):
            pop = 3 * step
        elif name in ("int", "int1", "int3"):
            push = 3 * step
        elif name == "enter":
            push = step
        elif name == "leave":
            pop = step
            self.flags |= layout.LEAVE
            self.addressing |= _EBP
        if not push and not pop:
            return
        if name != "leave":
            self.addressing |= _ESP
        # PUSH, POP, CALL and RET adjust ESP in D2: the next of them does not wait for it.
        self.results &= ~_ESP if name != "leave" else 0xFF
        record["stack_bytes"] = push or pop
        record["stack_step"] = step
        self.flags |= layout.PUSH if push else layout.POP

    def _string(self, name: str) -> None:
        record = self.record
        size = {"b": 1, "w": 2, "d": 4}[self.name[-1]]
        record["string_bytes"] = size
        record["mask"] = _ALL if self.insn.addr_size == 4 else 0xFFFF
        record["segment"] = 3
        source, target = 1 << 6, 1 << 7
        for operand in self.operands:
            if operand.type == cs.X86_OP_MEM and operand.mem.base in (cs.X86_REG_ESI, cs.X86_REG_SI):
                record["segment"] = _SEGMENTS.get(operand.mem.segment, 3)
        if name in ("movs", "lods", "cmps", "outs"):
            self.flags |= layout.SOURCE
            self.addressing |= source
            self.results |= source
        if name in ("movs", "stos", "scas", "cmps", "ins"):
            self.flags |= layout.COMPARE if name in ("scas", "cmps") else layout.TARGET
            self.addressing |= target
            self.results |= target
        if name == "lods":
            self.results |= 1
            self.bytes |= 1 if size == 1 else 0
        if name in ("ins", "outs"):
            self.flags |= layout.PORT
        record["clocks"] = table.CLOCKS[self.name][0]
        if isa.REP & set(self.prefixes):
            self.flags |= layout.REPEAT
            record["clocks"], record["each"] = table.REPEAT[name]
            self.results |= 2

    # -- clocks ------------------------------------------------------------------------------------

    def _clocks(self) -> None:
        record, name = self.record, self.name
        if self._is_x87():
            self.flags |= layout.X87
            size = self.memory.size if self.memory is not None else 0
            record["clocks"], record["concurrent"] = x87_clocks(name, size)
            return
        if name in _CONDITIONALS or name in table.BRANCH:
            self._branch()
            return
        if name in ("mul", "imul"):
            self._multiply()
            return
        if name in table.DIVIDE:
            width = self.operands[0].size
            record["clocks"] = table.DIVIDE[name][width] + (name == "idiv" and self.memory is not None)
            self.flags |= layout.DIVIDE
            return
        if name in ("bsf", "bsr"):
            self.flags |= layout.SCAN | (layout.REVERSE if name == "bsr" else 0)
            self._value(self.operands[1])
        record["clocks"] = self._table_clocks()

    def _table_clocks(self) -> int:
        name, in_memory = self.name, self.memory is not None
        if name in _SHIFTS or name in ("rcl", "rcr"):
            return self._shift_clocks()
        if name.startswith("set"):
            return table.SETCC[2 if in_memory else 0]
        if name in ("mov", "push", "pop"):
            special = self._special_move()
            if special:
                return special
        if name in _FAR_LOADS:
            return table.LOAD_FAR[self.protected]
        if name in table.PORT_PROTECTED:
            self.flags |= layout.PORT
            if self.protected:
                return table.PORT_PROTECTED[name]
        if name not in table.CLOCKS:
            return table.UNKNOWN
        place = 0
        if in_memory:
            place = 2 if self.operands[0].type == cs.X86_OP_MEM and self.flags & layout.WRITE else 1
        clocks = table.CLOCKS[name][place]
        by_register = len(self.operands) > 1 and self.operands[-1].type == cs.X86_OP_REG
        if name in ("shld", "shrd") and by_register:
            clocks += 1
        elif name in ("bt", "bts", "btr", "btc") and in_memory and by_register:
            clocks += 5
        return clocks

    def _shift_clocks(self) -> int:
        count = self.operands[1] if len(self.operands) > 1 else None
        opcode = self.rest[0]
        form = "imm" if opcode in (0xC0, 0xC1) else "one" if opcode in (0xD0, 0xD1) else "cl"
        in_memory = self.memory is not None
        if self.name in ("rcl", "rcr"):
            alone = form == "one" or (count is not None and form == "imm" and count.imm == 1)
            return table.ROTATE_CARRY["one" if alone else "more"][in_memory]
        return table.SHIFT[form][in_memory]

    def _special_move(self) -> int:
        """Clocks of a move to or from a segment, control or debug register; 0 for any other."""
        kinds = [_kind(one) for one in self.operands]
        if self.name == "push":
            return 3 if kinds[0] == "segment" else 0
        if self.name == "pop":
            return table.POP_SEGMENT[self.protected] if kinds[0] == "segment" else 0
        if kinds[0] == "segment":
            return table.MOVE_TO_SEGMENT[self.protected]
        if kinds[1] == "segment":
            return 3
        if kinds[0] == "control":
            if self.operands[0].reg == cs.X86_REG_CR3:
                self.flags |= layout.FLUSH
            return table.MOVE_TO_CONTROL
        if kinds[1] == "control":
            return table.MOVE_FROM_CONTROL
        return table.MOVE_DEBUG if "debug" in kinds else 0

    def _branch(self) -> None:
        record, name = self.record, self.name
        if name in _CONDITIONALS:
            clocks, taken = table.CONDITIONAL
        else:
            clocks, taken = table.BRANCH[name]
            if name in ("jmp", "call") and self.operands[0].type != cs.X86_OP_IMM:
                clocks, taken = table.INDIRECT
            if self.protected:
                clocks += table.PROTECTED_MORE.get(name, 0)
        record["clocks"], record["taken"] = clocks, taken
        self.flags |= layout.BRANCH
        if name in ("call", "lcall"):
            self.flags |= layout.CALL
        elif name in ("ret", "retf", "iret", "iretd"):
            self.flags |= layout.RETURN

    def _multiply(self) -> None:
        """m, the multiplier at which the clocks are counted: the r/m operand, or the immediate of three operands.

        The 386's microcode shifts that operand out bit by bit; that the 486 does the same is inferred.
        """
        record, name = self.record, self.name
        operands = self.operands
        if len(operands) == 3:
            value = operands[2].imm
            least = 5 if value < 0 else 3
            found = (abs(value) - 1).bit_length() if value else 0
            record["clocks"] = 10 + max(found, least)
            self.flags |= layout.DIVIDE
            return
        self.flags |= layout.MULTIPLY | (layout.SIGNED if name == "imul" else 0)
        self._value(operands[-1])

    def _value(self, operand: Any) -> None:
        """The operand whose value the clocks depend on."""
        record = self.record
        record["width"] = operand.size
        if operand.type == cs.X86_OP_REG:
            number, _, high = _REGISTERS[operand.reg]
            record["multiplier"], record["high"] = number, high


def _numbers(mask: int) -> list[int]:
    """The numbers of the registers in a mask."""
    return [number for number in range(8) if mask >> number & 1]


def _kind(operand: Any) -> str:
    """What a register operand is: "segment", "control", "debug", or ""."""
    if operand.type != cs.X86_OP_REG:
        return ""
    if operand.reg in _SEGMENTS:
        return "segment"
    if cs.X86_REG_CR0 <= operand.reg <= cs.X86_REG_CR15:
        return "control"
    return "debug" if cs.X86_REG_DR0 <= operand.reg <= cs.X86_REG_DR15 else ""
