"""Only a person who could see what they pressed grants: not a frame, not a script, not the second half of a double click."""

from __future__ import annotations

from collections.abc import Callable
from time import time

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from .conftest import MakeSite, MakeVisitor
from .servers import Place, Site, Static
from .visitor import LOOK, Visitor, middle, press_at

pytestmark = pytest.mark.real_time
SANDBOXES = ["", "sandbox='allow-forms allow-same-origin'", "sandbox='allow-forms allow-same-origin allow-popups'"]
BUTTON = "document.querySelector('consent-widget').shadowRoot.querySelector('#cw-{}-all')"
PRESSES = {
    "requestSubmit": "{0}.form.requestSubmit({0})",
    "click": "{0}.click()",
    "an event of its own": "{0}.dispatchEvent(new MouseEvent('click', {{ bubbles: true, cancelable: false }}))",
}


def framed(visitor: Visitor, static: Static, sandbox: str) -> FrameLocator:
    static.page = (
        f"<!doctype html><title>Win</title><body style='margin:0'><iframe {sandbox} src='{visitor.site.url}/' "
        "style='border:0;width:1000px;height:700px'></iframe>"
    )
    static.headers = {}
    visitor.page.goto(static.url + "/")
    return visitor.page.frame_locator("iframe")


@pytest.mark.parametrize("modifier", [None, "Control", "Shift"])
@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_what_is_pressed_in_a_frame_of_another_site_grants_nothing(
    site: Site, visit: MakeVisitor, static: Static, sandbox: str, modifier: str | None
) -> None:
    visitor = visit(site, faults=True, java_script_enabled=bool(sandbox))
    layer = framed(visitor, static, sandbox).locator(".cw-layer")
    expect(layer).to_be_visible()
    if modifier:
        visitor.page.keyboard.down(modifier)
    layer.locator("#cw-accept-all").click(no_wait_after=True)
    visitor.page.wait_for_timeout(LOOK)
    assert site.records() == []
    if modifier is None:
        framed(visitor, static, sandbox).locator("#cw-reject-all").click()
        visitor.until(site.records)
        assert [choice.action for choice in site.records()] == ["reject_all"]


@pytest.mark.parametrize("press", PRESSES.values(), ids=PRESSES)
def test_what_a_script_presses_before_ours_is_there_grants_nothing_until_a_person_presses_too(
    site: Site, visit: MakeVisitor, press: str
) -> None:
    site.body = f"<script>{press.format(BUTTON.format('accept'))}</script>"
    visitor = visit(site, faults=True).go("/two")
    expect(visitor.page.locator("[role=status]")).to_contain_text("press once more")
    assert site.records() == []
    assert visitor.cookies() == {}
    site.body = ""
    visitor.page.locator(".cw-foot [value=accept_all]").click()
    visitor.page.wait_for_url("**/two")
    assert visitor.record().signals == ()


@pytest.mark.parametrize("press", PRESSES.values(), ids=PRESSES)
def test_what_a_script_presses_refuses_at_once(site: Site, visit: MakeVisitor, press: str) -> None:
    site.body = f"<script>{press.format(BUTTON.format('reject'))}</script>"
    visitor = visit(site, faults=True)  # once it is refused, the same script finds nothing to press
    visitor.page.goto(site.url + "/two", wait_until="commit")
    visitor.until(site.records)
    assert site.records()[0].action == "reject_all"


# The first half second


def press(page: Page, selector: str) -> None:
    """A mouse click on the button, at once: without waiting for it to take presses."""
    page.mouse.click(*middle(page.locator(selector)))


@pytest.mark.parametrize("path", ["/", "/consent/preferences", "/guarded"])
def test_without_script_a_granting_button_ignores_presses_for_half_a_second(
    site: Site, visit: MakeVisitor, path: str
) -> None:
    visitor = visit(site, java_script_enabled=False, faults=True)
    page = visitor.page
    slow = visitor.context.new_cdp_session(page)
    slow.send("Animation.enable")
    slow.send("Animation.setPlaybackRate", {"playbackRate": 0.001})  # half a second is some minutes
    visitor.go(path)
    granting = "[value=allow]" if path == "/guarded" else ".cw-actions [value=accept_all]"
    press(page, granting)
    page.wait_for_timeout(LOOK)
    assert page.url == site.url + path
    assert site.records() == []
    press(page, "[value=refuse]" if path == "/guarded" else ".cw-actions [value=reject_all]")
    visitor.until(lambda: len(site.records()) == 1)
    assert not any(site.records()[0].purposes.values())


