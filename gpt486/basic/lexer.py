"""Characters to tokens, by FreeBASIC's lexical rules.

A token keeps its own spelling and whether white space stood before it, so that the text of an Asm block can be put
together again exactly from its tokens.
"""

from __future__ import annotations

import re
from enum import IntEnum

from gpt486.basic.source import SourceFile, Span, fail


class Kind(IntEnum):
    """What a token is."""

    EOL = 0
    EOF = 1
    NAME = 2
    INTEGER = 3
    FLOAT = 4
    STRING = 5
    OP = 6
    RAW = 7  # assembler spellings of numbers (0x1F, 1Fh): legal in Asm only
    BAD = 8  # what fits nothing; `low` says why. An error unless #if leaves it out


class Token:
    """One lexical unit. `low` is the spelling in lower case, since BASIC does not tell case apart.

    For INTEGER, `number` is the value and `suffix` its type suffix in lower case ("", "u", "l", "ul", "ll", "ull").
    For STRING, `data` holds its bytes. For OP, `low` is the operator.
    """

    __slots__ = ("col", "data", "file", "frozen", "kind", "line", "low", "number", "space", "suffix", "text")

    def __init__(
        self,
        kind: Kind,
        text: str,
        file: SourceFile,
        line: int,
        col: int,
        space: bool,
        low: str = "",
        number: int = 0,
        suffix: str = "",
        data: bytes = b"",
    ) -> None:
        self.kind = kind
        self.text = text
        self.low = low
        self.number = number
        self.suffix = suffix
        self.data = data
        self.file = file
        self.line = line
        self.col = col
        self.space = space
        self.frozen = False  # set while a macro of this name is being expanded: it must not expand again

    @property
    def span(self) -> Span:
        """Where the token stands."""
        return Span(self.file, self.line, self.col, max(1, len(self.text)))

    def moved(self, to: Token) -> Token:
        """A copy of this token that claims to stand where `to` stands (used for macro expansions)."""
        return Token(
            self.kind, self.text, to.file, to.line, to.col, self.space, self.low, self.number, self.suffix, self.data
        )

    def __repr__(self) -> str:
        return f"<{self.kind.name} {self.text!r} {self.line}:{self.col}>"


_MASTER = re.compile(
    r"""
    (?P<space>[ \t\f\v]+)
  | (?P<comment>')
  | (?P<block>/')
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<based>&[hH][0-9A-Fa-f]+|&[oO][0-7]+|&[bB][01]+)(?P<bsuffix>%|[uU]?[lL]{0,2})(?![A-Za-z0-9_])
  | (?P<raw>0[xX][0-9A-Fa-f]+|[0-9][0-9A-Fa-f]*[hH](?![0-9A-Za-z_])|0[bB][01]+(?![0-9A-Fa-f]))
  | (?P<float>(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eEdD][+-]?[0-9]+)?[fFdD!\#]?|[0-9]+[eEdD][+-]?[0-9]+[fFdD!\#]?
             |[0-9]+(?:[fF!\#]|[dD](?![A-Za-z0-9_])))
  | (?P<number>[0-9]+)(?P<suffix>%|[uU]?[lL]{0,2})(?![A-Za-z0-9_])
  | (?P<estring>!"(?:[^"\\]|\\.|"")*")
  | (?P<string>\$?"(?:[^"]|"")*")
  | (?P<op>\.\.\.|<>|<=|>=|=>|->|\#\#|\+=|-=|\*=|/=|\\=|\^=|&=|[-+*/\\^&=<>()\[\]{},.:;@\#?$!|~%])
    """,
    re.VERBOSE,
)

_WORD = re.compile(r"[&\w]+|.")

_ESCAPES = {
    "a": 7, "b": 8, "f": 12, "n": 10, "l": 10, "r": 13, "t": 9, "v": 11, "\\": 92, "'": 39, '"': 34,
}  # fmt: skip
_ESCAPE = re.compile(
    r'\\(?:&[hH]([0-9A-Fa-f]{1,2})|&[oO]([0-7]{1,3})|&[bB]([01]{1,8})|([0-9]{1,3})|(.))|""|[^\\]', re.S
)


