"""Random integer expressions against a model of FreeBASIC's arithmetic."""

from __future__ import annotations

from basic_arithmetic_model import WIDTHS, Value, Variable, expression, extremes, wrap
from basic_running import output
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PER_PROGRAM = 40


def spelled(v: Variable) -> str:
    """A variable's value as an initialiser: suffixed, since -3000000000 would negate a UInteger."""
    if v.value == -(1 << 63):
        return "-9223372036854775807ll - 1"
    return f"{v.value}" + {"LongInt": "ll", "ULongInt": "ull"}.get(v.type, "")


@st.composite
def batches(draw: st.DrawFn) -> tuple[str, str]:
    """A program of many expressions and what it must print."""
    kinds = sorted(WIDTHS)
    variables = [Variable(f"v{i}", t, draw(extremes(t))) for i, t in enumerate(kinds * 2)]
    place = draw(st.sampled_from(("shared", "local", "param")))
    results: list[Value] = [draw(expression(variables, 3)) for _ in range(PER_PROGRAM)]
    lines: list[str] = []
    body: list[str] = []
    for i, r in enumerate(results):
        if i % 3 == 0:
            body.append(f"Print {r.text}")
        elif i % 3 == 1:
            body.append(f"If {r.text} Then Print 1 Else Print 0")
        else:
            body.append(f"r{i % len(kinds)} = {r.text}: Print r{i % len(kinds)}")
    declared = [f"Dim r{i} As {t}" for i, t in enumerate(kinds)]
    numbers = [spelled(v) for v in variables]
    if place == "shared":
        lines += [f"Dim Shared {v.name} As {v.type} = {n}" for v, n in zip(variables, numbers, strict=True)]
        lines += ["Sub test()", *declared, *body, "End Sub", "test"]
    elif place == "local":
        lines += ["Sub test()", *(f"Dim {v.name} As {v.type} = {n}" for v, n in zip(variables, numbers, strict=True))]
        lines += [*declared, *body, "End Sub", "test"]
    else:
        lines += ["Sub test(" + ", ".join(f"ByVal {v.name} As {v.type}" for v in variables) + ")"]
        lines += [*declared, *body, "End Sub", "test " + ", ".join(numbers)]
    expected = []
    for i, r in enumerate(results):
        value, type_ = r.value, r.type
        if i % 3 == 1:
            value, type_ = int(value != 0), "Integer"
        elif i % 3 == 2:
            type_ = kinds[i % len(kinds)]
            value = wrap(value, type_)
        expected.append(f" {value}" if WIDTHS[type_][1] and value >= 0 else str(value))
    return "\n".join(lines) + "\n", "\n".join(expected) + "\n"


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(batches())
def test_random_expressions(batch: tuple[str, str]) -> None:
    source, expected = batch
    got = output(source).split("\n")
    wanted = expected.split("\n")
    bad = [i for i, (a, b) in enumerate(zip(got, wanted, strict=True)) if a != b]
    body = [line for line in source.split("\n") if line.startswith(("Print", "If", "r"))]
    assert not bad, [(body[i], got[i], wanted[i]) for i in bad[:3]]
