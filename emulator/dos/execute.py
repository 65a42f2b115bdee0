"""Programs that start programs: EXEC (4Bh), the ways to end (00h, 31h, 4Ch, INT 20h, 27h), return codes (4Dh).

As MS-DOS does it: EXEC leaves the caller's registers on the caller's stack, its address in the caller's PSP,
and the address to return to in vector 22h, which the child's PSP keeps.  When the child ends, all of it is
taken from there, so a program that changes them (a debugger, a DOS extender) changes what happens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emulator.bios.rom import SEGMENT
from emulator.cpu import CF
from emulator.dos import errors
from emulator.dos.errors import DosError
from emulator.dos.fcb import EMPTY as EMPTY_FCB
from emulator.dos.frame import Services
from emulator.dos.process import FCBS, LONGEST_TAIL, PARENT, STACK
from emulator.errors import BadProgramError, GuestExitError
from emulator.loader import parse_program

if TYPE_CHECKING:
    from emulator.dos.kernel import Dos, Handler
    from emulator.loader import Program

#: How a program ended, for AH=4Dh.
NORMAL: Final = 0
CTRL_C: Final = 1
RESIDENT: Final = 3
#: The least that stays of a resident program, in paragraphs.
_LEAST_RESIDENT: Final = 6
#: Registers that DOS keeps on the caller's stack below the interrupt's frame, from the lowest address.
_SAVED: Final = ("ax", "bx", "cx", "dx", "si", "di", "bp", "ds", "es")
#: Where in ROM an IRET stands: the end of INT 21h's stub.
_IRET: Final = 0x21 * 16 + 1
#: Vector 22h, where a child returns to.
_TERMINATE: Final = 0x22 * 4
_LOAD_AND_RUN: Final = 0
_LOAD: Final = 1
_OVERLAY: Final = 3


class Execute(Services):
    """Starting and ending programs."""

    def __init__(self, dos: Dos) -> None:
        super().__init__(dos)
        self._result = 0
        self.functions: dict[int, Handler] = {
            0x00: self.terminate,
            0x31: self._keep,
            0x4B: self._execute,
            0x4C: self._exit,
            0x4D: self._get_return_code,
        }

    # -- the end of a program ----------------------------------------------------------------------

    def end(self, code: int, kind: int = NORMAL, keep: int | None = None) -> None:
        """The running program ends: its parent goes on, or the run ends with the first one.

        keep: how many paragraphs of it stay resident; otherwise its files are closed and its memory is freed.
        """
        process, memory, cpu = self.dos.process, self.memory, self.cpu
        psp = process.psp
        parent = memory.u16(psp * 16 + PARENT)
        if parent == psp:
            raise GuestExitError(code)
        if keep is None:
            self.dos.files.handles.close_program()
            self.dos.arena.free_all(psp)
        else:
            self.dos.arena.resize(psp, max(keep, _LEAST_RESIDENT))
        home = memory.u32(psp * 16 + 0x0A)
        process.restore_vectors()
        process.psp = parent
        self._result = kind << 8 | code & 0xFF
        stack = memory.u32(parent * 16 + STACK)
        cpu.ss, cpu.esp = stack >> 16, stack & 0xFFFF
        for register in _SAVED:
            setattr(cpu, register, self._pop())
        frame = cpu.ss * 16 + cpu.sp
        memory.set_u32(frame, home)
        memory.set_u16(frame + 4, memory.u16(frame + 4) & ~CF)
        cpu.cs, cpu.eip = SEGMENT, _IRET

    def _pop(self) -> int:
        value = self.memory.u16(self.cpu.ss * 16 + self.cpu.sp)
        self.cpu.sp = self.cpu.sp + 2
        return value

    def _push(self, value: int) -> None:
        self.cpu.sp = self.cpu.sp - 2
        self.memory.set_u16(self.cpu.ss * 16 + self.cpu.sp, value)

    def terminate(self) -> None:
        """AH=00h, INT 20h."""
        self.end(0)

    def _exit(self) -> None:
        self.end(self.cpu.al)

    def _keep(self) -> None:
        """AH=31h: stay resident with DX paragraphs."""
        self.end(self.cpu.al, RESIDENT, self.cpu.dx)

    def keep_bytes(self) -> None:
        """INT 27h: stay resident with DX bytes."""
        self.end(0, RESIDENT, -(-self.cpu.dx // 16))

    def _get_return_code(self) -> None:
        """AH=4Dh: how the last child ended; asked once more, 0."""
        self.cpu.ax, self._result = self._result, 0

    # -- EXEC --------------------------------------------------------------------------------------

    def _execute(self) -> None:
        """AH=4Bh: load and run a program (AL=0), only load it (1), load an overlay (3)."""
        function = self.cpu.al
        if function not in (_LOAD_AND_RUN, _LOAD, _OVERLAY):
            raise DosError(errors.INVALID_FUNCTION)
        path = self.dos.files.path_at(self.ds_dx)
        block = self.cpu.es * 16 + self.cpu.bx
        try:
            program = parse_program(self.dos.files.contents(path), path, com=True)
        except BadProgramError as error:
            raise DosError(errors.BAD_FORMAT) from error
        if function == _OVERLAY:
            self.memory.write(self.memory.u16(block) * 16, program.image(self.memory.u16(block + 2)))
            self._succeed()
            return
        environment = self.dos.process.environment(self.memory.u16(block))
        tail = self._tail(self.memory.u32(block + 2))
        fcbs = [self._fcb(self.memory.u32(block + at)) for at in (6, 10)]
        self._start(program, self.dos.folder.canonical(path), tail, environment, fcbs)

    def _succeed(self) -> None:
        self.bios.rom.set_caller_flag(CF, False)

    def _tail(self, pointer: int) -> bytes:
        """The command tail that a far pointer leads to: a count, then the bytes."""
        at = (pointer >> 16) * 16 + (pointer & 0xFFFF)
        return self.memory.read(at + 1, min(self.memory.u8(at), LONGEST_TAIL))

    def _fcb(self, pointer: int) -> bytes:
        """The first 16 bytes of the FCB that a far pointer leads to; an empty one for FFFF:FFFF."""
        if pointer & 0xFFFF == 0xFFFF:
            return EMPTY_FCB
        return self.memory.read((pointer >> 16) * 16 + (pointer & 0xFFFF), len(EMPTY_FCB))

    def _start(self, program: Program, path: str, tail: bytes, environment: bytes, fcbs: list[bytes]) -> None:
        """Load a child and run it, or with AL=1 return its first SS:SP and CS:IP in the parameter block."""
        cpu, memory, process = self.cpu, self.memory, self.dos.process
        load_only, block = cpu.al == _LOAD, cpu.es * 16 + cpu.bx
        parent = process.psp
        before = memory.u32(_TERMINATE)
        memory.set_u32(_TERMINATE, memory.u32(cpu.ss * 16 + cpu.sp))
        try:
            registers = process.place(program, path, tail, environment, parent)
        except DosError:
            memory.set_u32(_TERMINATE, before)
            raise
        for at, fcb in zip(FCBS, fcbs, strict=True):
            memory.write(process.psp * 16 + at, fcb)
        top = cpu.sp
        for register in reversed(_SAVED):
            self._push(getattr(cpu, register))
        memory.set_u32(parent * 16 + STACK, cpu.ss << 16 | cpu.sp)
        if load_only:
            cpu.sp = top
            sp = registers.sp - 2 & 0xFFFF
            memory.set_u16(registers.ss * 16 + sp, 0)
            memory.set_u32(block + 0x0E, registers.ss << 16 | sp)
            memory.set_u32(block + 0x12, registers.cs << 16 | registers.ip)
            self._succeed()
        else:
            process.enter(registers)
