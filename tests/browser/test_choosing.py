from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import MakeVisitor
from .servers import Site, shop
from .visitor import Visitor

PURPOSES = [purpose.id for purpose in shop().purposes]
ALWAYS = {purpose.id for purpose in shop().purposes if purpose.control == "always_on"}
SEVEN = {purpose.id for purpose in shop().purposes if purpose.in_accept_all}
TAGS = """<script type="text/plain" data-consent="data_analytics" data-consent-service="tally" src="{v}/tally.js"></script>
<script type="text/plain" data-consent="marketing_measurement" src="{v}/ads.js"></script>
<template data-consent="service_research"><script src="{v}/research.js"></script></template>
<iframe title="film" data-consent="targeted_advertising" data-consent-service="reel" data-src="{v}/reel.html"></iframe>"""

both = pytest.mark.parametrize("locale", ["en", "zh-CN"])


@pytest.fixture
def site(site: Site) -> Site:
    site.body = TAGS.replace("{v}", site.vendors.url)
    return site


def test_there_are_seven_ordinary_purposes() -> None:
    assert len(SEVEN) == 7


@both
def test_before_a_choice_nothing_is_set_sent_or_recorded(site: Site, visit: MakeVisitor, locale: str) -> None:
    visitor = visit(site, locale).go()
    visitor.page.mouse.wheel(0, 2000)
    visitor.page.keyboard.press("Escape")
    visitor.page.locator("#last").click()
    visitor.page.wait_for_url("**/three")
    visitor.go("/two")
    visitor.rest()
    expect(visitor.layer).to_be_visible()
    assert (visitor.cookies(), visitor.stored_keys(), site.vendors.asked, site.records()) == ({}, [], [], [])
    assert visitor.granted_by_script(PURPOSES) == visitor.granted_by_server() == ALWAYS


@both
def test_refusing_reaches_no_vendor(site: Site, visit: MakeVisitor, locale: str) -> None:
    visitor = visit(site, locale).go().reject()
    expect(visitor.layer).to_have_count(0)
    visitor.go("/two")
    visitor.rest()
    expect(visitor.layer).to_have_count(0)
    assert list(visitor.cookies()) == ["cw"]
    assert (visitor.stored_keys(), site.vendors.asked) == ([], [])
    assert visitor.granted_by_script(PURPOSES) == visitor.granted_by_server() == ALWAYS
    record = visitor.record()
    assert (record.action, record.surface, record.locale) == ("reject_all", "layer", locale)
    assert set(record.purposes.values()) == {False}


@both
def test_accepting_all_grants_exactly_the_seven_ordinary_purposes(site: Site, visit: MakeVisitor, locale: str) -> None:
    visitor = visit(site, locale).go().accept()
    expect(visitor.layer).to_have_count(0)
    assert visitor.granted_by_script(PURPOSES) - ALWAYS == SEVEN
    assert visitor.granted_by_server() - ALWAYS == SEVEN
    record = visitor.record()
    assert {key for key, yes in record.purposes.items() if yes} == SEVEN
    assert "partner_sharing:acme" not in record.purposes
    visitor.go("/two")
    assert visitor.granted_by_script(PURPOSES) - ALWAYS == SEVEN
    expect(visitor.layer).to_have_count(0)


@both
def test_closing_the_layer_is_a_refusal_and_is_recorded_as_closing(site: Site, visit: MakeVisitor, locale: str) -> None:
    visitor = visit(site, locale).go().close()
    assert visitor.record().action == "close"
    visitor.go("/two")
    expect(visitor.layer).to_have_count(0)
    assert visitor.granted_by_server() == ALWAYS
    assert site.vendors.asked == []


