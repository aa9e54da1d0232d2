"""Beside Flask-Talisman, which sets a Content-Security-Policy with nonces for every answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask, render_template_string
from playwright.sync_api import expect

from ..conftest import MakeApp
from .conftest import MakeVisitor
from .servers import Site, live

flask_talisman = pytest.importorskip("flask_talisman")
PAGE = """<!doctype html><html lang=en><title>Host</title><body>{{ consent_widget(nonce=csp_nonce) }}
<script nonce="{{ csp_nonce() }}">window.ran = [];
document.addEventListener("securitypolicyviolation", ({ violatedDirective }) => console.error(violatedDirective));</script>
<script nonce="{{ csp_nonce() }}" type="text/plain" data-consent="analytics">window.ran.push("tag")</script>
<iframe data-consent="marketing" data-src="/film" title="A film"></iframe>"""
TYPED = {"require-trusted-types-for": "'script'", "trusted-types": "consent_widget"}
#: Policies, and where Flask-Talisman writes the nonce.
POLICIES: dict[str, tuple[dict[str, str], list[str]]] = {
    "in script-src alone": ({"default-src": "'self'", "script-src": "'self'"}, ["script-src"]),
    "and nothing but nonces": ({"default-src": "'none'", "script-src": "'strict-dynamic'", "connect-src": "'self'",
                                "frame-src": "'self'", "img-src": "'self'", "form-action": "'self'",
                                "style-src": ""} | TYPED, ["script-src", "style-src"]),
    "and trusted types": ({"default-src": "'self'", "script-src": ""} | TYPED, ["script-src"]),
}  # fmt: skip


@pytest.fixture(params=POLICIES)
def shop(request: pytest.FixtureRequest, make_app: MakeApp, tmp_path: Path) -> Iterator[Any]:
    app: Flask = make_app(SECRET_KEY="s" * 40)
    policy, nonce_in = POLICIES[request.param]
    flask_talisman.Talisman(
        app, force_https=False, content_security_policy=policy, content_security_policy_nonce_in=nonce_in
    )
    app.add_url_rule("/", "home", lambda: render_template_string(PAGE))
    app.add_url_rule("/film", "film", lambda: "The film plays.")
    app.add_url_rule("/favicon.ico", "icon", lambda: ("", 204))
    with ExitStack() as stack:
        app.url = stack.enter_context(live(app, "127.0.0.1"))  # type: ignore[attr-defined]
        yield app


def test_nothing_violates_the_policy_wherever_it_has_nonces(shop: Any, visit: MakeVisitor) -> None:
    visitor = visit(cast(Site, shop)).go()
    expect(visitor.layer).to_have_css("position", "fixed")
    visitor.open_centre()
    visitor.press_in_centre("accept_all").expect_saved()
    visitor.wait_until("ran.includes('tag')")
    expect(visitor.page.frame_locator("iframe").locator("body")).to_contain_text("The film plays.")
    for path in ("choices", "preferences", "notice"):
        visitor.go(f"/consent/{path}")
        expect(visitor.page.locator("header nav")).to_have_css("display", "flex")
    visitor.go("/consent/choices")
    expect(visitor.page.locator("time").first).not_to_contain_text("UTC")
    assert visitor.faults == []
