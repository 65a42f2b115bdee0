"""What the disk takes: seek, rotation, the media's rate, and the programmed I/O of the CPU.

Files are taken to lie in one piece, in sectors of 512 bytes; DOS keeps the sector read last, the drive reads
ahead, so reading on costs the transfer alone.  An IDE drive of its time moves its data through a port, a word
at a time (REP INSW): the CPU does nothing else meanwhile, as it does nothing else during a seek, since DOS
waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SECTOR: Final = 512
#: CPU clocks of REP INSW and OUTSW a word, besides what the port takes (Intel: 8 and 5).
_CLOCKS_A_WORD: Final = 8


@dataclass(frozen=True)
class DiskTiming:
    """A drive: seek_ms the average seek, turn_ms one turn of the platter, kb_per_s the rate of the media.

    The defaults are a 3.5-inch IDE drive of 1993 in round figures (16 ms and 4,300 turns a minute in the data
    sheet of Quantum's ProDrive LPS 240; 1.2 MB/s): typical, not measured.
    """

    seek_ms: float = 16.0
    turn_ms: float = 14.0
    kb_per_s: float = 1200.0


class Disk:
    """The drive's head: where it is, and the CPU clocks until something has been read or written."""

    def __init__(self, timing: DiskTiming, clock_hz: int, port_ns: int) -> None:
        media = SECTOR / (timing.kb_per_s * 1024)
        programmed = SECTOR // 2 * (port_ns * 1e-9 + _CLOCKS_A_WORD / clock_hz)
        #: Clocks of a sector: the slower of the media and of the CPU that fetches it.
        self.sector_clocks: Final = round(max(media, programmed) * clock_hz)
        #: Clocks until the first sector of another place passes under the head.
        self.seek_clocks: Final = round((timing.seek_ms + timing.turn_ms / 2) * 1e-3 * clock_hz)
        self._place: tuple[object, int] | None = None  # the file and the sector read last

    def directory(self) -> int:
        """Clocks to find a file: the directory's sector, somewhere else."""
        self._place = None
        return self.seek_clocks + self.sector_clocks

    def transfer(self, file: object, position: int, count: int) -> int:
        """Clocks to read or write `count` bytes of a file (anything that equals itself) from a position on."""
        if count <= 0:
            return 0
        first, last = position // SECTOR, (position + count - 1) // SECTOR
        sectors = last - first + 1
        clocks = 0
        if self._place == (file, first):
            sectors -= 1  # still in DOS's buffer
        elif self._place != (file, first - 1):
            clocks = self.seek_clocks
        self._place = file, last
        return clocks + sectors * self.sector_clocks
