"""From seeds to stories to a corpus: which plot is told is drawn here, and which split a story belongs to."""

from collections.abc import Iterator
from typing import Literal

from gpt486.training.stories.dice import Dice
from gpt486.training.stories.plots import fables, finding, giving, helping, knowing, making, travelling
from gpt486.training.stories.stage import Stage

Split = Literal["train", "held-out"]

# A plot that stands in a list twice is told twice as often.
PLOTS = (
    *finding.PLOTS, *giving.PLOTS, *making.PLOTS, *travelling.PLOTS, *helping.PLOTS, *knowing.PLOTS, *fables.PLOTS,
)  # fmt: skip

# In characters: with about 2.9 characters a token, such a story fits into a context of 256 tokens.
LONGEST = 730

_SPLIT_SEED = {"train": 0x7261, "held-out": 0x6865}


def story(seed: int, index: int, split: Split = "train") -> str:
    """Story number `index` of a split. The same arguments give the same text on every machine.

    The splits draw from different streams of random numbers, so no story of one is made from a seed of the other.
    """
    dice = Dice(seed, _SPLIT_SEED[split], index)
    while True:
        stage = Stage(dice)
        dice.pick(PLOTS)(stage)
        text = stage.finish()
        if len(text) <= LONGEST:
            return text


def stories(count: int, seed: int = 0, split: Split = "train") -> Iterator[str]:
    """The first `count` stories of a split."""
    return (story(seed, index, split) for index in range(count))
