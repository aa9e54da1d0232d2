"""Layout, sizes, colours and movement, measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from ..conftest import CONTROLLER
from .conftest import MakeVisitor
from .servers import Site
from .visitor import Visitor

MakeSite = Callable[..., Site]
layouts = pytest.mark.parametrize("layout", ["box", "bar", "modal"])
both = pytest.mark.parametrize("locale", ["en", "zh-CN"])
TARGETS = ".cw-layer :is(a, button), dialog :is(a, button, summary, input), .cw-pill"


def box(found: Locator) -> dict[str, float]:
    made = found.bounding_box()
    assert made
    return dict(made)


def in_window(visitor: Visitor, width: int, height: int) -> Visitor:
    visitor.page.set_viewport_size({"width": width, "height": height})
    return visitor


def small_targets(visitor: Visitor, least: int = 24) -> list[Any]:
    """Targets smaller than `least` by `least` pixels, except links within a sentence (WCAG 2.5.8). A label is a part of
    its input's target.
    """
    return visitor.page.locator(TARGETS).evaluate_all(  # type: ignore[no-any-return]
        """(all, least) => all.filter((each) => each.checkVisibility() && !each.closest('p, dd, td')).map((each) => {
          const { width, height } = (each.closest('label') ?? each).getBoundingClientRect();
          return [each.className || each.tagName, width, height];
        }).filter(([, width, height]) => width < least || height < least)""",
        least,
    )


def clipped(visitor: Visitor) -> list[Any]:
    """What does not fit into its own box or sticks out of the window."""
    return visitor.page.locator(".cw-layer, .cw-layer *, dialog, dialog *").evaluate_all(  # type: ignore[no-any-return]
        """all => all.filter((each) => {
          if (!each.checkVisibility() || each.matches(".cw-unseen, .cw-two")) return false;
          const { left, right } = each.getBoundingClientRect();
          const hidden = getComputedStyle(each).overflowX != "visible" && each.scrollWidth > each.clientWidth;
          return left < 0 || right > innerWidth || hidden;
        }).map((each) => each.outerHTML.slice(0, 80))"""
    )


def broken_words(visitor: Visitor) -> list[Any]:
    """Words of the layer that stand on two lines. A link to the notice in Chinese is one word."""
    return visitor.layer.locator("h2, p, a, button").evaluate_all(  # type: ignore[no-any-return]
        """all => all.flatMap((each) => [...each.childNodes].filter(({ data }) => data).flatMap((node) =>
          [...node.data.matchAll(each.matches('a') ? /.+/g : /[\\w,.;’]+/g)].map(({ 0: word, index }) => {
            const range = document.createRange();
            range.setStart(node, index);
            range.setEnd(node, index + word.length);
            return [word, new Set([...range.getClientRects()].map(({ top }) => top)).size];
          }).filter(([word, lines]) => lines > 1 && !/ /.test(word))))"""
    )


#: Makes every word of the layer a third longer, as other languages do.
LONGER = """layer => {
  const walker = document.createTreeWalker(layer, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    walker.currentNode.data = walker.currentNode.data.replace(/[\\w’]+/g, (word) => word + word.slice(0, Math.ceil(word.length * .3)));
  }
}"""


@both
@pytest.mark.parametrize("notice", ["shop", "minimal"])
def test_on_a_phone_the_layer_takes_at_most_half_of_the_screen(
    make_site: MakeSite, visit: MakeVisitor, locale: str, notice: str
) -> None:
    site = make_site() if notice == "shop" else make_site(CONSENT_NOTICE=notice, CONSENT_CONTROLLER=CONTROLLER)
    visitor = visit(site, locale).go()
    for width, height in ((320, 640), (375, 667)):
        in_window(visitor, width, height)
        assert box(visitor.layer)["height"] <= height / 2
        assert visitor.layer.evaluate("(layer) => layer.scrollHeight <= layer.clientHeight")
        assert small_targets(visitor, 44) == []
        assert visitor.layer.locator("p").first.evaluate("(each) => parseFloat(getComputedStyle(each).fontSize)") >= 15
        assert broken_words(visitor) == []


@layouts
@both
def test_at_twice_the_text_size_every_button_of_the_layer_is_on_the_screen_and_whole(
    make_site: MakeSite, visit: MakeVisitor, layout: str, locale: str
) -> None:
    """WCAG 1.4.4: by the browser's own setting for the size of text."""
    visitor = visit(make_site(CONSENT_LAYOUT=layout), locale, reduced_motion="reduce")
    sizes = {"fontSizes": {"standard": 32, "fixed": 26}}
    visitor.context.new_cdp_session(visitor.page).send("Page.setFontSizes", sizes)
    visitor.go()
    for width, height in ((1280, 800), (375, 667), (320, 640), (640, 360)):
        in_window(visitor, width, height)
        assert (
            visitor.layer.locator("button").first.evaluate("(each) => parseFloat(getComputedStyle(each).fontSize)") > 29
        )
        assert clipped(visitor) == []
        for button in visitor.layer.locator("button").all():
            expect(button).to_be_in_viewport(ratio=0.99)
        notice = visitor.layer.locator("[data-open=notice]")
        notice.blur()
        notice.focus()  # scrolls it to where the buttons do not cover it
        assert notice.evaluate(
            """(link) => { const { left, top, height } = link.getClientRects()[0];
            return link.getRootNode().elementFromPoint(left + 2, top + height / 2) == link }"""
        )
        visitor.layer.evaluate("(layer) => layer.scrollTop = 0")


