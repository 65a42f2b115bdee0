"""Expressions: every way to write a number, linear forms, and what is refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt486.toolchain import expressions
from gpt486.toolchain.expressions import ExpressionError, Value

SYMBOLS = {"label": Value(0, (("label", 1),)), "other": Value(0, (("other", 1),)), "five": Value(5)}


def parse(text: str) -> Value:
    return expressions.parse(text, SYMBOLS.get)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("255", 255), ("0xff", 255), ("0FFh", 255), ("10h", 16), ("&hff", 255), ("&HFF", 255), ("&b101", 5),
        ("0b101", 5), ("&o17", 15), ("0o17", 15), ("'A'", 65), ("'\\n'", 10), ("0", 0), ("-1", -1), ("~0", -1),
        ("not 5", -6), ("-(5)", -5), ("+3", 3), ("--3", 3), ("2+3*4", 14), ("(2+3)*4", 20), ("10-2-3", 5),
        ("-7/2", -3), ("7/-2", -3), ("-7 % 2", -1), ("7 mod 4", 3), ("1 shl 4", 16), ("1<<4", 16), ("256 shr 4", 16),
        ("0x80000000>>31", 1), ("12 and 10", 8), ("12|3", 15), ("6 xor 3", 5), ("five*five", 25),
        ("0xffffffff", 0xFFFFFFFF), ("-2147483648", -(1 << 31)),
    ],
)  # fmt: skip
def test_numbers(text: str, value: int) -> None:
    assert parse(text) == Value(value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("017", "octal"), ("0x1ffffffff", "32 bits"), ("4294967296", "32 bits"), ("-2147483649", "32 bits"),
        ("1+", "too early"), ("(1", "')'"), ("1)", "out of place"), ("1 2", "out of place"), ("nowhere", "unknown"),
        ("1/0", "zero"), ("1 shl 32", "0..31"), ("label*label", "plain numbers"), ("~label", "plain numbers"),
        ("eax*ebx", "plain numbers"), ("al+1", "register al"), ("1<<2+3", "parentheses"), ("1|2&3", "parentheses"),
        ("{", "cannot read"), ("", "nothing"), ("*3", "out of place"),
    ],
)  # fmt: skip
def test_refused(text: str, why: str) -> None:
    with pytest.raises(ExpressionError, match=why.replace("(", r"\(").replace(")", r"\)")):
        parse(text)


def test_linear_form_keeps_registers_apart_and_cancels_symbols() -> None:
    assert parse("eax+ecx*2*2+label-4") == Value(-4, (("label", 1),), (("eax", 1), ("ecx", 4)))
    assert parse("eax+eax").registers == (("eax", 1), ("eax", 1))
    assert parse("label-label+3") == Value(3)
    assert parse("(label-other)*2").symbols == (("label", 2), ("other", -2))
    assert parse("label-other").is_distance
    assert parse("label+five").is_address


SUMS = st.recursive(
    st.integers(0, 999).map(str),
    lambda sub: st.builds("({}{}{})".format, sub, st.sampled_from("+-*"), sub),
    max_leaves=6,
)


@given(SUMS)
def test_arithmetic_is_pythons(text: str) -> None:
    expected = eval(text)
    if -(1 << 31) <= expected < 1 << 32:
        assert parse(text).constant == expected
    else:
        with pytest.raises(ExpressionError):
            parse(text)


@given(st.binary(max_size=40))
def test_escapes_give_every_byte(data: bytes) -> None:
    assert expressions.unescape("".join(f"\\x{byte:02x}" for byte in data)) == data
    plain = data.decode("latin-1").replace("\\", "\\\\")
    assert expressions.unescape(plain) == data


@pytest.mark.parametrize("text", ["\\q", "\\", "\u0394", "\\777"])
def test_bad_strings(text: str) -> None:
    with pytest.raises(ExpressionError):
        expressions.unescape(text)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(ExpressionError):
        assert isinstance(parse(text), Value)
