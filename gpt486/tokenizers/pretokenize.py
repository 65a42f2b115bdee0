"""GPT-2's pre-tokenization over bytes: how a text is cut into pieces before pairs are merged.

The pieces are the matches of `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+`.

Bytes that are no UTF-8: a character is a well-formed UTF-8 sequence (Unicode, table 3-7: no overlong forms, no
surrogates, nothing above U+10FFFF); where none begins, that one byte stands for itself, as a character that is
neither letter nor number nor space, and the next character begins at the next byte. So `E2 82 41` is the two bad
bytes E2 and 82 and the letter A.
"""

import re
from collections.abc import Iterator

from gpt486.tokenizers.unicode_classes import LETTER, OTHER, SPACE, character_class

_CONTRACTIONS = (b"'s", b"'t", b"'re", b"'ve", b"'m", b"'ll", b"'d")

# The same expression for text that is all ASCII, where Python's own engine can do the work. Python's \s on
# bytes is exactly the ASCII part of the SPACE class.
_ASCII = re.compile(rb"'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z]+| ?[0-9]+| ?[^\sA-Za-z0-9]+|\s+(?!\S)|\s+")


def character_at(data: bytes, position: int) -> tuple[int, int]:
    """The length in bytes and the class of the character at a position; a byte that begins no UTF-8 has length 1,
    OTHER."""
    lead = data[position]
    if lead < 0x80:
        return 1, character_class(lead)
    if 0xC2 <= lead <= 0xDF:
        length, low, high = 2, 0x80, 0xBF
    elif 0xE0 <= lead <= 0xEF:
        length, low, high = 3, 0xA0 if lead == 0xE0 else 0x80, 0x9F if lead == 0xED else 0xBF
    elif 0xF0 <= lead <= 0xF4:
        length, low, high = 4, 0x90 if lead == 0xF0 else 0x80, 0x8F if lead == 0xF4 else 0xBF
    else:
        return 1, OTHER
    tail = data[position + 1 : position + length]
    if len(tail) != length - 1 or not low <= tail[0] <= high or any(not 0x80 <= byte <= 0xBF for byte in tail[1:]):
        return 1, OTHER
    code = lead & (0x7F >> length)
    for byte in tail:
        code = code << 6 | (byte & 0x3F)
    return length, character_class(code)


def pieces(data: bytes) -> Iterator[bytes]:
    """The pieces of a text; joined, they are the text again."""
    if data.isascii():
        yield from _ASCII.findall(data)
        return
    starts: list[int] = []
    kinds: list[int] = []
    position = 0
    while position < len(data):
        length, kind = character_at(data, position)
        starts.append(position)
        kinds.append(kind)
        position += length
    starts.append(len(data))
    count = len(kinds)
    index = 0
    while index < count:
        end = _match(data, starts, kinds, index, count)
        yield data[starts[index] : starts[end]]
        index = end


def _match(data: bytes, starts: list[int], kinds: list[int], index: int, count: int) -> int:
    """The character index behind the piece that begins at character `index`."""
    for contraction in _CONTRACTIONS:
        if data.startswith(contraction, starts[index]):
            return index + len(contraction)
    body = index
    if data[starts[index]] == 0x20 and index + 1 < count and kinds[index + 1] != SPACE:
        body = index + 1
    kind = kinds[body]
    end = body + 1
    while end < count and kinds[end] == kind:
        end += 1
    if kind == SPACE and end < count and end - index > 1:
        end -= 1  # \s+(?!\S): the last space goes with what follows it
    return end


__all__ = ["LETTER", "OTHER", "SPACE", "character_at", "pieces"]
