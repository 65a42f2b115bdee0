"""The typed program: what semantic analysis makes of the syntax tree, and what code generation reads.

Expressions are trees whose nodes carry their type and in which every conversion is explicit. A procedure's body is a
flat list of operations: structured statements have become labels and branches, with the loops marked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gpt486.basic.lexer import Token
from gpt486.basic.types import ArrayType, PointerType, ProcType, Type

if TYPE_CHECKING:
    from gpt486.basic import nodes


# ---- symbols


@dataclass(slots=True, eq=False)
class Var:
    """A variable.

    storage: "local" (in the frame or a register), "param", "static" (in bss or data under `symbol`), "extern".
    `byref` parameters hold the address of their value. `initial` is the data of an initialised static variable.
    """

    name: str
    type: Type
    storage: str
    symbol: str = ""
    byref: bool = False
    shared: bool = True
    module_local: bool = False
    initial: list[str] | None = None
    address_taken: bool = False
    in_asm: bool = False
    # Set by code generation:
    offset: int = 0  # from ebp
    register: str = ""

    @property
    def is_static(self) -> bool:
        """Whether the variable has a symbol of its own."""
        return self.storage in ("static", "extern")


@dataclass(slots=True, eq=False)
class Constant:
    """A Const: an integer or the bytes of a string."""

    name: str
    type: Type
    value: int | bytes


@dataclass(slots=True, eq=False)
class TypeName:
    """A name for a type."""

    name: str
    type: Type


@dataclass(slots=True, eq=False)
class Label:
    """A place in the code. `user` is set for labels of the program's own."""

    name: str
    user: bool = False
    placed: bool = False
    used: int = 0


@dataclass(slots=True, eq=False)
class Proc:
    """A procedure: signature, symbol, and after analysis its body."""

    name: str
    type: ProcType
    symbol: str
    tok: Token
    naked: bool = False
    definition: nodes.ProcDef | None = None
    module: object = None
    params: list[Var] = field(default_factory=list)
    locals: list[Var] = field(default_factory=list)
    body: list[Op] = field(default_factory=list)
    result: Var | None = None
    uses_result_slot: bool = False
    has_asm: bool = False
    has_goto: bool = False
    strings: list[Var] = field(default_factory=list)  # local strings to free on leaving
    analyzed: bool = False
    is_main: bool = False
    exit: Label = field(default_factory=lambda: Label("exit"))
    asm_names: list[str] = field(default_factory=list)  # names in its Asm that are none of the program's


# ---- expressions


class Expr:
    """A typed expression. `calls` tells whether evaluating it calls anything."""

    __slots__ = ("calls", "type")

    def __init__(self, type_: Type, calls: bool = False) -> None:
        self.type = type_
        self.calls = calls


class EConst(Expr):
    """An integer (or pointer) constant, already within the range of its type."""

    __slots__ = ("value",)

    def __init__(self, type_: Type, value: int) -> None:
        self.type = type_
        self.calls = False
        self.value = value


class EText(Expr):
    """A string literal; its type is STRING. Codegen never sees one: analysis turns it into an address."""

    __slots__ = ("data",)

    def __init__(self, type_: Type, data: bytes) -> None:
        self.type = type_
        self.calls = False
        self.data = data


class ESym(Expr):
    """The address of a symbol plus an offset: string literals, procedures, static variables by name."""

    __slots__ = ("offset", "symbol")

    def __init__(self, type_: Type, symbol: str, offset: int = 0) -> None:
        self.type = type_
        self.calls = False
        self.symbol = symbol
        self.offset = offset


class EProc(Expr):
    """The address of a procedure."""

    __slots__ = ("proc",)

    def __init__(self, type_: Type, proc: Proc) -> None:
        self.type = type_
        self.calls = False
        self.proc = proc


class EVar(Expr):
    """The contents of a variable, `offset` bytes into it: an lvalue."""

    __slots__ = ("offset", "var")

    def __init__(self, type_: Type, var: Var, offset: int = 0) -> None:
        self.type = type_
        self.calls = False
        self.var = var
        self.offset = offset


class EAddr(Expr):
    """The address of a variable plus an offset."""

    __slots__ = ("offset", "var")

    def __init__(self, type_: Type, var: Var, offset: int = 0) -> None:
        self.type = type_
        self.calls = False
        self.var = var
        self.offset = offset


class EMem(Expr):
    """The contents of memory at an address: an lvalue."""

    __slots__ = ("address",)

    def __init__(self, type_: Type, address: Expr) -> None:
        self.type = type_
        self.calls = address.calls
        self.address = address


class EBin(Expr):
    """Integer arithmetic on two operands of the same type: add sub mul div mod and or xor shl shr."""

    __slots__ = ("left", "op", "right")

    def __init__(self, type_: Type, op: str, left: Expr, right: Expr) -> None:
        self.type = type_
        self.calls = left.calls or right.calls
        self.op = op
        self.left = left
        self.right = right


class EUn(Expr):
    """neg, not, abs or sgn."""

    __slots__ = ("op", "operand")

    def __init__(self, type_: Type, op: str, operand: Expr) -> None:
        self.type = type_
        self.calls = operand.calls
        self.op = op
        self.operand = operand


class EConv(Expr):
    """An integer conversion that changes width (or to and from Boolean)."""

    __slots__ = ("operand",)

    def __init__(self, type_: Type, operand: Expr) -> None:
        self.type = type_
        self.calls = operand.calls
        self.operand = operand


