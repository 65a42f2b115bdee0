"""Model directories with random weights, of any shape: for tests and benchmarks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from gpt486.models.gpt2 import Float


def write_random_model(
    directory: Path,
    *,
    layers: int,
    heads: int,
    width: int,
    context: int,
    vocabulary: int,
    inner: int | None = None,
    activation: str = "gelu_new",
    tied: bool = True,
    biases: bool = True,
    seed: int = 0,
    spread: float = 0.1,
) -> None:
    """Write config.json, model.safetensors and tokenizer.json of a GPT-2 with random weights.

    Args:
        directory: is created.
        layers: transformer blocks.
        heads: attention heads.
        width: of the residual stream.
        context: positions.
        vocabulary: tokens, at least 257: 256 bytes, some merges, <|endoftext|>.
        inner: width of the MLP's hidden layer, 4 * width when None.
        activation: "gelu_new", "gelu" or "relu".
        tied: whether the head is the token embedding.
        biases: whether there are biases.
        seed: of the random numbers.
        spread: standard deviation of the weights.
    """
    directory.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    inner = 4 * width if inner is None else inner

    def normal(*shape: int, mean: float = 0.0) -> Float:
        return (mean + spread * random.standard_normal(shape)).astype(np.float32)

    tensors: dict[str, Float] = {
        "wte.weight": normal(vocabulary, width),
        "wpe.weight": normal(context, width),
        "ln_f.weight": normal(width, mean=1.0),
    }
    for i in range(layers):
        block = f"h.{i}"
        tensors |= {
            f"{block}.ln_1.weight": normal(width, mean=1.0),
            f"{block}.attn.c_attn.weight": normal(width, 3 * width),
            f"{block}.attn.c_proj.weight": normal(width, width),
            f"{block}.ln_2.weight": normal(width, mean=1.0),
            f"{block}.mlp.c_fc.weight": normal(width, inner),
            f"{block}.mlp.c_proj.weight": normal(inner, width),
        }
    if biases:
        for name in [name for name in tensors if name.startswith(("h.", "ln_f"))]:
            tensors[name.replace(".weight", ".bias")] = normal(tensors[name].shape[-1])
    tensors = {f"transformer.{name}": value for name, value in tensors.items()}
    if not tied:
        tensors["lm_head.weight"] = normal(vocabulary, width)
    save_file(tensors, directory / "model.safetensors")

    config = {
        "model_type": "gpt2",
        "architectures": ["GPT2LMHeadModel"],
        "n_layer": layers,
        "n_head": heads,
        "n_embd": width,
        "n_inner": inner,
        "n_positions": context,
        "n_ctx": context,
        "vocab_size": vocabulary,
        "activation_function": activation,
        "layer_norm_epsilon": 1e-5,
        "tie_word_embeddings": tied,
        "bias": biases,
        "bos_token_id": vocabulary - 1,
        "eos_token_id": vocabulary - 1,
    }
    (directory / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    (directory / "tokenizer.json").write_text(json.dumps(_tokenizer(vocabulary), ensure_ascii=False) + "\n")


def _tokenizer(vocabulary: int) -> dict[str, object]:
    """A byte-level BPE tokenizer whose merges pair up the commonest letters of English."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {byte: chr(byte) for byte in visible}
    for byte in range(256):
        letters.setdefault(byte, chr(256 + len(letters) - len(visible)))
    tokens = [letters[byte] for byte in range(256)]
    merges: list[list[str]] = []
    space = letters[32]
    commonest = [space, *"etaoinshrdlucmfwypvbgkjxqz"]
    for first in commonest:
        for second in "etaoinshrdlucmfwypvbgkjxqz":
            if len(tokens) < vocabulary - 1:
                tokens.append(first + second)
                merges.append([first, second])
    for pair in list(tokens[256:]):
        for last in "etaoinshrdlucmfwypvbgkjxqz":
            if len(tokens) < vocabulary - 1 and not pair.startswith(space):
                tokens.append(pair + last)
                merges.append([pair, last])
    while len(tokens) < vocabulary - 1:  # more tokens than merges: never produced, but valid
        tokens.append(f"{space}unused{len(tokens)}")
    special = "<|endoftext|>"
    end = {
        "id": vocabulary - 1,
        "content": special,
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": True,
    }
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [end],
        "normalizer": None,
        "pre_tokenizer": byte_level,
        "post_processor": None,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {token: i for i, token in enumerate([*tokens, special])},
            "merges": merges,
        },
    }
