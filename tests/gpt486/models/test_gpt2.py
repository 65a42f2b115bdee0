from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from gpt486.models import ModelError, load_model
from gpt486.models.random_model import write_random_model


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    write_random_model(tmp_path / "m", layers=2, heads=2, width=12, context=8, vocabulary=260)
    return tmp_path / "m"


def edit_config(directory: Path, **changes: Any) -> None:
    path = directory / "config.json"
    config = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({k: v for k, v in config.items() if v is not ...}))


def edit_tensors(directory: Path, change: Callable[[dict[str, np.ndarray]], None]) -> None:
    path = directory / "model.safetensors"
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path)


def refusal(directory: Path) -> str:
    with pytest.raises(ModelError) as error:
        load_model(directory)
    message = str(error.value)
    assert "\n" not in message
    return message


def test_weights_land_in_their_places(directory: Path) -> None:
    model = load_model(directory)
    stored = load_file(directory / "model.safetensors")
    assert model.config.layers == 2
    assert model.head is model.wte
    np.testing.assert_array_equal(model.wte, stored["transformer.wte.weight"])
    np.testing.assert_array_equal(model.blocks[1].mlp_in.weight, stored["transformer.h.1.mlp.c_fc.weight"].T)
    np.testing.assert_array_equal(model.blocks[0].attn_qkv.bias, stored["transformer.h.0.attn.c_attn.bias"])
    assert model.blocks[0].attn_qkv.weight.shape == (36, 12)
    assert model.parameters == sum(t.size for t in stored.values())


def test_names_without_prefix_and_buffers_to_ignore(directory: Path) -> None:
    before = load_model(directory)

    def rename(tensors: dict[str, np.ndarray]) -> None:
        for name in list(tensors):
            tensors[name.removeprefix("transformer.")] = tensors.pop(name)
        tensors["h.0.attn.bias"] = np.ones((1, 1, 8, 8), np.float32)
        tensors["h.0.attn.masked_bias"] = np.array(-1e4, np.float32)

    edit_tensors(directory, rename)
    np.testing.assert_array_equal(load_model(directory).blocks[1].ln_2.gamma, before.blocks[1].ln_2.gamma)


def test_shards(directory: Path) -> None:
    before = load_model(directory)
    tensors = load_file(directory / "model.safetensors")
    names = sorted(tensors)
    files = {name: f"model-{1 + (i % 2)}-of-2.safetensors" for i, name in enumerate(names)}
    for file in set(files.values()):
        save_file({n: tensors[n] for n in names if files[n] == file}, directory / file)
    (directory / "model.safetensors").unlink()
    (directory / "model.safetensors.index.json").write_text(json.dumps({"weight_map": files}))
    np.testing.assert_array_equal(load_model(directory).wpe, before.wpe)
    (directory / "model-2-of-2.safetensors").unlink()
    assert "model-2-of-2.safetensors" in refusal(directory)


def test_an_index_that_leads_out_of_the_directory(directory: Path) -> None:
    (directory / "model.safetensors").rename(directory.parent / "model.safetensors")
    (directory / "model.safetensors.index.json").write_text(
        json.dumps({"weight_map": {"transformer.wte.weight": "../model.safetensors"}})
    )
    assert "../model.safetensors" in refusal(directory)


def test_half_precision_is_read(directory: Path) -> None:
    def halve(tensors: dict[str, np.ndarray]) -> None:
        tensors["transformer.wte.weight"] = tensors["transformer.wte.weight"].astype(np.float16)

    edit_tensors(directory, halve)
    assert load_model(directory).wte.dtype == np.float32


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"n_layer": ...}, "n_layer"),
        ({"n_layer": 0}, "n_layer"),
        ({"n_embd": "big"}, "n_embd"),
        ({"n_head": 5}, "n_head"),
        ({"model_type": "llama"}, "llama"),
        ({"activation_function": "swish"}, "swish"),
        ({"layer_norm_epsilon": -1}, "layer_norm_epsilon"),
        ({"scale_attn_weights": False}, "scale_attn_weights"),
        ({"scale_attn_by_inverse_layer_idx": True}, "scale_attn_by_inverse_layer_idx"),
        ({"tie_word_embeddings": 1}, "tie_word_embeddings"),
        ({"gpt486": 3}, "gpt486"),
        ({"activation_function": []}, "activation_function"),
        ({"model_type": "a\nb"}, "model_type"),
        ({"n_positions": 1}, "context"),
        ({"n_embd": 24}, "wte.weight"),
    ],
)
def test_bad_configs_are_refused_by_name(directory: Path, changes: dict[str, Any], named: str) -> None:
    edit_config(directory, **changes)
    assert named in refusal(directory)


