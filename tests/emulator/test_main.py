"""python -m emulator: its options, what goes to stdout and stderr, exit codes."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from guests import EXIT, FLAT, Pc, assemble, mz

from emulator.__main__ import main, typed
from emulator.terminal import Terminal

HELLO = FLAT + 'mov dx, t\nmov ah, 9\nint 0x21\nmov ax, 0x4c03\nint 0x21\nt: .ascii "Hello\\r\\n$"\n'
#: Prints its command tail.
TAIL = "mov bx, 0x81\nl: mov dl, [bx]\ncmp dl, 13\nje e\nmov ah, 2\nint 0x21\ninc bx\njmp l\ne: nop\n" + EXIT
#: Echoes keys up to 'q'.
ECHO = "l: mov ah, 8\nint 0x21\nmov dl, al\nmov ah, 2\nint 0x21\ncmp dl, 113\njne l\n" + EXIT


def program(folder: Path, source: str, name: str = "T.EXE") -> str:
    (folder / name).write_bytes(mz(assemble(source)))
    return str(folder / name)


def run(*arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(main, arguments, input=stdin)


def test_text_and_figures(tmp_path: Path) -> None:
    result = run(program(tmp_path, HELLO))
    assert result.exit_code == 3
    assert result.stdout_bytes == b"Hello\r\n"
    assert "486dx2-66" in result.stderr
    assert "exit code 3" in result.stderr


def test_arguments_reach_the_program(tmp_path: Path) -> None:
    result = run("--cpu", "486sx-25", program(tmp_path, TAIL), "-p", "Once upon", "--x")
    assert result.stdout == " -p Once upon --x"


def test_json(tmp_path: Path) -> None:
    result = run("--json", program(tmp_path, HELLO))
    answer = json.loads(result.stdout)
    assert result.exit_code == answer["exit_code"] == 3
    assert answer["text"] == "Hello\n"
    assert answer["instructions"] == 12
    assert (answer["clocks"], answer["tokens_per_second"], answer["stop"]) == (None, None, None)
    assert answer["cpu"] == "486dx2-66"
    assert answer["peak_memory_bytes"] > 0
    assert set(answer) >= {"text", "instructions", "clocks", "tokens_per_second", "peak_memory_bytes", "cpu", "stop"}


def test_clocks_of_the_cycle_model(tmp_path: Path) -> None:
    result = run("--json", "--timing", program(tmp_path, HELLO))
    answer = json.loads(result.stdout)
    assert answer["instructions"] == 12
    assert answer["clocks"] > 12
    assert answer["clock_hz"] == 66_666_666
    assert answer == json.loads(run("--json", "--timing", program(tmp_path, HELLO)).stdout)
    text = run("--timing", program(tmp_path, HELLO)).stderr
    assert f"12 instructions in {answer['clocks']:,} clocks (" in text


#: Says whether handle 1 is a device, then writes to it and to the screen's second row.
OUTPUT = (
    FLAT
    + """
    mov ax, 0x4400
    mov bx, 1
    int 0x21
    mov ax, 0xb800
    mov fs, ax
    mov dword ptr fs:[160], 0x07490748
    mov cl, 7
    shr dl, cl
    add [t], dl
    mov ah, 0x40
    mov cx, 3
    mov dx, t
    int 0x21
    mov [t+3], al
    mov ax, 0x4201
    xor cx, cx
    xor dx, dx
    int 0x21
    add al, [t+3]
    mov ah, 0x4c
    int 0x21
