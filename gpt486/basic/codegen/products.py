"""Code for 32-bit products, shifts and divisions."""

from __future__ import annotations

from gpt486.basic import ir
from gpt486.basic.codegen.addresses import AddressCode, strip_same
from gpt486.basic.codegen.emitter import Ins
from gpt486.basic.codegen.operands import Imm, Mem, Operand, Reg, Temp
from gpt486.basic.sema.fold import int_type
from gpt486.basic.types import IntType


def weight(e: ir.Expr) -> int:
    """How many registers an expression wants, roughly (the Sethi-Ullman number)."""
    e = strip_same(e)
    if isinstance(e, ir.EConst | ir.EVar | ir.ESym | ir.EAddr | ir.EProc):
        return 0
    if isinstance(e, ir.EBin | ir.ECmp | ir.ELogic):
        a, b = weight(e.left), weight(e.right)
        return max(a, b, 1) if a != b else a + 1
    if isinstance(e, ir.EMem):
        return max(1, weight(e.address))
    if isinstance(e, ir.EConv | ir.EUn):
        return max(1, weight(e.operand))
    return 3


class ProductCode(AddressCode):
    """Multiplies, shifts and divides."""

    def _divide(self, e: ir.EBin) -> Temp:
        t = int_type(e.type)
        if isinstance(e.right, ir.EConst):
            divisor = t.wrap(e.right.value)
            if divisor > 0 and divisor & (divisor - 1) == 0:
                return self._by_power(e, divisor.bit_length() - 1, t)
        if e.right.calls:
            first = self.before_call(e.left)
            right = self.operand(e.right)
            left = first.temp if isinstance(first, Reg) and first.temp is not None else self.fetch(first)
        else:
            left = self.value(e.left, prefer="eax")
            right = self.operand(e.right)
        if not isinstance(right, Reg | Mem) or (isinstance(right, Reg) and right.name in ("eax", "edx")):
            temp = self.alloc("ecx")
            self.move(temp, right)
            right = Reg(temp=temp)
        if isinstance(right, Mem):
            right = self.settle(right)
        for temp in right.temps():
            temp.pins += 1
        self.move_to(left, "eax")
        left.pins += 1
        high = self.take("edx")
        high.pins += 1
        if t.signed:
            self.ins("cdq")
            self.ins("idiv", right)
        else:
            self.ins("xor", "edx", "edx")
            self.ins("div", right)
        for temp in (*right.temps(), left, high):
            temp.pins -= 1
        self.free(right)
        if e.op == "div":
            self.free(high)
            return left
        self.free(left)
        return high

    def _by_power(self, e: ir.EBin, shift: int, t: IntType) -> Temp:
        """Division by 2^shift, or the remainder: by shifts and masks. A signed quotient truncates toward zero."""
        temp = self.value(e.left)
        mask = (1 << shift) - 1
        if not t.signed:
            if e.op == "mod":
                self.ins("and", Reg(temp=temp), Imm(mask))
            elif shift:
                self.ins("shr", Reg(temp=temp), str(shift))
            return temp
        if shift == 0:
            if e.op == "mod":
                self.ins("xor", Reg(temp=temp), Reg(temp=temp))
            return temp
        bias = self.alloc()
        self.ins("mov", Reg(temp=bias), Reg(temp=temp))
        self.ins("sar", Reg(temp=bias), "31")
        if shift == 1:
            # The bias of a negative number is 1, which is minus its sign mask.
            self.ins("sub", Reg(temp=temp), Reg(temp=bias))
        else:
            self.ins("and", Reg(temp=bias), Imm(mask))
            self.ins("add", Reg(temp=temp), Reg(temp=bias))
        if e.op == "div":
            self.ins("sar", Reg(temp=temp), str(shift))
        else:
            self.ins("and", Reg(temp=temp), Imm(mask))
            self.ins("add" if shift == 1 else "sub", Reg(temp=temp), Reg(temp=bias))
        self.free(bias)
        return temp

    def _multiply(self, e: ir.EBin, want: Temp | None, prefer: str) -> Temp:
        left, right = e.left, e.right
        if isinstance(right, ir.EConst):
            return self._times(left, Imm(right.value).value, want, prefer)
        if right.calls:
            first = self.before_call(left)
            temp = self.value(right)
            self.ins("imul", Reg(temp=temp), first if isinstance(first, Reg | Mem) else Reg(temp=self.fetch(first)))
            self.free(first)
            return temp
        # The 486 multiplies faster when the source operand is the small one: put the narrower value there.
        if (_narrow(left) and not _narrow(right)) or (weight(right) > weight(left) and _narrow(left) == _narrow(right)):
            left, right = right, left
        temp = self.value(left, want, prefer)
        operand = self.operand(right)
        self.ins("imul", Reg(temp=temp), operand)
        self.free(operand)
        return temp

    def multiplied(self, e: ir.Expr, factor: int) -> Temp:
        """A temporary with `e * factor`."""
        return self._times(e, Imm(factor).value, None, "")

    def _times(self, e: ir.Expr, factor: int, want: Temp | None, prefer: str) -> Temp:
        if factor == 0:
            temp = self.value(e, want, prefer)
            self.move(temp, Imm(0))
            return temp
        size = abs(factor)
        shift = (size & -size).bit_length() - 1
        odd = size >> shift
        if odd == 1 or odd in (3, 5, 9):
            temp = self.value(e, want, prefer)
            if odd != 1:
                self.lea_scaled(temp, odd - 1)
            self._shift_left(temp, shift)
        elif shift == 0 and odd in (7, 15, 31, 63, 127, 255, 17, 33, 65, 129, 257):
            temp = self.value(e, want, prefer)
            other = self.alloc()
            self.move(other, Reg(temp=temp))
            bit = (odd & ~1).bit_length() - 1 if odd & 2 == 0 else odd.bit_length()
            self.ins("shl", Reg(temp=temp), str(bit))
            self.ins("add" if odd & 2 == 0 else "sub", Reg(temp=temp), Reg(temp=other))
            self.free(other)
        else:
            operand = self.operand(e)
            if isinstance(operand, Imm):
                temp = want or self.alloc(prefer)
                self.move(temp, Imm(operand.value * factor))
                return temp
            if not isinstance(operand, Reg | Mem):
                temp = self.alloc()
                self.move(temp, operand)
                operand = Reg(temp=temp)
            spelled = self.texts(operand)[0]
            self.free(operand)
            temp = want or self.alloc(prefer)
            self.code.append(Ins("imul", temp.reg, f"{spelled}, {factor}", self.tok))
            return temp
        if factor < 0:
            self.ins("neg", Reg(temp=temp))
        return temp

    def lea_scaled(self, temp: Temp, scale: int) -> None:
        """Temp += temp * scale."""
        self.texts(Reg(temp=temp))
        self.ins("lea", Reg(temp=temp), f"[{temp.reg}+{temp.reg}*{scale}]")

    def _shift_left(self, temp: Temp, count: int) -> None:
        if count == 1:
            self.ins("add", Reg(temp=temp), Reg(temp=temp))
        elif count:
            self.ins("shl", Reg(temp=temp), str(count))

    def _shift(self, e: ir.EBin, want: Temp | None, prefer: str) -> Temp:
        op = "shl" if e.op == "shl" else ("sar" if int_type(e.type).signed else "shr")
        if isinstance(e.right, ir.EConst):
            temp = self.value(e.left, want, prefer)
            count = e.right.value & 31
            if op == "shl":
                self._shift_left(temp, count)
            elif count:
                self.ins(op, Reg(temp=temp), str(count))
            return temp
        if e.right.calls:
            first = self.before_call(e.left)
            count_temp = self.value(e.right, prefer="ecx")
            temp = first.temp if isinstance(first, Reg) and first.temp is not None else self.fetch(first)
        else:
            temp = self.value(e.left, want if not e.calls else None)
            count_temp = self.value(e.right, prefer="ecx")
        self.shift_by(op, temp, count_temp)
        return temp

    def shift_by(self, op: str, temp: Temp, count: Temp) -> None:
        """Temp = temp shifted by count (which is freed)."""
        temp.pins += 1
        self.move_to(count, "ecx")
        temp.pins -= 1
        count.pins += 1
        self.ins(op, Reg(temp=temp), "cl")
        count.pins -= 1
        self.free(count)

    # ---- provided by the other parts

    def value(self, e: ir.Expr, want: Temp | None = None, prefer: str = "") -> Temp:
        """A temporary with the value of `e`."""
        raise NotImplementedError

    def before_call(self, e: ir.Expr) -> Operand:
        """The left operand of an operator whose right side has calls."""
        raise NotImplementedError


def _narrow(e: ir.Expr) -> bool:
    """Whether a value surely has at most 16 bits."""
    e = strip_same(e)
    return isinstance(e, ir.EConv) and e.operand.type.size < 4 and isinstance(e.operand.type, IntType)
