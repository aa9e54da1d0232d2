"""Nothing reaches a vendor before it is allowed, whatever a browser would fetch by itself; then everything runs, in order."""

from __future__ import annotations

import pytest

from ..browser.conftest import MakeSite
from ..browser.servers import Site, Static
from .conftest import MakeVisitor, elsewhere
from .driver import wait_for
from .visitor import Visitor

GATED = 'type="text/plain" data-consent="data_analytics"'
RAN = "(window.ran ||= []).push"
TEMPLATE = """<template data-consent="data_analytics">
<img class=picture alt="" data-src="{v}/picture"><img alt="" data-srcset="{v}/small 1x, {v}/large 2x">
<picture><source data-srcset="{v}/source"><img alt="" data-src="{v}/fallback"></picture>
<video data-poster="{v}/poster" data-src="{v}/film" preload="auto"></video>
<iframe title="inner" data-src="{v}/inner.html"></iframe>
<img alt="" data-src="{v}/unseen" style="display:none"><iframe title="flat" data-src="{v}/flat.html" width="9" height="0" hidden></iframe>
<script>(window.ran ||= []).push("template")</script></template>"""
FRAME = """<iframe title="film" data-consent="targeted_advertising" data-consent-service="reel" data-src="{v}/reel.html"></iframe>"""
EVERYTHING = f"""<script {GATED} data-consent-service="tally" src="{{v}}/tally.js"></script>
<script {GATED} data-type="module" src="{{v}}/module.js"></script><script {GATED}>{RAN}("inline")</script>
{FRAME}{TEMPLATE}<div id=room></div>"""
OPENED = {"tally", "module", "reel", "picture", "poster", "inner", "unseen", "flat"}
LATE = """room.innerHTML = `<script type="text/plain" data-consent="data_analytics" src="V/late.js"><\\/script>
<iframe title="late" data-consent="targeted_advertising" data-src="V/late.html"></iframe>
<template data-consent="data_analytics"><img alt="" data-src="V/late"></template>`"""
TAG = '<!doctype html><html lang=en><meta charset=utf-8><title>A page</title><script async src="{site}/consent/widget.js"></script><body>'


@pytest.fixture(params=["embedded", "tag"])
def opened(
    request: pytest.FixtureRequest, make_site: MakeSite, static: Static, visit: MakeVisitor
) -> tuple[Visitor, str]:
    """A visitor, and the address of a page with everything that waits: of the site itself, or of another by a script tag."""
    site = make_site(CONSENT_ORIGINS=elsewhere(static))
    site.body = EVERYTHING.replace("{v}", site.vendors.url)
    static.page, static.headers = TAG.replace("{site}", site.url) + site.body, {}
    visitor = visit(site)
    return visitor, visitor.at(static.url if request.param == "tag" else site.url) + "/"


def settled(visitor: Visitor) -> None:
    """The page has loaded, the widget is there, and whatever the browser fetches by itself has been asked for."""
    visitor.browser.until("document.readyState == 'complete' && ConsentWidget.on")
    visitor.browser.js("return fetch('/favicon.ico').then(() => new Promise(requestAnimationFrame)).then(() => 1)")


def test_nothing_is_asked_of_a_vendor_before_a_choice_and_after_a_refusal(opened: tuple[Visitor, str]) -> None:
    visitor, url = opened
    asked = visitor.site.vendors.asked
    visitor.browser.go(url)
    visitor.browser.expect(".cw-layer")
    settled(visitor)
    assert asked == []
    visitor.reject()
    settled(visitor)
    assert asked == []
    visitor.browser.go(url)
    settled(visitor)
    visitor.browser.js(LATE.replace("V", visitor.site.vendors.url))
    visitor.browser.until("all('.cw-blocked').length == 2")
    settled(visitor)
    assert (asked, visitor.ran(), visitor.browser.seen(".cw-layer")) == ([], [], False)


def test_everything_opens_at_once_after_a_grant_and_on_the_next_visit(opened: tuple[Visitor, str]) -> None:
    visitor, url = opened
    asked = visitor.site.vendors.asked
    visitor.browser.go(url)
    for _ in range(2):
        if not visitor.site.records():
            visitor.accept()
        visitor.browser.until("['tally', 'module', 'inline', 'template'].every((name) => window.ran?.includes(name))")
        visitor.browser.until("document.querySelector('.picture').naturalWidth == 9")
        visitor.browser.until("!all('.cw-blocked').length")
        visitor.wait_until_asked(*OPENED)
        assert asked.count("tally") == asked.count("reel") == asked.count("picture") == asked.count("unseen") == 1
        asked.clear()
        visitor.browser.go(url)
    assert not visitor.browser.seen(".cw-layer")


