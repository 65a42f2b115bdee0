"""Operand expressions: numbers, symbols and registers, reduced to a linear form.

keystone drops index registers and mistakes scales as soon as an expression is more than a plain sum
(``[ebx+ecx*(4)]`` loses ecx), so expressions are evaluated here and keystone only ever sees the result.

Grammar: unary ``- + ~ not``; ``* / % mod`` before ``+ -``; ``<< >> shl shr``, ``& and``, ``^ xor``, ``| or``;
parentheses.  GNU as and C rank shifts and bit operations differently, so mixing one of those with any
other operator needs parentheses here.
Numbers: ``255``, ``0xff``, ``0ffh``, ``&hff``, ``0b101``, ``&b101``, ``0o17``, ``&o17``, ``'A'``.  A
decimal number with a leading zero is refused: GNU as reads it as octal and FreeBASIC as decimal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

REGISTERS_8: Final = ("al", "cl", "dl", "bl", "ah", "ch", "dh", "bh")
REGISTERS_16: Final = ("ax", "cx", "dx", "bx", "sp", "bp", "si", "di")
REGISTERS_32: Final = ("eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi")
SEGMENTS: Final = ("es", "cs", "ss", "ds", "fs", "gs")
CONTROL: Final = ("cr0", "cr2", "cr3", "dr0", "dr1", "dr2", "dr3", "dr6", "dr7")
REGISTER_BITS: Final[Mapping[str, int]] = {
    **dict.fromkeys(REGISTERS_8, 8),
    **dict.fromkeys(REGISTERS_16, 16),
    **dict.fromkeys(REGISTERS_32, 32),
    **dict.fromkeys(SEGMENTS, 16),
    **dict.fromkeys(CONTROL, 32),
}
#: Registers that may stand inside brackets.
ADDRESS_REGISTERS: Final = frozenset((*REGISTERS_32, "bx", "bp", "si", "di"))


class ExpressionError(ValueError):
    """An expression is malformed; the caller adds the place."""


class Value(NamedTuple):
    """A linear form: ``constant + sum(factor * symbol) + sum(factor * register)``.

    `symbols` and `registers` are (name, factor) pairs; registers keep their order of writing and are
    not merged, because ``[eax+eax]`` and ``[eax*2]`` are different encodings.
    """

    constant: int
    symbols: tuple[tuple[str, int], ...] = ()
    registers: tuple[tuple[str, int], ...] = ()

    @property
    def is_constant(self) -> bool:
        """Whether the value is a plain number."""
        return not self.symbols and not self.registers

    @property
    def is_address(self) -> bool:
        """Whether exactly one address (and no more) is in the sum, so that it moves with the image."""
        return sum(factor for _, factor in self.symbols) == 1

    @property
    def is_distance(self) -> bool:
        """Whether symbols occur but cancel, as in ``end-start``: a number known after layout."""
        return bool(self.symbols) and sum(factor for _, factor in self.symbols) == 0

    def evaluate(self, addresses: Mapping[str, int]) -> int:
        """The number, given the symbols' values (KeyError for an unknown one)."""
        return self.constant + sum(addresses[name] * factor for name, factor in self.symbols)


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>&[hH][0-9A-Fa-f]+\b | &[bB][01]+\b | &[oO][0-7]+\b | 0[xX][0-9A-Fa-f]+\b | 0[bB][01]+\b
        | 0[oO][0-7]+\b | [0-9][0-9A-Fa-f]*[hH]\b | [0-9]+\b)
    | (?P<name>[A-Za-z_.@?$][\w.@?$]*)
    | (?P<char>'(?:[^'\\]|\\.)')
    | (?P<operator><<|>>|[-+*/%&|^~()\[\]:])
    )""",
    re.VERBOSE,
)
_BINARY: Final[Mapping[str, int]] = {
    "|": 1, "or": 1, "^": 1, "xor": 1, "&": 1, "and": 1, "<<": 1, ">>": 1, "shl": 1, "shr": 1,
    "+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "mod": 2,
}  # fmt: skip
_ESCAPES: Final[Mapping[str, int]] = {
    "n": 10, "t": 9, "r": 13, "0": 0, "\\": 92, "'": 39, '"': 34, "a": 7, "b": 8, "e": 27, "f": 12,
}  # fmt: skip

Lookup = Callable[[str], Value | None]


def parse_number(text: str) -> int:
    """The value of one number token (see the module's docstring for the forms)."""
    low = text.lower()
    if low.startswith("&h"):
        return int(low[2:], 16)
    if low.startswith("&b"):
        return int(low[2:], 2)
    if low.startswith("&o"):
        return int(low[2:], 8)
    if low.startswith("0x"):
        return int(low[2:], 16)
    if low.endswith("h"):
        return int(low[:-1], 16)
    if low.startswith("0b"):
        return int(low[2:], 2)
    if low.startswith("0o"):
        return int(low[2:], 8)
    if len(low) > 1 and low[0] == "0":
        raise ExpressionError(f"the number {text} begins with a zero, octal to some and decimal to others; "
                              f"write {text.lstrip('0') or '0'} or 0o{text.lstrip('0') or '0'}")  # fmt: skip
    return int(low)


def tokenize(text: str) -> list[tuple[str, str]]:
    """Split an expression into (kind, text) tokens; kinds are number, name, char and operator."""
    tokens: list[tuple[str, str]] = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ExpressionError(f"cannot read '{text[at:].strip()}'")
        kind = match.lastgroup
        assert kind is not None
        tokens.append((kind, match.group(kind)))
        at = match.end()
    return tokens


def parse(text: str, lookup: Lookup) -> Value:
    """Reduce an expression to its linear form.

    Args:
        text: the expression, without brackets around the whole.
        lookup: gives the value of a name that is no register, or None when there is no such name.

    Raises:
        ExpressionError: malformed, not linear, an unknown symbol, or a constant of more than 32 bits.
    """
    parser = _Parser(tokenize(text), lookup, text)
    value = parser.sum()
    if parser.at != len(parser.tokens):
        raise ExpressionError(f"'{parser.tokens[parser.at][1]}' is out of place in '{text.strip()}'")
    if not -(1 << 31) <= value.constant < 1 << 32:
        raise ExpressionError(f"{value.constant} does not fit in 32 bits")
    return value


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]], lookup: Lookup, text: str) -> None:
        self.tokens = tokens
        self.lookup = lookup
        self.text = text
        self.at = 0

    def _peek(self) -> str:
        return self.tokens[self.at][1].lower() if self.at < len(self.tokens) else ""

    def sum(self) -> Value:
        """One expression up to a closing parenthesis or the end."""
        used: set[str] = set()
        value = self._ranked(0, used)
        if len(used) > 1 and not used <= {"+", "-", "*", "/", "%", "mod"}:
            raise ExpressionError(f"put parentheses into '{self.text.strip()}': assemblers disagree about its order")
        return value

    def _ranked(self, level: int, used: set[str]) -> Value:
        left = self._unary()
        while (priority := _BINARY.get(self._peek(), 0)) > level:
            operator = self._peek()
            used.add(operator)
            self.at += 1
            left = _combine(operator, left, self._ranked(priority, used))
        return left

    def _unary(self) -> Value:
        operator = self._peek()
        if operator in ("-", "+", "~", "not"):
            self.at += 1
            value = self._unary()
            if operator == "+":
                return value
            if operator == "-":
                return _scale(value, -1)
            return Value(~_constant(value, operator))
        return self._primary()

    def _primary(self) -> Value:
        if self.at >= len(self.tokens):
            raise ExpressionError(f"'{self.text.strip()}' ends too early" if self.text.strip() else "nothing here")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return Value(parse_number(text))
        if kind == "char":
            return Value(unescape(text[1:-1])[0])
        if kind == "name":
            low = text.lower()
            if low in ADDRESS_REGISTERS:
                return Value(0, (), ((low, 1),))
            if low in REGISTER_BITS:
                raise ExpressionError(f"the register {low} cannot stand in an expression or address")
            found = self.lookup(text)
            if found is None:
                raise ExpressionError(f"unknown symbol '{text}'")
            return found
        if text == "(":
            value = self.sum()
            if self._peek() != ")":
                raise ExpressionError(f"a ')' is missing in '{self.text.strip()}'")
            self.at += 1
            return value
        raise ExpressionError(f"'{text}' is out of place in '{self.text.strip()}'")


