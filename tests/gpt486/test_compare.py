from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import gpt486.emit.basic_source
from gpt486.backends import dosboxed, native
from gpt486.backends.emulated import run_emulated
from gpt486.backends.request import Request
from gpt486.build import BuildOptions, build, load_build, lowered_of
from gpt486.compare import Comparison, compare
from gpt486.models.random_model import write_random_model
from gpt486.ops.arithmetic import Int
from gpt486.paths import ASM
from gpt486.quantize.formats import FORMATS
from gpt486.reference.exact import ExactSession

PROMPTS = [b"", b"It's 9 o'clock, ", bytes(np.random.default_rng(0).integers(0, 256, 9).astype(np.uint8))]


def run(folder: Path, prompt: bytes, count: int, *wanted: str) -> Comparison:
    facts = load_build(folder)
    return compare(folder, facts, lowered_of(folder, facts), prompt, count, wanted)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_emulated_machines_are_exact(built: Path, prompt: bytes) -> None:
    """40 tokens: the context of 24 slides on the way."""
    result = run(built, prompt, 40, "emulator")
    assert [b.name for b in result.backends] == ["emulator 486SX", "emulator 486DX", "emulator, no assembly"]
    assert [b.first_difference for b in result.backends] == [None] * 3
    assert result.exact
    assert result.steps == 40


def test_the_other_model_is_exact(awkward_models: dict[str, Path], tmp_path: Path) -> None:
    build(awkward_models["no-bias-gelu"], tmp_path, BuildOptions(context=20))
    assert run(tmp_path, b"two words", 24, "emulator").exact


@pytest.mark.parametrize("weights", [*FORMATS, "ternary34,attn_out=int4,mlp_in=fixed16,mlp_out=ternary,lm_head=int2"])
def test_every_weight_format_is_exact(weights: str, awkward_models: dict[str, Path], tmp_path: Path) -> None:
    """On the 486SX, the 486DX and without assembly."""
    build(awkward_models["untied-relu"], tmp_path, BuildOptions(weights=weights))
    result = run(tmp_path, PROMPTS[1], 3, "emulator")
    assert len(result.backends) == 3
    assert result.exact, result.backends


@pytest.mark.parametrize("prompt", [b"The", b"The old dog"])
def test_products_of_two_and_three_tiles_share_their_kernels(prompt: bytes, tmp_path: Path) -> None:
    """Each tile adds its own excess to sums of 16 bits; the last one takes all of them away."""
    model = tmp_path / "model"
    write_random_model(model, layers=1, heads=3, width=108, context=16, vocabulary=300, inner=160, spread=0.02)
    build(model, tmp_path / "b", BuildOptions(weights="int4/subset64_16x4,lm_head=int8"))
    facts = load_build(tmp_path / "b")
    ops = {op["name"]: op for op in facts["ops"]}
    cuts = [ops[f"h.0.{name}"] for name in ("mlp_in", "mlp_out")]
    assert {op["kernel"] for op in cuts} == {"lut_rows_subset64_16x4_9"}
    assert [op["tiles"] for op in cuts] == [2, 3]
    assert not any(op["plain"] for op in cuts)
    result = run(tmp_path / "b", prompt, 3, "emulator")
    assert result.exact, result.backends


@pytest.mark.parametrize("prompt", [b"The ", b"The ol", b"The old d"])
def test_every_token_of_a_prompt_is_exact(prompt: bytes, awkward_models: dict[str, Path], tmp_path: Path) -> None:
    """Alone or two at once, to the last vector: a trace of each step shows the same as NumPy."""
    build(awkward_models["untied-relu"], tmp_path, BuildOptions(weights="ternary"))
    lowered = lowered_of(tmp_path, load_build(tmp_path))
    assert lowered.program.tokens_at_once == 2
    tokens = lowered.tokenizer.encode(prompt)
    session = ExactSession(lowered.program)
    for number, token in enumerate(tokens):
        expected: list[Int] = []
        session.step(token, trace=lambda op, y: expected.append(y), logits=number == len(tokens) - 1)  # noqa: B023
        request = Request(prompt, 1, trace_step=number)
        found = run_emulated(tmp_path, request, lowered.program.config.vocabulary).trace
        assert list(found) == list(range(len(expected)))
        for i, y in enumerate(expected):
            np.testing.assert_array_equal(found[i], y, err_msg=f"token {number}, op {i}")


