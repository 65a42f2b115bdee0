"""Running a DOS program on an emulated PC: run_program() and what it returns."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from emulator.bios import Bios
from emulator.dos import Dos
from emulator.dos.errors import DosError
from emulator.dos.process import LONGEST_TAIL
from emulator.errors import BadProgramError, EmulatorError, GuestExitError, GuestStopError, Stop
from emulator.keyboard import BREAK
from emulator.loader import read_program
from emulator.machine import Machine, host_seconds
from emulator.memory import PAGE
from emulator.profiles import DEFAULT_CPU, find_profile
from emulator.xms import Xms

#: Seconds of host time between two looks at signals and budgets.
_HEARTBEAT: Final = 0.05
#: Seconds of host time that a guest has after Ctrl-C before the run is stopped.
_GRACE: Final = 5.0
#: How many timer ticks a program may wait for a key that cannot come: a minute of emulated time.
_PATIENCE: Final = 1092
STOPPED: Final = 1
INTERRUPTED: Final = 130


@dataclass(frozen=True)
class RunResult:
    """What a run did.

    exit_code: the guest's own, or 1 (130 after Ctrl-C) when `stop` says why it did not end by itself.
    peak_memory_bytes: 4 KB pages below 640 KB and above 1 MB that were written, in bytes; conventional and
    extended are its two parts.  probes: for each symbol asked for, the instruction count at each arrival.
    """

    exit_code: int
    instructions: int
    peak_memory_bytes: int
    conventional_bytes: int
    extended_bytes: int
    stop: Stop | None
    host_seconds: float
    cpu: str
    probes: dict[str, list[int]] = field(default_factory=dict)
    screen: list[str] = field(default_factory=list)


class Session:
    """One program on one machine; run_program() is the short way to it."""

    def __init__(
        self,
        exe: Path,
        args: bytes = b"",
        *,
        folder: Path,
        cpu: str = DEFAULT_CPU,
        memory_mb: int = 32,
        console: Callable[[bytes], None],
        keys: bytes = b"",
        instruction_limit: int | None = None,
        time_limit: float | None = None,
        xms: bool = True,
    ) -> None:
        program = read_program(exe)
        if not folder.is_dir():
            raise EmulatorError(f"{folder}: no such folder: give an existing one for the guest's files")
        self.machine = Machine(find_profile(cpu), memory_mb)
        self.bios = Bios(self.machine, console)
        self.dos = Dos(self.machine, self.bios, folder)
        if xms:
            self.xms: Xms | None = Xms(self.machine, self.bios, self.dos)
        else:
            self.xms = None
        tail = (b" " + args) if args else b""
        if len(tail) > LONGEST_TAIL or b"\r" in tail:
            raise EmulatorError(f"the command tail may be {LONGEST_TAIL - 1} bytes long, without CR; this one is not")
        try:
            self.dos.process.load(program, self._dos_path(exe), tail)
        except DosError as error:
            raise BadProgramError(f"{exe}: does not fit the conventional memory of the PC") from error
        self.machine.keyboard.type(keys)
        if instruction_limit is not None:
            self.machine.instruction_limit = instruction_limit
        self._time_limit = time_limit
        self._started = host_seconds()
        self._interrupts = 0
        self._deadline = 0.0
        self._waited = 0
        self.machine.on_heartbeat = self._heartbeat
        self.dos.console.on_wait_for_key = self._waiting
        #: Whether more keys may come although none is queued (a terminal is attached).
        self.more_keys: Callable[[], bool] = lambda: False

    def _dos_path(self, exe: Path) -> str:
        """The program's path as the guest sees it: under C: if it lies in the folder, else as if it did."""
        root = self.dos.folder.root
        real = exe.resolve()
        name = exe.name.upper()
        if real.is_relative_to(root):
            names = []
            place = root
            for part in real.relative_to(root).parts:
                listing = {host: short for short, host in self.dos.folder.listing(place).items()}
                names.append(listing.get(part, part.upper()))
                place /= part
            return "C:\\" + "\\".join(names)
        return "C:\\" + name.encode("cp437", "replace").decode("cp437")

    # -- budgets and signals -----------------------------------------------------------------------

    def interrupt(self) -> None:
        """Ctrl-C: the guest gets Ctrl-Break first; a second one, or a grace period, stops the run."""
        self._interrupts += 1
        self.machine.attend()

    def _heartbeat(self) -> None:
        now = host_seconds()
        if self._interrupts and not self._deadline:
            self._deadline = now + _GRACE
            self.machine.keyboard.press(BREAK, urgent=True)
        if self._interrupts > 1 or (self._deadline and now >= self._deadline):
            raise GuestStopError("interrupted", "interrupted by Ctrl-C", self.machine.cpu.linear_ip)
        if self._time_limit is not None and now - self._started >= self._time_limit:
            raise GuestStopError(
                "time-limit",
                f"stopped after {self._time_limit:g} seconds, the limit given",
                self.machine.cpu.linear_ip,
            )

    def _waiting(self) -> None:
        """DOS waits for a key; without one to come, give the guest's timer handlers a minute and stop."""
        if not self.machine.keyboard.idle or self.more_keys() or self._interrupts:
            self._waited = 0
            return
        self._waited += 1
        if self._waited > _PATIENCE:
            raise GuestStopError("input", "the program waits for a key, but there is no more input")

    # -- running -----------------------------------------------------------------------------------

    def run(self) -> RunResult:
        """Run until the program ends or is stopped."""
        self._started = host_seconds()
        beat = _Heartbeat(self.machine)
        stop: Stop | None = None
        code = STOPPED
        beat.start()
        try:
            self.machine.run()
        except GuestExitError as ended:
            code = ended.code
        except GuestStopError as stopped:
            stop = Stop(stopped.reason, self._describe(stopped), stopped.address, self._where(stopped.address))
            code = INTERRUPTED if stopped.reason == "interrupted" else STOPPED
        finally:
            beat.finish()
            self.dos.files.close_all()
        low, high = self.machine.memory.used_pages()
        return RunResult(
            exit_code=code,
            instructions=self.machine.count,
            peak_memory_bytes=(low + high) * PAGE,
            conventional_bytes=low * PAGE,
            extended_bytes=high * PAGE,
            stop=stop,
            host_seconds=host_seconds() - self._started,
            cpu=self.machine.profile.name,
            screen=self.bios.video.screen(),
        )

    def _where(self, _address: int | None) -> str:
        return ""

    def _describe(self, stopped: GuestStopError) -> str:
        text = stopped.message
        if stopped.address is not None:
            where = self._where(stopped.address)
            text += f", at {stopped.address:08X}h"
            if where:
                text += f" in {where}"
        return text


