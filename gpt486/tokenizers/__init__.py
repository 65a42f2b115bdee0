"""Tokenizers: byte-level BPE as GPT-2 uses it, exact against Hugging Face's, and a trainer for it."""

from gpt486.tokenizers.bpe import ByteLevelBPE
from gpt486.tokenizers.errors import TokenizerError

__all__ = ["ByteLevelBPE", "TokenizerError"]