def test_escape_and_the_closing_cross_of_the_centre_change_nothing(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go().open_centre().set_switches("data_analytics")
    visitor.page.keyboard.press("Escape")
    expect(visitor.centre).to_have_count(0)
    expect(visitor.layer).to_be_visible()
    visitor.open_centre().set_switches("data_analytics")
    visitor.centre.locator(".cw-x").click()
    expect(visitor.centre).to_have_count(0)
    expect(visitor.layer).to_be_visible()
    assert (visitor.cookies(), site.records(), visitor.granted_by_script(PURPOSES)) == ({}, [], ALWAYS)


@both
def test_saving_grants_what_is_switched_on_and_nothing_else(site: Site, visit: MakeVisitor, locale: str) -> None:
    visitor = visit(site, locale).go().open_centre().set_switches("data_analytics", "partner_sharing:acme")
    visitor.press_in_centre("save").expect_saved()
    expect(visitor.centre).to_have_count(0)
    expect(visitor.layer).to_have_count(0)
    assert visitor.granted_by_script(PURPOSES) - ALWAYS == visitor.granted_by_server() - ALWAYS == {"data_analytics"}
    assert visitor.page.evaluate("ConsentWidget.granted('partner_sharing', 'acme')")
    assert visitor.record().surface == "centre"
    visitor.open_centre()
    expect(visitor.switch("data_analytics")).to_be_checked()
    expect(visitor.switch("marketing_messages")).not_to_be_checked()
    visitor.set_switches("data_analytics", on=False).press_in_centre("save").expect_status("reloads", locale)


def test_one_switch_turns_a_whole_group_and_the_head_counts(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go().open_centre()
    card = visitor.group_of("data_analytics")
    of = card.locator("[name=grant]:not([value*='@'])").count()  # services follow
    expect(card.locator("[data-some]")).to_have_text(f"0 of {of} on")
    every = card.locator(".cw-all input")
    every.check()
    expect(card.locator("[data-some]")).to_have_text(f"{of} of {of} on")
    visitor.set_switches("data_analytics", on=False)
    expect(card.locator("[data-some]")).to_have_text(f"{of - 1} of {of} on")
    assert every.evaluate("(all) => all.indeterminate")


@both
def test_withdrawing_removes_what_the_vendor_left_and_ends_what_runs(
    site: Site, visit: MakeVisitor, locale: str
) -> None:
    visitor = visit(site, locale).go().accept()
    visitor.wait_until("window.ran?.includes('tally')")
    visitor.page.evaluate("fetch('/plant')")
    visitor.wait_until("document.cookie.includes('basket')")
    assert {"tally_id", "tally_s_page", "tally_s_server"} <= visitor.cookies().keys()
    visitor.page.evaluate("window.before = true")
    visitor.open_centre().press_in_centre("reject_all").expect_status("reloads", locale)
    assert visitor.cookies().keys() == {"cw", "basket"}
    assert visitor.stored_keys() == []
    visitor.wait_until("!window.before && window.ConsentWidget")
    assert visitor.ran() == []
    assert visitor.cookies().keys() == {"cw", "basket"}
    assert [record.action for record in site.records()] == ["accept_all", "reject_all"]


def test_the_page_may_withdraw_by_script(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go().accept()
    visitor.page.evaluate("ConsentWidget.withdraw()")
    visitor.expect_status("reloads")
    assert site.records()[-1].action == "withdraw_all"
    assert visitor.granted_by_server() == ALWAYS


def test_a_change_is_told_to_the_page(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go()
    visitor.page.evaluate("document.addEventListener('consent:change', ({ detail }) => window.told = detail)")
    visitor.accept()
    assert visitor.page.evaluate("window.told") == {"by": "visitor", "action": "accept_all", "surface": "layer"}


def test_the_way_back_is_on_every_page_after_a_choice(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go()
    expect(visitor.pill).to_be_hidden()
    visitor.reject()
    for path in ("/", "/two", "/three"):
        visitor.go(path)
        expect(visitor.pill).to_be_visible()
    site.body = '<button data-consent-open id="own">Privacy</button>'
    visitor.go("/two")
    expect(visitor.pill).to_be_hidden()
    visitor.page.locator("#own").click()
    expect(visitor.centre).to_be_visible()


def test_a_scripted_press_grants_nothing_but_does_refuse(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go()
    click = "(id) => document.querySelector('consent-widget').shadowRoot.querySelector(id).click()"
    visitor.page.evaluate(click, "#cw-accept-all")
    assert (site.records(), visitor.cookies()) == ([], {})
    expect(visitor.placeholder).to_be_visible()
    visitor.page.evaluate(
        "document.querySelector('iframe').previousElementSibling.shadowRoot.querySelector('button').click()"
    )
    expect(visitor.placeholder).to_be_visible()
    visitor.page.evaluate(click, "#cw-reject-all")
    visitor.expect_saved()
    assert visitor.record().action == "reject_all"
    assert "scripted" in visitor.record().signals
    assert site.vendors.asked == []


def test_a_site_may_let_scripts_grant_and_the_record_says_so(visit: MakeVisitor, make_site: object) -> None:
    site: Site = make_site(CONSENT_SCRIPTED_GRANTS=True)  # type: ignore[operator]
    visitor = visit(site).go()
    visitor.page.evaluate("document.querySelector('consent-widget').shadowRoot.querySelector('#cw-accept-all').click()")
    visitor.expect_saved()
    assert visitor.granted_by_server() - ALWAYS == SEVEN
    assert visitor.record().signals == ("scripted",)


def _flagged() -> set[str]:
    return {purpose.id for purpose in shop().purposes if purpose.gpc_opt_out}


@pytest.mark.parametrize("by", ["header", "property"])
@both
def test_the_browsers_opt_out_signal_keeps_flagged_purposes_off_and_is_shown(
    site: Site, visit: MakeVisitor, by: str, locale: str
) -> None:
    options = {"extra_http_headers": {"Sec-GPC": "1"}} if by == "header" else {}
    visitor = visit(site, locale, **options)
    if by == "property":
        visitor.context.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })")
    visitor.go()
    expect(visitor.layer.locator(".cw-gpc")).to_be_visible()
    expect(visitor.layer.locator(".cw-gpc")).to_contain_text("GPC")
    visitor.open_centre()
    expect(visitor.centre.locator("p.cw-gpc")).to_be_visible()
    for key in ("targeted_advertising", "marketing_measurement", "partner_sharing:acme"):
        expect(visitor.switch(key)).to_be_disabled()
    visitor.page.keyboard.press("Escape")
    visitor.accept()
    assert visitor.granted_by_script(PURPOSES) - ALWAYS == visitor.granted_by_server() - ALWAYS == SEVEN - _flagged()
    assert visitor.record().signals == ("gpc",)
    if by == "header":
        name = {"en": "Privacy settings ✓ Opt-out request honoured", "zh-CN": "隐私设置 ✓ 已遵从退出请求"}[locale]
        expect(visitor.page.get_by_role("button", name=name, exact=True)).to_be_visible()
    visitor.open_centre()
    expect(visitor.switch("targeted_advertising")).not_to_be_checked()
    expect(visitor.switch("targeted_advertising")).to_be_disabled()


@both
def test_what_the_signal_keeps_off_is_allowed_by_who_looks_for_it_and_is_asked(
    site: Site, visit: MakeVisitor, locale: str
) -> None:
    visitor = visit(site, locale, extra_http_headers={"Sec-GPC": "1"})
    visitor.go()
    visitor.accept()
    with visitor.page.context.expect_page() as opened:
        visitor.page.evaluate(f"void open('/consent/preferences?lang={locale}')")
    page = opened.value
    page.locator("a[href*='allow-anyway'][href*='option=targeted_advertising']").evaluate("each => each.click()")
    page.get_by_role("button", name={"en": "Allow it all the same", "zh-CN": "仍然允许"}[locale]).click()
    page.wait_for_url("**saved=1")
    page.close()

    visitor.go()
    assert [each.signals for each in site.records()] == [("gpc",), ("gpc", "gpc_conflict_confirmed")]
    assert visitor.granted_by_script(PURPOSES) == visitor.granted_by_server()
    assert "targeted_advertising" in visitor.granted_by_script(PURPOSES)
    visitor.open_centre()
    expect(visitor.switch("targeted_advertising")).to_be_checked()
    expect(visitor.switch("targeted_advertising")).to_be_enabled()
    expect(visitor.switch("marketing_measurement")).to_be_disabled()


def test_without_the_signal_nothing_is_said_of_it(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go()
    expect(visitor.layer.locator(".cw-gpc")).to_be_hidden()
    visitor.open_centre()
    expect(visitor.centre.locator("p.cw-gpc")).to_be_hidden()


def _languages(visitor: Visitor) -> set[str]:
    """The effective language of everything that is shown."""
    return set(
        visitor.page.locator(".cw-layer, dialog, .cw-pill, .cw-toast, .cw-blocked").evaluate_all(
            "all => all.map((each) => (each.closest('[lang]') || each.getRootNode().host).lang)"
        )
    )


def test_the_language_changes_in_place_and_everything_follows(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site, "zh-CN").go()
    expect(visitor.layer).to_contain_text("您的隐私由您决定")
    expect(visitor.placeholder).to_contain_text("瑞尔视频")
    assert _languages(visitor) == {"zh-CN"}
    visitor.set_language("en")
    expect(visitor.layer).to_contain_text("Your privacy, your choice")
    expect(visitor.placeholder).to_contain_text("Reel")
    assert _languages(visitor) == {"en"}
    assert visitor.page.evaluate("document.activeElement.shadowRoot.activeElement.lang") == "zh-CN"
    visitor.open_centre().set_switches("data_analytics").set_language("zh-CN")
    expect(visitor.centre).to_contain_text("隐私设置")
    expect(visitor.switch("data_analytics")).to_be_checked()
    assert _languages(visitor) == {"zh-CN"}
    visitor.centre.locator("[data-open=notice]").click()
    expect(visitor.notice.locator("h2")).to_have_text("隐私声明")
    visitor.page.keyboard.press("Escape")
    expect(visitor.notice).to_have_count(0)
    expect(visitor.centre).to_be_visible()
    visitor.press_in_centre("accept_all").expect_saved()
    assert visitor.record().locale == "zh-CN"


def test_a_chinese_visitor_is_spoken_to_in_chinese(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site, None, extra_http_headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}).go()
    expect(visitor.layer).to_contain_text("您的隐私由您决定")
    visitor.open_centre()
    expect(visitor.centre).to_contain_text("保存选择")


def test_a_host_with_its_own_babel_in_french_is_not_disturbed(visit: MakeVisitor, make_site: object) -> None:
    site: Site = make_site(babel=True)  # type: ignore[operator]
    visitor = visit(site, "zh-CN").go()
    expect(visitor.layer).to_contain_text("您的隐私由您决定")
    visitor.reject().go("/date")
    assert any(
        day in visitor.page.inner_text("body")
        for day in ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
    )


def test_a_visitor_who_is_asked_can_open_the_preference_centre_offline(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go()
    visitor.page.wait_for_function("performance.getEntriesByType('resource').some(({ name }) => /i18n.en/.test(name))")
    visitor.rest()
    visitor.context.set_offline(True)
    visitor.open_centre()

    expect(visitor.switch("data_analytics")).not_to_be_checked()


def test_whoever_has_chosen_loads_the_preference_centre_when_they_open_it(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site, faults=True).go()
    visitor.reject()
    visitor.context.new_cdp_session(visitor.page).send("Network.clearBrowserCache")
    visitor.go("/two")
    visitor.rest(1_100)  # longer than a page waits before it prepares the centre for who is asked
    asked = len([path for path in site.asked if "/i18n/" in path])
    visitor.context.set_offline(True)
    visitor.pill.click()
    expect(visitor.status).to_contain_text("cannot be loaded")
    visitor.context.set_offline(False)
    visitor.open_centre()

    assert len([path for path in site.asked if "/i18n/" in path]) == asked + 1
