"""My choices on a page of another site: seen, proved, withdrawn, taken along and erased, without leaving the page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from ..support.strict_tag import POLICY
from .conftest import MakeSite, MakeVisitor
from .servers import Site, Static
from .test_accessible import every, sound
from .test_choosing import ALWAYS, SEVEN
from .test_without_script import both
from .visitor import PATIENCE, Visitor

PAGE = """<!doctype html><html lang={locale}><meta charset=utf-8><title>A page</title>
<meta name=viewport content="width=device-width, initial-scale=1">
<style nonce=page>:root {{ color-scheme: light dark }} a {{ color: inherit }}</style>
<script async src="{source}" nonce=page></script>
<body><main><h1>A page</h1><p><a id=own href="{choices}">My choices</a></p></main>"""
ALL = sorted(ALWAYS | SEVEN)


@pytest.fixture
def site(make_site: MakeSite, static: Static) -> Site:
    return make_site(CONSENT_ORIGINS=[static.url])


def arrive(
    site: Site, static: Static, visit: MakeVisitor, locale: str = "en", *, home: str = "", **options: Any
) -> Visitor:
    """A visitor of a page on another origin, whose policy lets it reach the service's scripts and data, and no more."""
    prefix = f"{site.url}/consent/"
    static.page = PAGE.format(locale=locale, source=f"{prefix}widget.js", choices=f"{prefix}choices")
    static.headers = {"Content-Security-Policy": POLICY.format(prefix=prefix)}
    visitor = visit(site, locale, reduced_motion="reduce", **options)
    visitor.page.goto(home or static.url)
    return visitor


def open_choices(visitor: Visitor) -> Locator:
    visitor.open_centre().centre.locator("a[href*='/choices?']").click()
    return shown(visitor)


def shown(visitor: Visitor) -> Locator:
    dialog = visitor.page.locator("dialog", has=visitor.page.locator(".cw-mine")).last
    expect(dialog).to_be_visible()
    return dialog


def granted(visitor: Visitor) -> set[str]:
    visitor.wait_until("window.ConsentWidget?.on")
    return visitor.granted_by_script(ALL)


def until_granted(page: Page) -> None:
    """Wait until analytics is granted. Looks by itself: the page's policy lets Playwright's own wait evaluate nothing."""
    until = monotonic() + PATIENCE / 1000
    while not page.evaluate("window.ConsentWidget?.granted?.('data_analytics')"):
        assert monotonic() < until, "never granted"
        page.wait_for_timeout(30)


def erase(visitor: Visitor) -> None:
    shown(visitor).locator("a[href*=erase]").click()
    shown(visitor).locator("[value=erase]").click()


@both
def test_a_visitor_of_another_site_sees_withdraws_exports_and_erases_their_choices(
    site: Site, static: Static, visit: MakeVisitor, locale: str, other: str
) -> None:
    visitor = arrive(site, static, visit, locale)
    requests: list[Request] = []
    visitor.page.on("request", lambda request: requests.append(request))
    visitor.accept()
    choices = open_choices(visitor)
    expect(choices.locator("li [value=refuse]")).to_have_count(len(SEVEN))
    token = visitor.cookies()["cw"]
    assert static.url in visitor.page.url

    choices.locator("a[href*=records]").click()
    receipt = shown(visitor)
    expect(receipt).to_contain_text(site.records()[0].id)
    with visitor.page.expect_download() as taken:
        receipt.locator("a[download]").click()
    assert json.loads(Path(taken.value.path()).read_text("utf-8"))["withdraw_at"] == f"{static.url}/"
    receipt.locator("a[href*='/choices?']").click()
    expect(receipt.locator(".cw-receipt")).to_have_count(0)

    choices.locator("li [value=refuse]").first.click()
    expect(choices.locator("li [value=refuse]")).to_have_count(len(SEVEN) - 1)
    expect(choices.locator("a[href*=records]")).to_have_count(2)
    assert len(granted(visitor) - ALWAYS) == len(SEVEN) - 1
    with visitor.page.expect_download() as taken:
        choices.locator("a[download]").click()
    export = json.loads(Path(taken.value.path()).read_text("utf-8"))
    assert [each["action"] for each in export["choices"]] == ["accept_all", "refuse"]
    assert taken.value.suggested_filename == "my-choices.json"

    erase(visitor)
    expect(visitor.status).to_contain_text(re.compile("is erased|已删除"))
    expect(visitor.layer).to_be_visible()
    assert (granted(visitor), site.records(), visitor.cookies(), visitor.stored_keys()) == (ALWAYS, [], {}, [])

    told = [request.url + json.dumps(request.headers) for request in requests]
    assert token not in "".join(told)
    assert token.split(".")[1] not in "".join(told)
    assert {request.method for request in requests if "choices" in request.url} == {"POST"}


