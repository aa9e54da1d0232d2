"""A returning visitor learns of a changed notice by a bar that asks nothing: before and after it, with and without scripts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from consent_widget import SQLStore, Text
from consent_widget.notice.model import Notice
from consent_widget.notice.parts import Change, Purpose, Successor
from consent_widget.ui.dates import written_date

from ..support.changing import day
from .conftest import MakeVisitor
from .servers import HostStore, Site, Vendors, live, shop
from .visitor import Visitor

both = pytest.mark.parametrize(("locale", "other"), [("en", "zh-CN"), ("zh-CN", "en")])
#: Each language, and each way to draw: which words are drawn does not depend on who draws.
each = pytest.mark.parametrize(("locale", "other", "render"), [("en", "zh-CN", "server"), ("zh-CN", "en", "script")])
TITLE = {"en": "Our privacy notice has changed", "zh-CN": "隐私声明已更新"}
AHEAD = {"en": "Our privacy notice is going to change", "zh-CN": "隐私声明即将更新"}
SEE = {"en": "See the changes", "zh-CN": "查看变更内容"}
SEEN = {"en": "Got it", "zh-CN": "知道了"}
NOTED = {"en": "Noted.", "zh-CN": "已记录。"}
ASKED = {"en": "A change needs your decision", "zh-CN": "有变化，请您决定"}
STAY = {"en": "Your other choices stay as they are.", "zh-CN": "您的其他选择保持不变。"}
MORE = {"en": "Communication records", "zh-CN": "沟通记录"}
LABEL = {"en": "Data analytics", "zh-CN": "数据分析"}
LONGER = {"en": "For two years.", "zh-CN": "保存两年。"}

MakeNews = Callable[..., Site]


def first() -> Notice:
    return replace(shop(), effective=day(-30))


def second(*, starts: int = -1, ask: bool = False, successor: bool = False) -> Notice:
    """A version in which analytics is retained longer. With `ask` it uses more instead, and so is asked about again."""

    def changed(purpose: Purpose) -> Purpose:
        if purpose.id != "data_analytics":
            return purpose
        more = (*purpose.data, "communication_records")
        return replace(purpose, data=more) if ask else replace(purpose, retention=Text(LONGER))

    purposes = tuple(map(changed, shop().purposes))
    beta = Successor(name=Text({"en": "Shop B", "zh-CN": "乙商店"}), contact="privacy@b.example")
    summary = Text({"en": "Statistics are kept longer.", "zh-CN": "统计信息的保存期限延长。"})
    entry = Change(
        version="1.1.0", date=day(starts), change_class="notice", summary=summary, successor=beta if successor else None
    )
    return replace(shop(), version="1.1.0", effective=day(starts), purposes=purposes, changes=(entry,))


@pytest.fixture
def make_news(vendors: Vendors, tmp_path: Path) -> MakeNews:  # type: ignore[misc]
    """A site that can publish a version between two visits: `site.publish(notice)`."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def make(notice: Notice, **config: object) -> Site:
            url = f"sqlite:///{tmp_path / 'news.sqlite'}"
            store = HostStore(url)
            stack.callback(store.close)
            store.publish(notice)
            site = Site(store, vendors, CONSENT_NOTICE=notice, **config)
            site.url = stack.enter_context(live(site.app, "127.0.0.1"))
            return site

        yield make  # type: ignore[misc]


def publish(site: Site, notice: Notice) -> None:
    """Publish a version, and restart the site."""
    from consent_widget.settings.config import read_settings
    from consent_widget.site.start import make_site

    assert isinstance(site.store, SQLStore)
    site.store.publish(notice, unannounced=True)
    site.app.extensions["consent_widget"] = make_site(site.app, read_settings(site.app.config))


