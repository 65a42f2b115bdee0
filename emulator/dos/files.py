"""File and directory services of INT 21h (AH=39h..46h, 56h, 57h, 5Ah, 5Bh, 67h, 68h, 6Ch) on handles."""

from __future__ import annotations

import os
import tempfile
from datetime import datetime
from typing import TYPE_CHECKING, Final

from emulator.dos import errors
from emulator.dos.errors import DosError
from emulator.dos.folder import DRIVE, Place
from emulator.dos.frame import Services
from emulator.dos.handles import Handles, OpenFile
from emulator.dos.search import Search

if TYPE_CHECKING:
    from emulator.dos.kernel import Dos, Handler

#: Bit of the open mode: a program started by this one does not get the file.
_PRIVATE: Final = 0x80
_OUTPUT: Final = 1
_READ_ONLY: Final = 1
#: A load module has at most 1 MB; its header, 1 MB with 65,535 paragraphs.
_LONGEST_PROGRAM: Final = 2 << 20
_DIRECTORY: Final = 0x10


def dos_stamp(seconds: float) -> tuple[int, int]:
    """(time, date) words of DOS for a time stamp of the host."""
    moment = datetime.fromtimestamp(max(seconds, 315619200))
    time = moment.hour << 11 | moment.minute << 5 | moment.second // 2
    date = min(moment.year - 1980, 127) << 9 | moment.month << 5 | moment.day
    return time, date


def host_stamp(time: int, date: int) -> float | None:
    """The host's time stamp for DOS words, None when they are no date."""
    try:
        moment = datetime(1980 + (date >> 9), date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, (time & 31) * 2)
    except ValueError:
        return None
    return moment.timestamp()


