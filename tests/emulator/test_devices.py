"""The chips by themselves: PIC, PIT, keyboard controller, CMOS, ports, clock."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

import pytest
from guests import bare_machine
from hypothesis import given
from hypothesis import strategies as st

from emulator.clock import PIT_HZ, Clock
from emulator.cmos import Cmos, bcd, from_bcd
from emulator.keyboard import Keyboard, scan_codes
from emulator.pic import Pic, Pics
from emulator.pit import Pit
from emulator.vga import Vga, default_palette


def test_pic_priorities() -> None:
    pic = Pic(8)
    for line in (5, 2, 3):
        pic.raise_line(line)
    assert pic.pending() == 2
    assert pic.acknowledge(2) == 10
    assert pic.pending() is None
    pic.raise_line(0)
    assert pic.pending() == 0
    pic.acknowledge(0)
    pic.write(0, 0x20)
    assert pic.in_service == 0b100
    pic.write(0, 0x62)
    assert pic.in_service == 0
    assert pic.pending() == 3
    pic.write(1, 0x08)
    assert (pic.read(1), pic.pending()) == (8, 5)
    pic.write(0, 0x0A)
    assert pic.read(0) == 0b101000
    pic.write(0, 0x0B)
    assert pic.read(0) == 0
    pic.write(0, 0x20)  # nothing in service


def test_pic_poll_rotation_and_special_mask() -> None:
    pic = Pic(8)
    pic.write(0, 0x0C)
    assert pic.read(0) == 0
    pic.raise_line(4)
    pic.write(0, 0x0C)
    assert pic.read(0) == 0x84
    assert pic.in_service == 0x10
    pic.write(0, 0xA0)  # rotate on EOI: 4 becomes the lowest
    pic.raise_line(4)
    pic.raise_line(5)
    assert pic.pending() == 5
    pic.write(0, 0xC2)  # 2 becomes the lowest
    pic.raise_line(3)
    assert pic.pending() == 3
    pic.acknowledge(3)
    pic.write(0, 0xE3)
    assert (pic.in_service, pic.pending()) == (0, 4)
    pic.acknowledge(4)
    pic.write(0, 0x68)
    assert pic.pending() == 5
    pic.write(0, 0x48)
    assert pic.pending() is None


def test_pic_initialisation() -> None:
    pic = Pic(8)
    for port, value in ((0, 0x11), (1, 0x70), (1, 2), (1, 3)):
        pic.write(port, value)
    pic.raise_line(1)
    assert pic.acknowledge(1) == 0x71
    assert pic.in_service == 0  # automatic EOI
    for port, value in ((0, 0x12), (1, 0x20), (1, 0x55)):
        pic.write(port, value)
    assert (pic.base, pic.mask) == (0x20, 0x55)
    for port, value in ((0, 0x10), (1, 0x28), (1, 4), (1, 0xAA)):
        pic.write(port, value)
    assert (pic.base, pic.mask) == (0x28, 0xAA)
    for port, value in ((0, 0x13), (1, 0x30), (1, 1), (1, 0x0F)):
        pic.write(port, value)
    assert (pic.base, pic.mask) == (0x30, 0x0F)


def test_pic_cascade_and_spurious() -> None:
    pics = Pics()
    pics.raise_irq(9)
    assert pics.pending()
    assert pics.acknowledge() == 0x71
    pics.slave.write(0, 0x20)
    pics.master.write(0, 0x20)
    assert pics.acknowledge() == 0x0F
    pics.raise_irq(9)
    pics.slave.mask = 0xFF
    assert pics.acknowledge() == 0x77


def test_pit_counts_down_and_latches() -> None:
    pit = Pit()
    pit.write(3, 0x34, 0)
    pit.write(0, 0x10, 0)
    assert (pit.read(0, 5), pit.read(0, 5)) == (0, 0)  # not loaded yet
    pit.write(0, 0x27, 100)
    assert pit.next_tick() == 100 + 10000
    pit.write(3, 0x00, 350)
    pit.write(3, 0x00, 999)  # a second latch changes nothing
    assert pit.read(0, 5000) | pit.read(0, 5000) << 8 == 10000 - 250
    low, high = pit.read(0, 400), pit.read(0, 400)
    assert low | high << 8 == 10000 - 300
    assert pit.take_ticks(10099) is False
    assert pit.take_ticks(10100) is True
    assert pit.take_ticks(10101) is False
    assert pit.take_ticks(50000) is True
    assert pit.next_tick() == 50100
    assert pit.read(3, 0) == 0xFF


def test_pit_modes_and_readback() -> None:
    pit = Pit()
    pit.write(3, 0xB6, 0)
    pit.write(2, 0x00, 0)
    pit.write(2, 0x10, 0)
    channel = pit.channels[2]
    assert channel.output(10)
    assert not channel.output(0x900)
    assert channel.value(10) == 0x1000 - 20
    pit.write(3, 0xE8, 10)
    pit.write(3, 0xE8, 10)  # latched already
    assert pit.read(2, 10) == 0x80 | 0x30 | 3 << 1
    pit.write(3, 0xC8, 10)  # status and count
    assert pit.read(2, 10) == 0x80 | 0x30 | 3 << 1
    assert pit.read(2, 99) | pit.read(2, 99) << 8 == 0x1000 - 20
    pit.write(3, 0xD8, 10)
    assert pit.read(2, 99) | pit.read(2, 99) << 8 == 0x1000 - 20
    pit.write(3, 0x90, 0)  # channel 2, low byte only, mode 0
    assert channel.value(5) == 0
    assert channel.next_edge(0) is None
    pit.write(2, 50, 0)
    assert pit.read(2, 10) == 40
    assert (channel.output(49), channel.output(50)) == (False, True)
    assert (channel.next_edge(0), channel.next_edge(60)) == (50, None)
    pit.write(3, 0xA4, 0)  # high byte only, mode 2
    pit.write(2, 2, 0)
    assert pit.read(2, 1) == 1
    pit.write(3, 0x80, 0)
    assert pit.read(2, 300) == 2
    assert channel.output(511) is False
    pit.write(3, 0xBE, 0)  # mode 7 is mode 3
    assert channel.mode == 3


def test_keyboard_controller() -> None:
    keyboard = Keyboard()
    assert keyboard.read_status() == 0x14
    keyboard.write_command(0xAA)
    assert keyboard.read_status() == 0x1D  # output full, the last byte written was a command
    assert keyboard.read_data() == 0x55
    assert keyboard.read_data() == 0x55  # the last byte stays
    for command, answer in ((0x20, 0x65), (0xAB, 0), (0xC0, 0x80), (0xD0, 1)):
        keyboard.write_command(command)
        assert keyboard.read_data() == answer
    keyboard.write_command(0xDF)
    keyboard.write_command(0xD0)
    assert keyboard.read_data() == 3
    keyboard.write_command(0xDD)
    assert not keyboard.a20
    keyboard.write_command(0xD2)
    keyboard.write_data(0x42)
    assert keyboard.read_data() == 0x42
    keyboard.write_data(0xFF)
    assert (keyboard.read_data(), keyboard.read_data()) == (0xFA, 0xAA)
    for sent, answer in (((0xED, 7), (0xFA, 0xFA)), ((0xF0, 0), (0xFA, 0xFA, 2)), ((0xF2,), (0xFA, 0xAB, 0x41))):
        for byte in sent:
            keyboard.write_data(byte)
        assert tuple(keyboard.read_data() for _ in answer) == answer
    keyboard.write_data(0xFE)
    assert keyboard.read_data() == 0x41  # sent again
    keyboard.write_data(0xEE)
    assert keyboard.read_data() == 0xEE
    assert keyboard.read_status() == 0x14
    keyboard.write_command(0xD4)
    keyboard.write_data(0xF4)  # to a mouse, which is absent
    keyboard.write_command(0xA9)
    assert keyboard.read_data() == 2
    keyboard.write_command(0x60)
    keyboard.write_data(0x64)  # no interrupts
    keyboard.type(b"a")
    assert keyboard.next_code(True) is False
    assert keyboard.read_data() == 0x1E
    keyboard.write_command(0xFF)
    assert not keyboard.reset_requested
    keyboard.write_command(0xD1)
    keyboard.write_data(0xFE)
    assert keyboard.reset_requested
    other = Keyboard()
    other.write_command(0xFE)
    assert other.reset_requested


def test_a_disabled_keyboard_keeps_its_codes() -> None:
    keyboard = Keyboard()
    keyboard.write_command(0xAD)
    keyboard.type(b"a")
    assert keyboard.next_code(True) is False
    assert keyboard.read_status() & 1 == 0
    keyboard.write_command(0xAE)
    assert keyboard.next_code(True) is True
    assert keyboard.read_data() == 0x1E
    keyboard.write_command(0xAD)
    keyboard.write_data(0xF4)  # a command for the keyboard enables it
    assert keyboard.read_data() == 0xFA
    assert keyboard.next_code(True) is True


def test_answers_raise_the_interrupt_once_each() -> None:
    keyboard = Keyboard()
    keyboard.write_data(0xFF)
    assert (keyboard.next_code(True), keyboard.next_code(True)) == (True, False)
    assert keyboard.read_data() == 0xFA
    assert (keyboard.next_code(True), keyboard.next_code(True)) == (True, False)
    assert keyboard.read_data() == 0xAA
    assert keyboard.next_code(True) is False


def test_the_gate_of_a_timer_channel() -> None:
    """Low, it stops the count; rising, it goes on (mode 0) or starts anew (mode 2); OUT is high meanwhile."""
    channel = Pit().channels[2]
    channel.set_gate(False, 0)
    channel.control(3, 0)
    channel.write(100, 10)
    channel.write(0, 10)
    assert channel.value(50) == 100
    assert channel.next_edge(50) is None
    channel.set_gate(True, 60)
    channel.set_gate(True, 65)
    assert (channel.value(70), channel.next_edge(70)) == (90, 160)
    channel.set_gate(False, 80)
    assert (channel.value(500), channel.output(500)) == (80, False)
    channel.set_gate(True, 500)
    assert (channel.value(510), channel.output(580)) == (70, True)
    channel.control(1, 2)
    channel.write(100, 600)
    channel.set_gate(False, 630)
    assert (channel.value(699), channel.output(699)) == (70, True)
    channel.set_gate(True, 700)
    assert (channel.value(730), channel.output(799), channel.output(798)) == (70, False, True)
    channel.control(1, 1)  # a one-shot: the gate's edge starts it, its level does not matter
    channel.write(50, 800)
    channel.set_gate(False, 810)
    channel.set_gate(True, 820)
    assert channel.value(830) == 40


def test_vga_registers_and_colours() -> None:
    vga = Vga()
    assert vga.palette[[1, 4, 7, 63]].tolist() == [[0, 0, 42], [42, 0, 0], [42, 42, 42], [63, 63, 63]]
    vga.write(0x3C8, 255)
    for value in (63, 32, 0xFF, 1, 2):
        vga.write(0x3C9, value)
    assert vga.palette[255].tolist() == [63, 32, 63]
    assert vga.palette[0].tolist() == [0, 0, 0]  # two components change nothing
    vga.write(0x3C7, 255)
    assert [vga.read(0x3C9) for _ in range(4)] == [63, 32, 63, 0]
    assert (vga.read(0x3C7), vga.read(0x3C8)) == (3, 0)
    assert vga.colours()[255].tolist() == [255, 130, 255]
    vga.write(0x3C6, 0x0F)
    assert (vga.colours()[0x14].tolist(), vga.read(0x3C6)) == ([170, 0, 0], 0x0F)
    for index, data in ((0x3C4, 0x3C5), (0x3CE, 0x3CF), (0x3D4, 0x3D5)):
        vga.write(index, 5)
        vga.write(data, 0x40)
        vga.write(index, 6)
        assert (vga.read(index), vga.read(data)) == (6, 0)
        vga.write(index, 5)
        assert vga.read(data) == 0x40
    vga.write(0x3C0, 0x11)
    vga.write(0x3C0, 0x3F)
    vga.write(0x3C0, 0x31)
    assert (vga.read(0x3C0), vga.read(0x3C1)) == (0x31, 0x3F)
    vga.reset_attribute()
    vga.write(0x3C0, 0x01)
    assert vga.read(0x3C1) == 0
    vga.write(0x3C2, 0xE3)
    assert (vga.read(0x3CC), vga.read(0x3CD)) == (0xE3, 0xFF)


def test_the_default_palette() -> None:
    palette = default_palette()
    assert palette[6].tolist() == [42, 21, 0]
    assert palette[[16, 31]].tolist() == [[0, 0, 0], [63, 63, 63]]
    assert palette[32:36].tolist() == [[0, 0, 63], [16, 0, 63], [31, 0, 63], [47, 0, 63]]
    assert palette[[40, 48, 55]].tolist() == [[63, 0, 0], [0, 63, 0], [0, 16, 63]]
    assert palette[[56, 104, 247]].tolist() == [[31, 31, 63], [0, 0, 28], [11, 12, 16]]
    assert not palette[248:].any()


def test_typing() -> None:
    keyboard = Keyboard()
    assert keyboard.idle
    keyboard.type(b"\r\n")
    assert keyboard.next_code(False) is False
    assert keyboard.next_code(True) is True
    assert keyboard.next_code(True) is False  # not read yet
    assert keyboard.read_data() == 0x1C
    keyboard.next_code(True)
    assert keyboard.read_data() == 0x9C
    assert keyboard.idle
    keyboard.press((1, 2))
    keyboard.press((3, 4), urgent=True)
    codes = []
    while keyboard.next_code(True):
        codes.append(keyboard.read_data())
    assert codes == [3, 4, 1, 2]
    keyboard = Keyboard()
    keyboard.write_command(0xFE)
    assert keyboard.reset_requested


@given(st.integers(0, 255))
def test_every_byte_can_be_typed(byte: int) -> None:
    codes = scan_codes(byte)
    assert all(0 < code < 256 for code in codes)
    pressed = [code for code in codes if code < 128]
    assert sorted(code | 128 for code in pressed) == sorted(code for code in codes if code >= 128)


def test_cmos() -> None:
    cmos = Cmos(32, lambda: datetime(2001, 12, 31, 23, 58, 59))

    def read(index: int) -> int:
        cmos.select(index)
        return cmos.read()

    assert [read(index) for index in (0, 2, 4, 7, 8, 9, 0x32)] == [0x59, 0x58, 0x23, 0x31, 0x12, 0x01, 0x20]
    assert read(6) == 2
    assert read(0x15) | read(0x16) << 8 == 640
    assert read(0x30) | read(0x31) << 8 == 31 * 1024
    cmos.select(0x0F)
    cmos.write(5)
    assert cmos.read() == 5
    assert from_bcd(bcd(47)) == 47


class Counter:
    """A counter that tests turn by hand."""

    value = 0

    def __call__(self) -> int:
        return self.value


@given(
    st.integers(25_000_000, 100_000_000),
    st.integers(0, 10**12),
    st.integers(0, 10**9),
    st.fractions(1, 40, max_denominator=1000),
)
def test_clock_inverts(hertz: int, pit: int, idle: int, rate: Fraction) -> None:
    counter = Counter()
    clock = Clock(hertz, counter, rate)
    clock.idle_until(idle)
    count = clock.count_at(pit)
    counter.value = count
    assert clock.pit() >= pit
    counter.value = count - 1
    assert count == 0 or clock.pit() < pit


def test_clock_idles_exactly() -> None:
    counter = Counter()
    counter.value = 1000
    clock = Clock(33_333_333, counter, 2)
    clock.idle_until(1_000_000)
    assert clock.pit() == 1_000_000
    clock.idle_until(5)
    assert clock.pit() == 1_000_000
    assert clock.microseconds() == pytest.approx(1e6 * 1_000_000 / PIT_HZ, abs=2)


def test_clock_follows_another_counter_without_a_jump() -> None:
    instructions, model = Counter(), Counter()
    clock = Clock(1_000_000, instructions, 2)
    instructions.value = 500
    assert clock.clocks == 1000
    model.value = 77
    clock.follow(model, 1)
    assert clock.clocks == 1000
    model.value += 30
    instructions.value += 9999
    clock.spend(5)
    assert clock.clocks == 1035
    clock.follow(instructions, Fraction(5, 2))
    instructions.value += 4
    assert clock.clocks == 1045


def test_ports() -> None:
    machine = bare_machine()
    ports = machine.ports
    assert ports.read(0x300, 2) == 0xFFFF
    ports.write(0x21, 2, 0x12AB)
    assert machine.pics.master.mask == 0xAB
    ports.write(0xA1, 1, 0xCD)
    assert (ports.read(0xA1, 1), ports.read(0x20, 1), ports.read(0xA0, 1)) == (0xCD, 0, 0)
    ports.write(0xA0, 1, 0x20)
    ports.write(0x61, 1, 0x03)
    first, second = ports.read(0x61, 1), ports.read(0x61, 1)
    assert (first ^ second) & 0x10
    assert first & 0x0F == 3
    ports.write(0x70, 1, 0x17)
    assert ports.read(0x71, 1) == 0
    ports.write(0x71, 1, 7)
    assert ports.read(0x71, 1) == 7
    ports.write(0x92, 1, 2)
    assert ports.read(0x92, 1) == 2
    assert machine.keyboard.a20
    ports.write(0x64, 1, 0xAA)
    assert (ports.read(0x64, 1), ports.read(0x60, 1)) == (0x1D, 0x55)
    ports.write(0x60, 1, 0xF4)
    assert ports.read(0x60, 1) == 0xFA
    ports.write(0x43, 1, 0x34)
    ports.write(0x40, 1, 1)
    ports.write(0x40, 1, 1)
    assert ports.read(0x40, 1) == 1
    assert ports.read(0x3DA, 1) == 0
    machine.clock.idle_until(PIT_HZ * 9 // (70 * 449 * 10) + 1)  # nine tenths of the first line
    assert ports.read(0x3DA, 1) == 1
    machine.clock.idle_until(PIT_HZ // 70 * 440 // 449)
    assert ports.read(0x3DA, 1) == 9
    ports.write(0x92, 1, 1)
    assert machine.keyboard.reset_requested
