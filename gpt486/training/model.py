"""GPT-2 in plain PyTorch, with Hugging Face's parameter names, so that a state dict is a checkpoint of theirs."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from gpt486.training.config import ModelConfig


class Conv1D(nn.Module):  # type: ignore[misc]
    """GPT-2's affine layer: y = x @ weight + bias, with weight [in, out]."""

    def __init__(self, inputs: int, outputs: int, deviation: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(inputs, outputs) * deviation)
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """[..., in] to [..., out]."""
        return torch.addmm(self.bias, x.reshape(-1, x.shape[-1]), self.weight).reshape(*x.shape[:-1], -1)


class Attention(nn.Module):  # type: ignore[misc]
    """Causal self-attention with several heads."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.c_attn = Conv1D(config.width, 3 * config.width, 0.02)
        self.c_proj = Conv1D(config.width, config.width, 0.02 / (2 * config.layers) ** 0.5)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, time, width] to the same."""
        batch, time, width = x.shape
        q, k, v = self.c_attn(x).split(width, dim=2)  # each [batch, time, width]
        q, k, v = (t.view(batch, time, self.heads, -1).transpose(1, 2) for t in (q, k, v))  # [batch, head, time, d]
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.c_proj(y.transpose(1, 2).reshape(batch, time, width))


class FeedForward(nn.Module):  # type: ignore[misc]
    """The two-layer network of a block, four times as wide inside, with GELU in its tanh form (`gelu_new`)."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.c_fc = Conv1D(config.width, 4 * config.width, 0.02)
        self.c_proj = Conv1D(4 * config.width, config.width, 0.02 / (2 * config.layers) ** 0.5)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, time, width] to the same."""
        return self.c_proj(functional.gelu(self.c_fc(x), approximate="tanh"))


class Block(nn.Module):  # type: ignore[misc]
    """Layer norm before each half, residual connections around them."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.width)
        self.attn = Attention(config)
        self.ln_2 = nn.LayerNorm(config.width)
        self.mlp = FeedForward(config)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, time, width] to the same."""
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class Transformer(nn.Module):  # type: ignore[misc]
    """Everything below the head."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.wte = nn.Embedding(config.vocabulary, config.width)
        self.wpe = nn.Embedding(config.context, config.width)
        self.h = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.ln_f = nn.LayerNorm(config.width)
        nn.init.normal_(self.wte.weight, std=0.02)
        nn.init.normal_(self.wpe.weight, std=0.01)

    def forward(self, ids: Tensor) -> Tensor:
        """Token ids [batch, time] to [batch, time, width]."""
        x = self.wte(ids) + self.wpe.weight[: ids.shape[1]]
        for block in self.h:
            x = block(x)
        return self.ln_f(x)


class GPT2(nn.Module):  # type: ignore[misc]
    """GPT-2 with its head tied to the token embedding."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.transformer = Transformer(config)

    def forward(self, ids: Tensor) -> Tensor:
        """Token ids [batch, time] to logits [batch, time, vocabulary]."""
        return functional.linear(self.transformer(ids), self.transformer.wte.weight)

    def loss(self, windows: Tensor) -> Tensor:
        """The mean loss in nats per token over windows [batch, time + 1] of token ids."""
        logits = self(windows[:, :-1])
        return functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), windows[:, 1:].reshape(-1))

    def parameter_count(self) -> int:
        """How many numbers the model has; the tied head counts once."""
        return sum(p.numel() for p in self.parameters())
