"""FreeBASIC's types as the compiler knows them: integers, pointers, strings, arrays, records, procedures.

Sizes and alignments are those of 32-bit FreeBASIC: Integer is four bytes, and within a Type a LongInt is aligned
to four bytes (as on DOS), everything else to its own size.
"""

from __future__ import annotations

from dataclasses import dataclass, field


class Type:
    """A type: `size` in bytes (0 for Any), `align` within a Type, and `name` as FreeBASIC spells it."""

    name: str = "Any"
    size: int = 0
    align: int = 1

    @property
    def is_integer(self) -> bool:
        """Whether values are whole numbers that arithmetic accepts."""
        return False

    @property
    def is_pointer(self) -> bool:
        """Whether values are addresses."""
        return False

    @property
    def is_scalar(self) -> bool:
        """Whether a value fits in one or two registers."""
        return self.is_integer or self.is_pointer

    def __repr__(self) -> str:
        return self.name


class IntType(Type):
    """An integer type. `rank` orders the promotion rules; `signed` tells the sign rule of \\, Mod, Shr and <."""

    def __init__(self, name: str, size: int, signed: bool) -> None:
        self.name = name
        self.size = size
        self.align = min(size, 4)
        self.signed = signed

    @property
    def is_integer(self) -> bool:
        """Always."""
        return True

    @property
    def bits(self) -> int:
        """Width in bits."""
        return self.size * 8

    @property
    def low(self) -> int:
        """The least value."""
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def high(self) -> int:
        """The greatest value."""
        return (1 << (self.bits - 1)) - 1 if self.signed else (1 << self.bits) - 1

    def wrap(self, value: int) -> int:
        """`value` as a store into this type leaves it."""
        value &= (1 << self.bits) - 1
        return value - (1 << self.bits) if self.signed and value >> (self.bits - 1) else value


BYTE = IntType("Byte", 1, True)
UBYTE = IntType("UByte", 1, False)
SHORT = IntType("Short", 2, True)
USHORT = IntType("UShort", 2, False)
LONG = IntType("Long", 4, True)
ULONG = IntType("ULong", 4, False)
INTEGER = IntType("Integer", 4, True)
UINTEGER = IntType("UInteger", 4, False)
LONGINT = IntType("LongInt", 8, True)
ULONGINT = IntType("ULongInt", 8, False)


class BooleanType(IntType):
    """Boolean: one byte that holds 0 or 1 and reads as 0 or -1."""

    def __init__(self) -> None:
        super().__init__("Boolean", 1, True)

    def wrap(self, value: int) -> int:
        """Any value but 0 is true."""
        return -1 if value else 0


BOOLEAN = BooleanType()


class EnumType(IntType):
    """A named Enum: an Integer with a name."""

    def __init__(self, name: str) -> None:
        super().__init__(name, 4, True)


class AnyType(Type):
    """What `Any Ptr` points to, and the result of a Sub."""


ANY = AnyType()


class PoisonType(Type):
    """The type of a name whose declaration was refused: what uses it is not reported a second time."""

    name = "Unknown"
    size = 4
    align = 4


POISON = PoisonType()


class FloatType(Type):
    """Single or Double: known so that it can be refused by name."""

    def __init__(self, name: str, size: int) -> None:
        self.name = name
        self.size = self.align = size


SINGLE = FloatType("Single", 4)
DOUBLE = FloatType("Double", 8)


class PointerType(Type):
    """`target Ptr`; made by `pointer_to`, which gives the same object for the same target."""

    size = 4
    align = 4

    def __init__(self, target: Type) -> None:
        self.target = target

    @property
    def name(self) -> str:  # type: ignore[override]
        """The target's name and `Ptr` (a procedure type is a pointer already and only says so itself)."""
        return self.target.name if isinstance(self.target, ProcType) else f"{self.target.name} Ptr"

    @property
    def is_pointer(self) -> bool:
        """Always."""
        return True


def pointer_to(target: Type) -> PointerType:
    """The pointer type to `target`."""
    made: PointerType | None = target.__dict__.get("_pointer")
    if made is None:
        made = PointerType(target)
        target.__dict__["_pointer"] = made
    return made


class ZStringType(Type):
    """Zero-terminated bytes: `ZString * n` of n bytes (terminator included), or of unknown length behind a pointer."""

    def __init__(self, length: int = 0) -> None:
        self.length = length
        self.size = length or 1
        self.name = f"ZString * {length}" if length else "ZString"


ZSTRING = ZStringType()
ZCHAR = ZStringType()
"""What indexing a ZString Ptr gives: text from there on where text is wanted, a byte where a number is."""


class StringType(Type):
    """A dynamic String: a descriptor of three dwords (address of the bytes, length, bytes allocated)."""

    name = "String"
    size = 12
    align = 4


STRING = StringType()


