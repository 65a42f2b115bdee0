"""File control blocks, the file interface of DOS 1: names are parsed (AH=29h), every access to a file fails.

Nothing of DOS 2 and later needs them but the two that a program finds in its PSP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emulator.dos.folder import DRIVE
from emulator.dos.frame import Services

if TYPE_CHECKING:
    from emulator.dos.kernel import Dos, Handler

#: The part of an FCB that a PSP holds: drive, name, extension, two words.
EMPTY: Final = b"\0" + b" " * 11 + bytes(4)
_NAME: Final = 11
_SEPARATORS: Final = frozenset(b":.;,=+ \t")
_ENDS: Final = _SEPARATORS | frozenset(b'<>|/\\"[]') | frozenset(range(0x20))
_BLANKS: Final = b" \t"
_FAILED: Final = 0xFF
_END_OF_FILE: Final = 1
#: AH=29h, AL: skip separators; keep what is in the FCB where the text gives no drive, name, extension.
_SKIP, _KEEP_DRIVE, _KEEP_NAME, _KEEP_EXTENSION = 1, 2, 4, 8


def _field(text: bytes, at: int, width: int) -> tuple[bytes, int]:
    """The name or extension at a place, padded, with * as question marks; and where it ends."""
    end = at
    while end < len(text) and text[end] not in _ENDS:
        end += 1
    part = text[at:end].upper()[:width]
    head, star, _ = part.partition(b"*")
    return (head.ljust(width, b"?") if star else part.ljust(width)), end


def parse(text: bytes, fcb: bytes, options: int) -> tuple[bytes, int, int]:
    """Parse a name for AH=29h: (the first 16 bytes of the FCB, AL of the result, how much was read)."""
    at = 0
    while at < len(text) and text[at] in _BLANKS:
        at += 1
    if options & _SKIP and at < len(text) and text[at] in _SEPARATORS:
        at += 1
        while at < len(text) and text[at] in _BLANKS:
            at += 1
    drive, result = fcb[0] if options & _KEEP_DRIVE else 0, 0
    if text[at + 1 : at + 2] == b":" and text[at] not in _ENDS:
        drive = text[at] - ord("A") + 1 & 0xDF
        at += 2
        if drive != DRIVE + 1:
            result = _FAILED
    name, extension = b" " * 8, b" " * 3
    if options & _KEEP_NAME:
        name = fcb[1:9]
    if options & _KEEP_EXTENSION:
        extension = fcb[9:12]
    if at < len(text) and text[at] not in _ENDS:
        name, at = _field(text, at, 8)
    if text[at : at + 1] == b".":
        extension, at = _field(text, at + 1, 3)
    if not result and b"?" in name + extension:
        result = 1
    return bytes((drive,)) + name + extension + fcb[1 + _NAME : 16], result, at


class Fcb(Services):
    """AH=0Fh..17h, 21h..24h, 27h..29h."""

    def __init__(self, dos: Dos) -> None:
        super().__init__(dos)
        failing = (0x0F, 0x10, 0x11, 0x12, 0x13, 0x16, 0x17, 0x23)
        transfers = (0x14, 0x15, 0x21, 0x22, 0x27, 0x28)
        self.functions: dict[int, Handler] = {
            **dict.fromkeys(failing, self._fail),
            **dict.fromkeys(transfers, self._transfer),
            0x24: self._ignore,
            0x29: self._parse,
        }

    def _fail(self) -> None:
        self.cpu.al = _FAILED

    def _transfer(self) -> None:
        """Sequential and random reads and writes: nothing is there."""
        self.cpu.al = _END_OF_FILE

    def _ignore(self) -> None:
        """AH=24h: set the random record; it has no result."""

    def _parse(self) -> None:
        """AH=29h: the name at DS:SI into the FCB at ES:DI; SI behind it."""
        cpu = self.cpu
        text = self.memory.text(self.ds_si, 256, ord("\r"))
        fcb, cpu.al, read = parse(text, self.memory.read(self.es_di, 16), cpu.al)
        self.memory.write(self.es_di, fcb)
        cpu.si = cpu.si + read

    @staticmethod
    def from_tail(tail: bytes) -> tuple[bytes, bytes]:
        """The two FCBs that a command interpreter makes of a command tail."""
        first, _, read = parse(tail, EMPTY, _SKIP)
        return first, parse(tail[read:], EMPTY, _SKIP)[0]
