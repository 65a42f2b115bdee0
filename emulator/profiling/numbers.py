"""Numbers as people read them in a narrow table."""

from __future__ import annotations

from typing import Final

_UNITS: Final = ("", "k", "M", "G", "T")


def short(number: float) -> str:
    """A number in five characters or fewer: 0, 1.5, 873, 12.3k, 4.25M, 812G; a minus comes in addition."""
    sign, size = ("-" if number < 0 else ""), abs(number)
    if size < 1000 and size == int(size):
        return f"{sign}{int(size)}"
    for unit in _UNITS:
        if size < 999.5 or unit == _UNITS[-1]:
            break
        size /= 1000
    digits = 2 if size < 9.995 else 1 if size < 99.95 else 0
    return f"{sign}{size:.{digits}f}{unit}"


def percent(part: float, whole: float, digits: int = 1) -> str:
    """A share in percent with some decimals, none from 100 on: "12.5", "100", "0.0"; "" of nothing."""
    if not whole:
        return ""
    share = 100 * part / whole
    return f"{share:.{digits if abs(share) < 99.95 else 0}f}"


def ratio(part: float, whole: float, digits: int = 2) -> str:
    """A quotient with some decimals, short from 1000 on; "" where there is nothing to divide by."""
    if not whole:
        return ""
    value = part / whole
    return f"{value:.{digits if value < 99.995 else 0}f}" if value < 999.5 else short(value)
