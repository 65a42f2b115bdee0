"""Analysis of declarations: variables and their initialisers, constants, enumerations, records, procedure heads."""

from __future__ import annotations

from gpt486.basic import ir
from gpt486.basic import nodes as n
from gpt486.basic.lexer import Token
from gpt486.basic.sema import fold
from gpt486.basic.sema.builtins import BuiltinAnalyzer
from gpt486.basic.sema.context import _article
from gpt486.basic.sema.symbols import mangle
from gpt486.basic.source import StatementError, fail, fault
from gpt486.basic.types import (
    ANY,
    INTEGER,
    POISON,
    ArrayType,
    EnumType,
    RecordType,
    StringType,
    Type,
    ZStringType,
)

MAX_STATIC = 64 * 1024 * 1024
"""No variable may be larger than this many bytes: twice the machine's memory."""


class DeclarationAnalyzer(BuiltinAnalyzer):
    """Everything that introduces names."""

    # ---- constants and enumerations

    def const_decl(self, node: n.ConstDecl) -> None:
        """Const."""
        for tok, ref, value in node.items:
            try:
                self._constant(tok, ref, value)
            except StatementError as error:
                self.diagnostics.add(error.diagnostic)
                self.poison(tok.low, tok.text)

    def _constant(self, tok: Token, ref: n.TypeRef | None, value: n.Expr) -> None:
        e = self.expression(value)
        if isinstance(e, ir.EText):
            if ref is not None and ref.tok.low not in ("string", "zstring"):
                fail(value, f"{tok.text} is declared As {ref.tok.text}, but its value is a string")
            self.define(tok, tok.low, ir.Constant(tok.text, e.type, e.data))
            return
        if not isinstance(e, ir.EConst):
            fail(value, f"the value of the constant {tok.text} must be a constant expression")
        if ref is not None:
            e2 = self.coerce(e, self.resolve(ref), value, f"the value of {tok.text}")
            assert isinstance(e2, ir.EConst)
            e = e2
        self.define(tok, tok.low, ir.Constant(tok.text, e.type, e.value))

    def enum_decl(self, node: n.EnumDecl) -> None:
        """Enum."""
        type_: Type = EnumType(node.name) if node.name else INTEGER
        if node.name:
            self.define(node.tok, node.name.lower(), ir.TypeName(node.name, type_))
        value = 0
        for tok, expr in node.items:
            if expr is not None:
                try:
                    value = self.constant_int(expr, f"the value of {tok.text}")
                except StatementError as error:
                    self.diagnostics.add(error.diagnostic)
                    self.poison(tok.low, tok.text)
                    continue
            self.define(tok, tok.low, ir.Constant(tok.text, type_, value))
            value += 1

    # ---- records

    def forward_type(self, tok: Token) -> Type:
        """A record that is so far only named behind a pointer in this module."""
        record = self.unit.forward.get((self.module_name, tok.low))
        if record is None or tok.low in self.globals.types:
            fail(tok, f"unknown type {tok.text}{self.scope.nearest(tok.low)}")
        return record

    def type_decl(self, node: n.TypeDecl) -> None:
        """Type or Union, or a type's second name."""
        low = node.name.lower()
        if node.alias is not None:
            # `Type Node_ As Node` may stand before `Type Node`: a forward reference.
            forward = self.unit.forward.get((self.module_name, node.alias.tok.low))
            if forward is not None and not forward.complete and node.alias.pointers == 0:
                self.define(node.tok, low, ir.TypeName(node.name, forward))
                return
            try:
                self.define(node.tok, low, ir.TypeName(node.name, self.resolve(node.alias, complete=False)))
            except StatementError:
                self.scope.types.setdefault(low, ir.TypeName(node.name, POISON))
                raise
            return
        forward = self.unit.forward.get((self.module_name, low))
        record = forward if forward is not None and not forward.complete else RecordType(node.name)
        record.union = node.union
        self.define(node.tok, low, ir.TypeName(node.name, record))
        self._fill(record, node)

    def _fill(self, record: RecordType, node: n.TypeDecl) -> None:
        try:
            if node.packing is not None:
                packing = self.constant_int(node.packing, "Field")
                if packing not in (1, 2, 4, 8):
                    fail(node.packing, "Field = n takes 1, 2, 4 or 8")
                record.packing = packing
        except StatementError as error:
            self.diagnostics.add(error.diagnostic)
        for field in node.fields:
            try:
                self._field(record, field)
            except StatementError as error:
                self.diagnostics.add(error.diagnostic)
                if field.name.lower() not in record.fields:
                    record.add(field.name, POISON)
        if not record.fields and not self.diagnostics.found:
            fail(node, f"the Type {record.name} has no fields")
        record.finish()

    def _field(self, record: RecordType, field: n.FieldDecl) -> None:
        if field.inner is not None:
            inner = RecordType("", union=field.inner.union)
            self._fill(inner, field.inner)
            record.add_anonymous(inner)
            return
        assert field.type is not None
        type_ = self.resolve(field.type)
        if isinstance(type_, StringType):
            fail(field, f"a String cannot be a field; make {field.name} a ZString * n or a ZString Ptr")
        if field.bounds is not None:
            type_ = self.array_type(type_, field.bounds, field.tok, None)
        if field.name.lower() in record.fields:
            fail(field, f"the Type {record.name} already has a field {field.name}")
        record.add(field.name, type_)

    def array_type(
        self,
        element: Type,
        bounds: list[tuple[n.Expr | None, n.Expr | None]],
        tok: Token,
        init: n.Expr | None,
    ) -> ArrayType:
        """The type of an array; `...` takes its upper bound from the initialiser."""
        if not bounds:
            fail(tok, f"dynamic arrays are not supported; give {tok.text} its bounds: {tok.text}(0 To n)")
        if len(bounds) > 8:
            fail(tok, "an array has at most 8 dimensions")
        out: list[tuple[int, int]] = []
        for i, (low_node, high_node) in enumerate(bounds):
            low = self.constant_int(low_node, "an array's bound") if low_node is not None else 0
            if high_node is None:
                if i or not isinstance(init, n.Braces):
                    fail(tok, "... as a bound needs an initialiser in braces to count")
                high = low + len(init.items) - 1
            else:
                high = self.constant_int(high_node, "an array's bound")
            if high < low:
                fail(tok, f"the array {tok.text} has the bounds {low} To {high}, which hold nothing")
            out.append((low, high))
        made = ArrayType(element, tuple(out))
        if made.size > MAX_STATIC:
            fail(tok, f"the array {tok.text} takes {made.size:,} bytes, more than the machine has")
        return made

    # ---- variables

    def dim(self, node: n.Dim) -> None:
        """Dim, Static, Var, Extern."""
        for item in node.items:
            try:
                self._declare(node, item)
            except StatementError as error:
                self.diagnostics.add(error.diagnostic)
                self.poison(item.name.lower(), item.name)

    def _declare(self, node: n.Dim, item: n.Declarator) -> None:
        low = item.name.lower()
        value: ir.Expr | None = None
        if item.type is None:  # Var
            if item.init is None:
                fail(item, f"Var {item.name} needs a value")
            value = self.expression(item.init)
            type_ = value.type if not self.is_text(value.type) else self.text_type()
            if isinstance(type_, ArrayType):
                fail(item, "Var cannot copy an array")
        else:
            type_ = self.resolve(item.type)
        if item.bounds is not None:
            type_ = self.array_type(type_, item.bounds, item.tok, item.init)
        static = node.shared or node.storage in ("static", "extern")
        if node.shared and not self.proc.is_main:
            fail(item, "Dim Shared belongs to the main program, not into a procedure")
        module_local = self.proc.is_main and not node.shared and node.storage in ("dim", "var", "static")
        if self.proc.is_main and not type_.is_scalar:
            static = True
        if static:
            var = ir.Var(item.name, type_, "extern" if node.storage == "extern" else "static")
            prefix = "" if self.proc.is_main else f"{self.proc.name.lower()}_"
            var.symbol = item.alias or self.unit.unique_symbol(f"v_{prefix}{mangle(item.name)}")
            if node.storage != "extern":
                self.unit.statics.append(var)
        else:
            var = ir.Var(item.name, type_, "local")
            self.proc.locals.append(var)
        var.module_local = module_local
        if value is None and item.init is not None and not isinstance(item.init, n.AnyInit | n.Braces):
            # The new name is not visible in its own initialiser.
            value = self.expression(item.init)
            if isinstance(type_, ArrayType):
                fail(item.init, "an array is initialised with values in braces: {a, b, ...}")
            if isinstance(type_, RecordType) and not isinstance(value.type, RecordType):
                item.init, value = n.Braces(item.init.tok, [item.init]), None  # (5) for a Type with one field
        self.define(item.tok, low, var)
        self._check_frame(item, var)
        if static and node.storage != "extern":
            self._static_init(item, var, value, node.shared or node.storage == "static")
        elif node.storage != "extern":
            self._local_init(item, var, value)

    def text_type(self) -> Type:
        """The type of a Var that holds text."""
        from gpt486.basic.types import STRING

        return STRING

    def _check_frame(self, item: n.Declarator, var: ir.Var) -> None:
        if not var.is_static and var.type.size > 32 * 1024:
            fail(item, f"{item.name} takes {var.type.size:,} bytes of the 64 KB stack; make it Static or Dim Shared")

    def _local_init(self, item: n.Declarator, var: ir.Var, value: ir.Expr | None) -> None:
        tok = item.tok
        place = ir.EVar(var.type, var)
        if isinstance(var.type, StringType):
            self.proc.strings.append(var)
            var.address_taken = True
            start = value if value is not None else ir.EText(var.type, b"")
            self.assign(place, start, item)
            return
        if isinstance(var.type, ArrayType) and isinstance(var.type.element, StringType):
            self.proc.strings.append(var)
            var.address_taken = True
            if self._comes_again():  # else cleared once at the procedure's beginning
                self._empty(place, tok)
            if isinstance(item.init, n.Braces):
                self.fill_braces(place, item.init, zero_first=False)
            return
        if isinstance(item.init, n.AnyInit):
            return
        if item.init is None:
            if var.type.is_scalar:
                self.emit(ir.OAssign(tok, place, fold.const(0, var.type)))
            else:
                self.emit(ir.OZero(tok, self.address_of(place, tok), var.type.size))
            return
        if isinstance(item.init, n.Braces):
            self.fill_braces(place, item.init, zero_first=True)
            return
        assert value is not None
        self.assign(place, value, item)

    def _comes_again(self) -> bool:
        """Whether the statement at hand may run more than once: in a loop, or after a label."""
        return bool(self.loops) or any(label.placed for label in self.labels.values())

    def _empty(self, place: ir.Expr, tok: Token) -> None:
        """Empty a variable; the storage of its strings is given back."""
        t = place.type
        if isinstance(t, StringType) or self._has_strings(t):
            count = t.count if isinstance(t, ArrayType) else 1
            proc = self.unit.runtime_proc("fb_strdestroy")
            address = fold.retype(self.address_of(place, tok), proc.type.params[0].type)
            self.emit(ir.OEval(tok, self.rt("fb_strdestroy", [address, fold.const(count)], ANY)))
        else:
            self.emit(ir.OZero(tok, self.address_of(place, tok), t.size))

    def fill_braces(self, place: ir.Expr, init: n.Expr, *, zero_first: bool) -> None:
        """Run-time initialisation of an array, record or scalar from an initialiser in braces."""
        t = place.type
        tok = init.tok
        if not isinstance(init, n.Braces):
            e = self.expression(init)
            if isinstance(t, RecordType) and not isinstance(e.type, RecordType):
                init = n.Braces(init.tok, [init])  # (5) for a Type with one field
            else:
                self.assign(place, e, init)
                return
        if t.is_scalar:
            if len(init.items) != 1:
                fail(init, f"a {t.name} takes one value")
            self.fill_braces(place, init.items[0], zero_first=False)
            return
        parts = self.parts(t, init)
        if zero_first and not isinstance(t, StringType) and not self._has_strings(t):
            self.emit(ir.OZero(tok, self.address_of(place, tok), t.size))
        for (offset, part), item in zip(parts, init.items, strict=False):
            if isinstance(item, n.AnyInit):
                continue
            self.fill_braces(self.place(place, fold.const(offset), part, item), item, zero_first=False)

    @staticmethod
    def _has_strings(t: Type) -> bool:
        return isinstance(t, ArrayType) and isinstance(t.element, StringType)

    def parts(self, t: Type, init: n.Braces) -> list[tuple[int, Type]]:
        """Offsets and types of what the items of an initialiser fill."""
        if isinstance(t, ArrayType):
            inner: Type = t.element if len(t.bounds) == 1 else ArrayType(t.element, t.bounds[1:])
            count = t.bounds[0][1] - t.bounds[0][0] + 1
            if len(init.items) > count:
                fail(init.items[count], f"too many values: this dimension holds {count}")
            return [(i * inner.size, inner) for i in range(len(init.items))]
        if isinstance(t, RecordType):
            fields = t.own_fields()
            if len(init.items) > len(fields):
                fail(init.items[len(fields)], f"too many values: the Type {t.name} has {len(fields)} fields")
            return [(f.offset, f.type) for f in fields]
        raise fault(init, f"{_article(t)} cannot be initialised from braces")

    # ---- initialised static data

    def _static_init(self, item: n.Declarator, var: ir.Var, value: ir.Expr | None, fixed: bool) -> None:
        place = ir.EVar(var.type, var)
        again = not fixed and self._comes_again()  # the Dim clears it each time
        if again and (item.init is None or self._has_strings(var.type)):
            self._empty(place, item.tok)
        if item.init is None or isinstance(item.init, n.AnyInit):
            return
        if not fixed:
            # A module-level array or record without Shared: filled where its Dim stands.
            if isinstance(item.init, n.Braces):
                if again or not self._all_constant(item.init):
                    self.fill_braces(place, item.init, zero_first=True)
                    return
            elif value is not None:
                self.assign(place, value, item)
                return
        if isinstance(var.type, StringType):
            if value is None:
                fail(item.init, "a String cannot be initialised from braces")
            if self.proc.is_main:
                self.assign(place, value, item)
                return
            fail(item, 'a Static String cannot have an initial value; test it for "" and assign')
        image = DataImage(var.type.size)
        self._image(image, 0, var.type, item.init, value)
        if image.any():
            var.initial = image.directives()

    @staticmethod
    def _all_constant(node: n.Expr) -> bool:
        if isinstance(node, n.Braces):
            return all(DeclarationAnalyzer._all_constant(i) for i in node.items)
        return isinstance(node, n.Num | n.Str) or (isinstance(node, n.Unary) and isinstance(node.operand, n.Num))

    def _image(self, image: DataImage, offset: int, t: Type, init: n.Expr, value: ir.Expr | None) -> None:
        if isinstance(init, n.AnyInit):
            return
        if isinstance(init, n.Braces):
            if t.is_scalar:
                if len(init.items) != 1:
                    fail(init, f"a {t.name} takes one value")
                self._image(image, offset, t, init.items[0], None)
                return
            for (at, part), item in zip(self.parts(t, init), init.items, strict=False):
                self._image(image, offset + at, part, item, None)
            return
        e = value if value is not None else self.expression(init)
        if isinstance(t, RecordType) and not isinstance(e.type, RecordType):
            self._image(image, offset, t, n.Braces(init.tok, [init]), None)
            return
        if isinstance(t, ZStringType) and isinstance(e, ir.EText):
            image.put(offset, e.data[: t.length - 1])
            return
        if isinstance(t, ArrayType | RecordType | StringType):
            fail(
                init,
                f"{_article(t)} needs an initialiser in braces"
                if not isinstance(t, StringType)
                else "Strings in static data cannot have initial values; use ZString Ptr",
            )
        e = self.coerce(e, t, init, "this value")
        if isinstance(e, ir.EConst):
            image.put(offset, (e.value & ((1 << (8 * t.size)) - 1)).to_bytes(t.size, "little"))
        elif isinstance(e, ir.ESym):
            image.address(offset, e.symbol, e.offset)
        elif isinstance(e, ir.EProc):
            image.address(offset, e.proc.symbol, 0)
        elif isinstance(e, ir.EAddr) and e.var.is_static:
            image.address(offset, e.var.symbol, e.offset)
        else:
            fail(init, "the initial value of a static variable must be a constant or an address")

    # ---- procedure heads

    def declare_proc(self, header: n.ProcHeader, definition: n.ProcDef | None) -> ir.Proc:
        """Enter a procedure's name; a second head must agree with the first."""
        low = header.name.lower()
        signature = self.signature(header.signature)
        old = self.globals.names.get(low)
        if isinstance(old, ir.Proc):
            if not old.type.matches(signature):
                fail(header, f"{header.name} is declared differently on line {old.tok.line}")
            if definition is not None:
                if old.definition is not None:
                    fail(header, f"{header.name} is already defined on line {old.tok.line}")
                for mine, theirs in zip(signature.params, old.type.params, strict=True):
                    mine.default = mine.default or theirs.default
                old.type.params = signature.params
                old.definition, old.tok, old.naked = definition, header.tok, header.naked
                if header.alias:
                    old.symbol = header.alias
            return old
        if definition is None and not self.runtime:
            library = self.unit.find_runtime(low)
            if library is not None:
                if not library.type.matches(signature):
                    fail(header, f"{header.name} of the run-time library is declared differently: {library.type.name}")
                self.define(header.tok, low, library)
                return library
        proc = ir.Proc(
            header.name, signature, header.alias or self.unit.proc_symbol(header.name, self.runtime), header.tok
        )
        proc.naked, proc.definition, proc.module = header.naked, definition, self
        self.scope = self.globals
        self.define(header.tok, low, proc)
        return proc

    # ---- provided by the statements

    def assign(self, target: ir.Expr, value: ir.Expr, where: n.Node) -> None:
        """Emit the assignment of a value to an lvalue of any type."""
        raise NotImplementedError


