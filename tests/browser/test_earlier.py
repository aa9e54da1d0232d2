"""The site had another consent tool: what its visitors refused there is not asked again, on a page with the script tag."""

from __future__ import annotations

import json
from threading import Event

from playwright.sync_api import Route, expect

from consent_widget.notice.model import Notice

from .conftest import MakeSite, MakeVisitor
from .servers import Static

KLARO = {"tool": "klaro", "purposes": {"functional": "fonts", "analytics": "matomo", "marketing": "ads"}}
PAGE = """<!doctype html><html lang=en><meta charset=utf-8><title>A page</title>
<script>document.cookie = "klaro=%7B%22ads%22%3Afalse%7D;path=/"; localStorage.klaro = {left}</script>
<script async src="{source}"></script><h1>A page</h1>"""


def test_the_layer_waits_for_what_the_earlier_tool_left_and_the_centre_says_where_it_came_from(
    make_site: MakeSite, static: Static, visit: MakeVisitor, minimal: Notice
) -> None:
    site = make_site(CONSENT_NOTICE=minimal, CONSENT_ORIGINS=[static.url], CONSENT_CARRY_OVER=KLARO)
    left = json.dumps(json.dumps({"fonts": False, "matomo": False, "ads": True}))
    static.page = PAGE.format(left=left, source=f"{site.url}/consent/widget.js")
    visitor = visit(site)
    page, asked = visitor.page, Event()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)
        asked.set()

    page.route("**/consent/earlier", hold)
    with page.expect_request("**/consent/earlier"):
        page.goto(static.url)
    page.wait_for_function("document.querySelector('consent-widget')?.shadowRoot.querySelector('.cw-layer')")
    expect(visitor.layer).to_be_hidden()
    held[0].continue_()

    expect(visitor.pill).to_be_visible()
    expect(visitor.layer).to_have_count(0)
    assert page.evaluate("[document.cookie.includes('klaro'), 'klaro' in localStorage]") == [False, False]
    assert [choice.purposes for choice in site.store.export()] == [
        {"functional": False, "analytics": False, "marketing": False}
    ]
    visitor.open_centre()
    expect(visitor.centre.locator(".cw-earlier")).to_contain_text("(Klaro) was carried over")

    static.page = static.page.replace("localStorage.klaro =", "0,").replace("document.cookie =", "0,")
    page.reload()
    expect(visitor.pill).to_be_visible()
    expect(visitor.layer).to_have_count(0)
    visitor.open_centre().press_in_centre("accept_all").expect_saved()
    visitor.open_centre()
    expect(visitor.centre.locator(".cw-earlier")).to_have_count(0)
