"""The built-in functions: each name with its arguments, its folding, and the run-time procedure behind it."""

from __future__ import annotations

from collections.abc import Callable

from gpt486.basic import ir
from gpt486.basic import nodes as n
from gpt486.basic.lexer import Kind, Token
from gpt486.basic.sema import fold
from gpt486.basic.sema.context import FLOAT_MESSAGE, _article
from gpt486.basic.sema.expressions import ExpressionAnalyzer
from gpt486.basic.sema.texts import STRING_PTR, ZSTRING_PTR
from gpt486.basic.source import echo, fail, fault
from gpt486.basic.types import (
    ANY,
    BOOLEAN,
    BYTE,
    INTEGER,
    LONG,
    LONGINT,
    SHORT,
    STRING,
    UBYTE,
    UINTEGER,
    ULONG,
    ULONGINT,
    USHORT,
    ArrayType,
    IntType,
    PointerType,
    Type,
    ZStringType,
    pointer_to,
    promote,
)

ANY_PTR = pointer_to(ANY)
UBYTE_PTR = pointer_to(UBYTE)
Args = list[n.Expr]

CONVERSIONS: dict[str, IntType] = {
    "cbool": BOOLEAN, "cbyte": BYTE, "cubyte": UBYTE, "cshort": SHORT, "cushort": USHORT, "cint": INTEGER,
    "cuint": UINTEGER, "clng": LONG, "culng": ULONG, "clngint": LONGINT, "culngint": ULONGINT,
}  # fmt: skip

FLOATING = frozenset(
    [
        "csng",
        "cdbl",
        "sqr",
        "sin",
        "cos",
        "tan",
        "atn",
        "atan2",
        "asin",
        "acos",
        "exp",
        "log",
        "rnd",
        "timer",
        "val",
        "cvs",
        "cvd",
        "mks",
        "mkd",
        "frac",
        "single",
        "double",
    ]
)

UNSUPPORTED = {
    "lset": "LSet", "rset": "RSet", "wstr": "WString", "wchr": "WString", "pos": "Pos", "csrlin": "CsrLin",
    "point": "graphics", "screenptr": "graphics", "new": "New (use Allocate)", "shell": "Shell", "exec": "Exec",
    "chain": "Chain", "dir": "Dir", "curdir": "CurDir", "threadcreate": "threads", "mutexcreate": "threads",
    "date": "Date", "time": "Time", "now": "Now", "format": "Format", "multikey": "MultiKey", "input": "Input",
    "winput": "Input", "getkey": "GetKey (use InKey)", "strptr$": "", "getmouse": "GetMouse", "setdate": "SetDate",
}  # fmt: skip


