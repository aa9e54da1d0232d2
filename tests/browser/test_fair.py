"""The demo's site with ten vendors of the catalogue: each is asked, told and forgotten as the visitor says, and none is real."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from playwright.sync_api import expect

from consent_widget.service.command import main
from examples.demo.addresses import Addresses
from examples.demo.words import words

from .conftest import MakeVisitor
from .test_accessible import sound
from .test_demo import demo as demo  # a demo of its own for this module
from .test_demo import requests_of

TEN = [
    "ga4",
    "google_ads",
    "meta_pixel",
    "clarity",
    "baidu_tongji",
    "umeng_web",
    "bilibili",
    "amap",
    "turnstile",
    "meiqia",
]


@pytest.mark.parametrize(("locale", "scheme"), [("en", "light"), ("zh-CN", "dark")])
def test_the_drawer_shows_what_ten_vendors_receive_store_and_are_told(
    demo: Addresses, visit: MakeVisitor, locale: str, scheme: str
) -> None:
    phone = {"width": 320, "height": 800}
    visitor = visit(
        None, locale, faults=True, color_scheme=scheme, reduced_motion="reduce", viewport=phone
    )  # axe styles
    page, say = visitor.page, words(locale)["fair"]
    yes, no = say["said"]["granted"], say["said"]["denied"]
    modes, counts, told = page.locator("[data-mode]"), page.locator("[data-count]"), page.locator("[data-told]")
    asked = requests_of(page)
    page.goto(demo.fair)
    page.locator(".drawer > summary").click()
    page.locator("[data-reset] button").click()
    expect(counts).to_have_text(["0"] * 10)
    assert page.locator("[data-vendor]").evaluate_all("all => all.map((each) => each.dataset.vendor)") == TEN
    expect(visitor.placeholder).to_have_count(4)
    expect(modes).to_have_text([no] * 6 + [yes])
    expect(told).to_have_text([f"consent default 1/7 {yes}"] * 2 + ["consent revoke", say["nothing"]])
    expect(page.locator("[data-stored]")).to_have_text([say["nothing"]] * 10)
    assert [url for url in asked if url.startswith(demo.vendors)] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    sound(visitor, scheme)

    visitor.accept()
    expect(page.locator("#map iframe")).to_be_visible()
    expect(page.locator(".conversation")).to_be_visible()
    assert not any("turnstile" in url for url in asked)  # it waits for somebody who fills in its form
    page.fill("#name", "Lin")
    expect(page.locator("form iframe")).to_be_visible()
    for count in counts.all():
        expect(count).not_to_have_text("0")
    expect(modes).to_have_text([yes] * 7)
    expect(told.nth(0).locator("code")).to_have_text([f"consent default 1/7 {yes}", f"consent update 7/7 {yes}"])
    expect(told.nth(2).locator("code")).to_have_text(["consent revoke", "consent grant"])
    expect(told.nth(3)).to_have_text("consentv2 ad_Storage: granted, analytics_Storage: granted")
    stored = page.locator("[data-stored] code")
    expect(stored).to_have_count(18)
    sound(visitor, scheme)

    page.locator("footer [data-consent-open]").click()
    with page.expect_event("load"):
        visitor.press_in_centre("reject_all").wait_until_sent()
        hosts = {urlsplit(url).hostname for url in asked}
        asked.clear()
    expect(visitor.placeholder).to_have_count(4)
    expect(modes).to_have_text([no] * 6 + [yes])
    expect(stored).to_have_count(0)
    assert [url for url in asked if not url.startswith(demo.fair)] == []
    assert hosts == {"fair.localhost", "localhost"}


def test_nothing_leaks_from_ten_vendors(demo: Addresses) -> None:
    result = CliRunner().invoke(main, ["scan", demo.fair, "--pages", "1"])

    assert result.exit_code == 0, result.output
    assert "Nothing found" in result.stdout
