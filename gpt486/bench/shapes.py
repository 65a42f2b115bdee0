"""The shapes of models that `gpt486 bench` measures, with random weights."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from gpt486.models.random_model import write_random_model


@dataclass(frozen=True)
class Shape:
    """Sizes of a GPT-2."""

    layers: int
    width: int
    heads: int
    inner: int
    vocabulary: int
    context: int

    @property
    def weights(self) -> int:
        """Multiply-accumulates of a token, those of attention aside."""
        block = 4 * self.width * self.width + 2 * self.width * self.inner
        return self.layers * block + self.vocabulary * self.width

    def write(self, directory: Path, seed: int = 486) -> None:
        """Write a model of this shape with random weights."""
        write_random_model(directory, **asdict(self), seed=seed)


SHAPES = {
    "260k": Shape(5, 64, 8, 256, 512, 512),
    "463k": Shape(2, 48, 4, 192, 4096, 192),
    "8m": Shape(8, 256, 8, 1024, 4096, 256),
}
"""260k: the sizes of stories260K, with a plain MLP; 463k: gpt2-basic's; 8m: eight million weights."""
