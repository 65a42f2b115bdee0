"""The program itself, as a user at the DOS prompt has it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from emulator import run_program
from gpt486.basic import compile_source
from gpt486.build import Lowered, load_build, lowered_of
from gpt486.reference.exact import ExactSession
from gpt486.reference.generate import generate
from gpt486.reference.sampling import Sampling


def dos(folder: Path, command_tail: str, code: int = 0) -> str:
    """Run GPT.EXE in a folder; returns what it wrote."""
    output: list[bytes] = []
    result = run_program(
        folder / "GPT.EXE",
        command_tail.encode("latin-1"),
        folder=folder,
        console=output.append,
        time_limit=120,
        map_file=folder / "GPT.MAP",
    )
    assert result.stop is None, result.stop
    text = b"".join(output).decode("latin-1")
    assert result.exit_code == code, text
    return text


@pytest.fixture(scope="module")
def lowered(built: Path) -> Lowered:
    return lowered_of(built, load_build(built))


def expected(lowered: Lowered, prompt: bytes, count: int, sampling: Sampling) -> str:
    """What NumPy says that the program writes."""
    tokenizer = lowered.tokenizer
    result = generate(
        ExactSession(lowered.program),
        tokenizer.encode(prompt),
        count,
        end_of_text=tokenizer.eot,
        sampling=sampling,
        ignore_end=True,
    )
    special = set(tokenizer.special.values())
    text = prompt + b"".join(tokenizer.tokens[t] for t in result.tokens if t not in special)
    return text.replace(b"\n", b"\r\n").decode("latin-1")


@pytest.mark.parametrize(
    ("options", "sampling"),
    [
        ("", Sampling()),
        ("/T 0.8 /K 40 /P 0.95 /S 7", Sampling(800, 40, 950, 7)),
        ("/t 1.5 /p .5 /s 4294967295", Sampling(1500, 0, 500, 4294967295)),
        ("/T 1 /S 0", Sampling(1000, 0, 1000, 0)),
        ("/T 0.001 /K 3 /S 12", Sampling(1, 3, 1000, 12)),
        ("/T 2.5 /K 299 /P 0.001", Sampling(2500, 299, 1, 1)),
        ("/T 90 /K 300 /P 1", Sampling(90000, 300, 1000, 1)),
    ],
)
def test_sampling_is_numpys(built: Path, lowered: Lowered, options: str, sampling: Sampling) -> None:
    assert dos(built, f"/N 40 /E {options} a nice day") == expected(lowered, b"a nice day", 40, sampling)


@pytest.mark.parametrize("options", ["", "/T 1", "/T 0.8 /K 40", "/T 1.2 /P 0.9", "/T 2 /K 9 /P 0.5"])
def test_twins_of_the_sampler_choose_the_same(built: Path, own_build: Path, options: str) -> None:
    source = (own_build / "GPT.BAS").read_text()
    executable = compile_source(source, "GPT.BAS", defines={"NO_ASM": ""}).build()
    (own_build / "GPT.EXE").write_bytes(executable.exe)
    executable.map.write(own_build / "GPT.MAP")
    tail = f"/N 20 /E {options} a nice day"
    assert dos(own_build, tail) == dos(built, tail)


PROMPTS = [
    b"",
    b"\xff\xfe\x80",
    bytes(range(256))[:14],
    "Zo\u00eb's 2nd caf\u00e9".encode(),
    "\u6771\u4eac 42".encode(),
    b"we'll they've I'd it's",
    b"  two  \n\n x",
    b"\xe2\x82A\xf0\x9f\x98",
    b"\xed\xa0\x80\xc0\x80\xf5",
    b"end<|endoftext|>x",
    "\u00a0\u2003\u3000a\u0085b".encode(),
]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_any_bytes_are_encoded_as_by_the_tokenizer(own_build: Path, lowered: Lowered, prompt: bytes) -> None:
    (own_build / "P.TXT").write_bytes(prompt)
    dos(own_build, "/N 1 /E /F P.TXT /L L.BIN")
    row = np.fromfile(own_build / "L.BIN", "<i4")
    tokens = lowered.tokenizer.encode(prompt) or [lowered.tokenizer.eot]
    assert (row[0], row[1]) == (tokens[-1], len(tokens) - 1)
    session = ExactSession(lowered.program)
    logits = [session.step(t) for t in tokens][-1]
    np.testing.assert_array_equal(row[2:], logits)


def test_what_the_pc_is(built: Path) -> None:
    found = dos(built, "/I")
    assert found.startswith("486DX2 (GenuineIntel, model 3, stepping 5) with FPU, faster than its bus, 8 KB cache, ")


def test_help(built: Path) -> None:
    text = dos(built, "hello /N 3 /?")
    assert "GPT [options]" in text
    assert max(len(line) for line in text.splitlines()) < 80


@pytest.mark.parametrize(
    ("tail", "message"),
    [
        ("/Q", "/Q is no option"),
        ("/N", "the option /N needs a value"),
        ("/N many", "many is not a whole number"),
        ("/T warm", "warm is not a number such as 0.8"),
        ("/F NOTHERE.TXT", "NOTHERE.TXT cannot be read"),
        ("/L C:\\NO\\SUCH\\DIR.BIN x", "cannot be written"),
        ("/S 99999999999", "99999999999 is too large; the most is 4294967295"),
        ("/N 3000000000", "3000000000 is too large; the most is 1000000"),
        ("/P 5 x", "the share of the chances, /P, is at most 1"),
        ("/N5 hello", "/N5 is no option"),
        ("/F P.TXT hello", "not from both"),
    ],
)
def test_bad_command_lines(built: Path, tail: str, message: str) -> None:
    assert f"GPT: {message}" in dos(built, tail, code=1).replace("\r\n", "\n") or message in dos(built, tail, code=1)


@pytest.mark.parametrize("name", ["MODEL.BIN", "VOCAB.BIN"])
def test_a_missing_file(own_build: Path, name: str) -> None:
    (own_build / name).unlink()
    assert f"{name} is missing" in dos(own_build, "x", code=1)


def test_a_section_of_another_size(own_build: Path) -> None:
    data = bytearray((own_build / "MODEL.BIN").read_bytes())
    data[16 + 8] ^= 4
    (own_build / "MODEL.BIN").write_bytes(data)
    assert "section RECS has another size" in dos(own_build, "x", code=1)


def test_nothing_is_left_behind(built: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(built, tmp_path / "c"))
    before = {path.name for path in folder.iterdir()}
    dos(folder, "/N 3 hello")
    assert {path.name for path in folder.iterdir()} == before
