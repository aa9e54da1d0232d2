"""A visitor with a browser: what he sees and presses, by the names he would use."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any

from playwright.sync_api import BrowserContext, Error, Locator, Page, expect

from consent_widget import Choice

from .servers import Site

PATIENCE = 20_000
#: How long a person takes at the least to see what they press, in milliseconds.
LOOK = 500
SAID = {
    "en": {"saved": "Your choices are saved.", "unsaved": "Not saved yet", "reloads": "The page reloads"},
    "zh-CN": {"saved": "您的选择已保存", "unsaved": "尚未保存", "reloads": "页面将重新加载"},
}


def after_a_look(click: Callable[..., None]) -> Callable[..., None]:
    """Playwright's click, as a person does it who grants something: not before they have seen what it is."""

    def press(target: Locator, *args: Any, **options: Any) -> None:
        if re.match("[as]", target.get_attribute("value") or "") or target.evaluate(
            "each => !!each.closest('.cw-blocked')"
        ):
            target.page.wait_for_timeout(LOOK)
        click(target, *args, **options)

    return press


class Visitor:
    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.context, self.site = context, site
        self.page: Page = context.new_page()
        self.faults: list[str] = []
        self.page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def go(self, path: str = "/") -> Visitor:
        self.page.goto(self.site.url + path)
        return self

    # What is seen

    @property
    def layer(self) -> Locator:
        return self.page.locator(".cw-layer")

    @property
    def centre(self) -> Locator:
        return self.page.locator("dialog .cw-centre")

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

    # What is done

    def accept(self) -> Visitor:
        self.page.locator(".cw-layer #cw-accept-all").click()
        return self.told_saved()

    def reject(self) -> Visitor:
        self.page.locator(".cw-layer #cw-reject-all").click()
        return self.told_saved()

    def close(self) -> Visitor:
        self.layer.locator("[value=close]").click()
        return self.told_saved()

    def told_saved(self) -> Visitor:
        expect(self.status).to_have_text(re.compile("are saved|已保存"))
        return self

    def told(self, what: str, locale: str = "en") -> Visitor:
        expect(self.status).to_contain_text(SAID[locale][what])
        return self

    def choose(self) -> Visitor:
        self.page.locator(".cw-layer [data-open=centre], .cw-pill:not([hidden])").first.click()
        expect(self.centre).to_be_visible()
        return self

    def turn(self, *keys: str, on: bool = True) -> Visitor:
        for key in keys:
            if not self.switch(key).is_visible():
                self.group_of(key).locator("summary").first.click()
            self.switch(key).set_checked(on)
        return self

    def unfold(self) -> Visitor:
        """Opens everything that can be opened."""
        self.page.locator("details").evaluate_all("all => all.forEach((each) => each.open = true)")
        return self

    def press_in_centre(self, action: str) -> Visitor:
        self.centre.locator(f".cw-foot [value={action}]").click()
        return self

    def speak(self, locale: str) -> Visitor:
        self.page.locator(f"[data-lang={locale}]:visible").last.click()
        return self

    # What is so

    def cookies(self) -> dict[str, str]:
        return {cookie["name"]: cookie["value"] for cookie in self.context.cookies()}  # type: ignore[typeddict-item]

    def kept(self) -> list[str]:
        return self.page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")  # type: ignore[no-any-return]

    def ran(self) -> list[str]:
        return self.page.evaluate("window.ran || []")  # type: ignore[no-any-return]

    def waits_for(self, expression: str) -> None:
        """Until `expression` is true on the page; also where the page's policy forbids evaluation, and across a reload."""
        until = monotonic() + PATIENCE / 1000
        while not self._so(expression):
            assert monotonic() < until, f"never came true: {expression}"
            self.page.wait_for_timeout(40)  # each look costs both processes time

    def _so(self, expression: str) -> bool:
        with suppress(Error):  # the page is just being left
            return bool(self.page.evaluate(f"() => !!({expression})"))
        return False

    def granted_here(self, purposes: Sequence[str]) -> set[str]:
        """What the script on the page says is granted."""
        return set(self.page.evaluate("all => all.filter((each) => ConsentWidget.granted(each))", list(purposes)))

    def granted_there(self) -> set[str]:
        """What the server says is granted."""
        said: dict[str, Any] = self.context.request.get(self.site.url + "/granted").json()
        return {purpose for purpose, yes in said.items() if yes}

    def record(self) -> Choice:
        """The one record there is."""
        (choice,) = self.site.records()
        return choice
