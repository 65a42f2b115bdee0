"""Would an x87 do the elementwise part of a layer norm faster? It would not: the clocks of both, and that both agree.

The product of a difference of 32 bits and a gain of 9 has 41 bits, so that the x87 computes it exactly; scaled by a
power of two and stored with rounding toward minus infinity it is the very integer that imul and shrd give.
"""

from __future__ import annotations

import struct

import numpy as np

from emulator.machine import Machine
from tests.emulator.timing import lab

SOURCE, TARGET, PLACES, GAINS, WORDS = 0x4000, 0x4800, 0x5000, 0x5800, 0x6000
COUNT = 64
MEAN, SHIFT = 1234, 13

INTEGER = """
    mov edx, [ebx+{i}]
    mov eax, [esi+{i}]
    sub eax, ebp
    imul dword ptr [0x5800+edx]
    shrd eax, edx, cl
    mov [edi+{i}], eax
"""
X87 = """
    fild dword ptr [esi+{i}]
    mov edx, [ebx+{i}]
    fsub st(0), st(2)
    fmul dword ptr [0x5a00+edx]
    fmul st(0), st(1)
    fistp dword ptr [edi+{i}]
"""
SETUP = f"""
    mov ecx, {SHIFT}
    mov ebp, {MEAN}
    fninit
    fldcw [{WORDS}]
    fild dword ptr [{WORDS + 4}]
    fld dword ptr [{WORDS + 8}]
"""


def run(body: str, passes: int) -> tuple[int, np.ndarray]:
    """Clocks and the output of so many passes over 64 elements."""
    four = "".join(body.format(i=4 * i) for i in range(4))
    source = f"""{SETUP}
    mov dword ptr [{WORDS + 12}], {passes}
again:
    mov esi, {SOURCE}
    mov edi, {TARGET}
    mov ebx, {PLACES}
    mov dword ptr [{WORDS + 16}], {COUNT // 4}
four:
    {four}
    add esi, 16
    add edi, 16
    add ebx, 16
    dec dword ptr [{WORDS + 16}]
    jnz four
    dec dword ptr [{WORDS + 12}]
    jnz again
    hlt"""
    pc: Machine = lab.machine(source, bits=32, cpu="486dx2-66")
    random = np.random.default_rng(3)
    gains = random.integers(200, 512, COUNT)
    pc.memory.write(SOURCE, random.integers(-(2**20), 2**20, COUNT).astype("<i4").tobytes())
    pc.memory.write(PLACES, (4 * np.arange(COUNT)).astype("<i4").tobytes())
    pc.memory.write(GAINS, gains.astype("<i4").tobytes())
    pc.memory.write(GAINS + 0x200, gains.astype("<f4").tobytes())
    pc.memory.write(WORDS, struct.pack("<Iif", 0x077F, MEAN, 2.0**-SHIFT))
    clocks = lab.run(pc)
    return clocks, np.frombuffer(pc.memory.read(TARGET, 4 * COUNT), "<i4")


def test_the_x87_gives_the_same_numbers_and_takes_longer() -> None:
    found = {}
    for name, body in (("integer", INTEGER), ("x87", X87)):
        one, first = run(body, 2)
        two, second = run(body, 3)
        np.testing.assert_array_equal(first, second)
        found[name] = ((two - one) / COUNT, first)
    np.testing.assert_array_equal(found["integer"][1], found["x87"][1])
    assert found["x87"][0] > 2.5 * found["integer"][0], {name: clocks for name, (clocks, _) in found.items()}


def test_the_scalar_part_is_short_as_it_is() -> None:
    """The integer kernel spends about 130 clocks outside its loops; a square root and a division alone take more."""
    root = lab.clocks(
        "fild dword ptr [0x6000]\nfsqrt\nfdivr dword ptr [0x6008]\nfistp dword ptr [0x6010]",
        setup="fninit\nmov dword ptr [0x6000], 123456\nmov dword ptr [0x6008], 0x4b000000",
        repeat=8,
        cpu="486dx2-66",
    )
    assert root > 190, root
