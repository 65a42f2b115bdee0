"""The code that fbc makes of BASIC, inside of our own programs, so that the cycle model can time it.

`fbc -r` writes a program's assembly. Its procedures take the places of those that our compiler made of the same source:
both call alike (cdecl, all arguments on the stack, ebx, esi, edi and ebp kept) and name procedures alike, and the
variables can be shared. So start-up, input and output stay ours, and none of fbc's libraries is needed. A procedure
that calls fbc's run-time library, or libgcc, stays ours as well and is named with what it calls.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gpt486.basic import Program, compile_source
from gpt486.errors import Gpt486Error
from gpt486.toolchain import AsmLine

FLAGS = ("-r", "-target", "dos", "-arch", "486", "-gen", "gas", "-w", "all")

_DROPPED = re.compile(r"\.(globl|type|size|intel_syntax)\b")
_LOCAL = re.compile(r"(?<![\w.])_?(\.L\w*)")
_SYMBOL = re.compile(r"(?<![\w.$])_(\w[\w$]*)")
_LISTED = re.compile(r"^; ---- (\w+) \(", re.M)


class FbcError(Gpt486Error):
    """There is no fbc, or it has something to say about the source."""


@dataclass(frozen=True)
class Translated:
    """A program whose procedures are fbc's, as far as they can be.

    Attributes:
        program: for our linker.
        taken: names of the procedures that are fbc's, in capitals.
        kept: those that stayed ours, each with what it calls of fbc's libraries.
        calls: for each procedure of fbc's, the procedures that it calls.
    """

    program: Program
    taken: frozenset[str]
    kept: Mapping[str, str]
    calls: Mapping[str, frozenset[str]]

    def reason(self, name: str) -> str | None:
        """Why a procedure or one that it calls is not fbc's; None where all of it is."""
        waiting, seen = [name.upper()], set()
        while waiting:
            procedure = waiting.pop()
            if procedure in self.kept:
                return f"{procedure.lower()} calls {self.kept[procedure]}"
            if procedure not in seen:
                seen.add(procedure)
                waiting += sorted(self.calls.get(procedure, ()))
        return None


def find_fbc() -> str | None:
    """FreeBASIC's compiler: what $FBC names, else `fbc` on PATH."""
    return shutil.which(os.environ.get("FBC") or "fbc")


