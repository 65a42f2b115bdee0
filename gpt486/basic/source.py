"""Source files, places in them, and the diagnostics that quote them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn, Protocol

from gpt486.basic.errors import BasicError

MAX_ERRORS = 20
"""After this many errors the compiler gives up: what follows is mostly their echo."""

_DECLARING = "dim|redim|common|static|var|const|extern|as|declare|sub|function|private|public"


@dataclass(frozen=True, slots=True, eq=False)
class SourceFile:
    """One file of BASIC text: its name as the user wrote it, and its lines without line ends."""

    name: str
    lines: tuple[str, ...]

    @staticmethod
    def from_text(name: str, text: str) -> SourceFile:
        """Split `text` (LF or CRLF) into a source file called `name`."""
        return SourceFile(name, tuple(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")))


class Span(NamedTuple):
    """A place in a source file: 1-based line, 0-based column, length in characters."""

    file: SourceFile
    line: int
    col: int
    length: int = 1


class HasSpan(Protocol):
    """Anything that knows where it came from: a token or a syntax-tree node."""

    @property
    def span(self) -> Span:
        """The place in the source."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One error: where and what."""

    span: Span
    message: str

    def render(self) -> str:
        """`FILE(LINE): error: message`, then the quoted line and a caret under the place."""
        file, line, col, length = self.span
        head = f"{file.name}({line}): error: {self.message}"
        if not 1 <= line <= len(file.lines):
            return head
        text = file.lines[line - 1]
        quoted = text.replace("\t", " ").rstrip()
        caret = " " * min(col, len(quoted)) + "^" * max(1, min(length, len(quoted) - col))
        return f"{head}\n    {quoted}\n    {caret}"


class StatementError(Exception):
    """Raised inside the compiler to abandon one statement; its diagnostic is reported and work goes on after it."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def fault(where: HasSpan | Span, message: str) -> StatementError:
    """The error that abandons the statement being worked on, for `raise`."""
    return StatementError(Diagnostic(where if isinstance(where, Span) else where.span, message))


def fail(where: HasSpan | Span, message: str) -> NoReturn:
    """Abandon the statement being worked on with an error at `where`."""
    raise fault(where, message)


def echo(where: HasSpan | Span) -> StatementError:
    """Abandon the statement being worked on for an error that was reported already, where the name was declared."""
    return fault(where, "")


@dataclass(slots=True)
class Diagnostics:
    """Collects errors over a whole compilation; `check` raises them together."""

    found: list[Diagnostic] = field(default_factory=list)

    def add(self, diagnostic: Diagnostic) -> None:
        """Record one error (no echo), and stop at once when there are `MAX_ERRORS`."""
        if diagnostic.message and diagnostic not in self.found:
            self.found.append(diagnostic)
        if len(self.found) >= MAX_ERRORS:
            self.check()

    def error(self, where: HasSpan | Span, message: str) -> None:
        """Record an error at `where` and go on."""
        self.add(Diagnostic(where if isinstance(where, Span) else where.span, message))

    def declares(self, name: str) -> bool:
        """Whether a line that was refused looks like the declaration of `name`, as a variable or as a field."""
        word = re.escape(name)
        pattern = re.compile(rf"\s*(?:(?:{_DECLARING})\b.*\b{word}\b|{word}\s*(?:\(.*\)\s*)?(?:\bas\b|:))", re.I)
        for file, line, _, _ in (d.span for d in self.found):
            if 1 <= line <= len(file.lines) and pattern.match(file.lines[line - 1]):
                return True
        return False

    def check(self) -> None:
        """Raise BasicError when any error was recorded: file by file, each in the order of its lines."""
        files = list(dict.fromkeys(d.span.file.name for d in self.found))
        if self.found:
            raise BasicError(sorted(self.found, key=lambda d: (files.index(d.span.file.name), d.span.line)))
