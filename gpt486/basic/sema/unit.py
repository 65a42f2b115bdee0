"""A whole compilation: the program's module, the run-time modules it needs, and the data they share."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from gpt486.basic import ir
from gpt486.basic import nodes as n
from gpt486.basic.errors import BasicError
from gpt486.basic.lexer import Kind, Token
from gpt486.basic.parser import Parser
from gpt486.basic.preprocessor import Preprocessor
from gpt486.basic.sema.module import Module
from gpt486.basic.sema.symbols import RESERVED_SYMBOLS
from gpt486.basic.source import Diagnostics, SourceFile
from gpt486.basic.types import ProcType, RecordType
from gpt486.primitives.units import UNITS, render_unit

RUNTIME = Path(__file__).parent.parent / "runtime"
COMMON = "types.bas"
_HEAD = re.compile(r"^(?:Private |Public )?(?:Sub|Function) (\w+)", re.M)


def incomplete(what: str) -> BasicError:
    """The error for a part of the compiler itself that is not there."""
    return BasicError.plain(f"the installation is incomplete: {what}; install gpt486 again")


@functools.cache
def runtime_index() -> dict[str, str]:
    """Lower-case procedure name -> file name, for all of the run-time library."""
    return {
        name.lower(): path.name for path in sorted(RUNTIME.glob("*.bas")) for name in _HEAD.findall(path.read_text())
    }


@functools.cache
def runtime_syntax(name: str) -> tuple[n.Stmt, ...]:
    """The syntax tree of one file of the run-time library; parsed once, never changed."""
    diagnostics = Diagnostics()
    try:
        text = (RUNTIME / name).read_text()
    except OSError as error:
        raise incomplete(f"{RUNTIME / name}: {error.strerror}") from error
    source = SourceFile.from_text(f"runtime/{name}", text)
    tokens = Preprocessor(diagnostics, runtime_include).run(source)
    program = Parser(tokens, diagnostics).program()
    diagnostics.check()
    return tuple(program)


def runtime_include(name: str, asking: SourceFile) -> SourceFile | None:
    """An include file of the run-time library, or a unit of primitives."""
    path = RUNTIME / name
    if path.is_file():
        return SourceFile.from_text(f"runtime/{name}", path.read_text())
    unit = name.removesuffix(".bi")
    return SourceFile.from_text(name, render_unit(unit)) if unit in UNITS and unit != name else None


class Unit:
    """Everything that becomes one program."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        self.diagnostics = diagnostics
        self.statics: list[ir.Var] = []
        self.forward: dict[tuple[str, str], RecordType] = {}
        self._texts: dict[bytes, str] = {}
        self._descriptors: dict[bytes, str] = {}
        self._symbols: set[str] = set()
        self._modules: dict[str, Module] = {}
        self.text_of: dict[str, bytes] = {}
        self.descriptor_of: dict[str, bytes] = {}
        self.user: Module | None = None

    # ---- symbols and data

    def new_main(self, name: str) -> ir.Proc:
        """The procedure that holds a module's own statements."""
        source = SourceFile(name, ())
        proc = ir.Proc("main", ProcType(), "main", Token(Kind.NAME, "main", source, 0, 0, False, "main"))
        proc.is_main = True
        return proc

    def unique_symbol(self, wanted: str) -> str:
        """A symbol that nothing else has."""
        symbol, count = wanted, 1
        while symbol in self._symbols:
            count += 1
            symbol = f"{wanted}_{count}"
        self._symbols.add(symbol)
        return symbol

    def proc_symbol(self, name: str, runtime: bool) -> str:
        """The symbol of a procedure without an Alias: its name in capitals, as fbc makes it."""
        if runtime:
            return self.unique_symbol(name.lower())
        symbol = name.upper() + ("_" if name.lower() in RESERVED_SYMBOLS else "")
        return self.unique_symbol(symbol)

    def text(self, data: bytes) -> str:
        """The symbol of a zero-terminated string literal."""
        symbol = self._texts.get(data)
        if symbol is None:
            symbol = self._texts[data] = f"s_{len(self._texts)}"
            self.text_of[symbol] = data
        return symbol

    def descriptor(self, data: bytes) -> str:
        """The symbol of a string descriptor for a literal."""
        symbol = self._descriptors.get(data)
        if symbol is None:
            symbol = self._descriptors[data] = f"d_{len(self._descriptors)}"
            self.descriptor_of[symbol] = data
        return symbol

    # ---- modules

    def compile_user(self, name: str, program: n.Block) -> Module:
        """Analyze the program itself."""
        module = Module(self, self.diagnostics, name, runtime=False)
        self.user = module
        module.analyze(program)
        return module

    def find_runtime(self, low: str) -> ir.Proc | None:
        """A procedure of the run-time library, if it has one of that name."""
        return self.runtime_proc(low) if low in runtime_index() else None

    def runtime_proc(self, name: str) -> ir.Proc:
        """A procedure of the run-time library by its lower-case name."""
        file = runtime_index().get(name)
        if file is None:
            raise incomplete(f"the run-time library in {RUNTIME} has no {name}")
        proc = self._module(file).globals.names[name]
        assert isinstance(proc, ir.Proc)
        return proc

    def _module(self, file: str) -> Module:
        """A file of the run-time library: its declarations and procedure heads. All see what types.bas declares."""
        module = self._modules.get(file)
        if module is None:
            module = self._modules[file] = Module(self, Diagnostics(), f"runtime/{file}", runtime=True)
            if file != COMMON:
                module.globals.outer = self._module(COMMON).globals
            module.analyze(list(runtime_syntax(file)))
            module.diagnostics.check()
        return module

    def analyzed(self, proc: ir.Proc) -> ir.Proc:
        """Make sure that a run-time procedure's body has been analyzed."""
        if not proc.analyzed and isinstance(proc.module, Module):
            proc.module.analyze_proc(proc)
            if proc.module.runtime:
                proc.module.diagnostics.check()
        return proc

    def named_in_asm(self, name: str) -> ir.Proc | None:
        """The procedure whose symbol an Asm block names."""
        if self.user is not None:
            for symbol in self.user.globals.names.values():
                if isinstance(symbol, ir.Proc) and symbol.symbol == name:
                    return symbol
        return self.runtime_proc(name) if name in runtime_index() else None
