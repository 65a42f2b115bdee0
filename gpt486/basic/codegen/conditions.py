"""Comparisons and branches."""

from __future__ import annotations

from gpt486.basic import ir
from gpt486.basic.codegen.addresses import strip_same
from gpt486.basic.codegen.expressions import ExpressionCode
from gpt486.basic.codegen.operands import Imm, Mem, Operand, Reg
from gpt486.basic.codegen.products import weight
from gpt486.basic.sema.fold import MIRROR, int_type
from gpt486.basic.types import BOOLEAN, INTEGER, IntType

SIGNED = {"=": "e", "<>": "ne", "<": "l", "<=": "le", ">": "g", ">=": "ge"}
UNSIGNED = {"=": "e", "<>": "ne", "<": "b", "<=": "be", ">": "a", ">=": "ae"}
NOT = {
    "e": "ne", "ne": "e", "l": "ge", "ge": "l", "le": "g", "g": "le", "b": "ae", "ae": "b", "be": "a", "a": "be",
    "s": "ns", "ns": "s",
}  # fmt: skip


def is_truth(e: ir.Expr) -> bool:
    """Whether a value is surely -1 or 0."""
    e = strip_same(e)
    if isinstance(e, ir.ECmp | ir.ELogic):
        return True
    if isinstance(e, ir.EBin) and e.op in ("and", "or"):
        return is_truth(e.left) and is_truth(e.right)
    if isinstance(e, ir.EUn):
        return e.op == "not" and is_truth(e.operand)
    return isinstance(e, ir.EConv) and int_type(e.type) is BOOLEAN


