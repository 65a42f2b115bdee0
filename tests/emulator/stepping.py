"""Running a machine one instruction at a time, slowly, to compare counts with."""

from __future__ import annotations

import capstone

from emulator import Session, hooks
from emulator.isa import REP, split


def step(session: Session) -> None:
    """Run a session's machine one instruction at a time, counting each REP string instruction once."""
    machine = session.machine
    state = machine._state
    decoders = {
        bits: capstone.Cs(capstone.CS_ARCH_X86, mode)
        for bits, mode in ((16, capstone.CS_MODE_16), (32, capstone.CS_MODE_32))
    }
    in_rep = -1

    def add(count: int) -> None:
        state[hooks.STATE_COUNT // 8] += count

    while True:
        state[hooks.STATE_BYPASS // 8] = 1
        here = machine.cpu.linear_ip
        if here in machine.services:
            machine._serve(here)
            continue
        insn = next(decoders[machine.cpu.code_bits].disasm(machine.memory.read(here, 15), here))
        prefixes, rest = split(bytes(insn.bytes))
        rep = bool(REP & set(prefixes)) and 0xA4 <= rest[0] <= 0xAF
        error = machine.single_step()
        if machine._vector is not None or error is not None:
            if machine._vector == 1 or (machine._vector is not None and rest[0] in (0xCC, 0xCD, 0xCE)):
                add(1)
            elif rep and in_rep == here:
                add(-1)  # it did not complete
            in_rep = -1
            machine.forget_flow()
            machine._after(error)
            continue
        if rest[0] == 0xF4:
            add(1)
            state[hooks.STATE_PREV_FLAGS // 8] = hooks.FLAG_HLT
            machine._halt()
            machine._between_instructions()
            continue
        if not (rep and in_rep == here):
            add(1)
        in_rep = here if rep and machine.cpu.linear_ip == here else -1
