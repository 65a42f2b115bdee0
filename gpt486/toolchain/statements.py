"""Assembly text into statements: labels, constants, data directives and instructions.

Nothing here knows an encoding.  Labels that only have a place (``1:``, ``$``, ``.``) get names of their
own, so that everything after this stage deals in plain symbols.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, NoReturn

from gpt486.toolchain import expressions
from gpt486.toolchain.errors import AssemblyError
from gpt486.toolchain.expressions import ExpressionError, Lookup, Value


@dataclass(frozen=True)
class AsmLine:
    """One Intel-syntax statement, label (``name:``) or data directive, without comment.

    `file` and `line` are the BASIC (or .asm) source line it came from, for errors, map and listing.
    """

    text: str
    file: str = ""
    line: int = 0


class Statement(NamedTuple):
    """One statement: `kind` is label, constant, directive or instruction.

    `name` is the label, constant, directive (lower case, without its dot) or mnemonic with its prefixes
    (lower case); `rest` the text after it.
    """

    kind: str
    name: str
    rest: str
    line: AsmLine


def fail(line: AsmLine, reason: str) -> NoReturn:
    """Raise the AssemblyError for a line."""
    raise AssemblyError(reason, file=line.file, line=line.line, statement=line.text.strip())


_NAME = r"[A-Za-z_.@?$][\w.@?$]*"
_LABEL = re.compile(rf"\s*({_NAME}|[0-9]+)\s*:(?!:)\s*")
_CONSTANT = re.compile(rf"\s*({_NAME})\s*=\s*(.*)", re.DOTALL)
_SPLIT = re.compile(r"""((?:[^;"']|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)')*)(?:;|$)""")
_QUOTED = r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)')"""
_PLACE = re.compile(_QUOTED + r"|(?<![\w.@?$&])([0-9]+[bBfF]|[$.])(?![\w.@?$])")
_WORD = re.compile(r"\s*([A-Za-z.][A-Za-z0-9_.]*)\s*(.*)", re.DOTALL)
PREFIXES: Final = frozenset(("rep", "repe", "repz", "repne", "repnz", "lock"))
#: x87 instructions that are FWAIT and another one; written out, so that a statement is one instruction.
_WAITING: Final = ("fstsw", "fstcw", "finit", "fclex", "fsave", "fstenv")


def separate(line: AsmLine) -> list[AsmLine]:
    """Split a line at the ``;`` that separate statements (not those inside quotes)."""
    if ";" not in line.text:
        return [line]
    parts: list[AsmLine] = []
    at = 0
    while at < len(line.text):
        match = _SPLIT.match(line.text, at)
        if match is None:
            fail(line, "a quotation mark is not closed")
        parts.append(AsmLine(match[1], line.file, line.line))
        at = match.end()
    return parts


class _Places:
    """Names for numeric labels and for `$`: ``1:`` may occur often, ``1b`` and ``1f`` mean the nearest."""

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.forward: dict[str, AsmLine] = {}
        self.here = 0

    def define(self, number: str) -> str:
        count = self.counts[int(number)] = self.counts.get(int(number), 0) + 1
        name = f"@{int(number)}.{count}"
        self.forward.pop(name, None)
        return name

    def replace(self, line: AsmLine, text: str) -> tuple[str, str | None]:
        """The text with place labels replaced by names, and the name for "here" where it is used."""
        here: str | None = None

        def one(match: re.Match[str]) -> str:
            nonlocal here
            if match[1]:
                return match[1]
            word = match[2]
            if word in "$.":
                if here is None:
                    self.here += 1
                    here = f"@here.{self.here}"
                return here
            number, count = int(word[:-1]), self.counts.get(int(word[:-1]), 0)
            if word[-1] in "bB":
                if not count:
                    fail(line, f"there is no label {number}: before this statement")
                return f"@{number}.{count}"
            name = f"@{number}.{count + 1}"
            self.forward.setdefault(name, line)
            return name

        return _PLACE.sub(one, text), here


_PLACE_HINT = re.compile(r"[0-9][bBfF]|\$|\.")


def statements(lines: Sequence[AsmLine]) -> Iterator[Statement]:
    """Give the statements of all lines in order.

    Raises:
        AssemblyError: a line that is neither label, constant, directive nor instruction; a numeric label
            that is referred to and not there.
    """
    places = _Places()
    for whole in lines:
        for line in separate(whole):
            yield from _one_line(line, places)
    for name, line in places.forward.items():
        fail(line, f"there is no label {name[1:].split('.')[0]}: after this statement")


def _one_line(line: AsmLine, places: _Places) -> Iterator[Statement]:
    text = line.text
    if ":" in text:
        while match := _LABEL.match(text):
            if match[1].lower() in expressions.SEGMENTS:
                break
            name = places.define(match[1]) if match[1].isdigit() else match[1]
            yield Statement("label", name, "", line)
            text = text[match.end() :]
    text = text.strip()
    if not text:
        return
    if _PLACE_HINT.search(text):
        text, here = places.replace(line, text)
        if here is not None:
            yield Statement("label", here, "", line)
    if "=" in text and (match := _CONSTANT.match(text)):
        yield Statement("constant", match[1], match[2], line)
        return
    match = _WORD.match(text)
    if match is None:
        fail(line, "this is neither a label, a directive nor an instruction")
    word, rest = match[1].lower(), match[2].strip()
    if word.startswith("."):
        if word in (".set", ".equ"):
            name, _, expression = rest.partition(",")
            yield Statement("constant", name.strip(), expression, line)
        else:
            yield Statement("directive", word[1:], rest, line)
        return
    while word in PREFIXES | {"rep", "lock"} and (match := _WORD.match(rest)) and " " not in word:
        word, rest = f"{word} {match[1].lower()}", match[2].strip()
    if word in _WAITING:
        yield Statement("instruction", "fwait", "", line)
        word = f"fn{word[1:]}"
    yield Statement("instruction", word, rest, line)


def split_operands(text: str) -> list[str]:
    """Split at the commas outside brackets and quotes."""
    if "'" not in text and '"' not in text and "(" not in text:
        return [part.strip() for part in text.split(",")] if text else []
    parts, depth, start = [], 0, 0
    for match in re.finditer(_QUOTED + r"|[()\[\],]", text):
        char = match[0]
        if char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(text[start : match.start()].strip())
            start = match.end()
    parts.append(text[start:].strip())
    return parts


class Symbols:
    """Everything that has a name: labels and outside symbols (addresses) and constants.

    A constant may be defined after its use and may be an address plus a number; it is evaluated when it
    is first looked up.
    """

    def __init__(self, outside: Mapping[str, int]) -> None:
        self.addresses: set[str] = set(outside)
        self.absolute: dict[str, int] = dict(outside)
        self._constants: dict[str, tuple[AsmLine, str]] = {}
        self._values: dict[str, Value] = {}
        self._busy: set[str] = set()

    def define_label(self, name: str, line: AsmLine) -> None:
        """Add a label; raises AssemblyError when the name is taken."""
        self._check(name, line)
        self.addresses.add(name)

    def define_constant(self, name: str, expression: str, line: AsmLine) -> None:
        """Add ``name = expression``; the same definition may be repeated."""
        if name in self._constants and self._constants[name][1].strip() == expression.strip():
            return
        self._check(name, line)
        self._constants[name] = (line, expression)

    def _check(self, name: str, line: AsmLine) -> None:
        if not re.fullmatch(_NAME, name):
            fail(line, f"'{name}' is no name")
        if name.lower() in expressions.REGISTER_BITS:
            fail(line, f"'{name}' is a register and cannot be a name")
        if name in self.addresses or name in self._constants:
            fail(line, f"'{name}' is defined twice")

    def lookup(self, name: str) -> Value | None:
        """The value of a name, or None when there is none."""
        if name in self._values:
            return self._values[name]
        if name in self.addresses:
            value = Value(0, ((name, 1),))
        elif name in self._constants:
            line, expression = self._constants[name]
            if name in self._busy:
                fail(line, f"'{name}' is defined by itself")
            self._busy.add(name)
            try:
                value = expressions.parse(expression, self.lookup)
            except ExpressionError as error:
                fail(line, str(error))
            if value.registers:
                fail(line, f"'{name}' cannot stand for a register")
            self._busy.discard(name)
        else:
            return None
        self._values[name] = value
        return value


class Data(NamedTuple):
    """A data directive: `cells` are (width in bytes, value); or `raw` bytes."""

    raw: bytes
    cells: tuple[tuple[int, Value], ...]

    @property
    def size(self) -> int:
        """Bytes that the directive fills."""
        return len(self.raw) + sum(width for width, _ in self.cells)


CELL_WIDTHS: Final[Mapping[str, int]] = {
    "byte": 1, "word": 2, "short": 2, "value": 2, "hword": 2, "long": 4, "int": 4, "dword": 4,
}  # fmt: skip
ALIGNMENTS: Final = ("balign", "align", "p2align")
_STRINGS: Final = ("ascii", "asciz", "string")
_SPACES: Final = ("skip", "space", "zero", "fill")
#: The largest object that is accepted, in bytes; a typing error in .skip must not eat the host's memory.
LARGEST: Final = 64 << 20


def parse_data(statement: Statement, lookup: Lookup) -> Data:
    """Read a data directive other than the alignments.

    Raises:
        AssemblyError: an unknown directive or a bad operand.
    """
    name, rest, line = statement.name, statement.rest, statement.line
    try:
        if name in CELL_WIDTHS:
            width = CELL_WIDTHS[name]
            return _cells(split_operands(rest), width, lookup)
        if name in _STRINGS:
            parts = [part.strip() for part in _commas(rest)]
            end = b"" if name == "ascii" else b"\0"
            return Data(b"".join(_string(part) + end for part in parts), ())
        if name in _SPACES:
            return Data(_space(name, _numbers(rest, lookup)), ())
    except ExpressionError as error:
        fail(line, str(error))
    known = ", ".join(f".{n}" for n in (*CELL_WIDTHS, *_STRINGS, *_SPACES, *ALIGNMENTS))
    fail(line, f"unknown directive .{name} (there are {known})")


def _commas(text: str) -> list[str]:
    parts = split_operands(text)
    if not parts:
        raise ExpressionError("an operand is missing")
    return parts


def _string(text: str) -> bytes:
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        raise ExpressionError(f'a string in "quotes" is expected, not {text}')
    return expressions.unescape(text[1:-1])


def _cells(parts: list[str], width: int, lookup: Lookup) -> Data:
    if not parts:
        raise ExpressionError("an operand is missing")
    values = [expressions.parse(part.removeprefix("offset "), lookup) for part in parts]
    limit = 1 << 8 * width
    for value in values:
        if value.registers:
            raise ExpressionError("a register cannot stand in data")
        if not value.symbols and not -limit // 2 <= value.constant < limit:
            raise ExpressionError(f"{value.constant} does not fit in {8 * width} bits")
    if any(value.symbols for value in values):
        return Data(b"", tuple((width, value) for value in values))
    return Data(b"".join((value.constant % limit).to_bytes(width, "little") for value in values), ())


def _numbers(text: str, lookup: Lookup) -> list[int]:
    values = [expressions.parse(part, lookup) for part in _commas(text)]
    if not all(value.is_constant for value in values):
        raise ExpressionError("plain numbers are expected here, not addresses")
    return [value.constant for value in values]


def _space(name: str, numbers: list[int]) -> bytes:
    if name == "fill":
        count, width, value = (*numbers, *(1, 0)[len(numbers) - 1 :])[:3]
        unit = (value % (1 << 8 * width)).to_bytes(width, "little") if 1 <= width <= 4 else b""
        if not unit:
            raise ExpressionError(f".fill with units of {width} bytes; 1 to 4 are possible")
    else:
        count, unit = numbers[0], ((numbers[1] if len(numbers) > 1 else 0) % 256).to_bytes(1, "little")
    if not 0 <= count * len(unit) <= LARGEST:
        raise ExpressionError(f"{count} units of {len(unit)} bytes are out of range (at most {LARGEST} bytes)")
    return unit * count


def parse_alignment(statement: Statement, lookup: Lookup) -> int:
    """The alignment in bytes of a .balign, .align (bytes, as GNU as has it on ELF) or .p2align."""
    try:
        number = _numbers(statement.rest, lookup)[0]
    except ExpressionError as error:
        fail(statement.line, str(error))
    if statement.name == "p2align":
        number = 1 << number if 0 <= number <= 12 else 0
    if not 1 <= number <= 4096 or number & (number - 1):
        fail(statement.line, "an alignment is a power of two from 1 to 4096")
    return number
