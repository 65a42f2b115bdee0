"""Calls of procedures, and their arguments."""

from __future__ import annotations

from gpt486.basic import ir
from gpt486.basic import nodes as n
from gpt486.basic.lexer import Token
from gpt486.basic.sema import fold
from gpt486.basic.sema.context import _article
from gpt486.basic.sema.texts import TextAnalyzer
from gpt486.basic.source import HasSpan, Span, fail
from gpt486.basic.types import (
    ANY,
    ArrayType,
    PointerType,
    ProcType,
    RecordType,
    StringType,
    Type,
    ZStringType,
    pointer_to,
)


class CallAnalyzer(TextAnalyzer):
    """Checks and converts arguments."""

    def call_proc(self, proc: ir.Proc, args: list[n.Expr | None], tok: Token) -> ir.Expr:
        """A call of a procedure by name."""
        return self.call(proc, proc.type, args, tok, proc.name)

    def call(
        self, target: ir.Proc | ir.Expr, signature: ProcType, nodes: list[n.Expr | None], tok: Token, name: str
    ) -> ir.Expr:
        """A call with its arguments checked and converted; the value of a Sub's call has the type Any."""
        params = signature.params
        if len(nodes) > len(params):
            fail(tok, f"{name} takes {len(params)} argument(s), here are {len(nodes)}")
        args: list[ir.Expr] = []
        result = signature.result
        returned: ir.Var | None = None
        if isinstance(result, RecordType):
            returned = self.hidden(result)
            returned.address_taken = True
            args.append(ir.EAddr(pointer_to(result), returned))
        for i, param in enumerate(params):
            node = nodes[i] if i < len(nodes) else None
            if node is None:
                if param.default is None:
                    fail(tok, f"{name} wants a value for its parameter {param.name or i + 1}")
                assert isinstance(param.default, ir.Expr)
                e: ir.Expr = param.default
                args.append(self._by_reference(e, param.type, tok, "the default") if param.byref else e)
                continue
            what = f"the argument for {param.name}" if param.name else f"argument {i + 1}"
            args.append(self.argument(node, param.type, param.byref, what))
        if returned is not None:
            called = ir.ECall(pointer_to(returned.type), target, signature, args)
            return ir.EMem(returned.type, called)
        return ir.ECall(result if result is not None else ANY, target, signature, args)

    def argument(self, node: n.Expr, type_: Type, byref: bool, what: str) -> ir.Expr:
        """One argument as it is passed: a value, or the address of what is passed ByRef."""
        if isinstance(node, n.Name) and isinstance(type_, PointerType) and isinstance(type_.target, ProcType):
            symbol = self.lookup(node.tok)
            if isinstance(symbol, ir.Proc):
                fail(node, f"to pass the procedure {symbol.name} write @{symbol.name}")
        e = self.expression(node)
        if isinstance(e.type, ArrayType):
            name = (node.base if isinstance(node, n.Call) else node).tok.text
            fail(node, f"an array cannot be passed whole; pass a pointer to its first element: @{name}(0)")
        if byref:
            return self._by_reference(e, type_, node, what)
        if isinstance(type_, StringType):
            return self.hold_string(self.text(e, node, what))
        if isinstance(type_, PointerType) and isinstance(type_.target, ZStringType):
            text = self.zstring_address(e)
            if text is not None:
                return fold.retype(text, type_)
        e = self.coerce(e, type_, node, what)
        if isinstance(type_, RecordType):
            return self.address_of(e, node)  # the callee takes its own copy
        return e

    def _by_reference(self, e: ir.Expr, type_: Type, where: HasSpan | Span, what: str) -> ir.Expr:
        if type_ is ANY:
            return self.address_of(e, where)
        if isinstance(type_, StringType):
            self.text(e, where, what)
            if isinstance(e.type, StringType) and ir.is_lvalue(e):
                return self.address_of(e, where)
            return self.hold_string(e)
        if isinstance(type_, ZStringType):
            self.text(e, where, what)
            made = self.zstring_address(e)
            assert made is not None
            return made
        if ir.is_lvalue(e):
            if self.pointers_agree(pointer_to(e.type), pointer_to(type_)):
                return self.address_of(e, where)
            fail(where, f"{what} is passed ByRef: it must be {_article(type_)}, not {_article(e.type)}")
        value = self.coerce(e, type_, where, what)
        var = self.hidden(type_)
        var.address_taken = True
        return ir.EHold(pointer_to(type_), var, value)
