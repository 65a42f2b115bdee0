"""Compare every backend with the exact model, step by step and, where they differ, op by op."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from gpt486.backends import BackendRun, Request, dosboxed, native
from gpt486.backends.emulated import run_emulated
from gpt486.backends.request import INTERRUPTED
from gpt486.build import BuildOptions, Lowered, build, end_token
from gpt486.ops.arithmetic import Int
from gpt486.ops.base import Op
from gpt486.reference.agreement import Agreement, measure_agreement
from gpt486.reference.exact import ExactSession
from gpt486.reference.generate import Generation, generate

Runner = Callable[[Request], BackendRun]


@dataclass(frozen=True)
class Difference:
    """The first value in which a backend differs.

    Attributes:
        step: counted from 0 over all tokens fed, the prompt's included.
        op: the op whose output differs first in that step.
        index: of the element in its output.
        expected: the exact model's value.
        found: the backend's; None where it is missing.
    """

    step: int
    op: str
    index: int
    expected: int
    found: int | None


@dataclass(frozen=True)
class BackendResult:
    """How a backend compares.

    Attributes:
        name: of the backend.
        tokens_equal: every token fed is the exact model's.
        logits_equal: and so is every logit of every step.
        first_difference: where not.
        message: what the backend said where it failed.
        skipped: why it was not run, or None.
    """

    name: str
    tokens_equal: bool
    logits_equal: bool
    first_difference: Difference | None = None
    message: str | None = None
    skipped: str | None = None


@dataclass(frozen=True)
class Comparison:
    """The outcome of a comparison.

    Attributes:
        steps: steps whose logits were compared.
        backends: every backend that was asked for.
        floats: the exact model against the float model on the same tokens.
    """

    steps: int
    backends: list[BackendResult]
    floats: Agreement

    @property
    def exact(self) -> bool:
        """Whether every backend that ran agrees in every logit."""
        ran = [b for b in self.backends if b.skipped is None]
        return bool(ran) and all(b.logits_equal for b in ran)

    def to_json(self) -> dict[str, Any]:
        """As the command line prints it."""
        return {
            "steps": self.steps,
            "exact": self.exact,
            "backends": [asdict(b) for b in self.backends],
            "float": {
                "top1_agreement": self.floats.top1_agreement,
                "max_abs_error": self.floats.max_abs_error,
                "nll_float": self.floats.nll_float,
                "nll_exact": self.floats.nll_exact,
            },
        }


BACKENDS = ("emulator", "dosbox", "fbc")


def compare(
    output: Path,
    facts: dict[str, Any],
    lowered: Lowered,
    prompt: bytes,
    count: int,
    wanted: tuple[str, ...] = BACKENDS,
    progress: Callable[[str], None] = lambda stage: None,
) -> Comparison:
    """Run a build everywhere and compare.

    Args:
        output: the folder of the build.
        facts: its BUILD.JSON.
        lowered: its model, lowered again.
        prompt: the text to be continued.
        count: tokens to write; the end-of-text token does not end the run.
        wanted: "emulator" (486SX, 486DX, and the build without assembly), "dosbox", "fbc".
        progress: called with the name of each stage.

    Raises:
        Gpt486Error: a backend that cannot run at all.
    """
    vocabulary = lowered.model.config.vocabulary
    request = Request(prompt, count, ignore_end=True, logits=True)
    progress("NumPy")
    tokens = lowered.tokenizer.encode(prompt)
    reference = generate(ExactSession(lowered.program), tokens, count, end_of_text=end_token(lowered), ignore_end=True)

    results = []
    if "emulator" in wanted:
        for name, cpu in (("emulator 486SX", "486sx-33"), ("emulator 486DX", "486dx2-66")):
            progress(name)
            results.append(_against(lowered, request, reference, name, _emulated(output, vocabulary, cpu)))
        progress("emulator, no assembly")
        with tempfile.TemporaryDirectory(prefix="gpt486-") as folder:
            options = BuildOptions(**facts["options"])
            twin = replace(options, assembly=False, context=lowered.program.config.context)
            build(lowered.directory, Path(folder), twin)
            runner = _emulated(Path(folder), vocabulary, "486dx2-66")
            results.append(_against(lowered, request, reference, "emulator, no assembly", runner))
    if "dosbox" in wanted:
        if dosboxed.available():
            progress("DOSBox")
            runner = _dosboxed(output, vocabulary)
            results.append(_against(lowered, request, reference, "dosbox", runner))
        else:
            results.append(BackendResult("dosbox", False, False, skipped="dosbox is not installed"))
    if "fbc" in wanted:
        if native.available():
            progress("fbc")
            results.append(_against(lowered, request, reference, "fbc", _native(output, vocabulary)))
        else:
            results.append(BackendResult("fbc", False, False, skipped="fbc is not on PATH"))

    progress("floats")
    fed = [token for token, _, _ in reference.steps]
    text = [*tokens[:-1], *fed][: lowered.program.config.context]
    return Comparison(len(reference.steps), results, measure_agreement(lowered.model, lowered.program, [text]))


def _emulated(output: Path, vocabulary: int, cpu: str) -> Runner:
    return lambda request: run_emulated(output, request, vocabulary, cpu=cpu)


def _dosboxed(output: Path, vocabulary: int) -> Runner:
    return lambda request: dosboxed.run_in_dosbox(output, request, vocabulary)


def _native(output: Path, vocabulary: int) -> Runner:
    return lambda request: native.run_native(output, request, vocabulary)


def _against(lowered: Lowered, request: Request, reference: Generation, name: str, runner: Runner) -> BackendResult:
    run = runner(request)
    if run.exit_code == INTERRUPTED:
        raise KeyboardInterrupt
    expected, found = reference.steps, run.steps
    tokens_equal = [step[:2] for step in expected] == [step[:2] for step in found]
    step = next(
        (i for i, (a, b) in enumerate(zip(expected, found, strict=False)) if a[:2] != b[:2] or (a[2] != b[2]).any()),
        None,
    )
    if step is None and len(found) < len(expected):
        step = len(found)
    if step is None and tokens_equal:
        return BackendResult(name, True, True, message=run.message if run.exit_code else None)
    difference = None
    if step is not None and step < len(found):
        difference = _first_difference(lowered, request, step, reference, run, runner)
    return BackendResult(name, tokens_equal, False, difference, run.message)


def _first_difference(
    lowered: Lowered, request: Request, step: int, reference: Generation, run: BackendRun, runner: Runner
) -> Difference:
    """Run both again with a trace of the step in which the logits differ, and find the first op that differs."""
    expected: dict[int, tuple[str, Int]] = {}

    def trace(op: Op, output: Int) -> None:
        expected[len(expected)] = (op.name, output)

    number = reference.numbers[step]
    generate(
        ExactSession(lowered.program),
        lowered.tokenizer.encode(request.prompt),
        request.count,
        end_of_text=end_token(lowered),
        ignore_end=True,
        trace_step=number,
        trace=trace,
    )
    traced = runner(replace(request, trace_step=number)).trace
    for i, (name, output) in expected.items():
        other = traced.get(i)
        if other is None or other.size != output.size:
            return Difference(number, name, 0, int(output[0]), None)
        if (other != output).any():
            index = int(np.argmax(other != output))
            return Difference(number, name, index, int(output[index]), int(other[index]))
    logits, others = reference.steps[step][2], run.steps[step][2]
    index = int(np.argmax(logits != others))
    return Difference(number, lowered.program.final[-1].name, index, int(logits[index]), int(others[index]))
