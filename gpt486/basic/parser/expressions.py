"""Expressions and type references, by recursive descent in FreeBASIC's order of precedence."""

from __future__ import annotations

from collections.abc import Callable

from gpt486.basic import nodes as n
from gpt486.basic.lexer import Kind, Token
from gpt486.basic.parser.stream import TokenStream
from gpt486.basic.source import fail, fault
from gpt486.basic.types import BUILTIN_TYPES

# From the loosest to the tightest; every level is left-associative (fbc: AndAlso and OrElse share one).
LEVELS: tuple[tuple[str, ...], ...] = (
    ("andalso", "orelse"),
    ("xor", "eqv", "imp"),
    ("or",),
    ("and",),
    ("=", "<>", "<", ">", "<=", ">="),
    ("&",),
    ("+", "-"),
    ("shl", "shr"),
    ("mod",),
    ("\\",),
    ("*", "/"),
    ("^",),
)
_LEVEL_OF = {op: level for level, ops in enumerate(LEVELS) for op in ops}
RELATIONAL = 4

RESERVED = frozenset(
    [
        "and",
        "andalso",
        "as",
        "asm",
        "byref",
        "byval",
        "case",
        "cast",
        "const",
        "continue",
        "cptr",
        "declare",
        "dim",
        "do",
        "else",
        "elseif",
        "end",
        "endif",
        "enum",
        "eqv",
        "exit",
        "extern",
        "for",
        "function",
        "goto",
        "if",
        "iif",
        "imp",
        "is",
        "loop",
        "mod",
        "next",
        "not",
        "or",
        "orelse",
        "print",
        "private",
        "ptr",
        "public",
        "rem",
        "return",
        "scope",
        "select",
        "shared",
        "shl",
        "shr",
        "static",
        "step",
        "sub",
        "swap",
        "then",
        "to",
        "type",
        "union",
        "until",
        "var",
        "wend",
        "while",
        "with",
        "xor",
    ]
)
"""Words that can name nothing in a program."""


