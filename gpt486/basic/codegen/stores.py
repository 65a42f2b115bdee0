"""Stores, block copies and calls."""

from __future__ import annotations

from gpt486.basic import ir
from gpt486.basic.codegen.addresses import strip_same
from gpt486.basic.codegen.expressions import OPCODES, mentions
from gpt486.basic.codegen.operands import PARTS, Imm, Mem, Reg, Sym, Temp
from gpt486.basic.codegen.wide import WideCode
from gpt486.basic.sema.fold import int_type
from gpt486.basic.types import BOOLEAN, IntType, RecordType, StringType, Type

UNROLL = 16
"""Blocks of up to this many bytes are copied or cleared by single moves."""


def same_place(a: ir.Expr, b: ir.Expr) -> bool:
    """Whether two lvalues surely are the same memory, read without side effects."""
    a, b = strip_same(a), strip_same(b)
    if isinstance(a, ir.EVar) and isinstance(b, ir.EVar):
        return a.var is b.var and a.offset == b.offset and a.type.size == b.type.size
    if isinstance(a, ir.EMem) and isinstance(b, ir.EMem):
        return not a.calls and a.type.size == b.type.size and _same(a.address, b.address)
    return False


def _same(a: ir.Expr, b: ir.Expr) -> bool:
    a, b = strip_same(a), strip_same(b)
    if type(a) is not type(b) or a.calls or b.calls:
        return False
    if isinstance(a, ir.EConst) and isinstance(b, ir.EConst):
        return a.value == b.value
    if isinstance(a, ir.EAddr) and isinstance(b, ir.EAddr):
        return a.var is b.var and a.offset == b.offset
    if isinstance(a, ir.EBin) and isinstance(b, ir.EBin):
        return a.op == b.op and a.type.size == b.type.size and _same(a.left, b.left) and _same(a.right, b.right)
    if isinstance(a, ir.EConv) and isinstance(b, ir.EConv):
        return a.type is b.type and _same(a.operand, b.operand)
    return same_place(a, b)


