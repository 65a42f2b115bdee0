"""What code comes out: goldens of instruction sequences, and rules that all code keeps."""

from __future__ import annotations

import re

from basic_running import main_code, run

from gpt486.basic import compile_source


def code(source: str, name: str) -> list[str]:
    """The instructions of a procedure."""
    return main_code(compile_source(source), name)


def body(source: str, name: str) -> list[str]:
    """The instructions between prologue and epilogue."""
    lines = code(source, name)
    frame = ("push e", "pop e", "mov ebp, esp", "mov esp, ebp", "sub esp", "ret")
    return [line for line in lines[1:] if not line.startswith(frame)]


HEAD = "Dim Shared g As Long, p As Long Ptr, a(0 To 9) As Long, b As UByte, l As LongInt\n"


def procedure(text: str, params: str = "ByVal x As Long, ByVal y As Long") -> list[str]:
    call = "f" + (" 1, 2" if params else "")
    return body(f"{HEAD}Sub f({params})\n{text}\nEnd Sub\n{call}\n", "f")


def test_constants_fold() -> None:
    assert procedure("g = 2 + 3 * 4") == ["mov dword ptr [v_g], 14"]
    assert procedure("g = (5 > 3) And 7") == ["mov dword ptr [v_g], 7"]
    assert procedure("If 1 = 2 Then g = 1") == []


def test_work_on_memory_in_place() -> None:
    assert procedure("g += 1") == ["inc dword ptr [v_g]"]
    assert procedure("g -= 5") == ["sub dword ptr [v_g], 5"]
    assert procedure("g And= 15") == ["and dword ptr [v_g], 15"]
    assert procedure("b += 10") == ["add byte ptr [v_b], 10"]
    assert procedure("b Shr= 1") == ["shr byte ptr [v_b], 1"]
    assert procedure("g = -g") == ["neg dword ptr [v_g]"]
    assert procedure("a(3) Or= 1") == ["or dword ptr [v_a+12], 1"]


def test_addressing_modes() -> None:
    lines = procedure("For i As Long = 0 To 9\na(i) = p[i + 1]\nNext")
    assert "mov dword ptr [v_a+ebx*4], eax" in lines
    assert "mov eax, dword ptr [eax+ebx*4+4]" in lines


def test_variables_live_in_registers() -> None:
    lines = procedure("Dim s As Long\nFor i As Long = 1 To x\ns += i\nNext\ng = s")
    assert sum("ebp" in line for line in lines) == 1  # the parameter, once
    assert "inc ebx" in lines or "inc esi" in lines


def test_comparisons_become_branches() -> None:
    lines = procedure("If x > 5 And y < 3 Then g = 1")
    assert [line.split()[0] for line in lines] == ["cmp", "jle", "cmp", "jge", "mov", "@endif_2:"] or [
        line.split()[0] for line in lines if not line.startswith("@")
    ] == ["cmp", "jle", "cmp", "jge", "mov"]
    assert procedure("If b = 200 Then g = 1")[0] == "cmp byte ptr [v_b], 200"
    assert procedure("If b And 4 Then g = 1")[0] == "test byte ptr [v_b], 4"


def test_multiplications() -> None:
    assert procedure("g = x * 8")[-2:] == ["shl eax, 3", "mov dword ptr [v_g], eax"]
    assert procedure("g = x * 5")[-2:] == ["lea eax, [eax+eax*4]", "mov dword ptr [v_g], eax"]
    assert any(line.startswith("imul eax") and line.endswith(", 1000") for line in procedure("g = x * 1000"))
    wide = procedure("l = CLngInt(x) * y")
    assert sum(line.startswith(("imul", "mul")) for line in wide) == 1
    assert not any(line.startswith("call") for line in wide)


def test_half_of_a_product() -> None:
    lines = procedure("g = (CLngInt(x) * y) Shr 32")
    assert sum(line.startswith("imul") for line in lines) == 1
    assert "mov dword ptr [v_g], edx" in lines


def test_division_by_a_power_of_two() -> None:
    assert not any("idiv" in line for line in procedure("g = x \\ 16 + y Mod 8"))
    unsigned = procedure("g = x \\ 16 + y Mod 8", "ByVal x As ULong, ByVal y As ULong")
    assert any(line.startswith("shr") for line in unsigned)
    assert any(line.startswith("and") for line in unsigned)


def test_results_go_to_eax() -> None:
    lines = code("Function f(ByVal x As Long) As Long\nReturn x + 1\nEnd Function\nPrint f(1)", "f")
    assert lines == ["F:", "push ebp", "mov ebp, esp", "mov eax, dword ptr [ebp+8]", "inc eax", "pop ebp", "ret"]


def test_select_uses_a_table() -> None:
    cases = "\n".join(f"Case {i}: g = {i * i}" for i in range(8))
    lines = procedure(f"Select Case x\n{cases}\nEnd Select")
    assert any(line.startswith("jmp dword ptr [@table") for line in lines)
    assert sum(line.startswith(".long @case") for line in lines) == 8


