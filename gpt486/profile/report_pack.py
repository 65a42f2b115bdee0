"""Attention in few bytes: the triangles of all heads as base64."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

#: Bytes of packed attention, before base64, up to which a weight takes two bytes, and up to which it takes one.
FINE_BYTES: Final = 800_000
COARSE_BYTES: Final = 1_600_000


def pack_attention(attention: Mapping[str, Any]) -> dict[str, Any]:
    """Replace `weights` ([layer][head][query][key <= query], 0..1) by [layer][head] strings in base64.

    A string holds the rows one after the other as little-endian unsigned integers of `bits` bits; the largest one
    means 1. `positions` says how many queries are in: all of them unless that would be more than COARSE_BYTES.
    """
    weights = attention["weights"]
    triangles = attention["layers"] * attention["heads"]
    positions = len(attention["tokens"])
    while triangles * (positions * (positions + 1) // 2) > COARSE_BYTES:
        positions -= 1
    cells = triangles * (positions * (positions + 1) // 2)
    bits = 16 if 2 * cells <= FINE_BYTES else 8

    def pack(rows: list[list[float]]) -> str:
        flat = np.concatenate([np.asarray(row, dtype=np.float64) for row in rows[:positions]])
        whole = np.rint(np.clip(flat, 0.0, 1.0) * ((1 << bits) - 1))
        return b64encode(whole.astype("<u2" if bits == 16 else "u1").tobytes()).decode()

    packed = [[pack(head) for head in layer] for layer in weights]
    return {**attention, "positions": positions, "bits": bits, "weights": packed}
