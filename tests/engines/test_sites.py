"""The demo, a static site and a single-page application: before a choice and after a refusal nothing reaches the vendors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.wrappers import Response

from examples.demo.addresses import Addresses
from examples.demo.counts import Counts
from examples.demo.files import create_files
from examples.demo.shop import create_app
from examples.demo.vendors import create_vendors

from ..browser.servers import live
from .conftest import ENGINES, MakeVisitor
from .driver import wait_for
from .visitor import Visitor

REFUSED = {"zh-CN": "您的选择已保存", "en": "Your choices are saved."}
#: The pages of each site on which something waits. The last is in the visitor's language.
PAGES = {
    "shop": {"zh-CN": ["/?lang=zh-CN", "/"], "en": ["/?lang=en", "/"]},
    "journal": {"zh-CN": ["/en.html", "/"], "en": ["/", "/en.html"]},
    "brew": {"zh-CN": ["/", "/?view=film", "/?view=choices"], "en": ["/", "/?view=film", "/?view=choices"]},
}


class Demo:
    """All four sites, each on a host name of its own, and every request that reached the vendors."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.at = Addresses("", "", "", "")
        self._sites: dict[str, Callable[..., Any]] = {}

    def open(self, url: str, name: str) -> None:
        """New sites for a new visitor, under new names."""
        port = url.rpartition(":")[2]
        hosts = [f"{each}.{name}.localhost" for each in ("shop", "vendors", "journal", "brew")]
        self.at, counts = Addresses(*(f"http://{host}:{port}" for host in hosts)), Counts()
        sites = (
            create_app(self.at.vendors, counts, self.at), create_vendors(counts),
            create_files("static-site", self.at), create_files("single-page", self.at),
        )  # fmt: skip
        self._sites = dict(zip(hosts, sites, strict=True))
        self.asked.clear()

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        host = environ["HTTP_HOST"].split(":")[0]
        if host.startswith("vendors."):
            self.asked.append(environ["PATH_INFO"])
        return Response.from_app(self._sites[host], environ, buffered=True)(environ, start)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Demo, str]]:
    demo = Demo()
    with live(demo, "localhost") as url:
        yield demo, url


#: Each site in both languages, and in both engines: in the one in Chinese, in the other in English.
SEEN = [
    (engine, name, ("zh-CN", "en")[(e + n) % 2]) for e, engine in enumerate(ENGINES) for n, name in enumerate(PAGES)
]


@pytest.mark.parametrize(("engine", "name", "locale"), SEEN, indirect=["engine"])
def test_nothing_reaches_the_vendors_before_a_choice_and_after_a_refusal(
    served: tuple[Demo, str], visit: MakeVisitor, name: str, locale: str
) -> None:
    demo, url = served
    visitor = visit(None, locale)
    demo.open(url, visitor.host.partition(".")[0])
    home: str = getattr(demo.at, name)
    pages = [home + page for page in PAGES[name][locale]]
    for page in pages:
        rest(visitor, page)
        visitor.browser.expect(".cw-layer")
        assert demo.asked == []
    visitor.browser.click("#cw-reject-all")
    visitor.browser.until("find('[role=status].cw-toast')?.innerText.includes(arguments[0])", REFUSED[locale])
    for page in pages:
        rest(visitor, page)
        assert not visitor.browser.seen(".cw-layer")
    visitor.browser.reload()
    visitor.browser.back()
    rest(visitor, pages[0])
    assert demo.asked == []

    visitor.browser.js("ConsentWidget.open()")
    visitor.press(".cw-foot [value=accept_all]")
    wait_for(lambda: "/tally.js" in demo.asked, "a request for what was allowed")


def rest(visitor: Visitor, page: str) -> None:
    """Open the page, and wait until it has loaded, the widget is there, and what waits on it is held back."""
    visitor.browser.go(page)
    visitor.browser.until("document.readyState == 'complete' && window.ConsentWidget?.on")
    visitor.browser.js("return new Promise((done) => setTimeout(done, 200)).then(() => 1)")
