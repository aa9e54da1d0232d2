"""CONSENT_GUARD: the script in the head of a page."""

from __future__ import annotations

import json
import re

import pytest
from flask import Flask, render_template_string

from consent_widget import ConfigurationError
from consent_widget.testing import granted_client

from ..conftest import MakeApp
from ..script.test_inert import notice_with

SERVICES = (
    {"use": "youtube", "purposes": ["marketing"]},
    {"use": "ga4", "id": "G-ABC123DEF4", "load": False},
)


def with_guard(make_app: MakeApp, **config: object) -> Flask:
    app = make_app(CONSENT_NOTICE=notice_with(*SERVICES), CONSENT_GUARD=True, **config)
    app.add_url_rule("/", "home", lambda: render_template_string("<head>{{ consent_guard(nonce='bm9u') }}"))
    return app


def test_the_tag_says_which_services_its_visitor_has_granted(make_app: MakeApp) -> None:
    app = with_guard(make_app)
    page = granted_client(app, "analytics").get("/")

    assert re.fullmatch(
        r'<head><script src="/consent/widget\.\w{16}\.js" data-granted="ga4" nonce="bm9u"></script>', page.text
    )
    assert "Cookie" in page.vary
    assert 'data-granted=""' in app.test_client().get("/").text


@pytest.mark.parametrize("render", ["cached", "script"])
def test_in_a_page_for_everybody_it_says_nothing_about_anybody(make_app: MakeApp, render: str) -> None:
    page = granted_client(with_guard(make_app, CONSENT_RENDER=render), "analytics").get("/")

    assert 'data-granted=""' in page.text
    assert "Vary" not in page.headers


def test_the_script_names_the_hosts_of_the_notice_and_is_kept_for_good(make_app: MakeApp) -> None:
    client = with_guard(make_app).test_client()
    address = re.search(r'src="([^"]+)"', client.get("/").text)
    assert address
    script = client.get(address[1])

    assert "immutable" in script.headers["Cache-Control"]
    assert '"hosts":["www.googletagmanager.com"' in script.text
    assert "{data:()=>({services:" in script.text


def test_the_widget_names_hosts_only_where_there_is_a_guard(make_app: MakeApp) -> None:
    for guard in (True, False):
        app = make_app(CONSENT_NOTICE=notice_with(*SERVICES), CONSENT_GUARD=guard)
        payload = json.loads(app.extensions["consent_widget"].assets.payloads["en"].content)

        assert all(("hosts" in service) == guard for service in payload["services"])


def test_a_tag_that_is_told_to_wait_is_not_guarded(make_app: MakeApp) -> None:
    advanced = {"use": "ga4", "id": "G-ABC123DEF4", "advanced": True}
    app = make_app(CONSENT_NOTICE=notice_with(SERVICES[0], advanced), CONSENT_GUARD=True)

    assert b"googletagmanager" not in app.extensions["consent_widget"].assets.guard.content


def test_a_template_that_asks_for_it_without_the_setting_is_told(make_app: MakeApp) -> None:
    app = make_app()
    app.add_url_rule("/", "home", lambda: render_template_string("{{ consent_guard() }}"))

    with pytest.raises(ConfigurationError, match="CONSENT_GUARD = True"):
        app.test_client().get("/")
