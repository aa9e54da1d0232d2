"""Two apps on one origin, under two paths, each with a cookie name of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask, render_template_string
from playwright.sync_api import expect
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from ..conftest import MakeApp, shipped
from .conftest import MakeVisitor
from .servers import Site, live
from .test_clearing import service

PAGE = (
    "<!doctype html><html lang=en><title>Host</title><link rel=icon href=data:,><body>{{ consent_widget() }}<h1>Hi</h1>"
)


@pytest.fixture
def host(make_app: MakeApp) -> Iterator[Any]:
    greedy = replace(shipped("minimal"), services=(service("tally", "analytics", ("*",), ("*",)),))
    shop = make_app(CONSENT_DATABASE="sqlite://")
    blog = make_app(CONSENT_DATABASE="sqlite://", CONSENT_COOKIE_NAME="blog-consent", CONSENT_NOTICE=greedy)
    for app in (shop, blog):
        app.add_url_rule("/", "home", lambda: render_template_string(PAGE))
    with live(DispatcherMiddleware(shop, {"/blog": blog}), "127.0.0.1") as url:
        yield SimpleNamespace(url=url, shop=shop, blog=blog)


def actions(app: Flask) -> list[str]:
    return [choice.action for choice in app.extensions["consent_widget"].store.export()]


def test_each_keeps_its_choice_and_sends_only_its_own(host: Any, visit: MakeVisitor) -> None:
    visitor = visit(cast(Site, host), faults=True).go()
    visitor.page.route(f"{host.url}/consent/records", lambda route: route.abort())
    visitor.page.locator("#cw-reject-all").click()
    visitor.expect_status("unsaved")

    visitor.go("/blog/").page.locator("#cw-accept-all").click()
    expect(visitor.status).to_contain_text("are saved")
    assert (actions(host.shop), actions(host.blog)) == ([], ["accept_all"])  # the other's refusal is not sent here

    visitor.page.unroute_all()
    visitor.go("/").expect_saved()
    assert actions(host.shop) == ["reject_all"]
    assert sorted(visitor.cookies()) == ["blog-consent", "cw"]
    for path in ("/blog/", "/"):
        visitor.go(path)
        expect(visitor.pill).to_be_visible()


def test_no_pattern_of_a_notice_deletes_what_the_widget_keeps_under_its_name(host: Any, visit: MakeVisitor) -> None:
    visitor = visit(cast(Site, host)).go("/blog/")
    visitor.page.evaluate("document.cookie = 'tally=1'; localStorage.tally = 1")
    visitor.reject()
    visitor.wait_until("!localStorage.tally")
    visitor.go("/blog/")
    expect(visitor.pill).to_be_visible()
    assert list(visitor.cookies()) == ["blog-consent"]