def test_only_what_is_used_is_linked() -> None:
    small = compile_source("Print 1")
    assert not any("fb_open" in line.text or "fb_strconcat" in line.text for line in small.lines)
    unused = compile_source('Sub never()\nPrint "never"\nEnd Sub\nDim Shared big(0 To 99999) As Long\nEnd 1')
    assert not any(line.text == "NEVER:" for line in unused.lines)
    assert unused.bss_bytes < 1000
    assert len(compile_source("End 1").build().exe) < 5000


def test_the_listing_shows_the_basic_lines() -> None:
    listing = compile_source("Dim n As Long = 5 ' five\nPrint n * 2\n", "L.BAS").listing
    assert re.search(r";     2  Print n \* 2\n    .*\n", listing)
    assert "; ---- main (L.BAS)" in listing
    assert "; ---- bss: offset, symbol" in listing


def test_lines_know_where_they_come_from() -> None:
    program = compile_source("Print 1\nPrint 2\n", "WHERE.BAS")
    places = {(line.file, line.line) for line in program.lines}
    assert {("WHERE.BAS", 1), ("WHERE.BAS", 2)} <= places


def test_the_same_source_gives_the_same_lines() -> None:
    source = 'Dim s As String = "x"\nFor i As Long = 1 To 9 : s &= i : Next\nPrint s; 5 \\ i2\n'.replace("i2", "2")
    assert compile_source(source).lines == compile_source(source).lines


def test_registers_run_out_gracefully() -> None:
    deep = "x"
    for i in range(12):
        deep = f"(p[({deep}) And 1] * y - ({deep} Xor {i}))" if i % 4 == 3 else f"(({deep}) * y + p[{i}])"
    terms = " + ".join(f"p[x + {i}] * p[y * {i}] \\ (y + {i})" for i in range(8))
    ran = run(f"""
Dim Shared p As Long Ptr
Function f(ByVal x As Long, ByVal y As Long) As Long
	Dim a As Long = x, b As Long = y, c As Long = x + y
	For i As Long = 1 To 3
		a += b : b += c : c += i
	Next
	Return {deep} + a * b - c
End Function
Function g(ByVal x As Long, ByVal y As Long) As Long
	Return {terms}
End Function
p = Allocate(1000)
For i As Long = 0 To 200 : p[i] = i * i - 7 : Next
Print f(3, 2); g(1, 2)
""")
    values = [i * i - 7 for i in range(201)]

    def wrap(v: int) -> int:
        return (v + (1 << 31)) % (1 << 32) - (1 << 31)

    def div(n: int, d: int) -> int:
        return abs(n) // abs(d) * (1 if (n < 0) == (d < 0) else -1)

    d = 3
    for i in range(12):
        d = wrap(values[d & 1] * 2 - (d ^ i)) if i % 4 == 3 else wrap(d * 2 + values[i])
    a, b, c = 3, 2, 5
    for i in range(1, 4):
        a, b, c = a + b, b + c, c + i
    first = wrap(d + a * b - c)
    second = wrap(sum(div(wrap(values[1 + i] * values[2 * i]), 2 + i) for i in range(8)))
    assert ran.output.split() == re.findall(r"-?\d+", f"{first} {second}")


def test_asm_keeps_what_it_does_not_know() -> None:
    lines = code(
        "Const K = 3\nDim Shared v(0 To 3) As Long\nFunction f(ByVal n As Long) As Long\n"
        "Asm\n  mov eax, [n] ' comment\n  lea ecx, [eax+eax*2]; mov edx, &h1F\n  lab_1: dec eax\n  jnz lab_1\n"
        "  mov ebx, offset v\n  mov byte ptr [v+2], 0Fh\n  add ecx, K * 4 + sizeof(Long)\n"
        "  mov [Function], ecx\nEnd Asm\n"
        "End Function\nPrint f(1)",
        "f",
    )
    assert [line for line in lines if not line.startswith(("push", "pop", "ret", "mov e", "sub esp", "F:"))] == [
        "mov dword ptr [ebp-4], 0",
        "lea ecx, [eax+eax*2]",
        "lab_1: dec eax",
        "jnz lab_1",
        "mov byte ptr [v_v+2], 0Fh",
        "add ecx, 3 * 4 + 4",
        "mov [ebp-4], ecx",
    ]
    assert "mov eax, [ebp+8]" in lines
    assert "mov edx, 31" in lines
    assert "mov ebx, offset v_v" in lines
    restored = ["pop edi", "pop esi", "pop ebx", "mov esp, ebp", "pop ebp", "ret"]
    assert lines[-7:] == ["mov eax, dword ptr [ebp-4]", *restored]


def test_names_like_registers_are_harmless() -> None:
    assert (
        run("Sub eax()\nPrint 1\nEnd Sub\nDim Shared ebx As Long = 5\nSub loop_()\nEnd Sub\neax\nPrint ebx").output
        == " 1\n 5\n"
    )


def test_alias_is_the_symbol() -> None:
    source = 'Sub f Alias "my_symbol" ()\nPrint 5\nEnd Sub\nSub g()\nAsm call my_symbol\nEnd Sub\ng'
    assert any(line.text == "my_symbol:" for line in compile_source(source).lines)
    assert run(source).output == " 5\n"
