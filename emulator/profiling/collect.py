"""Making a Profile from what the cycle model counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.profiling.schema import Context, Mark, Place, Profile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.clock import Clock
    from emulator.timing.model import CycleModel


def collect(
    model: CycleModel, program: str, image_base: int | None, marks: Sequence[Mark], executed: int, clock: Clock
) -> Profile:
    """The profile of a run.

    image_base: where the program's image lies (None: unknown); executed: instructions of the whole run,
    modelled or not; clock: the time of the run.
    """
    places = [
        Place(address, size, text, tuple(int(count) for count in counts))
        for (address, size, text), counts in sorted(model.places().items(), key=lambda item: item[0][:2])
    ]
    contexts = [
        Context(
            int(node["parent"]),
            int(node["site"]),
            int(node["entry"]),
            int(node["ordinal"]),
            int(node["calls"]),
            tuple(int(count) for count in node["counts"]),
        )
        for node in model.contexts()
    ]
    totals = model.totals
    return Profile(
        program=program,
        cpu=model.profile.as_data(),
        clock_hz=model.profile.clock_hz,
        image_base=image_base,
        totals=totals,
        places=places,
        contexts=contexts,
        marks=list(marks),
        sampled=min(1.0, totals[0] / executed) if executed else 1.0,
        disk=clock.spent,
        idle=clock.idled,
    )