class Unpressed:
    """Evaluates without user activation. What Playwright itself evaluates counts as the visitor's press for five seconds."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor, self._session = visitor, visitor.context.new_cdp_session(visitor.page)

    def __call__(self, expression: str) -> object:
        options = {"expression": expression, "userGesture": False, "returnByValue": True}
        answer = self._session.send("Runtime.evaluate", options)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def until(self, expression: str) -> None:
        self._visitor.until(lambda: self(f"!!({expression})"), expression)


LAYER = "document.querySelector('consent-widget')?.shadowRoot?.querySelector('.cw-layer')?.checkVisibility()"
Act = Callable[[Visitor, Unpressed], object]
#: What brings a granting button before somebody who is about to press something else, and that button.
COMES_UP: dict[str, tuple[Act, str, str]] = {
    "a window in front of the page closes": (
        lambda visitor, unpressed: unpressed(
            "if (navigator.userActivation.isActive) throw Error('it counts as pressed');"
            "now(); dispatchEvent(new Event('focus'))"
        ),
        ".cw-layer #cw-accept-all",
        "#cw-reject-all",
    ),
    "the tab is seen again": (
        lambda visitor, unpressed: unpressed("now(); document.dispatchEvent(new Event('visibilitychange'))"),
        ".cw-layer #cw-accept-all",
        "#cw-reject-all",
    ),
    "the centre opens": (
        lambda visitor, unpressed: visitor.page.evaluate("now(); ConsentWidget.open()"),
        "dialog .cw-foot [value=accept_all]",
        "dialog .cw-foot [value=reject_all]",
    ),
    "a question comes": (
        lambda visitor, unpressed: (
            visitor.page.evaluate("() => void ConsentWidget.ask('event_eligibility')"),
            expect(visitor.page.locator("dialog [value=allow]")).to_be_visible(),
        ),
        "dialog [value=allow]",
        "dialog [value=refuse]",
    ),
}


@pytest.mark.parametrize(
    ("place", "with_key"), [("embedded", False), ("tag", True)], ids=["mouse", "key"], indirect=["place"]
)
@pytest.mark.parametrize(("comes_up", "granting", "refusing"), COMES_UP.values(), ids=COMES_UP)
def test_a_button_that_has_just_appeared_grants_nothing_and_refuses_at_once(
    place: Place, visit: MakeVisitor, comes_up: Act, granting: str, refusing: str, with_key: bool
) -> None:
    url = place.serve("<!doctype html><html lang=en><title>A page</title><body>WIDGET<h1>A page</h1>")
    visitor = visit(place.site)
    page = visitor.page
    page.add_init_script(
        "now = () => shown = performance.now();"
        "document.addEventListener('DOMContentLoaded', () => new MutationObserver(() => {"
        " const { shadowRoot } = document.querySelector('consent-widget') || {};"
        " if (shadowRoot && !window.seen) (seen = new MutationObserver((changes) => changes.some(({ addedNodes }) =>"
        " [...addedNodes].some((each) => each.localName == 'dialog')) && now())).observe(shadowRoot, { childList: true }) })"
        ".observe(document, { childList: true, subtree: true }));"
    )
    unpressed = Unpressed(visitor)
    page.goto(url)
    unpressed.until(f"window.ConsentWidget?.open && {LAYER}")
    page.wait_for_timeout(LOOK)
    unpressed("now()")
    comes_up(visitor, unpressed)
    button = page.locator(granting)
    if with_key:
        button.focus()
    soon = float(str(unpressed(f"(performance.timeOrigin + shown + {LOOK / 2}) / 1000")))
    press_at(page, soon, None if with_key else middle(button))
    visitor.rest()
    assert place.site.records() == []
    expect(page.locator(granting)).to_be_visible()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    press(page, refusing)
    visitor.until(lambda: len(place.site.records()) == 1)
    assert not any(place.site.records()[0].purposes.values())


@pytest.mark.parametrize("mode", ["server", "script"])
def test_a_double_click_that_begins_on_another_site_ends_on_no_granting_button(
    make_site: MakeSite, visit: MakeVisitor, static: Static, mode: str
) -> None:
    site = make_site(CONSENT_RENDER=mode)
    visitor = visit(site)
    visitor.go()
    expect(visitor.layer).to_be_visible()
    spot = middle(visitor.layer.locator("#cw-accept-all"))
    session = visitor.context.new_cdp_session(visitor.page)
    session.send("Animation.enable")
    session.send("Animation.setPlaybackRate", {"playbackRate": 0.001})  # where the script is not there yet
    static.headers = {}
    static.page = f"<!doctype html><title>Play</title><button style='position:fixed;inset:0' onclick=\"location='{site.url}/'\">Twice"
    for gap in (120, 250, 400):
        visitor.context.clear_cookies()
        site.reset()
        visitor.page.goto(static.url + "/")
        begun = time()
        press_at(visitor.page, begun, spot)
        visitor.page.wait_for_timeout(gap)
        press_at(visitor.page, begun + gap / 1000, spot)
        visitor.rest()
        assert not any(any(choice.purposes.values()) for choice in site.records())
