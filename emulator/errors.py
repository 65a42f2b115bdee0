"""What can go wrong: errors for the caller, and the signals that end a guest's run."""

from __future__ import annotations

from dataclasses import dataclass


class EmulatorError(Exception):
    """Something the user has to mend before a program can run; the text says what and how."""


class BadProgramError(EmulatorError):
    """The file is no DOS program that can be loaded."""


@dataclass(frozen=True)
class Stop:
    """Why the emulator ended a run that the guest did not end itself.

    reason: one of the REASONS; message: one line for a person; address: linear address of the
    instruction, or None where none is meant; where: "procedure, FILE.BAS:123" from the map, or "".
    """

    reason: str
    message: str
    address: int | None = None
    where: str = ""


#: Every value of Stop.reason with its meaning.
REASONS = {
    "memory": "an access beyond the memory of the machine",
    "instruction": "an instruction that an i486 does not have",
    "fpu": "an x87 instruction on a 486SX",
    "exception": "an exception that the guest does not handle",
    "halted": "HLT with interrupts disabled: nothing can wake the machine",
    "input": "the guest waits for a key and no more will come",
    "instruction-limit": "the instruction budget is spent",
    "time-limit": "the host-time budget is spent",
    "interrupted": "the user pressed Ctrl-C",
    "unsupported": "something of the PC that this emulator does not have",
}


class GuestStopError(Exception):
    """Ends the run with a Stop; raised by devices and services, caught by the machine's loop."""

    def __init__(self, reason: str, message: str, address: int | None = None) -> None:
        assert reason in REASONS, reason
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.address = address


class GuestExitError(Exception):
    """The guest's program ended by itself; code is its exit code 0..255."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exit code {code}")
        self.code = code & 0xFF


class SinkError(Exception):
    """The caller's console function failed; its own exception is the cause."""
