"""Each flow of the demo's shop that asks for consent, in both languages, with and without scripts."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from examples.demo.addresses import Addresses
from examples.demo.words import words

from .conftest import MakeVisitor
from .test_accessible import sound
from .test_demo import demo as demo  # a demo of its own for this module
from .visitor import Visitor

AHEAD = {"zh-CN": "隐私声明即将更新", "en": "Our privacy notice is going to change"}
both = pytest.mark.parametrize("locale", ["zh-CN", "en"])
#: Each flow is walked in both languages, with scripts and without; half of the flows the other way round.
walks = pytest.mark.parametrize(("locale", "script"), [("zh-CN", True), ("en", False)], ids=["zh-CN", "en-plain"])
walks_too = pytest.mark.parametrize(("locale", "script"), [("en", True), ("zh-CN", False)], ids=["en", "zh-CN-plain"])
BASKET = "item=gaiwan&qty=1&item=rock-tea&qty=2"
#: How the questions of the shop begin.
QUESTION = {"zh-CN": re.compile("^是否"), "en": re.compile("^(Let|Exchange) ")}


@pytest.fixture
def come(demo: Addresses, visit: MakeVisitor) -> Shop:
    return Shop(demo, visit)


class Shop:
    """Makes visitors of the shop, at a path of it."""

    def __init__(self, demo: Addresses, visit: MakeVisitor) -> None:
        self.demo, self.visit = demo, visit

    def __call__(self, path: str, locale: str, *, script: bool = True, **options: Any) -> Visitor:
        visitor = self.visit(None, locale, java_script_enabled=script, faults=True, **options)  # a 403 is a fault too
        self.go(visitor, path)
        return visitor

    def go(self, visitor: Visitor, path: str) -> None:
        visitor.page.goto(self.demo.shop + path)


def say(locale: str, part: str, child: bool = False) -> dict[str, Any]:
    texts: dict[str, Any] = words(locale, child)[part]
    return texts


def answer(page: Page, locale: str, value: str) -> None:
    """Press `value` in the dialog that asks; without a script, on the page that asks."""
    expect(page.get_by_role("heading", name=QUESTION[locale])).to_be_visible()
    page.locator(f"button[value={value}]:visible").last.click()


def granted(visitor: Visitor, come: Shop, what: str) -> bool:
    told = json.loads(visitor.context.request.get(come.demo.shop + "/inside.json").text())
    return bool(told["granted"][what])


@walks
def test_goods_go_abroad_after_an_identity_check_and_stay_within_the_country_without(
    come: Shop, locale: str, script: bool
) -> None:
    visitor = come(f"/checkout?{BASKET}", locale, script=script)
    page, say_checkout = visitor.page, say(locale, "checkout")
    ways = page.locator(".ways a")
    ways.filter(has_text=say_checkout["abroad_text"]).click()
    for told in ("Proofmark Identity Co., Ltd", "privacy@proofmark.example"):
        expect(page.get_by_text(told)).to_be_visible()
    answer(page, locale, "refuse")
    expect(page.locator("form [role=status]")).to_have_text(say_checkout["at_home_then"])
    expect(ways.first).to_have_attribute("aria-current", "true")

    ways.filter(has_text=say_checkout["abroad_text"]).click()
    answer(page, locale, "allow")
    expect(page.get_by_role("heading", name=say(locale, "identity")["title"])).to_be_visible()
    page.fill("#number", "0000")
    page.get_by_role("button", name=say(locale, "identity")["check"]).click()
    expect(ways.last).to_contain_text(say_checkout["abroad_done"])
    expect(page.locator(".sums li")).to_have_count(2)  # the basket came along

    for name in ("name", "phone", "address"):
        page.fill(f"#{name}", "x")
    page.get_by_role("button", name=say_checkout["order"]).click()
    expect(page.get_by_role("heading", name=say_checkout["thanks_title"])).to_be_visible()


@walks_too
def test_somebody_elses_details_are_taken_once_they_were_told(come: Shop, locale: str, script: bool) -> None:
    visitor = come(f"/checkout?{BASKET}", locale, script=script)
    page, texts = visitor.page, say(locale, "checkout")
    for name in ("name", "phone", "address"):
        page.fill(f"#{name}", "x")
    expect(page.get_by_label(texts["told"])).to_be_hidden()
    page.get_by_label(texts["someone_else"]).check()
    page.get_by_role("button", name=texts["order"]).click()
    expect(page.get_by_text(texts["told_needed"])).to_be_visible()
    expect(page.locator("#address")).to_have_value("x")
    page.get_by_label(texts["told"]).check()
    page.get_by_role("button", name=texts["order"]).click()
    expect(page.get_by_role("heading", name=texts["thanks_title"])).to_be_visible()


@walks
def test_each_note_to_a_friend_is_asked_for_and_one_agreement_sends_one(come: Shop, locale: str, script: bool) -> None:
    visitor = come("/checkout/thanks", locale, script=script)
    page, texts = visitor.page, say(locale, "note")
    page.get_by_role("link", name=texts["go"]).click()
    answer(page, locale, "refuse")
    expect(page.get_by_role("status").filter(has_text=texts["refused"])).to_be_visible()

    page.get_by_role("link", name=texts["go"]).click()
    answer(page, locale, "allow")
    expect(page.locator("#friend")).to_be_visible()
    other = visitor.context.new_page()  # the same form in another tab
    other.goto(page.url)
    for tab, title in ((page, texts["sent_title"]), (other, texts["unsent_title"])):
        tab.fill("#friend", "friend@home.example")
        tab.get_by_role("button", name=texts["send"]).click()
        expect(tab.get_by_role("heading", name=title)).to_be_visible()
        expect(tab.locator("main")).not_to_contain_text("friend@home.example")

    page.get_by_role("link", name=texts["again"]).click()
    answer(page, locale, "allow")
    page.fill("#friend", "friend@home.example")
    page.get_by_role("button", name=texts["send"]).click()
    expect(page.get_by_role("heading", name=texts["sent_title"])).to_be_visible()


@walks_too
def test_signing_in_with_a_partner_is_asked_for_and_can_be_undone(come: Shop, locale: str, script: bool) -> None:
    visitor = come("/account", locale, script=script)
    page, texts = visitor.page, say(locale, "club")
    page.get_by_role("link", name=texts["go"]).click()
    answer(page, locale, "refuse")
    expect(page.get_by_text(texts["refused"])).to_be_visible()
    page.get_by_role("link", name=texts["go"]).click()
    answer(page, locale, "allow")
    expect(page.get_by_text(texts["signed_in"])).to_be_visible()

    page.get_by_role("link", name=texts["back"]).click()
    expect(page.get_by_text(texts["linked_text"])).to_be_visible()
    page.get_by_role("link", name=texts["undo"]).click()
    page.locator("button[value=refuse]").click()
    come.go(visitor, "/account")
    expect(page.get_by_text(texts["unlinked"])).to_be_visible()


@walks
def test_what_a_job_is_told_follows_the_partners_own_card(come: Shop, locale: str, script: bool) -> None:
    visitor = come("/inside", locale, script=script)
    page, texts = visitor.page, say(locale, "inside")
    expect(page.locator("[data-granted=may_share]")).to_have_text(texts["refused"])
    visitor.layer.locator("#cw-accept-all").click()
    if script:
        visitor.expect_saved()
    come.go(visitor, "/inside")
    expect(page.locator("[data-granted=can_message]")).to_have_text(texts["permitted"])
    expect(page.locator("[data-granted=may_share]")).to_have_text(
        texts["refused"]
    )  # accepting all does not include this partner

    page.locator("footer [data-consent-open]").click()
    page.locator("details").evaluate_all("all => all.forEach((each) => each.open = true)")
    card = page.locator(".cw-party").filter(has=page.locator("[value='partner_sharing:brandhaus']"))
    abroad = {"zh-CN": ("德国", "与接收方订立标准合同"), "en": ("Germany", "Standard contract with the recipient")}[
        locale
    ]
    for told in ("Brandhaus Keramik GmbH", "datenschutz@brandhaus.example", *abroad):
        expect(card).to_contain_text(told)
    card.get_by_role("switch").check()
    page.locator(".cw-foot [value=save]").click()
    if script:
        visitor.expect_saved()
    come.go(visitor, "/inside")
    expect(page.locator("[data-granted=may_share]")).to_have_text(texts["permitted"])


@walks_too
def test_the_recommendation_tags_go_with_the_consent(come: Shop, locale: str, script: bool) -> None:
    visitor = come("/product/teapot", locale, script=script)
    page, texts = visitor.page, say(locale, "inside")
    tags = page.locator("[data-list=profile]")
    visitor.layer.locator("#cw-accept-all").click()
    if script:
        visitor.expect_saved()
    come.go(visitor, "/product/cups")
    come.go(visitor, "/inside")
    expect(tags).to_contain_text({"zh-CN": "白瓷对杯", "en": "Pair of porcelain cups"}[locale])

    page.locator("footer").get_by_role("link", name=say(locale, "site")["choices"]).click()
    page.locator("button[value=withdraw_all]").click()
    come.go(visitor, "/inside")
    expect(tags).to_contain_text(texts["reasons"]["withdrawn"])


@both
def test_where_a_film_is_held_back_the_visitor_sees_whose_it_is_and_can_load_it(come: Shop, locale: str) -> None:
    visitor = come("/product/cups", locale)
    visitor.reject()
    expect(visitor.placeholder).to_contain_text("Reel")
    visitor.placeholder.locator("button").first.click()
    expect(visitor.page.frame_locator(".film").locator("svg")).to_be_visible()


@both
def test_with_the_opt_out_signal_no_single_press_loads_a_film_that_serves_adverts(come: Shop, locale: str) -> None:
    visitor = come("/product/cups", locale, extra_http_headers={"Sec-GPC": "1"})
    visitor.reject()
    buttons = visitor.placeholder.locator("button")
    expect(buttons).to_have_text([say(locale, "site")["settings"]])
    buttons.click()
    expect(visitor.centre).to_be_visible()
    assert not visitor.page.locator(".film").get_attribute("src")


@walks
def test_the_foot_leads_to_the_opt_out(come: Shop, locale: str, script: bool) -> None:
    visitor = come("/", locale, script=script)
    page = visitor.page
    visitor.layer.locator("#cw-accept-all").click()
    if script:
        visitor.expect_saved()
    page.locator("footer").get_by_role("link", name=say(locale, "site")["do_not_share"]).click()
    page.locator("button[value=opt_out]").click()
    expect(page.get_by_role("status")).to_be_visible()
    assert not granted(visitor, come, "targeted_advertising")
    assert granted(visitor, come, "data_analytics")


@walks_too
def test_a_changed_notice_is_told_then_asked_about_and_the_demo_can_start_over(
    come: Shop, locale: str, script: bool
) -> None:
    visitor = come("/inside", locale, script=script)
    page, texts = visitor.page, say(locale, "inside")
    visitor.layer.locator("#cw-accept-all").click()
    if script:
        visitor.expect_saved()
    page.locator("main").get_by_role("button", name=texts["change_notice"]).click()
    bar = page.locator(".cw-news")
    expect(bar).to_contain_text(AHEAD[locale])
    come.go(visitor, "/inside")
    page.locator("main").get_by_role("button", name=texts["take_effect"]).click()
    expect(bar).to_contain_text("1.1.0")
    expect(visitor.layer).to_have_count(0)
    bar.locator("[value=acknowledge]").click()
    expect(bar).to_have_count(0)
    come.go(visitor, "/consent/choices")
    expect(page.locator("main")).to_contain_text(
        {"zh-CN": "知悉声明的变更", "en": "Saw what changed in the notice"}[locale]
    )

    come.go(visitor, "/inside")
    page.locator("main").get_by_role("button", name=texts["change_consent"]).click()
    expect(bar).to_contain_text(AHEAD[locale])
    bar.locator("[value=acknowledge]").click()
    expect(bar).to_have_count(0)
    come.go(visitor, "/inside")
    page.locator("main").get_by_role("button", name=texts["take_effect"]).click()
    expect(visitor.layer).to_be_visible()
    assert not granted(visitor, come, "personalized_recommendations")
    assert granted(visitor, come, "data_analytics")

    come.go(visitor, "/inside")
    page.locator("main").get_by_role("button", name=texts["start_over"]).click()
    expect(visitor.layer).to_be_visible()
    expect(visitor.layer.locator("[data-changes]")).to_have_count(0)
    assert "cw" not in visitor.cookies()
    come.go(visitor, "/inside")
    expect(page.locator("main")).to_contain_text("1.0.0")


@walks
def test_a_teen_decides_alone_and_sees_what_is_locked_and_why(come: Shop, locale: str, script: bool) -> None:
    visitor = come("/account", locale, script=script)
    page, texts, card = visitor.page, say(locale, "child"), visitor.page.locator("#child")
    card.get_by_role("button", name=texts["go_teen"]).click()
    expect(card).to_contain_text(texts["text_teen"])
    visitor.layer.locator("#cw-accept-all").click()
    if script:
        visitor.expect_saved()
    assert granted(visitor, come, "data_analytics")
    assert not granted(visitor, come, "marketing_messages")

    why = {"en": "Off for everybody under 18.", "zh-CN": "未满 18 岁的一律关闭。"}[locale]
    page.locator("main [data-consent-open]").click()
    expect(page.locator(".cw-locked")).to_be_visible()
    page.locator("details").evaluate_all("all => all.forEach((each) => each.open = true)")
    rows = page.locator(".cw-centre .cw-row")
    label = {"en": "Marketing messages", "zh-CN": "促销信息"}[locale]
    expect(rows.filter(has_text=label).first).to_contain_text(why)
    signing_in = {"en": "Signing in with another account", "zh-CN": "第三方账号登录"}[locale]
    expect(rows.filter(has_text=signing_in).locator("[data-minor]")).to_be_visible()
    expect(rows.filter(has=page.locator("[value=data_analytics]"))).not_to_contain_text(why)
    expect(page.locator("[value=data_analytics]")).to_be_checked()

    come.go(visitor, f"/checkout?{BASKET}")
    expect(page.locator("[name=name]")).to_be_visible()
    expect(page.locator("main")).to_contain_text(say(locale, "checkout")["together"])
    come.go(visitor, "/checkout/note")
    expect(page.locator("main")).to_contain_text({"en": "not available to minors", "zh-CN": "不向未成年人开放"}[locale])
    expect(page.locator("main a[href*=guardian]")).to_have_count(0)

    come.go(visitor, f"/consent/choices?lang={locale}")
    expect(page.locator("main")).to_contain_text({"en": "Data analytics", "zh-CN": "数据分析"}[locale])
    withdraw = page.get_by_role("button", name={"en": "Withdraw: Data analytics", "zh-CN": "撤回：数据分析"}[locale])
    withdraw.click()
    assert not granted(visitor, come, "data_analytics")


@walks_too
def test_a_childs_account_locks_until_their_guardian_grants_and_only_an_account_ends_that(
    come: Shop, locale: str, script: bool
) -> None:
    visitor = come("/account", locale, script=script)
    page, texts, card = visitor.page, say(locale, "child"), visitor.page.locator("#child")
    visitor.layer.locator("#cw-accept-all").click()
    if script:
        visitor.expect_saved()
    card.get_by_role("button", name=texts["go"]).click()
    expect(card.locator("small")).to_have_text(texts["signed_in"])
    assert not granted(visitor, come, "personalized_recommendations")
    page.locator("main [data-consent-open]").click()
    expect(page.locator(".cw-locked")).to_be_visible()
    assert page.locator(".cw-centre [role=switch]").count() > 5
    expect(page.locator(".cw-centre [role=switch]:not([aria-disabled=true])")).to_have_count(0)

    come.go(visitor, f"/checkout?{BASKET}")
    expect(page.locator("main")).to_contain_text(
        {"en": "once a parent or guardian agrees", "zh-CN": "要家长同意后才能打开"}[locale]
    )
    expect(page.locator("[name=name], [name=address]")).to_have_count(0)
    come.go(visitor, "/checkout/note")
    expect(page.locator("main")).to_contain_text({"en": "not available to minors", "zh-CN": "不向未成年人开放"}[locale])

    come.go(visitor, "/account")
    card.get_by_role("link", name=texts["ask"]).click()
    page.fill("[name=address]", "father@family.example")
    page.locator("main button").click()
    come.go(visitor, "/account")
    expect(card).to_contain_text(texts["posted"])
    expect(page.locator("main")).not_to_contain_text("father@family.example")
    link = card.get_by_role("link", name=texts["open"]).get_attribute("href") or ""

    guardian = come(link.removeprefix(come.demo.shop), locale, script=script)
    guardian.page.locator("[value=personalized_recommendations]").check()
    guardian.page.locator("[value=service_delivery]").check()
    guardian.page.locator("[value=payment_processing]").check()
    guardian.page.locator("main [value=save]").click()
    lasting = guardian.page.locator(".cw-link").get_attribute("href") or ""
    come.go(visitor, "/for-you")
    expect(page.get_by_role("heading", name=say(locale, "for_you", child=True)["title"])).to_be_visible()
    assert not granted(visitor, come, "data_analytics")
    come.go(visitor, f"/checkout?{BASKET}")
    expect(page.locator("[name=name]")).to_be_visible()
    page.get_by_role("link", name=say(locale, "checkout")["abroad"]).click()
    expect(page.locator("main")).to_contain_text(
        {"en": "once a parent or guardian agrees", "zh-CN": "要家长同意后才能打开"}[locale]
    )
    come.go(visitor, "/inside")
    expect(page.locator("[data-list=records] summary").first).to_contain_text(say(locale, "inside")["guardian"])

    guardian.page.goto(lasting)
    guardian.page.locator("[value=withdraw_all]").click()
    come.go(visitor, f"/checkout?{BASKET}")
    expect(page.locator("[name=name]")).to_have_count(0)
    come.go(visitor, "/account")
    expect(card).to_contain_text(texts["post"])
    assert not granted(visitor, come, "personalized_recommendations")

    card.get_by_role("button", name=texts["leave"]).click()
    expect(card.locator("small")).to_have_text(texts["signed_out"])
    visitor.layer.locator("#cw-accept-all").click()
    if script:
        visitor.expect_saved()
    assert granted(visitor, come, "personalized_recommendations")


@both
def test_links_to_other_sites_show_a_notice_and_the_shops_own_do_not(come: Shop, locale: str) -> None:
    visitor = come("/newsletter", locale)
    page, texts = visitor.page, say(locale, "newsletter")
    dialog = page.locator("dialog .cw-ask")
    page.get_by_role("link", name=texts["museum"]).click()
    expect(dialog).to_contain_text("kiln-museum.localhost")
    page.keyboard.press("Escape")
    page.get_by_role("link", name=texts["teahouse"]).click()
    expect(dialog.locator("b")).to_contain_text("xn--cl1ay07b.localhost")
    expect(dialog).to_contain_text("茶馆.localhost")
    with visitor.context.expect_page() as opened:
        dialog.locator("a.cw-button").click()
    expect(opened.value.locator("h1")).to_have_text(
        {"zh-CN": "您已离开溪午茶舍", "en": "You have left Noonbrook"}[locale]
    )
    page.locator(".links").get_by_role("link", name=say(locale, "home")["journal"]).click()
    page.wait_for_url(come.demo.journal + "/**")


@both
def test_without_a_script_those_links_just_work(come: Shop, locale: str) -> None:
    visitor = come("/newsletter", locale, script=False)
    visitor.page.get_by_role("link", name=say(locale, "newsletter")["museum"]).click()
    visitor.page.wait_for_url("**/elsewhere")


@pytest.mark.parametrize(("locale", "scheme"), [("zh-CN", "dark"), ("en", "light")])
def test_every_new_page_is_accessible_and_fits_a_phone(come: Shop, locale: str, scheme: str) -> None:
    narrow = {"width": 320, "height": 700}
    visitor = come("/account", locale, color_scheme=scheme, reduced_motion="reduce", viewport=narrow)
    visitor.accept()
    page = visitor.page
    page.get_by_role("link", name=say(locale, "club")["go"]).click()
    sound(visitor, scheme)
    answer(page, locale, "allow")
    page.wait_for_url("**/account/club**")
    sound(visitor, scheme)
    for path in (
        "/checkout/thanks",
        f"/checkout?{BASKET}",
        "/checkout/note/sent",
        "/newsletter",
        "/account",
        "/inside",
    ):
        come.go(visitor, path)
        visitor.wait_until("document.querySelector('consent-widget')")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        sound(visitor, scheme)
    come.go(visitor, "/account")
    page.get_by_role("button", name=say(locale, "child")["go"]).click()
    expect(visitor.layer).to_be_visible()
    page.wait_for_load_state()  # the layer is there before the shop's style sheet is
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    sound(visitor, scheme)
