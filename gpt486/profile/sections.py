"""The report's sections that no clock tells: attention, and how near their bounds the numbers came.

They come from the exact model in NumPy, which equals the program on the 486 in every number.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gpt486.backends.request import Request
from gpt486.build import end_token, lowered_of
from gpt486.errors import Gpt486Error
from gpt486.observe.activity import observe


def activity(build: Path, facts: dict[str, Any], request: Request) -> tuple[dict[str, Any], list[str]]:
    """The sections "attention" and "stability", and notes on what is missing and why."""
    try:
        lowered = lowered_of(build, facts)
    except Gpt486Error as error:
        return {}, [f"Without attention and stability: {error}."]
    seen = observe(
        lowered.program,
        lowered.tokenizer.encode(request.prompt),
        request.count,
        end_of_text=end_token(lowered),
        sampling=request.sampling,
        ignore_end=request.ignore_end,
    )
    known = lowered.tokenizer.tokens
    texts = [known[token].decode("utf-8", "replace") if token < len(known) else "" for token in seen.attention.tokens]
    return {"attention": seen.attention.to_json(texts), "stability": seen.stability.to_json()}, []
