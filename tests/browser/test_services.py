"""One service decided alone: by "Always load", and by its switch in the preference centre."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from consent_widget import read_notice

from ..conftest import CONTROLLER
from ..support.vendors import FILM, MAP, PIXEL, with_vendors
from .conftest import MakeSite, MakeVisitor
from .servers import Site
from .visitor import Visitor

THREE = """<iframe title="film" data-consent="marketing" data-consent-service="film" data-src="{v}/film.html"></iframe>
<iframe title="map" data-consent="marketing" data-consent-service="map" data-src="{v}/map.html"></iframe>
<script type="text/plain" data-consent="marketing" data-consent-service="pixel" src="{v}/pixel.js"></script>
<script type="text/plain" data-consent="marketing" src="{v}/other.js"></script>"""
COUNT = {"en": "{on} of {all} services on", "zh-CN": "已开启 {on}/{all} 项服务"}
REFUSED = {"functional": False, "analytics": False, "marketing": False}

both = pytest.mark.parametrize("locale", ["en", "zh-CN"])


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    site = make_site(CONSENT_NOTICE=with_vendors(read_notice("minimal", CONTROLLER)))
    site.body = THREE.replace("{v}", site.vendors.url)
    return site


def always_load(visitor: Visitor, name: str) -> Visitor:
    """Presses "Always load" in the placeholder that stands before the frame of this name."""
    order = ["film", "map"]
    visitor.placeholder.nth(order.index(name)).locator("button").last.click()
    return visitor.expect_saved()


def unfold(visitor: Visitor) -> Visitor:
    return visitor.open_centre().unfold()


def set_switch(visitor: Visitor, key: str, on: bool) -> None:
    visitor.switch(key).set_checked(on)


def on(visitor: Visitor) -> set[str]:
    """The switches of marketing and its services that stand on."""
    all = visitor.centre.locator("[name=grant][value^=marketing]").evaluate_all(
        "all => all.filter((each) => each.checked).map(({ value }) => value)"
    )
    return set(all)


def plays(visitor: Visitor, name: str, title: str = "") -> None:
    frame = visitor.page.frame_locator(f"iframe[title={title or name}]")
    expect(frame.locator("body")).to_contain_text(f"{name} plays.")


def loaded(site: Site) -> set[str]:
    return set(site.vendors.asked)


@both
def test_always_loading_a_film_grants_that_service_and_nothing_else(
    site: Site, visit: MakeVisitor, locale: str
) -> None:
    visitor = always_load(visit(site, locale).go(), "film")
    plays(visitor, "film")
    record = visitor.record()
    assert (record.action, record.surface, record.purposes) == ("allow", "placeholder", {FILM: True})
    visitor.go("/two")
    plays(visitor, "film")
    visitor.rest()
    assert site.vendors.asked == ["film", "film"]
    expect(visitor.layer).to_be_visible()  # the purposes are still to be asked about
    assert visitor.granted_by_script(["marketing"]) == set()


def test_the_page_is_told_of_it(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go()
    visitor.page.evaluate(
        "document.addEventListener('consent:change', (event) => (window.told ||= []).push(event.detail))"
    )
    always_load(visitor, "film")

    assert visitor.page.evaluate("window.told") == [{"by": "visitor", "action": "allow", "surface": "placeholder"}]


ENDS: dict[str, Callable[[Visitor], object]] = {
    "reject_all": lambda visitor: visitor.layer.locator("#cw-reject-all").click(),
    "close": lambda visitor: visitor.layer.locator("[value=close]").click(),
    "a script of the page": lambda visitor: visitor.page.evaluate("ConsentWidget.withdraw()"),
}


@pytest.mark.parametrize("how", ENDS)
def test_a_refusal_ends_what_was_always_to_be_loaded(site: Site, visit: MakeVisitor, how: str) -> None:
    visitor = always_load(visit(site).go(), "film")
    plays(visitor, "film")
    site.vendors.asked.clear()
    ENDS[how](visitor)
    expect(visitor.placeholder).to_have_count(2)
    visitor.wait_until_sent()
    visitor.go("/two")
    visitor.rest()
    assert loaded(site) == set()
    assert site.records()[-1].purposes == REFUSED


@both
def test_the_centre_shows_how_each_service_stands_and_saves_what_is_set(
    site: Site, visit: MakeVisitor, locale: str
) -> None:
    visitor = unfold(always_load(visit(site, locale).go(), "film"))
    count = visitor.centre.locator("[data-services]:not([hidden])")
    assert on(visitor) == {FILM}
    expect(count).to_have_text(COUNT[locale].format(on=1, all=4))
    set_switch(visitor, MAP, True)
    expect(count).to_have_text(COUNT[locale].format(on=2, all=4))
    set_switch(visitor, FILM, False)
    visitor.press_in_centre("save").wait_until_sent()
    assert site.records()[-1].purposes == {**REFUSED, MAP: True}
    plays(visitor, "map")
    expect(visitor.placeholder).to_have_count(1)
    visitor.rest()
    assert loaded(site) == {"film", "map"}


@both
def test_services_move_with_the_switch_of_their_purpose(site: Site, visit: MakeVisitor, locale: str) -> None:
    visitor = unfold(visit(site, locale).go())
    set_switch(visitor, "marketing", True)
    assert on(visitor) == {"marketing", FILM, PIXEL, MAP, "marketing@both"}
    expect(visitor.centre.locator("[data-services]:not([hidden])")).to_have_count(0)
    set_switch(visitor, PIXEL, False)
    visitor.press_in_centre("save").wait_until_sent()
    assert site.records()[-1].purposes == {**REFUSED, "marketing": True, PIXEL: False}
    expect(visitor.placeholder).to_have_count(0)
    plays(visitor, "film"), plays(visitor, "map")
    visitor.wait_until("(window.ran || []).includes('other')")
    assert loaded(site) == {"film", "map", "other"}
    assert on(unfold(visitor)) == {"marketing", FILM, MAP, "marketing@both"}
    set_switch(visitor, "marketing", False)
    assert on(visitor) == set()


def test_a_change_of_language_keeps_the_switches(site: Site, visit: MakeVisitor) -> None:
    visitor = unfold(visit(site).go())
    set_switch(visitor, "marketing", True)
    set_switch(visitor, PIXEL, False)
    visitor.set_language("zh-CN")
    expect(visitor.centre).to_contain_text("影院")

    assert on(visitor) == {"marketing", FILM, MAP, "marketing@both"}


def test_accepting_everything_loads_what_was_refused_by_name(site: Site, visit: MakeVisitor) -> None:
    visitor = unfold(visit(site).go())
    set_switch(visitor, "marketing", True)
    set_switch(visitor, PIXEL, False)
    visitor.press_in_centre("save").wait_until_sent()
    visitor.open_centre().press_in_centre("accept_all").wait_until_sent()
    visitor.wait_until("(window.ran || []).includes('pixel')")
    plays(visitor, "film"), plays(visitor, "map")

    assert loaded(site) == {"film", "map", "other", "pixel"}


def test_the_opt_out_signal_keeps_services_off_and_their_switches_still(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site, extra_http_headers={"Sec-GPC": "1"}).go()
    visitor.placeholder.first.locator("button").last.click()  # leads to the centre
    expect(visitor.centre).to_be_visible()
    visitor.unfold()
    expect(visitor.switch("marketing")).to_be_disabled()
    expect(visitor.switch(FILM)).to_be_disabled()
    expect(visitor.switch("analytics@tally")).to_be_enabled()
    assert (on(visitor), site.records(), site.vendors.asked) == (set(), [], [])


def test_an_element_that_needs_more_than_its_service_leads_to_the_centre(site: Site, visit: MakeVisitor) -> None:
    """To load it always, a whole purpose would have to be granted."""
    site.body = """<iframe title="film" data-consent="marketing analytics" data-consent-service="film"
        data-src="{v}/film.html"></iframe>""".replace("{v}", site.vendors.url)
    visitor = visit(site).go()
    visitor.placeholder.locator("button").last.click()
    expect(visitor.centre).to_be_visible()

    assert (site.records(), site.vendors.asked) == ([], [])


def test_a_service_of_two_purposes_is_granted_for_both_and_for_nobody_else(site: Site, visit: MakeVisitor) -> None:
    site.body = """<iframe title="film" data-consent="marketing" data-consent-service="both" data-src="{v}/both.html">
        </iframe><iframe title="t" data-consent="analytics" data-consent-service="tally" data-src="{v}/tally.html"></iframe>
        """.replace("{v}", site.vendors.url)
    visitor = always_load(visit(site).go(), "film")
    plays(visitor, "both", title="film")

    assert visitor.record().purposes == {"marketing@both": True, "analytics@both": True}
    assert loaded(site) == {"both"}


@both
def test_without_a_script_a_service_has_its_switch_too(site: Site, visit: MakeVisitor, locale: str) -> None:
    visitor = visit(site, locale, java_script_enabled=False).go("/consent/preferences")
    page = visitor.page

    def switch(key: str) -> Locator:
        return page.locator(f"[role=switch][value='{key}']")

    for each in page.locator("summary").all():
        each.click()
    switch(FILM).check()
    page.locator(".cw-foot [value=save]").click()
    page.wait_for_url("**saved**")
    expect(switch(FILM)).to_be_checked()
    expect(page.locator("[data-services]:not([hidden])")).to_have_text(COUNT[locale].format(on=1, all=4))
    switch("marketing").check()  # the others follow, though their switches have not moved
    page.locator(".cw-foot [value=save]").click()
    expect(switch(PIXEL)).to_be_checked()

    assert [record.purposes for record in site.records()] == [{**REFUSED, FILM: True}, {**REFUSED, "marketing": True}]
