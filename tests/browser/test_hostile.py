"""On pages that interfere, on purpose or not, the widget looks and works the same."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from .conftest import MakeSite, MakeVisitor
from .servers import Place, Static
from .visitor import Visitor

FILLING = "<h1>A page</h1>" + "<p>A paragraph of a page that is longer than the screen.</p>" * 40
COVER = "position: fixed; inset: 0; z-index: 2147483647; background: #fcc"


def document(style: str = "", html: str = "", body: str = "", more: str = "", doctype: str = "<!doctype html>") -> str:
    return f"""{doctype}<html lang=en {html}><head><meta charset=utf-8><title>A page</title>
    <meta name=viewport content="width=device-width, initial-scale=1"><style>{style}</style></head>
    <body {body}>WIDGET{FILLING}{more}</body></html>"""


RESETS = """button, dialog, section, p, h2, a, form, div, ::backdrop {
  all: unset !important; display: none !important; font: 40px serif !important; width: 700px !important; float: right !important }
:host, .cw-layer, #cw-reject-all { display: none !important }"""
INHERITED = """body { text-transform: uppercase; letter-spacing: 9px; word-spacing: 40px; line-height: 4; text-indent: 90px;
  font: italic 900 40px/4 fantasy; white-space: nowrap; text-align: right; visibility: hidden; cursor: none; color: red;
  hyphens: auto; tab-size: 40; quotes: none; word-break: break-all; text-shadow: 0 0 9px red }"""
SAME = {
    "everything is unset": document("* { all: unset !important }"),
    "everything is inherited": document("html, body, body * { all: inherit !important }"),
    "rules for our elements": document(RESETS),
    "the widget is hidden and scaled": document(
        """consent-widget { display: none !important; transform: scale(2) !important; zoom: 3 !important;
        opacity: 0 !important; visibility: hidden !important; inset: 90% !important; clip-path: inset(50%) !important;
        filter: blur(9px) !important; width: 0 !important; overflow: hidden !important; contain: strict !important;
        pointer-events: none !important; content-visibility: hidden !important; translate: -900px !important;
        animation: away 1s infinite !important; transition: all 9s !important } @keyframes away { to { opacity: 0 } }"""
    ),
    "small rem": document("html { font-size: 10px !important }"),
    "large rem": document("html { font-size: 40px !important }"),
    "a transformed body": document("body { transform: scale(.4) rotate(9deg); transform-origin: 0 0 }"),
    "a transformed root": document("html { transform: translateX(300px) scale(.5) }"),
    "a filtered body": document("body { filter: invert(1) blur(4px); opacity: .1; backdrop-filter: blur(1px) }"),
    "a contained body": document("body { contain: strict; height: 200px; overflow: hidden; perspective: 9px; will-change: transform }"),
    "a body without size": document("body { overflow: hidden; width: 0; height: 0; clip-path: inset(0); position: absolute }"),
    "elements over the corner": document(more=f"<div style='{COVER}'></div>" * 2),
    "a popover over the corner": document(
        more=f"<div popover=manual id=cover style='{COVER}; width: 100%; height: 100%'></div><script>cover.showPopover()</script>"
    ),
    "vertical writing": document("body { writing-mode: vertical-rl }"),
    "right to left": document(html="dir=rtl", body="dir=rtl"),
    "right to left by style": document("* { direction: rtl !important; unicode-bidi: bidi-override !important }"),
    "quirks": document(doctype=""),
    "no head and no body": f"<!doctype html><title>A page</title><meta name=viewport content='width=device-width, initial-scale=1'>WIDGET{FILLING}",
    "inherited text": document(INHERITED),
    "nothing may be pressed": document("body { user-select: none; pointer-events: none; touch-action: none }"),
    "no scrolling": document("html, body { overflow: hidden !important; height: 100% !important; position: fixed; width: 100% }"),
    "a grid of strangers": document("html, body { display: grid; grid-template-columns: 30px 30px; gap: 90px } body > * { order: -1 }"),
    "variables of the same names": document(":root { --cw-ink: #fff !important; --cw-paper: #fff !important }"),
    "colours of its own": document(":root { color-scheme: dark !important; accent-color: red !important }"),
}  # fmt: skip
ENLARGED: dict[str, tuple[str, dict[str, Any]]] = {
    "a zoomed body": ("body { zoom: 1.5 }", {}),
    "a zoomed root": ("html { zoom: 2 }", {}),
    "zoomed out": ("html { zoom: .6 }", {}),
    "400 %": ("", {"viewport": {"width": 320, "height": 640}, "device_scale_factor": 4}),
    "400 % of a low window": ("", {"viewport": {"width": 320, "height": 256}, "device_scale_factor": 4}),
}
#: Where the server has rendered the layer, these meet other code than where the script has.
DIFFERS = ("everything is unset", "rules for our elements", "the widget is hidden and scaled", "quirks",
           "no head and no body", "a transformed body", "right to left", "a contained body")  # fmt: skip


