"""The long checks behind the project's claims; `make check-all` runs them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gpt486.backends import dosboxed, native
from gpt486.build import BuildOptions, build, find_model, load_build, lower_model, lowered_of
from gpt486.compare import compare
from gpt486.models.random_model import write_random_model
from gpt486.reference.agreement import measure_agreement
from gpt486.training.stories import stories

pytestmark = pytest.mark.slow

TOKENS = 64
PROMPTS = {
    "none": b"",
    "words": b"It was raining when Mr. Finch's 2 dogs ran off.",
    "random bytes": bytes(np.random.default_rng(486).integers(0, 256, 20).astype(np.uint8)),
}


@pytest.fixture(scope="module", params=["shipped", "untied", "two layers"])
def acceptance_build(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("acceptance")
    if request.param == "shipped":
        directory = find_model(None)
    elif request.param == "untied":
        directory = folder / "untied"
        write_random_model(
            directory,
            layers=1,
            heads=3,
            width=36,
            context=48,
            vocabulary=300,
            tied=False,
            activation="relu",
            spread=0.2,
        )
    else:
        directory = folder / "two"
        write_random_model(
            directory, layers=2, heads=7, width=91, inner=150, context=80, vocabulary=777, biases=False, spread=0.3
        )
    build(directory, folder / "out", BuildOptions())
    return folder / "out"


@pytest.mark.parametrize("prompt", sorted(PROMPTS))
def test_every_machine_is_exact(acceptance_build: Path, prompt: str) -> None:
    facts = load_build(acceptance_build)
    wanted = ["emulator", *(["dosbox"] * dosboxed.available()), *(["fbc"] * native.available())]
    lowered = lowered_of(acceptance_build, facts)
    result = compare(acceptance_build, facts, lowered, PROMPTS[prompt], TOKENS, tuple(wanted))
    assert result.steps == TOKENS
    assert result.exact, result.backends


def test_the_integers_lose_next_to_nothing() -> None:
    """Top-1 agreement of at least 97 % and at most 0.01 nats a token, over 10,000 held-out tokens."""
    lowered, _ = lower_model(find_model(None))
    texts: list[list[int]] = []
    for story in stories(1000, split="held-out"):
        ids = [lowered.tokenizer.eot or 0, *lowered.tokenizer.encode(story.encode())]
        texts.append(ids[: lowered.program.config.context])
        if sum(map(len, texts)) >= 10_000:
            break
    result = measure_agreement(lowered.model, lowered.program, texts)
    assert result.tokens >= 10_000
    assert result.top1_agreement >= 0.97
    assert result.nll_exact - result.nll_float <= 0.01
