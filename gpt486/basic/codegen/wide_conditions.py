"""Branches on comparisons of 64-bit values."""

from __future__ import annotations

from gpt486.basic import ir
from gpt486.basic.codegen.addresses import strip_same
from gpt486.basic.codegen.conditions import NOT, ConditionCode
from gpt486.basic.codegen.operands import Imm, Mem, Operand, Reg, Temp
from gpt486.basic.sema import fold
from gpt486.basic.sema.fold import MIRROR, int_type


class WideConditionCode(ConditionCode):
    """Compares pairs of halves."""

    def branch_wide(self, e: ir.ECmp, label: str, sense: bool) -> None:
        """Branch on a comparison of 64-bit values."""
        left, right, op = e.left, e.right, e.op
        if op in ("=", "<>"):
            self._wide_equal(left, right)
            self.ins("je" if (op == "=") == sense else "jne", label)
            return
        if op in ("<=", ">"):
            # a > b is b < a; the subtraction answers < and >= only.
            if isinstance(strip_same(right), ir.EConst) and right.value < int_type(right.type).high:  # type: ignore[attr-defined]
                right = fold.const(right.value + 1, right.type)  # type: ignore[attr-defined]
                op = "<" if op == "<=" else ">="
            else:
                left, right, op = right, left, MIRROR[op]
        signed = int_type(e.left.type).signed
        if isinstance(right, ir.EConst) and right.value == 0 and signed:
            low_operand, high_operand = self.wide_operand(left)
            if isinstance(high_operand, Mem):
                self.ins("cmp", high_operand, "0")
            else:
                if not isinstance(high_operand, Reg):
                    temp = self.alloc()
                    self.move(temp, high_operand)
                    high_operand = Reg(temp=temp)
                self.ins("test", high_operand, high_operand)
            self.free(low_operand, high_operand)
            self.ins("jl" if (op == "<") == sense else "jge", label)
            return
        low, high = self.wide(left)
        low_operand, high_operand = self.wide_operand(right)
        self.ins("cmp", Reg(temp=low), low_operand)
        self.ins("sbb", Reg(temp=high), high_operand)
        self.free(low, high, low_operand, high_operand)
        condition = ("l" if signed else "b") if op == "<" else ("ge" if signed else "ae")
        self.ins(f"j{condition if sense else NOT[condition]}", label)

    def _wide_equal(self, left: ir.Expr, right: ir.Expr) -> None:
        low, high = self.wide(left)
        low_operand, high_operand = self.wide_operand(right)
        for temp, operand in ((low, low_operand), (high, high_operand)):
            if not (isinstance(operand, Imm) and operand.value == 0):
                self.ins("xor", Reg(temp=temp), operand)
        self.ins("or", Reg(temp=low), Reg(temp=high))
        self.free(low, high, low_operand, high_operand)

    # ---- provided by the arithmetic

    def wide(self, e: ir.Expr) -> tuple[Temp, Temp]:
        """Temporaries (low, high) with the value of `e`."""
        raise NotImplementedError

    def wide_operand(self, e: ir.Expr) -> tuple[Operand, Operand]:
        """Source operands (low, high)."""
        raise NotImplementedError
