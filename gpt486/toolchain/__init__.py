"""From assembly statements to a DOS executable: assembler, linker, map and the DOSBox runner."""

from gpt486.toolchain.assembler import AsmLine, Object, Row, assemble
from gpt486.toolchain.dosbox import DosboxResult, run_dosbox
from gpt486.toolchain.errors import (
    AssemblyError,
    DosboxError,
    DosboxMissing,
    LinkError,
    ToolchainError,
)
from gpt486.toolchain.link import Executable, link

__all__ = [
    "AsmLine",
    "AssemblyError",
    "DosboxError",
    "DosboxMissing",
    "DosboxResult",
    "Executable",
    "LinkError",
    "Object",
    "Row",
    "ToolchainError",
    "assemble",
    "link",
    "run_dosbox",
]
