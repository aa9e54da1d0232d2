"""The same widget by one script tag on a page of another site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import MakeSite, MakeVisitor
from .servers import Site, Static, live, shop
from .visitor import Visitor

PAGE = """<!doctype html><html lang=zh-CN><meta charset=utf-8><title>静态网站</title>
<script {attributes} src="{source}"></script>
<body><h1>静态网站</h1><script type="text/plain" data-consent="data_analytics">window.ran = true</script>"""


@pytest.fixture(scope="module")
def sites() -> Iterator[tuple[Static, Static]]:
    listed, unlisted = Static(), Static()
    with live(listed.app, "localhost") as listed.url, live(unlisted.app, "localhost") as unlisted.url:
        yield listed, unlisted


@pytest.fixture
def site(make_site: MakeSite, sites: tuple[Static, Static]) -> Site:
    return make_site(CONSENT_ORIGINS=[sites[0].url])


@pytest.fixture
def elsewhere(site: Site, sites: tuple[Static, Static], visit: MakeVisitor) -> Callable[..., Visitor]:
    """A visitor of a static page on another origin, which has the script tag and nothing else of the widget."""

    def go(attributes: str = "async", listed: bool = True, **options: Any) -> Visitor:
        static = sites[0] if listed else sites[1]
        static.page = PAGE.format(attributes=attributes, source=f"{site.url}/consent/widget.js")
        visitor = visit(site, "zh-CN", **options)
        visitor.page.goto(static.url)
        return visitor

    return go


def requests_of(page: Page) -> list[str]:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    return requests


def test_the_centre_has_the_opt_out_as_a_button_since_our_own_page_does_not_know_this_sites_visitors(
    site: Site, elsewhere: Callable[..., Visitor]
) -> None:
    visitor = elsewhere().accept().open_centre()
    expect(visitor.centre.locator("a[href*=share]")).to_have_count(0)
    visitor.centre.get_by_role("button", name="不要出售或共享我的个人信息").click()
    expect(visitor.centre).to_have_count(0)
    visitor.expect_saved()
    *_, choice = site.records()
    assert (choice.action, choice.surface) == ("opt_out", "centre")
    flagged = {purpose.id for purpose in shop().purposes if purpose.gpc_opt_out and purpose.consent != "separate"}
    assert {key for key in choice.purposes if ":" not in key} == flagged
    assert not any(choice.purposes.values())
    assert visitor.granted_by_script(["data_analytics", "targeted_advertising"]) == {"data_analytics"}


@pytest.mark.parametrize("attributes", ["async", "defer", ""])
def test_one_script_tag_is_enough(site: Site, elsewhere: Callable[..., Visitor], attributes: str) -> None:
    visitor = elsewhere(attributes=attributes)
    expect(visitor.layer).to_be_visible()
    expect(visitor.layer).to_contain_text("全部拒绝")
    visitor.accept()

    record = visitor.record()
    assert (record.action, record.locale) == ("accept_all", "zh-CN")
    assert visitor.page.evaluate("window.ran")
    cookie = visitor.cookies()["cw"]
    assert cookie in visitor.page.evaluate("document.cookie")
    assert visitor.stored_keys() == ["cw"]


def test_a_returning_visitor_is_recognised_without_a_request(site: Site, elsewhere: Callable[..., Visitor]) -> None:
    visitor = elsewhere()
    visitor.accept()
    site.asked.clear()
    visitor.page.reload()
    visitor.wait_until("window.ran")

    assert visitor.layer.count() == 0
    assert site.asked == []


def test_the_stored_copy_recognises_a_visitor_whose_cookies_were_lost(
    site: Site, elsewhere: Callable[..., Visitor]
) -> None:
    visitor = elsewhere()
    visitor.accept()
    visitor.context.clear_cookies()
    visitor.page.reload()
    visitor.wait_until("window.ran")

    assert visitor.layer.count() == 0


def test_choices_on_another_origin_belong_to_one_subject(site: Site, elsewhere: Callable[..., Visitor]) -> None:
    visitor = elsewhere()
    visitor.accept()
    visitor.page.reload()
    visitor.wait_until("window.ran")
    visitor.open_centre().press_in_centre("reject_all").expect_status("reloads", "zh-CN")

    first, second = site.records()
    assert (first.subject, first.seq, second.seq) == (second.subject, 1, 2)


def test_the_notice_and_the_other_language_work_there_too(site: Site, elsewhere: Callable[..., Visitor]) -> None:
    visitor = elsewhere()
    visitor.layer.locator("[data-open=notice]").click()
    expect(visitor.notice).to_contain_text("关于本声明")
    visitor.notice.locator("[data-lang=en]").click()
    expect(visitor.notice).to_contain_text("About this notice")


def test_on_a_page_of_an_unlisted_origin_nothing_is_shown_and_the_console_says_why(
    site: Site, elsewhere: Callable[..., Visitor], sites: tuple[Static, Static]
) -> None:
    visitor = elsewhere(listed=False, faults=True)
    visitor.rest()

    assert visitor.layer.count() == 0
    assert visitor.stored_keys() == []
    assert site.records() == []
    assert any(f"pages of {sites[1].url} may not" in fault and "CONSENT_ORIGINS" in fault for fault in visitor.faults)


def test_on_the_sites_own_pages_the_server_still_sets_the_cookie(site: Site, visit: MakeVisitor) -> None:
    visitor = visit(site).go()
    visitor.accept()

    assert visitor.stored_keys() == []
    assert set(visitor.cookies()) == {"cw"}