def returning(make_news: MakeNews, visit: MakeVisitor, later: Notice, locale: str, **options: object) -> Visitor:
    """A visitor who accepted everything, and comes back after another version was published."""
    config = {key: options.pop(key) for key in list(options) if key.startswith("CONSENT")} | {
        key: options.pop(key) for key in ("strict",) if key in options
    }
    site = make_news(first(), **config)
    visitor = visit(site, locale, **options).go()
    if options.get("java_script_enabled", True):
        visitor.accept()
    else:
        visitor.layer.locator("#cw-accept-all").click()
    publish(site, later)
    visitor.context.new_cdp_session(visitor.page).send(
        "Network.clearBrowserCache"
    )  # the script's stable name lasts 5 minutes
    return visitor.go()


def actions(visitor: Visitor) -> list[str]:
    return [each.action for each in visitor.site.records()]


@each
def test_the_bar_tells_shows_before_and_after_and_goes_when_it_was_seen(
    make_news: MakeNews, visit: MakeVisitor, locale: str, other: str, render: str
) -> None:
    visitor = returning(make_news, visit, second(), locale, CONSENT_RENDER=render)
    bar, granted = visitor.page.locator(".cw-news"), visitor.granted_by_server()
    expect(bar).to_contain_text(TITLE[locale])
    expect(bar.get_by_role("button")).to_have_text([SEEN[locale]])
    expect(visitor.layer).to_have_count(0)
    expect(visitor.pill).to_be_hidden()

    bar.get_by_text(SEE[locale]).click()
    shown = visitor.page.locator("dialog .cw-changes")
    expect(shown).to_contain_text(LONGER[locale])
    expect(shown).to_contain_text(second().changes[0].summary[locale])
    visitor.page.keyboard.press("Escape")
    expect(shown).to_have_count(0)
    expect(bar).to_be_visible()

    bar.get_by_role("button").click()
    expect(bar).to_have_count(0)
    expect(visitor.status).to_have_text(NOTED[locale])
    expect(visitor.pill).to_be_focused()
    assert visitor.granted_by_server() == granted
    assert actions(visitor) == ["accept_all", "acknowledge"]
    assert visitor.site.records()[-1].purposes == {}
    visitor.go("/two")
    expect(visitor.pill).to_be_visible()
    expect(bar).to_have_count(0)


@both
def test_without_a_script_the_bar_and_its_page_are_forms(
    make_news: MakeNews, visit: MakeVisitor, locale: str, other: str
) -> None:
    visitor = returning(make_news, visit, second(), locale, java_script_enabled=False).go("/two?a=1")
    bar, page = visitor.page.locator(".cw-news"), visitor.page
    expect(bar).to_contain_text(TITLE[locale])
    bar.get_by_text(SEE[locale]).click()
    expect(page.locator("main")).to_contain_text(LONGER[locale])
    expect(page.locator("html")).to_have_attribute("lang", locale)
    page.get_by_role("button", name=SEEN[locale]).click()
    page.wait_for_url("**/two?a=1")
    expect(bar).to_have_count(0)
    assert actions(visitor) == ["accept_all", "acknowledge"]


@both
def test_the_bar_can_be_acknowledged_without_a_script_and_read_in_the_other_language(
    make_news: MakeNews, visit: MakeVisitor, locale: str, other: str
) -> None:
    visitor = returning(make_news, visit, second(), locale, java_script_enabled=False)
    bar, page = visitor.page.locator(".cw-news"), visitor.page
    bar.locator("[data-lang]").click()
    expect(page.locator("main")).to_contain_text(LONGER[other])
    visitor.go("/three")
    bar.get_by_role("button").click()
    page.wait_for_url("**/three")
    expect(bar).to_have_count(0)
    assert actions(visitor) == ["accept_all", "acknowledge"]


@both
def test_the_bar_changes_its_language_and_keeps_the_focus(
    make_news: MakeNews, visit: MakeVisitor, locale: str, other: str
) -> None:
    visitor = returning(make_news, visit, second(), locale)
    bar = visitor.page.locator(".cw-news")
    bar.locator("[data-lang]").focus()
    visitor.page.keyboard.press("Enter")
    expect(bar).to_contain_text(TITLE[other])
    expect(bar).to_have_count(1)
    expect(bar.locator("[data-lang]")).to_be_focused()
    bar.get_by_role("button").click()
    expect(bar).to_have_count(0)
    assert visitor.site.records()[-1].locale == other


