"""Which characters are letters, numbers and spaces for the pre-tokenizer, independent of Python's Unicode version.

GPT-2 splits text with a regular expression over `\\p{L}`, `\\p{N}` and `\\s`. Hugging Face's `tokenizers` evaluates
it with Oniguruma, whose tables are Unicode 16.0 in `tokenizers` 0.23 (probed with all code points: U+1C89 and
U+A7DA, new in 16.0, are letters; U+A7CE, new in 17.0, is not). The result of the probe lies in
`unicode_classes.txt`: one line per class, ranges in hexadecimal, each coded as the distance from the end of the
previous range and the length. `tests` probe it again.
"""

from bisect import bisect_right
from functools import cache
from importlib import resources

OTHER, LETTER, NUMBER, SPACE = 0, 1, 2, 3

_NAMES = {"letter": LETTER, "number": NUMBER, "space": SPACE}


@cache
def ranges() -> tuple[tuple[int, int, int], ...]:
    """All ranges (first code point, last code point, class), sorted; what lies in none of them is OTHER."""
    table: list[tuple[int, int, int]] = []
    text = resources.files(__package__).joinpath("unicode_classes.txt").read_text(encoding="ascii")
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, *codes = line.split()
        position = 0
        for code in codes:
            gap, length = (int(part, 16) for part in code.split("+"))
            first = position + gap
            position = first + length
            table.append((first, position - 1, _NAMES[name]))
    return tuple(sorted(table))


@cache
def _starts() -> list[int]:
    return [first for first, _, _ in ranges()]


@cache
def character_class(code: int) -> int:
    """The class of a code point: OTHER, LETTER, NUMBER or SPACE."""
    index = bisect_right(_starts(), code) - 1
    if index < 0:
        return OTHER
    _, last, kind = ranges()[index]
    return kind if code <= last else OTHER
