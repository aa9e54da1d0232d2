"""Asking for one thing, at the moment it matters."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from .conftest import MakeSite, MakeVisitor
from .servers import Site
from .visitor import Visitor

CHECK = "ConsentWidget.ask('identity_verification', { recipient: 'checker' })"
EVENT = "ConsentWidget.ask('event_eligibility')"
both = pytest.mark.parametrize("locale", ["en", "zh-CN"])


def ask(visitor: Visitor, call: str) -> Locator:
    visitor.page.evaluate(f"() => void (window.answer = undefined, {call}.then((said) => window.answer = said))")
    return visitor.page.locator("dialog .cw-ask")


def answer(visitor: Visitor) -> Any:
    visitor.wait_until("window.answer !== undefined")
    return visitor.page.evaluate("window.answer")


@both
def test_the_question_says_what_why_who_and_what_it_may_mean(site: Site, visit: MakeVisitor, locale: str) -> None:
    question = ask(visit(site, locale).go(), CHECK)
    purpose = site.app.extensions["consent_widget"].notice.purpose("identity_verification")
    for text in (purpose.label, purpose.description, purpose.necessity, purpose.impact, purpose.if_refused):
        expect(question).to_contain_text(text[locale])
    for text in ("Checker Ltd", "privacy@checker.example"):
        expect(question).to_contain_text(text)
    name, who = {"en": ("Checker", "Who receives it: Checker"), "zh-CN": ("核验通", "接收方：核验通")}[locale]
    asked = purpose.question[locale].replace("{recipient}", name)
    expect(question.get_by_role("heading", level=2)).to_have_text(asked)
    expect(question.get_by_role("group", name=asked)).to_be_visible()
    expect(question.get_by_role("group", name=who)).to_contain_text("Checker Ltd")
    tops = [
        question.get_by_text(text).first.bounding_box()["y"]  # type: ignore[index]
        for text in (asked, purpose.impact[locale], who, purpose.retention[locale])
    ]
    assert tops == sorted(tops)


def test_on_a_phone_the_question_and_what_it_may_mean_are_above_the_fold(site: Site, visit: MakeVisitor) -> None:
    for locale in ("en", "zh-CN"):
        for width, height in ((375, 667), (320, 640)):
            visitor = visit(site, locale, viewport={"width": width, "height": height}).go()
            question = ask(visitor, CHECK)
            expect(question).to_be_visible()
            foot = question.locator(".cw-foot").bounding_box()
            impact = question.locator("dd").first.bounding_box()
            assert foot
            assert impact
            assert impact["y"] + impact["height"] <= foot["y"]
            allow, refuse = (question.locator(f"[value={each}]").bounding_box() for each in ("allow", "refuse"))
            assert allow
            assert refuse
            assert (allow["width"], allow["height"]) == pytest.approx((refuse["width"], refuse["height"]), abs=0.1)


@both
def test_so_they_are_on_the_page_that_asks(site: Site, visit: MakeVisitor, locale: str) -> None:
    visitor = visit(site, locale, viewport={"width": 375, "height": 667}, faults=True).go("/checked")
    impact = visitor.page.locator("main dd").first.bounding_box()
    foot = visitor.page.locator(".cw-foot").bounding_box()
    assert impact
    assert foot
    assert impact["y"] + impact["height"] <= foot["y"]


@both
def test_agreeing_is_recorded_and_then_answered_with_true(site: Site, visit: MakeVisitor, locale: str) -> None:
    visitor = visit(site, locale).go()
    ask(visitor, CHECK).locator("[value=allow]").click()

    assert answer(visitor) is True
    record = visitor.record()
    assert (record.action, record.surface, record.locale) == ("allow", "ask", locale)
    assert record.purposes == {"identity_verification:checker": True}
    expect(visitor.layer).to_be_visible()  # the rest is still to be asked
    assert visitor.page.evaluate("ConsentWidget.granted('identity_verification', 'checker')")
    assert ask(visitor, CHECK).count() == 0
    assert answer(visitor) is True


@pytest.mark.parametrize("how", ["refuse", "cross", "Escape"])
def test_anything_but_agreeing_is_a_refusal_and_is_remembered(site: Site, visit: MakeVisitor, how: str) -> None:
    visitor = visit(site).go()
    question = ask(visitor, EVENT)
    expect(question).to_be_visible()
    if how == "Escape":
        visitor.page.keyboard.press(how)
    else:
        question.locator("[value=refuse]" if how == "refuse" else "[data-close]").click()

    assert answer(visitor) is False
    assert (visitor.record().action, visitor.record().purposes) == ("refuse", {"event_eligibility": False})
    visitor.go("/two")
    ask(visitor, EVENT)
    assert answer(visitor) is False
    expect(question).to_have_count(0)  # never asked again by the site itself
    again = ask(visitor, "ConsentWidget.ask('event_eligibility', { again: true })")
    again.locator("[value=allow]").click()
    assert answer(visitor) is True


def test_silence_is_no_answer_and_leaving_records_nothing(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go()
    expect(ask(visitor, EVENT)).to_be_visible()
    visitor.rest()
    assert visitor.page.evaluate("window.answer") is None
    visitor.go("/two")
    assert site.records() == []


def test_a_scripted_press_does_not_agree(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go()
    ask(visitor, EVENT).locator("[value=allow]").evaluate("(button) => button.click()")
    assert answer(visitor) is False
    assert site.records() == []


@pytest.mark.parametrize("call", ["ask('no_such_purpose')", "ask('identity_verification')", "ask('partner_sharing')"])
def test_what_cannot_be_asked_is_an_error_for_the_developer_and_a_no(site: Site, visit: MakeVisitor, call: str) -> None:
    visitor = visit(site, faults=True).go()
    question = ask(visitor, f"ConsentWidget.{call}")

    assert answer(visitor) is False
    assert question.count() == 0
    assert any("the notice has nothing to ask" in fault for fault in visitor.faults)


def test_what_the_browsers_signal_forbids_is_not_asked_for(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site, extra_http_headers={"Sec-GPC": "1"}).go()
    question = ask(visitor, "ConsentWidget.ask('partner_sharing', { recipient: 'acme' })")

    assert answer(visitor) is False
    assert question.count() == 0


def test_what_is_always_on_need_not_be_asked_for(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site, faults=True).go()
    ask(visitor, "ConsentWidget.ask('service_delivery')")
    assert answer(visitor) is True


def test_while_the_server_is_away_the_answer_is_no_and_the_visitor_is_told(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site, faults=True).go()
    visitor.context.route("**/i18n/**", lambda route: route.abort())
    ask(visitor, EVENT)
    assert answer(visitor) is False
    expect(visitor.status).to_contain_text("cannot be loaded")
    visitor.context.unroute_all()

    site.store.away = True
    ask(visitor, EVENT).locator("[value=allow]").click()
    assert answer(visitor) is False
    visitor.expect_status("unsaved")
    site.store.away = False
    visitor.expect_saved()
    assert visitor.record().purposes == {"event_eligibility": True}


def test_without_script_the_page_asks_and_leads_back(make_site: MakeSite, visit: MakeVisitor) -> None:
    site = make_site()
    visitor = visit(site, java_script_enabled=False, faults=True).go("/checked")
    expect(visitor.page.locator("main")).to_contain_text("Checker Ltd")
    visitor.page.locator("[value=allow]").click()
    expect(visitor.page.locator("body")).to_have_text("checked")
    assert visitor.record().purposes == {"identity_verification:checker": True}
