"""The memory plan: every byte that the program will use, decided before anything is emitted.

The vectors of a step share one workspace: a vector lives from the op that writes it to the last op that reads it, and
vectors that never live at the same time may lie at the same place. Everything else is taken once, at start-up, and
kept: see `Region`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gpt486.kernels.base import TABLE_BYTES
from gpt486.lower.program import Program
from gpt486.lower.weights import ALL_INT8, WeightChoice, least_matrix_bytes
from gpt486.models.config import GPT2Config, ModelError
from gpt486.ops import attention
from gpt486.ops.base import Vector
from gpt486.quantize.pairs import TILE, pairing

ALIGNMENT = 16
PAGE = 256
"""Bytes of one lookup table, which must begin at a multiple of it."""

MEGABYTE = 1 << 20
OUTSIDE = MEGABYTE + 0x10000
"""The first megabyte is DOS's; the 64 KB above it are the high memory area."""

PROGRAM_RESERVE = 256 << 10
"""Bytes set aside for the program's own code, data and stack."""

TYPICAL_VOCABULARY_BYTES = 24
TYPICAL_LONGEST_TOKEN = 12
"""Bytes of the tokenizer's tables for each token, and of the longest token, where only the sizes are known."""

PURPOSES = ("weights", "kv_cache", "activations", "tables", "vocabulary", "buffers")


@dataclass(frozen=True)
class Region:
    """A piece of memory that the program takes at start-up: its name in the BASIC program, purpose and bytes."""

    name: str
    purpose: str
    bytes: int


@dataclass(frozen=True)
class Slot:
    """A vector's place in the workspace, both numbers in Longs."""

    offset: int
    length: int


@dataclass(frozen=True)
class MemoryPlan:
    """All memory of the program.

    Attributes:
        regions: what is taken at start-up, in order.
        slots: the workspace's vectors by buffer name.
        workspace: Longs of the workspace.
        token: Longs from a vector of a step's first token to that of the second one.
        separate: Longs that the vectors would take without sharing.
        prompt_bytes: longest prompt that can fit into the context.
    """

    regions: tuple[Region, ...]
    slots: dict[str, Slot]
    workspace: int
    token: int
    separate: int
    prompt_bytes: int

    @property
    def by_purpose(self) -> dict[str, int]:
        """Bytes for each purpose."""
        return {p: sum(r.bytes for r in self.regions if r.purpose == p) for p in PURPOSES}

    @property
    def total(self) -> int:
        """Bytes of all regions."""
        return sum(region.bytes for region in self.regions)

    def region(self, name: str) -> Region:
        """The region of a name."""
        return next(region for region in self.regions if region.name == name)


def plan_memory(program: Program, *, model_bytes: int, vocabulary_bytes: int, longest_token: int) -> MemoryPlan:
    """Plan the memory of a program.

    Args:
        program: the lowered model.
        model_bytes: weights and records: what is loaded of MODEL.BIN.
        vocabulary_bytes: what is loaded of VOCAB.BIN.
        longest_token: bytes of the longest token.
    """
    config = program.config
    slots, workspace, token = _share(program)
    matrices = list(program.products())
    prompt_bytes = config.context * longest_token
    lookup = max(op.table_bytes for op in matrices)
    columns = max(op.cut.columns for op in matrices)
    tokens = program.tokens_at_once
    regions = _regions(config, lookup, columns, model_bytes, vocabulary_bytes, workspace, prompt_bytes, tokens)
    separate = sum(slot.length for slot in slots.values())
    return MemoryPlan(regions, slots, workspace, token, separate, prompt_bytes)


