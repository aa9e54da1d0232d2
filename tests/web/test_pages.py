"""The pages: what works where no script runs."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from jinja2 import DictLoader, FileSystemLoader

from consent_widget import Choice, requires_consent
from consent_widget.notice.model import Notice

from ..conftest import HERE, MakeApp

URL = "/consent/preferences"


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.inputs: dict[str, list[str]] = {}
        self.checked: set[str] = set()
        self.languages: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if "lang" in told:
            self.languages.append(f"{tag} {told['lang']}")
        if tag == "input" and "name" in told:
            self.inputs.setdefault(told["name"] or "", []).append(told.get("value") or "")
            if "checked" in told:
                self.checked.add(told["value"] or "")


def form(client: FlaskClient, lang: str = "en", **query: str) -> dict[str, str]:
    inputs = Page(client.get(URL, query_string={"lang": lang} | query).text).inputs
    return {name: values[0] for name, values in inputs.items() if name != "grant"}


def kept(app: Flask) -> list[Choice]:
    return list(app.extensions["consent_widget"].store.export())


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_a_choice_can_be_made_and_seen_and_withdrawn_by_form_alone(app: Flask, client: FlaskClient, lang: str) -> None:
    save = form(client, lang) | {"action": "save", "grant": "data_analytics"}
    response = client.post(URL, data=save, headers=HERE, follow_redirects=True)

    assert Page(response.text).checked == {"data_analytics"}
    assert ("您的选择已保存" if lang == "zh-CN" else "Your choices are saved") in response.text
    client.post(URL, data=form(client, lang) | {"action": "reject_all"}, headers=HERE)
    assert Page(client.get(URL).text).checked == set()
    assert [(choice.action, choice.locale, choice.surface) for choice in kept(app)] == [
        ("save", lang, "centre"),
        ("reject_all", lang, "centre"),
    ]


def test_sending_a_form_twice_makes_one_record(app: Flask, client: FlaskClient) -> None:
    filled = form(client) | {"action": "accept_all"}
    client.post(URL, data=filled, headers=HERE)
    client.post(URL, data=filled, headers=HERE)

    assert len(kept(app)) == 1


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_a_forged_form_changes_nothing(app: Flask, client: FlaskClient, headers: dict[str, str]) -> None:
    response = client.post(URL, data=form(client) | {"action": "accept_all"}, headers=headers)

    assert response.status_code == 403
    assert kept(app) == []


@pytest.mark.parametrize(
    ("next", "location"),
    [
        ("/product/tea?n=1", "/product/tea?n=1"),
        ("https://evil.example/", None),
        ("//evil.example", None),
        ("/\\evil.example", None),
        ("javascript:alert(1)", None),
        ("/\nSet-Cookie: a=b", None),
        ("", None),
    ],
)
def test_after_choosing_the_visitor_returns_to_this_site_only(
    client: FlaskClient, next: str, location: str | None
) -> None:
    response = client.post(URL, data=form(client) | {"action": "reject_all", "next": next}, headers=HERE)

    assert response.status_code == 303
    assert response.headers["Location"] == (location or "/consent/preferences?lang=en&saved=1")


def test_a_form_about_an_earlier_notice_asks_again(app: Flask, client: FlaskClient) -> None:
    response = client.post(URL, data=form(client) | {"action": "accept_all", "notice": "0" * 64}, headers=HERE)

    assert response.status_code == 409
    assert "The notice has changed meanwhile" in response.text
    assert kept(app) == []


def test_a_form_that_cannot_be_kept_says_so(make_app: MakeApp) -> None:
    client = make_app(CONSENT_RATE_LIMIT=1).test_client()
    filled = form(client) | {"action": "accept_all"}
    client.post(URL, data=filled, headers=HERE)
    response = client.post(URL, data=filled, headers=HERE)

    assert response.status_code == 429
    assert response.headers["Retry-After"]
    assert "This could not be saved" in response.text


@pytest.mark.parametrize("path", ["/consent/preferences", "/consent/notice", "/consent/notice/1.0.0.en"])
def test_pages_cannot_be_framed_and_run_nothing(client: FlaskClient, path: str) -> None:
    response = client.get(path)

    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Frame-Options"] == "DENY"
    assert "<script" not in response.text
    assert "style=" not in response.text


def test_what_depends_on_the_visitor_is_not_cached(client: FlaskClient) -> None:
    assert client.get(URL).headers["Cache-Control"] == "private, no-store"
    assert {"Cookie", "Sec-GPC"} <= set(client.get(URL).vary)


def test_the_notice_is_the_same_for_everybody_and_can_be_kept(client: FlaskClient) -> None:
    first = client.get("/consent/notice?lang=en")
    again = client.get("/consent/notice?lang=en", headers={"If-None-Match": first.headers["ETag"]})

    assert "Cookie" not in first.vary
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["/consent/notice?lang=en", "/consent/notice/1.0.0.en", "/consent/preferences"])
@pytest.mark.parametrize("kept", ["in a folder", "in memory"])
def test_a_frame_of_the_sites_own_may_greet_the_visitor_and_no_shared_cache_keeps_that(
    make_app: MakeApp, tmp_path: Path, path: str, kept: str
) -> None:
    own = "<title>{{ title }}</title>Hello {{ user }} {{ content }}"
    (tmp_path / "consent_widget").mkdir()
    (tmp_path / "consent_widget" / "page.html").write_text(own, "utf-8")
    app = make_app(CONSENT_NOTICE="shop")
    assert path.endswith("preferences") or app.test_client().get(path).cache_control.public
    app = make_app(CONSENT_NOTICE="shop")
    folder, memory = FileSystemLoader(tmp_path), DictLoader({"consent_widget/page.html": own})
    app.jinja_loader = folder if kept == "in a folder" else memory  # type: ignore[assignment]
    app.context_processor(lambda: {"user": request.headers.get("X-Remote-User")})
    page = app.test_client().get(path, headers={"X-Remote-User": "alice"})

    assert "Hello alice" in page.text
    assert page.cache_control.private
    assert not page.cache_control.public
    assert page.cache_control.max_age is None
    for name, headers in (("alice", {"If-None-Match": page.headers.get("ETag", "none")}), ("bob", {})):
        again = app.test_client().get(path, headers={"X-Remote-User": name, **headers})
        assert again.status_code == 304 or f"Hello {name}" in again.text
        assert again.cache_control.private


def test_an_unknown_version_is_not_found(client: FlaskClient) -> None:
    for path in ("2.0.0.en", "1.0.0.fr", "..%2f..%2fetc.en"):
        assert client.get(f"/consent/notice/{path}").status_code == 404


@pytest.mark.parametrize(
    ("accept", "lang"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("fr-FR,fr;q=0.9", "en"),
        ("fr;q=0.9,zh;q=0.1", "zh-CN"),
        ("", "en"),
    ],
)
def test_the_page_speaks_the_visitors_language(client: FlaskClient, accept: str, lang: str) -> None:
    page = client.get("/consent/notice", headers={"Accept-Language": accept})

    assert f'<html lang="{lang}">' in page.text
    assert page.headers["Content-Language"] == lang


def test_the_opt_out_signal_locks_the_switches_that_it_covers(client: FlaskClient) -> None:
    page = client.get(URL, headers={"Sec-GPC": "1"}).text

    why = "Off, because your browser sends an opt-out signal (GPC)."
    for label in ("Personalised advertising", "Marketing measurement"):
        (locked,) = re.findall(rf'<span role="switch"[^>]*aria-label="{label}: {re.escape(why)}"[^>]*>', page)
        assert all(each in locked for each in ('aria-checked="false"', 'aria-disabled="true"', 'tabindex="0"'))
        assert f'{label}</b><span class="cw-small cw-gpc">{why} <a href="/consent/allow-anyway?lang=en' in page
    for key in ("targeted_advertising", "marketing_measurement"):
        assert f'value="{key}"' not in page
    assert "Opt-out signal (GPC) honoured" in page
    assert 'cw-gpc" hidden' not in page


def protected(make_app: MakeApp, purpose: str) -> Flask:
    app = make_app(CONSENT_NOTICE="shop")

    @app.get("/for-you")
    @requires_consent(purpose)
    def for_you() -> str:
        return "for you"

    return app


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_a_view_that_rests_on_consent_explains_and_offers_the_choice(
    make_app: MakeApp, shop: Notice, lang: str
) -> None:
    app = protected(make_app, "personalized_recommendations")
    client = app.test_client()
    response = client.get("/for-you?a=1", headers={"Accept-Language": lang})

    assert response.status_code == 403
    purpose = shop.purpose("personalized_recommendations")
    assert purpose is not None
    assert purpose.label[lang] in response.text
    assert purpose.if_refused[lang] in response.text
    inputs = {name: values[0] for name, values in Page(response.text).inputs.items()}
    agreed = client.post(URL, data=inputs | {"action": "allow"}, headers=HERE)
    assert agreed.headers["Location"] == "/for-you?a=1"
    assert client.get("/for-you").text == "for you"
    assert [(c.action, dict(c.purposes)) for c in kept(app)] == [("allow", {"personalized_recommendations": True})]


def test_refusing_there_is_recorded_and_opens_nothing(make_app: MakeApp) -> None:
    app = protected(make_app, "event_eligibility")
    client = app.test_client()
    inputs = {name: values[0] for name, values in Page(client.get("/for-you").text).inputs.items()}
    client.post(URL, data=inputs | {"action": "refuse"}, headers=HERE)

    assert client.get("/for-you").status_code == 403
    assert kept(app)[0].purposes == {"event_eligibility": False}


@pytest.mark.parametrize(
    ("otherwise", "leads_to"),
    [
        (None, "/consent/preferences?lang=en&saved=1"),
        ("/checkout?item=1", "/checkout?item=1"),
        ("//evil.example/", "/for-you"),
    ],
)
def test_refusing_leads_on_and_never_back_to_the_same_question(
    make_app: MakeApp, otherwise: str | None, leads_to: str
) -> None:
    app = make_app(CONSENT_NOTICE="shop")
    guard = requires_consent("event_eligibility", otherwise=(lambda: otherwise) if otherwise else None)
    app.add_url_rule("/for-you", "for_you", guard(lambda: "for you"))
    client = app.test_client()
    inputs = {name: values[0] for name, values in Page(client.get("/for-you").text).inputs.items()}
    refused = client.post(URL, data=inputs | {"action": "refuse"}, headers=HERE)

    assert refused.headers["Location"] == leads_to
    agreed = client.post(URL, data=inputs | {"action": "allow"}, headers=HERE)
    assert agreed.headers["Location"] == "/for-you"


def test_a_view_that_rests_on_what_nobody_can_grant_here_offers_the_centre(make_app: MakeApp) -> None:
    client = protected(make_app, "targeted_advertising").test_client()
    response = client.get("/for-you", headers={"Sec-GPC": "1"})

    assert response.status_code == 403
    assert "grant" not in Page(response.text).inputs
    assert "/consent/preferences" in response.text


def test_health_tells_whether_choices_can_be_kept(client: FlaskClient) -> None:
    assert client.get("/consent/health").json == {"status": "ok"}


def test_markup_in_a_notice_is_shown_and_never_run(make_app: MakeApp, shop: Notice) -> None:
    from dataclasses import replace

    from consent_widget.text import Text

    evil = Text(dict.fromkeys(("zh-CN", "en"), '</script><img src=x onerror="alert(1)">{{7*7}}'))
    notice = replace(shop, title=evil, first_layer_title=evil, first_layer_body=evil, groups=tuple(
        replace(group, label=evil, description=evil) for group in shop.groups
    ), purposes=tuple(replace(p, label=evil, description=evil, if_refused=evil, retention=evil) for p in shop.purposes))  # fmt: skip
    client = make_app(CONSENT_NOTICE=notice).test_client()

    for path in ("preferences", "notice"):
        page = client.get(f"/consent/{path}").text
        assert "<img" not in page
        assert "&lt;img src=x" in page
        assert "{{7*7}}" in page