def test_what_was_erased_does_not_come_back_offline_or_in_another_tab(
    site: Site, static: Static, visit: MakeVisitor
) -> None:
    visitor = arrive(site, static, visit).accept()
    other = visitor.context.new_page()
    other.goto(static.url)
    until_granted(other)
    open_choices(visitor)
    erase(visitor)
    expect(visitor.layer).to_be_visible()
    expect(other.locator(".cw-layer")).to_be_visible()
    assert not other.evaluate("ConsentWidget.granted('data_analytics')")
    site.unreachable = True
    visitor.faults.clear()
    other.goto(f"{static.url}/two")
    assert other.evaluate("[localStorage.length, document.cookie]") == [0, ""]


def test_what_was_erased_on_one_host_of_a_domain_is_granted_on_none(
    make_site: MakeSite, static: Static, visit: MakeVisitor
) -> None:
    port = urlsplit(static.url).port
    one, two = (f"http://{name}.site.localhost:{port}" for name in ("one", "two"))
    site = make_site(CONSENT_ORIGINS=[one, two], CONSENT_COOKIE_DOMAIN="site.localhost")
    visitor = arrive(site, static, visit, home=one).accept()
    there, later = visitor.context.new_page(), visitor.context.new_page()
    for page in (there, later):  # each host has a copy in its storage from now on
        page.goto(two)
        until_granted(page)
    later.goto("about:blank")
    open_choices(visitor)
    erase(visitor)
    expect(visitor.layer).to_be_visible()
    there.evaluate("dispatchEvent(new Event('focus'))")
    expect(there.locator(".cw-layer")).to_be_visible()
    assert not there.evaluate("ConsentWidget.granted('data_analytics')")
    there.close()
    later.goto(f"{two}/two")
    expect(later.locator(".cw-layer")).to_be_visible()
    assert not later.evaluate("ConsentWidget.granted('data_analytics')")


def test_a_lost_cookie_of_a_domain_is_written_again_once_the_server_has_found_the_records(
    make_site: MakeSite, static: Static, visit: MakeVisitor
) -> None:
    home = f"http://one.site.localhost:{urlsplit(static.url).port}"
    site = make_site(CONSENT_ORIGINS=[home], CONSENT_COOKIE_DOMAIN="site.localhost")
    visitor = arrive(site, static, visit, home=home, faults=True).accept()
    token = visitor.cookies()["cw"]
    visitor.context.clear_cookies()
    site.unreachable = True
    visitor.page.goto(f"{home}/two")
    assert not visitor.page.evaluate("window.ConsentWidget?.granted?.('data_analytics')")
    site.unreachable = False
    visitor.page.goto(f"{home}/three")
    until_granted(visitor.page)
    expect(visitor.layer).to_have_count(0)
    assert (visitor.cookies()["cw"], visitor.stored_keys()) == (token, ["cw"])


