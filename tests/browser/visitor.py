"""A visitor with a browser: what they see and press, by the names that they would use."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any
from weakref import WeakSet

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Locator, Page, Request, expect

from consent_widget import Choice

from .servers import Site

#: For so many milliseconds something is waited for: more than the slowest machine needs, as only a failure takes so long.
PATIENCE = 60_000
#: For so many milliseconds after it appeared, a granting button ignores presses: nobody can have read it yet.
LOOK = 500
#: Waits until a dialog that was closed has gone, as what was behind it has appeared only then; says whether an element
#: is in a placeholder.
SETTLED = """async (each) => {
  const root = each.getRootNode();
  for (let frame = 0; frame < 99 && root instanceof ShadowRoot && root.querySelector("dialog:not([open])"); frame++)
    await new Promise(requestAnimationFrame);
  return !!each.closest(".cw-blocked");
}"""
#: Has the server answered everything that was pressed?
SENT = """(() => {
  try { return !Object.keys(localStorage).some((each) => /^cw-outbox\\.[0-9]{13}/.test(each)) } catch { return true }
})()"""
STATUS = {
    "en": {"saved": "Your choices are saved.", "unsaved": "Not saved yet", "reloads": "The page reloads"},
    "zh-CN": {"saved": "您的选择已保存", "unsaved": "尚未保存", "reloads": "页面将重新加载"},
}


TOLD = "the visitor is told: "
#: Spares the tests two waits of the widget: each press counts as one after the look (by the script's clock, and by the
#: style of a layer from the server), and the three seconds in which a page that has loaded is left as it came, for
#: frameworks that take it over, are a tenth of one. It also writes down what the visitor is told: it is there for a few
#: seconds, in which a slow machine may not look.
SPARING = f"""{{
  const {{ get }} = Object.getOwnPropertyDescriptor(Event.prototype, "timeStamp");
  Object.defineProperty(Event.prototype, "timeStamp", {{ get() {{ return get.call(this) + {LOOK + 1} }} }});
  const wait = setTimeout, find = Document.prototype.querySelector;
  let toast;
  const tell = () => toast.textContent && console.debug("{TOLD}" + toast.textContent);
  setInterval(() => {{
    const root = find.call(document, "consent-widget")?.shadowRoot;
    for (const each of root?.getAnimations() ?? []) if (each.animationName == "cw-calm") each.finish();
    const found = root?.querySelector(".cw-toast");
    if (!found || found == toast) return;
    new MutationObserver(tell).observe(toast = found, {{ childList: true }});
    tell();
  }}, 50);
  isSparing = true;
  setTimeout = (work, time, ...given) => wait(work, time == 3000 && !given[0] ? 100 : time, ...given);
}}"""
#: Those whose tests are about such waits.
_in_real_time: WeakSet[BrowserContext] = WeakSet()


def after_a_look(click: Callable[..., None]) -> Callable[..., None]:
    """Playwright's click, but in real time not before a granting button takes presses."""

    def press(target: Locator, *args: Any, **options: Any) -> None:
        if target.page.context in _in_real_time:
            in_placeholder = target.evaluate(SETTLED)
            if re.match("[as]", target.get_attribute("value") or "") or in_placeholder:
                target.page.wait_for_timeout(LOOK)
        click(target, *args, **options)

    return press


def press_at(page: Page, moment: float, spot: tuple[float, float] | None = None) -> None:
    """A press of the mouse at this spot, else of Enter, which the browser takes for one of this moment (seconds, as in
    `time.time`), whenever this machine gets to it: so a press follows something as soon as the test says.
    """
    send = page.context.new_cdp_session(page).send
    if spot:
        where = {"x": spot[0], "y": spot[1], "button": "left", "clickCount": 1, "timestamp": moment}
        for step in ("mousePressed", "mouseReleased"):
            send("Input.dispatchMouseEvent", {"type": step} | where)
    else:
        key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "timestamp": moment}
        send("Input.dispatchKeyEvent", {"type": "keyDown", "text": "\r"} | key)
        send("Input.dispatchKeyEvent", {"type": "keyUp"} | key)


def middle(target: Locator) -> tuple[float, float]:
    box = target.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


