"""What an officer does with one visitor's records: find, prove and erase them; and what the log says of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from consent_widget import Choice
from consent_widget.choice.act import new_subject
from consent_widget.choice.state import State
from consent_widget.cli import commands
from consent_widget.days import iso_date, today
from consent_widget.notice.model import Notice

from ..conftest import HERE, MakeApp
from ..support.acts import act


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(CONSENT_OFFICER=lambda: "lin", CONSENT_NOTICE="shop")


@pytest.fixture
def acts(app: Flask, shop: Notice) -> list[Choice]:
    store, subject = app.extensions["consent_widget"].store, new_subject()
    return [
        act(store, shop, subject, "accept_all", ago=9),
        act(store, shop, subject, "withdraw_all", ago=2),
        act(store, shop, new_subject(), "accept_all", ago=1),
    ]


@pytest.fixture
def post(client: FlaskClient) -> Any:
    return lambda path, **fields: client.post(f"/consent/officer/{path}?lang=en", data=fields, headers=HERE)


def cookie(app: Flask, subject: str) -> str:
    return str(app.extensions["consent_widget"].token_signer.write(State(subject, 1, 1, "0" * 8, {})))


def address(app: Flask, choice: Choice) -> str:
    return str(app.extensions["consent_widget"].receipt_marks.named(choice.id))


@pytest.mark.parametrize(
    "what",
    [
        lambda app, choice: choice.id,
        lambda app, choice: choice.id[:8].upper(),
        lambda app, choice: f"  {choice.id[:11]} ",
        lambda app, choice: address(app, choice),
        lambda app, choice: f"https://shop.example/consent/records/{address(app, choice)}.jsonld",
        lambda app, choice: choice.subject,
        lambda app, choice: cookie(app, choice.subject),
        lambda app, choice: f"__Host-cw={cookie(app, choice.subject)};",
    ],
)
def test_a_visitor_is_found_by_receipt_name_or_cookie(app: Flask, acts: list[Choice], post: Any, what: Any) -> None:
    text = post("records", what=what(app, acts[0])).text

    assert all(choice.id in text for choice in acts[:2])
    assert acts[2].id not in text
    assert text.index("Withdrew everything") < text.index("Accepted all")
    assert "data-analytics" not in text
    assert "<dd>Page of the settings</dd>" in text
    assert re.search(r"Data analytics</span><span><b>Refused</b>", text)


def test_what_leads_to_nobody_says_so_and_is_not_repeated(acts: list[Choice], post: Any) -> None:
    for what in (" ", "abc", "nobody", "a" * 22, "0123456789", "1.not.signed", "%", "' OR 1=1 --", "x" * 3000, "一"):
        response = post("records", what=what)

        assert response.status_code == 200
        assert 'role="status"' in response.text
        assert len(what) < 3 or what not in response.text


def test_before_a_visitor_is_looked_for_nobody_is_named(acts: list[Choice], client: FlaskClient) -> None:
    text = client.get("/consent/officer/records").text + client.get("/consent/officer").text

    assert not any(each in text for choice in acts for each in (choice.id, choice.subject))


def test_records_of_another_site_in_the_database_are_not_found(app: Flask, shop: Notice, post: Any) -> None:
    other = act(app.extensions["consent_widget"].store, shop, new_subject(), "accept_all", site="other")

    for what in (other.id, other.subject):
        assert "Nothing was found" in post("records", what=what).text


@pytest.mark.parametrize("form", ["json", "jsonld", "kantara.json"])
def test_a_receipt_is_taken_in_every_form(acts: list[Choice], post: Any, form: str) -> None:
    response = post("receipt", id=acts[0].id, subject=acts[0].subject, form=form)

    assert response.status_code == 200
    assert acts[0].id in response.text
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Content-Disposition"].startswith("attachment")


def test_what_is_no_receipt_is_a_problem(acts: list[Choice], post: Any) -> None:
    assert post("receipt", id=acts[0].id, subject=acts[0].subject, form="exe").status_code == 422
    assert post("receipt", id=acts[2].id, subject=acts[0].subject, form="json").status_code == 404


def test_erasing_asks_once_more_and_why(app: Flask, acts: list[Choice], post: Any) -> None:
    store = app.extensions["consent_widget"].store
    for fields in ({}, {"sure": "yes"}, {"sure": "yes", "why": "because"}, {"why": "request"}):
        assert "Erase this visitor’s records?" in post("erase", subject=acts[0].subject, **fields).text
        assert len(store.history(acts[0].subject)) == 2

    assert "Records erased: 2." in post("erase", subject=acts[0].subject, sure="yes", why="request").text
    assert store.history(acts[0].subject) == []
    assert len(store.history(acts[2].subject)) == 1
    assert "Nothing was found" in post("erase", subject=acts[0].subject, sure="yes", why="request").text


def test_the_log_has_every_act_of_an_officer_and_nothing_of_a_visitor(
    app: Flask, acts: list[Choice], post: Any, caplog: pytest.LogCaptureFixture
) -> None:
    post("records", what=acts[0].id)
    post("records", what="nobody")
    post("receipt", id=acts[0].id, subject=acts[0].subject, form="json")
    assert post("export", form="csv", subject=acts[0].subject).text
    post("erase", subject=acts[0].subject)
    post("erase", subject=acts[0].subject, sure="yes", why="duty")

    assert [record.getMessage() for record in caplog.records] == [
        "Officer lin: looked up one visitor's records: 2.",
        "Officer lin: looked for a visitor's records: none found.",
        "Officer lin: took one receipt, as json.",
        "Officer lin: exports one visitor's records, as csv.",
        "Officer lin: exported one visitor's records, as csv: 2.",
        "Officer lin: erased one visitor's records: 2 (duty).",
    ]


def test_a_name_of_an_officer_ends_no_line_of_the_log(make_app: MakeApp, caplog: pytest.LogCaptureFixture) -> None:
    client = make_app(CONSENT_OFFICER=lambda: "lin\nERROR: %s %(x)s").test_client()
    client.post("/consent/officer/records", data={"what": "nobody"}, headers=HERE)

    assert len(caplog.records) == 1
    assert "\n" not in caplog.records[0].getMessage()


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_records_are_exported_as_the_command_does(
    app: Flask, acts: list[Choice], shop: Notice, post: Any, form: str
) -> None:
    act(app.extensions["consent_widget"].store, shop, new_subject(), "accept_all", site="other")
    response = post("export", form=form)
    command = app.test_cli_runner().invoke(commands, ["export", "--format", form]).output.splitlines()

    assert response.text.splitlines() == [line for line in command if "other" not in line]
    assert response.headers["Cache-Control"] == "private, no-store"
    assert post("export", form=form, subject=acts[0].subject).text.count(acts[0].subject) == 2
    day = iso_date(today() - 2)
    assert acts[1].id in (text := post("export", form=form, **{"from": day, "to": day}).text)
    assert acts[0].id not in text
    assert acts[2].id not in text


@pytest.mark.parametrize("fields", [{"form": ""}, {"form": "exe"}, {"form": "csv", "from": "yesterday"}])
def test_no_other_export_is_made(acts: list[Choice], post: Any, fields: dict[str, str]) -> None:
    assert post("export", **fields).status_code == 422


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
        {"Origin": "https://evil.example"},
        {},
    ],
)
def test_no_other_site_sends_anything_in_an_officers_name(
    app: Flask, acts: list[Choice], client: FlaskClient, headers: dict[str, str]
) -> None:
    fields = {
        "what": acts[0].id,
        "id": acts[0].id,
        "subject": acts[0].subject,
        "form": "json",
        "sure": "yes",
        "why": "test",
    }

    for path in ("records", "receipt", "erase", "export"):
        assert client.post(f"/consent/officer/{path}", data=fields, headers=headers).status_code == 403
    assert len(app.extensions["consent_widget"].store.history(acts[0].subject)) == 2


@pytest.mark.parametrize("path", ["records", "receipt", "erase"])
def test_for_nobody_else_is_there_anything_to_send_to(make_app: MakeApp, path: str) -> None:
    assert (
        make_app(CONSENT_OFFICER=lambda: False)
        .test_client()
        .post(f"/consent/officer/{path}", data={"what": "x"}, headers=HERE)
        .status_code
        == 404
    )


def test_while_the_database_is_away_the_page_says_so(app: Flask, acts: list[Choice], post: Any) -> None:
    with app.extensions["consent_widget"].store._engine.begin() as connection:
        for table in ("consent_choices", "consent_records"):
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")

    assert post("records", what=acts[0].subject).status_code == 503
