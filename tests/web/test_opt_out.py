"""Do not sell or share: one page, one press, confirmed."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from consent_widget.notice.model import Notice

from ..conftest import HERE, MakeApp
from ..support.choice_body import choice_body
from ..support.parties import ACME
from .test_pages import Page, kept

URL = "/consent/do-not-share"


@pytest.fixture
def notice(shop: Notice) -> Notice:
    return replace(shop, recipients=(replace(ACME, purposes=("partner_sharing", "third_party_disclosure")),))


@pytest.fixture
def app(make_app: MakeApp, notice: Notice) -> Flask:
    return make_app(CONSENT_NOTICE=notice)


CONCERNED = {
    "targeted_advertising",
    "marketing_measurement",
    "partner_sharing:acme",
    "third_party_disclosure:acme",
}


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_the_page_says_what_it_is_about_and_asks_nothing(client: FlaskClient, notice: Notice, lang: str) -> None:
    page = client.get(URL, query_string={"lang": lang})

    for purpose in notice.purposes:
        assert (f"<li>{purpose.label[lang]}</li>" in page.text) is purpose.gpc_opt_out
    assert page.text.count("<button") == 1
    assert set(Page(page.text).inputs) == {"notice", "locale", "surface", "key"}
    assert set(re.findall(r'<input[^>]*type="(\w+)"', page.text)) == {"hidden"}
    assert "Set-Cookie" not in page.headers


@pytest.mark.parametrize(
    ("lang", "confirmed"),
    [
        ("en", r"Confirmed, <time [^>]+>\d+ \w+ \d{4}, \d\d:\d\d UTC"),
        ("zh-CN", r"确认时间：<time [^>]+>\d{4}年\d+月\d+日"),
    ],
)
def test_one_press_denies_exactly_what_the_page_is_about_and_is_confirmed(
    app: Flask, client: FlaskClient, notice: Notice, lang: str, confirmed: str
) -> None:
    client.post("/consent/records", json=choice_body(notice), headers=HERE)
    client.post("/consent/records", json=choice_body(notice, "allow", "third_party_disclosure:acme"), headers=HERE)
    inputs = {
        name: values[0] for name, values in Page(client.get(URL, query_string={"lang": lang}).text).inputs.items()
    }
    answer = client.post(URL, data=inputs | {"action": "opt_out"}, headers=HERE)
    choice = kept(app)[-1]

    assert answer.status_code == 200
    assert re.search(rf'role="status">{confirmed}', answer.text)
    assert (choice.action, choice.surface, choice.locale) == ("opt_out", "page", lang)
    assert choice.purposes == dict.fromkeys(CONCERNED, False)
    now = client.get("/consent/choices?format=json").json
    assert now is not None
    assert {key for key, each in now["now"].items() if not each["granted"]} == CONCERNED
    assert sum(each["granted"] for each in now["now"].values()) == 5


def test_a_visitor_who_never_chose_may_opt_out_and_is_asked_about_the_rest(
    app: Flask, client: FlaskClient, notice: Notice
) -> None:
    assert client.post(URL, data={"locale": "en"}, headers=HERE).status_code == 200
    cookie = client.get_cookie("cw")

    assert cookie
    with app.test_request_context(headers={"Cookie": f"cw={cookie.value}"}):
        from consent_widget import consent

        assert consent.pending
        assert not consent.granted("targeted_advertising")
    assert "These are off for you:" in client.get(f"{URL}?lang=en").text


def test_a_page_of_an_earlier_notice_opts_out_all_the_same(app: Flask, client: FlaskClient, notice: Notice) -> None:
    answer = client.post(URL, data={"notice": "0" * 64, "key": "short", "locale": "en"}, headers=HERE)

    assert answer.status_code == 200
    assert kept(app)[0].notice == notice.digest


def test_pressing_twice_makes_one_record(app: Flask, client: FlaskClient) -> None:
    inputs = {name: values[0] for name, values in Page(client.get(f"{URL}?lang=en").text).inputs.items()}
    answers = [client.post(URL, data=inputs, headers=HERE) for _ in range(2)]

    assert answers[0].text == answers[1].text
    assert len(kept(app)) == 1


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_nobody_opts_out_for_another(app: Flask, client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.post(URL, data={"locale": "en"}, headers=headers).status_code == 403
    assert kept(app) == []


def test_a_choice_that_cannot_be_stored_is_not_confirmed(make_app: MakeApp, notice: Notice) -> None:
    client = make_app(CONSENT_NOTICE=notice, CONSENT_RATE_LIMIT=1).test_client()
    answers = [client.post(URL, data={"locale": "en"}, headers=HERE) for _ in range(2)]

    assert answers[1].status_code == 429
    assert "This could not be saved." in answers[1].text
    assert "Confirmed" not in answers[1].text


@pytest.mark.parametrize(
    "purposes",
    [
        {},
        {"targeted_advertising": False},
        dict.fromkeys(CONCERNED | {"data_analytics"}, False),
        dict.fromkeys(CONCERNED, True),
        dict.fromkeys(CONCERNED, False) | {"targeted_advertising": True},
    ],
)
def test_opting_out_is_a_refusal_of_exactly_that(
    app: Flask, client: FlaskClient, notice: Notice, purposes: dict[str, bool]
) -> None:
    body = choice_body(notice, "opt_out") | {"purposes": purposes}

    assert client.post("/consent/records", json=body, headers=HERE).status_code == 422
    assert kept(app) == []


def test_a_notice_that_sells_and_shares_nothing_has_no_such_page(make_app: MakeApp, notice: Notice) -> None:
    plain = replace(notice, purposes=tuple(replace(each, gpc_opt_out=False) for each in notice.purposes))
    client = make_app(CONSENT_NOTICE=plain).test_client()

    assert [client.get(URL).status_code, client.post(URL, data={"a": "b"}, headers=HERE).status_code] == [404, 404]
    assert "do-not-share" not in client.get("/consent/preferences").text


def test_the_preference_page_leads_there(client: FlaskClient) -> None:
    assert 'href="/consent/do-not-share?lang=en"' in client.get("/consent/preferences?lang=en").text


def test_the_signal_is_honoured_in_public(client: FlaskClient, notice: Notice) -> None:
    answer = client.get("/.well-known/gpc.json")

    assert answer.mimetype == "application/json"
    assert answer.json == {"gpc": True, "lastUpdate": notice.effective}
    assert answer.headers["Cache-Control"] == "public, max-age=300"


def test_a_purpose_marked_for_opt_out_without_recipients_makes_no_such_page(make_app: MakeApp, shop: Notice) -> None:
    marked = tuple(replace(each, gpc_opt_out=each.id == "partner_sharing") for each in shop.purposes)
    client = make_app(CONSENT_NOTICE=replace(shop, purposes=marked, recipients=())).test_client()

    assert [client.get(URL).status_code, client.post(URL, data={"a": "b"}, headers=HERE).status_code] == [404, 404]
    assert "do-not-share" not in client.get("/consent/preferences").text
