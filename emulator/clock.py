"""Emulated time: CPU clocks from a counter that runs with the guest, and the time in which it does nothing.

With the cycle model the counter is the model's clock.  Without it every instruction is taken to last
NOMINAL_CLOCKS_PER_INSTRUCTION clocks.  Time depends on nothing but the guest, so runs repeat exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Final

#: Input clock of the PIT in Hz: 14.31818 MHz / 12 (IBM PC/AT Technical Reference).
PIT_HZ: Final = 1_193_182
#: What an instruction takes while the cycle model is off: what integer code on an i486 needs on average.
NOMINAL_CLOCKS_PER_INSTRUCTION: Final = 2


class Clock:
    """Emulated time of a CPU with a core clock of `hertz`.

    counter: reads the counter that time follows; it advances by one every `rate` clocks.
    """

    def __init__(self, hertz: int, counter: Callable[[], int], rate: Fraction | int) -> None:
        self.hertz: Final = hertz
        self._base = 0
        self._since = 0
        self._counter = counter
        self._rate = Fraction(rate)
        #: Clocks that passed without instructions: spent by the disk, and waiting for an interrupt.
        self.spent = 0
        self.idled = 0

    @property
    def count(self) -> int:
        """The counter that time follows."""
        return self._counter()

    @property
    def clocks(self) -> int:
        """CPU clocks since power-on."""
        return self._base + int((self._counter() - self._since) * self._rate)

    def follow(self, counter: Callable[[], int], rate: Fraction | int) -> None:
        """Let time run with another counter, or at another rate, from now on."""
        self._base = self.clocks
        self._counter = counter
        self._rate = Fraction(rate)
        self._since = counter()

    def spend(self, clocks: int) -> None:
        """Let clocks pass without instructions."""
        self._base += clocks
        self.spent += clocks

    def pit(self) -> int:
        """Time in PIT input clocks since power-on."""
        return self.clocks * PIT_HZ // self.hertz

    def microseconds(self) -> int:
        """Time in microseconds since power-on."""
        return self.clocks * 1_000_000 // self.hertz

    def count_at(self, pit: int) -> int:
        """The counter's smallest value at which pit() >= `pit`, if nothing else lets time pass before."""
        missing = -(-pit * self.hertz // PIT_HZ) - self._base
        return self._since + max(0, -(-missing // self._rate))

    def clocks_until(self, pit: int) -> int:
        """Clocks until pit() >= `pit`, at least 0."""
        return max(0, -(-pit * self.hertz // PIT_HZ) - self.clocks)

    def idle_until(self, pit: int) -> None:
        """Let time pass, without instructions, until pit() >= `pit`."""
        clocks = self.clocks_until(pit)
        self._base += clocks
        self.idled += clocks
