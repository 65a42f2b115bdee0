# ruff: noqa: E501 (tables of cases)
"""The byte-level BPE against Hugging Face's tokenizers, on arbitrary text and arbitrary bytes."""

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt486.tokenizers import ByteLevelBPE, TokenizerError
from gpt486.tokenizers.bpe import byte_to_unicode, unicode_to_byte
from gpt486.tokenizers.files import to_json
from gpt486.tokenizers.pretokenize import character_at, pieces
from gpt486.tokenizers.trainer import train_bpe
from gpt486.tokenizers.unicode_classes import LETTER, NUMBER, OTHER, SPACE, character_class, ranges
from gpt486.training.stories import stories

tokenizers = pytest.importorskip("tokenizers")

# What breaks tokenizers: apostrophes, spaces of all kinds, line ends, letters outside the basic plane, combining marks,
# numbers that are no digits, emoji with joiners, added tokens and parts of them.
AWKWARD = [
    "'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "''", "’s", " ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u3000", "\u200b", "\u2028",
    "\u0085", "\x1c", "\ufeff", "\u0301", "e\u0301", "ß", "İ", "ǅ", "ʰ", "ª", "中文", "ไทย", "한글", "𝒜", "𐐀", "Ⅷ", "½", "²", "٣", "𝟘", "👩‍👩‍👧", "🏳️‍🌈",
    "<|endoftext|>", "<|endof", "text|>", "<|", "|>", "don't", "I'll", "1st", "x²", "...", "—", "\x00", "\x7f", "a", "Z", "0", "9", "the", " a",
]  # fmt: skip
TEXT = st.lists(st.one_of(st.sampled_from(AWKWARD), st.text(max_size=4)), max_size=12).map("".join)


@pytest.fixture(scope="module")
def trained() -> ByteLevelBPE:
    return train_bpe([text.encode() for text in stories(300, seed=1)] + ["naïve café 中文中文 ½½".encode()] * 30, 600)


@pytest.fixture(scope="module")
def theirs(trained: ByteLevelBPE) -> Any:
    return _theirs(to_json(trained))


def _theirs(data: dict[str, Any]) -> Any:
    return tokenizers.Tokenizer.from_str(json.dumps(data))


def _write(folder: Path, data: Any) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "tokenizer.json").write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return folder


@settings(max_examples=1500, deadline=None)
@given(text=TEXT)
def test_equal_to_hugging_face_on_any_text(trained: ByteLevelBPE, theirs: Any, text: str) -> None:
    assert trained.encode(text.encode()) == theirs.encode(text).ids


def test_equal_to_hugging_face_on_stories(trained: ByteLevelBPE, theirs: Any) -> None:
    for text in stories(200, seed=2):
        assert trained.encode(text.encode()) == theirs.encode(text).ids


@settings(max_examples=300, deadline=None)
@given(text=TEXT, merges=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=60))
def test_equal_to_hugging_face_with_merges_in_any_order(text: str, merges: list[tuple[int, int]]) -> None:
    """Merges whose parts appear later in the list, which no trainer makes but a file may hold."""
    alphabet = [ord(c) for c in "<|endoftx>' aZ09th.\r\n"]
    tokens = [bytes([b]) for b in range(256)]
    pool = [tokens[b] for b in alphabet]
    pairs: dict[tuple[bytes, bytes], None] = {}
    for left, right in merges:
        pair = (pool[left % len(pool)], pool[right % len(pool)])
        pairs[pair] = None
        joined = pair[0] + pair[1]
        if joined not in pool and len(joined) < 8:
            pool.append(joined)
    tokens += [t for t in dict.fromkeys(a + b for a, b in pairs) if t not in tokens]
    number = {token: i for i, token in enumerate(tokens)}
    triples = [(number[a], number[b], number[a + b]) for a, b in reversed(pairs) if a in number and b in number]
    ours = ByteLevelBPE(tokens, triples, {})
    assert ours.encode(text.encode()) == _theirs(to_json(ours)).encode(text).ids