def _regions(
    config: GPT2Config,
    lookup: int,
    columns: int,
    model_bytes: int,
    vocabulary_bytes: int,
    workspace: int,
    prompt_bytes: int,
    tokens: int,
) -> tuple[Region, ...]:
    """What the program takes, in the order of taking (basic_templates/units/load.bas).

    Args:
        config: the sizes.
        lookup: bytes of lookup tables.
        columns: of the widest matrix, padding included.
        model_bytes: weights and records.
        vocabulary_bytes: the tokenizer's tables.
        workspace: Longs of the workspace.
        prompt_bytes: longest prompt that can fit into the context.
        tokens: how many a step takes.
    """
    heads = config.layers * config.heads
    cut = pairing(config.head_width)
    tiles = -(-config.context // TILE)
    lookup = max(lookup, PAGE * cut.tables)

    def region(name: str, purpose: str, size: int) -> Region:
        return Region(name, purpose, -(-size // ALIGNMENT) * ALIGNMENT)

    return (
        # The lookup tables come first: the arena begins at a page, and so must they.
        region("lookup", "tables", -(-max(lookup, 1) // PAGE) * PAGE),
        # The products of attention take a stretch of pages anywhere, but within 64 KB.
        region("level_pages", "tables", PAGE * (2 * attention.PAGES - 1)),
        region("level_weights", "tables", 4 * attention.PAGES),
        region("kv_cache", "kv_cache", tiles * heads * cut.block),
        region("key_exponents", "kv_cache", heads * cut.columns),
        region("value_exponents", "kv_cache", heads * cut.columns),
        region("workspace", "activations", 4 * workspace),
        region("narrowed", "activations", 4 * max(columns, config.width) * tokens),
        # A second-level cache is direct-mapped: what is seldom read comes last, so that the rest lies together.
        region("model", "weights", model_bytes),
        region("history", "buffers", 4 * config.context),
        region("candidates", "buffers", 8 * config.vocabulary),
        region("vocabulary", "vocabulary", vocabulary_bytes),
        region("prompt", "buffers", prompt_bytes + 1),
        # Held only while the prompt is encoded.
        region("symbols", "buffers", 4 * prompt_bytes),
        region("symbol_rules", "buffers", 4 * prompt_bytes),
    )


def _share(program: Program) -> tuple[dict[str, Slot], int, int]:
    """Give each buffer a place: the largest first, each at the lowest offset free during its whole life.

    What only the final ops use comes last: a step that has two tokens has no final ops, so that the vectors of the
    second one may lie there. Returns the places, all Longs, and those of one token in the blocks.
    """
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    length: dict[str, int] = {}
    # All blocks use the same buffers in the same way, and the residual stream lives through all of them.
    ops = [program.embed, *program.blocks[0], *program.final]
    for time, op in enumerate(ops):
        touched: tuple[Vector, ...] = (*op.inputs, op.output)
        for vector in touched:
            first.setdefault(vector.buffer, time)
            last[vector.buffer] = time
            length[vector.buffer] = max(length.get(vector.buffer, 0), vector.length)
    slots: dict[str, Slot] = {}
    step = ALIGNMENT // 4
    last_of_blocks = len(program.blocks[0])
    for name in sorted(length, key=lambda n: (first[n] > last_of_blocks, -length[n], first[n])):
        rivals = sorted(
            (s.offset, s.length)
            for other, s in slots.items()
            if first[name] <= last[other] and first[other] <= last[name]
        )
        offset = 0
        for start, size in rivals:
            if offset + length[name] <= start:
                break
            offset = max(offset, -(-(start + size) // step) * step)
        slots[name] = Slot(offset, length[name])
    ends = {name: -(-(slot.offset + slot.length) // step) * step for name, slot in slots.items()}
    token = max(end for name, end in ends.items() if first[name] <= last_of_blocks)
    total = max(*ends.values(), token * program.tokens_at_once)
    return dict(sorted(slots.items(), key=lambda item: item[1].offset)), total, token


def fits(regions: Sequence[Region], memory_bytes: int) -> bool:
    """Whether a plan fits into a PC with so much memory."""
    return sum(region.bytes for region in regions) <= memory_bytes - OUTSIDE - PROGRAM_RESERVE


def check_fits(
    config: GPT2Config,
    name: str,
    memory_bytes: int,
    regions: Sequence[Region] | None = None,
    weights: WeightChoice = ALL_INT8,
) -> None:
    """Refuse a model that cannot fit: say who asks for how much, who holds the rest, and what would fit.

    Args:
        config: the sizes; `config.context` is the context asked for.
        name: the model's name, for the message.
        memory_bytes: all memory of the PC.
        regions: the plan's, when it is known; estimated from the sizes otherwise.
        weights: the formats, for the estimates.

    Raises:
        ModelError: it does not fit.
    """
    room = max(0, memory_bytes - OUTSIDE - PROGRAM_RESERVE)
    if regions is None:
        regions = estimate_regions(config, weights)
    needed = sum(region.bytes for region in regions)
    if needed <= room:
        return
    left = room
    held = dict.fromkeys(PURPOSES, 0)
    for region in regions:
        if region.bytes > left:
            break
        left -= region.bytes
        held[region.purpose] += region.bytes
    holders = {purpose.replace("_", " "): size for purpose, size in held.items() if size >= MEGABYTE // 20}
    holders["DOS and the program"] = memory_bytes - room
    message = (
        f"{name} needs {_megabytes(needed)}; a PC with {memory_bytes // MEGABYTE} MB has {_megabytes(room)} for it. "
        f"There is no memory for {region.name}: it asks for {_megabytes(region.bytes)} "
        f"({region.purpose.replace('_', ' ')}), {_megabytes(left)} are left; the rest is held by "
        + ", ".join(f"{who} {_megabytes(size)}" for who, size in holders.items())
        + ". "
    )
    context = max(
        (c for c in _halvings(config.context) if estimate_bytes(replace(config, context=c), weights) <= room),
        default=0,
    )
    layers = max(
        (n for n in range(config.layers) if estimate_bytes(replace(config, layers=n), weights) <= room), default=0
    )
    if context:
        message += f"It would fit with a context of {context} (-c {context})."
    elif layers:
        message += f"With {layers} of its {config.layers} layers, all else the same, a model would fit."
    else:
        message += (
            f"Even one layer takes {_megabytes(estimate_bytes(replace(config, layers=1), weights))} "
            f"at width {config.width} with {config.vocabulary:,} tokens; "
            "a narrower model or a smaller vocabulary is needed."
        )
    raise ModelError(message)


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.1f} MB"


def smallest_pc(total: int) -> int:
    """Megabytes of the smallest PC that holds a plan of `total` bytes, as PCs were sold: 2, 4, 8, 16, 32."""
    needed = total + OUTSIDE + PROGRAM_RESERVE
    return next((size for size in (2, 4, 8, 16, 32) if size * MEGABYTE >= needed), -(-needed // MEGABYTE))


def _halvings(context: int) -> list[int]:
    sizes = []
    while context >= 32:
        context //= 2
        sizes.append(context)
    return sizes


def estimate_bytes(config: GPT2Config, weights: WeightChoice = ALL_INT8) -> int:
    """Bytes that a model of these sizes takes at least, from its shapes alone (within a few per cent of the plan)."""
    return sum(region.bytes for region in estimate_regions(config, weights))


def estimate_regions(config: GPT2Config, weights: WeightChoice = ALL_INT8) -> tuple[Region, ...]:
    """The plan that a model of these sizes would have with the smallest kernels, from its shapes alone."""
    width, inner = config.width, config.inner

    embeddings = 2 * (config.vocabulary + config.context) * width
    model = config.layers * 16 * width + embeddings + least_matrix_bytes(config, weights)
    workspace = 2 * width + max(config.vocabulary, inner, 4 * width)
    return _regions(
        config,
        TABLE_BYTES,
        max(width, inner),
        model,
        TYPICAL_VOCABULARY_BYTES * config.vocabulary,
        workspace,
        TYPICAL_LONGEST_TOKEN * config.context,
        1,
    )
