"""Messages for faulty programs: place, quoted line, caret, and what to do."""

# ruff: noqa: E501 (a table of messages reads best with one to a line)

from __future__ import annotations

import pytest

from gpt486.basic import BasicError, compile_source
from gpt486.basic.source import MAX_ERRORS


def errors(source: str) -> str:
    with pytest.raises(BasicError) as caught:
        compile_source(source, "T.BAS").build()
    return str(caught.value)


def message(source: str) -> str:
    """The only error's message, without its place."""
    text = errors(source)
    assert text.count("): error: ") == 1, text
    return text.split("\n")[0].split("): error: ")[1]


def test_the_whole_form() -> None:
    assert errors("Dim count As Long\n\tPrint cuont\nPrint 1.5") == (
        "T.BAS(2): error: unknown name cuont (did you mean count?)\n"
        "     Print cuont\n"
        "           ^^^^^\n"
        "T.BAS(3): error: 1.5 is a floating-point number; gpt486 basic compiles integer programs only\n"
        "    Print 1.5\n"
        "          ^^^"
    )


def test_errors_stand_in_the_order_of_their_lines() -> None:
    text = errors("Goto x\nPrint q\nPrint 5 If\nPrint 1.5\nPrint r")
    assert [line[:8] for line in text.split("\n") if "error" in line] == [f"T.BAS({i})" for i in range(1, 6)]


def test_a_block_that_is_not_closed_spoils_nothing_after_it() -> None:
    text = errors("Sub a()\nIf 1 Then\nPrint 1\nEnd Sub\nSub b()\nPrint q\nEnd Sub\n")
    assert [line for line in text.split("\n") if "error" in line] == [
        "T.BAS(2): error: this If is not closed before line 4, where End Sub stands",
        "T.BAS(6): error: unknown name q",
    ]


def test_at_most_twenty_errors() -> None:
    text = errors("\n".join(f"Print nothing{i}" for i in range(50)))
    assert text.count("error: ") == MAX_ERRORS


