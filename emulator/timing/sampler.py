"""Modelling one interval in N: switching the cycle model on and off, and how sure the sum is."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from statistics import mean, stdev
from typing import TYPE_CHECKING

from emulator.clock import NOMINAL_CLOCKS_PER_INSTRUCTION

if TYPE_CHECKING:
    from emulator.machine import Machine


@dataclass(frozen=True)
class Interval:
    """Something modelled between two arrivals: instructions and clocks."""

    instructions: int
    clocks: int


class Sampler:
    """Tells a machine, at every arrival, whether to model what follows."""

    def __init__(self, machine: Machine, every: int) -> None:
        self._machine = machine
        self._every = every
        self._arrivals = 0
        self._begun: tuple[int, int] | None = None
        self.intervals: list[Interval] = []

    def arrive(self) -> None:
        """Control arrived at the symbol that divides the run."""
        machine, model = self._machine, self._machine.model
        assert model is not None
        if machine.modelling and self._begun is not None:
            now = model.totals[0], model.now
            self.intervals.append(Interval(now[0] - self._begun[0], now[1] - self._begun[1]))
        wanted = self._arrivals % self._every == 0
        self._arrivals += 1
        self._begun = (model.totals[0], model.now) if wanted else None
        machine.want_model(wanted, self.rate())

    def rate(self) -> Fraction:
        """Clocks an instruction, of the interval modelled last."""
        if not self.intervals or not self.intervals[-1].instructions:
            return Fraction(NOMINAL_CLOCKS_PER_INSTRUCTION)
        last = self.intervals[-1]
        return Fraction(last.clocks, last.instructions)

    def error(self) -> float | None:
        """Standard error of the mean clocks per instruction, relative to it; None with fewer than two intervals."""
        rates = [one.clocks / one.instructions for one in self.intervals if one.instructions]
        if len(rates) < 2:
            return None
        return stdev(rates) / mean(rates) / len(rates) ** 0.5
