# ruff: noqa: E501 (tables of cases)
"""Training: a run that is resumed is the run that never stopped; what it exports loads back; errors are clear."""

import json
import math
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from gpt486.training import errors
from gpt486.training.config import ModelConfig, TrainConfig
from gpt486.training.errors import TrainingError

torch = pytest.importorskip("torch")

from gpt486.tokenizers import ByteLevelBPE  # noqa: E402
from gpt486.training import checkpoint  # noqa: E402
from gpt486.training.cli import eval_command, train  # noqa: E402
from gpt486.training.data import encode_stories, learn_tokenizer, windows  # noqa: E402
from gpt486.training.evaluate import evaluate, sentences  # noqa: E402
from gpt486.training.generate import generate  # noqa: E402
from gpt486.training.loop import Run, held_out_loss, pick_device, pick_precision  # noqa: E402
from gpt486.training.model import GPT2  # noqa: E402
from gpt486.training.stories import stories  # noqa: E402

TINY = TrainConfig(
    model=ModelConfig(layers=2, heads=3, width=18, context=24, vocabulary=300),
    stories=40, held_out=4, tokenizer_stories=40, steps=12, batch=4, lr=1e-2, warmup=3, threads=1, precision="float32",
    evaluate_every=6, save_every=4,
)  # fmt: skip


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = Run(TINY, tmp_path_factory.mktemp("run"))
    assert run.run().finished
    run.export(run.folder / "model")
    return run


def _same(one: Run, other: Run) -> bool:
    left, right = one.model.state_dict(), other.model.state_dict()
    return all(torch.equal(left[name], right[name]) for name in left)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_resuming_is_exact_to_the_bit(tmp_path: Path, precision: str) -> None:
    config = TrainConfig.from_dict({**TINY.to_dict(), "precision": precision})
    whole = Run(config, tmp_path / "whole")
    result = whole.run()
    first = Run(config, tmp_path / "parts")
    assert not first.run(until=5).finished
    second = Run.resume(tmp_path / "parts")
    assert second.step == 5
    assert second.run().finished
    assert _same(whole, second)
    assert second.loss == result.train_loss
    assert second.held_out == result.held_out_loss
    optimizers = [run.optimizer.state_dict()["state"] for run in (whole, second)]
    assert all(torch.equal(optimizers[0][i]["exp_avg_sq"], optimizers[1][i]["exp_avg_sq"]) for i in optimizers[0])


def test_the_seed_decides(finished: Run, tmp_path: Path) -> None:
    again = Run(TINY, tmp_path / "again")
    again.run()
    assert _same(finished, again)
    other = Run(TrainConfig.from_dict({**TINY.to_dict(), "seed": 1}), tmp_path / "other")
    other.run()
    assert not _same(finished, other)


