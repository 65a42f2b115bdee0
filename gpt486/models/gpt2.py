"""A GPT-2 model in memory: every weight by its place in the network, as float32."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gpt486.models.config import GPT2Config, ModelError, load_config
from gpt486.models.tensors import TensorFiles

Float = NDArray[np.float32]


@dataclass(frozen=True)
class LayerNorm:
    """Scale and shift of a layer norm, both [width]."""

    gamma: Float
    beta: Float


@dataclass(frozen=True)
class Linear:
    """An affine map: weight [outputs, inputs], bias [outputs] (zeros where the model has none)."""

    weight: Float
    bias: Float


@dataclass(frozen=True)
class Block:
    """One transformer block: attention and MLP, each behind its layer norm.

    `attn_qkv` yields queries, keys and values one after the other: [3 * width, width].
    """

    ln_1: LayerNorm
    attn_qkv: Linear
    attn_out: Linear
    ln_2: LayerNorm
    mlp_in: Linear
    mlp_out: Linear


@dataclass(frozen=True)
class GPT2:
    """A whole model.

    Attributes:
        name: the directory's name, for messages and reports.
        config: sizes and choices.
        wte: token embedding, [vocabulary, width].
        wpe: position embedding, [context, width].
        blocks: the transformer blocks, first to last.
        ln_f: the last layer norm.
        head: output head, [vocabulary, width]; the same array as `wte` when tied.
    """

    name: str
    config: GPT2Config
    wte: Float
    wpe: Float
    blocks: tuple[Block, ...]
    ln_f: LayerNorm
    head: Float

    @property
    def parameters(self) -> int:
        """Number of trained values (a tied head counts once)."""
        c = self.config
        norms = (2 * c.layers + 1) * c.width * (2 if c.biases else 1)
        weights = c.layers * (4 * c.width * c.width + 2 * c.width * c.inner)
        biases = c.layers * (5 * c.width + c.inner) if c.biases else 0
        head = 0 if c.tied else self.head.size
        return self.wte.size + self.wpe.size + norms + weights + biases + head


def load_model(directory: Path) -> GPT2:
    """Load a GPT-2 model from a directory in Hugging Face's layout.

    Args:
        directory: holds config.json and model.safetensors (or shards with their index).

    Raises:
        ModelError: anything missing, misshapen, not finite, or not GPT-2; the message names it.
    """
    if not directory.is_dir():
        raise ModelError(f"{directory}: no such model directory")
    config = load_config(directory)
    files = TensorFiles(directory)
    width, inner = config.width, config.inner

    def norm(name: str) -> LayerNorm:
        return LayerNorm(files.read(f"{name}.weight", (width,)), bias(name, width))

    def bias(name: str, outputs: int) -> Float:
        stored = f"{name}.bias"
        if config.biases:
            if stored not in files:
                raise ModelError(
                    f"{directory}: tensor {stored} is missing from the weights; "
                    'if the model was trained without biases, say "bias": false in config.json'
                )
            return files.read(stored, (outputs,))
        if stored in files:
            raise ModelError(f'{directory}: config.json says "bias": false, but there is a tensor {stored}')
        return np.zeros(outputs, np.float32)

    def linear(name: str, inputs: int, outputs: int) -> Linear:
        # GPT-2's Conv1D stores [inputs, outputs]; a matrix that multiplies from the left wants rows of outputs.
        stored = files.read(f"{name}.weight", (inputs, outputs))
        return Linear(np.ascontiguousarray(stored.T), bias(name, outputs))

    wte = files.read("wte.weight", (config.vocabulary, width))
    head = wte
    if not config.tied:
        head = files.read("lm_head.weight", (config.vocabulary, width))
    return GPT2(
        name=directory.resolve().name,
        config=config,
        wte=wte,
        wpe=files.read("wpe.weight", (config.context, width)),
        blocks=tuple(
            Block(
                ln_1=norm(f"h.{i}.ln_1"),
                attn_qkv=linear(f"h.{i}.attn.c_attn", width, 3 * width),
                attn_out=linear(f"h.{i}.attn.c_proj", width, width),
                ln_2=norm(f"h.{i}.ln_2"),
                mlp_in=linear(f"h.{i}.mlp.c_fc", width, inner),
                mlp_out=linear(f"h.{i}.mlp.c_proj", inner, width),
            )
            for i in range(config.layers)
        ),
        ln_f=norm("ln_f"),
        head=head,
    )
