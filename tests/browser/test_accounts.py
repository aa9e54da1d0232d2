"""Choices that follow the account, on two devices (two profiles): asked once, told once, and left nowhere."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import request
from playwright.sync_api import Locator, expect

from consent_widget import Collected, Shared

from .conftest import MakeSite, MakeVisitor
from .servers import Place, Site, Static
from .visitor import Visitor

GATE = """<script type="text/plain" data-consent="data_analytics">window.ran = (window.ran || 0) + 1</script>"""
SCOPE = {
    "en": "Your choice holds on every device where you are signed in.",
    "zh-CN": "您的选择在登录此账号的所有设备上均有效。",
}
TOLD = {"en": "Your choices were taken over from your account.", "zh-CN": "已沿用您账号中的选择。"}
ELSEWHERE = "<!doctype html><html lang=en><meta charset=utf-8><title>A page</title>WIDGET<main>A page</main>"
both = pytest.mark.parametrize("locale", ["en", "zh-CN"])


def account() -> str | None:
    """The host's session, in short."""
    return request.cookies.get("user")


def collected(subject: str | None) -> list[Collected | Shared]:
    return [Collected(what="order_info", times=3), Shared(recipient="Courier Ltd", contact="privacy@courier.example")]


@pytest.fixture(params=["server", "cached"])
def site(request: pytest.FixtureRequest, make_site: MakeSite) -> Site:
    site = make_site(CONSENT_ACCOUNT=account, CONSENT_RENDER=request.param, CONSENT_COLLECTED=collected)
    site.body = GATE
    return site


def sign_in(visitor: Visitor, name: str) -> Visitor:
    visitor.context.add_cookies([{"name": "user", "value": name, "url": visitor.site.url}])
    return visitor


def sign_out(visitor: Visitor) -> Visitor:
    visitor.context.clear_cookies(name="user")
    return visitor


def told(visitor: Visitor) -> Locator:
    return visitor.page.locator("consent-widget .cw-told")


def test_what_is_chosen_on_one_device_holds_on_the_next_and_is_told_there_once(site: Site, visit: MakeVisitor) -> None:
    locale = "en" if site.app.config["CONSENT_RENDER"] == "server" else "zh-CN"
    first, second = sign_in(visit(site, locale), "ada").go(), sign_in(visit(site, locale), "ada")
    expect(first.layer).to_contain_text(SCOPE[locale])
    first.layer.locator("#cw-accept-all").click()
    first.expect_status("saved", locale)

    second.go().wait_until("window.ran == 1")
    expect(told(second)).to_contain_text(TOLD[locale])
    expect(second.layer).to_have_count(0)
    told(second).get_by_role("button").click()
    expect(told(second)).to_have_count(0)
    expect(second.pill).to_be_focused()
    second.go().wait_until("window.ran == 1")
    expect(second.pill).to_be_visible()
    expect(told(second)).to_have_count(0)
    assert {choice.signals for choice in site.records()} == {("account",)}


def test_a_withdrawal_on_one_device_reaches_the_other_with_its_next_page(site: Site, visit: MakeVisitor) -> None:
    first, second = sign_in(visit(site), "ada").go(), sign_in(visit(site), "ada")
    first.accept()
    second.go().wait_until("window.ran == 1")
    told(second).get_by_role("link").click()
    second.centre.locator("[value=reject_all]").click()
    second.wait_until_sent()

    first.go()
    first.wait_until("!ConsentWidget.granted('data_analytics')")
    first.go()
    expect(first.pill).to_be_visible()
    assert first.page.evaluate("window.ran") is None


def test_after_signing_out_the_next_person_is_asked_and_nothing_of_the_account_runs(
    site: Site, visit: MakeVisitor
) -> None:
    family = sign_in(visit(site), "ada").go()
    family.accept()
    sign_out(family).go()
    expect(family.layer).to_be_visible()

    family.go()
    expect(family.layer).to_be_visible()
    assert family.page.evaluate("window.ran") is None
    sign_in(family, "ada").go().wait_until("window.ran == 1")
    sign_in(family, "lee").go()
    expect(family.layer).to_be_visible()