class BuiltinAnalyzer(ExpressionAnalyzer):
    """Calls of what the language brings along."""

    def builtin(self, tok: Token, node: n.Call | None) -> ir.Expr:
        """A built-in function, or the error for an unknown name."""
        low = tok.low
        if low in CONVERSIONS:
            (arg,) = self._args(tok, node, 1, 1)
            return self.cast(self.expression(arg), CONVERSIONS[low], arg)
        handler = _BUILTINS.get(low)
        if handler is not None:
            fewest, most, function = handler
            return function(self, tok, self._args(tok, node, fewest, most))
        if low in FLOATING:
            fail(tok, f"{tok.text} {FLOAT_MESSAGE}")
        if UNSUPPORTED.get(low):
            fail(tok, f"{UNSUPPORTED[low]} is not supported")
        if low == "__function__" or low == "__function_nq__":
            name = "__FB_MAINPROC__" if self.proc.is_main else self.proc.name.upper()
            return ir.EText(STRING, name.encode())
        if low in self.later:
            fail(tok, f"{tok.text} is used before line {self.later[low]}, where it is defined; Declare it above")
        if self.diagnostics.declares(low):
            raise echo(tok)
        near = self.scope.nearest(low)
        if not near:
            import difflib

            close = difflib.get_close_matches(low, [*_BUILTINS, *CONVERSIONS], n=1, cutoff=0.8)
            near = f" (did you mean {close[0].title()}?)" if close else ""
        what = "procedure, array or function" if node is not None else "name"
        raise fault(tok, f"unknown {what} {tok.text}{near}")

    def _args(self, tok: Token, node: n.Call | None, fewest: int, most: int) -> Args:
        given = node.args if node is not None else []
        args = [a for a in given if a is not None]
        if len(args) != len(given):
            fail(tok, f"{tok.text} cannot leave out an argument")
        if not fewest <= len(args) <= most:
            wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
            fail(tok, f"{tok.text} takes {wanted} argument(s), here are {len(args)}")
        return args

    def _int(self, node: n.Expr, type_: IntType = INTEGER) -> ir.Expr:
        return fold.convert(self.number(self.expression(node), node, "this argument"), type_)

    def _text(self, node: n.Expr) -> ir.Expr:
        """The descriptor's address of a string argument."""
        return self.string(self.text(self.expression(node), node, "this argument"), node)

    # ---- numbers

    def _abs(self, tok: Token, args: Args) -> ir.Expr:
        return fold.fold_unary(tok.low, self.number(self.expression(args[0]), args[0], "the argument"))

    def _whole(self, tok: Token, args: Args) -> ir.Expr:
        return self.number(self.expression(args[0]), args[0], "the argument")

    def _part(self, tok: Token, args: Args) -> ir.Expr:
        e = fold.convert(self.number(self.expression(args[0]), args[0], "the argument"), UINTEGER)
        if tok.low in ("hiword", "hibyte"):
            shift = 16 if tok.low == "hiword" else 8
            e = fold.binary("shr", e, fold.const(shift, UINTEGER), UINTEGER)
        mask = 0xFFFF if tok.low.endswith("word") else 0xFF
        return fold.binary("and", e, fold.const(mask, UINTEGER), UINTEGER)

    def _bit(self, tok: Token, args: Args) -> ir.Expr:
        e = self.number(self.expression(args[0]), args[0], "the argument")
        e = fold.convert(e, promote(fold.int_type(e.type), INTEGER))
        t = fold.int_type(e.type)
        mask = fold.binary("shl", fold.const(1, t), fold.convert(self._int(args[1]), t), t)
        if tok.low == "bit":
            return fold.compare("<>", fold.binary("and", e, mask, t), fold.const(0, t))
        if tok.low == "bitset":
            return fold.binary("or", e, mask, t)
        return fold.binary("and", e, fold.complement(mask), t)

    def _iif(self, tok: Token, args: Args) -> ir.Expr:
        condition = self.condition(args[0])
        yes, no = self.expression(args[1]), self.expression(args[2])
        if self.is_text(yes.type) and self.is_text(no.type):
            if isinstance(condition, ir.EConst):
                return yes if condition.value else no
            return ir.EIif(STRING, condition, self.string(yes, args[1]), self.string(no, args[2]))
        if isinstance(condition, ir.EConst):
            return yes if condition.value else no  # in its own type, as fbc does
        type_: Type
        if isinstance(yes.type, IntType) and isinstance(no.type, IntType):
            type_ = (
                max((yes.type, no.type), key=lambda t: (t.size, not t.signed)) if yes.type is not no.type else yes.type
            )
            yes, no = fold.convert(yes, type_), fold.convert(no, type_)
        elif isinstance(yes.type, PointerType):
            type_ = yes.type
            no = self.coerce(no, type_, args[2], "the last operand of IIf")
        elif isinstance(no.type, PointerType):
            type_ = no.type
            yes = self.coerce(yes, type_, args[1], "the middle operand of IIf")
        else:
            fail(tok, f"IIf cannot choose between {_article(yes.type)} and {_article(no.type)}")
        return ir.EIif(type_, condition, yes, no)

    def _bound(self, tok: Token, args: Args) -> ir.Expr:
        e = self.expression(args[0])
        if not isinstance(e.type, ArrayType):
            fail(args[0], f"{tok.text} wants an array, not {_article(e.type)}")
        dimension = self.constant_int(args[1], "the dimension") if len(args) > 1 else 1
        if dimension == 0 and tok.low == "ubound":
            return fold.const(len(e.type.bounds))
        if not 1 <= dimension <= len(e.type.bounds):
            fail(args[1], f"this array has {len(e.type.bounds)} dimension(s)")
        return fold.const(e.type.bounds[dimension - 1][tok.low == "ubound"])

    # ---- strings

    def _asc(self, tok: Token, args: Args) -> ir.Expr:
        e = self.text(self.expression(args[0]), args[0], "the argument")
        if isinstance(e, ir.EText) and len(args) == 1:
            return fold.const(e.data[0] if e.data else 0, UINTEGER)
        position = self._int(args[1]) if len(args) > 1 else fold.const(1)
        return self.rt("fb_asc", [self.string(e, args[0]), position], UINTEGER)

    def _chr(self, tok: Token, args: Args) -> ir.Expr:
        values = [self._int(a) for a in args]
        if all(isinstance(v, ir.EConst) for v in values):
            return ir.EText(STRING, bytes(v.value & 255 for v in values if isinstance(v, ir.EConst)))
        made: ir.Expr | None = None
        for value in values:
            one = self.rt("fb_chr", [value], STRING)
            made = one if made is None else self.rt("fb_strconcat", [self._sp(made), self._sp(one)], STRING)
        assert made is not None
        return made

    @staticmethod
    def _sp(e: ir.Expr) -> ir.Expr:
        return fold.retype(e, STRING_PTR)

    def _str_function(self, tok: Token, args: Args) -> ir.Expr:
        e = self.expression(args[0])
        if self.is_text(e.type):
            return e
        if isinstance(e.type, PointerType):
            e = fold.retype(e, UINTEGER)
        return self.number_to_string(self.number(e, args[0], "the argument"))

    def _base(self, tok: Token, args: Args) -> ir.Expr:
        e = self.expression(args[0])
        if isinstance(e.type, PointerType):
            e = fold.retype(e, UINTEGER)
        self.number(e, args[0], "the argument")
        t = fold.int_type(e.type)
        shift = {"hex": 4, "oct": 3, "bin": 1}[tok.low]
        unsigned = {1: UBYTE, 2: USHORT, 4: UINTEGER, 8: ULONGINT}[t.size]
        wide = fold.convert(fold.convert(e, unsigned), ULONGINT)
        digits = self._int(args[1]) if len(args) > 1 else fold.const(0)
        return self.rt("fb_strbase", [wide, fold.const(shift), digits], STRING)

    def _valint(self, tok: Token, args: Args) -> ir.Expr:
        name, type_ = {
            "valint": ("fb_valint", LONG),
            "valuint": ("fb_valuint", ULONG),
            "vallng": ("fb_vallng", LONGINT),
            "valulng": ("fb_valulng", ULONGINT),
        }[tok.low]
        return self.rt(name, [self._text(args[0])], type_)

    def _string_int(self, tok: Token, args: Args) -> ir.Expr:
        return self.rt(f"fb_{tok.low}", [self._text(args[0]), self._int(args[1])], STRING)

    def _mid(self, tok: Token, args: Args) -> ir.Expr:
        count = self._int(args[2]) if len(args) > 2 else fold.const(-1)
        return self.rt("fb_mid", [self._text(args[0]), self._int(args[1]), count], STRING)

    def _string_only(self, tok: Token, args: Args) -> ir.Expr:
        if len(args) > 1:
            fail(args[1], f"{tok.text} with a second argument is not supported")
        return self.rt(f"fb_{tok.low}", [self._text(args[0])], STRING)

    def _instr(self, tok: Token, args: Args) -> ir.Expr:
        if tok.low == "instr":
            start: ir.Expr = fold.const(1)
            if len(args) == 3 or (len(args) == 2 and not self.is_text(self.typeof(args[0]))):
                start, args = self._int(args[0]), args[1:]
            if len(args) != 2:
                fail(tok, "InStr wants the text and what to look for")
            return self.rt("fb_instr", [start, self._text(args[0]), self._text(args[1])], INTEGER)
        start = self._int(args[2]) if len(args) > 2 else fold.const(-1)
        return self.rt("fb_instrrev", [self._text(args[0]), self._text(args[1]), start], INTEGER)

    def _space(self, tok: Token, args: Args) -> ir.Expr:
        return self.rt("fb_fill", [self._int(args[0]), fold.const(32)], STRING)

    def _string(self, tok: Token, args: Args) -> ir.Expr:
        e = self.expression(args[1])
        if self.is_text(e.type):
            code = self.rt("fb_asc", [self.string(e, args[1]), fold.const(1)], INTEGER)
        else:
            code = fold.convert(self.number(e, args[1], "the character"), INTEGER)
        return self.rt("fb_fill", [self._int(args[0]), code], STRING)

    def _strptr(self, tok: Token, args: Args) -> ir.Expr:
        e = self.text(self.expression(args[0]), args[0], "the argument")
        if isinstance(e, ir.EText):
            return ir.ESym(ZSTRING_PTR, self.unit.text(e.data))
        if isinstance(e.type, ZStringType):
            return self.address_of(e, args[0])
        if ir.is_lvalue(e):
            return ir.EMem(ZSTRING_PTR, fold.retype(self.string(e, args[0]), pointer_to(ZSTRING_PTR)))
        return self.rt("fb_strdata", [self.hold_string(e)], ZSTRING_PTR)

    # ---- memory

    def _allocate(self, tok: Token, args: Args) -> ir.Expr:
        if tok.low == "reallocate":
            old = self.coerce(self.expression(args[0]), ANY_PTR, args[0], "the argument")
            return self.rt("fb_reallocate", [old, self._int(args[1], UINTEGER)], ANY_PTR)
        size = self._int(args[0], UINTEGER)
        if len(args) > 1:
            size = fold.binary("mul", size, self._int(args[1], UINTEGER), UINTEGER)
        return self.rt(f"fb_{tok.low}", [size], ANY_PTR)

    def _deallocate(self, tok: Token, args: Args) -> ir.Expr:
        return self.rt("fb_deallocate", [self.coerce(self.expression(args[0]), ANY_PTR, args[0], "the argument")], ANY)

    def _memory_target(self, node: n.Expr) -> ir.Expr:
        """The address of the memory that an operand names: FreeBASIC takes it by reference."""
        e = self.expression(node)
        return fold.retype(self.address_of(e, node), ANY_PTR)

    def _clear(self, tok: Token, args: Args) -> ir.Expr:
        value = self._int(args[1]) if len(args) > 1 else fold.const(0)
        target = self._memory_target(args[0])
        count = self._int(args[2], UINTEGER) if len(args) > 2 else None
        if count is None:
            count = fold.const(max(1, self.expression(args[0]).type.size), UINTEGER)
        return self.rt("fb_memclear", [target, value, count], ANY)

    def _memcopy(self, tok: Token, args: Args) -> ir.Expr:
        name = "fb_memcopy" if tok.low == "fb_memcopy" else "fb_memmove"
        target, source = self._memory_target(args[0]), self._memory_target(args[1])
        return self.rt(name, [target, source, self._int(args[2], UINTEGER)], ANY_PTR)

    # ---- files and the machine

    def _file(self, tok: Token, args: Args) -> ir.Expr:
        type_: Type = LONG if tok.low == "eof" else LONGINT
        return fold.convert(self.rt(f"fb_{tok.low}", [self._int(args[0])], INTEGER), type_)

    def _plain(self, tok: Token, args: Args) -> ir.Expr:
        return self.rt(f"fb_{tok.low}", [], LONG)

    def _kill(self, tok: Token, args: Args) -> ir.Expr:
        return self.rt("fb_kill", [self._text(args[0])], LONG)

    def _rename(self, tok: Token, args: Args) -> ir.Expr:
        return self.rt("fb_rename", [self._text(args[0]), self._text(args[1])], LONG)

    def _command(self, tok: Token, args: Args) -> ir.Expr:
        which = self._int(args[0]) if args else fold.const(-1)
        return self.rt("fb_command", [which], STRING)

    def _environ(self, tok: Token, args: Args) -> ir.Expr:
        return self.rt("fb_environ", [self._text(args[0])], STRING)

    def _inkey(self, tok: Token, args: Args) -> ir.Expr:
        return self.rt("fb_inkey", [], STRING)

    def _sleep(self, tok: Token, args: Args) -> ir.Expr:
        time = self._int(args[0]) if args else fold.const(-1)
        return self.rt("fb_sleep", [time], ANY)

    def _true(self, tok: Token, args: Args) -> ir.Expr:
        return fold.const(-int(tok.low == "true"), BOOLEAN)

    def text_of_name(self, tok: Token) -> bool:
        """Whether a name is a built-in function."""
        return tok.kind == Kind.NAME and (tok.low in _BUILTINS or tok.low in CONVERSIONS)


