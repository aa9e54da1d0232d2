"""Visitors can always answer, always come back to their choice, and always use the page, whatever the page is made of."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import MakeSite, MakeVisitor
from .servers import Place, Site
from .visitor import Visitor

HEAD = "<!doctype html><html lang=en><meta charset=utf-8><title>A page</title><meta name=viewport content='width=device-width, initial-scale=1'>"
LINK = "<a href='/consent/preferences' data-consent-open id=link>Privacy settings</a>"
FILLING = "<p>A paragraph of a page that is longer than the screen.</p>" * 60
FOCUSED = "(() => { let a = document.activeElement; while (a?.shadowRoot?.activeElement) a = a.shadowRoot.activeElement; return a?.id || a?.className })()"


def refused(place: Place, visit: MakeVisitor, body: str) -> Visitor:
    """A visitor who has refused on a page with this body."""
    visitor = visit(place.site)
    visitor.page.goto(place.serve(f"{HEAD}<body>WIDGET{body}"))
    visitor.page.locator("#cw-reject-all").click()
    return visitor.expect_saved()


def change(visitor: Visitor, html: str) -> None:
    visitor.page.evaluate("html => document.querySelector('main').innerHTML = html", html)


# The button, and the page's own links


def test_a_view_without_a_link_shows_the_button_and_one_with_a_link_hides_it(place: Place, visit: MakeVisitor) -> None:
    visitor = refused(place, visit, f"<main>{LINK}</main>")
    expect(visitor.pill).to_be_hidden()
    change(visitor, "<h1>Checkout</h1>")
    expect(visitor.pill).to_be_visible()
    change(visitor, f"<h1>Home</h1>{FILLING}{LINK}")
    expect(visitor.pill).to_be_hidden()
    visitor.page.evaluate("document.querySelector('main').style.display = 'none'")  # as some frameworks keep a view
    expect(visitor.pill).to_be_visible()
    visitor.pill.click()
    expect(visitor.centre).to_be_visible()


@pytest.mark.parametrize("way", ["style='display:none'", "hidden", "style='visibility:hidden'", "class=wide"])
def test_a_link_that_nobody_can_see_is_no_way_back(place: Place, visit: MakeVisitor, way: str) -> None:
    style = "<style>@media (max-width: 5000px) { .wide { display: none } }</style>"
    visitor = refused(place, visit, f"{style}<footer {way}>{LINK}</footer>")
    expect(visitor.pill).to_be_visible()


def test_the_footer_of_another_width_counts_once_the_window_has_it(place: Place, visit: MakeVisitor) -> None:
    style = "<style>@media (max-width: 700px) { footer { display: none } }</style>"
    visitor = refused(place, visit, f"{style}{FILLING}<footer>{LINK}</footer>")
    expect(visitor.pill).to_be_hidden()
    visitor.page.set_viewport_size({"width": 400, "height": 700})
    expect(visitor.pill).to_be_visible()
    visitor.page.set_viewport_size({"width": 1280, "height": 700})
    expect(visitor.pill).to_be_hidden()


@pytest.mark.parametrize("place", ["tag"], indirect=True)
def test_the_button_does_not_come_and_go_while_the_page_is_loading(place: Place, visit: MakeVisitor) -> None:
    """The widget is there long before the page's end, where the link is."""
    visitor = refused(place, visit, LINK)
    shown = """new MutationObserver(() => { const pill = document.querySelector("consent-widget")?.shadowRoot.querySelector(".cw-pill");
    if (pill?.checkVisibility()) self.seen = true }).observe(document, { childList: true, subtree: true, attributes: true });
    setInterval(() => document.querySelector("consent-widget")?.shadowRoot.querySelector(".cw-pill")?.checkVisibility() && (self.seen = true), 20)"""
    slow = f"<script src='{place.vendors.url}/slow.js?after=1'></script>"
    visitor.page.goto(place.serve(f"{HEAD}<script>{shown}</script><body>WIDGET{slow}{LINK}"))
    visitor.rest(500)
    assert visitor.page.evaluate("!self.seen")


