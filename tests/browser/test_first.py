"""The first part of the script alone: what works before the rest has loaded, and what waits for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Route, expect

from consent_widget.choice.act import new_subject
from consent_widget.choice.state import Decision, State

from .conftest import MakeSite, MakeVisitor
from .servers import Site, Static, live
from .visitor import Visitor

HEARD = "<script>addEventListener('consent:change', ({ detail }) => (window.heard ||= []).push(detail), true)</script>"
GATED = '<script type="text/plain" data-consent="data_analytics">(window.ran ||= []).push("gated")</script>'
PAGE = f"<!doctype html><html lang=en><meta charset=utf-8><title>A page</title>{HEARD}TAG<body><h1>A page</h1>{GATED}"
BOX = "Object.keys(localStorage).filter((key) => key.startsWith('cw-outbox'))"


class Line:
    """Holds back the rest of the script until the test lets it go, or fails its requests (`away`)."""

    def __init__(self, visitor: Visitor) -> None:
        self.held: list[Route] = []
        self.away = self.open = False
        self.asked: list[str] = []
        self._visitor = visitor
        visitor.context.route("**/*.mjs*", self._come)

    def _come(self, route: Route) -> None:
        self.asked.append(route.request.url)
        if self.away:
            route.abort("connectionrefused")
        elif self.open:
            route.continue_()
        else:
            self.held.append(route)

    def until_asked(self) -> None:
        self._visitor.until(lambda: self.asked)

    def let_go(self) -> None:
        self.until_asked()
        self.open = True
        for route in self.held:
            route.continue_()
        self.held.clear()


@pytest.fixture(scope="module")
def static() -> Iterator[Static]:
    made = Static()
    with live(made.app, "localhost") as made.url:
        yield made


@pytest.fixture
def site(make_site: MakeSite, static: Static) -> Site:
    made = make_site(CONSENT_ORIGINS=[static.url])
    static.page = PAGE.replace("TAG", f'<script async src="{made.url}/consent/widget.js?lang=en"></script>')
    static.headers = {}
    return made


@pytest.fixture
def visitor(site: Site, visit: MakeVisitor) -> Visitor:
    return visit(site, faults=True)


@pytest.fixture
def line(visitor: Visitor, static: Static) -> Line:
    made = Line(visitor)
    visitor.page.goto(static.url)
    return made


def press(visitor: Visitor, what: str) -> None:
    visitor.layer.locator(what).click()


#: Whether the layer was there when the page's storage was first opened, and whether it ever was at all.
WATCHED = """
const { get } = Object.getOwnPropertyDescriptor(self, "localStorage");
const layer = () => !!document.querySelector("consent-widget")?.shadowRoot.querySelector(".cw-layer");
Object.defineProperty(self, "localStorage", { get() {
  self.opened ??= layer();
  return get.call(self);
} });
const look = () => {
  self.shown ||= layer();
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


def test_the_layer_of_a_new_visitor_does_not_wait_for_the_storage(site: Site, visitor: Visitor, static: Static) -> None:
    visitor.page.add_init_script(WATCHED)
    visitor.page.goto(static.url)
    visitor.wait_until("self.ConsentWidget?.open")

    assert visitor.page.evaluate("[opened, shown]") == [True, True]
    assert "cw" not in visitor.cookies()


@pytest.mark.parametrize("touch", [True, False], ids=["touch", "mouse"])
@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_the_layer_does_not_move_when_the_rest_of_the_script_arrives(
    site: Site, visit: MakeVisitor, static: Static, locale: str, touch: bool
) -> None:
    visitor = visit(site, locale, viewport={"width": 375, "height": 667}, has_touch=touch, is_mobile=touch)
    static.page = static.page.replace("?lang=en", "").replace("lang=en", f"lang={locale}")
    line = Line(visitor)
    visitor.page.goto(static.url)
    expect(visitor.layer).to_be_visible()
    parts = visitor.layer.locator("*")
    boxes = "all => all.map((each) => Object.values(each.getBoundingClientRect().toJSON()))"
    before = parts.evaluate_all(boxes)
    line.let_go()
    expect(visitor.pill).to_be_attached()
    assert parts.evaluate_all(boxes) == before


@pytest.mark.parametrize("away", [True, False], ids=["away", "hanging"])
def test_the_other_languages_name_appears_even_if_the_rest_of_the_script_does_not_arrive(
    site: Site, visitor: Visitor, static: Static, away: bool
) -> None:
    Line(visitor).away = away
    visitor.page.goto(static.url)
    expect(visitor.layer.locator(".cw-lang")).to_have_css("content-visibility", "visible")


@pytest.mark.parametrize("action", ["close", "reject_all", "withdraw"])
def test_after_a_refusal_the_layer_does_not_flash_while_it_is_unsaved(
    site: Site, visitor: Visitor, static: Static, action: str
) -> None:
    site.store.away = True
    visitor.page.goto(static.url)
    if action == "withdraw":
        visitor.wait_until("self.ConsentWidget?.open")
        visitor.page.evaluate("ConsentWidget.withdraw()")
    else:
        press(visitor, f"[value={action}]")
    visitor.expect_status("unsaved")
    assert visitor.cookies()["cw"] == "0"
    visitor.page.add_init_script(WATCHED)
    visitor.page.goto(static.url)
    visitor.expect_status("unsaved")
    assert visitor.page.evaluate("[opened, !!self.shown]") == [False, False]
    site.store.away = False
    visitor.expect_saved()

    assert visitor.cookies()["cw"].startswith("1.")
    assert len(site.records()) == 1


def test_a_visitor_whose_cookies_were_cleared_is_recognised_by_the_copy(
    site: Site, visitor: Visitor, static: Static
) -> None:
    visitor.page.goto(static.url)
    visitor.accept()
    visitor.wait_until("window.ran")
    visitor.context.clear_cookies()
    visitor.page.goto(static.url)
    visitor.wait_until("window.ran")
    expect(visitor.layer).to_have_count(0)
    visitor.open_centre()
    with visitor.page.expect_response("**/consent/records"):
        visitor.press_in_centre("reject_all")
    visitor.wait_until("!window.ran && ConsentWidget.open")

    accepted, refused = site.records()
    assert accepted.subject == refused.subject
    assert visitor.cookies()["cw"].startswith("1.")


@pytest.mark.parametrize(("button", "action"), [("#cw-reject-all", "reject_all"), ("[value=close]", "close")])
def test_a_refusal_waits_for_nothing(site: Site, visitor: Visitor, line: Line, button: str, action: str) -> None:
    press(visitor, button)
    expect(visitor.layer).to_have_count(0)
    assert len(visitor.page.evaluate(BOX)) == 1
    line.let_go()
    visitor.expect_saved()

    record = visitor.record()
    assert (record.action, record.surface) == (action, "layer")
    assert "scripted" not in record.signals
    assert not any(record.purposes.values())
    expect(visitor.pill).to_be_focused()
    assert visitor.page.evaluate("heard[0]") == {"by": "visitor", "action": action, "surface": "layer"}


def test_a_refusal_survives_a_page_that_never_got_the_rest_of_the_script(
    site: Site, visitor: Visitor, line: Line, static: Static
) -> None:
    press(visitor, "#cw-reject-all")
    line.until_asked()
    visitor.page.reload()
    assert visitor.layer.count() == 0
    line.let_go()
    visitor.expect_saved()

    assert visitor.record().action == "reject_all"
    assert visitor.page.evaluate(BOX) == []


def test_an_agreement_counts_as_soon_as_the_rest_of_the_script_arrives(
    site: Site, visitor: Visitor, line: Line
) -> None:
    press(visitor, "#cw-accept-all")
    assert visitor.layer.get_attribute("aria-busy") == "true"
    assert visitor.ran() == []
    line.let_go()
    visitor.expect_saved()

    record = visitor.record()
    assert record.action == "accept_all"
    assert "scripted" not in record.signals
    assert visitor.ran() == ["gated"]


def test_an_agreement_pressed_by_a_script_is_not_kept_for_later(site: Site, visitor: Visitor, line: Line) -> None:
    visitor.layer.locator("#cw-accept-all").evaluate("(button) => button.click()")
    line.let_go()
    visitor.wait_until("window.ConsentWidget?.open")
    visitor.rest()

    expect(visitor.layer).to_be_visible()
    assert site.records() == []
    assert visitor.ran() == []


@pytest.mark.parametrize(
    ("button", "shown"),
    [
        ("[data-open=centre]", ".cw-centre"),
        ("[data-open=notice]", ".cw-statement"),
        ("[data-lang=zh-CN]", "text=全部拒绝"),
    ],
)
def test_what_a_button_leads_to_opens_as_soon_as_the_rest_of_the_script_arrives(
    visitor: Visitor, line: Line, button: str, shown: str
) -> None:
    press(visitor, button)
    line.let_go()

    expect(visitor.page.locator(shown).first).to_be_visible()
    assert visitor.layer.get_attribute("aria-busy") is None


def test_of_two_presses_the_last_one_counts(site: Site, visitor: Visitor, line: Line) -> None:
    press(visitor, "#cw-accept-all")
    press(visitor, "#cw-reject-all")
    line.let_go()
    visitor.expect_saved()

    assert visitor.record().action == "reject_all"
    assert visitor.ran() == []


def test_if_the_rest_of_the_script_fails_to_load_the_visitor_is_told_and_it_is_tried_again(
    site: Site, visitor: Visitor, static: Static
) -> None:
    line = Line(visitor)
    line.away = True
    visitor.page.goto(static.url)
    press(visitor, "#cw-accept-all")
    expect(visitor.layer.get_by_role("alert")).to_have_text("This cannot be loaded just now. Please try again.")
    assert visitor.ran() == []
    visitor.context.unroute("**/*.mjs*")
    visitor.expect_saved()

    assert visitor.record().action == "accept_all"
    assert len(set(line.asked)) == len(line.asked)  # a browser may remember that an address failed


def test_a_refusal_is_not_said_to_be_saved_before_it_is(site: Site, visitor: Visitor, static: Static) -> None:
    line = Line(visitor)
    line.away = True
    visitor.page.goto(static.url)
    press(visitor, "#cw-reject-all")
    expect(visitor.page.get_by_text("Not saved yet")).to_be_visible()
    visitor.context.unroute("**/*.mjs*")
    visitor.expect_saved()

    assert visitor.page.get_by_text("Not saved yet").count() == 0
    assert visitor.record().action == "reject_all"


def test_the_unsaved_message_fits_on_one_line(site: Site, visitor: Visitor, static: Static) -> None:
    Line(visitor).away = True
    visitor.page.goto(static.url)
    press(visitor, "#cw-reject-all")
    expect(visitor.status).to_be_visible()
    box = visitor.status.bounding_box()
    assert box
    assert box["height"] < 60


def test_a_returning_visitor_needs_only_the_first_part(visitor: Visitor, static: Static) -> None:
    visitor.page.goto(static.url)
    visitor.accept()
    line = Line(visitor)
    visitor.page.reload()
    visitor.wait_until("window.ran")

    assert visitor.page.evaluate("typeof window.ConsentWidget") == "undefined"
    line.let_go()
    visitor.wait_until("window.ConsentWidget?.open")
    visitor.rest()
    assert visitor.ran() == ["gated"]
    expect(visitor.pill).to_be_visible()


def test_a_script_still_waiting_for_its_turn_does_not_run_after_a_refusal(
    site: Site, visitor: Visitor, static: Static
) -> None:
    slow = f'<script type="text/plain" data-consent="data_analytics" src="{site.vendors.url}/slow.js"></script>'
    visitor.page.goto(static.url)
    visitor.accept()
    static.page = static.page.replace("<h1>", f"{slow}{slow.replace('slow', 'next')}<h1>")
    site.vendors.asked.clear()
    held: list[Route] = []
    visitor.context.route("**/slow.js", lambda route: held.append(route))
    visitor.page.reload(wait_until="commit")
    visitor.until(lambda: held, "the first script is asked for")
    visitor.wait_until("window.ConsentWidget?.open")
    visitor.page.evaluate("ConsentWidget.reject()")
    held[0].continue_()
    visitor.rest()

    assert site.vendors.asked == ["slow"]


def test_the_tag_twice_is_one_widget(site: Site, visitor: Visitor, static: Static) -> None:
    tag = re.search("<script async.*?</script>", static.page)
    assert tag
    static.page = static.page.replace("<h1>", f"{tag[0]}<h1>")
    visitor.page.goto(static.url)
    visitor.accept()
    visitor.page.reload()
    visitor.wait_until("window.ran")
    visitor.rest()

    assert visitor.ran() == ["gated"]
    assert visitor.page.locator("consent-widget").count() == 1
    assert len(site.records()) == 1


def test_with_an_outdated_first_part_the_current_layer_is_shown_before_anything_is_granted(
    site: Site, visitor: Visitor, static: Static
) -> None:
    def old(route: Route) -> None:
        body = route.fetch().text()
        digest = site.app.extensions["consent_widget"].notice.digest[:16]
        body = body.replace(f'"notice":"{digest}"', '"notice":"0000000000000000"').replace("Accept all", "Yes")
        route.fulfill(
            body=re.sub(r"widget\.\w+\.mjs", "widget.0123456789abcdef.mjs", body), content_type="text/javascript"
        )

    visitor.context.route("**/widget.js*", old)
    line = Line(visitor)
    visitor.page.goto(static.url)
    visitor.layer.get_by_role("button", name="Yes").click()
    line.let_go()
    expect(visitor.layer.get_by_role("button", name="Accept all")).to_be_visible()
    assert site.records() == []
    visitor.accept()

    assert visitor.record().action == "accept_all"


def test_a_refusal_on_an_outdated_layer_holds_for_the_current_notice(
    site: Site, visitor: Visitor, static: Static
) -> None:
    def old(route: Route) -> None:
        body = route.fetch().text()
        digest = site.app.extensions["consent_widget"].notice.digest[:16]
        body = body.replace(f'"notice":"{digest}"', '"notice":"0000000000000000"')
        route.fulfill(body=body, content_type="text/javascript")

    visitor.context.route("**/widget.js*", old)
    line = Line(visitor)
    visitor.page.goto(static.url)
    press(visitor, "#cw-reject-all")
    line.let_go()
    visitor.expect_saved()

    assert visitor.record().action == "reject_all"
    assert visitor.layer.count() == 0


@pytest.mark.parametrize("policy", ["'nonce-abc'", "'nonce-abc' 'strict-dynamic'", "SERVICE 'nonce-abc'"])
def test_the_rest_loads_under_the_policy_that_allowed_the_first_part(
    site: Site, visitor: Visitor, static: Static, policy: str
) -> None:
    static.page = static.page.replace("<script async", "<script async nonce=abc")
    static.headers = {
        "Content-Security-Policy": f"script-src {policy.replace('SERVICE', site.url)}; connect-src {site.url}; "
        "default-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    }
    visitor.page.goto(static.url)
    visitor.reject()

    assert visitor.record().action == "reject_all"
    assert [fault for fault in visitor.faults if "consent" in fault] == []


def test_a_press_that_waited_counts_only_for_the_state_the_visitor_saw(
    site: Site, visitor: Visitor, static: Static
) -> None:
    line = Line(visitor)
    visitor.page.goto(static.url)
    press(visitor, "#cw-accept-all")
    store = site.app.extensions["consent_widget"]
    options = store.notice.options.values()
    refused = {option.fingerprint: Decision(False, 99_999) for option in options}
    token = store.token_signer.write(State(new_subject(), 1, 1_900_000_000, store.notice.digest[:8], refused))
    visitor.page.evaluate(f"localStorage.cw = '{token}'; document.cookie = 'cw={token};path=/'")  # by another tab
    line.let_go()
    visitor.wait_until("self.ConsentWidget?.open")
    visitor.rest()

    assert site.records() == []
    assert not visitor.page.evaluate("ConsentWidget.granted('data_analytics')")
