"""run_program(): budgets, Ctrl-C, memory figures, maps and probes, and what it refuses."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest
from guests import EXIT, FLAT, assemble, mz, run_asm

from emulator import PROFILES, EmulatorError, Machine, Session, run_program
from emulator.mapfile import MapFile, MapLine, MapSymbol
from emulator.profiles import find_profile

FOREVER = "l: jmp l\n"


def program(folder: Path, source: str) -> Path:
    path = folder / "T.EXE"
    path.write_bytes(mz(assemble(source)))
    return path


def ignore(_: bytes) -> None:
    pass


def test_run_program(tmp_path: Path) -> None:
    printed: list[bytes] = []
    path = program(tmp_path, FLAT + 'mov dx, t\nmov ah, 9\nint 0x21\nmov ax, 0x4c03\nint 0x21\nt: .ascii "hi$"\n')
    result = run_program(path, b"x", folder=tmp_path, cpu="486sx-33", memory_mb=4, console=printed.append)
    assert (result.exit_code, result.stop, b"".join(printed)) == (3, None, b"hi")
    assert result.cpu == "486sx-33"
    assert result.instructions == 4 + 2 + 2 + 2 + 1 + 1
    assert result.extended_bytes == 0
    assert 0 < result.peak_memory_bytes == result.conventional_bytes <= 16384


@pytest.mark.parametrize(
    "source", [FOREVER, "cli\n" + FOREVER, "l: hlt\njmp l\n", "l: int 0x11\njmp l\n", "l: in al, 0x61\njmp l\n"]
)
def test_endless_loops_meet_the_time_limit(tmp_path: Path, source: str) -> None:
    result = run_program(program(tmp_path, source), folder=tmp_path, console=ignore, time_limit=0.3)
    assert result.stop is not None
    assert (result.stop.reason, result.exit_code) == ("time-limit", 1)


@pytest.mark.parametrize("limit", [1, 1000, 1_000_001, 5_000_000])
def test_the_instruction_limit_is_exact_to_a_block(tmp_path: Path, limit: int) -> None:
    result = run_program(program(tmp_path, FOREVER), folder=tmp_path, console=ignore, instruction_limit=limit)
    assert result.stop is not None
    assert result.stop.reason == "instruction-limit"
    assert result.instructions == limit
    assert f"{limit:,}" in result.stop.message


def test_a_rep_of_four_gigabytes_meets_the_time_limit(tmp_path: Path) -> None:
    source = "mov ecx, 0xffffffff\n.byte 0x67, 0xf3, 0xac\n"
    result = run_program(program(tmp_path, source), folder=tmp_path, console=ignore, time_limit=0.3)
    assert result.stop is not None
    assert result.instructions <= 2


def send_interrupts(session: Session, times: int) -> None:
    """Ctrl-C as soon as the guest has printed something, again at every heartbeat after it."""
    sent = 0
    original = session.machine.on_heartbeat
    assert original is not None

    def beat() -> None:
        nonlocal sent
        if session.machine.count > 100_000 and sent < times:
            sent += 1
            os.kill(os.getpid(), signal.SIGINT)
        original()

    session.machine.on_heartbeat = beat


def run_with_signals(session: Session) -> object:
    from emulator.run import handling_signals

    with handling_signals(session):
        return session.run()


def test_ctrl_c_reaches_the_guest_first(tmp_path: Path) -> None:
    source = FLAT + "mov dx, h\nmov ax, 0x251b\nint 0x21\n" + FOREVER + "h: mov ax, 0x4c2a\nint 0x21\n"
    session = Session(program(tmp_path, source), folder=tmp_path, console=ignore, time_limit=30)
    send_interrupts(session, 1)
    before = signal.getsignal(signal.SIGINT)
    result = run_with_signals(session)
    assert (result.stop, result.exit_code) == (None, 42)  # type: ignore[attr-defined]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_stops_the_run(tmp_path: Path) -> None:
    session = Session(program(tmp_path, FOREVER), folder=tmp_path, console=ignore, time_limit=30)
    send_interrupts(session, 2)
    result = run_with_signals(session)
    assert result.exit_code == 130  # type: ignore[attr-defined]
    assert result.stop.reason == "interrupted"  # type: ignore[attr-defined]


def test_ctrl_c_may_stop_the_run_at_once(tmp_path: Path) -> None:
    session = Session(program(tmp_path, FOREVER), folder=tmp_path, console=ignore, time_limit=30, on_interrupt="stop")
    send_interrupts(session, 1)
    assert run_with_signals(session).exit_code == 130  # type: ignore[attr-defined]


def test_other_threads_may_run_programs(tmp_path: Path) -> None:
    results = []
    path = program(tmp_path, EXIT)

    def work() -> None:
        results.append(run_program(path, folder=tmp_path, console=ignore))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert results[0].exit_code == 0


def test_an_error_of_the_console_comes_out(tmp_path: Path) -> None:
    def broken(_: bytes) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        run_program(program(tmp_path, "mov ah, 2\nint 0x21\n" + EXIT), folder=tmp_path, console=broken)


def test_touched_pages() -> None:
    memory = Machine(find_profile("486sx-25"), 2).memory
    for address in (0x400, 0x1FFFC, 0xB8000, 0x1FFFFC):  # BIOS data, a program's, video, the last of RAM
        memory.set_u32(address, 0)
    assert memory.touched_pages().nonzero()[0].tolist() == [0x1F, 0x1FF]
    memory.set_u32(0x20000, 0)
    assert memory.touched_pages().nonzero()[0].tolist() == [0x1F, 0x20, 0x1FF]
    assert memory.used_pages() == (2, 1)


def test_peak_memory_counts_pages(tmp_path: Path) -> None:
    source = FLAT + "mov ax, 0x5000\nmov es, ax\nxor di, di\nmov cx, 0x4000\nrep stosw\n"
    small, big = run_asm(tmp_path, EXIT).result, run_asm(tmp_path, source + EXIT).result
    assert big.conventional_bytes - small.conventional_bytes == 0x8000


def test_refusals(tmp_path: Path) -> None:
    path = program(tmp_path, EXIT)
    with pytest.raises(EmulatorError, match="486sx-25"):
        run_program(path, folder=tmp_path, console=ignore, cpu="pentium")
    with pytest.raises(EmulatorError, match="no such folder"):
        run_program(path, folder=tmp_path / "none", console=ignore)
    with pytest.raises(EmulatorError, match="1 to 1024"):
        run_program(path, folder=tmp_path, console=ignore, memory_mb=0)
    with pytest.raises(EmulatorError, match=r"NONE\.MAP"):
        run_program(path, folder=tmp_path, console=ignore, map_file=tmp_path / "NONE.MAP")
    with pytest.raises(EmulatorError, match="no code symbol 'x'"):
        run_program(path, folder=tmp_path, console=ignore, probes=["x"])


def test_profiles() -> None:
    assert list(PROFILES) == [
        "486sx-25",
        "486sx-33",
        "486dx-33",
        "486dx-50",
        "486dx2-50",
        "486dx2-66",
        "486dx4-100",
    ]
    assert all(profile.fpu == ("sx" not in name) for name, profile in PROFILES.items())
    assert find_profile("486DX").name == "486dx2-66"
    assert Machine(find_profile("486sx"), 1).profile.clock_hz == 25_000_000


# -- maps and probes ---------------------------------------------------------------------------------------

#: Stores its own address where the map says the image's address is kept, then calls f three times.
MAPPED = """
    jmp start
    nop
