from __future__ import annotations

from typing import Any

import jinja2
import numpy as np
import pytest

from gpt486.emit.kernels import kernel_renderer
from gpt486.emit.lines import LONGEST, wrap
from gpt486.emit.matvec import MODES, matvec_values, row_procedure
from gpt486.kernels import KERNELS, Lookup
from gpt486.kernels.tables import TABLES
from gpt486.ops.base import Vector
from gpt486.ops.layer_norm import NormKernel
from gpt486.ops.matvec import MatVec
from gpt486.paths import ASM
from gpt486.quantize.formats import FORMATS

NORM = NormKernel(64, uniform=False, biased=True)


def test_a_kernel_becomes_a_naked_procedure() -> None:
    source = (
        ";! Function twice(ByVal x As Long) As Long\n;\n; Two times x.\n\n        mov eax, [esp+4]  ; x\n        ret\n"
    )
    environment = jinja2.Environment(loader=jinja2.DictLoader({"twice.asm": source}))
    assert kernel_renderer(environment)("twice") == (
        "' Two times x.\n"
        "Function twice Naked Cdecl (ByVal x As Long) As Long\n"
        "    Asm\n"
        "        mov eax, [esp+4]  ' x\n"
        "        ret\n"
        "    End Asm\n"
        "End Function"
    )


NAMES = [path.stem for path in (ASM / "kernels").glob("*.asm")]
"""Those of attention need a whole program: test_build.py looks at their text."""


def environment() -> jinja2.Environment:
    return jinja2.Environment(loader=jinja2.FileSystemLoader(ASM / "kernels"), undefined=jinja2.StrictUndefined)


def every_variant() -> dict[str, Any]:
    """Values with every table, kernel of lookups and variant: what a program of all of them would need."""
    rows, two = [], []
    for kernel in KERNELS.values():
        if isinstance(kernel, Lookup):
            cut = kernel.tiling(100)
            for mode in MODES.values():
                rows.append(row_procedure(kernel, cut, mode, kernel.procedure(cut), 2 * mode.biased))
                two.append(row_procedure(kernel, cut, mode, kernel.procedure_two(cut), 2 * mode.biased, two=True))
    return {
        "two_kernels": two,
        "token_longs": 100,
        "tables": list(TABLES.values()),
        "row_kernels": rows,
        "pair_kernels": [{"name": f"pair_rows_9_{adds}", "adds": adds, "columns": 9} for adds in (False, True)],
        "multiply_bits": [8, 16],
        "group_counts": [1, 16],
        "gelu_entries": 4096,
        "embed_shift": 1,
        "norm": NORM,
    }


@pytest.mark.parametrize("name", sorted(name for name in NAMES if not name.startswith("attend")))
def test_every_kernel_renders_and_its_labels_are_its_own(name: str) -> None:
    text = kernel_renderer(environment(), **every_variant())(name)
    owner, labels = "", []
    for line in text.splitlines():
        if line.startswith(("Sub ", "Function ")):
            owner = line.split()[1]
        if line.endswith(":") and not line.startswith("'"):
            labels.append(line.strip())
            assert line.strip().startswith(owner)
    assert len(set(labels)) == len(labels) > 0
    assert not any(";" in line.partition("'")[0] for line in text.splitlines())
    assert "{" not in text
    assert max(len(part) for line in text.splitlines() for part in wrap(line)) <= LONGEST


def test_comments_stand_in_a_column() -> None:
    text = kernel_renderer(environment(), **every_variant())("lut_build")
    code = [line for line in text.splitlines() if line.startswith("        ") and "'" in line]
    assert {line.index("'") for line in code} == {40}
    assert sum(line.endswith(("' +0- 00-", "' 000000")) for line in code) > 0


def test_matvec_values_have_what_a_program_uses_and_no_more() -> None:
    """One tile or several, lookups and products: which procedures there are, and in which variants."""

    def product(form: str, kernel: str, columns: int, number: int) -> MatVec:
        weights = FORMATS[form].quantize(np.random.default_rng(1).standard_normal((4, columns)).astype(np.float32))
        op = MatVec(f"m{number}", Vector("x", columns, 16, 2**20, 2.0**24), "y", weights, None, kernel=kernel)
        op.number = number
        return op

    values = matvec_values([product("int8", "subset64x8", 36, 0), product("ternary", "pairs", 40, 1)])
    assert [(v["name"], v["kind"], v["fused"], v["several"]) for v in values["variants"]] == [
        ("lut_rows_subset64x8_6", "lookup", True, False),
        ("pair_rows_20", "pairs", False, True),
    ]
    assert [k["name"] for k in values["row_kernels"]] == ["lut_rows_subset64x8_6_only"]
    assert [k["name"] for k in values["pair_kernels"]] == ["pair_rows_20_set", "pair_rows_20_add"]
    assert [table.name for table in values["tables"]] == ["subset64"]
    assert values["matvec_files"] == ["lut_build", "lut_rows", "pair_rows", "scale_rows"]
    assert not values["any_wide"]
    wide = matvec_values([product("fixed16", "multiply16", 40, 0)])
    assert wide["any_wide"]
    assert wide["multiply_bits"] == [16]
    assert "scale_rows_wide" in wide["matvec_files"]
    assert "mul_rows" in wide["matvec_files"]


def test_long_lines_are_wrapped_after_commas() -> None:
    line = "    Sub s(" + ", ".join(f"ByVal argument{n} As Long Ptr" for n in range(12)) + ") As Long"
    parts = wrap(line)
    assert len(parts) > 2
    assert max(map(len, parts)) <= LONGEST
    assert all(part.endswith(", _") for part in parts[:-1])
    assert all(part.startswith(" " * 12) for part in parts[1:])
    assert "".join(part.strip().removesuffix(" _") + " " for part in parts).strip() == line.strip()
    for kept in ("short", f"' {line}", f'print "{line}"', "x" * 200, " " * 200):
        assert wrap(kept) == [kept]


def test_a_file_without_a_prototype() -> None:
    environment = jinja2.Environment(loader=jinja2.DictLoader({"bad.asm": "nop\n"}))
    with pytest.raises(AssertionError, match="begins with"):
        kernel_renderer(environment)("bad")
