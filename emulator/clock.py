"""Emulated time: CPU clocks from the instruction count and the time spent halted.

Until a cycle model says what each instruction costs, every instruction is taken to last
NOMINAL_CLOCKS_PER_INSTRUCTION clocks.  Time depends on nothing but the guest, so runs repeat exactly.
"""

from __future__ import annotations

from typing import Final

#: Input clock of the PIT in Hz: 14.31818 MHz / 12 (IBM PC/AT Technical Reference).
PIT_HZ: Final = 1_193_182
#: A stand-in for the cycle model: what integer code on an i486 needs on average, caches included.
NOMINAL_CLOCKS_PER_INSTRUCTION: Final = 2


class Clock:
    """Emulated time of a CPU with a core clock of `hertz`; counts are executed instructions."""

    def __init__(self, hertz: int) -> None:
        self.hertz: Final = hertz
        self._idle_clocks = 0

    def clocks(self, count: int) -> int:
        """CPU clocks since power-on, given the instruction count."""
        return count * NOMINAL_CLOCKS_PER_INSTRUCTION + self._idle_clocks

    def pit(self, count: int) -> int:
        """Time in PIT input clocks since power-on."""
        return self.clocks(count) * PIT_HZ // self.hertz

    def microseconds(self, count: int) -> int:
        """Time in microseconds since power-on."""
        return self.clocks(count) * 1_000_000 // self.hertz

    def count_at(self, pit: int) -> int:
        """The smallest instruction count at which pit(count) >= pit, if the CPU does not halt before."""
        clocks = -(-pit * self.hertz // PIT_HZ) - self._idle_clocks
        return max(0, -(-clocks // NOMINAL_CLOCKS_PER_INSTRUCTION))

    def idle_until(self, count: int, pit: int) -> None:
        """Let time pass, without instructions, until pit(count) >= pit."""
        missing = -(-pit * self.hertz // PIT_HZ) - self.clocks(count)
        if missing > 0:
            self._idle_clocks += missing
