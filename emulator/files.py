"""Writing files so that no half of one is ever left under its name."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` under a temporary name beside `path`, then rename it.

    A link stays, and the file that it leads to is written. What is no file (/dev/null, a pipe) is written into.

    Raises:
        OSError: the file cannot be written; an old one of the name is still there.
    """
    place = Path(os.path.realpath(path))
    if place.exists() and not place.is_file() and not place.is_dir():
        with place.open("wb", buffering=0) as device:
            rest = memoryview(data)
            while rest:
                rest = rest[device.write(rest) :]
        return
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name[:40]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