def test_an_end_of_text_beyond_the_vocabulary_is_no_token(directory: Path) -> None:
    edit_config(directory, eos_token_id=50256)
    assert load_model(directory).config.eos is None


def test_missing_directory_and_files(directory: Path, tmp_path: Path) -> None:
    assert "nowhere" in refusal(tmp_path / "nowhere")
    shutil.move(directory / "model.safetensors", directory / "pytorch_model.bin")
    assert "pytorch_model.bin" in refusal(directory)
    (directory / "pytorch_model.bin").unlink()
    assert "model.safetensors" in refusal(directory)
    (directory / "config.json").unlink()
    assert "config.json" in refusal(directory)


@pytest.mark.parametrize("keep", [0, 1, 7, 8, 100, 5000])
def test_truncated_weights(directory: Path, keep: int) -> None:
    path = directory / "model.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    assert "model.safetensors" in refusal(directory)


@pytest.mark.parametrize(
    "text", ["", "{", "[1, 2]", '{"n_layer": ', "\xff\xfe", "[" * 100_000, '{"n_layer": ' + "9" * 5000 + "}"]
)
def test_truncated_configs(directory: Path, text: str) -> None:
    (directory / "config.json").write_bytes(text.encode("latin-1"))
    assert "config.json" in refusal(directory)


def test_missing_tensor(directory: Path) -> None:
    edit_tensors(directory, lambda tensors: tensors.__delitem__("transformer.h.1.mlp.c_proj.weight"))
    assert "h.1.mlp.c_proj.weight" in refusal(directory)


def test_misshapen_tensor(directory: Path) -> None:
    def shrink(tensors: dict[str, np.ndarray]) -> None:
        tensors["transformer.h.0.ln_1.weight"] = np.ones(11, np.float32)

    edit_tensors(directory, shrink)
    message = refusal(directory)
    assert "h.0.ln_1.weight" in message
    assert "[11]" in message
    assert "[12]" in message


def test_a_tensor_of_integers(directory: Path) -> None:
    def change(tensors: dict[str, np.ndarray]) -> None:
        tensors["transformer.ln_f.weight"] = np.ones(12, np.int32)

    edit_tensors(directory, change)
    assert "int32" in refusal(directory)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite(directory: Path, value: float) -> None:
    def spoil(tensors: dict[str, np.ndarray]) -> None:
        tensors["transformer.h.1.attn.c_attn.weight"][3, 5] = value

    edit_tensors(directory, spoil)
    message = refusal(directory)
    assert "h.1.attn.c_attn.weight" in message
    assert "[3, 5]" in message


def test_biases_must_be_as_the_config_says(directory: Path) -> None:
    edit_tensors(directory, lambda tensors: tensors.__delitem__("transformer.h.0.mlp.c_fc.bias"))
    assert '"bias": false' in refusal(directory)
    edit_config(directory, bias=False)
    assert "bias" in refusal(directory)


def test_untied_and_without_biases(tmp_path: Path) -> None:
    write_random_model(
        tmp_path / "m", layers=1, heads=1, width=8, context=8, vocabulary=258, tied=False, biases=False, inner=12
    )
    model = load_model(tmp_path / "m")
    assert not np.array_equal(model.head, model.wte)
    assert not model.blocks[0].mlp_in.bias.any()
    assert model.blocks[0].mlp_in.weight.shape == (12, 8)
    tensors = load_file(tmp_path / "m" / "model.safetensors")
    assert model.parameters == sum(t.size for t in tensors.values())
