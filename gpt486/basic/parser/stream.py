"""The parser's cursor over the token stream, and the error for what does not fit."""

from __future__ import annotations

from gpt486.basic.lexer import Kind, Token
from gpt486.basic.source import Diagnostics, fail


class TokenStream:
    """A cursor with the few moves that recursive descent needs. `tok` is always the token under the cursor."""

    def __init__(self, tokens: list[Token], diagnostics: Diagnostics) -> None:
        self.tokens = tokens
        self.diagnostics = diagnostics
        self.pos = 0
        self.tok = tokens[0]

    def seek(self, pos: int) -> None:
        """Put the cursor back (or forward) to an earlier remembered `pos`."""
        self.pos = pos
        self.tok = self.tokens[pos]

    def next(self) -> Token:
        """Step over the current token and return it."""
        tok = self.tok
        if tok.kind != Kind.EOF:
            self.pos += 1
            self.tok = self.tokens[self.pos]
        return tok

    def peek(self, ahead: int = 1) -> Token:
        """The token `ahead` places on."""
        return self.tokens[min(self.pos + ahead, len(self.tokens) - 1)]

    def at(self, low: str) -> bool:
        """Whether the current token is this operator or keyword."""
        return self.tok.low == low and self.tok.kind in (Kind.OP, Kind.NAME)

    def accept(self, low: str) -> Token | None:
        """Step over the current token if it is this operator or keyword."""
        return self.next() if self.at(low) else None

    def expect(self, low: str, why: str = "") -> Token:
        """Step over this operator or keyword, or fail naming what stands there instead."""
        if not self.at(low):
            fail(self.tok, f"expected {low.title() if low.isalpha() else low!r}{why}, found {self.describe(self.tok)}")
        return self.next()

    def name(self, what: str) -> Token:
        """Step over an identifier, or fail saying `what` was wanted."""
        if self.tok.kind != Kind.NAME:
            fail(self.tok, f"expected {what}, found {self.describe(self.tok)}")
        return self.next()

    @staticmethod
    def describe(tok: Token) -> str:
        """A token in the words of an error message."""
        if tok.kind == Kind.EOL:
            return "the end of the line"
        return "the end of the file" if tok.kind == Kind.EOF else repr(tok.text)

    def at_end(self) -> bool:
        """Whether a statement ends here: end of line, a colon, or Else (of a single-line If)."""
        tok = self.tok
        return tok.kind in (Kind.EOL, Kind.EOF) or (tok.kind == Kind.OP and tok.low == ":") or tok.low == "else"

    def skip_line(self) -> None:
        """Recover from an error: go to the end of the line."""
        while self.tok.kind not in (Kind.EOL, Kind.EOF):
            self.next()
