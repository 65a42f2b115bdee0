"""Helpers for the emulator's tests: assembling small guests with keystone and running them."""

from __future__ import annotations

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