class ExpressionParser(TokenStream):
    """Parses expressions and types."""

    # ---- expressions

    def expression(self) -> n.Expr:
        """A whole expression."""
        return self.binary(0)

    def binary(self, level: int) -> n.Expr:
        """An expression whose operators bind at least as tightly as LEVELS[level]."""
        left = self.unary()
        while True:
            tok = self.tok
            here = _LEVEL_OF.get(tok.low) if tok.kind in (Kind.OP, Kind.NAME) else None
            if here is None or here < level:
                return left
            self.next()
            left = n.Binary(tok, tok.low, left, self.binary(here + 1))

    def unary(self) -> n.Expr:
        """Not, sign, or a high-precedence expression. Not takes a whole comparison, a sign takes products' operands."""
        tok = self.tok
        if tok.kind == Kind.OP and tok.low in ("-", "+"):
            self.next()
            return n.Unary(tok, tok.low, self.binary(len(LEVELS) - 1))
        if tok.low == "not" and tok.kind == Kind.NAME:
            self.next()
            return n.Unary(tok, "not", self.binary(RELATIONAL))
        return self.high()

    def high(self) -> n.Expr:
        """@, * and the postfix operators."""
        tok = self.tok
        if tok.kind == Kind.OP and tok.low == "@":
            self.next()
            return n.AddressOf(tok, self.high())
        if tok.kind == Kind.OP and tok.low == "*":
            self.next()
            return n.Deref(tok, self.high())
        return self.postfix(self.primary())

    def postfix(self, base: n.Expr) -> n.Expr:
        """Calls, indices and members after `base`."""
        while self.tok.kind == Kind.OP:
            tok = self.tok
            if tok.low == "(":
                base = n.Call(tok, base, self.arguments())
            elif tok.low == "[":
                self.next()
                index = self.expression()
                self.expect("]")
                base = n.Index(tok, base, index)
            elif tok.low in (".", "->"):
                self.next()
                base = n.Member(self.name("a field name"), base, tok.low == "->")
            else:
                break
        return base

    def arguments(self) -> list[n.Expr | None]:
        """A parenthesised argument list; an argument left out between commas is None."""
        opening = self.next()
        args: list[n.Expr | None] = []
        if self.accept(")"):
            return args
        while True:
            if self.at(",") or self.at(")"):
                args.append(None)
            else:
                self.accept("byval")
                args.append(self.expression())
            if self.accept(")"):
                return args
            if not self.accept(","):
                if self.tok.kind in (Kind.EOL, Kind.EOF):
                    fail(opening, "this parenthesis is never closed")
                fail(self.tok, f"expected ',' or ')' in the list of arguments, found {self.describe(self.tok)}")

    def primary(self) -> n.Expr:
        """A literal, a name, a parenthesised expression, or one of the built-ins with a syntax of their own."""
        tok = self.tok
        kind = tok.kind
        if kind == Kind.NAME:
            special = _SPECIAL.get(tok.low)
            if special is not None:
                return special(self)
            if tok.low in RESERVED and tok.low != "iif":
                fail(tok, f"expected an expression, found the keyword {tok.text!r}")
            self.next()
            return n.Name(tok)
        if kind == Kind.INTEGER:
            self.next()
            return n.Num(tok)
        if kind == Kind.STRING:
            self.next()
            return n.Str(tok, tok.data)
        if kind == Kind.FLOAT:
            fail(tok, f"{tok.text} is a floating-point number; gpt486 basic compiles integer programs only")
        if kind == Kind.RAW:
            fail(tok, f"{tok.text} is assembler spelling; in BASIC write &h for hexadecimal and &b for binary")
        if kind == Kind.OP and tok.low == "(":
            self.next()
            inner = self.expression()
            if not self.accept(")"):
                if self.tok.kind in (Kind.EOL, Kind.EOF):
                    fail(tok, "this parenthesis is never closed")
                fail(self.tok, f"expected ')', found {self.describe(self.tok)}")
            return inner
        if kind == Kind.OP and tok.low == ".":
            return n.WithTarget(tok)
        raise fault(tok, f"expected an expression, found {self.describe(tok)}")

    def _cast(self) -> n.Expr:
        tok = self.next()
        self.expect("(")
        type_ = self.type_ref()
        self.expect(",", " after the type")
        value = self.expression()
        self.expect(")")
        return n.CastTo(tok, type_, value, tok.low == "cptr")

    def _size(self) -> n.Expr:
        tok = self.next()
        self.expect("(")
        of = self.type_or_expression()
        self.expect(")")
        return n.SizeOf(tok, of, tok.low == "len")

    def _offset(self) -> n.Expr:
        tok = self.next()
        self.expect("(")
        type_ = self.type_ref()
        self.expect(",", " after the type")
        path = [self.name("a field name")]
        while self.accept("."):
            path.append(self.name("a field name"))
        self.expect(")")
        return n.OffsetOf(tok, type_, path)

    def _address(self) -> n.Expr:
        tok = self.next()
        self.expect("(")
        operand = self.expression()
        self.expect(")")
        return n.AddressOf(tok, operand)

    def file_function(self) -> n.Expr:
        """Open, Get, Put or Close as a function."""
        raise NotImplementedError

    # ---- types

    def type_or_expression(self) -> n.TypeRef | n.Expr:
        """The operand of SizeOf, Len and TypeOf: a type where it can only be one, else an expression."""
        start = self.pos
        tok, after = self.tok, self.peek().low
        if tok.kind == Kind.NAME and (
            tok.low in ("sub", "function", "typeof")
            or (after not in ("(", ".") and (tok.low in BUILTIN_TYPES or tok.low in ("unsigned", "const")))
        ):
            return self.type_ref()
        expr = self.expression()
        if self.tok.low in ("ptr", "pointer"):
            self.seek(start)
            return self.type_ref()
        return expr

    def type_ref(self) -> n.TypeRef:
        """A type, after As."""
        while self.accept("const"):
            pass
        tok = self.tok
        ref = n.TypeRef(tok)
        if tok.low in ("sub", "function"):
            self.next()
            ref.signature = self.signature(tok, function=tok.low == "function")
        elif tok.low == "typeof":
            self.next()
            self.expect("(")
            ref.typeof = self.type_or_expression()
            self.expect(")")
        else:
            self.name("a type")
            if tok.low == "unsigned":
                base = self.name("an integer type")
                ref.tok = Token(base.kind, base.text, base.file, base.line, base.col, base.space, "u" + base.low)
            if ref.tok.low in ("zstring", "string", "wstring") and self.at("*"):
                self.next()
                ref.length = self.binary(RELATIONAL + 1)
        while self.tok.low in ("ptr", "pointer", "const"):
            if self.next().low != "const":
                ref.pointers += 1
        return ref

    def signature(self, tok: Token, *, function: bool) -> n.Signature:
        """Calling convention, parameters and result of a procedure."""
        convention = ""
        while self.tok.low in ("cdecl", "stdcall", "pascal"):
            convention = self.next().low
        params = self.parameters() if self.at("(") else []
        byref = function and self.accept("byref") is not None
        result = None
        if self.at("as"):
            if not function:
                fail(self.tok, "a Sub has no result; make it a Function")
            self.next()
            result = self.type_ref()
        elif function:
            fail(self.tok, "a Function needs its type: Function name(...) As type")
        return n.Signature(tok, params, result, convention, byref)

    def parameters(self) -> list[n.ParamNode]:
        """A parenthesised parameter list."""
        self.expect("(")
        params: list[n.ParamNode] = []
        if self.accept(")"):
            return params
        while True:
            params.append(self._parameter())
            if self.accept(")"):
                return params
            self.expect(",", " or ')' after a parameter")

    def _parameter(self) -> n.ParamNode:
        tok = self.tok
        if tok.low == "...":
            fail(tok, "variable argument lists (...) are not supported")
        byref: bool | None = None
        if tok.low in ("byval", "byref"):
            byref = self.next().low == "byref"
        name, array = "", False
        tok = self.tok
        if not self.at("as"):
            name = self.name("a parameter's name").text
            if self.accept("("):
                self.accept("any")
                self.expect(")")
                array = True
        if not self.accept("as"):
            fail(self.tok, f"the parameter {name} needs its type: {name} As type")
        type_ = self.type_ref()
        default = self.expression() if self.accept("=") else None
        return n.ParamNode(tok, name, type_, byref, default, array)


_SPECIAL: dict[str, Callable[[ExpressionParser], n.Expr]] = {
    "cast": ExpressionParser._cast,
    "cptr": ExpressionParser._cast,
    "sizeof": ExpressionParser._size,
    "len": ExpressionParser._size,
    "offsetof": ExpressionParser._offset,
    "varptr": ExpressionParser._address,
    "procptr": ExpressionParser._address,
    "open": lambda p: p.file_function(),
    "get": lambda p: p.file_function(),
    "put": lambda p: p.file_function(),
    "close": lambda p: p.file_function(),
}
