"""What a trained model can do: held-out loss, sample stories, and how much of its text it recites."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from gpt486.training.checkpoint import load_exported
from gpt486.training.config import TrainConfig
from gpt486.training.data import encode_stories
from gpt486.training.generate import generate
from gpt486.training.loop import held_out_loss
from gpt486.training.stories import stories

# A sentence ends with . ! or ?, perhaps a closing quote, before white space and a capital or an opening quote.
# `"Why?" asked Tom.` is one sentence; the dots of Mr. and Mrs. end none.
_SENTENCE_END = re.compile(r'(?:(?<=[.!?])|(?<=[.!?]"))(?<!\bMr\.)(?<!\bMrs\.)\s+(?=["A-Z])')


@dataclass(frozen=True)
class Evaluation:
    """Losses are in nats.

    `verbatim` is the share of the generated sentences that occur, letter for letter, in the training text; `_long`
    counts only sentences of at least eight words, and `_pairs` counts neighbouring sentences that are neighbours
    there as well. The `held_out` ones are the same shares for the held-out stories: what a perfect model would
    show.
    """

    held_out_stories: int
    held_out_tokens: int
    loss_per_token: float
    loss_per_byte: float
    generated_stories: int
    generated_sentences: int
    verbatim: float
    verbatim_long: float
    verbatim_pairs: float
    verbatim_held_out: float
    verbatim_held_out_long: float
    verbatim_held_out_pairs: float
    ended: float  # share of the generated stories that came to an end within the context
    samples: list[str]

    def to_dict(self) -> dict[str, Any]:
        """As JSON writes it."""
        return asdict(self)


def sentences(text: str) -> list[str]:
    """The sentences of a story."""
    return [part for part in _SENTENCE_END.split(text.strip()) if part]


def _share(found: Iterable[Iterable[str | tuple[str, str]]], known: set[int], shortest: int = 0) -> float:
    """The share of the sentences (or pairs) of all stories that are known, among those of `shortest` words or more."""
    counted = [part for story in found for part in story if _words(part) >= shortest]
    return sum(hash(part) in known for part in counted) / max(1, len(counted))


def _words(part: str | tuple[str, str]) -> int:
    return sum(map(_words, part)) if isinstance(part, tuple) else len(part.split())


def evaluate(
    folder: Path,
    *,
    held_out: int = 1000,
    generated: int = 100,
    samples: int = 3,
    temperature: float = 0.8,
    top_k: int = 40,
    seed: int = 0,
    prompt: str = "",
) -> Evaluation:
    """Evaluate the model of a directory. The stories it was trained on are made again from its config.json; a model
    that does not say is held against the default run. Generated stories begin from the end-of-text token or from
    `prompt`."""
    model, tokenizer, config = load_exported(folder)
    model.eval()
    assert tokenizer.eot is not None
    train = config.get("gpt486", {}).get("training")
    run = TrainConfig.from_dict(train) if train else TrainConfig()
    held = list(stories(held_out, run.story_seed, "held-out"))
    tokens = encode_stories(tokenizer, held, model.config.context)
    loss = held_out_loss(model, tokens)

    start = tokenizer.encode(prompt.encode()) or [tokenizer.eot]
    texts: list[str] = []
    ended = 0
    for part in range(0, generated, 50):
        rows = generate(
            model,
            start,
            min(50, generated - part),
            tokenizer.eot,
            temperature=temperature,
            top_k=top_k,
            seed=seed + part,
        )
        ended += sum(len(row) + len(start) < model.config.context for row in rows)
        texts += [prompt + tokenizer.decode(row).decode("utf-8", "replace") for row in rows]

    known: set[int] = set()
    for text in stories(run.stories, run.story_seed):
        told = sentences(text)
        known.update(map(hash, told), map(hash, pairwise(told)))
    # a story that the context cut off ends within a sentence, which is not counted
    written = [[s for s in sentences(text) if s[-1] in '.!?"'] for text in texts]
    unseen = [sentences(text) for text in held]
    return Evaluation(
        held_out_stories=held_out,
        held_out_tokens=len(tokens.ids),
        loss_per_token=loss,
        loss_per_byte=loss * len(tokens.ids) / tokens.bytes,
        generated_stories=generated,
        generated_sentences=sum(map(len, written)),
        verbatim=_share(written, known),
        verbatim_long=_share(written, known, shortest=8),
        verbatim_pairs=_share((pairwise(story) for story in written), known),
        verbatim_held_out=_share(unseen, known),
        verbatim_held_out_long=_share(unseen, known, shortest=8),
        verbatim_held_out_pairs=_share((pairwise(story) for story in unseen), known),
        ended=ended / max(1, generated),
        samples=texts[:samples],
    )
