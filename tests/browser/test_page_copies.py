"""Libraries keep pages, copy them and show them again: what is gated runs as often as it would without the widget, or never."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import MakeVisitor
from .libraries import LIBRARIES, navigating
from .servers import Site
from .visitor import Visitor

COUNT = "(window.runs ||= {}).NAME = (runs.NAME || 0) + 1"
GATED = 'type="text/plain" data-consent="data_analytics"'
SCRIPTS = (
    f"<script>{COUNT.replace('NAME', 'free')}</script><script {GATED}>{COUNT.replace('NAME', 'gated')}</script>"
    f'<script src="{{v}}/free.js"></script><script {GATED} src="{{v}}/gated.js"></script>'
)
#: A picture that comes late, and a frame too flat to be read, are begun unseen: their copies would begin at once, too.
UNSEEN = """<img alt="" data-consent=data_analytics data-src="{v}/late?after=3" width=1 height=1 style="position:absolute;left:-99px">
<iframe title=flat data-consent=data_analytics data-src="{v}/flat.html" style="position:absolute;top:9999px;height:9px"></iframe>"""
EMBEDS = """<iframe title=film data-consent=targeted_advertising data-src="{v}/film.html"></iframe>
<template data-consent=data_analytics>Shown <img alt="" data-src="{v}/pixel.js"><iframe title=map data-src="{v}/map.html"></iframe>
</template>"""


def page(site: Site, library: str, body: str) -> Site:
    site.head = navigating(library)
    site.body = body.replace("{v}", site.vendors.url)
    return site


def move(visitor: Visitor, direction: str) -> None:
    """Back, forward, or by the link; until the page is there and has loaded what it loads."""
    visitor.page.evaluate("document.body.dataset.old = 1")
    path = {"back": "/", "forward": "/two", "link": "/two"}[direction]
    {"back": visitor.page.go_back, "forward": visitor.page.go_forward, "link": visitor.page.locator("#next").click}[
        direction
    ]()
    visitor.wait_until(f"location.pathname == '{path}' && window.ConsentWidget?.granted")
    visitor.rest()


def runs(visitor: Visitor, name: str) -> tuple[int, int]:
    """How often the inline script and the external script of this name have run in the page."""
    inline: int = visitor.page.evaluate(f"window.runs?.{name} || 0")
    return inline, visitor.ran().count(name)


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_gated_script_runs_as_often_as_one_that_is_not_gated(site: Site, visit: MakeVisitor, library: str) -> None:
    visitor = visit(page(site, library, SCRIPTS)).go().accept()
    for direction in ("link", "back", "forward", "back"):
        move(visitor, direction)
        visitor.wait_until("ran.includes('gated') && ran.includes('free')")
        assert runs(visitor, "gated") == runs(visitor, "free"), direction
        assert runs(visitor, "free")[0] > 0


@pytest.mark.parametrize("library", LIBRARIES)
def test_after_a_withdrawal_nothing_comes_back_with_a_kept_page(site: Site, visit: MakeVisitor, library: str) -> None:
    visitor = visit(page(site, library, SCRIPTS + EMBEDS + UNSEEN)).go().accept()
    visitor.wait_until("window.runs?.gated")
    visitor.wait_until_asked("late", "flat")
    move(visitor, "link")
    visitor.open_centre().press_in_centre("reject_all").expect_status("reloads")
    visitor.wait_until("!window.runs?.gated && window.ConsentWidget")
    visitor.rest()
    site.vendors.asked.clear()
    for direction in ("back", "forward", "back"):
        move(visitor, direction)
        assert runs(visitor, "gated") == (0, 0), direction
        assert set(site.vendors.asked) <= {"free"}, direction


@pytest.mark.parametrize("library", ["htmx 1", "htmx 2", "Turbo 8", "React-like"])
def test_embeds_in_a_kept_page_are_shut_without_any_reload(site: Site, visit: MakeVisitor, library: str) -> None:
    visitor = visit(page(site, library, EMBEDS)).go().accept()
    visitor.wait_until("document.querySelectorAll('[src*=vendors],[src*=test]').length")
    visitor.rest()
    assert {"film", "pixel", "map"} == set(site.vendors.asked)
    move(visitor, "link")
    visitor.page.evaluate("window.same = 1")
    visitor.open_centre().press_in_centre("reject_all").expect_saved()
    site.vendors.asked.clear()
    for direction in ("back", "forward", "back"):
        move(visitor, direction)
        assert site.vendors.asked == [], direction
        expect(visitor.page.get_by_text("Shown")).to_have_count(0)
        assert visitor.page.evaluate("document.querySelectorAll('main [src]').length") == 0
    assert visitor.page.evaluate("window.same") == 1

    visitor.open_centre().press_in_centre("accept_all").expect_saved()
    visitor.wait_until("document.querySelectorAll('main iframe[src]').length == 2")
    expect(visitor.page.get_by_text("Shown")).to_have_count(1)
