"""A choice is signed, kept and sent, whatever the connection, and only a genuine one counts."""

from __future__ import annotations

import pytest

from ..browser.conftest import MakeSite
from ..browser.servers import Static
from ..browser.test_choosing import ALWAYS, SEVEN
from ..browser.test_trust import FORGED, GENUINE, on_record
from .conftest import MakeVisitor, elsewhere
from .driver import wait_for
from .visitor import Visitor

INLINE = '<script type="text/plain" data-consent="data_analytics">window.ran = ["inline"]</script>'
PAGE = (
    '<!doctype html><html lang=en><meta charset=utf-8><title>A page</title><script async src="{source}"></script><body>'
)
ALL = sorted(ALWAYS | SEVEN)


@pytest.fixture(params=["embedded", "tag"])
def visitor(request: pytest.FixtureRequest, make_site: MakeSite, static: Static, visit: MakeVisitor) -> Visitor:
    """A visitor of a page with the widget: of the site itself, or of a static page on another origin."""
    site = make_site(CONSENT_ORIGINS=elsewhere(static))
    site.body = INLINE
    static.page, static.headers = PAGE.replace("{source}", f"{site.url}/consent/widget.js") + INLINE, {}
    visitor = visit(site, faults=True)
    visitor.home = visitor.at(static.url if request.param == "tag" else site.url)
    return visitor.go()


def test_a_choice_is_kept_in_a_signed_cookie_and_counts_on_the_next_page(visitor: Visitor) -> None:
    visitor.accept()
    record = visitor.record()
    assert (record.action, {key for key, yes in record.purposes.items() if yes}) == ("accept_all", SEVEN)
    cookie = visitor.browser.cookies()["cw"]
    assert (cookie["path"], cookie["sameSite"], cookie["httpOnly"]) == ("/", "Lax", False)
    visitor.site.asked.clear()
    visitor.go("/two")
    visitor.browser.until("window.ran && ConsentWidget.on")
    assert visitor.granted(*ALL) == ALL
    assert (visitor.browser.seen(".cw-layer"), "/consent/verify" in visitor.site.asked) == (False, False)


def test_a_refusal_counts_on_the_next_page(visitor: Visitor) -> None:
    visitor.reject().go("/two")
    visitor.browser.until("window.ConsentWidget?.on")
    assert (visitor.granted(*ALL), visitor.ran(), visitor.browser.seen(".cw-layer")) == (sorted(ALWAYS), [], False)
    assert set(visitor.record().purposes.values()) == {False}


def test_a_forged_cookie_grants_nothing_and_the_visitor_is_asked(visitor: Visitor) -> None:
    visitor.browser.set_cookie("cw", FORGED)
    visitor.go()
    visitor.browser.expect(".cw-layer")
    visitor.browser.until("window.ConsentWidget?.on")
    assert (visitor.granted(*ALL), visitor.ran()) == (sorted(ALWAYS), [])


def test_a_genuine_cookie_grants_what_it_says(visitor: Visitor) -> None:
    visitor.browser.set_cookie("cw", on_record(visitor.site, GENUINE))
    visitor.go()
    visitor.browser.until("window.ran && ConsentWidget.on")
    assert visitor.granted("data_analytics", "marketing_measurement") == ["data_analytics"]


def test_what_a_script_presses_grants_nothing(visitor: Visitor) -> None:
    visitor.browser.until("all('.cw-layer').some(seen) && window.ConsentWidget?.on")
    visitor.browser.js("find('#cw-accept-all').click()")
    visitor.browser.js(
        "find('#cw-accept-all').dispatchEvent(new MouseEvent('click', { bubbles: true, composed: true }))"
    )
    assert (visitor.records(), visitor.token(), visitor.ran()) == ([], "", [])


def test_a_grant_while_the_server_is_away_opens_nothing_and_is_sent_later_once(visitor: Visitor) -> None:
    visitor.browser.until("window.ConsentWidget?.on")
    visitor.site.unreachable = True
    visitor.press("#cw-accept-all").expect_status("unsaved")
    assert (visitor.records(), visitor.token(), visitor.ran()) == ([], "", [])
    visitor.site.unreachable = False
    visitor.go("/two").expect_status("saved")
    visitor.browser.until("window.ran")
    assert visitor.record().action == "accept_all"


def test_a_refusal_while_the_server_is_away_counts_at_once_and_is_sent_later(visitor: Visitor) -> None:
    visitor.accept()
    visitor.browser.until("window.ran")
    visitor.site.store.away = True
    visitor.browser.js("window.before = true; ConsentWidget.withdraw()")
    visitor.browser.until("!window.before && window.ConsentWidget?.on")
    assert (visitor.granted(*ALL), visitor.ran()) == (sorted(ALWAYS), [])
    visitor.expect_status("unsaved")
    visitor.site.store.away = False
    visitor.go("/two").expect_status("saved")
    assert [each.action for each in visitor.records()] == ["accept_all", "withdraw_all"]


def test_the_connection_comes_back_and_what_waits_is_sent_without_a_reload(visitor: Visitor) -> None:
    visitor.browser.until("window.ConsentWidget?.on")
    visitor.site.unreachable = True
    visitor.press("#cw-accept-all").expect_status("unsaved")
    visitor.site.unreachable = False
    visitor.browser.js("window.dispatchEvent(new window.Event('online'))")
    visitor.expect_status("saved").browser.until("window.ran")
    assert visitor.record().action == "accept_all"


def test_a_choice_pressed_just_before_leaving_is_not_lost(visitor: Visitor) -> None:
    visitor.browser.until("window.ConsentWidget?.on")
    visitor.press("#cw-accept-all")
    visitor.go("/two")
    visitor.browser.until("window.ran")
    assert visitor.record().action == "accept_all"


def test_a_page_of_an_unlisted_origin_shows_nothing(make_site: MakeSite, static: Static, visit: MakeVisitor) -> None:
    site = make_site(CONSENT_ORIGINS=elsewhere(static))
    static.page, static.headers = PAGE.replace("{source}", f"{site.url}/consent/widget.js") + INLINE, {}
    visitor = visit(site, faults=True)
    visitor.browser.go(static.url)
    wait_for(lambda: [path for path in site.asked if path.startswith("/consent/")], "the script is asked for")
    visitor.browser.until("document.readyState == 'complete'")
    assert (visitor.browser.seen(".cw-layer"), visitor.ran(), visitor.stored_keys()) == (False, [], [])
