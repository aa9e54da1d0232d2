"""Before a link leads to another site, the visitor sees its host and decides."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import MakeSite, MakeVisitor
from .servers import Vendors
from .test_accessible import every, sound
from .visitor import Visitor

both = pytest.mark.parametrize("locale", ["en", "zh-CN"])
TITLE = {"en": "You are leaving this site", "zh-CN": "您即将离开本网站"}
GO = {"en": "Continue", "zh-CN": "继续前往"}
STAY = {"en": "Stay here", "zh-CN": "留在本网站"}
POLICY = {"en": "Its privacy policy", "zh-CN": "该网站的隐私政策"}
CHINESE, PUNYCODE = "茶馆.localhost", "xn--cl1ay07b.localhost"
BIDI = "אבג.localhost"


@pytest.fixture
def leaver(make_site: MakeSite, visit: MakeVisitor, vendors: Vendors) -> Leaver:
    return Leaver(make_site, visit, vendors)


class Leaver:
    """A site with links, and a visitor who follows them."""

    def __init__(self, make_site: MakeSite, visit: MakeVisitor, vendors: Vendors) -> None:
        self.port = urlsplit(vendors.url).port
        policies = {"museum.localhost": self.at("museum.localhost", "/policy.html")}
        leave = {"affiliates": ["sister.localhost"], "policies": policies}
        self.site, self.visit = make_site(CONSENT_LEAVE=leave), visit

    def at(self, host: str, path: str = "/there.html") -> str:
        return f"http://{host}:{self.port}{path}"

    def come(self, *links: str, locale: str = "en", **options: object) -> Visitor:
        self.site.body = "".join(f"<p>{each}</p>" for each in links)
        return self.visit(self.site, locale, **options).go("/two")


def link(href: str, more: str = "") -> str:
    return f'<a class="out" href="{href}" {more}>There</a>'


def out(visitor: Visitor) -> Locator:
    return visitor.page.locator(".out")


def question(page: Page) -> Locator:
    return page.locator("dialog .cw-ask")


@both
def test_it_says_where_the_link_leads_and_the_visitor_goes_on_or_stays(leaver: Leaver, locale: str) -> None:
    there = leaver.at("museum.localhost", "/there.html?a=1#b")
    visitor = leaver.come(link(there), locale=locale)
    out(visitor).click()
    dialog = question(visitor.page)
    expect(dialog.get_by_role("heading")).to_have_text(TITLE[locale])
    expect(dialog.locator("b")).to_have_text(f"museum.localhost:{leaver.port}")
    expect(visitor.page.get_by_role("dialog")).to_have_accessible_description(f"museum.localhost:{leaver.port}")
    expect(dialog.locator(".cw-small")).to_have_count(0)  # nothing to decode
    policy = dialog.get_by_role("link", name=POLICY[locale])
    expect(policy).to_have_attribute("href", leaver.at("museum.localhost", "/policy.html"))

    dialog.get_by_role("button", name=STAY[locale]).click()
    expect(dialog).to_have_count(0)
    expect(out(visitor)).to_be_focused()
    out(visitor).click()
    dialog.get_by_role("link", name=GO[locale]).click()
    visitor.page.wait_for_url(there)
    assert leaver.site.records() == []


@both
def test_a_host_in_another_script_is_shown_as_it_is_and_as_it_reads(leaver: Leaver, locale: str) -> None:
    visitor = leaver.come(link(leaver.at(CHINESE)), locale=locale)
    out(visitor).click()
    dialog = question(visitor.page)
    expect(dialog.locator("b")).to_have_text(f"{PUNYCODE}:{leaver.port}")
    expect(dialog.locator(".cw-small")).to_have_text(f"{CHINESE}:{leaver.port}")
    expect(dialog.get_by_role("link", name=POLICY[locale])).to_have_count(0)  # not known


@pytest.mark.parametrize(
    ("host", "read"),
    [
        ("bücher.example", "bücher.example"),
        ("例子.测试", "例子.测试"),
        ("xn--mgbh0fb.xn--kgbechtv", "مثال.إختبار"),
        ("аррӏе.example", "аррӏе.example"),  # Cyrillic that looks like a trade mark
        ("münchen-ost.example", "münchen-ost.example"),
        (BIDI, BIDI),
    ],
)
def test_punycode_reads_as_the_standard_says(leaver: Leaver, host: str, read: str) -> None:
    visitor = leaver.come(link(f"https://{host}/"))
    out(visitor).click()
    expect(question(visitor.page).locator("b")).to_contain_text("xn--")
    expect(question(visitor.page).locator(".cw-small")).to_have_text(read)


def test_a_host_that_hides_in_the_users_name_is_not_taken_for_it(leaver: Leaver) -> None:
    visitor = leaver.come(link("https://museum.localhost@evil.example/"))
    out(visitor).click()
    expect(question(visitor.page).locator("b")).to_have_text("evil.example")


@pytest.mark.parametrize("host", ["sister.localhost", "shop.sister.localhost"])
def test_affiliates_and_what_is_under_them_need_no_notice(leaver: Leaver, host: str) -> None:
    visitor = leaver.come(link(leaver.at(host)))
    out(visitor).click()
    visitor.page.wait_for_url(leaver.at(host))


@pytest.mark.parametrize("host", ["notsister.localhost", "sister.localhost.example"])
def test_a_host_that_only_resembles_an_affiliate_gets_the_notice(leaver: Leaver, host: str) -> None:
    visitor = leaver.come(link(leaver.at(host)))
    out(visitor).click()
    expect(question(visitor.page)).to_be_visible()


@pytest.mark.parametrize("href", ["/three", "three", "//127.0.0.1:{port}/three", "#last"])
def test_the_sites_own_links_are_never_asked_about(leaver: Leaver, href: str) -> None:
    visitor = leaver.come(link(href.format(port=urlsplit(leaver.site.url).port)))
    out(visitor).click()
    visitor.page.wait_for_url("**#last" if "#" in href else "**/three")


@pytest.mark.parametrize(
    "href", ["javascript:ran=1", " java&#10;script:ran=1", "JaVaScRiPt:ran=1", "data:text/html,x", "vbscript:x"]
)
def test_links_that_are_programs_are_refused(leaver: Leaver, href: str) -> None:
    visitor = leaver.come(link(href))
    out(visitor).click()
    visitor.page.keyboard.press("Escape")
    out(visitor).click(modifiers=["ControlOrMeta"])
    visitor.rest()
    assert visitor.page.evaluate("window.ran") is None
    assert visitor.page.url.endswith("/two")
    assert len(visitor.context.pages) == 1
    expect(question(visitor.page)).to_have_count(0)


def test_links_that_lead_to_no_site_are_left_alone(leaver: Leaver) -> None:
    visitor = leaver.come(link("mailto:a@b.example"), link("tel:+4912345"))
    watch = "addEventListener('click', (event) => { window.left = event.defaultPrevented; event.preventDefault() })"
    visitor.page.evaluate(f"() => {watch}")
    for at in range(2):
        out(visitor).nth(at).click()
        assert visitor.page.evaluate("window.left") is False


def test_the_keyboard_is_enough(leaver: Leaver) -> None:
    visitor = leaver.come(link(leaver.at("museum.localhost")))
    page = visitor.page
    out(visitor).focus()
    page.keyboard.press("Enter")
    expect(question(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(question(page)).to_have_count(0)
    assert page.url.endswith("/two")
    expect(out(visitor)).to_be_focused()

    page.keyboard.press("Enter")
    expect(question(page).get_by_role("link", name=GO["en"])).to_be_focused()
    page.keyboard.press("Tab")
    expect(question(page).get_by_role("button", name=STAY["en"])).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(leaver.at("museum.localhost"))


@pytest.mark.parametrize("how", ["ctrl", "shift", "middle"])
def test_opening_a_link_in_another_tab_asks_first(leaver: Leaver, how: str) -> None:
    visitor = leaver.come(link(leaver.at("museum.localhost")))
    page = visitor.page
    if how == "middle":
        out(visitor).click(button="middle")
    else:
        out(visitor).click(modifiers=["ControlOrMeta" if how == "ctrl" else "Shift"])
    expect(question(page)).to_be_visible()
    assert len(visitor.context.pages) == 1
    with visitor.context.expect_page() as opened:
        question(page).get_by_role("link", name=GO["en"]).click()
    opened.value.wait_for_url(leaver.at("museum.localhost"))
    expect(question(page)).to_have_count(0)
    assert page.url.endswith("/two")


def test_the_links_own_attributes_apply_to_the_way_on(leaver: Leaver) -> None:
    more = 'target="_blank" rel="noreferrer nofollow" referrerpolicy="no-referrer"'
    visitor = leaver.come(link(leaver.at("museum.localhost"), more))
    page = visitor.page
    out(visitor).click()
    go = question(page).get_by_role("link", name=GO["en"])
    expect(go).to_have_attribute("target", "_blank")
    expect(go).to_have_attribute("rel", "noreferrer nofollow noopener")
    expect(go).to_have_attribute("referrerpolicy", "no-referrer")
    with visitor.context.expect_page() as opened:
        go.click()
    opened.value.wait_for_url(leaver.at("museum.localhost"))
    assert opened.value.evaluate("window.opener") is None
    assert page.url.endswith("/two")


def test_a_link_that_the_page_itself_handles_is_the_pages_own(leaver: Leaver) -> None:
    visitor = leaver.come(link(leaver.at("museum.localhost")))
    visitor.page.evaluate("() => void (document.querySelector('.out').onclick = (event) => event.preventDefault())")
    out(visitor).click()
    expect(question(visitor.page)).to_have_count(0)


def test_areas_of_a_map_and_links_around_pictures_are_links(leaver: Leaver) -> None:
    there = leaver.at("museum.localhost")
    picture = "<svg class=picture width=40 height=40><rect width=40 height=40 /></svg>"
    image = '<img alt="" usemap="#map" width="60" height="60" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'
    area = f'<map name="map"><area shape="rect" coords="0,0,60,60" href="{there}" alt="There"></map>'
    visitor = leaver.come(f'<a href="{there}">{picture}</a>', image + area)
    for target in (".picture rect", "area"):
        visitor.page.locator(target).dispatch_event("click", {"bubbles": True, "cancelable": True, "button": 0})
        expect(question(visitor.page)).to_be_visible()
        visitor.page.keyboard.press("Escape")
        expect(question(visitor.page)).to_have_count(0)


def test_links_within_pictures_and_components_are_links(leaver: Leaver) -> None:
    there = leaver.at("museum.localhost")
    inner = '<rect width="40" height="40" />'
    visitor = leaver.come(
        f'<svg id=new width=40 height=40><a href="{there}">{inner}</a></svg>',
        f'<svg id=old width=40 height=40><a xlink:href="{there}">{inner}</a></svg>',
        f'<svg id=bad width=40 height=40><a href="javascript:window.ran=1">{inner}</a></svg>',
        f'<div><template shadowrootmode="open"><a id="deep" href="{there}">There</a></template></div>',
    )
    page = visitor.page
    for target in ("#new rect", "#old rect", "#deep"):
        page.locator(target).click()
        expect(question(page).locator("b")).to_contain_text("museum.localhost")
        page.keyboard.press("Escape")
        expect(question(page)).to_have_count(0)
    page.locator("#bad rect").click()
    visitor.rest()
    assert page.evaluate("window.ran") is None


@both
def test_without_a_script_the_link_just_works(leaver: Leaver, locale: str) -> None:
    visitor = leaver.come(link(leaver.at("museum.localhost")), locale=locale, java_script_enabled=False)
    out(visitor).click()
    visitor.page.wait_for_url(leaver.at("museum.localhost"))


def test_it_speaks_the_language_that_the_visitor_turned_to(leaver: Leaver) -> None:
    visitor = leaver.come(link(leaver.at("museum.localhost")))
    visitor.set_language("zh-CN")
    expect(visitor.layer).to_contain_text("您的隐私由您决定")
    out(visitor).click()
    expect(question(visitor.page).get_by_role("heading")).to_have_text(TITLE["zh-CN"])


@every
def test_it_is_accessible_and_fits_a_phone(leaver: Leaver, locale: str, scheme: str) -> None:
    long = f"https://{'a' * 60}.{'b' * 60}.{'c' * 60}.example/"
    leaver.site.head = "<style>:root { color-scheme: light dark } body { background: Canvas; color: CanvasText } a { color: inherit }</style>"
    visitor = leaver.come(
        link(long), locale=locale, color_scheme=scheme, reduced_motion="reduce", viewport={"width": 320, "height": 640}
    )
    out(visitor).click()
    dialog = question(visitor.page)
    expect(dialog.locator("b")).to_contain_text("c" * 60)
    assert dialog.evaluate("(each) => each.scrollWidth <= each.clientWidth")
    for each in dialog.locator("button, a.cw-button").all():
        box = each.bounding_box()
        assert box
        assert box["height"] >= 44
        assert box["y"] + box["height"] <= 640
    sound(visitor, scheme)
