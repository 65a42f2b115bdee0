"""The machines that can be emulated: a CPU and the board around it, read from TOML files.

The files of the built-in ones lie in emulator/machines; a user can write his own and name it by its path.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from emulator.disk import DiskTiming
from emulator.errors import EmulatorError

_FOLDER: Final = Path(__file__).parent / "machines"
_MHZ: Final = 1_000_000


@dataclass(frozen=True)
class Board:
    """Memory as the CPU sees it; in bus clocks unless a name ends in _ns.

    l2_bytes: size of the second-level cache, 0 for none, direct-mapped, filled by reads; l2_write_back:
    whether a write that hits it stays in it.  l2_lead, l2_burst: clocks to a line's first dword and between
    its dwords (2-1-1-1 is lead 2, burst 1); l2_write: clocks of a write.  dram_*: the same of DRAM with the
    row open; dram_row: more when another row is open, row_bytes: bytes of a row across all banks.
    video_*_ns: an access to display memory; port_ns: to an I/O port.
    """

    l2_bytes: int = 0
    l2_write_back: bool = True
    l2_lead: int = 3
    l2_burst: int = 1
    l2_write: int = 3
    dram_lead: int = 5
    dram_burst: int = 3
    dram_write: int = 3
    dram_row: int = 2
    row_bytes: int = 4096
    video_read_ns: int = 900
    video_write_ns: int = 600
    port_ns: int = 750


@dataclass(frozen=True)
class CpuProfile:
    """A CPU of the 486 family and its board.

    clock_hz: core clock; bus_hz: clock of the bus, which DX2 and DX4 multiply; fpu: whether there is an
    x87; cache_bytes: size of the unified on-chip cache (Intel's data sheets: 8 KB, 16 KB on the DX4).
    """

    name: str
    clock_hz: int
    bus_hz: int
    fpu: bool
    cache_bytes: int
    board: Board = field(default_factory=Board)
    disk: DiskTiming = field(default_factory=DiskTiming)
    title: str = ""

    @property
    def ratio(self) -> int:
        """Core clocks a bus clock."""
        return round(self.clock_hz / self.bus_hz)

    @property
    def multiplied(self) -> bool:
        """Whether the core runs faster than the bus."""
        return self.ratio > 1

    def as_data(self) -> dict[str, Any]:
        """The profile as plain data, for JSON."""
        return asdict(self)


DEFAULT_CPU: Final = "486dx2-66"

#: Short names that the command line takes as well.
ALIASES: Final = MappingProxyType({"486sx": "486sx-25", "486dx": "486dx2-66"})


def find_profile(name: str | CpuProfile) -> CpuProfile:
    """The profile of a name or alias, whatever the case, or of a TOML file; EmulatorError lists the known ones.

    A profile is its own.
    """
    if isinstance(name, CpuProfile):
        return name
    if name.lower().endswith(".toml"):
        return read_profile(Path(name))
    key = ALIASES.get(name.lower(), name.lower())
    if key not in PROFILES:
        raise EmulatorError(f"unknown CPU {name!r}: choose one of {', '.join(PROFILES)}, or give a .toml file of yours")
    return PROFILES[key]


def read_profile(path: Path) -> CpuProfile:
    """Read a profile from a TOML file; EmulatorError names the file and what is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "no text in UTF-8"
        raise EmulatorError(f"{path}: cannot be read ({reason}): give the TOML file of a machine") from error
    except tomllib.TOMLDecodeError as error:
        raise EmulatorError(f"{path}: not valid TOML: {error}") from error
    return _Reader(path, data).profile()


class _Reader:
    """Checks each value as it is taken; what is left over was misspelt."""

    def __init__(self, path: Path, data: Mapping[str, Any]) -> None:
        self._path = path
        self._title = data.get("title", "")
        self._tables: dict[str, dict[str, Any]] = {}
        for table in ("cpu", "board", "disk"):
            found = data.get(table, {} if table == "disk" else None)
            if not isinstance(found, dict):
                raise self._error(f"has no table [{table}]")
            self._tables[table] = dict(found)
        unknown = set(data) - {"title", "cpu", "board", "disk"}
        if unknown:
            raise self._error(
                f"has an unknown entry {sorted(unknown)[0]!r}: title, [cpu], [board] and [disk] are known"
            )
        if not isinstance(self._title, str):
            raise self._error("title is no text")

    def profile(self) -> CpuProfile:
        """The profile."""
        bus = round(self._number("cpu", "bus_mhz", 1, 200) * _MHZ)
        usual = DiskTiming()
        disk = DiskTiming(
            seek_ms=self._number("disk", "seek_ms", 0, 1000, usual.seek_ms),
            turn_ms=self._number("disk", "turn_ms", 0, 1000, usual.turn_ms),
            kb_per_s=self._number("disk", "kb_per_s", 1, 100_000, usual.kb_per_s),
        )
        multiplier = self._whole("cpu", "multiplier", 1, 4)
        cache_kb = self._whole("cpu", "cache_kb", 1, 16)
        if cache_kb & (cache_kb - 1):
            raise self._error(f"cache_kb = {cache_kb}: give 1, 2, 4, 8 or 16")
        l2_kb = self._whole("board", "l2_kb", 0, 1024)
        if l2_kb & (l2_kb - 1):
            raise self._error(f"l2_kb = {l2_kb}: give 0 or a power of two up to 1024")
        reads = {"l2": (3, 1), "dram": (5, 3)}
        if l2_kb:
            reads["l2"] = self._pair("l2_read")
        reads["dram"] = self._pair("dram_read")
        row_bytes = self._whole("board", "row_bytes", 512, 65536, 4096)
        if row_bytes & (row_bytes - 1):
            raise self._error(f"row_bytes = {row_bytes}: give a power of two")
        board = Board(
            l2_bytes=l2_kb * 1024,
            l2_write_back=self._flag("board", "l2_write_back", True),
            l2_lead=reads["l2"][0],
            l2_burst=reads["l2"][1],
            l2_write=self._whole("board", "l2_write", 1, 100, 3),
            dram_lead=reads["dram"][0],
            dram_burst=reads["dram"][1],
            dram_write=self._whole("board", "dram_write", 1, 100),
            dram_row=self._whole("board", "dram_row_miss", 0, 100),
            row_bytes=row_bytes,
            video_read_ns=self._whole("board", "video_read_ns", 0, 100_000, 900),
            video_write_ns=self._whole("board", "video_write_ns", 0, 100_000, 600),
            port_ns=self._whole("board", "port_ns", 0, 100_000, 750),
        )
        profile = CpuProfile(
            name=self._path.stem,
            clock_hz=bus * multiplier,
            bus_hz=bus,
            fpu=self._flag("cpu", "fpu", None),
            cache_bytes=cache_kb * 1024,
            board=board,
            disk=disk,
            title=self._title,
        )
        for table, left in self._tables.items():
            if left:
                raise self._error(f"[{table}] has an unknown entry {sorted(left)[0]!r}")
        return profile

    def _error(self, what: str) -> EmulatorError:
        return EmulatorError(f"{self._path}: {what} (emulator/machines/*.toml are examples)")

    def _take(self, table: str, name: str, default: Any) -> Any:
        if name not in self._tables[table]:
            if default is None:
                raise self._error(f"[{table}] lacks {name}")
            return default
        return self._tables[table].pop(name)

    def _number(self, table: str, name: str, least: float, most: float, default: float | None = None) -> float:
        value = self._take(table, name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise self._error(f"{name} = {value!r}: give a number from {least:g} to {most:g}")
        return float(value)

    def _whole(self, table: str, name: str, least: int, most: int, default: int | None = None) -> int:
        value = self._take(table, name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self._error(f"{name} = {value!r}: give a whole number from {least} to {most}")
        return value

    def _flag(self, table: str, name: str, default: bool | None) -> bool:
        value = self._take(table, name, default)
        if not isinstance(value, bool):
            raise self._error(f"{name} = {value!r}: give true or false")
        return value

    def _pair(self, name: str) -> tuple[int, int]:
        value = self._take("board", name, None)
        if (
            not isinstance(value, list)
            or len(value) != 2
            or not all(isinstance(one, int) and not isinstance(one, bool) and 1 <= one <= 100 for one in value)
        ):
            raise self._error(f"{name} = {value!r}: give [clocks to the first dword, clocks to each of the others]")
        return value[0], value[1]


@cache
def _built_in() -> Mapping[str, CpuProfile]:
    names = ["486sx-25", "486sx-33", "486dx-33", "486dx-50", "486dx2-50", "486dx2-66", "486dx4-100"]
    return MappingProxyType({name: read_profile(_FOLDER / f"{name}.toml") for name in names})


PROFILES: Final = _built_in()
