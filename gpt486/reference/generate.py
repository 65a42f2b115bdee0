"""The generation loop, exactly as the program runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from gpt486.errors import Gpt486Error
from gpt486.ops.arithmetic import Int
from gpt486.ops.base import Op
from gpt486.reference.exact import ExactSession
from gpt486.reference.sampling import Sampler, Sampling


class PromptError(Gpt486Error):
    """A prompt that cannot be continued."""


@dataclass
class Generation:
    """What a run of the exact model gave.

    Attributes:
        tokens: the new tokens.
        steps: (token fed, position, logits) of each step whose logits were computed.
        numbers: the number of each of these steps among all, counted from 0.
    """

    tokens: list[int] = field(default_factory=list)
    steps: list[tuple[int, int, Int]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)


def generate(
    session: ExactSession,
    prompt: list[int],
    count: int,
    *,
    end_of_text: int | None,
    sampling: Sampling | None = None,
    ignore_end: bool = False,
    trace_step: int | None = None,
    trace: Callable[[Op, Int], None] | None = None,
    on_token: Callable[[int], None] | None = None,
) -> Generation:
    """Continue a prompt.

    Args:
        session: a fresh session of the program.
        prompt: its tokens; when empty, the end-of-text token takes their place.
        count: how many tokens to write at most.
        end_of_text: the token that ends a text, or None.
        sampling: how to choose tokens; greedy when None.
        ignore_end: go on after the end-of-text token.
        trace_step: the step, counted from 0 over all steps, whose vectors go to `trace`.
        trace: called with each op of that step and its output.
        on_token: called with each new token.

    Raises:
        PromptError: the prompt is longer than the context, or empty without an end-of-text token.
    """
    program = session.program
    context = program.config.context
    if len(prompt) > context:
        raise PromptError(f"the prompt has {len(prompt)} tokens; the context holds {context}")
    if not prompt:
        if end_of_text is None:
            raise PromptError("the model has no end-of-text token to begin with: give it a prompt")
        prompt = [end_of_text]
    sampler = Sampler(sampling or Sampling(), program.logits.fraction)
    result = Generation()
    history = list(prompt)
    done = 0

    def step(token: int, wants_logits: bool) -> Int:
        nonlocal done
        position = session.length
        logits = session.step(token, trace if done == trace_step else None, wants_logits)
        if wants_logits:
            result.steps.append((token, position, logits))
            result.numbers.append(done)
        done += 1
        return logits

    for i, token in enumerate(prompt):
        logits = step(token, i == len(prompt) - 1)
    for i in range(count):
        token = sampler.choose(logits)
        if token == end_of_text and not ignore_end:
            break
        result.tokens.append(token)
        if on_token is not None:
            on_token(token)
        if i == count - 1:
            break
        if session.length == context:
            # The newer half of the context becomes its beginning.
            history = history[context - context // 2 :]
            session.reset()
            for old in history:
                step(old, False)
        history.append(token)
        logits = step(token, True)
    return result
