"""The widget works under the strictest Content-Security-Policy that a site may send."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .conftest import MakeVisitor
from .servers import Site

BODY = """<script nonce=NONCE>window.ran = [];
document.addEventListener("securitypolicyviolation", ({ violatedDirective }) => console.error(violatedDirective));</script>
<script nonce=NONCE type="text/plain" data-consent="data_analytics" src="{s}"></script>
<script nonce=NONCE type="text/plain" data-consent="data_analytics">window.ran.push("inline")</script>
<template data-consent="data_analytics"><b id=inside>inside</b><script nonce=NONCE>window.ran.push("template")</script></template>
<iframe title="film" data-consent="targeted_advertising" data-consent-service="reel" data-src="{v}/reel.html"></iframe>"""


@pytest.mark.parametrize("style", ["nonce", "self"])
def test_nothing_violates_a_strict_policy(make_site: Callable[..., Site], visit: MakeVisitor, style: str) -> None:
    site = make_site(strict=style)
    source = "/own.js" if style == "self" else f"{site.vendors.url}/tally.js"
    site.body = BODY.replace("{v}", site.vendors.url).replace("{s}", source)
    visitor = visit(site).go()
    expect(visitor.layer).to_have_css("position", "fixed")
    visitor.set_language("zh-CN")
    expect(visitor.layer).to_contain_text("全部拒绝")
    visitor.open_centre()
    visitor.centre.locator("[data-open=notice]").click()
    expect(visitor.notice).to_be_visible()
    visitor.page.keyboard.press("Escape")
    visitor.press_in_centre("accept_all").expect_saved()
    visitor.wait_until("ran.includes('inline') && ran.includes('template')")
    expect(visitor.page.frame_locator("iframe").locator("body")).to_contain_text("reel plays.")
    visitor.open_centre().press_in_centre("reject_all").expect_status("reloads", "zh-CN")
    visitor.wait_until("!ran.length && window.ConsentWidget")
    assert visitor.faults == []
