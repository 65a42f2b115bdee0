"""From a run's profile to a recording, and from a recording to files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator.mapfile import MapFile
from emulator.profiling.attribute import Attribution, lines_of
from emulator.profiling.callgrind import callgrind
from emulator.profiling.schema import Profile
from emulator.profiling.sources import Sources
from emulator.profiling.speedscope import speedscope
from emulator.profiling.storage import Recording, save, write_text


def make_recording(
    profile: Profile, program_map: MapFile | None, sources: Sources, notes: Mapping[str, Any] | None = None
) -> Recording:
    """Put a profile together with its map and the text of the lines that ran."""
    texts: Mapping[str, Mapping[int, str]] = {}
    if program_map is not None and profile.image_base is not None:
        addresses = [place.address for place in profile.places]
        texts = sources.excerpt(lines_of(addresses, program_map, profile.image_base))
    return Recording(profile, program_map, texts, dict(notes or {}))


@dataclass(frozen=True)
class Exports:
    """Files to be written of a profile; None: not that one."""

    callgrind: Path | None = None
    speedscope: Path | None = None
    save: Path | None = None

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.files)

    @property
    def files(self) -> list[Path]:
        """Those that are to be written."""
        return [file for file in (self.save, self.callgrind, self.speedscope) if file is not None]

    def write(
        self,
        attribution: Attribution,
        sources: Sources,
        creator: str,
        label: Callable[[int], str | None] = lambda index: None,
    ) -> list[Path]:
        """Write them; returns which.

        creator: the program's name that stands in the files.  label: names of contexts, as for speedscope.

        Raises:
            ProfileFileError: one cannot be written.
        """

        def path(file: str) -> str:
            found = sources.path(file)
            return str(found) if found is not None else file

        if self.save is not None:
            save(attribution.recording, self.save)
        if self.callgrind is not None:
            write_text(self.callgrind, callgrind(attribution, creator=creator, path=path))
        if self.speedscope is not None:
            write_text(self.speedscope, speedscope(attribution, exporter=creator, label=label, path=path))
        return self.files
