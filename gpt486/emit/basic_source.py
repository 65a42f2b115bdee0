"""GPT.BAS: the templates filled in."""

from __future__ import annotations

import re
from dataclasses import dataclass

import jinja2

import gpt486
from emulator.profiles import DEFAULT_CPU, find_profile
from gpt486.emit import sections
from gpt486.emit.kernels import kernel_renderer
from gpt486.emit.lines import align_comments, wrap
from gpt486.emit.matvec import matvec_values
from gpt486.emit.model_file import ModelFile
from gpt486.emit.vocabulary import Vocabulary
from gpt486.lower.memory import PURPOSES, MemoryPlan, smallest_pc
from gpt486.lower.program import Program
from gpt486.models import GPT2
from gpt486.ops import activation, exponential
from gpt486.ops.attention import template_values
from gpt486.ops.base import Field, Op
from gpt486.ops.layer_norm import LayerNormOp, NormKernel
from gpt486.ops.matvec import MatVec
from gpt486.paths import ASM, TEMPLATES
from gpt486.reference import sampling


@dataclass(frozen=True)
class Call:
    """An op's line of BASIC, and the vector that it leaves.

    Attributes:
        code: the line, for a step of one token.
        at: the line for one token of several, whose vectors lie `at` Longs behind those of the first one.
        two: whether the op takes all tokens of a step at once, `tokens` being its last argument.
        output: name of the vector.
        length: its elements.
    """

    code: str
    at: str
    two: bool
    output: str
    length: int


@dataclass(frozen=True)
class RecordType:
    """A BASIC Type of op records."""

    name: str
    fields: tuple[Field, ...]


def plain_name(name: str) -> str:
    """A model's name as it may stand in BASIC source: what is not plain ASCII becomes an underscore."""
    return re.sub(r"[^A-Za-z0-9 ._+-]", "_", name)[:60]


def _call(op: Op, record: str) -> Call:
    two = isinstance(op, MatVec) and op.two
    return Call(op.call(record), op.call(record, "at"), two, op.output.buffer, op.output.length)


def render_basic(
    model: GPT2,
    program: Program,
    plan: MemoryPlan,
    vocabulary: Vocabulary,
    model_file: ModelFile,
    *,
    build_number: int,
    end_of_text: int | None,
    app: str,
    assembly: bool,
    cpu: str = DEFAULT_CPU,
) -> str:
    """Write GPT.BAS.

    Args:
        model: the float model, for its name and size.
        program: the lowered model.
        plan: its memory.
        vocabulary: the tokenizer's tables.
        model_file: the sections of MODEL.BIN.
        build_number: what MODEL.BIN and VOCAB.BIN carry.
        end_of_text: the token that begins and ends a text.
        app: name of the application in basic_templates/apps/.
        assembly: whether assembly takes the place of the BASIC twins.
        cpu: the machine that the kernels were chosen for.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([str(TEMPLATES), str(ASM / "kernels"), str(ASM)]),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
    block = program.blocks[0]
    ops = [program.embed, *block, *program.final]
    records = {op.RECORD: RecordType(op.RECORD, tuple(op.FIELDS)) for op in ops if op.FIELDS}
    products = matvec_values(list(program.products()))
    norms = [op for op in program.ops() if isinstance(op, LayerNormOp)]
    constants = {
        "gelu_entries": activation.GELU_ENTRIES,
        "embed_shift": program.embed.shift,
        "norm": NormKernel(
            norms[0].length, uniform=all(op.uniform for op in norms), biased=any(op.biased for op in norms)
        ),
    }
    attend = template_values(program.config.head_width, program.config.heads, program.config.layers)
    tokens = {"tokens_at_once": program.tokens_at_once, "token_longs": plan.token}
    text = environment.get_template("gpt.bas").render(
        title=f"gpt486: {plain_name(model.name)}",
        version=gpt486.__version__,
        model_name=plain_name(model.name),
        parameters=model.parameters,
        config=program.config,
        plan=plan,
        purposes=PURPOSES,
        pc_megabytes=smallest_pc(plan.total),
        end_of_text=-1 if end_of_text is None else end_of_text,
        logit_fraction=program.logits.fraction,
        build_number=build_number,
        file_version=sections.VERSION,
        assembly=assembly,
        op_units=list(dict.fromkeys(op.KIND for op in ops)),
        records=list(records.values()),
        block_records=[op for op in block if op.FIELDS],
        final_records=[op for op in program.final if op.FIELDS],
        table_longs=len(model_file.tables) // 4,
        weight_bytes=len(model_file.weights),
        variant_bytes=len(model_file.variants),
        other_variant_bytes=len(model_file.other_variants),
        variant_room=model_file.room,
        for_multiplied=find_profile(cpu).multiplied,
        exp_limit=exponential.LIMIT,
        exp_correction=exponential.CORRECTION,
        sampling=sampling,
        kernel=kernel_renderer(environment, **products, **constants, **attend, **tokens),
        **tokens,
        **products,
        **constants,
        **attend,
        embed_call=_call(program.embed, "@model->embed"),
        block_calls=[_call(op, f"@b->{op.member}") for op in block],
        final_calls=[_call(op, f"@model->{op.member}") for op in program.final],
        vocabulary=vocabulary,
        app=app,
    )
    lines = align_comments([part for line in text.splitlines() for part in wrap(line.rstrip())])
    compact = [line for i, line in enumerate(lines) if line or (i > 0 and lines[i - 1])]
    return "\n".join(compact).strip() + "\n"
