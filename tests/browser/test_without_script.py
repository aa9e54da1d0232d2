"""Everything with JavaScript off: forms and pages do the same."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .conftest import MakeSite, MakeVisitor
from .servers import Site, shop
from .test_choosing import ALWAYS, SEVEN
from .visitor import Visitor

both = pytest.mark.parametrize(("locale", "other"), [("en", "zh-CN"), ("zh-CN", "en")])
TITLE = {"en": "Your privacy, your choice", "zh-CN": "您的隐私由您决定"}
NOTICE = {"en": "Privacy notice", "zh-CN": "隐私声明"}


def visit_plainly(visit: MakeVisitor, site: Site, locale: str) -> Visitor:
    return visit(site, locale, java_script_enabled=False)


@both
def test_the_layer_is_there_and_its_buttons_work(site: Site, visit: MakeVisitor, locale: str, other: str) -> None:
    for press, granted in (("#cw-reject-all", set()), ("#cw-accept-all", SEVEN), ("[value=close]", set())):
        visitor = visit_plainly(visit, site, locale).go("/two?a=1")
        expect(visitor.layer).to_contain_text(TITLE[locale])
        visitor.layer.locator(press).click()
        visitor.page.wait_for_url("**/two?a=1")
        expect(visitor.layer).to_have_count(0)
        assert visitor.granted_by_server() - ALWAYS == granted
        assert list(visitor.cookies()) == ["cw"]
    assert [(each.action, each.surface, each.locale) for each in site.records()] == [
        (action, "layer", locale) for action in ("reject_all", "accept_all", "close")
    ]


@pytest.mark.parametrize("layout", ["box", "bar", "modal"])
@pytest.mark.parametrize("width", [1280, 375, 320])
def test_the_layer_looks_as_it_does_with_the_script(
    make_site: MakeSite, visit: MakeVisitor, layout: str, width: int
) -> None:
    site = make_site(CONSENT_LAYOUT=layout)

    def places(*, with_script: bool) -> list[object]:
        size = {"width": width, "height": 800}
        visitor = visit(site, "en", java_script_enabled=with_script, viewport=size, reduced_motion="reduce").go()
        if with_script:
            visitor.wait_until("window.ConsentWidget?.on")
        expect(visitor.layer).to_be_visible()
        return [each.bounding_box() for each in visitor.layer.locator(".cw-head > *, p, button").all()]

    assert places(with_script=False) == places(with_script=True)


@both
def test_single_purposes_are_chosen_on_the_preferences_page(
    site: Site, visit: MakeVisitor, locale: str, other: str
) -> None:
    visitor = visit_plainly(visit, site, locale).go()
    page = visitor.page
    visitor.layer.locator("[data-open=centre]").click()
    page.wait_for_url("**/consent/preferences?**")
    expect(page.locator("html")).to_have_attribute("lang", locale)
    for group in page.locator("details > summary:has(h2)").all():
        group.click()
    page.locator("[value=data_analytics]").check()
    page.locator("[value='partner_sharing:acme']").check()
    page.locator(".cw-foot [value=save]").click()
    page.wait_for_url(site.url + "/")
    expect(visitor.layer).to_have_count(0)
    assert visitor.granted_by_server() - ALWAYS == {"data_analytics"}
    page.locator("consent-widget a").click()
    expect(page.locator("[value=data_analytics]")).to_be_checked()
    page.locator(".cw-foot [value=reject_all]").click()
    expect(page.locator("[role=status]")).to_contain_text(re.compile("saved|已保存"))
    assert visitor.granted_by_server() == ALWAYS
    assert [record.action for record in site.records()] == ["save", "reject_all"]


@both
def test_after_a_choice_each_page_leads_back_and_consent_can_be_withdrawn(
    site: Site, visit: MakeVisitor, locale: str, other: str
) -> None:
    visitor = visit_plainly(visit, site, locale).go()
    visitor.layer.locator("#cw-accept-all").click()
    page = visitor.page
    visitor.go("/plant")
    visitor.go("/three")
    back = page.locator("consent-widget a").bounding_box()
    assert back
    assert back["y"] > page.viewport_size["height"] - 60  # type: ignore[index]  # and not at the head of the page
    page.locator("consent-widget a").click()
    page.locator(".cw-foot [value=reject_all]").click()
    page.wait_for_url("**/consent/preferences?**saved**")
    assert visitor.cookies().keys() == {"cw", "basket"}
    assert visitor.granted_by_server() == ALWAYS


@both
def test_the_notice_is_readable_and_each_page_speaks_both_languages(
    site: Site, visit: MakeVisitor, locale: str, other: str
) -> None:
    visitor = visit_plainly(visit, site, locale).go()
    page = visitor.page
    visitor.layer.locator("[data-open=notice]").click()
    expect(page.locator("main h1").first).to_have_text(NOTICE[locale])
    assert page.locator(".cw-text section:not(.cw-short)").count() == len(shop().sections)
    page.locator(".cw-head [data-lang]").click()
    expect(page.locator("html")).to_have_attribute("lang", other)
    expect(page.locator("main h1").first).to_have_text(NOTICE[other])
    visitor.go().layer.locator("[data-lang]").click()
    expect(page.locator("html")).to_have_attribute("lang", other)
    expect(page.locator(".cw-foot [value=save]")).to_be_visible()


def test_a_guarded_page_explains_and_offers_the_choice(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site, java_script_enabled=False, faults=True).go("/guarded")
    expect(visitor.page.locator("main")).to_contain_text("This page needs")
    visitor.page.locator("[value=allow]").click()
    expect(visitor.page.locator("body")).to_have_text("let in")
    assert visitor.record().purposes == {"data_analytics": True}
