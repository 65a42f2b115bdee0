"""From assembly statements to a DOS executable: assembler, linker, map and the DOSBox runner."""

from gpt486.toolchain.assembler import AsmLine, Object, Row, assemble
from gpt486.toolchain.errors import (
    AssemblyError,
    DosboxError,
    DosboxMissing,
    LinkError,
    ToolchainError,
)

__all__ = [
    "AsmLine",
    "AssemblyError",
    "DosboxError",
    "DosboxMissing",
    "LinkError",
    "Object",
    "Row",
    "ToolchainError",
    "assemble",
]
