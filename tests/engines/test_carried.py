"""My choices on a page of another site: seen, proved, withdrawn and erased there, under a strict policy."""

from __future__ import annotations

import pytest

from ..browser.conftest import MakeSite
from ..browser.servers import Static
from ..browser.test_carried import PAGE
from ..browser.test_choosing import ALWAYS, SEVEN
from ..support.strict_tag import POLICY
from .conftest import MakeVisitor, elsewhere
from .visitor import Visitor

ALL = sorted(ALWAYS | SEVEN)
MINE = "dialog .cw-mine"
TOLD = {"en": "Everything is erased.", "zh-CN": "全部记录已删除。"}


@pytest.fixture(params=["en", "zh-CN"])
def visitor(request: pytest.FixtureRequest, make_site: MakeSite, static: Static, visit: MakeVisitor) -> Visitor:
    site = make_site(CONSENT_ORIGINS=elsewhere(static))
    prefix = f"{site.url}/consent/"
    static.page = PAGE.format(locale=request.param, source=f"{prefix}widget.js", choices=f"{prefix}choices")
    static.headers = {"Content-Security-Policy": POLICY.format(prefix=prefix)}
    visitor = visit(site, request.param)
    visitor.home = visitor.at(static.url)
    visitor.go().press(".cw-layer #cw-accept-all").expect_status("saved", request.param)
    return visitor


def test_a_visitor_sees_proves_withdraws_and_erases_without_leaving_the_page(visitor: Visitor) -> None:
    browser = visitor.browser
    browser.click("#own")
    browser.until("all(arguments[0]).length == arguments[1]", f"{MINE} li [value=refuse]", len(SEVEN))
    browser.click(f"{MINE} a[href*=records]")
    browser.until("find('.cw-receipt')?.textContent.includes(arguments[0])", visitor.record().id)
    browser.click("dialog .cw-receipt a[href*='/choices?']")
    browser.until("!find('.cw-receipt')")
    browser.click(f"{MINE} li [value=refuse]")
    browser.until("all(arguments[0]).length == 2", f"{MINE} a[href*=records]")
    assert [each.action for each in visitor.records()] == ["accept_all", "refuse"]
    assert len(set(visitor.granted(*ALL)) - ALWAYS) == len(SEVEN) - 1

    browser.click(f"{MINE} a[href*=erase]")
    visitor.press("[value=erase]")
    browser.expect(".cw-layer")
    locale = str(browser.js("return document.documentElement.lang"))
    browser.until("find('[role=status].cw-toast')?.innerText == arguments[0]", TOLD[locale])
    assert (visitor.records(), visitor.token(), visitor.stored_keys()) == ([], "", [])
    visitor.go("/two")
    browser.expect(".cw-layer")
    browser.until("window.ConsentWidget?.on")
    assert visitor.granted(*ALL) == sorted(ALWAYS)
