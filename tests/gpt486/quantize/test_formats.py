"""Every weight format: codes in range, nearest, scales of few bits, and an error no worse than naive scaling's."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt486.kernels import KERNELS
from gpt486.kernels.tables import DROPPED
from gpt486.models.gpt2 import Float
from gpt486.quantize.formats import FORMATS, WeightFormat
from gpt486.quantize.formats.ternary import ternary_scales
from gpt486.quantize.rows import MANTISSA_BITS, QuantizedMatrix, assign, best_scales, round_scales

EVERY = pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
RANGES = {
    "fixed16": (-32767, 32767),
    "int8": (-127, 127),
    "int4": (-8, 7),
    "int2": (-2, 1),
    "ternary": (-1, 1),
    "ternary34": (-1, 1),
}
SEED = st.integers(0, 2**32 - 1)


def random_weights(rows: int, columns: int, seed: int, scale: float = 1.0) -> Float:
    """Normally distributed; rows differ in their scale."""
    random = np.random.default_rng(seed)
    rows_scales = scale * 2.0 ** random.uniform(-3, 0, (rows, 1))
    result: Float = (random.standard_normal((rows, columns)) * rows_scales).astype(np.float32)
    return result


def error(q: QuantizedMatrix, weight: Float) -> np.ndarray:
    """Squared error of each row."""
    result: np.ndarray = np.square(q.dequantized() - weight).sum(axis=1)
    return result


def test_every_format_has_a_range_here() -> None:
    assert set(RANGES) == set(FORMATS)
    assert all(form.name == name and form.meaning for name, form in FORMATS.items())


@EVERY
def test_its_kernels_exist_and_the_first_can_hold_anything(form: WeightFormat) -> None:
    assert set(form.kernels) <= set(KERNELS)
    q = form.quantize(random_weights(40, 61, 5))
    assert KERNELS[form.kernels[0]].can_hold(q.codes)
    able = [name for name in form.kernels if KERNELS[name].can_hold(q.codes)]
    assert able == list(form.kernels)


@EVERY
@given(st.integers(1, 20), st.integers(1, 50), SEED, st.sampled_from([1e-30, 1e-6, 1.0, 1e6, 1e30]))
def test_codes_are_in_range_and_nearest(form: WeightFormat, rows: int, columns: int, seed: int, scale: float) -> None:
    weight = random_weights(rows, columns, seed, scale)
    q = form.quantize(weight)
    low, high = RANGES[form.name]
    assert (q.format, q.shape, q.codes.dtype) == (form.name, (rows, columns), np.int16)
    assert low <= q.codes.min() <= q.codes.max() <= high
    assert (q.mantissas >= 0).all()
    assert q.mantissas.max() < 2**MANTISSA_BITS
    assert (q.scales[np.abs(weight).max(axis=1) > 0] > 0).all()
    # No other code is nearer, but for the weights that 3-of-4 sparsity leaves out.
    exact = weight.astype(np.float64)
    units = exact / q.scales[:, None]
    off = np.abs(q.codes - units)
    nearest = np.clip(np.rint(units), low, high)
    best = np.abs(nearest - units)
    kept = (q.codes != 0) if form.name == "ternary34" else np.ones(q.shape, bool)
    assert (off[kept] <= best[kept] + 1e-6).all()
    if form.name in ("int8", "fixed16"):
        assert (off <= 0.5000001).all()  # nothing is clipped


@EVERY
def test_rows_of_zeros(form: WeightFormat) -> None:
    q = form.quantize(np.zeros((2, 3), np.float32))
    assert not q.codes.any()
    assert not q.mantissas.any()
    weight = random_weights(3, 9, 1)
    weight[1] = 0
    q = form.quantize(weight)
    assert not q.codes[1].any()
    assert q.mantissas[1] == 0
    assert q.codes[[0, 2]].any(axis=1).all()


@EVERY
@given(st.integers(2, 20), st.integers(8, 80), SEED)
def test_the_error_is_no_worse_than_naive_scalings(form: WeightFormat, rows: int, columns: int, seed: int) -> None:
    """Naive: the largest magnitude of a row becomes the largest code. All that rounding of scales may cost is 3 %."""
    weight = random_weights(rows, columns, seed)
    _, high = RANGES[form.name]
    exact = weight.astype(np.float64)
    scales = np.abs(exact).max(axis=1, keepdims=True) / high
    naive = np.square(np.clip(np.rint(exact / scales), *RANGES[form.name]) * scales - exact).sum()
    q = form.quantize(weight)
    if form.name in ("int8", "fixed16"):  # nothing is clipped; scales are rounded up, by less than a unit
        assert (np.abs(q.dequantized() - exact) <= q.scales[:, None] * 0.5000001).all()
        assert (q.scales >= scales[:, 0]).all()
        assert (q.scales < scales[:, 0] + 1.0000001 * 2.0**q.exponent).all()
    else:
        assert error(q, weight).sum() <= naive * 1.03


def test_the_error_of_normal_weights() -> None:
    """Share of the variance that is lost; of an ideal quantizer (Max, 1960): 0.0115 for 16 levels, 0.19 for 3."""
    weight = np.random.default_rng(0).standard_normal((64, 256)).astype(np.float32)
    lost = {
        name: float(error(form.quantize(weight), weight).sum() / np.square(weight).sum())
        for name, form in FORMATS.items()
    }
    most = {"fixed16": 1e-8, "int8": 1.2e-4, "int4": 0.016, "int2": 0.2, "ternary": 0.2, "ternary34": 0.25}
    assert all(lost[name] <= most[name] for name in FORMATS), lost
    assert lost["fixed16"] < lost["int8"] < lost["int4"] < lost["int2"]
    assert lost["ternary"] < lost["ternary34"]


@given(st.integers(1, 9), st.integers(1, 40), SEED, st.sampled_from([None, 0.0, 1.0]))
def test_patterns_of_ternary34_are_legal(rows: int, columns: int, seed: int, value: float | None) -> None:
    """At most three of four are not 0, and the dropped pattern is not there; even where all weights are equal."""
    weight = random_weights(rows, columns, seed) if value is None else np.full((rows, columns), value, np.float32)
    q = FORMATS["ternary34"].quantize(weight)
    padded = np.zeros((rows, -(-columns // 4) * 4), np.int64)
    padded[:, :columns] = q.codes
    groups = padded.reshape(-1, 4)
    assert ((groups != 0).sum(axis=1) <= 3).all()
    assert not (groups == np.array(DROPPED)).all(axis=1).any()
    assert KERNELS["sparse64"].can_hold(q.codes)
    signs = np.sign(weight).astype(int)
    assert ((q.codes == 0) | (q.codes == signs)).all()


@given(st.integers(1, 40), SEED)
def test_ternary34_leaves_out_the_smallest(groups: int, seed: int) -> None:
    weight = random_weights(4, 4 * groups, seed)
    q = FORMATS["ternary34"].quantize(weight)
    sizes = np.abs(weight).reshape(-1, 4)
    for codes, size in zip(q.codes.reshape(-1, 4), sizes, strict=True):
        if codes.any() and not codes.all():
            assert size[codes == 0].max() <= size[codes != 0].min()


@given(st.integers(1, 10), SEED)
def test_ternary_scales_have_the_least_error(columns: int, seed: int) -> None:
    """Against every choice of which weights are not 0."""
    weight = random_weights(1, columns, seed)
    exact = np.abs(weight[0].astype(np.float64))
    least = min(
        np.square(exact - np.where(chosen, exact[list(chosen)].mean(), 0.0)).sum()
        for chosen in map(np.array, itertools.product([False, True], repeat=columns))
        if chosen.any()
    )
    scale = ternary_scales(weight)[0]
    found = np.square(exact - np.where(exact > scale / 2, scale, 0.0)).sum()
    assert found == pytest.approx(least)


@given(st.integers(1, 10), st.integers(1, 30), SEED, st.sampled_from([(-8, 7), (-2, 1)]))
def test_best_scales_are_the_best_of_those_tried(rows: int, columns: int, seed: int, ends: tuple[int, int]) -> None:
    weight = random_weights(rows, columns, seed)
    found = best_scales(weight, *ends)
    exact = weight.astype(np.float64)
    top = np.abs(exact).max(axis=1) / ends[1]
    assert (found <= top).all()
    assert (found >= 0.4 * top * (1 - 1e-12)).all()

    def errors(scales: np.ndarray) -> np.ndarray:
        codes = np.clip(np.rint(exact / scales[:, None]), *ends)
        result: np.ndarray = np.square(codes * scales[:, None] - exact).sum(axis=1)
        return result

    for share in np.linspace(0.4, 1.0, 24):
        assert (errors(found) <= errors(share * top) * (1 + 1e-9)).all()


@given(st.lists(st.floats(0, 1e30, allow_subnormal=False), min_size=1, max_size=9), st.booleans())
def test_scales_are_rounded_to_six_bits(values: list[float], up: bool) -> None:
    scales = np.array(values)
    mantissas, exponent = round_scales(scales, up=up)
    unit = 2.0**exponent
    assert (mantissas >= 0).all()
    assert mantissas.max() < 2**MANTISSA_BITS
    assert ((mantissas == 0) == (scales == 0)).all()
    if scales.max() > 0:
        assert mantissas.max() >= 2 ** (MANTISSA_BITS - 1)
    if up:
        assert (mantissas * unit >= scales).all()
        assert (mantissas * unit <= scales + unit).all()
    else:
        assert (np.abs(mantissas * unit - scales)[mantissas > 1] <= unit / 2).all()


@given(st.integers(-80, 80), SEED)
def test_another_exponent(by: int, seed: int) -> None:
    mantissas = np.random.default_rng(seed).integers(0, 64, 5)
    q = QuantizedMatrix("int8", np.ones((5, 1), np.int16), mantissas, -10)
    moved = q.with_exponent(q.exponent + by)
    assert moved.exponent == q.exponent + by
    if by <= 0:
        assert ((moved.mantissas > 0) == (mantissas > 0)).all()
        if by >= -40:
            np.testing.assert_array_equal(moved.scales, q.scales)
        else:
            assert (moved.mantissas[mantissas > 0] > 2**32).all()  # which MatVec refuses
    else:
        assert (np.abs(moved.scales - q.scales) <= 2.0**moved.exponent / 2).all()


def test_assign_clips() -> None:
    q = assign("int4", np.array([[10.0, -10.0, 0.4, 0.6]], np.float32), np.array([1.0]), -8, 7, up=False)
    assert q.codes.tolist() == [[7, -8, 0, 1]]
