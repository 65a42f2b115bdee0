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

#: Bits of the controller's command byte.
_INTERRUPT: Final = 0x01
_DISABLED: Final = 0x10
#: The keyboard's own commands and answers.
_ACKNOWLEDGE: Final = 0xFA
_RESEND: Final = 0xFE
_ECHO: Final = 0xEE
_SCAN_SET: Final = 0xF0
_WITH_PARAMETER: Final = frozenset((0xED, _SCAN_SET, 0xF3))
_ANSWERS: Final = {0xF2: (0xAB, 0x41), 0xFF: (0xAA,)}


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
        self._command_was_last = False
        self._command_byte = 0x65
        self._after_return = False
        #: An answer of the controller or the keyboard for which IRQ 1 is still to be raised.
        self._answered = False
        #: Commands of the keyboard that a parameter follows.
        self._parameter_of = 0
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
            announced, self._answered = self._answered, False
            return announced and bool(self._command_byte & _INTERRUPT)
        if self._command_byte & _DISABLED:
            return False
        if not self._codes:
            if not self._typed or not room:
                return False
            self._codes.extend(scan_codes(self._typed.popleft()))
        self._output.append(self._codes.popleft())
        return bool(self._command_byte & _INTERRUPT)

    def read_data(self) -> int:
        """Port 60h: the waiting byte, or the last one again."""
        if self._output:
            self._last = self._output.popleft()
            self._answered = bool(self._output)
        return self._last

    def read_status(self) -> int:
        """Port 64h: 0 output full, 2 self-test passed, 3 last written was a command, 4 not locked.

        The input buffer (bit 1) is never full.
        """
        return 0x14 | bool(self._output) | self._command_was_last << 3

    def _answer(self, *values: int) -> None:
        self._output.extend(values)
        self._answered = True

    def write_data(self, value: int) -> None:
        """Port 60h: the parameter of a controller command, or a byte for the keyboard itself."""
        command, self._command = self._command, 0
        self._command_was_last = False
        if command == 0x60:
            self._command_byte = value
        elif command == 0xD1:
            self.a20 = bool(value & 2)
            self.reset_requested = self.reset_requested or not value & 1
        elif command == 0xD2:
            self._answer(value)
        elif command == 0:
            self._to_keyboard(value)

    def _to_keyboard(self, value: int) -> None:
        """A command for the keyboard, or its parameter; sending one enables the keyboard."""
        command, self._parameter_of = self._parameter_of, 0
        self._command_byte &= ~_DISABLED
        if command == _SCAN_SET and value == 0:
            self._answer(_ACKNOWLEDGE, 2)
        elif command:
            self._answer(_ACKNOWLEDGE)
        elif value == _RESEND:
            self._answer(self._last)
        elif value == _ECHO:
            self._answer(_ECHO)
        else:
            self._parameter_of = value if value in _WITH_PARAMETER else 0
            self._answer(_ACKNOWLEDGE, *_ANSWERS.get(value, ()))

    def write_command(self, value: int) -> None:
        """Port 64h: controller commands; there is no mouse, and what is written to it is lost."""
        self._command_was_last = True
        answers = {
            0x20: self._command_byte,
            0xA9: 0x02,  # test of the mouse's lines: no clock
            0xAA: 0x55,
            0xAB: 0x00,
            0xC0: 0x80,
            0xD0: 0x01 | self.a20 << 1 | bool(self._output) << 4,
            0xE0: 0x00,
        }
        self._command = value if value in (0x60, 0xD1, 0xD2, 0xD3, 0xD4) else 0
        if value in answers:
            self._answer(answers[value])
        elif value in (0xAD, 0xAE):
            self._command_byte = self._command_byte & ~_DISABLED | (_DISABLED if value == 0xAD else 0)
        elif value in (0xDD, 0xDF):
            self.a20 = value == 0xDF
        elif value >= 0xF0 and not value & 1:  # pulses the reset line
            self.reset_requested = True
