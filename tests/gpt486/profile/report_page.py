"""Questions to a report that stands in a browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from chromium import Chromium

Open = Callable[[dict[str, Any]], Chromium]


def is_well(browser: Chromium) -> bool:
    assert browser.exceptions == []
    assert browser.messages == []
    return bool(browser.evaluate("document.documentElement.dataset.drawn === 'true'"))


def texts(browser: Chromium, selector: str) -> list[str]:
    found = browser.evaluate(f"[...document.querySelectorAll({json.dumps(selector)})].map(node => node.textContent)")
    assert isinstance(found, list)
    return found


def overlaps(page: Chromium) -> list[str]:
    """Texts of charts that lie on one another or beyond their panel; the page itself must not be too wide."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = page.evaluate("""[...document.querySelectorAll('svg.plot')].flatMap(plot => {
        const texts = [...plot.querySelectorAll('text:not([transform])')].filter(text => text.textContent);
        const boxes = texts.map(text => [text.textContent, text.getBoundingClientRect()]);
        const panel = plot.closest('.panel').getBoundingClientRect();
        const found = boxes.filter(([, box]) => box.left < panel.left || box.right > panel.right).map(([name]) => name);
        boxes.forEach(([name, a], k) => boxes.slice(k + 1).forEach(([other, b]) => {
            const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            if (wide > 1 && high > 4) found.push(`${name} / ${other}`);
        }));
        return found;
    })""")
    assert isinstance(found, list)
    return found


def contrast(one: str, other: str) -> float:
    """Contrast of two colours by WCAG 2.1."""

    def luminance(color: str) -> float:
        parts = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