def boxes(visitor: Visitor) -> list[list[float]]:
    """The boxes of "Accept all", "Reject all" and "Choose", each scrolled into view first: x, y, width, height."""
    expect(visitor.layer).to_be_visible()
    visitor.wait_until("document.querySelector('consent-widget').matches(':popover-open')")
    return visitor.layer.locator(".cw-actions button").evaluate_all(  # type: ignore[no-any-return]
        """all => all.map((each) => {
          each.scrollIntoView({ block: "nearest" });
          const { x, y, width, height } = each.getBoundingClientRect();
          return [x, y, width, height];
        })"""
    )


def press(visitor: Visitor, what: Locator) -> None:
    """A mouse click in the middle of the element: whatever lies on top there receives it."""
    what.scroll_into_view_if_needed()
    box = what.bounding_box()
    assert box
    visitor.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def works(visitor: Visitor) -> None:
    """Layer, centre, notice and reopen button can all be opened, closed and pressed."""
    press(visitor, visitor.layer.locator("[data-open=centre]"))
    expect(visitor.centre).to_be_visible()
    press(visitor, visitor.centre.locator("[data-open=notice]"))
    expect(visitor.notice).to_be_visible()
    press(visitor, visitor.notice.locator("[data-close]"))
    expect(visitor.notice).to_have_count(0)
    press(visitor, visitor.centre.locator("[data-close]"))
    expect(visitor.centre).to_have_count(0)
    press(visitor, visitor.layer.locator("#cw-reject-all"))
    visitor.expect_saved()
    expect(visitor.layer).to_have_count(0)
    press(visitor, visitor.pill)
    expect(visitor.centre).to_be_visible()


def sound(visitor: Visitor, found: list[list[float]]) -> None:
    """Both choices have the same size, at least 24 pixels each way (WCAG 2.5.8), and lie within the window."""
    window = visitor.page.viewport_size
    assert window
    assert found[0][2:] == pytest.approx(found[1][2:], abs=0.5)
    for x, y, width, height in found:
        assert min(width, height) >= 24
        assert min(x, y) >= 0
        assert (x + width <= window["width"], y + height <= window["height"]) == (True, True)


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, list[list[float]]]:
    """Where the buttons are on a plain page, by place."""
    return {}


@pytest.mark.parametrize(
    ("place", "name"), [("tag", name) for name in SAME] + [("embedded", name) for name in DIFFERS], indirect=["place"]
)
def test_the_layer_is_the_same_and_works_on_every_page(
    place: Place, visit: MakeVisitor, undisturbed: dict[str, list[list[float]]], name: str
) -> None:
    visitor = visit(place.site, reduced_motion="reduce")
    if place.tag not in undisturbed:
        visitor.page.goto(place.serve(document()))
        undisturbed[place.tag] = boxes(visitor)
    visitor.page.goto(place.serve(SAME[name]))
    found = boxes(visitor)
    for box, should in zip(found, undisturbed[place.tag], strict=True):
        assert box == pytest.approx(should, abs=1)
    sound(visitor, found)
    works(visitor)


@pytest.mark.parametrize(
    ("place", "name"), [("tag", name) for name in ENLARGED] + [("embedded", "a zoomed root")], indirect=["place"]
)
def test_under_zoom_the_layer_is_whole_and_works(place: Place, visit: MakeVisitor, name: str) -> None:
    style, window = ENLARGED[name]
    visitor = visit(place.site, reduced_motion="reduce", **window)
    visitor.page.goto(place.serve(document(style)))
    sound(visitor, boxes(visitor))
    works(visitor)


NATIVES = """Array.prototype: every some includes filter map forEach find push join Symbol.iterator
String.prototype: split startsWith match replace replaceAll
JSON: parse stringify
Object: keys entries freeze
Promise.prototype: then
Element.prototype: append remove closest querySelectorAll before replaceWith setAttribute matches
Document.prototype: createElement querySelector querySelectorAll
EventTarget.prototype: addEventListener dispatchEvent
Function.prototype: bind call apply
Date: now
Math: random floor
Storage.prototype: getItem setItem
Set.prototype: has add
Map.prototype: get set
window: fetch setTimeout MutationObserver ResizeObserver CustomEvent customElements"""
DOES = {
    "throws": "() => { throw Error('hostile') }",
    "says yes": "() => true",
    "does nothing": "function () {}",
    "gives itself": "function () { return this }",
}
MORE = (
    "for (const each of [Array, String]) each.prototype.toJSON = function () { return '\"' + this + '\"' }",
    "for (const each of [Array, String, Object]) each.prototype.extra = () => true",
)


