"""How well the exact integer model agrees with the float model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpt486.lower.program import Program
from gpt486.models import GPT2
from gpt486.reference.exact import ExactSession
from gpt486.reference.floats import FloatSession


@dataclass(frozen=True)
class Agreement:
    """Figures over some text.

    Attributes:
        tokens: predictions that were compared.
        top1_agreement: share of predictions whose likeliest token is the same.
        max_abs_error: the largest difference of two logits.
        nll_float: mean negative log-likelihood of the next token under the float model, in nats.
        nll_exact: the same under the exact model.
    """

    tokens: int
    top1_agreement: float
    max_abs_error: float
    nll_float: float
    nll_exact: float


def measure_agreement(
    model: GPT2, program: Program, texts: Sequence[list[int]], progress: Callable[[int], None] = lambda done: None
) -> Agreement:
    """Compare the two models on texts.

    Args:
        model: the float model.
        program: the same model, lowered.
        texts: each a list of tokens no longer than the context; each is fed to fresh sessions.
        progress: called with the number of tokens done.
    """
    exact, floats = ExactSession(program), FloatSession(model)
    unit = 2.0**-program.logits.fraction
    same, worst, count, scored = 0, 0.0, 0, 0
    nll_float = nll_exact = 0.0
    for text in texts:
        exact.reset()
        floats.reset()
        for i, token in enumerate(text):
            ours = exact.step(token) * unit
            theirs = floats.step(token).astype(np.float64)
            same += int(ours.argmax() == theirs.argmax())
            worst = max(worst, float(np.abs(ours - theirs).max()))
            count += 1
            if i + 1 < len(text):
                nll_exact -= _log_probability(ours, text[i + 1])
                nll_float -= _log_probability(theirs, text[i + 1])
                scored += 1
            progress(count)
    return Agreement(count, same / max(count, 1), worst, nll_float / max(scored, 1), nll_exact / max(scored, 1))


def _log_probability(logits: NDArray[np.floating[Any]], token: int) -> float:
    shifted = logits - logits.max()
    return float(shifted[token] - np.log(np.exp(shifted).sum()))
