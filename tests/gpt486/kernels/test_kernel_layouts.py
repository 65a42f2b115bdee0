"""Every kernel: what it can hold, how it cuts and packs weights, and that its arithmetic is the product's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_codes import codes_for, inputs_for, most_for, wrapped

from gpt486.kernels import KERNELS, Kernel, Lookup, Multiply, MultiplyPairs
from gpt486.kernels.base import TABLE_BYTES
from gpt486.kernels.lookup import MOST_LOOKUPS, SHORT_COLUMNS
from gpt486.kernels.multiply import PAIR_COLUMNS
from gpt486.kernels.tables import DROPPED, EXCESS, PAGE, entry_bias
from gpt486.ops.arithmetic import Int

EVERY = pytest.mark.parametrize("kernel", KERNELS.values(), ids=KERNELS)
LOOKUPS = [kernel for kernel in KERNELS.values() if isinstance(kernel, Lookup)]
SEED = st.integers(0, 2**32 - 1)


@EVERY
@given(rows=st.integers(1, 9), columns=st.integers(1, 230), seed=SEED)
def test_packing_round_trip(kernel: Kernel, rows: int, columns: int, seed: int) -> None:
    codes = codes_for(kernel, rows, columns, np.random.default_rng(seed))
    assert kernel.can_hold(codes)
    packed = kernel.pack(codes)
    assert len(packed) == kernel.packed_bytes(rows, columns)
    np.testing.assert_array_equal(kernel.unpack(packed, rows, columns), codes)


@EVERY
@given(columns=st.integers(1, 3000))
def test_tiles_are_equal_and_as_few_as_the_cache_allows(kernel: Kernel, columns: int) -> None:
    cut = kernel.tiling(columns)
    assert cut.columns >= columns
    assert cut.columns - columns < cut.tiles * cut.group  # a group more would be needless in every tile
    if isinstance(kernel, Lookup):
        assert cut.group == kernel.table.columns
        most = min(TABLE_BYTES // kernel.table.stride, MOST_LOOKUPS // kernel.levels)
        if kernel.table.bits == 16 and kernel.planes > 2:
            most = min(most, SHORT_COLUMNS // cut.group)
        assert kernel.levels * cut.groups <= MOST_LOOKUPS
        assert -(-cut.groups // kernel.table.per_page) * PAGE <= TABLE_BYTES
        assert kernel.table_bytes(cut) >= 4 * cut.groups * kernel.table.entries  # the twin's entries are Longs
    else:
        most = PAIR_COLUMNS if isinstance(kernel, MultiplyPairs) else columns
    assert cut.groups <= most
    assert cut.tiles == 1 or (cut.tiles - 1) * most * cut.group < columns


@EVERY
def test_what_it_can_hold(kernel: Kernel) -> None:
    low, high = kernel.digits
    assert kernel.can_hold(np.zeros((2, 7), np.int64))
    assert kernel.can_hold(np.zeros((0, 7), np.int64))
    assert kernel.can_hold(np.array([[low, 0, 0], [0, high, 0]]))
    for outside in (low - 1, high + 1):
        codes = np.zeros((3, 9), np.int64)
        codes[1, 7] = outside
        assert not kernel.can_hold(codes)


@pytest.mark.parametrize("name", ["sparse64", "sparse64_16"])
def test_which_groups_a_sparse_kernel_can_hold(name: str) -> None:
    kernel = KERNELS[name]
    assert kernel.can_hold(np.array([[1, 1, -1, 0, -1, -1, -1, 0, 0, 1, 1, 1]]))
    assert not kernel.can_hold(np.array([[0, 0, 0, 0, *DROPPED]]))
    assert not kernel.can_hold(np.array([[0, 0, 0, 0, 1, -1, 1, 1]]))
    assert kernel.can_hold(np.array([[0, 1, 1, 1, 0]]))  # a group is four columns from a multiple of four


def multiply_slowly(kernel: Kernel, packed: bytes, codes: Int, x: Int) -> Int:
    """The kernel step by step in Python, from the packed bytes, with registers that wrap; [rows]."""
    cut = kernel.tiling(codes.shape[1])
    padded = np.zeros(cut.columns, np.int64)
    padded[: len(x)] = x
    rows = len(codes) + len(codes) % kernel.row_multiple
    sums = np.zeros(rows, np.int64)
    for tile, inputs in enumerate(padded.reshape(cut.tiles, -1)):
        data = packed[: len(packed) - kernel.read_ahead]
        part = data[tile * len(data) // cut.tiles : (tile + 1) * len(data) // cut.tiles]
        if isinstance(kernel, Lookup):
            sums += lookups(kernel, part, rows, cut.groups, inputs)
        elif isinstance(kernel, MultiplyPairs):
            both = wrapped((np.frombuffer(part, "<i4").reshape(-1, cut.groups).astype(np.int64) * inputs).sum(axis=1))
            lower = (both + 2**15) % 2**16 - 2**15
            sums += np.stack([lower, (both - lower) >> 16], axis=1).reshape(-1)
        else:
            sums += np.frombuffer(part, f"<i{len(part) // rows // cut.groups}").reshape(rows, -1).astype(int) @ inputs
    return sums[: len(codes)]


def lookups(kernel: Lookup, part: bytes, rows: int, groups: int, inputs: Int) -> Int:
    """A tile's sums, [rows]: bytes are offsets into the tables of a page."""
    table, narrow = kernel.table, kernel.table.bits == 16
    memory = np.zeros(-(-groups // table.per_page) * PAGE // table.entry_bytes, np.int64)
    for group, entries in enumerate(table.sums(inputs)):
        at = group * table.stride // table.entry_bytes
        memory[at : at + table.entries] = entries + entry_bias(groups) * narrow
    assert not narrow or (0 <= memory.min() <= memory.max() < 2**16)
    register = 2**16 if narrow else 2**32
    offsets = np.frombuffer(part, np.uint8).reshape(rows, kernel.levels, groups)
    sums = []
    for row in offsets:
        total = 0
        for level, places in enumerate(row):
            if level == 1:
                total = -total
            if level:
                total = total + total
            for group, offset in enumerate(places):
                byte = group // table.per_page * PAGE + int(offset)
                assert byte % table.entry_bytes == 0
                total = (total + int(memory[byte // table.entry_bytes])) % register
        sums.append(total - EXCESS if narrow else (total + 2**31) % 2**32 - 2**31)
    return np.array(sums, np.int64)


@EVERY
@given(rows=st.integers(1, 4), columns=st.integers(1, 130), seed=SEED, extreme=st.booleans())
def test_its_arithmetic_is_the_product(kernel: Kernel, rows: int, columns: int, seed: int, extreme: bool) -> None:
    """With inputs as large as `most_input` allows, and the signs that are worst for a row."""
    random = np.random.default_rng(seed)
    codes = codes_for(kernel, rows, columns, random, extreme=extreme)
    x = inputs_for(codes, most_for(kernel, codes), random, extreme=extreme)
    np.testing.assert_array_equal(multiply_slowly(kernel, kernel.pack(codes), codes, x), codes @ x)


@EVERY
@given(rows=st.integers(1, 4), columns=st.integers(1, 300), seed=SEED)
def test_most_input_is_what_fits(kernel: Kernel, rows: int, columns: int, seed: int) -> None:
    """At that magnitude every 16-bit number fits; one more, with the worst signs, and one does not."""
    codes = codes_for(kernel, rows, columns, np.random.default_rng(seed))
    most = kernel.most_input(codes)
    cut = kernel.tiling(columns)
    padded = np.abs(kernel.padded(codes)).reshape(-1, cut.tile_columns)
    largest = int(padded.sum(axis=1).max())
    if isinstance(kernel, Multiply) or (isinstance(kernel, Lookup) and kernel.table.bits == 32):
        assert most == 2**31 - 1
        return
    assert largest * most < 2**15
    too_much = largest * (most + 1) >= 2**15 - 1
    if isinstance(kernel, Lookup):
        room = min(kernel.bias(cut), 2**16 - kernel.bias(cut))
        assert kernel.table.columns * most < room
        too_much = too_much or kernel.table.columns * (most + 1) >= room
    assert too_much or largest == 0


@pytest.mark.parametrize("kernel", LOOKUPS, ids=[kernel.name for kernel in LOOKUPS])
@given(groups=st.integers(1, 64))
def test_a_turn_has_an_even_number_of_lookups(kernel: Lookup, groups: int) -> None:
    """Two page pointers take turns, and each turn begins with the first."""
    cut = kernel.tiling(groups * kernel.table.columns)
    assert kernel.rows_at_once(cut) * kernel.levels * cut.groups % 2 == 0
    assert kernel.rows_at_once(cut) in (1, 2)
    assert kernel.row_multiple == 2


def test_names_are_unique_and_tell_the_variant_apart() -> None:
    assert all(KERNELS[name].name == name for name in KERNELS)
    shapes = [1, 7, 40, 64, 100]
    names = {
        (name, *([cut.groups] if kernel.name[:8] != "multiply" else []))
        for name, kernel in KERNELS.items()
        for cut in map(kernel.tiling, shapes)
    }
    procedures = {kernel.procedure(kernel.tiling(n)) for kernel in KERNELS.values() for n in shapes}
    assert len(procedures) == len(names)
