"""Trained models: directories in Hugging Face's GPT-2 layout, checked and read into float32 arrays."""

from gpt486.models.config import GPT2Config, ModelError
from gpt486.models.gpt2 import GPT2, Block, LayerNorm, Linear, load_model

__all__ = ["GPT2", "Block", "GPT2Config", "LayerNorm", "Linear", "ModelError", "load_model"]
