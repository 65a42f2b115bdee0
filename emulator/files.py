"""Writing files so that no half of one is ever left under its name."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from emulator.errors import EmulatorError


def check_outputs(outputs: Iterable[Path], inputs: Iterable[Path] = ()) -> None:
    """See, before anything has run, whether files can be written, each under a name of its own.

    inputs: files that are read and must not be overwritten.

    Raises:
        EmulatorError: names the file that cannot be written, and says why.
    """
    taken = {os.path.realpath(path) for path in inputs if path.is_file()}
    for path in outputs:
        place = Path(os.path.realpath(path))
        if str(place) in taken:
            raise EmulatorError(f"{path}: named twice; choose another name for one of the files")
        if place.is_dir():
            raise EmulatorError(f"{path}: cannot be written: it is a folder")
        if not place.parent.is_dir():
            raise EmulatorError(f"{path}: cannot be written: no folder {path.parent}")
        if not os.access(place if place.exists() and not place.is_file() else place.parent, os.W_OK):
            raise EmulatorError(f"{path}: cannot be written: no permission")
        if not place.exists() or place.is_file():
            taken.add(str(place))


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
