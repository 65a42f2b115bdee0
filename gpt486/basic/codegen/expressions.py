"""Code for 32-bit expressions."""

from __future__ import annotations

from gpt486.basic import ir
from gpt486.basic.codegen.addresses import strip_same
from gpt486.basic.codegen.emitter import Ins
from gpt486.basic.codegen.operands import PARTS, Imm, Mem, Operand, Reg, Temp
from gpt486.basic.codegen.products import ProductCode, weight
from gpt486.basic.sema.fold import int_type
from gpt486.basic.types import BOOLEAN, IntType

OPCODES = {"add": "add", "sub": "sub", "and": "and", "or": "or", "xor": "xor"}
COMMUTATIVE = ("add", "and", "or", "xor", "mul")


def mentions(e: ir.Expr, var: ir.Var) -> bool:
    """Whether evaluating `e` reads the variable."""
    if isinstance(e, ir.EVar | ir.EAddr):
        return e.var is var
    if isinstance(e, ir.EBin | ir.ECmp | ir.ELogic):
        return mentions(e.left, var) or mentions(e.right, var)
    if isinstance(e, ir.EMem):
        return mentions(e.address, var)
    if isinstance(e, ir.EConv | ir.EUn):
        return mentions(e.operand, var)
    if isinstance(e, ir.EIif):
        return mentions(e.condition, var) or mentions(e.yes, var) or mentions(e.no, var)
    if isinstance(e, ir.ECall):
        return any(mentions(a, var) for a in e.args) or (isinstance(e.target, ir.Expr) and mentions(e.target, var))
    return isinstance(e, ir.EHold) and mentions(e.value, var)


def settled(e: ir.Expr) -> bool:
    """Whether no call can change the value: constants and local variables whose address is nowhere."""
    e = strip_same(e)
    if isinstance(e, ir.EVar):
        return not e.var.is_static and not e.var.address_taken and not e.var.in_asm
    if isinstance(e, ir.EConv):
        return settled(e.operand)
    return isinstance(e, ir.EConst | ir.ESym | ir.EAddr | ir.EProc)


