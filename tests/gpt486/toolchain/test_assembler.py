"""The assembler: bytes that must come out, labels, data, alignment, relocations, rows."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from gpt486.toolchain import AsmLine, AssemblyError, Object, assemble
from gpt486.toolchain.assembler import read_assembly

Assemble = Callable[..., Object]

GOLDEN_32 = [
    ("nop", "90"),
    ("mov eax, dword ptr [ebx]", "8b03"),
    ("mov eax, [ebx+ecx*4+16]", "8b448b10"),
    ("mov byte ptr [esi], 255", "c606ff"),
    ("mov al, -1", "b0ff"),
    ("add eax, 100000", "05a0860100"),
    ("add ecx, -1", "83c1ff"),
    ("and eax, 0xfffffff0", "83e0f0"),
    ("add ax, 0xffff", "6683c0ff"),
    ("lea eax, [eax*8+5]", "8d04c505000000"),
    ("lea eax, [eax+eax]", "8d0400"),
    ("imul eax, 5", "6bc005"),
    ("imul eax, ebx, -2", "6bc3fe"),
    ("shl eax", "d1e0"),
    ("sar eax, 31", "c1f81f"),
    ("rcl dword ptr [eax], 1", "d110"),
    ("shrd eax, edx, 16", "0facd010"),
    ("xchg eax, eax", "90"),
    ("test eax, [ebx]", "8503"),
    ("push 5", "6a05"),
    ("push 128", "6880000000"),
    ("push -128", "6a80"),
    ("push 0xffffffff", "6aff"),
    ("push dword ptr [eax]", "ff30"),
    ("ret", "c3"),
    ("ret 8", "c20800"),
    ("retf", "cb"),
    ("retf 4", "ca0400"),
    ("iretd", "cf"),
    ("int 3", "cc"),
    ("int3", "cc"),
    ("int 0x21", "cd21"),
    ("enter 16, 0", "c8100000"),
    ("in al, 0x60", "e460"),
    ("out dx, al", "ee"),
    ("movsx eax, byte ptr [esi]", "0fbe06"),
    ("movzx eax, ax", "0fb7c0"),
    ("setz al", "0f94c0"),
    ("sete byte ptr [eax]", "0f9400"),
    ("bswap edx", "0fca"),
    ("movsd", "a5"),
    ("rep movsd", "f3a5"),
    ("rep stosw", "f366ab"),
    ("repne scasb", "f2ae"),
    ("repz cmpsb", "f3a6"),
    ("xlat", "d7"),
    ("lock inc dword ptr [eax]", "f0ff00"),
    ("lock cmpxchg [eax], ecx", "f00fb108"),
    ("mov eax, fs:[ebx]", "648b03"),
    ("mov eax, ds:[ebp]", "3e8b4500"),
    ("mov cr0, eax", "0f22c0"),
    ("mov ds, ax", "668ed8"),
    ("mov [eax], ds", "668c18"),
    ("smsw ax", "660f01e0"),
    ("les edi, [ebx]", "c43b"),
    ("jmp far ptr [ebx]", "ff2b"),
    ("call far ptr [ebx]", "ff1b"),
    ("call dword ptr [ebx*4+8]", "ff149d08000000"),
    ("mov eax, 8[ebx][ecx*2]", "8b444b08"),
    ("mov eax, [ebx]+8", "8b4308"),
    ("mov eax, 1000[ebx]", "8b83e8030000"),
    ("MOV EAX, DWORD PTR [EBX]", "8b03"),
    ("invlpg [eax]", "0f0138"),
    ("aam", "d40a"),
    ("cbw", "6698"),
    ("cdq", "99"),
]


@pytest.mark.parametrize(("source", "code"), GOLDEN_32)
def test_bytes_32(asm: Assemble, source: str, code: str) -> None:
    assert asm(source).code.hex() == code


GOLDEN_16 = [
    ("ret", "c3"),
    ("retf", "cb"),
    ("push 5", "6a05"),
    ("push 0x1234", "683412"),
    ("push -200", "6838ff"),
    ("push ds", "1e"),
    ("pop es", "07"),
    ("pushf", "9c"),
    ("pushfd", "669c"),
    ("iret", "cf"),
    ("iretd", "66cf"),
    ("pusha", "60"),
    ("pushad", "6660"),
    ("mov ax, [bx+si+4]", "8b4004"),
    ("mov al, [si+bp]", "8a4200"),
    ("mov eax, [ebx+ecx*4]", "67668b048b"),
    ("mov word ptr [0x10], 0xffff", "c7061000ffff"),
    ("movsw", "a5"),
    ("rep movsd", "f366a5"),
    ("cbw", "98"),
    ("cdq", "6699"),
    ("lgdt [bx]", "0f0117"),
    ("jmp word ptr [bx]", "ff27"),
    ("jmp far ptr [bx]", "ff2f"),
    ("ljmp 0x18:0x100", "ea00011800"),
    ("ljmpl 8:0x12345", "66ea452301000800"),
    ("jmp 8:l\nl:", "ea05010800"),
    ("call l\nl:", "e80000"),
    ("l: loop l", "e2fe"),
    ("l: jecxz l", "67e3fd"),
    ("mov ax, l\nl:", "a10301"),
    ("mov ax, offset l\nl:", "b80301"),
    ("mov byte ptr cs:[l], 5\nl:", "2ec606060105"),
    ("mov eax, es:[edi+l+0x100000]\nl:", "2667668b8709011000"),
    (".word l\n.long l\nl:", "060106010000"),
]


@pytest.mark.parametrize(("source", "code"), GOLDEN_16)
def test_bytes_16(asm: Assemble, source: str, code: str) -> None:
    assert asm(source, bits=16).code.hex() == code


def test_16_bit_branches_grow_when_they_must(asm: Assemble) -> None:
    near = asm("jz l\n.skip 127\nl:", bits=16).code
    assert near[:2] == b"\x74\x7f"
    assert asm("jz l\n.skip 128\nl:", bits=16).code[:4] == b"\x0f\x84\x80\x00"
    assert asm("jmp l\n.skip 128\nl:", bits=16).code[:3] == b"\xe9\x80\x00"


def test_labels_numbers_and_places(asm: Assemble) -> None:
    built = asm("1: jmp 1b\njmp 1f\n1: nop\njmp 1b\nhere: jmp $\njmp .+3\n  also: still: nop")
    assert built.code.hex() == "ebfeeb0090ebfdebfeeb0190"
    assert {"here", "also", "still"} == set(built.symbols)
    assert built.symbols["also"] == 0x10000B


def test_semicolons_separate_statements_but_not_in_strings(asm: Assemble) -> None:
    assert asm("nop; nop ;; .ascii \"a;b\"; .byte ';'").code == b"\x90\x90a;b;"


def test_data_directives(asm: Assemble) -> None:
    source = r"""
    .byte 1, -1, 'A', 0ffh, five
    .word 0x1234, -2
    .short 7
    .long -1, &hdeadbeef
    .ascii "a\tb\x41\0", "c"
    .asciz "z"
    .string "y"
    .skip 3
    .space 2, 0xee
    .zero 1
    .fill 2, 2, 0x1234
    .fill 2
    .skip 0
    .ascii ""
    five = 5
    """
    expected = bytes((1, 255, 65, 255, 5)) + b"\x34\x12\xfe\xff" + b"\x07\x00" + b"\xff" * 4 + b"\xef\xbe\xad\xde"
    expected += b"a\tbA\0c" + b"z\0" + b"y\0" + bytes(3) + b"\xee\xee" + bytes(1) + b"\x34\x12\x34\x12" + bytes(2)
    assert asm(source).code == expected


def test_alignment_pads_code_with_nops_and_data_with_zeros(asm: Assemble) -> None:
    built = asm("nop\n.balign 8\nnop\n.byte 1\n.align 4\nx: .long 5\n.p2align 4\ny: ret")
    assert built.code.hex() == "90" * 8 + "90" + "01" + "0000" + "05000000" + "c3"
    assert built.symbols["y"] % 16 == 0
    assert asm("nop\n.balign 256\nt: .byte 1").symbols["t"] == 0x100100


def test_long_alignments_are_nops_an_i486_has(asm: Assemble) -> None:
    assert asm("nop\n.balign 16\nret").code == b"\x90" * 16 + b"\xc3"


def test_bare_label_is_memory_and_offset_its_address(asm: Assemble) -> None:
    built = asm("mov eax, l\nmov ecx, offset l+4\npush l\npush offset l\nlea edx, l\nmov ebx, l[eax*4]\nl: .long l")
    assert built.code.hex() == (
        "a122001000" "b926001000" "ff3522001000" "6822001000" "8d1522001000" "8b1c8522001000" "22001000"
    )  # fmt: skip
    assert built.relocations == [1, 6, 12, 17, 23, 30, 34]


def test_constants_are_immediates_wherever_they_are_defined(asm: Assemble) -> None:
    built = asm("mov eax, n\nmov eax, [ebx+n*4]\nmov eax, p\n.long n\nn = 4\n.set q, l+4\n.equ p, q\nl:")
    assert built.code.hex() == "b8040000008b4310a11500100004000000"
    assert built.relocations == [9]


def test_distances_are_numbers(asm: Assemble) -> None:
    built = asm("a: .skip 200\nb: sub eax, b-a\nmov eax, [ebx+b-a]\nmov al, b-a\n.long b-a, (b-a)*2\n.word b-a")
    assert built.code[200:].hex() == "81e8c80000008b83c8000000b0c8c800000090010000c800"
    assert built.relocations == []


def test_relocations_are_exactly_the_addresses(asm: Assemble) -> None:
    source = "l: mov dword ptr [l+4], offset m\njmp l\ncall m\nmov eax, 0x100000\n.long l, 7, m-l, m\nm: ret"
    built = asm(source)
    other = assemble([AsmLine(text) for text in source.split("\n")], origin=0x345000)
    moved = bytearray(built.code)
    for at in built.relocations:
        value = int.from_bytes(moved[at : at + 4], "little") + 0x345000 - 0x100000
        moved[at : at + 4] = value.to_bytes(4, "little")
    assert bytes(moved) == other.code
    assert len(built.relocations) == 4


def test_outside_symbols_and_bss(asm: Assemble) -> None:
    built = asm("mov eax, far_away\nmov ecx, buffer+4\nmov edx, offset buffer", symbols={"far_away": 0x500},
                bss_symbols={"first": 0, "buffer": 64})  # fmt: skip
    assert built.code.hex() == "a1000500008b0d44011000ba40011000"
    assert built.relocations == [7, 12]
    assert built.bss_start == built.symbols["first"] == 0x100100


def test_rows_tell_where_each_statement_went(asm: Assemble) -> None:
    built = asm("x: nop\n.byte 1,2\n\n.balign 4\nfwait".replace("fwait", "cld"))
    assert [(row.offset, row.size, row.line.line, row.code) for row in built.rows] == [
        (0, 1, 1, True),
        (1, 2, 2, False),
        (3, 1, 4, False),
        (4, 1, 5, True),
    ]


def test_x87_only_where_it_is_allowed(asm: Assemble) -> None:
    source = (
        "fld dword ptr [eax]\nfadd st(1), st\nfadd st, st(2)\nfaddp\nfsubp st(1), st\nfxch\nfld st(1)\nfcomp st(3)\n"
    )
    source += "fstsw ax\nfldcw [eax]\nfild qword ptr [eax]\nfstp tbyte ptr [eax]\nfinit\nfsqrt"
    code = asm(source, allow_x87=True).code
    assert code.hex() == "d900dcc1d8c2dec1dee9d9c9d9c1d8db9bdfe0d928df28db389bdbe3d9fa"
    with pytest.raises(AssemblyError, match=r"TEST\.BAS:1: fld is an x87 instruction"):
        asm(source)


def test_read_assembly_strips_comments() -> None:
    lines = read_assembly("; all\nnop ; one\n.ascii \"a;b\" ; two\n mov al, ';'\n\n", "X.ASM")
    assert [(line.text, line.line) for line in lines] == [("nop", 2), ('.ascii "a;b"', 3), ("mov al, ';'", 4)]


def test_nothing_assembles_to_nothing(asm: Assemble) -> None:
    assert asm("").code == b""
    assert asm("\n  \nl:").symbols == {"l": 0x100000}
    assert assemble([]).rows == []


def test_twenty_thousand_lines_in_time() -> None:
    source = []
    for number in range(4000):
        source += [f"L{number}: mov eax, dword ptr [ebp-{number % 97 * 4}]", f"add eax, {number * 77}"]
        source += [f"cmp eax, dword ptr [v+{number % 50 * 4}]", f"jl L{max(0, number - number % 40)}", "imul ecx, eax"]
    lines = [AsmLine(text, "BIG.BAS", number) for number, text in enumerate([*source, "v: .skip 200"], 1)]
    started = time.process_time()
    built = assemble(lines)
    assert len(built.rows) == 20001
    assert time.process_time() - started < 20  # about one second; the bound is for the slowest of hosts
