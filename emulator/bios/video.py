"""Video (INT 10h): an 80 x 25 screen in RAM at B800:0000, teletype output to the host; mode 13h at A000:0000.

What goes to the host is what a program prints through teletype output or DOS; what it writes into video
memory can be read back as text with Video.screen().
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from emulator.errors import SinkError
from emulator.memory import VIDEO
from emulator.vga import HEIGHT, WIDTH, default_palette, text_palette

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from emulator.bios.rom import Rom
    from emulator.machine import Machine

SCREEN: Final = 0xB8000
COLUMNS: Final = 80
ROWS: Final = 25
_MODE: Final = 0x449
_WIDTH: Final = 0x44A
_PAGE_BYTES: Final = 0x44C
_CURSOR: Final = 0x450
_SHAPE: Final = 0x460
_PAGE: Final = 0x462
_CRTC: Final = 0x463
_LAST_ROW: Final = 0x484
#: Mode 13h: 320 x 200 in 256 colours.
_GRAPHICS: Final = 0x13
_BLANK: Final = b"\x20\x07"


class Video:
    """INT 10h; `sink` gets the bytes of teletype output."""

    def __init__(self, machine: Machine, rom: Rom, sink: Callable[[bytes], None]) -> None:
        self.machine = machine
        self.sink = sink
        rom.service(0x10, self._service)
        self._functions = {
            0x00: self._set_mode,
            0x01: self._set_shape,
            0x02: self._set_cursor,
            0x03: self._get_cursor,
            0x05: self._set_page,
            0x06: self._scroll_window,
            0x07: self._scroll_window,
            0x08: self._read_cell,
            0x09: self._write_cells,
            0x0A: self._write_cells,
            0x0E: self._teletype,
            0x0F: self._get_mode,
            0x10: self._palette,
            0x11: self._font,
            0x12: self._alternate,
            0x13: self._write_string,
            0x1A: self._combination,
        }
        self.clear()

    def clear(self) -> None:
        """Mode 3: 80 x 25, blank, the cursor at the top left."""
        memory = self.machine.memory
        memory.write(SCREEN, _BLANK * (COLUMNS * ROWS))
        memory.set_u8(_MODE, 3)
        memory.set_u16(_WIDTH, COLUMNS)
        memory.set_u16(_PAGE_BYTES, 4096)
        memory.write(_CURSOR, bytes(16))
        memory.set_u16(_SHAPE, 0x0607)
        memory.set_u8(_PAGE, 0)
        memory.set_u16(_CRTC, 0x3D4)
        memory.set_u8(_LAST_ROW, ROWS - 1)

    def screen(self) -> list[str]:
        """The text on the screen, a string for each of the 25 rows, in code page 437."""
        cells = self.machine.memory.read(SCREEN, COLUMNS * ROWS * 2)[::2]
        text = cells.replace(b"\0", b" ").decode("cp437")
        return [text[at : at + COLUMNS].rstrip() for at in range(0, COLUMNS * ROWS, COLUMNS)]

    def emit(self, text: bytes) -> None:
        """Give bytes to the host, past the screen."""
        try:
            self.sink(text)
        except Exception as error:
            raise SinkError from error  # not to be taken for an error of the guest's files

    def write(self, text: bytes) -> None:
        """Teletype output: to the host and onto the screen."""
        if not text:
            return
        self.emit(text)
        memory = self.machine.memory
        column, row = memory.u8(_CURSOR), memory.u8(_CURSOR + 1)
        for byte in text:
            if byte == 13:
                column = 0
            elif byte == 10:
                row += 1
            elif byte == 8:
                column = max(0, column - 1)
            elif byte != 7:
                memory.set_u8(SCREEN + (row * COLUMNS + column) * 2 & 0xFFFFF, byte)
                column += 1
            if column >= COLUMNS:
                column = 0
                row += 1
            if row >= ROWS:
                row = ROWS - 1
                self._scroll(0, 0, ROWS - 1, COLUMNS - 1, 1, _BLANK)
        memory.set_u8(_CURSOR, column)
        memory.set_u8(_CURSOR + 1, row)

    def _scroll(self, top: int, left: int, bottom: int, right: int, lines: int, blank: bytes) -> None:
        """Scroll a window up (down for negative lines); 0 clears it."""
        memory = self.machine.memory
        bottom, right = min(bottom, ROWS - 1), min(right, COLUMNS - 1)
        if top > bottom or left > right:
            return
        size = (right - left + 1) * 2
        rows = [memory.read(SCREEN + (row * COLUMNS + left) * 2, size) for row in range(top, bottom + 1)]
        count = len(rows)
        empty = blank * (size // 2)
        if lines == 0 or abs(lines) >= count:
            rows = [empty] * count
        elif lines > 0:
            rows = rows[lines:] + [empty] * lines
        else:
            rows = [empty] * -lines + rows[:lines]
        for index, row in enumerate(rows):
            memory.write(SCREEN + ((top + index) * COLUMNS + left) * 2, row)

    def _service(self) -> None:
        function = self._functions.get(self.machine.cpu.ah)
        if function is not None:
            function()

    def _set_mode(self) -> None:
        mode, memory, vga = self.machine.cpu.al, self.machine.memory, self.machine.vga
        self.clear()
        memory.set_u8(_MODE, mode & 0x7F)
        vga.palette[:] = text_palette()
        if mode & 0x7F == _GRAPHICS:
            vga.palette[:] = default_palette()
            memory.set_u16(_WIDTH, 40)
            if not mode & 0x80:
                memory.write(VIDEO, bytes(WIDTH * HEIGHT))

    def picture(self) -> npt.NDArray[np.uint8] | None:
        """The picture of mode 13h: [200, 320, 3] of 0..255, red, green, blue; None in other modes."""
        memory = self.machine.memory
        if memory.u8(_MODE) != _GRAPHICS:
            return None
        pixels = np.frombuffer(memory.read(VIDEO, WIDTH * HEIGHT), dtype=np.uint8).reshape(HEIGHT, WIDTH)
        return self.machine.vga.colours()[pixels]

    def _palette(self) -> None:
        """AH=10h: colours of the DAC one by one (AL=10h, 15h) and in blocks (12h, 17h)."""
        cpu, memory, vga = self.machine.cpu, self.machine.memory, self.machine.vga
        table = cpu.es * 16 + cpu.dx
        block = slice(cpu.bx & 0xFF, min((cpu.bx & 0xFF) + cpu.cx, 256))
        if cpu.al == 0x10:
            vga.palette[cpu.bx & 0xFF] = cpu.dh & 0x3F, cpu.ch & 0x3F, cpu.cl & 0x3F
        elif cpu.al == 0x12:
            size = (block.stop - block.start) * 3
            values = np.frombuffer(memory.read(table, size), dtype=np.uint8).reshape(-1, 3)
            vga.palette[block] = values & 0x3F
        elif cpu.al == 0x15:
            cpu.dh, cpu.ch, cpu.cl = (int(value) for value in vga.palette[cpu.bx & 0xFF])
        elif cpu.al == 0x17:
            memory.write(table, vga.palette[block].tobytes())

    def _set_shape(self) -> None:
        self.machine.memory.set_u16(_SHAPE, self.machine.cpu.cx)

    def _set_cursor(self) -> None:
        cpu = self.machine.cpu
        self.machine.memory.set_u16(_CURSOR + 2 * (cpu.bh & 7), cpu.dx)

    def _get_cursor(self) -> None:
        cpu, memory = self.machine.cpu, self.machine.memory
        cpu.dx = memory.u16(_CURSOR + 2 * (cpu.bh & 7))
        cpu.cx = memory.u16(_SHAPE)

    def _set_page(self) -> None:
        self.machine.memory.set_u8(_PAGE, self.machine.cpu.al & 7)

    def _scroll_window(self) -> None:
        cpu = self.machine.cpu
        lines = cpu.al if cpu.ah == 6 else -cpu.al
        self._scroll(cpu.ch, cpu.cl, cpu.dh, cpu.dl, lines, bytes((0x20, cpu.bh)))

    def _cell(self) -> int:
        memory = self.machine.memory
        column, row = memory.u8(_CURSOR), memory.u8(_CURSOR + 1)
        return SCREEN + min(row * COLUMNS + column, COLUMNS * ROWS - 1) * 2

    def _read_cell(self) -> None:
        self.machine.cpu.ax = self.machine.memory.u16(self._cell())

    def _write_cells(self) -> None:
        cpu, memory = self.machine.cpu, self.machine.memory
        start = self._cell()
        for at in range(start, min(start + cpu.cx * 2, SCREEN + COLUMNS * ROWS * 2), 2):
            memory.set_u8(at, cpu.al)
            if cpu.ah == 9:
                memory.set_u8(at + 1, cpu.bl)

    def _teletype(self) -> None:
        self.write(bytes((self.machine.cpu.al,)))

    def _get_mode(self) -> None:
        cpu, memory = self.machine.cpu, self.machine.memory
        cpu.ah, cpu.al, cpu.bh = memory.u8(_WIDTH), memory.u8(_MODE), memory.u8(_PAGE)

    def _font(self) -> None:
        cpu = self.machine.cpu
        if cpu.al == 0x30:  # how many points a character and rows the screen have; the font itself is not there
            cpu.cx, cpu.dl = 16, ROWS - 1
            cpu.es, cpu.bp = 0, 0

    def _alternate(self) -> None:
        cpu = self.machine.cpu
        if cpu.bl == 0x10:  # EGA information: colour, 256 KB
            cpu.bx, cpu.cx = 0x0003, 0x0009

    def _write_string(self) -> None:
        cpu, memory = self.machine.cpu, self.machine.memory
        memory.set_u16(_CURSOR, cpu.dx)
        pairs = cpu.al & 2
        text = memory.read(cpu.es * 16 + cpu.bp, cpu.cx * (2 if pairs else 1))
        self.write(text[::2] if pairs else text)
        if not cpu.al & 1:
            memory.set_u16(_CURSOR, cpu.dx)

    def _combination(self) -> None:
        cpu = self.machine.cpu
        if cpu.al == 0:
            cpu.al, cpu.bx = 0x1A, 0x0008  # VGA with a colour screen
