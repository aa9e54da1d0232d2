"""Behind a balancer, while a release is rolled out: pages, scripts and texts come from the old and the new process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from consent_widget.notice.model import Notice

from .conftest import MakeVisitor
from .servers import HostStore, Site, Vendors, live, shop
from .visitor import Visitor

GATED = '<script type="text/plain" data-consent="data_analytics">self.ran = 1</script>'
OLD, NEW = 0, 1


@dataclass
class Balancer:
    """Two processes at one address. `page` answers pages, `rest` everything else."""

    processes: tuple[Site, Site]
    page: int = OLD
    rest: int = OLD

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        at = self.rest if environ["PATH_INFO"].startswith("/consent/") else self.page
        return self.processes[at].app(environ, start)


def changed() -> Notice:
    """Analytics means something else."""
    purposes = (replace(each, revision=9) if each.id == "data_analytics" else each for each in shop().purposes)
    return replace(shop(), version="1.1.0", purposes=tuple(purposes))


@pytest.fixture
def balancer(vendors: Vendors, tmp_path: Path) -> Iterator[Balancer]:
    with ExitStack() as stack:
        stores = [HostStore(f"sqlite:///{tmp_path / 'both.sqlite'}") for _ in range(2)]
        for store in stores:
            stack.callback(store.close)
        old, new = (
            Site(store, vendors, CONSENT_NOTICE=notice)
            for store, notice in zip(stores, (shop(), changed()), strict=True)
        )
        both = Balancer((old, new))
        old.url = new.url = stack.enter_context(live(both, "127.0.0.1"))
        for site in (old, new):
            site.body = GATED
        yield both


def arriving(visit: MakeVisitor, balancer: Balancer, at: int) -> Visitor:
    balancer.page = balancer.rest = at
    visitor: Visitor = visit(balancer.processes[OLD], "en").go()
    expect(visitor.layer).to_be_visible()
    return visitor


def ran(visitor: Visitor) -> object:
    """Has the gated script run, once the widget has looked at it?"""
    visitor.wait_until("self.ConsentWidget")
    return visitor.page.evaluate("self.ran")


def test_who_answered_the_newer_notice_is_not_asked_by_the_older_script(balancer: Balancer, visit: MakeVisitor) -> None:
    visitor = arriving(visit, balancer, NEW).accept()
    balancer.page = balancer.rest = OLD
    visitor.go("/two")

    assert ran(visitor) is None
    expect(visitor.layer).to_have_count(0)
    expect(visitor.pill).to_be_visible()
    balancer.page = balancer.rest = NEW
    visitor.go("/three")
    visitor.wait_until("self.ran")
    assert visitor.faults == []


@pytest.mark.parametrize("page", [OLD, NEW])
def test_a_page_of_one_process_works_with_the_other(balancer: Balancer, visit: MakeVisitor, page: int) -> None:
    visitor = arriving(visit, balancer, page)
    balancer.rest = 1 - page
    visitor.go()
    expect(visitor.layer).to_be_visible()
    visitor.accept()
    visitor.wait_until("self.ran")
    visitor.open_centre()
    expect(visitor.switch("data_analytics")).to_be_checked()
    assert [each.action for each in visitor.site.records()] == ["accept_all"]
    assert visitor.faults == []


def test_a_copy_of_the_texts_from_before_opens_nothing_under_its_old_meaning(
    balancer: Balancer, visit: MakeVisitor
) -> None:
    visitor = arriving(visit, balancer, OLD).accept()
    balancer.page = balancer.rest = NEW
    visitor.go("/two")
    expect(visitor.layer).to_be_visible()  # analytics means something else now
    copy = balancer.processes[OLD].app.test_client().get("/consent/i18n/zh-CN.json").text
    visitor.page.route("**/i18n/zh-CN.json*", lambda route: route.fulfill(body=copy, content_type="application/json"))
    visitor.page.evaluate("ConsentWidget.language = 'zh-CN'")

    expect(visitor.status).to_contain_text("cannot be loaded just now")
    assert visitor.page.evaluate("[self.ran, ConsentWidget.language, ConsentWidget.granted('data_analytics')]") == [
        None, "en", False,
    ]  # fmt: skip


def test_a_copy_of_the_script_from_before_opens_nothing_that_was_refused_since(
    balancer: Balancer, visit: MakeVisitor
) -> None:
    visitor = arriving(visit, balancer, OLD).accept()
    visitor.wait_until("self.ran")
    balancer.page = balancer.rest = NEW
    visitor.go("/two")
    visitor.layer.locator("[value=refuse], [value=reject_all]").first.click()
    visitor.expect_saved()
    old = balancer.processes[OLD].app.extensions["consent_widget"].assets.scripts["en"].whole.content.decode()
    visitor.page.route("**/consent/widget.*.js*", lambda route: route.fulfill(body=old, content_type="text/javascript"))
    visitor.go("/three")

    assert ran(visitor) is None
    assert visitor.page.evaluate("ConsentWidget.granted('data_analytics')") is False
