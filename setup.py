"""Packaging that pyproject.toml cannot express: folders beside the packages travel inside gpt486/_data."""

from setuptools import find_packages, setup

DATA = ("asm", "basic_templates", "weights")

setup(
    packages=[*find_packages(include=["gpt486*", "emulator*"]), *(f"gpt486._data.{name}" for name in DATA)],
    package_dir={f"gpt486._data.{name}": name for name in DATA},
    package_data={
        **{f"gpt486._data.{name}": ["**/*"] for name in DATA},
        "": ["*.bas", "*.bi", "*.asm", "*.txt", "*.json", "*.toml", "py.typed"],
    },
)