@each
@pytest.mark.parametrize(
    ("button", "answer", "then"),
    [("[value=allow]", "allow", True), (".cw-actions [value=refuse]", "refuse", False), (".cw-x", "refuse", False)],
)
def test_what_means_something_else_is_asked_about_alone_and_everything_else_stays(
    make_news: MakeNews, visit: MakeVisitor, locale: str, other: str, render: str, button: str, answer: str, then: bool
) -> None:
    visitor = returning(make_news, visit, second(ask=True), locale, CONSENT_RENDER=render)
    layer, before = visitor.layer, visitor.granted_by_server()
    expect(layer).to_contain_text(ASKED[locale])
    expect(layer).to_contain_text(second().changes[0].summary[locale])
    expect(layer).to_contain_text(STAY[locale])
    expect(layer.locator("li")).to_have_text([LABEL[locale]])
    expect(layer.locator("[value=reject_all], [value=accept_all]")).to_have_count(0)
    expect(visitor.page.locator(".cw-news")).to_have_count(0)
    assert "data_analytics" not in before

    layer.locator(button).click()
    visitor.expect_saved()
    expect(layer).to_have_count(0)
    assert visitor.granted_by_server() == before | ({"data_analytics"} if then else set())
    *_, choice = visitor.site.records()
    assert (choice.action, choice.surface, choice.purposes) == (answer, "again", {"data_analytics": then})
    visitor.go("/two")
    expect(visitor.pill).to_be_visible()
    expect(visitor.page.locator(".cw-news")).to_have_count(0)


@pytest.mark.parametrize("render", ["server", "script"])
def test_what_the_question_does_not_tell_of_is_told_by_the_bar_afterwards(
    make_news: MakeNews, visit: MakeVisitor, render: str
) -> None:
    asking = second(ask=True)
    shorter = tuple(
        replace(each, retention=Text(LONGER)) if each.id == "targeted_advertising" else each for each in asking.purposes
    )
    visitor = returning(make_news, visit, replace(asking, purposes=shorter), "en", CONSENT_RENDER=render)
    visitor.layer.locator("[value=allow]").click()
    visitor.expect_saved()
    expect(visitor.layer).to_have_count(0)
    bar = visitor.page.locator(".cw-news")
    bar.get_by_text(SEE["en"]).click()
    changes = visitor.page.locator("dialog .cw-changes")
    expect(changes).to_contain_text(LONGER["en"])
    expect(changes.locator("[value=allow]")).to_have_count(0)  # that is answered
    changes.locator("[value=acknowledge]").click()
    expect(bar).to_have_count(0)
    assert actions(visitor) == ["accept_all", "allow", "acknowledge"]
    assert visitor.granted_by_server() >= {"data_analytics", "targeted_advertising"}


@each
def test_the_question_stands_beside_what_changed_too(
    make_news: MakeNews, visit: MakeVisitor, locale: str, other: str, render: str
) -> None:
    visitor = returning(make_news, visit, second(ask=True), locale, CONSENT_RENDER=render)
    visitor.layer.locator("[data-changes]").click()
    changes = visitor.page.locator("dialog .cw-changes")
    expect(changes).to_contain_text(MORE[locale])
    expect(changes.locator(".cw-asked li")).to_have_text([LABEL[locale]])
    expect(changes.locator("[value=acknowledge]")).to_have_count(0)  # a question is answered, not seen
    visitor.page.keyboard.press("Escape")
    expect(visitor.layer).to_be_visible()
    visitor.layer.locator("[data-changes]").click()
    changes.locator("[value=allow]").click()
    visitor.expect_saved()
    expect(changes).to_have_count(0)
    expect(visitor.layer).to_have_count(0)
    assert "data_analytics" in visitor.granted_by_server()
    assert actions(visitor) == ["accept_all", "allow"]


