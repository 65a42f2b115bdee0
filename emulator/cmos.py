"""The real-time clock and its CMOS memory, an MC146818 (ports 70h and 71h)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime


def bcd(value: int) -> int:
    """Two decimal digits in one byte."""
    return value // 10 << 4 | value % 10


def from_bcd(value: int) -> int:
    """The number that bcd() wrote (invalid digits count as they stand)."""
    return (value >> 4) * 10 + (value & 15)


class Cmos:
    """64 bytes of CMOS memory whose clock registers follow `now`.

    Registers 15h/16h: KB of base memory; 17h/18h and 30h/31h: KB of extended memory, at most FFFFh.
    """

    def __init__(self, megabytes: int, now: Callable[[], datetime]) -> None:
        self._now = now
        self._index = 0
        self._data = bytearray(64)
        extended = min((megabytes - 1) * 1024, 0xFFFF)
        self._data[0x0A] = 0x26
        self._data[0x0B] = 0x02
        self._data[0x0D] = 0x80
        self._data[0x15:0x19] = (640).to_bytes(2, "little") + extended.to_bytes(2, "little")
        self._data[0x30:0x32] = extended.to_bytes(2, "little")

    def select(self, value: int) -> None:
        """Port 70h: the register (bit 7 masks NMI and is ignored)."""
        self._index = value & 0x3F

    def read(self) -> int:
        """Port 71h."""
        now = self._now()
        clock = {
            0x00: now.second,
            0x02: now.minute,
            0x04: now.hour,
            0x06: now.isoweekday() % 7 + 1,
            0x07: now.day,
            0x08: now.month,
            0x09: now.year % 100,
            0x32: now.year // 100,
        }
        if self._index in clock:
            return bcd(clock[self._index])
        return self._data[self._index]

    def write(self, value: int) -> None:
        """Port 71h: memory registers keep what is written; the clock cannot be set here."""
        self._data[self._index] = value
