"""Analysis of a whole module: the program itself, or one file of the run-time library."""

from __future__ import annotations

from gpt486.basic import ir
from gpt486.basic import nodes as n
from gpt486.basic.sema.scopes import Scope
from gpt486.basic.sema.statements import StatementAnalyzer
from gpt486.basic.source import StatementError, fail
from gpt486.basic.types import RecordType, StringType


class Module(StatementAnalyzer):
    """One file's declarations and procedures.

    The program's procedures are analyzed where they stand, so that they see what was declared before them; those of
    the run-time library only when something needs them, and they see their whole module.
    """

    def analyze(self, program: n.Block) -> None:
        """Analyze every statement of the module."""
        self._foresee(program)
        for stmt in program:
            try:
                if isinstance(stmt, n.ProcDef):
                    proc = self._head(stmt.header, stmt)
                    if not self.runtime:
                        self.analyze_proc(proc)
                elif isinstance(stmt, n.Declare):
                    self._head(stmt.header, None)
                else:
                    self.statement(stmt)
            except StatementError as error:
                self.diagnostics.add(error.diagnostic)
        self._finish_labels()
        self.main.analyzed = True

    def _head(self, header: n.ProcHeader, definition: n.ProcDef | None) -> ir.Proc:
        try:
            return self.declare_proc(header, definition)
        except StatementError:
            self.poison(header.name.lower(), header.name)
            raise

    def _foresee(self, program: n.Block) -> None:
        """Note the records and procedures that are still to come, for forward references and better errors."""
        for stmt in program:
            if isinstance(stmt, n.TypeDecl) and stmt.alias is None:
                key = (self.module_name, stmt.name.lower())
                self.unit.forward.setdefault(key, RecordType(stmt.name, union=stmt.union))
            elif isinstance(stmt, n.ProcDef):
                self.later[stmt.header.name.lower()] = stmt.header.tok.line

    def _finish_labels(self) -> None:
        for tok, label in self.pending_labels:
            if not label.placed:
                self.diagnostics.error(tok, f"there is no label {tok.text} in this procedure")
        self.pending_labels = []

    def analyze_proc(self, proc: ir.Proc) -> None:
        """Analyze a procedure's body."""
        definition = proc.definition
        if definition is None or proc.analyzed:
            return
        saved = (self.proc, self.ops, self.scope, self.labels, self.loops, self.with_targets, self.pending_labels)
        self.proc, self.ops = proc, proc.body
        self.scope = Scope(self.globals)
        self.labels, self.loops, self.with_targets, self.pending_labels = {}, [], [], []
        try:
            self._proc_names(proc)
            if proc.naked:
                self._check_naked(definition)
            self.block(definition.body, scoped=False)
            self._finish_labels()
        except StatementError as error:
            self.diagnostics.add(error.diagnostic)
        finally:
            (self.proc, self.ops, self.scope, self.labels, self.loops, self.with_targets, self.pending_labels) = saved
        proc.analyzed = True

    def _proc_names(self, proc: ir.Proc) -> None:
        definition = proc.definition
        assert definition is not None
        result = proc.type.result
        if result is not None:
            proc.result = ir.Var("Function", result, "local")
            if isinstance(result, RecordType):
                # The caller passes the address of where the result goes, before the arguments.
                proc.result = ir.Var("Function", result, "param", byref=True)
                proc.params.append(proc.result)
        for param, node in zip(proc.type.params, definition.header.signature.params, strict=True):
            if not param.name:
                fail(node, "a parameter of a defined procedure needs a name")
            copied = not param.byref and isinstance(param.type, RecordType)
            by_address = param.byref or isinstance(param.type, RecordType | StringType)
            var = ir.Var(param.name, param.type, "param", byref=by_address)
            proc.params.append(var)
            if copied and not proc.naked:
                # A record ByVal arrives as an address; the procedure works on its own copy.
                copy = ir.Var(param.name, param.type, "local", address_taken=True)
                proc.locals.append(copy)
                source = self.address_of(self.variable(var), node)
                target = self.address_of(ir.EVar(param.type, copy), node)
                self.emit(ir.OCopy(node.tok, target, source, param.type.size))
                var = copy
            self.define(node.tok, param.name.lower(), var)

    @staticmethod
    def _check_naked(definition: n.ProcDef) -> None:
        for stmt in definition.body:
            if not isinstance(stmt, n.Asm | n.ConstDecl | n.EnumDecl):
                fail(stmt, "a Naked procedure has no frame: only Asm (and Const) may stand in it")
