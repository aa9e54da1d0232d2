"""The same widget on other sites' pages: who may read, who may write, and how a token is checked elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient

from consent_widget import extension
from consent_widget.notice.model import Notice
from consent_widget.web.blueprint import make_blueprint

from ..conftest import HERE, MakeApp, empty, making_apps
from ..support.choice_body import choice_body

LISTED = "https://www.shop.example"
ORIGINS = {
    LISTED: True,
    "https://www.shop.example:8443": False,
    "http://www.shop.example": False,
    "https://shop.example": False,
    "https://evil-www.shop.example": False,
    "https://www.shop.example.evil.example": False,
    "https://www.shop.example/": False,
    "https://WWW.shop.example": False,
    "null": False,
    "*": False,
    "": False,
    None: False,
}
TYPES = {"application/json": True, "text/plain": False, "application/x-www-form-urlencoded": False, None: False}
FETCHED = {
    ("cross-site", "cors"): True,
    ("same-site", "cors"): True,
    (None, None): True,
    ("cross-site", "no-cors"): False,
    ("cross-site", "navigate"): False,
}


@pytest.fixture(scope="module")
def shared_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with making_apps(tmp_path_factory.mktemp("origins")) as make:
        yield make(CONSENT_NOTICE="shop", CONSENT_ORIGINS=[LISTED])


@pytest.fixture
def app(shared_app: Flask) -> Iterator[Flask]:
    """One app for all tests of this module, with an empty store for each."""
    yield shared_app
    empty(shared_app.extensions["consent_widget"].store)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize(("origin", "kind", "fetched"), list(product(ORIGINS, TYPES, FETCHED)))
def test_only_json_fetched_by_a_listed_origin_is_taken(
    app: Flask,
    client: FlaskClient,
    shop: Notice,
    origin: str | None,
    kind: str | None,
    fetched: tuple[str | None, str | None],
) -> None:
    told = {"Origin": origin, "Sec-Fetch-Site": fetched[0], "Sec-Fetch-Mode": fetched[1]}
    headers = {name: value for name, value in told.items() if value is not None}
    response = client.post("/consent/records", data=json.dumps(choice_body(shop)), content_type=kind, headers=headers)

    welcome = ORIGINS[origin] and FETCHED[fetched]
    assert response.status_code == (403 if not welcome else 201 if TYPES[kind] else 415)
    assert len(list(app.extensions["consent_widget"].store.export())) == (response.status_code == 201)
    assert response.headers.get("Access-Control-Allow-Origin") == (origin if ORIGINS[origin] else None)
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert "Origin" in response.vary


@pytest.mark.parametrize("origin", ORIGINS)
def test_preflights_of_listed_origins_are_answered_and_may_be_cached(client: FlaskClient, origin: str | None) -> None:
    headers = {"Origin": origin} if origin is not None else {}
    response = client.options("/consent/records", headers=headers | {"Access-Control-Request-Method": "POST"})

    told = {
        name: response.headers.get(f"Access-Control-{name}") for name in ("Allow-Origin", "Allow-Headers", "Max-Age")
    }
    if ORIGINS[origin]:
        assert told == {"Allow-Origin": LISTED, "Allow-Headers": "Content-Type", "Max-Age": "600"}
    else:
        assert set(told.values()) == {None}


@pytest.mark.parametrize("path", ["widget.js", "i18n/en.json", "i18n/notice.en.json"])
def test_what_is_the_same_for_everybody_can_be_read_from_listed_origins(client: FlaskClient, path: str) -> None:
    assert client.get(f"/consent/{path}", headers={"Origin": LISTED}).headers["Access-Control-Allow-Origin"] == LISTED
    assert "Access-Control-Allow-Origin" not in client.get(f"/consent/{path}", headers={"Origin": "null"}).headers


SHARED = {
    "/widget.js",
    "/widget.<hash>.js",
    "/widget.<hash>.mjs",
    "/embeds.<hash>.mjs",
    "/widget.<hash>.css",
    "/widget.d.ts",
    "/bridges/<name>.js",
    "/i18n/<locale>.json",
    "/i18n/notice.<locale>.json",
    "/i18n/ask.<key>.<locale>.json",
    "/i18n/changes.<digest>.<locale>.json",
    "/notice.json",
    "/notice/<version>.json",
    "/records",
    "/choices/carried",
    "/choices/carried/erase",
    "/earlier",
    "/verify",
    "/health",
    "/openapi.json",
}


def test_listed_origins_can_read_these_endpoints_and_no_others(app: Flask, client: FlaskClient) -> None:
    shared = set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("consent_widget."):
            path = re.sub("<[^>]+>", "x", rule.rule)
            answers = [
                client.open(path, method=method, headers={"Origin": LISTED}, json={} if method == "POST" else None)
                for method in ("GET", "POST", "OPTIONS")
                if method in (rule.methods or ())
            ]
            allowed = {answer.headers.get("Access-Control-Allow-Origin") for answer in answers}
            assert len(allowed) == 1, rule
            if allowed == {LISTED}:
                shared.add(rule.rule.removeprefix("/consent"))

    assert shared == SHARED


def test_a_new_endpoint_is_private_until_it_is_listed(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    def with_new_view(*given: Any, **named: Any) -> Blueprint:
        blueprint = make_blueprint(*given, **named)
        blueprint.add_url_rule("/new", "new", lambda: "about a visitor")
        return blueprint

    monkeypatch.setattr(extension, "make_blueprint", with_new_view)
    client = make_app(CONSENT_NOTICE="shop", CONSENT_ORIGINS=[LISTED]).test_client()
    response = client.get("/consent/new", headers={"Origin": LISTED})

    assert response.text == "about a visitor"
    assert not [name for name, _ in response.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize("path", ["preferences", "changes", "choices", "do-not-share", "records/none"])
def test_pages_about_a_visitor_are_never_shared(client: FlaskClient, path: str) -> None:
    response = client.get(f"/consent/{path}", headers={"Origin": LISTED})

    assert response.mimetype == "text/html"
    assert "Access-Control-Allow-Origin" not in response.headers


def test_forms_stay_for_the_sites_own_pages(client: FlaskClient) -> None:
    headers = {"Origin": LISTED, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}

    assert client.post("/consent/preferences", data={"action": "reject_all"}, headers=headers).status_code == 403


def test_a_site_without_listed_origins_does_not_vary_by_origin(make_app: MakeApp) -> None:
    assert "Origin" not in make_app().test_client().get("/consent/widget.js").vary


def test_with_the_token_of_the_last_choice_a_visitor_stays_the_same_subject(app: Flask, shop: Notice) -> None:
    headers, client = {"Origin": LISTED}, app.test_client(use_cookies=False)
    first = client.post("/consent/records", json=choice_body(shop), headers=headers).json
    assert first is not None
    client.post("/consent/records", json=choice_body(shop, "reject_all", token=first["token"]), headers=headers)
    client.post("/consent/records", json=choice_body(shop, "reject_all", token="1.forged"), headers=headers)

    one, two, other = app.extensions["consent_widget"].store.export()
    assert (one.subject, one.seq, two.seq) == (two.subject, 1, 2)
    assert (other.subject == one.subject, other.seq) == (False, 1)


def test_a_back_end_elsewhere_can_have_a_token_verified(client: FlaskClient, shop: Notice) -> None:
    token = client.post("/consent/records", json=choice_body(shop, "save", "data_analytics"), headers=HERE).json[
        "token"
    ]  # type: ignore[index]

    def ask(value: object) -> object:
        return client.post("/consent/verify", json={"token": value}).json

    assert ask(token) == {"genuine": True, "current": True, "granted": ["data_analytics"]}
    assert ask(token[:-1]) == ask("") == {"genuine": False, "current": False, "granted": []}
    for forgotten in ({"token": 7}, {}, [], "token"):
        answer = client.post("/consent/verify", json=forgotten)
        assert (answer.status_code, answer.get_json()["type"]) == (422, "urn:consent_widget:invalid-payload")


def test_a_token_of_another_site_is_not_genuine(client: FlaskClient, make_app: MakeApp, shop: Notice) -> None:
    other = make_app(CONSENT_KEYS=["another-key-0123456789"], CONSENT_NOTICE="shop", CONSENT_DATABASE="sqlite://")
    token = other.test_client().post("/consent/records", json=choice_body(shop), headers=HERE).json["token"]  # type: ignore[index]

    assert client.post("/consent/verify", json={"token": token}).json["genuine"] is False  # type: ignore[index]


@pytest.mark.parametrize(
    "origin", ["*", "null", "www.shop.example", "https://shop.example/", "https://*.shop.example", ""]
)
def test_an_invalid_origin_stops_start_up(make_app: MakeApp, origin: str) -> None:
    from consent_widget import ConfigurationError

    with pytest.raises(ConfigurationError, match="CONSENT_ORIGINS"):
        make_app(CONSENT_ORIGINS=[origin])
