from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from gpt486.build import (
    DEFAULT_MODEL,
    BuildError,
    BuildOptions,
    build,
    find_model,
    load_build,
    lowered_of,
)
from gpt486.emit.sections import read_sections
from gpt486.models import ModelError
from gpt486.models.random_model import write_random_model
from gpt486.ops.base import Blob
from gpt486.quantize.formats import FORMATS

FILES = ["BUILD.JSON", "GPT.BAS", "GPT.EXE", "GPT.MAP", "MODEL.BIN", "VOCAB.BIN"]


def test_a_build_has_all_its_files_and_no_others(built: Path) -> None:
    assert sorted(path.name for path in built.iterdir()) == FILES


def test_the_same_input_gives_the_same_bytes(built: Path, awkward_models: dict[str, Path], tmp_path: Path) -> None:
    build(awkward_models["untied-relu"], tmp_path / "again", BuildOptions())
    for name in FILES:
        assert (tmp_path / "again" / name).read_bytes() == (built / name).read_bytes(), name


def test_build_json_tells_every_choice(built: Path) -> None:
    facts = load_build(built)
    assert facts["options"]["weights"] == "int8"
    assert facts["memory"]["total"] == sum(facts["memory"]["by_purpose"].values())
    assert [op["name"] for op in facts["ops"]][:3] == ["embed", "h.0.ln_1", "h.0.attn_qkv"]
    assert facts["ops"][2]["kernel"] == "lut_rows_subset64x8_6"
    assert all(op["output"]["bound"] < 2**31 for op in facts["ops"])
    for name, file in facts["files"].items():
        assert (built / name).stat().st_size == file["bytes"]


def test_the_records_lie_where_the_sections_say(built: Path, awkward_models: dict[str, Path]) -> None:
    sections = read_sections((built / "MODEL.BIN").read_bytes(), "MODEL.BIN")
    program = lowered_of(built, load_build(built)).program
    blob = Blob()
    ops = list(program.ops())
    # The embeddings, of which a token needs two rows, come after everything of which it needs every byte.
    packed = {op.name: op.pack(blob) for op in [*ops[1:], ops[0]]}
    assert ops[0].KIND == "embed"
    assert sections["RECS"] == b"".join(packed[op.name] for op in ops)
    assert sections["WGHT"] == blob.bytes()


@pytest.mark.parametrize("weights", FORMATS)
def test_gpt_bas_is_ascii_with_short_lines(weights: str, awkward_models: dict[str, Path], tmp_path: Path) -> None:
    build(awkward_models["untied-relu"], tmp_path, BuildOptions(weights=weights))
    text = (tmp_path / "GPT.BAS").read_bytes().decode("ascii")
    assert max(len(line) for line in text.splitlines()) <= 120
    assert "\t" not in text
    assert "\n\n\n" not in text
    assert "{{" not in text
    assert "{%" not in text


def test_without_assembly(awkward_models: dict[str, Path], tmp_path: Path) -> None:
    build(awkward_models["untied-relu"], tmp_path, BuildOptions(assembly=False))
    assert "\n#define NO_ASM\n" in (tmp_path / "GPT.BAS").read_text()
    assert not load_build(tmp_path)["options"]["assembly"]


def test_a_folder_that_cannot_be_written(awkward_models: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BuildError, match=r"file/out: cannot be written"):
        build(awkward_models["untied-relu"], tmp_path / "file" / "out", BuildOptions())


