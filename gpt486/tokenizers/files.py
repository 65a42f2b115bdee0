"""Reading and writing the files of a Hugging Face tokenizer, with a clear refusal of what is not implemented."""

from pathlib import Path
from typing import Any

from gpt486.tokenizers.bpe import END_OF_TEXT, ByteLevelBPE, byte_to_unicode, json_object, unicode_to_byte
from gpt486.tokenizers.errors import TokenizerError


def load(directory: Path) -> ByteLevelBPE:
    """The tokenizer of a model directory. Raises TokenizerError."""
    single, vocab, merges = (directory / name for name in ("tokenizer.json", "vocab.json", "merges.txt"))
    if single.exists():
        return _from_tokenizer_json(single)
    if vocab.exists() and merges.exists():
        return _from_vocab_and_merges(vocab, merges)
    raise TokenizerError(f"{directory}: holds no tokenizer.json (and no vocab.json with merges.txt)")


def to_json(tokenizer: ByteLevelBPE) -> dict[str, Any]:
    """A tokenizer as the object that stands in a tokenizer.json."""
    chars = byte_to_unicode()
    special = set(tokenizer.special.values())
    names = [
        token.decode() if number in special else "".join(chars[byte] for byte in token)
        for number, token in enumerate(tokenizer.tokens)
    ]
    byte_level = {
        "type": "ByteLevel",
        "add_prefix_space": tokenizer.add_prefix_space,
        "trim_offsets": True,
        "use_regex": tokenizer.use_regex,
    }
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": i, "content": text, **flags} for text, i in tokenizer.special.items()],
        "normalizer": None,
        "pre_tokenizer": byte_level,
        "post_processor": None,
        "decoder": {**byte_level, "add_prefix_space": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": "",
            "end_of_word_suffix": "",
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {name: number for number, name in enumerate(names)},
            "merges": [[names[left], names[right]] for left, right, _ in tokenizer.merges],
        },
    }


def _from_tokenizer_json(path: Path) -> ByteLevelBPE:
    data = json_object(path)
    model = data.get("model")
    if not isinstance(model, dict):
        raise TokenizerError(f"{path}: has no model; it is not a Hugging Face tokenizer")
    for key in ("truncation", "padding", "normalizer"):
        if data.get(key) is not None:
            raise TokenizerError(f"{path}: uses {key} ({_name(data[key])}); gpt486 implements tokenizers without it")
    if model.get("type", "BPE") != "BPE":
        raise TokenizerError(f"{path}: is a {model['type']} tokenizer; gpt486 implements byte-level BPE only")
    for key in ("dropout", "continuing_subword_prefix", "end_of_word_suffix", "byte_fallback", "ignore_merges"):
        if model.get(key):
            raise TokenizerError(f"{path}: sets {key} to {model[key]!r}; gpt486 implements byte-level BPE without it")
    before = data.get("pre_tokenizer")
    if _name(before) != "ByteLevel":
        raise TokenizerError(f"{path}: has the pre-tokenizer {_name(before)}; gpt486 implements ByteLevel alone")
    if _name(data.get("decoder")) != "ByteLevel":
        raise TokenizerError(f"{path}: has the decoder {_name(data.get('decoder'))}; gpt486 implements ByteLevel alone")
    if data.get("post_processor") is not None and _name(data["post_processor"]) != "ByteLevel":
        raise TokenizerError(f"{path}: has the post-processor {_name(data['post_processor'])}; gpt486 implements none")
    vocab, merges = model.get("vocab"), model.get("merges")
    if not isinstance(vocab, dict) or not isinstance(merges, list):
        raise TokenizerError(f"{path}: lacks the vocabulary or the merges; the file is damaged")
    special: dict[str, int] = {}
    normalized = set()
    added_tokens = data.get("added_tokens") or []
    if not isinstance(added_tokens, list):
        raise TokenizerError(f"{path}: added_tokens is {added_tokens!r}, not a list; the file is damaged")
    for added in added_tokens:
        if (
            not isinstance(added, dict)
            or not isinstance(added.get("content"), str)
            or not isinstance(added.get("id"), int)
        ):
            raise TokenizerError(f"{path}: has an added token without content or id; the file is damaged")
        if any(0xD800 <= ord(char) <= 0xDFFF for char in added["content"]):
            raise TokenizerError(f"{path}: the added token {added['content']!r} is no valid text; the file is damaged")
        for flag in ("single_word", "lstrip", "rstrip"):
            if added.get(flag):
                raise TokenizerError(
                    f"{path}: the added token {added['content']!r} sets {flag}, which gpt486 does not implement"
                )
        if added["content"]:
            special[added["content"]] = added["id"]
            if added.get("normalized"):
                normalized.add(added["content"])
    return _build(path, vocab, merges, special, frozenset(normalized), before)


