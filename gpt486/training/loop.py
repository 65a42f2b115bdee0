"""The training loop: batches, AdamW, schedule, progress, validation, checkpoints, and a clean stop by Ctrl-C."""

import json
import signal
import time
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from gpt486.tokenizers import ByteLevelBPE
from gpt486.training import checkpoint
from gpt486.training.config import TrainConfig
from gpt486.training.data import Tokens, encode_stories, learn_tokenizer, windows
from gpt486.training.errors import TrainingError
from gpt486.training.model import GPT2
from gpt486.training.stories import stories


@dataclass(frozen=True)
class Result:
    """How a run ended. Losses in nats per token; `seconds` is wall time over all its parts."""

    steps: int
    finished: bool
    train_loss: float
    held_out_loss: float
    seconds: float
    train_tokens: int


def pick_device(name: str) -> torch.device:
    """The device of a name; `auto` is the GPU where there is one."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise TrainingError(f"the device {name} cannot be used: {str(error).splitlines()[0]}") from None
    return device


def pick_precision(name: str, device: torch.device) -> str:
    """The precision of a name; `auto` is bfloat16 on GPUs and on CPUs with AVX512-BF16, else float32."""
    if name != "auto":
        return name
    if device.type == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    return "bfloat16" if device.type == "cpu" and torch.cpu._is_avx512_bf16_supported() else "float32"


def held_out_loss(model: GPT2, tokens: Tokens, batch: int = 16) -> float:
    """The mean loss over windows that lie end to end in the held-out tokens."""
    context = model.config.context
    device = next(model.parameters()).device
    begins = np.arange(0, len(tokens.ids) - context, context)
    total = 0.0
    model.eval()
    with torch.no_grad():
        for part in np.array_split(begins, max(1, len(begins) // batch)):
            ids = tokens.ids[part[:, None] + np.arange(context + 1)].astype(np.int64)
            total += float(model.loss(torch.from_numpy(ids).to(device))) * len(part)
    model.train()
    return total / len(begins)


def _optimizer(model: GPT2, config: TrainConfig) -> Any:
    """AdamW; matrices decay, biases and the gains of layer norms do not."""
    parameters = list(model.parameters())
    groups = [
        {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": config.weight_decay},
        {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=config.lr, betas=(config.beta1, config.beta2))


class Run:
    """A training run in a folder: begun anew, or resumed from its checkpoint."""

    def __init__(self, config: TrainConfig, folder: Path, console: Console | None = None) -> None:
        config.check()
        self.folder = folder
        self.console = console or Console(stderr=True, quiet=True)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TrainingError(f"{folder}: cannot be created: {error.strerror}") from None
        if config.threads:
            torch.set_num_threads(config.threads)
        self.device = pick_device(config.device)
        self.config = config = replace(config, precision=pick_precision(config.precision, self.device))
        torch.manual_seed(config.seed)
        self.model = GPT2(config.model).to(self.device)
        self.optimizer = _optimizer(self.model, config)
        self.step = 0
        self.seconds = 0.0
        self.loss = self.held_out = float("nan")
        self.tokenizer: ByteLevelBPE | None = None
        self._stop = False

    @classmethod
    def resume(cls, folder: Path, console: Console | None = None, **changes: Any) -> "Run":
        """Continue the run of a folder. `changes` may replace device, threads, save_every and evaluate_every."""
        state = checkpoint.load(folder)
        run = cls(TrainConfig.from_dict({**state["config"], **changes}), folder, console)
        run.model.load_state_dict(state["model"])
        run.optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["rng"])
        run.step, run.seconds, run.loss, run.held_out = (state[key] for key in ("step", "seconds", "loss", "held_out"))
        run.tokenizer = ByteLevelBPE.load(folder)
        return run

    def save(self) -> None:
        """Write the checkpoint."""
        state = {
            "config": self.config.to_dict(),
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "rng": torch.get_rng_state(),
            "step": self.step,
            "seconds": self.seconds,
            "loss": self.loss,
            "held_out": self.held_out,
        }
        checkpoint.save(self.folder, state)

    def prepare(self) -> tuple[Tokens, Tokens]:
        """Make the text and its tokens: for training, and held out."""
        config = self.config
        self.console.print(f"making {config.stories} stories for training and {config.held_out} held out", style="dim")
        if self.tokenizer is None:
            self.tokenizer = learn_tokenizer(config)
            self.tokenizer.save(self.folder)
        context = config.model.context
        train = encode_stories(self.tokenizer, stories(config.stories, config.story_seed), context)
        held_out = encode_stories(self.tokenizer, stories(config.held_out, config.story_seed, "held-out"), context)
        return train, held_out

    def run(self, until: int | None = None) -> Result:
        """Train up to step `until` (by default to the end of the schedule), or until Ctrl-C."""
        config = self.config
        train, held_out = self.prepare()
        last = min(config.steps, until if until is not None else config.steps)
        size = f"{self.model.parameter_count():,} parameters, {len(train.ids):,} tokens, on {self.device}"
        self.console.print(size, style="dim")
        self._stop = False
        before = _catch_interrupt(self._interrupt)
        started = time.monotonic() - self.seconds
        begun, clock = self.step, time.monotonic()
        try:
            with Progress(
                TextColumn("step"), MofNCompleteColumn(), BarColumn(), TextColumn("{task.fields[status]}"),
                TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
                console=self.console, refresh_per_second=2,
            ) as bar:  # fmt: skip
                task = bar.add_task("train", total=config.steps, completed=self.step, status="")
                while self.step < last and not self._stop:
                    loss = self._one_step(train)
                    self.step += 1
                    self.seconds = time.monotonic() - started
                    if self.step % 10 == 0 or self.step == last:
                        self.loss = float(loss)
                        speed = (self.step - begun) * config.batch * config.model.context / (time.monotonic() - clock)
                        status = f"loss {self.loss:.3f}  held-out {self.held_out:.3f}  {speed:,.0f} tokens/s"
                        bar.update(task, completed=self.step, status=status)
                    if self.step % config.evaluate_every == 0 or self.step == config.steps:
                        self.held_out = held_out_loss(self.model, held_out)
                        self._log()
                        bar.console.print(f"step {self.step}: loss {self.loss:.4f}, held-out {self.held_out:.4f}")
                    if self.step % config.save_every == 0:
                        self.save()
            self.save()
        finally:
            if before is not None:
                signal.signal(signal.SIGINT, before)
        tokens = self.step * config.batch * config.model.context
        return Result(self.step, self.step >= config.steps, self.loss, self.held_out, self.seconds, tokens)

    def _one_step(self, train: Tokens) -> Any:
        config = self.config
        ids = windows(train, config.batch, config.model.context, config.seed, self.step)
        for group in self.optimizer.param_groups:
            group["lr"] = config.model_lr(self.step)
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=config.precision == "bfloat16"):
            loss = self.model.loss(torch.from_numpy(ids).to(self.device))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), config.clip)
        self.optimizer.step()
        return loss.detach()

    def _log(self) -> None:
        record = {"step": self.step, "loss": self.loss, "held_out": self.held_out, "seconds": round(self.seconds, 1)}
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(record) + "\n")

    def _interrupt(self, signum: int, frame: FrameType | None) -> None:
        self._stop = True

    def export(self, folder: Path) -> None:
        """Write the model in Hugging Face's layout."""
        assert self.tokenizer is not None
        checkpoint.export(self.model, self.tokenizer, folder, self.config)


def _catch_interrupt(handler: Any) -> Any:
    """Install a handler for Ctrl-C and return the old one; outside the main thread there is none to install."""
    try:
        return signal.signal(signal.SIGINT, handler)
    except ValueError:
        return None