def test_a_copy_from_before_a_withdrawal_grants_nothing_once_the_cookie_is_lost(
    make_site: MakeSite, static: Static, visit: MakeVisitor
) -> None:
    port = urlsplit(static.url).port
    one, two = (f"http://{name}.site.localhost:{port}" for name in ("one", "two"))
    site = make_site(CONSENT_ORIGINS=[one, two], CONSENT_COOKIE_DOMAIN="site.localhost")
    visitor = arrive(site, static, visit, home=one).accept()
    visitor.page.goto(two)
    until_granted(visitor.page)
    granted = visitor.page.evaluate("document.cookie")
    visitor.page.evaluate("ConsentWidget.withdraw()")
    visitor.page.wait_for_function("granted => document.cookie && document.cookie != granted", arg=granted)
    withdrawn = visitor.cookies()["cw"]
    visitor.context.clear_cookies()
    with visitor.page.expect_response("**/choices/carried"):
        visitor.page.goto(f"{one}/two")
    visitor.wait_until("document.cookie")
    assert visitor.cookies()["cw"] == withdrawn
    assert not visitor.page.evaluate("ConsentWidget.granted('data_analytics')")


def test_a_link_in_the_page_opens_them_there_also_before_a_choice(
    site: Site, static: Static, visit: MakeVisitor
) -> None:
    visitor = arrive(site, static, visit)
    visitor.wait_until("window.ConsentWidget?.on")
    visitor.page.locator("#own").click()
    expect(shown(visitor)).to_contain_text("You have not made a choice yet")
    shown(visitor).get_by_role("link", name="Privacy settings").click()
    expect(visitor.centre).to_be_visible()
    expect(visitor.page.locator(".cw-mine")).to_have_count(0)
    assert static.url in visitor.page.url


def test_a_link_to_the_opt_out_leads_to_its_button_in_the_page(site: Site, static: Static, visit: MakeVisitor) -> None:
    visitor = arrive(site, static, visit).accept()
    static.page = static.page.replace("/choices>", "/do-not-share>").replace('/choices"', '/do-not-share"')
    visitor.page.reload()
    visitor.wait_until("window.ConsentWidget?.on")
    visitor.page.locator("#own").click()
    expect(visitor.centre.get_by_role("button", name="Do not sell or share")).to_be_focused()
    visitor.page.keyboard.press("Enter")
    visitor.expect_saved()
    assert (site.records()[-1].action, static.url in visitor.page.url) == ("opt_out", True)
    assert not visitor.granted_by_script(["targeted_advertising"]) - {"data_analytics"}


def test_a_message_that_comes_and_goes_moves_nothing_under_the_pointer(
    site: Site, static: Static, visit: MakeVisitor
) -> None:
    dialog = open_choices(arrive(site, static, visit, viewport={"width": 1000, "height": 420}).accept())
    message, body = dialog.locator(":scope > .cw-toast"), dialog.locator(".cw-body")
    expect(message).to_be_empty(timeout=PATIENCE)
    before = body.bounding_box()
    dialog.locator("li [value=refuse]").first.click()
    expect(message).not_to_be_empty()
    expect(message).to_be_visible()
    assert body.bounding_box() == before
    expect(message).to_be_empty(timeout=PATIENCE)
    assert body.bounding_box() == before


def test_they_change_their_language_and_stay_open(site: Site, static: Static, visit: MakeVisitor) -> None:
    visitor = arrive(site, static, visit).accept()
    open_choices(visitor)
    visitor.set_language("zh-CN")
    expect(shown(visitor).get_by_role("heading", name="我的选择")).to_be_visible()
    expect(visitor.page.locator("dialog[open]")).to_have_count(2)


def test_a_choice_that_the_server_cannot_verify_is_named_as_such_and_left_alone(
    site: Site, static: Static, visit: MakeVisitor
) -> None:
    visitor = arrive(site, static, visit).accept()
    visitor.page.evaluate(
        "localStorage.cw = localStorage.cw.slice(0, -9) + 'AAAAAAAAA'; document.cookie = 'cw=' + localStorage.cw"
    )
    stored = visitor.page.evaluate("localStorage.cw")
    visitor.page.reload()
    visitor.wait_until("window.ConsentWidget?.on")
    visitor.page.locator("#own").click()
    expect(shown(visitor)).to_contain_text("cannot be verified here")
    expect(shown(visitor).locator("a[href*=erase], a[download]")).to_have_count(0)
    assert visitor.page.evaluate("localStorage.cw") == stored


