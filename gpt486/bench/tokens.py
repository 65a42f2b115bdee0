"""Whole tokens: what a model of random weights costs on an emulated 486, everything included."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from emulator import EmulatorError, Session
from emulator.profiles import DEFAULT_CPU
from emulator.run import handling_signals
from emulator.timing.options import Timing
from gpt486.backends.emulated import STEP
from gpt486.backends.request import BackendError, Request, Transcript, guest_folder
from gpt486.bench.shapes import SHAPES
from gpt486.build import BuildOptions, build
from gpt486.tokenizers import ByteLevelBPE

POSITIONS = 128
"""A token's cost is the mean over the first so many positions."""


@dataclass(frozen=True)
class TokenRow:
    """What a token of a shape costs: from feeding one token to feeding the next, choice and output included.

    Attributes:
        shape: name of the shape.
        weights: the formats.
        cpu: name of the machine.
        instructions_per_token: mean over the positions.
        clocks_per_token: the same in core clocks, by the cycle model.
        tokens_per_second: at the machine's core clock.
        weight_bytes: bytes of the packed matrices.
        first: first position that counts.
        positions: how many do.
        prompt: whether these are a prompt's tokens, of which no logits are wanted.
    """

    shape: str
    weights: str
    cpu: str
    instructions_per_token: int
    clocks_per_token: int
    tokens_per_second: float
    weight_bytes: int
    first: int
    positions: int
    prompt: bool = False


def build_shape(
    shape: str,
    weights: str,
    folder: Path,
    *,
    assembly: bool = True,
    cpu: str = DEFAULT_CPU,
    progress: Callable[[str], None] = lambda stage: None,
) -> dict[str, object]:
    """Build a model of a shape with random weights for a machine into folder/build; returns BUILD.JSON."""
    SHAPES[shape].write(folder / shape)
    options = BuildOptions(weights=weights, assembly=assembly, cpu=cpu)
    return build(folder / shape, folder / "build", options, progress)


def token_row(
    shape: str,
    weights: str,
    cpu: str,
    *,
    first: int = 0,
    positions: int = POSITIONS,
    assembly: bool = True,
    prompt: bool = False,
    progress: Callable[[str], None] = lambda stage: None,
) -> TokenRow:
    """Build a shape and measure its tokens.

    Args:
        shape: one of SHAPES.
        weights: as WeightChoice.parse reads them.
        cpu: a profile of the emulator.
        first: the first position to be measured; what comes before runs without the cycle model.
        positions: how many.
        assembly: whether assembly takes the place of the BASIC twins.
        prompt: measure tokens of a prompt, two of which may be fed at once; `first` must be 0.
        progress: called with the name of each stage.

    Raises:
        BackendError: the program failed.
    """
    with tempfile.TemporaryDirectory(prefix="gpt486-bench-") as name:
        folder = Path(name)
        facts = build_shape(shape, weights, folder, assembly=assembly, cpu=cpu, progress=progress)
        progress(f"running {first + positions} tokens on a {cpu}")
        if prompt:
            text = prompt_of(positions + 1, folder / shape)
            counts, clocks, hertz = arrivals(folder / "build", cpu, Request(text, 1, ignore_end=True))
            end = len(clocks) - 1  # the last token, which is fed alone, ends the time of those before it
        else:
            request = Request(b"", first + positions + 1, ignore_end=True)
            counts, clocks, hertz = arrivals(folder / "build", cpu, request)
            end = first + positions
    ops: list[dict[str, int]] = facts["ops"]  # type: ignore[assignment]
    spent = clocks[end] - clocks[first]
    return TokenRow(
        shape,
        weights,
        cpu,
        round((counts[end] - counts[first]) / positions),
        round(spent / positions),
        round(positions * hertz / spent, 2),
        sum(op["bytes"] for op in ops if "bytes" in op),
        first,
        positions,
        prompt,
    )


def prompt_of(tokens: int, model: Path) -> bytes:
    """A text of so many tokens: digits, which no tokenizer of a model with random weights joins."""
    text = bytes(b"0123456789"[i * i % 10] for i in range(tokens))
    found = len(ByteLevelBPE.load(model).encode(text))
    if found != tokens:
        raise BackendError(f"{model}: a text of {tokens} digits has {found} tokens")
    return text


def arrivals(build_folder: Path, cpu: str, request: Request) -> tuple[list[int], list[int], int]:
    """Instructions and clocks at the beginning of each step, from the first on; and the core clock in Hz.

    Args:
        build_folder: the build.
        cpu: a profile of the emulator.
        request: what it is to do; without a prompt the text begins with the end-of-text token.

    Raises:
        BackendError: the program failed.
    """
    transcript = Transcript()
    with guest_folder(build_folder, request, "GPT.EXE") as folder:
        try:
            session = Session(
                folder / "GPT.EXE",
                " ".join(request.arguments()).encode("ascii"),
                folder=folder,
                cpu=cpu,
                console=transcript.feed,
                map_file=build_folder / "GPT.MAP",
                probes=(STEP,),
                on_interrupt="stop",
                timing=Timing(),
            )
        except EmulatorError as error:
            raise BackendError(str(error)) from None
        with handling_signals(session):
            result = session.run()
    if result.stop is not None or result.exit_code != 0:
        message = result.stop.message if result.stop is not None else transcript.end(result.exit_code)
        raise BackendError(message or f"the program ended with exit code {result.exit_code}")
    return result.probes[STEP], result.probe_clocks[STEP], result.clock_hz
