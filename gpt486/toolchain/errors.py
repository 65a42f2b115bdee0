"""The toolchain's errors."""

from __future__ import annotations

from gpt486.errors import Gpt486Error


class ToolchainError(Gpt486Error):
    """Assembling, linking or running an executable failed; the message says where and what to do."""


class AssemblyError(ToolchainError):
    """A statement cannot be assembled; names file and line, and quotes the statement.

    Attributes: `file` and `line` are the statement's place ("" and 0 where there is none), `statement` its
    text, `reason` what is wrong with it.
    """

    def __init__(self, reason: str, *, file: str = "", line: int = 0, statement: str = "") -> None:
        self.reason = reason
        self.file = file
        self.line = line
        self.statement = statement
        place = f"{file}:{line}: " if file or line else ""
        quoted = f"\n    {statement}" if statement else ""
        super().__init__(f"{place}{reason}{quoted}")


class LinkError(ToolchainError):
    """The program cannot be made into an executable."""


class DosboxError(ToolchainError):
    """DOSBox could not be started or did not do what it was told."""


class DosboxMissing(DosboxError):
    """DOSBox is not installed."""
