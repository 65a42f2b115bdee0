"""Scopes: names to symbols, and the nearest name for one that is not found."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from gpt486.basic.ir import Constant, Label, Proc, TypeName, Var

Symbol = Var | Constant | Proc | TypeName


class Scope:
    """A mapping of lower-case names to symbols, inside an outer scope. Types have names of their own: a variable
    may be called as its type is."""

    __slots__ = ("names", "outer", "types")

    def __init__(self, outer: Scope | None = None) -> None:
        self.outer = outer
        self.names: dict[str, Var | Constant | Proc] = {}
        self.types: dict[str, TypeName] = {}

    def find(self, low: str) -> Symbol | None:
        """The symbol that `low` means here; a type only when it is nothing else."""
        scope: Scope | None = self
        while scope is not None:
            symbol = scope.names.get(low)
            if symbol is not None:
                return symbol
            scope = scope.outer
        return self.find_type(low)

    def find_type(self, low: str) -> TypeName | None:
        """The type that `low` means here."""
        scope: Scope | None = self
        while scope is not None:
            symbol = scope.types.get(low)
            if symbol is not None:
                return symbol
            scope = scope.outer
        return None

    def visible(self) -> Iterator[str]:
        """Every name that can be seen from here."""
        scope: Scope | None = self
        while scope is not None:
            yield from scope.names
            yield from scope.types
            scope = scope.outer

    def nearest(self, low: str) -> str:
        """` (did you mean X?)` for the visible name closest to `low`, or nothing."""
        close = difflib.get_close_matches(low, set(self.visible()), n=1, cutoff=0.7)
        if not close:
            return ""
        symbol = self.find(close[0])
        return f" (did you mean {symbol.name}?)" if symbol is not None else ""


def kind_of(symbol: Symbol | Label) -> str:
    """What a symbol is, in an error's words."""
    if isinstance(symbol, Var):
        return "variable"
    if isinstance(symbol, Constant):
        return "constant"
    if isinstance(symbol, Proc):
        return "procedure"
    return "type" if isinstance(symbol, TypeName) else "label"
