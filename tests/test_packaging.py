"""What `pip install .` puts into another environment is enough to build and run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("gpt486", "emulator", "asm", "basic_templates", "weights")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed packages, as setuptools lays them out, from a copy of the sources."""
    copy = tmp_path_factory.mktemp("source")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    library = copy / "library"
    command = [sys.executable, "setup.py", "--quiet", "build", "--build-base", "base", "--build-lib", str(library)]
    subprocess.run(command, cwd=copy, check=True, capture_output=True)
    return library


def test_every_file_is_there(installed: Path) -> None:
    tracked = subprocess.run(["git", "ls-files", *FOLDERS], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode != 0:
        pytest.skip("not a git checkout")
    for name in tracked.stdout.splitlines():
        top = name.split("/", 1)[0]
        place = installed / name if top in ("gpt486", "emulator") else installed / "gpt486" / "_data" / name
        assert place.exists(), name


def test_it_builds_and_runs_from_anywhere(installed: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    for words in (["build", "-o", "x"], ["run", "x", "-p", "Hi", "-n", "3"]):
        code = "import sys, gpt486.cli.main as m; assert sys.argv.pop(1) in m.__file__; m.main()"
        done = subprocess.run(
            [sys.executable, "-c", code, str(installed), *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.startswith(b"Hi")