CASES = {
    "Dim x As Single": "Single is floating point; gpt486 basic compiles integer programs only",
    "Dim x As Double Ptr": "Double is floating point; gpt486 basic compiles integer programs only",
    "Dim a As Long = 5 / 2": "/ is floating-point division, even of integers; integer division is written \\",
    "Dim a As Long\na /= 2": "/= works in floating point; integer division is written \\=",
    "Print 2 ^ 3": "^ works in floating point; write the product, or Shl for a power of two",
    "Print Sqr(2)": "Sqr is floating point; gpt486 basic compiles integer programs only",
    "Print Timer": "Timer is floating point; gpt486 basic compiles integer programs only",
    "Randomize 5": "Randomize and Rnd work in floating point; gpt486 basic compiles integer programs only",
    "Dim x": "the variable x needs its type: Dim x As type",
    "x = 5": "unknown name x",
    "Print foo(5)": "unknown procedure, array or function foo",
    "Dim a(3) As Long\nPrint a(4)": "the index 4 is outside of the array's bounds 0 To 3",
    "Dim a(3) As Long\nPrint a(1, 2)": "this array has 1 dimension(s), here are 2 indices",
    "Dim a(3) As Long\nPrint a[1]": "an array is indexed with ( ), not with [ ]",
    "Dim a(3) As Long\na = 5": "an array cannot be assigned whole; copy it with fb_MemCopy or element by element",
    "Dim a(3) As Long\nPrint @a": "take the address of an element: @a(index)",
    "If 1 Then\nPrint 1": "this If has no End If",
    "For i As Long = 1 To 3\nPrint i": "this For has no Next",
    "Do\nPrint 1": "this Do has no Loop",
    "Next": "Next closes nothing here",
    "Case 1": "Case closes nothing here",
    "For i As Long = 1 To 2: Next j": "this Next closes the For of i, not of j",
    "Sub f(ByVal a As Long)\nEnd Sub\nf 1, 2": "f takes 1 argument(s), here are 2",
    "Sub f(ByVal a As Long)\nEnd Sub\nf": "f wants a value for its parameter a",
    "Sub f()\nEnd Sub\nPrint f()": "f is a Sub and has no value",
    "Dim s As String = 5": "the value must be a string, not an Integer",
    "Dim p As Long Ptr\np = 5": "the value is a number where Long Ptr is wanted; say CPtr(Long Ptr, ...)",
    "Dim p As Long Ptr\nDim n As Long = p": "the value is a pointer (Long Ptr) where Long is wanted; say Cast(Long, ...)",
    "Dim p As Long Ptr, q As Byte Ptr\np = q": "the value is Byte Ptr where Long Ptr is wanted; say CPtr(Long Ptr, ...)",
    'Print "abc': "this string has no closing quote",
    'Print !"\\q"': "unknown escape \\q in a string literal",
    'Print !"\\999"': "the escape \\999 is above 255",
    "Dim 5x As Long": "malformed number at '5x'",
    "Print 1 ` 2": "the character '`' cannot stand here",
    "Print 99999999999999999999999": "the number 99999999999999999999999 does not fit in 64 bits",
    "Print 0x1F": "0x1F is assembler spelling; in BASIC write &h for hexadecimal and &b for binary",
    "Dim p As Any Ptr\nPrint *p": "an Any Ptr cannot be followed; say CPtr(type Ptr, ...) first",
    "Dim p As Any Ptr\nPrint p[0]": "an Any Ptr cannot be indexed; say CPtr(type Ptr, ...) first",
    "Dim n As Long\nPrint *n": "* wants a pointer, and this is a Long",
    "Dim n As Long\nPrint n[0]": "[ ] wants a pointer or string, and this is a Long",
    "Dim n As Long\nPrint n->x": "-> wants a pointer to a Type, and this is a Long; write a dot",
    "Dim n As Long\nPrint n.x": ".x wants a Type's variable, and this is a Long",
    "Type T\ncount As Long\nEnd Type\nDim v As T\nPrint v.cuont": "the Type T has no field cuont (did you mean count?)",
    "Type T\na As Long\nEnd Type\nDim v As T Ptr\nPrint v.a": "this is a pointer (T Ptr): write -> instead of the dot",
    "Type T\na As Long\na As Byte\nEnd Type": "the Type T already has a field a",
    "Type T\nEnd Type": "the Type T has no fields",
    "Type T\na As String\nEnd Type": "a String cannot be a field; make a a ZString * n or a ZString Ptr",
    "Type T\na : 3 As Long\nEnd Type": "bit fields are not supported; use And, Shl and Shr",
    "Type T\na As Long = 5\nEnd Type": "default values of fields are not supported; assign them where the variable is made",
    "Type T Extends Object\nEnd Type": "inheritance (Extends) is not supported",
    "Type T\nDeclare Sub f()\nEnd Type": (
        "methods and access rules in a Type are not supported; write Subs that take a pointer to it"
    ),
    "Type T\na As T\nEnd Type": "the Type T is used before its End Type; only a pointer to it may be",
    "Dim v As Nothing_": "unknown type Nothing_",
    "Dim b As Byt": "unknown type Byt",
    "Function f() As Long\nReturn\nEnd Function": "Return in the Function f needs a value",
    "Sub f()\nReturn 5\nEnd Sub": "f is a Sub: Return takes no value",
    "Return 5": "Return belongs into a Sub or Function; the main program ends with End",
    "Function = 5": "'Function = value' belongs into a Function",
    "Goto nowhere": "there is no label nowhere in this procedure",
    "x: Print 1\nx: Print 2": "the label x stands twice in this procedure",
    "Exit For": "Exit For is not inside of a For",
    "Exit Sub": "Exit Sub is not inside of a Sub",
    "Continue Select": "Continue goes with For, While, Do, not Select",
    "Dim x As Long\nDim x As Byte": "x is already the name of a variable here",
    "Const c = 5\nc = 6": "a constant cannot be assigned to",
    "Dim n As Long\nConst c = n": "the value of the constant c must be a constant expression",
    "Dim y As Long\nSub s()\nPrint y\nEnd Sub": (
        "y is a variable of the main program; declare it with Dim Shared to use it here"
    ),
    "Print later(1)\nFunction later(ByVal n As Long) As Long\nReturn n\nEnd Function": (
        "later is used before line 2, where it is defined; Declare it above"
    ),
    "Sub a()\nEnd Sub\nSub a()\nEnd Sub": "a is already defined on line 1",
    "Declare Sub a()\nSub a(ByVal x As Long)\nEnd Sub": "a is declared differently on line 1",
    "Declare Sub b()\nb": "b is declared and used, but defined nowhere",
    "Select Case 1\nPrint 2\nEnd Select": "nothing may stand between Select Case and its first Case",
    "Dim n As Long\nSelect Case As Const 5\nCase n\nEnd Select": "Select Case As Const wants constants",
    "Dim a As String * 5": "String * n is not supported; use ZString * (n + 1) or String",
    "Dim a As WString * 5": "WString is not supported; use String or ZString",
    "Dim z As ZString": "a ZString needs its size: ZString * n (or ZString Ptr)",
    "ReDim a(5) As Long": "dynamic arrays (ReDim) are not supported; use a fixed array or Allocate",
    "Dim a() As Long": "dynamic arrays are not supported; give a its bounds: a(0 To n)",
    "Dim a(5 To 1) As Long": "the array a has the bounds 5 To 1, which hold nothing",
    "Dim n As Long\nDim a(n) As Long": "an array's bound must be a constant",
    "Dim a(1) As Long = {1, 2, 3}": "too many values: this dimension holds 2",
    "Dim a(1) As Long = 5": "an array is initialised with values in braces: {a, b, ...}",
    "Dim Shared a(0 To 99999999) As LongInt": "the array a takes 800,000,000 bytes, more than the machine has",
    "Sub q()\nDim a(0 To 99999) As Long\nEnd Sub": (
        "a takes 400,000 bytes of the 64 KB stack; make it Static or Dim Shared"
    ),
    "Sub q()\nDim Shared a As Long\nEnd Sub": "Dim Shared belongs to the main program, not into a procedure",
    "Dim n As Long\nDim Shared m As Long = n + 1": "the initial value of a static variable must be a constant or an address",
    "Sub q(a() As Long)\nEnd Sub": ("array parameters are not supported; pass a pointer to the first element (@a(0))"),
    'Sub q(ByVal x As Long = "a")\nEnd Sub': "the default value is a String where a Long is wanted",
    "Sub q(...)\nEnd Sub": "variable argument lists (...) are not supported",
    "Function q()\nEnd Function": "a Function needs its type: Function name(...) As type",
    "Sub q() As Long\nEnd Sub": "a Sub has no result; make it a Function",
    "Sub q Overload()\nEnd Sub": "overloaded procedures are not supported; give each its own name",
    "Sub t.q()\nEnd Sub": "methods are not supported; write a Sub that takes a pointer to the Type",
    "Sub n Naked()\nPrint 1\nEnd Sub": "a Naked procedure has no frame: only Asm (and Const) may stand in it",
    "Sub n Naked(ByVal x As Long)\nAsm mov eax, [x]\nEnd Sub": (
        "x has no place of its own in a Naked procedure; its arguments start at [esp+4]"
    ),
    "Sub n()\nAsm mov [Function], eax\nEnd Sub": "[Function] is the result of a Function, and this is none",
    "Asm\nmov eax, 1": "this Asm block has no End Asm",
    "Asm mov eax, [no_such]": "unknown symbol 'no_such'",
    "Asm fld1": "fld1 is an x87 instruction; a 486SX has none",
    'Print Using "##"; 5': "Print Using is not supported",
    'Open "x" For Random As #1': "Random files are not supported; use Binary, Input, Output or Append",
    'Open "x" As #1': "Open needs For Binary, Input, Output or Append",
    'Open "x" For Binary Access Execute As #1': "expected Read, Write or Read Write after Access",
    'Open Pipe "ls" For Input As #1': "Open Pipe is not supported",
    "Line Input #1, 5": "Line Input # reads into a String variable",
    'Line Input "prompt"; s': "only Line Input # (from a file) is supported",
    "Get #1,,5": "Get reads into a variable",
    "Put 5": "Put works on files: Put #number, position, variable",
    'Print Left("a")': "Left takes 2 argument(s), here are 1",
    'Print Mid("a", "b")': "this argument must be a number, not a String",
    'Print Trim("a", "b")': "Trim with a second argument is not supported",
    'Print "a" < 5': "cannot compare a string with an Integer",
    'Print "a" * 2': "the left operand of * must be a number, not a String",
    'Print "a" + 2': "cannot add a number to a string; write & or Str(...)",
    'While "a"\nWend': "a condition must be a number or pointer, not a String",
    "Print 5 \\ 0": "division by zero",
    "Print UBound(5)": "UBound wants an array, not an Integer",
    "Print Cast(String, 5)": "cannot convert an Integer to a String",
    "Print CPtr(Long, 5)": "CPtr wants a pointer type, not Long",
    "Swap 1, 2": "Swap wants two variables",
    "Dim a As Long, b As Byte\nSwap a, b": "Swap wants two variables of the same type, not Long and Byte",
    "Print (1 + 2": "this parenthesis is never closed",
    "Print 1 +": "expected an expression, found the end of the line",
    "Print 5 If": "expected an expression, found the keyword 'If'",
    "Dim if As Long": "'if' is a keyword and cannot name a variable",
    "5 = 5": "a constant cannot be assigned to",
    "gosub x": "Gosub is not part of this dialect; write a Sub",
    "namespace n": "Namespaces are not supported",
    "input x": "Input is not supported; use Line Input #",
    "Dim n As Long\nn": "this is a value, not a statement (a comparison? an assignment is 'variable = value')",
    "With 5\nEnd With": "With wants a Type's variable, not an Integer",
    "Print .x": "a leading dot needs a With block around it",
    "Dim n As Long\nn = {1}": "expected an expression, found '{'",
    "Type T\na As Long\nEnd Type\nPrint T": "T is a type, not a value",
    "Type T\na As Long\nEnd Type\nPrint T(5)": "T is a type; to convert a value write Cast(T, ...)",
    "Print @(1 + 2)": "only something that lies in memory has an address; this is a computed value",
    "Enum E\nA\nEnd Enum\nPrint E.B": "E has no member B",
    "Dim a As Long Ptr, b As Byte Ptr\nPrint a - b": "cannot subtract Byte Ptr from Long Ptr",
    "Dim a As Long Ptr\nPrint a And 1": "AND does not work on pointers; say Cast(ULong, ...) first",
    "Dim a As Long Ptr\nPrint 1 - a": "cannot apply - to an Integer and a Long Ptr",
    "Dim a As Long Ptr, n As Long\nPrint a = n": "cannot compare a Long Ptr with a Long without a Cast",
    "Type T\na As Long\nEnd Type\nDim v As T\nPrint v = v": "cannot compare a T",
    "Type T\na As Long\nEnd Type\nDim v As T\nPrint v": "a T cannot be printed",
    "Type T\na As Long\nEnd Type\nDim v As T\nDim n As Long = v": "the value is a T where a Long is wanted",
    'Print "a" AndAlso 1': "AndAlso wants truth values, not a String",
    "Dim n As Long\nPrint n(1)": "this is a Long: it can be neither called nor indexed with ( )",
    "Dim a(1, 1) As Long\nPrint a(,1)": "an array index is missing",
    "Sub f(ByVal g As Sub())\nEnd Sub\nSub h()\nEnd Sub\nf h": "to pass the procedure h write @h",
    "Sub f(ByVal p As Long Ptr)\nEnd Sub\nDim a(1) As Long\nf a()": (
        "an array cannot be passed whole; pass a pointer to its first element: @a(0)"
    ),
    "Sub f(ByRef n As Long)\nEnd Sub\nDim b As Byte\nf b": (
        "the argument for n is passed ByRef: it must be a Long, not a Byte"
    ),
    'Print CPtr(Any Ptr, "a")': "take a string's address with StrPtr",
    "Type T\na As Long\nb As ZString * 4\nEnd Type\nPrint OffsetOf(T, c)": "T has no field c",
    'Const C As Long = "a"': "C is declared As Long, but its value is a string",
    "Type T Field = 3\na As Long\nEnd Type": "Field = n takes 1, 2, 4 or 8",
    "Dim a(1,1,1,1,1,1,1,1,1) As Long": "an array has at most 8 dimensions",
    "Dim a(...) As Long": "... as a bound needs an initialiser in braces to count",
    "Var v": "Var v needs a value",
    "Dim a(1) As Long\nVar b = a": "Var cannot copy an array",
    "Dim n As Long = {1, 2}": "a Long takes one value",
    "Dim Shared n As Long = {1, 2}": "a Long takes one value",
    'Dim Shared s As String = {"a"}': "a String cannot be initialised from braces",
    "Type T\na As Long\nEnd Type\nDim v As T = (1, 2)": "too many values: the Type T has 1 fields",
    'Sub f()\nStatic s As String = "a"\nEnd Sub': 'a Static String cannot have an initial value; test it for "" and assign',
    'Dim Shared s(1) As String = {"a", "b"}': "Strings in static data cannot have initial values; use ZString Ptr",
    "Declare Sub fb_BreakTrap(ByVal a As LongInt)": (
        "fb_BreakTrap of the run-time library is declared differently: Sub(ByVal As Long)"
    ),
    'Dim s As String\ns -= "a"': "-= does not work on strings",
    "Dim n As Long\nn &= 5": "&= joins strings; the bitwise operator is And=",
    'Dim s As String\nMid(s, 1) = "a"': "Mid as a statement is not supported",
    "Dim f As Sub()\nf": "to call through a procedure pointer write its arguments in parentheses",
    "Dim a(1) As Long\nFor a(0) = 1 To 2\nNext": "the counter of a For must be a variable of its own",
    "For s As String = 1 To 2\nNext": "the counter of a For must be a whole number, not a String",
    "Type T\na As Long\nEnd Type\nDim v As T\nSelect Case v\nEnd Select": "Select Case cannot choose by a T",
    "Dim l As LongInt\nSelect Case As Const l\nEnd Select": "Select Case As Const wants a value of at most 32 bits",
    "If 1 Then\nSub f()\nEnd Sub\nEnd If": (
        "a procedure cannot be declared or defined here; move it out to the program's outermost level"
    ),
    "Dim n As Any": "Any is no type of its own; write Any Ptr",
    "Dim n As ZString * 0": "the size of a ZString must be at least 1",
    "Const n = 5\nDim v As n": "n is a constant, not a type",
    "Sub f(ByVal x As Any)\nEnd Sub": "a parameter As Any must be ByRef",
    "Sub f(ByVal z As ZString * 4)\nEnd Sub": "a ZString is passed ByRef or as a ZString Ptr",
    "Function f() ByRef As Long\nEnd Function": "results ByRef are not supported; return a pointer",
    "Function f() As ZString * 4\nEnd Function": "a Function cannot return ZString * 4",
    "Sub f(ByVal As Long)\nEnd Sub": "a parameter of a defined procedure needs a name",
    'Print Shell("x")': "Shell is not supported",
    "Print Left(, 1)": "Left cannot leave out an argument",
    'Dim n As Long\nPrint IIf(n, 2, "a")': "IIf cannot choose between an Integer and a String",
    "Dim a(1) As Long\nPrint UBound(a, 2)": "this array has 1 dimension(s)",
    'Print InStr(1, "a")': "InStr wants the text and what to look for",
    "Dim a(1) As Long\nGet #1, , a(), 5": "an amount goes with a single element, not with a whole array",
    "Dim n As Long, b As Byte\nGet #1, , n, 1, b": "what Get got is stored in a variable of type Long or Integer",
    "Get #1, , n, 1, 2, 3": "Get takes at most 5 operands",
    'Open "x" For Output Encoding "utf8" As #1': "Encoding is not supported",
    'Open "x" For Output Lock Read As #1': "Lock is not supported in Open",
    'Open "x" For Output As #1 Len = 5': "Len is not supported in Open",
    'Open "x" For Frobs As #1': "'frobs' is not supported; use Binary, Input, Output or Append",
    "Print Open": "as a function Open wants parentheses: Open(...)",
    "Common n As Long": "Common is not supported; write Dim Shared",
    "Dim ByRef n As Long = 5": "Dim ByRef is not supported; use a pointer",
    "Dim n Alias 5 As Long": "expected the symbol's name in quotes, found '5'",
    "Dim a(1) As Long = {1, 2": "this { is never closed (a line that goes on ends in ' _')",
    "Enum E Explicit\nA\nEnd Enum": "Enum Explicit is not supported",
    "Enum\nA": "this Enum has no End Enum",
    "Type T\na As Long\nEnd Union": "End Union closes a Type",
    "Type T\na As Long": "this Type has no End Type",
    "Type T\na As Long b\nEnd Type": "expected the end of the line after a field, found 'b'",
    "Sub f Pascal()\nEnd Sub": "the Pascal calling convention is not supported",
    "Sub f() Static\nEnd Sub": "Static after a procedure's head is not supported",
    "Sub f() 5\nEnd Sub": "expected the end of the line after the procedure's head, found '5'",
    "Sub f(ByVal x)\nEnd Sub": "the parameter x needs its type: x As type",
    "Static Sub f()\nEnd Sub": "Static procedures are not supported; make their variables Static one by one",
    "Private Type": "expected Sub or Function after Private, found 'Type'",
    "Declare 5": "expected Sub or Function after Declare, found '5'",
    "Select Case 5\nCase Is 5\nEnd Select": "expected a comparison after Is, found '5'",
    "Do While 1\nLoop Until 0": "a Do loop has its condition at one end, not at both",
    "frob nicate whatever": "cannot make sense of 'frob' followed by 'nicate'",
    "Print Len(5, 6)": "expected ')', found ','",
    "Print 1 : #define X": "a preprocessor directive must stand at the start of its line",
    "#ifdef 5\n#endif": "#ifdef wants a name",
    "#define 5": "#define wants a name",
    "#define F(a": "the parameter list of F has no closing parenthesis",
    "#define F(a+b) 1": "a macro's parameter list holds names and commas only",
    "#undef 5": "#undef wants a name",
    '#if "a"\n#endif': "a preprocessor condition must be a number",
    "#if 1 2\n#endif": "unexpected 2 in a preprocessor condition",
    "#if\n#endif": "the condition of #if is incomplete",
    '#if Not "a"\n#endif': "Not wants a number, not a string",
    "#if 1": "this #if has no #endif",
    "#endif": "#endif without #if",
    "#if 1\n#else\n#else\n#endif": "#else after #else",
    "#error stop here": "#error: stop here",
    "#assert 1 = 2": "#assert failed: 1 = 2",
    "#frob": "unknown preprocessor directive #frob",
    '#include "nofile.bi"': "cannot find the include file 'nofile.bi'",
    "#include nofile": '#include wants a file name in quotes: #include once "FILE.BI"',
    "#define A B\n#define A C": "A is already defined differently (#undef it first)",
    "#define F(x) x\nPrint F(1, 2)": "the macro F takes 1 arguments, here are 2",
    "#define F(x) x\nPrint F(1": "the arguments of the macro F have no closing parenthesis",
    "#define A B\n#define B A + A\nPrint A": "the macro A expands without end",
    "#macro M\nPrint 1": "this #macro has no #endmacro",
    "#endmacro": "#endmacro without #macro",
    "#if UNKNOWN_NAME\n#endif": "UNKNOWN_NAME is not defined, so it cannot stand in a preprocessor condition",
    "#if (1\n#endif": "this parenthesis is never closed",
    "#if 1 \\ 0\n#endif": "division by zero in a preprocessor condition",
    '#if "a" < 1\n#endif': "strings can only be compared with = and <> in a condition, not <",
    "#if defined(\n#endif": "write defined(NAME)",
    '#lang "qb"': 'only #lang "fb" is supported',
    "/' open": "this /' comment is never closed with '/",
}


