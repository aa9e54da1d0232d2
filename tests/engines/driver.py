"""A browser as a visitor uses it: addresses, real presses and keys, and what is on the page, also in open shadow roots."""

from __future__ import annotations

import base64
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

#: Seconds in which something is waited for: more than the slowest machine needs, as only a failure takes so long.
PATIENCE = 60
#: Seconds in which a program has started, also on a machine that has much else to do.
START = 120
#: What every session begins with: a browser that hangs is an error, and soon (milliseconds).
CAPABILITIES = {"timeouts": {"script": 60_000, "pageLoad": 60_000}}
#: Seconds until a browser that does not answer at all is an error.
SILENCE = 120
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Escape": "\ue00c", "Space": " ", "Shift": "\ue008"}
#: `find` prefers what can be seen; `at` is where the middle of an element is, once it is in view and can be pressed.
PAGE = """
const all = (selector, root = document) => [...root.querySelectorAll(selector),
  ...[...root.querySelectorAll("*")].flatMap(({ shadowRoot }) => shadowRoot ? all(selector, shadowRoot) : [])];
const seen = (each) => each.checkVisibility({ visibilityProperty: true }) && each.getBoundingClientRect().height > 0;
const find = (selector, text = "") => {
  const found = all(selector).filter(({ textContent }) => textContent.includes(text));
  return found.find(seen) ?? found[0];
};
const focused = () => { let each = document.activeElement;
  while (each?.shadowRoot?.activeElement) each = each.shadowRoot.activeElement; return each; };
const onTop = (each) => {
  const { left, top: y0, width, height } = each.getClientRects()[0] ?? each.getBoundingClientRect(); // a link may wrap
  const x = Math.floor(left + width / 2), y = Math.floor(y0 + height / 2);
  let top = document.elementFromPoint(x, y);
  while (top?.shadowRoot?.elementFromPoint(x, y) && top.shadowRoot.elementFromPoint(x, y) != top)
    top = top.shadowRoot.elementFromPoint(x, y);
  return each.contains(top) ? [x, y] : null;
};
const at = (each) => {
  if (!onTop(each)) each.scrollIntoView({ block: "center", behavior: "instant" });
  return onTop(each);
};
"""


#: Has the next press missed the element? (On a page without scripts nobody knows.)
NOTE = """const each = find(...arguments);
window.hasMissed = false;
addEventListener("pointerdown", (event) => window.hasMissed = !event.composedPath().includes(each), { capture: true, once: true });
"""


@dataclass(frozen=True)
class Setting:
    """How a visitor has set up their browser."""

    locale: str = "en-US"
    scheme: str = "light"
    script: bool = True


class Missing(Exception):
    """This browser is not on this machine; the message says what to install."""


class Broken(Exception):
    """The browser could not do what it was told."""


class Browser(ABC):
    """One running browser."""

    @abstractmethod
    def command(self, name: str, **parameters: Any) -> Any:
        """Carries out a command of W3C WebDriver and returns its value."""

    @abstractmethod
    def set_up(self, setting: Setting) -> None:
        """Changes the settings of the browser, or starts it anew with them."""

    @abstractmethod
    def quit(self) -> None:
        """Ends the browser and all that belongs to it."""

    def faults(self) -> list[str]:
        """The errors in the console since this was last asked, where the browser tells them."""
        return []

    # Where they are

    def go(self, url: str) -> None:
        self.command("Navigate", url=url)

    def back(self) -> None:
        self.command("Back")

    def forward(self) -> None:
        self.command("Forward")

    def reload(self) -> None:
        self.command("Refresh")

    @contextmanager
    def another_window(self) -> Iterator[None]:
        """What happens in the block happens in a new window, which is closed after it."""
        first = self.command("GetWindowHandle")
        self.command("SwitchToWindow", handle=self.command("NewWindow", type="window")["handle"])
        try:
            yield
        finally:
            self.command("CloseWindow")
            self.command("SwitchToWindow", handle=first)

    # What is there

    def js(self, code: str, *arguments: Any) -> Any:
        """What the function body `code` returns on the page."""
        return self.command("ExecuteScript", script=PAGE + code, args=list(arguments))

    def until(self, expression: str, *arguments: Any) -> None:
        """Wait until `expression` is true. Works across a reload."""

        def look() -> bool:
            try:
                return bool(self.js(f"return !!({expression})", *arguments))
            except Broken:  # the page is just being left
                return False

        wait_for(look, expression)

    def seen(self, selector: str) -> bool:
        return bool(self.js("return all(arguments[0]).some(seen)", selector))

    def expect(self, selector: str) -> None:
        self.until("all(arguments[0]).some(seen)", selector)

    def expect_none(self, selector: str) -> None:
        self.until("!all(arguments[0]).some(seen)", selector)

    def text(self, selector: str) -> str:
        self.expect(selector)
        return str(self.js("return find(arguments[0]).innerText", selector))

    # What they do

    def click(self, selector: str, text: str = "") -> None:
        """Press with the mouse what `selector` names and has this text, once it is in view and nothing moves or covers it:
        and again, as anybody does, where it has moved away under the pointer (a message below it has gone).
        """
        while not self._hits(selector, text):
            pass

    def _hits(self, selector: str, text: str) -> bool:
        before = None

        def rests() -> Any:
            nonlocal before
            before, place = self.js("const each = find(...arguments); return each && at(each)", selector, text), before
            return before if before == place else None

        x, y = wait_for(rests, f"a place to press {selector}")
        self.js(NOTE, selector, text)
        move = {"type": "pointerMove", "x": x, "y": y, "duration": 0, "origin": "viewport"}
        press = [move, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        self._act({"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": press})
        try:
            return not self.js("return window.hasMissed")
        except Broken:  # the page is just being left
            return True

    def key(self, *names: str) -> None:
        """Press a key, the last of `names`, while the others are held down."""
        keys = [KEYS[name] for name in names]
        down = [{"type": "keyDown", "value": key} for key in keys]
        up = [{"type": "keyUp", "value": key} for key in reversed(keys)]
        self._act({"type": "key", "id": "keyboard", "actions": down + up})

    def _act(self, source: dict[str, Any]) -> None:
        self.command("PerformActions", actions=[source])

    # What is kept

    def cookies(self) -> dict[str, dict[str, Any]]:
        """The cookies of the page, by name, with their attributes."""
        return {each["name"]: each for each in self.command("GetCookies")}

    def set_cookie(self, name: str, value: str) -> None:
        self.command("AddCookie", cookie={"name": name, "value": value, "path": "/"})

    def shot(self, path: Path, width: int, height: int) -> None:
        """A picture of the page in a window of this size, or the smallest that the browser has."""
        self.command("SetWindowRect", width=width, height=height)
        path.write_bytes(base64.b64decode(self.command("TakeScreenshot", full=False)))


def wait_for(look: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """What `look` returns, as soon as it is not false."""
    until = monotonic() + patience
    while not (found := look()):
        assert monotonic() < until, f"never came true: {what}"
        sleep(0.03)
    return found


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def connected(port: int) -> socket.socket:
    """A connection to a program that is just starting."""

    def look() -> socket.socket | None:
        try:
            return socket.create_connection(("127.0.0.1", port), SILENCE)
        except OSError:
            return None

    found: socket.socket = wait_for(look, f"a program that listens at {port}", START)
    return found
