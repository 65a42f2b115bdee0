"""The one exception that the BASIC compiler raises for a fault in a user's program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpt486.errors import Gpt486Error

if TYPE_CHECKING:
    from gpt486.basic.source import Diagnostic


class BasicError(Gpt486Error):
    """One or more faults in a BASIC program, each rendered as `FILE(LINE): error: message`, the line and a caret.

    `diagnostics` holds them one by one, file by file in the order of their lines.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(d.render() for d in self.diagnostics))

    @classmethod
    def plain(cls, message: str) -> BasicError:
        """An error without a place in a program: a file that cannot be read, say."""
        error = cls(())
        error.args = (message,)
        return error
