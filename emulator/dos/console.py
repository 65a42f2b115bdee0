"""Console services of DOS (AH=01h..0Ch), Ctrl-C and INT 29h."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emulator.cpu import CF
from emulator.dos.execute import CTRL_C
from emulator.dos.frame import Services

if TYPE_CHECKING:
    from emulator.dos.kernel import Dos, Handler

_INT21: Final = 0x21
_CTRL_C: Final = 3


class Console(Services):
    """Output goes to the screen and the host; input comes from the BIOS keyboard buffer.

    Calls that wait for a key do so in the guest: they return to a HLT in ROM and are entered again after
    the next interrupt, so interrupt handlers of the guest run meanwhile.
    """

    def __init__(self, dos: Dos) -> None:
        super().__init__(dos)
        self.functions: dict[int, Handler] = {
            0x01: self._read_echo,
            0x02: self._write_character,
            0x03: self._read_auxiliary,
            0x04: self._ignore,
            0x05: self._ignore,
            0x06: self._direct,
            0x07: self._read_raw,
            0x08: self._read_silent,
            0x09: self._write_string,
            0x0A: self._read_line,
            0x0B: self._status,
            0x0C: self._flush_and_read,
        }
        #: Bytes of extended keys and of lines that were read but not yet delivered.
        self._ahead = bytearray()
        self._line: bytearray | None = None
        self._flushed = False
        self._break_seen = False
        self.break_frame = 0

    # -- the device --------------------------------------------------------------------------------

    def write(self, text: bytes) -> None:
        """Print bytes."""
        self.bios.video.write(text)

    def _break_pending(self) -> bool:
        """Whether Ctrl-C or Ctrl-Break waits; it is taken out of the input."""
        if self._break_seen:
            self._break_seen = False
            self.bios.keys.clear()
            return True
        key = self.bios.keys.peek()
        if key is not None and key & 0xFF == _CTRL_C:
            self.bios.keys.take()
            return True
        return False

    def control_break(self) -> None:
        """DOS's INT 1Bh: remember Ctrl-Break for the next console call."""
        self._break_seen = True

    def check_break(self) -> bool:
        """Raise INT 23h if Ctrl-C waits; True means that the service must give way."""
        if not self._break_pending():
            return False
        self.write(b"^C\r\n")
        self._line = None
        self._flushed = False
        self.dos.raise_break()
        return True

    def after_break(self) -> None:
        """INT 23h returned: by IRET, or by RETF with carry clear, the call starts again; else the end."""
        cpu = self.cpu
        left = cpu.sp != self.break_frame
        if left:
            aborted = cpu.eflags & CF
            cpu.sp = self.break_frame
            if aborted:
                self.dos.execute.end(0, CTRL_C)
                return
        cpu.eip = _INT21 * 16

    def take_byte(self) -> int | None:
        """The next byte of input, or None; extended keys are 0 and then their scan code."""
        if self._ahead:
            byte = self._ahead[0]
            del self._ahead[0]
            return byte
        key = self.bios.keys.take()
        if key is None:
            return None
        if key & 0xFF in (0, 0xE0) and key >> 8:
            self._ahead.append(key >> 8)
            return 0
        return key & 0xFF

    def has_byte(self) -> bool:
        """Whether take_byte() would have one."""
        return bool(self._ahead) or self.bios.keys.peek() is not None

    def wait(self) -> None:
        """Let the guest halt, then enter INT 21h again."""
        self.bios.rom.wait(_INT21)

    # -- functions ---------------------------------------------------------------------------------

    def _ignore(self) -> None:
        """AH=04h, 05h: the auxiliary device and the printer take everything."""

    def _read_auxiliary(self) -> None:
        self.cpu.al = 0x1A

    def _read(self, echo: bool, breakable: bool) -> None:
        if breakable and self.check_break():
            return
        byte = self.take_byte()
        if byte is None:
            self.wait()
            return
        if echo:
            self.write(bytes((byte,)))
        self.cpu.al = byte

    def _read_echo(self) -> None:
        self._read(True, True)

    def _read_raw(self) -> None:
        self._read(False, False)

    def _read_silent(self) -> None:
        self._read(False, True)

    def _write_character(self) -> None:
        if self.check_break():
            return
        self.write(bytes((self.cpu.dl,)))
        self.cpu.al = self.cpu.dl

    def _write_string(self) -> None:
        if self.check_break():
            return
        self.write(self.memory.text(self.ds_dx, 0x10000 - self.cpu.dx, ord("$")))
        self.cpu.al = ord("$")

    def _direct(self) -> None:
        """AH=06h: output, or input without waiting when DL=FFh."""
        cpu = self.cpu
        if cpu.dl != 0xFF:
            self.write(bytes((cpu.dl,)))
            cpu.al = cpu.dl
            return
        byte = self.take_byte()
        self.dos.set_zero(byte is None)
        cpu.al = byte or 0

    def _status(self) -> None:
        if self.check_break():
            return
        self.cpu.al = 0xFF if self.has_byte() else 0

    def _flush_and_read(self) -> None:
        """AH=0Ch: empty the typeahead, then call the input function in AL."""
        if not self._flushed:
            self.bios.keys.clear()
            self._ahead.clear()
        function = self.cpu.al
        handlers = {1: self._read_echo, 6: self._direct, 7: self._read_raw, 8: self._read_silent, 10: self._read_line}
        handler = handlers.get(function)
        if handler is None:
            self.cpu.al = 0
            return
        self._flushed = True
        handler()
        if self.cpu.eip != _INT21 * 16 + 9:
            self._flushed = False

    def edit_line(self, limit: int) -> bytes | None:
        """Read a line with echo and editing, up to `limit` bytes, without CR; None while it is unfinished."""
        if self._line is None:
            self._line = bytearray()
        line = self._line
        while True:
            byte = self.take_byte()
            if byte is None:
                return None
            if byte == 13:
                self._line = None
                return bytes(line)
            if byte == 0:
                self._ahead.clear()
            elif byte == 8:
                if line:
                    line.pop()
                    self.write(b"\b \b")
            elif byte == 27:
                self.write(b"\\\r\n")
                line.clear()
            elif byte == 10:
                self.write(b"\r\n")
            elif len(line) >= limit:
                self.write(b"\a")
            else:
                line.append(byte)
                self.write(bytes((byte,)))

    def _read_line(self) -> None:
        """AH=0Ah: buffered line input into DS:DX: room, count, bytes, CR."""
        if self.check_break():
            return
        room = self.memory.u8(self.ds_dx)
        if room == 0:
            return
        line = self.edit_line(room - 1)
        if line is None:
            self.wait()
            return
        self.write(b"\r")
        self.memory.write(self.ds_dx + 1, bytes((len(line),)) + line + b"\r")

    def fast_output(self) -> None:
        """INT 29h: print AL."""
        self.write(bytes((self.cpu.al,)))
