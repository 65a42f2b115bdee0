"""gpt486 accuracy."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gpt486.build import end_token, find_model, lower_model
from gpt486.cli.options import errors
from gpt486.reference.agreement import measure_agreement
from gpt486.tokenizers import ByteLevelBPE
from gpt486.training.stories import stories


@click.command("accuracy", short_help="How little the integer model loses against the float model.")
@click.argument("model", required=False)
@click.option("--tokens", default=10_000, type=click.IntRange(1), show_default=True, help="Held-out tokens, at least.")
@click.option(
    "--text",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A text of your own instead of held-out stories; paragraphs with an empty line between them.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def accuracy_command(model: str | None, tokens: int, text: Path | None, as_json: bool) -> None:
    """Compare the exact integer model with the float model, both in NumPy, on text that the model never saw.

    \b
    gpt486 accuracy
    gpt486 accuracy ./my-gpt2 --text stories.txt

    Prints the share of predictions whose likeliest token is the same, and the mean loss of both. The text is stories
    from the generator that the shipped model was trained with, but held out; each is fed on its own, behind the
    end-of-text token, as far as it fits into the context. A model trained on something else needs --text.
    """
    lowered, _ = lower_model(find_model(model))
    context = lowered.program.config.context
    begin = end_token(lowered)
    pieces = text.read_text("utf-8", "replace").split("\n\n") if text is not None else stories(tokens, split="held-out")
    texts, total = [], 0
    for piece in pieces:
        ids = ([] if begin is None else [begin]) + _encode(lowered.tokenizer, piece)
        texts.append(ids[:context])
        total += len(texts[-1])
        if total >= tokens:
            break
    columns = (TextColumn("tokens"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors(), transient=True) as bar:
        task = bar.add_task("", total=total)
        result = measure_agreement(lowered.model, lowered.program, texts, lambda done: bar.update(task, completed=done))
    if as_json:
        click.echo(json.dumps(asdict(result)))
        return
    loss = result.nll_exact - result.nll_float
    click.echo(
        f"{result.tokens:,} tokens: the likeliest token agrees in {result.top1_agreement:.2%}; loss "
        f"{result.nll_float:.4f} nats a token in floats, {result.nll_exact:.4f} in integers ({loss:+.4f}); "
        f"logits differ by {result.max_abs_error:.3f} at most"
    )


def _encode(tokenizer: ByteLevelBPE, text: str) -> list[int]:
    return tokenizer.encode(text.encode("utf-8"))
