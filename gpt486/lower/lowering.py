"""From a GPT-2 model in floats to a checked program of integer ops."""

from __future__ import annotations

from dataclasses import replace

from gpt486.errors import Gpt486Error
from gpt486.lower.program import Program
from gpt486.models import GPT2, Block, ModelError
from gpt486.ops.activation import Activation, wanted_fraction
from gpt486.ops.add import Add
from gpt486.ops.arithmetic import RangeError
from gpt486.ops.attention import Attention
from gpt486.ops.base import Op, Vector
from gpt486.ops.embed import Embed
from gpt486.ops.layer_norm import LayerNormOp
from gpt486.ops.matvec import MatVec
from gpt486.quantize.int8 import quantize_rows

MAX_RESIDUAL_FRACTION = 16
MIN_RESIDUAL_FRACTION = 8


def lower(model: GPT2, context: int | None = None) -> Program:
    """Lower a model to integer ops.

    The residual stream gets as many fraction bits as its proven range leaves, the same number throughout; every
    other format follows from the ranges on the way.

    Args:
        model: the float model.
        context: positions that the program keeps; the model's own number when None.

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
    for fraction in range(MAX_RESIDUAL_FRACTION, MIN_RESIDUAL_FRACTION - 1, -1):
        try:
            program = _Lowering(model, fraction).program()
        except RangeError as error:
            failure = error
            continue
        program.check()
        return program
    raise RangeError(f"{model.name} cannot be computed in 32-bit integers: {failure}")


class _Lowering:
    """One attempt, with a given number of fraction bits in the residual stream."""

    def __init__(self, model: GPT2, fraction: int) -> None:
        self.model = model
        self.fraction = fraction

    def program(self) -> Program:
        model, config = self.model, self.model.config
        embed = Embed("embed", model.wte, model.wpe, self.fraction)
        x = embed.output
        blocks = []
        for i, block in enumerate(model.blocks):
            ops = self.block(f"h.{i}", block, x)
            x = ops[-1].output
            blocks.append(tuple(ops))
        norm = LayerNormOp("ln_f", x, "normed", model.ln_f, config.epsilon)
        head = MatVec("lm_head", norm.output, "logits", quantize_rows(model.head), None)
        return Program(model.name, config, embed, tuple(blocks), (norm, head))

    def block(self, name: str, block: Block, x: Vector) -> list[Op]:
        config = self.model.config
        ln_1 = LayerNormOp(f"{name}.ln_1", x, "normed", block.ln_1, config.epsilon)
        qkv = MatVec(f"{name}.attn_qkv", ln_1.output, "qkv", quantize_rows(block.attn_qkv.weight), block.attn_qkv.bias)
        attention = Attention(f"{name}.attention", qkv.output, "mixed", config.heads, config.context)
        attn_out = MatVec(
            f"{name}.attn_out",
            attention.output,
            "update",
            quantize_rows(block.attn_out.weight),
            block.attn_out.bias,
            self.fraction,
        )
        attn_add = Add(f"{name}.attn_add", x, attn_out.output)
        ln_2 = LayerNormOp(f"{name}.ln_2", attn_add.output, "normed", block.ln_2, config.epsilon)
        mlp_in = MatVec(
            f"{name}.mlp_in",
            ln_2.output,
            "hidden",
            quantize_rows(block.mlp_in.weight),
            block.mlp_in.bias,
            wanted_fraction(config.activation),
        )
        activation = Activation(f"{name}.activation", mlp_in.output, config.activation)
        mlp_out = MatVec(
            f"{name}.mlp_out",
            activation.output,
            "update",
            quantize_rows(block.mlp_out.weight),
            block.mlp_out.bias,
            self.fraction,
        )
        mlp_add = Add(f"{name}.mlp_add", attn_add.output, mlp_out.output)
        return [ln_1, qkv, attention, attn_out, attn_add, ln_2, mlp_in, activation, mlp_out, mlp_add]
