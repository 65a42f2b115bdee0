from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt486.backends.request import BackendRun, Request, Transcript, collect
from gpt486.reference.sampling import Sampling


def test_arguments() -> None:
    assert Request(b"x").arguments() == ["/N", "64", "/F", "PROMPT.TXT"]
    full = Request(b"x", 5, Sampling(800, 40, 950, 7), ignore_end=True, logits=True, trace_step=3)
    assert " ".join(full.arguments()) == (
        "/N 5 /F PROMPT.TXT /T 0.800 /S 7 /K 40 /P 0.950 /E /L LOGITS.BIN /X 3 TRACE.BIN"
    )
    assert len(" ".join(full.arguments())) < 126  # what a DOS command line holds
    assert "/K" not in Request(b"x", 5, Sampling(800)).arguments()


TEXTS = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"GPT: ", b"G", b"a", b"\nGPT: ", b"PT: "]), max_size=12)


@given(TEXTS, st.lists(st.integers(1, 4), max_size=30))
def test_a_transcript_does_not_depend_on_where_it_is_cut(parts: list[bytes], cuts: list[int]) -> None:
    whole = b"".join(parts)
    passed: list[bytes] = []
    transcript = Transcript(passed.append)
    rest = whole
    for cut in cuts:
        transcript.feed(rest[:cut])
        rest = rest[cut:]
    transcript.feed(rest)
    assert transcript.end(0) is None
    assert transcript.text == b"".join(passed) == whole.replace(b"\r\n", b"\n")


def test_the_message_of_a_failure_is_kept_from_the_text() -> None:
    transcript = Transcript()
    for piece in (b"Once upon", b"\r", b"\nGP", b"T: the disk is full\r\n"):
        transcript.feed(piece)
    assert transcript.end(1) == "the disk is full"
    assert transcript.text == b"Once upon"


def test_a_failure_without_a_message_of_the_program_tells_its_last_line() -> None:
    transcript = Transcript()
    transcript.feed(b"GPT.EXE needs a 386\r\n")
    assert transcript.end(255) == "GPT.EXE needs a 386"
    assert Transcript().end(3) is None


def test_collect_reads_whole_steps_only(tmp_path: Path) -> None:
    steps = np.array([[5, 0, 1, 2, 3], [6, 1, 4, 5, 6]], "<i4").tobytes()
    (tmp_path / "LOGITS.BIN").write_bytes(steps + b"\1\2\3\4")
    (tmp_path / "TRACE.BIN").write_bytes(np.array([0, 2, 7, 8, 1, 1, 9], "<i4").tobytes())
    run = collect(tmp_path, Request(b"", logits=True, trace_step=0), 3, BackendRun())
    assert [(t, p, list(v)) for t, p, v in run.steps] == [(5, 0, [1, 2, 3]), (6, 1, [4, 5, 6])]
    assert {op: list(v) for op, v in run.trace.items()} == {0: [7, 8], 1: [9]}
    assert collect(tmp_path, Request(b""), 3, BackendRun()).steps == []


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_seeds(seed: int) -> None:
    with pytest.raises(Exception, match="seed"):
        Sampling(seed=seed)