class DataImage:
    """The initial bytes of a static variable, with the addresses in it."""

    def __init__(self, size: int) -> None:
        self.bytes = bytearray(size)
        self.addresses: dict[int, str] = {}

    def put(self, offset: int, data: bytes) -> None:
        """Write bytes."""
        self.bytes[offset : offset + len(data)] = data

    def address(self, offset: int, symbol: str, addend: int) -> None:
        """Write a dword that holds `symbol + addend`."""
        self.addresses[offset] = f"{symbol}{addend:+d}" if addend else symbol

    def any(self) -> bool:
        """Whether anything in it is not zero."""
        return bool(self.addresses) or any(self.bytes)

    def directives(self) -> list[str]:
        """The data directives that make the image."""
        out: list[str] = []
        at = 0
        for stop in [*sorted(self.addresses), len(self.bytes)]:
            out += data_directives(bytes(self.bytes[at:stop]))
            if stop < len(self.bytes):
                out.append(f".long {self.addresses[stop]}")
                at = stop + 4
        return out


def data_directives(data: bytes) -> list[str]:
    """`.byte`, `.long` and `.skip` lines for bytes."""
    out: list[str] = []
    at = 0
    while at < len(data):
        zeros = at
        while zeros < len(data) and data[zeros] == 0:
            zeros += 1
        if zeros - at >= 16:
            out.append(f".skip {zeros - at}")
            at = zeros
            continue
        if len(data) - at >= 4 and at % 4 == 0:
            chunk = data[at : min(at + 32, len(data)) // 4 * 4]
            words = [str(int.from_bytes(chunk[i : i + 4], "little")) for i in range(0, len(chunk), 4)]
            out.append(".long " + ", ".join(words))
        else:
            chunk = data[at : at + (4 - at % 4 if at % 4 else len(data) - at)]
            out.append(".byte " + ", ".join(str(b) for b in chunk))
        at += len(chunk)
    return out
