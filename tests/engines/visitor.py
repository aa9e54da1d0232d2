"""A visitor with a browser that nobody has used: each comes to a host name of their own, where nothing is stored yet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from time import sleep
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from consent_widget import Choice

from ..browser.servers import Site
from ..browser.visitor import LOOK, SENT, STATUS
from .driver import Browser, wait_for

#: Host names of this computer, one for each visitor.
HOSTS = [f"visitor{number}.localhost" for number in range(200)]


def under(host: str, url: str) -> str:
    """The same address under another host name of this computer."""
    return urlsplit(url)._replace(netloc=f"{host}:{urlsplit(url).port}").geturl()


class Visitor:
    def __init__(self, browser: Browser, site: Site, host: str) -> None:
        self.browser, self.site, self.host = browser, site, host
        self.home = self.at(site.url) if site else ""

    def at(self, url: str) -> str:
        """The address under this visitor's own host name."""
        return under(self.host, url)

    def go(self, path: str = "/") -> Visitor:
        self.browser.go(self.home + path)
        return self

    # What they do

    def press(self, selector: str, text: str = "") -> Visitor:
        """Press what grants, but not before it takes presses."""
        self.browser.expect(selector)
        self._look()
        self.browser.click(selector, text)
        return self

    def press_key(self, key: str) -> Visitor:
        """The same with the keyboard."""
        self._look()
        self.browser.key(key)
        return self

    def _look(self) -> None:
        if not self.browser.js("return window.isSparing"):
            sleep(LOOK / 1000)

    def accept(self) -> Visitor:
        return self.press(".cw-layer #cw-accept-all").expect_status("saved")

    def reject(self) -> Visitor:
        self.browser.click(".cw-layer #cw-reject-all")
        return self.expect_status("saved")

    def open_centre(self) -> Visitor:
        self.browser.click(".cw-layer [data-open=centre], .cw-pill")
        self.browser.expect("dialog .cw-centre")
        return self

    def switch(self, key: str) -> Visitor:
        """Press a switch of the centre, after unfolding its group."""
        switch = f"dialog .cw-centre [role=switch][value='{key}']"
        if not self.browser.seen(switch):
            self.browser.click(f"dialog .cw-centre .cw-card:has([value='{key}']) summary")
        self.browser.click(switch)
        return self

    def press_in_centre(self, action: str) -> Visitor:
        return self.press(f".cw-foot [value={action}]")

    def set_language(self, locale: str) -> Visitor:
        self.browser.click(f"[data-lang={locale}]")
        return self

    # What they are told

    def expect_status(self, what: str, locale: str = "en") -> Visitor:
        if what == "saved":  # or the words may be about what was pressed before
            self.browser.until(SENT)
        self.browser.until("find('[role=status].cw-toast')?.innerText.includes(arguments[0])", STATUS[locale][what])
        return self

    # What is stored and granted

    def forget(self) -> None:
        """Delete all cookies of this page, also those that no script can read."""
        self.browser.command("DeleteAllCookies")
        wait_for(lambda: not self.browser.cookies(), "no cookies")

    def token(self) -> str:
        return str(self.browser.cookies().get("cw", {}).get("value", ""))

    def stored_keys(self) -> list[str]:
        found: list[str] = self.browser.js("return [...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
        return found

    def ran(self) -> list[str]:
        found: list[str] = self.browser.js("return [...(window.ran ?? [])]")
        return found

    def granted(self, *purposes: str) -> Sequence[str]:
        found: list[str] = self.browser.js(
            "return arguments[0].filter((each) => ConsentWidget.granted(each))", list(purposes)
        )
        return found

    def records(self) -> list[Choice]:
        return self.site.records()

    def record(self) -> Choice:
        """The only record."""
        (choice,) = self.records()
        return choice

    def wait_until_asked(self, *names: str) -> Visitor:
        """Wait until all of these have been asked of the vendors."""
        asked = self.site.vendors.asked
        wait_for(lambda: set(names) <= set(asked), f"requests for {names}, but only for {asked}")
        return self

    def granted_by_server(self) -> set[str]:
        """The purposes that are granted by the server, which needs no script in the page."""
        cookies = "; ".join(f"{name}={each['value']}" for name, each in self.browser.cookies().items())
        with urlopen(Request(f"{self.site.url}/granted", headers={"Cookie": cookies})) as answer:
            return {purpose for purpose, yes in json.load(answer).items() if yes}
