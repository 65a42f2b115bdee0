"""The keyboard BIOS: IRQ 1 (INT 9) fills the buffer of the BIOS data area, INT 16h empties it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emulator.cpu import CF, ZF
from emulator.keyboard import ALT, CTRL, KEYPAD, RELEASE, SHIFT

if TYPE_CHECKING:
    from emulator.bios.rom import Rom
    from emulator.machine import Machine

_FLAGS: Final = 0x417
_KEYPAD_VALUE: Final = 0x419
_HEAD: Final = 0x41A
_TAIL: Final = 0x41C
_BUFFER: Final = 0x41E
_BUFFER_END: Final = 0x43E
_BREAK: Final = 0x471
_START: Final = 0x480
_EXTENDED_FLAGS: Final = 0x496

_ROWS: Final = (
    (0x02, b"1234567890-=", b"!@#$%^&*()_+"),
    (0x10, b"qwertyuiop[]", b"QWERTYUIOP{}"),
    (0x1E, b"asdfghjkl;'`", b'ASDFGHJKL:"~'),
    (0x2B, b"\\zxcvbnm,./", b"|ZXCVBNM<>?"),
)
_CHARACTERS: Final = {
    **{first + index: (plain[index], shifted[index]) for first, plain, shifted in _ROWS for index in range(len(plain))},
    0x01: (0x1B, 0x1B),
    0x0E: (0x08, 0x08),
    0x0F: (0x09, 0x00),
    0x1C: (0x0D, 0x0D),
    0x39: (0x20, 0x20),
}
_MODIFIERS: Final = {SHIFT: 0x02, 0x36: 0x01, CTRL: 0x04, ALT: 0x08}
_CTRL_CODES: Final = {0x1A: 0x1B, 0x2B: 0x1C, 0x1B: 0x1D, 0x07: 0x1E, 0x0C: 0x1F, 0x0E: 0x7F, 0x1C: 0x0A}


class KeyboardBios:
    """INT 9, INT 16h and the typeahead buffer."""

    def __init__(self, machine: Machine, rom: Rom) -> None:
        self.machine = machine
        self.rom = rom
        self._extended = False
        memory = machine.memory
        memory.set_u16(_HEAD, _BUFFER - 0x400)
        memory.set_u16(_TAIL, _BUFFER - 0x400)
        memory.set_u16(_START, _BUFFER - 0x400)
        memory.set_u16(_START + 2, _BUFFER_END - 0x400)
        memory.set_u8(_EXTENDED_FLAGS, 0x10)
        rom.service(0x09, self._key)
        rom.service(0x16, self._service)
        machine.keyboard_room = self.has_room

    # -- the buffer --------------------------------------------------------------------------------

    def _after(self, pointer: int) -> int:
        pointer += 2
        return _BUFFER - 0x400 if pointer >= _BUFFER_END - 0x400 else pointer

    def has_room(self) -> bool:
        """Whether another key fits."""
        memory = self.machine.memory
        return self._after(memory.u16(_TAIL)) != memory.u16(_HEAD)

    def put(self, key: int) -> None:
        """Append a key (scan code << 8 | character); a full buffer drops it."""
        memory = self.machine.memory
        if self.has_room():
            tail = memory.u16(_TAIL)
            memory.set_u16(0x400 + tail, key)
            memory.set_u16(_TAIL, self._after(tail))

    def peek(self) -> int | None:
        """The next key, or None."""
        memory = self.machine.memory
        head = memory.u16(_HEAD)
        return None if head == memory.u16(_TAIL) else memory.u16(0x400 + (head & 0x3FF))

    def take(self) -> int | None:
        """Remove and return the next key, or None."""
        key = self.peek()
        if key is not None:
            memory = self.machine.memory
            memory.set_u16(_HEAD, self._after(memory.u16(_HEAD)))
        return key

    def clear(self) -> None:
        """Empty the buffer."""
        self.machine.memory.set_u16(_HEAD, self.machine.memory.u16(_TAIL))

    # -- INT 9 -------------------------------------------------------------------------------------

    def _key(self) -> None:
        machine, memory = self.machine, self.machine.memory
        code = machine.keyboard.read_data()
        machine.pics.master.write(0, 0x20)
        extended, self._extended = self._extended, False
        if code == 0xE0:
            self._extended = True
            return
        flags = memory.u8(_FLAGS)
        key = code & 0x7F
        if key in _MODIFIERS:
            bit = _MODIFIERS[key]
            memory.set_u8(_FLAGS, flags & ~bit if code & RELEASE else flags | bit)
            if key == ALT and code & RELEASE and memory.u8(_KEYPAD_VALUE):
                self.put(memory.u8(_KEYPAD_VALUE))
                memory.set_u8(_KEYPAD_VALUE, 0)
            return
        if code & RELEASE:
            return
        if key == 0x3A:
            memory.set_u8(_FLAGS, flags ^ 0x40)
        elif key == 0x46 and flags & 4:
            memory.set_u8(_BREAK, 0x80)
            self.clear()
            self.put(0)
            self.rom.call_vector(0x1B)
        elif flags & 8 and key in KEYPAD:
            memory.set_u8(_KEYPAD_VALUE, memory.u8(_KEYPAD_VALUE) * 10 + KEYPAD.index(key) & 0xFF)
        else:
            self.put(self._translate(key, flags, extended))

    def _translate(self, key: int, flags: int, extended: bool) -> int:
        plain, shifted = _CHARACTERS.get(key, (0, 0))
        if flags & 8:
            return key << 8
        if flags & 4:
            if 0x61 <= plain <= 0x7A:
                return key << 8 | plain - 0x60
            return key << 8 | _CTRL_CODES.get(key, 0)
        upper = bool(flags & 3)
        if flags & 0x40 and 0x61 <= plain <= 0x7A:
            upper = not upper
        return key << 8 | (shifted if upper and not extended else plain)

    # -- INT 16h -----------------------------------------------------------------------------------

    def _service(self) -> None:
        cpu = self.machine.cpu
        function = cpu.ah
        if function in (0x00, 0x10):
            key = self.take()
            if key is None:
                self.rom.wait(0x16)
                return
            cpu.ax = key
        elif function in (0x01, 0x11):
            key = self.peek()
            self.rom.set_caller_flag(ZF, key is None)
            if key is not None:
                cpu.ax = key
        elif function in (0x02, 0x12):
            cpu.al = self.machine.memory.u8(_FLAGS)
        elif function == 0x05:
            full = not self.has_room()
            self.put(cpu.cx)
            cpu.al = int(full)
            self.rom.set_caller_flag(CF, full)