@pytest.mark.parametrize(
    ("menu", "opens"),
    [
        (f"<details><summary>More</summary>{LINK}</details>", "document.querySelector('details').open = true"),
        (f"<div popover id=more>{LINK}</div>", "document.querySelector('#more').showPopover()"),
    ],
    ids=["details", "popover"],
)
def test_the_button_does_not_come_and_go_with_a_menu(place: Place, visit: MakeVisitor, menu: str, opens: str) -> None:
    visitor = refused(place, visit, menu)
    expect(visitor.pill).to_be_visible()
    visitor.page.evaluate(
        """() => { const pill = document.querySelector("consent-widget").shadowRoot.querySelector(".cw-pill");
        window.changes = 0; new MutationObserver(() => changes++).observe(pill, { attributes: true }) }"""
    )
    visitor.page.evaluate(opens)
    visitor.rest(700)  # longer than the button takes to follow the page
    assert visitor.page.evaluate("changes") == 0


BAR = "<div style='position: fixed; inset: auto 0 0; height: 60px; background: #cde'><button id=basket>Basket</button></div>"
ON_TOP = """(element) => { const { left, top, width, height } = element.getBoundingClientRect();
return document.elementFromPoint(left + width / 2, top + height / 2) == element }"""


@pytest.mark.parametrize("bar", ["", BAR], ids=["no bar", "a fixed bar"])
def test_the_button_covers_nothing_that_can_be_pressed_once_the_page_is_scrolled_to_its_end(
    place: Place, visit: MakeVisitor, bar: str
) -> None:
    visitor = refused(place, visit, f"{FILLING}<button id=end>End</button>{bar}")
    expect(visitor.pill).to_be_visible()
    visitor.wait_until("parseFloat(getComputedStyle(document.documentElement).paddingBottom) > 50")
    visitor.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    assert visitor.page.locator("#end").evaluate(ON_TOP)
    assert not bar or visitor.page.locator("#basket").evaluate(ON_TOP)


def test_a_page_that_does_not_scroll_does_not_begin_to_for_the_button(place: Place, visit: MakeVisitor) -> None:
    visitor = refused(place, visit, "<style>body { margin: 0; height: 100vh }</style>")
    expect(visitor.pill).to_be_visible()
    visitor.rest(400)  # longer than the button takes to follow the page
    assert visitor.page.evaluate("document.documentElement.scrollHeight == innerHeight")


# What opens the preference centre


COMPONENT = f"""<site-foot></site-foot><script>customElements.define("site-foot", class extends HTMLElement {{
connectedCallback() {{ this.attachShadow({{ mode: "open" }}).innerHTML = "<nav>{LINK}</nav>" }} }})</script>"""
STOPPED = f"""<div id=menu>{LINK}</div><script>for (const type of ["click", "keydown", "keyup"])
menu.addEventListener(type, (event) => event.stopImmediatePropagation())</script>"""
SLOTTED = """<fancy-button data-consent-open id=link tabindex=-1><b id=inside>Privacy</b></fancy-button><script>
customElements.define("fancy-button", class extends HTMLElement { connectedCallback() {
this.attachShadow({ mode: "closed" }).innerHTML = "<button><slot></slot></button>" } })</script>"""


@pytest.mark.parametrize("body", [COMPONENT, STOPPED, SLOTTED], ids=["component", "menu", "closed component"])
def test_the_link_opens_the_centre_wherever_it_is(place: Place, visit: MakeVisitor, body: str) -> None:
    visitor = refused(place, visit, body)
    visitor.page.locator("#inside" if body == SLOTTED else "#link").click()
    expect(visitor.centre).to_be_visible()
    assert visitor.page.url.endswith("/")


def test_the_link_works_by_keyboard_and_gets_the_focus_back_after_saving(place: Place, visit: MakeVisitor) -> None:
    visitor = refused(place, visit, STOPPED + FILLING)
    for leave in ("Escape", "Enter"):
        visitor.page.locator("#link").focus()
        visitor.page.keyboard.press("Enter")
        expect(visitor.centre).to_be_visible()
        if leave == "Enter":
            visitor.centre.locator(".cw-foot [value=save]").focus()
        visitor.page.keyboard.press(leave)
        expect(visitor.centre).to_have_count(0)
        assert visitor.page.evaluate(FOCUSED) == "link"


