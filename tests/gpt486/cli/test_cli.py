"""The command line as a user has it: in a process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import zlib
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner

from gpt486.backends import dosboxed
from gpt486.cli.main import COMMANDS, cli
from gpt486.models.random_model import write_random_model
from gpt486.observe.guest_memory import parse_report

PYTHON = [sys.executable, "-c", "from gpt486.cli.main import main; main()"]


def gpt486(*words: str | bytes | Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run gpt486; every failure must be without a traceback."""
    done = subprocess.run(
        [*PYTHON, *words], capture_output=True, timeout=300, check=False, env={**os.environ, **(env or {})}
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done


def failure(*words: str | bytes | Path, code: int = 1) -> str:
    """Run gpt486, expect it to fail; returns its one-line message."""
    done = gpt486(*words)
    assert done.returncode == code, done
    lines = done.stderr.decode().strip().splitlines()
    if code == 1:
        assert len(lines) == 1, done.stderr.decode()
    return lines[-1]


def test_help_of_every_command() -> None:
    runner = CliRunner()
    top = runner.invoke(cli, ["--help"])
    assert top.exit_code == 0
    for name in COMMANDS:
        assert name in top.output
        done = runner.invoke(cli, [name, "--help"])
        assert done.exit_code == 0, done.output
        assert len(done.output) > 300, name


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["run"],
        ["run", "x", "--cpu", "z80"],
        ["run", "x", "--temp", "warm"],
        ["run", "x", "--temp", "nan"],
        ["run", "x", "--temp=-inf"],
        ["run", "x", "--top-p", "nan"],
        ["run", "x", "--time-limit", "nan"],
        ["run", "x", "--time-limit", "-1"],
        ["run", "x", "-f", "/dev/zero"],
        ["run", "x", "-p", "a", "-f", "/dev/null"],
        ["run", "x", "-n", "-1"],
        ["compare", "x", "--with", "abacus"],
        ["build", "--app", "nothing"],
    ],
)
def test_usage_errors_exit_with_2(words: list[str], built: Path) -> None:
    done = CliRunner().invoke(cli, [str(built) if word == "x" else word for word in words])
    assert done.exit_code == 2
    assert "--help" in done.output


def test_a_usage_error_as_a_user_sees_it() -> None:
    assert "Try" in gpt486("run").stderr.decode()
    assert gpt486("run").returncode == 2


def test_run_streams_the_text_and_the_figures(built: Path) -> None:
    done = gpt486("run", built, "-p", "The dog", "-n", "12")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"The dog")
    assert b"12 tokens on a 486DX2-66 with 32 MB" in done.stderr


def test_run_json(built: Path) -> None:
    words = ["-p", "The dog", "-n", "12", "--cpu", "486sx-25", "--memory", "4", "--json", "--ignore-eos"]
    result = json.loads(gpt486("run", built, *words).stdout)
    assert set(result) >= {
        "text",
        "prompt_tokens",
        "new_tokens",
        "instructions",
        "clocks",
        "tokens_per_second",
        "peak_memory_bytes",
        "cpu",
        "exit_code",
    }
    assert (result["cpu"], result["exit_code"], result["new_tokens"]) == ("486sx-25", 0, 12)
    assert result["clocks"] == pytest.approx(result["clocks_per_token"] * 11, abs=11)
    assert result["tokens_per_second"] == pytest.approx(25e6 / result["clocks_per_token"])
    assert result["instructions_per_token"] < result["clocks_per_token"] < 5 * result["instructions_per_token"]
    assert 0 < result["sampling_error"] < 0.05
    assert result["prompt_tokens"] >= 3
    assert 0 < result["peak_memory_bytes"] < 4 << 20
    assert result["instructions_per_token"] * 11 < result["instructions"]
    assert json.loads(gpt486("run", built, *words).stdout) == result


def test_sampled_clocks_are_near_all_of_them(built: Path) -> None:
    words = ["run", built, "-p", "The dog", "-n", "16", "--json", "--ignore-eos", "--timing"]
    sampled, full, off = (json.loads(gpt486(*words, how).stdout) for how in ("sampled", "full", "off"))
    assert sampled["text"] == full["text"] == off["text"]
    assert (off["clocks"], off["tokens_per_second"], full["sampling_error"]) == (None, None, None)
    assert sampled["clocks"] != full["clocks"]
    assert sampled["clocks"] == pytest.approx(full["clocks"], rel=max(3 * sampled["sampling_error"], 0.01))


def test_a_sample_says_how_sure_it_is(built: Path) -> None:
    words = ["run", built, "-p", "The dog", "-n", "16", "--ignore-eos"]
    figure = json.loads(gpt486(*words, "--json").stdout)
    speed, error = figure["tokens_per_second"], figure["tokens_per_second"] * figure["sampling_error"]
    plain = " ".join(gpt486(*words).stderr.decode().split())  # it is wrapped at the terminal's width
    assert f"{speed:.2f} ± {error:.2f} tokens a second" in plain
    assert "±" not in gpt486(*words, "--timing", "full").stderr.decode()


