"""Analysis of expressions: names, operators, members, indices, calls, casts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gpt486.basic import ir
from gpt486.basic import nodes as n
from gpt486.basic.lexer import Token
from gpt486.basic.sema import fold
from gpt486.basic.sema.calls import CallAnalyzer
from gpt486.basic.sema.context import _article, as_number
from gpt486.basic.source import HasSpan, Span, echo, fail, fault
from gpt486.basic.types import (
    ANY,
    BOOLEAN,
    INTEGER,
    POISON,
    STRING,
    UBYTE,
    UINTEGER,
    ZCHAR,
    ArrayType,
    IntType,
    PointerType,
    ProcType,
    RecordType,
    StringType,
    Type,
    ZStringType,
    pointer_to,
    same_type,
)

ARITHMETIC = {
    "+": "add", "-": "sub", "*": "mul", "\\": "div", "mod": "mod",
    "and": "and", "or": "or", "xor": "xor", "shl": "shl", "shr": "shr",
}  # fmt: skip
RELATIONS = ("=", "<>", "<", ">", "<=", ">=")


class ExpressionAnalyzer(CallAnalyzer):
    """Expressions to typed trees."""

    def expression(self, node: n.Expr) -> ir.Expr:
        """A value (or an lvalue, whose contents are the value)."""
        handler = _HANDLERS.get(type(node))
        if handler is None:
            fail(node, "an initialiser in braces can stand only after the '=' of a declaration")
        return handler(self, node)

    def value(self, node: n.Expr, what: str) -> ir.Expr:
        """A scalar value."""
        e = as_number(self.expression(node))
        if not e.type.is_scalar:
            fail(node, f"{what} must be a number or pointer, not {_article(e.type)}")
        return e

    def condition(self, node: n.Expr) -> ir.Expr:
        """A truth value for a branch."""
        return self.value(node, "a condition")

    def typeof(self, node: n.Expr) -> Type:
        """The type of an expression that is not evaluated."""
        return self.expression(node).type

    # ---- leaves

    def _num(self, node: n.Num) -> ir.Expr:
        tok = node.tok
        type_ = fold.literal_type(tok.number, tok.suffix, tok.text[0] != "&")
        return fold.const(tok.number, type_)

    def _str(self, node: n.Str) -> ir.Expr:
        return ir.EText(STRING, node.data)

    def _name(self, node: n.Name) -> ir.Expr:
        tok = node.tok
        symbol = self.lookup(tok)
        if isinstance(symbol, ir.Var):
            return self.variable(symbol)
        if isinstance(symbol, ir.Constant):
            if isinstance(symbol.value, bytes):
                return ir.EText(STRING, symbol.value)
            return fold.const(symbol.value, symbol.type)
        if isinstance(symbol, ir.Proc):
            if symbol.type.result is None:
                fail(tok, f"{symbol.name} is a Sub and has no value")
            return self.call_proc(symbol, [], tok)
        if isinstance(symbol, ir.TypeName):
            fail(tok, f"{symbol.name} is a type, not a value")
        return self.builtin(tok, None)

    def variable(self, var: ir.Var) -> ir.Expr:
        """The contents of a variable; a ByRef parameter's through its address."""
        if var.byref:
            return ir.EMem(var.type, ir.EVar(pointer_to(var.type), var))
        return ir.EVar(var.type, var)

    def _with_target(self, node: n.WithTarget) -> ir.Expr:
        if not self.with_targets:
            fail(node, "a leading dot needs a With block around it")
        return self.with_targets[-1]

    # ---- addresses and places

    def _address(self, node: n.AddressOf) -> ir.Expr:
        operand = node.operand
        if isinstance(operand, n.Name):
            symbol = self.lookup(operand.tok)
            if isinstance(symbol, ir.Proc):
                return self.proc_address(symbol)
        if isinstance(operand, n.Call) and not operand.args and isinstance(operand.base, n.Name):
            symbol = self.lookup(operand.base.tok)
            if isinstance(symbol, ir.Proc):
                return self.proc_address(symbol)
        e = self.expression(operand)
        if isinstance(e.type, ArrayType):
            fail(node, f"take the address of an element: @{operand.tok.text}(index)")
        return self.address_of(e, node)

    def proc_address(self, proc: ir.Proc) -> ir.Expr:
        """The address of a procedure."""
        return ir.EProc(pointer_to(proc.type), proc)

    def _deref(self, node: n.Deref) -> ir.Expr:
        e = self.expression(node.operand)
        if not isinstance(e.type, PointerType):
            fail(node, f"* wants a pointer, and this is {_article(e.type)}")
        return self.deref(e, node)

    def deref(self, e: ir.Expr, where: HasSpan | Span) -> ir.Expr:
        """What a pointer points to."""
        target = ir.pointee(e.type)
        if target is ANY:
            fail(where, "an Any Ptr cannot be followed; say CPtr(type Ptr, ...) first")
        if isinstance(target, RecordType) and not target.complete:
            fail(where, f"the Type {target.name} is not defined yet")
        if isinstance(target, ProcType):
            return e
        if isinstance(e, ir.EAddr):
            return ir.EVar(target, e.var, e.offset)
        return ir.EMem(target, e)

    def _index(self, node: n.Index) -> ir.Expr:
        base = self.expression(node.base)
        index = self.number(self.expression(node.index), node.index, "an index")
        if isinstance(base.type, PointerType):
            target = base.type.target
            if target is ANY:
                fail(node, "an Any Ptr cannot be indexed; say CPtr(type Ptr, ...) first")
            if isinstance(target, ZStringType):
                target = ZCHAR
            if isinstance(target, RecordType) and not target.complete:
                fail(node, f"the Type {target.name} is not defined yet")
            address = fold.offset_address(base, fold.scaled(index, target.size), pointer_to(target))
            return self.deref(address, node)
        if isinstance(base.type, StringType):
            data = ir.EMem(pointer_to(UBYTE), self.string(base, node))
            return ir.EMem(UBYTE, fold.offset_address(data, fold.convert(index, INTEGER), pointer_to(UBYTE)))
        if isinstance(base.type, ZStringType):
            return self.place(base, fold.convert(index, INTEGER), UBYTE, node)
        if isinstance(base.type, ArrayType):
            fail(node, "an array is indexed with ( ), not with [ ]")
        raise fault(node, f"[ ] wants a pointer or string, and this is {_article(base.type)}")

    def _member(self, node: n.Member) -> ir.Expr:
        if isinstance(node.base, n.Name) and not node.arrow:
            symbol = self.scope.find(node.base.low)
            if isinstance(symbol, ir.TypeName):
                return self._enum_member(symbol, node)
        base = self.expression(node.base)
        if node.arrow:
            if not isinstance(base.type, PointerType):
                fail(node, f"-> wants a pointer to a Type, and this is {_article(base.type)}; write a dot")
            base = self.deref(base, node)
        record = base.type
        if isinstance(record, PointerType) and isinstance(record.target, RecordType):
            fail(node, f"this is a pointer ({record.name}): write -> instead of the dot")
        if not isinstance(record, RecordType):
            fail(node, f".{node.tok.text} wants a Type's variable, and this is {_article(record)}")
        field = record.fields.get(node.tok.low)
        if field is None:
            if self.diagnostics.declares(node.tok.text):
                raise echo(node)
            fail(node, f"the Type {record.name} has no field {node.tok.text}{self._near_field(record, node.tok)}")
        if field.type is POISON:
            raise echo(node)
        return self.place(base, fold.const(field.offset), field.type, node)

    @staticmethod
    def _near_field(record: RecordType, tok: Token) -> str:
        import difflib

        close = difflib.get_close_matches(tok.low, list(record.fields), n=1, cutoff=0.6)
        return f" (did you mean {record.fields[close[0]].name}?)" if close else ""

    def _enum_member(self, symbol: ir.TypeName, node: n.Member) -> ir.Expr:
        member = self.scope.find(node.tok.low)
        if not isinstance(member, ir.Constant) or member.type is not symbol.type or isinstance(member.value, bytes):
            fail(node, f"{symbol.name} has no member {node.tok.text}")
        return fold.const(member.value, member.type)

    # ---- operators

    def _unary(self, node: n.Unary) -> ir.Expr:
        e = self.number(self.expression(node.operand), node.operand, f"the operand of {node.tok.text}")
        if node.op == "-":
            return fold.negate(e)
        return fold.complement(e) if node.op == "not" else e

    def _binary(self, node: n.Binary) -> ir.Expr:
        op = node.op
        if op == "/":
            fail(node, "/ is floating-point division, even of integers; integer division is written \\")
        if op == "^":
            fail(node, "^ works in floating point; write the product, or Shl for a power of two")
        left = self.expression(node.left)
        right = self.expression(node.right)
        if op in ("andalso", "orelse"):
            return self._short_circuit(node, left, right)
        if not self.is_text(right.type):
            left = as_number(left)
        if not self.is_text(left.type):
            right = as_number(right)
        text_left, text_right = self.is_text(left.type), self.is_text(right.type)
        if op == "&" or (op == "+" and (text_left or text_right)):
            return self.concat(left, right, node)
        if op in RELATIONS:
            if text_left or text_right:
                return self._compare_texts(node, left, right)
            self._check_comparable(node, left, right)
            return self._like_boolean(fold.compare(op, left, right), left, right)
        return self.operate(node, op, left, right)

    def operate(self, node: n.Expr | n.Stmt, op: str, left: ir.Expr, right: ir.Expr) -> ir.Expr:
        """An arithmetic or bitwise operator on two analyzed operands."""
        left, right = as_number(left), as_number(right)
        if isinstance(left.type, PointerType) or isinstance(right.type, PointerType):
            return self._pointer_arithmetic(node, op, left, right)
        self.number(left, node, f"the left operand of {op.upper() if op.isalpha() else op}")
        self.number(right, node, f"the right operand of {op.upper() if op.isalpha() else op}")
        if left.type is BOOLEAN and right.type is BOOLEAN and op in ("and", "or", "xor", "eqv", "imp"):
            integers = [fold.convert(e, INTEGER) for e in (left, right)]
            return fold.convert(self.operate(node, op, *integers), BOOLEAN)
        if op == "eqv":
            return fold.complement(fold.arithmetic("xor", left, right))
        if op == "imp":
            return fold.arithmetic("or", fold.complement(left), right)
        if op in ("\\", "mod") and fold.is_zero(right):
            fail(node, "division by zero")
        return fold.arithmetic(ARITHMETIC[op], left, right)

    def _pointer_arithmetic(self, node: n.Expr | n.Stmt, op: str, left: ir.Expr, right: ir.Expr) -> ir.Expr:
        if op == "+" and not isinstance(left.type, PointerType):
            left, right = right, left
        if isinstance(left.type, PointerType) and op in ("+", "-"):
            size = max(1, left.type.target.size)
            if isinstance(right.type, IntType):
                offset = fold.scaled(right, size)
                if op == "-":
                    offset = fold.convert(fold.negate(offset), INTEGER)
                return fold.offset_address(left, offset, left.type)
            if op == "-" and isinstance(right.type, PointerType):
                if not same_type(left.type, right.type):
                    fail(node, f"cannot subtract {right.type.name} from {left.type.name}")
                distance = fold.binary("sub", fold.retype(left, INTEGER), fold.retype(right, INTEGER), INTEGER)
                return fold.binary("div", distance, fold.const(size), INTEGER)
        if op in ("and", "or", "xor", "mod", "\\", "shl", "shr", "*"):
            fail(node, f"{op.upper() if op.isalpha() else op} does not work on pointers; say Cast(ULong, ...) first")
        raise fault(node, f"cannot apply {op} to {_article(left.type)} and {_article(right.type)}")

    def _check_comparable(self, node: n.Binary, left: ir.Expr, right: ir.Expr) -> None:
        for side, child in ((left, node.left), (right, node.right)):
            if not side.type.is_scalar:
                fail(child, f"cannot compare {_article(side.type)}")
        if isinstance(left.type, PointerType) != isinstance(right.type, PointerType):
            other = right if isinstance(left.type, PointerType) else left
            if not isinstance(other, ir.EConst):
                fail(node, f"cannot compare {_article(left.type)} with {_article(right.type)} without a Cast")

    def _short_circuit(self, node: n.Binary, left: ir.Expr, right: ir.Expr) -> ir.Expr:
        for side, child in ((left, node.left), (right, node.right)):
            if not side.type.is_scalar:
                fail(child, f"{node.tok.text} wants truth values, not {_article(side.type)}")
        if isinstance(left, ir.EConst):
            decided = (left.value != 0) == (node.op == "orelse")
            if decided:
                return fold.const(-1 if node.op == "orelse" else 0)
            return fold.compare("<>", right, fold.const(0, right.type))
        return self._like_boolean(ir.ELogic(INTEGER, node.op, left, right), left, right)

    @staticmethod
    def _like_boolean(result: ir.Expr, left: ir.Expr, right: ir.Expr) -> ir.Expr:
        """A truth value made of two Booleans is a Boolean itself."""
        if left.type is BOOLEAN and right.type is BOOLEAN:
            return fold.const(result.value, BOOLEAN) if isinstance(result, ir.EConst) else ir.EConv(BOOLEAN, result)
        return result

    def _compare_texts(self, node: n.Binary, left: ir.Expr, right: ir.Expr) -> ir.Expr:
        for side in (left, right):
            if not self.is_text(side.type):
                fail(node, f"cannot compare a string with {_article(side.type)}")
        order = self.rt("fb_strcompare", [self.string(left, node), self.string(right, node)], INTEGER)
        return fold.compare(node.op, order, fold.const(0))

    # ---- calls and elements

    def _call(self, node: n.Call) -> ir.Expr:
        base = node.base
        if isinstance(base, n.Name):
            symbol = self.lookup(base.tok)
            if symbol is None:
                return self.builtin(base.tok, node)
            if isinstance(symbol, ir.Proc):
                if symbol.type.result is None:
                    fail(base, f"{symbol.name} is a Sub and has no value")
                return self.call_proc(symbol, node.args, base.tok)
            if isinstance(symbol, ir.TypeName):
                fail(base, f"{symbol.name} is a type; to convert a value write Cast({symbol.name}, ...)")
        e = self.expression(base)
        if isinstance(e.type, ArrayType):
            return self.element(e, node) if node.args else e
        if isinstance(e.type, PointerType) and isinstance(e.type.target, ProcType):
            return self.call(e, e.type.target, node.args, node.tok, "the procedure pointer")
        raise fault(node, f"this is {_article(e.type)}: it can be neither called nor indexed with ( )")

    def element(self, e: ir.Expr, node: n.Call) -> ir.Expr:
        """An array element."""
        array = e.type
        assert isinstance(array, ArrayType)
        if len(node.args) != len(array.bounds):
            fail(node, f"this array has {len(array.bounds)} dimension(s), here are {len(node.args)} indices")
        offset: ir.Expr = fold.const(0)
        stride = array.size
        for arg, (low, high) in zip(node.args, array.bounds, strict=True):
            if arg is None:
                fail(node, "an array index is missing")
            index = fold.convert(self.number(self.expression(arg), arg, "an array index"), INTEGER)
            if isinstance(index, ir.EConst) and not low <= index.value <= high:
                fail(arg, f"the index {index.value} is outside of the array's bounds {low} To {high}")
            stride //= high - low + 1
            index = fold.binary("add", index, fold.const(-low), INTEGER)
            offset = fold.binary("add", offset, fold.scaled(index, stride), INTEGER)
        return self.place(e, offset, array.element, node)

    # ---- casts and sizes

    def _cast(self, node: n.CastTo) -> ir.Expr:
        type_ = self.resolve(node.type, allow_any=True)
        e = self.expression(node.operand)
        if node.pointer and not isinstance(type_, PointerType):
            fail(node.type, f"CPtr wants a pointer type, not {type_.name}")
        return self.cast(e, type_, node)

    def cast(self, e: ir.Expr, type_: Type, where: HasSpan | Span) -> ir.Expr:
        """An explicit conversion between scalars."""
        e = as_number(e)
        if isinstance(type_, PointerType) and self.is_text(e.type):
            fail(where, "take a string's address with StrPtr")
        if not type_.is_scalar or not e.type.is_scalar:
            fail(where, f"cannot convert {_article(e.type)} to {_article(type_)}")
        if isinstance(type_, PointerType):
            return fold.retype(fold.convert(fold.retype(e, UINTEGER) if e.type.is_pointer else e, UINTEGER), type_)
        if e.type.is_pointer:
            e = fold.retype(e, UINTEGER)
        return fold.convert(e, type_)

    def _sizeof(self, node: n.SizeOf) -> ir.Expr:
        named = self.type_named(node.of)
        if named is not None:
            if isinstance(named, RecordType) and not named.complete:
                fail(node, f"the size of {named.name} is not known before its End Type")
            return fold.const(max(1, named.size))
        assert isinstance(node.of, n.Expr)
        e = self.expression(node.of)
        if node.length and self.is_text(e.type):
            return self.length(e, node)
        if isinstance(e, ir.EText):
            return fold.const(len(e.data) + 1)
        if isinstance(e.type, ArrayType):
            return fold.const(e.type.element.size)
        return fold.const(e.type.size)

    def _offsetof(self, node: n.OffsetOf) -> ir.Expr:
        type_ = self.resolve(node.type)
        offset = 0
        for tok in node.path:
            if not isinstance(type_, RecordType) or tok.low not in type_.fields:
                fail(tok, f"{type_.name} has no field {tok.text}")
            field = type_.fields[tok.low]
            offset, type_ = offset + field.offset, field.type
        return fold.const(offset)

    # ---- provided by the other parts

    def builtin(self, tok: Token, node: n.Call | None) -> ir.Expr:
        """A built-in function, or the error for an unknown name."""
        raise NotImplementedError

    def _open_call(self, node: n.OpenCall) -> ir.Expr:
        raise NotImplementedError

    def _any_init(self, node: n.AnyInit) -> ir.Expr:
        fail(node, "Any can stand only as the initialiser of a declaration")


_HANDLERS: dict[type, Callable[[ExpressionAnalyzer, Any], ir.Expr]] = {
    n.Num: ExpressionAnalyzer._num,
    n.Str: ExpressionAnalyzer._str,
    n.Name: ExpressionAnalyzer._name,
    n.WithTarget: ExpressionAnalyzer._with_target,
    n.Member: ExpressionAnalyzer._member,
    n.Index: ExpressionAnalyzer._index,
    n.Call: ExpressionAnalyzer._call,
    n.Unary: ExpressionAnalyzer._unary,
    n.AddressOf: ExpressionAnalyzer._address,
    n.Deref: ExpressionAnalyzer._deref,
    n.Binary: ExpressionAnalyzer._binary,
    n.CastTo: ExpressionAnalyzer._cast,
    n.SizeOf: ExpressionAnalyzer._sizeof,
    n.OffsetOf: ExpressionAnalyzer._offsetof,
    n.OpenCall: lambda self, node: self._open_call(node),
    n.AnyInit: ExpressionAnalyzer._any_init,
}
