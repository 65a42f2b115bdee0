"""A profile of an invented model of two layers, three steps, whose every figure a test can foretell."""

from __future__ import annotations

from typing import Any

from synthetic import counts

from emulator.mapfile import MapFile, MapLine, MapSymbol
from emulator.profiling.attribute import Attribution, total
from emulator.profiling.schema import COUNTERS, Context, Counts, Mark, Place, Profile
from emulator.profiling.storage import Recording
from gpt486.profile.model import ModelView

BASE = 0x200000
STEPS = 3
LAYERS = 2

#: Name in the block, procedure, clocks of one call without callees.
BLOCK = [
    ("ln_1", "LAYER_NORM", 10),
    ("attn_qkv", "MATVEC", 2),
    ("attention", "ATTEND", 30),
    ("attn_add", "ADD_VECTOR", 4),
]
PROCEDURES = [
    "main",
    "MAIN",
    "MODEL_LOAD",
    "NEXT_TOKEN",
    "FORWARD",
    "EMBED",
    "TRANSFORMER_BLOCK",
    "LAYER_NORM",
    "MATVEC",
    "ATTEND",
    "ADD_VECTOR",
    "LUT_BUILD_SUBSET64",
    "LUT_ROWS_SUBSET64X8_2_SET",
    "ATTEND_HEADS",
    "TRACE_VECTOR",
    "fb_put",
    "MULTIPLY_TILE",
    "LUT_ROWS_SUBSET64X8_2_ADD",
]
AT = {name: BASE + 0x100 * number for number, name in enumerate(PROCEDURES)}

MAP = MapFile(
    "GPT",
    image_size=0x100 * len(PROCEDURES),
    bss_size=0,
    stack_size=0x1000,
    base_pointer=4,
    symbols=tuple(MapSymbol(AT[name] - BASE, 0x100, "code", name) for name in PROCEDURES),
    lines=tuple(MapLine(AT[name] - BASE, "GPT.BAS", 10 * number + 1) for number, name in enumerate(PROCEDURES)),
)

#: Clocks of the kernels in one tile of 12 x 12.
BUILD, ROWS = 60, 500
MATRIX = {
    "rows": 12,
    "columns": 12,
    "format": "int8",
    "kernel": "lut_rows_subset64x8_2",
    "tiles": 1,
    "groups_per_tile": 2,
    "bytes": 12 * 2 * 8,
}
TILES = 3
HEAD = {**MATRIX, "columns": 12 * TILES, "tiles": TILES, "bytes": TILES * 12 * 2 * 8}

ATTENTION = {"heads": 2, "head_width": 6, "pairs": 4}

BOARD = {
    "l2_bytes": 262144,
    "l2_write_back": True,
    "l2_lead": 2,
    "l2_burst": 1,
    "l2_write": 2,
    "dram_lead": 5,
    "dram_burst": 3,
    "dram_write": 3,
    "dram_row": 2,
}
CPU: dict[str, Any] = {
    "name": "486dx2-66",
    "clock_hz": 66_000_000,
    "bus_hz": 33_000_000,
    "fpu": True,
    "cache_bytes": 8192,
    "board": BOARD,
}


def facts() -> dict[str, Any]:
    """BUILD.JSON of the model, as far as profiles read it."""
    ops: list[dict[str, Any]] = [{"name": "embed", "op": "embed"}]
    for layer in range(LAYERS):
        for name, kind, _ in BLOCK:
            extra = MATRIX if kind == "MATVEC" else ATTENTION if kind == "ATTEND" else {}
            ops.append({"name": f"h.{layer}.{name}", "op": kind.lower(), **extra})
    ops += [{"name": "ln_f", "op": "layer_norm"}, {"name": "lm_head", "op": "matvec", **HEAD}]
    config = {"layers": LAYERS, "heads": 2, "width": 12, "context": 2, "vocabulary": 12}
    return {
        "model": {"name": "tiny", "parameters": 1000, "config": config},
        "options": {"assembly": True, "weights": "int8"},
        "ops": ops,
    }


