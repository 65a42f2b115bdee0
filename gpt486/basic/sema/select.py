"""Select Case, and the jumps that all structured statements are made of."""

from __future__ import annotations

from gpt486.basic import ir
from gpt486.basic import nodes as n
from gpt486.basic.lexer import Token
from gpt486.basic.sema import fold
from gpt486.basic.sema.builtins import BuiltinAnalyzer
from gpt486.basic.sema.context import _article, as_number
from gpt486.basic.source import fail
from gpt486.basic.types import INTEGER, STRING, UINTEGER, IntType, pointer_to, promote

MIN_TABLE = 5
"""Select Case uses a jump table from this many single values on, when they lie close together."""

MAX_RANGE = 512
"""A longer `low To high` is compared with, not entered into a table."""


class SelectAnalyzer(BuiltinAnalyzer):
    """Branches and Select Case."""

    def block(self, body: n.Block, *, scoped: bool = True) -> None:
        """A block of statements."""
        raise NotImplementedError

    def _branch(self, tok: Token, node: n.Expr, label: ir.Label, sense: bool) -> None:
        """Jump to `label` when the condition's truth is `sense`; constant conditions become jumps or nothing."""
        e = self.condition(node)
        if isinstance(e, ir.EConst):
            if (e.value != 0) == sense:
                self._jump_to(tok, label)
            return
        label.used += 1
        self.emit(ir.OBranch(tok, e, label, sense))

    def _jump_to(self, tok: Token, label: ir.Label) -> None:
        label.used += 1
        self.emit(ir.OJump(tok, label))

    def _place(self, tok: Token, label: ir.Label) -> None:
        label.placed = True
        self.emit(ir.OLabel(tok, label))

    def _held(self, e: ir.Expr, tok: Token, hint: str) -> ir.Expr:
        var = self.hidden(e.type, hint)
        place = ir.EVar(e.type, var)
        self.emit(ir.OAssign(tok, place, e))
        return place

    def _select(self, node: n.Select) -> None:
        tok = node.tok
        subject = as_number(self.expression(node.subject))
        end = self.label("endselect")
        self.loops.append(("select", end, end))
        if self.is_text(subject.type):
            subject = ir.EMem(subject.type, self.hold_string(subject)) if not isinstance(subject, ir.EText) else subject
            if isinstance(subject, ir.EMem):
                held = self.hidden(pointer_to(subject.type))
                self.emit(ir.OAssign(tok, ir.EVar(held.type, held), subject.address))
                subject = ir.EMem(STRING, ir.EVar(held.type, held))
        elif not subject.type.is_scalar:
            fail(node.subject, f"Select Case cannot choose by {_article(subject.type)}")
        elif not isinstance(subject, ir.EConst):
            if node.const:
                if subject.type.size == 8:
                    fail(node.subject, "Select Case As Const wants a value of at most 32 bits")
                subject = fold.convert(subject, INTEGER)
            subject = self._held(subject, tok, "select")
        tests = [[self._case_test(node, subject, t) for t in items] for _, items, _ in node.branches]
        labels = [self.label("case") for _ in node.branches]
        default = end
        for label, (_, items, _) in zip(labels, node.branches, strict=True):
            if not items:
                default = label
        if not self._switch(node, subject, labels, default):
            for label, (case_tok, _, _), conditions in zip(labels, node.branches, tests, strict=True):
                for condition in conditions:
                    if isinstance(condition, ir.EConst):
                        if condition.value:
                            self._jump_to(case_tok, label)
                        continue
                    label.used += 1
                    self.emit(ir.OBranch(case_tok, condition, label, True))
            self._jump_to(tok, default)
        for i, (label, (case_tok, _, body)) in enumerate(zip(labels, node.branches, strict=True)):
            self._place(case_tok, label)
            self.block(body)
            if i < len(labels) - 1:
                self._jump_to(body[-1].tok if body else case_tok, end)
        self._place(tok, end)
        self.loops.pop()

    def _case_test(self, node: n.Select, subject: ir.Expr, test: n.CaseTest) -> ir.Expr:
        low = self.expression(test.low)
        if node.const and test.high is not None:
            return self._const_range(test, subject, low, self.expression(test.high))
        op = test.op if test.op != "to" else ">="
        condition = self._case_compare(test, op, subject, low)
        if test.high is not None:
            other = self._case_compare(test, "<=", subject, self.expression(test.high))
            return self._short(condition, other)
        if node.const and not isinstance(low, ir.EConst):
            fail(test.low, "Select Case As Const wants constants")
        return condition

    @staticmethod
    def _const_range(test: n.CaseTest, subject: ir.Expr, low: ir.Expr, high: ir.Expr) -> ir.Expr:
        """As Const takes a range's values one by one as 32 bits, whatever the signs: `-1 To 1` is three of them."""
        for e, place in ((low, test.low), (high, test.high)):
            if not isinstance(e, ir.EConst) or not isinstance(e.type, IntType):
                fail(place or test.low, "Select Case As Const wants constants")
        assert isinstance(low, ir.EConst)
        assert isinstance(high, ir.EConst)
        if low.value > high.value:
            return fold.const(0)
        offset = fold.binary("sub", fold.convert(subject, UINTEGER), fold.convert(low, UINTEGER), UINTEGER)
        return fold.compare("<=", offset, fold.const(high.value - low.value, UINTEGER))

    @staticmethod
    def _short(a: ir.Expr, b: ir.Expr) -> ir.Expr:
        if isinstance(a, ir.EConst):
            return b if a.value else fold.const(0)
        return ir.ELogic(INTEGER, "andalso", a, b)

    def _case_compare(self, test: n.CaseTest, op: str, subject: ir.Expr, value: ir.Expr) -> ir.Expr:
        fake = n.Binary(test.tok, op, test.low, test.low)
        if self.is_text(subject.type) or self.is_text(value.type):
            return self._compare_texts(fake, subject, value)
        self._check_comparable(fake, subject, value)
        return fold.compare(op, subject, value)

    def _switch(self, node: n.Select, subject: ir.Expr, labels: list[ir.Label], default: ir.Label) -> bool:
        """Use a jump table when every Case is a constant, there are enough of them and they lie close together."""
        if not isinstance(subject.type, IntType) or subject.type.size == 8 or isinstance(subject, ir.EConst):
            return False
        table: dict[int, ir.Label] = {}
        for label, (_, items, _) in zip(labels, node.branches, strict=True):
            for test in items:
                if test.op not in ("=", "to"):
                    return False
                low = self.expression(test.low)
                high = self.expression(test.high) if test.high is not None else low
                if not isinstance(low, ir.EConst) or not isinstance(high, ir.EConst):
                    return False
                if high.value - low.value > MAX_RANGE:
                    return False
                values = self._matching(node, subject.type, low, high)
                if values is None:
                    return False
                for value in values:
                    table.setdefault(value, label)
        if len(table) < MIN_TABLE:
            return False
        least, most = min(table), max(table)
        if most - least >= 4 * len(table) or most - least > 1024:
            return False
        targets = [table.get(v, default) for v in range(least, most + 1)]
        for label in [*targets, default]:
            label.used += 1
        self.emit(ir.OSwitch(node.tok, subject, least, targets, default))
        return True

    @staticmethod
    def _matching(node: n.Select, subject: IntType, low: ir.EConst, high: ir.EConst) -> list[int] | None:
        """The values of the subject's type that the comparisons with a Case's constants take; None for too many."""
        if node.const:
            return [INTEGER.wrap(v) for v in range(low.value, high.value + 1)]
        if not isinstance(low.type, IntType) or not isinstance(high.type, IntType):
            return None
        type_ = promote(subject, low.type)
        if type_.size == 8 or promote(subject, high.type) is not type_:
            return None
        first, last = type_.wrap(low.value), type_.wrap(high.value)
        if last - first > MAX_RANGE:
            return None
        # A constant outside of the subject's own range (255 for a Byte) never matches, unless it is
        # the comparison itself that wraps (an unsigned constant).
        return [subject.wrap(v) for v in range(first, last + 1) if type_.wrap(subject.wrap(v)) == v]
