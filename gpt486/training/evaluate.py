"""What a trained model can do: held-out loss, sample stories, and how much of its text it recites."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
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
    """Losses are in nats. `verbatim` is the share of the generated sentences that occur, letter for letter, in
    the training
    text; `verbatim_held_out` is the same share for the held-out stories, so what a perfect model would show;
    the `_long` ones count only sentences of at least eight words."""

    held_out_stories: int
    held_out_tokens: int
    loss_per_token: float
    loss_per_byte: float
    generated_stories: int
    generated_sentences: int
    verbatim: float
    verbatim_long: float
    verbatim_held_out: float
    verbatim_held_out_long: float
    ended: float  # share of the generated stories that came to an end within the context
    samples: list[str]

    def to_dict(self) -> dict[str, Any]:
        """As JSON writes it."""
        return asdict(self)


def sentences(text: str) -> list[str]:
    """The sentences of a story."""
    return [part for part in _SENTENCE_END.split(text.strip()) if part]


def _share(found: Iterable[str], known: set[int], shortest: int) -> float:
    counted = [sentence for sentence in found if len(sentence.split()) >= shortest]
    return sum(hash(sentence) in known for sentence in counted) / max(1, len(counted))


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
    """Evaluate the model of a directory. The stories it was trained on are made again from its config.json; a
    model that does
    not say is held against the default run. Generated stories begin from the end-of-text token or from `prompt`."""
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
        known.update(map(hash, sentences(text)))
    # a story that the context cut off ends within a sentence, which is not counted
    written = [s for text in texts for s in sentences(text) if s[-1] in '.!?"']
    told = [s for text in held for s in sentences(text)]
    return Evaluation(
        held_out_stories=held_out,
        held_out_tokens=len(tokens.ids),
        loss_per_token=loss,
        loss_per_byte=loss * len(tokens.ids) / tokens.bytes,
        generated_stories=generated,
        generated_sentences=len(written),
        verbatim=_share(written, known, 1),
        verbatim_long=_share(written, known, 8),
        verbatim_held_out=_share(told, known, 1),
        verbatim_held_out_long=_share(told, known, 8),
        ended=ended / max(1, generated),
        samples=texts[:samples],
    )
