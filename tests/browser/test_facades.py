"""A vendor's film, map or form at its place in a page, in one line: nothing is asked of the vendor before the press."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from consent_widget.vendors.catalogue import all_vendors
from consent_widget.vendors.model import Vendor

from .conftest import MakeSite, MakeVisitor
from .servers import Site, Static
from .test_tags import Internet, entry, notice_using
from .visitor import Visitor

FRAMES = [vendor for vendor in all_vendors() if vendor.embed and vendor.tag and vendor.tag.frame]
YOUTUBE = {"use": "youtube", "purposes": ["marketing"]}
SMALL = "<style>.cw-embed { display: inline-block !important; width: 220px }</style>"
PLAYER = "https://www.youtube-nocookie.com/embed/M7lc1UVf-VE"


def line(vendor: Vendor) -> str:
    """One line of a template, with the vendor's own examples."""
    parameters = {name: each.example for name, each in vendor.parameters.items() if each.each}
    written = "".join(f', {name}="{value}"' for name, value in parameters.items())
    return f'{{{{ consent_embed("{vendor.id}", title="{vendor.id}"{written}) }}}}'


def lines(site: Site, *parts: str) -> None:
    site.page = site.page.replace("{{ body }}", "\n".join(parts) + "{{ body }}")


def frame_hosts(internet: Internet) -> set[str]:
    return {urlsplit(url).hostname or "" for url in internet.asked}


def asked_for(visitor: Visitor, internet: Internet, count: int) -> None:
    while len(internet.asked) < count:
        visitor.page.wait_for_event("requestfinished")


@pytest.fixture
def with_film(make_site: MakeSite) -> Site:
    return make_site(CONSENT_NOTICE=notice_using(YOUTUBE))


def test_every_frame_of_the_catalogue_is_asked_for_nothing_before_and_nothing_after_a_withdrawal(
    make_site: MakeSite, visit: MakeVisitor
) -> None:
    site = make_site(CONSENT_NOTICE=notice_using(*map(entry, FRAMES)))
    lines(site, SMALL, *map(line, FRAMES))
    visitor = visit(site, viewport={"width": 1280, "height": 900})
    internet = Internet(visitor.context)
    visitor.go()
    expect(visitor.placeholder).to_have_count(len(FRAMES))
    assert internet.asked == []

    visitor.accept()
    expect(visitor.placeholder).to_have_count(0)
    expected = {urlsplit(vendor.tag.frame).hostname for vendor in FRAMES if vendor.tag and vendor.tag.frame}
    asked_for(visitor, internet, len(FRAMES))
    assert frame_hosts(internet) == expected
    assert not [url for url in internet.asked if "autoplay=1" in url or "autoplay=true" in url], "nobody pressed there"

    visitor.open_centre().press_in_centre("reject_all")
    expect(visitor.placeholder).to_have_count(len(FRAMES))
    internet.asked.clear()
    visitor.go()
    expect(visitor.placeholder).to_have_count(len(FRAMES))
    assert internet.asked == []


def test_a_press_on_the_poster_plays_this_one_and_grants_nothing(with_film: Site, visit: MakeVisitor) -> None:
    film = '{{ consent_embed("youtube", "https://youtu.be/M7lc1UVf-VE?t=42", title="Tea", poster="/favicon.ico") }}'
    lines(with_film, film, film)
    visitor = visit(with_film)
    internet = Internet(visitor.context)
    visitor.go().reject()
    records = len(with_film.records())
    expect(visitor.placeholder).to_have_count(2)
    visitor.placeholder.first.click(position={"x": 200, "y": 60})
    expect(visitor.placeholder).to_have_count(1)
    asked_for(visitor, internet, 1)

    assert internet.asked == [PLAYER + "?start=42&autoplay=1"]
    frame = visitor.page.locator("iframe").first
    expect(frame).to_be_focused()
    assert frame.get_attribute("referrerpolicy") == "strict-origin-when-cross-origin"
    assert len(with_film.records()) == records
    visitor.go()
    expect(visitor.placeholder).to_have_count(2)


