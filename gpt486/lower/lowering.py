"""From a GPT-2 model in floats to a checked program of integer ops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from emulator.profiles import DEFAULT_CPU, CpuProfile, find_profile
from gpt486.errors import Gpt486Error
from gpt486.lower.choose import Chooser
from gpt486.lower.cost import CostModel
from gpt486.lower.products import Products, Quantizer
from gpt486.lower.program import Program, number_kernels, pair_tokens
from gpt486.lower.second_choice import other_kind, second_choices
from gpt486.lower.weights import ALL_INT8, WeightChoice, matrix_bytes
from gpt486.models import GPT2, Block, ModelError
from gpt486.models.gpt2 import Linear
from gpt486.ops.activation import Activation, wanted_fraction
from gpt486.ops.add import Add
from gpt486.ops.arithmetic import RangeError
from gpt486.ops.attention import Attention
from gpt486.ops.base import Op, Vector
from gpt486.ops.embed import Embed

MAX_RESIDUAL_FRACTION = 16
MIN_RESIDUAL_FRACTION = 8


def lower(
    model: GPT2,
    context: int | None = None,
    weights: WeightChoice = ALL_INT8,
    machine: CpuProfile | None = None,
    price: float = 0.0,
    quantizer: Quantizer | None = None,
) -> Program:
    """Lower a model to integer ops.

    The residual stream gets as many fraction bits as its proven range leaves, the same number throughout; every
    other format follows from the ranges on the way.

    Args:
        model: the float model.
        context: positions that the program keeps; the model's own number when None.
        weights: the format of each matrix.
        machine: the 486 that kernels are chosen for; a 486DX2-66 when None.
        price: clocks of a token that a byte of memory is worth, when kernels are chosen.
        quantizer: of the same formats, where the model is lowered more than once.

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
    target = find_profile(DEFAULT_CPU) if machine is None else machine
    chooser = Chooser(CostModel(target, matrix_bytes(model.config, weights)), price)
    lowering = _Lowering(model, Products(quantizer or Quantizer(weights), chooser, model.config.epsilon))
    for fraction in range(MAX_RESIDUAL_FRACTION, MIN_RESIDUAL_FRACTION - 1, -1):
        try:
            program = lowering.program(fraction)
        except RangeError as error:
            failure = error
            continue
        program.check()
        others = second_choices(program, CostModel(other_kind(target), matrix_bytes(model.config, weights)))
        return number_kernels(replace(program, others=others))
    raise RangeError(f"{model.name} cannot be computed in 32-bit integers: {failure}")


class _Lowering:
    """Attempts with different numbers of fraction bits in the residual stream."""

    def __init__(self, model: GPT2, products: Products) -> None:
        self.model = model
        self.products = products

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
        norm, head = self.products.normed(("ln_f", model.ln_f), x, "lm_head", "logits", linear)
        return pair_tokens(Program(model.name, config, embed, tuple(blocks), (norm, head)))

    def block(self, name: str, block: Block, x: Vector) -> list[Op]:
        """The ops of a transformer block; the residual stream's format is that of `x`."""
        config = self.model.config
        norm = (f"{name}.ln_1", block.ln_1)
        ln_1, qkv = self.products.normed(norm, x, f"{name}.attn_qkv", "qkv", block.attn_qkv)
        attention = Attention(f"{name}.attention", qkv.output, "mixed", config.heads, config.context)
        attn_out = self.products.product(f"{name}.attn_out", attention.output, "update", block.attn_out, x.fraction)
        attn_add = Add(f"{name}.attn_add", x, attn_out.output)
        norm = (f"{name}.ln_2", block.ln_2)
        ln_2, mlp_in = self.products.normed(
            norm, attn_add.output, f"{name}.mlp_in", "hidden", block.mlp_in, wanted_fraction(config.activation)
        )
        activation = Activation(f"{name}.activation", mlp_in.output, config.activation)
        mlp_out = self.products.product(f"{name}.mlp_out", activation.output, "update", block.mlp_out, x.fraction)
        mlp_add = Add(f"{name}.mlp_add", attn_add.output, mlp_out.output)
        return [ln_1, qkv, attention, attn_out, attn_add, ln_2, mlp_in, activation, mlp_out, mlp_add]
