"""The compiler from end to end: source text to assembly lines, and on to an executable."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gpt486.basic.codegen.program import Generated, ProgramCode
from gpt486.basic.errors import BasicError
from gpt486.basic.listing import listing
from gpt486.basic.parser import Parser
from gpt486.basic.preprocessor import Loader, Preprocessor
from gpt486.basic.sema.unit import Unit, runtime_include
from gpt486.basic.source import Diagnostics, SourceFile
from gpt486.toolchain import AsmLine, AssemblyError
from gpt486.toolchain.link import Executable, link

DEFAULT_STACK = 64 * 1024
"""Bytes of stack that a program gets."""

MAX_STACK = 8 * 1024 * 1024
MIN_STACK = 1024

MAX_SOURCE = 16 * 1024 * 1024
"""No source file may have more bytes than this."""

ENTRY = "fb_start"
"""The symbol at which a compiled program begins."""


@dataclass
class Program:
    """A compiled program: code and data as assembly lines, and the layout of what begins as zeros.

    Attributes:
        name: the source file's name, which becomes the executable's title.
        lines: all code and initialised data, in order, each with the BASIC line it came from.
        entry: the symbol at which it begins.
        bss_bytes: size of the storage that begins as zeros.
        bss_symbols: offset of each variable in that storage.
        listing: the code in readable form, under the BASIC lines it came from.
        messages: what #print said.
    """

    name: str
    lines: list[AsmLine]
    entry: str
    bss_bytes: int
    bss_symbols: dict[str, int]
    listing: str
    messages: list[str] = field(default_factory=list)

    def build(self, *, stack_bytes: int = DEFAULT_STACK) -> Executable:
        """Assemble and link it with the start-up code into a DOS executable.

        Raises:
            BasicError: an Asm statement that the assembler refuses, by file and line.
            LinkError: the program does not fit together, or not into the machine.
        """
        try:
            return link(
                self.lines,
                entry=self.entry,
                bss_bytes=self.bss_bytes,
                bss_symbols=self.bss_symbols,
                stack_bytes=stack_bytes,
                title=self.name,
            )
        except AssemblyError as error:
            if not error.line:
                raise
            place = f"{error.file}({error.line}): error: {error.reason}"
            raise BasicError.plain(f"{place}\n    {error.statement}") from error


def compile_file(path: Path, *, defines: Mapping[str, str] | None = None) -> Program:
    """Compile the program in `path`.

    Args:
        path: the main source file; `#include` looks beside the file that asks.
        defines: macros to define first, as `#define NAME VALUE` would.

    Raises:
        BasicError: with every error found, each with its line quoted; or `path` is no regular file, or too large.
        OSError: the file cannot be read.
    """

    def loader(name: str, asking: SourceFile) -> SourceFile | None:
        wanted = name.replace("\\", "/")
        for folder in (Path(asking.name).parent, path.parent):
            found = folder / wanted
            if found.is_file():
                return SourceFile.from_text(str(found), _decode(_read(found)))
        return runtime_include(wanted.lower(), asking)

    source = SourceFile.from_text(str(path), _decode(_read(path)))
    return _compile(source, loader, defines or {})


def compile_source(
    text: str,
    name: str = "PROGRAM.BAS",
    *,
    defines: Mapping[str, str] | None = None,
    includes: Mapping[str, str] | None = None,
) -> Program:
    """Compile program text; `includes` maps the names of include files to their text.

    Raises:
        BasicError: with every error found, each with its line quoted.
    """
    files = {k.lower(): v for k, v in (includes or {}).items()}

    def loader(wanted: str, asking: SourceFile) -> SourceFile | None:
        if wanted.lower() in files:
            return SourceFile.from_text(wanted, files[wanted.lower()])
        return runtime_include(wanted.lower(), asking)

    return _compile(SourceFile.from_text(name, text), loader, defines or {})


def _read(path: Path) -> bytes:
    """The bytes of a source file; a device, which may have no end, or an oversized file is refused."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise BasicError.plain(f"{path}: is no regular file; a BASIC source is wanted")
    if found.st_size > MAX_SOURCE:
        raise BasicError.plain(f"{path}: has {found.st_size:,} bytes; a BASIC source has at most {MAX_SOURCE:,}")
    return path.read_bytes()


def _decode(data: bytes) -> str:
    """Source bytes as text: UTF-8 when they are that, else one character a byte. Ctrl-Z ends the text, as in DOS."""
    data = data.split(b"\x1a", 1)[0]
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _compile(source: SourceFile, loader: Loader, defines: Mapping[str, str]) -> Program:
    diagnostics = Diagnostics()
    preprocessor = Preprocessor(diagnostics, loader, defines)
    tokens = preprocessor.run(source)
    program = Parser(tokens, diagnostics).program()
    unit = Unit(diagnostics)
    module = unit.compile_user(source.name, program)
    diagnostics.check()
    generated = ProgramCode(unit, module.main, diagnostics).generate()
    diagnostics.check()
    return Program(
        Path(source.name).stem,
        asm_lines(generated),
        ENTRY,
        generated.bss_bytes,
        generated.bss_symbols,
        listing(generated),
        preprocessor.messages,
    )


def asm_lines(generated: Generated) -> list[AsmLine]:
    """The program as the assembler takes it."""
    lines = [AsmLine(ins.text(), ins.tok.file.name, ins.tok.line) for _, code in generated.procedures for ins in code]
    lines += [AsmLine(text, tok.file.name if tok else "", tok.line if tok else 0) for text, tok in generated.data]
    return lines
