"""Lvalues and address arithmetic to memory operands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpt486.basic import ir
from gpt486.basic.codegen.emitter import Emitter
from gpt486.basic.codegen.operands import Imm, Mem, Operand, Reg, Sym, Temp

if TYPE_CHECKING:
    from gpt486.basic.codegen.program import ProgramCode


def strip_same(e: ir.Expr) -> ir.Expr:
    """`e` without conversions that keep the width of 32 bits or more: they generate no code."""
    while isinstance(e, ir.EConv) and e.type.size == e.operand.type.size and e.type.size >= 4:
        e = e.operand
    return e


class AddressCode(Emitter):
    """Finds the shortest memory operand for a place."""

    unit: ProgramCode

    def memory(self, e: ir.Expr, size: int) -> Mem:
        """The memory operand of an lvalue, `size` bytes of it."""
        if isinstance(e, ir.EVar):
            return self.variable(e.var, e.offset, size)
        assert isinstance(e, ir.EMem)
        mem = self.address(e.address)
        mem.size = size
        return mem

    def variable(self, var: ir.Var, offset: int, size: int) -> Mem:
        """The memory operand of a variable."""
        if var.is_static:
            return Mem(size, symbol=self.unit.symbol_of(var), disp=offset)
        return Mem(size, base="ebp", disp=var.offset + offset)

    def address(self, e: ir.Expr) -> Mem:
        """A memory operand whose address is the value of `e`."""
        mem = Mem()
        terms: list[tuple[ir.Expr, int]] = []
        self._walk(e, 1, mem, terms)
        if not terms:
            return mem
        index = next((t for t in terms if t[1] in (2, 4, 8)), None)
        rest = [t for t in terms if t is not index]
        if mem.base:
            if index is None:
                mem.index = self._sum(rest)
                return mem
            if rest:
                # The frame's base, a sum and a scaled index are one too many: join the first two.
                joined = self._owned(self._sum(rest))
                self.ins("lea", Reg(temp=joined), Mem(0, mem.base, joined, 1, mem.disp))
                mem.base, mem.disp = joined, 0
        elif index is None:
            rest.sort(key=lambda t: t[1] == 1)
            mem.base = self._sum(rest[:1])
            if len(rest) > 1:
                mem.index = self._sum(rest[1:])
        elif rest:
            mem.base = self._sum(rest)
        if index is not None:
            mem.index, mem.scale = self._term(index[0]), index[1]
        return mem

    def _walk(self, e: ir.Expr, factor: int, mem: Mem, terms: list[tuple[ir.Expr, int]]) -> None:
        e = strip_same(e)
        if isinstance(e, ir.EConst):
            mem.disp = _wrap(mem.disp + e.value * factor)
            return
        if factor == 1:
            if isinstance(e, ir.EAddr):
                if e.var.is_static and not mem.symbol:
                    mem.symbol = self.unit.symbol_of(e.var)
                    mem.disp = _wrap(mem.disp + e.offset)
                    return
                if not e.var.is_static and not mem.base:
                    mem.base = "ebp"
                    mem.disp = _wrap(mem.disp + e.offset + e.var.offset)
                    return
            elif isinstance(e, ir.ESym) and not mem.symbol:
                mem.symbol = self.unit.mention(e.symbol)
                mem.disp = _wrap(mem.disp + e.offset)
                return
            elif isinstance(e, ir.EProc) and not mem.symbol:
                mem.symbol = self.unit.symbol_of_proc(e.proc)
                return
        if isinstance(e, ir.EBin) and e.type.size == 4:
            if e.op == "add":
                self._walk(e.left, factor, mem, terms)
                self._walk(e.right, factor, mem, terms)
                return
            if isinstance(e.right, ir.EConst):
                by = 0
                if e.op == "mul":
                    by = e.right.value
                elif e.op == "shl" and 0 < e.right.value < 4:
                    by = 1 << e.right.value
                if by * factor in (2, 4, 8) and by > 0:
                    self._walk(e.left, by * factor, mem, terms)
                    return
        terms.append((e, factor))

    def _term(self, e: ir.Expr) -> Temp | str:
        """A register with the value of `e`: a variable's own, or a temporary."""
        operand = self.operand(e)
        if isinstance(operand, Reg):
            return operand.temp if operand.temp is not None else operand.name
        return self.fetch(operand)

    def _sum(self, terms: list[tuple[ir.Expr, int]]) -> Temp | str:
        """The sum of terms (each with its factor) in one register."""
        if len(terms) == 1 and terms[0][1] == 1:
            return self._term(terms[0][0])
        total: Temp | None = None
        for e, factor in terms:
            if factor == 1 and total is not None:
                operand = self.operand(e)
                self.ins("add", Reg(temp=total), operand)
                self.free(operand)
                continue
            temp = self.multiplied(e, factor)
            if total is None:
                total = temp
            else:
                self.ins("add", Reg(temp=total), Reg(temp=temp))
                self.free(temp)
        assert total is not None
        return total

    def _owned(self, place: Temp | str) -> Temp:
        if isinstance(place, Temp) and not place.fixed:
            return place
        temp = self.alloc()
        self.move(temp, Reg(temp=place) if isinstance(place, Temp) else Reg(place))
        return temp

    def settle(self, mem: Mem, leave: int = 1) -> Mem:
        """The same memory through at most `leave` temporaries, so that others find registers."""
        if len(mem.temps()) <= leave:
            return mem
        keep = mem.temps()[0]
        self.ins("lea", Reg(temp=keep), Mem(0, mem.base, mem.index, mem.scale, mem.disp, mem.symbol))
        self.free(*mem.temps()[1:])
        return Mem(mem.size, keep)

    def multiplied(self, e: ir.Expr, factor: int) -> Temp:
        """A temporary with `e * factor`."""
        raise NotImplementedError

    def operand(self, e: ir.Expr) -> Operand:
        """A 32-bit source operand with the value of `e`."""
        raise NotImplementedError

    def leaf(self, e: ir.Expr) -> Operand | None:
        """The operand of something that needs no code: a constant, an address, a variable of 32 bits."""
        e = strip_same(e)
        if isinstance(e, ir.EConst):
            return Imm(e.value)
        if isinstance(e, ir.EVar):
            if e.var.register:
                return Reg(e.var.register)
            return self.variable(e.var, e.offset, 4) if e.type.size == 4 else None
        if isinstance(e, ir.EAddr) and e.var.is_static:
            return Sym(self.unit.symbol_of(e.var), e.offset)
        if isinstance(e, ir.ESym):
            return Sym(self.unit.mention(e.symbol), e.offset)
        if isinstance(e, ir.EProc):
            return Sym(self.unit.symbol_of_proc(e.proc))
        return None


def _wrap(value: int) -> int:
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value