def encode(text: str) -> bytes:
    """The bytes of a piece of source text: Latin-1 where that is possible (one character, one byte), else UTF-8."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8")


def unescape(body: str, span: Span) -> bytes:
    r"""The bytes of the inside of an escaped string literal `!"..."`."""
    out = bytearray()
    for m in _ESCAPE.finditer(body):
        hexa, octal, binary, decimal, char = m.groups()
        if hexa:
            out.append(int(hexa, 16))
        elif octal:
            out.append(int(octal, 8) & 255)
        elif binary:
            out.append(int(binary, 2))
        elif decimal:
            if int(decimal) > 255:
                fail(span, f"the escape \\{decimal} is above 255")
            out.append(int(decimal))
        elif char:
            if char not in _ESCAPES:
                fail(span, f"unknown escape \\{char} in a string literal")
            out.append(_ESCAPES[char])
        else:
            out += b'"' if m.group() == '""' else encode(m.group())
    return bytes(out)


class Lexer:
    """Turns one source file into tokens; every line ends with an EOL token, joined lines (` _`) with one for all."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.has_bad = False

    def tokens(self) -> list[Token]:
        """All tokens of the file, ending in EOF. Lexical faults raise StatementError."""
        file = self.file
        out: list[Token] = []
        append = out.append
        match = _MASTER.match
        depth = 0  # of nested /' '/ comments
        line = 0
        opened = Span(file, 1, 0)
        for line, text in enumerate(file.lines, 1):
            pos, end, space = 0, len(text), True
            joined = False
            statement_start = True
            while pos < end:
                if depth:
                    closing, opening = text.find("'/", pos), text.find("/'", pos)
                    if closing < 0 and opening < 0:
                        pos = end
                    elif opening >= 0 and (closing < 0 or opening < closing):
                        depth, pos = depth + 1, opening + 2
                    else:
                        depth, pos = depth - 1, closing + 2
                    space = True
                    continue
                m = match(text, pos)
                if m is None:
                    self.has_bad = True
                    stop = len(text) if text[pos] in '"!$' else pos + len(_WORD.match(text, pos).group())  # type: ignore[union-attr]
                    append(Token(Kind.BAD, text[pos:stop], file, line, pos, space, self._stray(text, pos, stop)))
                    break
                what = m.lastgroup
                start, pos = pos, m.end()
                if what == "space":
                    space = True
                    continue
                if what == "name":
                    word = m.group()
                    low = word.lower()
                    if (low == "_" and not text[pos:].strip().rstrip("'").strip()) or (
                        low == "_" and text[pos:].lstrip().startswith(("'", "/'"))
                    ):
                        joined = True
                        if "/'" in text[pos:] and "'/" not in text[pos:]:
                            depth, opened = 1, Span(file, line, pos)
                        break
                    if low == "rem" and statement_start:
                        break
                    append(Token(Kind.NAME, word, file, line, start, space, low))
                    statement_start = low in ("then", "else")
                elif what == "op":
                    append(Token(Kind.OP, m.group(), file, line, start, space, m.group()))
                    statement_start = m.group() in (":", ";")
                elif what == "comment":
                    break
                elif what == "block":
                    depth, opened = depth + 1, Span(file, line, start, 2)
                else:
                    append(self._literal(m, what or "", line, start, space))
                    statement_start = False
                space = False
            if not joined and not depth:
                append(Token(Kind.EOL, "", file, line, end, False))
        if depth:
            fail(opened, "this /' comment is never closed with '/")
        append(Token(Kind.EOL, "", file, line, 0, False))
        append(Token(Kind.EOF, "", file, line, 0, False))
        return out

    def _literal(self, m: re.Match[str], what: str, line: int, col: int, space: bool) -> Token:
        text, file = m.group(), self.file
        if what in ("bsuffix", "based"):
            base = {"h": 16, "o": 8, "b": 2}[text[1].lower()]
            value, suffix = int(m.group("based")[2:], base), m.group("bsuffix").lower().rstrip("%")
        elif what in ("suffix", "number"):
            value, suffix = int(m.group("number")), m.group("suffix").lower().rstrip("%")
        elif what == "string":
            body = text[2:-1] if text[0] == "$" else text[1:-1]
            return Token(Kind.STRING, text, file, line, col, space, data=encode(body.replace('""', '"')), low="string")
        elif what == "estring":
            data = unescape(text[2:-1], Span(file, line, col, len(text)))
            return Token(Kind.STRING, text, file, line, col, space, data=data, low="string")
        elif what == "float":
            return Token(Kind.FLOAT, text, file, line, col, space, low=text.lower())
        else:
            return Token(Kind.RAW, text, file, line, col, space, low=text.lower())
        if value >= 1 << 64:
            fail(Span(file, line, col, len(text)), f"the number {text} does not fit in 64 bits")
        return Token(Kind.INTEGER, text, file, line, col, space, text.lower(), value, suffix)

    @staticmethod
    def _stray(text: str, pos: int, stop: int) -> str:
        if text[pos] == '"' or text[pos : pos + 2] in ('!"', '$"'):
            return "this string has no closing quote"
        if text[pos].isdigit() or text[pos] == "&":
            return f"malformed number at {text[pos:stop]!r}"
        return f"the character {text[pos]!r} cannot stand here"
