"""Writes a unit of BASIC procedures: `python -m gpt486.primitives packed > PACKED.BI`."""

from __future__ import annotations

import sys

from gpt486.primitives.units import UNITS, render_unit


def main(arguments: list[str]) -> int:
    """Write the unit that the only argument names; returns the exit code."""
    if len(arguments) != 1 or arguments[0] not in UNITS:
        print(f"usage: python -m gpt486.primitives {'|'.join(UNITS)} > NAME.BI", file=sys.stderr)
        return 2
    sys.stdout.write(render_unit(arguments[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
