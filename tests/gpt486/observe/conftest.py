"""Builds to look into: the model that ships, and the awkward ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from gpt486.build import BuildOptions, build, find_model


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a build of the model that ships; tests must not change it."""
    folder = tmp_path_factory.mktemp("shipped")
    build(find_model(None), folder, BuildOptions())
    return folder


@pytest.fixture(scope="session")
def awkward_builds(awkward_models: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A build of each of the awkward models, by name."""
    root = tmp_path_factory.mktemp("awkward")
    for name, directory in awkward_models.items():
        build(directory, root / name, BuildOptions())
    return {name: root / name for name in awkward_models}


@pytest.fixture(params=["shipped", "untied-relu", "no-bias-gelu"])
def any_build(request: pytest.FixtureRequest, shipped: Path, awkward_builds: dict[str, Path]) -> Path:
    """Each of these builds in turn."""
    return {"shipped": shipped, **awkward_builds}[request.param]
