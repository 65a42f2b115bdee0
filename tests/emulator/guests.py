"""Helpers for the emulator's tests: assembling small guests with keystone and running them."""

from __future__ import annotations

import contextlib
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keystone

from emulator import RunResult, Session
from emulator.machine import Machine
from emulator.profiles import find_profile

#: Statements that keystone gets wrong or refuses (see its own list of forms), and the bytes they mean.
_BYTES_16 = {
    "ret": "c3",
    "retf": "cb",
    "iret": "cf",
    "pushf": "9c",
    "popf": "9d",
    "push cs": "0e",
    "push ds": "1e",
    "push es": "06",
    "push ss": "16",
    "pop ds": "1f",
    "pop es": "07",
    "pop ss": "17",
    "rep movsw": "f3 a5",
    "rep movsd": "66 f3 a5",
    "rep stosw": "f3 ab",
    "rep stosd": "66 f3 ab",
    "movsd": "66 a5",
    "pusha": "60",
    "popa": "61",
}
_BYTES_32 = {
    "pushf": "9c",
    "popf": "9d",
    "iret": "cf",
    "push ds": "1e",
    "push es": "06",
    "pop ds": "1f",
    "pop es": "07",
    "rep movsd": "f3 a5",
    "rep stosd": "f3 ab",
    "movsd": "a5",
}


def assemble(source: str, bits: int = 16, origin: int = 0) -> bytes:
    """Assemble Intel syntax; one statement a line, comments from ';'."""
    table = _BYTES_16 if bits == 16 else _BYTES_32
    lines = []
    for line in source.splitlines():
        text = line.partition(";")[0].strip()
        # Once any part of the process has asked keystone for its Intel syntax, every engine reads 10 as 10h.
        text = re.sub(r"(?<![\w.'\"])[0-9]+(?![\w.'\"])", lambda number: hex(int(number[0])), text)
        label = ""
        if match := re.match(r"(\w+:)\s*(.*)", text):
            label, text = match.groups()
        if label:
            lines.append(label)
        if text in table:
            text = ".byte " + ", ".join("0x" + byte for byte in table[text].split())
        elif match := re.fullmatch(r"call (\w+)", text) if bits == 16 else None:
            text = f".byte 0xe8\n.word {match[1]}-.-2"
        if text:
            lines.append(text)
    ks = keystone.Ks(keystone.KS_ARCH_X86, keystone.KS_MODE_16 if bits == 16 else keystone.KS_MODE_32)
    code, _ = ks.asm("\n".join(lines), origin)
    assert code, "keystone made nothing of:\n" + "\n".join(lines)
    return bytes(code)


