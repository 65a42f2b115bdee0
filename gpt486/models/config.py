"""config.json of a GPT-2 model: what it says, checked, and what cannot be lowered refused by name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gpt486.errors import Gpt486Error

ACTIVATIONS = {
    "gelu_new": "gelu_new",
    "gelu_pytorch_tanh": "gelu_new",
    "gelu": "gelu",
    "relu": "relu",
}
"""The names Hugging Face uses for the activations that we have, and ours for them."""


class ModelError(Gpt486Error):
    """A model directory that cannot be used; the message names the file, the key or tensor, and the remedy."""


@dataclass(frozen=True)
class GPT2Config:
    """The sizes and choices of a GPT-2 model.

    Attributes:
        layers: number of transformer blocks.
        heads: attention heads of each block; `width` is a multiple of it.
        width: length of the residual stream (n_embd).
        inner: width of the hidden layer of the MLP (n_inner, 4 * width when not given).
        context: number of positions (n_positions).
        vocabulary: number of tokens.
        activation: "gelu_new", "gelu" or "relu".
        epsilon: added to the variance by layer norm.
        tied: whether the output head is the token embedding.
        biases: whether linear layers and layer norms have biases ("bias": false says they have none).
        eos: token that begins and ends a text, or None.
        extra: the key "gpt486" of config.json: what a model trained here says beyond GPT-2.
    """

    layers: int
    heads: int
    width: int
    inner: int
    context: int
    vocabulary: int
    activation: str
    epsilon: float
    tied: bool
    biases: bool
    eos: int | None
    extra: dict[str, Any]

    @property
    def head_width(self) -> int:
        """Width of one attention head."""
        return self.width // self.heads


def read_json_object(path: Path) -> dict[str, Any]:
    """Read a JSON object from a file.

    Raises:
        ModelError: the file is missing, unreadable, no JSON, or no object.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ModelError(f"{path}: no such file; a model directory needs it") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: cannot be read: {error}") from None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: not valid JSON ({error}); is the file truncated?") from None
    if not isinstance(value, dict):
        raise ModelError(f"{path}: expected a JSON object, found a {type(value).__name__}")
    return value


def load_config(directory: Path) -> GPT2Config:
    """Read and check `directory`/config.json.

    Raises:
        ModelError: a key is missing, has an impossible value, or asks for something that is not GPT-2.
    """
    path = directory / "config.json"
    raw = read_json_object(path)

    model_type = raw.get("model_type", "gpt2")
    if model_type != "gpt2":
        raise ModelError(f'{path}: model_type is {model_type!r}; only "gpt2" can be lowered')
    _refuse_unless(path, raw, "scale_attn_weights", True)
    _refuse_unless(path, raw, "scale_attn_by_inverse_layer_idx", False)
    _refuse_unless(path, raw, "add_cross_attention", False)

    width = _size(path, raw, "n_embd", "hidden_size")
    heads = _size(path, raw, "n_head", "num_attention_heads")
    if width % heads:
        raise ModelError(f"{path}: n_embd = {width} is no multiple of n_head = {heads}")
    activation = raw.get("activation_function", "gelu_new")
    if not isinstance(activation, str) or activation not in ACTIVATIONS:
        known = ", ".join(sorted(ACTIVATIONS))
        raise ModelError(f"{path}: activation_function {activation!r} is not one of {known}")
    epsilon = raw.get("layer_norm_epsilon", 1e-5)
    if not isinstance(epsilon, int | float) or isinstance(epsilon, bool) or not 0 < epsilon <= 1:
        raise ModelError(f"{path}: layer_norm_epsilon must lie between 0 and 1, found {epsilon!r}")
    vocabulary = _size(path, raw, "vocab_size")
    context = _size(path, raw, "n_positions", "n_ctx")
    if context < 2:
        raise ModelError(f"{path}: a context of {context} position is too short to continue anything")
    eos = raw.get("eos_token_id")
    if eos is not None and (not isinstance(eos, int) or not 0 <= eos < vocabulary):
        eos = None  # Hugging Face writes GPT-2's own 50256 into configs of smaller vocabularies
    extra = raw.get("gpt486", {})
    if not isinstance(extra, dict):
        raise ModelError(f'{path}: the key "gpt486" must hold an object')

    return GPT2Config(
        layers=_size(path, raw, "n_layer", "num_hidden_layers"),
        heads=heads,
        width=width,
        inner=_size(path, raw, "n_inner") if raw.get("n_inner") is not None else 4 * width,
        context=context,
        vocabulary=vocabulary,
        activation=ACTIVATIONS[activation],
        epsilon=float(epsilon),
        tied=_flag(path, raw, "tie_word_embeddings", True),
        biases=_flag(path, raw, "bias", True),
        eos=eos,
        extra=extra,
    )


def _size(path: Path, raw: dict[str, Any], *names: str) -> int:
    for name in names:
        value = raw.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 1 << 24:
            raise ModelError(f"{path}: {name} must be a positive whole number, found {value!r}")
        return value
    raise ModelError(f"{path}: the key {names[0]} is missing")


def _flag(path: Path, raw: dict[str, Any], name: str, default: bool) -> bool:
    value = raw.get(name, default)
    if not isinstance(value, bool):
        raise ModelError(f"{path}: {name} must be true or false, found {value!r}")
    return value


def _refuse_unless(path: Path, raw: dict[str, Any], name: str, wanted: bool) -> None:
    if raw.get(name, wanted) is not wanted:
        raise ModelError(f"{path}: {name} = {raw[name]!r} is not supported; only {str(wanted).lower()} is")
