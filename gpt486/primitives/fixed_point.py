"""Fixed-point arithmetic in 32 bits: the definitions, in Python's integers, and the tables.

A number in Q-format is an integer and a number of fraction bits. Every function is what the BASIC twin and the assembly
compute, bit for bit; its docstring says how far that is from the real value, and `tests/gpt486/primitives` checks it.
"""

from __future__ import annotations

import math

LOG2_E = round(math.log2(math.e) * 2**30)
"""log2(e) with 30 fraction bits."""

LN_2 = round(math.log(2) * 2**31)
"""ln 2 with 31 fraction bits."""

EXP2_HIGH = [round(2 ** (30 + i / 256)) for i in range(256)]
"""2**(i / 256) with 30 fraction bits."""

EXP2_LOW = [round((2 ** (i / 65536) - 1) * 2**30) for i in range(256)]
"""2**(i / 65536) - 1 with 30 fraction bits."""

LOG2_TABLE = [round(math.log2(1 + i / 256) * 2**24) for i in range(257)]
"""log2(1 + i / 256) with 24 fraction bits."""


def multiply_round(a: int, b: int, shift: int) -> int:
    """A * b / 2**shift, correctly rounded, halves up; 0 <= shift <= 31, and the result must fit into 32 bits."""
    return (a * b + ((1 << shift) >> 1)) >> shift


def divide_nearest(a: int, b: int) -> int:
    """A / b, correctly rounded, halves away from zero; b > 0, a any Long."""
    quotient, rest = divmod(abs(a), b)
    quotient += 2 * rest >= b
    return -quotient if a < 0 else quotient


def divide_shifted(a: int, b: int, shift: int) -> int:
    """A * 2**shift / b, correctly rounded, halves away from zero; b > 0, 0 <= shift <= 31, the result below 2**31."""
    return divide_nearest(a << shift, b)


def reciprocal(x: int) -> int:
    """2**32 / x, correctly rounded, halves up; 2 <= x < 2**32."""
    return (2**33 + x) // (2 * x)


def square_root(x: int) -> int:
    """The square root rounded down, exactly; 0 <= x < 2**32."""
    return math.isqrt(x)


def reciprocal_root(x: int) -> int:
    """2**31 / sqrt(x), with an error below 3 units, for 1 <= x < 2**32.

    x is shifted into 2**30 .. 2**32; its root q has 16 bits, and (x - q * q) / 2q are 16 more, with an error below
    1 / (2 * 2**15) of one of q: 2**-31 of the whole. What division and shift cut off adds two units at most.
    """
    even = (32 - x.bit_length()) & ~1
    scaled = x << even
    root = math.isqrt(scaled)
    more = min(((scaled - root * root) << 15) // root, 65535)
    quotient = (1 << 62) // ((root << 16) + more)
    down = 15 - even // 2
    return (quotient + ((1 << down) >> 1)) >> down


def exp2(x: int) -> int:
    """2**x for x with 16 fraction bits, x < 15 * 65536; the result has 16 as well.

    The error is below half a unit and 2**-28 of the result: tables for the upper and the lower 8 bits of the fraction,
    multiplied with 64 bits. Below -17 * 65536 the result is 0.
    """
    fraction = x & 65535
    high = EXP2_HIGH[fraction >> 8]
    mantissa = high + ((high * EXP2_LOW[fraction & 255]) >> 30)
    down = 14 - (x >> 16)
    return 0 if down > 31 else (mantissa + ((1 << down) >> 1)) >> down


def exp(x: int) -> int:
    """e**x for x with 16 fraction bits, x < 681391 (10.397); the result has 16 as well.

    The error is below half a unit and 2**-17 of the result: x * log2(e) is rounded to 16 fraction bits.
    """
    return exp2(multiply_round(x, LOG2_E, 30))


def log2(x: int) -> int:
    """Logarithm to base 2 with 16 fraction bits for an integer 1 <= x < 2**32, with an error below 0.7 units.

    257 values and straight lines between them, which stay below the curve by 2**-16 / 8 * log2(e) = 0.18 units at most.
    """
    whole = x.bit_length() - 1
    mantissa = x << (31 - whole)
    i = (mantissa >> 23) & 255
    value = LOG2_TABLE[i] + (((LOG2_TABLE[i + 1] - LOG2_TABLE[i]) * ((mantissa >> 8) & 32767)) >> 15)
    return (whole << 16) + ((value + 128) >> 8)


def ln(x: int) -> int:
    """The natural logarithm with 16 fraction bits for an integer 1 <= x < 2**32, with an error below 1 unit."""
    return multiply_round(log2(x), LN_2, 31)
