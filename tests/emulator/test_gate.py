"""The instruction gate: what the machine lacks stops the run before it executes."""

from __future__ import annotations

from pathlib import Path

import pytest
from guests import EXIT, FLAT, assemble, run_asm

from emulator import hooks
from emulator.gate import POOL_BYTES, Gate


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("0x0f, 0x31", "rdtsc"),
        ("0x0f, 0xef, 0xc0", "pxor"),
        ("0x0f, 0x77", "emms"),
        ("0x0f, 0x40, 0xc1", "cmovo"),
        ("0x0f, 0x1f, 0x00", "nop"),
        ("0x0f, 0xc7, 0x0f", "cmpxchg8b"),
        ("0x0f, 0x32", "rdmsr"),
        ("0xf3, 0x90", "pause"),
        ("0xdf, 0x08", "fisttp"),
        ("0x0f, 0x22, 0xe0", "mov: CR4"),
        ("0xf0, 0x40", "no i486 instruction"),
        ("0xff, 0xff", "no i486 instruction"),
    ],
)
def test_newer_instructions_stop_the_run(tmp_path: Path, code: str, name: str) -> None:
    outcome = run_asm(tmp_path, f"mov bx, 7\nnop\n.byte {code}\nnop\n" + EXIT)
    stop = outcome.result.stop
    assert stop is not None
    assert stop.reason == "instruction"
    assert name in stop.message
    assert code.replace("0x", "").replace(",", "").upper() in stop.message
    start = outcome.session.dos.process.load_address
    assert stop.address == start + 4
    assert f"{start + 4:08X}h" in stop.message
    assert outcome.result.exit_code == 1
    assert outcome.result.instructions == 2  # what stands before it in its block has run


def test_x87_needs_a_dx(tmp_path: Path) -> None:
    source = FLAT + "fninit\nfld1\nfld1\nfaddp\nfistp word ptr [n]\nmov al, [n]\nmov ah, 0x4c\nint 0x21\nn: .word 0\n"
    for cpu in ("486dx-33", "486dx-50", "486dx2-50", "486dx2-66", "486dx4-100", "486dx"):
        assert run_asm(tmp_path, source, cpu=cpu).result.exit_code == 2
    for cpu in ("486sx-25", "486SX-33", "486sx"):
        stop = run_asm(tmp_path, source, cpu=cpu).result.stop
        assert stop is not None
        assert stop.reason == "fpu"
        assert "fninit" in stop.message
        assert "no FPU" in stop.message


def test_fwait_and_cr0_do_not_get_around_it(tmp_path: Path) -> None:
    source = "mov eax, cr0\nand al, 0xf1\nmov cr0, eax\nfwait\n" + EXIT
    stop = run_asm(tmp_path, source, cpu="486sx").result.stop
    assert stop is not None
    assert stop.reason == "fpu"


def test_code_that_is_not_reached_is_not_refused(tmp_path: Path) -> None:
    """A divide error leaves the block before the RDTSC in it."""
    source = (
        FLAT
        + "xor ax, ax\nmov es, ax\nmov word ptr es:[0], h\nmov es:[2], cs\nxor cx, cx\ndiv cx\n.byte 0x0f, 0x31\n"
        + "h: mov ax, 0x4c00\nint 0x21\n"
    )
    assert run_asm(tmp_path, source).ok
    source = FLAT + "xor ax, ax\nmov es, ax\nmov word ptr es:[24], h\nmov es:[26], cs\n"
    source += "inc bx\n.byte 0x0f, 0x00, 0xc0\n.byte 0x0f, 0x31\nh: mov ax, 0x4c00\nint 0x21\n"
    assert run_asm(tmp_path, source).ok


def test_a_refused_block_that_overwrites_itself(tmp_path: Path) -> None:
    """The store replaces the RDTSC behind it by NOPs; it is judged again where control arrives."""
    source = FLAT + "jmp s\nnop\ns: mov word ptr [t], 0x9090\nnop\nt: .byte 0x0f, 0x31\nnop\n" + EXIT
    assert run_asm(tmp_path, source).ok


def test_an_unmapped_read_in_front_of_a_refusal(tmp_path: Path) -> None:
    source = "mov eax, 0x7fff0000\nmov ax, 0xffff\nmov es, ax\nmov al, es:[0xfff0]\n.byte 0x0f, 0x31\n" + EXIT
    stop = run_asm(tmp_path, source, memory_mb=1).result.stop
    assert stop is not None


