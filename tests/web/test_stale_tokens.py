"""Copied and restored cookies: where the store is asked, an old token brings nothing back."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from consent_widget import StoreError, consent, processing
from consent_widget.notice.model import Notice

from ..conftest import HERE, MakeApp
from ..support.choice_body import choice_body

USE = "contact_messages"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    app = make_app(CONSENT_NOTICE="shop")
    app.add_url_rule("/use", "use", lambda: str(consent.use(USE)))
    app.add_url_rule("/may", "may", lambda: str(consent.can_message(consent.subject)))
    app.add_url_rule("/granted", "granted", lambda: str(consent.granted(USE)))
    return app


def choose(client: FlaskClient, notice: Notice, *args: str, **more: Any) -> str:
    answer = client.post("/consent/records", json=choice_body(notice, *args, **more), headers=HERE)
    assert answer.status_code == 201, answer.text
    return str(client.get_cookie("cw").value)  # type: ignore[union-attr]


def verify(client: FlaskClient, token: str) -> dict[str, Any]:
    answer = client.post("/consent/verify", json={"token": token}).json
    assert isinstance(answer, dict)
    return answer


@pytest.fixture
def old(client: FlaskClient, shop: Notice) -> str:
    """The token of a grant that was withdrawn afterwards."""
    token = choose(client, shop, "accept_all")
    choose(client, shop, "reject_all")
    return token


def test_a_token_that_a_withdrawal_has_overtaken_verifies_no_more(client: FlaskClient, old: str) -> None:
    new = client.get_cookie("cw").value  # type: ignore[union-attr]

    assert verify(client, old)["genuine"] is False
    assert verify(client, old)["granted"] == []
    assert verify(client, new)["genuine"] is True


def test_of_an_overtaken_token_what_still_stands_is_told(client: FlaskClient, shop: Notice) -> None:
    old = choose(client, shop, "accept_all")
    choose(client, shop, "save", "data_analytics")

    assert verify(client, old)["granted"] == ["data_analytics"]


def test_a_token_whose_records_were_erased_verifies_no_more(client: FlaskClient, app: Flask, shop: Notice) -> None:
    token = choose(client, shop, "accept_all")
    with app.app_context():
        processing.erase(token.split(".")[1])

    assert verify(client, token) | {"services": []} == {
        "genuine": False, "current": False, "granted": [], "services": [],
    }  # fmt: skip


def test_while_the_store_is_away_the_token_alone_counts(
    client: FlaskClient, app: Flask, old: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise StoreError("away")

    for name in ("last_act", "history", "knows"):
        monkeypatch.setattr(app.extensions["consent_widget"].store, name, away)
    assert verify(client, old)["genuine"] is True


def test_a_restored_cookie_grants_nothing_where_the_store_is_asked(client: FlaskClient, shop: Notice, old: str) -> None:
    client.set_cookie("cw", old)

    assert client.get("/may").text == "False"
    assert '"granted":true' not in client.get("/consent/choices?format=json").text.replace(" ", "")
    after = ".".join(old.split(".")[1:3])
    body = choice_body(shop, "save", "data_analytics", after=after)
    answer = client.post("/consent/records", json=body, headers=HERE)
    assert answer.status_code == 409
    assert answer.json
    assert verify(client, answer.json["token"])["granted"] == []


def test_a_refusal_on_a_restored_cookie_brings_back_none_of_its_grants(
    client: FlaskClient, shop: Notice, old: str
) -> None:
    client.set_cookie("cw", old)
    token = choose(client, shop, "refuse", "data_analytics", surface="page")

    assert verify(client, token)["granted"] == []


def test_a_cookie_of_before_a_single_use_brings_it_back_nowhere(client: FlaskClient, shop: Notice) -> None:
    old = choose(client, shop, "allow", USE, surface="ask")
    assert client.get("/use").text == "True"
    client.set_cookie("cw", old)

    assert client.get("/use").text == "False"
    client.set_cookie("cw", old)
    assert verify(client, old)["granted"] == []
    choose(client, shop, "refuse", "data_analytics", surface="page")
    assert client.get("/granted").text == "False"
