"""The pages "My choices" and the opt-out, used without script."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import expect

from .conftest import MakeVisitor
from .servers import Site
from .test_accessible import every, sound
from .test_choosing import ALWAYS, SEVEN
from .test_without_script import both, visit_plainly

GPC_SPEAKS_OF = {"targeted_advertising", "marketing_measurement"}


@both
def test_a_visitor_sees_withdraws_exports_and_erases_their_choices(
    site: Site, visit: MakeVisitor, locale: str, other: str
) -> None:
    visitor = visit_plainly(visit, site, locale).go()
    page = visitor.page
    visitor.layer.locator("#cw-accept-all").click()
    page.locator("consent-widget a").click()
    page.locator(".cw-body a[href*=choices]").click()
    page.locator("[value=refuse]").nth(0).click()
    expect(page.locator("[role=status]")).to_contain_text(re.compile("saved|已保存"))
    assert len(visitor.granted_by_server() - ALWAYS) == len(SEVEN) - 1
    page.locator("ol li").last.get_by_role("link", name=re.compile("Receipt|回执")).click()
    expect(page.locator("main")).to_contain_text(site.records()[0].id)
    page.locator("main a[href*=choices]").last.click()
    with page.expect_download() as taken:
        page.locator("a[href*='format=json']").click()
    export = json.loads(Path(taken.value.path()).read_text("utf-8"))
    assert [each["action"] for each in export["choices"]] == ["accept_all", "refuse"]
    page.locator("[value=withdraw_all]").click()
    assert visitor.granted_by_server() == ALWAYS
    page.locator("a[href*=erase]").click()
    page.locator("main form button").click()
    expect(page.locator("[role=status]")).to_contain_text(re.compile("is erased|已删除"))
    assert site.records() == []
    assert "cw" not in visitor.cookies()


@both
def test_opting_out_is_one_press_and_is_confirmed(site: Site, visit: MakeVisitor, locale: str, other: str) -> None:
    visitor = visit_plainly(visit, site, locale).go()
    page = visitor.page
    visitor.layer.locator("#cw-accept-all").click()
    page.locator("consent-widget a").click()
    page.locator("a[href*=do-not-share]").click()
    page.locator("main form button").click()
    expect(page.locator("[role=status]")).to_contain_text(re.compile("Confirmed|确认时间"))
    assert visitor.granted_by_server() - ALWAYS == SEVEN - GPC_SPEAKS_OF


@every
def test_axe_finds_nothing_in_them_and_they_fit_a_narrow_screen(
    site: Site, visit: MakeVisitor, locale: str, scheme: str
) -> None:
    visitor = visit(site, locale, color_scheme=scheme, viewport={"width": 320, "height": 640})
    visitor.go("/consent/choices")
    sound(visitor, scheme)
    visitor.go("/consent/preferences").page.locator(".cw-foot [value=accept_all]").click()
    id = site.records()[0].id
    for path in ("choices?saved=1", "choices/erase", f"records/{id}", "do-not-share"):
        visitor.go(f"/consent/{path}")
        sound(visitor, scheme)
        assert visitor.page.evaluate("document.documentElement.scrollWidth") == 320


def test_the_dialog_links_to_the_page_of_choices(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go().accept().open_centre()
    visitor.centre.locator("a[href*=choices]").click()
    expect(visitor.page.locator("main h1")).to_have_text("My choices")