@both
def test_only_who_is_signed_in_reads_that_a_choice_holds_on_every_device(
    site: Site, visit: MakeVisitor, locale: str
) -> None:
    other = "zh-CN" if locale == "en" else "en"
    for visitor, times in ((visit(site, locale).go(), 0), (sign_in(visit(site, locale), "ada").go(), 1)):
        for each in (locale, other):
            if each != locale:
                visitor.layer.locator(f"[data-lang={each}]").click()
            expect(visitor.layer).to_have_attribute("lang", each)
            visitor.page.wait_for_load_state("networkidle")
            expect(visitor.layer.get_by_text(SCOPE[each]).filter(visible=True)).to_have_count(times)
        visitor.open_centre()
        expect(visitor.centre.get_by_text(SCOPE[other]).filter(visible=True)).to_have_count(times)


def test_on_another_site_nobody_reads_that_a_choice_holds_on_every_device(
    make_site: MakeSite, static: Static, visit: MakeVisitor
) -> None:
    site = make_site(CONSENT_ACCOUNT=account, CONSENT_ORIGINS=[static.url])
    visitor = sign_in(visit(site), "ada")
    visitor.page.goto(Place(site, static).serve(ELSEWHERE))
    expect(visitor.layer).to_be_visible()
    visitor.open_centre()
    expect(visitor.page.get_by_text(SCOPE["en"]).filter(visible=True)).to_have_count(0)


@both
def test_without_script_the_layer_and_the_message_say_the_same(
    make_site: MakeSite, visit: MakeVisitor, locale: str
) -> None:
    site = make_site(CONSENT_ACCOUNT=account)
    first = sign_in(visit(site, locale, java_script_enabled=False, faults=True), "ada").go()
    second = sign_in(visit(site, locale, java_script_enabled=False, faults=True), "ada")
    expect(first.layer).to_contain_text(SCOPE[locale])
    first.layer.locator("[value=reject_all]").click()
    expect(first.layer).to_be_hidden()
    second.go()

    expect(told(second)).to_contain_text(TOLD[locale])
    expect(told(second).get_by_role("button")).to_have_count(0)
    second.go()
    expect(told(second)).to_have_count(0)


@both
def test_the_layer_with_its_sentence_fits_a_phone(make_site: MakeSite, visit: MakeVisitor, locale: str) -> None:
    site = make_site(CONSENT_ACCOUNT=account)
    visitor = sign_in(visit(site, locale, viewport={"width": 375, "height": 667}), "ada").go()
    for width, height, most in ((375, 667, 0.5), (320, 640, 0.6)):
        visitor.page.set_viewport_size({"width": width, "height": height})
        box, scope = visitor.layer.bounding_box(), visitor.layer.get_by_text(SCOPE[locale]).bounding_box()
        assert box
        assert scope
        assert box["height"] <= height * most
        assert box["x"] <= scope["x"]
        assert scope["x"] + scope["width"] <= box["x"] + box["width"]


@both
def test_the_two_lists_are_readable_for_everybody_on_the_narrowest_phone(
    make_site: MakeSite, visit: MakeVisitor, locale: str
) -> None:
    site = make_site(CONSENT_ACCOUNT=account, CONSENT_COLLECTED=collected, CONSENT_CLOSE_ACCOUNT={"url": "/close"})
    visitor = visit(site, locale, viewport={"width": 320, "height": 640})
    for list in ("collected", "shared"):
        visitor.page.goto(f"{site.url}/consent/choices/{list}?lang={locale}")
        expect(visitor.page.locator("h1")).to_be_visible()
        expect(visitor.page.locator(".cw-list tr").nth(2)).to_be_visible()
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 320
        violations = Axe().run(visitor.page).response["violations"]
        assert [each["id"] for each in violations] == []
