"""Print and the file statements, which become calls of the run-time library."""

from __future__ import annotations

from gpt486.basic import ir
from gpt486.basic import nodes as n
from gpt486.basic.lexer import Token
from gpt486.basic.sema import fold
from gpt486.basic.sema.builtins import ANY_PTR, BuiltinAnalyzer
from gpt486.basic.sema.context import _article
from gpt486.basic.source import fail
from gpt486.basic.types import (
    ANY,
    BOOLEAN,
    INTEGER,
    LONG,
    STRING,
    UINTEGER,
    ArrayType,
    IntType,
    PointerType,
    StringType,
    Type,
    ZStringType,
)

MODES = {"binary": 0, "input": 1, "output": 2, "append": 3, "cons": 4, "err": 5}
ACCESS = {"": 0, "read": 1, "write": 2, "read write": 3}


class FileAnalyzer(BuiltinAnalyzer):
    """Input and output."""

    # ---- Print

    def print_statement(self, node: n.Print) -> None:
        """Print: one call for each item, then the line's end."""
        tok = node.tok
        file = self._int(node.file) if node.file is not None else fold.const(0)
        if not isinstance(file, ir.EConst):
            held = self.hidden(LONG, "file")
            self.emit(ir.OAssign(tok, ir.EVar(LONG, held), fold.convert(file, LONG)))
            file = ir.EVar(LONG, held)
        newline = True
        for value, separator in node.items:
            if value is not None:
                self._print_item(file, value, tok)
            if separator == ",":
                self._do("fb_printzone", [file], tok)
            newline = separator == ""
        if newline:
            self._do("fb_printline", [file], tok)
        else:
            self._do("fb_printend", [file], tok)

    def _do(self, name: str, args: list[ir.Expr], tok: Token) -> None:
        self.emit(ir.OEval(tok, self.rt(name, args, ANY)))

    def _print_item(self, file: ir.Expr, node: n.Expr, tok: Token) -> None:
        if isinstance(node, n.Call) and isinstance(node.base, n.Name) and node.base.low in ("tab", "spc"):
            (arg,) = self._args(node.base.tok, node, 1, 1)
            self._do(f"fb_print{node.base.low}", [file, self._int(arg)], tok)
            return
        e = self.expression(node)
        t = e.type
        if isinstance(t, StringType | ZStringType):
            self._do("fb_printstr", [file, self.string(e, node)], tok)
        elif isinstance(t, PointerType):
            self._do("fb_printuint", [file, fold.retype(e, UINTEGER)], tok)
        elif t is BOOLEAN:
            self._do("fb_printstr", [file, self.string(self.boolean_text(e), node)], tok)
        elif isinstance(t, IntType):
            if t.size == 8:
                self._do("fb_printlng" if t.signed else "fb_printulng", [file, e], tok)
            else:
                self._do("fb_printint" if t.signed else "fb_printuint", [file, fold.convert(e, INTEGER)], tok)
        else:
            fail(node, f"{_article(t)} cannot be printed")

    # ---- files

    def file_statement(self, node: n.FileOp) -> None:
        """A file statement; its error code is kept for Err only."""
        self.emit(ir.OEval(node.tok, self._file_op(node)))

    def _open_call(self, node: n.OpenCall) -> ir.Expr:
        return self._file_op(node.statement)

    def _file_op(self, node: n.FileOp) -> ir.Expr:
        verb, args, tok = node.verb, node.args, node.tok
        if verb == "open":
            name = self._text(args[0]) if args[0] is not None else self.string(ir.EText(STRING, b""), node)
            mode = fold.const(MODES[node.options["mode"]])
            access = fold.const(ACCESS[node.options["access"]])
            assert args[1] is not None
            return self.rt("fb_open", [name, mode, access, self._int(args[1])], LONG)
        if verb == "close":
            if not args:
                return self.rt("fb_closeall", [], LONG)
            for extra in args[:-1]:
                assert extra is not None
                self._do("fb_close", [self._int(extra)], tok)
            assert args[-1] is not None
            return self.rt("fb_close", [self._int(args[-1])], LONG)
        assert args[0] is not None
        file = self._int(args[0])
        if verb == "seek":
            assert args[1] is not None
            return self.rt("fb_seekto", [file, self._int(args[1])], LONG)
        if verb == "line input":
            assert args[1] is not None
            e = self.expression(args[1])
            if not isinstance(e.type, StringType) or not ir.is_lvalue(e):
                fail(args[1], "Line Input # reads into a String variable")
            return self.rt("fb_lineinput", [file, self.string(e, node)], LONG)
        return self._transfer(node, file)

    def _transfer(self, node: n.FileOp, file: ir.Expr) -> ir.Expr:
        """Get and Put: the variable's bytes, or `amount` elements from it on, and where Get reports what it got."""
        verb, args = node.verb, node.args
        position = self._int(args[1]) if args[1] is not None else fold.const(0)
        assert args[2] is not None
        target = args[2]
        e = self.expression(target)
        t: Type = e.type
        if isinstance(t, StringType):
            return self.rt(f"fb_{verb}str", [file, position, self.string(e, target)], LONG)
        if not ir.is_lvalue(e):
            if verb == "get":
                fail(target, "Get reads into a variable")
            if not isinstance(t, IntType):
                fail(target, f"{_article(t)} cannot be written")
            held = self.hidden(t)
            held.address_taken = True
            e = ir.EVar(t, held)
            assert isinstance(t, IntType)
            self.emit(ir.OAssign(node.tok, e, self.expression(target)))
        size = max(1, t.size)
        count: ir.Expr = fold.const(size, UINTEGER)
        if len(args) > 3 and args[3] is not None:
            if isinstance(t, ArrayType):
                fail(args[3], "an amount goes with a single element, not with a whole array")
            amount = fold.convert(self.number(self.expression(args[3]), args[3], "the amount"), UINTEGER)
            count = fold.binary("mul", amount, fold.const(size, UINTEGER), UINTEGER)
        address = fold.retype(self.address_of(e, target), ANY_PTR)
        if verb == "put":
            return self.rt("fb_put", [file, position, address, count], LONG)
        got: ir.Expr = fold.const(0, ANY_PTR)
        if len(args) > 4 and args[4] is not None:
            where = self.expression(args[4])
            if not ir.is_lvalue(where) or not isinstance(where.type, IntType) or where.type.size != 4:
                fail(args[4], "what Get got is stored in a variable of type Long or Integer")
            got = fold.retype(self.address_of(where, args[4]), ANY_PTR)
        return self.rt("fb_get", [file, position, address, count, got], LONG)
