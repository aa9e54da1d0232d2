"""Gated tags stay inert until the server has acknowledged the grant. Then they run as they would without the widget."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Route, expect

from consent_widget.notice.model import Notice
from consent_widget.site.start import make_site
from consent_widget.text import Text

from .conftest import MakeVisitor
from .servers import Site, tag
from .visitor import Visitor

RAN = "window.ran.push"


def shown(site: Site, body: str) -> None:
    site.body = "<script nonce=NONCE>window.ran = []</script>" + body.replace("{v}", site.vendors.url)


def test_gated_scripts_run_in_document_order_once_granted(site: Site, visit: MakeVisitor) -> None:
    gated = 'type="text/plain" data-consent="data_analytics"'
    shown(
        site,
        f"""<script {gated} data-consent-service="tally" src="{{v}}/slow.js?after=0.4"></script>
        <script {gated}>{RAN}("inline")</script>
        <script {gated} data-type="module" src="{{v}}/module.js"></script>
        <script {gated} src="{{v}}/missing/gone.js"></script>
        <script {gated} src="{{v}}/async.js" async></script>
        <script {gated} data-consent-service="nobody" src="{{v}}/unknown.js"></script>
        <script type="text/plain" data-consent="no_such_purpose" src="{{v}}/nothing.js"></script>
        <script type="text/plain" data-consent="data_analytics partner_sharing" src="{{v}}/both.js"></script>
        <script {gated}>{RAN}("last")</script>""",
    )
    visitor = visit(site, faults=True).go().accept()
    visitor.wait_until("ran.includes('last') && ran.includes('async')")
    assert [name for name in visitor.ran() if name != "async"] == ["slow", "inline", "module", "last"]
    assert not {"unknown", "nothing", "both"} & set(site.vendors.asked)


def test_gated_scripts_keep_nonce_integrity_and_handlers(make_site: Callable[..., Site], visit: MakeVisitor) -> None:
    site = make_site(strict="nonce")
    digest = base64.b64encode(hashlib.sha384(tag("exact").encode()).digest()).decode()
    gated = 'type="text/plain" data-consent="data_analytics" nonce=NONCE'
    shown(
        site,
        f"""<script {gated} src="{{v}}/exact.js" integrity="sha384-{digest}" crossorigin></script>
        <script {gated} src="{{v}}/altered.js" integrity="sha384-{digest}" crossorigin></script>
        <script {gated}>{RAN}("inline")</script>""",
    )
    visitor = visit(site, faults=True).go().accept()
    visitor.wait_until("ran.includes('inline')")
    assert visitor.ran() == ["exact", "inline"]


def test_a_tags_own_load_handler_is_called(site: Site, visit: MakeVisitor) -> None:
    shown(
        site,
        f"""<script type="text/plain" data-consent="data_analytics" src="{{v}}/tally.js" onload='{RAN}("handler")'></script>
        <script type="text/plain" data-consent="data_analytics">{RAN}("next")</script>""",
    )
    visitor = visit(site).go().accept()
    visitor.wait_until("ran.includes('next')")
    assert visitor.ran() == ["tally", "handler", "next"]


def test_a_template_comes_to_life_with_its_scripts_in_order(site: Site, visit: MakeVisitor) -> None:
    shown(
        site,
        f"""<template data-consent="data_analytics"><p id="inside">Recommended</p>
        <script src="{{v}}/first.js?after=0.3"></script><script>{RAN}("second")</script>
        <script type="module">{RAN}("third")</script><script type="application/json" id="data">{{"a": 1}}</script>
        </template>""",
    )
    visitor = visit(site).go()
    expect(visitor.page.locator("#inside")).to_have_count(0)
    visitor.accept()
    expect(visitor.page.locator("#inside")).to_be_visible()
    visitor.wait_until("ran.includes('third')")
    assert visitor.ran() == ["first", "second", "third"]
    assert visitor.page.locator("#data").get_attribute("type") == "application/json"


FRAME = """<iframe title="film" width="480" height="270" data-consent="targeted_advertising" data-consent-service="reel"
    data-src="{v}/reel.html"></iframe>"""
plays = "reel plays."


@pytest.mark.parametrize(("locale", "vendor"), [("en", "Reel"), ("zh-CN", "瑞尔视频")])
def test_a_placeholder_names_the_vendor_and_can_load_once(
    site: Site, visit: MakeVisitor, locale: str, vendor: str
) -> None:
    shown(site, FRAME)
    visitor = visit(site, locale).go()
    expect(visitor.placeholder).to_contain_text(vendor)
    assert visitor.placeholder.evaluate("(box) => box.offsetHeight") >= 270
    expect(visitor.page.locator("iframe")).to_be_hidden()
    visitor.placeholder.locator("button").first.click()
    expect(visitor.page.frame_locator("iframe").locator("body")).to_contain_text(plays)
    expect(visitor.placeholder).to_have_count(0)
    assert (site.records(), visitor.cookies(), site.vendors.asked) == ([], {}, ["reel"])
    visitor.go()
    expect(visitor.placeholder).to_be_visible()


def test_always_loading_is_recorded_and_remembered(site: Site, visit: MakeVisitor) -> None:
    shown(site, FRAME)
    visitor = visit(site).go()
    visitor.placeholder.locator("button").last.click()
    visitor.expect_saved()
    expect(visitor.page.frame_locator("iframe").locator("body")).to_contain_text(plays)
    record = visitor.record()
    assert (record.action, record.surface, record.purposes) == (
        "allow",
        "placeholder",
        {"targeted_advertising@reel": True},
    )
    expect(visitor.layer).to_be_visible()  # all the rest is still to be asked
    visitor.go()
    expect(visitor.page.frame_locator("iframe").locator("body")).to_contain_text(plays)
    visitor.page.locator("#cw-reject-all").click()
    expect(visitor.placeholder).to_be_visible()  # no reload is needed to end a frame
    assert [frame.url for frame in visitor.page.frames[1:]] == ["about:blank"]


def test_content_from_abroad_waits_for_consent_by_name_and_its_placeholder_only_leads_there(
    site: Site, visit: MakeVisitor
) -> None:
    shown(
        site,
        """<iframe title="pixel" data-consent="partner_sharing" data-consent-service="acme_pixel"
        data-src="{v}/acme.html"></iframe>""",
    )
    visitor = visit(site).go().accept()
    button = visitor.placeholder.locator("button")
    expect(button).to_have_text("Privacy settings")
    assert site.vendors.asked == []
    button.click()
    visitor.set_switches("partner_sharing:acme").press_in_centre("save").expect_saved()
    expect(visitor.page.frame_locator("iframe").locator("body")).to_contain_text("acme plays.")
    assert [each.purposes.get("partner_sharing:acme") for each in site.records()] == [None, True]


def test_an_unknown_service_and_an_odd_address_stay_shut_and_break_nothing(site: Site, visit: MakeVisitor) -> None:
    shown(
        site,
        """<iframe title="a" data-consent="data_analytics" data-consent-service="nobody" data-src="{v}/a.html"></iframe>
        <iframe title="b" data-consent="data_analytics" data-consent-service="nobody" data-src="http://"></iframe>
        <iframe title="c" data-consent="" data-src="{v}/c.html"></iframe>""",
    )
    visitor = visit(site).go()
    expect(visitor.placeholder).to_have_count(3)
    visitor.accept()
    expect(visitor.placeholder).to_have_count(3)
    assert site.vendors.asked == []


TALLY = '<script type="text/plain" data-consent="data_analytics" src="{v}/tally.js"></script>'


def test_gates_open_only_when_the_server_has_acknowledged(site: Site, visit: MakeVisitor) -> None:
    shown(site, TALLY)
    visitor = visit(site).go()
    held: list[Route] = []
    visitor.page.route("**/consent/records", lambda route: held.append(route))
    with visitor.page.expect_request("**/consent/records"):
        visitor.page.locator("#cw-accept-all").click()
    assert not visitor.page.evaluate("ConsentWidget.granted('data_analytics')")
    assert (site.vendors.asked, visitor.ran(), visitor.cookies()) == ([], [], {})
    held[0].continue_()
    visitor.expect_saved().wait_until("ran.includes('tally')")
    assert visitor.page.evaluate("ConsentWidget.granted('data_analytics')")


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_while_the_store_is_away_it_says_so_and_saves_later_exactly_once(
    site: Site, visit: MakeVisitor, locale: str
) -> None:
    shown(site, TALLY)
    visitor = visit(site, locale, faults=True).go()
    site.store.away = True
    visitor.open_centre().press_in_centre("accept_all").expect_status("unsaved", locale)
    expect(visitor.status).to_be_visible()
    assert visitor.status.evaluate("(status) => !status.closest('[inert]') && !document.querySelector('dialog[open]')")
    assert (visitor.cookies(), site.vendors.asked, site.records()) == ({}, [], [])
    site.store.away = False
    visitor.page.evaluate("dispatchEvent(new Event('online')); dispatchEvent(new Event('online'))")
    visitor.expect_saved().wait_until("ran.includes('tally')")
    assert visitor.record().action == "accept_all"
    assert visitor.stored_keys() == ["tally", "tally"]


def _offline(visitor: Visitor) -> None:
    visitor.page.route("**/consent/records", lambda route: route.abort())


def test_a_refusal_made_offline_is_obeyed_at_once_and_sent_later(site: Site, visit: MakeVisitor) -> None:
    shown(site, TALLY)
    visitor = visit(site, faults=True).go()
    _offline(visitor)
    visitor.page.locator("#cw-reject-all").click()
    visitor.expect_status("unsaved")
    expect(visitor.layer).to_have_count(0)
    visitor.go("/two")
    visitor.expect_status("unsaved")
    expect(visitor.layer).to_be_hidden()
    assert (visitor.cookies(), site.records()) == ({}, [])
    visitor.page.unroute("**/consent/records")
    visitor.go().expect_saved()
    assert visitor.record().action == "reject_all"
    assert (visitor.stored_keys(), site.vendors.asked) == ([], [])


def test_a_withdrawal_made_offline_holds_on_the_next_page_too(site: Site, visit: MakeVisitor) -> None:
    shown(site, TALLY)
    visitor = visit(site, faults=True).go().accept()
    visitor.wait_until("ran.includes('tally')")
    site.vendors.asked.clear()
    _offline(visitor)
    visitor.page.evaluate("window.before = true")
    visitor.open_centre().press_in_centre("reject_all").expect_status("reloads")
    visitor.wait_until("!window.before && window.ConsentWidget")
    visitor.expect_status("unsaved")
    assert (visitor.ran(), site.vendors.asked) == ([], [])
    visitor.page.unroute("**/consent/records")
    visitor.go("/two").expect_saved()
    assert [record.action for record in site.records()] == ["accept_all", "reject_all"]
    assert site.vendors.asked == []


def test_a_later_refusal_beats_a_grant_that_was_still_on_its_way(site: Site, visit: MakeVisitor) -> None:
    shown(site, TALLY)
    visitor = visit(site).go()
    held: list[Route] = []
    visitor.page.route("**/consent/records", lambda route: route.continue_() if held else held.append(route))
    with visitor.page.expect_request("**/consent/records"):
        visitor.page.locator("#cw-accept-all").click()
    visitor.page.evaluate("ConsentWidget.reject()")
    held[0].continue_()
    visitor.expect_saved()
    assert [record.action for record in site.records()] == ["accept_all", "reject_all"]
    assert (site.vendors.asked, visitor.ran()) == ([], [])


@pytest.fixture
def revised(site: Site) -> Iterator[Callable[[], Notice]]:
    """Publishes a notice of another controller in which data analytics means something else, while pages are open."""
    before = site.app.extensions["consent_widget"]

    def publish() -> Notice:
        purposes = tuple(
            replace(purpose, revision=2) if purpose.id == "data_analytics" else purpose
            for purpose in before.notice.purposes
        )
        controller = replace(before.notice.controller, name=Text({"en": "Another Shop", "zh-CN": "另一家商店"}))
        notice = replace(before.notice, purposes=purposes, controller=controller)
        after = make_site(site.app, replace(before.settings, notice=notice))
        site.app.extensions["consent_widget"] = after
        return notice

    yield publish
    site.app.extensions["consent_widget"] = before


def test_a_grant_under_a_notice_that_changed_meanwhile_is_asked_again(
    site: Site, visit: MakeVisitor, revised: Callable[[], Notice]
) -> None:
    visitor = visit(site, faults=True).go()
    notice = revised()
    visitor.page.locator("#cw-accept-all").click()
    expect(visitor.centre).to_be_visible()
    assert (visitor.cookies(), visitor.stored_keys(), site.records()) == ({}, [], [])
    visitor.press_in_centre("accept_all").expect_saved()
    assert visitor.record().notice == notice.digest


def test_a_refusal_under_a_notice_that_changed_meanwhile_holds_for_the_new_one(
    site: Site, visit: MakeVisitor, revised: Callable[[], Notice]
) -> None:
    visitor = visit(site, faults=True).go().accept()
    visitor.go()
    notice = revised()
    visitor.open_centre().press_in_centre("reject_all").expect_saved()
    last = site.records()[-1]
    assert (last.action, last.notice, any(last.purposes.values())) == ("reject_all", notice.digest, False)
    asked = {key for key, option in notice.options.items() if not option.for_guardian}
    assert visitor.granted_by_server() & asked == set()


PICTURES = """<template data-consent="data_analytics"><img id=picture alt="" data-src="{v}/picture">
  <img id=set alt="" data-srcset="{v}/set 1x"><video id=video data-poster="{v}/poster"></video>
  <iframe id=bad title=bad data-src="javascript:void(self.ran=['bad'])"></iframe></template>