def test_scripts_run_in_the_order_of_the_page(site: Site, visit: MakeVisitor) -> None:
    site.body = f"""<script {GATED} src="{{v}}/slow.js?after=0.3"></script><script {GATED}>{RAN}("inline")</script>
    <script {GATED} data-type="module" src="{{v}}/module.js"></script><script {GATED} src="{{v}}/missing/gone.js"></script>
    <script {GATED} src="{{v}}/async.js" async></script><script {GATED}>{RAN}("last")</script>
    <template data-consent="data_analytics"><script>{RAN}("in a template")</script></template>""".replace(
        "{v}", site.vendors.url
    )
    visitor = visit(site, faults=True).go().accept()
    visitor.browser.until("window.ran?.includes('last') && ran.includes('async') && ran.includes('in a template')")
    assert [name for name in visitor.ran() if name not in ("async", "in a template")] == [
        "slow",
        "inline",
        "module",
        "last",
    ]


def test_what_comes_later_runs_once(opened: tuple[Visitor, str]) -> None:
    visitor, url = opened
    visitor.browser.go(url)
    visitor.accept()
    visitor.wait_until_asked(*OPENED)
    visitor.browser.js(LATE.replace("V", visitor.site.vendors.url))
    visitor.browser.until("window.ran?.includes('late') && !all('.cw-blocked').length")
    wait_for(lambda: visitor.site.vendors.asked.count("late") == 3, "the script, the frame and the picture")
    settled(visitor)
    assert (visitor.site.vendors.asked.count("late"), visitor.ran().count("late")) == (3, 1)


def test_after_a_withdrawal_nothing_runs_and_nothing_is_left(opened: tuple[Visitor, str]) -> None:
    visitor, url = opened
    asked = visitor.site.vendors.asked
    visitor.browser.go(url)
    visitor.accept()
    visitor.wait_until_asked(*OPENED)
    visitor.browser.until("localStorage.tally")
    visitor.browser.js("window.before = true")
    visitor.open_centre().press_in_centre("reject_all")
    visitor.browser.until("!window.before && window.ConsentWidget?.on && document.readyState == 'complete'")
    asked.clear()
    visitor.browser.expect(".cw-blocked")
    visitor.browser.reload()
    settled(visitor)
    visitor.browser.until("!localStorage.tally && !sessionStorage.tally && !document.cookie.includes('tally')")
    assert (asked, visitor.ran()) == ([], [])


def test_a_strict_policy_stops_neither_the_widget_nor_what_it_opens(make_site: MakeSite, visit: MakeVisitor) -> None:
    site = make_site(strict="nonce")
    site.body = f"<script {GATED} nonce=NONCE>{RAN}('inline')</script><script {GATED} nonce=NONCE src='{{v}}/far.js'></script><script {GATED}>{RAN}('without')</script>{FRAME}".replace(
        "{v}", site.vendors.url
    )
    visitor = visit(site).go().accept()
    visitor.browser.until("window.ran?.includes('far')")
    visitor.wait_until_asked("far", "reel")
    assert visitor.ran() == ["inline", "far"]


def test_a_film_loads_once_without_a_trace_or_always_with_a_record(site: Site, visit: MakeVisitor) -> None:
    site.body = FRAME.replace("{v}", site.vendors.url)
    visitor = visit(site).go().press(".cw-blocked button", "Load once")
    visitor.wait_until_asked("reel")
    visitor.browser.expect_none(".cw-blocked")
    visitor.browser.expect("iframe[title=film]")
    assert (visitor.records(), visitor.token(), visitor.browser.seen(".cw-layer")) == ([], "", True)

    visitor.go().press(".cw-blocked button", "Always load").expect_status("saved")
    site.vendors.asked.clear()
    visitor.go()
    visitor.wait_until_asked("reel")
    assert (visitor.record().surface, visitor.browser.seen(".cw-blocked")) == ("placeholder", False)


def test_a_reload_after_a_grant_has_ended_asks_nothing(site: Site, visit: MakeVisitor) -> None:
    site.body = FRAME.replace("{v}", site.vendors.url)
    visitor = visit(site).go().accept().wait_until_asked("reel")
    visitor.browser.until("performance.getEntriesByType('resource').some(({ name }) => name.endsWith('reel.html'))")
    visitor.forget()  # the page does not notice
    site.vendors.asked.clear()
    visitor.browser.reload()
    visitor.browser.expect(".cw-blocked")
    settled(visitor)
    assert site.vendors.asked == []