def test_the_page_stays_where_it_is_when_the_centre_closes(place: Place, visit: MakeVisitor) -> None:
    visitor = refused(place, visit, LINK + FILLING)
    visitor.page.locator("#link").click()
    expect(visitor.centre).to_be_visible()
    visitor.page.evaluate("scrollTo(0, 800)")
    visitor.press_in_centre("save").expect_saved()
    expect(visitor.centre).to_have_count(0)
    assert visitor.page.evaluate("scrollY") == 800


# A modal dialog of the page


MODAL = """<main><h1>Hi</h1></main><dialog id=modal><p>Newsletter</p><input id=field><button id=shut onclick="modal.close()">Close</button></dialog>"""


@pytest.mark.parametrize("layout", ["box", "bar", "modal"])
@pytest.mark.parametrize("before", [True, False], ids=["before the layer", "over the layer"])
def test_a_choice_can_be_made_while_a_modal_dialog_of_the_page_is_open(
    make_site: MakeSite, visit: MakeVisitor, layout: str, before: bool
) -> None:
    site = make_site(CONSENT_LAYOUT=layout)
    site.body = MODAL + ("<script>modal.showModal()</script>" if before else "")
    visitor = visit(site).go()
    if not before:
        expect(visitor.layer).to_be_visible()
        visitor.page.evaluate("modal.showModal()")
    visitor.reject()
    assert visitor.record().action == "reject_all"
    visitor.pill.click()  # and the way back is there too
    expect(visitor.centre).to_be_visible()
    visitor.page.keyboard.press("Escape")
    visitor.page.locator("#field").fill("the dialog itself works as before")
    visitor.page.locator("#shut").click()
    expect(visitor.pill).to_be_visible()
    assert visitor.page.evaluate("document.querySelector('consent-widget').parentNode == document.body")


def test_what_is_half_filled_in_survives_a_modal_dialog_of_the_page(place: Place, visit: MakeVisitor) -> None:
    visitor = refused(place, visit, MODAL)
    visitor.open_centre().set_switches("data_analytics")
    visitor.page.evaluate("modal.showModal()")
    expect(visitor.switch("data_analytics")).to_be_checked()
    visitor.page.evaluate("modal.remove()")  # as frameworks do
    expect(visitor.switch("data_analytics")).to_be_checked()
    visitor.press_in_centre("save").wait_until("ConsentWidget.granted('data_analytics')")


def test_dialogs_in_dialogs_let_the_choice_through_to_the_end(place: Place, visit: MakeVisitor) -> None:
    visitor = refused(place, visit, MODAL.replace("</dialog>", "<dialog id=inner>Sure?</dialog></dialog>"))
    for step in ("modal.showModal()", "inner.showModal()", "inner.close()", "modal.close()"):
        visitor.page.evaluate(step)
        visitor.pill.click()
        expect(visitor.centre).to_be_visible()
        visitor.page.keyboard.press("Escape")
        expect(visitor.centre).to_have_count(0)


def test_a_page_that_makes_everything_beside_its_dialog_inert_leaves_the_layer_out(
    place: Place, visit: MakeVisitor
) -> None:
    visitor = visit(place.site)
    visitor.page.goto(place.serve(f"{HEAD}<body>WIDGET<div role=dialog aria-modal=true>Hi</div>"))
    expect(visitor.layer).to_be_visible()
    visitor.page.evaluate("document.querySelectorAll('body > :not([role=dialog])').forEach(each => each.inert = true)")
    visitor.rest()
    visitor.page.locator("#cw-reject-all").click()
    visitor.expect_saved()


# Extensions that hide the widget


HIDES = {
    "hidden": "root.adoptedStyleSheets = [...root.adoptedStyleSheets, hiding]; root.prepend(style)",
    "removed": "new MutationObserver(() => document.querySelector('consent-widget')?.remove()).observe(document, "
    "{ childList: true, subtree: true }); host.remove()",
}
#: As a style sheet of the user would, which has the last word; it is set from within, as a test has no extension.
EXTENSION = """() => { const host = document.querySelector("consent-widget"), root = host.shadowRoot;
const rule = ":host { display: none !important }", style = document.createElement("style"); style.textContent = rule;
const hiding = new CSSStyleSheet(); hiding.replaceSync(rule); WAY }"""


