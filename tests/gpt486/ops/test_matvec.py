"""The op matvec: close to the real product, within its bounds, for every format and every kernel of it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_codes import codes_for

from gpt486.kernels import KERNELS, Kernel, Lookup, Multiply
from gpt486.ops.arithmetic import INT32_MAX, RangeError, bit_length
from gpt486.ops.base import Blob, Frame, Vector, longs
from gpt486.ops.matvec import MAX_INPUT_BITS, InputLimits, MatVec
from gpt486.quantize.formats import FORMATS
from gpt486.quantize.rows import QuantizedMatrix

PAIRS = [(form, kernel) for form in FORMATS for kernel in FORMATS[form].kernels]
FORM = pytest.mark.parametrize("form", FORMATS)
SEED = st.integers(0, 2**32 - 1)


def most_columns(form: str, kernel: str) -> int:
    """How many columns a kernel with 16-bit sums can take in any case."""
    used = KERNELS[kernel]
    if isinstance(used, Multiply) or (isinstance(used, Lookup) and used.table.bits == 32):
        return 120
    largest = {"int8": 127, "int4": 8, "int2": 2}.get(form, 1)
    return min(120, (2**15 - 2) // (2**7 * largest))


def source_of(columns: int, bound: int = 2**20) -> Vector:
    return Vector("x", columns, 16, bound, bound * math.sqrt(columns))


def op_of(
    rows: int, columns: int, seed: int, form: str = "int8", *, bound: int = 2**20, kernel: str | None = None
) -> MatVec:
    random = np.random.default_rng(seed)
    weights = FORMATS[form].quantize((0.1 * random.standard_normal((rows, columns))).astype(np.float32))
    bias = random.standard_normal(rows).astype(np.float32)
    return MatVec("m", source_of(columns, bound), "y", weights, bias, kernel=kernel)


def run(op: MatVec, x: np.ndarray) -> np.ndarray:
    y = op.exact(Frame(0, 0, {"x": x}))
    assert np.abs(y).max() <= op.output.bound
    assert np.linalg.norm(y.astype(float)) <= op.output.norm
    return y


@pytest.mark.parametrize(("form", "kernel"), PAIRS)
@given(rows=st.integers(1, 40), columns=st.integers(1, 120), seed=SEED, magnitude=st.integers(0, 20))
@settings(max_examples=25)
def test_close_to_the_real_product(form: str, kernel: str, rows: int, columns: int, seed: int, magnitude: int) -> None:
    """As close as inputs of so many bits and outputs of so many fraction bits can be."""
    columns = min(columns, most_columns(form, kernel))
    op = op_of(rows, columns, seed, form, kernel=kernel)
    random = np.random.default_rng(seed)
    x = np.clip(random.standard_normal(columns) * 2**magnitude, -(2**20), 2**20).astype(np.int64)
    y = run(op, x) / 2.0**op.output.fraction
    real = op.weights.dequantized() @ (x / 2**16) + op.bias / 2.0**op.output.fraction
    down = max(0, bit_length(int(np.abs(x).max())) - op.input_bits)
    rounded = np.abs(op.weights.dequantized()).sum(axis=1) * (2.0**down / 2 / 2**16 if down else 0.0)
    unit = 2.0 ** (op.pre_shift - 1) if op.pre_shift else 0.0
    of_sums = unit * op.multipliers * 2.0 ** (down - op.shift - op.output.fraction)
    assert (np.abs(y - real) <= rounded + of_sums + 0.5000001 * 2.0**-op.output.fraction + 1e-9).all()


@FORM
@given(st.integers(1, 40), st.integers(1, 120), SEED)
def test_inputs_keep_the_bits_that_the_format_needs(form: str, rows: int, columns: int, seed: int) -> None:
    """So that quantized weights, not inputs, decide how accurate a product is."""
    op = op_of(rows, columns, seed, form)
    assert FORMATS[form].input_bits <= op.input_bits <= MAX_INPUT_BITS
    x = np.clip(np.random.default_rng(seed).standard_normal(columns) * 2**18, -(2**20), 2**20).astype(np.int64)
    y = run(op, x) / 2.0**op.output.fraction
    real = op.weights.dequantized() @ (x / 2**16) + op.bias / 2.0**op.output.fraction
    scale = np.linalg.norm(op.weights.dequantized(), axis=1).max() * np.linalg.norm(x) / 2**16
    assert np.abs(y - real).max() <= scale * 2.0 ** (1 - FORMATS[form].input_bits) + 2.0 ** (1 - op.output.fraction)


@pytest.mark.parametrize(("form", "kernel"), PAIRS)
@given(st.integers(1, 12), st.integers(1, 100), SEED, st.sampled_from([1, 2**15, 2**20, 2**28]))
@settings(max_examples=25)
def test_bounds_hold_at_extremes(form: str, kernel: str, rows: int, columns: int, seed: int, bound: int) -> None:
    columns = min(columns, most_columns(form, kernel))
    op = op_of(rows, columns, seed, form, bound=bound, kernel=kernel)
    signs = np.sign(op.weights.codes[seed % rows].astype(np.int64))
    for x in (signs * bound, -signs * bound, np.full(columns, bound), np.zeros(columns, np.int64)):
        run(op, x)
    assert op.sum_bound <= INT32_MAX
    assert 2**op.input_bits <= op.kernel.most_input(op.weights.codes)


@pytest.mark.parametrize("form", ["int8", "fixed16"])
def test_the_worst_weights_reach_the_sum_bound_without_overflow(form: str) -> None:
    largest = {"int8": 127, "fixed16": 32767}[form]
    codes = np.array([[-largest] * 200, [0] * 200], np.int16)
    op = MatVec(
        "m", Vector("x", 200, 16, 2**20, 2.0**30), "y", QuantizedMatrix(form, codes, np.array([63, 0]), -12), None
    )
    y = run(op, np.full(200, 2**20))
    assert y[0] < 0
    assert y[1] == 0
    assert max(a.bound for a in op.accumulators if a.name in ("sums", "products")) > INT32_MAX // 4


@FORM
def test_zero_rows_and_matrices(form: str) -> None:
    weights = FORMATS[form].quantize(np.zeros((3, 5), np.float32))
    op = MatVec("m", Vector("x", 5, 16, 100, 300.0), "y", weights, None)
    assert not run(op, np.full(5, 100)).any()


@FORM
@pytest.mark.parametrize("scale", [1e-38, 1e-30, 1e-10])
def test_weights_next_to_nothing(form: str, scale: float) -> None:
    """Scales far below the output's last bit: the product is 0."""
    weights = FORMATS[form].quantize(np.full((3, 5), scale, np.float32))
    assert not run(MatVec("m", source_of(5), "y", weights, None), np.full(5, 2**20)).any()


