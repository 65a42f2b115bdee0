"""Running a DOS program on an emulated PC: run_program() and what it returns."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from emulator.bios import Bios
from emulator.dos import Dos
from emulator.dos.errors import DosError
from emulator.dos.folder import shorten
from emulator.dos.process import LONGEST_TAIL
from emulator.errors import BadProgramError, EmulatorError, GuestExitError, GuestStopError, SinkError, Stop
from emulator.keyboard import BREAK
from emulator.loader import read_program
from emulator.machine import Machine
from emulator.memory import PAGE
from emulator.profiles import DEFAULT_CPU, CpuProfile, find_profile
from emulator.profiling.collect import collect
from emulator.profiling.schema import Mark, Profile
from emulator.symbols import Symbols
from emulator.timing.model import CycleModel
from emulator.timing.options import Profiling, Timing
from emulator.timing.sampler import Sampler
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
    clocks: emulated time in CPU clocks by the cycle model, waiting included; probe_clocks: the same at each
    arrival; sampling_error: relative standard error of what was not modelled but estimated.  None and empty
    without the model.
    """

    exit_code: int
    instructions: int
    peak_memory_bytes: int
    conventional_bytes: int
    extended_bytes: int
    stop: Stop | None
    host_seconds: float
    cpu: str
    clock_hz: int
    probes: dict[str, list[int]] = field(default_factory=dict)
    screen: list[str] = field(default_factory=list)
    clocks: int | None = None
    probe_clocks: dict[str, list[int]] = field(default_factory=dict)
    sampling_error: float | None = None
    profile: Profile | None = None


class Session:
    """One program on one machine; run_program() is the short way to it.

    The parts can be looked at and changed between construction and run(): machine, bios, dos, xms.
    Raises EmulatorError (BadProgramError for the file) when there is nothing to run.
    """

    def __init__(
        self,
        exe: Path,
        args: bytes = b"",
        *,
        folder: Path,
        cpu: str | CpuProfile = DEFAULT_CPU,
        memory_mb: int = 32,
        console: Callable[[bytes], None],
        keys: bytes = b"",
        instruction_limit: int | None = None,
        time_limit: float | None = None,
        map_file: Path | None = None,
        probes: Sequence[str] = (),
        xms: bool = True,
        redirect: bool = False,
        on_interrupt: Literal["guest", "stop"] = "guest",
        timing: Timing | None = None,
        profiling: Profiling | None = None,
    ) -> None:
        program = read_program(exe)
        if not folder.is_dir():
            raise EmulatorError(f"{folder}: no such folder: give an existing one for the guest's files")
        marks = profiling.marks if profiling is not None else ()
        dividing = (timing.symbol,) if timing is not None and timing.every > 1 else ()
        self.symbols = Symbols(
            exe, map_file, tuple(dict.fromkeys((*probes, *marks, *dividing))), profiling.split if profiling else ()
        )
        self.machine = Machine(find_profile(cpu), memory_mb)
        self.bios = Bios(self.machine, console)
        self.dos = Dos(self.machine, self.bios, folder)
        self.xms = Xms(self.machine, self.bios, self.dos) if xms else None
        tail = (b" " + args) if args else b""
        if len(tail) > LONGEST_TAIL or b"\r" in tail:
            raise EmulatorError(f"the arguments may be {LONGEST_TAIL - 1} bytes without a CR, not {len(args)}")
        try:
            self.dos.process.load(program, self._dos_path(exe), tail)
        except DosError as error:
            raise BadProgramError(f"{exe}: does not fit into the conventional memory of a PC") from error
        if redirect:
            self.dos.files.redirect_output()
        self.symbols.attach(self.machine, self.dos.process.load_address)
        self.machine.keyboard.type(keys)
        if instruction_limit is not None:
            self.machine.instruction_limit = instruction_limit
        #: Called when the program waits for a key and none is queued: True if some may still come.
        self.more_keys: Callable[[], bool] = lambda: False
        #: Called about 20 times a second while the program runs.
        self.on_heartbeat: Callable[[], None] = lambda: None
        self._exe = exe
        self._profiling = profiling
        self._marks: list[Mark] = []
        self._timing = timing if timing is not None or profiling is None else Timing()
        self._sampler: Sampler | None = None
        if self._timing is not None:
            self._measure(self._timing)
        self._time_limit = time_limit
        self._grace = _GRACE if on_interrupt == "guest" else 0.0
        self._started = 0.0
        self._interrupts = 0
        self._deadline = 0.0
        self._waited = 0
        self.machine.on_heartbeat = self._heartbeat
        self.bios.rom.on_wait = self._waiting

    def _measure(self, timing: Timing) -> None:
        """Put the run through the cycle model."""
        model = CycleModel(self.machine.profile, timing.assumptions)
        self.machine.attach_model(model)
        if self._profiling is not None:
            model.start_profiling()
        self.symbols.watchers.append(self._arrived)
        if timing.every > 1:
            self._sampler = Sampler(self.machine, timing.every)
        else:
            self.machine.start_model()

    def _arrived(self, name: str, _count: int) -> None:
        assert self.machine.model is not None
        assert self._timing is not None
        if self._profiling is not None and name in self._profiling.marks:
            self._marks.append(Mark(name, self.machine.model.totals))
        if self._sampler is not None and name == self._timing.symbol:
            self._sampler.arrive()

    def _dos_path(self, exe: Path) -> str:
        """The program's path as the guest sees it: under C: if it lies in the folder, else as if it did."""
        folder = self.dos.folder
        real = exe.resolve()
        names = [shorten(exe.name)]
        if real.is_relative_to(folder.root):
            names = []
            place = folder.root
            for part in real.relative_to(folder.root).parts:
                short = {host: name for name, host in folder.listing(place).items()}
                names.append(short.get(part, shorten(part)))
                place /= part
        return "C:\\" + "\\".join(names).encode("cp437", "replace").decode("cp437")

    # -- budgets and signals -----------------------------------------------------------------------

    def interrupt(self) -> None:
        """Ctrl-C: the guest gets Ctrl-Break first; a second one, or a grace period, stops the run."""
        self._interrupts += 1
        self.machine.attend()

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self._interrupts > 0

    def _heartbeat(self) -> None:
        now = time.monotonic()
        self.on_heartbeat()
        if self._interrupts and not self._deadline:
            self._deadline = now + self._grace
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
        """The program waits for a key; if none can come, give its timer handlers a minute, then stop."""
        if not self.machine.keyboard.idle or self._interrupts or self.more_keys():
            self._waited = 0
            return
        self._waited += 1
        if self._waited > _PATIENCE:
            raise GuestStopError("input", "the program waits for a key, but there is no more input")

    # -- running -----------------------------------------------------------------------------------

    def run(self) -> RunResult:
        """Run until the program ends or is stopped."""
        self._started = time.monotonic()
        beat = _Heartbeat(self.machine)
        stop: Stop | None = None
        code = STOPPED
        beat.start()
        try:
            self.machine.run()
        except GuestExitError as ended:
            code = ended.code
        except GuestStopError as stopped:
            stop = self._describe(stopped)
            code = INTERRUPTED if stopped.reason == "interrupted" else STOPPED
        except SinkError as error:
            raise error.__cause__ or error from None
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
            host_seconds=time.monotonic() - self._started,
            cpu=self.machine.profile.name,
            clock_hz=self.machine.profile.clock_hz,
            probes=self.symbols.arrivals(),
            screen=self.bios.video.screen(),
            clocks=self.machine.clock.clocks if self._timing is not None else None,
            probe_clocks={name: list(times) for name, times in self.symbols.clocks.items()} if self._timing else {},
            sampling_error=self._sampler.error() if self._sampler is not None else None,
            profile=self._profile(),
        )

    def _profile(self) -> Profile | None:
        model = self.machine.model
        if self._profiling is None or model is None:
            return None
        return collect(model, self._exe.name, self.symbols.base(), self._marks, self.machine.count, self.machine.clock)

    def _describe(self, stopped: GuestStopError) -> Stop:
        text, where = stopped.message, ""
        if stopped.address is not None:
            where = self.symbols.where(stopped.address)
            text += f", at {stopped.address:08X}h" + (f" in {where}" if where else "")
        return Stop(stopped.reason, text, stopped.address, where)


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


