"""gpt486: puts a trained GPT on a 1990s PC."""

__version__ = "0.1.0"
