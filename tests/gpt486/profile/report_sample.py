"""An invented report: the sizes and proportions of the model that ships, without running anything."""

from __future__ import annotations

import math
import random
from typing import Any

from emulator.profiling.schema import COUNTERS

LAYERS, HEADS, WIDTH, CONTEXT, VOCABULARY = 4, 4, 128, 256, 1024
TEXT = (
    "One morning , a little girl named Mia was late for break fast . The water rose all day , and by evening it stood "
    "in the streets of Grey den . Every body was bus y with his own trou bles . But her neigh bour Mia was sit ting on "
    'the roof and wav ing a table cloth . " Some body has to do some thing , " said Mia'
)
WORDS = TEXT.split()

#: clocks per weight or element, and how they are made up: instructions per clock, shares of the causes.
_CAUSES = {
    "lut_build": (0.45, {"write": 0.38, "cache": 0.03, "fetch": 0.05}),
    "lut_rows": (0.62, {"cache": 0.11, "branch": 0.01, "fetch": 0.04, "write": 0.02}),
    "scale_rows": (0.22, {"multiply": 0.52, "address": 0.03, "cache": 0.06}),
    "dot_product": (0.24, {"multiply": 0.49, "cache": 0.09, "branch": 0.04, "decode": 0.02}),
    "add_weighted": (0.24, {"multiply": 0.44, "write": 0.07, "cache": 0.09, "branch": 0.03}),
    "plain": (0.48, {"address": 0.06, "branch": 0.12, "cache": 0.05, "decode": 0.04, "fetch": 0.07, "write": 0.03}),
    "root": (0.3, {"multiply": 0.4, "branch": 0.1, "align": 0.01, "translate": 0.01}),
}


def counts(clocks: float, manner: str = "plain") -> list[int]:
    """Counts of so many clocks, spent in the manner of a kernel."""
    pace, causes = _CAUSES[manner]
    row = dict.fromkeys(COUNTERS, 0)
    row["clocks"] = round(clocks)
    row["instructions"] = round(clocks * pace)
    for cause, share in causes.items():
        row[cause] = int(clocks * share)
    row["reads"] = int(clocks * pace * 0.6)
    row["writes"] = int(clocks * pace * (0.4 if manner == "lut_build" else 0.05))
    row["read_misses"] = int(row["cache"] / 9)
    row["fetch_misses"] = int(row["fetch"] / 14)
    row["far_misses"] = int(row["read_misses"] * 0.2)
    row["bytes_read"] = row["reads"] * (2 if manner == "lut_rows" else 4)
    row["bytes_written"] = row["writes"] * 4
    return list(row.values())


def plus(*rows: list[int]) -> list[int]:
    return [sum(column) for column in zip(*rows, strict=True)]


def total(node: dict[str, Any]) -> list[int]:
    return plus(node.get("counts") or [0] * len(COUNTERS), *(total(child) for child in node.get("children", ())))


def leaf(name: str, group: str, clocks: float, manner: str, calls: int, line: int) -> dict[str, Any]:
    row = counts(clocks, manner)
    return {
        "name": name,
        "group": group,
        "kind": "procedure",
        "where": f"GPT.BAS:{line}",
        "calls": calls,
        "counts": row,
    }


KERNEL = "lut_rows_subset64x8_11"
TILES = {128: 2, 512: 8}
"""Tiles of a matrix by its columns."""


def matvec(name: str, rows: int, columns: int, steps: int) -> dict[str, Any]:
    tiles = TILES[columns]
    clocks = 4.6 * rows * columns * steps
    children = [
        leaf("lut_build_subset64", "matvec", 34.0 * columns * steps, "lut_build", tiles * steps, 584),
        leaf(f"{KERNEL}_set", "matvec", clocks / tiles, "lut_rows", steps, 743),
        leaf(f"{KERNEL}_add", "matvec", clocks * (tiles - 1) / tiles, "lut_rows", (tiles - 1) * steps, 959),
        leaf("scale_rows", "matvec", 34.0 * rows * steps, "scale_rows", steps, 1237),
        leaf("narrow", "matvec", 9.0 * columns * steps, "plain", steps, 336),
    ]
    return {
        "name": name,
        "group": "matvec",
        "kind": "op",
        "where": "GPT.BAS:1280",
        "calls": steps,
        "counts": counts(900.0 * steps),
        "children": children,
    }