def test_run_on_a_machine_of_the_user(built: Path, tmp_path: Path) -> None:
    own = tmp_path / "slow.toml"
    own.write_text(
        "[cpu]\nbus_mhz = 20\nmultiplier = 1\nfpu = false\ncache_kb = 8\n"
        "[board]\nl2_kb = 0\ndram_read = [9, 6]\ndram_write = 6\ndram_row_miss = 4\n"
    )
    words = ["run", built, "-p", "The dog", "-n", "4", "--json", "--ignore-eos", "--timing", "full", "--cpu"]
    slow, fast = (json.loads(gpt486(*words, name).stdout) for name in (own, "486sx-25"))
    assert slow["text"] == fast["text"]
    assert slow["clocks"] > fast["clocks"]
    own.write_text(own.read_text().replace("dram_write = 6", "dram_wrote = 6"))
    failed = gpt486(*words, own)
    assert failed.returncode == 2
    assert "slow.toml: [board] lacks dram_write" in failed.stderr.decode()


def test_memory_is_reported_in_text_and_json(built: Path) -> None:
    words = ["-p", "The dog", "-n", "3", "--memory-report"]
    books = parse_report(gpt486("run", built, *words).stdout.decode("utf-8", "replace"))
    result = json.loads(gpt486("run", built, *words, "--json").stdout)
    assert parse_report(result["text"]) == books
    memory = result["memory"]
    assert (memory["limit"], memory["peak"], memory["most"]) == (books.limit, books.peak, books.most)
    assert memory["pieces"] == [asdict(piece) for piece in books.pieces]
    assert sum(memory["pages"].values()) == result["peak_memory_bytes"]


def test_a_seed_gives_the_same_text_and_another_seed_another(built: Path) -> None:
    def text(seed: str) -> bytes:
        done = gpt486("run", built, "-n", "20", "--temp", "1.2", "--top-k", "30", "--top-p", "0.9", "-s", seed)
        return done.stdout

    assert text("3") == text("3")
    assert text("3") != text("4")


def test_an_empty_prompt_is_no_error(built: Path) -> None:
    assert gpt486("run", built, "-p", "", "-n", "3").returncode == 0


def test_bytes_that_are_no_utf8(built: Path) -> None:
    done = gpt486("run", built, "-p", b"caf\xe9 \xff", "-n", "3")
    assert done.returncode == 0
    assert b"not UTF-8 (byte 0xE9 at offset 3)" in done.stderr
    assert done.stdout.startswith(b"caf\xe9 \xff")


def test_too_long_a_prompt(built: Path, tmp_path: Path) -> None:
    assert "tokens; the context holds 24" in failure("run", built, "-p", "0123456789" * 4)
    (tmp_path / "long.txt").write_bytes(b"x" * 100_000)
    assert "more than 24 tokens can hold" in failure("run", built, "-f", tmp_path / "long.txt")
    assert "tokens; the context holds 24" in failure("compare", built, "-p", "0123456789" * 4)


