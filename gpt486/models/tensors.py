"""The tensors of a model directory: one safetensors file, or shards with an index."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from gpt486.models.config import ModelError, read_json_object

SINGLE = "model.safetensors"
INDEX = "model.safetensors.index.json"


class TensorFiles:
    """Finds tensors by name in a model directory and reads them as float32.

    Names are found with or without the prefix `transformer.`.

    Raises:
        ModelError: no weights, a truncated or corrupt file, a shard missing.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._file_of: dict[str, Path] = {}
        if (directory / SINGLE).exists():
            self._add(directory / SINGLE)
        elif (directory / INDEX).exists():
            weight_map = read_json_object(directory / INDEX).get("weight_map")
            if not isinstance(weight_map, dict) or not all(isinstance(v, str) for v in weight_map.values()):
                raise ModelError(f'{directory / INDEX}: the key "weight_map" is missing or no table of files')
            for shard in sorted(set(weight_map.values())):
                if Path(shard).name != shard:
                    raise ModelError(f'{directory / INDEX}: shard "{shard}" is not a plain file name')
                self._add(directory / shard)
        elif (directory / "pytorch_model.bin").exists():
            raise ModelError(
                f"{directory}: holds only pytorch_model.bin; convert it to {SINGLE} first "
                "(transformers: model.save_pretrained(DIR, safe_serialization=True))"
            )
        else:
            raise ModelError(f"{directory / SINGLE}: no such file; a model directory needs its weights")

    def _add(self, path: Path) -> None:
        try:
            with safe_open(path, framework="numpy") as file:
                for name in file.keys():  # noqa: SIM118 - safe_open is no mapping
                    self._file_of[name.removeprefix("transformer.")] = path
        except FileNotFoundError:
            raise ModelError(f"{path}: no such file, though {INDEX} names it") from None
        except (SafetensorError, OSError, ValueError) as error:
            raise ModelError(f"{path}: not a readable safetensors file ({error}); is it truncated?") from None

    def __contains__(self, name: str) -> bool:
        return name in self._file_of

    def read(self, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Read the tensor `name` as float32 and check its shape and that every value is finite.

        Raises:
            ModelError: the tensor is missing, has another shape or type, or holds NaN or infinity.
        """
        path = self._file_of.get(name)
        if path is None:
            raise ModelError(f"{self.directory}: tensor {name} is missing from the weights")
        try:
            with safe_open(path, framework="numpy") as file:
                names = set(file.keys())
                stored = name if name in names else f"transformer.{name}"
                if str(file.get_slice(stored).get_dtype()) == "BF16":
                    raise ModelError(
                        f"{path}: tensor {name} is bfloat16, which NumPy lacks; save it as float32 or float16"
                    )
                array = file.get_tensor(stored)
        except (SafetensorError, OSError, ValueError) as error:
            raise ModelError(f"{path}: tensor {name} cannot be read: {error}") from None
        if array.shape != shape:
            raise ModelError(
                f"{path}: tensor {name} has shape {list(array.shape)}; config.json calls for {list(shape)}"
            )
        if array.dtype.kind != "f":
            raise ModelError(f"{path}: tensor {name} is {array.dtype}; expected a floating-point type")
        result: NDArray[np.float32] = array.astype(np.float32)
        bad = ~np.isfinite(result)
        if bad.any():
            where = [int(i) for i in np.argwhere(bad)[0]]
            raise ModelError(
                f"{path}: tensor {name} holds {result[tuple(where)]} at {where} "
                f"({int(bad.sum())} such values); the model cannot be used"
            )
        return result
