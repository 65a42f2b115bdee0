"""Builders of typed expressions: conversions and operators, with constants folded and addresses put in order."""

from __future__ import annotations

import copy

from gpt486.basic import ir
from gpt486.basic.types import (
    BOOLEAN,
    INTEGER,
    LONGINT,
    UINTEGER,
    IntType,
    PointerType,
    Type,
    promote,
    signed_of,
)


def const(value: int, type_: Type = INTEGER) -> ir.EConst:
    """A constant of `type_`, wrapped into its range."""
    if isinstance(type_, IntType):
        return ir.EConst(type_, type_.wrap(value))
    return ir.EConst(type_, value & 0xFFFFFFFF)


def retype(e: ir.Expr, type_: Type) -> ir.Expr:
    """The same value under another type of the same representation."""
    if e.type is type_:
        return e
    if isinstance(e, ir.EConst):
        return const(e.value, type_)
    made = copy.copy(e)
    made.type = type_
    return made


def int_type(t: Type) -> IntType:
    """The integer type that a scalar computes as: pointers are UInteger."""
    if isinstance(t, IntType):
        return t
    return UINTEGER


def convert(e: ir.Expr, to: Type) -> ir.Expr:
    """Convert a scalar to another scalar type."""
    if e.type is to:
        return e
    source, target = int_type(e.type), int_type(to)
    if isinstance(e, ir.EConst):
        return const(e.value, to)
    if target is BOOLEAN:
        if source is BOOLEAN:
            return retype(e, to)
        return ir.EConv(to, compare("<>", e, const(0, e.type)))
    if source is BOOLEAN:
        return convert(ir.EConv(INTEGER, e), to) if target.size != 4 else ir.EConv(to, e)
    if target.size == source.size:
        if target.size == 4 or target.size == 8:
            if isinstance(e, ir.EVar | ir.EMem | ir.EBin | ir.ECmp | ir.EUn):
                # The operator's meaning may hang on its type's sign (shr, div, mod): keep it below.
                return e_same(e, to)
            return retype(e, to)
        if target.signed == source.signed:
            return ir.EConv(to, e)
    if isinstance(e, ir.EConv):
        inner = int_type(e.operand.type)
        # A narrowing of a widening is a narrowing of the first value; a widening that loses nothing chains.
        if inner is not BOOLEAN and source is not BOOLEAN:
            if target.size <= source.size and source.size >= inner.size:
                return convert(e.operand, to)
            if inner.size < source.size and (not inner.signed or source.signed):
                return convert(e.operand, to)
    return ir.EConv(to, e)


def e_same(e: ir.Expr, to: Type) -> ir.Expr:
    """`e` seen as another type of its own width."""
    if isinstance(e, ir.EVar | ir.EMem):
        return retype(e, to)
    if isinstance(e, ir.EBin) and e.op in ("add", "sub", "mul", "and", "or", "xor", "shl"):
        return retype(e, to)
    return ir.EConv(to, e)


def is_zero(e: ir.Expr) -> bool:
    """Whether `e` is the constant 0."""
    return isinstance(e, ir.EConst) and e.value == 0


def divide(a: int, b: int) -> int:
    """Integer division that truncates toward zero."""
    q = abs(a) // abs(b)
    return q if (a < 0) == (b < 0) else -q


def compute(op: str, a: int, b: int, t: IntType) -> int:
    """The value of `a op b` for operands in the range of `t`, before wrapping. Division by zero must be excluded."""
    if op == "add":
        return a + b
    if op == "sub":
        return a - b
    if op == "mul":
        return a * b
    if op == "div":
        return divide(a, b)
    if op == "mod":
        return a - divide(a, b) * b
    if op == "and":
        return a & b
    if op == "or":
        return a | b
    if op == "xor":
        return a ^ b
    count = b & (t.bits - 1)
    return a << count if op == "shl" else a >> count


COMMUTATIVE = ("add", "mul", "and", "or", "xor")


def binary(op: str, left: ir.Expr, right: ir.Expr, t: Type) -> ir.Expr:
    """`left op right` in type `t`, to which both operands were converted; folds what is constant."""
    it = int_type(t)
    if isinstance(left, ir.EConst):
        if isinstance(right, ir.EConst) and not (op in ("div", "mod") and right.value == 0):
            return const(compute(op, it.wrap(left.value), it.wrap(right.value), it), t)
        if op in COMMUTATIVE:
            left, right = right, left
    if isinstance(right, ir.EConst):
        value = it.wrap(right.value)
        if op == "sub":
            op, value, right = "add", -value, const(-value, t)
        if op in ("add", "or", "xor", "shl", "shr") and value == 0:
            return retype(left, t) if not isinstance(left, ir.EBin) else e_same(left, t)
        if op in ("mul", "div") and value == 1:
            return retype(left, t) if not isinstance(left, ir.EBin) else e_same(left, t)
        if op in ("mul", "and") and value == 0 and not left.calls:
            return const(0, t)
        if op == "and" and value in (-1, (1 << it.bits) - 1):
            return e_same(left, t)
        if op == "add":
            if isinstance(left, ir.EAddr):
                return ir.EAddr(t, left.var, left.offset + it.wrap(value))
            if isinstance(left, ir.ESym):
                return ir.ESym(t, left.symbol, left.offset + it.wrap(value))
        if (
            isinstance(left, ir.EBin)
            and left.op == op
            and op in COMMUTATIVE
            and isinstance(left.right, ir.EConst)
            and int_type(left.type).size == it.size
        ):
            merged = const(compute(op, it.wrap(left.right.value), it.wrap(right.value), it), t)
            return binary(op, left.left, merged, t)
    elif op == "add" and it.size == 4:
        # Constants drift outward, so that addresses end in one displacement.
        for a, b in ((left, right), (right, left)):
            if isinstance(a, ir.EBin) and a.op == "add" and isinstance(a.right, ir.EConst):
                return binary("add", binary("add", a.left, b, t), const(a.right.value, t), t)
    return ir.EBin(t, op, left, right)


