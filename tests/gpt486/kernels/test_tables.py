"""The tables of lookups: their patterns, and the plan by which they are filled."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt486.kernels import KERNELS, Lookup
from gpt486.kernels.base import TABLE_BYTES
from gpt486.kernels.tables import DROPPED, EXCESS, PAGE, TABLES, Table, entry_bias

EVERY = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)


def test_every_table_has_a_kernel() -> None:
    assert {kernel.table.name for kernel in KERNELS.values() if isinstance(kernel, Lookup)} == set(TABLES)


@EVERY
def test_a_table_holds_every_pattern_once_and_the_empty_one(table: Table) -> None:
    assert len(set(table.patterns)) == table.entries <= 128
    assert all(len(pattern) == table.columns for pattern in table.patterns)
    assert (0,) * table.columns in table.patterns
    codes = table.digits
    np.testing.assert_array_equal(table.entry(codes), np.arange(table.entries))


@EVERY
def test_an_entry_is_a_byte_and_tables_do_not_cross_pages(table: Table) -> None:
    assert table.entries * table.entry_bytes <= table.stride <= PAGE
    assert PAGE % table.stride == 0
    assert table.per_page * table.stride == PAGE
    assert table.stride <= TABLE_BYTES


def test_which_patterns_there_are() -> None:
    assert set(TABLES["subset64"].patterns) == set(itertools.product((0, 1), repeat=6))
    assert set(TABLES["subset128_16"].patterns) == set(itertools.product((0, 1), repeat=7))
    assert set(TABLES["ternary27"].patterns) == set(itertools.product((-1, 0, 1), repeat=3))
    assert set(TABLES["ternary81_16"].patterns) == set(itertools.product((-1, 0, 1), repeat=4))
    sparse = {p for p in itertools.product((-1, 0, 1), repeat=4) if 0 in p}
    assert set(TABLES["sparse64"].patterns) == sparse - {DROPPED}
    for name in ("subset64", "ternary27", "sparse64"):
        assert TABLES[name].patterns == TABLES[f"{name}_16"].patterns


def test_digits_that_are_no_pattern() -> None:
    with pytest.raises(KeyError):
        TABLES["sparse64"].entry(np.array([DROPPED]))


@given(st.integers(1, 300))
def test_biases_add_up_to_the_excess(groups: int) -> None:
    """Of a row in one plane, and of planes: -4 + 2 + 1 and so on of them is -1."""
    bias = entry_bias(groups)
    assert 0 < bias < 2**16
    assert groups * bias % 2**16 == EXCESS == -groups * bias % 2**16
    assert bias >= 2**14 or groups > 2**13


@EVERY
@given(seed=st.integers(0, 2**32 - 1), groups=st.integers(1, 64), extreme=st.booleans())
def test_the_plan_fills_every_entry_with_its_sum(table: Table, seed: int, groups: int, extreme: bool) -> None:
    """Step by step, with the wrapping 32-bit accumulator of the assembly."""
    random = np.random.default_rng(seed)
    bias = entry_bias(groups) if table.bits == 16 else 0
    most = 2**31 - 1 if table.bits == 32 else (min(bias, 2**16 - bias) - 1) // table.columns
    x = random.choice([-most, most], table.columns) if extreme else random.integers(-most, most + 1, table.columns)
    found = filled(table, x, bias)
    sums = table.sums(x)[0]
    expected = sums + bias if table.bits == 16 else sums.astype(np.uint32).astype(np.int32)
    np.testing.assert_array_equal(found, expected)
    if table.bits == 16:
        assert sums.min() + bias > 0
        assert sums.max() + bias < 2**16


@EVERY
@given(seed=st.integers(0, 2**32 - 1), pads=st.integers(1, 7))
def test_what_lies_beyond_a_matrix_does_no_harm(table: Table, seed: int, pads: int) -> None:
    """The last group reads on behind the input: entries that leave these columns out must not change."""
    random = np.random.default_rng(seed)
    pads = min(pads, table.columns)
    x = random.integers(-1000, 1001, table.columns)
    x[table.columns - pads :] = random.integers(-(2**31), 2**31, pads)
    used = (table.digits[:, table.columns - pads :] == 0).all(axis=1)
    bias = 24576 if table.bits == 16 else 0
    expected = table.sums(x)[0] + bias
    np.testing.assert_array_equal(filled(table, x, bias)[used], expected[used])


def filled(table: Table, x: np.ndarray, bias: int) -> np.ndarray:
    """The entries that the steps store, [entries]."""
    total = bias * 65537
    memory = bytearray(b"\xee" * table.stride)
    for step in table.steps:
        assert -128 <= step.offset <= 127 or not table.centre
        for times, lanes, i in step.terms:
            total += times * int(x[i]) * (65537 if table.bits == 16 and lanes == "both" else 1)
        at = step.offset + table.centre
        memory[at : at + step.size] = (total % 2**32).to_bytes(4, "little")[: step.size]
    found = np.frombuffer(bytes(memory), "<u2" if table.bits == 16 else "<i4")
    assert set(memory[table.entries * table.entry_bytes :]) <= {0xEE}
    return found[: table.entries].astype(np.int64)


@EVERY
def test_a_table_is_stored_once_by_few_additions(table: Table) -> None:
    """What filling costs on a 486 is stores: every byte is written once, two entries of 16 bits at a time."""
    assert len({step.offset for step in table.steps}) == len(table.steps)
    assert sum(step.size for step in table.steps) == table.entries * table.entry_bytes
    assert sum(len(step.terms) for step in table.steps) <= 2 * len(table.steps) + 1
