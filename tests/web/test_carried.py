"""My choices on a page of another site, whose script carries the visitor's token in the body of a request."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from consent_widget import StoreError
from consent_widget.choice.act import Choice
from consent_widget.notice.model import Notice
from consent_widget.ui.i18n import messages

from ..conftest import HERE, MakeApp
from ..support.choice_body import choice_body
from ..support.parties import ACME

PAGE = "https://www.shop.example"
THERE = {"Origin": PAGE, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}
URL = "/consent/choices/carried"


@pytest.fixture
def notice(shop: Notice) -> Notice:
    return replace(shop, recipients=(ACME,))


@pytest.fixture
def app(make_app: MakeApp, notice: Notice) -> Flask:
    return make_app(CONSENT_NOTICE=notice, CONSENT_ORIGINS=[PAGE])


def chosen(client: FlaskClient, notice: Notice, *args: str, **more: object) -> dict[str, Any]:
    answer = client.post("/consent/records", json=choice_body(notice, *args, **more), headers=THERE)
    assert answer.status_code == 201
    assert answer.json is not None
    return dict(answer.json)


def shown(client: FlaskClient, token: str, **more: str) -> dict[str, Any]:
    answer = client.post(URL, json={"token": token, "locale": "en"} | more, headers=THERE)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    assert answer.json is not None
    return dict(answer.json)


def kept(app: Flask) -> list[Choice]:
    return list(app.extensions["consent_widget"].store.export())


def text(tree: object) -> str:
    if isinstance(tree, list):
        return "".join(map(text, tree[1:]))
    return tree if isinstance(tree, str) else ""


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_whoever_carries_a_token_sees_what_it_stands_for(client: FlaskClient, notice: Notice, locale: str) -> None:
    token = chosen(client, notice)["token"]
    token = chosen(client, notice, "allow", "partner_sharing:acme", token=token)["token"]
    answer, words = shown(client, token, locale=locale), messages(locale)

    read = text(answer["content"])
    assert words["agreed_to"] in read
    assert "Acme" in read
    assert read.count(words["receipt"]) == 2
    assert words["erase_title"] in text(answer["erasing"])
    assert [each["action"] for each in answer["file"]["choices"]] == ["accept_all", "allow"]
    assert "token" not in answer  # it is still the same


@pytest.mark.parametrize("domain", [None, "shop.example"])
def test_whoever_carries_a_token_from_before_a_withdrawal_gets_the_one_from_after_it(
    make_app: MakeApp, notice: Notice, domain: str | None
) -> None:
    app = make_app(CONSENT_NOTICE=notice, CONSENT_ORIGINS=[PAGE], CONSENT_COOKIE_DOMAIN=domain)
    client = app.test_client()
    granted = chosen(client, notice)["token"]
    withdrawn = chosen(client, notice, "withdraw_all", token=granted)["token"]

    assert shown(client, granted)["token"] == withdrawn
    assert "token" not in shown(client, withdrawn)


def test_each_act_has_its_receipt_and_nobody_elses(app: Flask, client: FlaskClient, notice: Notice) -> None:
    mine, other = chosen(client, notice), chosen(client, notice, "reject_all")
    answer = shown(client, mine["token"], receipt=mine["receipt"]["id"])

    assert mine["receipt"]["id"] in text(answer["content"])
    assert mine["receipt"].items() <= answer["file"].items()
    assert answer["file"]["withdraw_at"] == f"{PAGE}/"
    for id in (other["receipt"]["id"], "nothing"):
        refused = shown(client, mine["token"], receipt=id)
        assert refused.keys() == {"content"}
        assert text(refused["content"]).startswith("No such receipt")


def test_erasing_takes_the_token_and_leaves_nothing(app: Flask, client: FlaskClient, notice: Notice) -> None:
    mine, other = chosen(client, notice), chosen(client, notice)
    answer = client.post(f"{URL}/erase", json={"token": mine["token"], "locale": "zh-CN"}, headers=THERE)

    assert answer.json == {"text": messages("zh-CN")["erased"], "token": ""}
    assert [choice.id for choice in kept(app)] == [other["receipt"]["id"]]
    again = shown(client, mine["token"])
    assert again["token"] == ""
    assert messages("en")["choices_none"] in text(again["content"])
    assert client.post(f"{URL}/erase", json={"token": mine["token"]}, headers=THERE).json == answer.json | {
        "text": messages("en")["erased"]
    }


def test_a_token_that_cannot_be_verified_shows_nothing_erases_nothing_and_is_left_alone(
    app: Flask, client: FlaskClient, notice: Notice
) -> None:
    token = chosen(client, notice)["token"]
    for other in (token[:-1] + "!", "nonsense", token.replace("1.", "1a.", 1)):
        answer = shown(client, other)
        assert answer.keys() == {"content"}
        assert "cannot be verified here" in text(answer["content"])
        assert client.post(f"{URL}/erase", json={"token": other}, headers=THERE).status_code == 422
    assert len(kept(app)) == 1


def test_without_a_token_there_is_nothing_to_see(client: FlaskClient) -> None:
    answer = shown(client, "")

    assert messages("en")["choices_none"] in text(answer["content"])
    assert "token" not in answer


@pytest.mark.parametrize("path", [URL, f"{URL}/erase"])
@pytest.mark.parametrize(
    ("headers", "kind", "status"),
    [
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}, "json", 403),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}, "json", 403),
        (THERE | {"Sec-Fetch-Mode": "navigate"}, "json", 403),
        ({}, "json", 403),
        (THERE, "x-www-form-urlencoded", 415),
        (THERE, "json", 200),
        (HERE, "json", 200),
    ],
)
def test_only_pages_of_listed_origins_may_send_one(
    client: FlaskClient, notice: Notice, path: str, headers: dict[str, str], kind: str, status: int
) -> None:
    body = json.dumps({"token": chosen(client, notice)["token"]})
    answer = client.post(path, data=body, content_type=f"application/{kind}", headers=headers)

    assert answer.status_code == status
    readable = headers.get("Origin") == PAGE
    assert answer.headers.get("Access-Control-Allow-Origin") == (PAGE if readable else None)
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("body", [[], "token", {"token": 1}, {"token": None}, {"token": "", "receipt": ["x"]}])
def test_what_is_no_object_of_texts_is_refused(client: FlaskClient, body: object) -> None:
    for path in (URL, f"{URL}/erase"):
        assert client.post(path, json=body, headers=THERE).status_code == 422


def test_no_cookie_is_set_for_a_page_of_another_site(client: FlaskClient, notice: Notice) -> None:
    answers: list[TestResponse] = [client.post("/consent/records", json=choice_body(notice), headers=THERE)]
    assert answers[0].json is not None
    token = answers[0].json["token"]
    answers += [client.post(path, json={"token": token}, headers=THERE) for path in (URL, f"{URL}/erase", URL)]

    assert [answer.headers.get("Set-Cookie") for answer in answers] == [None] * 4


def test_no_token_comes_into_a_log_or_back_in_an_answer(
    app: Flask, client: FlaskClient, notice: Notice, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    token = chosen(client, notice)["token"]
    caplog.set_level(logging.DEBUG)

    def fail(*_: object) -> Iterator[Choice]:
        raise StoreError("away")

    monkeypatch.setattr(app.extensions["consent_widget"].store, "history", fail)
    for path in (URL, f"{URL}/erase"):
        answer = client.post(path, json={"token": token}, headers=THERE)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert token not in answer.text
    assert token.split(".")[1] not in caplog.text
    assert len(kept(app)) == 1


def test_an_erased_child_stays_a_child(make_app: MakeApp, notice: Notice) -> None:
    app = make_app(CONSENT_NOTICE=notice, CONSENT_ORIGINS=[PAGE], CONSENT_AGE={"ask": True})
    client = app.test_client()
    child = chosen(client, notice, "age_child", purposes={})["token"]
    answer = client.post(f"{URL}/erase", json={"token": child}, headers=THERE).json

    assert answer is not None
    assert answer["token"].startswith("1c.")  # still a child, of whom nothing else is known
    assert answer["token"].split(".")[1] != child.split(".")[1]
    assert kept(app) == []


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_our_own_page_says_where_else_choices_may_be(client: FlaskClient, notice: Notice, locale: str) -> None:
    page = client.get("/consent/choices", query_string={"lang": locale}).text
    assert f'<a href="{PAGE}/">www.shop.example</a>' in page
    assert messages(locale)["choices_none"] not in page
    client.post("/consent/records", json=choice_body(notice), headers=HERE)
    page = client.get("/consent/choices", query_string={"lang": locale}).text
    assert messages(locale)["agreed_to"] in page
    assert PAGE not in page