<template data-consent="marketing_measurement"><img alt="" data-src="{v}/other"></template>"""


def test_addresses_in_a_template_wait_until_it_opens(site: Site, visit: MakeVisitor) -> None:
    shown(site, PICTURES.format(v=site.vendors.url))
    visitor = visit(site, faults=True).go()
    visitor.open_centre().set_switches("data_analytics").press_in_centre("save").expect_saved()

    for element, name in (("picture", "src"), ("set", "srcset"), ("video", "poster")):
        expect(visitor.page.locator(f"#{element}")).to_have_attribute(name, re.compile(rf"^{site.vendors.url}/"))
    expect(visitor.page.locator("#bad")).not_to_have_attribute("src", re.compile("."))
    assert visitor.page.locator("[src$='/other']").count() == 0
    expect(visitor.page.locator("template[data-consent]")).to_have_count(2)  # both as they were written


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ('<img alt="" src="{v}/picture">', 1),
        ('<link rel="stylesheet" href="{v}/sheet">', 1),
        (
            '<img alt="" data-src="{v}/picture"><script type="text/plain" data-consent="data_analytics" src="{v}/a.js"></script>',
            0,
        ),
    ],
)
def test_a_template_that_firefox_fetches_from_is_named_once(
    site: Site, visit: MakeVisitor, content: str, named: int
) -> None:
    shown(site, f'<template data-consent="data_analytics">{content.format(v=site.vendors.url)}</template>')
    visitor = visit(site)
    warnings: list[str] = []
    visitor.page.on("console", lambda message: warnings.append(message.text) if message.type == "warning" else None)
    visitor.go()
    expect(visitor.layer).to_be_visible()
    visitor.page.evaluate("document.body.append('changed')")
    visitor.rest()

    assert len([text for text in warnings if "Firefox fetches this before consent" in text]) == named
