"""Learns the merges of a byte-level BPE from text: deterministic, pure Python, with incremental pair counts."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise

from gpt486.tokenizers.bpe import END_OF_TEXT, ByteLevelBPE
from gpt486.tokenizers.errors import TokenizerError
from gpt486.tokenizers.pretokenize import pieces

Pair = tuple[int, int]


def train_bpe(texts: Iterable[bytes], vocabulary: int) -> ByteLevelBPE:
    """A tokenizer of `vocabulary` tokens: the 256 bytes (ids 0 to 255), the merges, and <|endoftext|> (the last id).

    The most frequent pair is merged first; of equally frequent pairs the one whose bytes come first. Raises
    TokenizerError when the vocabulary is too small for the bytes or larger than the text has pairs for.
    """
    if vocabulary < 257:
        raise TokenizerError(f"a vocabulary of {vocabulary} is too small: 256 bytes and {END_OF_TEXT} make 257")
    counts: Counter[bytes] = Counter()
    for text in texts:
        counts.update(pieces(text))
    words = [list(piece) for piece in counts]
    weights = list(counts.values())
    pair_count: Counter[Pair] = Counter()
    where: defaultdict[Pair, set[int]] = defaultdict(set)
    for number, word in enumerate(words):
        for pair in pairwise(word):
            pair_count[pair] += weights[number]
            where[pair].add(number)
    tokens = [bytes([byte]) for byte in range(256)]
    merges: list[tuple[int, int, int]] = []
    while len(tokens) < vocabulary - 1:
        best = min(pair_count, key=lambda p: (-pair_count[p], tokens[p[0]], tokens[p[1]]), default=None)
        if best is None or pair_count[best] <= 0:
            raise TokenizerError(
                f"the text has pairs for only {len(tokens) + 1} tokens, not for {vocabulary}; give more text"
            )
        new = len(tokens)
        tokens.append(tokens[best[0]] + tokens[best[1]])
        merges.append((*best, new))
        for number in where.pop(best):
            word, weight = words[number], weights[number]
            for pair in pairwise(word):
                pair_count[pair] -= weight
                if pair_count[pair] <= 0:
                    del pair_count[pair]
            words[number] = word = _replace(word, best, new)
            for pair in pairwise(word):
                pair_count[pair] += weight
                where[pair].add(number)
    tokens.append(END_OF_TEXT.encode())
    return ByteLevelBPE(tokens, merges, {END_OF_TEXT: len(tokens) - 1})


def _replace(word: list[int], pair: Pair, new: int) -> list[int]:
    out: list[int] = []
    index = 0
    while index < len(word):
        if index + 1 < len(word) and (word[index], word[index + 1]) == pair:
            out.append(new)
            index += 2
        else:
            out.append(word[index])
            index += 1
    return out
