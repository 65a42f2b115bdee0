"""The syntax tree: what the parser read, before names and types are looked up.

Every node keeps the token it began at (`tok`), from which diagnostics and line tables take their place.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gpt486.basic.lexer import Token
from gpt486.basic.source import Span


@dataclass(slots=True, eq=False)
class Node:
    """Anything in the tree."""

    tok: Token

    @property
    def span(self) -> Span:
        """Where the node begins."""
        return self.tok.span


# ---- expressions


@dataclass(slots=True, eq=False)
class Expr(Node):
    """An expression."""


@dataclass(slots=True, eq=False)
class Num(Expr):
    """An integer literal; its type follows from spelling, value and suffix."""


@dataclass(slots=True, eq=False)
class Str(Expr):
    """A string literal."""

    data: bytes


@dataclass(slots=True, eq=False)
class Name(Expr):
    """An identifier or a built-in function's name."""

    @property
    def low(self) -> str:
        """The name in lower case."""
        return self.tok.low


@dataclass(slots=True, eq=False)
class WithTarget(Expr):
    """The object of the enclosing With block (before a leading dot)."""


@dataclass(slots=True, eq=False)
class Member(Expr):
    """`base.name` or `base->name`; `tok` is the name."""

    base: Expr
    arrow: bool


@dataclass(slots=True, eq=False)
class Index(Expr):
    """`base[index]`."""

    base: Expr
    index: Expr


@dataclass(slots=True, eq=False)
class Call(Expr):
    """`base(args)`: a call, a built-in function or an array element. An omitted argument is None."""

    base: Expr
    args: list[Expr | None]


@dataclass(slots=True, eq=False)
class Unary(Expr):
    """`-`, `+` or `not`."""

    op: str
    operand: Expr


@dataclass(slots=True, eq=False)
class AddressOf(Expr):
    """`@operand`, VarPtr or ProcPtr."""

    operand: Expr


@dataclass(slots=True, eq=False)
class Deref(Expr):
    """`*operand`."""

    operand: Expr


@dataclass(slots=True, eq=False)
class Binary(Expr):
    """A binary operator; `tok` is the operator."""

    op: str
    left: Expr
    right: Expr


@dataclass(slots=True, eq=False)
class CastTo(Expr):
    """Cast(type, operand) or, with `pointer`, CPtr."""

    type: TypeRef
    operand: Expr
    pointer: bool


@dataclass(slots=True, eq=False)
class SizeOf(Expr):
    """SizeOf(...) or, with `length`, Len(...): of a type or of an expression."""

    of: TypeRef | Expr
    length: bool


@dataclass(slots=True, eq=False)
class OffsetOf(Expr):
    """OffsetOf(type, field.field...)."""

    type: TypeRef
    path: list[Token]


@dataclass(slots=True, eq=False)
class Braces(Expr):
    """An initialiser `{a, b, ...}`."""

    items: list[Expr]


@dataclass(slots=True, eq=False)
class AnyInit(Expr):
    """The initialiser `Any`: leave the memory as it is."""


# ---- types and declarations


@dataclass(slots=True, eq=False)
class TypeRef(Node):
    """A type as written: a name, TypeOf(expression) or a procedure signature, with `pointers` times Ptr after it."""

    pointers: int = 0
    length: Expr | None = None
    typeof: Expr | TypeRef | None = None
    signature: Signature | None = None


@dataclass(slots=True, eq=False)
class ParamNode(Node):
    """A parameter; `byref` is None when neither ByVal nor ByRef is written. `tok` is its name or type."""

    name: str
    type: TypeRef
    byref: bool | None
    default: Expr | None
    array: bool


@dataclass(slots=True, eq=False)
class Signature(Node):
    """Parameters and result; `result` is None for a Sub."""

    params: list[ParamNode]
    result: TypeRef | None
    convention: str = ""
    result_byref: bool = False


@dataclass(slots=True, eq=False)
class Declarator(Node):
    """One variable of a Dim: `bounds` is None for a scalar; a lower bound of None means 0."""

    name: str
    type: TypeRef | None
    bounds: list[tuple[Expr | None, Expr | None]] | None
    init: Expr | None
    alias: str = ""


# ---- statements


@dataclass(slots=True, eq=False)
class Stmt(Node):
    """A statement."""


Block = list[Stmt]


@dataclass(slots=True, eq=False)
class Dim(Stmt):
    """Dim, Static, Var or Extern (`storage`), perhaps Shared."""

    storage: str
    shared: bool
    items: list[Declarator]


@dataclass(slots=True, eq=False)
class ConstDecl(Stmt):
    """Const [As type] name = value, ..."""

    items: list[tuple[Token, TypeRef | None, Expr]]


