"""MODEL.BIN: the records of all ops, the constant tables, and the weights that the records point into.

Where products have another kernel on the other kind of CPU, their matrices are there in both forms, and so are the
records; the program loads one of the two, in front of the weights that both share.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gpt486.lower.program import Program
from gpt486.ops.activation import gelu_table
from gpt486.ops.base import Blob, longs
from gpt486.ops.exponential import exp2_table
from gpt486.ops.layer_norm import norm_tables


@dataclass(frozen=True)
class ModelFile:
    """The sections of MODEL.BIN.

    Attributes:
        records: the records of all ops, in the order of execution.
        tables: the powers of two (Longs), the bump of GELU (bytes), what layer norms look up.
        weights: what the records' offsets count into, after the room for the variants.
        variants: matrices of products that have another kernel on the other kind of CPU.
        other_records: the records for that kind; empty if it is all the same.
        other_variants: and those matrices.
    """

    records: bytes
    tables: bytes
    weights: bytes
    variants: bytes = b""
    other_records: bytes = b""
    other_variants: bytes = b""

    @property
    def sections(self) -> dict[str, bytes]:
        """The contents by tag."""
        found = {"RECS": self.records, "TABL": self.tables, "VARS": self.variants, "WGHT": self.weights}
        found |= {"REC2": self.other_records, "VAR2": self.other_variants}
        return {tag: content for tag, content in found.items() if content or tag in ("RECS", "TABL", "WGHT")}

    @property
    def room(self) -> int:
        """What the variants take in memory, whichever are loaded."""
        return max(len(self.variants), len(self.other_variants))

    @property
    def bytes(self) -> int:
        """What they take in memory."""
        return len(self.records) + len(self.tables) + self.room + len(self.weights)


def lower_model_file(program: Program) -> ModelFile:
    """Lay out the records, tables and weights of a program."""
    others = program.others
    variants, other_variants = Blob(), Blob()
    by_name = {op.name: op.pack(variants) for op in program.ops() if op.name in others}
    for_other = {name: op.pack(other_variants) for name, op in others.items()}
    blob = Blob(max(variants.size, other_variants.size))
    # Of the embeddings a token needs two rows, of everything else every byte: what is read together lies together, so
    # that a second-level cache as large as the weights holds them.
    ops = list(program.ops())
    by_name |= {op.name: op.pack(blob) for op in [*ops[1:], ops[0]] if op.name not in others}
    records = b"".join(by_name[op.name] for op in ops)
    other_records = b"".join({**by_name, **for_other}[op.name] for op in ops) if others else b""
    tables = longs(exp2_table()) + gelu_table(program.config.activation).astype(np.uint8).tobytes() + norm_tables()
    return ModelFile(records, tables, blob.bytes(), variants.bytes(), other_records, other_variants.bytes())
