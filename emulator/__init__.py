"""An emulated 486 PC that runs DOS programs, on Unicorn."""

from emulator.errors import BadProgramError, EmulatorError, Stop
from emulator.machine import Machine
from emulator.profiles import PROFILES, CpuProfile
from emulator.run import RunResult, Session, run_program

__all__ = [
    "PROFILES",
    "BadProgramError",
    "CpuProfile",
    "EmulatorError",
    "Machine",
    "RunResult",
    "Session",
    "Stop",
    "run_program",
]
