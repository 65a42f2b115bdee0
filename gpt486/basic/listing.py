"""The listing: every procedure's instructions under the BASIC lines they came from."""

from __future__ import annotations

from collections.abc import Iterator

from gpt486.basic.codegen.emitter import Ins
from gpt486.basic.codegen.program import Generated


def listing(program: Generated) -> str:
    """The text of the listing: BASIC lines as `;` comments, then their instructions."""
    return "".join(line + "\n" for line in _lines(program))


def _lines(program: Generated) -> Iterator[str]:
    for proc, code in program.procedures:
        yield ""
        yield f"; ---- {proc.name} ({proc.tok.file.name})"
        yield from _procedure(code)
    if program.data:
        yield ""
        yield "; ---- data"
        for text, _ in program.data:
            yield text if text.endswith(":") else f"    {text}"
    if program.bss_symbols:
        yield ""
        yield "; ---- bss: offset, symbol"
        for symbol, offset in program.bss_symbols.items():
            yield f"; {offset:8d} {symbol}"


def _procedure(code: list[Ins]) -> Iterator[str]:
    seen: tuple[str, int] | None = None
    for ins in code:
        tok = ins.tok
        here = (tok.file.name, tok.line)
        if ins.op != "" and here != seen and 1 <= tok.line <= len(tok.file.lines):
            seen = here
            yield f"; {tok.line:5d}  {tok.file.lines[tok.line - 1].strip()}"
        yield ins.text() if ins.op == "" else f"    {ins.text()}"
