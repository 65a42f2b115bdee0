"""The expressions of #if, #elseif and #assert: integers and strings, FreeBASIC's operators, defined()."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpt486.basic.lexer import Kind, Token
from gpt486.basic.source import fail, fault

if TYPE_CHECKING:
    from gpt486.basic.preprocessor import Preprocessor

Value = int | str

# Loosest first; each level is left-associative.
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("andalso", "orelse"),
    ("xor", "eqv", "imp"),
    ("or",),
    ("and",),
    ("=", "<>", "<", ">", "<=", ">="),
    ("+", "-"),
    ("shl", "shr"),
    ("mod",),
    ("\\",),
    ("*",),
)


class Condition:
    """Evaluates the tokens of one condition."""

    def __init__(self, tokens: list[Token], preprocessor: Preprocessor, at: Token) -> None:
        self._tokens = self._expand(tokens, preprocessor)
        self._at = at
        self._pos = 0

    @staticmethod
    def _expand(tokens: list[Token], preprocessor: Preprocessor) -> list[Token]:
        """Replace `defined(name)` by -1 or 0 first, so that its name is not expanded; then expand macros."""
        out: list[Token] = []
        i = 0
        while i < len(tokens):
            token = tokens[i]
            if token.low == "defined":
                names = [t for t in tokens[i + 1 : i + 4] if t.kind == Kind.NAME]
                width = 3 if i + 1 < len(tokens) and tokens[i + 1].low == "(" else 1
                if not names or (width == 3 and (i + 3 >= len(tokens) or tokens[i + 3].low != ")")):
                    fail(token, "write defined(NAME)")
                known = -1 if preprocessor.is_defined(names[0].low) else 0
                out.append(Token(Kind.INTEGER, str(known), token.file, token.line, token.col, True, str(known), known))
                i += width + 1
            else:
                out.append(token)
                i += 1
        return preprocessor.expand(out)

    def value(self) -> int:
        """The condition's integer value; anything but 0 is true."""
        value = self._binary(0)
        if self._pos < len(self._tokens):
            fail(self._tokens[self._pos], f"unexpected {self._tokens[self._pos].text} in a preprocessor condition")
        if isinstance(value, str):
            fail(self._at, "a preprocessor condition must be a number")
        return value

    def _peek(self) -> str:
        return self._tokens[self._pos].low if self._pos < len(self._tokens) else ""

    def _binary(self, level: int) -> Value:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while self._peek() in _LEVELS[level] and self._tokens[self._pos].kind in (Kind.OP, Kind.NAME):
            token = self._tokens[self._pos]
            self._pos += 1
            left = self._apply(token, left, self._binary(level + 1))
        return left

    def _apply(self, token: Token, a: Value, b: Value) -> Value:
        op = token.low
        if op in ("=", "<>"):
            return -int((a == b) == (op == "="))
        if isinstance(a, str) or isinstance(b, str):
            fail(token, f"strings can only be compared with = and <> in a condition, not {token.text}")
        if op in ("\\", "mod"):
            if b == 0:
                fail(token, "division by zero in a preprocessor condition")
            quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
            return quotient if op == "\\" else a - quotient * b
        table = {
            "+": lambda: a + b,
            "-": lambda: a - b,
            "*": lambda: a * b,
            "shl": lambda: a << (b & 63),
            "shr": lambda: a >> (b & 63),
            "<": lambda: -int(a < b),
            ">": lambda: -int(a > b),
            "<=": lambda: -int(a <= b),
            ">=": lambda: -int(a >= b),
            "and": lambda: a & b,
            "or": lambda: a | b,
            "xor": lambda: a ^ b,
            "eqv": lambda: ~(a ^ b),
            "imp": lambda: ~a | b,
            "andalso": lambda: -int(a != 0 and b != 0),
            "orelse": lambda: -int(a != 0 or b != 0),
        }
        return table[op]()

    def _unary(self) -> Value:
        if self._pos >= len(self._tokens):
            fail(self._at, f"the condition of #{self._at.low} is incomplete")
        token = self._tokens[self._pos]
        self._pos += 1
        if token.low == "not":
            return ~self._number(self._binary(4), token)
        if token.low == "-":
            return -self._number(self._unary(), token)
        if token.low == "+":
            return self._number(self._unary(), token)
        if token.low == "(":
            value = self._binary(0)
            if self._peek() != ")":
                fail(token, "this parenthesis is never closed")
            self._pos += 1
            return value
        if token.kind == Kind.INTEGER:
            return token.number
        if token.kind == Kind.STRING:
            return token.data.decode("latin-1")
        if token.low in ("true", "false"):
            return -int(token.low == "true")
        raise fault(token, f"{token.text} is not defined, so it cannot stand in a preprocessor condition")

    @staticmethod
    def _number(value: Value, token: Token) -> int:
        if isinstance(value, str):
            fail(token, f"{token.text} wants a number, not a string")
        return value