t: .ascii "0\\r\\n."
"""
)


def test_redirected_output_and_the_screen(tmp_path: Path) -> None:
    """Redirected, handle 1 is a file with a position, and the text does not go to the screen."""
    name = program(tmp_path, OUTPUT)
    result = run("--screen", name)
    assert (result.exit_code, result.stdout_bytes) == (3, b"1\r\n1\nHI\n")
    result = run("--screen", "--redirect", name)
    assert (result.exit_code, result.stdout_bytes) == (6, b"0\r\n\nHI\n")
    answer = json.loads(run("--json", "--redirect", name).stdout)
    assert (answer["text"], answer["screen"][1]) == ("0\n", "HI")


def test_stops_are_one_line(tmp_path: Path) -> None:
    result = run("--json", "--time-limit", "0.2", program(tmp_path, "l: jmp l\n"))
    assert result.exit_code == 1
    assert json.loads(result.stdout)["stop"]["reason"] == "time-limit"
    assert result.stderr.startswith("emulator: stopped after 0.2 seconds")
    result = run("--instruction-limit", "500", program(tmp_path, "l: jmp l\n"))
    assert result.exit_code == 1
    assert "500 instructions" in result.stderr
    result = run(program(tmp_path, "fninit\n" + EXIT), "x")
    assert result.exit_code == 0
    assert run("--cpu", "486sx", program(tmp_path, "fninit\n" + EXIT)).exit_code == 1


def test_errors_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "bad.exe").write_bytes(b"junk")
    for arguments, code, words in (
        ([str(tmp_path / "none.exe")], 1, "no such program file"),
        ([str(tmp_path / "bad.exe")], 1, "no DOS program"),
        (["--cpu", "8086", program(tmp_path, EXIT)], 1, "unknown CPU"),
        (["--memory", "0", program(tmp_path, EXIT)], 2, "--memory"),
        (["--dir", str(tmp_path / "none"), program(tmp_path, EXIT)], 2, "--dir"),
        (["--keys", "\\q", program(tmp_path, EXIT)], 2, "no escape"),
        ([], 2, "Usage"),
    ):
        result = run(*arguments)
        assert result.exit_code == code, arguments
        assert words in result.stderr
        assert "Traceback" not in result.output


def test_help_teaches() -> None:
    result = run("--help")
    assert result.exit_code == 0
    for word in ("--memory", "--dir", "drive C:", "Ctrl-C", "python -m emulator --cpu"):
        assert word in result.stdout


def test_keys() -> None:
    assert typed(r"ab\r\x03\e\\\t\b\n") == b"ab\r\x03\x1b\\\t\b\r"
    assert typed("é") == b"\x82"
    for wrong in ("\\", r"\q", r"\xZZ", r"\x1"):
        with pytest.raises(click.BadParameter):
            typed(wrong)


def test_keys_and_stdin(tmp_path: Path) -> None:
    path = program(tmp_path, ECHO)
    assert run("--keys", "abq", path).stdout == "abq"
    assert run(path, stdin="xyq").stdout == "xyq"
    assert run("--keys", "1", path, stdin="2q").stdout == "12q"
    result = run(path, stdin="never ends")
    assert result.exit_code == 1
    assert "no more input" in result.stderr


def test_folder_and_no_xms_and_maps(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    source = FLAT + "mov dx, n\nmov cx, 0\nmov ah, 0x3c\nint 0x21\n" + EXIT + 'n: .asciz "NEW.TXT"\n'
    assert run("--dir", str(tmp_path / "disk"), program(tmp_path, source)).exit_code == 0
    assert (tmp_path / "disk" / "NEW.TXT").exists()
    xms = "mov ax, 0x4300\nint 0x2f\nmov ah, 0x4c\nint 0x21\n"
    assert run(program(tmp_path, xms)).exit_code == 0x80
    assert run("--no-xms", program(tmp_path, xms)).exit_code == 0
    (tmp_path / "T.MAP").write_bytes(b"no map")
    taken = run(program(tmp_path, EXIT))  # a map of somebody else's linker
    assert taken.exit_code == 0
    assert "without a map" in taken.stderr
    assert "T.MAP is no map file" in taken.stderr
    assert run("--map", str(tmp_path / "T.MAP"), program(tmp_path, EXIT)).exit_code == 1
    assert run("--probe", "x", program(tmp_path, EXIT, "U.EXE")).exit_code == 1


def as_process(path: str, **options: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "emulator", path], cwd=Path(__file__).parents[2], **options)  # type: ignore[call-overload,no-any-return]


def test_a_closed_pipe_is_no_traceback(tmp_path: Path) -> None:
    process = as_process(
        program(tmp_path, "l: mov ah, 2\nint 0x21\njmp l\n"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(1)
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 1
    assert errors == b""


def test_interrupted_twice(tmp_path: Path) -> None:
    process = as_process(
        program(tmp_path, "mov ah, 2\nint 0x21\nl: jmp l\n"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(1)
    process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.5)  # the guest has it, and does nothing
    process.send_signal(signal.SIGINT)
    errors = process.stderr.read()
    process.stdout.close()
    process.stderr.close()
    assert process.wait(60) == 130
    assert b"interrupted" in errors
    assert b"Traceback" not in errors


def test_a_terminal_types_key_by_key(tmp_path: Path) -> None:
    leader, follower = pty.openpty()
    ready = "mov ah, 2\nmov dl, 62\nint 0x21\n"
    process = as_process(
        program(tmp_path, ready + ECHO), stdin=follower, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.read(1) == b">"  # the terminal is set up
    os.write(leader, b"hello\x7f\nq")
    text = process.stdout.read()
    process.stdout.close()
    process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 0
    os.close(follower)
    os.close(leader)
    assert text == b"hello\b\rq"


def test_terminal_in_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same without a process of its own: settings are restored, idle time is real time."""
    import termios

    leader, follower = pty.openpty()
    with os.fdopen(follower) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        pc = Pc(tmp_path)
        before = termios.tcgetattr(follower)
        with Terminal(pc.session) as terminal:
            assert not termios.tcgetattr(follower)[3] & termios.ECHO
            assert terminal._more()
            os.write(leader, b"k")
            assert pc.call(0x16, ax=0).cpu.al == ord("k")
            terminal._ended = True
            terminal._idle(pc.machine.pit_now() + 100)
            assert not terminal._more()
        assert termios.tcgetattr(follower) == before
        quiet = Terminal(pc.session, interactive=False)
        with quiet:
            assert quiet._more() is False
    os.close(leader)


def test_without_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    terminal = Terminal(Pc(tmp_path).session)
    with terminal:
        assert terminal._more() is False


def test_a_folder_is_no_program_and_nan_no_limit() -> None:
    for words, code in ((["."], 1), (["--time-limit", "nan", "X.EXE"], 2)):
        done = subprocess.run([sys.executable, "-m", "emulator", *words], capture_output=True, check=False)
        assert done.returncode == code
        assert b"Traceback" not in done.stderr
