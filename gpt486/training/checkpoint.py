"""Checkpoints of a run (exact to the bit) and the export of a model in Hugging Face's layout."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from safetensors.torch import save as serialize

from gpt486.tokenizers import ByteLevelBPE
from gpt486.training.config import ModelConfig, TrainConfig
from gpt486.training.errors import TrainingError
from gpt486.training.model import GPT2

NAME = "checkpoint.pt"


def save(folder: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint so that a crash at any moment leaves the old or the new one whole."""
    part = folder / (NAME + ".part")
    try:
        torch.save(state, part)
        part.replace(folder / NAME)
    except (OSError, RuntimeError) as error:
        raise TrainingError(f"{folder}: the checkpoint cannot be written: {error}") from None


def load(folder: Path) -> dict[str, Any]:
    """Read a checkpoint."""
    path = folder / NAME
    if not path.exists():
        raise TrainingError(f"{path}: there is no checkpoint to resume from")
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch has no common base for what a damaged file raises
        raise TrainingError(f"{path}: is damaged: {str(error).splitlines()[0]}") from None
    return state


def hugging_face_config(config: ModelConfig, eot: int) -> dict[str, Any]:
    """The config.json of a model."""
    return {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "activation_function": "gelu_new",
        "n_layer": config.layers,
        "n_head": config.heads,
        "n_embd": config.width,
        "n_positions": config.context,
        "n_ctx": config.context,
        "n_inner": None,
        "vocab_size": config.vocabulary,
        "layer_norm_epsilon": 1e-5,
        "bos_token_id": eot,
        "eos_token_id": eot,
        "tie_word_embeddings": True,
        "torch_dtype": "float32",
    }


def export(model: GPT2, tokenizer: ByteLevelBPE, folder: Path, train: TrainConfig | None = None) -> None:
    """Write config.json, model.safetensors and tokenizer.json. How it was trained stands under `gpt486` in
    config.json."""
    assert tokenizer.eot is not None
    config = hugging_face_config(model.config, tokenizer.eot)
    if train is not None:
        config["gpt486"] = {"training": train.to_dict()}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    tensors = {name: p.detach().to("cpu", torch.float32).contiguous() for name, p in model.state_dict().items()}
    (folder / "model.safetensors").write_bytes(serialize(tensors, metadata={"format": "pt"}))
    tokenizer.save(folder)


def load_exported(folder: Path) -> tuple[GPT2, ByteLevelBPE, dict[str, Any]]:
    """The model, the tokenizer and the config of a directory that `export` wrote."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        sizes = ModelConfig(
            config["n_layer"], config["n_head"], config["n_embd"], config["n_positions"], config["vocab_size"]
        )
        model = GPT2(sizes)
        model.load_state_dict(load_file(folder / "model.safetensors"))
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise TrainingError(f"{folder}: is not a model that gpt486 trained: {str(error).splitlines()[0]}") from None
    return model, ByteLevelBPE.load(folder), config
