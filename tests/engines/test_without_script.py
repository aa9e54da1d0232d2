"""Without JavaScript the forms do the same, and nothing reaches a vendor."""

from __future__ import annotations

import pytest

from ..browser.servers import Site
from ..browser.test_choosing import ALWAYS, SEVEN
from .conftest import MakeVisitor
from .test_gates import EVERYTHING
from .visitor import Visitor


@pytest.fixture
def visitor(site: Site, visit: MakeVisitor) -> Visitor:
    site.body = EVERYTHING.replace("{v}", site.vendors.url)
    return visit(site, script=False).go()


def send(visitor: Visitor, selector: str, action: str = "") -> None:
    """Press, and wait for the page that answers: whoever leaves before has no cookie. WebKit does not tell the server that
    a person pressed, so for an `action` that grants our own page asks once more.
    """
    visitor.browser.js("window.before = true")
    visitor.press(selector)
    visitor.browser.until("!window.before && document.readyState == 'complete'")
    if action and visitor.browser.js("return all('.cw-said').some((each) => each.innerText.includes('once more'))"):
        send(visitor, f".cw-foot [value={action}]")


def granted(visitor: Visitor) -> set[str]:
    return visitor.granted_by_server() - ALWAYS


def test_the_layer_refuses_accepts_and_closes(visitor: Visitor) -> None:
    for recorded, (press, what) in enumerate(
        (("#cw-reject-all", set()), ("#cw-accept-all", SEVEN), ("[value=close]", set()))
    ):
        visitor.forget()
        visitor.go("/two?a=1")
        send(visitor, f".cw-layer {press}", "accept_all" if what else "")
        assert len(visitor.records()) == recorded + 1
        visitor.go("/two?a=1").browser.until("document.readyState == 'complete' && !all('.cw-layer').length")
        assert granted(visitor) == what
    assert [(each.action, each.surface) for each in visitor.records()] == [
        (action, "layer" if action != "accept_all" else visitor.records()[1].surface)
        for action in ("reject_all", "accept_all", "close")
    ]
    assert visitor.site.vendors.asked == []


def test_single_purposes_are_chosen_and_withdrawn_on_the_preferences_page(visitor: Visitor) -> None:
    browser = visitor.browser
    browser.click(".cw-layer [data-open=centre]")
    browser.until("location.pathname == '/consent/preferences'")
    browser.click(".cw-card:has([value=data_analytics]) summary")
    browser.click("[value=data_analytics]")
    send(visitor, ".cw-foot [value=save]", "save")
    visitor.go()
    assert (granted(visitor), browser.seen(".cw-layer")) == ({"data_analytics"}, False)
    browser.click("consent-widget a")
    browser.until("document.querySelector('[value=data_analytics]')?.checked")
    browser.click(".cw-foot [value=reject_all]")
    browser.until("location.search.includes('saved')")
    assert granted(visitor) == set()
    assert [record.action for record in visitor.records()] == ["save", "reject_all"]
    assert visitor.site.vendors.asked == []


def test_a_guarded_page_explains_and_offers_the_choice(visitor: Visitor) -> None:
    visitor.go("/guarded")
    assert "This page needs" in visitor.browser.text("main")
    visitor.press("[value=allow]")
    visitor.browser.until("document.body.innerText == 'let in'")
    assert visitor.record().purposes == {"data_analytics": True}
