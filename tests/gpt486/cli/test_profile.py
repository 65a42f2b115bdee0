"""gpt486 profile, as a user has it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gpt486.build import BuildOptions, build
from gpt486.cli.main import cli
from gpt486.errors import Gpt486Error
from gpt486.profile.report_check import check_report

PROMPT = ("-p", "The dog", "-n", "3", "--ignore-eos")


def profile(*words: str | Path, width: int = 80) -> Result:
    return CliRunner(env={"COLUMNS": str(width)}).invoke(cli, ["profile", *map(str, words)])


@pytest.fixture(scope="module")
def outputs(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything that one run writes."""
    folder = tmp_path_factory.mktemp("profile")
    files = {"--callgrind": "callgrind.out", "--speedscope": "s.json", "--html": "r.html", "--save": "p.json"}
    done = profile(built, *PROMPT, *(word for option, name in files.items() for word in (option, folder / name)))
    assert done.exit_code == 0, done.output
    (folder / "out.txt").write_text(done.stdout)
    (folder / "err.txt").write_text(done.stderr)
    return folder


def test_tables(outputs: Path) -> None:
    text = (outputs / "out.txt").read_text()
    assert max(map(len, text.splitlines())) <= 80
    for words in ("a new token:", "By op of the model", "By kernel", "By procedure", "By source line", "LUT_BUILD_"):
        assert words in text
    assert "written: " in (outputs / "err.txt").read_text()