@dataclass(slots=True, eq=False)
class EnumDecl(Stmt):
    """Enum [name] ... End Enum."""

    name: str
    items: list[tuple[Token, Expr | None]]


@dataclass(slots=True, eq=False)
class FieldDecl(Node):
    """A field, or with `inner` an anonymous nested Union or Type."""

    name: str
    type: TypeRef | None
    bounds: list[tuple[Expr | None, Expr | None]] | None
    inner: TypeDecl | None = None


@dataclass(slots=True, eq=False)
class TypeDecl(Stmt):
    """Type or Union ... End Type; `alias` is set for `Type name As other`."""

    name: str
    fields: list[FieldDecl]
    union: bool = False
    packing: Expr | None = None
    alias: TypeRef | None = None


@dataclass(slots=True, eq=False)
class ProcHeader(Node):
    """The head of a Sub, Function or Declare; `tok` is the name."""

    name: str
    signature: Signature
    alias: str = ""
    naked: bool = False


@dataclass(slots=True, eq=False)
class Declare(Stmt):
    """A declaration without a body."""

    header: ProcHeader


@dataclass(slots=True, eq=False)
class ProcDef(Stmt):
    """A procedure with its body; `end` is the token of its End Sub or End Function."""

    header: ProcHeader
    body: Block
    end: Token


@dataclass(slots=True, eq=False)
class Assign(Stmt):
    """`target op= value`; `op` is empty for a plain assignment."""

    target: Expr
    op: str
    value: Expr


@dataclass(slots=True, eq=False)
class CallStmt(Stmt):
    """A call as a statement, with or without parentheses."""

    call: Expr


@dataclass(slots=True, eq=False)
class If(Stmt):
    """Branches (condition, block), and the Else block."""

    branches: list[tuple[Expr, Block]]
    otherwise: Block


@dataclass(slots=True, eq=False)
class CaseTest(Node):
    """One item of a Case: `low` alone, `low To high`, or `Is op low`."""

    op: str
    low: Expr
    high: Expr | None = None


@dataclass(slots=True, eq=False)
class Select(Stmt):
    """Select Case; a branch with no tests is Case Else."""

    subject: Expr
    branches: list[tuple[Token, list[CaseTest], Block]]
    const: bool


@dataclass(slots=True, eq=False)
class For(Stmt):
    """For ... Next; `type` is set when the counter is declared here."""

    counter: Expr
    type: TypeRef | None
    start: Expr
    stop: Expr
    step: Expr | None
    body: Block


@dataclass(slots=True, eq=False)
class Loop(Stmt):
    """While or Do: `before` and `after` are (condition, go on when true), or None. `kind` is while or do."""

    kind: str
    before: tuple[Expr, bool] | None
    body: Block
    after: tuple[Expr, bool] | None


@dataclass(slots=True, eq=False)
class Scope(Stmt):
    """Scope ... End Scope."""

    body: Block


@dataclass(slots=True, eq=False)
class With(Stmt):
    """With object ... End With."""

    target: Expr
    body: Block


@dataclass(slots=True, eq=False)
class Jump(Stmt):
    """Exit or Continue (`verb`) with its list of kinds (for, while, do, select, sub, function)."""

    verb: str
    kinds: list[str]


@dataclass(slots=True, eq=False)
class Return(Stmt):
    """Return [value]."""

    value: Expr | None


@dataclass(slots=True, eq=False)
class Result(Stmt):
    """Function = value."""

    value: Expr


@dataclass(slots=True, eq=False)
class Goto(Stmt):
    """Goto label; `label` is the label's token."""

    label: Token


@dataclass(slots=True, eq=False)
class Label(Stmt):
    """`name:`, or a call of a Sub without arguments followed by a colon."""


@dataclass(slots=True, eq=False)
class Swap(Stmt):
    """Swap a, b."""

    left: Expr
    right: Expr


@dataclass(slots=True, eq=False)
class Print(Stmt):
    """Print [#file,] items; each item is (expression or None, separator ';' ',' or '' at the end)."""

    file: Expr | None
    items: list[tuple[Expr | None, str]]


@dataclass(slots=True, eq=False)
class FileOp(Stmt):
    """Open, Close, Get, Put, Seek, Line Input and their kin: `verb`, the operands in their written order."""

    verb: str
    args: list[Expr | None]
    options: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class OpenCall(Expr):
    """Open, Get, Put or Close used as a function: its value is the error code."""

    statement: FileOp


@dataclass(slots=True, eq=False)
class End(Stmt):
    """End [code], System or Stop."""

    code: Expr | None


@dataclass(slots=True, eq=False)
class Asm(Stmt):
    """An Asm block or line: the tokens of each line, without the EOL."""

    lines: list[list[Token]]
