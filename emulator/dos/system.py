"""The rest of INT 21h: drives, vectors, date and time, version, and INT 2Fh."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from emulator.dos import errors
from emulator.dos.errors import DosError
from emulator.dos.folder import DRIVE
from emulator.dos.frame import Services

if TYPE_CHECKING:
    from emulator.dos.kernel import Dos, Handler

#: Sectors of 512 bytes a cluster, and the most clusters that fit a word: a disk of up to 2 GB.
_SECTORS: Final = 64
_MOST_CLUSTERS: Final = 0xFFFE


class System(Services):
    """Functions about the machine rather than about files or programs."""

    def __init__(self, dos: Dos) -> None:
        super().__init__(dos)
        #: Linear address of the disk transfer area, and its segment and offset.
        self.dta = 0
        self.dta_far = (0, 0)
        self._offset = timedelta()
        self._verify = 0
        self._switch = ord("/")
        self._media = dos.bios.rom.table(b"\xf8")
        self._case_map = dos.bios.rom.entry(lambda: None)
        #: The XMS driver's entry point, once it is installed.
        self.xms_entry: tuple[int, int] | None = None
        self.functions: dict[int, Handler] = {
            0x0D: self._nothing,
            0x0E: self._select_drive,
            0x19: self._current_drive,
            0x1A: self._set_dta,
            0x1B: self._allocation,
            0x1C: self._allocation,
            0x25: self._set_vector,
            0x2A: self._get_date,
            0x2B: self._set_date,
            0x2C: self._get_time,
            0x2D: self._set_time,
            0x2E: self._set_verify,
            0x2F: self._get_dta,
            0x30: self._version,
            0x33: self._break_flag,
            0x34: self._indos,
            0x35: self._get_vector,
            0x36: self._disk_space,
            0x37: self._switch_character,
            0x38: self._country,
            0x52: self._list_of_lists,
            0x54: self._get_verify,
            0x59: self._extended_error,
            0x60: self._canonical,
            0x65: self._extended_country,
            0x66: self._code_page,
        }
        self.with_carry = frozenset((0x38, 0x60, 0x65, 0x66))

    def set_dta(self, segment: int, offset: int) -> None:
        """Point the disk transfer area somewhere."""
        self.dta = segment * 16 + offset
        self.dta_far = segment, offset

    def _nothing(self) -> None:
        """AH=0Dh: there is nothing to flush."""

    def _select_drive(self) -> None:
        self.cpu.al = DRIVE + 1

    def _current_drive(self) -> None:
        self.cpu.al = DRIVE

    def _set_dta(self) -> None:
        self.set_dta(self.cpu.ds, self.cpu.dx)

    def _get_dta(self) -> None:
        self.cpu.es, self.cpu.bx = self.dta_far

    def _clusters(self) -> tuple[int, int]:
        """(free, all) clusters of the disk, as far as DOS can say it."""
        usage = shutil.disk_usage(self.dos.folder.root)
        size = _SECTORS * 512
        return min(usage.free // size, _MOST_CLUSTERS), min(usage.total // size, _MOST_CLUSTERS)

    def _allocation(self) -> None:
        """AH=1Bh, 1Ch: a media byte in ROM, sectors a cluster, bytes a sector, clusters."""
        cpu = self.cpu
        cpu.ds, cpu.bx = self._media
        cpu.al, cpu.cx, cpu.dx = _SECTORS, 512, self._clusters()[1]

    def _disk_space(self) -> None:
        cpu = self.cpu
        if cpu.dl not in (0, DRIVE + 1):
            cpu.ax = 0xFFFF
            return
        free, whole = self._clusters()
        cpu.ax, cpu.bx, cpu.cx, cpu.dx = _SECTORS, free, 512, whole

    def _set_vector(self) -> None:
        self.memory.set_u32(self.cpu.al * 4, self.cpu.ds << 16 | self.cpu.dx)

    def _get_vector(self) -> None:
        target = self.memory.u32(self.cpu.al * 4)
        self.cpu.es, self.cpu.bx = target >> 16, target & 0xFFFF

    # -- date and time -----------------------------------------------------------------------------

    def _now(self) -> datetime:
        return self.machine.now() + self._offset

    def _get_date(self) -> None:
        cpu, now = self.cpu, self._now()
        cpu.cx, cpu.dh, cpu.dl, cpu.al = now.year, now.month, now.day, now.isoweekday() % 7

    def _get_time(self) -> None:
        cpu, now = self.cpu, self._now()
        cpu.ch, cpu.cl, cpu.dh, cpu.dl = now.hour, now.minute, now.second, now.microsecond // 10_000

    def _set_date(self) -> None:
        self._set_clock(self.cpu.cx, self.cpu.dh, self.cpu.dl, None)

    def _set_time(self) -> None:
        cpu = self.cpu
        self._set_clock(0, 0, 0, (cpu.ch, cpu.cl, cpu.dh, cpu.dl))

    def _set_clock(self, year: int, month: int, day: int, time: tuple[int, int, int, int] | None) -> None:
        now = self._now()
        try:
            if time is None:
                if not 1980 <= year <= 2099:
                    raise ValueError
                wanted = now.replace(year=year, month=month, day=day)
            else:
                wanted = now.replace(hour=time[0], minute=time[1], second=time[2], microsecond=time[3] * 10_000)
        except ValueError:
            self.cpu.al = 0xFF
            return
        self._offset += wanted - now
        self.cpu.al = 0

    # -- odds and ends -----------------------------------------------------------------------------

    def _set_verify(self) -> None:
        self._verify = self.cpu.al & 1

    def _get_verify(self) -> None:
        self.cpu.al = self._verify

    def _version(self) -> None:
        from emulator.dos.kernel import VERSION

        cpu = self.cpu
        cpu.al, cpu.ah = VERSION
        cpu.bx = cpu.cx = 0

    def _break_flag(self) -> None:
        """AX=3300h..3302h: Ctrl-C checking; 3305h: boot drive; 3306h: true version."""
        from emulator.dos.kernel import VERSION

        cpu, dos = self.cpu, self.dos
        function = cpu.al
        if function == 0:
            cpu.dl = int(dos.break_check)
        elif function == 1:
            dos.break_check = bool(cpu.dl & 1)
        elif function == 2:
            before = dos.break_check
            dos.break_check = bool(cpu.dl & 1)
            cpu.dl = int(before)
        elif function == 5:
            cpu.dl = DRIVE + 1
        elif function == 6:
            cpu.bl, cpu.bh = VERSION
            cpu.dx = 0
        else:
            cpu.al = 0xFF

    def _indos(self) -> None:
        from emulator.dos.kernel import INDOS

        self.cpu.es, self.cpu.bx = INDOS >> 4, INDOS & 15

    def _switch_character(self) -> None:
        cpu = self.cpu
        if cpu.al == 0:
            cpu.dl, cpu.al = self._switch, 0
        elif cpu.al == 1:
            self._switch, cpu.al = cpu.dl, 0
        else:
            cpu.al = 0xFF

    def _country_data(self) -> bytes:
        return (
            b"\0\0$\0\0\0\0,\0.\0-\0:\0\0\x02\0"
            + self._case_map[1].to_bytes(2, "little")
            + self._case_map[0].to_bytes(2, "little")
            + b",\0"
            + bytes(10)
        )

    def _country(self) -> None:
        """AH=38h: the United States' formats."""
        cpu = self.cpu
        if cpu.dx == 0xFFFF:
            return
        self.memory.write(self.ds_dx, self._country_data())
        cpu.bx = cpu.ax = 1

    def _extended_country(self) -> None:
        raise DosError(errors.INVALID_FUNCTION)

    def _code_page(self) -> None:
        self.cpu.bx = self.cpu.dx = 437

    def _list_of_lists(self) -> None:
        """AH=52h: ES:BX; the word before it is the first MCB's segment, the rest is not filled in."""
        from emulator.dos.kernel import LIST_OF_LISTS

        self.cpu.es, self.cpu.bx = LIST_OF_LISTS, 0x26

    def _extended_error(self) -> None:
        cpu, code = self.cpu, self.dos.last_error
        kinds = {2: (8, 3), 3: (8, 3), 4: (1, 4), 5: (3, 3), 8: (1, 4), 0x12: (8, 3), 0x50: (12, 3)}
        kind, action = kinds.get(code, (13, 4))
        cpu.ax, cpu.bh, cpu.bl, cpu.ch = code, kind, action, 2

    def _canonical(self) -> None:
        """AH=60h: the full path of DS:SI at ES:DI."""
        path = self.dos.folder.canonical(self.dos.files.path_at(self.ds_si))
        self.memory.write(self.es_di, path.encode("cp437", "replace") + b"\0")

    def multiplex(self) -> None:
        """INT 2Fh: XMS (4300h, 4310h); neither Windows (1600h) nor DPMI (1687h) nor anything else is here."""
        cpu = self.cpu
        if self.xms_entry is not None and cpu.ax == 0x4300:
            cpu.al = 0x80
        elif self.xms_entry is not None and cpu.ax == 0x4310:
            cpu.es, cpu.bx = self.xms_entry
