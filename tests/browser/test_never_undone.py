"""A refusal is never lost, undone or overtaken; and nothing but a person's press grants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Route, expect

from consent_widget.notice.model import Notice
from consent_widget.settings.config import read_settings
from consent_widget.site.start import make_site
from consent_widget.text import Text

from .conftest import MakeVisitor
from .servers import Place, Site, live, shop
from .test_navigation import FILM, HEAD, TALLY
from .visitor import PATIENCE, Visitor

GRANTED = "ConsentWidget.granted('data_analytics')"
ONLINE = "dispatchEvent(new Event('online'))"
OPEN = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "*"}


def at(place: Place, visit: MakeVisitor, body: str = TALLY) -> Visitor:
    visitor = visit(place.site, faults=True)
    visitor.page.goto(place.serve(HEAD + "WIDGET<body>" + body))
    return visitor


def answering(status: int, body: str = "{}", **headers: str) -> Callable[[Route], None]:
    told = {**OPEN, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return lambda route: route.fulfill(status=status, body=body, headers=told, content_type="application/problem+json")


def away(route: Route) -> None:
    route.abort("connectionrefused")


class Line:
    """Handles the requests that record choices by its `mood`, until it has recovered."""

    def __init__(self, visitor: Visitor, mood: Callable[[Route], object]) -> None:
        self.mood = mood
        visitor.context.route("**/consent/records", lambda route: self.mood(route))

    def recover(self) -> None:
        self.mood = lambda route: route.continue_()


def withdrawing(visitor: Visitor) -> Line:
    """Accept, then withdraw while the server is away. Afterwards the page has reloaded and nothing runs."""
    visitor.accept()
    visitor.wait_until("self.ran")
    line = Line(visitor, away)
    visitor.page.evaluate("ConsentWidget.withdraw()")
    visitor.wait_until("!self.ran && self.ConsentWidget?.open")
    return line


def actions(site: Site) -> list[str]:
    return [choice.action for choice in site.records()]


def sold() -> Notice:
    name = Text({"en": "Another Shop", "zh-CN": "另一家商店"})
    return replace(shop(), version="next", controller=replace(shop().controller, name=name))


@contextmanager
def another_notice(site: Site) -> Iterator[None]:
    """The server as it is after a restart with the next version of its notice, by another controller: an answer to the
    notice of before counts no more.
    """
    before = site.app.extensions["consent_widget"]
    config = site.app.config | {"CONSENT_NOTICE": sold()}
    site.app.extensions["consent_widget"] = make_site(site.app, read_settings(config))
    try:
        yield
    finally:
        site.app.extensions["consent_widget"] = before


class HeldPost:
    """A POST request that has `arrived` at the server. It is `answered` once the test lets it go."""

    def __init__(self) -> None:
        self.arrived, self.let_go, self.answered = Event(), Event(), Event()


@contextmanager
def first_post_held(site: Site) -> Iterator[HeldPost]:
    real, held = site.app.wsgi_app, HeldPost()

    def line(environ: dict[str, Any], start: Any) -> Any:
        if environ["REQUEST_METHOD"] != "POST" or held.arrived.is_set():
            return real(environ, start)
        held.arrived.set()
        held.let_go.wait(PATIENCE / 1000)
        answer = real(environ, start)
        held.answered.set()
        return answer

    site.app.wsgi_app = line  # type: ignore[method-assign]
    try:
        yield held
    finally:
        held.let_go.set()
        site.app.wsgi_app = real  # type: ignore[method-assign]


@pytest.mark.parametrize("status", [409, 422, 403])
def test_a_withdrawal_that_the_server_rejects_stays_in_force_and_is_sent_again(
    place: Place, visit: MakeVisitor, status: int
) -> None:
    visitor = at(place, visit)
    line = withdrawing(visitor)
    line.mood = answering(status)
    visitor.page.evaluate(ONLINE)
    visitor.expect_status("unsaved")
    visitor.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert (visitor.page.evaluate(GRANTED), visitor.ran()) == (False, [])
    expect(visitor.status).to_contain_text("Not saved yet")
    line.recover()
    visitor.page.evaluate(ONLINE)
    visitor.expect_saved()

    assert actions(place.site) == ["accept_all", "withdraw_all"]


def test_a_withdrawal_also_holds_for_a_notice_published_meanwhile(place: Place, visit: MakeVisitor) -> None:
    visitor = at(place, visit)
    visitor.set_language("zh-CN").set_language("en")  # its words are in the browser's cache now
    expect(visitor.layer).to_contain_text("Your privacy")
    visitor.accept()
    visitor.wait_until("self.ran")
    with another_notice(place.site):
        visitor.page.evaluate("ConsentWidget.withdraw()")
        visitor.wait_until("!self.ran && self.ConsentWidget?.open")
        assert not visitor.page.evaluate(GRANTED)
        assert actions(place.site) == ["accept_all", "withdraw_all"]
        assert place.site.records()[1].notice == sold().digest


def test_a_withdrawal_before_a_later_grant_holds_for_a_new_notice_too(place: Place, visit: MakeVisitor) -> None:
    visitor = at(place, visit, TALLY + FILM)
    line = withdrawing(visitor)
    visitor.placeholder.locator("button").nth(1).click()
    visitor.expect_status("unsaved")
    with another_notice(place.site):
        line.recover()
        visitor.page.evaluate(ONLINE)
        expect(visitor.centre).to_be_visible()  # the grant is asked again
        assert (visitor.page.evaluate(GRANTED), visitor.ran()) == (False, [])
        assert actions(place.site) == ["accept_all", "withdraw_all"]


def test_without_locks_a_slow_grant_does_not_overtake_the_refusal_after_it(place: Place, visit: MakeVisitor) -> None:
    visitor = visit(place.site, faults=True)
    visitor.page.add_init_script("delete Navigator.prototype.locks")
    visitor.page.goto(place.serve(HEAD + "WIDGET<body>" + TALLY))
    with first_post_held(place.site) as held:
        visitor.page.locator(".cw-layer #cw-accept-all").click()
        assert held.arrived.wait(PATIENCE / 1000)
        visitor.page.evaluate("ConsentWidget.reject()")
        held.let_go.set()
        visitor.expect_saved()

    assert actions(place.site) == ["accept_all", "reject_all"]
    assert (visitor.page.evaluate(GRANTED), visitor.ran()) == (False, [])


def test_a_late_response_to_a_page_that_was_left_undoes_nothing(place: Place, visit: MakeVisitor) -> None:
    visitor = at(place, visit)
    with first_post_held(place.site) as held:
        visitor.page.locator(".cw-layer #cw-accept-all").click()
        assert held.arrived.wait(PATIENCE / 1000)
        visitor.page.reload()
        visitor.wait_until("self.ran")
        visitor.open_centre().press_in_centre("reject_all")
        visitor.wait_until("!self.ran && self.ConsentWidget?.open")
        held.let_go.set()
        assert held.answered.wait(PATIENCE / 1000)
        visitor.rest()  # the browser has taken the answer
        visitor.page.reload()
        visitor.wait_until("self.ConsentWidget?.open")

    assert actions(place.site) == ["accept_all", "reject_all"]
    assert (visitor.page.evaluate(GRANTED), visitor.ran()) == (False, [])


def test_choices_stay_in_order_where_the_clock_goes_back(place: Place, visit: MakeVisitor) -> None:
    visitor = at(place, visit)
    visitor.wait_until("self.ConsentWidget?.open")
    visitor.context.set_offline(True)
    visitor.page.locator(".cw-layer #cw-accept-all").click()
    visitor.expect_status("unsaved")
    visitor.page.evaluate("() => { const now = Date.now; Date.now = () => now() - 3000 }")
    visitor.page.evaluate("ConsentWidget.reject()")
    visitor.context.set_offline(False)
    visitor.expect_saved()

    assert actions(place.site) == ["accept_all", "reject_all"]
    assert not visitor.page.evaluate(GRANTED)


def test_a_frame_that_is_put_back_after_a_withdrawal_is_shut(place: Place, visit: MakeVisitor) -> None:
    visitor = at(place, visit, FILM)
    visitor.accept()
    visitor.page.evaluate("(self.kept = document.querySelector('iframe[data-consent]')).remove()")
    visitor.rest()
    visitor.page.evaluate("ConsentWidget.withdraw()")
    visitor.expect_saved()
    place.vendors.asked.clear()
    visitor.page.evaluate("document.body.append(kept)")
    expect(visitor.placeholder).to_be_visible()

    assert place.vendors.asked == []


def test_a_script_removed_before_its_turn_does_not_block_the_others(place: Place, visit: MakeVisitor) -> None:
    gated = '<script type="text/plain" data-consent="data_analytics" src="VENDORS/{}"></script>'
    visitor = at(
        place,
        visit,
        gated.format("slow.js?after=0.6") + f"<i id=route>{gated.format('gone.js')}</i>" + gated.format("last.js"),
    )
    visitor.accept()
    visitor.page.evaluate("document.querySelector('#route').remove()")
    visitor.wait_until("self.ran?.includes('last')")

    assert visitor.ran() == ["slow", "last"]


@pytest.mark.parametrize("body", ["<html>Busy</html>", "{}"])
@pytest.mark.parametrize("when", ["60", "Wed, 25 Nov 2099 12:00:00 GMT", "never"])
def test_a_failing_server_is_not_flooded_with_retries(place: Place, visit: MakeVisitor, when: str, body: str) -> None:
    visitor, asked = at(place, visit), []
    answer = answering(503, body, Retry_After=when)
    visitor.context.route("**/consent/records", lambda route: (asked.append(1), answer(route)))
    visitor.page.locator(".cw-layer #cw-reject-all").click()
    visitor.page.wait_for_timeout(1_500)

    assert len(asked) <= (1 if when == "60" else 6)


def test_the_widget_sets_no_handler_property_that_a_page_could_call(place: Place, visit: MakeVisitor) -> None:
    visitor = at(place, visit, FILM)
    expect(visitor.placeholder).to_be_visible()
    handlers = visitor.page.evaluate(
        """() => {
          ConsentWidget.ask('event_eligibility');
          const roots = [...document.querySelectorAll('*')].flatMap((each) => each.shadowRoot || []);
          const all = roots.flatMap((root) => [...root.querySelectorAll('*')]);
          return all.filter((each) => each.onclick || each.onsubmit || each.onpointerdown || each.onkeydown).length;
        }"""
    )
    expect(visitor.page.locator("dialog .cw-ask")).to_be_visible()

    assert handlers == 0


def test_inside_a_page_of_another_site_a_placeholder_does_not_load_even_once(place: Place, visit: MakeVisitor) -> None:
    visitor, url = visit(place.site, faults=True), place.serve(HEAD + "WIDGET<body>" + FILM)
    other = Flask("other")
    other.add_url_rule("/", "page", lambda: f"<iframe width=900 height=700 src='{url}'></iframe>")
    with live(other, "127.0.0.1" if "localhost" in url else "localhost") as framing:
        visitor.page.goto(framing)
        frame = visitor.page.frame_locator("iframe").first
        frame.locator(".cw-blocked button").first.click()
        expect(frame.locator(".cw-toast")).to_contain_text("agreeing does not count")

    assert place.vendors.asked == []


def test_what_the_visitor_cleared_is_not_remembered_by_an_open_tab(place: Place, visit: MakeVisitor) -> None:
    visitor = at(place, visit)
    visitor.accept()
    visitor.context.clear_cookies()
    visitor.page.evaluate("localStorage.clear()")
    visitor.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    assert not visitor.page.evaluate(GRANTED)