def test_callgrind_annotate_agrees(outputs: Path, built: Path) -> None:
    program = shutil.which("callgrind_annotate")
    if program is None:
        pytest.skip("callgrind_annotate is not installed (apt-get install valgrind)")
    command = [program, "--auto=yes", "--threshold=100", str(outputs / "callgrind.out")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    saved = json.loads((outputs / "p.json").read_text())
    clocks = saved["counters"].index("clocks")
    figure = re.search(r"^ *([\d,]+) .*PROGRAM TOTALS$", done.stdout, re.MULTILINE)
    assert figure is not None
    assert int(figure[1].replace(",", "")) == saved["totals"][clocks]
    assert f"-- Auto-annotated source: {built / 'GPT.BAS'}" in done.stdout
    assert re.search(r"^ *[\d,]+ \(.* mov bl, \[esi", done.stdout, re.MULTILINE)


def test_speedscope_has_the_ops(outputs: Path) -> None:
    document = json.loads((outputs / "s.json").read_text())
    names = {frame["name"] for frame in document["shared"]["frames"]}
    assert {"FORWARD", "layer 0", "attn_qkv", "lm_head", "LUT_BUILD_SUBSET64"} <= names
    assert document["exporter"].startswith("gpt486 ")


def test_html_has_every_section(outputs: Path) -> None:
    page = (outputs / "r.html").read_text()
    embedded = re.search(r"<script[^>]*application/json[^>]*>(.*?)</script>", page, re.DOTALL)
    assert embedded is not None
    data = json.loads(embedded[1])
    for section in ("totals", "flame", "ops", "procedures", "source", "roofline", "tokens", "memory", "stability"):
        assert data[section], section
    assert data["attention"]
    assert data["tokens"]["texts"][0] == data["attention"]["tokens"][0]
    check_report({**data, "attention": None})


def test_a_saved_profile_again(outputs: Path) -> None:
    done = profile(outputs / "p.json", "--by", "layer", "--by", "token", "--by", "instruction", "--top", "3")
    assert done.exit_code == 0, done.output
    assert "By layer" in done.stdout
    assert "By instruction" in done.stdout
    html = profile(outputs / "p.json", "--html", outputs / "again.html", "--by", "op")
    assert html.exit_code == 0
    assert (outputs / "again.html").stat().st_size > 50_000


def test_json(outputs: Path, built: Path) -> None:
    saved = json.loads(profile(outputs / "p.json", "--json").stdout)
    assert saved["run"]["prompt"] == "The dog"
    assert saved["tokens"]["tokens_per_second"] > 0
    run = profile(built, *PROMPT, "--json")
    assert json.loads(run.stdout) == saved
    assert run.stdout.count("\n") == 1


def test_diff_of_a_build_with_itself(outputs: Path, built: Path) -> None:
    done = profile("--diff", outputs / "p.json", built, *PROMPT)
    assert done.exit_code == 0, done.output
    assert "clocks after / before: the whole run 1.000, a new token 1.000" in done.stdout
    assert re.search(r"; \d+ the same$", done.stdout, re.MULTILINE)


@pytest.fixture(scope="module")
def other(awkward_models: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model without assembly."""
    folder = tmp_path_factory.mktemp("other")
    build(awkward_models["untied-relu"], folder, BuildOptions(assembly=False))
    return folder


@pytest.mark.parametrize("by", ["op", "layer", "kernel", "procedure", "line"])
def test_diff_of_two_builds(outputs: Path, other: Path, by: str) -> None:
    saved = outputs / "other.json"
    if not saved.exists():
        assert profile(other, *PROMPT, "--save", saved).exit_code == 0
    done = profile("--diff", outputs / "p.json", saved, "--by", by, "--json")
    data: dict[str, Any] = json.loads(done.stdout)
    changes = data["by"][by]
    assert [abs(row["change"]) for row in changes] == sorted((abs(row["change"]) for row in changes), reverse=True)
    named = {row["name"]: row for row in changes}
    slower = {
        "op": "mlp_in",
        "layer": "layer 0",
        "kernel": "ATTEND_HEADS",
        "procedure": "MAGNITUDE_BITS",
    }.get(by)
    if slower is not None:
        assert (named[slower]["ratio"] > 1) == (by != "kernel")  # the twin leaves the work to procedures of its own
        assert named[slower]["after"]["clocks"] - named[slower]["before"]["clocks"] == named[slower]["change"]
    if by != "kernel":
        whole = data["after"]["clocks"] - data["before"]["clocks"]
        inside = sum(row["change"] for row in changes)
        assert inside == whole or by == "layer"
    text = profile("--diff", outputs / "p.json", saved, "--by", by)
    assert max(map(len, text.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["x", "--diff", "x", "x"],
        ["--diff", "x", "x", "--callgrind", "f"],
        ["--diff", "p", "p", "--by", "token"],
        ["x", "--by", "colour"],
        ["x", "--top", "0"],
        ["x", "--time-limit", "nan"],
    ],
)
def test_usage_errors(words: list[str], built: Path, outputs: Path) -> None:
    places = {"x": str(built), "p": str(outputs / "p.json")}
    done = profile(*(places.get(word, word) for word in words))
    assert done.exit_code == 2, done.output
    assert "--help" in done.stderr


def test_errors_are_one_line(built: Path, outputs: Path, tmp_path: Path) -> None:
    (tmp_path / "junk.json").write_text("{}")
    foreign = json.loads((outputs / "p.json").read_text())
    foreign["notes"] = {}
    (tmp_path / "foreign.json").write_text(json.dumps(foreign))
    saved = outputs / "p.json"
    for words, expected in (
        ([tmp_path], "no BUILD.JSON"),
        ([tmp_path / "none"], "no BUILD.JSON"),
        ([tmp_path / "junk.json"], "no profile"),
        ([built, "--cpu", "z80"], "unknown CPU"),
        ([built, "--cpu", tmp_path / "none.toml"], "none.toml"),
        ([saved, "--callgrind", tmp_path / "no" / "where"], "cannot be written"),
        ([saved, "--html", tmp_path / "no" / "where"], "cannot be written: no folder"),
        ([saved, "--html", saved], "named twice"),
        ([saved, "--save", tmp_path / "one", "--callgrind", tmp_path / "." / "one"], "named twice"),
        ([tmp_path / "foreign.json", "--by", "op"], "needs the profile of a build"),
        ([tmp_path / "foreign.json", "--json"], "another program"),
        (["--diff", saved, tmp_path / "foreign.json", "--by", "op"], "only where both"),
    ):
        done = profile(*words)
        assert isinstance(done.exception, Gpt486Error), (words, done.output)
        assert expected in str(done.exception)
        assert "\n" not in str(done.exception)
    shown = profile(tmp_path / "foreign.json", "--html", tmp_path / "r.html")
    assert shown.exit_code == 0
    assert "By procedure" in shown.stdout
    assert "By op" not in shown.stdout
    assert "GPT.EXE on a 486DX2-66" in (tmp_path / "r.html").read_text()
    assert profile("--diff", saved, tmp_path / "foreign.json").exit_code == 0


def test_a_stopped_run_says_so(built: Path) -> None:
    done = profile(built, *PROMPT, "--instruction-limit", "100000")
    assert done.exit_code == 1
    assert "stopped after 100,0" in done.stderr
    assert "what follows is of the run so far" in done.stderr


def test_where_it_is_written_is_looked_at_before_the_run(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gpt486.cli.profile.record_build", lambda *_, **__: pytest.fail("it ran first"))
    done = profile(built, *PROMPT, "--save", tmp_path / "no" / "where")
    assert "cannot be written: no folder" in str(done.exception)


def test_a_file_that_fails_takes_no_tables_with_it(outputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("emulator.profiling.storage.write_atomically", full)
    done = profile(outputs / "p.json", "--callgrind", outputs / "full.out")
    assert "full.out: cannot be written: No space left on device" in str(done.exception)
    assert "By procedure" in done.stdout


def test_a_model_that_moved_leaves_its_sections_out(own_build: Path, tmp_path: Path) -> None:
    facts = json.loads((own_build / "BUILD.JSON").read_text())
    facts["model"]["directory"] = str(tmp_path / "gone")
    (own_build / "BUILD.JSON").write_text(json.dumps(facts))
    done = profile(own_build, *PROMPT, "--html", tmp_path / "r.html", "--by", "op")
    assert done.exit_code == 0, done.output
    page = (tmp_path / "r.html").read_text()
    assert "Without attention and stability" in page