def arithmetic(op: str, left: ir.Expr, right: ir.Expr) -> ir.Expr:
    """`left op right` for integers by the usual conversions."""
    t = promote(int_type(left.type), int_type(right.type))
    return binary(op, convert(left, t), convert(right, t), t)


def scaled(index: ir.Expr, size: int) -> ir.Expr:
    """`index * size` as a 32-bit byte offset, with the index's constant part multiplied out."""
    index = convert(index, INTEGER)
    if size == 1:
        return index
    if isinstance(index, ir.EBin) and index.op == "add" and isinstance(index.right, ir.EConst):
        return binary("add", scaled(index.left, size), const(index.right.value * size), INTEGER)
    return binary("mul", index, const(size), INTEGER)


def offset_address(address: ir.Expr, offset: ir.Expr, type_: Type) -> ir.Expr:
    """`address + offset` (bytes) as a pointer of `type_`."""
    return retype(binary("add", retype(address, type_), retype(offset, type_), type_), type_)


def negate(e: ir.Expr) -> ir.Expr:
    """`-e`, in the signed type of its promoted width."""
    t = signed_of(promote(int_type(e.type), INTEGER))
    e = convert(e, t)
    if isinstance(e, ir.EConst):
        return const(-e.value, t)
    return ir.EUn(t, "neg", e)


def complement(e: ir.Expr) -> ir.Expr:
    """`Not e`: bit by bit; a comparison turns into its opposite."""
    if int_type(e.type) is BOOLEAN:
        if isinstance(e, ir.EConst):
            return const(~e.value, BOOLEAN)
        return ir.EConv(BOOLEAN, compare("=", e, const(0, BOOLEAN)))
    t = promote(int_type(e.type), INTEGER)
    e = convert(e, t)
    if isinstance(e, ir.EConst):
        return const(~e.value, t)
    if isinstance(e, ir.ECmp):
        return ir.ECmp(INTEGER, OPPOSITE[e.op], e.left, e.right)
    return ir.EUn(t, "not", e)


OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
MIRROR = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


def compare(op: str, left: ir.Expr, right: ir.Expr) -> ir.Expr:
    """`left op right` for scalars, giving Integer -1 or 0."""
    if isinstance(left.type, PointerType) or isinstance(right.type, PointerType):
        t: IntType = UINTEGER
    else:
        t = promote(int_type(left.type), int_type(right.type))
    left, right = convert(left, t), convert(right, t)
    if isinstance(left, ir.EConst):
        if isinstance(right, ir.EConst):
            a, b = left.value, right.value
            truth = {"=": a == b, "<>": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op]
            return const(-int(truth))
        left, right, op = right, left, MIRROR[op]
    return ir.ECmp(INTEGER, op, left, right)


def fold_unary(op: str, e: ir.Expr) -> ir.Expr:
    """Abs or Sgn. fbc takes an unsigned operand's bits as signed here; Abs keeps the unsigned type."""
    t = promote(int_type(e.type), INTEGER)
    signed = signed_of(t)
    e = convert(convert(e, t), signed)
    if op == "sgn":
        if isinstance(e, ir.EConst):
            return const((e.value > 0) - (e.value < 0), signed)
        return ir.EUn(signed, "sgn", e)
    if isinstance(e, ir.EConst):
        return const(abs(e.value), t)
    return convert(ir.EUn(signed, "abs", e), t)


def literal_type(value: int, suffix: str, decimal: bool) -> IntType:
    """The type of an integer literal: by suffix, else the first of Integer, UInteger, LongInt, ULongInt that holds it.

    A hexadecimal, octal or binary literal counts as signed when its 32 (or 64) bits suffice.
    """
    from gpt486.basic.types import LONG, ULONG, ULONGINT

    by_suffix = {"u": UINTEGER, "l": LONG, "ul": ULONG, "ll": LONGINT, "ull": ULONGINT}
    if suffix in by_suffix:
        return by_suffix[suffix]
    if value < 1 << 31 or (not decimal and value < 1 << 32):
        return INTEGER
    if value < 1 << 32:
        return UINTEGER
    return LONGINT if value < 1 << 63 or not decimal else ULONGINT
