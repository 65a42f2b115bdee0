"""Lexer, preprocessor, parser and types, each on its own."""

from __future__ import annotations

import pytest

from gpt486.basic import compile_source
from gpt486.basic.lexer import Kind, Lexer, Token, encode, unescape
from gpt486.basic.nodes import Binary, Expr, Name, Num, Unary
from gpt486.basic.parser import Parser
from gpt486.basic.preprocessor import Preprocessor, spell
from gpt486.basic.sema.declarations import DataImage, data_directives
from gpt486.basic.sema.fold import arithmetic, const, convert, literal_type
from gpt486.basic.source import Diagnostic, Diagnostics, SourceFile, Span
from gpt486.basic.types import (
    ANY,
    BYTE,
    INTEGER,
    LONG,
    LONGINT,
    SHORT,
    UBYTE,
    UINTEGER,
    ULONGINT,
    IntType,
    ProcType,
    RecordType,
    ZStringType,
    pointer_to,
    promote,
    same_type,
)


def lex(text: str) -> list[Token]:
    return [t for t in Lexer(SourceFile.from_text("T", text)).tokens() if t.kind not in (Kind.EOL, Kind.EOF)]


def preprocess(text: str, **defines: str) -> list[str]:
    diagnostics = Diagnostics()
    tokens = Preprocessor(diagnostics, lambda name, asking: None, defines).run(SourceFile.from_text("T.BAS", text))
    diagnostics.check()
    lines: list[list[Token]] = [[]]
    for t in tokens:
        if t.kind == Kind.EOL:
            lines.append([])
        elif t.kind != Kind.EOF:
            lines[-1].append(t)
    return [spell(line) for line in lines if line]


# ---- lexer


@pytest.mark.parametrize(
    ("text", "value", "suffix"),
    [("0", 0, ""), ("42u", 42, "u"), ("7ll", 7, "ll"), ("7ULL", 7, "ull"), ("&hFf", 255, ""), ("&HFFul", 255, "ul"),
     ("&o17", 15, ""), ("&b101", 5, ""), ("5%", 5, ""), ("18446744073709551615", (1 << 64) - 1, "")],
)  # fmt: skip
def test_integer_literals(text: str, value: int, suffix: str) -> None:
    (token,) = lex(text)
    assert (token.kind, token.number, token.suffix) == (Kind.INTEGER, value, suffix)


@pytest.mark.parametrize("text", ["1.5", ".5", "1e5", "1.5e-3", "2d0", "3f", "1.", "4!", "5#"])
def test_floating_literals(text: str) -> None:
    assert [t.kind for t in lex(text)] == [Kind.FLOAT]


@pytest.mark.parametrize("text", ["0x1F", "1Fh", "0b101"])
def test_assembler_literals(text: str) -> None:
    assert [t.kind for t in lex(text)] == [Kind.RAW]


def test_strings() -> None:
    assert [t.data for t in lex('"a""b" !"\\t\\65\\&h42\\\\" $"raw"')] == [b'a"b', b"\tAB\\", b"raw"]
    assert unescape("\\&o101\\&b1000001\\r\\n", Span(SourceFile.from_text("T", ""), 1, 0)) == b"AA\r\n"
    assert encode("é") == b"\xe9"
    assert encode("€") == "€".encode()


def test_comments_and_joined_lines() -> None:
    assert [t.text for t in lex("a ' b\nc /' d /' e '/ f '/ g\nRem h\ni : Rem j\nk _ ' l\nm")] == list("acgi:km")
    tokens = Lexer(SourceFile.from_text("T", "a _\nb\r\nc")).tokens()
    assert [t.line for t in tokens if t.kind == Kind.NAME] == [1, 2, 3]
    assert sum(t.kind == Kind.EOL for t in tokens) == 3


def test_operators() -> None:
    assert [t.low for t in lex("a<>b<=c>=d->e+=f...g##h")][1::2] == ["<>", "<=", ">=", "->", "+=", "...", "##"]


def test_token_representation() -> None:
    assert repr(lex("abc")[0]) == "<NAME 'abc' 1:0>"


# ---- preprocessor


