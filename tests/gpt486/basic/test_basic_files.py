"""Files, the command line, the keyboard and the end of a program, in the emulated PC."""

from __future__ import annotations

import struct

from basic_running import run

BINARY = """
Type REC
	a As Long
	b As Short
	c(0 To 1) As UByte
End Type
Dim f As Long = FreeFile
Print f
Print Open("DATA.BIN" For Binary Access Read As #f); Lof(f); Loc(f); Seek(f); Eof(f)
Dim l As Long, w As UShort, r As REC, b(0 To 3) As UByte, got As Long
Get #f, , l
Get #f, 5, w
Print Hex(l); " "; Hex(w); Loc(f); Seek(f)
Get #f, , r
Print r.a; r.b; r.c(0); r.c(1)
Dim p As UByte Ptr = Allocate(64)
Print Get(#f, 1, *p, 8, got); got; p[0]; p[7]
Get #f, 13, *p, 64, got
Print got; Eof(f); Err
Get #f, 999, l
Print l; Eof(f); Err
Get #f, 1, b()
Print b(3); Eof(f)
Print Get(#f, -1, l); Get(#9, 1, l)
Close #f
Print Close(f)
"""


def test_reading_a_binary_file() -> None:
    data = struct.pack("<IHiHBB", 0x12345678, 0xBEEF, -5, 7, 1, 255) + b"tail"
    assert run(BINARY, files={"DATA.BIN": data}).output.split("\n")[:-1] == [
        " 1",
        " 0 18 0 1 0",
        "12345678 BEEF 6 7",
        "-5 7" + "1" + "255",
        " 0 8120" + "255",
        " 6-1 0",
        " 0-1 0",
        "18 0",
        " 1 1",
        " 1",
    ]


def test_writing_a_binary_file() -> None:
    ran = run("""
Open "OUT.BIN" For Binary As #1
Dim l As Long = &h01020304, s As String = "text", z As ZString * 4 = "ab", b(0 To 2) As UByte = {9, 8, 7}
Put #1, , l
Put #1, , s
Put #1, , z
Put #1, , b()
Put #1, 2, b(1)
Put #1, 20, *CPtr(UByte Ptr, @l), 2
Put #1, , 65
Print Lof(1); Seek(1)
Seek #1, 5
Dim t As String = Space(4)
Get #1, , t
Print t
Close
Print Open("OUT.BIN" For Binary Access Write As #3)
Put #3, 1, l
""")
    assert ran.output == " 25 26\ntext\n 0\n"
    wanted = bytearray(b"\x04\x08\x02\x01textab\0\0\x09\x08\x07")
    wanted += bytes(19 - len(wanted)) + b"\x04\x03" + struct.pack("<i", 65)
    wanted[:4] = b"\x04\x03\x02\x01"
    assert ran.files["OUT.BIN"] == bytes(wanted)


def test_large_blocks_cross_the_transfer_buffer() -> None:
    ran = run("""
Dim p As UByte Ptr = Allocate(100000)
For i As Long = 0 To 99999 : p[i] = i * 7 Shr 3 : Next
Open "BIG.BIN" For Binary As #1
Put #1, , *p, 100000
For i As Long = 0 To 2999 : Put #1, , CUByte(i) : Next
Print Lof(1)
Dim q As UByte Ptr = CAllocate(100000), got As Long, bad As Long
Get #1, 1, *q, 100000, got
For i As Long = 0 To 99999 : bad += (p[i] <> q[i]) : Next
Print got; bad
Dim b As UByte
For i As Long = 0 To 2999
	Get #1, , b
	If b <> (i And 255) Then Print "bad"; i
Next
Print Seek(1)
""")
    assert ran.output == " 103000\n 100000 0\n 103001\n"
    assert len(ran.files["BIG.BIN"]) == 103000


def test_text_files() -> None:
    ran = run(
        """
Open "A.TXT" For Output As #1
Print #1, "one"; 2, "three"
Print #1,
Print #1, "end";
Close #1
Open "A.TXT" For Append As #1
Print #1, "ing"
Close
Dim s As String
Open "A.TXT" For Input As #2
While Not Eof(2)
	Line Input #2, s
	Print "["; s; "]"
Wend
Print Eof(2)
Close #2
Open "IN.TXT" For Input As #1
Do Until Eof(1)
	Line Input #1, s
	Print Len(s); s
Loop
Open Cons For Output As #5
Print #5, "console"
Open Err As #6
Print #6, "error"
""",
        files={"IN.TXT": b"unix\nline\r\nmac\r" + b"x" * 3000},
    )
    assert ran.files["A.TXT"] == b"one 2         three\r\n\r\nending\r\n"
    lines = ran.output.split("\n")
    assert lines[:4] == ["[one 2         three]", "[]", "[ending]", "-1"]
    assert lines[4:7] == [" 4unix", " 4line", " 3mac"]
    assert lines[7] == " 3000" + "x" * 3000
    assert "console" in lines
    assert "error" in ran.output


