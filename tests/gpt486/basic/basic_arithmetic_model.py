"""A Python model of FreeBASIC's integer arithmetic, and programs of random expressions that it can predict."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

WIDTHS = {
    "Byte": (1, True), "UByte": (1, False), "Short": (2, True), "UShort": (2, False), "Long": (4, True),
    "ULong": (4, False), "Integer": (4, True), "UInteger": (4, False), "LongInt": (8, True), "ULongInt": (8, False),
}  # fmt: skip
CONVERT = {
    "Byte": "CByte", "UByte": "CUByte", "Short": "CShort", "UShort": "CUShort", "Long": "CLng", "ULong": "CULng",
    "Integer": "CInt", "UInteger": "CUInt", "LongInt": "CLngInt", "ULongInt": "CULngInt",
}  # fmt: skip


def wrap(value: int, type_: str) -> int:
    """A value as its type holds it."""
    size, signed = WIDTHS[type_]
    value &= (1 << 8 * size) - 1
    return value - (1 << 8 * size) if signed and value >> (8 * size - 1) else value


def promoted(a: str, b: str) -> str:
    """The type in which two operands meet."""
    ranks = []
    for t in (a, b):
        size, signed = WIDTHS[t]
        ranks.append((2 if signed else 3) if size == 8 else (1 if size == 4 and not signed else 0))
    return ("Integer", "UInteger", "LongInt", "ULongInt")[max(ranks)]


def signed_of(t: str) -> str:
    """What negation gives."""
    return "LongInt" if WIDTHS[t][0] == 8 else "Integer"


def divide(a: int, b: int) -> int:
    """Truncating division."""
    q = abs(a) // abs(b)
    return q if (a < 0) == (b < 0) else -q


@dataclass(frozen=True)
class Value:
    """An expression: its text, its type and what it must give."""

    text: str
    type: str
    value: int


@dataclass(frozen=True)
class Variable:
    """A variable with its value."""

    name: str
    type: str
    value: int


def extremes(type_: str) -> st.SearchStrategy[int]:
    """Values of a type, with its ends and small numbers favoured."""
    size, signed = WIDTHS[type_]
    low = -(1 << (8 * size - 1)) if signed else 0
    high = (1 << (8 * size - 1)) - 1 if signed else (1 << 8 * size) - 1
    near = sorted({v for v in (low, low + 1, -129, -128, -2, -1, 0, 1, 2, 3, 7, 10, 127, 128, 255, 256, 1000, 32767,
                               32768, 65535, 65536, high - 1, high) if low <= v <= high})  # fmt: skip
    return st.sampled_from(near) | st.integers(low, high)


def literal(value: int) -> Value:
    """A literal: the compiler's own choice of type."""
    text = str(value)
    magnitude = abs(value)
    if magnitude < 1 << 31:
        t = "Integer"
    elif magnitude < 1 << 32:
        t = "UInteger"
    else:
        t = "LongInt" if magnitude < 1 << 63 else "ULongInt"
    if value < 0:
        return Value(f"({text})", signed_of(t), wrap(value, signed_of(t)))
    return Value(text, t, value)


def apply(op: str, a: Value, b: Value) -> Value | None:
    """`a op b`, or None where FreeBASIC traps or leaves the result open."""
    text = f"({a.text} {op} {b.text})"
    if op in ("AndAlso", "OrElse"):
        truth = (a.value != 0 and b.value != 0) if op == "AndAlso" else (a.value != 0 or b.value != 0)
        return Value(text, "Integer", -int(truth))
    t = promoted(a.type, b.type)
    x, y = wrap(a.value, t), wrap(b.value, t)
    if op in ("=", "<>", "<", ">", "<=", ">="):
        truth = {"=": x == y, "<>": x != y, "<": x < y, ">": x > y, "<=": x <= y, ">=": x >= y}[op]
        return Value(text, "Integer", -int(truth))
    if op in ("\\", "Mod"):
        if y == 0 or (y == -1 and x == -(1 << (8 * WIDTHS[t][0] - 1))):
            return None
        q = divide(x, y)
        return Value(text, t, wrap(q if op == "\\" else x - q * y, t))
    if op in ("Shl", "Shr"):
        if not 0 <= y < 8 * WIDTHS[t][0]:
            return None
        return Value(text, t, wrap(x << y if op == "Shl" else x >> y, t))
    result = {"+": x + y, "-": x - y, "*": x * y, "And": x & y, "Or": x | y, "Xor": x ^ y}[op]
    return Value(text, t, wrap(result, t))


OPS = ("+", "-", "*", "\\", "Mod", "And", "Or", "Xor", "Shl", "Shr", "=", "<>", "<", ">", "<=", ">=",
       "AndAlso", "OrElse")  # fmt: skip


@st.composite
def expression(draw: st.DrawFn, variables: list[Variable], depth: int) -> Value:
    """A random expression over variables and literals."""
    kind = draw(st.integers(0, 9)) if depth else 0
    if kind <= 2:
        if draw(st.integers(0, 3)) == 0:
            return literal(draw(extremes(draw(st.sampled_from(sorted(WIDTHS))))))
        v = draw(st.sampled_from(variables))
        return Value(v.name, v.type, v.value)
    a = draw(expression(variables, depth - 1))
    if kind == 3:
        t = draw(st.sampled_from(sorted(WIDTHS)))
        return Value(f"{CONVERT[t]}({a.text})", t, wrap(a.value, t))
    if kind == 4:
        t = promoted(a.type, "Integer")
        op = draw(st.sampled_from(("-", "Not ", "Abs", "Sgn")))
        if op != "Not ":
            # What fbc makes of minus, Abs and Sgn of an unsigned number depends on its back end: not generated.
            a = (
                a
                if WIDTHS[t][1]
                else Value(f"{CONVERT[signed_of(t)]}({a.text})", signed_of(t), wrap(a.value, signed_of(t)))
            )
            return Value(f"(-({a.text}))", signed_of(t), wrap(-a.value, signed_of(t)))
        if op == "Not ":
            return Value(f"(Not ({a.text}))", t, wrap(~wrap(a.value, t), t))
        if op == "Abs":
            return Value(f"Abs({a.text})", t, wrap(abs(a.value), t))
        return Value(f"Sgn({a.text})", t, (a.value > 0) - (a.value < 0))
    b = draw(expression(variables, depth - 1))
    if kind == 5:
        c = draw(expression(variables, depth - 1))
        # The condition must not be constant: IIf then has the type of the chosen side alone.
        v, limit = draw(st.sampled_from(variables)), draw(st.integers(0, 300))
        a = Value(f"{v.name} > {limit}", "Integer", -int(wrap(v.value, promoted(v.type, "Integer")) > limit))
        sizes = (WIDTHS[b.type], WIDTHS[c.type])
        t = b.type if (sizes[0][0], not sizes[0][1]) >= (sizes[1][0], not sizes[1][1]) else c.type
        return Value(f"IIf({a.text}, {b.text}, {c.text})", t, wrap(b.value if a.value else c.value, t))
    op = draw(st.sampled_from(OPS))
    if op in ("Shl", "Shr") and draw(st.booleans()):
        b = literal(draw(st.integers(0, 8 * WIDTHS[promoted(a.type, "Integer")][0] - 1)))
    made = apply(op, a, b)
    return made if made is not None else a
