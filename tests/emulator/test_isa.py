"""The whitelist of i486 instructions."""

from __future__ import annotations

import capstone
import pytest

from emulator.isa import is_x87, refusal

DECODERS = {
    16: capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_16),
    32: capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_32),
}


def first(code: str, bits: int = 32) -> capstone.CsInsn:
    return next(DECODERS[bits].disasm(bytes.fromhex(code), 0))


@pytest.mark.parametrize(
    "code",
    [
        "0fc8",  # bswap eax
        "0fc108",  # xadd
        "0fb008",  # cmpxchg
        "0f08",  # invd
        "0f09",  # wbinvd
        "0f0138",  # invlpg
        "0fa2",  # cpuid
        "0f20c0",  # mov eax, cr0
        "0f22d8",  # mov cr3, eax
        "0f21f8",  # mov eax, dr7
        "f0ff00",  # lock inc
        "f0f718",  # lock neg
        "f00fab08",  # lock bts
        "f00fc108",  # lock xadd
        "f00fba2801",  # lock bts imm
        "f08000ff",  # lock add imm
        "f08700",  # lock xchg
        "f00100",  # lock add m, r
        "f3a5",
        "f2ae",
        "0fbcc8",  # bsf
        "0fa4c801",  # shld
        "660fbec0",
        "0fb201",  # lss
        "d9ff",  # fcos
        "dae9",  # fucompp
        "dfe0",  # fnstsw ax
        "dd20",  # frstor
        "9b",
        "c9",
        "cf",
        "62 00",
        "8d00",
        "0f0000",  # sldt
        "63c0",  # arpl
    ],
)
def test_an_i486_has_it(code: str) -> None:
    assert refusal(first(code)) is None


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("0f31", "Pentium"),  # rdtsc
        ("0f32", "Pentium"),  # rdmsr
        ("0f33", "Pentium MMX"),  # rdpmc
        ("0f34", "Pentium II"),  # sysenter
        ("0f05", "K6"),  # syscall
        ("0f40c1", "Pentium Pro"),  # cmovo
        ("0f6fc1", "Pentium MMX"),  # movq mm0, mm1
        ("0fefc0", "Pentium MMX"),  # pxor
        ("0f77", "Pentium MMX"),  # emms
        ("0f58c1", "SSE"),  # addps
        ("0fc70f", "Pentium"),  # cmpxchg8b
        ("0f1f00", "long NOP"),
        ("f30f1efa", "long NOP"),  # endbr64, which capstone knows in 32-bit mode as endbr64 or nop
        ("0f1800", "Pentium III"),  # prefetchnta
        ("0f0d00", "3DNow"),
        ("0fae00", "Pentium II"),  # fxsave
        ("f390", "Pentium 4"),  # pause
        ("f30fbcc0", "BMI1"),
        ("f30fb8c0", "SSE4"),
        ("0f22e0", "CR4"),
        ("0f20e0", "CR4"),
        ("0f0b", "undefined"),
        ("0faa", "system management"),
        ("0f3800c1", "i486"),
        ("c5f877", "AVX"),
        ("d6", "SALC"),
        ("f1", "INT1"),
        ("dac1", "Pentium Pro"),  # fcmovb
        ("dbc1", "Pentium Pro"),  # fcmovnb
        ("dbf1", "Pentium Pro"),  # fcomi
        ("dfe9", "Pentium Pro"),  # fucomip
        ("df08", "SSE3"),  # fisttp
        ("dfc0", "undocumented"),  # ffreep
    ],
)
def test_an_i486_lacks_it(code: str, word: str) -> None:
    insn = first(code)
    reason = refusal(insn)
    assert reason is not None
    assert word in reason
    assert reason.startswith(f"{insn.mnemonic}: ")


def test_forms_that_capstone_does_not_decode_are_judged_by_their_bytes() -> None:
    class Made:
        mnemonic = "made"

        def __init__(self, code: str) -> None:
            self.bytes = bytearray.fromhex(code)

    for code in (
        "f0",
        "f040",
        "f0f6c0",
        "f00fbae001",
        "f08038ff",
        "f0c700",
        "8dc0",
        "c4c0",
        "62c0",
        "fff8",
        "ffd8",
        "fe10",
        "8ec8",
        "8cf0",
        "8fc8",
        "c608",
        "f6c8",
        "d1f0",
        "0f01e8",
        "0f01c0",
        "0fb2c0",
        "0fbac0",
        "0f24c0",
        "0f23e0",
        "0fff",
        "0fb9",
        "d908",
        "db20",
        "dd28",
        "dae0",
        "ddc8",
        "0fa6c0",
    ):
        assert refusal(Made(code)) is not None, code  # type: ignore[arg-type]
    for code in ("f0f610", "f0fe08", "0f0138", "0f24d8", "82c001", "f00fb108", "f00108"):
        assert refusal(Made(code)) is None, code  # type: ignore[arg-type]


def test_lock_needs_a_read_modify_write_of_memory() -> None:
    class Made:
        mnemonic = "lock"
        bytes = bytearray.fromhex("f03900")

    assert "LOCK" in str(refusal(Made()))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "expected"),
    [("d9c0", True), ("9b", True), ("66d9c0", True), ("df00", True), ("90", False), ("0fd8c0", False), ("e0fe", False)],
)
def test_is_x87(code: str, expected: bool) -> None:
    assert is_x87(first(code)) is expected


def test_the_same_bytes_in_both_modes() -> None:
    for bits in (16, 32):
        assert refusal(first("0f31", bits)) is not None
        assert refusal(first("9090", bits)) is None