class StoreCode(WideCode):
    """What changes memory."""

    # ---- scalars

    def store(self, target: ir.Expr, value: ir.Expr) -> None:
        """Store a scalar."""
        size = target.type.size
        if isinstance(target, ir.EVar) and target.var.register:
            self._store_register(target.var, value)
            return
        if size == 8:
            self._store_wide(target, value)
            return
        t = int_type(target.type)
        if t is not BOOLEAN:
            value = self.shed(value, size)
        if isinstance(value, ir.EConst):
            mem = self.memory(target, size)
            self.ins("mov", mem, Imm(value.value & 1 if t is BOOLEAN else _sized(value.value, size)))
            self.free(mem)
            return
        leaf = self.leaf(value)
        if isinstance(leaf, Sym):
            mem = self.memory(target, 4)
            self.ins("mov", mem, leaf)
            self.free(mem)
            return
        if t is not BOOLEAN and self._in_place(target, value, size):
            return
        held = self.register(value) if size == 4 else Reg(temp=self.value(value))
        if size == 1 and held.temp is not None:
            self.byte_name(held.temp)
        mem = self._target_memory(target, size, held)
        if t is BOOLEAN:
            self.ins("and", held, "1")
        self._store_reg(mem, held, size)
        self.free(mem, held)

    def _target_memory(self, target: ir.Expr, size: int, held: Reg) -> Mem:
        mem = self.memory(target, size)
        if size == 1 and held.temp is not None:
            # The value must still be (or again be) in a register with a low byte.
            for temp in mem.temps():
                temp.pins += 1
            self.byte_name(held.temp)
            for temp in mem.temps():
                temp.pins -= 1
        return mem

    def _store_reg(self, mem: Mem, held: Reg, size: int) -> None:
        place, _ = self.texts(mem, held)
        if size == 4:
            self.ins("mov", place, held)
        else:
            self.ins("mov", place, PARTS[held.reg][0 if size == 1 else 1])

    @staticmethod
    def shed(value: ir.Expr, size: int) -> ir.Expr:
        """The value without conversions that only cut or extend what a store of `size` bytes cuts off anyway."""
        while isinstance(value, ir.EConv):
            inner = value.operand.type
            if not isinstance(inner, IntType) or inner is BOOLEAN or value.type is BOOLEAN:
                break
            if value.type.size >= size and inner.size >= size:
                if inner.size == 8:
                    break
                value = value.operand
            else:
                break
        return value

    def _store_register(self, var: ir.Var, value: ir.Expr) -> None:
        """Compute into a variable's register, in place where the value's other operands allow."""
        here = Temp(var.register, fixed=True)
        value = strip_same(value)
        if isinstance(value, ir.EConst):
            self.move(here, Imm(value.value))
            return
        bare = value
        if isinstance(bare, ir.EConv) and isinstance(bare.operand, ir.EBin) and bare.type.size < 4:
            bare = bare.operand
        if isinstance(bare, ir.EBin) and bare.op in ("add", "sub", "and", "or", "xor", "shl", "shr", "mul"):
            left = _core(bare.left)
            own = isinstance(left, ir.EVar) and left.var is var and not mentions(bare.right, var)
            if own and bare.op in OPCODES and not bare.right.calls:
                self._apply(bare.op, here, bare.right)
                if value is not bare:
                    self.truncate(here, int_type(value.type))
                return
        if not mentions(value, var) and not (value.calls and not isinstance(value, ir.ECall)):
            self.value(value, here)
            return
        if isinstance(bare, ir.EBin) and not bare.calls and not mentions(bare.right, var):
            left = _core(bare.left)
            if isinstance(left, ir.EVar) and isinstance(bare.right, ir.EConst):
                self.value(value, here)
                return
        temp = self.value(value)
        self.move(here, Reg(temp=temp))
        self.free(temp)

    def _in_place(self, target: ir.Expr, value: ir.Expr, size: int) -> bool:
        """`x = x op y` as one instruction on memory."""
        value = strip_same(value)
        if isinstance(value, ir.EUn) and value.op in ("neg", "not") and value.type.size == 4:
            if not same_place(target, self.shed(_core(value.operand), size)):
                return False
            mem = self.memory(target, size)
            self.ins(value.op, mem)
            self.free(mem)
            return True
        if not isinstance(value, ir.EBin) or value.type.size != 4:
            return False
        left = _core(value.left)
        if value.calls:
            if size != 4 or value.left.calls or value.op not in OPCODES or not same_place(target, left):
                return False
            mem = self.settle(self.memory(target, 4))
            held = Reg(temp=self.value(value.right))
            self.ins(OPCODES[value.op], mem, held)
            self.free(mem, held)
            return True
        right = value.right
        if (
            not same_place(target, left)
            and value.op in ("add", "and", "or", "xor")
            and same_place(target, _core(right))
        ):
            left, right = _core(right), value.left
        if not same_place(target, left):
            return False
        if value.op in ("shl", "shr") and isinstance(right, ir.EConst):
            if value.op == "shr" and size < 4 and int_type(left.type).signed and not int_type(value.type).signed:
                return False
            op = "shl" if value.op == "shl" else ("sar" if int_type(left.type).signed else "shr")
            if value.op == "shr" and size == 4:
                op = "sar" if int_type(value.type).signed else "shr"
            count = right.value & 31
            if count >= 8 * size:
                return False
            mem = self.memory(target, size)
            if count:
                self.ins(op, mem, str(count))
            self.free(mem)
            return True
        if value.op not in OPCODES:
            return False
        right = self.shed(right, size)
        if isinstance(right, ir.EConst):
            amount = _sized(right.value, size)
            mem = self.memory(target, size)
            if value.op == "add" and amount in (1, -1):
                self.ins("inc" if amount == 1 else "dec", mem)
            elif value.op == "add" and -128 < amount < 0:
                self.ins("sub", mem, Imm(-amount))
            else:
                self.ins(value.op, mem, Imm(amount))
            self.free(mem)
            return True
        held = self.register(right) if size == 4 else Reg(temp=self.value(right))
        mem = self._target_memory(target, size, held)
        place, _ = self.texts(mem, held)
        self.ins(OPCODES[value.op], place, held if size == 4 else PARTS[held.reg][0 if size == 1 else 1])
        self.free(mem, held)
        return True

    def _store_wide(self, target: ir.Expr, value: ir.Expr) -> None:
        value = strip_same(value)
        if isinstance(value, ir.EConst):
            mem = self.memory(target, 4)
            self.ins("mov", mem, Imm(value.value))
            self.ins("mov", mem.at(4, 4), Imm(value.value >> 32))
            self.free(mem)
            return
        low, high = self.wide(value)
        mem = self.settle(self.memory(target, 4))
        self.ins("mov", mem, Reg(temp=low))
        self.ins("mov", mem.at(4, 4), Reg(temp=high))
        self.free(low, high, mem)

    # ---- blocks

    def block_address(self, e: ir.Expr) -> Mem:
        """An address as memory through at most one temporary."""
        return self.settle(self.address(e))

    def copy(self, target: ir.Expr, source: ir.Expr, size: int) -> None:
        """Copy `size` bytes; the blocks do not overlap (or are the same)."""
        if target.calls:
            raise AssertionError("the target of a copy has no calls")
        if size <= UNROLL:
            src = self.block_address(source)
            dst = self.block_address(target)
            for offset, width in _chunks(size):
                temp = self.alloc(byte=width == 1)
                self._load_part(temp, src.at(offset, width), width)
                self._store_reg(dst.at(offset, width), Reg(temp=temp), width)
                self.free(temp)
            self.free(src, dst)
            return
        self.spill_all()
        self._string_setup(target, source)
        self.ins("mov", "ecx", str(size // 4))
        self.ins("rep movsd")
        for width in _tail(size):
            self.ins("movsw" if width == 2 else "movsb")
        self._string_done()

    def _load_part(self, temp: Temp, mem: Mem, width: int) -> None:
        text, _ = self.texts(mem, Reg(temp=temp))
        self.ins("mov", temp.reg if width == 4 else PARTS[temp.reg][0 if width == 1 else 1], text)

    def _string_setup(self, target: ir.Expr, source: ir.Expr | None) -> None:
        """Load edi (and esi) for a string instruction, saving the variables that live there in the frame."""
        pairs = [("edi", target)] + ([("esi", source)] if source is not None else [])
        computed = [(reg, e) for reg, e in pairs if not isinstance(e, ir.EAddr | ir.ESym)]
        for _, e in computed:
            self._push(e)
        self._saved_strings = []
        for reg, _ in pairs:
            if reg not in self.pool:
                self._saved_strings.append((reg, self.slot()))
                self.ins("mov", f"dword ptr [ebp{self._saved_strings[-1][1]:+d}]", reg)
            self.used.add(reg)
        for reg, _ in reversed(computed):
            self.ins("pop", reg)
        for reg, e in pairs:
            if isinstance(e, ir.EAddr | ir.ESym):
                leaf = self.leaf(e)
                if leaf is not None:
                    self.ins("mov", reg, leaf)
                else:
                    self.ins("lea", reg, self.variable(e.var, e.offset, 0))  # type: ignore[union-attr]

    _saved_strings: list[tuple[str, int]]

    def _string_done(self) -> None:
        for reg, slot in self._saved_strings:
            self.ins("mov", reg, f"dword ptr [ebp{slot:+d}]")
            self.free_slots.append(slot)

    def zero(self, target: ir.Expr, size: int) -> None:
        """Fill `size` bytes with zeros."""
        if size <= 4 * UNROLL:
            mem = self.block_address(target)
            if size > 12:
                temp = self.alloc(byte=True)
                self.move(temp, Imm(0))
                for offset, width in _chunks(size):
                    self._store_reg(mem.at(offset, width), Reg(temp=temp), width)
                self.free(temp)
            else:
                for offset, width in _chunks(size):
                    self.ins("mov", mem.at(offset, width), "0")
            self.free(mem)
            return
        self.spill_all()
        self._string_setup(target, None)
        self.ins("xor", "eax", "eax")
        self.ins("mov", "ecx", str(size // 4))
        self.ins("rep stosd")
        for width in _tail(size):
            self.ins("stosw" if width == 2 else "stosb")
        self._string_done()

    # ---- calls

    def _pass_and_call(self, e: ir.ECall) -> None:
        """Push the arguments from the last to the first, call, and clean the stack."""
        self.spill_all(saved_too=False)
        size = 0
        for arg in reversed(e.args):
            size += self._push(arg)
        target = e.target
        if isinstance(target, ir.Proc):
            self.ins("call", self.unit.symbol_of_proc(target))
        else:
            operand = self.operand(target)
            if isinstance(operand, Sym):
                self.ins("call", operand.symbol)
            elif isinstance(operand, Imm):
                temp = self.alloc()
                self.move(temp, operand)
                self.ins("call", Reg(temp=temp))
                self.free(temp)
            else:
                self.ins("call", operand)
            self.free(operand)
        if size and e.signature.convention != "stdcall":
            self.ins("add", "esp", str(size))

    def _push(self, e: ir.Expr) -> int:
        """Push one argument; returns the bytes it took."""
        if e.type.size == 8 and isinstance(e.type, IntType):
            if isinstance(e, ir.EConst):
                self.ins("push", Imm(e.value >> 32))
                self.ins("push", Imm(e.value))
                return 8
            low, high = self.wide(e)
            self.ins("push", Reg(temp=high))
            self.ins("push", Reg(temp=low))
            self.free(low, high)
            return 8
        operand = self.operand(e)
        if isinstance(operand, Mem):
            # mov and push are two clocks, push from memory is four.
            temp = self.fetch(operand)
            self.ins("push", Reg(temp=temp))
            self.free(temp)
            return 4
        self.ins("push", operand)
        self.free(operand)
        return 4

    def call(self, e: ir.ECall) -> Temp:
        """A call; its 32-bit result."""
        self._pass_and_call(e)
        result = self.take("eax")
        t: Type = e.type
        if isinstance(t, IntType) and t.size < 4 and not isinstance(t, RecordType | StringType):
            trusted = isinstance(e.target, ir.Proc) and not e.target.has_asm
            if t is not BOOLEAN and not trusted:
                self.truncate(result, t)
        return result

    def call_wide(self, e: ir.ECall) -> tuple[Temp, Temp]:
        """A call; its 64-bit result."""
        self._pass_and_call(e)
        return self.take("eax"), self.take("edx")


def _core(e: ir.Expr) -> ir.Expr:
    """What a widening conversion widens."""
    e = strip_same(e)
    while isinstance(e, ir.EConv) and e.operand.type.size < e.type.size <= 4:
        if e.operand.type is BOOLEAN or e.type is BOOLEAN:
            break
        e = strip_same(e.operand)
    return e


def _sized(value: int, size: int) -> int:
    """`value` as a signed number of `size` bytes."""
    value &= (1 << 8 * size) - 1
    return value - (1 << 8 * size) if value >> (8 * size - 1) else value


def _chunks(size: int) -> list[tuple[int, int]]:
    out = [(offset, 4) for offset in range(0, size - 3, 4)]
    at = size & ~3
    for width in _tail(size):
        out.append((at, width))
        at += width
    return out


def _tail(size: int) -> list[int]:
    return [w for w in (2, 1) if size & w]