@contextmanager
def handling_signals(session: Session) -> Iterator[None]:
    """Turn SIGINT into Session.interrupt() meanwhile; only the main thread can."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda *_: session.interrupt())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def run_program(
    exe: Path,
    args: bytes = b"",
    *,
    folder: Path,
    cpu: str | CpuProfile = DEFAULT_CPU,
    memory_mb: int = 32,
    console: Callable[[bytes], None],
    keys: bytes = b"",
    instruction_limit: int | None = None,
    time_limit: float | None = None,
    map_file: Path | None = None,
    probes: Sequence[str] = (),
    xms: bool = True,
    redirect: bool = False,
    on_interrupt: Literal["guest", "stop"] = "guest",
    timing: Timing | None = None,
    profiling: Profiling | None = None,
) -> RunResult:
    """Run a DOS program and return what it did.

    args: the command tail as typed, without the leading blank.  folder: the host folder that is drive C:.
    cpu: a name out of PROFILES, a TOML file, or a profile.  console: gets the bytes that the program prints,
    as it prints them.  keys: bytes typed from the start on.  instruction_limit and time_limit (host seconds)
    stop the run.  map_file gives places names; probes are code symbols of it whose every arrival is recorded.
    xms: whether HIMEM is loaded; without it extended memory is for INT 15h.  redirect: the program's standard
    output is a file, as with > on DOS's command line, whose bytes console gets.  on_interrupt: Ctrl-C in the
    main thread is Ctrl-Break for the guest first, and stops the run when it comes again or 5 seconds have
    passed ("guest"), or it stops the run at once ("stop").  timing: put the run through the cycle model;
    profiling: make a profile (with every instruction modelled, unless timing says otherwise).

    Raises EmulatorError when there is nothing to run; whatever the guest does ends in a RunResult.
    """
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
        map_file=map_file,
        probes=probes,
        xms=xms,
        redirect=redirect,
        on_interrupt=on_interrupt,
        timing=timing,
        profiling=profiling,
    )
    with handling_signals(session):
        return session.run()
