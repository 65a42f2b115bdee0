"""Programs that use the PC's chips directly: the picture of mode 13h, timers, the keyboard controller."""

from __future__ import annotations

from pathlib import Path

import pytest
from guests import EXIT, FLAT, run_asm

import emulator.profiles
from emulator.clock import NOMINAL_CLOCKS_PER_INSTRUCTION, PIT_HZ

FAIL = "bad: mov ax, 0x4c01\nint 0x21\n"


def test_a_picture_of_256_colours(tmp_path: Path) -> None:
    """A row of pixels through A000:0, the DAC by its ports and by the BIOS, after waiting for the retrace."""
    source = (
        FLAT
        + """
        mov ax, 0x13
        int 0x10
        mov ah, 0x0f
        int 0x10
        cmp ax, 0x2813      ; 40 columns
        jne bad
        mov dx, 0x3da
    in_retrace:
        in al, dx
        test al, 8
        jnz in_retrace
    shown:
        in al, dx
        test al, 8
        jz shown
        mov dx, 0x3c8
        mov al, 1
        out dx, al
        inc dx
        mov al, 63
        out dx, al
        mov al, 32
        out dx, al
        mov al, 0
        out dx, al
        mov ax, 0x1010      ; colour 2
        mov bx, 2
        mov dx, 0x0a00
        mov cx, 0x1e14
        int 0x10
        mov ax, 0x1015
        mov bx, 2
        int 0x10
        cmp dh, 0x0a
        jne bad
        cmp cx, 0x1e14
        jne bad
        mov ax, 0x1012      ; colours 3 and 4
        mov bx, 3
        mov cx, 2
        mov dx, colours
        int 0x10
        mov ax, 0x1017
        mov bx, 3
        mov dx, back
        int 0x10
        mov eax, [back+2]
        cmp eax, [colours+2]
        jne bad
        mov ax, 0xa000
        mov es, ax
        mov di, 320*7
        mov al, 1
        mov cx, 10
        .byte 0xf3, 0xaa    ; rep stosb
        mov byte ptr es:[63999], 4
        mov byte ptr es:[0], 2
        """
        + EXIT
        + FAIL
        + "colours: .byte 1, 2, 3, 4, 5, 6\nback: .fill 6, 1, 0\n"
    ).replace("320*7", "2240")
    outcome = run_asm(tmp_path, source)
    assert outcome.ok, outcome.result
    picture = outcome.session.bios.video.picture()
    assert picture is not None
    assert picture.shape == (200, 320, 3)
    assert picture[7, :10].tolist() == [[255, 130, 0]] * 10
    assert not picture[7, 10:].any()
    assert picture[199, 319].tolist() == [16, 20, 24]
    assert picture[0, 0].tolist() == [40, 121, 81]


def test_text_modes_have_no_picture(tmp_path: Path) -> None:
    outcome = run_asm(tmp_path, "mov ax, 0x13\nint 0x10\nmov ax, 3\nint 0x10\n" + EXIT)
    assert outcome.session.bios.video.picture() is None
    assert outcome.machine.vga.palette[20].tolist() == [42, 21, 0]


def test_a_mode_may_keep_the_memory(tmp_path: Path) -> None:
    source = "mov ax, 0xa000\nmov es, ax\nmov byte ptr es:[5], 15\nmov ax, 0x93\nint 0x10\n"
    picture = run_asm(tmp_path, source + EXIT).session.bios.video.picture()
    assert picture is not None
    assert picture[0, 5].tolist() == [255, 255, 255]