def assembly_of(source: str, defines: Mapping[str, str] | None = None) -> str:
    """What fbc makes of a source, for DOS and the 486.

    Raises:
        FbcError: no fbc, or messages from it.
    """
    fbc = find_fbc()
    if fbc is None:
        raise FbcError("fbc is neither on PATH nor named by $FBC; install FreeBASIC 1.10 to measure its code")
    macros = [word for name, value in (defines or {}).items() for word in ("-d", f"{name}={value}" if value else name)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "TWINS.BAS").write_text(source, encoding="latin-1")
        command = [fbc, *FLAGS, *macros, "TWINS.BAS"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        said = (done.stdout + done.stderr).strip()
        made = next((path for path in folder.iterdir() if path.suffix.lower() == ".asm"), None)
        if done.returncode != 0 or said or made is None:
            raise FbcError(f"fbc: {said or f'exit code {done.returncode}'}")
        return made.read_text(encoding="latin-1")


def translate(source: str, name: str = "TWINS.BAS", defines: Mapping[str, str] | None = None) -> Translated:
    """Compile a source with both compilers; every procedure that needs none of fbc's libraries is fbc's.

    Raises:
        FbcError: no fbc, or messages from it.
        BasicError: our compiler refuses it.
    """
    ours = compile_source(source, name, defines=defines)
    return _Joining(ours, assembly_of(source, defines)).joined()


class _Joining:
    """Puts fbc's procedures into a program of ours."""

    def __init__(self, ours: Program, gas: str) -> None:
        self._ours = ours
        listed = _LISTED.findall(ours.listing)
        self._starts = {*listed, *(name.upper() for name in listed)}
        self._variables = {line.text.rstrip(":") for line in ours.lines if line.text.startswith("v_")}
        self._variables |= set(ours.bss_symbols)
        self._bss = dict(ours.bss_symbols)
        self._bss_bytes = ours.bss_bytes
        self._procedures: dict[str, list[AsmLine]] = {}
        self._data: list[AsmLine] = []
        self._left = False
        self._split(gas)

    def joined(self) -> Translated:
        """The program."""
        calls = {
            name: frozenset(line.text.split()[1] for line in lines if line.text.startswith("call "))
            for name, lines in self._procedures.items()
        }
        kept = {}
        for name, called in calls.items():
            foreign = sorted(call for call in called if call not in self._procedures and call != "dword")
            if foreign:
                kept[name] = ", ".join(foreign)
        taken = frozenset((self._procedures.keys() - kept.keys()) & self._starts)
        lines = [*self._replaced(taken), *self._data]
        program = replace(self._ours, lines=lines, bss_bytes=self._bss_bytes, bss_symbols=self._bss)
        return Translated(program, taken, {k: v for k, v in kept.items() if k in self._starts}, calls)

    def _replaced(self, taken: frozenset[str]) -> Iterator[AsmLine]:
        """Our lines with fbc's in place of the procedures `taken`."""
        skipping = False
        for line in self._ours.lines:
            label = line.text[:-1] if line.text.endswith(":") else ""
            if label in self._starts or line.text.startswith((".balign", "v_", "d_", "s_")):
                skipping = label in taken
                if skipping:
                    yield from self._procedures[label]
            if not skipping:
                yield line

    def _split(self, gas: str) -> None:
        """Sort fbc's lines into procedures, data and bss. A procedure is what follows an alignment in .text."""
        section, body, aligned = "", self._data, False
        for number, raw in enumerate(gas.splitlines(), 1):
            text = raw.strip()
            if not text or _DROPPED.match(text):
                continue
            if text.startswith(".section"):
                section = text.split()[1]
                continue
            if text.startswith((".lcomm", ".comm")):
                self._reserve(text.split(None, 1)[1])
                continue
            if section in (".bss", ".ctors"):
                continue
            text = self._named(text)
            label = re.match(r"([\w$.]+):\s*", text)
            if section == ".text":
                if aligned and label:
                    body = self._procedures.setdefault(label[1], [AsmLine(".balign 16", "fbc", number)])
                aligned = text == ".balign 16"
                if aligned:
                    continue
                body.append(AsmLine(text, "fbc", number))
            else:
                self._datum(text, label, number)

    def _datum(self, text: str, label: re.Match[str] | None, number: int) -> None:
        """A line of initialised data; a variable that our program has too is left to it."""
        if label:
            self._left = label[1] in self._variables
            if not self._left:
                self._data.append(AsmLine(f"{label[1]}:", "fbc", number))
            text = text[label.end() :]
        if text and (text.startswith(".balign") or not self._left):
            self._data.append(AsmLine(text, "fbc", number))

    def _reserve(self, operands: str) -> None:
        """A variable that begins as zeros, unless our program has it."""
        symbol, size = self._named(operands).split(",")[:2]
        if symbol not in self._variables:
            self._bss_bytes = -(-self._bss_bytes // 16) * 16
            self._bss[symbol] = self._bss_bytes
            self._bss_bytes += int(size)

    def _named(self, text: str) -> str:
        """A line with our names: a variable of ours is v_name, everything else loses fbc's underscore."""
        code, quote, string = text.partition('"')
        code = _LOCAL.sub(r"\1", code)
        if code.startswith(".int "):
            code = f".long {code[5:]}"
        return _SYMBOL.sub(self._symbol, code) + quote + string

    def _symbol(self, match: re.Match[str]) -> str:
        variable = f"v_{match[1].rstrip('$').lower()}"
        return variable if variable in self._variables else match[1]
