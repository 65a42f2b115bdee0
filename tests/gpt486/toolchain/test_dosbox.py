"""The DOSBox runner: output, exit codes, the time limit, and what goes wrong."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from gpt486.toolchain import DosboxError, DosboxMissing, assemble, dosbox, run_dosbox
from gpt486.toolchain.assembler import read_assembly

needs_dosbox = pytest.mark.skipif(shutil.which("dosbox") is None, reason="DOSBox is not installed")


def com(source: str) -> bytes:
    """A COM file from assembly source."""
    return assemble(read_assembly(source, "TEST.ASM"), bits=16, origin=0x100).code


@needs_dosbox
@pytest.mark.parametrize("code", [0, 1, 127, 128, 255])
def test_exit_codes(tmp_path: Path, code: int) -> None:
    (tmp_path / "T.COM").write_bytes(com(f"mov ax, 0x4C00+{code}\nint 0x21"))
    result = run_dosbox(tmp_path, "T.COM", time_limit=60, on_output=lambda _: None)
    assert result == dosbox.DosboxResult(code, False)
    assert [file.name for file in tmp_path.iterdir()] == ["T.COM"]


@needs_dosbox
def test_output_comes_as_it_is_written(tmp_path: Path) -> None:
    """The program waits for a file that appears only when its first word has arrived here."""
    source = """
        mov ah, 9
        mov dx, offset one
        int 0x21
1:      mov ax, 0x3d00
        mov dx, offset name
        int 0x21
        jc 1b
        mov ah, 9
        mov dx, offset two
        int 0x21
        mov ax, 0x4c03
        int 0x21
name:   .asciz "GO"
one:    .ascii "one$"
two:    .ascii "two$"
"""
    (tmp_path / "T.COM").write_bytes(com(source))
    pieces: list[bytes] = []

    def received(data: bytes) -> None:
        pieces.append(data)
        (tmp_path / "GO").touch()

    assert run_dosbox(tmp_path, "T.COM", time_limit=60, on_output=received).exit_code == 3
    assert pieces == [b"one", b"two"]


@needs_dosbox
def test_every_way_to_write_is_streamed(tmp_path: Path) -> None:
    source = """
        mov ah, 2
        mov dl, 'a'
        int 0x21
        mov ah, 6
        mov dl, 'b'
        int 0x21
        mov ah, 9
        mov dx, offset text
        int 0x21
        mov ah, 0x40
        mov bx, 1
        mov cx, 1
        mov dx, offset text
        int 0x21
        sbb dl, dl              ; the carry flag that DOS returned: clear
        mov ah, 0x40            ; and one that fails
        mov bx, 99
        int 0x21
        mov al, 0
        rcl al, 1
        sub al, dl              ; 1: clear first, set then
        mov ah, 0x4C
        int 0x21
text:   .ascii "cd$"
"""
    (tmp_path / "T.COM").write_bytes(com(source))
    pieces: list[bytes] = []
    result = run_dosbox(tmp_path, "T.COM", time_limit=60, on_output=pieces.append)
    assert b"".join(pieces) == b"abcdc"
    assert result.exit_code == 1


@needs_dosbox
def test_the_time_limit_kills(tmp_path: Path) -> None:
    (tmp_path / "T.COM").write_bytes(com("mov ah, 2\nmov dl, 'x'\nint 0x21\njmp $"))
    pieces: list[bytes] = []
    before = set(Path(dosbox.tempfile.gettempdir()).glob("gpt486-dosbox-*"))
    result = run_dosbox(tmp_path, "T.COM", time_limit=2, on_output=pieces.append)
    assert result == dosbox.DosboxResult(None, True)
    assert b"".join(pieces) == b"x"
    assert set(Path(dosbox.tempfile.gettempdir()).glob("gpt486-dosbox-*")) <= before


@needs_dosbox
def test_an_interrupt_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "T.COM").write_bytes(com("mov ah, 2\nmov dl, 'x'\nint 0x21\njmp $"))
    script = f"""
        import sys
        from pathlib import Path
        from gpt486.toolchain import run_dosbox
        def show(data):
            print(data, flush=True)
        try:
            run_dosbox(Path({str(tmp_path)!r}), "T.COM", time_limit=60, on_output=show)
        except KeyboardInterrupt:
            sys.exit(130)
    """
    private = tmp_path / "tmp"
    private.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(private)},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"b'x'\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
    assert list(private.iterdir()) == []
    time.sleep(0.1)
    found = subprocess.run(["pgrep", "-f", str(private)], capture_output=True, check=False)
    assert found.stdout == b""


@needs_dosbox
def test_a_program_that_is_not_there_has_dosboxs_exit_code(tmp_path: Path) -> None:
    pieces: list[bytes] = []
    result = run_dosbox(tmp_path, "NONE.EXE", time_limit=60, on_output=pieces.append)
    assert not result.timed_out
    assert b"Illegal command" in b"".join(pieces)


def test_missing_dosbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DosboxMissing, match=r"not installed.*apt-get install dosbox") as caught:
        run_dosbox(tmp_path, "T.EXE", time_limit=1, on_output=lambda _: None)
    assert "\n" not in str(caught.value)


@pytest.fixture
def fake_dosbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dosbox on PATH that says a word and fails."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "dosbox"
    script.write_text("#!/bin/sh\necho 'Exit to error: no way'\nexit 3\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


def test_a_dosbox_that_fails(tmp_path: Path, fake_dosbox: Path) -> None:
    with pytest.raises(DosboxError, match=r"DOSBox ended \(status 3\) .*: Exit to error: no way"):
        run_dosbox(tmp_path, "T.EXE", time_limit=9, on_output=lambda _: None)


@pytest.mark.parametrize(
    ("folder", "command", "memory", "why"),
    [
        ("nowhere", "T.EXE", 32, "is no folder"),
        ('quo"ted', "T.EXE", 32, "quotation mark"),
        ("", "T.EXE > X", 32, "plain DOS command"),
        ("", "T.EXE " + "x" * 120, 32, "plain DOS command"),
        ("", "T.EXE\nDEL", 32, "plain DOS command"),
        ("", "T.EXE é", 32, "plain DOS command"),
        ("", "T.EXE", 64, "1 to 63 MB"),
    ],
)
def test_refused(tmp_path: Path, fake_dosbox: Path, folder: str, command: str, memory: int, why: str) -> None:
    if '"' in folder:
        (tmp_path / folder).mkdir()
    with pytest.raises(DosboxError, match=why):
        run_dosbox(tmp_path / folder, command, time_limit=1, on_output=lambda _: None, memory_mb=memory)


def test_no_temporary_folder(tmp_path: Path, fake_dosbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dosbox.tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(DosboxError, match="no temporary folder for DOSBox: No such file"):
        run_dosbox(tmp_path, "T.EXE", time_limit=1, on_output=lambda _: None)


def test_a_source_that_cannot_be_read(tmp_path: Path, fake_dosbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dosbox.paths, "ASM", tmp_path)
    with pytest.raises(DosboxError, match=r"cannot prepare DOSBox: .*flush16\.asm: No such file"):
        run_dosbox(tmp_path, "T.EXE", time_limit=1, on_output=lambda _: None)
