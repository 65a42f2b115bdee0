"""Where the files that are not Python lie: assembly, BASIC templates, weights."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent
_ROOT = _CHECKOUT if (_CHECKOUT / "basic_templates").is_dir() else _PACKAGE / "_data"

ASM = _ROOT / "asm"
"""Assembly: kernels and start-up code."""

TEMPLATES = _ROOT / "basic_templates"
"""The FreeBASIC run-time units and applications."""

WEIGHTS = _ROOT / "weights"
"""The models that ship, one directory each."""
