"""The fixed-point primitives in assembly against their definitions."""

from __future__ import annotations

import pytest
from harness import Kernel
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from gpt486.primitives import fixed_point as fp
from gpt486.primitives.units import template_values

LONG = st.one_of(st.integers(-(2**31), 2**31 - 1), st.integers(-10, 10), st.sampled_from([-(2**31), 2**31 - 1]))
ULONG = st.one_of(
    st.integers(1, 2**32 - 1),
    st.integers(0, 31).map(lambda n: 1 << n),
    st.integers(1, 32).map(lambda n: (1 << n) - 1),
    st.integers(1, 65535).flatmap(lambda r: st.integers(-1, 1).map(lambda d: max(1, r * r + d))),
)
POSITIVE = st.one_of(st.integers(1, 2**31 - 1), st.integers(1, 10), st.just(2**31 - 1))
SHIFT = st.integers(0, 31)


@pytest.fixture(scope="module")
def kernel() -> Kernel:
    tables = {"exp2_high": fp.EXP2_HIGH, "exp2_low": fp.EXP2_LOW, "log2_table": fp.LOG2_TABLE}
    return Kernel("primitives/fixed_point", tables, **template_values())


@given(LONG, LONG, SHIFT)
@example(-(2**31), 1, 0)
@example(2**31 - 1, 2**31 - 1, 31)
def test_multiply_round(kernel: Kernel, a: int, b: int, shift: int) -> None:
    expected = fp.multiply_round(a, b, shift)
    found = kernel.call("multiply_round", [a, b, shift])
    assert (found - expected) % 2**32 == 0


@given(LONG, POSITIVE)
def test_divide_nearest(kernel: Kernel, a: int, b: int) -> None:
    expected = fp.divide_nearest(a, b)
    assert kernel.call("divide_nearest", [a, b]) == expected
    assert abs(2 * (a - expected * b)) <= b


@given(LONG, POSITIVE, SHIFT)
def test_divide_shifted(kernel: Kernel, a: int, b: int, shift: int) -> None:
    expected = fp.divide_shifted(a, b, shift)
    assume(abs(expected) < 2**31)
    assert kernel.call("divide_shifted", [a, b, shift]) == expected


@given(ULONG)
@settings(max_examples=300)
def test_functions_of_one_number(kernel: Kernel, x: int) -> None:
    assert kernel.call("bit_length", [x]) == x.bit_length()
    assert kernel.call("square_root", [x]) == fp.square_root(x)
    assert kernel.call("log2_fixed", [x]) == fp.log2(x)
    assert kernel.call("ln_fixed", [x]) == fp.ln(x)
    assert kernel.call("reciprocal_root", [x]) & 0xFFFFFFFF == fp.reciprocal_root(x)
    if x > 1:
        assert kernel.call("reciprocal", [x]) & 0xFFFFFFFF == fp.reciprocal(x)


def test_zero(kernel: Kernel) -> None:
    assert kernel.call("bit_length", [0]) == 0
    assert kernel.call("square_root", [0]) == 0


@given(st.one_of(st.integers(-(2**31), 15 * 65536 - 1), st.integers(-20 * 65536, 15 * 65536 - 1)))
@example(15 * 65536 - 1)
@example(-17 * 65536)
@example(-17 * 65536 - 1)
@settings(max_examples=300)
def test_exp2(kernel: Kernel, x: int) -> None:
    assert kernel.call("exp2_fixed", [x]) == fp.exp2(x)


@given(st.one_of(st.integers(-(2**31), 681390), st.integers(-13 * 65536, 681390)))
@example(681390)
@example(-(2**31))
@settings(max_examples=300)
def test_exp(kernel: Kernel, x: int) -> None:
    assert kernel.call("exp_fixed", [x]) == fp.exp(x)
