"""The VGA's registers (ports 3C0h to 3CFh, 3D4h, 3D5h) and its 256 colours.

The picture of mode 13h is the 64,000 bytes at A0000, a byte a pixel; the DAC says what colours they are.  The
registers of the other chips hold what is written and do nothing: planes, scrolling and other modes are absent.
IBM VGA Technical Reference (1992).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

WIDTH: Final = 320
HEIGHT: Final = 200
#: Index port -> data port of the register files: sequencer, graphics controller, CRT controller.
_FILES: Final = {0x3C4: 0x3C5, 0x3CE: 0x3CF, 0x3D4: 0x3D5}
_DATA: Final = {data: index for index, data in _FILES.items()}
#: Brightness steps (of 63) of the default palette's 16 greys.
_GREYS: Final = (0, 5, 8, 11, 14, 17, 20, 24, 28, 32, 36, 40, 45, 50, 56, 63)
#: From none to all of a component, for 3 brightnesses with 3 saturations each.
_STEPS: Final = (
    (0, 16, 31, 47, 63),
    (31, 39, 47, 55, 63),
    (45, 49, 54, 58, 63),
    (0, 7, 14, 21, 28),
    (14, 17, 21, 24, 28),
    (20, 22, 24, 26, 28),
    (0, 4, 8, 12, 16),
    (8, 10, 12, 14, 16),
    (11, 12, 13, 15, 16),
)


def text_palette() -> npt.NDArray[np.uint8]:
    """The DAC in text modes: [256, 3] of 0..63; the EGA's 64 colours (bits rgbRGB), the rest black."""
    palette = np.zeros((256, 3), dtype=np.uint8)
    for colour in range(64):
        for component, bit in enumerate((2, 1, 0)):
            palette[colour, component] = (colour >> bit & 1) * 42 + (colour >> bit + 3 & 1) * 21
    return palette


def default_palette() -> npt.NDArray[np.uint8]:
    """The DAC after INT 10h AX=0013h: [256, 3] of 0..63.

    The 16 colours of text, 16 greys, then nine circles of 24 hues that begin with blue; the last 8 are black.
    """
    palette = np.zeros((256, 3), dtype=np.uint8)
    palette[:16] = text_palette()[[0, 1, 2, 3, 4, 5, 20, 7, *range(56, 64)]]
    palette[16:32] = np.array(_GREYS, dtype=np.uint8)[:, None]
    rise = [(step, 0, 4) for step in range(4)]  # blue, then red comes
    circle = [
        *rise,
        *((4, 0, 4 - step) for step in range(4)),
        *((4, step, 0) for step in range(4)),
        *((4 - step, 4, 0) for step in range(4)),
        *((0, 4, step) for step in range(4)),
        *((0, 4 - step, 4) for step in range(4)),
    ]
    for index, steps in enumerate(_STEPS):
        palette[32 + 24 * index : 56 + 24 * index] = np.array(steps, dtype=np.uint8)[np.array(circle)]
    return palette


class Vga:
    """Registers and DAC; the memory is the machine's."""

    def __init__(self) -> None:
        #: The DAC: [256, 3] of 0..63, red, green, blue.
        self.palette = text_palette()
        self._mask = 0xFF
        self._component = 0
        self._reading = False
        self._pending: list[int] = []
        self._selected = dict.fromkeys((*_FILES, 0x3C0), 0)
        self._registers: dict[tuple[int, int], int] = {}
        self._attribute_data = False
        self._miscellaneous = 0x67

    def read(self, port: int) -> int:
        """A port of the VGA; FF where nothing can be read."""
        if port in _FILES or port == 0x3C0:
            return self._selected[port]
        if port in _DATA:
            index = _DATA[port]
            return self._registers.get((index, self._selected[index]), 0)
        if port == 0x3C9:
            value = int(self.palette.reshape(-1)[self._component])
            self._component = (self._component + 1) % 768
            return value
        answers = {
            0x3C1: self._registers.get((0x3C0, self._selected[0x3C0] & 0x1F), 0),
            0x3C6: self._mask,
            0x3C7: 3 * self._reading,
            0x3C8: self._component // 3,
            0x3CC: self._miscellaneous,
        }
        return answers.get(port, 0xFF)

    def reset_attribute(self) -> None:
        """What reading port 3DAh does: the next write to 3C0h is an index."""
        self._attribute_data = False

    def write(self, port: int, value: int) -> None:
        """A port of the VGA."""
        if port in _FILES:
            self._selected[port] = value
        elif port in _DATA:
            index = _DATA[port]
            self._registers[index, self._selected[index]] = value
        elif port == 0x3C0:
            if self._attribute_data:
                self._registers[port, self._selected[port] & 0x1F] = value
            else:
                self._selected[port] = value
            self._attribute_data = not self._attribute_data
        elif port == 0x3C2:
            self._miscellaneous = value
        elif port == 0x3C6:
            self._mask = value
        elif port in (0x3C7, 0x3C8):
            self._component = value * 3
            self._reading = port == 0x3C7
            self._pending.clear()
        elif port == 0x3C9:
            self._write_component(value)

    def _write_component(self, value: int) -> None:
        """Red, green, blue: the colour changes with the third."""
        self._pending.append(value & 0x3F)
        if len(self._pending) == 3:
            self.palette[self._component // 3 % 256] = self._pending
            self._component = (self._component + 3) % 768
            self._pending.clear()

    def colours(self) -> npt.NDArray[np.uint8]:
        """What each byte of the picture looks like: [256, 3] of 0..255, red, green, blue."""
        shown = self.palette[np.arange(256) & self._mask]
        return np.asarray(shown << 2 | shown >> 4, dtype=np.uint8)