base: .long 0
start:
    push cs
    pop ds
    xor eax, eax
    mov ax, cs
    shl eax, 4
    mov [base], eax
    jmp main
main:
    mov cx, 3
l:  call f
    inc bx              ; "between" lies inside a block
between:
    nop
    dec cx
    jnz l
    {last}
    mov ax, 0x4c00
    int 0x21
f:  nop
    ret
"""


def mapped(folder: Path, last: str = "nop") -> Path:
    from guests import assemble as to_bytes

    source = MAPPED.format(last=last)
    names = ["base", "start", "main", "between", "f"]
    probe = to_bytes(source + "\n".join(f".word {name}" for name in names))
    offsets = {name: int.from_bytes(probe[2 * i - 10 :][:2], "little") for i, name in enumerate(names)}
    code = to_bytes(source)
    order = sorted(names[1:], key=offsets.__getitem__)
    ends = [offsets[name] for name in order[1:]] + [len(code)]
    symbols = tuple(
        MapSymbol(offsets[name], end - offsets[name], "code", name) for name, end in zip(order, ends, strict=True)
    )
    lines = (MapLine(offsets["main"], "T.BAS", 10), MapLine(offsets["f"], "T.BAS", 20))
    MapFile("T", len(code), 0, 0, offsets["base"], symbols, lines).write(folder / "T.MAP")
    path = folder / "T.EXE"
    path.write_bytes(mz(code))
    return path


def test_probes_record_every_arrival(tmp_path: Path) -> None:
    path = mapped(tmp_path)
    result = run_program(
        path, folder=tmp_path, console=ignore, map_file=tmp_path / "T.MAP", probes=["main", "f", "between"]
    )
    assert result.stop is None
    first = 8  # instructions in front of main
    assert result.probes["main"] == [first]
    assert result.probes["f"] == [first + 2 + 7 * index for index in range(3)]
    assert result.probes["between"] == [first + 5 + 7 * index for index in range(3)]
    plain = run_program(path, folder=tmp_path, console=ignore)
    assert plain.instructions == result.instructions


def test_arrivals_can_be_watched(tmp_path: Path) -> None:
    path = mapped(tmp_path)
    session = Session(path, folder=tmp_path, console=ignore, map_file=tmp_path / "T.MAP", probes=["main", "f"])
    seen: list[tuple[str, int]] = []
    session.symbols.on_arrival = lambda name, count: seen.append((name, count))
    result = session.run()
    assert seen == [("main", 8), *(("f", 10 + 7 * index) for index in range(3))]
    assert result.probes == {"main": [8], "f": [count for _, count in seen[1:]]}


def test_stops_are_named_by_the_map(tmp_path: Path) -> None:
    path = mapped(tmp_path, last=".byte 0x0f, 0x31")
    result = run_program(path, folder=tmp_path, console=ignore, map_file=tmp_path / "T.MAP")
    assert result.stop is not None
    assert result.stop.where == "between, T.BAS:10"
    assert result.stop.message.endswith("in between, T.BAS:10")
    bare = run_program(path, folder=tmp_path, console=ignore)
    assert bare.stop is not None
    assert bare.stop.where == ""


def test_a_place_before_the_image_is_known_has_no_name(tmp_path: Path) -> None:
    path = mapped(tmp_path)
    code = bytearray(path.read_bytes())
    code[32 + 9 : 32 + 11] = b"\x0f\x31"
    path.write_bytes(bytes(code))
    result = run_program(path, folder=tmp_path, console=ignore, map_file=tmp_path / "T.MAP", probes=["main"])
    assert result.stop is not None
    assert result.stop.where == ""
    assert result.probes == {"main": []}