class Visitor:
    def __init__(self, context: BrowserContext, site: Site, *, in_real_time: bool = False) -> None:
        self.context, self.site = context, site
        if in_real_time:
            _in_real_time.add(context)
        else:
            context.add_init_script(SPARING)
        self.page: Page = context.new_page()
        self.faults: list[str] = []
        self._told: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self._begun, self._under_way = 0, set[Request]()
        context.on("request", self._begin)
        context.on("requestfinished", lambda request: self._under_way.discard(request))
        context.on("requestfailed", lambda request: self._under_way.discard(request))

    def _begin(self, request: Request) -> None:
        self._begun += 1
        self._under_way.add(request)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(message.text)
        elif message.text.startswith(TOLD):
            self._told.append(message.text)

    def go(self, path: str = "/") -> Visitor:
        self._told.clear()
        self.page.goto(self.site.url + path)
        return self

    # What they see

    @property
    def layer(self) -> Locator:
        return self.page.locator(".cw-layer")

    @property
    def centre(self) -> Locator:
        return self.page.locator("dialog[open] .cw-centre")

    @property
    def notice(self) -> Locator:
        return self.page.locator("dialog .cw-statement")

    @property
    def pill(self) -> Locator:
        return self.page.locator(".cw-pill")

    @property
    def status(self) -> Locator:
        return self.page.locator("[role=status].cw-toast")

    @property
    def placeholder(self) -> Locator:
        return self.page.locator(".cw-blocked")

    def switch(self, key: str) -> Locator:
        return self.centre.locator(f"[role=switch][value='{key}']")

    def group_of(self, key: str) -> Locator:
        return self.centre.locator(".cw-card", has=self.page.locator(f"[value='{key}']"))

    # What they do

    def accept(self) -> Visitor:
        self.page.locator(".cw-layer #cw-accept-all").click()
        return self.expect_saved()

    def reject(self) -> Visitor:
        self.page.locator(".cw-layer #cw-reject-all").click()
        return self.expect_saved()

    def close(self) -> Visitor:
        self.layer.locator("[value=close]").click()
        return self.expect_saved()

    def expect_saved(self) -> Visitor:
        """All that was pressed is saved, and they are told so. The words alone may be about what was pressed before."""
        self.wait_until_sent()
        return self._expect_told("are saved|已保存", done=True)

    def expect_status(self, what: str, locale: str = "en") -> Visitor:
        return self._expect_told(re.escape(STATUS[locale][what]), done=what == "reloads")

    def _expect_told(self, words: str, done: bool) -> Visitor:
        """They are told this, or have been since they came to the page, or were last told that it is all done."""
        if self.context in _in_real_time:
            expect(self.status).to_contain_text(re.compile(words))
            return self
        self.until(lambda: any(re.search(words, each) for each in self._told), words)
        if done:
            self._told.clear()
        return self

    def open_centre(self) -> Visitor:
        self.page.locator(".cw-layer [data-open=centre], .cw-pill:not([hidden])").first.click()
        expect(self.centre).to_be_visible()
        return self

    def set_switches(self, *keys: str, on: bool = True) -> Visitor:
        for key in keys:
            if not self.switch(key).is_visible():
                self.group_of(key).locator("summary").first.click()
            self.switch(key).set_checked(on)
        return self

    def unfold(self) -> Visitor:
        """Open every fold."""
        self.page.locator("details").evaluate_all("all => all.forEach((each) => each.open = true)")
        return self

    def press_in_centre(self, action: str) -> Visitor:
        self.centre.locator(f".cw-foot [value={action}]").click()
        return self

    def set_language(self, locale: str) -> Visitor:
        self.page.locator(f"[data-lang={locale}]:visible").last.click()
        return self

    def wait_until_sent(self) -> Visitor:
        """Wait until the server has answered everything that was pressed."""
        self.wait_until(SENT)
        return self

    def leave(self) -> None:
        """Close the browser, but not while a request is under way: it would be counted in the next test."""
        until = monotonic() + 1
        with suppress(Error):  # the page is closed already
            while any(each.method == "POST" for each in self._under_way) and monotonic() < until:
                self.page.wait_for_timeout(10)
        self.context.close()

    # What is stored and granted

    def cookies(self) -> dict[str, str]:
        return {cookie["name"]: cookie["value"] for cookie in self.context.cookies()}  # type: ignore[typeddict-item]

    def stored_keys(self) -> list[str]:
        return self.page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")  # type: ignore[no-any-return]

    def ran(self) -> list[str]:
        return self.page.evaluate("window.ran || []")  # type: ignore[no-any-return]

    def wait_until(self, expression: str) -> None:
        """Wait until `expression` is true on the page. Works where its policy forbids `eval`, and across a reload."""
        self.until(lambda: self._so(expression), expression)

    def until(self, look: Callable[[], object], what: str = "") -> None:
        """Wait until `look` returns something true."""
        until = monotonic() + PATIENCE / 1000
        while not look():
            assert monotonic() < until, f"never came true: {what or look}"
            self.page.wait_for_timeout(40)  # each look costs both processes time

    def wait_until_asked(self, *names: str) -> None:
        """Wait until all of these have been asked of the vendors."""
        asked = self.site.vendors.asked
        self.until(lambda: set(names) <= set(asked), f"requests for {names}")

    def rest(self, milliseconds: int = 100) -> Visitor:
        """Wait until the page has come to rest: until for so long, on its own clock, no request began or was under way.
        What has not happened by then does not happen: timers and answers take their turn before ours, however slow this
        machine is.
        """
        self.until(lambda: self._rested(milliseconds), "the page rests")
        return self

    def _rested(self, milliseconds: int) -> bool:
        begun = self._begun
        with suppress(Error):  # the page is just being left
            self.page.evaluate("time => new Promise((done) => setTimeout(done, time))", milliseconds)
            return begun == self._begun and not self._under_way
        return False

    def _so(self, expression: str) -> bool:
        with suppress(Error):  # the page is just being left
            return bool(self.page.evaluate(f"() => !!({expression})"))
        return False

    def granted_by_script(self, purposes: Sequence[str]) -> set[str]:
        """Of `purposes`, those that are granted by the script on the page."""
        return set(self.page.evaluate("all => all.filter((each) => ConsentWidget.granted(each))", list(purposes)))

    def granted_by_server(self) -> set[str]:
        """The purposes that are granted by the server."""
        granted: dict[str, Any] = self.context.request.get(self.site.url + "/granted").json()
        return {purpose for purpose, yes in granted.items() if yes}

    def record(self) -> Choice:
        """The only record."""
        (choice,) = self.site.records()
        return choice
