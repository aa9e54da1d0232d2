"""The officer's page: closed to everybody else, and protected against other sites."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask, abort, redirect
from flask.testing import FlaskClient

from consent_widget.errors import ConfigurationError

from ..conftest import MakeApp

PAGES = ["/consent/officer"]
#: All addresses of these pages, with the methods that some of them have.
ADDRESSES = ["officer", "officer/records", "officer/health", "officer/receipt", "officer/export", "officer/erase"]


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(CONSENT_OFFICER=lambda: "lin")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("said", [False, None, ""])
def test_for_everybody_but_an_officer_there_is_no_such_page(make_app: MakeApp, path: str, said: object) -> None:
    closed, there_is_none = make_app(CONSENT_OFFICER=lambda: said).test_client(), make_app().test_client()

    assert closed.get(path).status_code == there_is_none.get(path).status_code == 404
    assert closed.get(path).data == there_is_none.get(path).data
    assert closed.get(path).headers["Cache-Control"] == "private, no-store"


def test_nothing_tells_an_outsider_whether_a_site_has_such_pages(make_app: MakeApp) -> None:
    app, none = make_app(CONSENT_OFFICER=lambda: False), make_app()
    assets = app.extensions["consent_widget"].assets
    files = [f"officer.{assets.officer_sheet.hash}.css", f"officer.{assets.officer_script.hash}.js"]
    asked = [(method, f"/consent/{path}") for path in ADDRESSES + files for method in ("GET", "POST", "PUT", "OPTIONS")]
    closed, there_is_none = (
        [(answer.status_code, answer.data, answer.headers.to_wsgi_list()) for method, path in asked
         if (answer := each.test_client().open(path, method=method))]
        for each in (app, none)
    )  # fmt: skip

    assert closed == there_is_none
    assert 200 not in {status for (method, _), (status, *_) in zip(asked, closed, strict=True) if method == "GET"}


@pytest.mark.parametrize("hook", [lambda: 1 / 0, lambda: object(), lambda: 1])
def test_a_fault_in_the_sites_function_closes_the_page(
    make_app: MakeApp, hook: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert make_app(CONSENT_OFFICER=hook).test_client().get("/consent/officer").status_code == 404
    assert "The officer's page stays closed" in caplog.text


@pytest.mark.parametrize("answer", [lambda: abort(401), lambda: abort(redirect("/sign-in"))])
def test_the_sites_function_may_answer_by_itself(make_app: MakeApp, answer: Any) -> None:
    assert make_app(CONSENT_OFFICER=answer).test_client().get("/consent/officer").status_code in (401, 302)


def test_what_is_no_function_stops_the_start(make_app: MakeApp) -> None:
    with pytest.raises(ConfigurationError, match="CONSENT_OFFICER"):
        make_app(CONSENT_OFFICER=True)


@pytest.mark.parametrize("path", PAGES)
def test_no_cache_no_frame_and_no_other_site_gets_a_page(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    policy = response.headers["Content-Security-Policy"]

    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert (
        response.headers["Cross-Origin-Opener-Policy"]
        == response.headers["Cross-Origin-Resource-Policy"]
        == "same-origin"
    )
    assert "frame-ancestors 'none'" in policy
    assert "require-trusted-types-for 'script'; trusted-types 'none'" in policy
    nonce = re.search(r"script-src 'nonce-([\w-]+)'", policy)
    assert nonce
    assert f'nonce="{nonce[1]}"' in response.text
    assert client.get(path).headers["Content-Security-Policy"] != policy
    assert not re.search(r"\sstyle=|\son\w+=|javascript:", response.text)


def test_the_page_has_our_frame_whatever_the_sites_own_looks_like(app: Flask, client: FlaskClient) -> None:
    from jinja2 import DictLoader

    app.jinja_loader = DictLoader({"consent_widget/page.html": "THE SITE'S OWN {{ content }}"})  # type: ignore[assignment]

    assert "THE SITE'S OWN" not in client.get("/consent/officer").text


def test_the_library_comes_with_its_licence_and_with_this_page_alone(client: FlaskClient) -> None:
    text = client.get("/consent/officer").text
    script = re.search(r'<script src="([^"]+)"', text)
    assert script
    body = client.get(script[1])

    assert body.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert "The MIT License" in body.text
    assert "Leon Sorokin" in body.text
    assert "officer." not in client.get("/consent/preferences").text
    assert client.get("/consent/officer.0123456789abcdef.js").status_code == 404


@pytest.mark.parametrize(("lang", "title"), [("en", "What visitors choose"), ("zh-CN", "访问者的选择")])
def test_the_officer_reads_their_language(client: FlaskClient, lang: str, title: str) -> None:
    assert f"<h1>{title}</h1>" in client.get("/consent/officer", headers={"Accept-Language": lang}).text
    assert f"<h1>{title}</h1>" in client.get(f"/consent/officer?lang={lang}").text