def recording() -> Recording:
    """Three steps, the last two with logits."""
    contexts: list[Context] = []

    def add(parent: int, site: int, name: str, calls: int, counted: Counts, ordinal: int = -1) -> int:
        contexts.append(Context(parent, site, AT.get(name, 0xF0010), ordinal, calls, counted))
        return len(contexts) - 1

    def matvec(parent: int, site: int, calls: int, tiles: int = 1) -> None:
        at = add(parent, site, "MATVEC", calls, counts(2 * calls))
        at = add(at, AT["MATVEC"] + 3, "MULTIPLY_TILE", calls * tiles, counts(0))
        built = calls * tiles
        written = counts(BUILD * built, write=20 * built, bytes_written=100 * built)
        add(at, AT["MULTIPLY_TILE"] + 5, "LUT_BUILD_SUBSET64", built, written)
        for variant, times in (("SET", calls), ("ADD", calls * (tiles - 1))):
            if times:
                rows = counts(ROWS * times, cache=40 * times, read_misses=9 * times, bytes_read=1000 * times)
                site = AT["MULTIPLY_TILE"] + (9 if variant == "SET" else 12)
                add(at, site, f"LUT_ROWS_SUBSET64X8_2_{variant}", times, rows)

    start = add(-1, 0, "main", 1, counts(5))
    main = add(start, AT["main"], "MAIN", 1, counts(7))
    add(main, AT["MAIN"], "MODEL_LOAD", 1, counts(1000))
    add(main, AT["MAIN"] + 8, "NEXT_TOKEN", 2, counts(40))
    forward = add(main, AT["MAIN"] + 4, "FORWARD", STEPS, counts(6))
    add(forward, AT["FORWARD"], "EMBED", STEPS, counts(9))
    for layer in range(LAYERS):
        block = add(forward, AT["FORWARD"] + 0x10, "TRANSFORMER_BLOCK", STEPS, counts(3), layer)
        for number, (_, kind, clocks) in enumerate(BLOCK):
            site = AT["TRANSFORMER_BLOCK"] + 0x10 * number
            if kind == "MATVEC":
                matvec(block, site, STEPS)
            else:
                op = add(block, site, kind, STEPS, counts(clocks * STEPS))
                if kind == "ATTEND":
                    add(op, AT["ATTEND"] + 3, "ATTEND_HEADS", 2 * STEPS, counts(240))
        trace = add(block, AT["TRANSFORMER_BLOCK"] + 8, "TRACE_VECTOR", 1, counts(2))
        add(trace, AT["TRACE_VECTOR"], "fb_put", 1, counts(1))
        add(block, 0, "", 1, counts(11))  # an interrupt
    add(forward, AT["FORWARD"] + 0x20, "LAYER_NORM", 2, counts(20))
    matvec(forward, AT["FORWARD"] + 0x30, 2, TILES)
    whole = total(context.counts for context in contexts)
    places: dict[int, list[Counts]] = {}
    for context in contexts:
        places.setdefault(context.entry, []).append(context.counts)
    profile = Profile(
        "GPT.EXE",
        CPU,
        66_000_000,
        BASE,
        whole,
        [Place(address, 1, "nop", total(rows)) for address, rows in sorted(places.items())],
        contexts,
        marks(),
    )
    return Recording(profile, MAP, {"GPT.BAS": {121: "Sub lut_rows_subset64x8_2_set"}}, {})


def marks() -> list[Mark]:
    """Arrivals in which an op takes 10 times its number (from 1) in clocks, plus 1000 an earlier step."""
    clock = 0
    made: list[Mark] = []

    def mark(symbol: str, taken: int) -> None:
        nonlocal clock
        made.append(Mark(symbol, counts(clock)))
        clock += taken

    for step in range(STEPS):
        mark("FORWARD", 4)
        ops = [op["op"].upper() for op in facts()["ops"]]
        for number, name in enumerate(ops if step else ops[:-2], 1):
            mark(name, 10 * number + 1000 * step)
        if step:
            mark("NEXT_TOKEN", 70)
    return made


def view() -> ModelView:
    return ModelView(Attribution(recording()), facts())


def clocks(counted: Counts) -> int:
    return counted[COUNTERS.index("clocks")]
