"""Clocks of the program's kernels and of their BASIC twins: `python -m gpt486.bench.kernels`; `--fbc`: fbc's code, too.

A model of random weights is built three times: with assembly, with the twins compiled by our own compiler, and with
the twins as fbc compiles them (gpt486.bench.fbc_twins). All three must write the same texts and logits; the cycle model
tells what a call of each kernel costs in the course of a run. `--tokens` measures whole tokens instead, of the shapes
and formats in docs/kernels.md.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from emulator.profiling.attribute import Attribution
from emulator.profiling.schema import COUNTERS
from gpt486.backends.emulated import run_emulated
from gpt486.backends.request import Request
from gpt486.bench.fbc_twins import translate
from gpt486.bench.procedures import FBC, Measured, cpu_and_fbc, table
from gpt486.bench.shapes import SHAPES
from gpt486.bench.tokens import arrivals
from gpt486.build import BuildOptions, build
from gpt486.errors import Gpt486Error
from gpt486.profile.record import record_build
from gpt486.reference.sampling import Sampling

SHAPE = "260k"
WEIGHTS = "ternary,h.1.mlp_in=int8,h.2.mlp_in=int4"
"""Kernels of several formats in one program."""

POSITIONS = 16
"""Positions that a whole token's clocks are the mean of."""

FORWARD = "forward"
"""The procedure of a whole token, up to its logits."""

REQUESTS = (
    Request(b"", 8, ignore_end=True),
    Request(b"One morning", 4, Sampling(temperature=800, top_k=40, top_p=900), ignore_end=True),
)
"""Greedy without a prompt; then a prompt, whose tokens go in pairs, and sampling."""

_KERNEL = re.compile(r"^(?:Sub|Function) (?!cpu_)(\w+) Naked Cdecl", re.M)


def measure(
    cpu: str = "486dx2-66",
    *,
    fbc: bool = False,
    requests: Sequence[Request] = REQUESTS,
    progress: Callable[[str], None] = lambda stage: None,
) -> list[Measured]:
    """All kernels that the requests use, and a whole token; clocks of one call, on average.

    Args:
        cpu: a profile of the emulator.
        fbc: whether to measure fbc's code as well.
        requests: what to run; a kernel's clocks come from the first one that uses it.
        progress: called with what is done next.

    Raises:
        Gpt486Error: variants compute different logits or texts; or there is no fbc.
    """
    with tempfile.TemporaryDirectory(prefix="gpt486-bench-") as name:
        variants, reasons = _build(Path(name), SHAPE, WEIGHTS, cpu, fbc, progress)
        for request in requests:
            progress("comparing logits")
            _check(variants, request, cpu)
        kernels = _KERNEL.findall((variants["assembly"] / "GPT.BAS").read_text("ascii"))
        rows: dict[str, Measured] = {}
        for request in requests:
            costs: dict[str, dict[str, float]] = {}
            for variant, folder in variants.items():
                progress(f"running {variant}")
                costs[variant] = _calls(record_build(folder, request, cpu=cpu).attribution, kernels)
            for kernel in costs["assembly"].keys() & costs["twin"].keys():
                reason = reasons.get(kernel)
                clocks = {v: cost[kernel] for v, cost in costs.items() if reason is None or v != FBC}
                rows.setdefault(kernel, Measured(kernel, "token" if kernel == FORWARD else "call", clocks, reason))
    return [rows[kernel] for kernel in (*kernels, FORWARD) if kernel in rows]


def measure_tokens(
    cpu: str = "486dx2-66",
    *,
    fbc: bool = False,
    shapes: Sequence[str] = ("260k", "463k"),
    formats: Sequence[str] = ("int8", "int4", "ternary"),
    progress: Callable[[str], None] = lambda stage: None,
) -> list[Measured]:
    """Whole tokens; clocks of one, everything included, the mean of the first POSITIONS positions.

    Args:
        cpu: a profile of the emulator.
        fbc: whether to measure fbc's code as well.
        shapes: of SHAPES, with random weights.
        formats: of the weights.
        progress: called with what is done next.

    Raises:
        Gpt486Error: a program failed, or there is no fbc.
    """
    rows = []
    for shape in shapes:
        for weights in formats:
            with tempfile.TemporaryDirectory(prefix="gpt486-bench-") as name:
                variants, _ = _build(Path(name), shape, weights, cpu, fbc, progress)
                clocks: dict[str, float] = {}
                for variant, folder in variants.items():
                    progress(f"running {variant} of {shape}, {weights}")
                    times = arrivals(folder, cpu, Request(b"", POSITIONS + 1, ignore_end=True))[1]
                    clocks[variant] = (times[POSITIONS] - times[0]) / POSITIONS
            rows.append(Measured(f"{shape}, {weights}", "token", clocks))
    return rows


