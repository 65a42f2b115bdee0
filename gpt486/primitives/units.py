"""The primitives as FreeBASIC source that any program can include.

`gpt486 basic` finds them by itself: `#include once "packed.bi"`. For fbc, `python -m gpt486.primitives packed` writes
the file. With `#define NO_ASM` before the include, BASIC twins take the place of the assembly.
"""

from __future__ import annotations

import jinja2

from gpt486.emit.kernels import kernel_renderer
from gpt486.paths import ASM, TEMPLATES
from gpt486.primitives import fixed_point, packed

UNITS = ("cpu", "fixed_point", "packed")
"""The units, each a file NAME.bas in basic_templates/units."""


def template_values() -> dict[str, object]:
    """What the templates of the units and of their assembly refer to."""
    return {"fixed_point": fixed_point, "operations": [(name, what) for name, (_, what) in packed.OPERATIONS.items()]}


def render_unit(name: str) -> str:
    """The source of a unit."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([str(TEMPLATES), str(ASM)]),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
    values = template_values()
    text = environment.get_template(f"units/{name}.bas").render(kernel=kernel_renderer(environment, **values), **values)
    lines = [line.rstrip() for line in text.splitlines()]
    compact = [line for i, line in enumerate(lines) if line or (i > 0 and lines[i - 1])]
    return "\n".join(compact).strip() + "\n"