def test_self_modified_code_is_looked_at_again(tmp_path: Path) -> None:
    source = FLAT + "call f\nmov word ptr [f], 0x310f\ncall f\n" + EXIT + "f: nop\nnop\nret\n"
    stop = run_asm(tmp_path, source).result.stop
    assert stop is not None
    assert "rdtsc" in stop.message


def test_cpuid(tmp_path: Path) -> None:
    """Late i486s have it; on an SX it does not announce an FPU."""
    source = "mov eax, 1\ncpuid\nmov al, dl\nand al, 1\nmov ah, 0x4c\nint 0x21\n"
    assert run_asm(tmp_path, source, cpu="486dx").result.exit_code == 1
    assert run_asm(tmp_path, source, cpu="486sx").result.exit_code == 0
    source = "xor eax, eax\ncpuid\ncmp ebx, 0x756e6547\nsetne al\nmov ah, 0x4c\nint 0x21\n"
    assert run_asm(tmp_path, source, cpu="486sx").result.exit_code == 0


def test_bswap_xadd_cmpxchg_work(tmp_path: Path) -> None:
    source = (
        "mov eax, 0x01020304\nbswap eax\ncmp eax, 0x04030201\njne bad\nmov ecx, 1\nxadd eax, ecx\n"
        "cmp eax, 0x04030202\njne bad\nmov ebx, 9\ncmpxchg eax, ebx\ncmp eax, 9\njne bad\n"
        + EXIT
        + "bad: mov ax, 0x4c01\nint 0x21\n"
    )
    assert run_asm(tmp_path, source).ok


def slot_words(slot: int) -> list[int]:
    import ctypes

    return list((ctypes.c_int64 * 8).from_address(slot))


def test_table_and_pool() -> None:
    gate = Gate(True)
    slot = gate.enter(assemble("nop\nrep movsb"), 0x1000, 16, False)
    key, count, flags, rep, _, *_ = slot_words(slot)
    assert (key, count, flags, rep) == (3 << 32 | 0x1000, 2, 0, 0x1001)
    assert gate.key(slot) == (0x1000, 3)
    assert gate.enter(assemble("nop\nnop\nnop"), 0x1000, 16, True) == slot
    assert slot_words(slot)[2] == hooks.FLAG_SPECIAL
    wide = gate.enter(assemble("inc eax\nret", bits=32), 0x1000, 32, False)
    assert wide != slot
    assert slot_words(wide)[0] & hooks.KEY_32
    for number in range(20):  # the same hash: the first is pushed out, the table goes on working
        gate.enter(b"\x90\xc3", 0x1000 + (number << 16 | number << 3), 16, False)
    gate._pool_used = POOL_BYTES - 2
    again = gate.enter(b"\x90\xc3", 0x2000, 16, False)
    assert gate.block(again).lengths == b"\1\1"
    assert gate._pool_used == 4


@pytest.mark.parametrize(
    ("source", "flag"),
    [
        ("sti", hooks.FLAG_SETS_IF | hooks.FLAG_SHADOW),
        ("popf", hooks.FLAG_SETS_IF),
        ("iret", hooks.FLAG_SETS_IF | hooks.FLAG_FAR),
        ("retf", hooks.FLAG_FAR),
        ("mov ss, ax", hooks.FLAG_SHADOW),
        ("mov ds, ax", 0),
        ("pop ss", hooks.FLAG_SHADOW),
        ("int 0x21", hooks.FLAG_INT),
        ("hlt", hooks.FLAG_HLT),
        ("mov cr0, eax", hooks.FLAG_CONTROL),
        ("lmsw ax", hooks.FLAG_CONTROL),
        ("clts", hooks.FLAG_CONTROL),
        ("nop", hooks.FLAG_PLAIN),
        ("movzx eax, bl", hooks.FLAG_PLAIN),
        ("nop\nnop", 0),
        ("ret", 0),
        (".byte 0x75, 0x10", 0),
        (".byte 0x0f, 0x85, 0, 0", 0),
        (".byte 0xff, 0x2e, 0, 0", hooks.FLAG_SETS_IF | hooks.FLAG_FAR),
        (".byte 0xff, 0x1e, 0, 0", hooks.FLAG_SETS_IF | hooks.FLAG_FAR),
        (".byte 0x9a, 0, 0, 0, 0", hooks.FLAG_SETS_IF | hooks.FLAG_FAR),
        (".byte 0xea, 0, 0, 0, 0", hooks.FLAG_SETS_IF | hooks.FLAG_FAR),
    ],
)
def test_flags_of_blocks(source: str, flag: int) -> None:
    assert Gate(True).decode(assemble(source), 0, 16).flags == flag