@pytest.mark.parametrize("way", HIDES)
@pytest.mark.parametrize("layout", ["box", "bar", "modal"])
def test_an_extension_that_hides_the_layer_leaves_the_page_usable(
    make_site: MakeSite, visit: MakeVisitor, layout: str, way: str
) -> None:
    site = make_site(CONSENT_LAYOUT=layout)
    site.body = "<main><button id=own onclick='this.textContent = \"pressed\"'>Press</button></main>"
    visitor = visit(site).go()
    expect(visitor.layer).to_be_visible()
    visitor.page.evaluate(EXTENSION.replace("WAY", HIDES[way]))
    visitor.page.locator("#own").click()
    expect(visitor.page.locator("#own")).to_have_text("pressed")
    visitor.page.mouse.wheel(0, 300)
    visitor.wait_until("scrollY > 0")
    visitor.wait_until("getComputedStyle(document.documentElement).paddingBottom == '0px'")
    visitor.page.locator("#next").click()  # and the next page too
    visitor.wait_until("location.pathname == '/two'")


def test_a_centre_that_nobody_sees_does_not_make_the_page_inert(site: Site, visit: MakeVisitor) -> None:
    site.body = f"{LINK}<button id=own onclick='this.textContent = \"pressed\"'>Press</button>"
    visitor = visit(site).go().reject()
    visitor.page.evaluate(EXTENSION.replace("WAY", HIDES["hidden"]))
    visitor.page.locator("#link").click()
    visitor.page.locator("#own").click()
    expect(visitor.page.locator("#own")).to_have_text("pressed")


# Pages in frames of the same site


FRAME = "<iframe id=inner src=/two style='width:800px;height:500px'></iframe>"
#: The page in its own frame. Beneath it are gated things in the frame only.
FRAMED = f"""<script>if (self == top) document.write("{FRAME}")
else document.write('<script type="text/plain" data-consent="data_analytics">self.ran = 1<\\/script>')</script>"""


def test_a_frame_in_a_frame_is_silent_too(place: Place, visit: MakeVisitor) -> None:
    """Between the page and the frame with the widget is one without."""
    between = "<iframe id=inner src=/two></iframe>"
    body = f"""<script>if (self == top) document.write(`<iframe id=middle srcdoc="{between.replace('"', "")}"></iframe>`)</script>WIDGET"""
    visitor = visit(place.site)
    visitor.page.goto(place.serve(f"{HEAD}<body>{body}"))
    expect(visitor.layer).to_be_visible()
    visitor.wait_until("frames[0].frames[0].ConsentWidget?.granted")
    frame = visitor.page.frame_locator("#middle").frame_locator("#inner")
    expect(frame.locator(".cw-toast")).to_have_count(1)
    expect(frame.locator(".cw-layer")).to_have_count(0)


@pytest.mark.parametrize("order", ["first", "last"])
def test_a_page_in_a_frame_of_the_same_site_is_silent_and_obeys(place: Place, visit: MakeVisitor, order: str) -> None:
    body = f"WIDGET{FRAMED}" if order == "first" else f"{FRAMED}WIDGET"
    visitor = visit(place.site)
    visitor.page.goto(place.serve(f"{HEAD}<body>{body}"))
    frame = visitor.page.frame_locator("#inner")
    expect(visitor.layer).to_be_visible()
    expect(frame.locator(".cw-layer")).to_have_count(0)
    expect(frame.locator(".cw-pill")).to_be_hidden()
    visitor.page.locator(".cw-layer #cw-accept-all").first.click()
    visitor.wait_until("frames[0].ran")
    expect(frame.locator(".cw-pill")).to_be_hidden()
    expect(visitor.pill).to_be_visible()
    visitor.pill.click()
    visitor.centre.locator("[value=reject_all], [value=withdraw_all]").first.click()
    visitor.wait_until("frames[0].ConsentWidget.granted?.('data_analytics') === false")
