"""The model that ships: its size, its files, and that it still writes the stories it was trained to write."""

import json
from pathlib import Path

import pytest

from gpt486.tokenizers import ByteLevelBPE

SHIPPED = Path(__file__).parents[3] / "weights" / "stories-1m"


def test_it_is_small_enough_to_ship() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) <= 8 << 20
    config = json.loads((SHIPPED / "config.json").read_text())
    assert (config["n_layer"], config["n_head"], config["n_embd"], config["n_positions"]) == (4, 4, 128, 256)
    assert config["vocab_size"] == 1024


def test_its_tokenizer_is_the_one_that_the_stories_give() -> None:
    pytest.importorskip("torch")
    from gpt486.training.config import TrainConfig
    from gpt486.training.data import learn_tokenizer

    config = TrainConfig.from_dict(json.loads((SHIPPED / "config.json").read_text())["gpt486"]["training"])
    shipped, learned = ByteLevelBPE.load(SHIPPED), learn_tokenizer(config)
    assert shipped.tokens == learned.tokens
    assert shipped.merges == learned.merges


def test_its_loss_on_held_out_stories() -> None:
    torch = pytest.importorskip("torch")
    from gpt486.training.checkpoint import load_exported
    from gpt486.training.data import encode_stories
    from gpt486.training.loop import held_out_loss
    from gpt486.training.stories import stories

    model, tokenizer, _ = load_exported(SHIPPED)
    assert model.parameter_count() == 957_184
    tokens = encode_stories(tokenizer, stories(60, 486, "held-out"), 256)
    assert held_out_loss(model, tokens) < MOST_NATS_PER_TOKEN
    assert all(bool(torch.isfinite(p).all()) for p in model.parameters())


MOST_NATS_PER_TOKEN = 0.68