def test_an_element_of_any_page_follows_what_the_page_makes_of_it(
    make_site: MakeSite, static: Static, visit: MakeVisitor
) -> None:
    site = make_site(CONSENT_NOTICE=notice_using(YOUTUBE, {"use": "bilibili"}), CONSENT_ORIGINS=[static.url])
    static.page = f"""<!doctype html><title>Static</title><main id=main>
        <div data-consent-embed=youtube data-video=M7lc1UVf-VE data-title=Tea><a href="https://youtu.be/M7lc1UVf-VE">Tea</a></div>
        </main><script async src="{site.url}/consent/widget.js"></script>"""
    visitor = visit(site)
    internet = Internet(visitor.context)
    warnings: list[str] = []
    visitor.page.on("console", lambda message: warnings.append(message.text))
    visitor.page.goto(static.url)
    visitor.accept()
    page = visitor.page
    before = page.evaluate("main.innerHTML")
    frame = page.locator("iframe")
    expect(frame).to_have_attribute("src", PLAYER)
    page.evaluate("main.firstElementChild.dataset.video = 'https://www.youtube.com/shorts/aqz-KE-bpKQ'")
    expect(frame).to_have_attribute("src", PLAYER.replace("M7lc1UVf-VE", "aqz-KE-bpKQ"))
    page.evaluate("main.firstElementChild.dataset.video = 'M7lc1UVf-VE'")
    expect(frame).to_have_attribute("src", PLAYER)
    assert page.evaluate("main.innerHTML") == before, "the page's own markup stays as it is"
    asked_for(visitor, internet, 3)
    page.evaluate("main.firstElementChild.className = 'wide'")
    page.evaluate("main.append(main.firstElementChild.cloneNode(true)), main.lastElementChild.remove()")
    expect(frame).to_have_count(1)
    assert len(internet.asked) == 3, "a film goes on"

    page.evaluate("""() => {
        const shadow = main.appendChild(document.createElement("film-box")).attachShadow({ mode: "open" });
        shadow.innerHTML = "<div data-consent-embed=bilibili data-title=Bowl data-video=BV1xx411c7mD data-ratio=4/3></div>";
    }""")
    expect(frame.last).to_have_attribute("src", "https://player.bilibili.com/player.html?isOutside=true&bvid=BV1xx411c7mD&autoplay=0&danmaku=0")  # fmt: skip
    page.evaluate("main.insertAdjacentHTML('beforeend', '<div data-consent-embed=youtube data-video=x>Own</div>')")
    expect(page.get_by_text("Own")).to_be_visible()
    assert [text for text in warnings if 'write data-video="M7lc1UVf-VE"' in text]

    visitor.open_centre().press_in_centre("reject_all")
    expect(visitor.placeholder).to_have_count(2)
    assert frame_hosts(internet) == {"www.youtube-nocookie.com", "player.bilibili.com"}


def test_a_frame_that_was_pasted_gets_the_address_with_fewer_traces(with_film: Site, visit: MakeVisitor) -> None:
    with_film.body = """<iframe data-consent="marketing" data-consent-service="youtube" title="Tea" width="560" height="315"
        data-src="//www.youtube.com/embed/M7lc1UVf-VE?start=30&amp;rel=0"></iframe>"""
    visitor = visit(with_film)
    internet = Internet(visitor.context)
    visitor.go().accept()
    asked_for(visitor, internet, 1)

    assert internet.asked == [PLAYER + "?start=30&rel=0"]
    assert visitor.page.locator("iframe").get_attribute("referrerpolicy") == "strict-origin-when-cross-origin"
    assert (
        visitor.page.locator("iframe").get_attribute("data-src") == "//www.youtube.com/embed/M7lc1UVf-VE?start=30&rel=0"
    )


SCRIPTS = [vendor for vendor in all_vendors() if vendor.embed and vendor.tag and not vendor.tag.frame]
GLOBALS = {vendor.embed.gives for vendor in SCRIPTS if vendor.embed} | {
    call.to for vendor in SCRIPTS for call in vendor.calls
}
NAMES = sorted(name for name in GLOBALS if name and name != "window")
#: What a vendor's script makes: everything that is called is written down; and it says that it can be used.
MADE = """globalThis.said ??= [];
for (const name of %s) globalThis[name] ??= new Proxy(() => {}, { get: (made, key) => key == "then" ? undefined : (...all) => said.push([name, key, ...all]) });
for (const name of ["initGeetest4", "zE"]) globalThis[name] ??= (...all) => (said.push([name, ...all]), all.at(-1)?.call?.(null, name));
for (const [, name] of document.currentScript?.src.matchAll(/(?:onload|callback)=(\\w+)/g) || []) globalThis[name]();
""" % json.dumps(NAMES)  # noqa: UP031


