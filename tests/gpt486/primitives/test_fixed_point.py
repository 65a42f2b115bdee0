"""How far the fixed-point primitives are from the real values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator import run_program
from gpt486.basic import compile_source
from gpt486.primitives import fixed_point as fp

ULONG = st.one_of(st.integers(1, 2**32 - 1), st.integers(0, 32).map(lambda n: min(1 << n, 2**32 - 1)))


LONG = st.integers(-(2**31), 2**31 - 1)


@given(LONG, st.integers(1, 2**31 - 1))
def test_divide_nearest_is_correctly_rounded(a: int, b: int) -> None:
    quotient = fp.divide_nearest(a, b)
    assert 2 * abs(a - quotient * b) <= b
    assert fp.divide_nearest(-a, b) == -quotient
    if 2 * abs(a - quotient * b) == b:  # a half goes away from zero
        assert abs(quotient * b) > abs(a)


@given(LONG, st.integers(1, 2**31 - 1), st.integers(0, 31))
def test_divide_shifted_is_correctly_rounded(a: int, b: int, shift: int) -> None:
    quotient = fp.divide_shifted(a, b, shift)
    assert 2 * abs((a << shift) - quotient * b) <= b


@given(ULONG)
def test_reciprocal_is_correctly_rounded(x: int) -> None:
    if x > 1:
        assert abs(2 * (2**32 - fp.reciprocal(x) * x)) <= x


def test_reciprocal_root_is_within_three_units() -> None:
    x = np.unique(
        np.concatenate([np.arange(1, 2**16), 2 ** np.arange(32), np.random.default_rng(1).integers(1, 2**32, 30000)])
    )
    errors = [abs(fp.reciprocal_root(int(v)) - 2**31 / math.sqrt(int(v))) for v in x]
    assert max(errors) < 3
    # from 64 on, rounding to whole units is all that is left
    assert max(e for e, v in zip(errors, x, strict=True) if v >= 64) < 0.75


def test_exp2_of_every_argument() -> None:
    """All 2**16 fractions at every whole part that leaves a result."""
    fractions = np.arange(65536)
    high = np.array(fp.EXP2_HIGH)[fractions >> 8]
    mantissa = high + ((high * np.array(fp.EXP2_LOW)[fractions & 255]) >> 30)
    for whole in range(-18, 15):
        down = 14 - whole
        found = (mantissa + ((1 << down) >> 1)) >> down if down <= 31 else np.zeros_like(mantissa)
        real = 2.0 ** (16 + whole + fractions / 65536)
        assert (np.abs(found - real) <= 0.5 + real * 2.0**-28).all(), whole
        assert fp.exp2((whole << 16) + 12345) == found[12345]


@given(st.integers(-20 * 65536, 681390))
@settings(max_examples=1000)
def test_exp(x: int) -> None:
    real = 65536 * math.exp(x / 65536)
    assert abs(fp.exp(x) - real) <= 0.5 + real * 2.0**-17


@given(st.one_of(ULONG, st.integers(1, 5000)))
@settings(max_examples=2000)
def test_logarithms(x: int) -> None:
    assert abs(fp.log2(x) - 65536 * math.log2(x)) < 0.7
    assert abs(fp.ln(x) - 65536 * math.log(x)) < 1


def test_log2_between_all_its_points() -> None:
    """Everywhere between two points the curve lies above the line, most in the middle."""
    mantissas = np.arange(2**31, 2**32, 2**31 // 2**17)
    points = np.array(fp.LOG2_TABLE)
    i, rest = (mantissas >> 23) & 255, (mantissas >> 8) & 32767
    value = points[i] + (((points[i + 1] - points[i]) * rest) >> 15)
    assert (np.abs(((value + 128) >> 8) - 65536 * (np.log2(mantissas) - 31)) < 0.7).all()


PROGRAM = """
#include once "fixed_point.bi"
Dim As ULong x = 1
Dim As ULong sum = 0
For i As Long = 1 To 3000
    x = x * 1664525 + 1013904223
    Dim As Long a = x, b = (x Shr (i Mod 20)) Xor 12345
    Dim As ULong y = (x Shr (i Mod 31)) Or 2
    Dim As Long d = b And &h7fffffff Or 1
    sum = sum * 31 + multiply_round(a, b, i Mod 32)
    sum = sum * 31 + divide_nearest(a, d)
    sum = sum * 31 + divide_shifted(a Shr (i Mod 32), &h40000000 Or d, i Mod 32)
    sum = sum * 31 + reciprocal(y)
    sum = sum * 31 + square_root(y)
    sum = sum * 31 + reciprocal_root(y)
    sum = sum * 31 + exp2_fixed(a Mod (15 * 65536))
    sum = sum * 31 + exp_fixed(a Mod 681391)
    sum = sum * 31 + log2_fixed(y)
    sum = sum * 31 + ln_fixed(y)
    sum = sum * 31 + bit_length(x)
Next
Print sum
"""


def wrapped(x: int) -> int:
    return (x + 2**31) % 2**32 - 2**31


def python_sum() -> int:
    """What PROGRAM prints."""

    def remainder(a: int, b: int) -> int:
        return int(math.fmod(a, b))

    x, total = 1, 0
    for i in range(1, 3001):
        x = (x * 1664525 + 1013904223) % 2**32
        a, b, y = wrapped(x), wrapped((x >> (i % 20)) ^ 12345), (x >> (i % 31)) | 2
        d = (b & 0x7FFFFFFF) | 1
        for value in (
            fp.multiply_round(a, b, i % 32),
            fp.divide_nearest(a, d),
            fp.divide_shifted(a >> (i % 32), 0x40000000 | d, i % 32),
            fp.reciprocal(y),
            fp.square_root(y),
            fp.reciprocal_root(y),
            fp.exp2(remainder(a, 15 * 65536)),
            fp.exp(remainder(a, 681391)),
            fp.log2(y),
            fp.ln(y),
            x.bit_length(),
        ):
            total = (total * 31 + value) % 2**32
    return total


@pytest.mark.parametrize("defines", [{}, {"NO_ASM": ""}], ids=["assembly", "twins"])
def test_a_program_that_includes_them(tmp_path, defines: dict[str, str]) -> None:  # type: ignore[no-untyped-def]
    program = tmp_path / "P.EXE"
    program.write_bytes(compile_source(PROGRAM, defines=defines).build().exe)
    output: list[bytes] = []
    result = run_program(program, folder=tmp_path, cpu="486sx-25", console=output.append, time_limit=60)
    assert result.stop is None, result.stop
    assert b"".join(output).decode().strip() == str(python_sum())
