# ruff: noqa: E501 (tables of cases)
"""Inflection of English words, and the integer dice."""

import pytest

from gpt486.training.stories.dice import Dice
from gpt486.training.stories.grammar import (
    VerbPhrase,
    capitalize,
    fix_articles,
    listing,
    number_word,
    plural,
    possessive,
    verb_forms,
)
from gpt486.training.stories.lexicon import phrases, rows, words


@pytest.mark.parametrize(
    ("verb", "past", "participle", "ing", "third"),
    [
        ("walk", "walked", "walked", "walking", "walks"),
        ("bake", "baked", "baked", "baking", "bakes"),
        ("carry", "carried", "carried", "carrying", "carries"),
        ("play", "played", "played", "playing", "plays"),
        ("stop", "stopped", "stopped", "stopping", "stops"),
        ("visit", "visited", "visited", "visiting", "visits"),
        ("admit", "admitted", "admitted", "admitting", "admits"),
        ("fix", "fixed", "fixed", "fixing", "fixes"),
        ("rain", "rained", "rained", "raining", "rains"),
        ("write", "wrote", "written", "writing", "writes"),
        ("be", "was", "been", "being", "is"),
        ("go", "went", "gone", "going", "goes"),
        ("lie", "lay", "lain", "lying", "lies"),
        ("agree", "agreed", "agreed", "agreeing", "agrees"),
        ("dye", "dyed", "dyed", "dyeing", "dyes"),
        ("panic", "panicked", "panicked", "panicking", "panics"),
        ("singe", "singed", "singed", "singeing", "singes"),
        ("quiz", "quizzed", "quizzed", "quizzing", "quizzes"),
    ],
)
def test_verbs(verb: str, past: str, participle: str, ing: str, third: str) -> None:
    forms = verb_forms(verb)
    assert (forms.past, forms.participle, forms.ing) == (past, participle, ing)
    if verb != "quiz":
        assert forms.third == third


def test_verb_phrases_inflect_every_marked_verb() -> None:
    phrase = VerbPhrase("sweep the floor and ~light the lamps")
    assert phrase.base == str(phrase) == "sweep the floor and light the lamps"
    assert phrase.past == "swept the floor and lit the lamps"
    assert phrase.ing == "sweeping the floor and lighting the lamps"
    assert phrase.done == "swept the floor and lit the lamps"
    assert phrase.third == "sweeps the floor and lights the lamps"


@pytest.mark.parametrize(
    ("one", "many"),
    [("key", "keys"), ("box", "boxes"), ("berry", "berries"), ("loaf of bread", "loaves of bread"), ("toy train", "toy trains"),
     ("paper knife", "paper knives"), ("brush", "brushes"), ("sheep", "sheep")],
)  # fmt: skip
def test_plurals(one: str, many: str) -> None:
    assert plural(one) == many


def test_articles() -> None:
    assert fix_articles("a apple, a hour, a unicorn, A old man, a European, a one-eyed cat, a umbrella") == (
        "an apple, an hour, a unicorn, An old man, a European, a one-eyed cat, an umbrella"
    )


def test_capitals() -> None:
    assert capitalize('one. two! three? "four," said he. "five." six. he said: "^seven."') == (
        'One. Two! Three? "Four," said he. "Five." Six. He said: "Seven."'
    )


def test_small_helpers() -> None:
    assert listing(["a"]) == "a"
    assert listing(["a", "b", "c"]) == "a, b and c"
    assert possessive("James") == "James's"
    assert number_word(12) == "twelve"


def test_tables_refuse_a_wrong_number_of_cells() -> None:
    assert words("a, b,\n c") == ("a", "b", "c")
    assert phrases("a b; c;") == ("a b", "c")
    with pytest.raises(ValueError, match=r"2 cells instead of 3: x \| y"):
        rows("x | y", 3)


def test_dice_are_fixed_for_ever() -> None:
    dice = Dice(1, 2)
    assert [dice.below(1000) for _ in range(8)] == [900, 280, 7, 164, 960, 302, 492, 98]
    assert Dice(1, 2).below(10**6) != Dice(2, 1).below(10**6)


def test_dice_are_fair_and_samples_differ() -> None:
    dice = Dice(7)
    counts = [0] * 6
    for _ in range(6000):
        counts[dice.below(6)] += 1
    assert min(counts) > 900
    assert sorted(dice.sample(range(5), 9)) == [0, 1, 2, 3, 4]
    assert len(set(dice.sample(range(100), 20))) == 20
    assert not Dice(1).chance(0)
    assert Dice(1).chance(100)
