"""What the template of the op matvec needs to know: which kernels a program uses, and in which variants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gpt486.kernels import Lookup, Multiply, MultiplyPairs, Tiling
from gpt486.kernels.tables import EXCESS
from gpt486.ops.matvec import MatVec


@dataclass(frozen=True)
class Mode:
    """What a procedure for the rows of a tile does with its sums.

    Attributes:
        suffix: of the procedure's name.
        adds: whether it adds to what is there.
        scales: whether it scales them and adds the bias.
        biased: whether it adds the bias alone.
        meaning: for its heading.
    """

    suffix: str
    adds: bool
    scales: bool
    biased: bool
    meaning: str

    def needed(self, fused: bool, plain: bool, several: bool) -> bool:
        """Whether a product needs it: one whose last tile scales or not, of several tiles or one."""
        if self.suffix in ("_only", "_plain"):
            return fused and not several and plain == (self.suffix == "_plain")
        if self.suffix in ("_last", "_plain_last"):
            return fused and several and plain == (self.suffix == "_plain_last")
        return several or (self.suffix == "_set" and not fused)

    def values(self, name: str) -> dict[str, Any]:
        """Values for the templates."""
        return {
            "name": name + self.suffix,
            "adds": self.adds,
            "scales": self.scales,
            "biased": self.biased,
            "meaning": self.meaning,
        }


MODES = {
    mode.suffix: mode
    for mode in (
        Mode("_set", False, False, False, "The products of the first tile"),
        Mode("_add", True, False, False, "Add the products of a tile to the sums"),
        Mode("_last", True, True, False, "Add the products of the last tile to the sums"),
        Mode("_only", False, True, False, "The products of the only tile"),
        Mode("_plain_last", True, False, True, "Add the products of the last tile, and the bias, to the sums"),
        Mode("_plain", False, False, True, "The products of the only tile, and the bias"),
    )
}


def row_procedure(
    kernel: Lookup, cut: Tiling, mode: Mode, name: str, doublings: int = 0, *, two: bool = False
) -> dict[str, Any]:
    """What lut_rows.asm, or lut_two.asm, and their twins need of a procedure.

    Args:
        kernel: for which it does the rows of a tile.
        cut: how columns are cut.
        mode: what it does with the sums.
        name: of it, without the mode's suffix.
        doublings: how often a sum is doubled.
        two: whether it does two tokens at once.
    """
    table = kernel.table
    excess = EXCESS if table.bits == 16 else 0
    parameters = ["codes As UByte Ptr", "tables As Any Ptr", "sums As Long Ptr", "rows As Long"]
    if mode.scales:
        parameters += ["scales As Long Ptr", "shift As Long", *["second_shift As Long"] * two]
        parameters += ["excess As Long"] * bool(excess and mode.adds)
    elif mode.biased:
        parameters.append("bias As Long Ptr")
    return {
        **mode.values(name),
        "parameters": ", ".join(f"ByVal {parameter}" for parameter in parameters),
        "doublings": doublings,
        "groups": cut.groups,
        "planes": kernel.planes,
        "levels": kernel.levels,
        "bits": table.bits,
        "per_page": table.per_page,
        "excess": excess,
        "start_two": _signed((-(EXCESS >> kernel.planes - 1) if kernel.planes else EXCESS) * 65537),
        "at_once": kernel.rows_at_once(cut),
        "patterns": table.entries,
        "mask": table.stride - 1,
        "down": table.entry_bytes // 2,
    }


def _signed(value: int) -> int:
    """A number modulo 2**32, as a Long."""
    return (value + (1 << 31)) % (1 << 32) - (1 << 31)


def _ending(name: str, doublings: int) -> str:
    """Name of a procedure that doubles its sums."""
    return f"{name}_x{1 << doublings}" if doublings else name


def _rows(op: MatVec, name: str, modes: list[Mode], *, two: bool = False) -> dict[str, dict[str, Any]]:
    """The procedures for a product's rows, by name, in the modes that it needs."""
    assert isinstance(op.kernel, Lookup)
    found = {}
    for mode in modes:
        doublings = op.doublings if mode.biased else 0
        values = row_procedure(op.kernel, op.cut, mode, _ending(name, doublings), doublings, two=two)
        found[values["name"]] = values
    return found


def matvec_values(matrices: list[MatVec]) -> dict[str, Any]:
    """Values for basic_templates/ops/matvec.bas and the kernels that it includes.

    Args:
        matrices: the program's products, in order.
    """
    variants: list[dict[str, Any]] = []
    rows: dict[str, dict[str, Any]] = {}
    rows_two: dict[str, dict[str, Any]] = {}
    pairs: dict[str, dict[str, Any]] = {}
    tables, bits = {}, set()
    by_number = {op.number: op for op in matrices}
    for number in sorted(by_number):
        op = by_number[number]
        kernel, name, several = op.kernel, op.procedure, op.cut.tiles > 1
        variant: dict[str, Any] = {
            "number": number,
            "name": name,
            "ending": _ending(name, op.doublings),
            "fused": op.fused,
            "plain": op.plain,
            "several": several,
            "groups": op.cut.groups,
            "start": "",
            "excess": "",
            "two": None,
        }
        modes = [mode for mode in MODES.values() if mode.needed(op.fused, op.plain, several)]
        if isinstance(kernel, Lookup):
            tables[kernel.table.name] = kernel.table
            bits_16 = {}
            if kernel.table.bits == 16:
                both = _signed(kernel.bias(op.cut) * 65537)
                # Products of different numbers of tiles may share the procedures, and the variant.
                bits_16 = {"start": f", {both}", "excess": f", r->tiles * {EXCESS}" if several else ""}
            variants.append({**variant, "kind": "lookup", "table": kernel.table.name, **bits_16})
            rows |= _rows(op, name, modes)
            if op.two:
                wide, name = kernel.table.wide, kernel.procedure_two(op.cut)
                tables[wide.name] = wide
                ending = _ending(name, op.doublings)
                variants[-1]["two"] = {"name": name, "ending": ending, "table": wide.name, "start": ""}
                rows_two |= _rows(op, name, modes, two=True)
        elif isinstance(kernel, MultiplyPairs):
            variants.append({**variant, "kind": "pairs"})
            for mode in modes:
                pairs[name + mode.suffix] = {"columns": op.cut.groups, **mode.values(name)}
        elif isinstance(kernel, Multiply):
            variants.append({**variant, "kind": "multiply", "bits": kernel.bits})
            bits.add(kernel.bits)
    any_wide = any(op.wide for op in matrices)
    files = [
        ("lut_build", tables),
        ("lut_rows", rows),
        ("join_lanes", rows_two),
        ("lut_two", rows_two),
        ("mul_rows", bits),
        ("pair_rows", pairs),
        ("scale_rows", any(not op.fused for op in matrices)),
        ("scale_rows_wide", any_wide),
    ]
    return {
        "variants": variants,
        "tables": list(tables.values()),
        "row_kernels": list(rows.values()),
        "two_kernels": list(rows_two.values()),
        "pair_kernels": list(pairs.values()),
        "multiply_bits": sorted(bits),
        "any_wide": any_wide,
        "matvec_files": [name for name, used in files if used],
    }
