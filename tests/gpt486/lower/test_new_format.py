"""CONTRIBUTING.md's way to a new weight format, with one that is made here: it works from the model to the program."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gpt486.build import BuildOptions, build, load_build, lowered_of
from gpt486.compare import compare
from gpt486.models.gpt2 import Float
from gpt486.quantize.formats import FORMATS, WeightFormat
from gpt486.quantize.rows import QuantizedMatrix, assign


class Binary(WeightFormat):
    """-1 or 1, with the mean magnitude of a row as its scale."""

    name = "binary"
    meaning = "-1 or 1"
    kernels = ("ternary27", "ternary81_16", "subset64x2")
    input_bits = 7

    def quantize(self, weight: Float) -> QuantizedMatrix:
        """By the signs."""
        scales = np.abs(weight.astype(np.float64)).mean(axis=1)
        signs = np.where(weight < 0, -1.0, 1.0) * scales[:, None]
        return assign(self.name, signs.astype(np.float32), scales, -1, 1, up=False)


def test_a_new_format_works_from_the_model_to_the_program(
    awkward_models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FORMATS, "binary", Binary())
    build(awkward_models["untied-relu"], tmp_path, BuildOptions(weights="binary,lm_head=int8"))
    facts = load_build(tmp_path)
    formats = {op["name"]: op["format"] for op in facts["ops"] if op["op"] == "matvec"}
    assert formats["h.0.mlp_in"] == "binary"
    assert formats["lm_head"] == "int8"
    result = compare(tmp_path, facts, lowered_of(tmp_path, facts), b"The old dog", 3, ("emulator",))
    assert len(result.backends) == 3
    assert result.exact, result.backends
