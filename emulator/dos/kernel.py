"""The DOS kernel: installs the vectors and sends each INT 21h function to its group of services."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from emulator.cpu import CF, ZF
from emulator.dos.console import Console
from emulator.dos.errors import INVALID_FUNCTION, DosError, from_host
from emulator.dos.execute import CTRL_C, Execute
from emulator.dos.fcb import Fcb
from emulator.dos.files import Files
from emulator.dos.folder import Folder
from emulator.dos.memory import Arena
from emulator.dos.process import Process
from emulator.dos.system import System

if TYPE_CHECKING:
    from emulator.bios import Bios
    from emulator.machine import Machine

#: MS-DOS 6.22.
VERSION: Final = (6, 22)
#: The highest AH that DOS knows.
_LAST_FUNCTION: Final = 0x6C
#: DOS data that guests may ask for, in the low memory below the arena.
LIST_OF_LISTS: Final = 0x0080
INDOS: Final = 0x0700

Handler = Callable[[], None]


class Dos:
    """DOS on a machine with a BIOS; files live in `folder` on the host."""

    def __init__(self, machine: Machine, bios: Bios, folder: Path) -> None:
        self.machine = machine
        self.bios = bios
        memory = machine.memory
        memory.write(0x500, bytes(0x10000 - 0x500))
        self.arena = Arena(memory)
        self.folder = Folder(folder)
        self.break_check = False
        self.last_error = 0
        self.system = System(self)
        self.console = Console(self)
        self.files = Files(self)
        self.fcb = Fcb(self)
        self.process = Process(self)
        self.execute = Execute(self)
        memory.set_u16(LIST_OF_LISTS * 16 + 0x26 - 2, 0x1000)
        self.functions: dict[int, Handler] = {
            **self.console.functions,
            **self.files.functions,
            **self.fcb.functions,
            **self.process.functions,
            **self.execute.functions,
            **self.system.functions,
        }
        #: The functions that report through the carry flag.
        self.with_carry = self.files.with_carry | self.process.with_carry | self.system.with_carry
        self._install()

    def _install(self) -> None:
        rom = self.bios.rom
        rom.service(0x20, self.execute.terminate)
        rom.service(0x21, self._service)
        rom.service(0x22, self.execute.terminate)
        rom.service(0x23, self._abort)
        rom.service(0x24, self._critical_error)
        rom.service(0x27, self.execute.keep_bytes)
        rom.service(0x29, self.console.fast_output)
        rom.service(0x2F, self.system.multiplex)
        rom.service(0x00, self._divide_error)
        rom.service(0x1B, self.console.control_break)
        self._after_break = rom.entry(self.console.after_break, tail=b"\xcf")

    def _service(self) -> None:
        """INT 21h."""
        function = self.machine.cpu.ah
        handler = self.functions.get(function)
        rom = self.bios.rom
        if handler is None:
            # Beyond the last function DOS only clears AL: who tries long names sets CF first and sees AX=7100h.
            self.machine.cpu.al = 0
            if 0x38 <= function <= _LAST_FUNCTION:
                self.machine.cpu.ax = INVALID_FUNCTION
                rom.set_caller_flag(CF, True)
            return
        try:
            handler()
        except (DosError, OSError) as error:
            reported = from_host(error) if isinstance(error, OSError) else error
            self.last_error = reported.code
            self.machine.cpu.ax = reported.code
            rom.set_caller_flag(CF, True)
            return
        if function in self.with_carry:
            rom.set_caller_flag(CF, False)

    def set_zero(self, on: bool) -> None:
        """The caller's zero flag."""
        self.bios.rom.set_caller_flag(ZF, on)

    def raise_break(self) -> None:
        """Ctrl-C was seen: raise INT 23h; after_break() looks at how it returned."""
        cpu = self.machine.cpu
        self.console.break_frame = cpu.sp
        cpu.cs, cpu.eip = self._after_break
        self.bios.rom.call_vector(0x23)

    def _abort(self) -> None:
        """The default INT 23h: DOS ends the program."""
        self.execute.end(0, CTRL_C)

    def _critical_error(self) -> None:
        """The default INT 24h: fail the call."""
        self.machine.cpu.al = 3

    def _divide_error(self) -> None:
        self.console.write(b"\r\nDivide overflow\r\n")
        self.execute.end(255)
