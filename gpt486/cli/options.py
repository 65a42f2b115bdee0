"""Options that several commands share, and how they become a request."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console

from emulator import EmulatorError
from emulator.profiles import PROFILES, find_profile
from gpt486.backends.request import Request
from gpt486.emit.vocabulary import MOST_TOKENS
from gpt486.reference.sampling import MASK32, Sampling

LONGEST_PROMPT = 16 << 20
"""Bytes read of a prompt's file; no context holds as many."""

F = TypeVar("F", bound=Callable[..., Any])


def errors() -> Console:
    """The console for everything that is not the result: standard error."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: bytes) -> None:
    """Write bytes to standard output at once."""
    if sys.stdout is None:  # closed by whoever started us
        return
    sys.stdout.buffer.write(text)
    sys.stdout.buffer.flush()


CPU_HELP = f"The machine: {', '.join(PROFILES)}, or a .toml file of yours."


def known_cpu(context: click.Context, option: click.Parameter, value: str) -> str:
    """Check the name of a machine, or its TOML file, before anything else is done."""
    try:
        find_profile(value)
    except EmulatorError as error:
        raise click.BadParameter(str(error)) from error
    return value


def generation_options(function: F) -> F:
    """The options that say what to write: -p, -n, --temp, --top-k, --top-p, -s, --ignore-eos."""
    return generation(64)(function)


def generation(predict: int) -> Callable[[F], F]:
    """The same, with another default for -n."""
    return partial(_add_generation_options, predict)


def _add_generation_options(predict: int, function: F) -> F:
    for option in reversed(
        [
            click.option(
                "-p", "--prompt", default="", help="Text to be continued; any bytes. Empty: begin a new text."
            ),
            click.option(
                "-f",
                "--file",
                "prompt_file",
                type=click.Path(exists=True, dir_okay=False, path_type=Path),
                help="Take the text from a file instead.",
            ),
            click.option(
                "-n",
                "--predict",
                default=predict,
                type=click.IntRange(0, 10**6),
                show_default=True,
                help="Tokens to write at most.",
            ),
            click.option(
                "--temp",
                default=0.0,
                type=float,
                show_default=True,
                help="Temperature; 0 or less takes the likeliest token, more is more daring.",
            ),
            click.option(
                "--top-k", default=0, type=int, show_default=True, help="Choose among so many tokens; 0 or less: all."
            ),
            click.option(
                "--top-p",
                default=1.0,
                type=click.FloatRange(0, 1),
                callback=not_nan,
                show_default=True,
                help="Choose among the likeliest tokens that have this share of the chances.",
            ),
            click.option(
                "-s",
                "--seed",
                default=1,
                type=click.IntRange(0, MASK32),
                show_default=True,
                help="Seed of the random numbers; the same seed gives the same text on every machine.",
            ),
            click.option("--ignore-eos", is_flag=True, help="Go on where the model would end the text."),
        ]
    ):
        function = option(function)
    return function


def request_of(
    prompt: str,
    prompt_file: Path | None,
    predict: int,
    temp: float,
    top_k: int,
    top_p: float,
    seed: int,
    ignore_eos: bool,
) -> Request:
    """A request from the options; temperature and top-p are rounded to thousandths.

    Raises:
        click.UsageError: a number that cannot be meant.
    """
    if not -math.inf < temp <= 100:
        raise click.UsageError(f"--temp {temp} is not a temperature between 0 and 100")
    text = prompt_bytes(prompt, prompt_file)
    if temp <= 0 and (top_k > 0 or top_p < 1 or seed != 1):
        errors().print("gpt486: without --temp the likeliest token is taken; --top-k, --top-p and --seed do nothing")
    sampling = Sampling(max(0, round(temp * 1000)), min(max(0, top_k), MOST_TOKENS), round(top_p * 1000), seed)
    return Request(text, predict, sampling, ignore_eos)


def _read_prompt(path: Path) -> bytes:
    with path.open("rb") as file:
        text = file.read(LONGEST_PROMPT + 1)
    if len(text) > LONGEST_PROMPT:
        raise click.UsageError(f"{path} is longer than {LONGEST_PROMPT >> 20} MB: no prompt for a 486")
    return text


def not_nan(context: click.Context, option: click.Parameter, value: float | None) -> float | None:
    """A click callback: refuse what is no number."""
    if value is not None and value != value:
        raise click.BadParameter("not a number")
    return value


def prompt_bytes(prompt: str, prompt_file: Path | None) -> bytes:
    """The prompt of -p or -f; says so when it is not UTF-8, in which case its bytes are kept as they are.

    Raises:
        click.UsageError: both were given.
    """
    if prompt and prompt_file is not None:
        raise click.UsageError("--prompt and --file are two ways to give one text; use one of them")
    text = _read_prompt(prompt_file) if prompt_file is not None else os.fsencode(prompt)
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        errors().print(
            f"gpt486: the prompt is not UTF-8 (byte 0x{text[error.start]:02X} at offset {error.start}); "
            "such bytes are taken as they are",
            markup=False,
        )
    return text
