"""Programs and their memory: loading, PSP and environment, AH=48h..4Ah, 50h, 51h, 58h, 62h."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from emulator.dos import errors
from emulator.dos.errors import DosError
from emulator.dos.frame import Services
from emulator.memory import KB

if TYPE_CHECKING:
    from emulator.dos.kernel import Dos, Handler
    from emulator.loader import Program

PSP_PARAGRAPHS: Final = 16
#: The longest command tail: the PSP has 128 bytes, less the count and the closing CR.
LONGEST_TAIL: Final = 126
#: What the first program finds in its environment.
ENVIRONMENT: Final = b"COMSPEC=C:\\COMMAND.COM\0PATH=C:\\\0PROMPT=$P$G\0\0"
_LONGEST_ENVIRONMENT: Final = 32 * KB
#: Places in the PSP.
PARENT: Final = 0x16
STACK: Final = 0x2E
_VECTORS: Final = 0x0A
FCBS: Final = (0x5C, 0x6C)
_ENVIRONMENT: Final = 0x2C
_TAIL: Final = 0x80


@dataclass(frozen=True)
class Registers:
    """The first CS:IP and SS:SP of a program that has been loaded."""

    cs: int
    ip: int
    ss: int
    sp: int


class Process(Services):
    """The running program."""

    def __init__(self, dos: Dos) -> None:
        super().__init__(dos)
        self.psp = 0
        #: Linear address at which the load module of the first program lies.
        self.load_address = 0
        self.functions: dict[int, Handler] = {
            0x26: self._copy_psp,
            0x48: self._allocate,
            0x49: self._free,
            0x4A: self._resize,
            0x50: self._set_psp,
            0x51: self._get_psp,
            0x55: self._create_child_psp,
            0x58: self._strategy,
            0x62: self._get_psp,
        }
        self.with_carry = frozenset((0x48, 0x49, 0x4A, 0x58))

    # -- loading -----------------------------------------------------------------------------------

    def load(self, program: Program, path: str, tail: bytes) -> None:
        """Put the first program into memory and set the registers for its first instruction.

        path: its DOS path, for the environment; tail: the command tail, at most LONGEST_TAIL bytes.
        DosError when memory is too small.
        """
        registers = self.place(program, path, tail, ENVIRONMENT, None)
        self.load_address = (self.psp + PSP_PARAGRAPHS) * 16
        if program.high:
            self.load_address = (self.memory.u16(self.psp * 16 + 2) - program.paragraphs) * 16
        self.memory.set_u16(self.psp * 16 + PARENT, self.psp)
        self.enter(registers)

    def place(self, program: Program, path: str, tail: bytes, environment: bytes, parent: int | None) -> Registers:
        """Build a program in memory and make it the running one; its first registers.

        environment: strings, each with its zero, and one more zero; parent: the PSP whose handles it inherits.
        DosError when memory is too small; nothing has been allocated then.
        """
        arena, memory = self.dos.arena, self.memory
        name = path.rpartition("\\")[2].partition(".")[0].encode("cp437", "replace")
        strings = environment + b"\1\0" + path.encode("cp437") + b"\0"
        block = arena.allocate(-(-len(strings) // 16), 8, name)
        memory.write(block * 16, strings)
        least = PSP_PARAGRAPHS + program.paragraphs + program.least_extra
        largest = arena.largest()
        if largest < least:
            arena.free(block)
            raise DosError(errors.NO_MEMORY)
        size = min(largest, PSP_PARAGRAPHS + program.paragraphs + max(program.most_extra, program.least_extra))
        psp = arena.allocate(size, 8, name)
        arena.set_owner(block, psp)
        arena.set_owner(psp, psp)
        self._build_psp(psp, psp + size, parent)
        memory.set_u16(psp * 16 + _ENVIRONMENT, block)
        memory.write(psp * 16 + _TAIL, bytes((len(tail),)) + tail + b"\r")
        for at, fcb in zip(FCBS, self.dos.fcb.from_tail(tail), strict=True):
            memory.write(psp * 16 + at, fcb)
        load_segment = psp + PSP_PARAGRAPHS
        if program.high:
            load_segment = psp + size - program.paragraphs
        memory.write(load_segment * 16, program.image(load_segment))
        self.psp = psp
        self.dos.system.set_dta(psp, _TAIL)
        if program.is_com:
            top = min(0xFFFE, size * 16 - 2)
            memory.set_u16(psp * 16 + top, 0)
            return Registers(psp, 0x100, psp, top)
        return Registers(load_segment + program.cs & 0xFFFF, program.ip, load_segment + program.ss & 0xFFFF, program.sp)

    def enter(self, registers: Registers) -> None:
        """Set the CPU's registers for the first instruction of the program just placed."""
        cpu, psp = self.cpu, self.psp
        cpu.ds = cpu.es = psp
        cpu.ax = cpu.bx = 0
        cpu.cx, cpu.dx, cpu.si, cpu.di, cpu.bp = 0xFF, psp, 0, 0, 0
        cpu.cs, cpu.eip = registers.cs, registers.ip
        cpu.ss, cpu.esp = registers.ss, registers.sp
        cpu.eflags = 0x202

    def environment(self, segment: int) -> bytes:
        """The environment at a segment (0: the running program's) up to its closing zero."""
        segment = segment or self.memory.u16(self.psp * 16 + _ENVIRONMENT)
        if not segment:
            return b"\0\0"
        text = self.memory.read(segment * 16, _LONGEST_ENVIRONMENT)
        if text[:1] == b"\0":
            return b"\0\0"
        head, end, _ = text.partition(b"\0\0")
        if not end:
            raise DosError(errors.BAD_ENVIRONMENT)
        return head + end

    def _build_psp(self, psp: int, end: int, parent: int | None) -> None:
        """A new PSP for memory up to segment `end`; parent as for place()."""
        memory = self.memory
        at = psp * 16
        memory.write(at, bytes(256))
        memory.write(at, b"\xcd\x20" + end.to_bytes(2, "little") + b"\0\x9a\xf0\xfe\x1d\xf0")
        memory.write(at + _VECTORS, memory.read(0x22 * 4, 12))
        memory.set_u16(at + PARENT, psp if parent is None else parent)
        self.dos.files.handles.create(psp, parent)
        memory.set_u32(at + 0x38, 0xFFFFFFFF)
        memory.set_u16(at + 0x40, 0x1606)
        memory.write(at + 0x50, b"\xcd\x21\xcb")

    def restore_vectors(self) -> None:
        """Put back INT 22h, 23h and 24h as they were when the running program was started."""
        self.memory.write(0x22 * 4, self.memory.read(self.psp * 16 + _VECTORS, 12))

    # -- functions ---------------------------------------------------------------------------------

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

    def _set_psp(self) -> None:
        self.psp = self.cpu.bx

    def _get_psp(self) -> None:
        self.cpu.bx = self.psp

    def _copy_psp(self) -> None:
        """AH=26h: copy the PSP to segment DX, with the vectors as they are now."""
        at = self.cpu.dx * 16
        self.memory.write(at, self.memory.read(self.psp * 16, 256))
        self.memory.write(at + _VECTORS, self.memory.read(0x22 * 4, 12))

    def _create_child_psp(self) -> None:
        """AH=55h: a PSP for a child at segment DX, with memory up to SI; it becomes the running one."""
        block = self.memory.u16(self.psp * 16 + _ENVIRONMENT)
        self._build_psp(self.cpu.dx, self.cpu.si, self.psp)
        self.memory.set_u16(self.cpu.dx * 16 + _ENVIRONMENT, block)
        self.psp = self.cpu.dx

    def _strategy(self) -> None:
        cpu = self.cpu
        cpu.ax = self.dos.arena.set_strategy(cpu.al, cpu.bx)
