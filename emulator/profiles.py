"""The CPUs that can be emulated, as data."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from emulator.errors import EmulatorError


@dataclass(frozen=True)
class CpuProfile:
    """One member of the 486 family.

    clock_hz: core clock; bus_hz: clock of the bus, which DX2 and DX4 multiply; fpu: whether there is an
    x87; cache_bytes: size of the unified on-chip cache (Intel's data sheets: 8 KB, 16 KB on the DX4).
    """

    name: str
    clock_hz: int
    bus_hz: int
    fpu: bool
    cache_bytes: int


_MHZ: Final = 1_000_000

PROFILES: Final = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            CpuProfile("486sx-25", 25 * _MHZ, 25 * _MHZ, False, 8192),
            CpuProfile("486sx-33", 100 * _MHZ // 3, 100 * _MHZ // 3, False, 8192),
            CpuProfile("486dx-33", 100 * _MHZ // 3, 100 * _MHZ // 3, True, 8192),
            CpuProfile("486dx-50", 50 * _MHZ, 50 * _MHZ, True, 8192),
            CpuProfile("486dx2-50", 50 * _MHZ, 25 * _MHZ, True, 8192),
            CpuProfile("486dx2-66", 200 * _MHZ // 3, 100 * _MHZ // 3, True, 8192),
            CpuProfile("486dx4-100", 100 * _MHZ, 100 * _MHZ // 3, True, 16384),
        )
    }
)

DEFAULT_CPU: Final = "486dx2-66"

#: Short names that the command line takes as well.
ALIASES: Final = MappingProxyType({"486sx": "486sx-25", "486dx": "486dx2-66"})


def find_profile(name: str) -> CpuProfile:
    """The profile of a name or alias, whatever the case; EmulatorError lists the known ones."""
    key = name.lower()
    key = ALIASES.get(key, key)
    if key not in PROFILES:
        raise EmulatorError(f"unknown CPU {name!r}: choose one of {', '.join(PROFILES)}")
    return PROFILES[key]