def test_refusals() -> None:
    int8 = FORMATS["int8"].quantize
    with pytest.raises(RangeError, match="columns"):
        MatVec("m", Vector("x", 4, 16, 10, 10.0), "y", int8(np.ones((3, 5), np.float32)), None)
    source = Vector("x", 5, 16, 2**20, 2.0**22)
    with pytest.raises(RangeError, match="fraction"):
        MatVec("m", source, "y", int8(np.full((3, 5), 1e12, np.float32)), None)
    for large in (1e4, 1e12, 1e25, 1e38):
        with pytest.raises(RangeError, match="32 bits"):
            MatVec("m", source, "y", int8(np.full((3, 5), large, np.float32)), None, 16)


def test_kernels_that_cannot_hold_the_weights_are_refused() -> None:
    weights = FORMATS["ternary"].quantize(np.ones((3, 4), np.float32))
    with pytest.raises(RangeError, match="m: sparse64 cannot hold these ternary weights"):
        MatVec("m", source_of(4), "y", weights, None, kernel="sparse64")
    wide = FORMATS["fixed16"].quantize(np.ones((3, 4), np.float32))
    with pytest.raises(RangeError, match="m: subset64x8 cannot hold these fixed16 weights"):
        MatVec("m", source_of(4), "y", wide, None, kernel="subset64x8")


def test_a_kernel_whose_numbers_would_overflow_is_refused() -> None:
    weights = FORMATS["int8"].quantize(np.ones((2, 32), np.float32))
    with pytest.raises(RangeError, match="m: 32 columns are too many for 32-bit sums with pairs"):
        MatVec("m", source_of(32), "y", weights, None, kernel="pairs")


def test_record() -> None:
    op = op_of(7, 100, 1)
    blob = Blob()
    values = dict(zip([f.name for f in op.FIELDS], op.values(blob), strict=True))
    assert (values["rows"], values["columns"], values["tiles"], values["groups"]) == (7, 100, 2, 9)
    assert blob.size % 16 == 0
    assert len(op.pack(Blob())) == 4 * len(op.FIELDS)


