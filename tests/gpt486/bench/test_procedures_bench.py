from __future__ import annotations

import pytest

from gpt486.bench import packed, primitives
from gpt486.bench.procedures import clocks_of, table
from gpt486.errors import Gpt486Error


def test_packed_operations_are_worth_it() -> None:
    rows = packed.measure()
    clocks = {row.name: row.clocks for row in rows}
    for name in ("add", "subtract", "equal", "greater", "add_saturated", "add_saturated_unsigned"):
        of = clocks[f"packed_{name}_8"]
        assert of["one number a Long"] > 2 * of["assembly"], name
        assert of["twin"] > 3 * of["assembly"], name
    assert clocks["packed_add_16"]["one number a Long"] > 2 * clocks["packed_add_16"]["assembly"]
    assert clocks["pack_8"]["twin"] > 3 * clocks["pack_8"]["assembly"]
    text = table(rows, "A note.")
    assert text.count("\n") == len(rows) + 3
    assert "| pack_8 | lane |" in text


def test_primitives_are_quicker_than_their_twins() -> None:
    for row in primitives.measure("486dx-33"):
        assert row.clocks["assembly"] < row.clocks["twin"], row.name


def test_clocks_of_a_statement_are_exact_and_failures_are_told() -> None:
    one, three = clocks_of(["x = y", "x = y: x = y: x = y"], "Dim Shared As Long x, y")
    assert 0 < one < three < 25
    with pytest.raises(Gpt486Error, match="ended with 7"):
        clocks_of(["End 7"], "")
