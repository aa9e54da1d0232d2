"""The preference centre: what it says at first sight, what it keeps, how it is spoken, and how much room it takes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from consent_widget import read_notice
from consent_widget.ui.dates import written_day

from ..conftest import CONTROLLER
from .conftest import MakeSite, MakeVisitor
from .servers import Site
from .test_looks import LONGER, box, clipped, in_window, small_targets
from .visitor import Visitor

both = pytest.mark.parametrize("locale", ["en", "zh-CN"])
CARD = "dialog .cw-card"


@pytest.fixture
def small(make_site: MakeSite) -> Site:
    return make_site(CONSENT_NOTICE=read_notice("minimal", CONTROLLER))


def unsaved(visitor: Visitor) -> Locator:
    return visitor.centre.locator(".cw-foot [role=status]")


def solid(button: Locator) -> bool:
    """Has this button the colour of the text as its background?"""
    return bool(
        button.evaluate(
            """(each) => {
              const ink = getComputedStyle(each.closest('form')).color;
              return getComputedStyle(each).backgroundColor == ink;
            }"""
        )
    )


def buttons(visitor: Visitor) -> list[Locator]:
    return [visitor.centre.locator(f".cw-foot [value={each}]") for each in ("accept_all", "reject_all", "save")]


def spoken(visitor: Visitor) -> list[tuple[str, str, dict[str, Any]]]:
    """What the accessibility tree holds: role, name and properties of each node."""
    tree = visitor.context.new_cdp_session(visitor.page).send("Accessibility.getFullAXTree")["nodes"]
    return [
        (
            node["role"]["value"],
            node.get("name", {}).get("value", ""),
            {each["name"]: each["value"].get("value") for each in node.get("properties", [])},
        )
        for node in tree
        if not node.get("ignored")
    ]


def names(visitor: Visitor, role: str) -> list[str]:
    return [name for each, name, _ in spoken(visitor) if each == role]


# What it says


@both
def test_it_opens_with_what_it_is_and_afterwards_with_how_much_is_on_since_when(
    site: Site, visit: MakeVisitor, locale: str
) -> None:
    visitor = visit(site, locale).go().open_centre()
    opening = visitor.centre.locator(".cw-now")
    expect(opening).to_contain_text({"en": "Refusing costs you nothing", "zh-CN": "全部拒绝，也不影响"}[locale])
    visitor.set_switches("data_analytics").press_in_centre("save").expect_saved().open_centre()
    of = visitor.centre.locator("[name=grant]:not([value*='@'])").count()
    today = written_day(int(datetime.now(UTC).timestamp()), locale)
    told = {"en": f"1 of {of} on · saved {today}", "zh-CN": f"已开启 1/{of} · 保存于{today}"}[locale]
    expect(opening).to_have_text(told)
    visitor.set_switches("service_research")
    expect(opening).to_have_text(told)  # of what is saved
    visitor.go("/consent/preferences")
    expect(visitor.page.locator(".cw-now")).to_have_text(told)


@both
def test_a_closed_card_names_what_is_in_it_and_an_open_one_does_not_say_it_twice(
    site: Site, visit: MakeVisitor, locale: str
) -> None:
    visitor = visit(site, locale).go().open_centre()
    card = visitor.group_of("data_analytics")
    contents = card.locator(".cw-within")
    for key in ("service_research", "data_analytics", "service_improvement"):
        label = card.locator(".cw-row", has=visitor.page.locator(f"[value={key}]")).locator("[role=heading]")
        expect(contents).to_contain_text(label.text_content() or "")
    card.locator("summary").first.click()
    expect(contents).to_be_hidden()


@both
def test_the_card_of_separate_consent_names_each_recipient_and_its_country_before_it_is_opened(
    site: Site, visit: MakeVisitor, locale: str
) -> None:
    visitor = visit(site, locale).go().open_centre()
    where = {"en": "Sharing with partners (Acme · United States)", "zh-CN": "与合作伙伴共享（艾克米 · 美国）"}[locale]
    expect(visitor.group_of("partner_sharing:acme").locator("summary").first).to_contain_text(where)


def test_what_holds_for_a_whole_group_is_said_once(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go().open_centre().unfold()
    text = visitor.centre.inner_text()
    assert text.count("Always on") == 1
    assert text.count("Asked only when needed") == 1


@pytest.mark.parametrize("where", ["script", "page"])
def test_who_may_opt_out_of_sale_and_sharing_finds_the_page_for_it(site: Site, visit: MakeVisitor, where: str) -> None:
    visitor = visit(site).go("/consent/preferences" if where == "page" else "/")
    if where == "script":
        visitor.open_centre()
    visitor.page.locator(".cw-centre a[href*=do-not-share]").click()
    expect(visitor.page.locator("button[value=opt_out]")).to_be_visible()


# What it keeps


def test_once_a_switch_has_moved_saving_is_the_solid_button_and_the_others_stay_equal(
    site: Site, visit: MakeVisitor
) -> None:
    visitor = visit(site, reduced_motion="reduce").go().open_centre()
    accept, reject, save = buttons(visitor)
    assert [solid(each) for each in (accept, reject, save)] == [True, True, False]
    assert box(accept)["y"] == box(save)["y"]
    expect(unsaved(visitor).locator("b")).to_be_hidden()
    visitor.set_switches("data_analytics")
    expect(unsaved(visitor)).to_have_text("Not saved yet")
    assert [solid(each) for each in (accept, reject, save)] == [False, False, True]
    assert (box(accept)["width"], box(accept)["height"]) == (box(reject)["width"], box(reject)["height"])
    assert box(accept)["y"] == box(reject)["y"] < box(save)["y"]
    assert box(unsaved(visitor))["x"] < box(save)["x"]
    visitor.set_switches("data_analytics", on=False)
    expect(unsaved(visitor).locator("b")).to_be_hidden()
    assert [solid(each) for each in (accept, reject, save)] == [True, True, False]


def test_closing_keeps_what_was_moved_until_it_is_saved(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go().reject().open_centre().set_switches("data_analytics")
    visitor.page.keyboard.press("Escape")
    expect(visitor.centre).to_have_count(0)
    assert visitor.granted_by_script(["data_analytics"]) == set()
    visitor.open_centre()
    expect(visitor.switch("data_analytics")).to_be_checked()
    expect(unsaved(visitor)).to_have_text("Not saved yet")
    visitor.set_language("zh-CN")
    expect(unsaved(visitor)).to_have_text("尚未保存")
    expect(visitor.switch("data_analytics")).to_be_checked()
    visitor.press_in_centre("reject_all").expect_saved().open_centre()
    expect(visitor.switch("data_analytics")).not_to_be_checked()
    expect(unsaved(visitor).locator("b")).to_be_hidden()


def test_a_choice_that_is_saved_late_neither_closes_the_centre_nor_moves_its_switches(
    site: Site, visit: MakeVisitor
) -> None:
    visitor = visit(site, faults=True).go()
    site.store.away = True
    visitor.layer.locator("#cw-accept-all").click()
    visitor.expect_status("unsaved")
    visitor.open_centre().set_switches("data_analytics")
    site.store.away = False
    visitor.wait_until_sent()
    expect(visitor.switch("personalized_recommendations")).to_be_checked()  # what was saved is shown
    expect(visitor.centre).to_be_visible()
    visitor.set_switches("data_analytics", on=False)
    expect(unsaved(visitor)).to_have_text("Not saved yet")
    visitor.press_in_centre("save").wait_until_sent()
    assert site.records()[-1].purposes["data_analytics"] is False
    assert site.records()[-1].purposes["service_research"] is True


def test_that_nothing_is_saved_yet_is_read_out_once(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site, faults=True).go()
    visitor.page.evaluate(
        """() => {
          window.read = [];
          const toast = document.querySelector('consent-widget').shadowRoot.querySelector('.cw-toast');
          new MutationObserver(() => window.read.push(toast.textContent)).observe(toast, { childList: true });
        }"""
    )
    site.store.away = True
    visitor.layer.locator("#cw-reject-all").click()
    tries = len([path for path in site.asked if path.endswith("/records")])
    visitor.wait_until("window.read.length")
    while len([path for path in site.asked if path.endswith("/records")]) < tries + 3:
        visitor.page.wait_for_timeout(100)
    site.store.away = False
    visitor.wait_until_sent().expect_saved()
    assert [text for text in visitor.page.evaluate("window.read") if text.startswith("Not saved")] == [
        "Not saved yet. Everything optional stays off."
    ]


# How it is spoken


def test_every_purpose_is_a_heading_under_that_of_its_group(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go().open_centre().unfold()
    found = [(props["level"], name) for role, name, props in spoken(visitor) if role == "heading"]
    headings = {name: level for level, name in found}
    notice = site.app.extensions["consent_widget"].notice
    for group in notice.groups:
        purposes = notice.in_group(group.id)
        label = group.label["en"]
        if len(purposes) > 1:
            assert headings[label] == 3
            assert {headings[purpose.label["en"]] for purpose in purposes} == {4}
        else:
            assert {headings[purpose.label["en"]] for purpose in purposes} == {3}
    visitor.go("/consent/preferences")
    visitor.unfold()
    levels = [props["level"] for role, _, props in spoken(visitor) if role == "heading"]
    assert min(levels) == 1
    assert max(levels) == 3


@both
def test_folds_and_switches_are_named_with_what_they_belong_to(site: Site, visit: MakeVisitor, locale: str) -> None:
    visitor = visit(site, locale).go().open_centre().unfold()
    folds, switches = names(visitor, "DisclosureTriangle"), names(visitor, "switch")
    details, shared = {
        "en": ("Details: Data analytics", "Sharing with partners · Acme"),
        "zh-CN": ("详情：数据分析", "与合作伙伴共享 · 艾克米"),
    }[locale]
    assert details in folds
    assert shared in switches
    assert len(folds) == len(set(folds))
    assert len(switches) == len(set(switches))
    assert not [name for name in folds if "›" in name]
    groups = names(visitor, "group")
    assert {"en": "Marketing and advertising", "zh-CN": "营销与广告"}[locale] in groups


def test_half_a_group_is_a_checkbox_that_is_mixed(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go().open_centre()
    name = "Switch all of “Analytics and improvement”"

    def state() -> tuple[str, str]:
        ((role, _, props),) = (each for each in spoken(visitor) if each[1] == name)
        return role, str(props["checked"])

    assert state() == ("checkbox", "false")
    visitor.set_switches("data_analytics")
    assert state() == ("checkbox", "mixed")
    visitor.set_switches("service_research", "service_improvement")
    assert state() == ("checkbox", "true")


def test_a_group_of_which_the_signal_keeps_a_part_off_is_half_on_at_most(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site, extra_http_headers={"Sec-GPC": "1"}).go().open_centre()
    card = visitor.group_of("marketing_messages")
    every, count = card.locator(".cw-all input"), card.locator("[data-some]")
    every.click()
    expect(count).to_have_text("1 of 3 on")
    assert every.evaluate("(each) => each.indeterminate && !each.checked")
    every.click()
    expect(count).to_have_text("0 of 3 on")
    assert every.evaluate("(each) => !each.indeterminate && !each.checked")


def test_that_what_was_moved_is_not_saved_is_read_out_once(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go().open_centre()
    unsaved(visitor).evaluate(
        """(status) => {
          window.read = 0;
          new MutationObserver((changes) => window.read += changes.length)
            .observe(status, { attributes: true, childList: true, characterData: true, subtree: true });
        }"""
    )
    visitor.set_switches("data_analytics", "service_research", "marketing_messages")
    expect(unsaved(visitor)).to_have_text("Not saved yet")
    assert visitor.page.evaluate("window.read") == 1


def test_the_tab_key_goes_down_the_centre_and_an_act_leaves_the_focus_where_it_is(
    site: Site, visit: MakeVisitor
) -> None:
    visitor = visit(site, reduced_motion="reduce").go().open_centre().unfold()
    visitor.page.set_viewport_size({"width": 1280, "height": 9000})
    visitor.page.add_style_tag(content="consent-widget::part(dialog) { max-height: none }")
    tops = visitor.centre.locator("a, button, input, summary").evaluate_all(
        """all => all.filter((each) => each.checkVisibility()).map((each) => {
          const { top, height } = each.getBoundingClientRect();
          return top + height / 2;
        })"""
    )
    assert len(tops) > 40
    assert [after for before, after in pairwise(tops) if after < before - 12] == []
    for each in (
        visitor.switch("data_analytics"),
        visitor.group_of("data_analytics").locator(".cw-all input"),
        visitor.group_of("data_analytics").locator("summary").first,
    ):
        each.focus()
        visitor.page.keyboard.press("Space")
        expect(each).to_be_focused()


def test_no_id_stands_twice(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site, extra_http_headers={"Sec-GPC": "1"}).go().open_centre()
    ids = visitor.page.locator("consent-widget [id]").evaluate_all("all => all.map((each) => each.id)")
    assert len(ids) == len(set(ids))


REASON = "Off, because your browser sends an opt-out signal (GPC)."


@pytest.mark.parametrize("scripts", [True, False])
def test_a_locked_switch_is_reached_says_why_beside_it_and_does_not_move(
    site: Site, visit: MakeVisitor, scripts: bool
) -> None:
    visitor = visit(site, extra_http_headers={"Sec-GPC": "1"}, java_script_enabled=scripts)
    visitor.go("/" if scripts else "/consent/preferences")
    if scripts:
        visitor.open_centre()
    page = visitor.page
    row = page.locator(".cw-centre .cw-row", has_text="Personalised advertising").last
    page.locator(".cw-centre summary", has_text="Marketing and advertising").click()
    before, locked = page.locator(".cw-row", has_text="Marketing messages").last, row.locator("[role=switch]").first
    before.locator("summary").focus()
    page.keyboard.press("Tab")
    if not scripts:  # before it stands the link to where it is allowed all the same
        page.keyboard.press("Tab")
    expect(locked).to_be_focused()
    page.keyboard.press("Space")
    locked.click(force=True)  # Playwright would wait until it can be moved
    expect(locked).not_to_be_checked()
    expect(locked).to_have_attribute("aria-disabled", "true")
    expect(row.locator(".cw-label .cw-gpc").first).to_contain_text(REASON)
    expect(row.locator(".cw-label .cw-gpc").first).to_be_visible()
    expect(locked).to_have_accessible_name(re.compile(f"^Personalised advertising.*{re.escape(REASON)}$"))


# How much room it takes


@both
def test_on_the_smallest_phone_most_of_the_window_is_for_the_purposes(
    small: Site, visit: MakeVisitor, locale: str
) -> None:
    visitor = visit(small, locale, viewport={"width": 320, "height": 640}).go().open_centre()
    foot, cards = box(visitor.centre.locator(".cw-foot")), [box(each) for each in visitor.page.locator(CARD).all()]
    seen = sum(min(1, max(0, (foot["y"] - card["y"]) / card["height"])) for card in cards)
    assert seen > 2.5
    assert foot["height"] < 640 * 0.2
    visitor.switch("analytics").set_checked(True)
    assert box(visitor.centre.locator(".cw-foot"))["height"] < 640 * 0.25
    text = visitor.page.locator(f"{CARD} .cw-row > p").first
    assert box(text)["width"] > 240


def test_facts_are_two_columns_where_there_is_room_and_services_are_never_a_table(
    site: Site, visit: MakeVisitor
) -> None:
    visitor = visit(site).go().open_centre().unfold()
    facts = visitor.centre.locator(".cw-row", has=visitor.page.locator("[value=data_analytics]")).locator(".cw-facts")
    for width, in_columns in ((1280, True), (640, True), (375, False)):
        in_window(visitor, width, 800)
        name, value = box(facts.locator("dt").first), box(facts.locator("dd").first)
        assert (name["x"] + name["width"] <= value["x"]) is in_columns
    expect(visitor.centre.locator("table")).to_have_count(0)


@both
@pytest.mark.parametrize("what", ["text of twice the size", "longer words"])
def test_nothing_is_cut_off_or_out_of_reach(site: Site, visit: MakeVisitor, locale: str, what: str) -> None:
    visitor = visit(site, locale, reduced_motion="reduce", viewport={"width": 320, "height": 640})
    visitor.page.goto("about:blank")
    if what != "longer words":
        visitor.context.new_cdp_session(visitor.page).send("Page.setFontSizes", {"fontSizes": {"standard": 32}})
    visitor.go()
    visitor.layer.locator("[data-open=centre]").evaluate("(each) => each.click()")
    expect(visitor.centre).to_be_visible()
    if what == "longer words":
        visitor.page.locator("dialog").evaluate(LONGER)
    visitor.unfold()
    visitor.switch("data_analytics").evaluate("(each) => each.click()")
    for width, height in ((1280, 800), (375, 667), (320, 640)):
        in_window(visitor, width, height)
        assert (small_targets(visitor, 32), clipped(visitor)) == ([], [])
        for each in (*buttons(visitor), visitor.centre.locator(".cw-x"), visitor.switch("data_analytics")):
            each.scroll_into_view_if_needed()
            expect(each).to_be_in_viewport(ratio=1)
        body = box(visitor.centre.locator(".cw-body"))
        assert body["height"] > height / 3