def changes(does: str) -> list[str]:
    """One script for each native function, which replaces it."""
    made = []
    for owner, names in (line.split(": ") for line in NATIVES.splitlines()):
        for name in names.split():
            key = name if name.startswith("Symbol") else f"'{name}'"
            made.append(f"Object.defineProperty({owner}, {key}, {{ value: {DOES[does]}, configurable: true }})")
    return [*made, *MORE]


#: Each frame is a page with natives of its own: number 3 of `top.changes` is made in the frame #3.
FRAME = """<!doctype html><html lang=en><meta charset=utf-8><title>A frame</title>
<script>self.change = () => (0, eval)(top.changes[location.hash.slice(1)] || ""); if (top.before) change()</script>WIDGET<body>
<script type="text/plain" data-consent="data_analytics" src="VENDORS/script.js"></script>
<script type="text/plain" data-consent="data_analytics" data-consent-service="tally" src="VENDORS/service.js"></script>
<script type="text/plain" data-consent="?" src="VENDORS/unknown.js" async></script>
<script type="text/plain" data-consent="" src="VENDORS/nothing.js"></script>
<template data-consent="data_analytics"><script src="VENDORS/template.js"></script></template>
<iframe title=film data-consent="targeted_advertising" data-consent-service=reel data-src="VENDORS/film.html"></iframe>"""
FRAMES = """async ([changes, before]) => {
  const realms = () => [...document.querySelectorAll("iframe")].map((frame) => frame.contentWindow);
  Object.assign(self, { changes, before, realms });
  const made = [...changes, ""].map((_, at) => Object.assign(document.createElement("iframe"), { src: "/frame#" + at, width: 1, height: 1 }));
  await Promise.all(made.map((frame) => new Promise((done, fail) => {
    setTimeout(() => fail(Error("This frame does not load: " + frame.src)), 30_000);
    frame.onload = done;
    document.body.append(frame);
  })));
}"""
#: By this page's own natives, whose elements work in the frames too.
PRESS = """() => {
  const shadow = Object.getOwnPropertyDescriptor(Element.prototype, "shadowRoot").get;
  const pressed = realms().map(({ document: page }) => {
    const widget = Document.prototype.querySelector.call(page, "consent-widget");
    const button = widget && DocumentFragment.prototype.querySelector.call(shadow.call(widget), "#cw-reject-all");
    if (button) HTMLElement.prototype.click.call(button);
    return !!button;
  });
  return [pressed.at(-1), pressed.filter((each) => each).length];
}"""
LATE = """() => {
  for (const { document: page } of realms()) {
    const late = document.createElement("script");
    Object.assign(late, { type: "text/plain", src: "VENDORS/late.js" }).dataset.consent = "data_analytics";
    Node.prototype.appendChild.call(page.body, late);
  }
}"""


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("does", "when"), [(does, "before") for does in DOES] + [("throws", "after"), ("says yes", "after")]
)
def test_whatever_natives_do_gates_stay_shut_and_nothing_is_thrown(
    make_site: MakeSite, static: Static, visit: MakeVisitor, does: str, when: str
) -> None:
    site = make_site(CONSENT_ORIGINS=[static.url])
    place = Place(site, static)
    visitor = visit(site, faults=True, reduced_motion="reduce")
    page, asked = visitor.page, site.vendors.asked
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(f"{error} {error.stack}"))
    visitor.context.route("**/consent/records", lambda route: route.abort())  # no frame hears of another's refusal
    page.goto(place.serve("<!doctype html><html lang=en><title>All frames</title><body>"))
    place.serve(FRAME)
    page.evaluate(FRAMES, [changes(does), when == "before"])
    if when == "after":
        page.evaluate("() => { for (const realm of realms()) realm.change() }")
    page.evaluate(LATE.replace("VENDORS", site.vendors.url))
    page.wait_for_timeout(200)
    assert asked == []
    sound, count = page.evaluate(PRESS)
    assert sound
    assert count > (len(changes(does)) if when == "after" else 9)
    page.evaluate(LATE.replace("VENDORS", site.vendors.url))
    page.wait_for_timeout(200)
    assert asked == []
    assert thrown == []
