"""Nothing is read before it is limited: origin, then size, then type, on every path of ours, whoever reads."""

from __future__ import annotations

import io
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from consent_widget.choice.act import new_key
from consent_widget.choice.submission import answers_from_form
from consent_widget.notice.model import Notice

from ..conftest import HERE, MakeApp
from .test_pages import URL, form, kept

HUGE = 380_000_000
FORM, JSON, MULTIPART = "application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x"
CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
FOREIGN = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}


class Body(io.RawIOBase):
    """A body that somebody sends, and how much of it was read."""

    def __init__(self) -> None:
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self.taken += len(buffer)
        buffer[:] = b"a" * len(buffer)
        return len(buffer)


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """A site that reads every form itself, before every view, and takes large ones."""
    app = make_app(
        CONSENT_NOTICE="shop", MAX_CONTENT_LENGTH=10**9, MAX_FORM_MEMORY_SIZE=10**9,
        CONSENT_AGE={"send": lambda *told: None, "url": "http://localhost"},
    )  # fmt: skip

    @app.before_request
    def read() -> None:
        request.form.get("csrf")

    return app


def send(
    app: Flask, method: str, path: str, type: str, headers: dict[str, str], length: int | None = HUGE
) -> tuple[int, int]:
    """The status of a request with a body of that `length`, or in chunks without one, and how much of it was read."""
    body = Body()
    environ: dict[str, object] = {"wsgi.input": body, "CONTENT_TYPE": type}
    environ |= {"CONTENT_LENGTH": str(length)} if length else CHUNKED
    response = app.test_client().open(path, method=method, headers=headers, environ_overrides=environ)
    return response.status_code, body.taken


def paths(app: Flask, method: str) -> Iterator[str]:
    """Every path of ours that takes this method, with something in each of its gaps."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("consent_widget.") and method in (rule.methods or ()):
            yield _filled(rule)


def _filled(rule: Rule) -> str:
    built = rule.build(dict.fromkeys(rule.arguments, "en"), append_unknown=False)
    assert built
    return built[1]


@pytest.mark.parametrize("type", [FORM, MULTIPART, JSON])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_body_of_a_reading_request_is_not_read(app: Flask, method: str, type: str) -> None:
    for path in paths(app, method):
        for length in (HUGE, None):
            taken = send(app, method, path, type, HERE, length)[1]
            assert taken <= 64 * 1024, path  # a chunk, and then the limit: no more, whoever asks for it
            assert not (length and taken), path


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("type", [FORM, MULTIPART, JSON])
def test_no_body_is_read_that_is_too_large_or_does_not_say_how_large(app: Flask, type: str, chunked: bool) -> None:
    for path in paths(app, "POST"):
        assert send(app, "POST", path, type, HERE, None if chunked else HUGE) == (413, 0), path


def test_a_forbidden_sender_is_refused_before_anything_is_read(app: Flask) -> None:
    for path in paths(app, "POST"):
        status = 413 if path.endswith(("/verify", "/add-checkpoint")) else 403  # these are sent by servers
        assert send(app, "POST", path, FORM, FOREIGN) == (status, 0), path


@pytest.mark.parametrize("type", [MULTIPART, "text/plain", "", "application/xml", FORM, JSON])
def test_each_endpoint_reads_one_type(app: Flask, type: str) -> None:
    for path in paths(app, "POST"):
        own = JSON if path.removeprefix("/consent/") in ("records", "verify", "earlier") or "/carried" in path else FORM
        if type != own and not path.endswith("/add-checkpoint"):  # the protocol of witnesses names no type
            assert send(app, "POST", path, type, HERE, 100) == (415, 0), path


def test_head_and_options_change_nothing(app: Flask, shop: Notice) -> None:
    client = app.test_client()
    client.post(URL, data=form(client) | {"action": "reject_all"}, headers=HERE)
    for path in paths(app, "HEAD"):
        client.head(path, data={"action": "reject_all", "notice": shop.digest, "locale": "en"}, headers=FOREIGN)
        client.head(path, data={"action": "reject_all", "notice": shop.digest, "locale": "en"}, headers=HERE)
    assert [choice.action for choice in kept(app)] == ["reject_all"]


@pytest.mark.parametrize("twice", ["action", "notice", "locale", "key", "next"])
def test_a_form_with_a_repeated_field_is_refused(make_app: MakeApp, twice: str) -> None:
    app = make_app(CONSENT_NOTICE="shop")
    client = app.test_client()
    filled = [*(form(client) | {"action": "reject_all", "next": "/"}).items(), (twice, "accept_all")]

    assert client.post(URL, data=urlencode(filled), content_type=FORM, headers=HERE).status_code == 422
    assert kept(app) == []


def test_a_form_has_as_many_grants_as_switches(make_app: MakeApp, shop: Notice) -> None:
    app = make_app(CONSENT_NOTICE="shop")
    client = app.test_client()
    grants = [("grant", key) for key in ("data_analytics", "data_analytics", "service_improvement")]
    filled = urlencode([*(form(client) | {"action": "save"}).items(), *grants])

    assert client.post(URL, data=filled, content_type=FORM, headers=HERE).status_code == 303
    assert {key for key, granted in kept(app)[0].purposes.items() if granted} == {
        "data_analytics",
        "service_improvement",
    }


@pytest.mark.parametrize("filling", ["a&" * 1000, "&" * 2000, "grant&" * 300, "%" * 2000, "action=" + "a" * 1900])
def test_a_form_of_odd_fields_is_refused_and_breaks_nothing(make_app: MakeApp, filling: str) -> None:
    app = make_app(CONSENT_NOTICE="shop")

    assert app.test_client().post(URL, data=filling, content_type=FORM, headers=HERE).status_code == 422
    assert kept(app) == []


@pytest.mark.parametrize("lang", ["x" * 60_000, "zh-" * 20_000, "\x00", "é" * 1000, "../" * 1000])
def test_an_unknown_language_gets_a_page_in_a_known_one(client: FlaskClient, lang: str) -> None:
    response = client.get(URL, query_string={"lang": lang})

    assert response.status_code == 200
    assert response.content_length is not None
    assert response.content_length < 100_000


def test_the_fullest_form_and_the_fullest_choice_are_small_enough(make_app: MakeApp, shop: Notice) -> None:
    app = make_app(CONSENT_NOTICE="shop")
    client = app.test_client()
    filled = form(client, next="/" + quote("店" * 60)) | {"action": "save", "otherwise": "/" + "a" * 200}
    filled["next"] = ("/" + quote("店" * 60))[:500]
    grants = [("grant", key) for key, option in shop.options.items() if option.in_bulk]

    response = client.post(URL, data=urlencode([*filled.items(), *grants]), content_type=FORM, headers=HERE)
    assert response.status_code == 303
    said = {"key": new_key(), "notice": shop.digest, "locale": "en", "action": "accept_all", "surface": "centre",
            "purposes": answers_from_form(shop, "accept_all", (), ())}  # fmt: skip
    assert client.post("/consent/records", json=said, headers=HERE).status_code == 201