class ExpressionCode(ProductCode):
    """Evaluates expressions of at most 32 bits."""

    # ---- reading

    def operand(self, e: ir.Expr) -> Operand:
        """A source operand with the value of `e`; memory and variables' registers are read in place."""
        e = strip_same(e)
        made = self.leaf(e)
        if made is not None:
            return made
        if isinstance(e, ir.EMem) and e.type.size == 4:
            return self.memory(e, 4)
        if isinstance(e, ir.EConv) and e.operand.type.size == 8 and e.type.size == 4:
            return self.low_operand(e.operand)
        return Reg(temp=self.value(e))

    def register(self, e: ir.Expr) -> Reg:
        """A register with the value of `e`: a variable's own, or a temporary."""
        operand = self.operand(e)
        if isinstance(operand, Reg):
            return operand
        return Reg(temp=self.fetch(operand))

    def value(self, e: ir.Expr, want: Temp | None = None, prefer: str = "") -> Temp:
        """A temporary with the value of `e` that may be overwritten; in `want` when that is given."""
        made = self._value(e, want, prefer)
        if want is not None and made is not want:
            self.move(want, Reg(temp=made))
            self.free(made)
            return want
        return made

    def _value(self, e: ir.Expr, want: Temp | None, prefer: str) -> Temp:
        e = strip_same(e)
        if isinstance(e, ir.EBin):
            return self._binary(e, want, prefer)
        if isinstance(e, ir.EConv):
            return self._convert(e, want, prefer)
        if isinstance(e, ir.EVar | ir.EMem):
            return self.load(e, want, prefer)
        if isinstance(e, ir.ECall):
            return self.call(e)
        if isinstance(e, ir.EUn):
            return self._unary(e, want, prefer)
        if isinstance(e, ir.ECmp):
            return self._comparison(e, want)
        if isinstance(e, ir.ELogic | ir.EIif):
            return self._choice(e)
        if isinstance(e, ir.EHold):
            self.store(ir.EVar(e.var.type, e.var), e.value)
            e = ir.EAddr(e.type, e.var)
        temp = want or self.alloc(prefer)
        if isinstance(e, ir.EAddr) and not e.var.is_static:
            self.ins("lea", Reg(temp=temp), self.variable(e.var, e.offset, 0))
            return temp
        leaf = self.leaf(e)
        assert leaf is not None, type(e)
        self.move(temp, leaf)
        return temp

    def load(self, e: ir.Expr, want: Temp | None, prefer: str = "") -> Temp:
        """Load an lvalue of at most 32 bits, extended to 32."""
        if isinstance(e, ir.EVar) and e.var.register:
            temp = want or self.alloc(prefer)
            self.move(temp, Reg(e.var.register))
            return temp
        t = int_type(e.type)
        mem = self.memory(e, t.size)
        return self._load_from(mem, t, want, prefer)

    def _load_from(self, mem: Mem, t: IntType, want: Temp | None, prefer: str) -> Temp:
        """Load memory as a value of type `t`; the temporary may take over a register of the address."""
        spelled = self.texts(mem)[0]
        self.free(mem)
        temp = want or self.alloc(prefer)
        op = "mov" if t.size == 4 else ("movsx" if t.signed and t is not BOOLEAN else "movzx")
        self.code.append(Ins(op, temp.reg, spelled, self.tok))
        if t is BOOLEAN:
            self.ins("neg", Reg(temp=temp))
        return temp

    # ---- arithmetic

    def _binary(self, e: ir.EBin, want: Temp | None, prefer: str) -> Temp:
        op = e.op
        if op in ("div", "mod"):
            return self._divide(e)
        if op in ("shl", "shr"):
            return self._shift(e, want, prefer)
        if op == "mul":
            return self._multiply(e, want, prefer)
        left, right = e.left, e.right
        if op == "add":
            made = self._lea(e, want, prefer)
            if made is not None:
                return made
        if left.calls or right.calls:
            return self._with_calls(op, left, right, want)
        swapped = weight(right) > weight(left)
        if swapped and op == "sub":
            # left - right with a costly right side: -(right) + left.
            if weight(left) == 0:
                temp = self.value(right, want, prefer)
                self.ins("neg", Reg(temp=temp))
                operand = self.operand(left)
                self.ins("add", Reg(temp=temp), operand)
                self.free(operand)
                return temp
            swapped = False
        if swapped:
            left, right = right, left
        temp = self.value(left, want, prefer)
        return self._apply(op, temp, right)

    def _apply(self, op: str, temp: Temp, right: ir.Expr) -> Temp:
        operand = self.operand(right)
        if op == "add" and isinstance(operand, Imm) and operand.value in (1, -1):
            self.ins("inc" if operand.value == 1 else "dec", Reg(temp=temp))
        else:
            self.ins(OPCODES[op], Reg(temp=temp), operand)
        self.free(operand)
        return temp

    def _with_calls(self, op: str, left: ir.Expr, right: ir.Expr, want: Temp | None) -> Temp:
        """Left first, then right, as written; what is in flight survives a call in the frame."""
        if not right.calls:
            return self._apply(op, self.value(left), right)
        first = self.before_call(left)
        if isinstance(first, Reg) and first.temp is not None:
            return self._apply(op, first.temp, right)
        temp = self.value(right)
        if op == "sub":
            self.ins("neg", Reg(temp=temp))
            op = "add"
        self.ins(OPCODES[op], Reg(temp=temp), first)
        self.free(first)
        return temp

    def before_call(self, e: ir.Expr) -> Operand:
        """The left operand of an operator whose right side has calls.

        As in fbc, a variable (or what a pointer or index designates) is read when the operator works on it, after the
        call; anything computed is computed before.
        """
        core = strip_same(e)
        if settled(core) or (isinstance(core, ir.EVar | ir.EMem) and core.type.size == 4 and not core.calls):
            return self.operand(core)
        return Reg(temp=self.value(e))

    def _lea(self, e: ir.Expr, want: Temp | None, prefer: str) -> Temp | None:
        """An address-like sum of variables' registers in one lea."""
        mem = Mem()
        terms: list[tuple[ir.Expr, int]] = []
        self._walk(e, 1, mem, terms)
        registers = []
        for term, factor in terms:
            if not (isinstance(term, ir.EVar) and term.var.register) or factor not in (1, 2, 4, 8):
                return None
            registers.append((term.var.register, factor))
        room = 2 - bool(mem.base)
        if len(registers) > room or sum(f > 1 for _, f in registers) > 1:
            return None
        if len(registers) == 1 and registers[0][1] == 1 and not mem.base and not mem.symbol:
            if want is not None and want.reg == registers[0][0]:
                return None  # add in place is shorter
        elif not registers and not mem.base:
            return None
        registers.sort(key=lambda r: r[1])
        for reg, factor in registers:
            if factor == 1 and not mem.base:
                mem.base = reg
            else:
                mem.index, mem.scale = reg, factor
        temp = want or self.alloc(prefer)
        self.ins("lea", Reg(temp=temp), Mem(0, mem.base, mem.index, mem.scale, mem.disp, mem.symbol))
        return temp

    # ---- one operand

    def _unary(self, e: ir.EUn, want: Temp | None, prefer: str) -> Temp:
        if e.operand.type.size == 8:
            return self.wide_sign(e)
        temp = self.value(e.operand, want, prefer)
        reg = Reg(temp=temp)
        if e.op in ("neg", "not"):
            self.ins(e.op, reg)
            return temp
        sign = self.alloc()
        self.ins("mov", Reg(temp=sign), reg)
        self.ins("sar", Reg(temp=sign), "31")
        if e.op == "abs":
            self.ins("xor", reg, Reg(temp=sign))
            self.ins("sub", reg, Reg(temp=sign))
            self.free(sign)
            return temp
        self.ins("neg", reg)
        self.ins("adc", Reg(temp=sign), Reg(temp=sign))
        self.free(temp)
        if want is not None:
            self.move(want, Reg(temp=sign))
            self.free(sign)
            return want
        return sign

    def _convert(self, e: ir.EConv, want: Temp | None, prefer: str) -> Temp:
        """A conversion that changes width, or a truth value's."""
        target, inner = int_type(e.type), e.operand
        source = int_type(inner.type)
        if target is BOOLEAN or source is BOOLEAN:
            return self.value(inner, want, prefer)
        if source.size == 8:
            temp = self.low(inner, want, prefer)
            return self.truncate(temp, target)
        if target.size > source.size:
            return self.value(inner, want, prefer)  # it was extended when it was loaded
        if isinstance(inner, ir.EVar | ir.EMem) and not (isinstance(inner, ir.EVar) and inner.var.register):
            return self._load_from(self.memory(inner, target.size), target, want, prefer)
        return self.truncate(self.value(inner, want, prefer), target)

    def truncate(self, temp: Temp, t: IntType) -> Temp:
        """Cut a 32-bit value to the width of `t` and extend it again."""
        if t.size == 4:
            return temp
        if not t.signed:
            self.ins("and", Reg(temp=temp), Imm(0xFF if t.size == 1 else 0xFFFF))
        elif t.size == 2:
            self.texts(Reg(temp=temp))
            self.ins("movsx", Reg(temp=temp), PARTS[temp.reg][1])
        elif temp.fixed and temp.reg in ("esi", "edi"):
            self.ins("shl", Reg(temp=temp), "24")
            self.ins("sar", Reg(temp=temp), "24")
        else:
            low = self.byte_name(temp)
            self.ins("movsx", Reg(temp=temp), low)
        return temp

    # ---- truth values

    def _comparison(self, e: ir.ECmp, want: Temp | None) -> Temp:
        """-1 or 0 from a comparison, without a branch where 32 bits are compared."""
        t = int_type(e.left.type)
        if t.size == 8:
            return self._choice(e)
        left, right, op = e.left, e.right, e.op
        if t.signed and op in ("<", ">=") and isinstance(right, ir.EConst) and right.value == 0:
            temp = self.value(left, want)
            self.ins("sar", Reg(temp=temp), "31")
            if op == ">=":
                self.ins("not", Reg(temp=temp))
            return temp
        condition = self.compare(e)
        temp = self.alloc(byte=True)
        if condition in ("b", "ae"):
            self.ins("sbb", Reg(temp=temp), Reg(temp=temp))
            if condition == "ae":
                self.ins("not", Reg(temp=temp))
            return temp
        low = self.byte_name(temp)
        self.ins(f"set{condition}", low)
        self.ins("and", Reg(temp=temp), "1")
        self.ins("neg", Reg(temp=temp))
        return temp

    def _choice(self, e: ir.Expr) -> Temp:
        """A value that depends on a branch: both ways end in eax."""
        self.spill_all()
        no, done = self.new_label(), self.new_label()
        if isinstance(e, ir.EIif):
            yes_value, no_value = e.yes, e.no
            self.branch(e.condition, no, False)
        else:
            yes_value, no_value = ir.EConst(e.type, -1), ir.EConst(e.type, 0)
            self.branch(e, no, False)
        self._arrive(yes_value)
        self.ins("jmp", done)
        self.label(no)
        self._arrive(no_value)
        self.label(done)
        return self.take("eax")

    def _arrive(self, e: ir.Expr) -> None:
        temp = self.value(e, prefer="eax")
        self.move_to(temp, "eax")
        self.free(temp)

    # ---- provided by the other parts

    def new_label(self) -> str:
        """A fresh label's name."""
        raise NotImplementedError

    def low(self, e: ir.Expr, want: Temp | None, prefer: str) -> Temp:
        """The low half of a 64-bit value."""
        raise NotImplementedError

    def low_operand(self, e: ir.Expr) -> Operand:
        """The low half of a 64-bit value as a source operand."""
        raise NotImplementedError

    def wide_sign(self, e: ir.EUn) -> Temp:
        """Sgn of a 64-bit value."""
        raise NotImplementedError

    def call(self, e: ir.ECall) -> Temp:
        """A call; its 32-bit result."""
        raise NotImplementedError

    def branch(self, e: ir.Expr, label: str, sense: bool) -> None:
        """Jump to `label` if the truth of `e` is `sense`."""
        raise NotImplementedError

    def compare(self, e: ir.ECmp) -> str:
        """Emit the comparison of 32-bit values; the condition code under which it holds."""
        raise NotImplementedError

    def store(self, target: ir.Expr, value: ir.Expr) -> None:
        """Store a scalar."""
        raise NotImplementedError
