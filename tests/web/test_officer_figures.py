"""The officer's figures and the page of health, over both databases."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from time import time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from consent_widget import Choice, SQLStore
from consent_widget.choice.act import new_subject
from consent_widget.days import iso_date, today
from consent_widget.notice.model import Notice
from consent_widget.proof.key import COSIGNATURE, PrivateKey
from consent_widget.store.deliveries import Settlement
from consent_widget.store.making import HEAD
from consent_widget.store.tables import CHECKPOINTS
from consent_widget.testing.stores import make_choice

from ..conftest import MakeApp
from ..support.acts import act
from ..support.log import KEYS, PRIVATE


@pytest.fixture
def app(make_app: MakeApp, store: SQLStore) -> Flask:
    return make_app(CONSENT_OFFICER=lambda: True, CONSENT_NOTICE="shop", CONSENT_STORE=store)


@pytest.fixture
def choose(app: Flask, store: SQLStore, shop: Notice) -> Callable[..., None]:
    """Some visitors choose, so many days ago."""

    def choose(number: int, action: str = "accept_all", *keys: str, **more: Any) -> None:
        for _ in range(number):
            act(store, shop, new_subject(), action, *keys, seq=1, **more)

    return choose


def text(client: FlaskClient, query: str = "") -> str:
    return client.get(f"/consent/officer?lang=en{query}").text


def test_a_page_shows_numbers_rounded_down_and_no_group_under_ten(
    client: FlaskClient, choose: Callable[..., None]
) -> None:
    choose(27, ago=3, layout="box", surface="layer")
    choose(4, "reject_all", ago=3, locale="zh-CN", surface="layer")
    page = text(client)

    assert "<dt>Choices</dt><dd><b>30</b>" in page
    assert "<dt>Agreed to everything</dt><dd><b>83%</b>" in page
    assert page.count("under 10") > 3
    assert not any(f">{number}<" in page for number in (27, 4, 31))


def test_fewer_than_ten_choices_are_not_shown_at_all(client: FlaskClient, choose: Callable[..., None]) -> None:
    assert "There are no choices in this period." in text(client)
    choose(9)
    page = text(client)

    assert "There are fewer than ten choices in this period." in page
    assert "<table" not in page


def test_the_address_says_of_which_period_and_of_what(client: FlaskClient, choose: Callable[..., None]) -> None:
    choose(20, ago=50)
    choose(10, ago=0, locale="zh-CN")
    own = f"&from={iso_date(today() - 60)}&to={iso_date(today() - 40)}"

    assert "<b>10</b>" in text(client)
    assert "<b>30</b>" in text(client, "&days=90")
    assert "<b>30</b>" in text(client, "&days=0")
    assert "<b>20</b>" in text(client, own)
    assert "Only: Language: Chinese" in text(client, "&days=90&only=locale&is=zh-CN")
    assert "<b>10</b>" in text(client, "&days=90&only=locale&is=zh-CN")
    assert "Agreement by purpose in percent" in text(client, "&days=90&by=purpose")


BROKEN = (
    "&days=x", "&days=31", "&days=-1", "&days=9999999999", "&days=٣٠", "&from=2026-13-01&to=x",
    "&from=9999-12-31&to=9999-12-31", "&from=2026-01-02&to=2026-01-01", "&from=0001-01-01&to=2026-01-01",
    "&by=subject", "&by=%00", "&only=subject&is=x", "&only=locale", "&only=locale&is=%3Cb%3E",
)  # fmt: skip


def test_what_cannot_be_read_in_an_address_does_no_harm(client: FlaskClient, choose: Callable[..., None]) -> None:
    choose(10)
    for query in BROKEN:
        response = client.get(f"/consent/officer?lang=en{query}")

        assert response.status_code == 200, query
        assert "<b>x" not in response.text
        assert "<b>>" not in response.text


def test_each_chart_has_its_table_and_a_text(client: FlaskClient, choose: Callable[..., None]) -> None:
    choose(40, ago=2)
    choose(40, "save", "data_analytics", ago=1)
    page = text(client, "&days=7")

    assert 'role="img" aria-label="Choices by Action, from' in page
    assert 'data-value="40"' in page
    assert page.count("<table") == 7


def test_erased_records_are_counted_no_more(
    client: FlaskClient, store: SQLStore, choose: Callable[..., None], shop: Notice
) -> None:
    choose(9)
    subject = new_subject()
    act(store, shop, subject, "accept_all")
    assert "<b>10</b>" in text(client)
    store.erase(subject)

    assert "fewer than ten" in text(client)


def test_records_of_other_sites_are_not_counted(client: FlaskClient, choose: Callable[..., None]) -> None:
    choose(20, site="other")

    assert "There are no choices in this period." in text(client)


def test_how_often_was_asked_stands_beside(app: Flask, client: FlaskClient, choose: Callable[..., None]) -> None:
    choose(20, surface="layer")
    assert "Not counted" in text(client)
    for _ in range(100):
        app.extensions["consent_widget"].showings.add("en", "box", "", "a" * 64)
    app.extensions["consent_widget"].showings.flush()

    assert "<dt>Times asked</dt><dd><b>100</b>" in text(client)
    assert "<dt>Answers to 100 times asked</dt><dd><b>23</b>" in text(client)


class OnlyAdds:
    def add(self, choice: Choice) -> Choice:
        return choice


def test_a_store_that_cannot_count_says_so(make_app: MakeApp) -> None:
    client = make_app(CONSENT_OFFICER=lambda: True, CONSENT_STORE=OnlyAdds()).test_client()

    assert "This store cannot count its records." in text(client)
    assert client.get("/consent/officer/health").status_code == 200
    assert client.get("/consent/officer/records").status_code == 200


def test_the_page_of_health_says_what_works_and_what_is_not_set_up(
    client: FlaskClient, choose: Callable[..., None]
) -> None:
    choose(3)
    page = client.get("/consent/officer/health?lang=en").text

    assert "<dt>Records so far, erased ones included</dt><dd>3</dd>" in page
    assert "CONSENT_LOG_KEY" in page
    assert page.count("works</span>") == 2
    assert f"<dt>Version of its tables</dt><dd>{HEAD}</dd>" in page
    assert re.search("<dt>In the last 30 days</dt><dd>[^<]+</dd>", page)


def test_the_page_of_health_names_each_receiver_and_what_waits(
    make_app: MakeApp, store: SQLStore, shop: Notice
) -> None:
    secret = f"whsec_{b64encode(bytes(range(32))).decode()}"
    webhooks = {"crm": {"url": "https://crm.example/hook", "secret": secret}}
    app = make_app(CONSENT_OFFICER=lambda: True, CONSENT_NOTICE="shop", CONSENT_STORE=store, CONSENT_WEBHOOKS=webhooks)
    act(store, shop, new_subject(), "accept_all")
    page = app.test_client().get("/consent/officer/health?lang=en").text

    assert "Delivery: crm" in page
    assert "<dt>Waiting</dt><dd>1</dd>" in page


def test_the_page_of_health_names_a_receiver_that_refuses_a_single_message(make_app: MakeApp, store: SQLStore) -> None:
    secret = f"whsec_{b64encode(bytes(range(32))).decode()}"
    webhooks = {"crm": {"url": "https://crm.example/hook", "secret": secret}}
    app = make_app(CONSENT_OFFICER=lambda: True, CONSENT_STORE=store, CONSENT_WEBHOOKS=webhooks)
    (receiver,), choice = store.progress(), make_choice()
    assert store.take(receiver.id, "somebody")
    store.settle(receiver.id, "somebody", Settlement(parked=[(0, choice, 1000)], receiver={"error": "422"}))
    page = app.test_client().get("/consent/officer/health?lang=en").text

    assert "needs attention" in page
    assert "<dt>Last error</dt><dd>422</dd>" in page


def test_the_page_of_health_says_when_no_witness_cosigns_for_long(make_app: MakeApp, store: SQLStore) -> None:
    witness = PrivateKey.make("w.example", COSIGNATURE)

    def is_told(quorum: str = "W") -> bool:
        policy = f"witness W {witness.public} https://w.example/\nquorum {quorum}\n"
        app = make_app(
            CONSENT_OFFICER=lambda: True, CONSENT_STORE=store, CONSENT_LOG_KEY=PRIVATE.text, CONSENT_LOG_POLICY=policy
        )
        return "flask consent witness" in app.test_client().get("/consent/officer/health?lang=en").text

    note = store.sign_checkpoint(KEYS)
    assert not is_told(), "it is being asked"
    with store._writing() as connection:
        connection.execute(CHECKPOINTS.update().values(time=CHECKPOINTS.c.time - 3_700_000))
    assert is_told()
    assert not is_told(quorum="none"), "where none is needed, none are not too few"
    store.add_cosignatures(0, [witness.sign(note.text, int(time()))], lambda _: True)
    assert not is_told()


def test_while_the_database_is_away_both_pages_say_so(
    client: FlaskClient, store: SQLStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store._engine.begin() as connection:
        for table in ("consent_records", "consent_entries"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
    try:
        assert client.get("/consent/officer").status_code == 503
        assert "needs attention" in client.get("/consent/officer/health?lang=en").text
    finally:
        store.open()


def test_a_site_that_started_without_its_database_says_so(make_app: MakeApp, tmp_path: Path) -> None:
    away = f"sqlite:///{tmp_path / 'missing' / 'x.sqlite'}"
    client = make_app(CONSENT_OFFICER=lambda: True, CONSENT_DATABASE=away).test_client()

    assert client.get("/consent/officer").status_code == 503
    assert "needs attention" in client.get("/consent/officer/health?lang=en").text
