"""The address of a receipt after its record is gone: 410, although nothing is kept of it."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from consent_widget import SQLStore, processing
from consent_widget.choice.receipt_mark import ReceiptMarks

from ..conftest import HERE, MakeApp
from ..support.choice_body import choice_body


@pytest.fixture
def app(make_app: MakeApp, store: SQLStore) -> Flask:
    return make_app(CONSENT_STORE=store)


def chosen(client: FlaskClient, app: Flask, action: str = "accept_all") -> str:
    """Chooses, and returns the address of the receipt as the page of the visitor's choices links it."""
    body = choice_body(app.extensions["consent_widget"].notice, action)
    assert client.post("/consent/records", json=body, headers=HERE).status_code == 201
    found = re.search(r'href="(/consent/records/[^"?]+)', client.get("/consent/choices").text)
    assert found
    return found[1]


def subject_of(app: Flask) -> str:
    return str(next(app.extensions["consent_widget"].store.export()).subject)


def erase(app: Flask) -> None:
    with app.app_context():
        assert processing.erase(subject_of(app))


@pytest.mark.parametrize(("lang", "said"), [("en", "This receipt is gone"), ("zh-CN", "这份回执已不存在")])
def test_an_erased_receipt_is_gone_for_whoever_has_its_address(app: Flask, lang: str, said: str) -> None:
    client = app.test_client()
    address = chosen(client, app)
    assert client.get(address).status_code == 200

    erase(app)

    for browser in (client, app.test_client()):
        answer = browser.get(address, query_string={"lang": lang})
        assert answer.status_code == 410
        assert said in answer.text
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_the_address_in_a_saved_receipt_answers_that_it_is_gone(app: Flask) -> None:
    client = app.test_client()
    saved = client.get(f"{chosen(client, app)}.json").json
    assert client.get(saved["receipt"]).status_code == 200

    erase(app)

    assert client.get(saved["receipt"]).status_code == 410


def test_the_receipt_of_somebody_else_is_not_gone_but_unknown(app: Flask) -> None:
    mine = chosen(app.test_client(), app)
    stranger = app.test_client()

    assert stranger.get(mine).status_code == stranger.get("/consent/records/nobodys").status_code == 404
    assert stranger.get(mine).data == stranger.get("/consent/records/nobodys").data


def test_an_id_of_nobody_stays_unknown_with_any_mark(app: Flask) -> None:
    client = app.test_client()
    id, _, mark = chosen(client, app).rpartition("/")[2].partition("~")
    erase(app)
    other = id[:-1] + ("0" if id[-1] != "0" else "1")
    names = [id, f"{id}~", f"{id}~{mark[:-1]}", f"{other}~{mark}", f"~{mark}", f"{id}~{mark}~{mark}", f"{id}~\ud800"]

    assert {client.get(f"/consent/records/{name}").status_code for name in names[:-1]} == {404}
    assert not any(ReceiptMarks([b"key"]).read(name)[1] for name in names)


def test_nothing_is_kept_of_who_was_erased(app: Flask, store: SQLStore) -> None:
    client = app.test_client()
    name = chosen(client, app).rpartition("/")[2]
    subject = subject_of(app)
    erase(app)

    assert store.history(subject) == []
    assert store.find(name.partition("~")[0]) == []


def test_a_page_of_another_site_is_told_the_same(app: Flask) -> None:
    client = app.test_client()
    name = chosen(client, app).rpartition("/")[2]
    cookie = client.get_cookie("cw")
    assert cookie
    erase(app)

    def asked(receipt: str) -> str:
        body = {"token": cookie.value, "locale": "en", "receipt": receipt}
        return str(client.post("/consent/choices/carried", json=body, headers=HERE).json["content"])

    assert "This receipt is gone" in asked(name)
    assert "No such receipt" in asked("nobodys~AAAAAAAAAAA")


def test_a_mark_is_known_for_as_long_as_its_key_is() -> None:
    old, new = ReceiptMarks([b"first"], "shop"), ReceiptMarks([b"first", b"second"], "shop")
    name = old.named("4f0c1d2e")

    assert new.read(name) == ("4f0c1d2e", True)
    assert new.named("4f0c1d2e") != name
    assert ReceiptMarks([b"second"], "shop").read(name) == ("4f0c1d2e", False)
    assert ReceiptMarks([b"first"], "club").read(name) == ("4f0c1d2e", False)