@pytest.mark.parametrize("source", CASES, ids=lambda s: s.split("\n")[-1][:30])
def test_message(source: str) -> None:
    assert message(source) == CASES[source]


def test_one_next_for_two_loops() -> None:
    text = errors("For i As Long = 1 To 2: For j As Long = 1 To 2: Next j, i")
    assert "close each For with a Next of its own" in text


def test_endless_includes() -> None:
    with pytest.raises(BasicError, match="includes are nested more than 32 deep"):
        compile_source('#include "a.bi"', includes={"a.bi": '#include "a.bi"'})


ECHOES = {
    "Type T\nlabel As String\nn As Long\nEnd Type\nDim v As T, p As T Ptr = @v\nv.label = p->label\nv.n = 5": [2],
    "Type T\nd As Double\nEnd Type\nDim v As T = (1)\nSub f(ByRef t As T)\nt.d = 1\nEnd Sub\nf v": [2],
    "Type T\na : 3 As Long\nb As Long = 5\nEnd Type\nDim v As T\nv.a = v.b": [2, 3],
    "Type R As Double\nDim v As R\nv = 5\nSub s(ByVal q As R)\nEnd Sub\ns v": [1],
    "Dim x As Double, y As Long\nx = 5\nIf x > 2 Then Print x\nSwap x, y\nPrint SizeOf(x); @x; -x; z": [1],
    "Dim x As Double\nFor i As Long = 0 To x\nNext\nDim Shared g As Long\nSub u()\ng = 1\nEnd Sub": [1],
    "Dim x\nx = 5\nDim pi As Long = 3.14\nPrint pi\nConst k = 2.5\nPrint k; unknown": [1, 3, 5],
    "Const C = 5 / 2, D = C + 1\nDim a(C) As Long\na(1) = D\nEnum E\nP = 1 / 2\nEnd Enum\nPrint P": [1, 5],
    "Function f(ByVal x As Double) As Long\nReturn x\nEnd Function\nPrint f(3)\nf 5\nf(6)": [1],
    "Dim x As Double\nx = 5\nPrint q": [1, 3],
}


@pytest.mark.parametrize("source", ECHOES, ids=lambda s: s.split("\n")[0])
def test_a_refused_declaration_is_reported_once(source: str) -> None:
    lines = [line for line in errors(source).split("\n") if "): error: " in line]
    assert [int(line.split("(")[1].split(")")[0]) for line in lines] == ECHOES[source], lines
