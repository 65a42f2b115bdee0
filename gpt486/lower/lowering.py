"""From a GPT-2 model in floats to a checked program of integer ops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gpt486.errors import Gpt486Error
from gpt486.lower.choose import choose_kernel
from gpt486.lower.program import Program, number_kernels
from gpt486.lower.weights import ALL_INT8, WeightChoice
from gpt486.models import GPT2, Block, ModelError
from gpt486.models.gpt2 import Linear
from gpt486.ops.activation import Activation
from gpt486.ops.add import Add
from gpt486.ops.arithmetic import RangeError
from gpt486.ops.attention import Attention
from gpt486.ops.base import Op, Vector
from gpt486.ops.embed import Embed
from gpt486.ops.layer_norm import LayerNormOp
from gpt486.ops.matvec import MatVec
from gpt486.quantize.int8 import quantize_rows
from gpt486.quantize.rows import QuantizedMatrix

MAX_RESIDUAL_FRACTION = 16
MIN_RESIDUAL_FRACTION = 8


def lower(model: GPT2, context: int | None = None, weights: WeightChoice = ALL_INT8) -> Program:
    """Lower a model to integer ops.

    The residual stream gets as many fraction bits as its proven range leaves, the same number throughout; every
    other format follows from the ranges on the way.

    Args:
        model: the float model.
        context: positions that the program keeps; the model's own number when None.
        weights: the format of each matrix.

    Raises:
        RangeError: no choice of formats keeps every value within 32 bits; names the op that fails.
        ModelError: the context asked for is not between 2 and the model's.
    """
    if context is not None:
        if not 2 <= context <= model.config.context:
            raise ModelError(
                f"a context of {context} was asked for; {model.name} has position embeddings for 2 to "
                f"{model.config.context}"
            )
        model = replace(model, config=replace(model.config, context=context), wpe=model.wpe[:context])
    failure: Gpt486Error | None = None
    lowering = _Lowering(model, weights)
    for fraction in range(MAX_RESIDUAL_FRACTION, MIN_RESIDUAL_FRACTION - 1, -1):
        try:
            program = lowering.program(fraction)
        except RangeError as error:
            failure = error
            continue
        program.check()
        return program
    raise RangeError(f"{model.name} cannot be computed in 32-bit integers: {failure}")


class _Lowering:
    """Attempts with different numbers of fraction bits in the residual stream."""

    def __init__(self, model: GPT2, weights: WeightChoice) -> None:
        self.model = model
        self.weights = weights
        self._quantized: dict[str, QuantizedMatrix] = {}

    def program(self, fraction: int) -> Program:
        """The program with so many fraction bits."""
        model, config = self.model, self.model.config
        embed = Embed("embed", quantize_rows(model.wte), quantize_rows(model.wpe), fraction)
        x = embed.output
        blocks = []
        for i, block in enumerate(model.blocks):
            ops = self.block(f"h.{i}", block, x)
            x = ops[-1].output
            blocks.append(tuple(ops))
        norm = LayerNormOp("ln_f", x, "normed", model.ln_f, config.epsilon)
        linear = Linear(model.head, np.zeros(config.vocabulary, np.float32))
        head = self.product("lm_head", norm.output, "logits", linear)
        return number_kernels(Program(model.name, config, embed, tuple(blocks), (norm, head)))

    def product(self, name: str, source: Vector, target: str, linear: Linear, fraction: int | None = None) -> MatVec:
        """A product in the format that was chosen for it, with the kernel that suits it best."""
        weights = self._quantized.get(name)
        if weights is None:
            weights = self._quantized[name] = self.weights.format_of(name).quantize(linear.weight)
        kernel = self.weights.kernel_of(name) or choose_kernel(weights, source)
        return MatVec(name, source, target, weights, linear.bias, fraction, kernel)

    def block(self, name: str, block: Block, x: Vector) -> list[Op]:
        """The ops of a transformer block; the residual stream's format is that of `x`."""
        config = self.model.config
        ln_1 = LayerNormOp(f"{name}.ln_1", x, "normed", block.ln_1, config.epsilon)
        qkv = self.product(f"{name}.attn_qkv", ln_1.output, "qkv", block.attn_qkv)
        attention = Attention(f"{name}.attention", qkv.output, "mixed", config.heads, config.context)
        attn_out = self.product(f"{name}.attn_out", attention.output, "update", block.attn_out, x.fraction)
        attn_add = Add(f"{name}.attn_add", x, attn_out.output)
        ln_2 = LayerNormOp(f"{name}.ln_2", attn_add.output, "normed", block.ln_2, config.epsilon)
        mlp_in = self.product(f"{name}.mlp_in", ln_2.output, "hidden", block.mlp_in)
        activation = Activation(f"{name}.activation", mlp_in.output, config.activation)
        mlp_out = self.product(f"{name}.mlp_out", activation.output, "update", block.mlp_out, x.fraction)
        mlp_add = Add(f"{name}.mlp_add", attn_add.output, mlp_out.output)
        return [ln_1, qkv, attention, attn_out, attn_add, ln_2, mlp_in, activation, mlp_out, mlp_add]