def test_finding_models(awkward_models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_model(None).name == DEFAULT_MODEL
    assert find_model(DEFAULT_MODEL) == find_model(None)
    assert find_model(str(awkward_models["untied-relu"])) == awkward_models["untied-relu"]
    with pytest.raises(ModelError, match=rf"nothing: no such model directory.*{DEFAULT_MODEL}"):
        find_model("nothing")


def test_folders_without_a_whole_build(own_build: Path, tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"no BUILD\.JSON"):
        load_build(tmp_path / "nowhere")
    (own_build / "MODEL.BIN").unlink()
    with pytest.raises(BuildError, match=r"MODEL\.BIN: missing"):
        load_build(own_build)
    whole = (own_build / "BUILD.JSON").read_text()
    spoiled = [
        whole.replace('"sha256"', '"sha"'),
        whole.replace('"vocabulary": 300', '"vocabulary": "300"'),
        whole.replace('"app"', '"ape"'),
        whole.replace('"directory": "', '"directory": 5, "d": "'),
    ]
    for text in ("", "{}", "[]", '{"model": 3}', "\0", "[" * 100_000, *spoiled):
        assert text != whole
        (own_build / "BUILD.JSON").write_text(text)
        with pytest.raises(BuildError, match="damaged"):
            load_build(own_build)


def test_a_model_that_changed_since(tmp_path: Path) -> None:
    sizes = {"layers": 1, "heads": 1, "width": 12, "context": 8, "vocabulary": 260}
    write_random_model(tmp_path / "m", **sizes)
    build(tmp_path / "m", tmp_path / "out", BuildOptions())
    facts = json.loads((tmp_path / "out" / "BUILD.JSON").read_text())
    moved = shutil.move(tmp_path / "m", tmp_path / "moved")
    with pytest.raises(ModelError, match="no such model"):
        lowered_of(tmp_path / "out", facts)
    assert lowered_of(tmp_path / "out", facts, str(moved)).program.config.width == 12
    write_random_model(tmp_path / "m", **sizes, seed=1)
    with pytest.raises(BuildError, match="changed since"):
        lowered_of(tmp_path / "out", facts)


def test_too_big_a_model_is_refused_before_its_weights_are_read(tmp_path: Path) -> None:
    write_random_model(tmp_path / "m", layers=1, heads=1, width=8, context=8, vocabulary=260)
    config = json.loads((tmp_path / "m" / "config.json").read_text())
    config |= {"n_embd": 768, "n_layer": 12, "n_head": 12, "vocab_size": 50257, "n_positions": 1024, "n_inner": None}
    (tmp_path / "m" / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match=r"m needs .* MB; a PC with 32 MB has"):
        build(tmp_path / "m", tmp_path / "out", BuildOptions())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ['say "hi"', "mod\u00e8le", "two\nlines"])
def test_any_name_of_a_model_makes_valid_basic(tmp_path: Path, name: str) -> None:
    write_random_model(tmp_path / name, layers=1, heads=1, width=8, context=8, vocabulary=260)
    build(tmp_path / name, tmp_path / "out", BuildOptions())
    assert (tmp_path / "out" / "GPT.BAS").read_text().isascii()


def test_too_many_tokens(tmp_path: Path) -> None:
    write_random_model(tmp_path / "m", layers=1, heads=1, width=2, context=4, vocabulary=65_536)
    with pytest.raises(ModelError, match="65,536 tokens"):
        build(tmp_path / "m", tmp_path / "out", BuildOptions())


def test_a_tokenizer_with_more_tokens_than_the_model(tmp_path: Path) -> None:
    write_random_model(tmp_path / "m", layers=1, heads=1, width=8, context=8, vocabulary=300)
    big = (tmp_path / "m" / "tokenizer.json").read_text()
    write_random_model(tmp_path / "n", layers=1, heads=1, width=8, context=8, vocabulary=260)
    (tmp_path / "n" / "tokenizer.json").write_text(big)
    with pytest.raises(ModelError, match=r"300 tokens, but vocab_size in config\.json is 260"):
        build(tmp_path / "n", tmp_path / "out", BuildOptions())


def test_fbc_as_toolchain_says_what_it_needs(
    awkward_models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildError, match="fbc is not on PATH"):
        build(awkward_models["untied-relu"], tmp_path / "out", BuildOptions(toolchain="fbc"))
    fake = tmp_path / "fbc"
    fake.write_text("#!/bin/sh\necho no linker; exit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(BuildError, match=r"DJGPP.*no linker"):
        build(awkward_models["untied-relu"], tmp_path / "out", BuildOptions(toolchain="fbc"))
