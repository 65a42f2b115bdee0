"""VOCAB.BIN: the tokenizer as the program reads it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from gpt486.models import ModelError
from gpt486.tokenizers import ByteLevelBPE, unicode_classes

MOST_TOKENS = 65_535
"""The chances of all tokens, 2**15 at most each, add up in 32 bits."""


@dataclass(frozen=True)
class Vocabulary:
    """The tables of a tokenizer.

    Attributes:
        sections: contents of VOCAB.BIN by tag.
        merges: (left, right, rank, joined), sorted by the first two.
        special: tokens that are found in the text as a whole.
        ranges: (first, last, class number) of Unicode characters, sorted.
        text_bytes: size of all tokens' text, padded to a multiple of four.
        longest_token: bytes of the longest token.
    """

    sections: dict[str, bytes]
    merges: list[tuple[int, int, int, int]]
    special: list[int]
    ranges: list[tuple[int, int, int]]
    text_bytes: int
    longest_token: int

    @property
    def bytes(self) -> int:
        """What the tables take in memory."""
        return sum(len(section) for section in self.sections.values())


def lower_vocabulary(tokenizer: ByteLevelBPE, size: int, name: str) -> Vocabulary:
    """Build the tables of VOCAB.BIN.

    Args:
        tokenizer: the tokenizer.
        size: the model's vocabulary; tokens beyond the tokenizer's are empty.
        name: the model's name, for messages.

    Raises:
        ModelError: the tokenizer has more tokens than the model, or asks for what the program does not do.
    """
    if size > MOST_TOKENS:
        raise ModelError(f"{name}: a vocabulary of {size:,} tokens is beyond the sampler's {MOST_TOKENS:,}")
    if tokenizer.add_prefix_space:
        raise ModelError(f"{name}: the tokenizer asks for add_prefix_space, which the program does not do")
    if not tokenizer.use_regex:
        raise ModelError(f"{name}: the tokenizer asks for use_regex = false, which the program does not do")
    if tokenizer.passes > 1:
        raise ModelError(f"{name}: some added tokens are normalized and some are not; the program finds all at once")
    if len(tokenizer.tokens) > size:
        raise ModelError(
            f"{name}: the tokenizer has {len(tokenizer.tokens)} tokens, but vocab_size in config.json is {size}"
        )
    texts = [*tokenizer.tokens, *[b""] * (size - len(tokenizer.tokens))]
    starts = [0]
    for text in texts:
        starts.append(starts[-1] + len(text))
    joined = b"".join(texts)
    joined += bytes(-len(joined) % 4)
    merges = sorted((left, right, rank, new) for rank, (left, right, new) in enumerate(tokenizer.merges))
    special = sorted(tokenizer.special.values())
    ranges = list(unicode_classes.ranges())  # the classes are numbered as in the Enum CharClass of tokenizer.bas
    single = {text: token for token, text in reversed(list(enumerate(tokenizer.tokens))) if len(text) == 1}
    byte_tokens = [single[bytes([byte])] for byte in range(256)]

    def longs(rows: list[tuple[int, ...]]) -> bytes:
        return b"".join(struct.pack(f"<{len(row)}i", *row) for row in rows)

    sections = {
        "STRT": struct.pack(f"<{len(starts)}I", *starts),
        "TEXT": joined,
        "BYTE": struct.pack("<256i", *byte_tokens),
        "MERG": longs([*merges]),
        "SPEC": longs([(token,) for token in special]),
        "CHAR": longs([*ranges]),
    }
    return Vocabulary(sections, merges, special, ranges, len(joined), max(map(len, texts)))
