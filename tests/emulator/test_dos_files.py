"""Files and directories of DOS: the calls, their errors, and that nothing outside the folder can be reached."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from guests import Pc
from hypothesis import given
from hypothesis import strategies as st

from emulator.dos.errors import DosError, from_host
from emulator.dos.files import dos_stamp, host_stamp
from emulator.dos.folder import Folder, pattern_matches, shorten, split_name


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "disk"
    folder.mkdir()
    return folder


@pytest.fixture
def pc(disk: Path) -> Pc:
    return Pc(disk)


def create(pc: Pc, path: str, data: bytes = b"", ax: int = 0x3C00, **registers: int) -> int:
    assert not pc.dos(ax, path, cx=0, **registers).carry, pc.cpu.ax
    handle = pc.cpu.ax
    if data:
        pc.put(data, 0x200)
        pc.dos(0x4000, bx=handle, cx=len(data), dx=0x200)
        assert not pc.carry
        assert pc.cpu.ax == len(data)
    return handle


def close(pc: Pc, handle: int) -> None:
    assert not pc.dos(0x3E00, bx=handle).carry


def fails(pc: Pc, code: int) -> None:
    assert pc.carry
    assert pc.cpu.ax == code


def test_create_write_read_seek(pc: Pc, disk: Path) -> None:
    handle = create(pc, "Hello.txt", b"one two three")
    assert handle == 5
    assert (disk / "HELLO.TXT").read_bytes() == b"one two three"
    pc.dos(0x4200, bx=handle, cx=0, dx=4)
    assert (pc.cpu.dx, pc.cpu.ax) == (0, 4)
    pc.dos(0x3F00, bx=handle, cx=3, dx=0x300)
    assert pc.cpu.ax == 3
    assert pc.get(3, 0x300) == b"two"
    pc.dos(0x4202, bx=handle, cx=0xFFFF, dx=0xFFFB)
    pc.dos(0x3F00, bx=handle, cx=100, dx=0x300)
    assert pc.get(pc.cpu.ax, 0x300) == b"three"
    assert pc.dos(0x3F00, bx=handle, cx=100, dx=0x300).cpu.ax == 0
    pc.dos(0x4201, bx=handle, cx=0xFFFF, dx=0xFFF6)
    assert pc.cpu.ax == 3
    pc.dos(0x4000, bx=handle, cx=0, dx=0)  # truncates
    assert (disk / "HELLO.TXT").read_bytes() == b"one"
    fails(pc.dos(0x4203, bx=handle), 1)
    fails(pc.dos(0x4201, bx=handle, cx=0xFFFF, dx=0), 0x19)
    assert not pc.dos(0x6800, bx=handle).carry
    close(pc, handle)
    fails(pc.dos(0x3E00, bx=handle), 6)
    fails(pc.dos(0x3F00, bx=99), 6)


def test_open_modes(pc: Pc, disk: Path) -> None:
    (disk / "mixed.Dat").write_bytes(b"data")
    pc.dos(0x3D00, "MIXED.DAT")
    handle = pc.cpu.ax
    fails(pc.dos(0x4000, bx=handle, cx=1, dx=0), 5)
    pc.dos(0x3D01, "c:\\mixed.dat")
    fails(pc.dos(0x3F00, bx=pc.cpu.ax, cx=1, dx=0), 5)
    fails(pc.dos(0x3D03, "MIXED.DAT"), 12)
    fails(pc.dos(0x3D00, "NONE.DAT"), 2)
    fails(pc.dos(0x3D00, "NONE\\X.DAT"), 3)
    fails(pc.dos(0x3D00, "A:\\X.DAT"), 15)
    fails(pc.dos(0x3D00, ""), 5)
    (disk / "SUB").mkdir()
    fails(pc.dos(0x3D00, "SUB"), 5)
    pc.dos(0x5900)
    assert (pc.cpu.ax, pc.cpu.bh) == (5, 3)


def test_too_many_open_files(pc: Pc) -> None:
    handles = [create(pc, "F.DAT") for _ in range(15)]
    assert handles == list(range(5, 20))
    fails(pc.dos(0x3C00, "G.DAT", cx=0), 4)
    fails(pc.dos(0x6700, bx=30), 8)  # the program owns all memory
    pc.call(ax=0x4A00, es=pc.psp, bx=0x1000)
    assert not pc.dos(0x6700, bx=30).carry
    assert create(pc, "G.DAT") == 20
    assert not pc.dos(0x6700, bx=25).carry
    assert [create(pc, "G.DAT") for _ in range(9)] == list(range(21, 30))
    fails(pc.dos(0x3C00, "G.DAT", cx=0), 4)
    pc.session.dos.files.close_all()


def test_create_new_and_unique_and_extended(pc: Pc, disk: Path) -> None:
    close(pc, create(pc, "A.DAT", b"x", ax=0x5B00))
    fails(pc.dos(0x5B00, "A.DAT", cx=0), 0x50)
    pc.dos(0x5A00, "C:\\", cx=0)
    name = pc.get(20, 0x100).partition(b"\0")[0]
    assert name == b"C:\\00000000"
    assert (disk / "00000000").exists()
    close(pc, pc.cpu.ax)
    pc.put(b"A.DAT\0", 0x100)
    pc.call(ax=0x6C00, bx=2, cx=0, dx=0x01, si=0x100)
    assert not pc.carry
    assert pc.cpu.cx == 1
    pc.call(ax=0x6C00, bx=2, cx=0, dx=0x12, si=0x100)
    assert pc.cpu.cx == 3
    assert (disk / "A.DAT").read_bytes() == b""
    fails(pc.call(ax=0x6C00, bx=2, cx=0, dx=0x10, si=0x100), 0x50)
    pc.put(b"B.DAT\0", 0x100)
    fails(pc.call(ax=0x6C00, bx=2, cx=0, dx=0x01, si=0x100), 2)
    pc.call(ax=0x6C00, bx=2, cx=0, dx=0x11, si=0x100)
    assert pc.cpu.cx == 2


def test_delete_rename_attributes(pc: Pc, disk: Path) -> None:
    (disk / "A.DAT").write_bytes(b"a")
    (disk / "B.DAT").write_bytes(b"b")
    pc.put(b"C.DAT\0", 0x180)
    assert not pc.dos(0x5600, "A.DAT", di=0x180).carry
    assert (disk / "C.DAT").read_bytes() == b"a"
    fails(pc.dos(0x5600, "B.DAT", di=0x180), 5)
    fails(pc.dos(0x5600, "NONE", di=0x180), 2)
    (disk / "LINK.DAT").symlink_to("/etc/hostname")  # out of the folder, so the guest does not see it
    pc.put(b"LINK.DAT\0", 0x180)
    fails(pc.dos(0x5600, "B.DAT", di=0x180), 5)
    assert (disk / "LINK.DAT").is_symlink()
    pc.dos(0x4300, "C.DAT")
    assert pc.cpu.cx == 0x20
    assert not pc.dos(0x4301, "C.DAT", cx=1).carry
    if os.geteuid():  # root may write to anything
        fails(pc.dos(0x4100, "C.DAT"), 5)
        assert pc.dos(0x4300, "C.DAT").cpu.cx == 0x21
    pc.dos(0x4301, "C.DAT", cx=0x20)
    assert not pc.dos(0x4100, "c.dat").carry
    assert not (disk / "C.DAT").exists()
    fails(pc.dos(0x4100, "C.DAT"), 2)
    assert pc.dos(0x4300, "C:\\").cpu.cx == 0x10
    fails(pc.dos(0x4302, "B.DAT"), 1)
    (disk / "DIR").mkdir()
    fails(pc.dos(0x4301, "DIR", cx=0), 5)
    fails(pc.dos(0x4100, "DIR"), 5)
    handle = create(pc, "RO.DAT")
    close(pc, handle)
    pc.dos(0x3C00, "RO2.DAT", cx=1)
    assert not (disk / "RO2.DAT").stat().st_mode & 0o200
    fails(pc.dos(0x3C00, "LABEL", cx=8), 5)


def test_directories(pc: Pc, disk: Path) -> None:
    assert not pc.dos(0x3900, "Work").carry
    fails(pc.dos(0x3900, "WORK"), 5)
    assert not pc.dos(0x3B00, "work").carry
    pc.call(ax=0x4700, dx=0, si=0x300)
    assert pc.get(5, 0x300) == b"WORK\0"
    close(pc, create(pc, "IN.DAT", b"1"))
    assert (disk / "WORK" / "IN.DAT").exists()
    assert not pc.dos(0x3D00, "..\\WORK\\.\\IN.DAT").carry
    close(pc, pc.cpu.ax)
    fails(pc.dos(0x3A00, "C:\\WORK"), 16)
    pc.dos(0x3B00, "..")
    pc.call(ax=0x4700, dx=3, si=0x300)
    assert pc.get(1, 0x300) == b"\0"
    fails(pc.call(ax=0x4700, dx=1, si=0x300), 15)
    fails(pc.dos(0x3A00, "WORK"), 5)  # not empty
    (disk / "WORK" / "IN.DAT").unlink()
    assert not pc.dos(0x3A00, "WORK").carry
    fails(pc.dos(0x3B00, "WORK"), 3)
    fails(pc.dos(0x3B00, ".."), 3)
    (disk / "F.DAT").write_bytes(b"")
    fails(pc.dos(0x3A00, "F.DAT"), 3)
    fails(pc.dos(0x3B00, "F.DAT"), 3)
    deep = "\\".join(["ABCDEFGH"] * 8)
    (disk / deep.replace("\\", "/")).mkdir(parents=True)
    fails(pc.dos(0x3B00, deep), 3)


def test_full_path(pc: Pc) -> None:
    pc.put(b"x\\..\\sub/file.longer\0", 0x100)
    pc.call(ax=0x6000, si=0x100, di=0x200)
    assert pc.get(18, 0x200) == b"C:\\SUB\\FILE.LON\0" + pc.get(2, 0x210)


def listing(pc: Pc, pattern: str, attributes: int = 0) -> list[tuple[bytes, int, int]]:
    pc.call(ax=0x1A00, dx=0x800)
    found = []
    pc.dos(0x4E00, pattern, cx=attributes)
    while not pc.carry:
        record = pc.get(43, 0x800)
        found.append((record[30:].rstrip(b"\0"), record[21], int.from_bytes(record[26:30], "little")))
        pc.dos(0x4F00)
    assert pc.cpu.ax == 0x12
    return found


def test_find_files(pc: Pc, disk: Path) -> None:
    for name, size in (("A.TXT", 1), ("b.txt", 22), ("C.DAT", 333), ("a long name.text", 4)):
        (disk / name).write_bytes(b"x" * size)
    (disk / "SUB").mkdir()
    assert listing(pc, "*.TXT") == [(b"A.TXT", 0x20, 1), (b"B.TXT", 0x20, 22)]
    assert listing(pc, "C:\\?.*") == [(b"A.TXT", 0x20, 1), (b"C.DAT", 0x20, 333), (b"B.TXT", 0x20, 22)]
    assert (b"ALONGN~1.TEX", 0x20, 4) in listing(pc, "*.*")
    assert (b"SUB", 0x10, 0) in listing(pc, "*.*", 0x10)
    assert listing(pc, "sub\\*.*", 0x10) == [(b".", 0x10, 0), (b"..", 0x10, 0)]
    assert listing(pc, "*.*", 8) == []
    pc.dos(0x3D00, "ALONGN~1.TEX")
    assert not pc.carry
    fails(pc.dos(0x4E00, "NONE\\*.*", cx=0), 3)
    pc.put(bytes(43), 0x800)
    fails(pc.dos(0x4F00), 0x12)


def test_many_searches_are_forgotten(pc: Pc, disk: Path) -> None:
    (disk / "A.TXT").write_bytes(b"")
    search = pc.session.dos.files.search
    for _ in range(4200):
        search._start([])
    assert listing(pc, "*.TXT") == [(b"A.TXT", 0x20, 0)]
    assert len(search._running) == 4096


def test_time_stamps(pc: Pc, disk: Path) -> None:
    handle = create(pc, "T.DAT", b"x")
    time, date = 12 << 11 | 34 << 5 | 28, 1995 - 1980 << 9 | 6 << 5 | 7
    assert not pc.dos(0x5701, bx=handle, cx=time, dx=date).carry
    pc.dos(0x5700, bx=handle)
    assert (pc.cpu.cx, pc.cpu.dx) == (time, date)
    close(pc, handle)
    assert dos_stamp((disk / "T.DAT").stat().st_mtime) == (time, date)
    assert host_stamp(0, 0) is None
    fails(pc.dos(0x5702, bx=0), 1)
    assert not pc.dos(0x5700, bx=0).carry
    assert pc.cpu.dx == 1994 - 1980 << 9 | 5 << 5 | 31
    assert not pc.dos(0x5701, bx=0).carry


def test_duplicate_and_redirect(pc: Pc, disk: Path) -> None:
    handle = create(pc, "OUT.TXT")
    pc.dos(0x4500, bx=1)
    saved = pc.cpu.ax
    assert not pc.dos(0x4600, bx=handle, cx=1).carry
    pc.put(b"to the file", 0x200)
    pc.dos(0x4000, bx=1, cx=11, dx=0x200)
    assert not pc.dos(0x4600, bx=saved, cx=1).carry
    pc.dos(0x4000, bx=1, cx=11, dx=0x200)
    close(pc, handle)
    assert (disk / "OUT.TXT").read_bytes() == b"to the file"
    assert pc.text == b"to the file"
    fails(pc.dos(0x4600, bx=1, cx=200), 6)
    fails(pc.dos(0x4500, bx=19), 6)


def test_ioctl(pc: Pc, disk: Path) -> None:
    assert pc.dos(0x4400, bx=1).cpu.dx == 0x80D3
    handle = create(pc, "F.DAT", b"abc")
    assert pc.dos(0x4400, bx=handle).cpu.dx == 2
    assert pc.dos(0x4406, bx=handle).cpu.al == 0
    pc.dos(0x4200, bx=handle, cx=0, dx=0)
    assert pc.dos(0x4406, bx=handle).cpu.al == 0xFF
    assert pc.dos(0x4407, bx=handle).cpu.al == 0xFF
    assert pc.dos(0x4406, bx=0).cpu.al == 0
    pc.dos(0x4401, bx=0, dx=0xA0 | 0x20)
    assert pc.dos(0x4400, bx=0).cpu.dx & 0x20
    assert pc.dos(0x440A, bx=handle).cpu.dx == 0
    assert pc.call(ax=0x4408, bx=0).cpu.ax == 1
    assert pc.call(ax=0x4409, bx=3).cpu.dx == 0
    assert pc.call(ax=0x440E, bx=3).cpu.al == 0
    fails(pc.call(ax=0x4408, bx=1), 15)
    fails(pc.dos(0x4402, bx=0), 1)


@pytest.mark.parametrize("name", ["NUL", "nul.txt", "C:\\SUB\\PRN", "AUX", "COM1", "LPT3", "CON", "CLOCK$"])
def test_devices_are_no_files(pc: Pc, disk: Path, name: str) -> None:
    pc.dos(0x3C00, name, cx=0)
    assert not pc.carry
    handle = pc.cpu.ax
    pc.put(b"gone", 0x200)
    assert pc.dos(0x4000, bx=handle, cx=4, dx=0x200).cpu.ax == 4
    if name != "CON":
        assert pc.dos(0x3F00, bx=handle, cx=4, dx=0x200).cpu.ax == 0
    assert pc.dos(0x4200, bx=handle, cx=1, dx=1).cpu.ax == 0
    close(pc, handle)
    assert pc.dos(0x3D00, name).carry is False
    fails(pc.dos(0x3900, "PRN"), 5)
    assert list(disk.iterdir()) == []


ESCAPES = [
    "..\\SECRET.TXT",
    "../SECRET.TXT",
    "C:..\\SECRET.TXT",
    "\\..\\SECRET.TXT",
    "SUB\\..\\..\\SECRET.TXT",
    "C:\\SUB\\..\\..\\SECRET.TXT",
    "LINK.TXT",
    "LINKDIR\\SECRET.TXT",
    "HOP\\SECRET.TXT",
    "/etc/passwd",
    "\\ETC\\PASSWD",
    "C:/etc/passwd",
    "D:\\SECRET.TXT",
    "FIFO",
    "DANGLING",
    "LOOP",
]


@pytest.mark.parametrize("path", ESCAPES)
def test_nothing_leads_out(tmp_path: Path, disk: Path, path: str) -> None:
    secret = tmp_path / "SECRET.TXT"
    secret.write_bytes(b"secret")
    (disk / "SUB").mkdir()
    (disk / "LINK.TXT").symlink_to(secret)
    (disk / "LINKDIR").symlink_to(tmp_path)
    (disk / "HOP").symlink_to(disk / "LINKDIR")
    (disk / "DANGLING").symlink_to(tmp_path / "NEW.TXT")
    (disk / "LOOP").symlink_to(disk / "LOOP")
    os.mkfifo(disk / "FIFO")
    pc = Pc(disk)
    assert pc.dos(0x3D02, path).carry
    assert pc.dos(0x4100, path).carry
    assert pc.dos(0x4300, path).carry
    for ax in (0x3C00, 0x5B00, 0x3900):
        pc.dos(ax, path, cx=0)
    pc.put(b"NEW.TXT\0", 0x180)
    assert pc.dos(0x5600, path, di=0x180).carry or not (tmp_path / "NEW.TXT").exists()
    pc.session.dos.files.close_all()
    assert secret.read_bytes() == b"secret"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["SECRET.TXT", "disk"]
    assert (disk / "LINK.TXT").readlink() == secret


def test_links_inside_the_folder_work(disk: Path) -> None:
    (disk / "REAL.TXT").write_bytes(b"real")
    (disk / "ALIAS.TXT").symlink_to(disk / "REAL.TXT")
    pc = Pc(disk)
    assert not pc.dos(0x3D00, "ALIAS.TXT").carry
    pc.dos(0x3F00, bx=pc.cpu.ax, cx=10, dx=0x300)
    assert pc.get(4, 0x300) == b"real"


@given(st.text(st.characters(codec="cp437"), max_size=40) | st.text("ABC.\\/:*? ~", max_size=30))
def test_any_path_stays_inside(tmp_path_factory: pytest.TempPathFactory, path: str) -> None:
    root = tmp_path_factory.mktemp("any")
    (root / "disk" / "A").mkdir(parents=True)
    (root / "disk" / "A" / "B.C").write_bytes(b"")
    folder = Folder(root / "disk")
    try:
        place = folder.creatable(path)
    except DosError:
        return
    assert place.path.resolve().is_relative_to(folder.root)
    assert split_name(place.name) is not None


def test_host_errors_become_dos_errors(pc: Pc, disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert from_host(OSError(errno.ENOSPC, "")).code == 0x27
    assert from_host(OSError(errno.EIO, "")).code == 0x1F
    assert from_host(OSError("no number")).code == 0x1F
    handle = create(pc, "FULL.DAT")

    def full(_descriptor: int, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def broken(_descriptor: int, _data: bytes) -> int:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "write", full)
    pc.dos(0x4000, bx=handle, cx=4, dx=0x200)
    assert (pc.carry, pc.cpu.ax) == (False, 0)  # a full disk is fewer bytes, not an error
    monkeypatch.setattr(os, "write", broken)
    fails(pc.dos(0x4000, bx=handle, cx=4, dx=0x200), 0x1F)


def test_folder_names(tmp_path: Path) -> None:
    assert split_name("A.B.C") is None
    assert split_name("NAME.") is None
    assert split_name("日本") is None
    assert split_name("a b") is None
    assert split_name("x.txt") == ("X", "TXT")
    assert shorten("verylongname.html") == "VERYLONG.HTM"
    assert pattern_matches("*.*", "NOEXT")
    assert pattern_matches("A?C*.T*", "ABCD.TXT")
    assert not pattern_matches("*.T", "A.TXT")
    for name in ("same name.txt", "same_name 2.txt", "日本.txt", ".hidden", "nul.txt", "a.txt", "A.TXT"):
        (tmp_path / name).write_bytes(b"")
    names = Folder(tmp_path).listing(tmp_path)
    assert names["SAMENA~1.TXT"] == "same name.txt"
    assert names["SAME_N~1.TXT"] == "same_name 2.txt"
    assert names["FILE~1.TXT"] == "日本.txt"
    assert names["A.TXT"] == "A.TXT"
    assert names["A~1.TXT"] == "a.txt"
    assert "NUL~1.TXT" in names
    assert len(names) == 7
