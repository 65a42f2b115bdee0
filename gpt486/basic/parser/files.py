"""Print and the file statements, which have a syntax of their own; some also serve as functions."""

from __future__ import annotations

from gpt486.basic import nodes as n
from gpt486.basic.lexer import Kind, Token
from gpt486.basic.parser.expressions import ExpressionParser
from gpt486.basic.source import fail


class FileParser(ExpressionParser):
    """Parses Print, Open, Close, Get, Put, Seek and Line Input."""

    def print(self) -> n.Stmt:
        """Print [#n,] items, or `?`."""
        tok = self.next()
        file = None
        if self.accept("#"):
            file = self.expression()
            if not self.at_end():
                self.expect(",", " after the file number")
        if self.at("using"):
            fail(self.tok, "Print Using is not supported")
        items: list[tuple[n.Expr | None, str]] = []
        while not self.at_end():
            value = None if self.at(";") or self.at(",") else self.expression()
            if self.at(";") or self.at(","):
                items.append((value, self.next().low))
            else:
                items.append((value, ""))
                if not self.at_end():
                    # FreeBASIC lets items follow each other without a separator, as if ';' stood between.
                    items[-1] = (value, ";")
                    if self.tok.kind not in (Kind.STRING, Kind.NAME, Kind.INTEGER):
                        fail(
                            self.tok,
                            f"expected ';' or ',' between the things to print, found {self.describe(self.tok)}",
                        )
        return n.Print(tok, file, items)

    def _number(self) -> n.Expr:
        self.accept("#")
        return self.expression()

    # ---- statements

    def open(self) -> n.Stmt:
        """Open as a statement (with or without parentheses)."""
        if self.peek().low == "(":
            start = self.pos
            call = self.file_function()
            if self.at_end():
                return n.CallStmt(call.tok, call)
            self.seek(start)
        tok = self.next()
        return self._open(tok)

    def close_(self) -> n.Stmt:
        """Close [#n, ...]."""
        tok = self.next()
        args: list[n.Expr | None] = []
        if not self.at_end():
            args.append(self._number())
            while self.accept(","):
                args.append(self._number())
        return n.FileOp(tok, "close", args)

    def get_put(self) -> n.Stmt:
        """Get or Put as a statement (with or without parentheses)."""
        tok = self.next()
        if not self.at("#") and not self.at("("):
            fail(tok, f"{tok.text} works on files: {tok.text} #number, position, variable")
        if self.at("("):
            self.next()
            node = self._transfer(tok)
            self.expect(")")
            return node
        return self._transfer(tok)

    def seek_(self) -> n.Stmt:
        """Seek #n, position."""
        tok = self.next()
        file = self._number()
        self.expect(",")
        return n.FileOp(tok, "seek", [file, self.expression()])

    def line_input(self) -> n.Stmt:
        """Line Input #n, variable."""
        tok = self.next()
        self.expect("input")
        if not self.accept("#"):
            fail(self.tok, "only Line Input # (from a file) is supported")
        file = self.expression()
        self.expect(",")
        return n.FileOp(tok, "line input", [file, self.high()])

    # ---- their function forms

    def file_function(self) -> n.Expr:
        """Open, Get, Put or Close as a function."""
        tok = self.next()
        if not self.at("("):
            fail(tok, f"as a function {tok.text} wants parentheses: {tok.text}(...)")
        self.next()
        if tok.low == "open":
            node = self._open(tok)
        elif tok.low == "close":
            node = n.FileOp(tok, "close", [] if self.at(")") else [self._number()])
        else:
            node = self._transfer(tok)
        self.expect(")")
        return n.OpenCall(tok, node)

    def _open(self, tok: Token) -> n.FileOp:
        options = {"mode": "", "access": ""}
        name: n.Expr | None = None
        if self.tok.low in ("cons", "err", "pipe", "com", "lpt", "scrn") and self.peek().low not in (
            "(",
            ".",
            "&",
            "+",
        ):
            device = self.next()
            if device.low not in ("cons", "err"):
                fail(device, f"Open {device.text} is not supported")
            options["mode"] = device.low
        else:
            name = self.expression()
        if self.accept("for"):
            mode = self.name("a file mode").low
            if mode not in ("binary", "input", "output", "append"):
                what = "Random files are" if mode == "random" else f"{mode!r} is"
                fail(self.tokens[self.pos - 1], f"{what} not supported; use Binary, Input, Output or Append")
            options["mode"] = options["mode"] or mode
        if self.at("encoding"):
            fail(self.tok, "Encoding is not supported")
        if self.accept("access"):
            access = self.name("Read or Write").low
            if access not in ("read", "write"):
                fail(self.tokens[self.pos - 1], "expected Read, Write or Read Write after Access")
            if access == "read" and self.accept("write"):
                access = "read write"
            options["access"] = access
        if self.tok.low in ("lock", "shared"):
            fail(self.tok, f"{self.tok.text} is not supported in Open")
        self.expect("as", " #number in Open")
        number = self._number()
        if self.accept("len"):
            fail(self.tok, "Len is not supported in Open")
        if not options["mode"]:
            fail(tok, "Open needs For Binary, Input, Output or Append")
        return n.FileOp(tok, "open", [name, number], options)

    def _transfer(self, tok: Token) -> n.FileOp:
        args: list[n.Expr | None] = [self._number()]
        self.expect(",")
        args.append(None if self.at(",") else self.expression())
        self.expect(",", " and the variable")
        args.append(self.expression())
        while self.accept(","):
            args.append(None if self.at(",") else self.expression())
        limit = 5 if tok.low == "get" else 4
        if len(args) > limit:
            fail(tok, f"{tok.text} takes at most {limit} operands")
        return n.FileOp(tok, tok.low, args)