def test_macros() -> None:
    assert preprocess("#define A 1\n#define B A+A\nB A _\n A") == ["1+1 1 1"]
    assert preprocess("#define F(x,y) x*y\nF(1,2) F((1,2),3) F") == ["1*2 (1,2)*3 F"]
    assert preprocess('#define S(x) #x\nS(a + b) S("q")') == ['"a + b" """q"""']
    assert preprocess("#define G(a,b) a##b##1\nG(x,y) = G(,z)") == ["xy1 = z1"]
    assert preprocess("#define E\nE x E") == ["x"]
    assert preprocess("#define V(a, b...) f(a, b)\nV(1) V(1, 2, 3)") == ["f(1,) f(1, 2, 3)"]
    assert preprocess("#define N() 5\nN()") == ["5"]
    assert preprocess("#define X X + 1\nX") == ["X + 1"]
    assert preprocess("#macro M(a)\na\n#endmacro\nM(1) M(2)") == ["1 2"]
    assert preprocess("#if 0\n#macro M\n#endmacro\n#endif\nM") == ["M"]


def test_conditions() -> None:
    def holds(condition: str) -> bool:
        return preprocess(f"#if {condition}\nyes\n#endif") == ["yes"]

    assert holds("1 + 2 * 3 = 7 And 8 \\ 3 = 2 And 7 Mod 4 = 3")
    assert holds("Not 0")
    assert holds("-1 < 0 AndAlso 3 >= 2")
    assert holds("1 Shl 3 = 8 OrElse 0")
    assert holds("(5 Xor 1) = 4 And (1 Or 2) = 3")
    assert holds("+5 > 4")
    assert holds("16 Shr 2 <= 4")
    assert holds("(1 Eqv 1) And (0 Imp 0)")
    assert holds('"a" <> "b"')
    assert holds("True And Not False")
    assert holds("defined(__FB_DOS__)")
    assert holds("defined __GPT486__")
    assert not holds("defined(NOPE)")
    assert holds("__FB_VER_MAJOR__ = 1")
    assert holds("-7 \\ 2 = -3")
    assert holds("&hFF = 255")
    assert holds("2 - 1 <> 0")


def test_branches() -> None:
    source = "#if {}\na\n#elseif {}\nb\n#else\nc\n#endif"
    assert [preprocess(source.format(*p)) for p in ((1, 1), (0, 1), (0, 0))] == [["a"], ["b"], ["c"]]
    assert preprocess("#ifdef A\n1\n#elseifdef __FB_DOS__\n2\n#endif") == ["2"]
    assert preprocess("#if 0\n#if 1\nx\n#else\ny\n#endif\n#endif\nz") == ["z"]


def test_defines_from_outside() -> None:
    assert preprocess("A B", A="5", B="") == ["5"]


def test_places() -> None:
    assert preprocess("__LINE__\n__FILE__ __PATH__") == ["1", '"T.BAS" "."']
    assert preprocess("Print __FILE_NQ__") == ["Print T.BAS"]


def test_messages() -> None:
    program = compile_source('#print hello there\n#print "text"\nEnd')
    assert program.messages == ["hello there", "text"]


def test_includes() -> None:
    files = {"A.BI": "#define A 5\nDim Shared n As Long", "b.bi": '#include once "a.bi"'}
    program = compile_source('#include once "a.bi"\n#include "B.BI"\n#include once "a.bi"\nn = A', includes=files)
    assert any("v_n" in line.text for line in program.lines)


# ---- parser


def tree(text: str) -> str:
    diagnostics = Diagnostics()
    tokens = Lexer(SourceFile.from_text("T", text)).tokens()
    return show(Parser(tokens, diagnostics).expression())