def test_while_the_server_is_away_the_visitor_is_told_and_a_withdrawal_counts(
    site: Site, static: Static, visit: MakeVisitor
) -> None:
    visitor = arrive(site, static, visit, faults=True).accept()
    choices = open_choices(visitor)
    site.unreachable = True
    choices.locator("li [value=refuse]").first.click()
    expect(choices.locator("li [value=refuse]")).to_have_count(len(SEVEN) - 1)
    assert len(granted(visitor) - ALWAYS) == len(SEVEN) - 1
    visitor.page.keyboard.press("Escape")
    visitor.page.keyboard.press("Escape")
    visitor.page.locator("#own").click()
    expect(visitor.status).to_contain_text("cannot be loaded just now")


def test_a_script_erases_nothing(site: Site, static: Static, visit: MakeVisitor) -> None:
    visitor = arrive(site, static, visit).accept()
    open_choices(visitor).locator("a[href*=erase]").click()
    shown(visitor).locator("[value=erase]").evaluate("(button) => button.click()")
    shown(visitor).locator("a.cw-button").click()
    expect(visitor.page.locator("[value=erase]")).to_have_count(0)
    assert len(site.records()) == 1


def test_inside_a_page_of_another_site_nothing_is_erased(site: Site, static: Static, visit: MakeVisitor) -> None:
    visitor = arrive(site, static, visit, faults=True)
    site.page = f"<!doctype html><html lang=en><title>Another</title><iframe id=frame width=900 height=700 src='{static.url}'></iframe>"
    visitor.page.goto(site.url)
    frame = visitor.page.frame_locator("#frame")
    frame.locator("#cw-reject-all").click()
    expect(frame.locator("[role=status].cw-toast")).to_have_text("Your choices are saved.")
    frame.locator("#own").click()
    frame.locator(".cw-mine a[href*=erase]").click()
    expect(frame.get_by_text("Inside a page of another site nothing is erased")).to_be_visible()
    expect(frame.locator("[value=erase]")).to_be_hidden()
    assert len(site.records()) == 1


def test_a_child_is_addressed_as_one_and_stays_one_after_an_erasure(
    make_site: MakeSite, static: Static, visit: MakeVisitor
) -> None:
    site = make_site(CONSENT_ORIGINS=[static.url], CONSENT_AGE={"ask": True})
    visitor = arrive(site, static, visit, "zh-CN")
    visitor.layer.locator("[value=age_child]").click()
    expect(visitor.layer.locator("[value=age_child]")).to_have_count(0)
    visitor.layer.locator("[value=reject_all]").click()
    visitor.expect_saved()
    visitor.page.locator("#own").click()
    expect(shown(visitor)).to_contain_text("家长没有开启的用途")
    shown(visitor).locator("a[href*=erase]").click()
    expect(shown(visitor)).to_contain_text("你")
    assert "您" not in shown(visitor).inner_text()
    shown(visitor).locator("[value=erase]").click()
    expect(visitor.status).to_contain_text("已删除")
    assert visitor.cookies()["cw"].startswith("1c.")
    assert site.records() == []


@every
def test_axe_finds_nothing_in_them_and_they_fit_a_narrow_screen(
    site: Site, static: Static, visit: MakeVisitor, locale: str, scheme: str
) -> None:
    visitor = arrive(
        site, static, visit, locale, color_scheme=scheme, viewport={"width": 320, "height": 640}, bypass_csp=True
    )
    visitor.accept()
    choices = open_choices(visitor)
    sound(visitor, scheme)
    for link in ("a[href*=records]", "a[href*=erase]"):
        choices.locator(link).first.click()
        visitor.unfold()
        sound(visitor, scheme)
        wide = "[...document.querySelector('consent-widget').shadowRoot.querySelectorAll('.cw-body')].some((each) => each.scrollWidth > each.clientWidth)"
        assert not visitor.page.evaluate(wide)
        visitor.page.keyboard.press("Escape")
