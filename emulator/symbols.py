"""Names for places in the guest, and probes on them, through the program's map."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.errors import EmulatorError
from emulator.mapfile import MapError, MapFile, read_map

if TYPE_CHECKING:
    from emulator.machine import Machine


class Symbols:
    """The map of a program that relocates itself: the image's address is known once it has stored it."""

    def __init__(self, exe: Path, map_file: Path | None, probes: Sequence[str], splits: Sequence[str] = ()) -> None:
        self.map: MapFile | None = None
        if map_file is not None:
            try:
                self.map = read_map(map_file)
            except MapError as error:
                raise EmulatorError(str(error)) from error
            if not self.map.fits(exe.read_bytes()):
                raise EmulatorError(
                    f"{map_file} is the map of another program or build than {exe.name}; make both again"
                )
        self._offsets = {name: self._code_offset(name) for name in probes}
        self._splits = [self._code_offset(name) for name in splits]
        self._arrivals: dict[str, list[int]] = {name: [] for name in self._offsets}
        #: Called at each arrival at a probe with the symbol's name and the instruction count. It may look at the
        #: machine but must leave it as it is. Memory is that of the moment: up to date where a probe is called or
        #: jumped to; where control falls into it, as it was at the beginning of the block of straight code.
        self.on_arrival: Callable[[str, int], None] | None = None
        #: The same, for parts of the emulator.
        self.watchers: list[Callable[[str, int], None]] = []
        #: Of every probe, the emulated time of each arrival in CPU clocks.
        self.clocks: dict[str, list[int]] = {name: [] for name in self._offsets}
        self._machine: Machine | None = None
        self._load_address = 0
        self._base = 0

    def _code_offset(self, name: str) -> int:
        symbol = self.map.symbol(name) if self.map is not None else None
        if symbol is None or symbol.kind != "code":
            raise EmulatorError(f"no code symbol {name!r} in the map: a probe needs one")
        return symbol.offset

    def attach(self, machine: Machine, load_address: int) -> None:
        """Watch a machine into which the program was loaded at a linear address."""
        self._machine = machine
        self._load_address = load_address
        if self._offsets or self._splits:
            machine.on_new_code = self._look
            machine.on_probe = self._arrived

    def base(self) -> int | None:
        """Linear address of the image, None as long as the program has not stored a possible one."""
        if self.map is None or self._machine is None:
            return None
        memory = self._machine.memory
        at = self._load_address + self.map.base_pointer
        if at + 4 > memory.size:
            return None
        base = memory.u32(at)
        return base if 0 < base <= memory.size - self.map.image_size else None

    def _look(self, _address: int) -> None:
        """New code is about to run: if the image's address became known, put the probes in place."""
        base = self.base()
        if base is None or base == self._base or self._machine is None:
            return
        self._base = base
        probes: dict[int, list[int]] = {}
        for name, offset in self._offsets.items():
            probes.setdefault(base + offset, self._arrivals[name])
            self._arrivals[name] = probes[base + offset]
        self._machine.probes = probes
        if self._machine.model is not None:
            self._machine.model.split([base + offset for offset in self._splits])
        self._machine.gate.flush()

    def _arrived(self, address: int, count: int) -> None:
        for name, offset in self._offsets.items():
            if self._base + offset == address:
                if self._machine is not None:
                    self.clocks[name].append(self._machine.clock.clocks)
                for watcher in self.watchers:
                    watcher(name, count)
                if self.on_arrival is not None:
                    self.on_arrival(name, count)

    def arrivals(self) -> dict[str, list[int]]:
        """For each probe, the instruction count at every arrival."""
        return {name: list(counts) for name, counts in self._arrivals.items()}

    def where(self, address: int) -> str:
        """ "procedure, FILE.BAS:123" for a linear address inside the image, else ""."""
        base = self.base()
        if base is None or self.map is None or not base <= address < base + self.map.image_size:
            return ""
        return self.map.symbolize(address - base)