def _constant(value: Value, operator: str) -> int:
    if not value.is_constant:
        raise ExpressionError(f"'{operator}' needs plain numbers, not addresses or registers")
    return value.constant


def _scale(value: Value, factor: int) -> Value:
    return Value(
        value.constant * factor,
        tuple((name, f * factor) for name, f in value.symbols),
        tuple((name, f * factor) for name, f in value.registers),
    )


def add(left: Value, right: Value) -> Value:
    """The sum; symbols that cancel disappear."""
    symbols = dict(left.symbols)
    for name, factor in right.symbols:
        symbols[name] = symbols.get(name, 0) + factor
    kept = tuple((name, factor) for name, factor in symbols.items() if factor)
    return Value(left.constant + right.constant, kept, left.registers + right.registers)


def _combine(operator: str, left: Value, right: Value) -> Value:
    if operator == "+":
        return add(left, right)
    if operator == "-":
        return add(left, _scale(right, -1))
    if operator == "*":
        if left.is_constant:
            return _scale(right, left.constant)
        return _scale(left, _constant(right, operator))
    a, b = _constant(left, operator), _constant(right, operator)
    if operator in ("/", "%", "mod"):
        if b == 0:
            raise ExpressionError("division by zero")
        quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)  # toward zero, as C and the 486 do
        return Value(quotient if operator == "/" else a - b * quotient)
    if operator in ("<<", "shl", ">>", "shr"):
        if not 0 <= b <= 31:
            raise ExpressionError(f"a shift by {b} is outside 0..31")
        return Value(a << b & 0xFFFFFFFF if operator in ("<<", "shl") else (a & 0xFFFFFFFF) >> b)
    if operator in ("&", "and"):
        return Value(a & b)
    if operator in ("^", "xor"):
        return Value(a ^ b)
    return Value(a | b)


def unescape(text: str) -> bytes:
    r"""The bytes of a quoted string's inside: Latin-1 characters and C's escapes (``\n \0 \x41 \101``)."""
    out = bytearray()
    at = 0
    while at < len(text):
        char = text[at]
        at += 1
        if char != "\\":
            if ord(char) > 255:
                raise ExpressionError(f"the character {char!r} is no byte; write its bytes as numbers")
            out.append(ord(char))
            continue
        if match := re.compile(r"[xX]([0-9A-Fa-f]{1,2})|([0-7]{1,3})").match(text, at):
            code = int(match[1], 16) if match[1] else int(match[2], 8)
            if code > 255:
                raise ExpressionError(f"the escape \\{match[0]} is no byte")
            out.append(code)
            at = match.end()
            continue
        escape = text[at : at + 1]
        if escape not in _ESCAPES:
            raise ExpressionError(f"unknown escape \\{escape}")
        out.append(_ESCAPES[escape])
        at += 1
    return bytes(out)