class Files(Services):
    """What can be done with paths and handles."""

    def __init__(self, dos: Dos) -> None:
        super().__init__(dos)
        self.folder = dos.folder
        self.handles = Handles(dos)
        self.search = Search(dos)
        self.functions: dict[int, Handler] = {
            0x39: self._make_directory,
            0x3A: self._remove_directory,
            0x3B: self._change_directory,
            0x3C: self._create,
            0x3D: self._open,
            0x3E: self._close,
            0x3F: self._read,
            0x40: self._write,
            0x41: self._delete,
            0x42: self._seek,
            0x43: self._attributes,
            0x44: self._control,
            0x45: self._duplicate,
            0x46: self._redirect,
            0x47: self._current_directory,
            0x56: self._rename,
            0x57: self._stamp,
            0x5A: self._create_unique,
            0x5B: self._create_new,
            0x67: self._set_handle_count,
            0x68: self._commit,
            0x6A: self._commit,
            0x6C: self._extended_open,
            **self.search.functions,
        }
        self.with_carry = frozenset(self.functions)

    # -- helpers -----------------------------------------------------------------------------------

    def path_at(self, address: int) -> str:
        """The zero-terminated path at an address."""
        return self.memory.text(address, 256).decode("cp437")

    def close_all(self) -> None:
        """Close every file, as at the end of the run."""
        self.handles.close_all()

    def redirect_output(self) -> None:
        """Make standard output a file, as > does; the host's console gets what is written to it."""
        with tempfile.TemporaryFile() as file:
            self.handles.refer(_OUTPUT, OpenFile("STDOUT", os.dup(file.fileno()), readable=False, echo=True))

    def _open_place(self, place: Place, flags: int, access: int) -> OpenFile:
        self.handles.free()
        readable, writable = access in (0, 2), access in (1, 2)
        mode = {0: os.O_RDONLY, 1: os.O_WRONLY, 2: os.O_RDWR}[access]
        path = place.path.resolve() if place.host is not None else place.path
        if not path.is_relative_to(self.folder.root):
            raise DosError(errors.ACCESS_DENIED)
        if path.is_dir():
            raise DosError(errors.ACCESS_DENIED)
        descriptor = os.open(path, flags | mode | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)
        self.machine.busy(self.machine.disk.directory())
        return OpenFile(place.name, descriptor, readable, writable)

    def _open_path(self, path: str, mode: int) -> int:
        """Open for reading (mode 0), writing (1) or both (2), bit 7: not for child programs; the handle."""
        access = mode & 7
        if access > 2:
            raise DosError(errors.INVALID_ACCESS)
        device = self.folder.device(path)
        file = OpenFile(device) if device is not None else self._open_place(self.folder.existing(path), 0, access)
        file.inherit = not mode & _PRIVATE
        return self.handles.assign(file)

    def contents(self, path: str) -> bytes:
        """The bytes of a program file, as many as can matter."""
        file = self._open_place(self.folder.existing(path), 0, 0)
        try:
            self._transfer(file, os.fstat(file.descriptor).st_size)
            return os.read(file.descriptor, _LONGEST_PROGRAM)
        finally:
            file.close()

    def _create_path(self, path: str, attributes: int, *, new: bool = False) -> int:
        device = self.folder.device(path)
        if device is not None:
            return self.handles.assign(OpenFile(device))
        if attributes & 0x18:
            raise DosError(errors.ACCESS_DENIED)
        place = self.folder.creatable(path)
        if place.host is not None and new:
            raise DosError(errors.FILE_EXISTS)
        flags = os.O_CREAT | (os.O_EXCL if place.host is None else os.O_TRUNC)
        handle = self.handles.assign(self._open_place(place, flags, 2))
        if attributes & _READ_ONLY:
            place.path.chmod(0o444)
        return handle

    # -- paths -------------------------------------------------------------------------------------

    def _make_directory(self) -> None:
        place = self.folder.creatable(self.path_at(self.ds_dx))
        if place.host is not None:
            raise DosError(errors.ACCESS_DENIED)
        place.path.mkdir()

    def _remove_directory(self) -> None:
        names = self.folder.split(self.path_at(self.ds_dx))
        if names and names == self.folder.current[: len(names)]:
            raise DosError(errors.CURRENT_DIRECTORY)
        place = self.folder.existing(self.path_at(self.ds_dx))
        if place.path.is_symlink() or not place.path.is_dir():
            raise DosError(errors.PATH_NOT_FOUND)
        place.path.rmdir()

    def _change_directory(self) -> None:
        names = self.folder.split(self.path_at(self.ds_dx))
        self.folder.directory(names)
        if sum(len(name) + 1 for name in names) > 64:
            raise DosError(errors.PATH_NOT_FOUND)
        self.folder.current = names

    def _current_directory(self) -> None:
        if self.cpu.dl not in (0, DRIVE + 1):
            raise DosError(errors.INVALID_DRIVE)
        path = "\\".join(self.folder.current)
        self.memory.write(self.ds_si, path.encode("cp437") + b"\0")
        self.cpu.ax = 0x0100

    def _delete(self) -> None:
        place = self.folder.existing(self.path_at(self.ds_dx))
        if place.path.is_dir() or not os.access(place.path, os.W_OK):
            raise DosError(errors.ACCESS_DENIED)
        place.path.unlink()

    def _rename(self) -> None:
        source = self.folder.existing(self.path_at(self.ds_dx))
        target = self.folder.creatable(self.path_at(self.es_di))
        if target.host is not None or os.path.lexists(target.path):
            raise DosError(errors.ACCESS_DENIED)
        source.path.rename(target.path)

    def _attributes(self) -> None:
        """AX=4300h, 4301h: read or set attributes; of these the host keeps read-only."""
        path = self.path_at(self.ds_dx)
        if self.folder.split(path) == []:
            self.cpu.cx = _DIRECTORY
            return
        place = self.folder.existing(path)
        if self.cpu.al == 0:
            self.cpu.cx = self.search.attributes(place.path)
            self.cpu.ax = self.cpu.cx
        elif self.cpu.al == 1:
            if place.path.is_dir() or place.path.is_symlink():
                raise DosError(errors.ACCESS_DENIED)
            place.path.chmod(0o444 if self.cpu.cx & _READ_ONLY else 0o644)
        else:
            raise DosError(errors.INVALID_FUNCTION)

    # -- opening -----------------------------------------------------------------------------------

    def _create(self) -> None:
        self.cpu.ax = self._create_path(self.path_at(self.ds_dx), self.cpu.cx)

    def _create_new(self) -> None:
        self.cpu.ax = self._create_path(self.path_at(self.ds_dx), self.cpu.cx, new=True)

    def _create_unique(self) -> None:
        """AH=5Ah: a new file with a name of our choice in the directory given."""
        directory = self.path_at(self.ds_dx)
        if directory and directory[-1] not in "\\/:":
            directory += "\\"
        taken = self.folder.listing(self.folder.directory(self.folder.split(directory)))
        name = next(name for number in range(1 << 32) if (name := f"{number:08X}") not in taken)
        self.cpu.ax = self._create_path(directory + name, self.cpu.cx, new=True)
        self.memory.write(self.ds_dx, (directory + name).encode("cp437") + b"\0")

    def _open(self) -> None:
        self.cpu.ax = self._open_path(self.path_at(self.ds_dx), self.cpu.al)

    def _extended_open(self) -> None:
        """AX=6C00h: DL says what to do when the file exists (low digit) and when not (high digit)."""
        cpu = self.cpu
        path = self.path_at(self.ds_si)
        exists = self.folder.device(path) is not None or self.folder.find(path).host is not None
        if exists and cpu.dl & 0x0F == 1:
            handle, action = self._open_path(path, cpu.bl), 1
        elif exists and cpu.dl & 0x0F == 2:
            handle, action = self._create_path(path, cpu.cx), 3
        elif not exists and cpu.dl & 0xF0 == 0x10:
            handle, action = self._create_path(path, cpu.cx), 2
        else:
            raise DosError(errors.FILE_EXISTS if exists else errors.FILE_NOT_FOUND)
        cpu.ax, cpu.cx = handle, action

    def _close(self) -> None:
        self.handles.release(self.cpu.bx)

    def _duplicate(self) -> None:
        file = self.handles.file(self.cpu.bx)
        self.cpu.ax = self.handles.free()
        self.handles.refer(self.cpu.ax, file)

    def _redirect(self) -> None:
        """AH=46h: make handle CX refer to what BX refers to."""
        self.handles.refer(self.cpu.cx, self.handles.file(self.cpu.bx))

    def _set_handle_count(self) -> None:
        self.handles.resize(self.dos.process.psp, self.cpu.bx)

    def _commit(self) -> None:
        self.handles.file(self.cpu.bx)

    # -- reading and writing -----------------------------------------------------------------------

    def _read(self) -> None:
        file, count = self.handles.file(self.cpu.bx), self.cpu.cx
        if not file.readable:
            raise DosError(errors.ACCESS_DENIED)
        if file.is_device:
            self._read_device(file, count)
            return
        self._transfer(file, count)
        data = os.read(file.descriptor, count)
        self.memory.write(self.ds_dx, data)
        self.cpu.ax = len(data)

    def _transfer(self, file: OpenFile, count: int) -> None:
        """Let the time of reading or writing `count` bytes at the file's position pass."""
        facts = os.fstat(file.descriptor)
        position = os.lseek(file.descriptor, 0, os.SEEK_CUR)
        if not file.writable:
            count = min(count, facts.st_size - position)
        self.machine.busy(self.machine.disk.transfer((facts.st_dev, facts.st_ino), position, count))

    def _read_device(self, file: OpenFile, count: int) -> None:
        console = self.dos.console
        if file.name != "CON":
            self.cpu.ax = 0
            return
        if console.check_break():
            return
        if file.raw and count:
            byte = console.take_byte()
            if byte is None:
                console.wait()
                return
            file.ahead.append(byte)
        elif not file.ahead and count:
            line = console.edit_line(126)
            if line is None:
                console.wait()
                return
            console.write(b"\r\n")
            file.ahead += b"\x1a" if line[:1] == b"\x1a" else line + b"\r\n"
        data = bytes(file.ahead[:count])
        del file.ahead[:count]
        data = data.partition(b"\x1a")[0]
        self.memory.write(self.ds_dx, data)
        self.cpu.ax = len(data)

    def _write(self) -> None:
        file, count = self.handles.file(self.cpu.bx), self.cpu.cx
        if not file.writable:
            raise DosError(errors.ACCESS_DENIED)
        if file.is_device:
            if file.name == "CON":
                if self.dos.console.check_break():
                    return
                self.dos.console.write(self.memory.read(self.ds_dx, count))
            self.cpu.ax = count
            return
        if count == 0:
            os.ftruncate(file.descriptor, os.lseek(file.descriptor, 0, os.SEEK_CUR))
            self.cpu.ax = 0
            return
        data = self.memory.read(self.ds_dx, count)
        self._transfer(file, count)
        try:
            written = os.write(file.descriptor, data)
        except OSError as error:
            if errors.from_host(error).code != errors.DISK_FULL:
                raise
            written = 0  # a full disk is no error to DOS: fewer bytes are written
        if file.echo:
            self.bios.video.emit(data[:written])
        self.cpu.ax = written

    def _seek(self) -> None:
        file, cpu = self.handles.file(self.cpu.bx), self.cpu
        if cpu.al > 2:
            raise DosError(errors.INVALID_FUNCTION)
        if file.is_device:
            cpu.dx = cpu.ax = 0
            return
        distance = cpu.cx << 16 | cpu.dx
        if cpu.al and distance & 0x80000000:
            distance -= 1 << 32
        start = (0, os.lseek(file.descriptor, 0, os.SEEK_CUR), os.fstat(file.descriptor).st_size)[cpu.al]
        if not 0 <= start + distance < 1 << 32:
            raise DosError(errors.SEEK_ERROR)
        position = os.lseek(file.descriptor, start + distance, os.SEEK_SET)
        cpu.dx, cpu.ax = position >> 16, position & 0xFFFF

    def _stamp(self) -> None:
        """AX=5700h, 5701h: time and date of a file."""
        file, cpu = self.handles.file(self.cpu.bx), self.cpu
        if cpu.al > 1:
            raise DosError(errors.INVALID_FUNCTION)
        if file.is_device:
            if cpu.al == 0:
                now = self.machine.now()
                cpu.cx = now.hour << 11 | now.minute << 5 | now.second // 2
                cpu.dx = now.year - 1980 << 9 | now.month << 5 | now.day
            return
        if cpu.al == 0:
            stamp = file.stamp if file.stamp is not None else os.fstat(file.descriptor).st_mtime
            cpu.cx, cpu.dx = dos_stamp(stamp)
        else:
            file.stamp = host_stamp(cpu.cx, cpu.dx)

    def _control(self) -> None:
        """AH=44h, IOCTL: device information, input and output status, kind of drive."""
        cpu = self.cpu
        function = cpu.al
        if function in (8, 9, 0x0E):
            if cpu.bl not in (0, DRIVE + 1):
                raise DosError(errors.INVALID_DRIVE)
            if function == 8:
                cpu.ax = 1
            elif function == 9:
                cpu.dx = 0
            else:
                cpu.al = 0
            return
        if function not in (0, 1, 6, 7, 0x0A):
            raise DosError(errors.INVALID_FUNCTION)
        file = self.handles.file(cpu.bx)
        if function == 0:
            flags = {"CON": 0xD3, "NUL": 0xC4}.get(file.name, 0xC0) if file.is_device else DRIVE
            cpu.dx = cpu.ax = (flags | 0x8000 | file.raw << 5) if file.is_device else flags
        elif function == 1:
            file.raw = bool(cpu.dl & 0x20)
        elif function == 6:
            cpu.al = 0xFF if self._ready(file) else 0
        elif function == 7:
            cpu.al = 0xFF
        else:
            cpu.dx = 0

    def _ready(self, file: OpenFile) -> bool:
        if file.is_device:
            return file.name == "CON" and (bool(file.ahead) or self.dos.console.has_byte())
        return os.lseek(file.descriptor, 0, os.SEEK_CUR) < os.fstat(file.descriptor).st_size
