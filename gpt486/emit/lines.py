"""Lines of generated BASIC: wrapped where they are long, their comments in columns."""

from __future__ import annotations

LONGEST = 120
"""Characters of a line of code."""


def wrap(line: str) -> list[str]:
    """Cut a long line of code after its commas; lines with comments or texts are left alone."""
    if len(line) <= LONGEST or "'" in line or '"' in line:
        return [line]
    indent = " " * (len(line) - len(line.lstrip()) + 8)
    lines = []
    rest = line
    while len(rest) > LONGEST:
        at = rest.rfind(", ", 0, LONGEST - 2) + 1
        if at == 0 or not rest[:at].strip():
            break
        lines.append(rest[:at] + " _")
        rest = indent + rest[at:].strip()
    return [*lines, rest]


def align_comments(lines: list[str]) -> list[str]:
    """Bring the comments of Const lines that follow each other to one column: their values differ in length."""
    result = list(lines)
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and lines[end].startswith("Const "):
            end += 1
        parts = [line.partition("  '") for line in lines[start:end]]
        width = max((len(code.rstrip()) for code, mark, _ in parts if mark), default=0)
        for i, (code, mark, comment) in enumerate(parts):
            if mark:
                result[start + i] = f"{code.rstrip():<{width}}    '{comment}"
        start = end + 1
    return result
