"""Memory over time: the samples agree with the books, and nothing grows while tokens are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from emulator import RunResult, Session
from gpt486.build import BuildOptions, build, load_build
from gpt486.lower.memory import PURPOSES
from gpt486.models.random_model import write_random_model
from gpt486.observe.memory_timeline import FEEDS, PROBES, MemoryTimeline


def session_of(folder: Path, tail: str, **options: Any) -> Session:
    return Session(
        folder / "GPT.EXE",
        tail.encode(),
        folder=folder,
        console=lambda text: None,
        map_file=folder / "GPT.MAP",
        probes=PROBES,
        **options,
    )


@pytest.fixture(scope="module")
def watched(shipped: Path) -> tuple[MemoryTimeline, RunResult]:
    session = session_of(shipped, "/N 4 One morning, a girl")
    timeline = MemoryTimeline(session)
    result = session.run()
    timeline.finish()
    return timeline, result


def test_samples(watched: tuple[MemoryTimeline, RunResult]) -> None:
    timeline, result = watched
    samples = timeline.samples
    times = [sample.instructions for sample in samples]
    assert times == sorted(times)
    assert times[-1] == result.instructions
    assert sum(samples[0].by_purpose.values()) == 0
    books = timeline.guest.report()
    assert samples[-1].by_purpose == books.now
    for purpose in PURPOSES:
        assert max(sample.by_purpose[purpose] for sample in samples) == books.most[purpose]
    assert samples[-1].tokens == len(result.probes[FEEDS])
    assert sorted({sample.tokens for sample in samples}) == [0, samples[-1].tokens]


def test_holders_are_the_regions(watched: tuple[MemoryTimeline, RunResult], shipped: Path) -> None:
    timeline, result = watched
    regions = load_build(shipped)["memory"]["regions"]
    assert [(h.piece.name, h.piece.bytes) for h in timeline.holders] == [(r["name"], r["bytes"]) for r in regions]
    first_token = result.probes[FEEDS][0]
    for holder in timeline.holders:
        assert holder.taken < first_token
        assert (holder.returned is not None) == holder.piece.name.startswith("symbol")
        assert holder.returned is None or holder.taken < holder.returned <= first_token
    # At every sample, what the holders hold is what the arena says.
    for sample in timeline.samples:
        held = [
            h.piece.bytes
            for h in timeline.holders
            if h.taken <= sample.instructions and (h.returned is None or sample.instructions < h.returned)
        ]
        assert sum(held) == sum(sample.by_purpose.values())


def test_report_data(watched: tuple[MemoryTimeline, RunResult], shipped: Path) -> None:
    timeline, result = watched
    plan = load_build(shipped)["memory"]
    data = timeline.to_json(plan)
    assert data["pc_bytes"] == 32 << 20
    assert data["plan"]["total"] == plan["total"]
    assert data["pages"]["peak_bytes"] == result.peak_memory_bytes
    columns = data["timeline"]
    lengths = {len(columns[key]) for key in ("instructions", "tokens", "heap")}
    lengths |= {len(column) for column in columns["by_purpose"].values()}
    assert lengths == {len(timeline.samples)}
    assert {"name", "purpose", "bytes", "from", "to"} == set(data["holders"][0])
    assert {key: data["program"][key] for key in plan["program"]} == plan["program"]


def test_another_observer_is_still_called(built: Path) -> None:
    session = session_of(built, "/N 2 /E x")
    seen: list[str] = []
    session.symbols.on_arrival = lambda name, count: seen.append(name)
    MemoryTimeline(session)
    session.run()
    assert seen.count(FEEDS) == 2


@dataclass
class Stability:
    """What was seen while tokens were written: (heap in use, free, touched pages) every so often, the arena always."""

    levels: list[tuple[int, int, tuple[int, int]]] = field(default_factory=list)
    arena: set[tuple[int, ...]] = field(default_factory=set)
    heap: set[int] = field(default_factory=set)
    tokens: int = 0


def watch(folder: Path, tail: str, every: int, warm_up: int) -> Stability:
    """Run GPT.EXE on a PC with 4 MB and look at its memory at every token after `warm_up`."""
    seen = Stability()
    session = session_of(folder, tail, memory_mb=4)
    timeline = MemoryTimeline(session)
    inner = session.symbols.on_arrival
    assert inner is not None

    def arrival(name: str, count: int) -> None:
        inner(name, count)
        if name != "NEXT_TOKEN":
            return
        seen.tokens += 1
        if seen.tokens < warm_up:
            return
        seen.arena.add(tuple(timeline.guest.by_purpose().values()))
        seen.heap.add(timeline.guest.heap())
        if seen.tokens % every == 0:
            books = timeline.guest.report()
            assert books.program is not None
            seen.levels.append((books.program.heap_peak, books.program.free, session.machine.memory.used_pages()))

    session.symbols.on_arrival = arrival
    assert session.run().exit_code == 0
    timeline.finish()
    changes = [after for before, after in pairwise(timeline.samples) if before.by_purpose != after.by_purpose]
    assert changes[-1].tokens == 0, "memory was taken or given back after the prompt was encoded"
    return seen


def level(seen: Stability) -> None:
    assert len(seen.arena) == 1
    assert len(seen.heap) == 1
    assert len(set(seen.levels)) == 1, seen.levels


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    write_random_model(folder / "tiny", layers=1, heads=1, width=8, inner=8, context=16, vocabulary=257, spread=0.3)
    build(folder / "tiny", folder / "out", BuildOptions())
    return folder / "out"


def test_nothing_grows_over_10_000_tokens(tiny: Path) -> None:
    """The context of 16 fills more than a thousand times, and each time its newer half is fed again."""
    seen = watch(tiny, "/N 10000 /E /T 1.2 /K 50 /P 0.9 ab", every=500, warm_up=20)
    assert seen.tokens == 10_000
    level(seen)
    assert len(seen.levels) == 20


@pytest.mark.slow
def test_nothing_grows_over_10_000_tokens_of_the_model_that_ships(shipped: Path) -> None:
    seen = watch(shipped, "/N 10000 /E /T 0.8 One morning", every=500, warm_up=300)
    assert seen.tokens == 10_000
    level(seen)