def mz(
    code: bytes,
    *,
    ip: int = 0,
    stack: int = 0x400,
    least: int = 0x100,
    most: int = 0xFFFF,
    relocations: tuple[tuple[int, int], ...] = (),
) -> bytes:
    """An MZ executable: `code` at CS:0000, the stack behind it."""
    table = b"".join(struct.pack("<2H", offset, segment) for segment, offset in relocations)
    header = -(-(28 + len(table)) // 16) * 16
    paragraphs = -(-len(code) // 16)
    total = header + len(code)
    head = struct.pack(
        "<14H",
        0x5A4D,
        total % 512,
        -(-total // 512),
        len(relocations),
        header // 16,
        max(least, stack // 16),
        most,
        paragraphs,
        stack,
        0,
        ip,
        0,
        28,
        0,
    )
    return (head + table).ljust(header, b"\0") + code


#: Ends a guest with exit code 0.
EXIT = "mov ax, 0x4c00\nint 0x21\n"
#: Makes DS and ES the code segment.
FLAT = "push cs\npop ds\npush cs\npop es\n"


@dataclass
class Outcome:
    """What a run returned, and what it printed."""

    result: RunResult
    text: bytes
    session: Session

    @property
    def machine(self) -> Machine:
        return self.session.machine

    @property
    def ok(self) -> bool:
        return self.result.stop is None and self.result.exit_code == 0


def run_exe(folder: Path, exe: bytes, args: bytes = b"", name: str = "T.EXE", **options: Any) -> Outcome:
    """Run an executable's bytes."""
    path = folder / name
    path.write_bytes(exe)
    printed: list[bytes] = []
    options.setdefault("time_limit", 60.0)
    session = Session(path, args, folder=folder, console=printed.append, **options)
    result = session.run()
    return Outcome(result, b"".join(printed), session)


def run_asm(folder: Path, source: str, args: bytes = b"", **options: Any) -> Outcome:
    """Assemble 16-bit code, run it as T.EXE."""
    return run_exe(folder, mz(assemble(source)), args, **options)


def bare_machine(cpu: str = "486dx2-66", megabytes: int = 2) -> Machine:
    """A machine without BIOS and DOS."""
    return Machine(find_profile(cpu), megabytes)


class CallDone(Exception):
    """The interrupt that a Pc called has returned."""


#: Segment of scratch memory for the arguments of calls.
DATA = 0x7000


class Pc:
    """A machine with BIOS and DOS whose services a test calls one by one, through the guest's vectors."""

    def __init__(self, folder: Path, **options: Any) -> None:
        path = folder / "PC.COM"
        path.write_bytes(b"\x90" * 64)
        self.printed: list[bytes] = []
        options.setdefault("time_limit", 30.0)
        folder = options.pop("folder", folder)
        self.session = Session(path, options.pop("args", b""), folder=folder, console=self.printed.append, **options)
        path.unlink()
        self.machine = self.session.machine
        self.cpu = self.machine.cpu
        self.memory = self.machine.memory
        self.psp = self.cpu.cs
        self.session._started = 1e18  # the time limit is for run(), which is not used here

        def done() -> None:
            raise CallDone

        self.session.bios.rom.service(0xF8, done)
        self.session.bios.rom.set_vector(0xF8)

    @property
    def text(self) -> bytes:
        return b"".join(self.printed)

    def put(self, data: bytes, offset: int = 0) -> int:
        """Bytes into the scratch segment; returns the offset."""
        self.memory.write(DATA * 16 + offset, data)
        return offset

    def get(self, count: int, offset: int = 0) -> bytes:
        return self.memory.read(DATA * 16 + offset, count)

    def call(self, vector: int = 0x21, *, far: tuple[int, int] | None = None, **registers: int) -> Pc:
        """Set registers (DS and ES default to the scratch segment), raise an interrupt, run until it returns.

        far: call that address instead of an interrupt.
        """
        cpu = self.cpu
        if far is None:
            code = bytes((0xCD, vector))
        else:
            code = b"\x9a" + far[1].to_bytes(2, "little") + far[0].to_bytes(2, "little")
        self.memory.write(self.psp * 16 + 0x100, code + b"\xcd\xf8")
        cpu.cs, cpu.eip = self.psp, 0x100
        cpu.ss, cpu.esp = self.psp, 0xFFF0
        cpu.eflags = 0x202
        cpu.ds = cpu.es = DATA
        for name, value in registers.items():
            setattr(cpu, name, value)
        self.machine.forget_flow()
        with contextlib.suppress(CallDone):
            self.machine.run()
        at = cpu.ss * 16 + cpu.sp
        self.flags = self.memory.u16(at + 4)
        return self

    @property
    def carry(self) -> bool:
        return bool(self.flags & 1)

    @property
    def zero(self) -> bool:
        return bool(self.flags & 0x40)

    def dos(self, ax: int, path: str | bytes | None = None, **registers: int) -> Pc:
        """INT 21h with AX, and DS:DX at a zero-terminated path if one is given."""
        if path is not None:
            data = path if isinstance(path, bytes) else path.encode("cp437")
            registers["dx"] = self.put(data + b"\0", 0x100)
        return self.call(ax=ax, **registers)
