"""Back, forward, another window: every page shows the latest choice."""

from __future__ import annotations

from ..browser.servers import Site
from .conftest import MakeVisitor
from .driver import wait_for
from .visitor import Visitor

BODY = """<script>addEventListener("pageshow", ({ persisted }) => window.kept = persisted); window.heard = [];
document.addEventListener("consent:change", ({ detail }) => heard.push(detail.by))</script>
<script type="text/plain" data-consent="data_analytics">window.ran = ["inline"]</script>
<iframe title="film" data-consent="targeted_advertising" data-src="{v}/reel.html"></iframe>"""
READY = "window.ConsentWidget?.on && document.readyState == 'complete'"


def visitor_of(site: Site, visit: MakeVisitor) -> Visitor:
    site.body = BODY.replace("{v}", site.vendors.url)
    visitor = visit(site).go()
    visitor.browser.expect(".cw-layer")
    return visitor


def test_going_back_and_forward_shows_what_was_granted_meanwhile(site: Site, visit: MakeVisitor) -> None:
    visitor = visitor_of(site, visit)
    visitor.go("/two").accept()
    for move in (visitor.browser.back, visitor.browser.forward, visitor.browser.back):
        move()
        visitor.browser.until(f"{READY} && window.ran && !all('.cw-layer').some(seen)")
        visitor.browser.expect_none(".cw-blocked")


def test_going_back_runs_nothing_of_what_was_refused_meanwhile(site: Site, visit: MakeVisitor) -> None:
    visitor = visitor_of(site, visit).accept()
    visitor.browser.until("window.ran")
    visitor.wait_until_asked("reel")
    visitor.go("/two").open_centre().press_in_centre("reject_all")
    visitor.browser.until(f"{READY} && !window.ran")
    visitor.browser.expect(".cw-blocked")
    site.vendors.asked.clear()
    visitor.browser.back()
    visitor.browser.until(f"location.pathname == '/' && {READY} && !window.ran && !window.kept")
    visitor.browser.expect(".cw-blocked")
    visitor.browser.forward()
    visitor.browser.until(f"location.pathname == '/two' && {READY} && !window.ran")
    visitor.browser.expect(".cw-blocked")
    assert site.vendors.asked == []


def test_a_grant_in_another_window_counts_here(site: Site, visit: MakeVisitor) -> None:
    visitor = visitor_of(site, visit)
    with visitor.browser.another_window():
        visitor.go("/two").accept()
    visitor.browser.until("window.ran && heard.length")
    visitor.browser.expect_none(".cw-layer")
    visitor.browser.expect_none(".cw-blocked")
    assert visitor.browser.js("return heard") == ["tab"]


def test_a_refusal_in_another_window_puts_the_layer_of_this_one_away(site: Site, visit: MakeVisitor) -> None:
    visitor = visitor_of(site, visit)
    with visitor.browser.another_window():
        visitor.go("/two").reject()
    visitor.browser.expect_none(".cw-layer")
    assert (visitor.ran(), site.vendors.asked, len(visitor.records())) == ([], [], 1)


def test_a_withdrawal_in_another_window_ends_what_runs_here(site: Site, visit: MakeVisitor) -> None:
    visitor = visitor_of(site, visit).accept()
    visitor.browser.until("window.ran")
    visitor.wait_until_asked("reel")
    visitor.browser.js("window.before = true")
    with visitor.browser.another_window():
        visitor.go("/two").open_centre().press_in_centre("reject_all")
        visitor.browser.until(f"{READY} && !window.ran")
    visitor.browser.until(f"!window.before && {READY}")
    visitor.browser.expect(".cw-blocked")
    assert visitor.ran() == []


def test_what_was_refused_for_want_of_an_answer_is_sent_from_another_window(site: Site, visit: MakeVisitor) -> None:
    visitor = visitor_of(site, visit)
    site.store.away = True
    visitor.browser.click("#cw-reject-all")
    visitor.expect_status("unsaved")
    site.store.away = False
    with visitor.browser.another_window():
        visitor.go("/two")
        wait_for(visitor.records, "what waited is sent")
    assert visitor.record().action == "reject_all"
