"""The PC's memory: RAM in one host buffer that Unicorn maps, the ROM area, and what lies between.

Physical addresses::

    00000..9FFFF   640 KB of conventional memory
    A0000..BFFFF   video memory (plain RAM; text at B8000)
    C0000..EFFFF   nothing: reads give FF, writes are lost
    F0000..FFFFF   ROM: writes are lost
    100000..       extended memory, up to the size of the machine; nothing beyond it

RAM holds a fixed pattern at power-on (a real PC's is undefined as well); the pages that differ from it in
the end are the pages that were used.
"""

from __future__ import annotations

import ctypes
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from unicorn import UC_PROT_ALL, UC_PROT_EXEC, UC_PROT_READ, Uc

from emulator.errors import GuestStopError

KB: Final = 1024
MB: Final = 1024 * KB
PAGE: Final = 4096
CONVENTIONAL: Final = 640 * KB
#: Below this, the BIOS's data and DOS.
SYSTEM: Final = 0x10000
VIDEO: Final = 0xA0000
HOLE: Final = 0xC0000
ROM: Final = 0xF0000
EXTENDED: Final = 0x100000
HMA_BYTES: Final = 0x10000
#: Granule in which translated code is remembered, as a shift: 64 bytes.
_LINE: Final = 6


def _power_on(size: int) -> npt.NDArray[np.uint32]:
    """The contents of `size` bytes of RAM at power-on: a multiplicative hash of the dword's index."""
    index = np.arange(size // 4, dtype=np.uint32)
    return index * np.uint32(2654435761) + np.uint32(0x486486)


class Memory:
    """RAM of `megabytes` MB, mapped into `uc`; addresses are physical, values little-endian."""

    def __init__(self, uc: Any, megabytes: int) -> None:
        self.uc: Uc = uc
        self.size: Final = megabytes * MB
        whole = np.empty(self.size + PAGE, dtype=np.uint8)
        start = -whole.ctypes.data % PAGE
        #: The bytes of guest memory, indexed by physical address.
        self.ram: Final[npt.NDArray[np.uint8]] = whole[start : start + self.size]
        self.ram.view(np.uint32)[:] = _power_on(self.size)
        self.ram[HOLE:ROM] = 0xFF
        self.ram[ROM:EXTENDED] = 0
        self.a20 = True
        self._bytes = memoryview(self.ram.data)
        self._code_lines = bytearray((self.size >> _LINE) + 1)
        self._map(0, HOLE, UC_PROT_ALL)
        uc.mmio_map(HOLE, ROM - HOLE, _read_nothing, None, _write_nothing, None)
        self._map(ROM, EXTENDED, UC_PROT_READ | UC_PROT_EXEC)
        self._open_second_megabyte()
        if self.size > 2 * MB:
            self._map(2 * MB, self.size, UC_PROT_ALL)

    @property
    def host_address(self) -> int:
        """Where guest physical address 0 lies in the host's memory."""
        return int(self.ram.ctypes.data)

    def _map(self, first: int, end: int, rights: int, source: int | None = None) -> None:
        host = self.host_address + (first if source is None else source)
        self.uc.mem_map_ptr(first, end - first, rights, ctypes.c_void_p(host))

    def _open_second_megabyte(self) -> None:
        if self.size > MB:
            self._map(MB, 2 * MB, UC_PROT_ALL)
        else:  # what real mode can reach up there is empty
            self.uc.mmio_map(MB, HMA_BYTES, _read_nothing, None, _write_nothing, None)

    def set_a20(self, on: bool) -> None:
        """Open or close address line 20.  Call it only between runs of the CPU.

        Closed, the second megabyte is the first one again (less what lies above its video memory).  The other
        odd megabytes stay as they are, unlike on a real PC.
        """
        if on == self.a20:
            return
        self.a20 = on
        if on:
            self.uc.mem_unmap(MB, HOLE)
            if self.size > MB:
                self.uc.mem_unmap(MB + HOLE, MB - HOLE)
            self._open_second_megabyte()
        else:
            self.uc.mem_unmap(MB, MB if self.size > MB else HMA_BYTES)
            self._map(MB, MB + HOLE, UC_PROT_ALL, source=0)
            if self.size > MB:
                self.uc.mmio_map(MB + HOLE, MB - HOLE, _read_nothing, None, _write_nothing, None)

    def _at(self, address: int, count: int) -> int:
        if not self.a20 and MB <= address < 2 * MB:
            address -= MB
        if address < 0 or address + count > self.size:
            raise GuestStopError(
                "memory",
                f"a DOS or BIOS service was given the address {address:08X}h, beyond the "
                f"{self.size // MB} MB of the machine",
            )
        return address

    def read(self, address: int, count: int) -> bytes:
        """`count` bytes from an address."""
        at = self._at(address, count)
        return bytes(self._bytes[at : at + count])

    def write(self, address: int, data: bytes) -> None:
        """Store bytes as a device or service does: nothing happens to ROM and to holes."""
        count = len(data)
        at = self._at(address, count)
        if at < EXTENDED and at + count > HOLE:
            for index, value in enumerate(data):
                if not HOLE <= at + index < EXTENDED:
                    self._put(at + index, bytes((value,)))
            return
        self._put(at, data)

    def _put(self, at: int, data: bytes) -> None:
        count = len(data)
        self._bytes[at : at + count] = data
        if self._code_lines.find(1, at >> _LINE, (at + count - 1 >> _LINE) + 1) >= 0:
            # Unicorn does not see writes by the host: drop what it translated there.
            self.uc.ctl_remove_cache(at, at + count)

    def write_rom(self, address: int, data: bytes) -> None:
        """Fill ROM while the machine is built."""
        self._bytes[address : address + len(data)] = data

    def note_code(self, address: int, count: int) -> None:
        """Remember that the CPU runs code at a physical address (so that write() can tell)."""
        first, end = address >> _LINE, (address + count - 1 >> _LINE) + 1
        self._code_lines[first:end] = b"\1" * (end - first)

    def u8(self, address: int) -> int:
        """The byte at an address."""
        return self._bytes[self._at(address, 1)]

    def u16(self, address: int) -> int:
        """The 16-bit word at an address."""
        at = self._at(address, 2)
        return self._bytes[at] | self._bytes[at + 1] << 8

    def u32(self, address: int) -> int:
        """The 32-bit word at an address."""
        return int.from_bytes(self.read(address, 4), "little")

    def set_u8(self, address: int, value: int) -> None:
        """Store a byte."""
        self.write(address, bytes((value & 0xFF,)))

    def set_u16(self, address: int, value: int) -> None:
        """Store a 16-bit word."""
        self.write(address, (value & 0xFFFF).to_bytes(2, "little"))

    def set_u32(self, address: int, value: int) -> None:
        """Store a 32-bit word."""
        self.write(address, (value & 0xFFFFFFFF).to_bytes(4, "little"))

    def text(self, address: int, limit: int, end: int = 0) -> bytes:
        """The bytes from an address up to the terminator `end`, at most `limit` of them."""
        limit = min(limit, self.size - address)
        data = self.read(address, max(limit, 0))
        return data.partition(bytes((end,)))[0]

    def touched_pages(self) -> npt.NDArray[np.bool_]:
        """For every 4 KB page of the machine, whether a program's memory there no longer holds the power-on pattern.

        The first 64 KB, which hold the BIOS's data and DOS itself, and all from 640 KB to 1 MB are never counted.
        """
        now = self.ram.view(np.uint32).reshape(-1, PAGE // 4)
        before = _power_on(self.size).reshape(-1, PAGE // 4)
        touched: npt.NDArray[np.bool_] = (now != before).any(axis=1)
        touched[: SYSTEM // PAGE] = False
        touched[CONVENTIONAL // PAGE : EXTENDED // PAGE] = False
        return touched

    def used_pages(self) -> tuple[int, int]:
        """How many pages touched_pages() counts: (conventional, extended)."""
        touched = self.touched_pages()
        return int(touched[: CONVENTIONAL // PAGE].sum()), int(touched[EXTENDED // PAGE :].sum())


def _read_nothing(_uc: Any, _offset: int, size: int, _data: Any) -> int:
    return int((1 << 8 * size) - 1)


def _write_nothing(_uc: Any, _offset: int, _size: int, _value: int, _data: Any) -> None:
    return None
