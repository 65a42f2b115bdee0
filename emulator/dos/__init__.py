"""DOS: what lies behind INT 20h to INT 2Fh."""

from emulator.dos.kernel import Dos

__all__ = ["Dos"]