def test_every_script_with_a_place_is_asked_for_nothing_before_and_nothing_after_a_withdrawal(
    make_site: MakeSite, visit: MakeVisitor
) -> None:
    site = make_site(CONSENT_NOTICE=notice_using(*map(entry, SCRIPTS)))
    lines(site, "<style>[data-consent-embed] { width: 300px; display: inline-block }</style>", *map(line, SCRIPTS))
    visitor = visit(site, viewport={"width": 1280, "height": 900})
    internet = Internet(visitor.context, MADE)
    visitor.go()
    expect(visitor.placeholder).to_have_count(len(SCRIPTS))
    assert internet.asked == []

    visitor.page.evaluate("void ConsentWidget.load('amap').then((map) => self.amap = map)")
    visitor.page.evaluate("void ConsentWidget.load('geetest').then((captcha) => self.captcha = captcha)")
    visitor.accept()
    visitor.wait_until("self.amap && self.captcha")
    expect(visitor.placeholder).to_have_count(0)
    asked_for(visitor, internet, len(SCRIPTS))
    expected = {urlsplit(vendor.tag.script).hostname for vendor in SCRIPTS if vendor.tag and vendor.tag.script}
    assert {urlsplit(url).hostname for url in internet.asked} == expected
    assert visitor.page.evaluate("captcha") == "initGeetest4"
    assert not visitor.page.evaluate("$crisp.flat().includes('chat:open')"), "nobody pressed there"

    with visitor.page.expect_navigation():
        visitor.open_centre().press_in_centre("reject_all")
    expect(visitor.placeholder).to_have_count(len(SCRIPTS))
    internet.asked.clear()
    visitor.go()
    expect(visitor.placeholder).to_have_count(len(SCRIPTS))
    assert internet.asked == []


def test_a_captcha_comes_with_its_form_and_a_chat_with_the_press(make_site: MakeSite, visit: MakeVisitor) -> None:
    crisp = {"use": "crisp", "id": "12345678-90ab-cdef-1234-567890abcdef", "purposes": ["functional"]}
    site = make_site(CONSENT_NOTICE=notice_using({"use": "turnstile", "purposes": ["necessary"]}, crisp))
    captcha = '<form><input name=mail>{{ consent_embed("turnstile", sitekey="0x4AAAAAAABkMYinukE8nzYS") }}</form>'
    lines(site, captcha, '{{ consent_embed("crisp") }}')
    visitor = visit(site, faults=True)
    internet = Internet(visitor.context, MADE)
    visitor.go().reject()
    expect(visitor.placeholder).to_have_count(1)
    assert internet.asked == []

    visitor.page.locator("[name=mail]").focus()
    visitor.wait_until("self.said?.length")
    assert internet.asked == [
        "https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit&onload=consentWidget_turnstile"
    ]
    assert visitor.page.evaluate("[said[0][1], said[0][2].closest('form') == document.forms[0], said[0][3]]") == [
        "render", True, {"sitekey": "0x4AAAAAAABkMYinukE8nzYS"},
    ]  # fmt: skip

    records = len(site.records())
    visitor.page.route("**/l.js", lambda route: route.abort(), times=1)
    chat = visitor.placeholder.get_by_role("button", name="Chat with us")
    chat.click()
    expect(visitor.status).to_have_text("This cannot be loaded just now. Please try again.")
    chat.click()
    visitor.wait_until("self.$crisp?.length")
    assert internet.asked[1:] == ["https://client.crisp.chat/l.js"]
    assert visitor.page.evaluate("$crisp") == [["do", "chat:open"]]
    assert len(site.records()) == records
    with visitor.page.expect_navigation():
        visitor.open_centre().press_in_centre("reject_all")
    expect(visitor.placeholder).to_have_count(1)
    assert len(internet.asked) == 2
