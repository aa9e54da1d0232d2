"""Gates follow what the page does to their elements: it changes, moves, reuses and removes them, and puts them into components."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, expect

from .conftest import MakeVisitor
from .servers import Site
from .visitor import Visitor

FILM = (
    '<div id=box><iframe id=film title=film data-consent=targeted_advertising data-src="{v}/film.html"></iframe></div>'
)


def shown(site: Site, body: str) -> Site:
    site.body = body.replace("{v}", site.vendors.url)
    return site


def change(visitor: Visitor, script: str) -> None:
    """What the page's own code does; and a moment for whatever comes of it."""
    visitor.page.evaluate(f"() => {{ {script} }}".replace("VENDORS", visitor.site.vendors.url))
    visitor.rest()


def test_an_open_frame_follows_a_new_address_and_new_purposes(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(shown(site, FILM)).go()
    visitor.open_centre().set_switches("targeted_advertising").press_in_centre("save").expect_saved()
    plays = visitor.page.frame_locator("#film").locator("body")
    expect(plays).to_contain_text("film plays.")
    change(visitor, "film.dataset.src = 'VENDORS/other.html'")
    expect(plays).to_contain_text("other plays.")
    change(visitor, "film.dataset.consent = 'targeted_advertising data_analytics'")
    expect(visitor.page.locator("#film")).not_to_have_attribute("src", "")
    assert visitor.page.evaluate("film.getAttribute('src')") is None
    change(visitor, "film.dataset.consent = ' targeted_advertising\\n'")
    expect(plays).to_contain_text("other plays.")


@pytest.mark.parametrize("granted", [True, False])
def test_a_frame_that_is_moved_removed_or_returns_is_as_it_may_be(
    site: Site, visit: MakeVisitor, granted: bool
) -> None:
    visitor = visit(shown(site, FILM)).go()
    visitor.accept() if granted else visitor.reject()
    for script in (
        "document.querySelector('main').append(film)",
        "self.kept = film; kept.remove()",
        "box.append(kept)",
        "box.replaceWith(box.cloneNode(true))",
        "document.querySelector('main').innerHTML = document.querySelector('main').innerHTML",
        "film.replaceWith(Object.assign(document.createElement('iframe'), {id: 'film', title: 'film'})); "
        "film.dataset.src = 'VENDORS/film.html'; film.dataset.consent = 'targeted_advertising'",
    ):
        site.vendors.asked.clear()
        change(visitor, script)
        if granted and "kept.remove" not in script:
            expect(visitor.page.frame_locator("#film").locator("body")).to_contain_text("film plays.")
        assert set(site.vendors.asked) <= ({"film"} if granted else set()), script


@pytest.mark.parametrize("when", ["before", "after", "defined later"])
def test_gates_in_open_components_open_and_shut(site: Site, visit: MakeVisitor, when: str) -> None:
    define = """customElements.define("site-film", class extends HTMLElement {
      connectedCallback() {
        this.attachShadow({ mode: "open" }).innerHTML = `<div><iframe title=film data-consent=targeted_advertising
          data-src="VENDORS/film.html"></iframe><script type="text/plain" data-consent=data_analytics>(window.ran ||= []).push(1)<\\/script></div>`;
      }
    })"""
    element = "<site-film></site-film>" if when != "after" else ""
    before = f"<script>{define}</script>" if when != "defined later" else ""
    visitor = visit(shown(site, element + before.replace("VENDORS", "{v}"))).go()
    if when == "defined later":
        visitor.rest()
        change(visitor, define)
    if when == "after":
        change(visitor, "document.querySelector('main').append(document.createElement('site-film'))")
    assert site.vendors.asked == []
    visitor.accept()
    frame = "document.querySelector('site-film').shadowRoot.querySelector('iframe')"
    visitor.wait_until(f"{frame}.hasAttribute('src')")
    assert visitor.ran() == [1]
    change(visitor, f"{frame}.parentNode.append({frame}.cloneNode())")
    visitor.wait_until(f"{frame}.parentNode.querySelectorAll('[src]').length == 2")
    visitor.open_centre().set_switches("targeted_advertising", on=False).press_in_centre("save").expect_saved()
    visitor.wait_until(f"!{frame}.parentNode.querySelectorAll('[src]').length")


@pytest.mark.parametrize("purposes", ["data_analytics  targeted_advertising", " data_analytics\n\ttargeted_advertising ",
                                      "data_analytics, targeted_advertising"])  # fmt: skip
def test_purposes_may_be_parted_as_people_and_formatters_part_them(
    site: Site, visit: MakeVisitor, purposes: str
) -> None:
    visitor = visit(
        shown(site, f'<script type="text/plain" data-consent="{purposes}">(window.ran ||= []).push(1)</script>')
    ).go()
    visitor.open_centre().set_switches("data_analytics").press_in_centre("save").expect_saved()
    visitor.rest()
    assert visitor.ran() == []
    visitor.open_centre().press_in_centre("accept_all").expect_saved()
    visitor.wait_until("window.ran?.length == 1")


@pytest.mark.parametrize("how", ["layer", "centre", "api"])
def test_what_was_loaded_once_ends_with_a_refusal(site: Site, visit: MakeVisitor, how: str) -> None:
    visitor = visit(shown(site, FILM)).go()
    visitor.placeholder.locator("button").first.click()
    expect(visitor.page.frame_locator("#film").locator("body")).to_contain_text("film plays.")
    if how == "layer":
        visitor.reject()
    elif how == "centre":
        visitor.open_centre().press_in_centre("reject_all").expect_saved()
    else:
        visitor.page.evaluate("ConsentWidget.reject()")
    visitor.wait_until("!film.hasAttribute('src')")
    assert [frame.url for frame in visitor.page.frames[1:]] == ["about:blank"]
    expect(visitor.placeholder).to_be_visible()


def test_an_address_beside_a_gate_is_taken_back_and_waits(site: Site, visit: MakeVisitor) -> None:
    """A frame with `src` instead of `data-src` has loaded already; from then on it is a gate like any other."""
    warnings: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "warning":
            warnings.append(message.text)

    visitor = visit(
        shown(site, '<iframe id=film title=film data-consent=targeted_advertising src="{v}/film.html"></iframe>')
    )
    visitor.page.on("console", note)
    visitor.go()
    visitor.wait_until("!film.hasAttribute('src')")
    assert len([text for text in warnings if "data-src" in text]) == 1
    site.vendors.asked.clear()
    change(visitor, "film.src = 'VENDORS/again.html'")
    visitor.wait_until("!film.hasAttribute('src')")
    visitor.accept()
    expect(visitor.page.frame_locator("#film").locator("body")).to_contain_text("plays.")


MISTAKES: dict[str, Any] = {
    '<script type="text/plain" data-consent="analyticz"></script>': 'does not have "analyticz"',
    '<script type="text/plain" data-consent="data_analytics" data-consent-service="nobody"></script>': 'does not have "nobody"',
    '<script data-consent="data_analytics">self.early = 1</script>': 'type="text/plain"',
    '<iframe title=a data-consent="data_analytics" data-src="javascript:1"></iframe>': "http",
    '<img alt="" data-consent="data_analytics" src="{v}/pixel.js">': "data-src",
    '<template data-consent="data_analytics"><img alt="" src="{v}/pixel.js"></template>': "data-src",
    '<div data-consent="data_analytics"><img alt="" src="/favicon.ico"></div>': "<template data-consent>",
    '<link data-consent="data_analytics" rel="stylesheet" data-href="{v}/sheet.css">': "<template data-consent>",
    '<video data-consent="data_analytics"><source data-src="{v}/film.mp4"></video>': "<template data-consent>",
    # no mistakes
    '<img alt="" data-consent="data_analytics" data-srcset="{v}/pixel.js 2x">': "",
    '<script type="text/plain" data-consent="data_analytics" data-consent-service="tally" src="{v}/a.js"></script>': "",
    '<script type="TEXT/PLAIN" data-consent="service_delivery"></script>': "",
    '<iframe title=a data-consent="targeted_advertising" data-src="{v}/film.html"></iframe>': "",
    '<template data-consent="partner_sharing"><p>ours</p></template>': "",
}


@pytest.mark.parametrize("markup", MISTAKES)
def test_a_mistake_in_the_markup_is_told_once_in_the_console(site: Site, visit: MakeVisitor, markup: str) -> None:
    visitor = visit(shown(site, markup))
    warnings: list[str] = []
    visitor.page.on("console", lambda message: warnings.append(message.text) if message.type == "warning" else None)
    visitor.go()
    visitor.wait_until("window.ConsentWidget?.granted")
    visitor.rest()
    change(visitor, "document.body.append('changed')")
    told = [text for text in warnings if text.startswith("consent_widget:")]
    assert len(told) == bool(MISTAKES[markup]), told
    assert all(MISTAKES[markup] in text for text in told)


def test_a_form_whose_fields_hide_its_methods_stops_no_gate(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(shown(site, FILM)).go().accept()
    fields = "".join(f"<input name={name}>" for name in ("querySelectorAll", "shadowRoot", "localName", "matches"))
    change(visitor, f"document.body.append(Object.assign(document.createElement('form'), {{innerHTML: '{fields}'}}))")
    change(visitor, "film.dataset.src = 'VENDORS/other.html'")
    expect(visitor.page.frame_locator("#film").locator("body")).to_contain_text("other plays.")