B = BuiltinAnalyzer
_BUILTINS: dict[str, tuple[int, int, Callable[[BuiltinAnalyzer, Token, Args], ir.Expr]]] = {
    "abs": (1, 1, B._abs), "sgn": (1, 1, B._abs), "int": (1, 1, B._whole), "fix": (1, 1, B._whole),
    "hiword": (1, 1, B._part), "loword": (1, 1, B._part), "hibyte": (1, 1, B._part), "lobyte": (1, 1, B._part),
    "bit": (2, 2, B._bit), "bitset": (2, 2, B._bit), "bitreset": (2, 2, B._bit), "iif": (3, 3, B._iif),
    "ubound": (1, 2, B._bound), "lbound": (1, 2, B._bound),
    "asc": (1, 2, B._asc), "chr": (1, 32, B._chr), "str": (1, 1, B._str_function),
    "hex": (1, 2, B._base), "oct": (1, 2, B._base), "bin": (1, 2, B._base),
    "valint": (1, 1, B._valint), "valuint": (1, 1, B._valint), "vallng": (1, 1, B._valint),
    "valulng": (1, 1, B._valint), "left": (2, 2, B._string_int), "right": (2, 2, B._string_int),
    "mid": (2, 3, B._mid), "trim": (1, 2, B._string_only), "ltrim": (1, 2, B._string_only),
    "rtrim": (1, 2, B._string_only), "ucase": (1, 1, B._string_only), "lcase": (1, 1, B._string_only),
    "instr": (2, 3, B._instr), "instrrev": (2, 3, B._instr), "space": (1, 1, B._space),
    "string": (2, 2, B._string), "strptr": (1, 1, B._strptr),
    "allocate": (1, 1, B._allocate), "callocate": (1, 2, B._allocate), "reallocate": (2, 2, B._allocate),
    "deallocate": (1, 1, B._deallocate), "clear": (1, 3, B._clear), "fb_memcopy": (3, 3, B._memcopy),
    "fb_memmove": (3, 3, B._memcopy),
    "lof": (1, 1, B._file), "loc": (1, 1, B._file), "seek": (1, 1, B._file), "eof": (1, 1, B._file),
    "freefile": (0, 0, B._plain), "err": (0, 0, B._plain), "kill": (1, 1, B._kill), "name": (2, 2, B._rename),
    "command": (0, 1, B._command), "environ": (1, 1, B._environ), "inkey": (0, 0, B._inkey),
    "sleep": (0, 2, B._sleep), "beep": (0, 0, B._plain), "true": (0, 0, B._true), "false": (0, 0, B._true),
}  # fmt: skip
