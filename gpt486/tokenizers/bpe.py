"""Byte-level BPE (GPT-2's), loaded from a Hugging Face tokenizer.json or from vocab.json and merges.txt.

`encode` gives exactly the ids of Hugging Face's `tokenizers` for every text that is valid UTF-8, and is defined for
all other bytes too (see `pretokenize`). What a tokenizer.json asks for beyond that is refused by name.
"""

import heapq
import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from gpt486.tokenizers.errors import TokenizerError
from gpt486.tokenizers.pretokenize import pieces

END_OF_TEXT = "<|endoftext|>"


@cache
def byte_to_unicode() -> dict[int, str]:
    """GPT-2's way to write bytes as printable characters in the vocabulary file: byte -> character."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    table = {byte: chr(byte) for byte in printable}
    spare = 0x100
    for byte in range(256):
        if byte not in table:
            table[byte] = chr(spare)
            spare += 1
    return table


@cache
def unicode_to_byte() -> dict[str, int]:
    """The inverse of `byte_to_unicode`."""
    return {char: byte for byte, char in byte_to_unicode().items()}


class ByteLevelBPE:
    """A byte-level BPE tokenizer.

    tokens: the bytes of every token, by id.
    merges: (left id, right id, id of the two joined), in the order of rank: lower index, earlier merge.
    special: text -> id of the added tokens; they are found in the text before anything else (the longest first).
    eot: the id of <|endoftext|>, or None.
    """

    def __init__(
        self,
        tokens: Sequence[bytes],
        merges: Sequence[tuple[int, int, int]],
        special: dict[str, int],
        *,
        add_prefix_space: bool = False,
        use_regex: bool = True,
        normalized: frozenset[str] = frozenset(),
    ) -> None:
        """`normalized`: the added tokens that are looked for only in what the others leave (Hugging Face's flag)."""
        self.tokens = list(tokens)
        self.merges = list(merges)
        self.special = dict(special)
        self.add_prefix_space = add_prefix_space
        self.use_regex = use_regex
        self.eot = special.get(END_OF_TEXT)
        self._rank = {(left, right): (rank, new) for rank, (left, right, new) in enumerate(self.merges)}
        special_ids = set(special.values())
        self._byte_id = {token[0]: i for i, token in enumerate(self.tokens) if len(token) == 1 and i not in special_ids}
        missing = [byte for byte in range(256) if byte not in self._byte_id]
        if missing:
            raise TokenizerError(
                f"the vocabulary lacks the byte 0x{missing[0]:02X}; a byte-level tokenizer needs all 256 single bytes"
            )
        first = {text: i for text, i in special.items() if text not in normalized}
        second = {text: i for text, i in special.items() if text in normalized}
        self._passes = [{text.encode(): i for text, i in group.items()} for group in (first, second) if group]
        self._cache: dict[bytes, list[int]] = {}

    @property
    def passes(self) -> int:
        """How many times a text is searched for added tokens: 0, 1, or 2 when only some are `normalized`."""
        return len(self._passes)

    # -- encoding and decoding ---------------------------------------------------------------------

    def encode(self, data: bytes) -> list[int]:
        """The token ids of any bytes. Added tokens in the text are recognized."""
        ids: list[int] = []
        for segment in self._split_added(data):
            if isinstance(segment, int):
                ids.append(segment)
                continue
            if self.add_prefix_space and not segment.startswith(b" "):
                segment = b" " + segment
            for piece in pieces(segment) if self.use_regex else (segment,):
                known = self._cache.get(piece)
                if known is None:
                    known = self._merge(piece)
                    if len(self._cache) < 1 << 16:
                        self._cache[piece] = known
                ids += known
        return ids

    def decode(self, ids: Sequence[int]) -> bytes:
        """The bytes of a sequence of ids. Raises TokenizerError for an id outside the vocabulary."""
        for token in ids:
            if not 0 <= token < len(self.tokens):
                raise TokenizerError(f"token {token} is not in the vocabulary (0 to {len(self.tokens) - 1})")
        return b"".join(self.tokens[token] for token in ids)

    def _split_added(self, data: bytes) -> Iterator[bytes | int]:
        segments: list[bytes | int] = [data] if data else []
        for group in self._passes:
            segments = [part for segment in segments for part in _split(segment, group)]
        yield from segments

    def _merge(self, piece: bytes) -> list[int]:
        """Merge a piece: always the pair of the lowest rank, the leftmost of these, one at a time."""
        ids = [self._byte_id[byte] for byte in piece]
        after = list(range(1, len(ids) + 1))  # index of the next live token; a dead token has id -1
        before = list(range(-1, len(ids) - 1))
        queue: list[tuple[int, int, int, int]] = []

        def offer(left: int) -> None:
            right = after[left]
            if right < len(ids) and (found := self._rank.get((ids[left], ids[right]))) is not None:
                heapq.heappush(queue, (found[0], left, ids[left], ids[right]))

        for index in range(len(ids) - 1):
            offer(index)
        while queue:
            rank, left, left_id, right_id = heapq.heappop(queue)
            right = after[left]
            if ids[left] != left_id or right >= len(ids) or ids[right] != right_id:
                continue  # one of the two has been merged with another since
            ids[left] = self.merges[rank][2]
            ids[right] = -1
            after[left] = after[right]
            if after[left] < len(ids):
                before[after[left]] = left
            offer(left)
            if before[left] >= 0:
                offer(before[left])
        return [token for token in ids if token >= 0]

    # -- files -------------------------------------------------------------------------------------

    @classmethod
    def load(cls, directory: Path) -> "ByteLevelBPE":
        """Load DIRECTORY/tokenizer.json, or vocab.json and merges.txt where that is missing. Raises TokenizerError."""
        from gpt486.tokenizers.files import load

        return load(directory)

    def save(self, directory: Path) -> None:
        """Write DIRECTORY/tokenizer.json, as Hugging Face's libraries read it."""
        from gpt486.tokenizers.files import to_json

        text = json.dumps(to_json(self), ensure_ascii=False, indent=1)
        (directory / "tokenizer.json").write_text(text + "\n", encoding="utf-8")


def _split(segment: bytes | int, added: dict[bytes, int]) -> list[bytes | int]:
    """Cut a segment at the added tokens: the leftmost match, and of those the longest."""
    if isinstance(segment, int):
        return [segment]
    parts: list[bytes | int] = []
    start = 0
    while True:
        hits = [(at, -len(text), text) for text in added if (at := segment.find(text, start)) >= 0]
        if not hits:
            break
        at, _, text = min(hits)
        if at > start:
            parts.append(segment[start:at])
        parts.append(added[text])
        start = at + len(text)
    if start < len(segment):
        parts.append(segment[start:])
    return parts


def json_object(path: Path) -> dict[str, Any]:
    """A JSON file whose top level is an object. Raises TokenizerError with the place of the damage."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TokenizerError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise TokenizerError(f"{path}: is not UTF-8 text; the file is damaged or not a tokenizer") from None
    except json.JSONDecodeError as error:
        raise TokenizerError(f"{path}:{error.lineno}: is damaged or cut off: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise TokenizerError(f"{path}: is damaged: {error}") from None
    if not isinstance(value, dict):
        raise TokenizerError(f"{path}: holds a {type(value).__name__}, not an object")
    return value