@both
def test_without_a_script_what_changed_is_asked_about_alone_too(
    make_news: MakeNews, visit: MakeVisitor, locale: str, other: str
) -> None:
    visitor = returning(make_news, visit, second(ask=True), locale, java_script_enabled=False).go("/two?a=1")
    page, before = visitor.page, visitor.granted_by_server()
    visitor.layer.locator("[data-changes]").click()
    expect(page.locator(".cw-asked")).to_contain_text(STAY[locale])
    page.locator(".cw-asked [value=refuse]").click()
    page.wait_for_url("**/two?a=1")
    expect(visitor.layer).to_have_count(0)
    assert visitor.granted_by_server() == before
    assert actions(visitor) == ["accept_all", "refuse"]


@both
def test_the_question_changes_its_language_and_leads_to_all_settings(
    make_news: MakeNews, visit: MakeVisitor, locale: str, other: str
) -> None:
    visitor = returning(make_news, visit, second(ask=True), locale)
    visitor.set_language(other)
    expect(visitor.layer.locator("li")).to_have_text([LABEL[other]])
    visitor.layer.locator("[data-open=centre]").click()
    expect(visitor.switch("targeted_advertising")).to_be_checked()
    expect(visitor.switch("data_analytics")).not_to_be_checked()
    visitor.press_in_centre("save")
    visitor.expect_saved()
    expect(visitor.layer).to_have_count(0)
    assert "targeted_advertising" in visitor.granted_by_server()


@both
def test_the_question_and_what_changed_are_accessible_and_the_question_takes_at_most_half_of_a_phone(
    make_news: MakeNews, visit: MakeVisitor, locale: str, other: str
) -> None:
    visitor = returning(make_news, visit, second(ask=True), locale, reduced_motion="reduce")
    page, layer = visitor.page, visitor.layer
    for width, height in ((1280, 800), (375, 667), (320, 640)):
        page.set_viewport_size({"width": width, "height": height})
        box = layer.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["height"] <= height / 2
        allow, refuse = (
            layer.locator(f".cw-actions [value={answer}]").bounding_box() for answer in ("allow", "refuse")
        )
        assert allow
        assert refuse
        assert (allow["width"], allow["height"]) == (refuse["width"], refuse["height"])
    assert not Axe().run(page).response["violations"]
    layer.locator("[data-changes]").click()
    shown = page.locator("dialog .cw-changes")
    expect(shown).to_be_visible()
    assert shown.evaluate("(each) => each.scrollWidth <= each.clientWidth")
    assert not Axe().run(page).response["violations"]
    page.goto(f"{visitor.site.url}/consent/changes?lang={locale}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not Axe().run(page).response["violations"]


def test_whoever_read_the_announcement_is_asked_about_it_alone_on_the_day(
    make_news: MakeNews, visit: MakeVisitor
) -> None:
    visitor = returning(make_news, visit, second(starts=7, ask=True), "en", CONSENT_RENDER="script")
    visitor.page.locator(".cw-news [value=acknowledge]").click()
    expect(visitor.page.locator(".cw-news")).to_have_count(0)
    visitor.site.app.extensions["consent_widget"] = visitor.site.app.extensions["consent_widget"].announced
    visitor.context.new_cdp_session(visitor.page).send("Network.clearBrowserCache")
    visitor.go("/two")
    expect(visitor.layer.locator("li")).to_have_text([LABEL["en"]])
    visitor.layer.locator("[data-changes]").click()
    expect(visitor.page.locator("dialog .cw-changes")).to_contain_text(MORE["en"])
    visitor.page.locator("dialog [value=refuse]").click()
    visitor.expect_saved()
    expect(visitor.layer).to_have_count(0)
    assert "targeted_advertising" in visitor.granted_by_server()


def test_an_agreement_that_is_not_saved_yet_is_asked_about_no_more_on_the_page(
    make_news: MakeNews, visit: MakeVisitor
) -> None:
    visitor = returning(make_news, visit, second(ask=True), "en", faults=True)
    visitor.context.set_offline(True)
    visitor.layer.locator("[value=allow]").click()
    visitor.expect_status("unsaved")
    expect(visitor.layer).to_have_count(0)
    expect(visitor.page.locator(".cw-news")).to_have_count(0)
    visitor.context.set_offline(False)
    visitor.expect_saved()
    assert "data_analytics" in visitor.granted_by_server()


@both
def test_a_future_change_is_announced_and_can_be_read_before_it_takes_effect(
    make_news: MakeNews, visit: MakeVisitor, locale: str, other: str
) -> None:
    visitor = returning(make_news, visit, second(starts=7, ask=True), locale)
    bar = visitor.page.locator(".cw-news")
    expect(bar).to_contain_text(AHEAD[locale])
    expect(bar).to_contain_text(written_date(day(7), locale))
    assert "data_analytics" in visitor.granted_by_server()
    bar.get_by_text(SEE[locale]).click()
    visitor.page.locator("dialog [value=acknowledge]").click()
    expect(bar).to_have_count(0)
    expect(visitor.go("/two").pill).to_be_visible()
    assert actions(visitor) == ["accept_all", "acknowledge"]


def test_after_got_it_the_focus_goes_to_the_pages_own_link_to_the_settings(
    make_news: MakeNews, visit: MakeVisitor
) -> None:
    visitor = returning(make_news, visit, second(), "en")
    visitor.page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<a href=/settings id=own data-consent-open>Settings</a>')"
    )
    expect(visitor.pill).to_be_hidden()
    visitor.page.locator(".cw-news [value=acknowledge]").focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator(".cw-news")).to_have_count(0)
    expect(visitor.page.locator("#own")).to_be_focused()
    expect(visitor.status).to_have_text(NOTED["en"])


