"""GPT-2 in float32 NumPy, one token at a time with a KV cache. Shapes: C width, F inner width, V vocabulary,
H heads, D = C / H head width, T tokens seen so far.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gpt486.models import GPT2, Block, LayerNorm, Linear

Float = NDArray[np.float32]

_erf = np.frompyfunc(math.erf, 1, 1)


def layer_norm(x: Float, ln: LayerNorm, epsilon: float) -> Float:
    """Normalize x [C] to mean 0 and variance 1, then scale by gamma and shift by beta."""
    centred = x - x.mean()  # [C]
    variance = np.square(centred).mean()  # []
    normed: Float = centred / np.sqrt(variance + np.float32(epsilon)) * ln.gamma + ln.beta  # [C]
    return normed


def linear(x: Float, layer: Linear) -> Float:
    """Apply an affine map to x [inputs]."""
    return layer.weight @ x + layer.bias  # [outputs, inputs] @ [inputs] + [outputs] -> [outputs]


def activate(x: Float, kind: str) -> Float:
    """Apply the activation elementwise to x [F]: "gelu_new" (tanh form), "gelu" (exact) or "relu"."""
    y: Float
    if kind == "relu":
        y = np.maximum(x, np.float32(0))  # [F]
    elif kind == "gelu_new":
        inside = np.float32(math.sqrt(2 / math.pi)) * (x + np.float32(0.044715) * x * x * x)  # [F]
        y = np.float32(0.5) * x * (1 + np.tanh(inside))  # [F]
    else:
        y = np.float32(0.5) * x * (1 + _erf(x / np.float32(math.sqrt(2))).astype(np.float32))  # [F]
    return y


def softmax(x: Float) -> Float:
    """Turn scores x [..., T] into weights that add up to 1 over the last axis."""
    powers = np.exp(x - x.max(axis=-1, keepdims=True))  # [..., T]
    weights: Float = powers / powers.sum(axis=-1, keepdims=True)  # [..., T]
    return weights


class FloatSession:
    """A float32 run of a model over one text: feed tokens, get logits.

    Args:
        model: the model.

    Raises:
        IndexError: more tokens than the context holds.
    """

    def __init__(self, model: GPT2) -> None:
        c = model.config
        self.model = model
        self.length = 0
        self.keys = np.zeros((c.layers, c.heads, c.context, c.head_width), np.float32)  # [L, H, T, D]
        self.values = np.zeros_like(self.keys)  # [L, H, T, D]

    def reset(self) -> None:
        """Forget every token."""
        self.length = 0

    def step(self, token: int) -> Float:
        """Feed one token and return the logits [V] for the next one."""
        model, c = self.model, self.model.config
        x = model.wte[token] + model.wpe[self.length]  # [C]
        for i, block in enumerate(model.blocks):
            normed = layer_norm(x, block.ln_1, c.epsilon)  # [C]
            x = x + linear(self.attend(i, block, normed), block.attn_out)  # [C]
            normed = layer_norm(x, block.ln_2, c.epsilon)  # [C]
            hidden = activate(linear(normed, block.mlp_in), c.activation)  # [F]
            x = x + linear(hidden, block.mlp_out)  # [C]
        self.length += 1
        return model.head @ layer_norm(x, model.ln_f, c.epsilon)  # [V, C] @ [C] -> [V]

    def attend(self, layer: int, block: Block, x: Float) -> Float:
        """Append x [C] to the layer's cache and attend to everything in it, itself included."""
        heads, depth = self.model.config.heads, self.model.config.head_width
        q, k, v = linear(x, block.attn_qkv).reshape(3, heads, depth)  # 3 x [H, D]
        self.keys[layer, :, self.length] = k  # [H, D]
        self.values[layer, :, self.length] = v  # [H, D]
        keys = self.keys[layer, :, : self.length + 1]  # [H, T, D]
        values = self.values[layer, :, : self.length + 1]  # [H, T, D]
        scores = (keys @ q[:, :, None])[:, :, 0] / np.float32(math.sqrt(depth))  # [H, T]
        mixed = softmax(scores)[:, None, :] @ values  # [H, 1, T] @ [H, T, D] -> [H, 1, D]
        return mixed.reshape(-1)  # [C]


def sequence_logits(model: GPT2, tokens: list[int]) -> Float:
    """Logits after each token of one text no longer than the context, [len(tokens), V]."""
    session = FloatSession(model)
    return np.stack([session.step(token) for token in tokens])  # [T, V]
