"""Text from a float model in PyTorch, many at once, with a key-value cache: for evaluation, not for the 486."""

import torch
from torch import Tensor
from torch.nn import functional

from gpt486.training.model import GPT2

Cache = list[tuple[Tensor, Tensor]]


def step(model: GPT2, ids: Tensor, position: int, cache: Cache) -> Tensor:
    """The logits [batch, vocabulary] behind new tokens ids [batch, time] at `position`; the cache grows by them."""
    t = model.transformer
    batch, time = ids.shape
    x = t.wte(ids) + t.wpe.weight[position : position + time]
    for number, block in enumerate(t.h):
        q, k, v = block.attn.c_attn(block.ln_1(x)).split(x.shape[2], dim=2)
        q, k, v = (s.view(batch, time, block.attn.heads, -1).transpose(1, 2) for s in (q, k, v))
        if number < len(cache):
            k = torch.cat((cache[number][0], k), dim=2)
            v = torch.cat((cache[number][1], v), dim=2)
            cache[number] = (k, v)
        else:
            cache.append((k, v))
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=time > 1)
        x = x + block.attn.c_proj(y.transpose(1, 2).reshape(batch, time, -1))
        x = x + block.mlp(block.ln_2(x))
    return functional.linear(t.ln_f(x[:, -1]), t.wte.weight)


def generate(
    model: GPT2, prompt: list[int], count: int, stop: int, *, temperature: float = 0.8, top_k: int = 40, seed: int = 0
) -> list[list[int]]:
    """`count` continuations of a prompt (at least one token, shorter than the context), up to the token `stop` or
    until the context is full. temperature <= 0 takes the likeliest token; top_k <= 0 draws from all."""
    context = model.config.context
    prompt = prompt[-(context - 1) :]
    random = torch.Generator().manual_seed(seed)
    cache: Cache = []
    done = torch.zeros(count, dtype=torch.bool)
    columns: list[Tensor] = []
    with torch.no_grad():
        logits = step(model, torch.tensor([prompt] * count), 0, cache)
        for position in range(len(prompt), context):
            if temperature <= 0:
                chosen = logits.argmax(dim=1)
            else:
                if 0 < top_k < logits.shape[1]:
                    floor = logits.topk(top_k, dim=1).values[:, -1:]
                    logits = logits.masked_fill(logits < floor, float("-inf"))
                chosen = torch.multinomial((logits / temperature).softmax(dim=1), 1, generator=random)[:, 0]
            columns.append(chosen)
            done |= chosen == stop
            if bool(done.all()):
                break
            logits = step(model, chosen[:, None], position, cache)
    rows = torch.stack(columns, dim=1).tolist()
    return [row[: row.index(stop)] if stop in row else row for row in rows]