def test_it_learns(finished: Run) -> None:
    assert finished.loss < math.log(300) - 0.3
    lines = [json.loads(line) for line in (finished.folder / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [6, 12]
    assert lines[1]["held_out"] < lines[0]["held_out"]


@pytest.mark.skipif(threading.current_thread() is not threading.main_thread(), reason="signals go to the main thread")
def test_ctrl_c_saves_and_resumes_to_the_same_weights(finished: Run, tmp_path: Path) -> None:
    run = Run(TINY, tmp_path)
    one_step = run._one_step

    def interrupted(tokens: Any) -> Any:
        if run.step == 6:
            os.kill(os.getpid(), signal.SIGINT)
        return one_step(tokens)

    run._one_step = interrupted  # type: ignore[method-assign]
    before = signal.getsignal(signal.SIGINT)
    result = run.run()
    assert signal.getsignal(signal.SIGINT) is before
    assert not result.finished
    assert result.steps == 7
    resumed = Run.resume(tmp_path)
    assert resumed.step == 7
    resumed.run()
    assert _same(finished, resumed)


def test_training_outside_the_main_thread(tmp_path: Path) -> None:
    results = []
    thread = threading.Thread(target=lambda: results.append(Run(TINY, tmp_path).run(until=1)))
    thread.start()
    thread.join()
    assert results[0].steps == 1


def test_the_export_loads_back(finished: Run) -> None:
    model, tokenizer, config = checkpoint.load_exported(finished.folder / "model")
    assert isinstance(tokenizer, ByteLevelBPE)
    assert tokenizer.eot == 299 == config["eos_token_id"]
    ids = torch.arange(20).reshape(2, 10)
    with torch.no_grad():
        assert torch.equal(model(ids), finished.model(ids))
    assert config["model_type"] == "gpt2"
    assert TrainConfig.from_dict(config["gpt486"]["training"]) == TINY
    names = set(finished.model.state_dict())
    assert {"transformer.wte.weight", "transformer.h.1.attn.c_attn.weight", "transformer.ln_f.bias"} <= names
    assert "lm_head.weight" not in names
    assert tuple(finished.model.state_dict()["transformer.h.0.mlp.c_fc.weight"].shape) == (18, 72)  # [in, out]


def test_the_exported_model_is_byte_for_byte_repeatable(finished: Run, tmp_path: Path) -> None:
    finished.export(tmp_path)
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        assert (tmp_path / name).read_bytes() == (finished.folder / "model" / name).read_bytes()


def test_windows_begin_at_stories_at_end_of_text_and_anywhere(finished: Run) -> None:
    assert finished.tokenizer is not None
    tokens = encode_stories(finished.tokenizer, stories(40, 486), 24)
    assert all(tokens.ids[tokens.starts - 1] == finished.tokenizer.eot)
    batch = windows(tokens, 2000, 24, seed=1, step=5)
    assert batch.shape == (2000, 25)
    assert np.array_equal(batch, windows(tokens, 2000, 24, seed=1, step=5))
    assert not np.array_equal(batch, windows(tokens, 2000, 24, seed=1, step=6))
    firsts = {tuple(tokens.ids[s : s + 8]) for s in tokens.starts}
    at_story = np.mean([tuple(row[:8]) in firsts for row in batch])
    at_end = np.mean(batch[:, 0] == finished.tokenizer.eot)
    assert 0.38 < at_story < 0.52
    assert 0.15 < at_end < 0.26


def test_the_held_out_loss_is_the_mean_over_windows(finished: Run) -> None:
    assert finished.tokenizer is not None
    tokens = encode_stories(finished.tokenizer, stories(3, 486, "held-out"), 24)
    begins = range(0, len(tokens.ids) - 24, 24)
    with torch.no_grad():
        rows = [torch.from_numpy(tokens.ids[None, b : b + 25].astype(np.int64)) for b in begins]
        expected = sum(float(finished.model.loss(row)) for row in rows) / len(rows)
    assert held_out_loss(finished.model, tokens, batch=5) == pytest.approx(expected, rel=1e-4)


def test_generating_with_a_cache_is_generating_without(finished: Run) -> None:
    prompt = [5, 80, 120]
    rows = generate(finished.model, prompt, 2, stop=-1, temperature=0)
    ids = list(prompt)
    with torch.no_grad():
        while len(ids) < 24:
            ids.append(int(finished.model(torch.tensor([ids]))[0, -1].argmax()))
    assert rows == [ids[3:], ids[3:]]
    drawn = [
        generate(finished.model, prompt, 3, stop=299, temperature=1.0, top_k=k, seed=s)
        for k, s in ((0, 1), (0, 1), (5, 2))
    ]
    assert drawn[0] == drawn[1] != drawn[2]
    stop = rows[0][4]
    assert generate(finished.model, prompt, 1, stop=stop, temperature=0) == [rows[0][: rows[0].index(stop)]]


def test_sentences() -> None:
    text = 'Mr. Fox came. "Why?" asked Mrs. Hen. "I see," he said. "Go!"\nHe went. So?'
    assert sentences(text) == [
        "Mr. Fox came.",
        '"Why?" asked Mrs. Hen.',
        '"I see," he said.',
        '"Go!"',
        "He went.",
        "So?",
    ]


def test_evaluation(finished: Run) -> None:
    result = evaluate(finished.folder / "model", held_out=5, generated=4, samples=2, temperature=1.0)
    assert 0 < result.loss_per_byte < result.loss_per_token
    assert result.held_out_stories == 5
    assert len(result.samples) == 2
    assert 0 <= result.verbatim <= 1
    assert 0 < result.verbatim_held_out < 0.9


def test_evaluation_finds_recited_sentences(finished: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = list(stories(2, TINY.story_seed))
    assert finished.tokenizer is not None
    ids = [finished.tokenizer.encode(text.encode()) for text in texts]
    monkeypatch.setattr("gpt486.training.evaluate.generate", lambda *a, **k: ids)
    result = evaluate(finished.folder / "model", held_out=3, generated=2)
    assert result.verbatim == result.verbatim_long == result.verbatim_pairs == 1.0
    assert result.samples == texts


# -- the command line ----------------------------------------------------------------------------------


def _invoke(command: Any, *args: str) -> Any:
    return CliRunner().invoke(command, args, catch_exceptions=True)


SMALL = ["--layers", "1", "--heads", "1", "--width", "8", "--ctx", "16", "--vocab", "280", "--stories", "10", "--steps", "4",
         "--batch", "2", "--threads", "1", "--precision", "float32"]  # fmt: skip


def test_train_and_eval_commands(tmp_path: Path) -> None:
    out = str(tmp_path / "run")
    result = _invoke(train, "--out", out, *SMALL)
    assert result.exit_code == 0, result.output
    assert "held-out loss" in result.stderr
    result = _invoke(eval_command, out + "/model", "--held-out", "3", "--generate", "2", "--samples", "1", "--json")
    assert result.exit_code == 0, result.exception
    assert json.loads(result.stdout)["generated_stories"] == 2
    result = _invoke(
        eval_command, out + "/model", "--held-out", "3", "--generate", "2", "--samples", "1", "-p", "The cat"
    )
    assert result.stdout.startswith("The cat")
    assert "nats per token" in result.stderr
    result = _invoke(train, "--out", out, *SMALL)
    assert isinstance(result.exception, TrainingError)
    assert "holds a run already; add --resume" in str(result.exception)
    result = _invoke(train, "--out", out, "--resume", "--device", "cpu")
    assert "resuming at step 4 of 4" in result.stderr
    assert _invoke(eval_command, out + "/model", "--held-out", "0").exit_code == 2


def test_ctrl_c_says_how_to_resume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "_one_step", lambda self, tokens: self._interrupt(2, None) or torch.zeros(()))
    result = _invoke(train, "--out", str(tmp_path / "r"), *SMALL)
    assert result.exit_code == 0
    assert f"stopped at step 1; go on with: gpt486 train --out {tmp_path / 'r'} --resume" in result.stderr


def test_a_missing_torch_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(TrainingError, match=r"^training needs PyTorch, which is not installed: pip install torch$"):
        errors.require_torch()


# -- bad input -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"heads": 5}, "the width 18 cannot be divided among 5 heads"),
        ({"layers": 0}, "layers must be at least 1"),
        ({"vocabulary": 100}, "a vocabulary of 100 is too small"),
        ({"vocabulary": 70000}, "a vocabulary of 70000 is too large"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"lr": 0.0}, "the learning rate must be greater than 0"),
        ({"precision": "int4"}, "the precision must be auto, float32 or bfloat16, not int4"),
    ],
)
def test_impossible_configurations(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    data = TINY.to_dict()
    for key, value in change.items():
        (data["model"] if key in data["model"] else data)[key] = value
    with pytest.raises(TrainingError, match=message):
        Run(TrainConfig.from_dict(data), tmp_path)


def test_bad_files_and_folders(tmp_path: Path, finished: Run) -> None:
    with pytest.raises(TrainingError, match="there is no checkpoint to resume from"):
        Run.resume(tmp_path)
    (tmp_path / "checkpoint.pt").write_bytes((finished.folder / "checkpoint.pt").read_bytes()[:500])
    with pytest.raises(TrainingError, match=r"checkpoint\.pt: is damaged"):
        Run.resume(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(TrainingError, match="cannot be created"):
        Run(TINY, tmp_path / "file")
    with pytest.raises(TrainingError, match="is not a model that gpt486 trained"):
        checkpoint.load_exported(tmp_path)
    with pytest.raises(TrainingError, match="the checkpoint cannot be written"):
        checkpoint.save(tmp_path / "nowhere", {})


def test_devices_and_precisions() -> None:
    assert pick_device("auto").type in ("cpu", "cuda")
    with pytest.raises(TrainingError, match="the device abacus cannot be used"):
        pick_device("abacus")
    assert pick_precision("float32", pick_device("cpu")) == "float32"
    assert pick_precision("auto", pick_device("cpu")) in ("float32", "bfloat16")


def test_too_little_text(finished: Run) -> None:
    assert finished.tokenizer is not None
    with pytest.raises(TrainingError, match="too few for a context of 5000"):
        encode_stories(finished.tokenizer, stories(2, 1), 5000)


def test_the_schedule_warms_up_and_ends_low() -> None:
    rates = [TINY.model_lr(step) for step in range(12)]
    assert rates[0] == pytest.approx(1e-2 / 3)
    assert max(rates) == rates[3] == pytest.approx(1e-2)
    assert TINY.model_lr(12) == pytest.approx(1e-2 * 0.02)


def test_the_model_is_gpt2() -> None:
    config = ModelConfig()
    model = GPT2(config)
    assert model.parameter_count() == 957_184
    ids = torch.arange(12).reshape(1, 12)
    with torch.no_grad():
        whole = model(ids)
        assert torch.allclose(whole[:, :5], model(ids[:, :5]), atol=1e-5)  # no token sees a later one
    assert learn_tokenizer(TINY).tokens[-1] == b"<|endoftext|>"
