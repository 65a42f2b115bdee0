"""Marks, cut into tokens and ops."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tiny_model import facts, recording

from emulator.profiling.schema import Profile
from gpt486.profile.model import ViewError
from gpt486.profile.steps import decoding, mark_symbols, per_token, steps


def profile() -> Profile:
    return recording().profile


def test_symbols() -> None:
    assert mark_symbols(facts()) == ("FORWARD", "EMBED", "LAYER_NORM", "MATVEC", "ATTEND", "ADD_VECTOR", "NEXT_TOKEN")


def test_each_token() -> None:
    found = steps(profile(), facts())
    assert [step.position for step in found] == [0, 1, 0]  # a context of two slides
    assert found[0].clocks == {
        "embed": 10,
        "ln_1": 20 + 60,
        "attn_qkv": 30 + 70,
        "attention": 40 + 80,
        "attn_add": 50 + 90,
    }
    assert found[1].clocks["ln_f"] == 1100
    assert found[2].clocks["lm_head"] == 2110
    assert found[2].clocks["attention"] == 4120
    assert found[1].instructions["embed"] == 505
    assert [step.after for step in found] == [0, 70, 0]


def test_two_tokens_of_a_step() -> None:
    """Ops arrive twice, a product for both tokens once; they share what it took, and positions go on behind them."""
    made, two = profile(), facts()
    for op in two["ops"]:
        op["two"] = op["name"].endswith("attn_qkv")
    second = [i for i, mark in enumerate(made.marks) if mark.symbol == "FORWARD"][1]
    doubled = [
        copy for mark in made.marks[:second] for copy in [mark] * (1 if mark.symbol in ("FORWARD", "MATVEC") else 2)
    ]
    found = steps(replace(made, marks=[*doubled, *made.marks[second:]]), {**two, "model": wider(two)})
    assert [step.position for step in found] == [0, 1, 2, 3]
    whole = steps(made, facts())
    for name, clocks in whole[0].clocks.items():
        assert found[0].clocks[name] + found[1].clocks[name] == clocks
        assert 0 <= found[1].clocks[name] - found[0].clocks[name] <= 1
    assert [step.clocks for step in found[2:]] == [step.clocks for step in whole[1:]]


def wider(facts_of: dict[str, Any]) -> dict[str, Any]:
    """The model with a longer context."""
    model: dict[str, Any] = facts_of["model"]
    return {**model, "config": {**model["config"], "context": 10}}


def test_a_step_that_was_cut_short_is_left_out() -> None:
    made = profile()
    cut = replace(made, marks=made.marks[:-4])
    assert len(steps(cut, facts())) == 2
    assert steps(replace(made, marks=[]), facts()) == []


def test_marks_of_another_build() -> None:
    other = facts()
    other["ops"][1]["op"], other["ops"][2]["op"] = other["ops"][2]["op"], other["ops"][1]["op"]
    with pytest.raises(ViewError, match="LAYER_NORM ran where ln_1 was due"):
        steps(profile(), other)


def test_decoding() -> None:
    made = profile()
    taken = decoding(made)
    assert taken is not None
    choices = [mark for mark in made.marks if mark.symbol == "NEXT_TOKEN"]
    assert taken[0][1] == choices[1].counts[1] - choices[0].counts[1]
    assert taken[1] == 1
    assert per_token(made) == (taken[0][1], taken[0][0])
    one = replace(made, marks=[mark for mark in made.marks if mark is not choices[1]])
    assert decoding(one) is None
    assert per_token(one) is None
