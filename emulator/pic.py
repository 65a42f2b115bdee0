"""The two cascaded 8259A interrupt controllers of an AT (ports 20h/21h and A0h/A1h)."""

from __future__ import annotations

from typing import Final

_ICW1: Final = 0x10
_OCW3: Final = 0x08


class Pic:
    """One 8259A: request, service and mask registers, fixed or rotated priorities, edge-triggered."""

    def __init__(self, base: int) -> None:
        self.base = base
        self.requests = 0
        self.in_service = 0
        self.mask = 0
        self._read_in_service = False
        self._poll = False
        self._step = 0
        self._single = False
        self._wants_icw4 = False
        self._automatic_eoi = False
        self._special_mask = False
        self._lowest = 7

    def raise_line(self, line: int) -> None:
        """An edge on an input: the request stays until it is acknowledged."""
        self.requests |= 1 << line

    def lower_line(self, line: int) -> None:
        """The device takes its request back before it has been acknowledged."""
        self.requests &= ~(1 << line)

    def pending(self) -> int | None:
        """The line that would interrupt now, or None: the highest unmasked one above what is in service."""
        ready = self.requests & ~self.mask
        for step in range(1, 9):
            line = (self._lowest + step) & 7
            bit = 1 << line
            if self.in_service & bit and not self._special_mask:
                return None
            if ready & bit and not self.in_service & bit:
                return line
        return None

    def acknowledge(self, line: int) -> int:
        """The CPU takes the interrupt of a line: returns its vector."""
        bit = 1 << line
        self.requests &= ~bit
        if not self._automatic_eoi:
            self.in_service |= bit
        return (self.base & 0xF8) + line

    def end_of_interrupt(self) -> None:
        """A non-specific EOI: ends the service of the highest line in service."""
        for step in range(1, 9):
            bit = 1 << ((self._lowest + step) & 7)
            if self.in_service & bit:
                self.in_service &= ~bit
                return

    def read(self, port: int) -> int:
        """Port 0: IRR or ISR as OCW3 chose, or a poll; port 1: the mask."""
        if port == 1:
            return self.mask
        if self._poll:
            self._poll = False
            line = self.pending()
            if line is None:
                return 0
            self.acknowledge(line)
            return 0x80 | line
        return self.in_service if self._read_in_service else self.requests

    def write(self, port: int, value: int) -> None:
        """Initialisation and operation command words."""
        if port == 1:
            self._write_data(value)
        elif value & _ICW1:
            self.requests = self.in_service = self.mask = 0
            self._step = 2
            self._wants_icw4 = bool(value & 1)
            self._single = bool(value & 2)
            self._automatic_eoi = self._special_mask = self._read_in_service = False
            self._lowest = 7
        elif value & _OCW3:
            if value & 0x04:
                self._poll = True
            if value & 0x02:
                self._read_in_service = bool(value & 1)
            if value & 0x40:
                self._special_mask = bool(value & 0x20)
        else:
            self._write_ocw2(value)

    def _write_data(self, value: int) -> None:
        if self._step == 2:
            self.base = value
            self._step = 4 if self._single else 3
            if self._step == 4 and not self._wants_icw4:
                self._step = 0
        elif self._step == 3:
            self._step = 4 if self._wants_icw4 else 0
        elif self._step == 4:
            self._automatic_eoi = bool(value & 2)
            self._step = 0
        else:
            self.mask = value

    def _write_ocw2(self, value: int) -> None:
        line = value & 7
        command = value >> 5
        if command in (1, 5):
            before = self.in_service
            self.end_of_interrupt()
            if command == 5 and before != self.in_service:
                self._lowest = (before & ~self.in_service).bit_length() - 1
        elif command in (3, 7):
            self.in_service &= ~(1 << line)
            if command == 7:
                self._lowest = line
        elif command == 6:
            self._lowest = line


class Pics:
    """Master and slave, the slave on the master's line 2."""

    CASCADE: Final = 2

    def __init__(self) -> None:
        self.master = Pic(0x08)
        self.slave = Pic(0x70)

    def raise_irq(self, irq: int) -> None:
        """An edge on IRQ 0..15."""
        if irq < 8:
            self.master.raise_line(irq)
        else:
            self.slave.raise_line(irq - 8)
            self.master.raise_line(self.CASCADE)

    def pending(self) -> bool:
        """Whether the INTR line to the CPU is up."""
        return self.master.pending() is not None

    def acknowledge(self) -> int:
        """The vector of the interrupt that the CPU takes now (7 of the controller when it is spurious)."""
        line = self.master.pending()
        if line is None:
            return self.master.base + 7
        vector = self.master.acknowledge(line)
        if line != self.CASCADE:
            return vector
        line = self.slave.pending()
        if line is None:
            return self.slave.base + 7
        return self.slave.acknowledge(line)
