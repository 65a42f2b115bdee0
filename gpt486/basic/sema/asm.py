"""Asm blocks: FreeBASIC names in them are replaced by numbers, places and symbols; everything else passes through."""

from __future__ import annotations

from gpt486.basic import ir
from gpt486.basic import nodes as n
from gpt486.basic.lexer import Kind, Token
from gpt486.basic.sema.builtins import BuiltinAnalyzer
from gpt486.basic.sema.symbols import RESERVED_SYMBOLS
from gpt486.basic.source import fail
from gpt486.basic.types import RecordType

PREFIXES = ("rep", "repe", "repne", "repz", "repnz", "lock")


class AsmAnalyzer(BuiltinAnalyzer):
    """Assembler lines."""

    def asm_statement(self, node: n.Asm) -> None:
        """Asm ... End Asm."""
        self.proc.has_asm = True
        for line in node.lines:
            for statement in self._split(line):
                self.emit(ir.OAsm(statement[0], self._pieces(statement)))

    @staticmethod
    def _split(line: list[Token]) -> list[list[Token]]:
        """The statements of a line, which `;` separates."""
        out: list[list[Token]] = [[]]
        for tok in line:
            if tok.kind == Kind.OP and tok.low == ";":
                out.append([])
            else:
                out[-1].append(tok)
        return [s for s in out if s]

    def _pieces(self, tokens: list[Token]) -> list[ir.AsmPiece]:
        pieces: list[ir.AsmPiece] = []
        mnemonic = True  # the first word is no name, and neither is a label or what follows a prefix
        i = 0
        while i < len(tokens):
            tok = tokens[i]
            if tok.space and pieces:
                pieces.append(" ")
            if tok.kind == Kind.NAME and not mnemonic and tok.low not in RESERVED_SYMBOLS:
                glued = i > 0 and tokens[i - 1].kind in (Kind.INTEGER, Kind.RAW) and not tok.space
                if not glued:
                    i = self._name_in_asm(tokens, i, pieces)
                    continue
            elif tok.kind == Kind.INTEGER:
                # &h12 and suffixed numbers are BASIC's spelling; plain ones stay as written.
                pieces.append(str(tok.number) if tok.text[0] == "&" or tok.suffix else tok.text)
                i += 1
                continue
            pieces.append(tok.text)
            if tok.kind == Kind.OP and tok.low == ":":
                mnemonic = True
            elif tok.kind == Kind.NAME:
                mnemonic = tok.low in PREFIXES
            i += 1
        return pieces

    def _name_in_asm(self, tokens: list[Token], i: int, pieces: list[ir.AsmPiece]) -> int:
        """Substitute the name at `i`; returns the index after what was used."""
        tok = tokens[i]
        if tok.low in ("offsetof", "sizeof") and i + 1 < len(tokens) and tokens[i + 1].low == "(":
            return self._size_in_asm(tokens, i, pieces)
        if tok.low == "function" and self._bracketed(tokens, i):
            if self.proc.result is None:
                fail(tok, "[Function] is the result of a Function, and this is none")
            if self.proc.naked:
                fail(tok, "a Naked procedure has no result slot; leave the result in eax")
            self.proc.uses_result_slot = True
            self.proc.result.in_asm = True
            pieces.append(self.proc.result)
            return i + 1
        symbol = self.scope.find(tok.low)
        if isinstance(symbol, ir.TypeName) and i + 2 < len(tokens) and tokens[i + 1].low == ".":
            symbol = self.scope.find(tokens[i + 2].low)
            i += 2
        if isinstance(symbol, ir.Var):
            self.lookup(tok)
            if self.proc.naked and not symbol.is_static:
                fail(tok, f"{symbol.name} has no place of its own in a Naked procedure; its arguments start at [esp+4]")
            symbol.in_asm = symbol.address_taken = True
            pieces.append(symbol)
        elif isinstance(symbol, ir.Constant) and isinstance(symbol.value, int):
            pieces.append(str(symbol.value))
        elif isinstance(symbol, ir.Proc):
            pieces.append(symbol)
        else:
            self.proc.asm_names.append(tok.text)
            pieces.append(tok.text)
        return i + 1

    @staticmethod
    def _bracketed(tokens: list[Token], i: int) -> bool:
        return i > 0 and tokens[i - 1].low == "["

    def _size_in_asm(self, tokens: list[Token], i: int, pieces: list[ir.AsmPiece]) -> int:
        tok = tokens[i]
        end = i
        while end < len(tokens) and tokens[end].low != ")":
            end += 1
        inside = tokens[i + 2 : end]
        if not inside or end == len(tokens):
            fail(tok, f"{tok.text} has no closing parenthesis")
        type_ = self.resolve(n.TypeRef(inside[0]), allow_any=True)
        if tok.low == "sizeof":
            pieces.append(str(type_.size))
            return end + 1
        offset = 0
        for name in inside[2::2]:
            if not isinstance(type_, RecordType) or name.low not in type_.fields:
                fail(name, f"{type_.name} has no field {name.text}")
            field = type_.fields[name.low]
            offset, type_ = offset + field.offset, field.type
        pieces.append(str(offset))
        return end + 1