def simple(
    name: str, group: str, procedure: str, clocks: float, steps: int, line: int, manner: str = "plain"
) -> dict[str, Any]:
    inner = leaf(procedure, group, clocks * steps, manner, steps, line)
    return {"name": name, "group": group, "kind": "op", "calls": steps, "children": [inner]}


def forward(steps: int) -> dict[str, Any]:
    """The tree of all steps."""
    layers = []
    for layer in range(LAYERS):
        at = f"h.{layer}."
        mean = steps / 2
        attend = {
            "name": at + "attention",
            "group": "attention",
            "kind": "op",
            "calls": steps,
            "counts": counts(9000.0 * steps),
            "children": [
                leaf("dot_product", "attention", 22.0 * WIDTH * mean * steps, "dot_product", 4 * steps, 1328),
                leaf("add_weighted", "attention", 24.0 * WIDTH * mean * steps, "add_weighted", 4 * steps, 1376),
                leaf("powers_of_scores", "attention", 60.0 * HEADS * mean * steps, "root", 4 * steps, 1426),
                leaf("narrow_to_short", "attention", 3400.0 * steps, "plain", 2 * steps, 346),
            ],
        }
        children = [
            simple(at + "ln_1", "layer_norm", "layer_norm", 9100.0, steps, 477, "root"),
            matvec(at + "attn_qkv", 3 * WIDTH, WIDTH, steps),
            attend,
            matvec(at + "attn_out", WIDTH, WIDTH, steps),
            simple(at + "attn_add", "add", "add_vector", 1500.0, steps, 1495),
            simple(at + "ln_2", "layer_norm", "layer_norm", 9100.0, steps, 477, "root"),
            matvec(at + "mlp_in", 4 * WIDTH, WIDTH, steps),
            simple(at + "activation", "activation", "gelu", 15000.0, steps, 1509),
            matvec(at + "mlp_out", WIDTH, 4 * WIDTH, steps),
            simple(at + "mlp_add", "add", "add_vector", 1500.0, steps, 1495),
        ]
        layers.append(
            {
                "name": f"layer {layer}",
                "group": "other",
                "kind": "layer",
                "where": "GPT.BAS:1580",
                "calls": steps,
                "counts": counts(260.0 * steps),
                "children": children,
            }
        )
    return {
        "name": "forward",
        "group": "other",
        "kind": "procedure",
        "where": "GPT.BAS:1606",
        "calls": steps,
        "counts": counts(420.0 * steps),
        "children": [
            simple("embed", "embed", "embed", 3900.0, steps, 457),
            *layers,
            simple("ln_f", "layer_norm", "layer_norm", 9100.0, steps, 477, "root"),
            matvec("head", VOCABULARY, WIDTH, steps),
            simple("next_token", "sample", "likeliest_token", 14000.0, steps, 1934),
        ],
    }


def ops_of(tree: dict[str, Any], layer: int | None = None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for node in tree["children"]:
        if node["kind"] == "layer":
            rows += ops_of(node, int(node["name"].split()[1]))
        elif node["kind"] == "op":
            kernel = KERNEL if any(c["name"].startswith(KERNEL) for c in node["children"]) else None
            rows.append(
                {
                    "name": node["name"],
                    "group": node["group"],
                    "layer": layer,
                    "kernel": kernel,
                    "weights": None,
                    "calls": node["calls"],
                    "counts": total(node),
                }
            )
    return rows


def procedures_of(tree: dict[str, Any]) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}

    def visit(node: dict[str, Any]) -> None:
        if node["kind"] == "procedure":
            line = int(node["where"].split(":")[1])
            row = rows.setdefault(
                node["name"],
                {
                    "name": node["name"],
                    "group": node["group"],
                    "file": "GPT.BAS",
                    "line": line,
                    "calls": 0,
                    "own": counts(0),
                    "total": counts(0),
                },
            )
            row["calls"] += node["calls"]
            row["own"] = plus(row["own"], node["counts"])
            row["total"] = plus(row["total"], total(node))
        for child in node.get("children", ()):
            visit(child)

    visit(tree)
    return list(rows.values())