def test_dosbox_is_exact(built: Path) -> None:
    if not dosboxed.available():
        pytest.skip("dosbox is not installed (apt-get install dosbox)")
    result = run(built, PROMPTS[2], 30, "dosbox")
    assert result.exact, result.backends


def test_fbc_is_exact_and_silent(built: Path) -> None:
    if not native.available():
        pytest.skip("the FreeBASIC compiler fbc is not on PATH")
    result = run(built, PROMPTS[2], 30, "fbc")
    assert result.exact, result.backends


def test_missing_machines_are_skipped_and_do_not_count_as_exact(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dosboxed, "available", lambda: False)
    monkeypatch.setattr(native, "available", lambda: False)
    result = run(built, b"", 2, "dosbox", "fbc")
    assert all(b.skipped for b in result.backends)
    assert not result.exact


BREAKS = {
    # kernel: (weights, instruction, broken instruction, op where it must show first)
    "lut_rows": ("int8", '"neg " + sum', '"not " + sum', "h.0.attn_qkv"),
    "lut_build": ("int8", "add esi, {{ 4 * table.columns }}", "add esi, {{ 4 * table.columns - 4 }}", "h.0.attn_qkv"),
    "mul_rows": ("fixed16", "adc ecx, edx", "sbb ecx, edx", "h.0.attn_qkv"),
    "pair_rows": ("ternary/pairs", "sar ebx, 16", "shr ebx, 16", "h.0.attn_qkv"),
    # In a prompt, two tokens at once: what comes of it is in the cache when the first logits are computed.
    "lut_two": ("ternary", "shr eax, 16", "sar eax, 16", "h.0.attention"),
    "join_lanes": ("ternary", "shl eax, 16", "shl eax, 15", "h.0.attention"),
    "scale_rows": ("ternary/pairs", "add edi, 16", "add edi, 12", "h.0.attn_qkv"),
    "scale_rows_wide": ("fixed16", "adc edx, 0", "adc edx, 1", "h.0.attn_out"),
    "attend_codes": ("int8", "shl ecx, 5", "shl ecx, 4", "h.0.attention"),
    "attend_raise": ("int8", "sub eax, ebp", "add eax, ebp", "h.0.attention"),
    "attend/query": ("int8", "adc eax, 0", "adc eax, 1", "h.0.attention"),
    "attend/tables": ("int8", "sub ebp, [esi+16]", "sub ebp, [esi+12]", "h.0.attention"),
    "attend/score": ("int8", "sar eax, 3", "sar eax, 2", "h.0.attention"),
    "attend/weigh": ("int8", "add ebp, [esi", "sub ebp, [esi", "h.0.attention"),
    "attend/mix": ("int8", "sar {{ register }}, 16", "shr {{ register }}, 16", "h.0.attention"),
    "attend/mean": ("int8", "shrd eax, edx, 16", "shrd eax, edx, 15", "h.0.attention"),
}


@pytest.mark.parametrize("kernel", sorted(BREAKS))
def test_a_broken_kernel_is_found_and_named(
    kernel: str, awkward_models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spoil one instruction of a kernel: the comparison names the op, and the build without assembly stays exact."""
    asm = Path(shutil.copytree(ASM, tmp_path / "asm"))
    path = asm / "kernels" / f"{kernel}.asm"
    weights, good, bad, op = BREAKS[kernel]
    assert good in path.read_text()
    path.write_text(path.read_text().replace(good, bad))
    monkeypatch.setattr(gpt486.emit.basic_source, "ASM", asm)
    build(awkward_models["untied-relu"], tmp_path / "out", BuildOptions(weights=weights))
    result = run(tmp_path / "out", b"The old dog", 3, "emulator")
    sx, dx, twins = result.backends
    assert not result.exact
    assert not sx.logits_equal
    assert sx.first_difference is not None
    assert sx.first_difference.op == op
    assert sx.first_difference.expected != sx.first_difference.found
    assert dx.first_difference == sx.first_difference
    assert twins.logits_equal
    assert result.to_json()["exact"] is False
