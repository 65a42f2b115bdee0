"""The error of this package, and the one place where torch is looked for."""

from gpt486.errors import Gpt486Error


class TrainingError(Gpt486Error):
    """Something about a training run that its user can put right."""


def require_torch() -> None:
    """Raise TrainingError with the command that installs PyTorch, where it is missing."""
    try:
        import torch  # noqa: F401
    except ImportError:
        raise TrainingError("training needs PyTorch, which is not installed: pip install torch") from None