@layouts
def test_longer_words_break_nowhere(make_site: MakeSite, visit: MakeVisitor, layout: str) -> None:
    visitor = visit(make_site(CONSENT_LAYOUT=layout), reduced_motion="reduce").go()
    expect(visitor.layer).to_be_visible()
    visitor.layer.evaluate(LONGER)
    for width, height in ((1280, 800), (375, 667), (320, 640)):
        in_window(visitor, width, height)
        assert (clipped(visitor), broken_words(visitor)) == ([], [])
        accept, reject = (box(visitor.layer.locator(f"#cw-{each}-all")) for each in ("accept", "reject"))
        assert (accept["width"], accept["height"]) == (reject["width"], reject["height"])


def test_a_bar_is_as_wide_as_the_window_unless_that_is_a_phones(make_site: MakeSite, visit: MakeVisitor) -> None:
    visitor = visit(make_site(CONSENT_LAYOUT="bar")).go()
    for width in (481, 700, 1280):
        in_window(visitor, width, 700)
        assert box(visitor.layer)["width"] == width
        tops = {box(each)["y"] for each in visitor.layer.locator(".cw-actions button").all()}
        assert len(tops) == 1


@layouts
@both
def test_the_layer_fits_at_every_width(make_site: MakeSite, visit: MakeVisitor, layout: str, locale: str) -> None:
    visitor = visit(make_site(CONSENT_LAYOUT=layout), locale, reduced_motion="reduce").go()
    for width, height in ((1280, 800), (375, 667), (320, 568)):
        in_window(visitor, width, height)
        accept, reject, choose = (
            box(visitor.layer.locator(each)) for each in ("#cw-accept-all", "#cw-reject-all", "[data-open=centre]")
        )
        size = accept["width"], accept["height"]
        assert (reject["width"], reject["height"]) == size
        assert choose["height"] == size[1] >= 44
        assert size[0] >= 44
        assert accept["y"] == reject["y"]
        assert accept["x"] < reject["x"] < choose["x"] if accept["y"] == choose["y"] else accept["y"] < choose["y"]
        styles = [
            visitor.layer.locator(each).evaluate(
                "(each) => { const { color, backgroundColor, fontWeight, fontSize, border } = getComputedStyle(each);"
                " return [color, backgroundColor, fontWeight, fontSize, border] }"
            )
            for each in ("#cw-accept-all", "#cw-reject-all")
        ]
        assert styles[0] == styles[1]
        shown = box(visitor.layer)
        assert shown["x"] >= 0
        assert shown["x"] + shown["width"] <= width
        assert shown["y"] >= 0
        assert shown["y"] + shown["height"] <= height
        assert visitor.layer.evaluate("(layer) => layer.scrollHeight <= layer.clientHeight")
        assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert (small_targets(visitor, 32), clipped(visitor)) == ([], [])
        buttons = visitor.layer.locator("button").evaluate_all("all => all.map((each) => each.offsetHeight)")
        assert min(buttons) >= 44


