"""python -m emulator.benchmark: how many emulated instructions a second this host runs.

Three loops, as COM programs made of bytes: short blocks (2 instructions), the mix of ordinary code (10
instructions, 3 loads, 1 store), and an unrolled kernel (200 additions from memory); each at the raw speed, and
with every instruction in the cycle model, with and without a profile.  Seconds are seconds of CPU time, so that
other work on the host does not count.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from emulator.run import Session
from emulator.timing.options import Profiling, Timing

#: MOV AX,CS; ADD AX,1000h; MOV DS,AX: data away from the code's pages (see docs/emulator.md).
_DATA = bytes.fromhex("8cc8 050010 8ed8")
#: DEC ECX.
_NEXT = bytes.fromhex("6649")
#: MOV AX,4C00h; INT 21h.
_EXIT = bytes.fromhex("b8004c cd21")
_BODIES = {
    "short blocks (2 instructions)": (b"", 20_000_000),
    "ordinary code (10 instructions)": (
        bytes.fromhex("8b04 034402 8b5404 894406 43 31da 89d5 83c503"),
        20_000_000,
    ),
    "unrolled kernel (200 loads)": (b"".join(b"\x03\x44" + bytes((at,)) for at in range(100)) * 2, 1_000_000),
}


def _program(body: bytes, rounds: int) -> bytes:
    """MOV ECX, rounds; the body, DEC ECX and JNZ as often; exit."""
    loop = body + _NEXT
    back = -(len(loop) + 4)
    jump = b"\x0f\x85" + back.to_bytes(2, "little", signed=True)
    return _DATA + b"\x66\xb9" + rounds.to_bytes(4, "little") + loop + jump + _EXIT


#: How the loops are run: label, options of Session, and how much shorter.
_MODES: Final[dict[str, tuple[dict[str, Any], float]]] = {
    "raw": ({}, 1.0),
    "cycle model": ({"timing": Timing()}, 0.5),
    "profile": ({"profiling": Profiling()}, 0.5),
}


def measure(scale: float = 1.0) -> list[tuple[str, str, int, float]]:
    """(loop, mode, instructions, seconds of CPU time) of each loop; `scale` shortens them."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for label, (body, rounds) in _BODIES.items():
            for mode, (options, part) in _MODES.items():
                path = folder / "BENCH.COM"
                path.write_bytes(_program(body, max(1, int(rounds * scale * part))))
                session = Session(path, folder=folder, console=lambda _: None, **options)
                start = time.process_time()
                result = session.run()
                rows.append((label, mode, result.instructions, time.process_time() - start))
    return rows


def main() -> None:
    """Measure and print, in million instructions a second."""
    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    print(f"{'million instructions a second':34}" + "".join(f"{mode:>14}" for mode in _MODES))
    speeds: dict[str, list[float]] = {}
    for label, _, instructions, seconds in measure(scale):
        speeds.setdefault(label, []).append(instructions / seconds / 1e6)
    for label, row in speeds.items():
        print(f"{label:34}" + "".join(f"{speed:14.1f}" for speed in row))


if __name__ == "__main__":
    main()
