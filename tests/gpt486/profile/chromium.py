"""A headless Chromium driven over the DevTools protocol, through a pair of pipes: no port, no other package."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)

KEYS = {"Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Tab": 9}


def find_chromium() -> str | None:
    """The browser's path; CHROMIUM in the environment comes first."""
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


class Chromium:
    """One page. `requests`, `messages` and `exceptions` collect what it asked for, said and threw.

    `blocked` are the requests among them that the Content-Security-Policy stopped before they left.
    """

    def __init__(self, path: str, profile: Path, *, patience: float = 60.0) -> None:
        self.requests: list[str] = []
        self.blocked: list[str] = []
        self.messages: list[str] = []
        self.exceptions: list[str] = []
        self.patience = patience
        self._last = 0
        self._buffer = b""
        self._events: list[dict[str, Any]] = []
        self._urls: dict[str, str] = {}
        to_browser, self._send_fd = os.pipe()
        self._receive_fd, from_browser = os.pipe()
        # The browser reads commands from its descriptor 3 and answers on 4. Passing on through 8 and 9 keeps either
        # from being overwritten before it is moved.
        script = f'exec 8<&{to_browser} 9>&{from_browser}; exec 3<&8 4>&9 8<&- 9>&-; exec "$@"'
        command = ["bash", "-c", script, "sh", path, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(
            command,
            pass_fds=(to_browser, from_browser),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(to_browser)
        os.close(from_browser)
        try:
            target = self._call("Target.createTarget", {"url": "about:blank"})["targetId"]
            self._session = self._call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
            for domain in ("Page", "Runtime", "Network", "Log"):
                self.call(f"{domain}.enable")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Chromium:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the browser: it goes when its pipe does, else by force."""
        os.close(self._send_fd)
        os.close(self._receive_fd)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def call(self, method: str, parameters: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A command to the page; its result."""
        return self._call(method, parameters or {}, self._session)

    def open(self, url: str) -> None:
        """Go to an address and wait until it is loaded."""
        self.requests.clear()
        self.blocked.clear()
        self.messages.clear()
        self.exceptions.clear()
        self._events.clear()
        self.call("Page.navigate", {"url": url})
        self._wait(lambda: any(event["method"] == "Page.loadEventFired" for event in self._events), "the page to load")
        self.settle()

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression."""
        result = self.call("Runtime.evaluate", {"expression": expression, "returnByValue": True, "awaitPromise": True})
        if "exceptionDetails" in result:
            raise AssertionError(result["exceptionDetails"]["exception"].get("description", "it threw"))
        return result["result"].get("value")

    def settle(self) -> None:
        """Wait until what was asked for has been drawn: two frames."""
        self.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")

    def size(self, width: int, height: int = 900) -> None:
        """Give the page a size in CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )
        self.settle()

    def scheme(self, name: str, media: str = "") -> None:
        """Prefer the light or the dark scheme, on a screen or on paper (media "print")."""
        self.call(
            "Emulation.setEmulatedMedia",
            {"media": media, "features": [{"name": "prefers-color-scheme", "value": name}]},
        )
        self.settle()

    def centre(self, selector: str) -> tuple[float, float]:
        """Where an element is, after scrolling to it."""
        box = self.evaluate(
            f"(() => {{ const node = document.querySelector({json.dumps(selector)}); if (!node) return null;"
            " node.scrollIntoView({block: 'center', behavior: 'instant'}); const b = node.getBoundingClientRect();"
            " return [b.left + b.width / 2, b.top + b.height / 2]; })()"
        )
        assert box is not None, f"nothing matches {selector}"
        self.settle()
        return box[0], box[1]

    def hover(self, selector: str) -> None:
        """Move the pointer over an element."""
        x, y = self.centre(selector)
        self.call("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": x, "y": y})
        self.settle()

    def click(self, selector: str) -> None:
        """Click an element with the pointer."""
        x, y = self.centre(selector)
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            button = "none" if kind == "mouseMoved" else "left"
            self.call("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, "button": button, "clickCount": 1})
        self.settle()

    def press(self, key: str) -> None:
        """Press and release a key."""
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", {"type": kind, "key": key, "windowsVirtualKeyCode": KEYS[key]})
        self.settle()

    def type(self, text: str) -> None:
        """Insert text where the focus is."""
        self.call("Input.insertText", {"text": text})
        self.settle()

    def picture(self, path: Path, *, whole: bool = True, clip: Mapping[str, float] | None = None) -> None:
        """Save what the page looks like as PNG."""
        asked: dict[str, Any] = {"format": "png", "captureBeyondViewport": whole}
        if clip:
            asked["clip"] = {**clip, "scale": 1}
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", asked)["data"]))

    def _call(self, method: str, parameters: Mapping[str, Any], session: str | None = None) -> dict[str, Any]:
        self._last += 1
        number = self._last
        message = {"id": number, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._send_fd, data) :]
        answers: dict[int, dict[str, Any]] = {}
        self._wait(lambda: number in answers, method, answers)
        answer = answers[number]
        assert "error" not in answer, f"{method}: {answer['error']}"
        result: dict[str, Any] = answer["result"]
        return result

    def _wait(self, done: Any, what: str, answers: dict[int, dict[str, Any]] | None = None) -> None:
        end = time.monotonic() + self.patience
        while not done():
            ready, _, _ = select.select([self._receive_fd], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                raise TimeoutError(f"Chromium: no answer to {what} in {self.patience} seconds")
            piece = os.read(self._receive_fd, 1 << 20)
            if not piece:
                raise RuntimeError(f"Chromium ended while it was asked for {what}")
            *whole, self._buffer = (self._buffer + piece).split(b"\0")
            for message in map(json.loads, whole):
                if "id" in message:
                    if answers is not None:
                        answers[message["id"]] = message
                else:
                    self._note(message)

    def _note(self, event: dict[str, Any]) -> None:
        self._events.append(event)
        parameters = event.get("params", {})
        match event["method"]:
            case "Network.requestWillBeSent":
                self._urls[parameters["requestId"]] = parameters["request"]["url"]
                self.requests.append(parameters["request"]["url"])
            case "Network.loadingFailed" if parameters.get("blockedReason") == "csp":
                self.blocked.append(self._urls[parameters["requestId"]])
            case "Runtime.consoleAPICalled":
                words = " ".join(
                    str(argument.get("value", argument.get("description"))) for argument in parameters["args"]
                )
                self.messages.append(f"{parameters['type']}: {words}")
            case "Log.entryAdded":
                self.messages.append(f"{parameters['entry']['level']}: {parameters['entry']['text']}")
            case "Runtime.exceptionThrown":
                details = parameters["exceptionDetails"]
                self.exceptions.append(details.get("exception", {}).get("description") or details["text"])
