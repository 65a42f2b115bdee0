"""What the assembler refuses: everything that keystone would silently get wrong, and plain mistakes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt486.toolchain import AsmLine, AssemblyError, Object, assemble

Assemble = Callable[..., Object]

#: Statements that keystone 0.9.2 takes and mis-assembles; either refused here, or right.
RIGHT = [
    ("mov eax, [ecx+esp]", "8b040c"),
    ("mov eax, [ebx+ecx*(4)]", "8b048b"),
    ("mov eax, [ebx+ecx*(2+2)]", "8b048b"),
    ("mov eax, [ebx+ecx*2*2]", "8b048b"),
    ("VAR = 4\nmov eax, [ebx+VAR*4]", "8b4310"),
    ("mov eax, [2*(ebx)]", "8b045d00000000"),
    ("push ds\npop es", "1e07"),
    ("pushf\npopf\niret", "9c9dcf"),
    ("lgdt [ebx]", "0f0113"),
    ("lidt [eax+ecx*4+300]", "0f019c882c010000"),
    ("sgdt [esp+8]", "0f01442408"),
    ("ljmp 8:0x12345", "ea452301000800"),
    ("lcall 8:0x12345", "9a452301000800"),
    ("int 3", "cc"),
    ("mov al, 255", "b0ff"),
    ("mov eax, 100", "b864000000"),
    (".skip 10", "00" * 10),
    (".fill 11, 1, 12", "0c" * 11),
    ("@l: jmp @l", "ebfe"),
    ("mov eax, ds:[esp]", "3e8b0424"),
]


@pytest.mark.parametrize(("source", "code"), RIGHT)
def test_keystones_traps_come_out_right(asm: Assemble, source: str, code: str) -> None:
    assert asm(source).code.hex() == code


REFUSED = [
    ("mov eax, dword [ebx]", "write 'dword ptr'"),
    ("mov dword [ebx], 5", "write 'dword ptr'"),
    ("mov eax, dword ptr ebx", r"write \[ebx\]"),
    ("mov eax, dword ptr 5", r"write \[5\]"),
    (".word 70000", "does not fit in 16 bits"),
    (".byte 256", "does not fit in 8 bits"),
    (".byte -129", "does not fit in 8 bits"),
    (".section .text", "unknown directive .section"),
    (".text", "unknown directive .text"),
    (".data", "unknown directive .data"),
    (".org 5", "unknown directive .org"),
    ('.include "x"', "unknown directive .include"),
    ("mov eax, [ebx+0x1ffffffff]", "32 bits"),
    ("mov eax, [ebx+esp*2]", "esp cannot be an index"),
    ("mov eax, [ebx+ecx*3]", r"ecx\*3 cannot be encoded"),
    ("mov eax, [ebx*2+ecx*2]", "only one register"),
    ("mov eax, [eax+ebx+ecx]", "at most two registers"),
    ("mov eax, [eax+bx]", "cannot share an address"),
    ("mov eax, [bx+bx]", "16-bit registers"),
    ("mov eax, [bx*2]", "no scale"),
    ("mov eax, [al]", "register al"),
    ("mov eax, [ebx", "cannot|brackets"),
    ("mov eax, [[ebx]]", "brackets"),
    ("lock nop", "cannot|gives no instruction|wrongly"),
    ("lock mov [eax], ebx", "gives no instruction"),
    ("rep nop", "'rep' cannot stand before nop"),
    ("repne movsb", "'repne' cannot stand before movsb"),
    ("rep", "no instruction"),
    ("rep rep movsb", "cannot stand before|no instruction"),
    ("ret 70000", "does not fit in 16 bits"),
    ("ret -4", "does not fit"),
    ("mov al, 256", "does not fit in 8 bits"),
    ("mov ax, -32769", "does not fit in 16 bits"),
    ("add byte ptr [eax], 300", "does not fit in 8 bits"),
    ("shl eax, 256", "does not fit in 8 bits"),
    ("int 256", "does not fit in 8 bits"),
    ("mov [eax], 5", "size of the memory operand is open"),
    ("inc [eax]", "size of the memory operand is open"),
    ("shl [eax], cl", "size of the memory operand is open"),
    ("movzx eax, [ebx]", "size of the memory operand is open"),
    ("mov al, dword ptr [ebx]", "32-bit memory operand does not go with al"),
    ("movsd dword ptr es:[edi], dword ptr [esi]", "write movsd without operands"),
    ("ret eax", "cannot be assembled"),
    ("cdq eax", "takes no operands"),
    ("mov eax, ebx, ecx", "cannot be assembled"),
    ("mov al, ebx", "cannot be assembled"),
    ("fooo eax", "invalid mnemonic"),
    ("mov eax,", "operand is missing"),
    ("mov", "cannot be assembled"),
    ("jmp nowhere", "unknown symbol 'nowhere'"),
    ("jmp 0x1234", "needs a label"),
    ("jmp short eax", "cannot|wrongly|short"),
    ("mov eax, short 5", "'short' belongs to a jump"),
    ("mov eax, near ptr [ebx]", "'near ptr' belongs"),
    ("l: mov eax, offset [l]", "'offset' takes a symbol"),
    ("l: mov eax, l+l", "neither an address nor"),
    ("l: mov al, offset l", "an address does not fit in 8 bits"),
    ("l: .word l", "needs .long"),
    ("l: ljmpw 8:l", "wrongly"),
    ("l: mov eax, l*2", "neither an address nor"),
    ("ljmp eax", "ljmp|cannot"),
    ("ljmp foo", "needs segment:offset"),
    ("mov eax, 8:5", "out of place"),
    ("mov eax, cr4", "unknown symbol"),
    ("rdtsc", "rdtsc: Pentium"),
    ("cmovz eax, ebx", "Pentium Pro"),
    ("cmpxchg8b qword ptr [eax]", "not an i486 instruction"),
    ("emms", "not an i486 instruction"),
    ("pxor mm0, mm1", "unknown symbol|not an i486"),
    ("ud2", "not an i486 instruction"),
    ("salc", "not an i486 instruction"),
    ("loop l\n.skip 300\nl:", "too far away"),
    ("jmp short l\n.skip 300\nl:", "too far away"),
    ("jmp 1f", "no label 1: after"),
    ("jmp 1b", "no label 1: before"),
    ("mov al, 101b", "no label 101: before"),
    ("x: nop\nx: nop", "'x' is defined twice"),
    ("x = 1\nx = 2", "'x' is defined twice"),
    ("x: nop\nx = 2", "'x' is defined twice"),
    ("eax: nop", "is a register"),
    ("eax = 5", "is a register"),
    ("a = b\nb = a\nmov eax, a", "defined by itself"),
    ("a = eax\nmov ecx, a", "cannot stand for a register"),
    ("a = 1+\nmov ecx, a", "too early"),
    (".set 5x, 1", "is no name"),
    ("%%%", "neither a label"),
    (".ascii hello", "a string"),
    ('.ascii "a', "a string"),
    (".ascii", "operand is missing"),
    (".byte", "operand is missing"),
    (".byte eax", "a register cannot stand in data"),
    (".skip -1", "out of range"),
    (".skip 0x7fffffff", "out of range"),
    (".fill 1, 9, 1", "units of 9 bytes"),
    ("l: .skip l", "plain numbers"),
    (".balign 3", "power of two"),
    (".balign 8192", "power of two"),
    (".p2align 13", "power of two"),
    (".balign", "operand is missing"),
    ('nop ; .ascii "x', "quotation mark"),
]


@pytest.mark.parametrize(("source", "why"), REFUSED)
def test_refused_with_a_reason(asm: Assemble, source: str, why: str) -> None:
    with pytest.raises(AssemblyError, match=why):
        asm(source)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("loop l\n.skip 300\nl:", "too far for a short jump"),
        ("jmp short l\n.skip 300\nl:", "too far for a short jump"),
        ("mov al, 256", "does not fit"),
        ("foo", "invalid mnemonic"),
        ("bt dword ptr [edi*4], 9", "assembled wrongly"),
        ("call l\n.skip 40000\nl:", "out of reach"),
    ],
)
def test_refused_in_16_bit_code(asm: Assemble, source: str, why: str) -> None:
    with pytest.raises(AssemblyError, match=why):
        asm(source, bits=16)


def test_an_error_names_file_line_and_statement() -> None:
    lines = [AsmLine("nop", "A.BAS", 3), AsmLine("  mov al, ebx ", "A.BAS", 7), AsmLine("nop", "A.BAS", 8)]
    with pytest.raises(AssemblyError) as caught:
        assemble(lines)
    error = caught.value
    assert (error.file, error.line, error.statement) == ("A.BAS", 7, "mov al, ebx")
    assert str(error).startswith("A.BAS:7: ")
    assert "mov al, ebx" in str(error).splitlines()[1]


def test_the_culprit_is_found_among_thousands() -> None:
    lines = [AsmLine("add eax, ecx", "A.BAS", number) for number in range(1, 5001)]
    lines[3210] = AsmLine("add eax", "A.BAS", 3211)
    with pytest.raises(AssemblyError) as caught:
        assemble(lines)
    assert caught.value.line == 3211


def test_other_rules_can_be_given() -> None:
    def only_nops(instruction: object) -> str | None:
        mnemonic = getattr(instruction, "mnemonic", "")
        return None if mnemonic == "nop" else f"{mnemonic}: no NOP"

    assert assemble([AsmLine("nop")], rules=only_nops).code == b"\x90"
    with pytest.raises(AssemblyError, match="cld: no NOP"):
        assemble([AsmLine("cld")], rules=only_nops)


WORDS = ["mov", "eax", "[", "]", "+", "*", "4", "ebx", "ptr", "dword", "offset", ",", "l", ":", "push", "5", "rep",
         "movsd", ".byte", ".long", "'", '"', ";", "1f", "$", "=", "jmp", "(", ")", "-", "esp",
         "short", "fs:"]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=12))
def test_any_soup_of_words_is_assembled_or_refused(words: list[str]) -> None:
    with suppress(AssemblyError):
        assert assemble([AsmLine("l: nop"), AsmLine(" ".join(words), "S.BAS", 1)]).code[:1] == b"\x90"


@given(st.text(max_size=40))
def test_any_text_is_assembled_or_refused(text: str) -> None:
    with suppress(AssemblyError):
        assert assemble([AsmLine("nop"), AsmLine(text, "S.BAS", 1)]).code[:1] == b"\x90"
