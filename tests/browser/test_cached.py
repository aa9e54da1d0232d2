"""Pages that caches keep for everybody: each visitor sees what is right for them, before anything else is painted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from consent_widget import csp_hashes

from .conftest import MakeSite, MakeVisitor
from .nginx import page_cache
from .servers import Site
from .visitor import Visitor

KEPT = {"Cache-Control": "public, s-maxage=600, max-age=0"}
GATE = """<script type="text/plain" data-consent="data_analytics">window.ran = (window.ran || 0) + 1</script>"""
SHIFTS = """globalThis.shifts = [];
new PerformanceObserver((list) => shifts.push(...list.getEntries())).observe({ type: "layout-shift", buffered: true });"""
#: When the layer was there for the first time, and when the page was first painted, both in milliseconds.
PAINT = """new Promise((done) => new PerformanceObserver((list, self) => { self.disconnect(); done([seen, list.getEntries()[0].startTime]) })
  .observe({ type: "paint", buffered: true }))"""
LOOK = """const look = (at) => {
  const layer = document.querySelector("consent-widget")?.shadowRoot?.querySelector(".cw-layer");
  if (layer?.getClientRects().length && getComputedStyle(layer).position == "fixed") globalThis.seen = at;
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);"""


@pytest.fixture
def cached(make_site: MakeSite) -> Site:
    site = make_site(CONSENT_RENDER="cached")
    site.headers, site.body = dict(KEPT), GATE
    return site


@pytest.fixture
def behind_nginx(cached: Site, tmp_path: Path) -> Iterator[Site]:
    own = cached.url
    with page_cache(own, tmp_path) as cached.url:
        yield cached
    cached.url = own


def without_our_script(visitor: Visitor) -> Visitor:
    """The widget's script never comes: what is seen is the page's own."""
    visitor.page.route("**/widget.*js*", lambda route: route.abort())
    return visitor


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_two_visitors_get_one_page_from_nginx_and_each_what_is_right(
    behind_nginx: Site, visit: MakeVisitor, locale: str
) -> None:
    first, other = visit(behind_nginx, locale).go(), visit(behind_nginx, locale)
    first.layer.locator("#cw-accept-all").click()
    first.expect_status("saved", locale)
    kept = []
    for visitor in (first, other, first):
        response = visitor.page.goto(behind_nginx.url + "/")
        assert response
        kept.append((response.headers["x-cache"], response.headers.get("vary"), response.text()))

    assert {status for status, *_ in kept} == {"HIT"}
    assert len(set(kept)) == 1
    expect(other.layer).to_be_visible()
    first.wait_until("window.ran == 1")
    expect(first.layer).to_have_count(0)
    assert other.page.evaluate("window.ran") is None
    other.layer.locator("#cw-reject-all").click()
    other.expect_status("saved", locale)
    other.go()
    expect(other.pill).to_be_visible()
    expect(other.layer).to_have_count(0)
    assert other.page.evaluate("window.ran") is None
    answers = [{option for option, granted in choice.purposes.items() if granted} for choice in behind_nginx.records()]
    assert "data_analytics" in answers[0]
    assert not answers[1]


def test_the_layer_is_there_at_the_first_paint_and_nothing_moves(cached: Site, visit: MakeVisitor) -> None:
    visitor = visit(cached)
    visitor.page.add_init_script(SHIFTS + LOOK)
    visitor.go()
    seen, painted = visitor.page.evaluate(PAINT)
    assert seen <= painted
    visitor.wait_until("window.ConsentWidget")
    expect(visitor.layer).to_be_visible()
    assert visitor.page.evaluate("shifts.reduce((sum, { value }) => sum + value, 0)") == 0


def test_the_page_itself_shows_the_layer_before_our_script_comes(cached: Site, visit: MakeVisitor) -> None:
    visitor = without_our_script(visit(cached, faults=True)).go()

    expect(visitor.layer).to_be_visible()
    expect(visitor.layer).to_have_css("position", "fixed")
    expect(visitor.layer.locator(".cw-gpc")).to_be_hidden()


def test_who_sends_the_opt_out_signal_reads_at_once_that_it_is_heeded(cached: Site, visit: MakeVisitor) -> None:
    visitor = without_our_script(visit(cached, faults=True))
    visitor.page.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })"
    )
    visitor.go()

    expect(visitor.layer.locator(".cw-gpc")).to_be_visible()


def test_the_way_back_says_it_too_where_the_server_has_not_seen_who_asks(cached: Site, visit: MakeVisitor) -> None:
    visitor = visit(cached)
    visitor.page.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })"
    )
    visitor.go().reject()

    button = visitor.page.get_by_role("button", name="Privacy settings ✓ Opt-out request honoured", exact=True)
    expect(button).to_be_visible()
    visitor.page.evaluate("ConsentWidget.language = 'zh-CN'")
    expect(visitor.page.get_by_role("button", name="隐私设置 ✓ 已遵从退出请求", exact=True)).to_be_visible()


def test_who_has_chosen_sees_no_layer_not_even_for_a_moment(cached: Site, visit: MakeVisitor) -> None:
    visitor = visit(cached, faults=True).go()
    visitor.reject()
    without_our_script(visitor).go("/two")

    expect(visitor.page.locator("h1")).to_have_text("/two")
    expect(visitor.layer).to_have_count(0)


def test_a_refusal_that_is_still_to_be_sent_is_a_choice_too(cached: Site, visit: MakeVisitor) -> None:
    visitor = visit(cached, faults=True).go()
    cached.store.away = True
    visitor.page.locator("#cw-reject-all").click()
    visitor.expect_status("unsaved")
    without_our_script(visitor).go("/two")

    expect(visitor.page.locator("h1")).to_have_text("/two")
    expect(visitor.layer).to_have_count(0)


def test_without_javascript_there_is_the_link_alone(cached: Site, visit: MakeVisitor) -> None:
    visitor = visit(cached, java_script_enabled=False).go()

    expect(visitor.page.get_by_role("link", name="Privacy settings")).to_be_visible()
    expect(visitor.layer).to_have_count(0)


@pytest.mark.parametrize("style", ["by hash", "own files alone"])
def test_a_strict_policy_lets_the_page_in_by_its_hashes(cached: Site, visit: MakeVisitor, style: str) -> None:
    hashes = csp_hashes(cached.app)
    cached.body = ""
    allowed = f"'self' {hashes.style}" if style == "by hash" else "'self'"
    cached.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self' {hashes.script}; style-src {allowed}; connect-src 'self'; img-src data:; "
        "form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types consent_widget"
    )
    visitor = visit(cached, faults=style != "by hash").go()

    expect(visitor.layer).to_be_visible()
    expect(visitor.layer).to_have_css("position", "fixed")
    visitor.accept()


def test_a_cookie_that_is_not_ours_hides_the_layer_only_until_the_server_has_said_so(
    cached: Site, visit: MakeVisitor
) -> None:
    visitor = visit(cached)
    visitor.context.add_cookies([{"name": "cw", "value": "1." + "A" * 60, "url": cached.url}])
    visitor.go()

    expect(visitor.layer).to_be_visible()
