"""Places in memory, run-time calls, and text in its three forms: literals, Strings, ZStrings."""

from __future__ import annotations

from gpt486.basic import ir
from gpt486.basic import nodes as n
from gpt486.basic.sema import fold
from gpt486.basic.sema.context import Context, _article
from gpt486.basic.source import HasSpan, Span, fail, fault
from gpt486.basic.types import (
    BOOLEAN,
    INTEGER,
    STRING,
    ZSTRING,
    IntType,
    PointerType,
    StringType,
    Type,
    ZStringType,
    pointer_to,
)

STRING_PTR = pointer_to(STRING)
ZSTRING_PTR = pointer_to(ZSTRING)


class TextAnalyzer(Context):
    """What expressions on text and memory are made of."""

    def address_of(self, e: ir.Expr, where: HasSpan | Span) -> ir.Expr:
        """The address of an lvalue."""
        to = pointer_to(e.type)
        if isinstance(e, ir.EVar):
            e.var.address_taken = True
            return ir.EAddr(to, e.var, e.offset)
        if isinstance(e, ir.EMem):
            return fold.retype(e.address, to)
        if isinstance(e, ir.EText):
            return ir.ESym(ZSTRING_PTR, self.unit.text(e.data))
        raise fault(where, "only something that lies in memory has an address; this is a computed value")

    def place(self, e: ir.Expr, offset: ir.Expr, type_: Type, where: HasSpan | Span) -> ir.Expr:
        """The lvalue of `type_` that lies `offset` bytes into the lvalue `e`."""
        if isinstance(e, ir.EVar) and isinstance(offset, ir.EConst):
            return ir.EVar(type_, e.var, e.offset + offset.value)
        return ir.EMem(type_, fold.offset_address(self.address_of(e, where), offset, pointer_to(type_)))

    def rt(self, name: str, args: list[ir.Expr], type_: Type) -> ir.Expr:
        """A call of the run-time procedure `name`, whose result is taken as `type_`."""
        proc = self.unit.runtime_proc(name)
        values = [
            fold.convert(a, p.type) if isinstance(p.type, IntType) and isinstance(a.type, IntType) else a
            for a, p in zip(args, proc.type.params, strict=True)
        ]
        return ir.ECall(type_, proc, proc.type, values)

    @staticmethod
    def is_text(t: Type) -> bool:
        """Whether values of the type are strings."""
        return isinstance(t, StringType | ZStringType)

    def text(self, e: ir.Expr, where: HasSpan | Span, what: str) -> ir.Expr:
        """Refuse anything but a string."""
        if not self.is_text(e.type):
            fail(where, f"{what} must be a string, not {_article(e.type)}")
        return e

    def string(self, e: ir.Expr, where: HasSpan | Span) -> ir.Expr:
        """The address of a descriptor with the text of `e` (a variable's own, a literal's, or a temporary one)."""
        if isinstance(e, ir.EText):
            return ir.ESym(STRING_PTR, self.unit.descriptor(e.data))
        if isinstance(e.type, StringType):
            if ir.is_lvalue(e):
                return self.address_of(e, where)
            return fold.retype(e, STRING_PTR)
        if isinstance(e.type, ZStringType):
            return self.rt("fb_strfromz", [self.address_of(e, where)], STRING_PTR)
        if isinstance(e.type, PointerType) and e.type is STRING_PTR:
            return e
        raise fault(where, f"a string is wanted here, not {_article(e.type)}")

    def zstring_address(self, e: ir.Expr) -> ir.Expr | None:
        """The address of zero-terminated bytes for a text value."""
        if isinstance(e, ir.EText):
            return ir.ESym(ZSTRING_PTR, self.unit.text(e.data))
        if isinstance(e.type, ZStringType):
            return self.address_of(e, self.proc.tok)
        if isinstance(e.type, StringType):
            if ir.is_lvalue(e):
                return self.rt("fb_strdata", [self.string(e, self.proc.tok)], ZSTRING_PTR)
            return self.rt("fb_strdata", [self.hold_string(e)], ZSTRING_PTR)
        return None

    def hold_string(self, e: ir.Expr) -> ir.Expr:
        """The address of a hidden local String that takes the value of `e`: alive until the procedure ends."""
        var = self.hidden(STRING)
        var.address_taken = True
        return self.rt("fb_strhold", [ir.EAddr(STRING_PTR, var), self.string(e, self.proc.tok)], STRING_PTR)

    def concat(self, left: ir.Expr, right: ir.Expr, node: n.Expr | n.Stmt) -> ir.Expr:
        """`left & right`; & turns numbers into text first."""
        if isinstance(left, ir.EText) and isinstance(right, ir.EText):
            return ir.EText(STRING, left.data + right.data)
        sides = []
        for side in (left, right):
            if isinstance(side.type, IntType):
                if not (isinstance(node, n.Binary | n.Assign) and node.op == "&"):
                    fail(node, "cannot add a number to a string; write & or Str(...)")
                side = self.number_to_string(side)
            sides.append(self.string(side, node))
        return self.rt("fb_strconcat", sides, STRING)

    def number_to_string(self, e: ir.Expr) -> ir.Expr:
        """Str(number)."""
        if e.type is BOOLEAN:
            return self.boolean_text(e)
        t = fold.int_type(e.type)
        if t.size == 8:
            return self.rt("fb_strlng" if t.signed else "fb_strulng", [e], STRING)
        return self.rt("fb_strint" if t.signed else "fb_struint", [fold.convert(e, INTEGER)], STRING)

    def boolean_text(self, e: ir.Expr) -> ir.Expr:
        """ "true" or "false"."""
        yes, no = ir.EText(STRING, b"true"), ir.EText(STRING, b"false")
        if isinstance(e, ir.EConst):
            return yes if e.value else no
        where = self.proc.tok
        return ir.EIif(STRING, e, self.string(yes, where), self.string(no, where))

    def length(self, e: ir.Expr, where: HasSpan | Span) -> ir.Expr:
        """Len(string)."""
        if isinstance(e, ir.EText):
            return fold.const(len(e.data))
        if isinstance(e.type, ZStringType):
            return self.rt("fb_zlen", [self.address_of(e, where)], INTEGER)
        if ir.is_lvalue(e):
            return self.place(e, fold.const(4), INTEGER, where)
        return self.rt("fb_strlen", [self.string(e, where)], INTEGER)
