"""A placeholder takes exactly the place of the embedded content that is held back, whatever the page's style is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import MakeVisitor
from .servers import Site

NARROW, WIDE = {"width": 375, "height": 740}, {"width": 1280, "height": 740}
WORDPRESS = """.wp-block-embed__wrapper { position: relative }
.wp-embed-responsive .wp-has-aspect-ratio .wp-block-embed__wrapper:before { content: ""; display: block; padding-top: 56.25% }
.wp-embed-responsive .wp-has-aspect-ratio iframe { position: absolute; inset: 0; width: 100%; height: 100% }"""
BOOTSTRAP = """.ratio { position: relative; width: 100% } .ratio::before { display: block; padding-top: 56.25%; content: "" }
.ratio > * { position: absolute; top: 0; left: 0; width: 100%; height: 100% }"""

#: Style and markup of embeds as pages have them; FRAME stands for one.
RECIPES = {
    "in flow": ("", "<p>before FRAME after", 'width="560" height="315"'),
    "full width": ("iframe { display: block; border: 0 }", "FRAME", 'width="100%" height="200"'),
    "block, important": (".x iframe { display: block !important; max-width: 100% }", "<div class=x>FRAME</div>", ""),
    "block, important, by the element itself": ("", "<p>before</p>FRAME<p>after", 'style="display: block !important"'),
    "absolute, important, by the element itself": (
        "section { position: relative; height: 240px }",
        "<section>FRAME</section>",
        'style="display: block !important; position: absolute; inset: 20px auto auto 30px; width: 80%; height: 200px"',
    ),
    "ratio of the box": (".v { aspect-ratio: 16/9 } .v iframe { width: 100%; height: 100% }", "<div class=v>FRAME</div>", ""),
    "Bootstrap": (BOOTSTRAP, "<div class=ratio>FRAME</div>", ""),
    "WordPress": (
        WORDPRESS,
        "<div class=wp-embed-responsive><figure class=wp-has-aspect-ratio><div class=wp-block-embed__wrapper>FRAME</div></figure></div>",
        'width="500" height="281"',
    ),
    "padding box": (
        ".p { position: relative; padding-bottom: 56.25%; height: 0; overflow: hidden } "
        ".p iframe { position: absolute; inset: 0; width: 100%; height: 100%; display: block; border: 0 }",
        "<div class=p>FRAME</div>",
        "",
    ),
    "flex row": (
        ".f { display: flex; gap: 8px } .f iframe { flex: 1; min-width: 0; height: 220px }", "<div class=f>FRAME FRAME</div>", "",
    ),
    "flex items of their own size": (".f { display: flex; max-width: 640px }", "<div class=f>FRAME FRAME</div>", ""),
    "stretched by a flex row": (".f { display: flex } .f iframe { height: auto } .f b { height: 260px }", "<div class=f>FRAME<b>x</b></div>", ""),
    "grid": (
        ".g { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)) } .g iframe { width: 100%; aspect-ratio: 4/3 }",
        "<div class=g>FRAME FRAME FRAME</div>",
        "",
    ),
    "centred": ("iframe { display: block; margin: 24px auto; max-width: 80%; border-radius: 20px }", "FRAME", ""),
    "moved by a transform": (
        ".t { position: relative; height: 240px } "
        ".t iframe { position: absolute; top: 50%; left: 50%; width: 60%; height: 200px; transform: translate(-50%, -50%) }",
        "<div class=t>FRAME</div>",
        "",
    ),
    "floating": ("iframe { float: right; margin: 0 0 16px 16px; padding: 6px }", "FRAME<p>Text beside it.", 'width="240" height="180"'),
    "hostile rules": (
        "div { width: 99px !important; padding: 9px !important; opacity: .1; display: flex !important; transform: scale(.5) }"
        "* { transition: all 1s !important }",
        "FRAME",
        'width="320" height="200"',
    ),
    "space between siblings": (".s > * + * { margin-top: 40px }", "<section class=s>FRAME<p>after</section>", "style='display:block'"),
    "small": ("", "FRAME", 'width="120" height="90"'),
    "small, with a poster": ("", "FRAME", 'width="200" height="120" data-poster="/favicon.ico"'),
    "low": ("", "FRAME", 'width="320" height="50"'),
}  # fmt: skip
FRAME = """<iframe title="Film" {attributes} data-consent="targeted_advertising" data-consent-service="reel"
    data-src="{v}/reel.html"></iframe>"""

BOXES = "all => all.map((each) => each.getBoundingClientRect()).map(({ x, y, width, height }) => [x, y + scrollY, width, height])"
#: Buttons of a placeholder: their height, and whether a press in their middle reaches them. Then what overflows.
BUTTONS = """box => [...box.getRootNode().querySelectorAll("button")].filter((each) => each.offsetWidth).map((button) => {
    button.scrollIntoView({ block: "center" });
    const { x, y, width, height } = button.getBoundingClientRect();
    let top = document;
    for (let at = top.elementFromPoint(x + width / 2, y + height / 2); at && at != top; at = at.shadowRoot?.elementFromPoint(x + width / 2, y + height / 2)) top = at;
    return [height, top == button, box.scrollWidth - box.clientWidth, box.scrollHeight - box.clientHeight];
})"""


def shown(site: Site, body: str, style: str = "") -> None:
    site.head = f"<style>{style}</style>" if style else ""
    site.body = body.replace("{v}", site.vendors.url)


def film(attributes: str = 'width="480" height="270"') -> str:
    return FRAME.replace("{attributes}", attributes)


def boxes(page: Page, selector: str) -> list[list[float]]:
    return page.locator(selector).evaluate_all(BOXES)  # type: ignore[no-any-return]


def at_width(page: Page, size: Any, selector: str) -> list[list[float]]:
    """The boxes once the page has taken this width."""
    page.set_viewport_size(size)
    page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))"
    )
    return boxes(page, selector)


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_placeholder_has_exactly_the_box_of_the_frame_and_its_buttons_can_be_pressed(
    site: Site, visit: MakeVisitor, recipe: str
) -> None:
    style, markup, attributes = RECIPES[recipe]
    shown(site, markup.replace("FRAME", film(attributes)), style)
    visitor = visit(site, viewport=WIDE)
    page = visitor.page
    page.route("**/consent/**", lambda route: route.abort())  # the frames as the page shows them without the widget
    visitor.go()
    visitor.faults.clear()
    wide, narrow = (at_width(page, size, "iframe") for size in (WIDE, NARROW))
    page.unroute_all()
    page.set_viewport_size(WIDE)
    visitor.go()
    visitor.close()
    visitor.placeholder.first.wait_for()
    assert at_width(page, WIDE, ".cw-blocked") == [pytest.approx(box, abs=1) for box in wide]
    assert at_width(page, NARROW, ".cw-blocked") == [pytest.approx(box, abs=1) for box in narrow]
    assert at_width(page, WIDE, ".cw-blocked") == [pytest.approx(box, abs=1) for box in wide]
    for box in visitor.placeholder.all():
        expect(box.locator("b")).to_have_text("Reel")
        buttons = box.evaluate(BUTTONS)
        assert buttons
        for height, is_hit, across, down in buttons:
            assert (height >= 24, is_hit, across, down) == (True, True, 0, 0), buttons
    for _ in wide:
        visitor.placeholder.first.locator("button").first.click()
    expect(visitor.placeholder).to_have_count(0)
    page.evaluate("scrollTo(0, 0)")
    assert boxes(page, "iframe") == [pytest.approx(box, abs=1) for box in wide]


SIZES = [(120, 90), (160, 120), (200, 120), (300, 150), (468, 60), (728, 90), (120, 600), (560, 315)]


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_every_text_of_a_placeholder_fits_into_its_box(site: Site, visit: MakeVisitor, locale: str) -> None:
    shown(site, "<br>".join(film(f'width="{w}" height="{h}"') for w, h in SIZES), "iframe { border: 0 }")
    visitor = visit(site, locale, viewport=WIDE).go()
    expect(visitor.placeholder).to_have_count(len(SIZES))
    for (width, height), box in zip(SIZES, visitor.placeholder.all(), strict=True):
        name = box.locator("b").bounding_box()
        assert name, (width, height)
        assert name["width"] >= 20, (width, height)
        assert box.locator("b").evaluate("each => getComputedStyle(each).clipPath") == "none", (width, height)
        for height_, _, across, down in box.evaluate(BUTTONS):
            assert height_ >= (44 if height >= 300 and width > 300 else 24), (width, height)
            assert (across, down) == (0, 0), (width, height)


def test_a_placeholder_draws_letters_in_the_form_of_its_language(site: Site, visit: MakeVisitor) -> None:
    shown(site, film())
    text = visit(site, "zh-CN").go().placeholder.locator("p").first
    assert text.evaluate("each => getComputedStyle(each).webkitLocale") == '"zh-CN"'


def test_the_site_shows_its_own_picture_behind_and_never_a_vendors(site: Site, visit: MakeVisitor) -> None:
    sizes = 'width="480" height="270" data-poster='
    shown(site, film(f'{sizes}"/own.svg"') + film(f'{sizes}"{{v}}/still.jpg"'))
    visitor = visit(site, faults=True)
    warnings: list[str] = []
    visitor.page.on("console", lambda message: warnings.append(message.text))
    visitor.go()
    expect(visitor.placeholder).to_have_count(2)
    pictures = visitor.placeholder.evaluate_all("all => all.map((each) => getComputedStyle(each).backgroundImage)")
    assert pictures == [f'url("{site.url}/own.svg")', "none"]
    assert site.vendors.asked == []
    assert sum("data-poster" in warning for warning in warnings) == 1


def test_a_counting_pixel_and_what_the_page_hides_get_no_placeholder(site: Site, visit: MakeVisitor) -> None:
    shown(site, film('width="1" height="1"') + film('style="display:none"') + film())
    visitor = visit(site).go()
    expect(visitor.placeholder.last).to_be_visible()
    assert [box.is_visible() for box in visitor.placeholder.all()] == [False, False, True]
    visitor.page.locator("iframe").nth(1).evaluate("frame => frame.removeAttribute('style')")
    expect(visitor.placeholder.nth(1)).to_be_visible()


@pytest.mark.parametrize("which", [0, 1])
def test_after_a_press_the_focus_is_in_what_was_loaded(site: Site, visit: MakeVisitor, which: int) -> None:
    shown(site, film() + "<a id=after href=#>After</a>")
    visitor = visit(site).go()
    button = visitor.placeholder.locator("button").nth(which)
    button.focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.placeholder).to_have_count(0)
    expect(visitor.page.locator("iframe")).to_be_focused()
    expect(visitor.page.frame_locator("iframe").locator("body")).to_contain_text("reel plays.")
    visitor.page.keyboard.press("Tab")
    expect(visitor.page.locator("#after")).to_be_focused()


def test_a_placeholder_stands_in_reading_order_as_a_group_named_by_its_content(site: Site, visit: MakeVisitor) -> None:
    shown(site, "<a id=before href=#>Before</a>" + film() + "<a id=after href=#>After</a>")
    visitor = visit(site).go()
    group = visitor.page.get_by_role("group", name="Film · Reel")
    expect(group.get_by_role("button")).to_have_text(["Load once", "Always load"])
    visitor.page.locator("#before").focus()
    for _ in range(2):
        visitor.page.keyboard.press("Tab")
        assert visitor.page.evaluate("document.activeElement.shadowRoot.activeElement.textContent")
    visitor.page.keyboard.press("Tab")
    expect(visitor.page.locator("#after")).to_be_focused()


def test_what_a_visitor_asks_to_see_loads_at_the_press_and_the_grant_is_recorded_when_the_service_is_back(
    site: Site, visit: MakeVisitor
) -> None:
    shown(site, film())
    visitor = visit(site, faults=True).go()
    visitor.page.route("**/consent/records", lambda route: route.abort())
    visitor.placeholder.locator("button").last.click()
    expect(visitor.page.frame_locator("iframe").locator("body")).to_contain_text("reel plays.")
    assert site.records() == []
    visitor.page.unroute_all()
    visitor.page.evaluate("dispatchEvent(new Event('online'))")
    visitor.wait_until_sent()
    assert (visitor.record().action, visitor.record().surface) == ("allow", "placeholder")


@pytest.mark.real_time
def test_markup_of_the_server_is_left_alone_until_a_framework_has_taken_it_over(site: Site, visit: MakeVisitor) -> None:
    """React and Vue compare every element and attribute when they take over a page (hydration), some time after it has loaded."""
    shown(
        site,
        f"""<div id=app>{film()}</div><script>
        const before = [app.innerHTML, document.documentElement.getAttributeNames()] + "";
        addEventListener("load", () => setTimeout(() => {{
            self.same = [app.innerHTML, document.documentElement.getAttributeNames()] + "" == before;
            app.insertAdjacentHTML("afterend", `<div id=late>${{app.innerHTML}}</div>`);
        }}, 2500));
        new MutationObserver(() => (self.order ||= []).push(...["late", "app"].map((id) => document.getElementById(id)).filter((each) =>
            each?.querySelector("[data-cw-blocked]")).map((each) => each.id))).observe(document, {{ childList: true, subtree: true }});
        </script>""",
    )  # fmt: skip
    visitor = visit(site).go()
    expect(visitor.placeholder).to_have_count(2)
    assert visitor.page.evaluate("same")
    assert visitor.page.evaluate("order[0]") == "late"


def test_removing_and_copying_a_frame_leaves_no_placeholder_behind(site: Site, visit: MakeVisitor) -> None:
    shown(site, f"<div id=one>{film()}</div><div id=two></div>")
    visitor = visit(site).go()
    hosts = visitor.page.locator("[data-cw-blocked]")
    expect(visitor.placeholder).to_have_count(1)
    visitor.page.evaluate("two.append(one.querySelector('iframe'))")
    expect(hosts).to_have_count(1)
    expect(visitor.page.locator("#two .cw-blocked")).to_be_visible()
    visitor.page.evaluate("one.innerHTML = two.innerHTML")
    expect(visitor.placeholder).to_have_count(2)
    assert hosts.count() == 2
    visitor.page.evaluate("document.querySelectorAll('iframe').forEach((each) => each.remove())")
    expect(hosts).to_have_count(0)


def test_a_frame_that_is_used_again_is_named_after_its_new_content(site: Site, visit: MakeVisitor) -> None:
    shown(site, film())
    visitor = visit(site).go()
    expect(visitor.placeholder.locator("b")).to_have_text("Reel")
    visitor.page.locator("iframe").evaluate(
        """frame => { frame.removeAttribute("data-consent-service"); frame.dataset.src = "https://other.test/"; frame.parentNode.append(frame) }"""
    )
    expect(visitor.placeholder.locator("b")).to_have_text("other.test")


def test_the_reopen_button_and_messages_make_way_for_a_placeholders_buttons(site: Site, visit: MakeVisitor) -> None:
    shown(site, film('style="position:fixed;left:0;bottom:0;border:0;width:260px;height:100px"'))
    visitor = visit(site, viewport=WIDE).go().reject()
    visitor.placeholder.wait_for()
    buttons = visitor.placeholder.locator("button:visible")
    for cover in (visitor.pill, visitor.status):
        expect(cover).to_be_visible()
        visitor.wait_until(
            "(({ translate, bottom }) => translate || bottom)"
            "(document.querySelector('consent-widget').shadowRoot.querySelector('.cw-pill').style)"
        )
        for button in buttons.all():
            one, other = cover.bounding_box(), button.bounding_box()
            assert one
            assert other
            assert one["y"] + one["height"] <= other["y"]
    buttons.first.click()
    expect(visitor.page.frame_locator("iframe").locator("body")).to_contain_text("reel plays.")


def test_on_paper_a_placeholder_says_what_is_missing_and_where_it_is(site: Site, visit: MakeVisitor) -> None:
    shown(site, film())
    visitor = visit(site).go()
    visitor.placeholder.wait_for()
    visitor.page.emulate_media(media="print")
    expect(visitor.placeholder.locator("button").first).to_be_hidden()
    expect(visitor.placeholder.locator("b")).to_be_visible()
    expect(visitor.placeholder.get_by_text(f"{site.vendors.url}/reel.html")).to_be_visible()


def test_only_a_page_with_something_held_back_loads_the_placeholders(site: Site, visit: MakeVisitor) -> None:
    shown(site, "")
    visitor = visit(site)
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.go().accept()
    assert not [url for url in asked if "/embeds." in url]
    visitor.page.evaluate(
        "html => document.body.insertAdjacentHTML('afterbegin', html)",
        film("").replace("targeted_advertising", "nothing"),
    )
    visitor.placeholder.wait_for()
    assert len([url for url in asked if "/embeds." in url]) == 1


def test_while_the_part_for_embeds_cannot_be_loaded_frames_stay_shut_and_the_page_tries_again(
    site: Site, visit: MakeVisitor
) -> None:
    shown(site, film())
    visitor = visit(site, faults=True)
    warnings: list[str] = []
    visitor.page.on("console", lambda message: warnings.append(message.text))
    tried: list[str] = []
    visitor.page.route(re.compile("/embeds[.]"), lambda route: (tried.append(route.request.url), route.abort()))
    visitor.go().reject()
    visitor.page.evaluate("document.body.append('changed')")
    visitor.open_centre()
    assert len(set(tried)) == len(tried) > 0, "a browser remembers that an address failed"
    assert sum("embeds stay shut" in warning for warning in warnings) <= len(tried), "once for each try"
    assert site.vendors.asked == []
    visitor.page.keyboard.press("Escape")
    visitor.open_centre().press_in_centre("accept_all").expect_saved()
    visitor.page.unroute_all()
    visitor.wait_until("document.body.append('changed'), document.querySelector('iframe').src")
    expect(visitor.page.frame_locator("iframe").locator("body")).to_contain_text("reel plays.")


def test_a_change_of_the_page_looks_into_no_placeholder(site: Site, visit: MakeVisitor) -> None:
    shown(site, film() * 9)
    visitor = visit(site).go().reject()
    expect(visitor.placeholder).to_have_count(9)
    visitor.page.evaluate("""() => {
        const { querySelectorAll } = DocumentFragment.prototype;
        globalThis.looked = [];
        DocumentFragment.prototype.querySelectorAll = function (selector) {
            if (this.host?.dataset.cwBlocked != null && selector != "button") looked.push(selector);
            return querySelectorAll.call(this, selector);
        };
        document.body.append("changed");
    }""")
    visitor.rest()
    assert visitor.page.evaluate("looked") == []


def test_placeholders_look_the_same_under_a_strict_policy(make_site: Callable[..., Site], visit: MakeVisitor) -> None:
    site = make_site(strict="nonce")
    shown(site, film())
    visitor = visit(site).go()
    expect(visitor.placeholder).to_have_css("position", "absolute")
    expect(visitor.page.locator("iframe")).to_be_hidden()
    assert visitor.placeholder.evaluate("box => [box.offsetWidth, box.offsetHeight]") == [484, 274]


def test_a_browser_without_shared_style_sheets_shows_placeholders_too(site: Site, visit: MakeVisitor) -> None:
    shown(site, film())
    visitor = visit(site).go()
    visitor.page.evaluate("for (const { prototype } of [Document, ShadowRoot]) delete prototype.adoptedStyleSheets")
    expect(visitor.placeholder).to_have_css("position", "absolute")
    expect(visitor.page.locator("iframe")).to_be_hidden()


def test_a_frame_in_the_shadow_root_of_a_component_has_its_placeholder_there(site: Site, visit: MakeVisitor) -> None:
    shown(site, "")
    visitor = visit(site).go()
    markup = "<style>iframe { display: block !important; width: 100%; height: 200px }</style>" + film("")
    visitor.page.locator("main").evaluate(
        """(main, markup) => {
            const box = document.createElement("film-box");
            box.style.cssText = "display: block; width: 480px";
            box.attachShadow({ mode: "open" }).innerHTML = markup;
            main.prepend(box);
        }""",
        markup.replace("{v}", site.vendors.url),
    )
    expect(visitor.placeholder).to_be_visible()
    expect(visitor.page.locator("iframe")).to_be_hidden()
    assert visitor.placeholder.evaluate("box => [box.offsetWidth, box.offsetHeight]") == [484, 204]
    visitor.placeholder.locator("button").first.click()
    expect(visitor.page.frame_locator("iframe").locator("body")).to_contain_text("reel plays.")