def _build(
    root: Path, shape: str, weights: str, cpu: str, fbc: bool, progress: Callable[[str], None]
) -> tuple[dict[str, Path], dict[str, str]]:
    """Build all variants of a model with random weights; returns their folders, and what is not fbc's, and why."""
    SHAPES[shape].write(root / shape)
    variants = {"assembly": root / "assembly", "twin": root / "twin"}
    for variant, folder in variants.items():
        build(root / shape, folder, BuildOptions(cpu, weights, assembly=variant == "assembly"), progress)
    if not fbc:
        return variants, {}
    variants[FBC] = root / "fbc"
    progress("compiling with fbc")
    return variants, _with_fbc(root / "twin", root / "fbc")


def _with_fbc(twin: Path, folder: Path) -> dict[str, str]:
    """Make a build with fbc's code out of one with twins; returns the kernels that stayed ours, and why."""
    shutil.copytree(twin, folder)
    translated = translate((folder / "GPT.BAS").read_text("ascii"), "GPT.BAS")
    executable = translated.program.build()
    (folder / "GPT.EXE").write_bytes(executable.exe)
    executable.map.write(folder / "GPT.MAP")
    reasons = {name.lower(): translated.reason(name) for name in translated.calls if name.lower() != FORWARD}
    return {name: reason for name, reason in reasons.items() if reason is not None}


def _check(variants: dict[str, Path], request: Request, cpu: str) -> None:
    """See that all variants compute the same."""
    request = Request(request.prompt, request.count, request.sampling, request.ignore_end, logits=True)
    runs = {
        variant: run_emulated(folder, request, SHAPES[SHAPE].vocabulary, cpu=cpu)
        for variant, folder in variants.items()
    }
    wanted = runs["assembly"]
    for variant, run in runs.items():
        same = run.text == wanted.text and len(run.steps) == len(wanted.steps) > 0
        if not same or any(not np.array_equal(a[2], b[2]) for a, b in zip(run.steps, wanted.steps, strict=True)):
            raise Gpt486Error(f"the {variant} computes something else than the assembly")


def _calls(attribution: Attribution, kernels: Sequence[str]) -> dict[str, float]:
    """Clocks of a call of each kernel, its callees included; calls from other kernels' twins do not count."""
    wanted = {kernel.upper() for kernel in kernels}
    contexts = attribution.profile.contexts
    inside = [False] * len(contexts)
    sums: dict[str, list[int]] = {}
    for index, context in enumerate(contexts):
        name = attribution.owners[index].name
        is_kernel = name.upper() in wanted
        above = context.parent >= 0 and inside[context.parent]
        inside[index] = is_kernel or above
        if (is_kernel and not above) or name == FORWARD.upper():
            total = sums.setdefault(name.lower(), [0, 0])
            total[0] += context.calls
            total[1] += int(attribution.inclusive[index][COUNTERS.index("clocks")])
    return {name: clocks / calls for name, (calls, clocks) in sums.items() if calls}


def main(arguments: Sequence[str]) -> None:
    """Print the table of the kernels, or with --tokens that of whole tokens."""
    machine, fbc = cpu_and_fbc([argument for argument in arguments if argument != "--tokens"])

    def progress(stage: str) -> None:
        print(stage, file=sys.stderr)

    if "--tokens" in arguments:
        note = f"Clocks of a token on a {machine}, everything included; the mean of the first {POSITIONS} positions."
        print(table(measure_tokens(machine, fbc=fbc, progress=progress), note))
    else:
        note = f"Clocks of a call on a {machine}, on average of a run (shape {SHAPE}, {WEIGHTS})."
        print(table(measure(machine, fbc=fbc, progress=progress), note))


if __name__ == "__main__":
    main(sys.argv[1:])