class _Heartbeat(threading.Thread):
    """Asks the machine for control every so often, so that signals and budgets are seen."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(name="emulator-heartbeat", daemon=True)
        self._machine = machine
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(_HEARTBEAT):
            self._machine.attend()

    def finish(self) -> None:
        """End the thread."""
        self._done.set()
        self.join()


class _Signals:
    """Turns SIGINT into Session.interrupt() while a run lasts; only the main thread can."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._before: Any = None
        self._active = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> None:
        if self._active:
            self._before = signal.signal(signal.SIGINT, lambda *_: self._session.interrupt())

    def __exit__(self, *_: object) -> None:
        if self._active:
            signal.signal(signal.SIGINT, self._before)


def run_program(
    exe: Path,
    args: bytes = b"",
    *,
    folder: Path,
    cpu: str = DEFAULT_CPU,
    memory_mb: int = 32,
    console: Callable[[bytes], None],
    keys: bytes = b"",
    instruction_limit: int | None = None,
    time_limit: float | None = None,
    map_file: Path | None = None,
    probes: Sequence[str] = (),
    xms: bool = True,
) -> RunResult:
    """Run a DOS program and return what it did."""
    session = Session(
        exe,
        args,
        folder=folder,
        cpu=cpu,
        memory_mb=memory_mb,
        console=console,
        keys=keys,
        instruction_limit=instruction_limit,
        time_limit=time_limit,
        xms=xms,
    )
    with _Signals(session):
        return session.run()
