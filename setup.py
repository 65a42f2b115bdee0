"""Packaging that pyproject.toml cannot express: folders beside the packages travel inside gpt486/_data."""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
DATA = {
    ".".join(("gpt486", "_data", *folder.relative_to(HERE).parts)): folder.relative_to(HERE).as_posix()
    for name in ("asm", "basic_templates", "weights")
    for folder in (HERE / name, *sorted((HERE / name).rglob("*/")))
    if folder.is_dir() and folder.name != "__pycache__"
}

setup(
    packages=[*find_packages(include=["gpt486*", "emulator*"]), *DATA],
    package_dir=DATA,
    package_data={
        "": ["*.bas", "*.bi", "*.asm", "*.txt", "*.json", "*.toml", "*.safetensors", "*.md", "py.typed"],
        "gpt486.basic": ["runtime/*"],
        "emulator": ["machines/*.toml"],
        "gpt486.profile": ["page/*"],
    },
)
