"""From a GPT-2 model in floats to a checked program of integer ops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gpt486.errors import Gpt486Error
from gpt486.kernels import KERNELS
from gpt486.lower.choose import choose_kernel
from gpt486.lower.program import Program, number_kernels
from gpt486.lower.weights import ALL_INT8, WeightChoice
from gpt486.models import GPT2, Block, ModelError
from gpt486.models.gpt2 import LayerNorm, Linear
from gpt486.ops.activation import Activation, wanted_fraction
from gpt486.ops.add import Add
from gpt486.ops.arithmetic import RangeError, bit_length
from gpt486.ops.attention import Attention
from gpt486.ops.base import Op, Vector
from gpt486.ops.embed import Embed
from gpt486.ops.layer_norm import OUTPUT_BITS, LayerNormOp
from gpt486.ops.matvec import InputLimits, MatVec
from gpt486.quantize.rows import QuantizedMatrix

MAX_RESIDUAL_FRACTION = 16
MIN_RESIDUAL_FRACTION = 8

ENOUGH_BITS = 11
"""Bits of a layer norm's bound that leave enough for its usual output, which is two bits smaller."""

UNIFORM_LOSS = 1.1
"""One scale for all rows is taken where the squared error of the weights grows by no more than this factor."""


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
        self._uniform: dict[str, QuantizedMatrix | None] = {}

    def program(self, fraction: int) -> Program:
        """The program with so many fraction bits."""
        model, config = self.model, self.model.config
        embed = Embed("embed", model.wte, model.wpe, fraction)
        x = embed.output
        blocks = []
        for i, block in enumerate(model.blocks):
            ops = self.block(f"h.{i}", block, x)
            x = ops[-1].output
            blocks.append(tuple(ops))
        linear = Linear(model.head, np.zeros(config.vocabulary, np.float32))
        norm, head = self.normed_product(("ln_f", model.ln_f), x, "lm_head", "logits", linear)
        return number_kernels(Program(model.name, config, embed, tuple(blocks), (norm, head)))

    def product(self, name: str, source: Vector, target: str, linear: Linear, fraction: int | None = None) -> MatVec:
        """A product in the format that was chosen for it, with the kernel that suits it best."""
        weights = self.quantized(name, linear)
        kernel = self.weights.kernel_of(name) or choose_kernel(weights, source)
        return MatVec(name, source, target, weights, linear.bias, fraction, kernel)

    def normed_product(
        self,
        norm: tuple[str, LayerNorm],
        source: Vector,
        name: str,
        target: str,
        linear: Linear,
        fraction: int | None = None,
    ) -> tuple[LayerNormOp, MatVec]:
        """A layer norm and the product that reads its output.

        Where one scale for all rows is about as good as one for each, it moves into the layer norm, whose output has
        as many bits as the product can take: then the sums need no scaling at all.
        """
        norm_name, weights = norm
        epsilon = self.model.config.epsilon
        uniform = self.uniform(name, linear)
        if uniform is not None:
            scale = float(uniform.scales[0])
            scaled = LayerNorm(weights.gamma * np.float32(scale), weights.beta * np.float32(scale))
            codes = uniform.without_scale()
            kernel = self.weights.kernel_of(name) or choose_kernel(codes, source)
            most = InputLimits(codes, KERNELS[kernel]).most
            for bits in (bit_length(most), bit_length(most) - 1):
                ln = LayerNormOp(norm_name, source, "normed", scaled, epsilon, bits)
                if ln.output.bound <= most:
                    product = MatVec(name, ln.output, target, codes, linear.bias, fraction, kernel)
                    return ln, product
        codes = self.quantized(name, linear)
        kernel = self.weights.kernel_of(name) or choose_kernel(codes, source)
        bits = InputLimits(codes, KERNELS[kernel]).bits
        # With so many bits, the layer norm's own output will do; with fewer it is scaled to its largest element.
        ln = LayerNormOp(norm_name, source, "normed", weights, epsilon, bits if bits >= ENOUGH_BITS else OUTPUT_BITS)
        return ln, MatVec(name, ln.output, target, codes, linear.bias, fraction, kernel)

    def uniform(self, name: str, linear: Linear) -> QuantizedMatrix | None:
        """The matrix with one scale for all rows, where that is hardly worse than one for each."""
        if name not in self._uniform:
            form = self.weights.format_of(name)
            found = form.quantize_uniform(linear.weight)
            by_row = self.quantized(name, linear)
            good = found.mantissas[0] > 0 and found.error(linear.weight) <= UNIFORM_LOSS * by_row.error(linear.weight)
            self._uniform[name] = found if good else None
        return self._uniform[name]

    def quantized(self, name: str, linear: Linear) -> QuantizedMatrix:
        """The matrix in the format that was chosen for it, with a scale for each row."""
        if name not in self._quantized:
            self._quantized[name] = self.weights.format_of(name).quantize(linear.weight)
        return self._quantized[name]

    def block(self, name: str, block: Block, x: Vector) -> list[Op]:
        """The ops of a transformer block; the residual stream's format is that of `x`."""
        config = self.model.config
        norm = (f"{name}.ln_1", block.ln_1)
        ln_1, qkv = self.normed_product(norm, x, f"{name}.attn_qkv", "qkv", block.attn_qkv)
        attention = Attention(f"{name}.attention", qkv.output, "mixed", config.heads, config.context)
        attn_out = self.product(f"{name}.attn_out", attention.output, "update", block.attn_out, x.fraction)
        attn_add = Add(f"{name}.attn_add", x, attn_out.output)
        norm = (f"{name}.ln_2", block.ln_2)
        ln_2, mlp_in = self.normed_product(
            norm, attn_add.output, f"{name}.mlp_in", "hidden", block.mlp_in, wanted_fraction(config.activation)
        )
        activation = Activation(f"{name}.activation", mlp_in.output, config.activation)
        mlp_out = self.product(f"{name}.mlp_out", activation.output, "update", block.mlp_out, x.fraction)
        mlp_add = Add(f"{name}.mlp_add", attn_add.output, mlp_out.output)
        return [ln_1, qkv, attention, attn_out, attn_add, ln_2, mlp_in, activation, mlp_out, mlp_add]
