"""Profiles made by hand, whose every figure a test can foretell."""

from __future__ import annotations

from emulator.mapfile import MapFile, MapLine, MapSymbol
from emulator.profiling.schema import COUNTERS, Context, Counts, Place, Profile
from emulator.profiling.storage import Recording

BASE = 0x120000


def counts(clocks: int = 0, instructions: int | None = None, **others: int) -> Counts:
    """Counts by name; half as many instructions as clocks unless they are given."""
    named = {"clocks": clocks, "instructions": clocks // 2 if instructions is None else instructions, **others}
    assert set(named) <= set(COUNTERS)
    return tuple(named.get(name, 0) for name in COUNTERS)


MAP = MapFile(
    "T",
    image_size=0x100,
    bss_size=0,
    stack_size=0x1000,
    base_pointer=4,
    symbols=(
        MapSymbol(0x00, 0x10, "code", "fb_start"),
        MapSymbol(0x10, 0x20, "code", "MAIN"),
        MapSymbol(0x30, 0x10, "code", "FIB"),
        MapSymbol(0x40, 0x08, "code", "KERNEL"),
        MapSymbol(0x48, 0x08, "code", "kernel_row"),
        MapSymbol(0x50, 0x10, "code", "HELPER"),
        MapSymbol(0x60, 0x20, "data", "table"),
    ),
    lines=(
        MapLine(0x00, "runtime/start.bas", 3),
        MapLine(0x10, "T.BAS", 10),
        MapLine(0x18, "T.BAS", 11),
        MapLine(0x30, "T.BAS", 20),
        MapLine(0x40, "T.BAS", 30),
        MapLine(0x48, "T.BAS", 31),
        MapLine(0x50, "T.BAS", 0),
    ),
)

TEXTS = {"T.BAS": {10: "Print fib(3)", 11: "kernel()", 30: "Sub kernel()", 31: "mov bl, [esi]"}}


def recording() -> Recording:
    """Start code -> MAIN -> FIB -> FIB (recursive), MAIN -> KERNEL from two places, the stub, and a BIOS call."""
    places = [
        Place(BASE + 0x00, 5, "call MAIN", counts(10)),
        Place(BASE + 0x10, 5, "call FIB", counts(40)),
        Place(BASE + 0x18, 5, "call KERNEL", counts(6)),
        Place(BASE + 0x20, 5, "call KERNEL", counts(14)),
        Place(BASE + 0x30, 2, "add eax, ebx", counts(300, reads=4)),
        Place(BASE + 0x32, 1, "ret", counts(100)),
        Place(BASE + 0x40, 2, "mov bl, [esi]", counts(200, cache=120, read_misses=10, reads=50, bytes_read=50)),
        Place(BASE + 0x48, 3, "add eax, [ebx]", counts(800, multiply=80, address=40, write=16, branch=8, fetch=4)),
        Place(BASE + 0x50, 1, "nop", counts(2)),
        Place(0x0900, 2, "int 21h", counts(20)),
        Place(0xF0100, 1, "iret", counts(30)),
    ]
    contexts = [
        Context(-1, 0, 0x0900, -1, 1, counts(20)),
        Context(0, 0x0900, BASE, -1, 1, counts(10)),
        Context(1, BASE + 0x00, BASE + 0x10, -1, 1, counts(60)),
        Context(2, BASE + 0x10, BASE + 0x30, -1, 1, counts(150, reads=4)),
        Context(3, BASE + 0x30, BASE + 0x30, -1, 2, counts(250)),
        Context(2, BASE + 0x18, BASE + 0x40, 0, 3, counts(400, cache=120, read_misses=10, reads=50, bytes_read=50)),
        Context(2, BASE + 0x20, BASE + 0x40, 1, 4, counts(602, multiply=80, address=40, write=16, branch=8, fetch=4)),
        Context(2, 0, 0xF0100, -1, 1, counts(30)),
    ]
    totals = counts(1522, 761, cache=120, read_misses=10, reads=54, bytes_read=50, multiply=80, address=40, write=16)
    totals = tuple(
        number + {"branch": 8, "fetch": 4}.get(name, 0) for name, number in zip(COUNTERS, totals, strict=True)
    )
    profile = Profile(
        program="T.EXE",
        cpu={"name": "486dx2-66", "cache_bytes": 8192},
        clock_hz=66_666_667,
        image_base=BASE,
        totals=totals,
        places=places,
        contexts=contexts,
    )
    return Recording(profile, MAP, TEXTS, {"prompt": "x"})
