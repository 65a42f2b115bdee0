"""Code for 64-bit values: pairs of 32-bit halves."""

from __future__ import annotations

from gpt486.basic import ir
from gpt486.basic.codegen.addresses import strip_same
from gpt486.basic.codegen.operands import Imm, Mem, Operand, Reg, Sym, Temp
from gpt486.basic.codegen.wide_conditions import WideConditionCode
from gpt486.basic.sema import fold
from gpt486.basic.sema.fold import int_type
from gpt486.basic.types import BOOLEAN, INTEGER, UINTEGER, IntType

HALVES = {
    "add": ("add", "adc"),
    "sub": ("sub", "sbb"),
    "and": ("and", "and"),
    "or": ("or", "or"),
    "xor": ("xor", "xor"),
}
HELPERS = {
    ("div", True): "fb_lngdiv", ("mod", True): "fb_lngmod", ("div", False): "fb_ulngdiv", ("mod", False): "fb_ulngmod",
}  # fmt: skip


def narrowed(e: ir.Expr) -> ir.Expr | None:
    """A 32-bit expression for the low half of a 64-bit one, where the low half hangs on low halves only."""
    e = strip_same(e)
    if isinstance(e, ir.EConst):
        return fold.const(e.value, INTEGER)
    if isinstance(e, ir.EConv) and e.operand.type.size < 8:
        return fold.convert(e.operand, INTEGER)
    if isinstance(e, ir.EVar):
        return ir.EVar(INTEGER, e.var, e.offset)
    if isinstance(e, ir.EMem):
        return ir.EMem(INTEGER, e.address)
    if isinstance(e, ir.EBin) and (e.op in HALVES or e.op == "mul"):
        left, right = narrowed(e.left), narrowed(e.right)
        if left is not None and right is not None:
            return fold.binary(e.op, left, right, INTEGER)
    if isinstance(e, ir.EBin) and e.op == "shl" and isinstance(e.right, ir.EConst) and e.right.value < 32:
        left = narrowed(e.left)
        if left is not None:
            return fold.binary("shl", left, fold.const(e.right.value), INTEGER)
    if isinstance(e, ir.EUn) and e.op in ("neg", "not"):
        inner = narrowed(e.operand)
        if inner is not None:
            return ir.EUn(INTEGER, e.op, inner)
    return None


