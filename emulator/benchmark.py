"""python -m emulator.benchmark: how many emulated instructions a second this host runs.

Three loops, as COM programs made of bytes: short blocks (2 instructions), the mix of ordinary code (10
instructions, 3 loads, 1 store), and an unrolled kernel (200 additions from memory).  Seconds are seconds of
CPU time, so that other work on the host does not count.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from emulator.run import Session

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


def measure(scale: float = 1.0) -> list[tuple[str, int, float]]:
    """(name, instructions, seconds of CPU time) of each loop; `scale` shortens them."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for label, (body, rounds) in _BODIES.items():
            path = folder / "BENCH.COM"
            path.write_bytes(_program(body, max(1, int(rounds * scale))))
            session = Session(path, folder=folder, console=lambda _: None)
            start = time.process_time()
            result = session.run()
            rows.append((label, result.instructions, time.process_time() - start))
    return rows


def main() -> None:
    """Measure and print, in million instructions a second."""
    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    for label, instructions, seconds in measure(scale):
        print(f"{label:34} {instructions / seconds / 1e6:7.0f} million instructions a second")


if __name__ == "__main__":
    main()
