"""Speedscope output against the rules of its published format."""

from __future__ import annotations

import json
from typing import Any

from synthetic import recording

from emulator.profiling.attribute import Attribution
from emulator.profiling.speedscope import SCHEMA, speedscope

#: ValueUnit of speedscope's file-format-spec.
UNITS = {"none", "nanoseconds", "microseconds", "milliseconds", "seconds", "bytes"}


def check(document: dict[str, Any]) -> None:
    """The rules of speedscope's file-format-schema.json for what we write."""
    assert document["$schema"] == SCHEMA
    frames = document["shared"]["frames"]
    for frame in frames:
        assert isinstance(frame["name"], str)
        assert set(frame) <= {"name", "file", "line", "col"}
        assert isinstance(frame.get("file", ""), str)
        assert isinstance(frame.get("line", 1), int)
    assert 0 <= document["activeProfileIndex"] < len(document["profiles"])
    for profile in document["profiles"]:
        assert set(profile) == {"type", "name", "unit", "startValue", "endValue", "samples", "weights"}
        assert profile["type"] == "sampled"
        assert profile["unit"] in UNITS
        assert len(profile["samples"]) == len(profile["weights"])
        assert profile["endValue"] - profile["startValue"] == sum(profile["weights"])
        for stack in profile["samples"]:
            assert stack
            assert all(isinstance(index, int) and 0 <= index < len(frames) for index in stack)


def test_stacks_and_weights() -> None:
    document = json.loads(speedscope(Attribution(recording()), path=lambda file: f"/src/{file}"))
    check(document)
    frames = [frame["name"] for frame in document["shared"]["frames"]]
    clocks, time, instructions, moved = document["profiles"]
    assert clocks["endValue"] == 1522
    assert instructions["endValue"] == 761
    assert moved["endValue"] == 50
    assert abs(time["endValue"] - 1522 / 66_666_667 * 1e9) < 10
    samples = zip(clocks["samples"], clocks["weights"], strict=True)
    stacks = [([frames[i] for i in stack], weight) for stack, weight in samples]
    assert stacks[0] == (["(real mode)"], 20)
    assert (["(real mode)", "fb_start", "MAIN", "FIB", "FIB"], 250) in stacks
    assert (["(real mode)", "fb_start", "MAIN", "KERNEL 1"], 602) in stacks
    main = next(frame for frame in document["shared"]["frames"] if frame["name"] == "MAIN")
    assert main == {"name": "MAIN", "file": "/src/T.BAS", "line": 10}
    assert {"name": "(BIOS and DOS)", "file": "BIOS and DOS"} in document["shared"]["frames"]


def test_labels() -> None:
    document = json.loads(speedscope(Attribution(recording()), label=lambda index: "op" if index == 5 else None))
    check(document)
    assert {"op", "KERNEL 1"} <= {frame["name"] for frame in document["shared"]["frames"]}