@both
def test_centre_and_notice_fit_at_every_width(site: Site, visit: MakeVisitor, locale: str) -> None:
    visitor = visit(site, locale, reduced_motion="reduce").go().open_centre()
    visitor.unfold()
    for width in (1280, 375, 320):
        in_window(visitor, width, 667)
        assert (small_targets(visitor), clipped(visitor)) == ([], [])
        foot = box(visitor.centre.locator(".cw-foot"))
        assert foot["y"] + foot["height"] <= 667
        accept, reject = (box(visitor.centre.locator(f".cw-foot [value={each}_all]")) for each in ("accept", "reject"))
        assert (accept["width"], accept["height"]) == pytest.approx((reject["width"], reject["height"]), abs=0.1)
    visitor.centre.locator("[data-open=notice]").click()
    expect(visitor.notice).to_be_visible()
    for width in (1280, 375, 320):
        in_window(visitor, width, 667)
        assert (small_targets(visitor), clipped(visitor)) == ([], [])


def test_on_a_wide_screen_the_notice_lists_its_contents_at_the_side(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site, viewport={"width": 1280, "height": 800}).go()
    visitor.layer.locator("[data-open=notice]").click()
    expect(visitor.notice).to_be_visible()
    contents, text = box(visitor.notice.locator("nav")), box(visitor.notice.locator(".cw-text"))
    assert contents["x"] + contents["width"] <= text["x"]
    last = visitor.notice.locator("nav a").last
    last.click()
    title = visitor.notice.locator(".cw-text h3").last
    expect(title).to_be_in_viewport()
    expect(last).to_be_in_viewport()


#: How the other language's name stood in the first frame that had it.
LETTERED = """
const look = () => {
  const found = document.querySelector("consent-widget")?.shadowRoot?.querySelector(".cw-lang");
  if (!found) return requestAnimationFrame(look);
  self.lettered = [getComputedStyle(found).contentVisibility, found.offsetWidth, found.offsetHeight];
};
requestAnimationFrame(look);
"""


@pytest.mark.parametrize("render", ["server", "script"])
def test_the_other_languages_letters_come_later_in_their_place(
    make_site: MakeSite, visit: MakeVisitor, render: str
) -> None:
    visitor = visit(make_site(CONSENT_RENDER=render))
    visitor.page.add_init_script(LETTERED)
    switch = visitor.go().layer.locator(".cw-lang")
    expect(switch).to_have_text("中文")
    expect(switch).to_have_css("content-visibility", "visible")
    visitor.wait_until("self.lettered")
    how, *size = visitor.page.evaluate("lettered")
    assert how == "hidden"
    assert size == pytest.approx(switch.evaluate("(each) => [each.offsetWidth, each.offsetHeight]"), abs=1)


SHIFTS = """new Promise((done) => new PerformanceObserver((list) => done(list.getEntries().reduce((sum, { value }) => sum + value, 0)))
    .observe({ type: 'layout-shift', buffered: true }) || setTimeout(done, 300, 0))"""


@layouts
@pytest.mark.parametrize("render", ["server", "script"])
def test_nothing_shifts(make_site: MakeSite, visit: MakeVisitor, layout: str, render: str) -> None:
    visitor = visit(make_site(CONSENT_LAYOUT=layout, CONSENT_RENDER=render)).go()
    expect(visitor.layer).to_be_visible()
    assert visitor.page.evaluate(SHIFTS) == 0
    visitor.reject()
    assert visitor.page.evaluate(SHIFTS) == 0


