"""The profile as one self-contained HTML file: nothing is fetched, it opens from disk.

The page is page/report.html.j2 with its style sheets and scripts, all hand-written, inlined into it. The data goes
along as JSON. Two walls keep hostile text (a token, a file's name) inert: no `<`, `>` or `&` of the data reaches the
HTML parser, and the page's Content-Security-Policy admits the hashes of its own scripts and style sheets only.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from emulator.files import write_atomically
from gpt486.profile.report_check import ReportError, check_report
from gpt486.profile.report_pack import pack_attention

__all__ = ["ReportError", "render", "write_report"]

PAGE: Final = Path(__file__).resolve().parent / "page"

STYLES: Final = ("base.css", "charts.css")
SCRIPTS: Final = (
    "base.js",
    "chart.js",
    "flame.js",
    "stalls.js",
    "roofline.js",
    "tokens.js",
    "memory.js",
    "attention.js",
    "stability.js",
    "tables.js",
    "main.js",
)

#: The sections in the order of the page: id, the word in the menu, and what must be there to show it.
SECTIONS: Final = (
    ("flame", "Clocks", "flame"),
    ("stalls", "Stalls", "procedures"),
    ("roofline", "Roofline", "roofline"),
    ("tokens", "Context", "tokens"),
    ("memory", "Memory", "memory"),
    ("attention", "Attention", "attention"),
    ("stability", "Stability", "stability"),
    ("tables", "Source", "procedures"),
)


def render(data: Mapping[str, Any]) -> str:
    """The report as HTML.

    Args:
        data: plain JSON with the keys format, counters, meta and any of totals, flame, ops, procedures, source,
            roofline, tokens, memory, attention, stability; a section without data is left out.

    Raises:
        ReportError: the data is not as described in `report_check`.
    """
    check_report(data)
    packed = dict(data)
    if data.get("attention"):
        packed["attention"] = pack_attention(data["attention"])
    styles = [_inline(name, "style") for name in STYLES]
    scripts = [_inline(name, "script") for name in SCRIPTS]
    environment = Environment(
        loader=FileSystemLoader(PAGE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html.j2").render(
        meta=data["meta"],
        sections=[(name, word) for name, word, key in SECTIONS if data.get(key)],
        styles=styles,
        scripts=scripts,
        policy=_policy(scripts, styles),
        data=Markup(_json(packed)),
    )


def write_report(path: Path, data: Mapping[str, Any]) -> None:
    """Write the report; no half of one is ever left under the name.

    Raises:
        ReportError: the data is not as described, or the file cannot be written.
    """
    text = render(data)
    try:
        write_atomically(path, text.encode("utf-8", "replace"))
    except OSError as error:
        raise ReportError(f"cannot write {path}: {error.strerror or error}") from error


def _inline(name: str, tag: str) -> Markup:
    """A file of the page, checked to stand inside its tag."""
    text = (PAGE / name).read_text(encoding="utf-8")
    assert f"</{tag}" not in text.lower(), name
    return Markup(text)


def _policy(scripts: Sequence[str], styles: Sequence[str]) -> str:
    """The Content-Security-Policy: the page's own scripts and style sheets by their hashes, and nothing else."""

    def hashes(texts: Sequence[str]) -> str:
        digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts)
        return " ".join(f"'sha256-{digest}'" for digest in digests)

    return (
        f"default-src 'none'; script-src {hashes(scripts)}; style-src {hashes(styles)}; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _json(data: Mapping[str, Any]) -> str:
    """JSON that can stand inside a script element: ASCII, and nothing that the HTML parser would look at."""
    try:
        text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise ReportError(f"the report's data is no JSON: {error}") from error
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