def show(e: Expr) -> str:
    if isinstance(e, Binary):
        return f"({show(e.left)} {e.op} {show(e.right)})"
    if isinstance(e, Unary):
        return f"({e.op} {show(e.operand)})"
    assert isinstance(e, Num | Name)
    return e.tok.text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a + b * c", "(a + (b * c))"),
        ("a - b - c", "((a - b) - c)"),
        ("a \\ b Mod c * d", "((a \\ b) mod (c * d))"),
        ("a Shl b + c", "((a shl b) + c)"),
        ("a & b + c", "(a & (b + c))"),
        ("a = b And c < d Or e", "(((a = b) and (c < d)) or e)"),
        ("Not a = b", "(not (a = b))"),
        ("Not a And b", "((not a) and b)"),
        ("-a * b", "((- a) * b)"),
        ("- a ^ b", "(- (a ^ b))"),
        ("a Xor b Or c", "(a xor (b or c))"),
        ("a OrElse b AndAlso c", "((a orelse b) andalso c)"),
    ],
)
def test_precedence(text: str, shown: str) -> None:
    assert tree(text) == shown


# ---- types and folding


def test_records_lay_out_their_fields() -> None:
    record = RecordType("R")
    for name, type_ in (("a", BYTE), ("b", LONGINT), ("c", SHORT), ("d", ZStringType(3))):
        record.add(name, type_)
    record.finish()
    assert [f.offset for f in record.fields.values()] == [0, 4, 12, 14]
    assert (record.size, record.align) == (20, 4)
    packed = RecordType("P", packing=1)
    packed.add("a", BYTE)
    packed.add("b", LONGINT)
    packed.finish()
    assert packed.size == 9
    union = RecordType("U", union=True)
    union.add("a", LONG)
    union.add("b", SHORT)
    union.finish()
    assert (union.size, [f.name for f in union.own_fields()]) == (4, ["a"])


def test_same_types() -> None:
    assert same_type(INTEGER, LONG)
    assert not same_type(INTEGER, UINTEGER)
    assert same_type(pointer_to(LONG), pointer_to(INTEGER))
    assert pointer_to(LONG) is pointer_to(LONG)
    assert not same_type(pointer_to(ANY), pointer_to(LONG))
    assert same_type(ProcType([], LONG), ProcType([], INTEGER))
    assert not same_type(ProcType(), ProcType([], LONG))
    assert same_type(ZStringType(4), ZStringType(4))
    assert not same_type(ZStringType(4), ZStringType(5))
    assert repr(pointer_to(pointer_to(UBYTE))) == "UByte Ptr Ptr"
    assert pointer_to(ProcType([], LONG)).name == "Function() As Long"


def test_promotion() -> None:
    assert promote(BYTE, UBYTE) is INTEGER
    assert promote(SHORT, UINTEGER) is UINTEGER
    assert promote(UINTEGER, LONGINT) is LONGINT
    assert promote(LONGINT, ULONGINT) is ULONGINT


def test_folding() -> None:
    def value(op: str, a: int, b: int, t: IntType = INTEGER) -> int:
        e = arithmetic(op, const(a, t), const(b, t))
        return e.value  # type: ignore[attr-defined,no-any-return]

    assert value("add", 2147483647, 1) == -2147483648
    assert value("mod", -7, 2) == -1
    assert value("div", -7, 2) == -3
    assert value("shr", -8, 1) == -4
    assert value("shr", -8, 1, UINTEGER) == 0x7FFFFFFC
    assert convert(const(300), UBYTE).value == 44  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("value", "decimal", "name"),
    [(1, True, "Integer"), (1 << 31, True, "UInteger"), (1 << 32, True, "LongInt"), (1 << 63, True, "ULongInt"),
     (0xFFFFFFFF, False, "Integer"), (1 << 63, False, "LongInt")],
)  # fmt: skip
def test_types_of_literals(value: int, decimal: bool, name: str) -> None:
    assert literal_type(value, "", decimal).name == name


def test_data() -> None:
    assert data_directives(b"\1\0\0\0\2\0\0\0ab") == [".long 1, 2", ".byte 97, 98"]
    assert data_directives(bytes(40) + b"\5") == [".skip 40", ".byte 5"]
    image = DataImage(12)
    image.put(0, b"\7")
    image.address(4, "sym", 3)
    assert image.directives() == [".long 7", ".long sym+3", ".byte 0, 0, 0, 0"] or image.any()


def test_a_diagnostic_without_a_line() -> None:
    file = SourceFile.from_text("T", "one")
    assert Diagnostic(Span(file, 9, 0), "lost").render() == "T(9): error: lost"
