"""Keys from the host's stdin: a terminal key by key, anything else when the program first waits for a key."""

from __future__ import annotations

import os
import select
import sys
import termios
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any

from emulator.clock import PIT_HZ

if TYPE_CHECKING:
    from emulator.run import Session

#: What a terminal sends for keys that a PC's keyboard calls otherwise.
_KEYS = bytes.maketrans(b"\n\x7f", b"\r\b")


class Terminal:
    """Connects stdin to a session while it runs; as a context manager it restores the terminal.

    A terminal is switched to single keys without echo, and while the program waits, emulated time is held
    to the pace of real time.  interactive=False never touches the terminal's settings.
    """

    def __init__(self, session: Session, *, interactive: bool = True) -> None:
        self._session = session
        self._saved: list[Any] | None = None
        try:
            self._input = sys.stdin.fileno()
            self._tty = os.isatty(self._input)
        except (AttributeError, OSError, ValueError):
            self._input, self._tty = -1, False
        self._interactive = self._tty and interactive
        self._ended = sys.stdin is None

    def __enter__(self) -> Terminal:
        self._session.more_keys = self._more
        if self._interactive:
            self._saved = termios.tcgetattr(self._input)
            settings = termios.tcgetattr(self._input)
            settings[3] &= ~(termios.ICANON | termios.ECHO)
            termios.tcsetattr(self._input, termios.TCSADRAIN, settings)
            self._session.on_heartbeat = self._poll
            self._session.machine.on_idle = self._idle
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._saved is not None:
            termios.tcsetattr(self._input, termios.TCSADRAIN, self._saved)

    def _poll(self, wait: float = 0.0) -> None:
        """Type what the terminal has, after waiting for it up to `wait` seconds."""
        if not select.select([self._input], [], [], wait)[0]:
            return
        data = os.read(self._input, 256)
        self._ended = self._ended or not data
        self._session.machine.keyboard.type(data.translate(_KEYS))

    def _idle(self, event: int) -> None:
        """The CPU is halted until a PIT time: let as much real time pass."""
        seconds = (event - self._session.machine.pit_now()) / PIT_HZ
        if self._ended:
            time.sleep(min(seconds, 0.05))
        else:
            self._poll(min(seconds, 0.05))

    def _more(self) -> bool:
        """The program waits for a key: whether one may come.  A file or pipe is now read to its end."""
        if self._interactive or self._ended:
            return self._interactive and not self._ended
        self._ended = True
        if self._tty:
            return False
        data = self._read_all()
        self._session.machine.keyboard.type(data)
        return bool(data)

    def _read_all(self) -> bytes:
        """Stdin to its end, or up to a Ctrl-C."""
        if self._input < 0:
            return sys.stdin.buffer.read()
        data = bytearray()
        while not self._session.interrupted:
            if select.select([self._input], [], [], 0.1)[0]:
                part = os.read(self._input, 65536)
                if not part:
                    break
                data += part
        return bytes(data)
