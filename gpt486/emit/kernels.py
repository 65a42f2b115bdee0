"""Assembly kernels as FreeBASIC procedures.

A kernel is a file in asm/kernels/: first a line `;! Sub name(parameters)`, then what it does as a comment, then its
instructions, with `;` comments and labels that begin with its name. It is a Jinja2 template, so that loops can be
unrolled. Here it becomes a Naked Cdecl procedure, its comments in BASIC's form.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import jinja2

_PROTOTYPE = re.compile(r"^;! (Sub|Function) (\w+)\((.*?)\)( As \w+)?$")


def kernel_renderer(environment: jinja2.Environment, **values: object) -> Callable[[str], str]:
    """A function that turns the name of a kernel into BASIC; `values` are the template's variables."""

    def render(name: str) -> str:
        text = environment.get_template(f"{name}.asm").render(**values)
        return "\n\n".join(_procedure(part) for part in re.split(r"^(?=;!)", text, flags=re.M) if part.strip())

    return render


def _procedure(text: str) -> str:
    lines = text.strip().splitlines()
    match = _PROTOTYPE.match(lines[0])
    assert match, f"a kernel begins with ';! Sub name(parameters)', not {lines[0]!r}"
    kind, name, parameters, result = match.groups()
    at = next(i for i, line in enumerate(lines) if not line.startswith(";"))
    heading = [f"'{line[1:]}".rstrip() for line in lines[1:at]]
    while heading and heading[0] == "'":
        heading.pop(0)
    body = [_statement(line) for line in lines[at:] if line.strip()]
    return "\n".join(
        [
            *heading,
            f"{kind} {name} Naked Cdecl ({parameters}){result or ''}",
            "    Asm",
            *body,
            "    End Asm",
            f"End {kind}",
        ]
    )


def _statement(line: str) -> str:
    code, semicolon, comment = line.partition(";")
    if not semicolon:
        return line.rstrip()
    return f"{code}'{comment}".rstrip()