def test_errors_of_files() -> None:
    ran = run(
        """
Print Open("NONE.TXT" For Input As #1); Open("NONE.BIN" For Binary Access Read As #1)
Print Open("NO\\DIR.TXT" For Output As #1)
Print Open("NEW.BIN" For Binary As #1); Lof(1)
Print Open("NEW.BIN" For Binary As #1); Open("X" For Input As #300)
Close
If Open("NONE.TXT" For Input As #1) <> 0 Then Print "missing"
Open "NONE.TXT" For Input As #1
Print Err
Print Kill("NEW.BIN"); Kill("NEW.BIN")
Kill "HERE.TXT"
Print Name("OLD.TXT", "NEW.TXT"); Name("OLD.TXT", "ANY.TXT")
Dim s As String
Line Input #1, s
Print Err; Seek(7); Lof(7); Loc(7); Eof(7)
""",
        files={"HERE.TXT": b"", "OLD.TXT": b"renamed"},
    )
    assert ran.output == " 2 2\n 2\n 0 0\n 1 1\nmissing\n 2\n 0 2\n 0 3\n 1 0 0 0-1\n"
    assert ran.files == {"NEW.TXT": b"renamed"}


def test_arguments() -> None:
    source = 'Print "["; Command; "]"\nFor i As Long = 1 To 4 : Print "<"; Command(i); ">"; : Next : Print Command(0)'
    assert run(source, args=b'one "two words"  th"r"ee').output.startswith(
        "[one two words three]\n<one><two words><three><>"
    )
    assert run(source, args=b"").output.startswith("[]\n<><><><>")
    assert run(source, args=b'a\\"b').output.startswith('[a"b]')
    assert run('Print Len(Environ("PATH")) > 0; Environ("NO_SUCH")').output in ("-1\n", " 0\n")


def test_exit_codes() -> None:
    assert run("End 7").exit_code == 7
    assert run("Print 1\nEnd").exit_code == 0
    assert run("Sub s()\nEnd 300\nEnd Sub\ns").exit_code == 44
    ran = run('Open "F.TXT" For Output As #1\nPrint #1, "kept"\nEnd 2')
    assert (ran.exit_code, ran.files["F.TXT"]) == (2, b"kept\r\n")


KEYS = """
Dim k As String
For i As Long = 1 To 500
	k = InKey
	If Len(k) Then Print Asc(k); " ";
Next
Print
"""


def test_keyboard() -> None:
    assert run(KEYS, keys=b"ab\r").output == "97 98 13 \n"
    assert run('Print "["; InKey; "]"').output == "[]\n"
    assert run("Sleep 20\nPrint 1").output == " 1\n"


def test_memory_runs_out_and_is_reused() -> None:
    ran = run("""
Dim p As UByte Ptr, n As Long
Print Allocate(200000000) = 0
For i As Long = 1 To 2000
	p = Allocate(100000)
	If p = 0 Then Exit For
	p[99999] = 1
	n += 1
	Deallocate p
Next
Print n
Dim a As Long Ptr = Allocate(40), b As Long Ptr = Allocate(40), c As Long Ptr = Allocate(40)
Deallocate b
Deallocate a
Dim d As Long Ptr = Allocate(80)
Print d = a
Deallocate(0)
Print Reallocate(0, 5) <> 0
""")
    assert ran.output == "-1\n 2000\n-1\n-1\n"


def test_strings_do_not_leak() -> None:
    ran = run("""
Function build(ByVal n As Long) As String
	Dim s As String = "x" & n
	Return s + String(1000, "y")
End Function
Dim t As String, total As Long
For i As Long = 1 To 20000
	t = Left(build(i), 500) + "z"
	total += Len(t) + Len(build(i) & "q")
Next
Print total
""")
    lengths = sum(501 + 1000 + 1 + 1 + len(str(i)) for i in range(1, 20001))
    assert ran.output == f" {lengths}\n"


def test_too_many_strings_in_one_expression_end_the_program() -> None:
    deep = "(" * 140 + "1"
    for _ in range(140):
        deep += ' & ("x" & n))'
    ran = run(f"Dim n As Long = 5\nPrint Len({deep})")
    assert ran.exit_code in (0, 255)


def test_break_services() -> None:
    ran = run('#include once "gpt486.bi"\nfb_BreakTrap(1)\nPrint fb_BreakSeen()\nfb_BreakTrap(0)\nPrint "on"')
    assert ran.output == " 0\non\n"


def test_the_heap_is_counted() -> None:
    """A block takes its size rounded up to 8 and a header of 8 bytes; what is given back is free again."""
    ran = run("""#include once "gpt486.bi"
Dim Shared use As FB_MEMORY
Sub tell()
    fb_MemoryUse(@use)
    Print use.heap & " " & use.heap_peak & " " & use.heap + use.free
End Sub
tell()
Dim As Any Ptr a = Allocate(1000), b = Allocate(1)
tell()
a = Reallocate(a, 2001)
tell()
Deallocate(a): Deallocate(b)
tell()
Print use.stack & " "; use.below > 32768; " "; use.image > 0; " "; use.bss > 0
""")
    rows = [[int(word) for word in line.split()] for line in ran.output.splitlines()]
    used = [row[:2] for row in rows[:4]]
    assert used == [[0, 0], [1024, 1024], [2016 + 16, 2016 + 1024], [0, 2016 + 1024]]
    assert len({row[2] for row in rows[:4]}) == 1
    assert rows[4] == [65536, -1, -1, -1]
