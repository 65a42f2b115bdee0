"""The I/O ports: which device answers at which address.  Ports without a device read as FF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.clock import PIT_HZ

if TYPE_CHECKING:
    from emulator.machine import Machine


class Ports:
    """The port bus of a machine.  Wider accesses are split into bytes."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._speaker = 0
        self._refresh = False
        machine.pit.channels[2].set_gate(False, 0)

    def read(self, port: int, size: int) -> int:
        """IN: `size` bytes from consecutive ports."""
        return sum(self._read_byte((port + index) & 0xFFFF) << 8 * index for index in range(size))

    def write(self, port: int, size: int, value: int) -> None:
        """OUT: `size` bytes to consecutive ports."""
        for index in range(size):
            self._write_byte((port + index) & 0xFFFF, value >> 8 * index & 0xFF)

    def _read_byte(self, port: int) -> int:
        machine = self.machine
        if port in (0x20, 0x21):
            return machine.pics.master.read(port & 1)
        if port in (0xA0, 0xA1):
            return machine.pics.slave.read(port & 1)
        if 0x40 <= port <= 0x43:
            return machine.pit.read(port - 0x40, machine.pit_now())
        if port == 0x60:
            machine.pics.master.lower_line(1)
            return machine.keyboard.read_data()
        if port == 0x61:
            return self._read_61()
        if port == 0x64:
            return machine.keyboard.read_status()
        if port == 0x71:
            return machine.cmos.read()
        if port == 0x92:
            return machine.keyboard.a20 << 1
        if port == 0x3DA:
            machine.vga.reset_attribute()
            return self._read_vga_status()
        if 0x3C0 <= port <= 0x3CF or port in (0x3D4, 0x3D5):
            return machine.vga.read(port)
        return 0xFF

    def _read_61(self) -> int:
        """Port 61h: timer gate and speaker, refresh toggle (bit 4), OUT of channel 2 (bit 5)."""
        self._refresh = not self._refresh
        output = self.machine.pit.channels[2].output(self.machine.pit_now())
        return self._speaker & 0x0F | self._refresh << 4 | output << 5

    def _read_vga_status(self) -> int:
        """Port 3DAh from emulated time: 70 frames a second of 449 lines, 400 of them shown, 4/5 of each.

        Bit 0: nothing is shown, in the horizontal or vertical blanking; bit 3: vertical retrace.
        """
        frame = self.machine.pit_now() * 70 % PIT_HZ
        line, along = divmod(frame * 449, PIT_HZ)
        if line >= 400:
            return 0x09
        return 0x01 if along * 5 >= PIT_HZ * 4 else 0x00

    def _write_byte(self, port: int, value: int) -> None:
        machine = self.machine
        if port in (0x20, 0x21):
            machine.pics.master.write(port & 1, value)
            machine.attend()
        elif port in (0xA0, 0xA1):
            machine.pics.slave.write(port & 1, value)
            machine.attend()
        elif 0x40 <= port <= 0x43:
            machine.pit.write(port - 0x40, value, machine.pit_now())
            machine.attend()
        elif port == 0x60:
            machine.keyboard.write_data(value)
            machine.attend()
        elif port == 0x61:
            self._speaker = value & 0x0F
            machine.pit.channels[2].set_gate(bool(value & 1), machine.pit_now())
        elif port == 0x64:
            machine.keyboard.write_command(value)
            machine.attend()
        elif port == 0x70:
            machine.cmos.select(value)
        elif port == 0x71:
            machine.cmos.write(value)
        elif 0x3C0 <= port <= 0x3CF or port in (0x3D4, 0x3D5):
            machine.vga.write(port, value)
        elif port == 0x92:
            machine.keyboard.a20 = bool(value & 2)
            machine.keyboard.reset_requested = machine.keyboard.reset_requested or bool(value & 1)
            machine.attend()
