"""What to measure: the whole run or a sample of it, and whether a profile is wanted."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.timing.assumptions import DEFAULTS, Assumptions


@dataclass(frozen=True)
class Timing:
    """How a run goes through the cycle model.

    every: 1 models every instruction.  With N > 1 and `symbol`, a code symbol of the program's map, the run is
    divided at the arrivals at it (for a model: once a token); one interval in N goes through the model, the
    first among them.  The others run at full speed and are taken to cost the clocks per instruction of the
    interval modelled last, and what comes before the first two clocks an instruction.
    """

    every: int = 1
    symbol: str = ""
    assumptions: Assumptions = DEFAULTS


@dataclass(frozen=True)
class Profiling:
    """What goes into a profile.

    split: code symbols of the map whose calls are told apart by their number within the caller (a procedure
    that is called once a layer).  marks: code symbols at whose arrivals all totals are noted; each must be one
    of the run's probes.  begin: a code symbol at whose first arrival counting begins, "" for the whole run.
    """

    split: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    begin: str = ""