def _from_vocab_and_merges(vocab_path: Path, merges_path: Path) -> ByteLevelBPE:
    vocab = json_object(vocab_path)
    try:
        lines = merges_path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise TokenizerError(f"{merges_path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise TokenizerError(f"{merges_path}: is not UTF-8 text; the file is damaged") from None
    merges = [line for line in lines if line and not line.startswith("#version")]
    special = {END_OF_TEXT: vocab[END_OF_TEXT]} if isinstance(vocab.get(END_OF_TEXT), int) else {}
    return _build(vocab_path, vocab, merges, special, frozenset(), {})


def _build(
    path: Path,
    vocab: dict[str, Any],
    merges: list[Any],
    special: dict[str, int],
    normalized: frozenset[str],
    options: Any,
) -> ByteLevelBPE:
    tokens = _tokens(path, vocab, special)
    triples = []
    for number, merge in enumerate(merges):
        pair = merge.split(" ") if isinstance(merge, str) else merge
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(part, str) for part in pair):
            raise TokenizerError(f"{path}: merge {number} is {merge!r}, not a pair of tokens")
        for part in (*pair, pair[0] + pair[1]):
            if part not in vocab:
                raise TokenizerError(f"{path}: merge {number} needs {part!r}, which is not in the vocabulary")
        triples.append((vocab[pair[0]], vocab[pair[1]], vocab[pair[0] + pair[1]]))
    if len({triple[:2] for triple in triples}) != len(triples):
        raise TokenizerError(f"{path}: lists the same merge twice")
    try:
        return ByteLevelBPE(
            tokens,
            triples,
            special,
            add_prefix_space=bool(options.get("add_prefix_space", False)),
            use_regex=bool(options.get("use_regex", True)),
            normalized=normalized,
        )
    except TokenizerError as error:
        raise TokenizerError(f"{path}: {error}") from None


def _tokens(path: Path, vocab: dict[str, Any], special: dict[str, int]) -> list[bytes]:
    """The bytes of every token by id; the ids must be 0, 1, 2, ... without a hole."""
    by_id: dict[int, bytes] = {}
    bytes_of = unicode_to_byte()
    for name, number in vocab.items():
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            raise TokenizerError(f"{path}: the token {name!r} has the id {number!r}, not a number")
        if number in by_id:
            raise TokenizerError(f"{path}: the id {number} is given to two tokens")
        if special.get(name) == number:
            by_id[number] = name.encode()
            continue
        try:
            by_id[number] = bytes(bytes_of[char] for char in name)
        except KeyError:
            raise TokenizerError(
                f"{path}: the token {name!r} is not in GPT-2's byte alphabet; gpt486 implements byte-level BPE"
            ) from None
    for text, number in special.items():
        if by_id.setdefault(number, text.encode()) != text.encode():
            raise TokenizerError(f"{path}: the added token {text!r} has the id {number} of another token")
    for number in range(len(by_id)):
        if number not in by_id:
            raise TokenizerError(f"{path}: no token has the id {number}; the ids must be 0 to {len(by_id) - 1}")
    return [by_id[number] for number in range(len(by_id))]


def _name(part: Any) -> str:
    """The type of a component, for messages; a sequence shows its members."""
    if not isinstance(part, dict):
        return "none" if part is None else str(part)
    if part.get("type") == "Sequence":
        members = next((value for value in part.values() if isinstance(value, list)), [])
        return "Sequence of " + " and ".join(_name(member) for member in members)
    return str(part.get("type", "of an unknown type"))