@pytest.mark.parametrize("name", ["MODEL.BIN", "VOCAB.BIN"])
@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "foreign", "other build"])
def test_damaged_files_on_the_guests_disk(own_build: Path, name: str, damage: str) -> None:
    path = own_build / name
    data = bytearray(path.read_bytes())
    if damage == "flip":
        data[-5] ^= 16
    elif damage == "other build":
        data[8] ^= 1
    elif damage == "foreign":
        data[:4] = b"PK\3\4"
    path.write_bytes(data[: {"cut": len(data) // 2, "empty": 0}.get(damage, len(data))])
    assert name in failure("run", own_build, "-p", "x", "-n", "2")


def test_too_little_memory(tmp_path: Path) -> None:
    """The model that ships, on a PC of one megabyte: DOS has it all, and nothing is left."""
    assert gpt486("build", "-o", tmp_path / "out").returncode == 0
    assert "Not enough extended memory" in failure("run", tmp_path / "out", "--memory", "1")
    message = failure("run", tmp_path / "out", "--memory", "2")
    assert message.startswith("gpt486: no memory for model: it asks for ")
    assert "a PC with 4 MB has them" in message


def test_an_endless_run_is_stopped(built: Path) -> None:
    message = failure("run", built, "-n", "100000", "--ignore-eos", "--instruction-limit", "3000000")
    assert message.startswith("gpt486: stopped after 3,000,")
    message = failure("run", built, "-n", "1000000", "--ignore-eos", "--time-limit", "1.5")
    assert "1.5" in message


def test_ctrl_c_ends_a_run(built: Path) -> None:
    """The first Ctrl-C goes to the 486's keyboard; the program there sees it and ends."""
    process = subprocess.Popen(
        [*PYTHON, "run", str(built), "-n", "1000000", "--ignore-eos"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.read(200)  # it writes
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, b"gpt486: interrupted\n")


def test_build_into_a_folder_that_cannot_be_written(tmp_path: Path, awkward_models: dict[str, Path]) -> None:
    (tmp_path / "file").write_text("in the way")
    model = awkward_models["untied-relu"]
    assert "cannot be written" in failure("build", "-m", model, "-o", tmp_path / "file" / "out")


def test_build_of_nothing(tmp_path: Path) -> None:
    assert "no such model directory" in failure("build", "-m", "nothing", "-o", tmp_path)
    assert "no BUILD.JSON" in failure("run", tmp_path)
    assert "config.json" in failure("build", "-m", tmp_path, "-o", tmp_path / "out")


def test_build_and_inspect(tmp_path: Path, awkward_models: dict[str, Path]) -> None:
    model = awkward_models["no-bias-gelu"]
    done = gpt486("build", "-m", model, "-o", tmp_path / "out", "-c", "16", "--no-asm")
    assert done.returncode == 0
    assert b"no-bias-gelu" in done.stderr
    facts = json.loads(gpt486("inspect", model, "-c", "16", "--json").stdout)
    assert facts["model"]["config"]["context"] == 16
    table = gpt486("inspect", model, "--all", env={"COLUMNS": "200"})
    assert b"h.1.mlp_out" in table.stdout
    assert b"kv cache" in table.stdout


def test_compare(built: Path) -> None:
    done = gpt486("compare", built, "-p", "a", "-n", "3", "--with", "emulator", "--json")
    result = json.loads(done.stdout)
    assert done.returncode == 0
    assert result["exact"] is True
    assert result["steps"] == 3
    assert set(result["float"]) == {"top1_agreement", "max_abs_error", "nll_float", "nll_exact"}
    table = gpt486("compare", built, "-p", "a", "-n", "3", "--with", "emulator")
    assert table.stderr.count(b"exact") >= 3


def test_compare_fails_when_a_machine_differs(own_build: Path) -> None:
    data = bytearray((own_build / "GPT.EXE").read_bytes())
    at = data.index(bytes.fromhex("F7D801C0"))  # neg eax / add eax, eax: the top plane in lut_rows
    data[at : at + 2] = b"\x90\x90"
    (own_build / "GPT.EXE").write_bytes(data)
    other = gpt486("compare", own_build, "-p", "a", "-n", "2", "--with", "emulator")
    assert other.returncode == 1
    assert b"GPT.MAP is the map of another program or build than GPT.EXE" in other.stderr
    program_map = (own_build / "GPT.MAP").read_bytes()
    (own_build / "GPT.MAP").write_bytes(
        re.sub(rb"program-crc \w+", b"program-crc %08X" % zlib.crc32(data), program_map)
    )
    done = gpt486("compare", own_build, "-p", "a", "-n", "2", "--with", "emulator")
    assert done.returncode == 1
    assert b"h.0.attn_qkv" in done.stderr


def test_compare_of_a_model_that_moved(tmp_path: Path) -> None:
    write_random_model(tmp_path / "m", layers=1, heads=1, width=8, context=8, vocabulary=260)
    assert gpt486("build", "-m", tmp_path / "m", "-o", tmp_path / "out").returncode == 0
    (tmp_path / "m").rename(tmp_path / "moved")
    words = ["compare", tmp_path / "out", "-n", "2", "--with", "emulator"]
    assert "no such model directory" in failure(*words)
    done = gpt486(*words, "-m", tmp_path / "moved")
    assert done.returncode == 0, done.stderr


def test_dosbox(built: Path) -> None:
    if not dosboxed.available():
        pytest.skip("dosbox is not installed (apt-get install dosbox)")
    words = ["-p", "The dog", "-n", "12"]
    assert gpt486("dosbox", built, *words).stdout == gpt486("run", built, *words).stdout
    ours = json.loads(gpt486("run", built, *words, "--json").stdout)
    assert json.loads(gpt486("dosbox", built, *words, "--json").stdout) == {"text": ours["text"], "exit_code": 0}
    assert "tokens; the context holds" in failure("dosbox", built, "-p", "0123456789" * 4)


def test_without_dosbox(built: Path, tmp_path: Path) -> None:
    done = gpt486("dosbox", built, env={"PATH": str(tmp_path)})
    assert done.returncode == 1
    assert b"apt-get install dosbox" in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_run_when_nobody_reads(built: Path) -> None:
    with subprocess.Popen(
        [*PYTHON, "run", str(built), "-n", "2000", "--ignore-eos"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(50)
        process.stdout.close()
        errors = process.stderr.read()
        assert process.wait(timeout=60) != 0
    assert b"Traceback" not in errors