#: Measures a loop of 20,000 rounds with a channel of the timer; `ticks` are PIT clocks.
LOOP = "mov cx, 20000\nround: dec cx\njnz round\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (  # channel 0, in mode 2 as programs set it for this, latched
            "mov al, 0x34\nout 0x43, al\nmov al, 0\nout 0x40, al\nout 0x40, al\n",
            "mov al, 0\nout 0x43, al\nin al, 0x40\nmov ah, al\nin al, 0x40\nxchg al, ah\nneg ax\n",
        ),
        (  # channel 0, read back
            "mov al, 0x34\nout 0x43, al\nmov al, 0\nout 0x40, al\nout 0x40, al\n",
            "mov al, 0xd2\nout 0x43, al\nin al, 0x40\nmov ah, al\nin al, 0x40\nxchg al, ah\nneg ax\n",
        ),
        (  # channel 2, started and stopped by its gate in port 61h
            "in al, 0x61\nand al, 0xfc\nout 0x61, al\nmov al, 0xb0\nout 0x43, al\nmov al, 0xff\nout 0x42, al\n"
            "out 0x42, al\nin al, 0x61\nor al, 1\nout 0x61, al\n",
            "in al, 0x61\nand al, 0xfe\nout 0x61, al\nmov cx, 5000\nlater: dec cx\njnz later\n"
            "in al, 0x42\nmov ah, al\nin al, 0x42\nxchg al, ah\nnot ax\n",
        ),
    ],
)
def test_programs_time_themselves(tmp_path: Path, before: str, after: str) -> None:
    """Emulated time of the loop, as the program measures it and as the machine's clock has it."""
    source = FLAT + "cli\n" + before + LOOP + after + "mov [ticks], ax\nsti\n" + EXIT + "ticks: .word 0\nmark: nop\n"
    outcome = run_asm(tmp_path, source + ".long 0x21436587\n")
    assert outcome.ok, outcome.result
    memory = outcome.machine.memory
    image = memory.read(outcome.session.dos.process.load_address, 1024)
    end = image.index(bytes((0x87, 0x65, 0x43, 0x21)))
    ticks = int.from_bytes(image[end - 3 : end - 1], "little")
    clocks = 20000 * 2 * NOMINAL_CLOCKS_PER_INSTRUCTION
    assert ticks == pytest.approx(clocks * PIT_HZ / outcome.machine.profile.clock_hz, rel=0.02)


def test_the_controller_is_polled_with_interrupts_off(tmp_path: Path) -> None:
    """Self-test, command byte, LEDs; with CLI nothing of it reaches INT 9 afterwards."""
    source = (
        FLAT
        + """
        cli
        mov al, 0xaa
        out 0x64, al
    wait:
        in al, 0x64
        test al, 1
        jz wait
        in al, 0x60
        cmp al, 0x55
        jne bad
        mov al, 0xed
        out 0x60, al
        in al, 0x60
        cmp al, 0xfa
        jne bad
        mov al, 2
        out 0x60, al
        in al, 0x60
        cmp al, 0xfa
        jne bad
        mov ax, 0x3509
        int 0x21
        mov dx, key
        mov ax, 0x2509
        int 0x21
        sti
        nop
        nop
        mov ah, 0x0b        ; DOS looks for a key
        int 0x21
        cmp byte ptr [keys], 0
        jne bad
        """
        + EXIT
        + FAIL
        + "key: inc byte ptr cs:[keys]\npush ax\nin al, 0x60\nmov al, 0x20\nout 0x20, al\npop ax\niret\nkeys: .byte 0\n"
    )
    assert run_asm(tmp_path, source).ok


def test_answers_of_the_keyboard_interrupt(tmp_path: Path) -> None:
    source = (
        FLAT
        + """
        mov dx, key
        mov ax, 0x2509
        int 0x21
        mov al, 0xed
        out 0x60, al
    wait:
        hlt
        cmp byte ptr [got], 0xfa
        jne wait
        """
        + EXIT
        + "key: push ax\nin al, 0x60\nmov cs:[got], al\nmov al, 0x20\nout 0x20, al\npop ax\niret\ngot: .byte 0\n"
    )
    assert run_asm(tmp_path, source, time_limit=20.0).ok


@pytest.mark.parametrize(
    ("cpu", "signature", "features"),
    [
        ("486sx-33", 0x42, 0),
        ("486dx-50", 0x41, 1),
        ("486dx2-66", 0x43, 1),
        ("486dx4-100", 0x48, 1),
        ("sx2-50.toml", 0x45, 0),
    ],
)
def test_cpuid_claims_no_more_than_an_i486_has(tmp_path: Path, cpu: str, signature: int, features: int) -> None:
    """Family 4 and its model; the FPU is the one feature: no 4 MB pages, for which programs would use CR4."""
    if cpu.endswith(".toml"):
        machine = (Path(emulator.profiles.__file__).parent / "machines/486sx-25.toml").read_text()
        cpu = str(tmp_path / cpu)
        Path(cpu).write_text(machine.replace("multiplier = 1", "multiplier = 2"))
    source = (
        FLAT + "mov eax, 1\ncpuid\nmov cl, 4\nshr ax, cl\nmov [answer], al\nmov [answer+1], edx\nxor eax, eax\ncpuid\n"
    )
    source += "mov [answer+5], ebx\nmov [answer+9], edx\nmov [answer+13], ecx\nmov ah, 0x40\nmov bx, 1\nmov cx, 17\n"
    outcome = run_asm(tmp_path, source + "mov dx, answer\nint 0x21\n" + EXIT + "answer: .fill 17, 1, 0\n", cpu=cpu)
    assert outcome.text == bytes((signature, features, 0, 0, 0)) + b"GenuineIntel"
