"""The ROM at F000:0000: one stub for each interrupt vector, and entry points to call.

The stub of vector n lies at F000:n*16::

    +0  90        NOP: the trap; the machine runs the service, then goes on at +1
    +1  ...       what the stub does itself, by default CF (IRET)
    +9  FB F4     STI, HLT: where a service goes that has to wait for an interrupt,
    +B  EB F3     and back to +0 to ask again

Traps lie at multiples of 4, so that the native hook finds them without a table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from emulator.machine import nothing
from emulator.memory import ROM

if TYPE_CHECKING:
    from emulator.machine import Machine

SEGMENT: Final = 0xF000
IRET: Final = b"\xcf"
RETF: Final = b"\xcb"
_STUB: Final = 16
_WAIT: Final = 9
_ENTRIES: Final = 0x1800
_TABLES: Final = 0xE000


class Rom:
    """Builds the ROM and holds what its services share: flags of the caller, waiting, nested interrupts."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        #: Called whenever a service waits for a key.
        self.on_wait: Callable[[], None] = lambda: None
        self._next_entry = _ENTRIES
        self._next_table = _TABLES
        for vector in range(256):
            self.service(vector, nothing)
        write = machine.memory.write_rom
        write(ROM + 0xFFF0, b"\xf4\xeb\xfd")  # the reset vector: HLT for ever
        write(ROM + 0xFFF5, b"05/31/94\x00\xfc\x00")  # BIOS date; model FC: an AT

    def _stub(self, vector: int, tail: bytes) -> None:
        at = ROM + vector * _STUB
        self.machine.memory.write_rom(at, b"\x90" + tail.ljust(_WAIT - 1, b"\x90") + b"\xfb\xf4\xeb\xf3")

    def service(self, vector: int, service: Callable[[], None], tail: bytes = IRET) -> None:
        """Put a service behind a vector; `tail` is the code after the trap."""
        self._stub(vector, tail)
        self.machine.services[ROM + vector * _STUB] = service

    def second_trap(self, vector: int, offset: int, service: Callable[[], None]) -> None:
        """A further trap inside a vector's stub (offset a multiple of 4)."""
        self.machine.services[ROM + vector * _STUB + offset] = service

    def entry(self, service: Callable[[], None], tail: bytes = RETF, prologue: bytes = b"") -> tuple[int, int]:
        """A routine to call or jump to: (segment, offset).  With a prologue, the address is the prologue's."""
        offset = self._next_entry
        start = offset
        code = b""
        if prologue:
            start = offset + 1  # off the traps' grid
            code = prologue
        trap = -(-(start + len(code)) // 4) * 4 if prologue else offset
        code = code.ljust(trap - start, b"\x90") + b"\x90" + tail
        self.machine.memory.write_rom(ROM + start, code)
        self.machine.services[ROM + trap] = service
        self._next_entry = -(-(start + len(code)) // 16) * 16
        return SEGMENT, start

    def table(self, data: bytes) -> tuple[int, int]:
        """Constant data in ROM: (segment, offset)."""
        offset = self._next_table
        self.machine.memory.write_rom(ROM + offset, data)
        self._next_table = -(-(offset + len(data)) // 16) * 16
        return SEGMENT, offset

    def set_vector(self, vector: int, segment: int = SEGMENT, offset: int | None = None) -> None:
        """Point an entry of the real-mode vector table at the vector's stub, or elsewhere."""
        value = segment << 16 | (vector * _STUB if offset is None else offset)
        self.machine.memory.set_u32(vector * 4, value)

    def set_caller_flag(self, mask: int, on: bool) -> None:
        """Set or clear flags in the FLAGS image that the stub's IRET will load."""
        cpu, memory = self.machine.cpu, self.machine.memory
        at = cpu.base(2) + (cpu.sp + 4 & 0xFFFF)
        flags = memory.u16(at)
        memory.set_u16(at, flags | mask if on else flags & ~mask)

    def wait(self, vector: int) -> None:
        """Let the guest halt until an interrupt, then enter the vector's service again: a key is awaited."""
        self.on_wait()
        self.machine.cpu.eip = vector * _STUB + _WAIT

    def again(self, vector: int) -> None:
        """Enter the vector's service again at once."""
        self.machine.cpu.eip = vector * _STUB

    def call_vector(self, vector: int) -> None:
        """Raise a software interrupt through the guest's vector table, to return where EIP points now."""
        self.machine.interrupts.deliver(vector)
