"""Profiles as files: a recording is a profile with all that is needed to look at it later, in one JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from emulator.disk import DiskTiming
from emulator.errors import EmulatorError
from emulator.files import write_atomically
from emulator.mapfile import MapError, MapFile, parse_map
from emulator.profiles import Board, CpuProfile
from emulator.profiling.schema import COUNTERS, FORMAT, Context, Counts, Mark, Place, Profile

#: A counter that is larger is damage: at 100 MHz so many clocks pass in 32 years.
_LARGEST: Final = 10**17
#: Whole numbers that a context consists of, before its counts.
_CONTEXT_FIELDS: Final = ("parent", "call_site", "entry", "ordinal", "calls")


class ProfileFileError(EmulatorError):
    """A file that holds no profile that can be read; the message names it and says what is wrong."""


@dataclass(frozen=True)
class Recording:
    """A profile and what names its addresses.

    map: the program's map, None without one.  sources: for each source file of the map, the text of its
    lines that ran, by number.  notes: what the maker of the recording wants to know later (plain JSON).
    """

    profile: Profile
    map: MapFile | None = None
    sources: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)


def save(recording: Recording, path: Path) -> None:
    """Write a recording; a file of that name is replaced when the new one is complete.

    Raises:
        ProfileFileError: it cannot be written.
    """
    write_text(path, _text(recording))


def write_text(path: Path, text: str) -> None:
    """Write a text file; no half of one is ever left under its name.

    Raises:
        ProfileFileError: it cannot be written; an old file of the name is still there.
    """
    try:
        write_atomically(path, text.encode("utf-8", "replace"))
    except OSError as error:
        raise ProfileFileError(f"{path}: cannot be written: {error.strerror or error}") from None


def load(path: Path) -> Recording:
    """Read a recording.

    Raises:
        ProfileFileError: it cannot be read, is no profile, is of another version, or is damaged.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ProfileFileError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ProfileFileError(f"{path}: no profile (it is not text)") from None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise ProfileFileError(f"{path}: no profile, or damaged: it is no JSON; record it again") from None
    written = data.get("format") if isinstance(data, dict) else None
    if not isinstance(written, str) or not written.startswith(FORMAT.split()[0] + " "):
        raise ProfileFileError(f"{path}: no profile: it should begin with the format {FORMAT!r}")
    if written != FORMAT:
        raise ProfileFileError(f"{path}: a profile of another version ({written!r}, not {FORMAT!r}); record it again")
    try:
        return _recording(data)
    except (KeyError, TypeError, ValueError, MapError) as error:
        raise ProfileFileError(f"{path}: a damaged profile ({error}); record it again") from None


def _text(recording: Recording) -> str:
    profile = recording.profile
    data = {
        "format": FORMAT,
        "program": profile.program,
        "cpu": dict(profile.cpu),
        "clock_hz": profile.clock_hz,
        "image_base": profile.image_base,
        "sampled": profile.sampled,
        "disk": profile.disk,
        "idle": profile.idle,
        "counters": COUNTERS,
        "totals": profile.totals,
        "places": [[p.address, p.size, p.text, p.counts] for p in profile.places],
        "contexts": [[*(getattr(c, name) for name in _CONTEXT_FIELDS), c.counts] for c in profile.contexts],
        "marks": [[m.symbol, m.counts] for m in profile.marks],
        "map": recording.map.text() if recording.map is not None else None,
        "sources": {
            file: {str(line): text for line, text in lines.items()} for file, lines in recording.sources.items()
        },
        "notes": dict(recording.notes),
    }
    return json.dumps(data, separators=(",", ":")) + "\n"


def _recording(data: Mapping[str, Any]) -> Recording:
    if tuple(data["counters"]) != COUNTERS:
        raise ValueError("other counters than this version's")
    contexts = [_context(row) for row in _rows(data["contexts"], 6)]
    for index, context in enumerate(contexts):
        if not -1 <= context.parent < index:
            raise ValueError(f"context {index} has no parent before it")
    base = data["image_base"]
    profile = Profile(
        program=_str(data["program"], "program"),
        cpu=_cpu(_mapping(data["cpu"], "cpu")),
        clock_hz=_whole(data["clock_hz"], "clock_hz"),
        image_base=None if base is None else _whole(base, "image_base"),
        totals=_counts(data["totals"]),
        places=[
            Place(_whole(row[0], "address"), _whole(row[1], "size"), _str(row[2], "text"), _counts(row[3]))
            for row in _rows(data["places"], 4)
        ],
        contexts=contexts,
        marks=[Mark(_str(row[0], "symbol"), _counts(row[1])) for row in _rows(data["marks"], 2)],
        sampled=float(data["sampled"]),
        disk=_whole(data.get("disk", 0), "disk"),
        idle=_whole(data.get("idle", 0), "idle"),
    )
    if profile.clock_hz <= 0 or not 0 < profile.sampled <= 1:
        raise ValueError("a clock or a sampled share that cannot be")
    text = data["map"]
    sources = {
        _str(file, "source"): {
            int(line): _str(source, "source line") for line, source in _mapping(rows, "lines").items()
        }
        for file, rows in _mapping(data["sources"], "sources").items()
    }
    program_map = None if text is None else parse_map(_str(text, "map"), "its map")
    return Recording(profile, program_map, sources, _mapping(data["notes"], "notes"))


def _context(row: Sequence[Any]) -> Context:
    parent, call_site, entry, ordinal, calls = (_whole(row[i], name) for i, name in enumerate(_CONTEXT_FIELDS))
    return Context(parent, call_site, entry, ordinal, calls, _counts(row[5]))


def _rows(value: object, width: int) -> Sequence[Sequence[Any]]:
    if not isinstance(value, list) or not all(isinstance(row, list) and len(row) == width for row in value):
        raise ValueError(f"a list of rows of {width} was expected")
    return value


def _counts(value: object) -> Counts:
    if not isinstance(value, list) or len(value) != len(COUNTERS):
        raise ValueError(f"{len(COUNTERS)} counters were expected")
    found = tuple(_whole(number, "counter") for number in value)
    if not all(0 <= number <= _LARGEST for number in found):
        raise ValueError("a counter that cannot be")
    return found


def _cpu(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The machine: what there is of a CpuProfile's figures must be of their kinds."""
    if value.get("bus_hz", 1) == 0:
        raise ValueError("cpu: bus_hz is no clock")
    for part, kind in ((value, CpuProfile), (value.get("board", {}), Board), (value.get("disk", {}), DiskTiming)):
        for entry in fields(kind):
            found = _mapping(part, "cpu").get(entry.name)
            if entry.name in part and entry.type in ("int", "float", "bool") and not _number(found):
                raise ValueError(f"cpu: {entry.name} is no number")
            if entry.name in part and entry.type == "str":
                _str(found, f"cpu.{entry.name}")
    board = value.get("board", {})
    for first, others in (("l2_bytes", ("l2_lead", "l2_burst")), ("dram_lead", ("dram_burst", "dram_row"))):
        if board.get(first) and not all(name in board for name in others):
            raise ValueError(f"cpu.board: {', '.join(others)} belong to {first}")
    return value


def _number(value: object) -> bool:
    return isinstance(value, int | float) and 0 <= value <= _LARGEST


def _whole(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name}: not a whole number")
    return value


def _str(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name}: not a text")
    return value


def _mapping(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{name}: not an object")
    return value
