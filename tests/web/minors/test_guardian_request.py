"""A child asks their guardian: where the link goes, how often, and what an address must be."""

from __future__ import annotations

import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient

from consent_widget.notice.model import Notice

from ...conftest import HERE, MakeApp
from ...support.minors import ADDRESS, HOME, Send, ask, records, tell


def test_the_link_goes_to_the_address_by_the_sites_own_means_and_the_address_nowhere_else(
    app: Flask, child: FlaskClient, sent: Send, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        response = child.post("/consent/guardian?lang=zh-CN", data={"address": ADDRESS}, headers=HERE)

    ((address, link, locale),) = sent
    assert (address, locale) == (ADDRESS, "zh-CN")
    assert link.startswith(f"{HOME}/consent/guardian/i.")
    assert "7 天内有效" in response.text
    assert ADDRESS not in response.text + caplog.text + "".join(str(each) for each in records(app))


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example", "Origin": "http://evil.example"},
        {"Host": "evil.example", "Sec-Fetch-Site": "same-origin"},
        {"X-Forwarded-Host": "evil.example", **HERE},
        {"Forwarded": "host=evil.example", **HERE},
    ],
)
def test_links_lead_to_where_the_site_says_it_is_whatever_host_a_request_names(
    make_app: MakeApp, notice: Notice, sent: Send, headers: dict[str, str]
) -> None:
    age = {"send": lambda *told: sent.append(told), "url": f"{HOME}/"}
    app = make_app(CONSENT_NOTICE=notice, CONSENT_AGE=age)
    client = app.test_client()
    tell(client, notice, "child")
    cookie = {"Cookie": f"cw={client.get_cookie('cw').value}"}
    forger = app.test_client(use_cookies=False)
    done = forger.post("/consent/guardian", data={"address": ADDRESS}, headers={**headers, **cookie})

    assert done.status_code == 200
    assert sent[0][1].startswith(f"{HOME}/consent/guardian/i.")
    path = sent[0][1].removeprefix(HOME)
    way_back = forger.post(path, data={"action": "refuse"}, headers=headers).headers["Location"]
    page = forger.get(way_back, headers=headers).text
    assert f"{HOME}/consent/guardian/k." in page
    assert "evil.example" not in way_back + page


@pytest.mark.parametrize(
    "address",
    ["", "a", "mother", "a b@c.example", "a@b.example\nBcc: x@y.example", "a@" + "b" * 300, "a@b.example,c@d.example"],
)
def test_nothing_is_sent_to_an_invalid_address(child: FlaskClient, sent: Send, address: str) -> None:
    assert child.post("/consent/guardian", data={"address": address}, headers=HERE).status_code == 422
    assert sent == []


def test_one_child_asks_five_times_a_day_at_whatever_addresses(child: FlaskClient, sent: Send) -> None:
    assert [ask(child, f"{n}@family.example") for n in range(7)] == [200] * 5 + [429] * 2
    assert len(sent) == 5


def test_one_address_gets_five_letters_a_day_however_it_is_written(app: Flask, notice: Notice, sent: Send) -> None:
    answers, (name, host) = [], ADDRESS.split("@")
    written = [ADDRESS, ADDRESS.upper(), f"m.{name[1:]}@{host}", f"{name}+1@{host}", f"{name}@{host.title()}"]
    for address in [*written, f"{name.title()}+shop@{host}", ADDRESS]:
        client = app.test_client()
        tell(client, notice, "child")
        answers.append(ask(client, address))

    assert answers == [200] * 5 + [429] * 2
    assert len(sent) == 5


def test_the_three_limits_answer_alike_and_store_no_address(make_app: MakeApp, notice: Notice, sent: Send) -> None:
    age = {"send": lambda *told: sent.append(told), "url": HOME}
    app = make_app(CONSENT_NOTICE=notice, CONSENT_AGE=age, CONSENT_RATE_LIMIT=30)
    client, bodies = app.test_client(), []
    tell(client, notice, "child")
    for address in [f"{n}@family.example" for n in range(5)] * 2:
        response = client.post("/consent/guardian", data={"address": address}, headers=HERE)
        bodies.append(response.get_data()) if response.status_code == 429 else None
    while (response := client.post("/consent/guardian", data={"address": "no"}, headers=HERE)).status_code != 429:
        pass

    assert len(bodies) == 5
    assert {*bodies} == {response.get_data()}
    assert "family" not in repr(vars(app.extensions["consent_widget"].letters))


def test_a_failing_send_is_reported_and_logs_no_address(
    make_app: MakeApp, notice: Notice, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(address: str, link: str, locale: str) -> None:
        raise OSError(f"no mail for {address}")

    app = make_app(CONSENT_NOTICE=notice, CONSENT_AGE={"send": broken, "url": HOME})
    client = app.test_client()
    tell(client, notice, "child")
    response = client.post("/consent/guardian?lang=en", data={"address": ADDRESS}, headers=HERE)

    assert response.status_code == 503
    assert "could not be sent" in response.text
    assert ADDRESS not in caplog.text


def test_only_a_child_asks_a_guardian(app: Flask, notice: Notice, sent: Send) -> None:
    client = app.test_client()
    for _ in range(2):
        assert client.post("/consent/guardian", data={"address": ADDRESS}, headers=HERE).status_code == 403
        tell(client, notice, "adult")
    assert "under 14" in client.get("/consent/guardian?lang=en").text
    assert sent == []


def test_a_child_known_only_by_their_account_can_ask_too(app: Flask, sent: Send) -> None:
    client = app.test_client()
    told = {**HERE, "X-Account-Band": "child"}
    assert client.post("/consent/guardian", data={"address": ADDRESS}, headers=told).status_code == 200

    path = sent[0][1].removeprefix(HOME)
    assert app.test_client().get(path).status_code == 200
    assert client.get_cookie("cw").value.startswith("1c.")
