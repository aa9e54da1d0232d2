"""Where the focus is, after every act and with every key."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import MakeSite, MakeVisitor
from .servers import Place, Site
from .test_accessible import focused, tab_to
from .test_way_back import FILLING, HEAD, LINK

tag_only = pytest.mark.parametrize("place", ["tag"], indirect=True)
LINKS = "".join(f"<p><a href='#{n}' id=link{n}>Link {n}</a></p>" for n in range(9))
BODY = "document.activeElement == document.body"


def test_a_dialog_begins_at_its_title(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go().open_centre()
    expect(visitor.centre.locator("h2")).to_be_focused()
    visitor.page.keyboard.press("Tab")
    assert focused(visitor) == "zh-CN"
    visitor.page.keyboard.press("Escape")
    visitor.layer.locator("[data-open=notice]").click()
    expect(visitor.notice.locator("h2")).to_be_focused()


def test_a_modal_layer_begins_at_its_title(make_site: MakeSite, visit: MakeVisitor) -> None:
    visitor = visit(make_site(CONSENT_LAYOUT="modal")).go()
    expect(visitor.page.locator("dialog h2")).to_be_focused()


@tag_only
def test_by_script_tag_too_the_layer_comes_before_the_page(place: Place, visit: MakeVisitor) -> None:
    visitor = visit(place.site)
    visitor.page.goto(place.serve(f"{HEAD}<body>{LINKS}WIDGET"))
    expect(visitor.layer).to_be_visible()
    visitor.wait_until("window.ConsentWidget?.open")
    for each in ("zh-CN", "close", "notice", "cw-accept-all", "cw-reject-all", "centre", "link0", "link1"):
        visitor.page.keyboard.press("Tab")
        assert focused(visitor) == each


@tag_only
def test_by_script_tag_a_screen_reader_meets_the_layer_first(place: Place, visit: MakeVisitor) -> None:
    visitor = visit(place.site)
    visitor.page.goto(place.serve(f"{HEAD}<style>body > :first-child {{ color: red }}</style><body>{LINKS}WIDGET"))
    visitor.wait_until(
        "document.querySelector('consent-widget + body')"
    )  # once no framework looks at the markup any more
    assert (
        visitor.page.locator("#link0").evaluate("(each) => getComputedStyle(each.parentNode).color") == "rgb(255, 0, 0)"
    )
    visitor.page.locator("#cw-reject-all").click()
    visitor.expect_saved()


@tag_only
def test_who_is_in_the_page_already_stays_there(place: Place, visit: MakeVisitor) -> None:
    visitor = visit(place.site)
    visitor.page.goto(place.serve(f"{HEAD}<body>{LINKS}WIDGET"))
    visitor.wait_until("window.ConsentWidget?.open")
    visitor.page.locator("#link3").focus()
    visitor.page.keyboard.press("Tab")
    assert focused(visitor) == "link4"


@pytest.mark.parametrize("press", ["cw-accept-all", "cw-reject-all", "close"])
def test_after_a_choice_the_focus_is_on_the_pages_own_link_and_the_page_stays_where_it_is(
    site: Site, visit: MakeVisitor, press: str
) -> None:
    site.body = FILLING + LINK
    visitor = visit(site).go()
    visitor.wait_until("window.ConsentWidget?.open")
    tab_to(visitor, press)
    visitor.page.keyboard.press("Enter")
    visitor.expect_saved()
    assert focused(visitor) == "link"
    assert visitor.page.evaluate("scrollY") == 0


SPEAKS = """self.heard = []; for (const type of ["keydown", "keypress", "keyup"])
document.addEventListener(type, (event) => { heard.push(event.key); event.preventDefault() })"""


def test_keys_that_are_pressed_in_the_widget_do_not_reach_the_page(place: Place, visit: MakeVisitor) -> None:
    """As a slide show listens, which moves on at the space bar, and stops Escape."""
    visitor = visit(place.site)
    visitor.page.goto(place.serve(f"{HEAD}<script>{SPEAKS}</script><body>WIDGET{LINKS}"))
    visitor.wait_until("window.ConsentWidget?.open")
    visitor.layer.locator("[data-open=centre]").focus()
    visitor.page.keyboard.press("Space")
    expect(visitor.centre).to_be_visible()
    visitor.page.keyboard.press("Escape")
    expect(visitor.centre).to_have_count(0)
    assert focused(visitor) == "centre"
    visitor.layer.locator("#cw-reject-all").focus()
    visitor.page.keyboard.press("Enter")
    visitor.expect_saved()
    assert "Escape" not in visitor.page.evaluate("heard")
    assert " " not in visitor.page.evaluate("heard")


def test_no_id_is_there_twice(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go().open_centre()
    visitor.centre.locator("[data-open=notice]").click()
    expect(visitor.notice).to_be_visible()
    twice = """(host) => { const ids = [...host.shadowRoot.querySelectorAll("[id]")].map(({ id }) => id);
    return ids.filter((id, at) => ids.indexOf(id) != at) }"""
    assert visitor.page.locator("consent-widget").evaluate(twice) == []


def test_a_message_comes_into_an_area_that_is_there_before(site: Site, visit: MakeVisitor) -> None:
    """A screen reader reads what changes in an area, and not an area that comes with its text."""
    visitor = visit(site).go().reject().open_centre()
    area = visitor.page.locator("dialog > [role=status]")
    expect(area).to_have_count(1)
    area.evaluate("(each) => self.area = each")
    visitor.press_in_centre("reject_all").expect_saved()
    assert visitor.page.evaluate("area.parentNode.getAttribute('aria-label')") == "Privacy settings"  # a landmark
    assert visitor.page.evaluate("area.textContent") != ""


@pytest.mark.parametrize("which", [0, 1], ids=["once", "always"])
def test_after_a_placeholder_the_focus_is_in_what_was_loaded(site: Site, visit: MakeVisitor, which: int) -> None:
    site.body = f"<iframe id=frame title=Film data-consent=targeted_advertising data-consent-service=reel data-src={site.vendors.url}/film.html></iframe>"
    visitor = visit(site).go().reject()
    button = visitor.placeholder.locator("button").nth(which)
    expect(button).to_be_visible()
    button.focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.placeholder).to_have_count(0)
    assert focused(visitor) == "frame"


def test_a_placeholder_groups_its_buttons_under_the_title_of_the_frame(site: Site, visit: MakeVisitor) -> None:
    site.body = f"<iframe title=Film data-consent=targeted_advertising data-consent-service=reel data-src={site.vendors.url}/film.html></iframe>"
    visitor = visit(site).go()
    group = visitor.page.get_by_role("group", name="Film · Reel")
    expect(group.get_by_role("button")).to_have_count(2)


@pytest.mark.parametrize("layout", ["box", "modal"])
def test_another_language_in_the_centre_keeps_what_is_open_and_moved_and_escape_leads_back(
    make_site: MakeSite, visit: MakeVisitor, layout: str
) -> None:
    visitor = visit(make_site(CONSENT_LAYOUT=layout)).go()
    visitor.wait_until("window.ConsentWidget?.open")
    tab_to(visitor, "centre")
    visitor.page.keyboard.press("Enter")
    visitor.set_switches("data_analytics")
    unfolded = "all => all.map((each) => each.open)"
    before = visitor.centre.locator("details").evaluate_all(unfolded)
    assert any(before)
    visitor.centre.locator("[data-lang]").focus()
    visitor.page.keyboard.press("Enter")
    title = visitor.page.locator("dialog[open] .cw-centre h2")  # the dialog before it goes a moment later
    expect(title).to_have_text("隐私设置")
    expect(title).to_be_focused()
    expect(visitor.centre).to_have_count(1)
    assert visitor.page.locator("dialog:has(.cw-centre)").get_attribute("aria-label") == "隐私设置"
    assert visitor.centre.locator("details").evaluate_all(unfolded) == before
    expect(visitor.switch("data_analytics")).to_be_checked()
    visitor.page.keyboard.press("Escape")
    expect(visitor.centre).to_have_count(0)
    expect(visitor.layer).to_contain_text("全部接受")
    if layout == "box":
        assert focused(visitor) == "centre"


def test_another_language_in_the_notice_over_the_centre_changes_both(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go().open_centre()
    visitor.centre.locator("[data-open=notice]").click()
    expect(visitor.notice).to_be_visible()
    visitor.notice.locator("[data-lang]").click()
    expect(visitor.page.locator("dialog[open] article h2").first).to_have_text("隐私声明")
    visitor.page.keyboard.press("Escape")
    expect(visitor.notice).to_have_count(0)
    expect(visitor.page.locator("dialog[open] .cw-centre h2").first).to_have_text("隐私设置")


# The language


@tag_only
@pytest.mark.parametrize(
    ("browser_locale", "lang", "shown"), [("zh-CN", "en-GB", "en"), ("en", "zh", "zh-CN"), ("en", "fr", "en")]
)
def test_the_widget_speaks_the_pages_language_before_the_browsers(
    place: Place, visit: MakeVisitor, browser_locale: str, lang: str, shown: str
) -> None:
    visitor = visit(place.site, browser_locale)
    visitor.page.goto(place.serve(f"{HEAD.replace('lang=en', f'lang={lang}')}<body>WIDGET{LINKS}"))
    expect(visitor.layer).to_have_attribute("lang", shown)
    visitor.reject()
    visitor.page.reload()
    expect(visitor.pill).to_have_text("Privacy settings" if shown == "en" else "隐私设置")


@tag_only
def test_the_language_that_the_site_chose_for_the_widget_comes_before_that(place: Place, visit: MakeVisitor) -> None:
    place.tag = place.tag.replace("widget.js", "widget.js?lang=zh-CN")
    visitor = visit(place.site)
    visitor.page.goto(place.serve(f"{HEAD}<body>WIDGET{LINKS}"))
    expect(visitor.layer).to_have_attribute("lang", "zh-CN")


@tag_only
def test_the_visitors_own_choice_of_language_comes_first(place: Place, visit: MakeVisitor) -> None:
    visitor = visit(place.site)
    visitor.page.goto(place.serve(f"{HEAD}<body>WIDGET{LINKS}"))
    visitor.layer.locator("[data-lang]").click()
    expect(visitor.layer).to_have_attribute("lang", "zh-CN")
    visitor.close()
    expect(visitor.pill).to_have_text("隐私设置")


def test_where_the_site_chooses_no_language_the_page_that_it_renders_does(site: Site, visit: MakeVisitor) -> None:
    site.page = site.page.replace("{{ request.accept_languages.best_match(['en', 'zh-CN'], 'en') }}", "en")
    visitor = visit(site, "zh-CN").go()
    expect(visitor.layer).to_have_attribute("lang", "en")


def test_where_the_site_chooses_one_that_stays(make_site: MakeSite, visit: MakeVisitor) -> None:
    visitor = visit(make_site(CONSENT_LOCALE=lambda: "zh-CN")).go()
    visitor.wait_until("window.ConsentWidget?.open")
    expect(visitor.layer).to_have_attribute("lang", "zh-CN")
