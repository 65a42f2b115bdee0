"""Which matrix gets which format and which kernel."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from gpt486.build import BuildOptions, build, lower_model
from gpt486.errors import Gpt486Error
from gpt486.lower.program import number_kernels
from gpt486.lower.weights import ALL_INT8, MATRICES, WeightChoice
from gpt486.models import ModelError
from gpt486.ops.matvec import MatVec
from gpt486.quantize.formats import FORMATS


@pytest.mark.parametrize("name", FORMATS)
def test_one_format_for_all(name: str) -> None:
    choice = WeightChoice.parse(name)
    assert {choice.format_of(f"h.0.{matrix}").name for matrix in MATRICES} == {name}
    assert str(choice) == name


def test_mixtures() -> None:
    choice = WeightChoice.parse("ternary, lm_head=int8,h.0.mlp_in=int4,mlp_in=int2", 2)
    formats = {
        "h.0.attn_qkv": "ternary",
        "h.1.attn_out": "ternary",
        "h.0.mlp_in": "int4",
        "h.1.mlp_in": "int2",
        "lm_head": "int8",
    }
    assert {matrix: choice.format_of(matrix).name for matrix in formats} == formats
    assert str(choice) == "ternary,lm_head=int8,h.0.mlp_in=int4,mlp_in=int2"
    assert WeightChoice.parse(str(choice)) == choice


def test_others_alone_leave_the_rest_as_it_is() -> None:
    assert WeightChoice.parse("lm_head=int4") == WeightChoice("int8", {"lm_head": "int4"})
    assert str(ALL_INT8) == "int8"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("int3", "no such format: 'int3'; there are fixed16, int8, int4, int2, ternary, ternary34"),
        ("", "no such format: ''"),
        ("int8,", "no such format: ''"),
        ("INT8", "no such format: 'INT8'"),
        ("int8,mlp_in=", "no such format: ''"),
        ("mlp=int8", "no matrix 'mlp'; there are attn_qkv, attn_out, mlp_in, mlp_out, lm_head, and h.0.mlp_in"),
        ("=int8", "no matrix ''"),
        ("h.2.mlp_in=int8", "no matrix 'h.2.mlp_in'"),
        ("h.-1.mlp_in=int8", "no matrix 'h.-1.mlp_in'"),
        ("h.00.mlp_in=int8", "no matrix 'h.00.mlp_in'"),
        ("h.\u0661.mlp_in=int8", "no matrix"),
        ("h.0.lm_head=int8", "no matrix 'h.0.lm_head'"),
        ("x.0.mlp_in=int8", "no matrix 'x.0.mlp_in'"),
        ("h..mlp_in=int8", "no matrix 'h..mlp_in'"),
    ],
)
def test_refusals(text: str, message: str) -> None:
    with pytest.raises(Gpt486Error) as caught:
        WeightChoice.parse(text, 2)
    assert str(caught.value).startswith(f"--weights {text}: ")
    assert message in str(caught.value)


def test_without_a_model_any_layer_may_be_named() -> None:
    assert WeightChoice.parse("h.99.mlp_in=int4").format_of("h.99.mlp_in").name == "int4"


# -- through the build --------------------------------------------------------------------------------------------


def test_a_mixture_reaches_every_matrix(awkward_models: dict[str, Path]) -> None:
    directory = awkward_models["no-bias-gelu"]
    lowered, _ = lower_model(directory, weights="ternary,lm_head=int8,h.0.mlp_in=int4,h.1.attn_out=fixed16")
    found = {op.name: op.weights.format for op in lowered.program.ops() if isinstance(op, MatVec)}
    expected = dict.fromkeys(found, "ternary")
    expected |= {"lm_head": "int8", "h.0.mlp_in": "int4", "h.1.attn_out": "fixed16"}
    assert found == expected
    assert number_kernels(lowered.program) is lowered.program
    numbers = {(op.variant, op.number) for op in lowered.program.ops() if isinstance(op, MatVec)}
    assert len({variant for variant, _ in numbers}) == len({number for _, number in numbers}) == len(numbers)
    assert {number for _, number in numbers} == set(range(len(numbers)))


@pytest.fixture
def own_model(awkward_models: dict[str, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(awkward_models["untied-relu"], tmp_path / "own"))


def set_weights(directory: Path, weights: object) -> None:
    """What config.json says of the weights."""
    path = directory / "config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps(config | {"gpt486": {**config.get("gpt486", {}), "weights": weights}}))


def test_the_models_own_choice(own_model: Path, tmp_path: Path) -> None:
    set_weights(own_model, "ternary34,lm_head=int4")
    facts = build(own_model, tmp_path / "out", BuildOptions())
    assert facts["options"]["weights"] == facts["formats"]["weights"] == "ternary34,lm_head=int4"
    formats = {op["name"]: op["format"] for op in facts["ops"] if op["op"] == "matvec"}
    assert formats["lm_head"] == "int4"
    assert {name: form for name, form in formats.items() if name != "lm_head"} == dict.fromkeys(
        ["h.0.attn_qkv", "h.0.attn_out", "h.0.mlp_in", "h.0.mlp_out"], "ternary34"
    )
    asked = build(own_model, tmp_path / "out", replace(BuildOptions(), weights="int8"))
    assert asked["options"]["weights"] == "int8"


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ("int5", "no such format: 'int5'"),
        ("h.1.mlp_in=int8", "no matrix 'h.1.mlp_in'"),
        (8, r'config\.json: "weights" in "gpt486" must be a text, found 8'),
        (None, r'"weights" in "gpt486" must be a text, found None'),
    ],
)
def test_a_choice_of_the_model_that_cannot_be(own_model: Path, weights: object, message: str) -> None:
    set_weights(own_model, weights)
    with pytest.raises((Gpt486Error, ModelError), match=message):
        lower_model(own_model)
