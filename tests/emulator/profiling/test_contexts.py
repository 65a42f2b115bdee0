"""Calling contexts while interrupts come: none is lost, whichever instruction an interrupt follows."""

from __future__ import annotations

from pathlib import Path

from emulator.profiling.attribute import Attribution
from emulator.profiling.storage import Recording
from emulator.run import Session
from emulator.timing.options import Profiling
from tests.emulator.guests import EXIT, assemble, mz

#: Calls and returns only, with the timer at its fastest: interrupts fall between CALL and callee, RET and caller.
BUSY = """
mov al, 0x36
out 0x43, al
mov al, 40
out 0x40, al
mov al, 0
out 0x40, al
mov si, 6000
again: call outer
dec si
jnz again
"""
PROCEDURES = "outer: call inner\ncall inner\nret\ninner: ret\n"


def test_interrupts_between_a_return_and_its_caller(tmp_path: Path) -> None:
    (tmp_path / "T.EXE").write_bytes(mz(assemble(BUSY + EXIT + PROCEDURES)))
    session = Session(
        tmp_path / "T.EXE", folder=tmp_path, console=lambda text: None, profiling=Profiling(), time_limit=60.0
    )
    result = session.run()
    assert result.stop is None
    assert result.profile is not None
    contexts = result.profile.contexts
    attribution = Attribution(Recording(result.profile))
    ticks = [context for context in contexts if context.call_site == 0 and context.parent >= 0]
    hit = {attribution.owners[context.parent].name for context in ticks}
    assert len(hit) >= 3  # in the main program, in outer and in inner
    sites = [(context.call_site, context.entry, context.calls) for context in contexts if context.call_site]
    outer = [calls for _, entry, calls in sites if calls == 6000]
    assert outer == [6000, 6000, 6000], sites
    assert len(sites) == 3
