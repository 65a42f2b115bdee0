"""Marks, cut into tokens and ops."""

from __future__ import annotations

from dataclasses import replace

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