@both
def test_drawn_by_the_script_the_layer_takes_one_request_and_no_markup(
    make_site: MakeSite, visit: MakeVisitor, locale: str
) -> None:
    site = make_site(CONSENT_RENDER="script")
    visitor = visit(site, locale)
    visitor.page.route("**/*.mjs*", lambda route: None)  # the rest never comes
    requests: list[str] = []
    visitor.page.on("request", lambda request: requests.append(request.url.removeprefix(site.url)))
    visitor.go()
    expect(visitor.layer).to_be_visible()
    assert [path for path in requests if ".mjs" not in path] == ["/", "/consent/widget.js"]
    visitor.page.unroute_all()
    visitor.go()
    html = visitor.context.request.get(site.url + "/").text()
    assert "cw-layer" not in html
    visitor.wait_until("window.ConsentWidget?.open")
    requests.clear()
    visitor.open_centre()
    assert requests == []
    visitor.press_in_centre("reject_all").expect_saved().go("/two")
    expect(visitor.layer).to_have_count(0)


def test_nothing_moves_where_motion_is_unwelcome(site: Site, visit: MakeVisitor) -> None:
    still = visit(site, reduced_motion="reduce").go()
    moved = """(layer) => [...layer.getAnimations(), ...layer.getRootNode().getAnimations()]
        .flatMap((each) => each.effect.getKeyframes()).flatMap(Object.keys)"""
    whenever = {"offset", "easing", "composite", "computedOffset", "pointerEvents"}  # for half a second no press counts
    assert set(still.layer.evaluate(moved)) <= whenever
    moving = visit(site, reduced_motion="no-preference").go()
    assert moving.layer.evaluate("(layer) => getComputedStyle(layer).animationName") == "none"  # it would come later
    moving.open_centre()
    assert moving.page.locator("dialog").evaluate("(dialog) => getComputedStyle(dialog).animationName") == "cw-rise"


def test_in_forced_colours_switches_still_tell_on_from_off(site: Site, visit: MakeVisitor) -> None:
    visitor = (
        visit(site, forced_colors="active", reduced_motion="reduce").go().open_centre().set_switches("data_analytics")
    )
    on, off = visitor.switch("data_analytics"), visitor.centre.locator("[name=grant]:not(:checked):visible").first
    assert on.screenshot() != off.screenshot()
    assert on.evaluate("(each) => getComputedStyle(each).borderTopWidth") == "2px"


@pytest.mark.parametrize(
    "host",
    [
        "* { all: unset !important } html { font-size: 10px !important }",
        "html { font-size: 10px; direction: rtl } button { width: 7px !important; color: red !important }",
        "body { display: flex; height: 100vh; overflow: hidden; letter-spacing: 9px; text-transform: uppercase }",
    ],
)
def test_a_hosts_own_style_does_not_reach_the_widget(site: Site, visit: MakeVisitor, host: str) -> None:
    plain = visit(site, reduced_motion="reduce").go()
    site.head = f"<style>{host}</style>"
    styled = visit(site, reduced_motion="reduce").go()
    accept = "#cw-accept-all"
    assert (box(plain.layer)["width"], box(plain.layer)["height"]) == (
        box(styled.layer)["width"],
        box(styled.layer)["height"],
    )
    assert plain.layer.locator(accept).evaluate("(each) => getComputedStyle(each).color") == styled.layer.locator(
        accept
    ).evaluate("(each) => getComputedStyle(each).color")
    styled.reject()


def test_a_host_sets_its_own_colours_by_custom_properties(site: Site, visit: MakeVisitor) -> None:
    site.head = "<style>consent-widget { --cw-ink: rgb(1, 2, 3); --cw-paper: rgb(250, 251, 252) }</style>"
    visitor = visit(site).go()
    expect(visitor.layer).to_have_css("background-color", "rgb(250, 251, 252)")
    expect(visitor.layer.locator("#cw-reject-all")).to_have_css("background-color", "rgb(1, 2, 3)")


@both
def test_letters_have_the_form_that_readers_of_the_language_know(
    make_site: MakeSite, visit: MakeVisitor, locale: str
) -> None:
    """Where a font has both, a browser draws Chinese letters and points in the Japanese form unless it knows better."""
    visitor = visit(make_site(), locale).go().open_centre().unfold()
    drawn_as = "(each) => getComputedStyle(each).webkitLocale"
    assert visitor.centre.locator("dd").first.evaluate(drawn_as) == f'"{locale}"'
    visitor.press_in_centre("reject_all").expect_saved()
    assert visitor.status.evaluate(drawn_as) == f'"{locale}"'
