"""Running compiled programs: in the emulated PC, and (where fbc is) as native programs by the real compiler."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from emulator import run_program
from gpt486.basic import Program, compile_source

needs_fbc = pytest.mark.skipif(shutil.which("fbc") is None, reason="the real FreeBASIC compiler (fbc) is not on PATH")


@dataclass
class Ran:
    """What a program did: its output with line ends as \\n, its exit code, and the files it left."""

    output: str
    exit_code: int
    files: dict[str, bytes] = field(default_factory=dict)
    instructions: int = 0


def run(
    source: str | Program, *, args: bytes = b"", files: Mapping[str, bytes] | None = None, keys: bytes = b""
) -> Ran:
    """Compile, link and run in the emulator as a 486SX."""
    program = compile_source(source) if isinstance(source, str) else source
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, data in (files or {}).items():
            (folder / file).write_bytes(data)
        exe = folder / "P.EXE"
        exe.write_bytes(program.build().exe)
        out = bytearray()
        result = run_program(
            exe,
            args,
            folder=folder,
            cpu="486sx-25",
            console=out.extend,
            keys=keys,
            instruction_limit=100_000_000,
            time_limit=60,
            map_file=None,
        )
        assert result.stop is None, result.stop
        left = {p.name: p.read_bytes() for p in folder.iterdir() if p != exe}
        text = out.decode("latin-1").replace("\r\n", "\n")
        return Ran(text, result.exit_code, left, result.instructions)


def output(source: str, **options: bytes) -> str:
    """What a program prints."""
    ran = run(source, **options)  # type: ignore[arg-type]
    assert ran.exit_code == 0
    return ran.output


def run_fbc(source: str, *, args: tuple[str, ...] = ()) -> Ran:
    """Compile with the real fbc for the 486 and run natively; fails on any message of the compiler."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "p.bas").write_text(source, encoding="latin-1")
        made = subprocess.run(
            ["fbc", "-gen", "gas", "-arch", "486", "-Wl", "-z,noexecstack", "p.bas", "-x", "p"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stdout
        ran = subprocess.run([folder / "p", *args], cwd=folder, capture_output=True, timeout=30, check=False)
        return Ran(ran.stdout.decode("latin-1"), ran.returncode)


def main_code(program: Program, name: str = "main") -> list[str]:
    """The instructions of one procedure in the listing, without the BASIC lines."""
    lines = program.listing.split("\n")
    start = next(i for i, line in enumerate(lines) if line.startswith(f"; ---- {name} ("))
    out: list[str] = []
    for line in lines[start + 1 :]:
        if line.startswith("; ----"):
            break
        if line and not line.startswith(";"):
            out.append(line.strip())
    return out