class WideCode(WideConditionCode):
    """Evaluates 64-bit expressions."""

    # ---- reading

    def wide_operand(self, e: ir.Expr) -> tuple[Operand, Operand]:
        """Source operands (low, high); memory is read in place. Both may share temporaries: free them together."""
        e = strip_same(e)
        if isinstance(e, ir.EConst):
            return Imm(e.value), Imm(e.value >> 32)
        if isinstance(e, ir.EVar | ir.EMem):
            mem = self.settle(self.memory(e, 4))
            return mem, mem.at(4, 4)
        if isinstance(e, ir.EConv):
            inner = int_type(e.operand.type)
            if inner.size < 8 and not inner.signed:
                return self.operand(e.operand), Imm(0)
        low, high = self.wide(e)
        return Reg(temp=low), Reg(temp=high)

    def wide(self, e: ir.Expr) -> tuple[Temp, Temp]:
        """Temporaries (low, high) with the value of `e`, which may be overwritten."""
        e = strip_same(e)
        if isinstance(e, ir.EBin):
            return self._wide_binary(e)
        if isinstance(e, ir.EConv):
            return self._extend(e)
        if isinstance(e, ir.ECall):
            return self.call_wide(e)
        if isinstance(e, ir.EUn):
            return self._wide_unary(e)
        if isinstance(e, ir.EIif):
            return self._wide_choice(e)
        low_operand, high_operand = self.wide_operand(e)
        return self._load_pair(low_operand, high_operand)

    def _load_pair(self, low_operand: Operand, high_operand: Operand) -> tuple[Temp, Temp]:
        low = self.alloc("eax")
        self.move(low, low_operand)
        high = self.alloc("edx")
        self.move(high, high_operand)
        self.free(low_operand, high_operand)
        return low, high

    def _extend(self, e: ir.EConv) -> tuple[Temp, Temp]:
        inner = int_type(e.operand.type)
        low = self.value(e.operand, prefer="eax")
        high = self.alloc("edx")
        if inner.signed or inner is BOOLEAN:
            self.ins("mov", Reg(temp=high), Reg(temp=low))
            self.ins("sar", Reg(temp=high), "31")
        else:
            self.move(high, Imm(0))
        return low, high

    # ---- arithmetic

    def _wide_binary(self, e: ir.EBin) -> tuple[Temp, Temp]:
        op = e.op
        if op in HALVES:
            left, right = e.left, e.right
            converted = right.calls and isinstance(strip_same(left), ir.EConv)  # read before the call
            if _in_place(left) and not _in_place(right) and not converted:
                # Work on the computed side and take the other from memory; left - right is -right + left.
                left, right = right, left
                if op == "sub":
                    op, left = "add", ir.EUn(e.type, "neg", left)
            low, high = self.wide(left)
            low_operand, high_operand = self.wide_operand(right)
            first, second = HALVES[op]
            self._half(first, low, low_operand)
            self._half(second, high, high_operand)
            self.free(low_operand, high_operand)
            return low, high
        if op == "mul":
            return self._wide_multiply(e)
        if op in ("shl", "shr"):
            return self._wide_shift(e)
        return self._wide_divide(e)

    def _half(self, op: str, temp: Temp, operand: Operand) -> None:
        """One half of an operation; what changes nothing is left out."""
        if isinstance(operand, Imm):
            if (op in ("or", "xor") and operand.value == 0) or (op == "and" and operand.value == -1):
                return
            if op == "and" and operand.value == 0:
                self.move(temp, operand)
                return
        self.ins(op, Reg(temp=temp), operand)

    def _wide_multiply(self, e: ir.EBin) -> tuple[Temp, Temp]:
        pair = _short_factors(e.left, e.right)
        if pair is not None:
            left, right, op = pair
            if _narrow_factor(left) and not left.calls and not right.calls:
                left, right = right, left
            first = self.value(left, prefer="eax")
            operand = self.operand(right)
            if isinstance(operand, Imm | Sym):
                temp = self.alloc("edx")
                self.move(temp, operand)
                operand = Reg(temp=temp)
            if isinstance(operand, Mem):
                operand = self.settle(operand)
            for temp in operand.temps():
                temp.pins += 1
            self.move_to(first, "eax")
            first.pins += 1
            held = [t for t in operand.temps() if t.reg == "edx"]
            if held and isinstance(operand, Reg):
                # The factor may lie in edx: it is read before the product's high half is written.
                self.ins(op, operand)
                for temp in (*operand.temps(), first):
                    temp.pins -= 1
                return first, held[0]
            high = self.take("edx")
            self.ins(op, operand)
            for temp in (*operand.temps(), first):
                temp.pins -= 1
            self.free(operand)
            return first, high
        return self._long_multiply(e)

    def _in_memory(self, e: ir.Expr) -> tuple[Operand, Operand]:
        """Halves that take no register: immediates, memory without temporaries, or spilled temporaries."""
        low, high = self.wide_operand(e)
        if not low.temps() and not high.temps():
            return low, high
        out: list[Operand] = []
        for half in (low, high):
            if isinstance(half, Reg) and half.temp is not None:
                if half.temp.reg:
                    self.spill(half.temp)
                out.append(half)
            elif half.temps():
                temp = self.alloc()
                self.move(temp, half)
                self.spill(temp)
                out.append(Reg(temp=temp))
            else:
                out.append(half)
        for half, new in ((low, out[0]), (high, out[1])):
            if new is not half:
                self.free(half)
        return out[0], out[1]

    def _slot_text(self, operand: Operand) -> str:
        if isinstance(operand, Reg) and operand.temp is not None and not operand.temp.reg:
            return f"dword ptr [ebp{operand.temp.slot:+d}]"
        return operand.text()

    def _long_multiply(self, e: ir.EBin) -> tuple[Temp, Temp]:
        """The full product of two 64-bit values, kept to 64 bits: three multiplications."""
        left = self._in_memory(e.left)
        right = self._in_memory(e.right)
        if isinstance(left[0], Imm):
            left, right = right, left
        (a_low, a_high), (b_low, b_high) = left, right
        eax, edx, ecx = self.take("eax"), self.take("edx"), self.take("ecx")
        text = self._slot_text
        self.ins("mov", "eax", text(a_low))
        if isinstance(b_low, Imm):
            self.ins("mov", "edx", text(b_low))
            self.ins("mul", "edx")
        else:
            self.ins("mul", text(b_low))
        for one, other in ((a_low, b_high), (a_high, b_low)):
            if isinstance(one, Imm) and isinstance(other, Imm):
                self.ins("add", "edx", str(Imm(one.value * other.value).value))
                continue
            if isinstance(one, Imm):
                one, other = other, one
            if isinstance(other, Imm):
                if other.value == 0:
                    continue
                self.ins("imul", "ecx", text(one), text(other))
            else:
                self.ins("mov", "ecx", text(one))
                self.ins("imul", "ecx", text(other))
            self.ins("add", "edx", "ecx")
        self.free(*left, *right, ecx)
        return eax, edx

    def _wide_divide(self, e: ir.EBin) -> tuple[Temp, Temp]:
        t = int_type(e.type)
        if isinstance(e.right, ir.EConst) and not t.signed:
            divisor = e.right.value
            if divisor > 0 and divisor & (divisor - 1) == 0:
                shift = divisor.bit_length() - 1
                if e.op == "div":
                    return self.wide(fold.binary("shr", e.left, fold.const(shift, t), t))
                return self.wide(fold.binary("and", e.left, fold.const(divisor - 1, t), t))
        proc = self.unit.runtime(HELPERS[e.op, t.signed])
        return self.call_wide(ir.ECall(e.type, proc, proc.type, [e.left, e.right]))

    # ---- shifts

    def _wide_shift(self, e: ir.EBin) -> tuple[Temp, Temp]:
        signed = int_type(e.type).signed
        if isinstance(e.right, ir.EConst):
            return self._shift_constant(e, e.right.value & 63, signed)
        low, high = self.wide(e.left)
        count = self.low(e.right, None, "ecx")
        low.pins += 1
        high.pins += 1
        self.move_to(count, "ecx")
        count.pins += 1
        self.texts(Reg(temp=low), Reg(temp=high))
        first, second = (high, low) if e.op == "shl" else (low, high)
        done = self.new_label()
        self.ins("shld" if e.op == "shl" else "shrd", Reg(temp=first), Reg(temp=second), "cl")
        self.ins("shl" if e.op == "shl" else ("sar" if signed else "shr"), Reg(temp=second), "cl")
        self.ins("test", "cl", "32")
        self.ins("je", done)
        self.ins("mov", Reg(temp=first), Reg(temp=second))
        if e.op == "shr" and signed:
            self.ins("sar", Reg(temp=second), "31")
        else:
            self.ins("xor", Reg(temp=second), Reg(temp=second))
        self.label(done)
        low.pins -= 1
        high.pins -= 1
        count.pins -= 1
        self.free(count)
        return low, high

    def _shift_constant(self, e: ir.EBin, count: int, signed: bool) -> tuple[Temp, Temp]:
        low, high = self.wide(e.left)
        if count == 0:
            return low, high
        if e.op == "shl":
            if count >= 32:
                self.free(high)
                new = self.alloc()
                self.move(new, Imm(0))
                self._shift_left(low, count - 32)
                return new, low
            if count == 1:
                self.ins("add", Reg(temp=low), Reg(temp=low))
                self.ins("adc", Reg(temp=high), Reg(temp=high))
            else:
                self.ins("shld", Reg(temp=high), Reg(temp=low), str(count))
                self.ins("shl", Reg(temp=low), str(count))
            return low, high
        right = "sar" if signed else "shr"
        if count >= 32:
            self.free(low)
            new = self.alloc()
            if signed:
                self.ins("mov", Reg(temp=new), Reg(temp=high))
                self.ins("sar", Reg(temp=new), "31")
            else:
                self.move(new, Imm(0))
            if count > 32:
                self.ins(right, Reg(temp=high), str(count - 32))
            return high, new
        self.ins("shrd", Reg(temp=low), Reg(temp=high), str(count))
        self.ins(right, Reg(temp=high), str(count))
        return low, high

    # ---- the low half alone

    def low(self, e: ir.Expr, want: Temp | None, prefer: str) -> Temp:
        """The low half of a 64-bit value (or a whole 32-bit one)."""
        if e.type.size < 8:
            return self.value(e, want, prefer)
        e = strip_same(e)
        short = narrowed(e)
        if short is not None:
            return self.value(short, want, prefer)
        if isinstance(e, ir.EBin) and e.op == "shr" and isinstance(e.right, ir.EConst):
            count = e.right.value & 63
            low, high = self.wide(e.left)
            if count >= 32:
                self.free(low)
                if count > 32:
                    self.ins("sar" if int_type(e.type).signed else "shr", Reg(temp=high), str(count - 32))
                return high
            if count:
                self.ins("shrd", Reg(temp=low), Reg(temp=high), str(count))
            self.free(high)
            return low
        low, high = self.wide(e)
        self.free(high)
        return low

    def low_operand(self, e: ir.Expr) -> Operand:
        """The low half of a 64-bit value as a source operand."""
        e = strip_same(e)
        if isinstance(e, ir.EVar | ir.EMem):
            return self.memory(e, 4)
        return Reg(temp=self.low(e, None, ""))

    # ---- one operand

    def _wide_unary(self, e: ir.EUn) -> tuple[Temp, Temp]:
        if e.op == "sgn":
            low = self.wide_sign(e)
            high = self.alloc()
            self.ins("mov", Reg(temp=high), Reg(temp=low))
            self.ins("sar", Reg(temp=high), "31")
            return low, high
        low, high = self.wide(e.operand)
        l_reg, h_reg = Reg(temp=low), Reg(temp=high)
        if e.op == "not":
            self.ins("not", l_reg)
            self.ins("not", h_reg)
        elif e.op == "neg":
            self.ins("neg", l_reg)
            self.ins("adc", h_reg, "0")
            self.ins("neg", h_reg)
        else:
            sign = self.alloc()
            s_reg = Reg(temp=sign)
            self.ins("mov", s_reg, h_reg)
            self.ins("sar", s_reg, "31")
            self.ins("xor", l_reg, s_reg)
            self.ins("xor", h_reg, s_reg)
            self.ins("sub", l_reg, s_reg)
            self.ins("sbb", h_reg, s_reg)
            self.free(sign)
        return low, high

    def wide_sign(self, e: ir.EUn) -> Temp:
        """Sgn of a 64-bit value, as 32 bits."""
        assert e.op == "sgn"
        low, high = self.wide(e.operand)
        self.ins("or", Reg(temp=low), Reg(temp=high))
        self.ins("sar", Reg(temp=high), "31")
        # Carry is now made to say whether the value is not zero.
        self.ins("neg", Reg(temp=low))
        self.ins("adc", Reg(temp=high), Reg(temp=high))
        self.free(low)
        return high

    def _wide_choice(self, e: ir.EIif) -> tuple[Temp, Temp]:
        self.spill_all()
        no, done = self.new_label(), self.new_label()
        self.branch(e.condition, no, False)
        self._arrive_wide(e.yes)
        self.ins("jmp", done)
        self.label(no)
        self._arrive_wide(e.no)
        self.label(done)
        return self.take("eax"), self.take("edx")

    def _arrive_wide(self, e: ir.Expr) -> None:
        low, high = self.wide(e)
        self.pair_to_eax_edx(low, high)
        self.free(low, high)

    def pair_to_eax_edx(self, low: Temp, high: Temp) -> None:
        """Bring a pair into eax and edx."""
        if high.reg == "eax" and low.reg == "edx":
            self.ins("xchg", "eax", "edx")
            self._by_reg["eax"], self._by_reg["edx"] = low, high
            low.reg, high.reg = "eax", "edx"
            return
        if high.reg == "eax":
            self.move_to(high, "edx")
            self.move_to(low, "eax")
            return
        low.pins += 1
        self.move_to(low, "eax")
        self.move_to(high, "edx")
        low.pins -= 1

    def call_wide(self, e: ir.ECall) -> tuple[Temp, Temp]:
        """A call; its 64-bit result."""
        raise NotImplementedError