@pytest.mark.parametrize(("form", "kernel"), PAIRS)
def test_the_record_holds_what_the_kernel_reads(form: str, kernel: str) -> None:
    columns = min(100, most_columns(form, kernel))
    op = op_of(7, columns, 1, form, kernel=kernel)
    blob = Blob()
    values = dict(zip([f.name for f in op.FIELDS], op.values(blob), strict=True))
    data = blob.bytes()
    packed = data[values["codes"] :][: op.kernel.packed_bytes(7, columns)]
    np.testing.assert_array_equal(op.kernel.unpack(packed, 7, columns), op.weights.codes)
    assert values["tiles"] * values["tile_bytes"] == len(packed) - op.kernel.read_ahead
    assert values["tiles"] * values["tile_columns"] == op.cut.columns >= columns
    even = np.append(op.multipliers, 0), np.append(op.bias, 0)  # an even number of rows
    scales = longs(even[1] if op.plain else np.stack(even, axis=1).reshape(-1))
    assert data[values["scales"] :][: len(scales)] == scales
    assert values["input_bits"] == op.input_bits
    assert values["pre_shift"] == op.pre_shift
    assert values["wide"] == op.wide


# -- InputLimits, wide, pre_shift, narrows ------------------------------------------------------------------------


@pytest.mark.parametrize(("form", "kernel"), PAIRS)
@given(st.integers(1, 6), st.integers(1, 200), SEED, st.booleans(), st.integers(1, 63))
@settings(max_examples=50)
def test_limits_are_the_largest_that_fit(
    form: str, kernel: str, rows: int, columns: int, seed: int, extreme: bool, mantissa: int
) -> None:
    used = KERNELS[kernel]
    random = np.random.default_rng(seed)
    codes = codes_for(used, rows, columns, random, extreme=extreme).astype(np.int16)
    weights = QuantizedMatrix(form, codes, random.integers(1, mantissa + 1, rows), -10)
    limits = InputLimits(weights, used)
    wanted = FORMATS[form].input_bits
    row_sums = np.abs(codes.astype(np.int64)).sum(axis=1)
    most = min(used.most_input(codes), 2**MAX_INPUT_BITS)

    def fits(bits: int, *, wide: bool) -> bool:
        if 2**bits > most:
            return False
        product = int((row_sums * weights.mantissas).max())
        return int(row_sums.max()) << bits <= INT32_MAX and (wide or (product << bits) * 17 // 16 <= INT32_MAX)

    if limits.pre_shift:
        assert limits.wide
        assert isinstance(used, Multiply)
        assert limits.bits == wanted
        assert not fits(wanted, wide=True)
        assert (int(row_sums.max()) << limits.bits) >> limits.pre_shift < 2**30
    else:
        assert limits.bits < 0 or fits(limits.bits, wide=limits.wide)
        assert not fits(limits.bits + 2, wide=limits.wide)
        # Only what 32 bits would cost the inputs makes products wide.
        assert limits.wide == (not any(fits(bits, wide=False) for bits in (min(wanted, bit_length(most) - 1),)))


def test_many_columns_of_large_weights_are_wide_or_shifted() -> None:
    random = np.random.default_rng(0)
    wide = FORMATS["int8"].quantize(random.choice([-1.0, 1.0], (2, 2000)).astype(np.float32))
    assert InputLimits(wide, KERNELS["subset64x8"]).wide
    shifted = FORMATS["fixed16"].quantize(np.ones((2, 400), np.float32))
    limits = InputLimits(shifted, KERNELS["multiply16"])
    assert (limits.bits, limits.wide) == (14, True)
    assert limits.pre_shift == 8
    op = MatVec("m", source_of(400), "y", shifted, None)
    assert "products" not in [a.name for a in op.accumulators]
    run(op, np.full(400, 2**20))


def test_narrow_matrices_are_not_wide() -> None:
    op = op_of(8, 24, 3)
    assert not op.wide
    assert op.pre_shift == 0
    assert "products" in [a.name for a in op.accumulators]


@pytest.mark.parametrize("more", [0, 1])
def test_an_input_is_scaled_down_only_if_it_is_too_large(more: int) -> None:
    full = op_of(4, 24, 5)
    bound = InputLimits(full.weights, full.kernel).most + more
    op = op_of(4, 24, 5, bound=bound)
    assert op.input_bits == full.input_bits
    assert op.narrows == bool(more)
    values = dict(zip([f.name for f in op.FIELDS], op.values(Blob()), strict=True))
    assert values["input_bits"] == (op.input_bits if more else 31)
    x = np.full(24, bound)
    assert np.abs(run(op, x) - run(op, -x)).max() > 0


def test_facts_tell_what_the_kernel_is() -> None:
    op = op_of(7, 100, 1, "ternary34", kernel="sparse64")
    assert isinstance(op.kernel, Lookup)
    facts = op.facts()
    assert facts["kernel"] == "lut_rows_sparse64_13"
    assert (facts["format"], facts["tiles"], facts["groups_per_tile"]) == ("ternary34", 2, 13)
    assert facts["bytes"] == 8 * 2 * 13 + 2
    kernel: Kernel = op.kernel
    assert kernel.procedure(op.cut) == op.procedure
