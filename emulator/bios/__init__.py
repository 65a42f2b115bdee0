"""The BIOS: what lies behind the ROM's interrupt vectors."""

from emulator.bios.system import Bios

__all__ = ["Bios"]
