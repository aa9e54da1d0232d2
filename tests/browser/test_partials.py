"""A part of a page that is fetched later has the widget in its template too: it stays one widget."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import render_template_string
from playwright.sync_api import expect

from ..conftest import MakeApp
from .conftest import MakeVisitor
from .servers import Site, live

PAGE = """<!doctype html><html lang=en><title>Host</title><link rel=icon href=data:,><body>{{ consent_widget() }}
<main></main><script>
const isScript = (each) => /^$|javascript/.test(each.type);
const fresh = (each) => {
  const made = document.createElement("script");
  for (const { name, value } of each.attributes) made.setAttribute(name, value);
  made.text = each.text;
  return made;
};
const insert = async () => { // as htmx does
  document.querySelector("main").innerHTML = await (await fetch("/part")).text();
  for (const each of document.querySelectorAll("main script")) if (isScript(each)) each.replaceWith(fresh(each));
};
</script>"""
PART = """{{ consent_widget() }}<p>A part.</p>
<script type="text/plain" data-consent="analytics">window.runs = (window.runs || 0) + 1</script>"""


@pytest.fixture(params=["server", "script"])
def shop(request: pytest.FixtureRequest, make_app: MakeApp) -> Iterator[Any]:
    app = make_app(CONSENT_RENDER=request.param)
    app.add_url_rule("/", "home", lambda: render_template_string(PAGE))
    app.add_url_rule("/part", "part", lambda: render_template_string(PART))
    with live(app, "127.0.0.1") as url:
        yield SimpleNamespace(url=url)


def test_a_part_that_has_the_widget_too_makes_no_second_one(shop: Any, visit: MakeVisitor) -> None:
    visitor = visit(cast(Site, shop)).go()
    expect(visitor.layer).to_be_visible()
    for _ in range(2):
        visitor.page.evaluate("insert()")
        expect(visitor.page.locator("main p")).to_be_visible()
        expect(visitor.page.locator("consent-widget")).to_have_count(1)
        expect(visitor.layer).to_have_count(1)
    visitor.accept()
    visitor.wait_until("runs == 1")
    visitor.page.evaluate("insert()")
    visitor.wait_until("runs == 2")
    expect(visitor.page.locator("consent-widget")).to_have_count(1)
    expect(visitor.layer).to_have_count(0)
    expect(visitor.pill).to_have_count(1)