class ConditionCode(ExpressionCode):
    """Branches on conditions."""

    def branch(self, e: ir.Expr, label: str, sense: bool) -> None:
        """Jump to `label` if the truth of `e` is `sense`; otherwise fall through."""
        e = strip_same(e)
        if isinstance(e, ir.EConst):
            if (e.value != 0) == sense:
                self.ins("jmp", label)
        elif isinstance(e, ir.ELogic):
            self._both(e.left, e.right, e.op == "andalso", label, sense)
        elif isinstance(e, ir.ECmp):
            self._branch_compare(e, label, sense)
        elif isinstance(e, ir.EUn) and e.op == "not" and is_truth(e.operand):
            self.branch(e.operand, label, not sense)
        elif isinstance(e, ir.EConv) and int_type(e.type) is BOOLEAN:
            self.branch(e.operand, label, sense)
        elif isinstance(e, ir.EConv) and int_type(e.operand.type).size < e.type.size:
            self.branch(e.operand, label, sense)  # extending does not change whether it is zero
        elif isinstance(e, ir.EBin) and e.op in ("and", "or") and is_truth(e) and not e.right.calls:
            self._both(e.left, e.right, e.op == "and", label, sense)
        else:
            self._branch_compare(ir.ECmp(INTEGER, "<>", e, ir.EConst(e.type, 0)), label, sense)

    def _both(self, left: ir.Expr, right: ir.Expr, both: bool, label: str, sense: bool) -> None:
        """Short-circuit And (`both`) or Or."""
        self.spill_all()
        if both == sense:
            # And that jumps when true (or Or that jumps when false): the left side may skip over the right one.
            skip = self.new_label()
            self.branch(left, skip, not sense)
            self.spill_all()
            self.branch(right, label, sense)
            self.label(skip)
        else:
            self.branch(left, label, sense)
            self.spill_all()
            self.branch(right, label, sense)

    def _branch_compare(self, e: ir.ECmp, label: str, sense: bool) -> None:
        if e.left.type.size == 8:
            self.branch_wide(e, label, sense)
            return
        condition = self.compare(e)
        self.ins(f"j{condition if sense else NOT[condition]}", label)

    def compare(self, e: ir.ECmp) -> str:
        """Emit the comparison of 32-bit values; the condition code under which it holds."""
        left, right, op = strip_same(e.left), strip_same(e.right), e.op
        signed = int_type(e.left.type).signed
        codes = SIGNED if signed else UNSIGNED
        if isinstance(right, ir.EConst):
            made = self._compare_constant(left, right.value, op, codes, int_type(e.left.type))
            if made:
                return made
        if not left.calls and not right.calls and weight(right) > weight(left):
            left, right, op = right, left, MIRROR[op]
        first: Operand
        second: Operand
        if right.calls:
            first = self.before_call(left)
            second = Reg(temp=self.value(right))
            if not isinstance(first, Reg):
                first, second, op = second, first, MIRROR[op]
        else:
            first = self.operand(left)
            second = self.operand(right)
        if not isinstance(first, Reg) and not (isinstance(first, Mem) and not isinstance(second, Mem)):
            if isinstance(second, Reg) and isinstance(first, Imm):
                first, second, op = second, first, MIRROR[op]
            else:
                temp = self.alloc()
                self.move(temp, first)
                self.free(first)
                first = Reg(temp=temp)
        self.ins("cmp", first, second)
        self.free(first, second)
        return codes[op]

    def _compare_constant(self, left: ir.Expr, value: int, op: str, codes: dict[str, str], t: IntType) -> str:
        """Comparisons with a constant that have shorter forms; "" when there is none."""
        if value == 0 and isinstance(left, ir.EBin) and left.op == "and" and op in ("=", "<>"):
            self._test_bits(left)
            return codes[op]
        narrow = self._narrow_memory(left)
        if narrow is not None:
            place, nt = narrow
            if nt.low <= value <= nt.high:
                mem = self.memory(place, nt.size)
                self.ins("cmp", mem, Imm(value))
                self.free(mem)
                return (SIGNED if nt.signed else UNSIGNED)[op]
        if value == 0:
            operand = self.operand(left)
            if isinstance(operand, Reg):
                self.ins("test", operand, operand)
            elif isinstance(operand, Mem):
                self.ins("cmp", operand, "0")
            else:
                return self._compare_loaded(operand, 0, codes[op])
            self.free(operand)
            if op == "<" and t.signed:
                return "s" if isinstance(operand, Reg) else "l"
            return codes[op]
        return ""

    def _compare_loaded(self, operand: Operand, value: int, condition: str) -> str:
        temp = self.alloc()
        self.move(temp, operand)
        self.ins("cmp", Reg(temp=temp), Imm(value))
        self.free(temp)
        return condition

    def _test_bits(self, e: ir.EBin) -> None:
        left, right = strip_same(e.left), strip_same(e.right)
        if isinstance(right, ir.EConst):
            narrow = self._narrow_memory(left)
            if narrow is not None and 0 <= right.value <= 255:
                mem = self.memory(narrow[0], 1)
                self.ins("test", mem, Imm(right.value))
                self.free(mem)
                return
        first = self.register(left) if not right.calls else Reg(temp=self.value(left))
        second = self.operand(right)
        if isinstance(second, Mem):
            self.ins("test", second, first)
        else:
            self.ins("test", first, second)
        self.free(first, second)

    @staticmethod
    def _narrow_memory(e: ir.Expr) -> tuple[ir.Expr, IntType] | None:
        """The place and type of a byte or word in memory that `e` extends."""
        if isinstance(e, ir.EConv) and isinstance(e.operand, ir.EVar | ir.EMem):
            t = e.operand.type
            in_register = isinstance(e.operand, ir.EVar) and e.operand.var.register
            if isinstance(t, IntType) and t.size < 4 and t is not BOOLEAN and not in_register:
                return e.operand, t
        if isinstance(e, ir.EVar | ir.EMem) and isinstance(e.type, IntType) and e.type.size < 4:
            in_register = isinstance(e, ir.EVar) and e.var.register
            if e.type is not BOOLEAN and not in_register:
                return e, e.type
        return None

    def branch_wide(self, e: ir.ECmp, label: str, sense: bool) -> None:
        """Branch on a comparison of 64-bit values."""
        raise NotImplementedError