def test_a_bar_whose_acknowledgement_is_not_saved_says_so_and_stays(make_news: MakeNews, visit: MakeVisitor) -> None:
    visitor = returning(make_news, visit, second(), "en", faults=True)
    bar = visitor.page.locator(".cw-news")
    visitor.context.set_offline(True)
    bar.get_by_role("button").click()
    expect(bar.get_by_role("status")).to_contain_text("Not noted yet.")
    visitor.context.set_offline(False)
    expect(bar).to_have_count(0)
    assert actions(visitor) == ["accept_all", "acknowledge"]


def test_a_choice_in_the_centre_ends_the_bar_too(make_news: MakeNews, visit: MakeVisitor) -> None:
    visitor = returning(make_news, visit, second(successor=True), "en")
    bar = visitor.page.locator(".cw-news")
    expect(bar).to_contain_text("Shop B (privacy@b.example)")
    bar.locator("[data-open=centre]").click()
    visitor.press_in_centre("reject_all")
    visitor.expect_saved()
    expect(bar).to_have_count(0)
    assert actions(visitor) == ["accept_all", "reject_all"]


@pytest.mark.parametrize("strict", ["nonce", "self"])
def test_the_bar_works_under_a_strict_policy(make_news: MakeNews, visit: MakeVisitor, strict: str) -> None:
    visitor = returning(make_news, visit, second(), "en", strict=strict)
    bar = visitor.page.locator(".cw-news")
    bar.get_by_text(SEE["en"]).click()
    expect(visitor.page.locator("dialog .cw-changes")).to_contain_text(LONGER["en"])
    visitor.page.locator("dialog [value=acknowledge]").click()
    expect(bar).to_have_count(0)


@both
def test_bar_and_changes_are_accessible_and_fit_every_width(
    make_news: MakeNews, visit: MakeVisitor, locale: str, other: str
) -> None:
    visitor = returning(make_news, visit, second(successor=True), locale, reduced_motion="reduce")
    page, bar = visitor.page, visitor.page.locator(".cw-news")
    for width in (1280, 375, 320):
        page.set_viewport_size({"width": width, "height": 640})
        box = bar.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] >= 0
        assert bar.evaluate("(each) => each.scrollWidth <= each.clientWidth")
    assert not Axe().run(page).response["violations"]
    bar.get_by_text(SEE[locale]).click()
    shown = page.locator("dialog .cw-changes")
    expect(shown).to_be_visible()
    assert shown.evaluate("(each) => each.scrollWidth <= each.clientWidth")
    assert not Axe().run(page).response["violations"]
    page.goto(f"{visitor.site.url}/consent/changes?lang={locale}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not Axe().run(page).response["violations"]
