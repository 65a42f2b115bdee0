from __future__ import annotations

import numpy as np

from gpt486.ops.exponential import LIMIT, exp2_negative


def test_every_value_is_within_one_unit() -> None:
    t = np.arange((LIMIT << 16) + 10)
    exact = 2.0 ** (15 - t / 65536)
    ours = exp2_negative(t)
    assert ours[0] == 32768
    assert np.abs(ours - exact)[t < (LIMIT << 16)].max() <= 1.1  # half a unit each for the entry and the result
    assert not ours[LIMIT << 16 :].any()


def test_it_never_rises_by_more_than_rounding() -> None:
    ours = exp2_negative(np.arange(0, LIMIT << 16))
    assert np.diff(ours).max() <= 1
    assert exp2_negative(np.array([2**31 - 1]))[0] == 0