def _short_factors(left: ir.Expr, right: ir.Expr) -> tuple[ir.Expr, ir.Expr, str] | None:
    """Two factors of 32 bits each and the one-operand multiplication that gives their whole product."""
    for op, test in (("imul", _fits_signed), ("mul", _fits_unsigned)):
        a, b = test(left), test(right)
        if a is not None and b is not None:
            return a, b, op
    return None


def _fits_signed(e: ir.Expr) -> ir.Expr | None:
    e = strip_same(e)
    if isinstance(e, ir.EConst):
        return fold.const(e.value, INTEGER) if -(1 << 31) <= e.value < 1 << 31 else None
    if isinstance(e, ir.EConv):
        t = e.operand.type
        if isinstance(t, IntType) and t.size < 8 and (t.signed or t.size < 4):
            return e.operand if t.size == 4 else ir.EConv(INTEGER, e.operand)
    return None


def _fits_unsigned(e: ir.Expr) -> ir.Expr | None:
    e = strip_same(e)
    if isinstance(e, ir.EConst):
        return fold.const(e.value, UINTEGER) if 0 <= e.value < 1 << 32 else None
    if isinstance(e, ir.EConv):
        t = e.operand.type
        if isinstance(t, IntType) and t.size < 8 and not t.signed:
            return e.operand if t.size == 4 else ir.EConv(UINTEGER, e.operand)
    return None


def _in_place(e: ir.Expr) -> bool:
    """Whether a 64-bit value can be an operand as it lies."""
    e = strip_same(e)
    if isinstance(e, ir.EConv):
        return e.operand.type.size < 8 and not int_type(e.operand.type).signed
    return isinstance(e, ir.EConst | ir.EVar | ir.EMem)


def _narrow_factor(e: ir.Expr) -> bool:
    return isinstance(e, ir.EConv) and e.operand.type.size < 4
