"""axe finds nothing, and the keyboard alone does everything."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .conftest import MakeVisitor
from .servers import Site
from .visitor import Visitor

FRAME = """<iframe title="film" data-consent="targeted_advertising" data-consent-service="reel"
    data-src="{v}/reel.html"></iframe>"""
#: A visitor without a preference sees what one who prefers light sees.
NOT_ASKED = "no-preference"
#: Dark differs from light by its colours alone, and one language from the other by everything else.
every = pytest.mark.parametrize(("locale", "scheme"), [("en", "light"), ("zh-CN", NOT_ASKED), ("zh-CN", "dark")])


def sound(visitor: Visitor, scheme: str) -> None:
    """axe finds no violation, once all animations are over. In the dark scheme only the contrast rule can differ, and
    that takes longer than all others together: it is left out for a visitor without a preference, where only words differ.
    """
    visitor.wait_until(
        "document.querySelector('consent-widget')?.shadowRoot?.getAnimations().every((each) => each.playState == 'finished') ?? true"
    )
    contrast = "color-contrast"
    rules = {"dark": {"runOnly": [contrast]}, NOT_ASKED: {"rules": {contrast: {"enabled": False}}}}.get(scheme, {})
    violations = Axe().run(visitor.page, options={"resultTypes": ["violations"]} | rules).response["violations"]
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in violations] == []


@every
def test_axe_finds_nothing_in_the_widget(site: Site, visit: MakeVisitor, locale: str, scheme: str) -> None:
    site.head = "<style>:root { color-scheme: light dark } body { background: Canvas; color: CanvasText } main a, nav a { color: inherit }</style>"
    site.body = FRAME.replace("{v}", site.vendors.url)
    visitor = visit(site, locale, color_scheme=scheme, reduced_motion="reduce").go()
    expect(visitor.placeholder).to_be_visible()
    sound(visitor, scheme)
    visitor.open_centre()
    sound(visitor, scheme)
    visitor.unfold()
    sound(visitor, scheme)
    visitor.centre.locator("[data-open=notice]").click()
    expect(visitor.notice).to_be_visible()
    sound(visitor, scheme)
    visitor.page.keyboard.press("Escape")
    visitor.press_in_centre("save").expect_saved()
    expect(visitor.pill).to_be_visible()
    sound(visitor, scheme)


@every
def test_axe_finds_nothing_in_the_pages(site: Site, visit: MakeVisitor, locale: str, scheme: str) -> None:
    visitor = visit(site, locale, color_scheme=scheme, faults=True)
    visitor.go("/guarded")
    sound(visitor, scheme)
    visitor.go().accept().go("/consent/choices")
    receipt = visitor.page.locator("main ol a[id]").first.get_attribute("href") or ""
    paths = ("preferences", "preferences?saved=1", "choices", "choices/erase", "notice", "changes", "do-not-share")
    for path in (*(f"/consent/{each}" for each in paths), receipt):
        visitor.go(path).unfold()
        sound(visitor, scheme)
    visitor.page.set_viewport_size({"width": 375, "height": 667})
    visitor.go("/consent/notice").unfold()
    sound(visitor, scheme)


def focused(visitor: Visitor) -> str:
    """Names the focused element: by its id, language, target, value, class or tag."""
    return str(
        visitor.page.evaluate(
            """() => {
              let at = document.activeElement;
              while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
              const { lang, open } = at.dataset;
              return at.id || lang || open || at.value || at.className || at.tagName;
            }"""
        )
    )


def tab_to(visitor: Visitor, wanted: str, key: str = "Tab") -> None:
    seen = []
    while focused(visitor) != wanted:
        assert len(seen) < 80, f"{wanted} is not reached, only {seen}"
        visitor.page.keyboard.press(key)
        seen.append(focused(visitor))


def ringed(visitor: Visitor) -> bool:
    return bool(
        visitor.page.evaluate(
            """() => {
              let at = document.activeElement;
              while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
              return at.matches(':focus-visible') && parseFloat(getComputedStyle(at).outlineWidth) >= 2;
            }"""
        )
    )


def test_the_keyboard_alone_reaches_and_presses_everything_in_the_layer(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go()
    for each in ("zh-CN", "close", "notice", "cw-accept-all", "cw-reject-all", "centre", "next"):
        visitor.page.keyboard.press("Tab")
        assert focused(visitor) == each
        assert each == "next" or ringed(visitor)
    tab_to(visitor, "notice", "Shift+Tab")
    visitor.page.keyboard.press("Enter")
    expect(visitor.notice).to_be_visible()
    visitor.page.keyboard.press("Escape")
    expect(visitor.notice).to_have_count(0)
    assert focused(visitor) == "notice"
    tab_to(visitor, "cw-accept-all")
    visitor.page.keyboard.press("Space")
    visitor.expect_saved()
    assert visitor.record().action == "accept_all"
    assert focused(visitor) == "centre"  # the way back
    expect(visitor.pill).to_be_focused()


def test_the_keyboard_alone_works_the_centre(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go()
    tab_to(visitor, "centre")
    visitor.page.keyboard.press("Enter")
    expect(visitor.centre).to_be_visible()
    assert visitor.page.evaluate("document.activeElement.shadowRoot.activeElement.closest('dialog') != null")
    for _ in range(60):  # the focus stays in
        visitor.page.keyboard.press("Tab")
        assert focused(visitor) not in ("next", "last", "cw-accept-all")
    visitor.page.keyboard.press("Escape")
    expect(visitor.centre).to_have_count(0)
    assert focused(visitor) == "centre"
    visitor.page.keyboard.press("Enter")
    visitor.group_of("data_analytics").locator("summary").first.focus()
    visitor.page.keyboard.press("Enter")
    tab_to(visitor, "data_analytics")
    visitor.page.keyboard.press("Space")
    expect(visitor.switch("data_analytics")).to_be_checked()
    assert ringed(visitor)
    visitor.page.keyboard.press("Enter")
    visitor.expect_saved()
    record = visitor.record()
    assert record.action == "save"
    assert {key for key, yes in record.purposes.items() if yes} == {"data_analytics"}
    expect(visitor.pill).to_be_focused()
    visitor.page.keyboard.press("Enter")
    expect(visitor.centre).to_be_visible()
    visitor.page.keyboard.press("Escape")
    expect(visitor.pill).to_be_focused()


def test_enter_on_a_switch_of_the_preferences_page_saves_it(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site, java_script_enabled=False).go("/consent/preferences")
    visitor.page.locator("summary", has=visitor.page.locator("h2")).last.click()
    switch = visitor.page.locator("[name=grant]:visible").first
    switch.focus()
    visitor.page.keyboard.press("Space")
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator(".cw-said")).to_be_visible()
    assert visitor.record().action == "save"


def test_what_is_focused_is_never_under_the_layer(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site, viewport={"width": 375, "height": 667}).go()
    assert (
        float(visitor.page.evaluate("parseFloat(getComputedStyle(document.documentElement).scrollPaddingBottom)")) > 100
    )
    visitor.page.locator("#last").focus()
    layer, link = visitor.layer.bounding_box(), visitor.page.locator("#last").bounding_box()
    assert layer
    assert link
    assert link["y"] + link["height"] <= layer["y"]
    visitor.reject()
    visitor.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    pill, link = visitor.pill.bounding_box(), visitor.page.locator("#last").bounding_box()
    assert pill
    assert link
    assert link["y"] + link["height"] <= pill["y"]
    assert visitor.page.locator("html").get_attribute("style") is None


def test_a_modal_layer_can_be_left_by_escape_which_answers_nothing(
    make_site: Callable[..., Site], visit: MakeVisitor
) -> None:
    site = make_site(CONSENT_LAYOUT="modal")
    visitor = visit(site).go()
    expect(visitor.page.locator("dialog .cw-layer")).to_be_visible()
    visitor.set_language("zh-CN")
    expect(visitor.page.locator("dialog .cw-layer")).to_contain_text("您的隐私由您决定")
    visitor.page.keyboard.press("Escape")
    expect(visitor.layer).to_have_count(0)
    assert (visitor.cookies(), site.records()) == ({}, [])
    expect(visitor.pill).to_be_visible()
    visitor.go()
    expect(visitor.page.locator("dialog .cw-layer")).to_be_visible()
    visitor.open_centre().press_in_centre("save").expect_saved()
    expect(visitor.page.locator("dialog")).to_have_count(0)
