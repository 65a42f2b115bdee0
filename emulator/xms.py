"""The XMS 3.0 driver (as HIMEM.SYS): extended memory for DOS programs, reached by a far call.

eXtended Memory Specification 3.0 (Lotus, Intel, Microsoft, AST, 1991).  Sizes are in KB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from emulator.memory import EXTENDED, HMA_BYTES, KB

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.bios import Bios
    from emulator.dos import Dos
    from emulator.machine import Machine

VERSION: Final = 0x0300
REVISION: Final = 0x0310
HANDLES: Final = 32

_NOT_IMPLEMENTED: Final = 0x80
_HMA_ABSENT: Final = 0x90
_HMA_IN_USE: Final = 0x91
_HMA_NOT_OWNED: Final = 0x93
_A20_ENABLED: Final = 0x94
_NO_MEMORY: Final = 0xA0
_NO_HANDLES: Final = 0xA1
_BAD_HANDLE: Final = 0xA2
_BAD_SOURCE: Final = 0xA3
_BAD_SOURCE_OFFSET: Final = 0xA4
_BAD_TARGET: Final = 0xA5
_BAD_TARGET_OFFSET: Final = 0xA6
_BAD_LENGTH: Final = 0xA7
_NOT_LOCKED: Final = 0xAA
_LOCKED: Final = 0xAB
_LOCK_OVERFLOW: Final = 0xAC


class _XmsError(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(f"XMS error {code:02X}h")
        self.code = code


@dataclass
class Block:
    """An allocated block of extended memory: linear base, size in KB, lock count."""

    base: int
    size: int
    locks: int = 0


class Xms:
    """Takes all extended memory beyond the HMA and hands it out."""

    def __init__(self, machine: Machine, bios: Bios, dos: Dos) -> None:
        self.machine = machine
        self.first = EXTENDED + HMA_BYTES
        self.blocks: dict[int, Block] = {}
        self._hma_taken = False
        self._global_a20 = False
        self._local_a20 = 0
        self.functions: dict[int, Callable[[], None]] = {
            0x00: self._version,
            0x01: self._request_hma,
            0x02: self._release_hma,
            0x03: self._global_enable,
            0x04: self._global_disable,
            0x05: self._local_enable,
            0x06: self._local_disable,
            0x07: self._query_a20,
            0x08: self._query_free,
            0x09: self._allocate,
            0x0A: self._free,
            0x0B: self._move,
            0x0C: self._lock,
            0x0D: self._unlock,
            0x0E: self._information,
            0x0F: self._reallocate,
            0x88: self._query_free_large,
            0x89: self._allocate_large,
            0x8E: self._information_large,
            0x8F: self._reallocate_large,
        }
        # The entry point begins with a short jump and NOPs, which is where programs hook the driver.
        dos.system.xms_entry = bios.rom.entry(self._call, prologue=b"\xeb\x05\x90\x90\x90")
        bios.extended_hidden = True

    # -- the call ----------------------------------------------------------------------------------

    def _call(self) -> None:
        cpu = self.machine.cpu
        function = self.functions.get(cpu.ah)
        try:
            if function is None:
                raise _XmsError(_NOT_IMPLEMENTED)
            function()
        except _XmsError as error:
            cpu.ax = 0
            cpu.bl = error.code

    def _good(self) -> None:
        self.machine.cpu.ax = 1
        self.machine.cpu.bl = 0

    # -- memory ------------------------------------------------------------------------------------

    def _gaps(self) -> list[tuple[int, int]]:
        """(base, bytes) of every free stretch."""
        at = self.first
        gaps = []
        for block in sorted(self.blocks.values(), key=lambda block: block.base):
            if block.size == 0:
                continue
            if block.base > at:
                gaps.append((at, block.base - at))
            at = block.base + block.size * KB
        if at < self.machine.memory.size:
            gaps.append((at, self.machine.memory.size - at))
        return gaps

    def free_kb(self) -> tuple[int, int]:
        """(largest free block, all free memory) in KB."""
        sizes = [size // KB for _, size in self._gaps()]
        return max(sizes, default=0), sum(sizes)

    def allocate(self, size: int) -> int:
        """A block of `size` KB: its handle."""
        if len(self.blocks) >= HANDLES:
            raise _XmsError(_NO_HANDLES)
        base = self._find(size)
        handle = next(number for number in range(1, HANDLES + 1) if number not in self.blocks)
        self.blocks[handle] = Block(base, size)
        return handle

    def _find(self, size: int) -> int:
        if size == 0:
            return self.first
        for base, room in self._gaps():
            if room >= size * KB:
                return base
        raise _XmsError(_NO_MEMORY)

    def _block(self) -> Block:
        block = self.blocks.get(self.machine.cpu.dx)
        if block is None:
            raise _XmsError(_BAD_HANDLE)
        return block

    # -- functions ---------------------------------------------------------------------------------

    def _version(self) -> None:
        cpu = self.machine.cpu
        cpu.ax, cpu.bx = VERSION, REVISION
        cpu.dx = int(self.machine.memory.size > EXTENDED)

    def _request_hma(self) -> None:
        if self.machine.memory.size <= EXTENDED:
            raise _XmsError(_HMA_ABSENT)
        if self._hma_taken:
            raise _XmsError(_HMA_IN_USE)
        self._hma_taken = True
        self._good()

    def _release_hma(self) -> None:
        if not self._hma_taken:
            raise _XmsError(_HMA_NOT_OWNED)
        self._hma_taken = False
        self._good()

    def _apply_a20(self) -> None:
        self.machine.keyboard.a20 = self._global_a20 or self._local_a20 > 0

    def _global_enable(self) -> None:
        self._global_a20 = True
        self._apply_a20()
        self._good()

    def _global_disable(self) -> None:
        self._global_a20 = False
        self._apply_a20()
        if self.machine.keyboard.a20:
            raise _XmsError(_A20_ENABLED)
        self._good()

    def _local_enable(self) -> None:
        self._local_a20 += 1
        self._apply_a20()
        self._good()

    def _local_disable(self) -> None:
        self._local_a20 = max(0, self._local_a20 - 1)
        self._apply_a20()
        if self.machine.keyboard.a20:
            raise _XmsError(_A20_ENABLED)
        self._good()

    def _query_a20(self) -> None:
        cpu = self.machine.cpu
        cpu.ax, cpu.bl = int(self.machine.keyboard.a20), 0

    def _query_free(self) -> None:
        cpu = self.machine.cpu
        largest, total = self.free_kb()
        cpu.ax, cpu.dx = min(largest, 0xFFFF), min(total, 0xFFFF)
        cpu.bl = 0 if total else _NO_MEMORY

    def _query_free_large(self) -> None:
        cpu = self.machine.cpu
        largest, total = self.free_kb()
        cpu.eax, cpu.edx, cpu.ecx = largest, total, self.machine.memory.size - 1
        cpu.bl = 0 if total else _NO_MEMORY

    def _allocate(self) -> None:
        handle = self.allocate(self.machine.cpu.dx)
        self._good()
        self.machine.cpu.dx = handle

    def _allocate_large(self) -> None:
        handle = self.allocate(self.machine.cpu.edx)
        self._good()
        self.machine.cpu.dx = handle

    def _free(self) -> None:
        if self._block().locks:
            raise _XmsError(_LOCKED)
        del self.blocks[self.machine.cpu.dx]
        self._good()

    def _address(self, handle: int, offset: int, length: int, bad: int, bad_offset: int) -> int:
        """Linear address of one end of a move; handle 0 means real-mode segment:offset."""
        if handle == 0:
            address = (offset >> 16) * 16 + (offset & 0xFFFF)
            if address + length > EXTENDED + HMA_BYTES or address + length > self.machine.memory.size:
                raise _XmsError(bad_offset)
            return address
        block = self.blocks.get(handle)
        if block is None:
            raise _XmsError(bad)
        if offset + length > block.size * KB:
            raise _XmsError(bad_offset)
        return block.base + offset

    def _move(self) -> None:
        """AH=0Bh: DS:SI points to length, source handle and offset, target handle and offset."""
        cpu, memory = self.machine.cpu, self.machine.memory
        table = cpu.ds * 16 + cpu.si
        length = memory.u32(table)
        if length & 1:
            raise _XmsError(_BAD_LENGTH)
        source = self._address(memory.u16(table + 4), memory.u32(table + 6), length, _BAD_SOURCE, _BAD_SOURCE_OFFSET)
        target = self._address(memory.u16(table + 10), memory.u32(table + 12), length, _BAD_TARGET, _BAD_TARGET_OFFSET)
        before = memory.a20
        memory.set_a20(True)
        memory.write(target, memory.read(source, length))
        memory.set_a20(before)
        self._good()

    def _lock(self) -> None:
        block = self._block()
        if block.locks == 255:
            raise _XmsError(_LOCK_OVERFLOW)
        block.locks += 1
        self._good()
        self.machine.cpu.dx, self.machine.cpu.bx = block.base >> 16, block.base & 0xFFFF

    def _unlock(self) -> None:
        block = self._block()
        if block.locks == 0:
            raise _XmsError(_NOT_LOCKED)
        block.locks -= 1
        self._good()

    def _information(self) -> None:
        block = self._block()
        cpu = self.machine.cpu
        cpu.bh, cpu.bl = block.locks, HANDLES - len(self.blocks)
        cpu.dx, cpu.ax = min(block.size, 0xFFFF), 1

    def _information_large(self) -> None:
        block = self._block()
        cpu = self.machine.cpu
        cpu.bh, cpu.cx = block.locks, HANDLES - len(self.blocks)
        cpu.edx, cpu.ax = block.size, 1

    def _reallocate(self) -> None:
        self._resize(self.machine.cpu.bx)

    def _reallocate_large(self) -> None:
        self._resize(self.machine.cpu.ebx)

    def _resize(self, size: int) -> None:
        block = self._block()
        if block.locks:
            raise _XmsError(_LOCKED)
        if size > block.size:
            old, was = block.base, block.size
            block.size = 0
            try:
                block.base = self._find(size)
            except _XmsError:
                block.size = was
                raise
            if block.base != old:
                memory = self.machine.memory
                before = memory.a20
                memory.set_a20(True)
                memory.write(block.base, memory.read(old, was * KB))
                memory.set_a20(before)
        block.size = size
        self._good()
