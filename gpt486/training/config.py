"""What a training run is: sizes of the model, the text, and how it is optimized."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from gpt486.training.errors import TrainingError


@dataclass(frozen=True)
class ModelConfig:
    """Sizes of a GPT-2. `width` is the residual stream; every head has width / heads dimensions; the head is tied."""

    layers: int = 4
    heads: int = 4
    width: int = 128
    context: int = 256
    vocabulary: int = 1024

    def check(self) -> None:
        """Raise TrainingError for sizes that make no model."""
        for field in fields(self):
            if getattr(self, field.name) < 1:
                raise TrainingError(f"{field.name} must be at least 1, not {getattr(self, field.name)}")
        if self.width % self.heads:
            raise TrainingError(f"the width {self.width} cannot be divided among {self.heads} heads")
        if self.vocabulary < 257:
            raise TrainingError(f"a vocabulary of {self.vocabulary} is too small: 256 bytes and <|endoftext|> make 257")
        if self.vocabulary > 65536:
            raise TrainingError(f"a vocabulary of {self.vocabulary} is too large: tokens are kept as 16-bit numbers")


@dataclass(frozen=True)
class TrainConfig:
    """A training run. The same configuration on the same machine gives the same weights, bit for bit."""

    model: ModelConfig = ModelConfig()
    stories: int = 150_000  # for training
    held_out: int = 1_000  # for validation
    story_seed: int = 486
    tokenizer_stories: int = 20_000  # the first ones, from which the merges are learned
    steps: int = 8_000
    batch: int = 16  # windows of `context` tokens
    lr: float = 3e-3
    lr_end: float = 0.02  # as a share of lr
    warmup: int = 200  # steps
    weight_decay: float = 0.1
    beta1: float = 0.9
    beta2: float = 0.95
    clip: float = 1.0  # norm of the gradient
    seed: int = 486
    device: str = "auto"
    threads: int = 0  # 0: as many as PyTorch likes
    precision: str = "auto"  # of the products: float32, bfloat16, or auto: bfloat16 where the hardware has it
    evaluate_every: int = 500  # steps
    save_every: int = 500  # steps

    def check(self) -> None:
        """Raise TrainingError for values that make no run."""
        self.model.check()
        for name in ("stories", "held_out", "tokenizer_stories", "steps", "batch", "evaluate_every", "save_every"):
            if getattr(self, name) < 1:
                raise TrainingError(f"{name} must be at least 1, not {getattr(self, name)}")
        if self.precision not in ("auto", "float32", "bfloat16"):
            raise TrainingError(f"the precision must be auto, float32 or bfloat16, not {self.precision}")
        if not self.lr > 0:
            raise TrainingError(f"the learning rate must be greater than 0, not {self.lr}")

    def to_dict(self) -> dict[str, Any]:
        """As JSON writes it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "TrainConfig":
        """The inverse of `to_dict`."""
        return cls(**{**data, "model": ModelConfig(**data["model"])})

    def model_lr(self, step: int) -> float:
        """The learning rate of a step (counted from 0): linear warm-up, then half a cosine down to lr * lr_end."""
        from math import cos, pi

        if step < self.warmup:
            return self.lr * (step + 1) / self.warmup
        done = (step - self.warmup) / max(1, self.steps - self.warmup)
        return self.lr * (self.lr_end + (1 - self.lr_end) * 0.5 * (1 + cos(pi * min(1.0, done))))
