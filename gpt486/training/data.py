"""The text as tokens: stories with <|endoftext|> between them, and the windows that a training step sees."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpt486.tokenizers import ByteLevelBPE
from gpt486.tokenizers.trainer import train_bpe
from gpt486.training.config import TrainConfig
from gpt486.training.errors import TrainingError
from gpt486.training.stories import stories

# Where a window begins, in percent: at a story's first token, as a prompt does; at the end-of-text token
# before it, as the empty prompt does; the rest anywhere.
AT_STORY = 45
AT_END_OF_TEXT = 20


@dataclass(frozen=True)
class Tokens:
    """ids: [n] uint16, each story preceded by the end-of-text token; starts: [stories] int64, the first token of
    each."""

    ids: NDArray[np.uint16]
    starts: NDArray[np.int64]
    bytes: int  # of the stories, without the end-of-text tokens


def learn_tokenizer(config: TrainConfig) -> ByteLevelBPE:
    """The tokenizer, learned from the first training stories."""
    count = min(config.tokenizer_stories, config.stories)
    texts = (text.encode() for text in stories(count, config.story_seed))
    return train_bpe(texts, config.model.vocabulary)


def encode_stories(tokenizer: ByteLevelBPE, texts: Iterable[str], context: int) -> Tokens:
    """Stories as one row of tokens. Raises TrainingError when the whole is shorter than a window."""
    assert tokenizer.eot is not None
    parts, starts, size, position = [], [], 0, 0
    for text in texts:
        data = text.encode()
        ids = [tokenizer.eot, *tokenizer.encode(data)]
        parts.append(np.array(ids, np.uint16))
        starts.append(position + 1)
        size += len(data)
        position += len(ids)
    if position < context + 2:
        raise TrainingError(
            f"the stories have {position} tokens, too few for a context of {context}: ask for more stories"
        )
    return Tokens(np.concatenate(parts), np.array(starts, np.int64), size)


def windows(tokens: Tokens, count: int, context: int, seed: int, step: int) -> NDArray[np.int64]:
    """The [count, context + 1] token ids of one step: a function of (seed, step) alone, so that a run can be
    resumed."""
    random = np.random.Generator(np.random.PCG64([seed, step]))
    last = len(tokens.ids) - context - 1
    kind = random.integers(0, 100, count)
    story = tokens.starts[random.integers(0, len(tokens.starts), count)]
    anywhere = random.integers(0, last + 1, count)
    begin = np.where(kind < AT_STORY, story, np.where(kind < AT_STORY + AT_END_OF_TEXT, story - 1, anywhere))
    begin = np.minimum(begin, last)
    return tokens.ids[begin[:, None] + np.arange(context + 1)].astype(np.int64)
