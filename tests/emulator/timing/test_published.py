"""What others measured on real i486s, a few instructions at a time, against the model.

Each case is a sequence, the clocks that its source gives, and the source.  The model has no constant for any of
them: they come out of the pipeline.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.emulator.timing import lab

ABRASH_12 = "Abrash, Graphics Programming Black Book, chapter 12 (two i486s, real mode)"
TOTH = "Toth, Penalties on the 486, df.lth.se/~john_e/gems/gem0026.html (protected mode)"
ABRASH_13 = "Abrash, Graphics Programming Black Book, chapter 13"

#: A bus that never makes the CPU wait for a write.
FAST = lab.board(l2_write=1, dram_write=1, dram_row=0)
_POINTERS = "mov bx, 0x4000\nmov si, 0x4000\nmov di, 0x4000\nmov bp, 0x4000\nmov sp, 0x5000"


@dataclass(frozen=True)
class Case:
    """A body of straight code and the clocks of one copy."""

    name: str
    source: str
    bits: int
    body: str
    clocks: float

    def __str__(self) -> str:
        return self.name


STRAIGHT = [
    Case("a pointer loaded just before", ABRASH_12, 16, "mov bx, 0x4000\nmov ax, [bx]\ninc dx\ndec cx", 6),
    Case("a pointer loaded one clock before", ABRASH_12, 16, "mov bx, 0x4000\ninc dx\nmov ax, [bx]\ndec cx", 5),
    Case("a pointer loaded two clocks before", ABRASH_12, 16, "mov bx, 0x4000\ninc dx\ndec cx\nmov ax, [bx]", 4),
    Case(
        "rule 4: a byte register two clocks before an address", ABRASH_12, 16, "mov al, bl\nmov cx, dx\nmov si, [di]", 4
    ),
    Case("rule 4, twice", ABRASH_12, 16, "mov bl, al\nmov cl, 3\nmov bx, [si]", 5),
    Case("rule 4 does not hold for one clock", ABRASH_12, 16, "mov cx, 3\nmov dl, al\nmov si, [bx]", 3),
    Case("rules 2 and 4 together", ABRASH_12, 16, "mov bx, 0x4000\nmov cl, al\nmov ax, [bx]", 5),
    Case("listing 12.1", ABRASH_12, 16, "mov dl, cl\nnop\nmov ax, [bx]", 4),
    Case("listing 12.2", ABRASH_12, 16, "nop\nmov dl, cl\nmov ax, [bx]", 3),
    Case("rule 3: a byte written, then the word read", ABRASH_12, 16, "mov cx, [si]\nmov al, [di]\nadd cx, ax", 4),
    Case("rule 3 heeded", ABRASH_12, 16, "mov al, [di]\nmov cx, [si]\nadd cx, ax", 3),
    Case("pop, pop, pop, pop", ABRASH_12, 16, "pop dx\npop cx\npop bx\npop ax\nsub sp, 8\nnop\nnop", 7),
    Case("arithmetic on SP, then POP: two clocks lost", ABRASH_12, 16, "add sp, 2\npop ax\nsub sp, 4\nnop\nnop", 7),
    Case("Terje Mathisen's WC: listing 13.1", ABRASH_13, 16, "mov di, [bp+2]\nmov bl, [di]\nadd dx, [bx+0x100]", 8),
    Case("listing 13.2", ABRASH_13, 16, "mov bl, [di]\nmov di, [bp+2]\nadd dx, [bx+0x100]", 5),
    Case("listing 13.4", ABRASH_13, 16, "mov bl, [di]\nmov di, [bp+2]\nadd dx, ax\nmov ax, [bx+0x100]", 4),
    Case("PUSH of memory and POP of a register", ABRASH_13, 16, "push word ptr [si]\npop ax", 5),
    Case("ROR by 2", ABRASH_13, 16, "ror ax, 2", 2),
    Case("SHL by 9", ABRASH_13, 16, "shl bx, 9\nmov bx, di", 3),
    Case("ROR by 1", ABRASH_13, 16, ".byte 0xd1, 0xc8", 3),
    Case("SHL by 1", ABRASH_13, 16, ".byte 0xd1, 0xe0", 3),
    Case("BSWAP", ABRASH_13, 32, "bswap eax", 1),
    Case("a scaled register is an index", ABRASH_13, 32, "mov ecx, [ebx*2]", 2),
    Case("two registers are an index", ABRASH_13, 32, "mov ecx, [esi+edi]", 2),
    Case("one register and a displacement are none", ABRASH_13, 32, "mov ecx, [esi+0x100]", 1),
    Case("protected mode: an address one clock after its register", ABRASH_12, 32, "mov ebx, esi\nmov eax, [ebx]", 3),
    Case("protected mode: two clocks after", ABRASH_12, 32, "mov ebx, esi\nnop\nmov eax, [ebx]", 3),
    Case("a byte register, then an address of it", TOTH, 32, "add ecx, ebp\nadc bl, dl\nmov al, [ebx]", 5),
    Case("one instruction between", TOTH, 32, "add ecx, ebp\nadc bl, dl\nsub esi, ebp\nmov al, [ebx]", 5),
    Case("two between", TOTH, 32, "adc bl, dl\nsub esi, ebp\nadd ecx, ebp\nmov al, [ebx]", 4),
    Case("one of two clocks between", TOTH, 32, "add ecx, ebp\nadc bl, dl\nshr esi, 4\nmov al, [ebx]", 5),
    Case("one with a prefix between", TOTH, 32, "add ecx, ebp\nadc bl, dl\nadd di, si\nmov al, [ebx]", 5),
    Case("results that are used at once", TOTH, 32, "add eax, edx\nadd ecx, eax", 2),
    Case("XLAT suffers from no penalty", ABRASH_12, 16, "mov al, [si]\nxlatb", 5),
]


@pytest.mark.parametrize("case", STRAIGHT, ids=str)
def test_straight_code(case: Case) -> None:
    setup = (
        _POINTERS if case.bits == 16 else "mov esi, 0x4000\nxor edi, edi\nmov ebx, 0x2000\nxor ebp, ebp\nxor edx, edx"
    )
    assert lab.clocks(case.body, bits=case.bits, setup=setup, cpu=FAST) == case.clocks


@dataclass(frozen=True)
class Loop:
    """A body that is executed with DEC CX and JNZ, and its clocks a pass."""

    name: str
    body: str
    clocks: float

    def __str__(self) -> str:
        return self.name


LOOPS = [
    Loop("rule 1: two registers point to memory", "add ax, [bx+si]\nadd si, 2", 8),
    Loop("rule 1 heeded", "add ax, [si]\nadd si, 2", 7),
    Loop("rule 2: the pointer is moved just before", "add si, 2\nadd ax, [si]", 9),
    Loop("a pointer is loaded one clock before", "mov di, 0x4000\nmov ax, [di]\ninc dx", 9),
    Loop("two clocks before", "mov di, 0x4000\ninc dx\nmov ax, [di]", 8),
    Loop("three clocks before", "mov di, 0x4000\ninc dx\nnop\nmov ax, [di]", 8),
]


@pytest.mark.parametrize("loop", LOOPS, ids=str)
def test_loops(loop: Loop) -> None:
    """Abrash, chapter 12; his loop with three clocks between has DEC CX there, which the harness has after."""

    def warm(count: int) -> int:
        lines = ["xor bx, bx", "mov si, 0x4000", "mov cx, 200", "first:", "mov ax, [si]", "add si, 2", "dec cx"]
        lines += ["jnz first", "mov si, 0x4000", f"mov cx, {count}", "again:", loop.body, "dec cx", "jnz again", "hlt"]
        return lab.run(lab.machine("\n".join(lines), bits=16, cpu=FAST))

    assert (warm(150) - warm(50)) / 100 == loop.clocks


def test_pop_and_ret() -> None:
    """Six clocks a pair of POP AX and RET (Abrash, chapter 12)."""

    def passes(number: int, pairs: int) -> int:
        # Each RET goes to the next pair, a byte further on, the last one to the end of the loop.
        code = [
            "again:",
            "mov sp, 0x5000",
            *[".byte 0x58, 0xc3, 0x90"] * pairs,
            "dec byte ptr [0x9000]",
            "jnz again",
            "hlt",
        ]
        pc = lab.machine("\n".join(code), bits=16, cpu=FAST)
        pc.memory.write(0x9000, bytes((number,)))
        first = pc.memory.read(lab.CODE, 64).index(b"\xbc\x00\x50") + 3
        for index in range(pairs):
            pc.memory.set_u16(0x5002 + 4 * index, first + 3 * (index + 1))
        return lab.run(pc)

    def warm(pairs: int) -> int:
        return passes(4, pairs) - passes(3, pairs)

    # In every eight pairs two instructions lie across the end of a 16-byte line: there the target waits a clock.
    assert (warm(48) - warm(16)) / 32 == pytest.approx(6, abs=0.25)


def test_code_that_outgrows_the_cache() -> None:
    """Listing 12.2 repeated 1,000 times takes 3 clocks a copy, 2,000 times, 10,000 bytes, 3.7 (Abrash, 12).

    His board is unknown: with a second-level cache the prefetcher hides the fetches, without one it cannot.
    """

    def copies(count: int, cpu: object) -> float:
        def passes(number: int) -> int:
            body = ["nop\nmov dl, cl\nmov ax, [bx]"] * count
            lines = ["xor bx, bx", f"mov word ptr [0x9000], {number}", "again:", *body, "dec word ptr [0x9000]"]
            lines += ["jz done", ".byte 0xe9", ".word again - . - 2", "done:", "hlt"]
            return lab.run(lab.machine("\n".join(lines), bits=16, cpu=cpu))  # type: ignore[arg-type]

        return (passes(4) - passes(3)) / count

    assert copies(1000, "486dx-33") == pytest.approx(3, abs=0.02)
    assert copies(2000, "486dx-33") < 3.7 < copies(2000, lab.board(l2_bytes=0))


def test_rep_lodsb() -> None:
    """4,096 bytes in 246 microseconds on a DX2-66: 4.00 clocks a byte (CERBERUS, github tonyuatkins-afk,
    tests/captures/486-BEK-V409-2026-04-21-m1-exit)."""

    def passes(count: int) -> int:
        lines = [f"mov word ptr [0x9000], {count}", "again:", "mov esi, 0x4000", "mov ecx, 4096", ".byte 0xf3, 0xac"]
        lines += ["dec word ptr [0x9000]", "jnz again", "hlt"]
        return lab.run(lab.machine("\n".join(lines), bits=32, cpu="486dx2-66"))

    clocks = passes(4) - passes(3)
    assert clocks / 4096 == pytest.approx(4.0, abs=0.01)
    assert clocks / (200 / 3) == pytest.approx(246, rel=0.005)
