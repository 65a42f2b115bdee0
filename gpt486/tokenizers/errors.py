"""The error of this package."""

from gpt486.errors import Gpt486Error


class TokenizerError(Gpt486Error):
    """A tokenizer that is missing, damaged, or that does something which gpt486 does not do exactly."""
