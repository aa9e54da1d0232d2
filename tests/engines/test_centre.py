"""The layer and the preference centre with mouse and keyboard: what is on top, where the focus is, what is saved."""

from __future__ import annotations

from ..browser.conftest import MakeSite
from ..browser.servers import Site
from .conftest import MakeVisitor
from .visitor import Visitor

CENTRE = "dialog .cw-centre"
#: Is the focus in what `selector` names?
IN = "focused()?.closest(arguments[0])"


def tab_to(visitor: Visitor, selector: str, *keys: str) -> None:
    for _ in range(80):
        visitor.browser.key(*keys, "Tab")
        if visitor.browser.js(f"return !!{IN}", selector):
            return
    raise AssertionError(f"{selector} is not reached")


def test_the_centre_takes_the_focus_keeps_it_and_gives_it_back(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go().open_centre()
    browser = visitor.browser
    browser.until(IN, "dialog")
    for _ in range(30):
        browser.key("Tab")
        assert not browser.js(f"return !!{IN}", "main, nav, .cw-layer")
    browser.key("Escape")
    browser.expect_none(CENTRE)
    browser.expect(".cw-layer")
    browser.until(IN, "[data-open=centre]")
    assert (visitor.records(), visitor.token()) == ([], "")


def test_nothing_under_the_centre_can_be_pressed(site: Site, visit: MakeVisitor) -> None:
    site.body = (
        '<p style="position: fixed; inset: 0; z-index: 2147483647"><a id=over href="/three">Over everything</a></p>'
    )
    visitor = visit(site).go()
    browser = visitor.browser
    visitor.open_centre()
    assert browser.js("return !!find(arguments[0]).closest('dialog').matches(':modal')", CENTRE)
    assert browser.js("return at(find('#over')) == null")


def test_switches_are_saved_as_they_stand(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go().open_centre().switch("data_analytics").switch("marketing_measurement")
    visitor.switch("marketing_measurement").press_in_centre("save").expect_status("saved")
    visitor.browser.expect_none(CENTRE)
    visitor.browser.expect_none(".cw-layer")
    record = visitor.record()
    assert ((record.action, record.surface), {key for key, yes in record.purposes.items() if yes}) == (
        ("save", "centre"), {"data_analytics"},
    )  # fmt: skip
    visitor.go("/two").open_centre()
    assert visitor.browser.js("return find('[role=switch][value=data_analytics]').checked")
    assert not visitor.browser.js("return find('[role=switch][value=marketing_measurement]').checked")


def test_the_keyboard_alone_accepts(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go()
    tab_to(visitor, "#cw-accept-all")
    visitor.press_key("Enter").expect_status("saved")
    assert visitor.record().action == "accept_all"
    visitor.browser.until(IN, ".cw-pill")


def test_the_keyboard_alone_works_the_centre(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go()
    tab_to(visitor, "[data-open=centre]")
    visitor.browser.key("Enter")
    visitor.browser.expect(CENTRE)
    card = ".cw-card:has([value=data_analytics])"
    tab_to(visitor, f"{card} summary")
    visitor.browser.key("Enter")
    tab_to(visitor, "[value=data_analytics]")
    visitor.browser.key("Space")
    visitor.browser.until("find('[role=switch][value=data_analytics]').checked")
    tab_to(visitor, ".cw-foot [value=save]")
    visitor.press_key("Space").expect_status("saved")
    assert {key for key, yes in visitor.record().purposes.items() if yes} == {"data_analytics"}
    visitor.browser.until(IN, ".cw-pill")


def test_the_notice_opens_over_the_layer_and_escape_leads_back(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go()
    visitor.browser.click(".cw-layer [data-open=notice]")
    assert "About this notice" in visitor.browser.text("dialog .cw-statement")
    visitor.browser.key("Escape")
    visitor.browser.expect_none("dialog .cw-statement")
    visitor.browser.until(IN, "[data-open=notice]")


def test_a_modal_layer_lets_nothing_through_and_escape_answers_nothing(make_site: MakeSite, visit: MakeVisitor) -> None:
    visitor = visit(make_site(CONSENT_LAYOUT="modal")).go()
    visitor.browser.expect("dialog .cw-layer")
    assert visitor.browser.js("return at(find('#next')) == null")
    visitor.browser.key("Escape")
    visitor.browser.expect_none(".cw-layer")
    assert (visitor.records(), visitor.token()) == ([], "")
    visitor.browser.click("#next")
    visitor.browser.until("location.pathname == '/two'")
    visitor.browser.expect("dialog .cw-layer")


def test_the_layer_is_on_top_of_whatever_the_page_has(site: Site, visit: MakeVisitor) -> None:
    site.head = "<style>body { transform: rotate(1deg); overflow: hidden } consent-widget { display: block; opacity: 0.99 }</style>"
    site.body = '<div style="position: fixed; inset: 0; z-index: 2147483647; background: #fff"></div>'
    visitor = visit(site).go().reject()
    assert visitor.record().action == "reject_all"