class ECmp(Expr):
    """A comparison of two operands of one type, giving -1 or 0. op: = <> < <= > >=."""

    __slots__ = ("left", "op", "right")

    def __init__(self, type_: Type, op: str, left: Expr, right: Expr) -> None:
        self.type = type_
        self.calls = left.calls or right.calls
        self.op = op
        self.left = left
        self.right = right


class ELogic(Expr):
    """AndAlso or OrElse, giving -1 or 0."""

    __slots__ = ("left", "op", "right")

    def __init__(self, type_: Type, op: str, left: Expr, right: Expr) -> None:
        self.type = type_
        self.calls = left.calls or right.calls
        self.op = op
        self.left = left
        self.right = right


class EIif(Expr):
    """IIf(condition, yes, no)."""

    __slots__ = ("condition", "no", "yes")

    def __init__(self, type_: Type, condition: Expr, yes: Expr, no: Expr) -> None:
        self.type = type_
        self.calls = condition.calls or yes.calls or no.calls
        self.condition = condition
        self.yes = yes
        self.no = no


class ECall(Expr):
    """A call. `target` is a Proc or an expression that gives its address. Arguments are values as passed."""

    __slots__ = ("args", "signature", "target")

    def __init__(self, type_: Type, target: Proc | Expr, signature: ProcType, args: list[Expr]) -> None:
        self.type = type_
        self.calls = True
        self.target = target
        self.signature = signature
        self.args = args


class EHold(Expr):
    """Stores a value in a hidden local variable and gives the variable's address."""

    __slots__ = ("value", "var")

    def __init__(self, type_: Type, var: Var, value: Expr) -> None:
        self.type = type_
        self.calls = value.calls
        self.var = var
        self.value = value


LValue = EVar | EMem


# ---- operations


class Op:
    """One step of a procedure's body; `tok` tells the source line."""

    __slots__ = ("tok",)

    def __init__(self, tok: Token) -> None:
        self.tok = tok


class OAssign(Op):
    """Store a scalar."""

    __slots__ = ("target", "value")

    def __init__(self, tok: Token, target: Expr, value: Expr) -> None:
        self.tok = tok
        self.target = target
        self.value = value


class OEval(Op):
    """Evaluate a call for what it does."""

    __slots__ = ("value",)

    def __init__(self, tok: Token, value: Expr) -> None:
        self.tok = tok
        self.value = value


class OCopy(Op):
    """Copy `size` bytes from one address to another."""

    __slots__ = ("size", "source", "target")

    def __init__(self, tok: Token, target: Expr, source: Expr, size: int) -> None:
        self.tok = tok
        self.target = target
        self.source = source
        self.size = size


class OZero(Op):
    """Fill `size` bytes at an address with zeros."""

    __slots__ = ("size", "target")

    def __init__(self, tok: Token, target: Expr, size: int) -> None:
        self.tok = tok
        self.target = target
        self.size = size


class OLabel(Op):
    """A label."""

    __slots__ = ("label",)

    def __init__(self, tok: Token, label: Label) -> None:
        self.tok = tok
        self.label = label


class OJump(Op):
    """An unconditional jump."""

    __slots__ = ("label",)

    def __init__(self, tok: Token, label: Label) -> None:
        self.tok = tok
        self.label = label


class OBranch(Op):
    """Jump to `label` when the truth of `condition` is `sense`."""

    __slots__ = ("condition", "label", "sense")

    def __init__(self, tok: Token, condition: Expr, label: Label, sense: bool) -> None:
        self.tok = tok
        self.condition = condition
        self.label = label
        self.sense = sense


class OSwitch(Op):
    """Jump through a table: `labels[value - low]`, or `default` outside of it."""

    __slots__ = ("default", "labels", "low", "value")

    def __init__(self, tok: Token, value: Expr, low: int, labels: list[Label], default: Label) -> None:
        self.tok = tok
        self.value = value
        self.low = low
        self.labels = labels
        self.default = default


class OLoop(Op):
    """The beginning (`begin`) or the end of a loop's code."""

    __slots__ = ("begin",)

    def __init__(self, tok: Token, begin: bool) -> None:
        self.tok = tok
        self.begin = begin


class OReturn(Op):
    """Leave the procedure with this value in eax (or edx:eax); None when the result slot or nothing is returned."""

    __slots__ = ("value",)

    def __init__(self, tok: Token, value: Expr | None) -> None:
        self.tok = tok
        self.value = value


AsmPiece = str | Var | Proc
"""A part of an assembler line: text, or a variable or procedure whose place (`ebp-8`, a symbol) is put in its stead."""


class OAsm(Op):
    """One assembler line."""

    __slots__ = ("pieces",)

    def __init__(self, tok: Token, pieces: list[AsmPiece]) -> None:
        self.tok = tok
        self.pieces = pieces


def is_lvalue(e: Expr) -> bool:
    """Whether `e` designates memory that can be stored to."""
    return isinstance(e, EVar | EMem)


def array_of(e: Expr) -> ArrayType | None:
    """The array type of an lvalue that is an array."""
    return e.type if isinstance(e.type, ArrayType) else None


def pointee(t: Type) -> Type:
    """What a pointer type points to."""
    assert isinstance(t, PointerType)
    return t.target
