"""The keyboard and its controller, an 8042 (ports 60h and 64h): scan codes, IRQ 1, the A20 gate.

Text typed on the host becomes scan codes of a US keyboard, set 1.  A byte that no key makes is typed the way
DOS users did it: Alt and its decimal code on the numeric keypad.
"""

from __future__ import annotations

from collections import deque
from typing import Final

SHIFT: Final = 0x2A
CTRL: Final = 0x1D
ALT: Final = 0x38
RELEASE: Final = 0x80

_PLAIN: Final = {
    **{character: 0x02 + index for index, character in enumerate("1234567890-=")},
    **{character: 0x10 + index for index, character in enumerate("qwertyuiop[]")},
    **{character: 0x1E + index for index, character in enumerate("asdfghjkl;'`")},
    **{character: 0x2B + index for index, character in enumerate("\\zxcvbnm,./")},
    " ": 0x39,
    "\r": 0x1C,
    "\n": 0x1C,
    "\b": 0x0E,
    "\t": 0x0F,
    "\x1b": 0x01,
}
_SHIFTED: Final = dict(zip('!@#$%^&*()_+{}:"~|<>?', "1234567890-=[];'`\\,./", strict=True))
#: Scan codes of the keypad's digits 0..9.
KEYPAD: Final = (0x52, 0x4F, 0x50, 0x51, 0x4B, 0x4C, 0x4D, 0x47, 0x48, 0x49)
#: Ctrl-Break: Ctrl and the extended key 46.
BREAK: Final = (CTRL, 0xE0, 0x46, 0xE0, 0xC6, CTRL | RELEASE)


def scan_codes(byte: int) -> tuple[int, ...]:
    """The scan codes, presses and releases, that type one byte."""
    character = chr(byte)
    if character in _PLAIN:
        code = _PLAIN[character]
        return code, code | RELEASE
    if character in _SHIFTED or "A" <= character <= "Z":
        code = _PLAIN[_SHIFTED.get(character, character.lower())]
        return SHIFT, code, code | RELEASE, SHIFT | RELEASE
    if 1 <= byte <= 26:
        code = _PLAIN[chr(byte + 96)]
        return CTRL, code, code | RELEASE, CTRL | RELEASE
    digits = [KEYPAD[int(digit)] for digit in str(byte)]
    presses = [part for code in digits for part in (code, code | RELEASE)]
    return ALT, *presses, ALT | RELEASE


class Keyboard:
    """Keyboard and controller; the machine asks it for IRQ 1 and tells it when a code may follow."""

    def __init__(self) -> None:
        self._typed: deque[int] = deque()
        self._codes: deque[int] = deque()
        self._output: deque[int] = deque(maxlen=16)
        self._last = 0
        self._command = 0
        self._command_byte = 0x65
        self._after_return = False
        self.a20 = False
        self.reset_requested = False

    def type(self, text: bytes) -> None:
        """Queue bytes as typed; CR LF is one Enter."""
        for byte in text:
            if byte == 10 and self._after_return:
                self._after_return = False
                continue
            self._after_return = byte == 13
            self._typed.append(byte)

    def press(self, codes: tuple[int, ...], *, urgent: bool = False) -> None:
        """Queue raw scan codes, before everything typed when urgent."""
        if urgent:
            self._codes.extendleft(reversed(codes))
        else:
            self._codes.extend(codes)

    def interrupt_typing(self) -> None:
        """Forget what was queued and type Ctrl-C."""
        self._typed.clear()
        self._codes.clear()
        self._codes.extend(scan_codes(3))

    @property
    def idle(self) -> bool:
        """Whether nothing is left to type and the guest has read everything."""
        return not (self._typed or self._codes or self._output)

    def next_code(self, room: bool) -> bool:
        """Put the next scan code into the output buffer; True when it raises IRQ 1.

        room: whether the BIOS buffer can take another key, so that nothing typed ahead is lost.
        """
        if self._output:
            return False
        if not self._codes:
            if not self._typed or not room:
                return False
            self._codes.extend(scan_codes(self._typed.popleft()))
        self._output.append(self._codes.popleft())
        return bool(self._command_byte & 1)

    def read_data(self) -> int:
        """Port 60h: the waiting byte, or the last one again."""
        if self._output:
            self._last = self._output.popleft()
        return self._last

    def read_status(self) -> int:
        """Port 64h: bit 0 output full, bit 2 self-test passed, bit 4 not locked; input is never full."""
        return 0x14 | bool(self._output)

    def write_data(self, value: int) -> None:
        """Port 60h: the parameter of a controller command, or a byte for the keyboard itself."""
        command, self._command = self._command, 0
        if command == 0x60:
            self._command_byte = value
        elif command == 0xD1:
            self.a20 = bool(value & 2)
            self.reset_requested = self.reset_requested or not value & 1
        elif command == 0xD2:
            self._output.append(value)
        elif command == 0:
            self._to_keyboard(value)

    def _to_keyboard(self, value: int) -> None:
        answers = {0xF2: (0xFA, 0xAB, 0x41), 0xFF: (0xFA, 0xAA), 0xEE: (0xEE,)}
        self._output.extend(answers.get(value, (0xFA,)))

    def write_command(self, value: int) -> None:
        """Port 64h: controller commands."""
        if value == 0x20:
            self._output.append(self._command_byte)
        elif value in (0x60, 0xD1, 0xD2, 0xD3, 0xD4):
            self._command = value
        elif value == 0xAA:
            self._output.append(0x55)
        elif value == 0xAB:
            self._output.append(0x00)
        elif value == 0xC0:
            self._output.append(0x80)
        elif value == 0xD0:
            self._output.append(0x01 | self.a20 << 1)
        elif value == 0xDF:
            self.a20 = True
        elif value == 0xDD:
            self.a20 = False
        elif value == 0xFE:
            self.reset_requested = True
