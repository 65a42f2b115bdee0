"""What every part of the analysis shares: the unit being compiled, the module, the procedure and the scope at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpt486.basic import ir, nodes
from gpt486.basic.lexer import Token
from gpt486.basic.sema.fold import const, convert, int_type
from gpt486.basic.sema.scopes import Scope, kind_of
from gpt486.basic.source import Diagnostics, HasSpan, Span, echo, fail, fault
from gpt486.basic.types import (
    ANY,
    BUILTIN_TYPES,
    POISON,
    STRING,
    UBYTE,
    ZCHAR,
    ZSTRING,
    ArrayType,
    FloatType,
    IntType,
    Param,
    PointerType,
    ProcType,
    RecordType,
    StringType,
    Type,
    ZStringType,
    pointer_to,
    same_type,
)

if TYPE_CHECKING:
    from gpt486.basic.sema.unit import Unit

FLOAT_MESSAGE = "is floating point; gpt486 basic compiles integer programs only"


class Context:
    """State and helpers of the analysis of one module."""

    def __init__(self, unit: Unit, diagnostics: Diagnostics, name: str, *, runtime: bool) -> None:
        self.unit = unit
        self.diagnostics = diagnostics
        self.module_name = name
        self.runtime = runtime
        self.globals = Scope()
        self.scope = self.globals
        self.main = unit.new_main(name)
        self.proc: ir.Proc = self.main
        self.ops: list[ir.Op] = self.proc.body
        self.labels: dict[str, ir.Label] = {}
        self.loops: list[tuple[str, ir.Label, ir.Label]] = []  # kind, where Continue and Exit go
        self.with_targets: list[ir.Expr] = []
        self.pending_labels: list[tuple[Token, ir.Label]] = []
        self.later: dict[str, int] = {}  # procedures that the module defines further down, and where
        self.counter = 0

    # ---- emitting

    def emit(self, op: ir.Op) -> None:
        """Append an operation to the procedure at hand."""
        self.ops.append(op)

    def label(self, hint: str) -> ir.Label:
        """A fresh label."""
        return ir.Label(hint)

    def hidden(self, type_: Type, hint: str = "tmp") -> ir.Var:
        """A hidden local variable of the procedure at hand."""
        self.counter += 1
        var = ir.Var(f"{hint}.{self.counter}", type_, "local")
        self.proc.locals.append(var)
        if isinstance(type_, StringType):
            self.proc.strings.append(var)
        return var

    # ---- names

    def lookup(self, tok: Token) -> ir.Var | ir.Constant | ir.Proc | ir.TypeName | None:
        """The symbol of a name, refusing a module's own variable inside a procedure."""
        symbol = self.scope.find(tok.low)
        if isinstance(symbol, ir.Var) and symbol.module_local and not self.proc.is_main:
            fail(tok, f"{symbol.name} is a variable of the main program; declare it with Dim Shared to use it here")
        if self.poisoned(symbol):
            raise echo(tok)
        if symbol is None and self.runtime:
            return self.unit.find_runtime(tok.low)
        return symbol

    def define(self, tok: Token, low: str, symbol: ir.Var | ir.Constant | ir.Proc | ir.TypeName) -> None:
        """Enter a name into the current scope, refusing a second meaning."""
        old = self.scope.types.get(low) if isinstance(symbol, ir.TypeName) else self.scope.names.get(low)
        if old is not None and not self.poisoned(old):
            fail(tok, f"{symbol.name} is already the name of a {kind_of(old)} here")
        if isinstance(symbol, ir.TypeName):
            self.scope.types[low] = symbol
        else:
            self.scope.names[low] = symbol

    @staticmethod
    def poisoned(symbol: ir.Var | ir.Constant | ir.Proc | ir.TypeName | None) -> bool:
        """Whether a name's declaration was refused."""
        return isinstance(symbol, ir.Var | ir.TypeName) and symbol.type is POISON

    def poison(self, low: str, name: str) -> None:
        """Enter a name whose declaration was refused, so that its uses are not reported, too."""
        self.scope.names.setdefault(low, ir.Var(name, POISON, "local"))

    # ---- types

    def resolve(self, ref: nodes.TypeRef, *, allow_any: bool = False, complete: bool = True) -> Type:
        """The type that a TypeRef means. `complete` refuses a record whose fields are not known yet."""
        base = self._resolve_base(ref)
        if base is POISON:
            raise echo(ref)
        if isinstance(base, FloatType):
            fail(ref, f"{base.name} {FLOAT_MESSAGE}")
        pointers = ref.pointers
        if isinstance(base, ProcType):
            base = pointer_to(base)
        for _ in range(pointers):
            base = pointer_to(base)
        if base is ANY and not allow_any:
            fail(ref, "Any is no type of its own; write Any Ptr")
        if base is ZSTRING and not allow_any:
            fail(ref, "a ZString needs its size: ZString * n (or ZString Ptr)")
        if isinstance(base, RecordType) and not base.complete and complete:
            fail(ref, f"the Type {base.name} is used before its End Type; only a pointer to it may be")
        return base

    def _resolve_base(self, ref: nodes.TypeRef) -> Type:
        if ref.signature is not None:
            return self.signature(ref.signature)
        if ref.typeof is not None:
            if isinstance(ref.typeof, nodes.TypeRef):
                return self.resolve(ref.typeof)
            operand = self.type_named(ref.typeof)
            return operand if operand is not None else self.typeof(ref.typeof)
        low = ref.tok.low
        builtin = BUILTIN_TYPES.get(low)
        if builtin is not None:
            if ref.length is not None:
                if builtin is STRING:
                    fail(ref, "String * n is not supported; use ZString * (n + 1) or String")
                size = self.constant_int(ref.length, "the size of a ZString")
                if size < 1:
                    fail(ref.length, "the size of a ZString must be at least 1")
                return ZStringType(size)
            return builtin
        if low == "wstring":
            fail(ref, "WString is not supported; use String or ZString")
        named = self.scope.find_type(low)
        if named is not None:
            return named.type
        symbol = self.scope.find(low)
        if symbol is not None:
            fail(ref, f"{ref.tok.text} is a {kind_of(symbol)}, not a type")
        if ref.pointers:
            return self.forward_type(ref.tok)
        raise fault(ref, f"unknown type {ref.tok.text}{self.scope.nearest(low)}")

    def forward_type(self, tok: Token) -> Type:
        """A type that is only named so far; overridden where forward references are allowed."""
        fail(tok, f"unknown type {tok.text}{self.scope.nearest(tok.low)}")

    def type_named(self, node: nodes.Expr | nodes.TypeRef) -> Type | None:
        """The type that an operand of SizeOf names, or None when it is an expression."""
        if isinstance(node, nodes.TypeRef):
            return self.resolve(node, allow_any=True)
        if isinstance(node, nodes.Name):
            if node.low in BUILTIN_TYPES and node.low != "string":
                return BUILTIN_TYPES[node.low]
            symbol = self.scope.find(node.low)
            if isinstance(symbol, ir.TypeName):
                return symbol.type
        return None

    def signature(self, node: nodes.Signature) -> ProcType:
        """The type of a procedure from its head."""
        params: list[Param] = []
        for p in node.params:
            if p.array:
                fail(p, f"array parameters are not supported; pass a pointer to the first element (@{p.name}(0))")
            type_ = self.resolve(p.type, allow_any=True)
            byref = p.byref
            if byref is None:
                byref = not (type_.is_scalar) and type_ is not ANY
            if type_ is ANY and not byref:
                fail(p, "a parameter As Any must be ByRef")
            if isinstance(type_, ZStringType) and not byref:
                fail(p, "a ZString is passed ByRef or as a ZString Ptr")
            default = None
            if p.default is not None:
                default = self.coerce(self.expression(p.default), type_, p.default, "the default value")
                if not isinstance(default, ir.EConst):
                    fail(p.default, "the default value of a parameter must be a constant number")
            params.append(Param(p.name, type_, byref, default))
        result = self.resolve(node.result) if node.result is not None else None
        if node.result_byref:
            fail(node, "results ByRef are not supported; return a pointer")
        if isinstance(result, ZStringType | ArrayType):
            fail(node, f"a Function cannot return {result.name}")
        return ProcType(params, result, node.convention or "cdecl")

    # ---- conversions

    def coerce(self, e: ir.Expr, to: Type, where: HasSpan | Span, what: str) -> ir.Expr:
        """The implicit conversion of an assignment or argument, refusing what FreeBASIC warns about."""
        if to is POISON:
            raise echo(where)
        if isinstance(to, IntType):
            e = as_number(e)
        source = e.type
        if isinstance(to, IntType):
            if isinstance(source, IntType):
                return convert(e, to)
            if source.is_pointer:
                fail(where, f"{what} is a pointer ({source.name}) where {to.name} is wanted; say Cast({to.name}, ...)")
        elif isinstance(to, PointerType):
            if isinstance(e, ir.EConst) and e.value == 0:
                return const(0, to)
            if isinstance(source, PointerType):
                if self.pointers_agree(source, to):
                    return ir_retype(e, to)
                fail(where, f"{what} is {source.name} where {to.name} is wanted; say CPtr({to.name}, ...)")
            if isinstance(source, StringType | ZStringType):
                fail(where, f"{what} is a string where {to.name} is wanted; take its address with StrPtr or @")
            if isinstance(source, IntType):
                fail(where, f"{what} is a number where {to.name} is wanted; say CPtr({to.name}, ...)")
        elif isinstance(to, StringType):
            return self.string(e, where)
        elif isinstance(to, RecordType) and same_type(source, to):
            return e
        raise fault(where, f"{what} is {_article(source)} where {_article(to)} is wanted")

    def pointers_agree(self, source: PointerType, to: PointerType) -> bool:
        """Whether a pointer may be assigned without a cast.

        fbc takes without a warning: the same target, Any on either side, integers of the same size (a ZString
        counts as bytes).
        """
        if source.target is ANY or to.target is ANY:
            return True
        a, b = source.target, to.target
        while isinstance(a, PointerType) and isinstance(b, PointerType):
            a, b = a.target, b.target
        sizes = [1 if isinstance(t, ZStringType) else t.size if isinstance(t, IntType) else 0 for t in (a, b)]
        return (sizes[0] == sizes[1] > 0) or same_type(a, b)

    def number(self, e: ir.Expr, where: HasSpan | Span, what: str) -> ir.Expr:
        """Refuse anything but an integer."""
        e = as_number(e)
        if not isinstance(e.type, IntType):
            fail(where, f"{what} must be a number, not {_article(e.type)}")
        return e

    def constant_int(self, node: nodes.Expr, what: str) -> int:
        """The value of a constant integer expression."""
        e = self.number(self.expression(node), node, what)
        if not isinstance(e, ir.EConst):
            fail(node, f"{what} must be a constant")
        return int_type(e.type).wrap(e.value)

    # ---- what the other parts provide

    def expression(self, node: nodes.Expr) -> ir.Expr:
        """Analyze an expression."""
        raise NotImplementedError

    def typeof(self, node: nodes.Expr) -> Type:
        """The type of an expression that is not evaluated."""
        raise NotImplementedError

    def string(self, e: ir.Expr, where: HasSpan | Span) -> ir.Expr:
        """The address of a string descriptor with the value of `e`."""
        raise NotImplementedError

    def zstring_address(self, e: ir.Expr) -> ir.Expr | None:
        """The address of zero-terminated bytes for a text value; None when `e` is no text."""
        raise NotImplementedError


def as_number(e: ir.Expr) -> ir.Expr:
    """A character of a ZString as the byte that it is; anything else as it stands."""
    return ir_retype(e, UBYTE) if e.type is ZCHAR else e


def ir_retype(e: ir.Expr, to: Type) -> ir.Expr:
    """`e` under another pointer type."""
    from gpt486.basic.sema.fold import retype

    return retype(e, to)


def _article(t: Type) -> str:
    if t is ANY:
        return "nothing"
    return f"{'an' if t.name[0] in 'AEIOU' and not t.name.startswith('U') else 'a'} {t.name}"
