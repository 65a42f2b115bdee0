"""Fixtures that the whole suite shares: small random models, lowered and built once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from gpt486.models.random_model import write_random_model

settings.register_profile(
    "gpt486",
    deadline=None,  # host timings never decide
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("gpt486")

AWKWARD: dict[str, dict[str, Any]] = {
    "untied-relu": {
        "layers": 1,
        "heads": 3,
        "width": 36,
        "context": 24,
        "vocabulary": 300,
        "tied": False,
        "activation": "relu",
        "spread": 0.2,
    },
    "no-bias-gelu": {
        "layers": 2,
        "heads": 5,
        "width": 60,
        "inner": 100,
        "context": 32,
        "vocabulary": 517,
        "biases": False,
        "activation": "gelu",
        "spread": 0.3,
    },
}
"""Random models with sizes that are no powers of two."""


@pytest.fixture(scope="session")
def awkward_models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Directories of the models in AWKWARD, by name."""
    root = tmp_path_factory.mktemp("models")
    for name, sizes in AWKWARD.items():
        write_random_model(root / name, **sizes)
    return {name: root / name for name in AWKWARD}


@pytest.fixture(params=sorted(AWKWARD))
def awkward_model(request: pytest.FixtureRequest, awkward_models: dict[str, Path]) -> Path:
    """Each of the awkward models in turn."""
    return awkward_models[request.param]


@pytest.fixture(scope="session")
def built(awkward_models: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a build of the model "untied-relu"; tests must not change it."""
    from gpt486.build import BuildOptions, build

    folder = tmp_path_factory.mktemp("built")
    build(awkward_models["untied-relu"], folder, BuildOptions())
    return folder


@pytest.fixture
def own_build(built: Path, tmp_path: Path) -> Path:
    """A copy of `built` that a test may spoil."""
    import shutil

    return Path(shutil.copytree(built, tmp_path / "build"))
