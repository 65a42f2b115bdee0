"""What the template of the op matvec needs to know: which kernels a program uses, and in which variants."""

from __future__ import annotations

from typing import Any

from gpt486.kernels import Lookup, Multiply, MultiplyPairs, Tiling
from gpt486.kernels.tables import ENTRY_BIAS
from gpt486.ops.matvec import MatVec


def lookup_rows(kernel: Lookup, cut: Tiling, *, adds: bool) -> dict[str, Any]:
    """What a procedure of lookups is like; its name aside.

    Args:
        kernel: the kernel.
        cut: the tiling of a matrix.
        adds: whether it adds to the sums, rather than sets them.
    """
    table = kernel.table
    return {
        "adds": adds,
        "groups": cut.groups,
        "planes": kernel.planes,
        "levels": kernel.levels,
        "bits": table.bits,
        "per_page": table.per_page,
        "first": kernel.first_sum(cut),
        "at_once": kernel.rows_at_once(cut),
        "patterns": table.entries,
        "mask": table.stride - 1,
        "down": table.entry_bytes // 2,
    }


def matvec_values(matrices: list[MatVec]) -> dict[str, Any]:
    """Values for basic_templates/ops/matvec.bas and the kernels that it includes.

    Args:
        matrices: the program's products, in order.
    """
    by_variant = {op.number: op for op in matrices}
    several = {op.variant for op in matrices if op.cut.tiles > 1}
    variants: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    pairs: list[dict[str, Any]] = []
    tables, bits = {}, set()
    for number in sorted(by_variant):
        op = by_variant[number]
        kernel, name = op.kernel, op.variant
        adds = name in several
        modes = (False, True) if adds else (False,)
        suffix = {False: "_set", True: "_add"}
        if isinstance(kernel, Lookup):
            table = kernel.table
            tables[table.name] = table
            variants.append(
                {"name": name, "kind": "lookup", "table": table.name, "groups": op.cut.groups, "adds": adds}
            )
            rows += [{"name": name + suffix[mode], **lookup_rows(kernel, op.cut, adds=mode)} for mode in modes]
        elif isinstance(kernel, MultiplyPairs):
            variants.append({"name": name, "kind": "pairs", "adds": adds})
            pairs += [{"name": name + suffix[mode], "adds": mode, "columns": op.cut.groups} for mode in modes]
        elif isinstance(kernel, Multiply):
            variants.append({"name": name, "kind": "multiply", "bits": kernel.bits})
            bits.add(kernel.bits)
    any_wide = any(op.wide for op in matrices)
    files = [
        ("lut_build", tables),
        ("lut_rows", rows),
        ("mul_rows", bits),
        ("pair_rows", pairs),
        ("scale_rows", True),
        ("scale_rows_wide", any_wide),
    ]
    return {
        "variants": variants,
        "tables": list(tables.values()),
        "row_kernels": rows,
        "pair_kernels": pairs,
        "multiply_bits": sorted(bits),
        "any_wide": any_wide,
        "bias": ENTRY_BIAS,
        "matvec_files": [name for name, used in files if used],
    }
