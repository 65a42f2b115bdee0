"""The whole pipeline: from a model directory to a folder with a DOS program and its data."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import gpt486
from emulator import EmulatorError
from emulator.files import write_atomically
from emulator.profiles import DEFAULT_CPU, CpuProfile, find_profile
from gpt486.basic import compile_source
from gpt486.emit.basic_source import render_basic
from gpt486.emit.model_file import lower_model_file
from gpt486.emit.sections import write_sections
from gpt486.emit.vocabulary import lower_vocabulary
from gpt486.errors import Gpt486Error
from gpt486.lower import MemoryPlan, Program, lower, plan_memory
from gpt486.lower.memory import MEGABYTE, check_fits, fits
from gpt486.lower.products import Quantizer
from gpt486.lower.program import number_kernels, part_tokens
from gpt486.lower.weights import DEFAULT_FORMAT, WeightChoice
from gpt486.models import GPT2, ModelError, load_model
from gpt486.models.config import GPT2Config, load_config
from gpt486.paths import WEIGHTS
from gpt486.tokenizers import ByteLevelBPE

DEFAULT_MODEL = "stories-1m"
PC_MEMORY = 32
APPS = ("complete",)
PRICES = (0.0, 0.25, 1.0, 4.0, 16.0, 64.0, 256.0)
"""Clocks of a token that a byte is worth: what is tried, until the model fits into the memory."""

TOOLCHAINS = ("builtin", "fbc")
MODEL_FILES = ("config.json", "model.safetensors", "model.safetensors.index.json", "tokenizer.json")


class BuildError(Gpt486Error):
    """A build that failed, or a folder that holds no build."""


@dataclass(frozen=True)
class BuildOptions:
    """What can be chosen.

    Attributes:
        cpu: the machine that the kernels are chosen for, a profile of the emulator or the path of a .toml file; the
            program runs on every 386 and better.
        weights: formats of the weights, as WeightChoice.parse reads them; the model's own choice when None.
        app: the application.
        context: positions; the model's own number when None.
        assembly: whether assembly takes the place of the BASIC twins.
        toolchain: "builtin" or "fbc".
        memory_mb: memory of the PC; where it is scarce, kernels are chosen that need less.
    """

    cpu: str = DEFAULT_CPU
    weights: str | None = None
    app: str = "complete"
    context: int | None = None
    assembly: bool = True
    toolchain: str = "builtin"
    memory_mb: int = PC_MEMORY


@dataclass(frozen=True)
class Lowered:
    """A model, lowered: what every backend is compared with.

    Attributes:
        directory: where the model lies.
        model: the float model (its context cut to the program's).
        tokenizer: its tokenizer.
        program: the integer ops.
        plan: the memory plan.
        weights: the format of each matrix.
    """

    directory: Path
    model: GPT2
    tokenizer: ByteLevelBPE
    program: Program
    plan: MemoryPlan
    weights: WeightChoice


def weight_choice(directory: Path, config: GPT2Config, weights: str | None) -> WeightChoice:
    """The formats asked for, or the model's own.

    Raises:
        Gpt486Error: there is no such format or matrix.
    """
    own = config.extra.get("weights", DEFAULT_FORMAT)
    if not isinstance(own, str):
        raise ModelError(f'{directory / "config.json"}: "weights" in "gpt486" must be a text, found {own!r}')
    return WeightChoice.parse(own if weights is None else weights, config.layers)


def find_model(name: str | None) -> Path:
    """The directory of a model: a path, or the name of one that ships (the default when None).

    Raises:
        ModelError: there is none.
    """
    name = name or DEFAULT_MODEL
    shipped = WEIGHTS / name
    if Path(name).name == name and not Path(name).exists() and shipped.is_dir():
        return shipped
    if Path(name).is_dir():
        return Path(name)
    ours = ", ".join(sorted(p.name for p in WEIGHTS.iterdir() if (p / "config.json").exists())) or "none"
    raise ModelError(f"{name}: no such model directory; the models that ship: {ours}")


def lower_model(
    directory: Path,
    context: int | None = None,
    weights: str | None = None,
    cpu: str = DEFAULT_CPU,
    memory_mb: int = PC_MEMORY,
) -> tuple[Lowered, dict[str, Any]]:
    """Load and lower a model, and lay out its files.

    Args:
        directory: the model directory.
        context: positions; the model's own number when None.
        weights: formats of the weights; when None what config.json says at "gpt486": {"weights": ...}, else int8.
        cpu: the machine that kernels are chosen for.
        memory_mb: its memory.

    Returns:
        The lowered model and the parts of its files (for `build`).

    Raises:
        ModelError: the model cannot be read, or cannot fit into the memory.
        BuildError: there is no such machine.
        RangeError: it cannot be computed in 32-bit integers.
    """
    config = load_config(directory)
    if context is not None:
        config = replace(config, context=min(context, config.context))
    choice = weight_choice(directory, config, weights)
    try:
        machine = find_profile(cpu)
    except EmulatorError as error:
        raise BuildError(str(error)) from None
    memory = memory_mb * MEGABYTE
    check_fits(config, directory.name, memory, weights=choice)
    model = load_model(directory)
    tokenizer = ByteLevelBPE.load(directory)
    vocabulary = lower_vocabulary(tokenizer, model.config.vocabulary, model.name)
    for program in _programs(model, context, choice, machine):
        model_file = lower_model_file(program)
        plan = plan_memory(
            program,
            model_bytes=model_file.bytes,
            vocabulary_bytes=vocabulary.bytes,
            longest_token=vocabulary.longest_token,
        )
        if fits(plan.regions, memory):
            break
    check_fits(program.config, model.name, memory, plan.regions, choice)
    return Lowered(directory, model, tokenizer, program, plan, choice), {
        "vocabulary": vocabulary,
        "model_file": model_file,
    }


def _programs(model: GPT2, context: int | None, choice: WeightChoice, machine: CpuProfile) -> Iterator[Program]:
    """The programs of a model, faster ones first.

    What is given up for memory: kernels for the other kind of CPU, two tokens of a prompt at once, fast kernels.
    """
    quantizer = Quantizer(choice)
    for price in PRICES:
        program = lower(model, context, choice, machine, price, quantizer)
        yield program
        if program.others:
            program = number_kernels(replace(program, others={}))
            yield program
        if program.tokens_at_once > 1:
            yield number_kernels(part_tokens(program))


def build(
    directory: Path, output: Path, options: BuildOptions, progress: Callable[[str], None] = lambda stage: None
) -> dict[str, Any]:
    """Build a model into a folder: GPT.BAS, GPT.EXE, GPT.MAP, MODEL.BIN, VOCAB.BIN, BUILD.JSON.

    The same model and options give the same bytes.

    Args:
        directory: the model directory.
        output: is created; files of an earlier build are replaced.
        options: what to build.
        progress: called with the name of each stage.

    Returns:
        What BUILD.JSON says.

    Raises:
        Gpt486Error: the model cannot be lowered, or the folder cannot be written.
    """
    progress("lowering the model")
    lowered, parts = lower_model(directory, options.context, options.weights, options.cpu, options.memory_mb)
    options = replace(options, weights=str(lowered.weights))
    vocabulary, model_file = parts["vocabulary"], parts["model_file"]
    end_of_text = end_token(lowered)
    contents = [*model_file.sections.values(), *vocabulary.sections.values()]
    build_number = zlib.crc32(b"".join(contents))

    progress("writing GPT.BAS")
    source = render_basic(
        lowered.model,
        lowered.program,
        lowered.plan,
        vocabulary,
        model_file,
        build_number=build_number,
        end_of_text=end_of_text,
        app=options.app,
        assembly=options.assembly,
        cpu=options.cpu,
    )
    files: dict[str, bytes] = {
        "GPT.BAS": source.encode("ascii"),
        "MODEL.BIN": write_sections(model_file.sections, build_number),
        "VOCAB.BIN": write_sections(vocabulary.sections, build_number),
    }
    progress("compiling GPT.BAS")
    outside: dict[str, int] | None = None
    if options.toolchain == "fbc":
        files["GPT.EXE"] = _compile_with_fbc(files["GPT.BAS"])
        files["GPT.MAP"] = b""
    else:
        executable = compile_source(source, "GPT.BAS").build()
        files["GPT.EXE"] = executable.exe
        files["GPT.MAP"] = executable.map.text().encode("ascii")
        outside = executable.memory
    facts = describe(directory, lowered, options, build_number, files)
    facts["memory"]["program"] = outside
    files["BUILD.JSON"] = (json.dumps(facts, indent=2) + "\n").encode()

    progress(f"writing {output}")
    try:
        output.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            write_atomically(output / name, data)
    except OSError as error:
        raise BuildError(f"{output}: cannot be written: {error.strerror or error}") from None
    return facts


def end_token(lowered: Lowered) -> int | None:
    """The token that begins and ends a text: the tokenizer's <|endoftext|>, else the config's."""
    eot: int | None = lowered.tokenizer.eot
    return eot if eot is not None else lowered.model.config.eos


def describe(
    directory: Path, lowered: Lowered, options: BuildOptions, build_number: int, files: dict[str, bytes]
) -> dict[str, Any]:
    """What BUILD.JSON says: every choice made."""
    program, plan = lowered.program, lowered.plan
    shipped = directory.resolve().parent == WEIGHTS.resolve()
    return {
        "gpt486": gpt486.__version__,
        "build_number": f"{build_number:08X}",
        "model": {
            "name": lowered.model.name,
            "directory": directory.name if shipped else str(directory.resolve()),
            "parameters": lowered.model.parameters,
            "sha256": model_digest(directory),
            "config": asdict(program.config),
        },
        "options": asdict(options),
        "machine": {"multiplied": find_profile(options.cpu).multiplied},
        "formats": {
            "weights": options.weights,
            "residual_fraction": program.embed.output.fraction,
            "logit_fraction": program.logits.fraction,
        },
        "ops": [
            {
                "name": op.name,
                "op": op.KIND,
                "inputs": [vector.buffer for vector in op.inputs],
                "output": {
                    "buffer": op.output.buffer,
                    "length": op.output.length,
                    "fraction": op.output.fraction,
                    "bound": op.output.bound,
                    "real_bound": op.output.real_bound,
                },
                "accumulators": {accumulator.name: accumulator.bound for accumulator in op.accumulators},
                **op.facts(),
                **({"other": program.others[op.name].layout()} if op.name in program.others else {}),
            }
            for op in program.ops()
        ],
        "memory": {
            "total": plan.total,
            "by_purpose": plan.by_purpose,
            "regions": [asdict(region) for region in plan.regions],
            "workspace": {name: asdict(slot) for name, slot in plan.slots.items()},
            "workspace_longs": plan.workspace,
            "workspace_longs_without_sharing": plan.separate,
        },
        "files": {name: {"bytes": len(data), "crc32": f"{zlib.crc32(data):08X}"} for name, data in files.items()},
    }


def model_digest(directory: Path) -> str:
    """SHA-256 of a model's files, so that a build and its model can be told to belong together."""
    digest = hashlib.sha256()
    for name in MODEL_FILES:
        path = directory / name
        if path.exists():
            digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def load_build(output: Path) -> dict[str, Any]:
    """Read BUILD.JSON of a folder.

    Raises:
        BuildError: the folder holds no (whole) build.
    """
    path = output / "BUILD.JSON"
    try:
        facts = json.loads(path.read_text())
        model, config = facts["model"], facts["model"]["config"]
        BuildOptions(**facts["options"])
        whole = isinstance(model["directory"], str) and isinstance(model["sha256"], str)
        whole = whole and all(isinstance(config[name], int) for name in ("context", "vocabulary"))
        if not whole or not isinstance(facts["files"]["GPT.EXE"], dict):
            raise ValueError
    except FileNotFoundError:
        raise BuildError(f"{output}: no BUILD.JSON there; build first: gpt486 build -o {output}") from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise BuildError(f"{path}: damaged; build again: gpt486 build -o {output}") from None
    for name in ("GPT.BAS", "GPT.EXE", "MODEL.BIN", "VOCAB.BIN"):
        if not (output / name).exists():
            raise BuildError(f"{output / name}: missing; build again: gpt486 build -o {output}")
    result: dict[str, Any] = facts
    return result


def lowered_of(output: Path, facts: dict[str, Any], model: str | None = None) -> Lowered:
    """Lower the model of a build again, to compare with it.

    Args:
        output: the folder of the build.
        facts: its BUILD.JSON.
        model: the model, where it no longer lies where it was built from.

    Raises:
        BuildError: the model has changed since.
    """
    directory = find_model(model or facts["model"]["directory"])
    if model_digest(directory) != facts["model"]["sha256"]:
        raise BuildError(f"{directory}: the model has changed since {output} was built; build again")
    options = BuildOptions(**facts["options"])
    context = facts["model"]["config"]["context"]
    return lower_model(directory, context, options.weights, options.cpu, options.memory_mb)[0]


def _compile_with_fbc(source: bytes) -> bytes:
    fbc = shutil.which("fbc")
    if fbc is None:
        raise BuildError("fbc is not on PATH; install FreeBASIC 1.10 or use --toolchain builtin")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        (path / "GPT.BAS").write_bytes(source)
        command = [fbc, "-target", "dos", "-arch", "486", "-gen", "gas", "-w", "all", "GPT.BAS", "-x", "GPT.EXE"]
        done = subprocess.run(command, cwd=path, capture_output=True, text=True, check=False)
        if done.returncode != 0 or not (path / "GPT.EXE").exists():
            said = (done.stdout + done.stderr).strip().splitlines()
            raise BuildError(
                "fbc could not make a DOS program (it needs DJGPP's tools and FreeBASIC's DOS libraries): "
                + (said[0] if said else f"exit code {done.returncode}")
            )
        return (path / "GPT.EXE").read_bytes()