def roofline(tree: dict[str, Any], steps: int) -> dict[str, Any]:
    sizes = {
        "attn_qkv": (384, 128),
        "attn_out": (128, 128),
        "mlp_in": (512, 128),
        "mlp_out": (128, 512),
        "head": (1024, 128),
    }
    points: dict[str, dict[str, Any]] = {}

    def add(name: str, detail: str, group: str, weights: float, row: list[int]) -> None:
        point = points.setdefault(
            name,
            {
                "name": name,
                "detail": detail,
                "group": group,
                "calls": 0,
                "weights": 0,
                "clocks": 0,
                "bytes_core": 0,
                "bytes_bus": 0,
            },
        )
        of = dict(zip(COUNTERS, row, strict=True))
        point["kind"] = "kernel" if name.startswith("lut") else "op"
        point["calls"] += steps
        point["weights"] += round(weights)
        point["clocks"] += of["clocks"]
        point["bytes_core"] += of["bytes_read"] + of["bytes_written"]
        point["bytes_bus"] += 16 * (of["read_misses"] + of["fetch_misses"]) + of["bytes_written"]

    def visit(node: dict[str, Any]) -> None:
        member = node["name"].rsplit(".", 1)[-1]
        if node["kind"] == "op" and member in sizes:
            weights = math.prod(sizes[member]) * steps
            add(member, f"{sizes[member][0]} rows of {sizes[member][1]}, all of the op", "matvec", weights, total(node))
            for child in node["children"]:
                if child["name"].startswith(KERNEL):
                    share = child["calls"] / (steps * TILES[sizes[member][1]])
                    add(child["name"], "table lookups, 8 bit planes", "matvec", weights * share, child["counts"])
        elif member == "attention":
            add("attend", "cached keys and values", "attention", 2 * WIDTH * steps * steps / 2, total(node))
        for child in node.get("children", ()):
            visit(child)

    visit(tree)
    limits = [
        {"name": "First-level cache: 4 bytes a clock", "axis": "core", "clocks_per_byte": 0.25},
        {"name": "Second-level cache: a line in 10 clocks", "axis": "bus", "clocks_per_byte": 0.625},
        {"name": "DRAM: a line in 28 clocks", "axis": "bus", "clocks_per_byte": 1.75},
        {"name": "int8 by lookups of subset64x8", "axis": "both", "clocks_per_weight": 4.0},
        {"name": "a multiplication at its fastest", "axis": "both", "clocks_per_weight": 17.0},
    ]
    return {"points": list(points.values()), "limits": limits}


def tokens(texts: list[str], prompt: int) -> dict[str, Any]:
    n = range(len(texts))
    groups = {
        "matvec": [4_700_000 + (0 if p < prompt - 1 else 690_000) for p in n],
        "attention": [40_000 + 25_000 * p for p in n],
        "layer_norm": [82_000 for _ in n],
        "activation": [60_000 + 97 * (p % 7) for p in n],
        "embed": [3_900 for _ in n],
        "add": [12_000 for _ in n],
        "sample": [0 if p < prompt - 1 else 14_000 for p in n],
        "text": [2_000 + 300 * (p % 5) for p in n],
    }
    return {
        "positions": list(n),
        "texts": texts,
        "prompt_tokens": prompt,
        "groups": groups,
        "instructions": [3_400_000 + 12_000 * p for p in n],
    }


PURPOSES = {
    "weights": 1497184,
    "kv_cache": 526336,
    "activations": 7920,
    "tables": 3840,
    "vocabulary": 30608,
    "buffers": 39184,
}


