"""In the oldest browsers that docs/browsers.md promises, visitors read, choose and are obeyed; in older ones they find a link."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from .conftest import MakeSite, MakeVisitor
from .servers import Place, Site
from .visitor import Visitor

GATED = '<script type="text/plain" data-consent="data_analytics">window.ran = 1</script>'
FRAME = '<iframe title=film data-consent="targeted_advertising" data-consent-service=reel data-src="VENDORS/film.html"></iframe>'
PAGE = (
    f"<!doctype html><html lang=en><meta charset=utf-8><title>A page</title><body>WIDGET<h1>A page</h1>{GATED}{FRAME}"
)
NO_SHEETS = """delete Document.prototype.adoptedStyleSheets; delete ShadowRoot.prototype.adoptedStyleSheets;
globalThis.CSSStyleSheet = class { constructor() { throw TypeError("Illegal constructor") } };"""
#: What browsers lacked, with the versions that brought it.
GONE = {
    "AbortSignal.timeout (Chrome 103, Firefox 100, Safari 16)": "delete AbortSignal.timeout;",
    "popover (Chrome 114, Firefox 125, Safari 17)": "delete HTMLElement.prototype.showPopover; delete HTMLElement.prototype.popover;",
    "locks (Firefox 96, Safari 15.4; plain HTTP)": "Object.defineProperty(Navigator.prototype, 'locks', { get() {} });",
    "sheets made by script (Firefox 101, Safari 16.4)": NO_SHEETS,
    "reflected ARIA and visibility (Firefox 119, Chrome 105)": "delete Element.prototype.ariaBusy; delete Element.prototype.checkVisibility;",
    "status of resources (Chrome 109, Firefox 109)": "delete PerformanceResourceTiming.prototype.responseStatus;",
    "newer functions of the language": "for (const [owner, names] of [[Array.prototype, 'at findLast findLastIndex toSorted with'],"
    "[String.prototype, 'at isWellFormed'], [Object, 'hasOwn groupBy'], [globalThis, 'structuredClone reportError'],"
    "[Crypto.prototype, 'randomUUID'], [Promise, 'withResolvers try'], [Navigator.prototype, 'userActivation']])"
    "for (const name of names.split(' ')) delete owner[name];",
    "shadow roots in markup (Chrome 111, Firefox 123, Safari 16.4)": "",
}
STRICT = "script-src 'nonce-NONCE' 'strict-dynamic'; style-src 'nonce-NONCE'; base-uri 'none'"


def without_shadow_markup(visitor: Visitor) -> None:
    def change(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("shadowrootmode", "data-unknown"))

    visitor.page.route(lambda url: url.rstrip("/").count("/") == 2, change)


def works(visitor: Visitor) -> None:
    expect(visitor.layer).to_have_css("position", "fixed")
    expect(visitor.page.locator("consent-widget > a")).to_be_hidden()
    visitor.open_centre()
    visitor.centre.locator("[data-open=notice]").click()
    expect(visitor.notice).to_be_visible()
    visitor.page.keyboard.press("Escape")
    visitor.press_in_centre("reject_all").expect_saved()
    visitor.page.reload()
    visitor.wait_until("self.ConsentWidget?.open")
    expect(visitor.layer).to_have_count(0)
    expect(visitor.pill).to_have_css("position", "fixed")
    expect(visitor.placeholder).to_be_visible()
    visitor.open_centre().press_in_centre("accept_all").expect_saved().wait_until("self.ran")
    visitor.page.reload()
    visitor.wait_until("self.ran")
    visitor.open_centre().press_in_centre("reject_all").expect_status("reloads")
    visitor.wait_until("!self.ran && self.ConsentWidget?.open")


#: Each on one kind of page, and all together on both.
LACKS = [
    *((("tag", "embedded")[at % 2], gone) for at, gone in enumerate(GONE)),
    *((place, "all of them") for place in ("embedded", "tag")),
]


@pytest.mark.parametrize(("place", "gone"), LACKS, indirect=["place"])
def test_what_older_browsers_lack_keeps_nobody_from_choosing(place: Place, visit: MakeVisitor, gone: str) -> None:
    visitor = visit(place.site)
    visitor.page.add_init_script(GONE.get(gone, "".join(GONE.values())))
    if not GONE.get(gone) and "{{" in place.tag:
        without_shadow_markup(visitor)
    visitor.page.goto(place.serve(PAGE))
    works(visitor)


def test_without_sheets_made_by_script_a_strict_policy_still_lets_the_style_in(
    make_site: MakeSite, visit: MakeVisitor
) -> None:
    site = make_site(strict="nonce")
    site.body = GATED.replace("<script", "<script nonce=NONCE")
    visitor = visit(site, faults=True)
    visitor.page.add_init_script(NO_SHEETS)
    without_shadow_markup(visitor)
    visitor.go()
    expect(visitor.layer).to_have_css("position", "fixed")
    visitor.accept().wait_until("self.ran")
    expect(visitor.pill).to_have_css("position", "fixed")

    assert not [fault for fault in visitor.faults if "style" in fault]


@pytest.mark.parametrize("has_script", [True, False], ids=["too old for the script", "without scripts"])
def test_a_browser_that_draws_no_layer_shows_the_link_to_the_preferences(
    site: Site, visit: MakeVisitor, has_script: bool
) -> None:
    visitor = visit(site, faults=True, java_script_enabled=has_script)
    without_shadow_markup(visitor)
    visitor.page.route(
        "**/consent/widget.*.js*", lambda route: route.fulfill(body="a ?.?. b", content_type="text/javascript")
    )
    visitor.go()
    visitor.page.locator("consent-widget > a").click()
    visitor.page.locator("[value=accept_all]").first.click()

    assert visitor.granted_by_server()
