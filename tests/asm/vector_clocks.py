"""Clocks of the kernels that go through a vector, under the cycle model: `python -m tests.asm.vector_clocks`.

Warm: code and data in the first-level cache. Cold: only in the second level, as between two large products.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import jinja2
import numpy as np

from gpt486.models import LayerNorm
from gpt486.ops.activation import GELU_ENTRIES, gelu_table
from gpt486.ops.base import Blob, Vector
from gpt486.ops.layer_norm import LayerNormOp, NormKernel, norm_tables
from gpt486.paths import ASM
from gpt486.toolchain.assembler import AsmLine, assemble
from tests.emulator.timing import lab

CODE, EMPTY, X, Y, PLACES, TABLES, OTHER = 0x20000, 0x1F000, 0x30000, 0x31000, 0x32000, 0x34000, 0x48000
CPU = "486dx2-66"


def clocks(
    name: str, arguments: Sequence[int], data: Mapping[int, bytes], *, cold: bool, entry: str = "", **values: object
) -> int:
    """Clocks of one call of a kernel, call and return included."""
    text = (
        jinja2.Environment(loader=jinja2.FileSystemLoader(ASM / "kernels")).get_template(f"{name}.asm").render(values)
    )
    lines = []
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r";! \w+ (\w+)\(", line)
        code = f"{match[1]}:" if match else line.partition(";")[0].strip()
        if code:
            lines.append(AsmLine(code, name, number))
    found = assemble(lines, origin=CODE)

    def run(calls: int, target: int) -> int:
        source = []
        for call in range(calls):
            if cold:
                source += [f"mov ecx, 1024\nmov esi, {OTHER}\nsweep_{call}:\nmov eax, [esi]"]
                source += [f"add esi, 16\ndec ecx\njnz sweep_{call}"]
            source += [f"push {argument}" for argument in reversed(arguments)]
            source += [f"mov eax, {target}\ncall eax\nadd esp, {4 * len(arguments)}"]
        pc = lab.machine("\n".join([*source, "hlt"]), bits=32, cpu=CPU)
        pc.memory.write(CODE, found.code)
        pc.memory.write(EMPTY, b"\xc3")
        for address, content in data.items():
            pc.memory.write(address, content)
        return lab.run(pc)

    target = found.symbols[entry or name]
    return run(3, target) - run(2, target) - (run(3, EMPTY) - run(2, EMPTY)) + 5


def layer_norm_clocks(width: int, kind: str, *, cold: bool) -> int:
    """Clocks of a layer norm; kind: "uniform" gammas, "gains" that differ, or with betas ("biased")."""
    random = np.random.default_rng(1)
    x = (random.standard_normal(width) * 2**16).astype("<i4")
    gamma = np.ones(width) if kind == "uniform" else 1 + 0.1 * random.standard_normal(width)
    beta = 0.1 * random.standard_normal(width) if kind == "biased" else np.zeros(width)
    weights = LayerNorm(gamma.astype(np.float32), beta.astype(np.float32))
    biased = kind == "biased"
    op = LayerNormOp("ln", Vector("x", width, 16, 2**25, 2.0**30), "normed", weights, 1e-5, 16, biased=biased)
    blob = Blob()
    gains, offset, epsilon = op.values(blob)
    data = {X: x.tobytes(), PLACES: blob.bytes()[gains:], TABLES: norm_tables()}
    norm = NormKernel(width, uniform=kind == "uniform", biased=biased)
    return clocks("layer_norm_vector", [X, Y, PLACES, TABLES, epsilon, offset], data, cold=cold, norm=norm)


def vector_clocks(width: int, *, cold: bool) -> dict[str, int]:
    """Clocks of the other kernels."""
    random = np.random.default_rng(1)
    x = (random.standard_normal(width) * 2**16).astype("<i4").tobytes()
    hidden = (random.standard_normal(width) * 2**10).astype("<i4").tobytes()
    bumps = gelu_table("gelu").astype(np.uint8).tobytes()
    gelu = {"data": {X: hidden, TABLES: bumps}, "cold": cold, "gelu_entries": GELU_ENTRIES}
    both = {X: x, Y: x}
    return {
        "magnitude_bits": clocks("magnitude_bits", [X, width], both, cold=cold),
        "shift_down": clocks("shift_down", [X, Y, width, 3], both, cold=cold),
        "add_vector": clocks("add_vector", [X, Y, width], both, cold=cold),
        "relu_vector": clocks("relu_vector", [X, width], both, cold=cold),
        "gelu_vector": clocks("gelu_vector", [X, width, TABLES], **gelu),  # type: ignore[arg-type]
        "gelu_vector_down": clocks("gelu_vector", [X, width, TABLES, 1], entry="gelu_vector_down", **gelu),  # type: ignore[arg-type]
        "embed_rows": clocks("embed_rows", [X, X + 1024, Y, width], both, cold=cold, embed_shift=1),
    }


def main() -> None:
    """Print all of them."""
    for width in (48, 64, 128, 256):
        for kind in ("uniform", "gains", "biased"):
            warm, cold = (layer_norm_clocks(width, kind, cold=cold) for cold in (False, True))
            print(f"layer norm, {kind:8} {width:4}: warm {warm:6}, {warm / width:5.1f} each; cold {cold:6}")
    for width in (64, 256):
        warm_all, cold_all = (vector_clocks(width, cold=cold) for cold in (False, True))
        for name, warm in warm_all.items():
            print(f"{name:16} {width:4}: warm {warm:6}, {warm / width:5.1f} each; cold {cold_all[name]:6}")


if __name__ == "__main__":
    main()
