"""Builds under the cycle model: every figure adds up, and nothing depends on who watches."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emulator.profiling.attribute import count, total
from emulator.profiling.schema import COUNTERS
from emulator.profiling.storage import save
from gpt486.backends.emulated import run_emulated
from gpt486.backends.request import BackendError, Request
from gpt486.build import BuildError, BuildOptions, build, load_build
from gpt486.models.random_model import write_random_model
from gpt486.profile.figures import figures
from gpt486.profile.model import ViewError
from gpt486.profile.record import ProfileError, Recorded, read_recorded, record_build
from gpt486.profile.steps import steps

OUTSIDE = ("(real mode)", "(BIOS and DOS)")
"""What the map of the program has no lines for."""

REQUEST = Request(b"The dog", 5, ignore_end=True)


@pytest.fixture(scope="module")
def recorded(built: Path) -> Recorded:
    """Five tokens of the small model."""
    return record_build(built, REQUEST, cpu="486dx2-66", watch_memory=True)


def test_counts_add_up(recorded: Recorded) -> None:
    profile = recorded.attribution.profile
    assert total(place.counts for place in profile.places)[:13] == profile.totals[:13]
    assert total(context.counts for context in profile.contexts) == profile.totals
    stalls = sum(profile.totals[COUNTERS.index("multiply") : COUNTERS.index("translate") + 1])
    assert 0 < stalls < profile.clocks
    assert recorded.view is not None
    ops = total([*(cost.counts for cost in recorded.view.op_costs), recorded.view.between, recorded.view.rest])
    assert ops == profile.totals


@pytest.mark.parametrize("every", [0, 1])
def test_it_runs_as_it_does_without_a_profile(recorded: Recorded, built: Path, every: int) -> None:
    plain = run_emulated(built, REQUEST, load_build(built)["model"]["config"]["vocabulary"], every=every)
    assert recorded.run is not None
    assert recorded.run.text == plain.text.decode("utf-8", "replace")
    assert (recorded.run.prompt_tokens, recorded.run.new_tokens) == (plain.prompt_tokens, plain.new_tokens)
    if every:  # without the cycle model time passes differently, so that other numbers of timer ticks interrupt it
        assert recorded.attribution.profile.instructions == plain.instructions


def test_watching_memory_costs_the_guest_nothing(recorded: Recorded, built: Path) -> None:
    again = record_build(built, REQUEST, cpu="486dx2-66")
    assert again.sections == {}
    assert set(recorded.sections) == {"memory"}
    assert again.attribution.profile.totals == recorded.attribution.profile.totals


def test_every_op_and_kernel_is_there(recorded: Recorded, built: Path) -> None:
    facts = load_build(built)
    view = recorded.view
    assert view is not None
    assert recorded.run is not None
    fed = (recorded.run.prompt_tokens or 0) + REQUEST.count - 1
    assert view.step_count == fed
    names = [cost.name if cost.layer is None else f"h.{cost.layer}.{cost.name}" for cost in view.op_costs_by_layer]
    assert names == [op["name"] for op in facts["ops"]]
    assert {cost.calls for cost in view.op_costs if cost.name == "mlp_in"} == {fed}
    assert {cost.calls for cost in view.op_costs if cost.name == "lm_head"} == {REQUEST.count}
    kernels = {kernel.name: kernel for kernel in view.kernels}
    matrices = {str(op["kernel"]).upper() for op in facts["ops"] if op["op"] == "matvec"}
    attention = {f"ATTEND_{name}" for name in ("KEYS", "VALUES", "HEADS")}
    assert {"LUT_BUILD_SUBSET64"} | attention < set(kernels)
    assert all(any(name.startswith(f"{matrix}_") for name in kernels) for matrix in matrices)
    products = sum(kernel.weights for name, kernel in kernels.items() if name.startswith("LUT_ROWS"))
    used = {op["name"].removeprefix("h.0."): op["rows"] * op["columns"] for op in facts["ops"] if op["op"] == "matvec"}
    assert products == sum(used[cost.name] * cost.calls for cost in view.op_costs if cost.name in used)
    config = facts["model"]["config"]
    assert kernels["ATTEND_HEADS"].weights == 2 * config["width"] * sum(range(1, fed + 1))
    for name, kernel in kernels.items():
        if name.startswith("LUT_ROWS"):
            assert 3 < kernel.per_weight("clocks") < 12  # eight lookups of three clocks for six weights, and misses
            assert kernel.stored is not None
            assert 1.3 < kernel.stored < 3
    assert count(view.between, "clocks") < 0.05 * count(view.step_costs, "clocks")


def test_every_step_has_its_ops(recorded: Recorded, built: Path) -> None:
    found = steps(recorded.attribution.profile, load_build(built))
    assert recorded.view is not None
    assert len(found) == recorded.view.step_count
    # The marks and the contexts are two ways to the same clocks, but for what stands between the ops.
    marked = sum(sum(step.clocks.values()) for step in found)
    assert marked == pytest.approx(count(recorded.view.step_costs, "clocks"), rel=0.02)


def test_tokens_cost_more_as_the_context_grows(tmp_path: Path) -> None:
    """Where the exponent of a column rises a token costs more than the next one, so that only the trend is certain."""
    write_random_model(tmp_path / "model", layers=1, heads=1, width=32, context=100, vocabulary=300)
    facts = build(tmp_path / "model", tmp_path / "build", BuildOptions())
    made = record_build(tmp_path / "build", Request(b"The dog", 92, ignore_end=True), cpu="486dx2-66")
    found = steps(made.attribution.profile, facts)
    assert [step.position for step in found] == list(range(len(found)))
    assert len(found) >= 96
    for spent in ([step.clocks["attention"] for step in found], [step.instructions["attention"] for step in found]):
        means = np.array(spent[:96]).reshape(3, 32).mean(axis=1)
        assert (np.diff(means) > 0).all()
    others = [sum(clocks for op, clocks in step.clocks.items() if op != "attention") for step in found]
    assert max(others[16:]) < 1.05 * min(others[16:])


def test_source_lines_have_their_texts(recorded: Recorded) -> None:
    lines = recorded.attribution.lines()
    named = [row for row in lines if row.file]
    assert all(row.text for row in named)
    assert any(row.text.startswith("mov bl, [esi") for row in named[:40])
    outside = sum(count(row.counts, "clocks") for row in lines if row.procedure in OUTSIDE)
    inside = recorded.attribution.profile.clocks - outside
    assert 0 < outside < 0.06 * inside
    assert sum(count(row.counts, "clocks") for row in named) > 0.999 * inside


def test_saved_and_read_again(recorded: Recorded, tmp_path: Path) -> None:
    save(recorded.recording, tmp_path / "p.json")
    again = read_recorded(tmp_path / "p.json")
    assert again.run == recorded.run
    assert again.view is not None
    assert recorded.view is not None
    assert again.view.op_costs == recorded.view.op_costs
    assert recorded.run is not None
    assert figures(again.view, recorded.run) == figures(recorded.view, recorded.run)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda notes: notes["build"].pop("ops"), "its build is damaged"),
        (lambda notes: notes["build"].update(ops=[{}]), "its build is damaged"),
        (lambda notes: notes["build"]["model"].pop("config"), "its build is damaged"),
        (lambda notes: notes.update(build=[]), "its build is damaged"),
        (lambda notes: notes.pop("run"), "its build is damaged"),
        (lambda notes: notes["run"].update(text=None), "its build is damaged"),
        (lambda notes: notes["run"].update(new_tokens="8"), "its build is damaged"),
        (lambda notes: notes["build"]["model"].update(parameters=None), "its build is damaged"),
        (lambda notes: notes["build"]["model"]["config"].update(context=0), "its build is damaged"),
        (lambda notes: [op.update(columns="x") for op in notes["build"]["ops"]], "its build is damaged"),
        (lambda notes: [op.pop("rows", 0) for op in notes["build"]["ops"]], "its build is damaged"),
        (lambda notes: notes["build"]["options"].pop("weights"), "its build is damaged"),
    ],
)
def test_a_damaged_note(recorded: Recorded, tmp_path: Path, damage: Any, words: str) -> None:
    save(recorded.recording, tmp_path / "p.json")
    data = json.loads((tmp_path / "p.json").read_text())
    damage(data["notes"])
    (tmp_path / "p.json").write_text(json.dumps(data))
    with pytest.raises(ProfileError, match=words):
        read_recorded(tmp_path / "p.json")


def test_no_profile_in_the_file(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="cannot be read"):
        read_recorded(tmp_path / "none.json")


def test_builds_that_cannot_be_profiled(own_build: Path) -> None:
    with pytest.raises(BackendError, match="unknown CPU"):
        record_build(own_build, REQUEST, cpu="z80")
    with pytest.raises(ProfileError, match="tokens; the context holds 24"):
        record_build(own_build, Request(b"0123456789" * 4), cpu="486dx2-66")
    (own_build / "GPT.MAP").write_text("nonsense")
    with pytest.raises(BackendError, match=r"GPT\.MAP is no map file"):
        record_build(own_build, REQUEST, cpu="486dx2-66")
    (own_build / "GPT.MAP").write_bytes(b"")
    with pytest.raises(ProfileError, match="--toolchain builtin"):
        record_build(own_build, REQUEST, cpu="486dx2-66")
    (own_build / "GPT.MAP").unlink()
    with pytest.raises(ProfileError, match="missing or empty"):
        record_build(own_build, REQUEST, cpu="486dx2-66")
    (own_build / "BUILD.JSON").unlink()
    with pytest.raises(BuildError, match=r"no BUILD\.JSON"):
        record_build(own_build, REQUEST, cpu="486dx2-66")


def test_a_build_whose_description_is_another_ones(own_build: Path) -> None:
    facts = load_build(own_build)
    facts["ops"][0]["op"] = "gelu"
    (own_build / "BUILD.JSON").write_text(json.dumps(facts))
    with pytest.raises((ViewError, BackendError), match="GELU"):
        record_build(own_build, REQUEST, cpu="486dx2-66")


def test_a_run_that_is_stopped_keeps_what_it_has(built: Path) -> None:
    found = record_build(built, REQUEST, cpu="486sx-25", instruction_limit=200_000, watch_memory=True)
    assert found.run is not None
    assert found.run.stopped is not None
    assert not found.interrupted
    assert 200_000 <= found.attribution.profile.instructions < 201_000
    early = record_build(built, REQUEST, cpu="486sx-25", instruction_limit=300, watch_memory=True)
    assert early.sections == {}
    assert early.view is not None
    assert early.view.step_count == 0
    assert early.run is not None
    json.dumps(figures(early.view, early.run))


def test_ctrl_c_keeps_what_it_has(built: Path) -> None:
    def press(steps_done: int) -> None:
        if steps_done == 10:
            os.kill(os.getpid(), signal.SIGINT)

    assert threading.current_thread() is threading.main_thread()
    found = record_build(built, Request(b"", 100_000, ignore_end=True), cpu="486dx2-66", on_step=press, time_limit=60)
    assert found.interrupted
    assert found.view is not None
    assert found.view.step_count >= 10
    spent = np.array([cost.counts for cost in found.view.op_costs]).sum(axis=0)[COUNTERS.index("clocks")]
    assert 0 < spent < found.attribution.profile.clocks
