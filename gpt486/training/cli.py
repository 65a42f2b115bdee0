"""The commands `gpt486 train` and `gpt486 eval`. PyTorch is imported only when one of them runs."""

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from gpt486.training.config import ModelConfig, TrainConfig
from gpt486.training.errors import TrainingError, require_torch

_MODEL = ModelConfig()
_RUN = TrainConfig()


def _say(message: str) -> None:
    """A line for the user; stdout is left to results."""
    click.echo(message, err=True)


@click.command(
    "train", epilog="Example: gpt486 train --out runs/tiny --layers 2 --width 64 --steps 2000 --stories 20000"
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder of the run: checkpoint, log, and at the end the model in OUT/model, ready for `gpt486 "
    "build -m OUT/model`.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Go on from the checkpoint in OUT, exactly as if the run had never stopped. Sizes and text come "
    "from the checkpoint.",
)
@click.option("--layers", default=_MODEL.layers, show_default=True, help="Transformer blocks, one after the other.")
@click.option(
    "--width",
    default=_MODEL.width,
    show_default=True,
    help="Numbers per token in the residual stream. The weights grow with its square.",
)
@click.option(
    "--heads", default=_MODEL.heads, show_default=True, help="Attention heads per block; they share the width."
)
@click.option(
    "--ctx", default=_MODEL.context, show_default=True, help="Context: how many tokens the model sees at once."
)
@click.option(
    "--vocab",
    default=_MODEL.vocabulary,
    show_default=True,
    help="Tokens: 256 bytes, <|endoftext|>, and the most frequent pieces of words.",
)
@click.option(
    "--stories",
    default=_RUN.stories,
    show_default=True,
    help="Stories to train on; story number N is the same on every machine.",
)
@click.option(
    "--steps",
    default=_RUN.steps,
    show_default=True,
    help="Updates of the weights. The learning rate falls to its end over all of them, so choose the "
    "number you can wait for.",
)
@click.option("--batch", default=_RUN.batch, show_default=True, help="Windows of CTX tokens per step.")
@click.option(
    "--lr",
    default=_RUN.lr,
    show_default=True,
    help="Highest learning rate, reached after the warm-up; then half a cosine down.",
)
@click.option(
    "--seed", default=_RUN.seed, show_default=True, help="Fixes the first weights and the order of the windows."
)
@click.option(
    "--device", default=_RUN.device, show_default=True, help="cpu, cuda, mps; auto takes a GPU where there is one."
)
@click.option(
    "--precision",
    default=_RUN.precision,
    show_default=True,
    type=click.Choice(["auto", "float32", "bfloat16"]),
    help="Of the matrix products; auto takes bfloat16 where the hardware is fast with it.",
)
@click.option(
    "--threads",
    default=_RUN.threads,
    show_default=True,
    help="CPU threads; 0 leaves it to PyTorch. Part of what makes a run repeatable to the bit.",
)
@click.option("--save-every", default=_RUN.save_every, show_default=True, help="Steps between checkpoints.")
@click.option(
    "--eval-every", default=_RUN.evaluate_every, show_default=True, help="Steps between looks at the held-out stories."
)
def train(out: Path, resume: bool, **options: Any) -> None:
    """Train a small GPT-2 on short stories of our own making.

    The text comes from a generator (gpt486.training.stories), so nothing is downloaded. The byte-level BPE is
    learned from the first stories, then the model trains; a bar shows the loss (nats per token), the loss on
    stories that are held out, the speed and the time left. Ctrl-C saves a checkpoint; `--resume` goes on from it to
    the very same weights.

    The defaults make a model of about a million parameters, which a 486 can carry; on one core that takes about an
    hour. Needs PyTorch: pip install torch.
    """
    require_torch()
    from gpt486.training.loop import Run

    console = Console(stderr=True)
    if resume:
        keep = {"device": options["device"]} if options["device"] != "auto" else {}
        run = Run.resume(out, console, **keep)
        _say(f"resuming at step {run.step} of {run.config.steps}")
    else:
        if (out / "checkpoint.pt").exists():
            raise TrainingError(f"{out}: holds a run already; add --resume to go on with it, or choose another folder")
        model = ModelConfig(options["layers"], options["heads"], options["width"], options["ctx"], options["vocab"])
        config = TrainConfig(
            model=model,
            stories=options["stories"],
            steps=options["steps"],
            batch=options["batch"],
            lr=options["lr"],
            seed=options["seed"],
            device=options["device"],
            precision=options["precision"],
            threads=options["threads"],
            save_every=options["save_every"],
            evaluate_every=options["eval_every"],
        )
        run = Run(config, out, console)
    result = run.run()
    if not result.finished:
        _say(f"stopped at step {result.steps}; go on with: gpt486 train --out {out} --resume")
        return
    run.export(out / "model")
    _say(
        f"{out / 'model'}: held-out loss {result.held_out_loss:.4f} nats per token after {result.steps} steps, "
        f"{result.train_tokens:,} tokens, {result.seconds:.0f} s"
    )


@click.command("eval")
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--held-out", default=1000, show_default=True, help="Held-out stories for the loss.")
@click.option("--generate", default=100, show_default=True, help="Stories to generate for the verbatim share.")
@click.option("--samples", default=3, show_default=True, help="Generated stories to show.")
@click.option("-p", "--prompt", default="", help="How the generated stories begin; empty: from the end-of-text token.")
@click.option("--temp", default=0.8, show_default=True, help="Temperature; 0 takes the likeliest token.")
@click.option("--top-k", default=40, show_default=True, help="Draw from the K likeliest tokens; 0 from all.")
@click.option("-s", "--seed", default=0, show_default=True, help="Fixes what is generated.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def eval_command(
    model: Path,
    held_out: int,
    generate: int,
    samples: int,
    prompt: str,
    temp: float,
    top_k: int,
    seed: int,
    as_json: bool,
) -> None:
    """Judge a trained model on stories that it never saw.

    Prints the held-out loss of the float model, some stories it writes, and the share of its sentences that occur
    letter for letter in its training text, beside the same share for held-out stories (which is what a perfect
    model would show). Needs PyTorch: pip install torch.
    """
    require_torch()
    from gpt486.training.evaluate import evaluate

    if held_out < 1 or generate < 1:
        raise click.UsageError("--held-out and --generate must be at least 1")
    result = evaluate(
        model,
        held_out=held_out,
        generated=generate,
        samples=samples,
        temperature=temp,
        top_k=top_k,
        seed=seed,
        prompt=prompt,
    )
    if as_json:
        click.echo(json.dumps(result.to_dict(), ensure_ascii=False))
        return
    for sample in result.samples:
        click.echo(sample + "\n")
    click.echo(
        f"held-out loss      {result.loss_per_token:.4f} nats per token, {result.loss_per_byte:.4f} per byte "
        f"({result.held_out_tokens:,} tokens of {result.held_out_stories} stories)\n"
        f"verbatim share     {result.verbatim:.1%} of {result.generated_sentences} generated sentences "
        f"occur in the training text (of held-out stories: {result.verbatim_held_out:.1%})\n"
        f"  8 words or more  {result.verbatim_long:.1%} (of held-out stories: {result.verbatim_held_out_long:.1%})\n"
        f"  two in a row     {result.verbatim_pairs:.1%} (of held-out stories: {result.verbatim_held_out_pairs:.1%})\n"
        f"came to an end     {result.ended:.0%} of {result.generated_stories} stories",
        err=True,
    )
