"""The officer's page in a browser: axe finds nothing, nothing breaks its policy, and it works without script."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from consent_widget.choice.act import new_subject
from consent_widget.notice.model import Notice

from ..support.acts import act
from .conftest import MakeSite, MakeVisitor
from .servers import Site
from .test_accessible import every, sound


def is_officer() -> str:
    return "lin"


@pytest.fixture
def site(make_site: MakeSite, shop: Notice) -> Site:
    site = make_site(CONSENT_OFFICER=is_officer)
    for ago in (1, 2, 3):
        for number in range(30):
            act(
                site.store,
                shop,
                new_subject(),
                "reject_all" if number % 3 else "accept_all",
                ago=ago,
                seq=1,
                surface="layer",
            )
    return site


@every
def test_axe_finds_nothing_in_the_officers_pages(site: Site, visit: MakeVisitor, locale: str, scheme: str) -> None:
    visitor = visit(site, locale, color_scheme=scheme)
    subject = site.store.latest(1)[0].subject
    visitor.go("/consent/officer?days=7")
    expect(visitor.page.locator(".cw-live canvas")).to_be_visible()
    sound(visitor, scheme)
    visitor.go("/consent/officer?days=7&by=purpose").unfold()
    sound(visitor, scheme)
    visitor.go("/consent/officer/health")
    sound(visitor, scheme)
    visitor.go("/consent/officer/records")
    visitor.page.locator("[name=what]").fill(subject)
    visitor.page.locator(".cw-find button").first.click()
    expect(visitor.page.locator(".cw-visitor")).to_contain_text(subject)
    visitor.unfold()
    sound(visitor, scheme)
    visitor.page.locator("[action$=erase] button").click()
    expect(visitor.page.locator("[name=why]").first).to_be_visible()
    sound(visitor, scheme)


@pytest.mark.parametrize("width", [320, 375])
def test_nothing_is_cut_off_on_a_phone(site: Site, visit: MakeVisitor, width: int) -> None:
    visitor = visit(site, "en", viewport={"width": width, "height": 640})
    for path in ("?days=7", "?days=7&by=purpose", "/records", "/health"):
        visitor.go(f"/consent/officer{path}").unfold()
        assert visitor.page.evaluate("document.documentElement.scrollWidth") == width


def test_the_chart_answers_to_the_arrow_keys_and_hides_a_line(site: Site, visit: MakeVisitor) -> None:
    page = visit(site).go("/consent/officer?days=7").page
    chart = page.locator(".cw-live")
    chart.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".cw-plot [role=status]")).to_contain_text("Rejected all 20")
    expect(page.locator(".cw-legend output").first).to_have_text("20")
    button = page.get_by_role("button", name="Accepted all")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")


def test_without_script_the_chart_and_everything_else_is_there(site: Site, visit: MakeVisitor) -> None:
    page = visit(site, java_script_enabled=False).go("/consent/officer?days=7").page
    expect(page.locator("svg.cw-lines")).to_be_visible()
    expect(page.locator(".cw-live")).to_have_count(0)
    page.get_by_role("link", name="Purpose", exact=True).click()
    expect(page.locator(".cw-ticks")).to_contain_text("100%")
    page.get_by_role("link", name="Records", exact=True).click()
    choice = site.store.latest(1)[0]
    page.locator("[name=what]").fill(choice.id[:8])
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name="Erase these records").click()
    page.get_by_label("It was a test").check()
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_role("status")).to_have_text("Records erased: 1.")
    assert site.store.history(choice.subject) == []


@pytest.mark.parametrize("media", [{"forced_colors": "active"}, {"media": "print"}])
def test_the_servers_chart_stays_on_paper_and_where_the_system_chooses_colours(
    site: Site, visit: MakeVisitor, media: Any
) -> None:
    page = visit(site).page
    page.emulate_media(**media)
    page.goto(f"{site.url}/consent/officer?days=7")
    expect(page.locator("svg.cw-lines")).to_be_visible()
    expect(page.locator(".cw-live canvas")).not_to_be_visible()
