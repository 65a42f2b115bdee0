"""Analysis of statements: structured control flow becomes labels and branches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gpt486.basic import ir
from gpt486.basic import nodes as n
from gpt486.basic.lexer import Token
from gpt486.basic.sema import fold
from gpt486.basic.sema.asm import AsmAnalyzer
from gpt486.basic.sema.context import _article, as_number
from gpt486.basic.sema.declarations import DeclarationAnalyzer
from gpt486.basic.sema.files import FileAnalyzer
from gpt486.basic.sema.scopes import Scope
from gpt486.basic.sema.select import SelectAnalyzer
from gpt486.basic.source import StatementError, fail
from gpt486.basic.types import (
    ANY,
    LONG,
    UINTEGER,
    IntType,
    PointerType,
    RecordType,
    StringType,
    Type,
    ZStringType,
    pointer_to,
    same_type,
)


class StatementAnalyzer(FileAnalyzer, AsmAnalyzer, SelectAnalyzer, DeclarationAnalyzer):
    """Statements to operations."""

    # ---- blocks

    def block(self, body: n.Block, *, scoped: bool = True) -> None:
        """A block in a scope of its own; an error ends its statement only."""
        if scoped:
            self.scope = Scope(self.scope)
        for stmt in body:
            try:
                self.statement(stmt)
            except StatementError as error:
                self.diagnostics.add(error.diagnostic)
        if scoped:
            assert self.scope.outer is not None
            self.scope = self.scope.outer

    def statement(self, stmt: n.Stmt) -> None:
        """One statement; an error leaves the blocks that it opened."""
        scope, loops, targets = self.scope, len(self.loops), len(self.with_targets)
        try:
            _HANDLERS[type(stmt)](self, stmt)
        except StatementError:
            self.scope = scope
            del self.loops[loops:], self.with_targets[targets:]
            raise

    # ---- assignments

    def _assign(self, node: n.Assign) -> None:
        target = self._assignment_target(node)
        if target is None:
            return
        if not node.op:
            self.assign(target, self.expression(node.value), node)
            return
        if node.op in ("/", "^"):
            fail(node, f"{node.op}= works in floating point; integer division is written \\=")
        value = self.expression(node.value)
        target = self.stable(target if self.is_text(value.type) else as_number(target), value, node.tok)
        if self.is_text(target.type):
            if node.op not in ("+", "&"):
                fail(node, f"{node.op}= does not work on strings")
            if isinstance(target.type, StringType):
                if isinstance(value.type, IntType) and node.op == "&":
                    value = self.number_to_string(value)
                text = self.string(value, node.value)
                self.evaluate(self.rt("fb_strappend", [self.string(target, node), text], ANY), node.tok)
                return
            self.assign(target, self.concat(target, value, node), node)
            return
        if node.op == "&":
            fail(node, "&= joins strings; the bitwise operator is And=")
        self.assign(target, self.operate(node, node.op, target, value), node)

    def stable(self, target: ir.Expr, value: ir.Expr, tok: Token) -> ir.Expr:
        """The target with a computed address that has calls evaluated once, before it is read and written."""
        if isinstance(target, ir.EMem) and target.address.calls:
            var = self.hidden(target.address.type)
            place = ir.EVar(target.address.type, var)
            self.emit(ir.OAssign(tok, place, target.address))
            return ir.EMem(target.type, place)
        return target

    def _assignment_target(self, node: n.Assign) -> ir.Expr | None:
        target = node.target
        if isinstance(target, n.Name) and not node.op:
            symbol = self.scope.find(target.low)
            if isinstance(symbol, ir.Proc) and symbol is self.proc and symbol.type.result is not None:
                self._result(n.Result(node.tok, node.value))  # the old spelling: name = value
                return None
        if isinstance(target, n.Call) and isinstance(target.base, n.Name) and target.base.low == "mid":
            fail(node, "Mid as a statement is not supported")
        e = self.expression(target)
        if not ir.is_lvalue(e):
            what = "a constant" if isinstance(e, ir.EConst | ir.EText) else "a value"
            fail(target, f"{what} cannot be assigned to")
        return e

    def assign(self, target: ir.Expr, value: ir.Expr, where: n.Node) -> None:
        """Emit the assignment of a value to an lvalue of any type."""
        if not self.is_text(value.type):
            target = as_number(target)
        t, tok = target.type, where.tok
        if t.is_scalar:
            self.emit(ir.OAssign(tok, target, self.coerce(value, t, where, "the value")))
        elif isinstance(t, StringType):
            text = self.string(self.text(value, where, "the value"), where)
            self.evaluate(self.rt("fb_strassign", [self.string(target, where), text], ANY), tok)
        elif isinstance(t, ZStringType):
            text = self.string(self.text(value, where, "the value"), where)
            room = fold.const(t.length or 0x7FFFFFFF)  # behind a ZString Ptr the size is not known
            self.evaluate(self.rt("fb_zassign", [self.address_of(target, where), room, text], ANY), tok)
        elif isinstance(t, RecordType):
            if not same_type(value.type, t) or not ir.is_lvalue(value):
                fail(where, f"the value is {_article(value.type)} where {_article(t)} is wanted")
            target = self.stable(target, value, tok)
            source = self.address_of(value, where)
            self.emit(ir.OCopy(tok, self.address_of(target, where), source, t.size))
        else:
            fail(where, "an array cannot be assigned whole; copy it with fb_MemCopy or element by element")

    def evaluate(self, e: ir.Expr, tok: Token) -> None:
        """Emit a call for what it does; a String that it returns is thrown away."""
        if isinstance(e.type, StringType):
            e = self.rt("fb_strfree", [self.string(e, tok)], ANY)
        if isinstance(e, ir.EMem):
            e = e.address
        self.emit(ir.OEval(tok, e))

    def _swap(self, node: n.Swap) -> None:
        left, right = self.expression(node.left), self.expression(node.right)
        for e, child in ((left, node.left), (right, node.right)):
            if not ir.is_lvalue(e):
                fail(child, "Swap wants two variables")
        if not same_type(left.type, right.type):
            fail(node, f"Swap wants two variables of the same type, not {left.type.name} and {right.type.name}")
        left = self.stable(left, right, node.tok)
        right = self.stable(right, left, node.tok)
        if left.type.is_scalar:
            held = ir.EVar(left.type, self.hidden(left.type))
            self.emit(ir.OAssign(node.tok, held, left))
            self.emit(ir.OAssign(node.tok, left, fold.convert(right, left.type)))
            self.emit(ir.OAssign(node.tok, right, fold.convert(held, right.type)))
            return
        size = fold.const(left.type.size, UINTEGER)
        a, b = self.address_of(left, node), self.address_of(right, node)
        self.evaluate(self.rt("fb_memswap", [a, b, size], ANY), node.tok)

    # ---- calls

    def _call_statement(self, node: n.CallStmt) -> None:
        call = node.call
        base = call.base if isinstance(call, n.Call) else call
        if isinstance(base, n.Name):
            symbol = self.lookup(base.tok)
            if isinstance(symbol, ir.Proc):
                args = call.args if isinstance(call, n.Call) else []
                self.evaluate(self.call_proc(symbol, args, base.tok), node.tok)
                return
        e = self.expression(call)
        if not e.calls or ir.is_lvalue(e):
            if isinstance(e, ir.EMem) and isinstance(e.address, ir.ECall) and isinstance(e.type, RecordType):
                self.evaluate(e, node.tok)
                return
            if isinstance(e.type, PointerType) and not isinstance(call, n.Call):
                fail(node, "to call through a procedure pointer write its arguments in parentheses")
            fail(node, "this is a value, not a statement (a comparison? an assignment is 'variable = value')")
        self.evaluate(e, node.tok)

    # ---- branches

    def _if(self, node: n.If) -> None:
        end = self.label("endif")
        for i, (condition, body) in enumerate(node.branches):
            last = i == len(node.branches) - 1 and not node.otherwise
            # `If c Then Goto x` and `If c Then Exit For` branch straight to where they go.
            target = self._sole_jump(body) if last else None
            if target is not None:
                self._branch(condition.tok, condition, target, True)
                continue
            after = end if last else self.label("else")
            self._branch(condition.tok, condition, after, False)
            self.block(body)
            if not last:
                self._jump_to(body[-1].tok if body else node.tok, end)
                self._place(node.tok, after)
        if node.otherwise:
            self.block(node.otherwise)
        self._place(node.tok, end)

    def _sole_jump(self, body: n.Block) -> ir.Label | None:
        if len(body) != 1:
            return None
        stmt = body[0]
        if isinstance(stmt, n.Goto):
            return self._user_label(stmt.label)
        if isinstance(stmt, n.Jump):
            return self._jump_target(stmt)
        return None

    def _loop(self, node: n.Loop) -> None:
        tok = node.tok
        top, again, end = self.label("do"), self.label("again"), self.label("done")
        self.loops.append((node.kind, again, end))
        before = node.before
        endless = before is not None and self._always(before)
        if before is not None and not endless:
            self._jump_to(tok, again)
        self.emit(ir.OLoop(tok, True))
        self._place(tok, top)
        self.block(node.body)
        self._place(tok, again)
        test = before if not endless else None
        test = test or node.after
        if test is not None:
            condition, sense = test
            self._branch(condition.tok, condition, top, sense)
        else:
            self._jump_to(tok, top)
        self.emit(ir.OLoop(tok, False))
        self._place(tok, end)
        self.loops.pop()

    def _always(self, test: tuple[n.Expr, bool]) -> bool:
        e = self.condition(test[0]) if isinstance(test[0], n.Num | n.Name | n.Unary) else None
        return isinstance(e, ir.EConst) and (e.value != 0) == test[1]

    def _for(self, node: n.For) -> None:
        tok = node.tok
        self.scope = Scope(self.scope)
        if node.type is not None:
            type_ = self.resolve(node.type)
            var = ir.Var(node.counter.tok.text, type_, "local", module_local=self.proc.is_main)
            self.proc.locals.append(var)
        else:
            counter_e = self.expression(node.counter)
            if not isinstance(node.counter, n.Name) or not ir.is_lvalue(counter_e):
                fail(node.counter, "the counter of a For must be a variable of its own")
            type_ = counter_e.type
        if not isinstance(type_, IntType):
            fail(node.counter, f"the counter of a For must be a whole number, not {_article(type_)}")
        start = self._for_operand(node.start, type_)
        stop = self._for_operand(node.stop, type_)
        step = self._for_operand(node.step, type_) if node.step is not None else fold.const(1, type_)
        if node.type is not None:
            self.define(node.counter.tok, node.counter.tok.low, var)
            counter: ir.Expr = ir.EVar(type_, var)
        else:
            counter = counter_e
        if not isinstance(stop, ir.EConst):
            stop = self._held(stop, tok, "limit")
        sign = fold.const(0)
        # An unsigned counter takes its step's sign from how the step is written.
        down = self._written_negative(node.step) if isinstance(step, ir.EConst) else False
        if not isinstance(step, ir.EConst):
            step = self._held(step, tok, "step")
        self.emit(ir.OAssign(tok, counter, start))
        top, again, test, end = self.label("for"), self.label("next"), self.label("test"), self.label("done")
        if not self._surely_enters(start, stop, down, step):
            self._jump_to(tok, test)
        self.loops.append(("for", again, end))
        self.emit(ir.OLoop(tok, True))
        self._place(tok, top)
        self.block(node.body)
        self._place(tok, again)
        self.emit(ir.OAssign(tok, counter, fold.convert(fold.arithmetic("add", counter, step), type_)))
        self._place(tok, test)
        top.used += 1
        if isinstance(step, ir.EConst):
            self.emit(ir.OBranch(tok, fold.compare(">=" if down else "<=", counter, stop), top, True))
        else:
            falling = self.label("falling")
            falling.used += 1
            self.emit(ir.OBranch(tok, fold.compare("<", step, sign), falling, True))
            self.emit(ir.OBranch(tok, fold.compare("<=", counter, stop), top, True))
            self._jump_to(tok, end)
            self._place(tok, falling)
            self.emit(ir.OBranch(tok, fold.compare(">=", counter, stop), top, True))
        self.emit(ir.OLoop(tok, False))
        self._place(tok, end)
        self.loops.pop()
        assert self.scope.outer is not None
        self.scope = self.scope.outer

    @staticmethod
    def _written_negative(step: n.Expr | None) -> bool:
        return isinstance(step, n.Unary) and step.op == "-"

    def _for_operand(self, node: n.Expr, type_: Type) -> ir.Expr:
        return fold.convert(self.number(self.expression(node), node, "a bound of For"), type_)

    @staticmethod
    def _surely_enters(start: ir.Expr, stop: ir.Expr, down: bool, step: ir.Expr) -> bool:
        if not isinstance(start, ir.EConst) or not isinstance(stop, ir.EConst) or not isinstance(step, ir.EConst):
            return False
        return start.value >= stop.value if down else start.value <= stop.value

    # ---- jumps

    def _jump_target(self, node: n.Jump) -> ir.Label:
        kinds = node.kinds
        if kinds[0] in ("sub", "function"):
            wanted = "function" if self.proc.type.result is not None else "sub"
            if self.proc.is_main or kinds[0] != wanted:
                fail(node, f"Exit {kinds[0].title()} is not inside of a {kinds[0].title()}")
            return self.proc.exit
        at = len(self.loops)
        for kind in kinds:
            at -= 1
            while at >= 0 and self.loops[at][0] != kind:
                at -= 1
            if at < 0:
                fail(node, f"{node.verb.title()} {kind.title()} is not inside of a {kind.title()}")
        _, again, end = self.loops[at]
        return end if node.verb == "exit" else again

    def _jump(self, node: n.Jump) -> None:
        self._jump_to(node.tok, self._jump_target(node))

    def _user_label(self, tok: Token) -> ir.Label:
        label = self.labels.get(tok.low)
        if label is None:
            label = self.labels[tok.low] = ir.Label(tok.low, user=True)
        if not label.placed:
            self.pending_labels.append((tok, label))
        self.proc.has_goto = True
        return label

    def _goto(self, node: n.Goto) -> None:
        self._jump_to(node.tok, self._user_label(node.label))

    def _label(self, node: n.Label) -> None:
        symbol = self.scope.find(node.tok.low)
        if isinstance(symbol, ir.Proc):
            self._call_statement(n.CallStmt(node.tok, n.Name(node.tok)))
            return
        label = self.labels.get(node.tok.low)
        if label is None:
            label = self.labels[node.tok.low] = ir.Label(node.tok.low, user=True)
        if label.placed:
            fail(node, f"the label {node.tok.text} stands twice in this procedure")
        self.proc.has_goto = True
        self._place(node.tok, label)

    def _return(self, node: n.Return) -> None:
        if self.proc.is_main:
            fail(node, "Return belongs into a Sub or Function; the main program ends with End")
        if node.value is None:
            if self.proc.type.result is not None and not self.proc.uses_result_slot:
                fail(node, f"Return in the Function {self.proc.name} needs a value")
            self._jump_to(node.tok, self.proc.exit)
            return
        if self.proc.type.result is None:
            fail(node, f"{self.proc.name} is a Sub: Return takes no value")
        self._store_result(node.tok, node.value)
        self._jump_to(node.tok, self.proc.exit)

    def _result(self, node: n.Result) -> None:
        if self.proc.type.result is None or self.proc.is_main:
            fail(node, "'Function = value' belongs into a Function")
        self.proc.uses_result_slot = True
        self._store_result(node.tok, node.value)

    def _store_result(self, tok: Token, value: n.Expr) -> None:
        result = self.proc.result
        assert result is not None
        place: ir.Expr = self.variable(result)
        holder = n.Node(tok)
        self.assign(place, self.expression(value), holder)

    def _end(self, node: n.End) -> None:
        code = (
            fold.const(0) if node.code is None else self.number(self.expression(node.code), node.code, "the exit code")
        )
        self.evaluate(self.rt("fb_end", [fold.convert(code, LONG)], ANY), node.tok)

    # ---- nesting

    def _scope(self, node: n.Scope) -> None:
        self.block(node.body)

    def _with(self, node: n.With) -> None:
        e = self.expression(node.target)
        if isinstance(e.type, PointerType) and isinstance(e.type.target, RecordType):
            e = self.deref(e, node)
        if not isinstance(e.type, RecordType):
            fail(node.target, f"With wants a Type's variable, not {_article(e.type)}")
        if isinstance(e, ir.EMem):
            held = self._held(fold.retype(e.address, pointer_to(e.type)), node.tok, "with")
            e = ir.EMem(e.type, held)
        self.with_targets.append(e)
        self.block(node.body)
        self.with_targets.pop()

    def _misplaced(self, node: n.Stmt) -> None:
        fail(node, "a procedure cannot be declared or defined here; move it out to the program's outermost level")

    def _type_here(self, node: n.TypeDecl) -> None:
        self.type_decl(node)


_A = StatementAnalyzer
_HANDLERS: dict[type, Callable[[StatementAnalyzer, Any], None]] = {
    n.Assign: _A._assign, n.Swap: _A._swap, n.CallStmt: _A._call_statement, n.If: _A._if, n.Loop: _A._loop,
    n.For: _A._for, n.Select: _A._select, n.Jump: _A._jump, n.Goto: _A._goto, n.Label: _A._label,
    n.Return: _A._return, n.Result: _A._result, n.End: _A._end, n.Scope: _A._scope, n.With: _A._with,
    n.Dim: _A.dim, n.ConstDecl: _A.const_decl, n.EnumDecl: _A.enum_decl, n.TypeDecl: _A._type_here,
    n.ProcDef: _A._misplaced, n.Declare: _A._misplaced, n.Print: _A.print_statement, n.FileOp: _A.file_statement,
    n.Asm: _A.asm_statement,
}  # fmt: skip
