"""The whole program: the procedures that are reached, and the data they use."""

from __future__ import annotations

from dataclasses import dataclass, field

from gpt486.basic import ir
from gpt486.basic.codegen.emitter import Ins
from gpt486.basic.codegen.procedure import ProcedureCode
from gpt486.basic.lexer import Token
from gpt486.basic.sema.unit import Unit
from gpt486.basic.source import Diagnostics


@dataclass(slots=True)
class Generated:
    """The generated program: code by procedure, data directives, and the layout of bss."""

    procedures: list[tuple[ir.Proc, list[Ins]]] = field(default_factory=list)
    data: list[tuple[str, Token | None]] = field(default_factory=list)
    bss_bytes: int = 0
    bss_symbols: dict[str, int] = field(default_factory=dict)


class ProgramCode:
    """Generates code from the entry on, following what each procedure uses."""

    def __init__(self, unit: Unit, main: ir.Proc, diagnostics: Diagnostics) -> None:
        self.unit = unit
        self.main = main
        self.diagnostics = diagnostics
        self._todo: list[ir.Proc] = []
        self._seen: set[ir.Proc] = set()
        self._labels = 0
        self._used: list[ir.Var] = []
        self._used_set: set[ir.Var] = set()
        self._mentioned: dict[str, None] = {}

    # ---- what procedures ask for

    def new_label(self, hint: str) -> str:
        """A label that no map shows."""
        self._labels += 1
        return f"@{hint}_{self._labels}" if hint else f"@{self._labels}_"

    def symbol_of(self, var: ir.Var) -> str:
        """The symbol of a static variable, which thereby becomes part of the program."""
        if var not in self._used_set and var.storage != "extern":
            self._used_set.add(var)
            self._used.append(var)
        return var.symbol

    def mention(self, symbol: str) -> str:
        """Note that a literal's symbol is used."""
        self._mentioned.setdefault(symbol)
        return symbol

    def symbol_of_proc(self, proc: ir.Proc) -> str:
        """The symbol of a procedure, which thereby becomes part of the program."""
        self.reach(proc)
        return proc.symbol

    def runtime(self, name: str) -> ir.Proc:
        """A procedure of the run-time library."""
        return self.unit.runtime_proc(name)

    def reach(self, proc: ir.Proc) -> None:
        """Queue a procedure."""
        if proc not in self._seen:
            self._seen.add(proc)
            self._todo.append(proc)

    # ---- the program

    def generate(self) -> Generated:
        """Generate everything that can be reached from the entry."""
        out = Generated()
        self.reach(self.unit.runtime_proc("fb_start"))
        self.reach(self.main)
        while self._todo:
            proc = self._todo.pop(0)
            self.unit.analyzed(proc)
            if proc.definition is None and not proc.is_main:
                if proc.module is self.unit.user:
                    self.diagnostics.error(proc.tok, f"{proc.name} is declared and used, but defined nowhere")
                continue
            out.procedures.append((proc, ProcedureCode(self, proc).generate()))
            for name in proc.asm_names:
                named = self.unit.named_in_asm(name)
                if named is not None:
                    self.reach(named)
                self.mention(name)
        self._data(out)
        return out

    def _data(self, out: Generated) -> None:
        done = 0
        texts: dict[str, None] = {}
        initialised: list[ir.Var] = []
        while done < len(self._used):
            var = self._used[done]
            done += 1
            if var.initial is None:
                align = alignment(var.type.size)
                out.bss_bytes = -(-out.bss_bytes // align) * align
                out.bss_symbols[var.symbol] = out.bss_bytes
                out.bss_bytes += max(1, var.type.size)
                continue
            initialised.append(var)
            self._follow(var)
        for var in initialised:
            out.data.append((f".balign {max(4, alignment(var.type.size))}", None))
            out.data.append((f"{var.symbol}:", None))
            out.data += [(line, None) for line in var.initial or ()]
        for symbol in self._mentioned:
            data = self.unit.descriptor_of.get(symbol)
            if data is not None:
                text = self.unit.text(data)
                texts.setdefault(text)
                out.data.append((".balign 4", None))
                out.data.append((f"{symbol}:", None))
                out.data.append((f".long {text}, {len(data)}, 0", None))
            elif symbol in self.unit.text_of:
                texts.setdefault(symbol)
        for text in texts:
            out.data.append((f"{text}:", None))
            out.data += [(line, None) for line in text_directives(self.unit.text_of[text])]
        out.bss_bytes = -(-out.bss_bytes // 4) * 4

    def _follow(self, var: ir.Var) -> None:
        """Reach what an initialised variable's addresses point to."""
        for line in var.initial or ():
            if line.startswith(".long ") and not line[6].isdigit():
                name = line[6:].split("+")[0].split("-")[0]
                self.mention(name)
                for other in self.unit.statics:
                    if other.symbol == name:
                        self.symbol_of(other)


def alignment(size: int) -> int:
    """The alignment of a static variable: what fills a 16-byte line of the 486's cache begins with one."""
    if size >= 16:
        return 16
    return 4 if size >= 4 else max(1, size & 2)


def text_directives(data: bytes) -> list[str]:
    """The directives of a zero-terminated string literal, readable where it is plain text."""
    printable = all(32 <= b < 127 and b not in b'"\\;' for b in data)
    if printable and len(data) <= 100:
        return [f'.asciz "{data.decode("ascii")}"']
    return data_directives_unaligned(data + b"\0")


def data_directives_unaligned(data: bytes) -> list[str]:
    """`.byte` lines."""
    return [".byte " + ", ".join(str(b) for b in data[i : i + 24]) for i in range(0, len(data), 24)]