def memory(steps: int) -> dict[str, Any]:
    held = dict.fromkeys(PURPOSES, 0)
    times, fed, heap = [0], [0], [512]
    by: dict[str, list[int]] = {p: [0] for p in PURPOSES}
    order = ["tables", "weights", "vocabulary", "kv_cache", "activations", "buffers"]
    holders = []
    for step, purpose in enumerate([*order, "release", "end"]):
        if purpose == "release":
            held["buffers"] -= 26624
        elif purpose != "end":
            held[purpose] = PURPOSES[purpose]
            holders.append({"name": purpose, "purpose": purpose, "bytes": held[purpose], "from": step, "to": None})
        time = {"release": 21_000_000, "end": 21_000_000 + 3_700_000 * steps}.get(purpose, 1_000_000 + 3_000_000 * step)
        times.append(time)
        fed.append(steps if purpose == "end" else 0)
        heap.append(512 + 640 * (step % 3))
        for p, size in held.items():
            by[p].append(size)
    regions = [{"name": p, "purpose": p, "bytes": b} for p, b in PURPOSES.items()]
    return {
        "pc_bytes": 33554432,
        "purposes": list(PURPOSES),
        "plan": {"total": sum(PURPOSES.values()), "by_purpose": PURPOSES, "regions": regions},
        "program": {"conventional": 30877, "image": 28160, "bss": 8060, "stack": 65536},
        "timeline": {"instructions": times, "tokens": fed, "by_purpose": by, "heap": heap},
        "holders": holders,
        "pages": {
            "peak_bytes": 2191360,
            "regions": [
                {"name": "image", "pages": 9, "bytes": 36864},
                {"name": "arena", "pages": 526, "bytes": 2154496},
            ],
        },
    }


def attention(texts: list[str], prompt: int) -> dict[str, Any]:
    chance = random.Random(486)

    def row(layer: int, head: int, query: int) -> list[float]:
        keys = range(query + 1)
        match (layer + head) % 4:
            case 0:
                powers = [math.exp(-0.9 * (query - k)) for k in keys]
            case 1:
                powers = [8.0 if k == query - 1 else 3.0 if k == 0 else 0.2 * chance.random() for k in keys]
            case 2:
                powers = [
                    6.0 if texts[k] == texts[query] else 0.3 * chance.random() + (4 if k == 0 else 0) for k in keys
                ]
            case _:
                powers = [1.0 + 0.6 * chance.random() for _ in keys]
        whole = sum(powers)
        return [round(p / whole, 4) for p in powers]

    n = len(texts)
    weights = [[[row(la, h, q) for q in range(n)] for h in range(HEADS)] for la in range(LAYERS)]
    return {"layers": LAYERS, "heads": HEADS, "prompt_tokens": prompt, "tokens": texts, "weights": weights}


def stability(steps: int) -> dict[str, Any]:
    chance = random.Random(4)
    rows, residual = [], [{"op": "embed", "layer": None, "rms": [0.4] * steps, "max": [1.3] * steps}]
    kinds = [
        ("ln_1", "layer_norm", "squares", 30.4),
        ("attn_qkv", "matvec", "sums", 28.6),
        ("attention", "attend", "scores", 29.2),
        ("attn_out", "matvec", "sums", 28.6),
        ("ln_2", "layer_norm", "squares", 30.4),
        ("mlp_in", "matvec", "sums", 28.6),
        ("mlp_out", "matvec", "sums", 30.3),
        ("attn_add", "add_vector", "residual", 25.0),
        ("mlp_add", "add_vector", "residual", 26.5),
        ("ln_1", "layer_norm", "sum", 22.0),
        ("ln_2", "layer_norm", "sum", 22.5),
        ("mlp_in", "matvec", "output", 21.0),
        ("activation", "gelu", "interpolated", 19.0),
    ]
    for layer in range(LAYERS):
        for op, kind, name, bits in kinds:
            bound = int(2 ** (bits + 0.2 * chance.random()))
            shares = [round(0.02 + 0.25 * chance.random() * (1 + layer / 4), 4) for _ in range(steps)]
            rows.append(
                {
                    "op": f"h.{layer}.{op}",
                    "kind": kind,
                    "layer": layer,
                    "name": name,
                    "meaning": f"{name} of {op}",
                    "bound": bound,
                    "seen": int(bound * max(shares)),
                    "share": max(shares),
                    "by_position": shares,
                }
            )
            if name == "residual":
                rms = [round(0.6 + 1.1 * layer + 0.3 * chance.random(), 3) for _ in range(steps)]
                residual.append(
                    {"op": f"h.{layer}.{op}", "layer": layer, "rms": rms, "max": [round(5.5 * r, 3) for r in rms]}
                )
    saturated = [
        {
            "op": f"h.{la}.attention",
            "layer": la,
            "what": "softmax weights below 2^-17 of the largest",
            "count": 812 * la,
            "of": 11704,
        }
        for la in range(LAYERS)
    ]
    return {"positions": steps, "accumulators": rows, "saturated": saturated, "residual": residual}