@settings(max_examples=300, deadline=None)
@given(
    text=TEXT,
    prefix=st.booleans(),
    regex=st.booleans(),
    normalized=st.booleans(),
)
def test_options_are_honoured(trained: ByteLevelBPE, tmp_path_factory: pytest.TempPathFactory, text: str, prefix: bool, regex: bool, normalized: bool) -> None:  # fmt: skip
    data = to_json(trained)
    data["pre_tokenizer"] |= {"add_prefix_space": prefix, "use_regex": regex}
    data["added_tokens"] += [
        {"id": 600, "content": "text|>x", "single_word": False, "lstrip": False, "rstrip": False, "normalized": normalized, "special": False},
        {"id": 601, "content": "<|", "single_word": False, "lstrip": False, "rstrip": False, "normalized": True, "special": False},
        {"id": 602, "content": "<|endof", "single_word": False, "lstrip": False, "rstrip": False, "normalized": normalized, "special": True},
    ]  # fmt: skip
    ours = ByteLevelBPE.load(_write(tmp_path_factory.getbasetemp() / "options", data))
    assert ours.encode(text.encode()) == _theirs(data).encode(text).ids


@settings(max_examples=500, deadline=None)
@given(data=st.one_of(st.binary(max_size=60), st.lists(st.sampled_from([b"\xe2\x82", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80", b"A", b" ", "é".encode(), b"\xff"]), max_size=12).map(b"".join)))  # fmt: skip
def test_any_bytes_come_back(trained: ByteLevelBPE, data: bytes) -> None:
    assert trained.decode(trained.encode(data)) == data
    assert b"".join(pieces(data)) == data


@given(data=st.binary(max_size=40))
def test_characters_are_those_of_a_strict_decoder(data: bytes) -> None:
    """Where Python decodes strictly, a character is what Python says; where it refuses, it is one byte and OTHER."""
    position = 0
    while position < len(data):
        length, kind = character_at(data, position)
        valid = [n for n in range(1, 5) if _decodes(data[position : position + n], n)]
        assert (length, kind) == (
            (valid[0], character_class(ord(data[position : position + valid[0]].decode()))) if valid else (1, OTHER)
        )
        position += length


def _decodes(part: bytes, length: int) -> bool:
    try:
        return len(part) == length and len(part.decode()) == 1
    except UnicodeDecodeError:
        return False


def test_bad_bytes_are_neither_letters_nor_spaces() -> None:
    assert list(pieces(b"a\xe2\x82A")) == [b"a", b"\xe2\x82", b"A"]
    assert list(pieces(b" \xff\xff.  x")) == [b" \xff\xff.", b" ", b" x"]
    assert list(pieces(b"\xc3\xa9t\xc3")) == ["ét".encode(), b"\xc3"]


def test_unicode_classes_are_those_of_hugging_face() -> None:
    for expression, kind in ((r"\p{L}", LETTER), (r"\p{N}", NUMBER), (r"\s", SPACE)):
        split = tokenizers.pre_tokenizers.Split(tokenizers.Regex(expression + "+"), "removed")
        members: set[int] = set()
        for block in range(0, 0x110000, 0x1000):
            text = "".join(chr(code) for code in range(block, block + 0x1000) if not 0xD800 <= code <= 0xDFFF)
            kept = {char for piece, _ in split.pre_tokenize_str(text) for char in piece}
            members |= {ord(char) for char in text if char not in kept}
        ours = {code for first, last, found in ranges() if found == kind for code in range(first, last + 1)}
        assert ours == members


def test_ranges_are_sorted_and_disjoint() -> None:
    table = ranges()
    assert all(first <= last for first, last, _ in table)
    assert all(before[1] < after[0] for before, after in pairwise(table))
    assert [character_class(ord(c)) for c in "\x00 a9é½."] == [OTHER, SPACE, LETTER, NUMBER, LETTER, NUMBER, OTHER]
    assert character_class(0x10FFFF) == OTHER


def test_bytes_and_characters_of_the_vocabulary_file() -> None:
    assert len(byte_to_unicode()) == len(unicode_to_byte()) == 256
    assert byte_to_unicode()[0x20] == "Ġ"


def test_what_the_guest_needs(trained: ByteLevelBPE) -> None:
    assert len(trained.tokens) == 600
    assert trained.tokens[65] == b"A"
    assert trained.eot == 599 == trained.special["<|endoftext|>"]
    for left, right, new in trained.merges:
        assert trained.tokens[left] + trained.tokens[right] == trained.tokens[new]
    assert trained.encode(b"a<|endoftext|>b") == [97, 599, 98]
    assert trained.encode(b"") == []


def test_files_round_trip(trained: ByteLevelBPE, tmp_path: Path) -> None:
    trained.save(tmp_path)
    loaded = ByteLevelBPE.load(tmp_path)
    assert (loaded.tokens, loaded.merges, loaded.special) == (trained.tokens, trained.merges, trained.special)
    model = to_json(trained)["model"]
    old = tmp_path / "old"
    old.mkdir()
    (old / "vocab.json").write_text(json.dumps(model["vocab"]), encoding="utf-8")
    lines = ["#version: 0.2", *(" ".join(pair) for pair in model["merges"]), ""]
    (old / "merges.txt").write_text("\n".join(lines), encoding="utf-8")
    again = ByteLevelBPE.load(old)
    assert (again.tokens, again.merges, again.special) == (trained.tokens, trained.merges, trained.special)


def test_merges_as_strings_are_read(trained: ByteLevelBPE, tmp_path: Path) -> None:
    data = to_json(trained)
    data["model"]["merges"] = [" ".join(pair) for pair in data["model"]["merges"]]
    assert ByteLevelBPE.load(_write(tmp_path, data)).merges == trained.merges


def test_training_is_deterministic_and_takes_the_most_frequent_pair() -> None:
    tokenizer = train_bpe([b"abab abab ababc", b"zz"], 260)
    assert tokenizer.tokens[256:] == [b"ab", b"abab", b" abab", b"<|endoftext|>"]
    assert train_bpe([b"aaaa"], 258).encode(b"aaaaa") == [256, 256, 97]
    with pytest.raises(TokenizerError, match="a vocabulary of 256 is too small"):
        train_bpe([b"x"], 256)
    with pytest.raises(TokenizerError, match="pairs for only 258 tokens, not for 300"):
        train_bpe([b"ab"], 300)


def test_decoding_an_unknown_id() -> None:
    with pytest.raises(TokenizerError, match="token 999 is not in the vocabulary"):
        train_bpe([b"ab"], 258).decode([97, 999])


def _set(path: str, value: Any) -> Any:
    """A function that puts a value into a nested object."""

    def change(data: Any) -> None:
        *parents, last = path.split(".")
        for key in parents:
            data = data[int(key) if key.isdigit() else key]
        data[int(last) if last.isdigit() else last] = value

    return change


def _metaspace_in_vocabulary(data: Any) -> None:
    data["model"]["vocab"]["▁x"] = 600


def _without_byte(data: Any) -> None:
    vocab = data["model"]["vocab"]
    vocab["Āx"] = vocab.pop("Ā")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_set("model.type", "WordPiece"), "is a WordPiece tokenizer"),
        (_set("model.dropout", 0.1), "sets dropout to 0.1"),
        (_set("model.byte_fallback", True), "sets byte_fallback"),
        (_set("model.ignore_merges", True), "sets ignore_merges"),
        (_set("model.end_of_word_suffix", "</w>"), "sets end_of_word_suffix to '</w>'"),
        (_set("model", None), "has no model"),
        (_set("model.vocab", None), "lacks the vocabulary"),
        (_set("normalizer", {"type": "NFC"}), "uses normalizer .NFC."),
        (_set("truncation", {"max_length": 8}), "uses truncation"),
        (_set("pre_tokenizer", {"type": "Whitespace"}), "has the pre-tokenizer Whitespace"),
        (_set("pre_tokenizer", {"type": "Sequence", "pretokenizers": [{"type": "Split"}, {"type": "ByteLevel"}]}), "Sequence of Split and ByteLevel"),
        (_set("pre_tokenizer", None), "has the pre-tokenizer none"),
        (_set("decoder", {"type": "WordPiece"}), "has the decoder WordPiece"),
        (_set("post_processor", {"type": "TemplateProcessing"}), "has the post-processor TemplateProcessing"),
        (_set("added_tokens.0.lstrip", True), "the added token '<|endoftext|>' sets lstrip"),
        (_set("added_tokens.0.id", 5), "has the id 5 of another token"),
        (_set("added_tokens.0.content", None), "an added token without content"),
        (_set("model.merges.0", ["a"]), "merge 0 is"),
        (_set("model.merges.0", ["a", "zzz"]), "merge 0 needs 'zzz'"),
        (_set("model.merges.1", ["h", "e"]), "lists the same merge twice"),
        (_set("model.vocab.a", "x"), "the token 'a' has the id 'x'"),
        (_set("model.vocab.a", 98), "the id 98 is given to two tokens"),
        (_set("model.vocab.new", 700), "no token has the id 600"),
        (_metaspace_in_vocabulary, "'▁x' is not in GPT-2's byte alphabet"),
        (_without_byte, "lacks the byte 0x00"),
    ],
)  # fmt: skip
def test_what_is_not_implemented_or_damaged_is_refused_by_name(
    trained: ByteLevelBPE, tmp_path: Path, change: Any, message: str
) -> None:
    data = to_json(trained)
    if message.startswith("lists"):
        data["model"]["merges"][0] = ["h", "e"]
    change(data)
    with pytest.raises(TokenizerError) as caught:
        ByteLevelBPE.load(_write(tmp_path, data))
    assert re.search(message.replace("|", r"\|"), str(caught.value)), caught.value
    assert "tokenizer.json" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_damaged_and_missing_files(trained: ByteLevelBPE, tmp_path: Path) -> None:
    with pytest.raises(TokenizerError, match=r"holds no tokenizer\.json"):
        ByteLevelBPE.load(tmp_path)
    whole = json.dumps(to_json(trained), indent=1)
    for part in ("", whole[: len(whole) // 2], whole[:-1]):
        with pytest.raises(TokenizerError, match=r"tokenizer\.json:\d+: is damaged or cut off"):
            ByteLevelBPE.load(_write(tmp_path, part))
    with pytest.raises(TokenizerError, match="holds a list, not an object"):
        ByteLevelBPE.load(_write(tmp_path, []))
    (tmp_path / "tokenizer.json").write_bytes(b"\xff\xfe")
    with pytest.raises(TokenizerError, match="is not UTF-8 text"):
        ByteLevelBPE.load(tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    (tmp_path / "tokenizer.json").mkdir()
    with pytest.raises(TokenizerError, match="cannot be read"):
        ByteLevelBPE.load(tmp_path)
    (tmp_path / "tokenizer.json").rmdir()
    (tmp_path / "vocab.json").write_text("{}", encoding="utf-8")
    (tmp_path / "merges.txt").mkdir()
    with pytest.raises(TokenizerError, match=r"merges\.txt: cannot be read"):
        ByteLevelBPE.load(tmp_path)
    (tmp_path / "merges.txt").rmdir()
    (tmp_path / "merges.txt").write_bytes(b"\xff")
    with pytest.raises(TokenizerError, match=r"merges\.txt: is not UTF-8"):
        ByteLevelBPE.load(tmp_path)
