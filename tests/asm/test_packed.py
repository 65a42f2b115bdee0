"""Packed vectors against NumPy: assembly in the harness, and the BASIC twins on the emulated 486."""

from __future__ import annotations

import numpy as np
import pytest
from harness import Kernel
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt486.primitives import packed
from gpt486.primitives.packed import Int
from gpt486.primitives.units import template_values

SEED = st.integers(0, 2**32 - 1)
COUNT = st.integers(1, 18)
EDGES = {8: [0, 1, 127, 128, 129, 255], 16: [0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF]}


def words(random: np.random.Generator, count: int, bits: int = 8) -> Int:
    """Packed vectors whose lanes are extreme half of the time."""
    lanes = random.integers(0, 2**bits, count * 32 // bits)
    extreme = random.choice(EDGES.get(bits, [0, 7, 8, 15]), lanes.size)
    return packed.pack(np.where(random.random(lanes.size) < 0.5, extreme, lanes), bits)


@pytest.fixture(scope="module")
def kernels() -> dict[str, Kernel]:
    return {name: Kernel(f"packed/{name}", **template_values()) for name in ("lanes", "pack", "dot")}


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("name", list(packed.OPERATIONS))
@given(SEED, COUNT)
@settings(max_examples=50)
def test_lane_operations(kernels: dict[str, Kernel], name: str, bits: int, seed: int, count: int) -> None:
    kernel, random = kernels["lanes"], np.random.default_rng(seed)
    a, b = words(random, count, bits), words(random, count, bits)
    same = random.random(count) < 0.2
    b[same] = a[same]
    target = kernel.place(np.full(count + 1, 77, "<u4"))
    kernel.call(f"packed_{name}_{bits}", [kernel.place(a.astype("<u4")), kernel.place(b.astype("<u4")), target, count])
    expected = packed.OPERATIONS[name][0](a, b, bits)
    np.testing.assert_array_equal(kernel.read(target, "<u4", count + 1), [*expected, 77])


@pytest.mark.parametrize("bits", [4, 8, 16])
@given(SEED, COUNT)
@settings(max_examples=50)
def test_pack_and_unpack(kernels: dict[str, Kernel], bits: int, seed: int, count: int) -> None:
    kernel, random = kernels["pack"], np.random.default_rng(seed)
    size = count * 32 // bits
    values = random.choice([-(2**31), -1, 0, 2**31 - 1, int(random.integers(-(2**31), 2**31))], size)
    target = kernel.place(np.full(count + 1, 77, "<u4"))
    kernel.call(f"pack_{bits}", [kernel.place(values.astype("<i4")), target, count])
    np.testing.assert_array_equal(kernel.read(target, "<u4", count + 1), [*packed.pack(values, bits), 77])
    a = words(random, count, bits)
    for suffix, signed in (("", True), ("_unsigned", False)):
        target = kernel.place(np.full(size + 1, 77, "<i4"))
        kernel.call(f"unpack{suffix}_{bits}", [kernel.place(a.astype("<u4")), target, count])
        expected = [*packed.unpack(a, bits, signed=signed), 77]
        np.testing.assert_array_equal(kernel.read(target, "<i4", size + 1), expected)


@pytest.mark.parametrize("bits", [8, 16])
@given(SEED, COUNT)
@settings(max_examples=100)
def test_dot(kernels: dict[str, Kernel], bits: int, seed: int, count: int) -> None:
    kernel, random = kernels["dot"], np.random.default_rng(seed)
    a, b = words(random, count, bits), words(random, count, bits)
    arguments = [kernel.place(a.astype("<u4")), kernel.place(b.astype("<u4")), count]
    if bits == 8:
        arguments.append(kernel.place(packed.quarter_squares().astype("<i4")))
    assert kernel.call(f"packed_dot_{bits}", arguments) == packed.dot(a, b, bits)


def test_every_product_of_8_bits(kernels: dict[str, Kernel]) -> None:
    squares = packed.quarter_squares()
    a, b = np.meshgrid(np.arange(-128, 128), np.arange(-128, 128))
    np.testing.assert_array_equal(squares[a + b + 256] - squares[a - b + 256], a * b)


@given(SEED, st.sampled_from([4, 8, 16]))
def test_the_definition_packs_what_it_unpacks(seed: int, bits: int) -> None:
    a = words(np.random.default_rng(seed), 5, bits)
    for signed in (False, True):
        np.testing.assert_array_equal(packed.pack(packed.unpack(a, bits, signed=signed), bits), a)