def source(procedures: list[dict[str, Any]]) -> dict[str, Any]:
    chance = random.Random(1)
    text = [f"    ' line {n + 1}: what the program does here, in plain BASIC" for n in range(2282)]
    lines, rows = [], []
    for procedure in sorted(procedures, key=lambda p: p["line"]):
        begin, own = procedure["line"], procedure["own"]
        text[begin - 1] = (
            f"Sub {procedure['name']}(ByVal source As Long Ptr, ByVal target As Long Ptr, ByVal count As Long)"
        )
        pieces = [chance.random() ** 3 for _ in range(12)]
        for k, piece in enumerate(pieces):
            text[begin + k] = f"    sum += weights[{k}] * inputs[{k}]    ' {k}"
            lines.append(begin + k + 1)
            rows.append([int(value * piece / sum(pieces)) for value in own])
        text[begin + 12] = "End Sub"
    return {"file": "GPT.BAS", "text": text, "lines": lines, "counts": rows}


def sample_report(steps: int = 76, prompt: int = 12) -> dict[str, Any]:
    """A report with every section; `steps` positions, the first `prompt` of which were given."""
    texts = [WORDS[k % len(WORDS)] if k % len(WORDS) in (0,) else " " + WORDS[k % len(WORDS)] for k in range(steps)]
    tree = forward(steps)
    start = {
        "name": "model_load",
        "group": "load",
        "kind": "procedure",
        "where": "GPT.BAS:2031",
        "calls": 1,
        "counts": counts(3_000_000),
        "children": [leaf("crc32", "load", 22_000_000, "plain", 5, 220)],
    }
    whole = {
        "name": "main",
        "group": "other",
        "kind": "procedure",
        "where": "GPT.BAS:2256",
        "calls": 1,
        "counts": counts(40_000),
        "children": [
            start,
            leaf("encode", "text", 900_000, "plain", 1, 1866),
            tree,
            leaf("print_token", "text", 2_000 * steps, "plain", steps, 1897),
        ],
    }
    run = total(whole)
    procedures = procedures_of(whole)
    return {
        "format": "gpt486-report 1",
        "counters": list(COUNTERS),
        "meta": {
            "title": "stories-1m on a 486DX2-66",
            "program": "GPT.EXE",
            "version": "gpt486 0.1.0",
            "command": 'gpt486 profile build -p "One morning, a little girl named Mia" -n 64 --html report.html',
            "model": {
                "name": "stories-1m",
                "parameters": 957184,
                "layers": LAYERS,
                "heads": HEADS,
                "width": WIDTH,
                "context": CONTEXT,
                "vocabulary": VOCABULARY,
            },
            "prompt": "".join(texts[:prompt]),
            "text": "".join(texts[prompt:]),
            "prompt_tokens": prompt,
            "new_tokens": steps - prompt,
            "cpu": {
                "name": "486dx2-66",
                "clock_hz": 66666667,
                "bus_hz": 33333333,
                "cache_bytes": 8192,
                "fpu": True,
                "board": "256 KB second-level cache (2-1-1-1), DRAM 5-3-3-3, 2 wait states for writes",
            },
            "memory_bytes": 33554432,
            "peak_memory_bytes": 2191360,
            "sampled": 1.0,
            "notes": [],
        },
        "totals": {
            "run": run,
            "decode": {"counts": [v * (steps - prompt) // steps for v in total(tree)], "tokens": steps - prompt},
        },
        "flame": {
            "views": [
                {"name": "A token", "explain": f"mean of the {steps} steps of the run", "per": steps, "tree": tree},
                {
                    "name": "Whole run",
                    "explain": "from the first instruction to the return to DOS",
                    "per": 1,
                    "tree": whole,
                },
            ]
        },
        "ops": ops_of(tree),
        "procedures": procedures,
        "source": source(procedures),
        "roofline": roofline(tree, steps),
        "tokens": tokens(texts, prompt),
        "memory": memory(steps),
        "attention": attention(texts, prompt),
        "stability": stability(steps),
    }
