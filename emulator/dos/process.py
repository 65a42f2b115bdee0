"""Programs and their memory: PSP and environment, AH=48h..4Dh, 50h, 51h, 62h, the end of a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emulator.dos import errors
from emulator.dos.errors import DosError
from emulator.dos.frame import Services
from emulator.errors import GuestExitError, GuestStopError

if TYPE_CHECKING:
    from emulator.dos.kernel import Dos, Handler
    from emulator.loader import Program

PSP_PARAGRAPHS: Final = 16
#: The longest command tail: the PSP has 128 bytes, less the count and the closing CR.
LONGEST_TAIL: Final = 126


class Process(Services):
    """The running program."""

    def __init__(self, dos: Dos) -> None:
        super().__init__(dos)
        self.psp = 0
        self.return_code = 0
        #: Linear address at which the load module of the program lies.
        self.load_address = 0
        self.functions: dict[int, Handler] = {
            0x00: self._terminate,
            0x26: self._create_psp,
            0x31: self._keep,
            0x48: self._allocate,
            0x49: self._free,
            0x4A: self._resize,
            0x4B: self._execute,
            0x4C: self._exit,
            0x4D: self._get_return_code,
            0x50: self._set_psp,
            0x51: self._get_psp,
            0x55: self._create_psp,
            0x58: self._strategy,
            0x62: self._get_psp,
        }
        self.with_carry = frozenset((0x48, 0x49, 0x4A, 0x4B, 0x58))

    # -- loading -----------------------------------------------------------------------------------

    def load(self, program: Program, path: str, tail: bytes) -> None:
        """Put a program into memory and set the registers for its first instruction.

        path: its DOS path, for the environment; tail: the command tail, at most LONGEST_TAIL bytes.
        DosError when memory is too small.
        """
        arena, cpu, memory = self.dos.arena, self.cpu, self.memory
        name = path.rpartition("\\")[2].partition(".")[0].encode("cp437", "replace")
        environment = b"COMSPEC=C:\\COMMAND.COM\0PATH=C:\\\0PROMPT=$P$G\0\0\x01\0" + path.encode("cp437") + b"\0"
        environment_segment = arena.allocate(-(-len(environment) // 16), 8, name)
        memory.write(environment_segment * 16, environment)
        least = PSP_PARAGRAPHS + program.paragraphs + program.least_extra
        largest = arena.largest()
        if largest < least:
            raise DosError(errors.NO_MEMORY)
        size = min(largest, PSP_PARAGRAPHS + program.paragraphs + max(program.most_extra, program.least_extra))
        psp = arena.allocate(size, 8, name)
        arena.set_owner(environment_segment, psp)
        arena.set_owner(psp, psp)
        self.psp = psp
        self._build_psp(psp, psp + size, environment_segment)
        memory.write(psp * 16 + 0x80, bytes((len(tail),)) + tail + b"\r")
        load_segment = psp + PSP_PARAGRAPHS
        if program.high:
            load_segment = psp + size - program.paragraphs
        self.load_address = load_segment * 16
        memory.write(self.load_address, program.image(load_segment))
        self.dos.system.set_dta(psp, 0x80)
        cpu.ds = cpu.es = psp
        cpu.ax = cpu.bx = 0
        cpu.ecx, cpu.edx, cpu.esi, cpu.edi, cpu.ebp = 0xFF, psp, 0, 0, 0
        if program.is_com:
            cpu.cs = cpu.ss = psp
            cpu.eip = 0x100
            top = min(0xFFFE, size * 16 - 2)
            memory.set_u16(psp * 16 + top, 0)
            cpu.esp = top
        else:
            cpu.ss = load_segment + program.ss & 0xFFFF
            cpu.esp = program.sp
            cpu.cs = load_segment + program.cs & 0xFFFF
            cpu.eip = program.ip
        cpu.eflags = 0x202

    def _build_psp(self, psp: int, end: int, environment: int) -> None:
        memory = self.memory
        at = psp * 16
        memory.write(at, bytes(256))
        memory.write(at, b"\xcd\x20" + end.to_bytes(2, "little") + b"\0\x9a\xf0\xfe\x1d\xf0")
        for index, vector in enumerate((0x22, 0x23, 0x24)):
            memory.write(at + 0x0A + 4 * index, memory.read(vector * 4, 4))
        memory.set_u16(at + 0x16, psp)
        memory.write(at + 0x18, bytes((1, 1, 1, 0, 2)) + b"\xff" * 15)
        memory.set_u16(at + 0x2C, environment)
        memory.set_u16(at + 0x32, 20)
        memory.set_u32(at + 0x34, psp << 16 | 0x18)
        memory.set_u32(at + 0x38, 0xFFFFFFFF)
        memory.set_u16(at + 0x40, 0x1606)
        memory.write(at + 0x50, b"\xcd\x21\xcb")
        memory.write(at + 0x5C, b"\0" + b" " * 11 + bytes(4) + b"\0" + b" " * 11)

    # -- functions ---------------------------------------------------------------------------------

    def exit(self, code: int) -> None:
        """The program ends: close its files, and end the run."""
        self.dos.files.close_all()
        raise GuestExitError(code)

    def _terminate(self) -> None:
        self.exit(0)

    def _exit(self) -> None:
        self.exit(self.cpu.al)

    def _keep(self) -> None:
        """AH=31h: the program would stay resident; nothing runs after it, so this is its end."""
        self.exit(self.cpu.al)

    def _allocate(self) -> None:
        try:
            self.cpu.ax = self.dos.arena.allocate(self.cpu.bx, self.psp)
        except DosError as error:
            if error.code == errors.NO_MEMORY:
                self.cpu.bx = self.dos.arena.largest()
            raise

    def _free(self) -> None:
        self.dos.arena.free(self.cpu.es)

    def _resize(self) -> None:
        got = self.dos.arena.resize(self.cpu.es, self.cpu.bx)
        if got < self.cpu.bx:
            self.cpu.bx = got
            raise DosError(errors.NO_MEMORY)

    def _execute(self) -> None:
        raise GuestStopError("unsupported", "the program starts another program (INT 21h AH=4Bh)")

    def _get_return_code(self) -> None:
        self.cpu.ax = 0

    def _set_psp(self) -> None:
        self.psp = self.cpu.bx

    def _get_psp(self) -> None:
        self.cpu.bx = self.psp

    def _create_psp(self) -> None:
        """AH=26h, 55h: copy the PSP to segment DX."""
        self.memory.write(self.cpu.dx * 16, self.memory.read(self.psp * 16, 256))

    def _strategy(self) -> None:
        cpu = self.cpu
        cpu.ax = self.dos.arena.set_strategy(cpu.al, cpu.bx)
