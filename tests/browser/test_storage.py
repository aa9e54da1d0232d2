"""Without storage, without the service, or inside a frame: gates stay shut, and the visitor is told."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Route, expect

from .conftest import MakeVisitor
from .servers import Place, Static
from .visitor import Visitor

HEAD = "<!doctype html><html lang=en><meta charset=utf-8><title>A page</title>"
TAGS = """<script type="text/plain" data-consent="data_analytics">self.ran = ["inline"]</script>
<iframe title=film data-consent="targeted_advertising" data-consent-service=reel data-src="VENDORS/reel.html"></iframe>"""
NO_COOKIE = "Object.defineProperty(Document.prototype, 'cookie', { get() { throw Error('no cookies') }, set() { throw Error('no cookies') } });"
NO_STORAGE = "for (const box of ['localStorage', 'sessionStorage']) Object.defineProperty(self, box, { get() { throw Error('no storage') } });"
INNER = '<iframe id=inner style="position: absolute; inset: 0 0 auto auto; width: 800px; height: 500px"'
UNKEPT = "Saved, but your browser keeps nothing"


def visitor_of(place: Place, visit: MakeVisitor, head: str = "", **options: Any) -> Visitor:
    visitor = visit(place.site, **options)
    visitor.page.goto(place.serve(f"{HEAD}<script>{head}</script>WIDGET<body>{TAGS}"))
    expect(visitor.layer).to_be_visible()
    assert place.vendors.asked == []
    return visitor


@pytest.mark.parametrize(
    ("place", "missing", "kept"),
    [
        ("tag", NO_COOKIE, True),
        ("tag", NO_STORAGE, True),
        ("tag", NO_COOKIE + NO_STORAGE, False),
        ("embedded", NO_COOKIE, False),
        ("embedded", NO_STORAGE, True),
        ("embedded", NO_COOKIE + NO_STORAGE, False),
    ],
    ids=["tag-no-cookie", "tag-no-storage", "tag-nothing", "no-cookie", "no-storage", "nothing"],
    indirect=["place"],
)
def test_where_the_browser_forbids_storage_the_page_works_and_the_visitor_is_told(
    place: Place, visit: MakeVisitor, missing: str, kept: bool
) -> None:
    visitor = visitor_of(place, visit, missing)
    visitor.page.locator("#cw-accept-all").click()
    expect(visitor.status).to_contain_text("are saved" if kept else UNKEPT)
    visitor.wait_until("self.ran")
    visitor.page.frame_locator("[title=film]").get_by_text("plays").wait_for()
    place.vendors.asked.clear()
    visitor.page.reload()
    if kept:
        visitor.wait_until("self.ran")
        expect(visitor.layer).to_have_count(0)
    else:
        expect(visitor.layer).to_be_visible()
        assert place.vendors.asked == []
        visitor.page.locator("#cw-reject-all").click()
        expect(visitor.status).to_contain_text(UNKEPT)
        expect(visitor.layer).to_have_count(0)
        assert place.vendors.asked == []


def test_where_cookies_are_blocked_the_visitor_is_told(place: Place, visit: MakeVisitor) -> None:
    visitor = visit(place.site)
    visitor.context.new_cdp_session(visitor.page).send("Emulation.setDocumentCookieDisabled", {"disabled": True})
    visitor.page.goto(place.serve(f"{HEAD}<script>{NO_STORAGE}</script>WIDGET<body>{TAGS}"))
    visitor.page.locator("#cw-reject-all").click()
    expect(visitor.status).to_contain_text(UNKEPT)
    expect(visitor.layer).to_have_count(0)
    assert (place.vendors.asked, visitor.page.evaluate("document.cookie")) == ([], "")


def cut(route: Route) -> None:
    route.abort()


def broken(route: Route) -> None:
    route.fulfill(status=500, body="<h1>Internal Server Error</h1>", headers={"Access-Control-Allow-Origin": "*"})


@pytest.mark.parametrize("answer", [cut, broken])
def test_without_the_service_nothing_opens_and_refusing_acts_at_once(
    place: Place, visit: MakeVisitor, answer: Any
) -> None:
    visitor = visitor_of(place, visit, faults=True)
    visitor.page.route("**/consent/records", answer)
    visitor.page.route("**/consent/i18n/**", answer)
    visitor.layer.locator("[data-open=notice]").click()
    expect(visitor.status).to_contain_text("cannot be loaded just now")
    visitor.open_centre()
    visitor.centre.locator("[data-open=notice]").click()
    expect(visitor.centre.locator("xpath=..").locator(".cw-toast")).to_contain_text("cannot be loaded just now")
    visitor.press_in_centre("accept_all").expect_status("unsaved")
    visitor.rest()
    assert (place.vendors.asked, visitor.ran()) == ([], [])
    expect(visitor.placeholder).to_be_visible()

    visitor.page.evaluate("ConsentWidget.reject()")
    expect(visitor.layer).to_have_count(0)
    visitor.page.unroute("**/consent/records")
    visitor.page.evaluate("dispatchEvent(new Event('online'))")
    visitor.expect_saved()
    assert place.vendors.asked == []
    assert [record.action for record in place.site.records()] == ["accept_all", "reject_all"]


def test_while_the_service_is_slow_it_says_so(place: Place, visit: MakeVisitor) -> None:
    visitor = visitor_of(place, visit)
    held: list[Route] = []
    visitor.page.route("**/consent/records", lambda route: held.append(route))
    visitor.page.locator("#cw-accept-all").click()
    visitor.expect_status("unsaved")
    assert place.vendors.asked == []
    held[0].continue_()
    visitor.expect_saved().wait_until("self.ran")
    assert len(place.site.records()) == 1


def framed(place: Place, static: Static, visit: MakeVisitor) -> tuple[Visitor, FrameLocator]:
    """The page in a frame of a page of another origin."""
    inner = place.serve(f"{HEAD}WIDGET<body>{TAGS}")
    outer = static if place.site.url in inner else place.site
    outer.page = f"{HEAD}{INNER} src='{inner}'></iframe>"
    visitor = visit(place.site, faults=True)
    visitor.page.goto(outer.url + "/")
    return visitor, visitor.page.frame_locator("#inner")


def test_within_a_page_of_another_site_a_grant_is_not_taken_and_a_refusal_is(
    place: Place, static: Static, visit: MakeVisitor
) -> None:
    visitor, frame = framed(place, static, visit)
    frame.locator("#cw-accept-all").click()
    expect(frame.locator(".cw-toast")).to_contain_text("Inside a page of another site, agreeing does not count")
    expect(frame.locator(".cw-layer")).to_be_visible()
    assert (place.site.records(), place.vendors.asked) == ([], [])
    frame.locator(".cw-layer [data-open=centre]").click()
    frame.locator(".cw-foot [value=save]").click()
    expect(frame.locator("dialog .cw-toast")).to_contain_text("agreeing does not count")
    visitor.page.keyboard.press("Escape")
    frame.locator("#cw-reject-all").click()
    expect(frame.locator(".cw-toast")).to_contain_text("aved")
    expect(frame.locator(".cw-layer")).to_have_count(0)
    assert (visitor.record().action, place.vendors.asked) == ("reject_all", [])


def test_within_a_page_of_the_same_site_that_has_no_widget_a_grant_is_taken(place: Place, visit: MakeVisitor) -> None:
    """The page in its own frame. Outside, the rest of it is a comment."""
    outer = f"if (self == top) document.write(`{INNER} src=/two></iframe><!--`)"
    visitor = visit(place.site)
    visitor.page.goto(place.serve(f"{HEAD}<body><script>{outer}</script>WIDGET{TAGS}"))
    frame = visitor.page.frame_locator("#inner")
    frame.locator("#cw-accept-all").click()
    expect(frame.locator(".cw-toast")).to_contain_text("are saved")
    expect(frame.frame_locator("iframe").locator("body")).to_contain_text("reel plays.")
    expect(visitor.layer).to_have_count(0)
    assert sorted(place.vendors.asked) == ["reel"]