@dataclass(eq=False, repr=False)
class ArrayType(Type):
    """A fixed array: element type and (lower, upper) bounds per dimension, the last one varying fastest."""

    element: Type
    bounds: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        self.count = 1
        for low, high in self.bounds:
            self.count *= high - low + 1
        self.size = self.count * self.element.size
        self.align = self.element.align
        self.name = f"{self.element.name} array"


@dataclass(frozen=True, eq=False)
class Field:
    """A field of a record: byte offset from its start."""

    name: str
    type: Type
    offset: int


class RecordType(Type):
    """A Type or Union. Fields are found by lower-case name; `complete` is False while only the name is known."""

    def __init__(self, name: str, *, union: bool = False, packing: int = 0) -> None:
        self.name = name
        self.union = union
        self.packing = packing
        self.fields: dict[str, Field] = {}
        self.complete = False
        self.size = 0
        self.align = 1
        self._end = 0

    def _place(self, type_: Type) -> int:
        align = min(type_.align, self.packing) if self.packing else type_.align
        self.align = max(self.align, align)
        offset = 0 if self.union else -(-self._end // align) * align
        self._end = max(self._end, offset + type_.size)
        return offset

    def add(self, name: str, type_: Type) -> None:
        """Append a field."""
        self.fields[name.lower()] = Field(name, type_, self._place(type_))

    def add_anonymous(self, inner: RecordType) -> None:
        """Append a nested anonymous Union or Type, whose fields become this record's own."""
        offset = self._place(inner)
        for low, item in inner.fields.items():
            self.fields[low] = Field(item.name, item.type, item.offset + offset)

    def finish(self) -> None:
        """Close the record: pad its size to its alignment."""
        self.size = -(-self._end // self.align) * self.align
        self.complete = True

    def own_fields(self) -> list[Field]:
        """The fields in order, one only of those that share an offset: what an initialiser in braces fills."""
        out: list[Field] = []
        end = -1
        for item in self.fields.values():
            if item.offset >= end:
                out.append(item)
                end = item.offset + item.type.size
        return out


@dataclass(eq=False)
class Param:
    """A parameter: `byref` passes an address. `default` is the constant expression's value node, or None."""

    name: str
    type: Type
    byref: bool
    default: object = None
    array: bool = False


@dataclass(eq=False, repr=False)
class ProcType(Type):
    """The signature of a procedure, and the target of a procedure pointer. `result` is None for a Sub."""

    params: list[Param] = field(default_factory=list)
    result: Type | None = None
    convention: str = "cdecl"
    result_byref: bool = False

    def __post_init__(self) -> None:
        inside = ", ".join(("ByRef " if p.byref else "ByVal ") + f"As {p.type.name}" for p in self.params)
        self.name = f"Sub({inside})" if self.result is None else f"Function({inside}) As {self.result.name}"

    def matches(self, other: ProcType) -> bool:
        """Whether two signatures pass the same things in the same way."""
        return (
            self.convention == other.convention
            and len(self.params) == len(other.params)
            and same_type(self.result or ANY, other.result or ANY)
            and all(
                a.byref == b.byref and same_type(a.type, b.type) for a, b in zip(self.params, other.params, strict=True)
            )
        )


BUILTIN_TYPES: dict[str, Type] = {
    "byte": BYTE, "ubyte": UBYTE, "short": SHORT, "ushort": USHORT, "long": LONG, "ulong": ULONG,
    "integer": INTEGER, "uinteger": UINTEGER, "longint": LONGINT, "ulongint": ULONGINT, "boolean": BOOLEAN,
    "any": ANY, "zstring": ZSTRING, "string": STRING, "single": SINGLE, "double": DOUBLE,
}  # fmt: skip


def same_type(a: Type, b: Type) -> bool:
    """Whether two types are one and the same, looking through pointers and procedure signatures."""
    while isinstance(a, PointerType) and isinstance(b, PointerType):
        a, b = a.target, b.target
    if a is b:
        return True
    if isinstance(a, ZStringType) and isinstance(b, ZStringType):
        return a.length == b.length
    if isinstance(a, IntType) and isinstance(b, IntType):
        return {a.name, b.name} in ({"Long", "Integer"}, {"ULong", "UInteger"})
    if isinstance(a, ProcType) and isinstance(b, ProcType):
        return a.matches(b)
    return (
        isinstance(a, ArrayType)
        and isinstance(b, ArrayType)
        and a.bounds == b.bounds
        and same_type(a.element, b.element)
    )


def promote(a: IntType, b: IntType) -> IntType:
    """The type in which an operator works on `a` and `b`: Integer < UInteger < LongInt < ULongInt."""
    rank = max(_rank(a), _rank(b))
    return (INTEGER, UINTEGER, LONGINT, ULONGINT)[rank]


def _rank(t: IntType) -> int:
    if t.size == 8:
        return 2 if t.signed else 3
    return 1 if t.size == 4 and not t.signed else 0


def signed_of(t: IntType) -> IntType:
    """The signed type of the same width as the promoted `t`: what negation and Sgn give."""
    return LONGINT if t.size == 8 else INTEGER
