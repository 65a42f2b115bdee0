"""Declarations: Dim, Const, Enum, Type, and procedure headers."""

from __future__ import annotations

from gpt486.basic import nodes as n
from gpt486.basic.lexer import Kind, Token
from gpt486.basic.parser.expressions import RESERVED, ExpressionParser
from gpt486.basic.source import StatementError, fail


class DeclarationParser(ExpressionParser):
    """Parses what introduces names."""

    def declared_name(self, what: str) -> Token:
        """A new name; a keyword is refused by name."""
        if self.tok.kind == Kind.NAME and self.tok.low in RESERVED:
            fail(self.tok, f"{self.tok.text!r} is a keyword and cannot name {what}")
        return self.name(what)

    # ---- variables

    def dim(self) -> n.Stmt:
        """Dim, Static, Var, Common or Extern."""
        tok = self.next()
        storage = tok.low
        if storage == "extern":
            self.accept("import")
        if storage == "common":
            fail(tok, "Common is not supported; write Dim Shared")
        if storage == "redim" or (storage == "dim" and self.at("preserve")):
            fail(tok, "dynamic arrays (ReDim) are not supported; use a fixed array or Allocate")
        shared = self.accept("shared") is not None
        items: list[n.Declarator] = []
        common: n.TypeRef | None = None
        if storage != "var" and self.accept("as"):
            common = self.type_ref()
        while True:
            if self.at("byref"):
                fail(self.tok, "Dim ByRef is not supported; use a pointer")
            name = self.declared_name("a variable")
            bounds = self.bounds() if self.at("(") else None
            alias = ""
            if self.accept("alias"):
                alias = self.string_literal("the symbol's name")
            type_ = common
            if common is None and storage != "var":
                if not self.accept("as"):
                    fail(self.tok, f"the variable {name.text} needs its type: Dim {name.text} As type")
                type_ = self.type_ref()
            init: n.Expr | None = None
            if self.at("=") or self.at("=>"):
                self.next()
                init = self.initializer()
            items.append(n.Declarator(name, name.text, type_, bounds, init, alias))
            if not self.accept(","):
                return n.Dim(tok, storage, shared, items)

    def string_literal(self, what: str) -> str:
        """A string literal's text."""
        if self.tok.kind != Kind.STRING:
            fail(self.tok, f"expected {what} in quotes, found {self.describe(self.tok)}")
        return self.next().data.decode("latin-1")

    def bounds(self) -> list[tuple[n.Expr | None, n.Expr | None]]:
        """Array bounds `(a To b, c)`; `...` and empty parentheses give None for the upper bound."""
        self.expect("(")
        out: list[tuple[n.Expr | None, n.Expr | None]] = []
        if self.accept(")"):
            return out
        while True:
            low: n.Expr | None = None
            high: n.Expr | None = None
            if not self.accept("..."):
                high = self.expression()
                if self.accept("to"):
                    low = high
                    high = None if self.accept("...") else self.expression()
            out.append((low, high))
            if self.accept(")"):
                return out
            self.expect(",", " or ')' after an array bound")

    def initializer(self) -> n.Expr:
        """An initialiser: an expression, `{...}` or Any."""
        tok = self.tok
        if tok.low == "any" and tok.kind == Kind.NAME:
            self.next()
            return n.AnyInit(tok)
        if self.at("("):
            # A Type's values stand in parentheses, and so may an expression: try that first.
            start = self.pos
            try:
                return self.expression()
            except StatementError:
                self.seek(start)
        elif not self.at("{"):
            return self.expression()
        closing = "}" if self.next().low == "{" else ")"
        items: list[n.Expr] = []
        if not self.accept(closing):
            while True:
                items.append(self.initializer())
                if self.accept(closing):
                    break
                if self.tok.kind in (Kind.EOL, Kind.EOF):
                    fail(tok, f"this {tok.text} is never closed (a line that goes on ends in ' _')")
                self.expect(",", f" or {closing!r} in the initialiser")
        return n.Braces(tok, items)

    def const(self) -> n.Stmt:
        """Const [As type] name = value, ..."""
        tok = self.next()
        common = self.type_ref() if self.accept("as") else None
        items: list[tuple[Token, n.TypeRef | None, n.Expr]] = []
        while True:
            name = self.declared_name("a constant")
            type_ = common
            if self.accept("as"):
                type_ = self.type_ref()
            self.expect("=", f" and a value for the constant {name.text}")
            items.append((name, type_, self.expression()))
            if not self.accept(","):
                return n.ConstDecl(tok, items)

    # ---- enumerations and records

    def enum(self) -> n.Stmt:
        """Enum [name] ... End Enum."""
        tok = self.next()
        name = "" if self.at_end() else self.declared_name("an Enum").text
        if self.at("explicit"):
            self.diagnostics.error(self.tok, "Enum Explicit is not supported")
            self.next()
        items: list[tuple[Token, n.Expr | None]] = []
        while True:
            while self.tok.kind == Kind.EOL or self.at(",") or self.at(":"):
                self.next()
            if self.at("end") and self.peek().low == "enum":
                self.next()
                self.next()
                return n.EnumDecl(tok, name, items)
            if self.tok.kind == Kind.EOF:
                fail(tok, "this Enum has no End Enum")
            item = self.declared_name("a constant of the Enum")
            items.append((item, self.expression() if self.accept("=") else None))

    def type_decl(self) -> n.Stmt:
        """Type or Union ... End Type, or Type name As other."""
        tok = self.next()
        if self.accept("as"):
            type_ = self.type_ref()
            name = self.declared_name("a Type")
            return n.TypeDecl(name, name.text, [], alias=type_)
        name = self.declared_name("a Type")
        if self.accept("as"):
            return n.TypeDecl(name, name.text, [], alias=self.type_ref())
        decl = n.TypeDecl(name, name.text, [], union=tok.low == "union")
        if self.at("extends"):
            self.diagnostics.error(self.tok, "inheritance (Extends) is not supported")
            self.skip_line()
        if self.accept("field"):
            self.expect("=")
            decl.packing = self.expression()
        self._fields(decl, tok)
        return decl

    def _fields(self, decl: n.TypeDecl, opening: Token) -> None:
        while True:
            while self.tok.kind == Kind.EOL or self.at(":"):
                self.next()
            tok = self.tok
            if tok.kind == Kind.EOF:
                fail(opening, f"this {opening.text} has no End {opening.text}")
            if tok.low == "end" and self.peek().low in ("type", "union"):
                if self.peek().low != opening.low:
                    fail(self.peek(), f"End {self.peek().text} closes a {opening.text}")
                self.next()
                self.next()
                return
            try:
                self._field(decl, tok)
                if not self.at_end():
                    fail(self.tok, f"expected the end of the line after a field, found {self.describe(self.tok)}")
            except StatementError as error:
                self.diagnostics.add(error.diagnostic)
                self.skip_line()

    def _field(self, decl: n.TypeDecl, tok: Token) -> None:
        after = self.peek()
        if tok.low in ("type", "union") and (after.kind == Kind.EOL or after.low == "field"):
            self.next()
            inner = n.TypeDecl(tok, "", [], union=tok.low == "union")
            if self.accept("field"):
                self.expect("=")
                inner.packing = self.expression()
            self._fields(inner, tok)
            decl.fields.append(n.FieldDecl(tok, "", None, None, inner))
            return
        if tok.low in ("declare", "static", "private", "public", "protected") and after.low != "as":
            fail(tok, "methods and access rules in a Type are not supported; write Subs that take a pointer to it")
        if tok.low == "dim":
            self.next()
        common = None
        if self.at("as") and self.peek().low != "as":
            self.next()
            common = self.type_ref()
        while True:
            name = self.name("a field")
            if self.at(":"):
                fail(self.tok, "bit fields are not supported; use And, Shl and Shr")
            bounds = self.bounds() if self.at("(") else None
            type_ = common
            if common is None:
                self.expect("as", f" and a type for the field {name.text}")
                type_ = self.type_ref()
            if self.at("="):
                fail(self.tok, "default values of fields are not supported; assign them where the variable is made")
            decl.fields.append(n.FieldDecl(name, name.text, type_, bounds))
            if common is None or not self.accept(","):
                return

    # ---- procedures

    def header(self, *, function: bool) -> n.ProcHeader:
        """What follows Sub or Function."""
        name = self.declared_name("a procedure")
        if self.at("."):
            fail(self.tok, "methods are not supported; write a Sub that takes a pointer to the Type")
        header = n.ProcHeader(name, name.text, n.Signature(name, [], None))
        convention = ""
        while self.tok.low in ("naked", "cdecl", "stdcall", "pascal", "overload", "alias"):
            word = self.next()
            if word.low == "naked":
                header.naked = True
            elif word.low == "alias":
                header.alias = self.string_literal("the symbol's name")
            elif word.low == "overload":
                fail(word, "overloaded procedures are not supported; give each its own name")
            elif word.low == "pascal":
                fail(word, "the Pascal calling convention is not supported")
            else:
                convention = word.low
        header.signature = self.signature(name, function=function)
        header.signature.convention = convention or header.signature.convention
        while self.tok.low in ("static", "export", "constructor", "destructor"):
            if self.tok.low != "export":
                fail(self.tok, f"{self.tok.text} after a procedure's head is not supported")
            self.next()
        return header
