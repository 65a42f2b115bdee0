"""Profiles for `python -m emulator`: its options, wherever they stand, and what it shows."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.text import Text

from emulator.mapfile import MapFile
from emulator.profiling import tables
from emulator.profiling.attribute import Attribution
from emulator.profiling.record import Exports, make_recording
from emulator.profiling.schema import COUNTERS, Counts, Profile
from emulator.profiling.sources import Sources

#: Options with a file, by their field in Exports.
_FILES: Final = {"--callgrind": "callgrind", "--speedscope": "speedscope", "--save-profile": "save"}
#: Procedures and lines that --json lists.
_LISTED: Final = 100


@dataclass(frozen=True)
class ProfileOptions:
    """What is wanted: a profile at all (any file implies it), files of it, and how many rows of its tables."""

    wanted: bool = False
    exports: Exports = field(default_factory=Exports)
    top: int = 15

    def __bool__(self) -> bool:
        """Whether a profile is wanted."""
        return self.wanted or bool(self.exports)


def take_options(options: ProfileOptions, words: Sequence[str]) -> tuple[ProfileOptions, list[str]]:
    """Take the profile's options out of the words behind PROGRAM; all others, and all behind `--`, are the program's.

    Raises:
        click.BadParameter: an option has no value, or --top one that is no number.
    """
    rest: list[str] = []
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            rest += waiting
            break
        name, equals, value = word.partition("=")
        if word == "--profile":
            options = replace(options, wanted=True)
        elif name in _FILES or name == "--top":
            if not equals:
                if not waiting:
                    raise click.BadParameter("its value is missing", param_hint=name)
                value = waiting.pop(0)
            if name == "--top":
                if not value.isdecimal() or int(value) < 1:
                    raise click.BadParameter(f"{value!r} is no number of rows", param_hint=name)
                options = replace(options, top=int(value))
                continue
            options = replace(options, exports=replace(options.exports, **{_FILES[name]: Path(value)}))
        else:
            rest.append(word)
    return options, rest


class Front:
    """A profile, to be shown and written.

    folder: where the program's sources are looked for.
    """

    def __init__(self, profile: Profile, program_map: MapFile | None, folder: Path) -> None:
        self.sources = Sources([folder])
        self.attribution = Attribution(make_recording(profile, program_map, self.sources))

    def write(self, exports: Exports) -> list[Path]:
        """Write the files; ProfileFileError names one that cannot be written."""
        return exports.write(self.attribution, self.sources, "emulator")

    def show(self, written: Sequence[Path], top: int) -> None:
        """Print the tables, `top` rows each, on standard error."""
        console = Console(file=sys.stderr, highlight=False)
        tables.summary(console, self.attribution.profile)
        console.print()
        tables.procedures(console, self.attribution, top)
        console.print()
        if any(row.file for row in self.attribution.lines()):
            tables.lines(console, self.attribution, top)
        else:
            tables.instructions(console, self.attribution, top)
        if written:
            console.print(Text("written: " + ", ".join(map(str, written))), soft_wrap=True)

    def to_json(self) -> dict[str, Any]:
        """Totals, and the most expensive procedures and lines, as plain data."""
        return {
            "totals": _named(self.attribution.profile.totals),
            "seconds": self.attribution.profile.seconds,
            "disk_clocks": self.attribution.profile.disk,
            "idle_clocks": self.attribution.profile.idle,
            "sampled": self.attribution.profile.sampled,
            "procedures": [
                {
                    "name": row.procedure.name,
                    "module": row.procedure.module,
                    "file": row.file or None,
                    "line": row.line or None,
                    "calls": row.calls,
                    "self": _named(row.own),
                    "total": _named(row.total),
                }
                for row in self.attribution.procedures()[:_LISTED]
            ],
            "lines": [
                {"file": row.file, "line": row.line, "text": row.text, "counts": _named(row.counts)}
                for row in self.attribution.lines()[:_LISTED]
                if row.file
            ],
        }


def _named(counts: Counts) -> dict[str, int]:
    return dict(zip(COUNTERS, counts, strict=True))
