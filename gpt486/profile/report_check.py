"""What the report's data must look like. The page trusts it after this."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from typing import Any, Final

from gpt486.errors import Gpt486Error

FORMAT: Final = "gpt486-report 1"


class ReportError(Gpt486Error):
    """The data of a report is not as it should be, or the file could not be written."""


def check_report(data: Mapping[str, Any]) -> None:
    """Check the shapes of every section that is there.

    Raises:
        ReportError: names the place, what it holds and what was expected.
    """
    if data.get("format") != FORMAT:
        raise ReportError(f"format: expected {FORMAT!r}, found {data.get('format')!r}")
    counters = _get(data, "counters", "", list)
    for needed in ("instructions", "clocks", "read_misses"):
        if needed not in counters:
            raise ReportError(f"counters: {needed!r} is missing")
    _get(_get(data, "meta", "", Mapping), "title", "meta.", str)
    for section, check in _CHECKS.items():
        if data.get(section) is not None:
            try:
                check(data[section], len(counters))
            except (KeyError, TypeError, AttributeError) as error:
                raise ReportError(f"{section}: {type(error).__name__} {error}") from error


def _get(mapping: Mapping[str, Any], key: str, where: str, kind: type) -> Any:
    value = mapping.get(key)
    if not isinstance(value, kind):
        raise ReportError(f"{where}{key}: expected {kind.__name__.lower()}, found {type(value).__name__}")
    return value


def _length(value: Sized, expected: int, where: str) -> None:
    if len(value) != expected:
        raise ReportError(f"{where}: expected {expected} entries, found {len(value)}")


def _totals(totals: Mapping[str, Any], width: int) -> None:
    _length(totals["run"], width, "totals.run")
    if totals.get("decode"):
        _length(totals["decode"]["counts"], width, "totals.decode.counts")


def _flame(flame: Mapping[str, Any], width: int) -> None:
    for view in flame["views"]:
        if not view["per"] > 0:
            raise ReportError(f"flame.views: per of {view['name']!r} must be positive")
        nodes = [view["tree"]]
        while nodes:
            node = nodes.pop()
            if node.get("counts"):
                _length(node["counts"], width, f"flame: counts of {node['name']!r}")
            nodes += node.get("children") or ()


def _rows(*keys: str) -> Callable[[Iterable[Mapping[str, Any]], int], None]:
    def check(rows: Iterable[Mapping[str, Any]], width: int) -> None:
        for row in rows:
            for key in keys:
                _length(row[key], width, f"{key} of {row['name']!r}")

    return check


def _source(source: Mapping[str, Any], width: int) -> None:
    _length(source["counts"], len(source["lines"]), "source.counts")
    for line, counts in zip(source["lines"], source["counts"], strict=True):
        _length(counts, width, f"source.counts of line {line}")
    if source.get("texts"):
        _length(source["texts"], len(source["lines"]), "source.texts")
    text = source.get("text") or ()
    if text and source["lines"] and not 1 <= min(source["lines"]) <= max(source["lines"]) <= len(text):
        raise ReportError(f"source.lines: the text has the lines 1 to {len(text)}")


def _roofline(roofline: Mapping[str, Any], width: int) -> None:
    for point in roofline["points"]:
        for key in ("weights", "clocks", "bytes_core", "bytes_bus"):
            if not point[key] >= 0:
                raise ReportError(f"roofline.points: {key} of {point['name']!r} is negative")
    for limit in roofline["limits"]:
        if ("clocks_per_byte" in limit) == ("clocks_per_weight" in limit):
            raise ReportError(f"roofline.limits: {limit['name']!r} needs clocks_per_byte or clocks_per_weight")


def _columns(columns: Mapping[str, Sequence[Any]], length: int, where: str) -> None:
    for name, column in columns.items():
        _length(column, length, f"{where}.{name}")


def _tokens(tokens: Mapping[str, Any], width: int) -> None:
    steps = len(tokens["positions"])
    _columns(tokens["groups"], steps, "tokens.groups")
    for key in ("texts", "instructions"):
        if tokens.get(key):
            _length(tokens[key], steps, f"tokens.{key}")


def _memory(memory: Mapping[str, Any], width: int) -> None:
    timeline = memory["timeline"]
    samples = len(timeline["instructions"])
    for key in ("tokens", "heap"):
        if timeline.get(key):
            _length(timeline[key], samples, f"memory.timeline.{key}")
    _columns({p: timeline["by_purpose"][p] for p in memory["purposes"]}, samples, "memory.timeline.by_purpose")


def _attention(attention: Mapping[str, Any], width: int) -> None:
    positions = len(attention["tokens"])
    _length(attention["weights"], attention["layers"], "attention.weights")
    for layer in attention["weights"]:
        _length(layer, attention["heads"], "attention.weights of a layer")
        for head in layer:
            _length(head, positions, "attention.weights of a head")
            for query, row in enumerate(head):
                _length(row, query + 1, f"attention.weights of query {query}")


def _stability(stability: Mapping[str, Any], width: int) -> None:
    for row in stability["accumulators"]:
        if row["bound"] < 0 or row["seen"] < 0:
            raise ReportError(f"stability: {row['op']} {row['name']}: bound and seen are magnitudes")


_CHECKS: Final[Mapping[str, Callable[[Any, int], None]]] = {
    "totals": _totals,
    "flame": _flame,
    "ops": _rows("counts"),
    "procedures": _rows("own", "total"),
    "source": _source,
    "roofline": _roofline,
    "tokens": _tokens,
    "memory": _memory,
    "attention": _attention,
    "stability": _stability,
}
