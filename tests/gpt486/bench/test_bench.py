"""gpt486 bench: tokens and components of small shapes; what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from emulator.profiles import find_profile
from gpt486.bench import components
from gpt486.bench.components import component_rows
from gpt486.bench.shapes import SHAPES, Shape
from gpt486.bench.tokens import token_row
from gpt486.cli.main import cli
from gpt486.errors import Gpt486Error
from gpt486.kernels import KERNELS

TINY = Shape(layers=1, width=16, heads=2, inner=24, vocabulary=260, context=8)
KEYS = {"shape", "weights", "cpu", "instructions_per_token", "clocks_per_token", "tokens_per_second", "weight_bytes"}


def bench(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "120"}).invoke(cli, ["bench", *words])


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """260k is a tiny model."""
    monkeypatch.setitem(SHAPES, "260k", TINY)


def test_shapes() -> None:
    assert {name: shape.weights for name, shape in SHAPES.items()} == {
        "260k": 278_528,
        "463k": 251_904,
        "8m": 8 * (4 * 256 * 256 + 2 * 256 * 1024) + 4096 * 256,
    }


def test_tokens(tiny: None) -> None:
    words = ("--shape", "260k", "--weights", "int8", "--weights", "ternary,lm_head=int8", "--positions", "4")
    done = bench(*words, "--json")
    assert done.exit_code == 0, done.output
    rows: list[dict[str, Any]] = json.loads(done.stdout)["rows"]
    assert done.stdout.count("\n") == 1
    assert [(row["shape"], row["weights"], row["cpu"]) for row in rows] == [
        ("260k", "int8", "486dx2-66"),
        ("260k", "ternary,lm_head=int8", "486dx2-66"),
    ]
    for row in rows:
        assert set(row) >= KEYS
        assert (row["first"], row["positions"]) == (0, 4)
        assert 1 < row["clocks_per_token"] / row["instructions_per_token"] < 6
        hertz = find_profile(row["cpu"]).clock_hz
        assert row["tokens_per_second"] == pytest.approx(hertz / row["clocks_per_token"], rel=1e-3)
    assert rows[1]["weight_bytes"] < rows[0]["weight_bytes"]
    assert rows[1]["clocks_per_token"] < rows[0]["clocks_per_token"]
    text = bench(*words).stdout
    assert "a token, mean of positions 0 to 3" in text
    for row in rows:
        assert f"{row['clocks_per_token']:,}" in text


def test_positions_that_are_measured_add_up(tiny: None) -> None:
    """The mean of four positions is that of its parts, wherever the cycle model's clock began to count."""
    whole = token_row("260k", "int8", "486sx-25", positions=4)
    parts = [token_row("260k", "int8", "486sx-25", first=first, positions=2) for first in (0, 2)]
    for name in ("clocks_per_token", "instructions_per_token"):
        assert sum(getattr(part, name) for part in parts) / 2 == pytest.approx(getattr(whole, name), rel=1e-3)
    assert whole.cpu == "486sx-25"


def test_a_prompt_takes_fewer_clocks_two_tokens_at_once(tiny: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """No logits, and products of two tokens; an odd number of them, of which the last one is alone."""
    words = ("--shape", "260k", "--weights", "ternary", "--positions", "5")
    done = bench(*words, "--prompt")
    assert done.exit_code == 0, done.output
    assert "a token of a prompt, mean of positions 0 to 4" in done.stdout
    two = token_row("260k", "ternary", "486dx2-66", positions=5, prompt=True)
    monkeypatch.setattr("gpt486.lower.lowering.pair_tokens", lambda program: program)
    one = token_row("260k", "ternary", "486dx2-66", positions=5, prompt=True)
    assert two.clocks_per_token < one.clocks_per_token
    assert one.clocks_per_token < token_row("260k", "ternary", "486dx2-66", positions=5).clocks_per_token


def test_the_twins_are_slower(tiny: None) -> None:
    assembly, twins = (token_row("260k", "int8", "486dx2-66", positions=2, assembly=word) for word in (True, False))
    assert twins.clocks_per_token > 3 * assembly.clocks_per_token
    assert twins.weight_bytes == assembly.weight_bytes


def test_components(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(components, "MODELS", {"tiny": (TINY, ("attn_out", "mlp_in"))})
    said: list[str] = []
    rows = list(component_rows("486dx2-66", "int8", said.append))
    assert said == [f"int8 by {kernel}, tiny matrices" for kernel in ("subset64x8", "multiply8", "pairs")]
    assert {(row.rows, row.columns) for row in rows} == {(16, 16), (24, 16)}
    assert {row.weights for row in rows} == {"int8"}
    for row in rows:
        name = next(name for name in KERNELS if KERNELS[name].procedure(KERNELS[name].tiling(16)).endswith(row.kernel))
        assert row.weight_bytes == KERNELS[name].packed_bytes(row.rows, row.columns)
        assert row.clocks > row.instructions > 0
        assert row.clocks_per_weight == row.clocks / (row.rows * row.columns)
        assert row.error == pytest.approx(row.predicted / row.clocks - 1)

    done = bench("--components", "--weights", "fixed16", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)["rows"]
    keys = {"kernel", "weights", "rows", "columns", "cpu", "clocks", "predicted", "error", "clocks_per_weight"}
    assert [(row["kernel"], row["rows"]) for row in found] == [("mul_rows_16", 16), ("mul_rows_16", 24)]
    assert all(keys <= set(row) for row in found)
    text = bench("--components", "--weights", "fixed16").stdout
    assert "clocks and bytes a weight" in text
    assert f"{found[0]['clocks']:,.0f}" in text


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--shape", "463k", "--positions", "192"), 2, "shape 463k has a context of 192 positions"),
        (("--positions", "192"), 2, "shape 463k has a context of 192 positions"),
        (("--shape", "260k", "--first", "511", "--positions", "1"), 2, "the last one cannot be measured"),
        (("--first", "-1"), 2, "-1 is not in the range x>=0"),
        (("--positions", "0"), 2, "0 is not in the range x>=1"),
        (("--shape", "1b"), 2, "'1b' is not one of"),
        (("--cpu", "8086"), 2, "unknown CPU '8086'"),
        (("--weights", "int3"), 1, "--weights int3: no such format: 'int3'"),
        (("--weights", "int8/sparse64"), 1, "int8 has no kernel 'sparse64'"),
        (("--components", "--weights", "int4/pairs"), 2, "one format for all matrices, not 'int4/pairs'"),
        (("--components", "--shape", "260k"), 2, "--components has shapes of its own"),
        (("--components", "--no-asm"), 2, "--components has shapes of its own"),
    ],
)
def test_refusals(words: tuple[str, ...], code: int, message: str) -> None:
    done = bench(*words)
    assert done.exit_code == code
    assert done.stdout == ""
    if code == 2:
        assert message in done.stderr.splitlines()[-1]  # click puts its usage before
    else:
        assert isinstance(done.exception, Gpt486Error)  # which the command prints in one line
        assert message in str(done.exception)
        assert "\n" not in str(done.exception)
