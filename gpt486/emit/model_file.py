"""MODEL.BIN: the records of all ops, the constant tables, and the weights that the records point into."""

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
        weights: what the records' offsets count into.
    """

    records: bytes
    tables: bytes
    weights: bytes

    @property
    def sections(self) -> dict[str, bytes]:
        """The contents by tag."""
        return {"RECS": self.records, "TABL": self.tables, "WGHT": self.weights}

    @property
    def bytes(self) -> int:
        """What they take in memory."""
        return len(self.records) + len(self.tables) + len(self.weights)


def lower_model_file(program: Program) -> ModelFile:
    """Lay out the records, tables and weights of a program."""
    blob = Blob()
    # Of the embeddings a token needs two rows, of everything else every byte: what is read together lies together, so
    # that a second-level cache as large as the weights holds them.
    ops = list(program.ops())
    packed = [op.pack(blob) for op in ops[1:]]
    records = b"".join([program.embed.pack(blob), *packed])
    tables = longs(exp2_table()) + gelu_table(program.config.activation).astype(np.uint8).tobytes() + norm_tables()
    return ModelFile(records, tables, blob.bytes())
