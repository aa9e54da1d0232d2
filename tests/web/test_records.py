"""POST /consent/records: what is taken, what is refused, and what is never half done."""

from __future__ import annotations

import json
import random
import string
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from consent_widget import Choice, Cookie, NoticeError, Service, StoreError, choice_recorded, processing
from consent_widget.choice.state import Decision
from consent_widget.days import today
from consent_widget.notice.check import MAX_OPTIONS
from consent_widget.notice.model import Notice

from ..conftest import HERE, MakeApp
from ..support.choice_body import choice_body
from ..support.parties import ACME_ABROAD

URL = "/consent/records"
BAD = 33


def post(client: FlaskClient, body: object, **headers: str) -> TestResponse:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(URL, data=data, content_type="application/json", headers=HERE | headers)


def kept(app: Flask) -> list[Choice]:
    return list(app.extensions["consent_widget"].store.export())


def test_a_choice_is_stored_and_then_acknowledged(app: Flask, client: FlaskClient, shop: Notice) -> None:
    response = post(client, choice_body(shop))

    (choice,) = kept(app)
    assert response.status_code == 201
    assert response.json is not None
    assert response.json["receipt"]["id"] == choice.id
    assert response.headers["Set-Cookie"].startswith(f"cw={response.json['token']};")
    assert (choice.action, choice.locale, choice.notice, choice.seq) == ("accept_all", "en", shop.digest, 1)
    assert sum(choice.purposes.values()) == 7


def test_the_record_answers_for_everything_that_was_offered(app: Flask, client: FlaskClient, shop: Notice) -> None:
    post(client, choice_body(shop, "save", "data_analytics"))

    (choice,) = kept(app)
    assert choice.purposes == {key: key == "data_analytics" for key, o in shop.options.items() if o.in_bulk}


def test_a_retry_makes_one_record_and_gets_the_same_answer(app: Flask, client: FlaskClient, shop: Notice) -> None:
    body = choice_body(shop)
    first, second = post(client, body), post(app.test_client(), body)

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json == second.json
    assert len(kept(app)) == 1


def test_a_key_does_not_stand_for_two_acts(app: Flask, client: FlaskClient, shop: Notice) -> None:
    body = choice_body(shop)
    post(client, body)
    response = post(client, choice_body(shop, "reject_all", key=body["key"]))

    assert (response.status_code, response.json["type"]) == (409, "urn:consent_widget:key-reused")  # type: ignore[index]
    assert "Set-Cookie" not in response.headers
    assert len(kept(app)) == 1


def test_a_late_retry_does_not_bring_back_what_was_withdrawn(app: Flask, client: FlaskClient, shop: Notice) -> None:
    accept = choice_body(shop)
    post(client, accept)
    withdrawn = post(client, choice_body(shop, "withdraw_all")).json
    late = post(client, accept).json

    assert late is not None
    assert withdrawn is not None
    assert late["token"] == withdrawn["token"]


def test_choices_of_one_visitor_share_a_subject_and_count_up(app: Flask, client: FlaskClient, shop: Notice) -> None:
    for action in ("accept_all", "reject_all", "accept_all"):
        post(client, choice_body(shop, action))

    choices = kept(app)
    assert [choice.seq for choice in choices] == [1, 2, 3]
    assert len({choice.subject for choice in choices}) == 1


def test_nobody_can_name_another_subject(app: Flask, client: FlaskClient, shop: Notice) -> None:
    assert post(client, choice_body(shop, subject="A" * 22)).status_code == 422
    assert kept(app) == []


SECURE = {"Sec-Fetch-Site": "same-origin"}


def test_on_https_the_cookie_is_bound_to_the_host(client: FlaskClient, shop: Notice) -> None:
    response = client.post(URL, json=choice_body(shop), headers=SECURE, base_url="https://shop.example")

    name, *attributes = response.headers["Set-Cookie"].split("; ")
    assert name.startswith("__Host-cw=1.")
    assert {"Secure", "Path=/", "SameSite=Lax", "Max-Age=15552000"} <= set(attributes)
    assert not any(each.startswith("Domain") or each == "HttpOnly" for each in attributes)


def test_a_parent_domain_shares_the_choice(make_app: MakeApp, shop: Notice) -> None:
    client = make_app(CONSENT_NOTICE="shop", CONSENT_COOKIE_DOMAIN="shop.example").test_client()
    response = client.post(URL, json=choice_body(shop), headers=SECURE, base_url="https://www.shop.example")

    alone, shared = response.headers.getlist("Set-Cookie")
    assert alone.startswith("cw=;")  # one of the host alone, from before, would be read first
    assert "Domain" not in alone
    assert shared.startswith("cw=1.")
    assert "Domain=shop.example" in shared


def test_a_late_retry_does_not_undo_what_was_chosen_since(client: FlaskClient, shop: Notice) -> None:
    accepted, refused = choice_body(shop), choice_body(shop, "reject_all")
    first = post(client, accepted)
    post(client, refused)
    again = post(client, accepted)

    assert (first.status_code, again.status_code) == (201, 200)
    assert client.post("/consent/verify", json={"token": again.json["token"]}).json["granted"] == []


def test_a_notice_with_many_names_may_be_answered_in_full(make_app: MakeApp, shop: Notice) -> None:
    many = replace(shop, recipients=tuple(replace(ACME_ABROAD, id=f"party_{n}") for n in range(100)))
    client = make_app(CONSENT_NOTICE=many, CONSENT_DATABASE="sqlite://").test_client()

    assert post(client, choice_body(many, "reject_all")).status_code == 201
    with pytest.raises(NoticeError, match="Name fewer"):
        replace(shop, recipients=tuple(replace(ACME_ABROAD, id=f"party_{n}") for n in range(300)))


def test_a_refusal_is_kept_as_long_as_a_grant(client: FlaskClient, shop: Notice) -> None:
    cookies = [post(client, choice_body(shop, action)).headers["Set-Cookie"] for action in ("accept_all", "reject_all")]

    assert all("Max-Age=15552000" in cookie for cookie in cookies)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 201),
        ({"Origin": "http://localhost"}, 201),
        ({}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://localhost"}, 403),
        ({"Origin": "http://localhost:8080"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": "http://evil-localhost"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
    ],
)
def test_only_the_sites_own_pages_may_write(
    app: Flask, client: FlaskClient, shop: Notice, headers: dict[str, str], status: int
) -> None:
    response = client.post(URL, json=choice_body(shop), headers=headers)

    assert response.status_code == status
    assert len(kept(app)) == (status == 201)
    assert ("Set-Cookie" in response.headers) == (status == 201)


def bad_bodies(notice: Notice) -> dict[str, tuple[object, int, str]]:
    good = choice_body(notice)
    grants = good["purposes"]
    return {
        "not JSON": (b"{", 400, "not-json"),
        "not UTF-8": (b'"\xff"', 400, "not-json"),
        "a name twice": (b'{"key": "1", "key": "2"}', 400, "not-json"),
        "very deep": (b"[" * 2000, 400, "not-json"),
        "half a surrogate pair": (b'{"key": "\\ud800", "notice": "d6e07a87"}', 400, "not-json"),
        "a list": ([], 422, "invalid-payload"),
        "nothing": ({}, 422, "invalid-payload"),
        "an unknown field": (good | {"email": "a@b.example"}, 422, "invalid-payload"),
        "a polluting field": (good | {"__proto__": {}}, 422, "invalid-payload"),
        "a short key": (good | {"key": "short"}, 422, "invalid-payload"),
        "a number for a key": (good | {"key": 1234567890123456}, 422, "invalid-payload"),
        "an unknown action": (good | {"action": "grant"}, 422, "invalid-payload"),
        "a list for an action": (good | {"action": []}, 422, "invalid-payload"),
        "an unknown surface": (good | {"surface": "billboard"}, 422, "invalid-payload"),
        "an unknown locale": (good | {"locale": "fr"}, 422, "invalid-payload"),
        "no locale": (good | {"locale": None}, 422, "invalid-payload"),
        "a word for yes": (good | {"purposes": grants | {"data_analytics": "yes"}}, 422, "invalid-payload"),
        "one for true": (good | {"purposes": grants | {"data_analytics": 1}}, 422, "invalid-payload"),
        "gpc as a number": (good | {"gpc": 1}, 422, "invalid-payload"),
        "an unknown purpose": (good | {"purposes": grants | {"mind_reading": True}}, 422, "unknown-purpose"),
        "an unknown recipient": (good | {"purposes": grants | {"data_analytics:x": True}}, 422, "unknown-purpose"),
        "an always-on purpose off": (good | {"purposes": grants | {"service_delivery": False}}, 422, "not-consent-based"),
        "an always-on purpose on": (good | {"purposes": grants | {"service_delivery": True}}, 422, "not-consent-based"),
        "separate consent in bulk": (good | {"purposes": grants | {"partner_sharing": True}}, 422, "separate-consent-required"),
        "single use in bulk": (good | {"purposes": grants | {"contact_messages": True}}, 422, "separate-consent-required"),
        "identity in bulk": (good | {"purposes": grants | {"identity_verification": True}}, 422, "separate-consent-required"),
        "just in time in bulk": (good | {"purposes": grants | {"event_eligibility": True}}, 422, "separate-consent-required"),
        "a refusal that grants": (choice_body(notice, "reject_all") | {"purposes": grants}, 422, "invalid-payload"),
        "an omission": (choice_body(notice, "save") | {"purposes": {"data_analytics": True}}, 422, "invalid-payload"),
        "accept all without one": (good | {"purposes": grants | {"data_analytics": False}}, 422, "invalid-payload"),
        "allow for nothing": (choice_body(notice, "allow"), 422, "invalid-payload"),
        "an earlier notice": (good | {"notice": "0" * 64}, 409, "stale-notice"),
        "an earlier notice and its purpose": (good | {"notice": "0" * 64, "purposes": {"old": True}}, 409, "stale-notice"),
    }  # fmt: skip


@pytest.mark.parametrize("name", range(BAD))
def test_bad_input_is_a_problem_document_and_changes_nothing(
    app: Flask, client: FlaskClient, shop: Notice, name: int
) -> None:
    what, (body, status, kind) = list(bad_bodies(shop).items())[name]
    response = post(client, body)

    assert (response.status_code, response.mimetype) == (status, "application/problem+json"), what
    problem = response.get_json(force=True)
    assert problem["type"] == f"urn:consent_widget:{kind}", what
    assert problem["status"] == status
    assert set(problem) == {"type", "title", "status", "detail"}
    assert kept(app) == []
    assert "Set-Cookie" not in response.headers


def test_the_table_of_bad_input_is_tested_whole(shop: Notice) -> None:
    assert len(bad_bodies(shop)) == BAD


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "text/json"]
)
def test_only_json_is_read(app: Flask, client: FlaskClient, shop: Notice, kind: str) -> None:
    response = client.post(URL, data=json.dumps(choice_body(shop)), content_type=kind, headers=HERE)

    assert response.status_code == 415
    assert kept(app) == []


def test_a_body_over_four_kibibytes_is_not_read(app: Flask, client: FlaskClient, shop: Notice) -> None:
    assert post(client, json.dumps(choice_body(shop)).encode() + b" " * 4096).status_code == 413
    assert post(client, choice_body(shop), **{"Content-Encoding": "gzip"}).status_code == 413
    assert kept(app) == []


def test_the_longest_token_is_read_beside_the_longest_answer(make_app: MakeApp, minimal: Notice) -> None:
    (purpose,) = (each for each in minimal.purposes if each.id == "analytics")
    many = tuple(replace(purpose, id=f"{'x' * 35}_{n:04d}") for n in range(MAX_OPTIONS))
    notice = replace(minimal, purposes=many)
    app = make_app(CONSENT_NOTICE=notice)
    first = post(app.test_client(), choice_body(notice, "reject_all")).json
    assert first
    signer = app.extensions["consent_widget"].token_signer
    state = signer.read(first["token"])
    assert state
    days = {option.fingerprint: Decision(True, today() + n) for n, option in enumerate(notice.options.values())}
    token = signer.write(state._replace(decisions=days))
    allowed = post(app.test_client(), choice_body(notice, "allow", many[0].id, token=token)).json
    assert allowed
    after = signer.read(allowed["token"])
    assert after
    refused = post(app.test_client(), choice_body(notice, "reject_all", token=allowed["token"]))

    assert after.decisions == days | {notice.options[many[0].id].fingerprint: Decision(True, today() + 180)}
    assert refused.status_code == 201
    assert {choice.subject for choice in kept(app)} == {state.subject}


def test_checks_come_in_the_documented_order(client: FlaskClient) -> None:
    huge = b"{" * 5000
    elsewhere = {"Origin": "https://evil.example"}

    assert client.post(URL, data=huge, content_type="text/plain", headers=elsewhere).status_code == 403
    assert client.post(URL, data=huge, content_type="text/plain", headers=HERE).status_code == 413
    assert client.post(URL, data=b"{", content_type="text/plain", headers=HERE).status_code == 415
    assert client.post(URL, data=b"{", content_type="application/json", headers=HERE).status_code == 400


def test_too_many_choices_are_told_when_to_come_back(make_app: MakeApp, shop: Notice) -> None:
    app = make_app(CONSENT_NOTICE="shop", CONSENT_RATE_LIMIT=3)
    client = app.test_client()
    codes = [post(client, choice_body(shop)).status_code for _ in range(3)]
    response = post(client, choice_body(shop))

    assert codes == [201] * 3
    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= 60
    assert len(kept(app)) == 3


class Away:
    def add(self, choice: Choice) -> Choice:
        raise StoreError("gone")


def test_while_the_store_is_unavailable_no_cookie_is_set(make_app: MakeApp, shop: Notice) -> None:
    client = make_app(CONSENT_NOTICE="shop", CONSENT_STORE=Away()).test_client()
    response = post(client, choice_body(shop))

    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert "Set-Cookie" not in response.headers


def test_a_grant_by_a_script_is_refused_unless_the_site_lets_it(
    make_app: MakeApp, app: Flask, client: FlaskClient, shop: Notice
) -> None:
    assert post(client, choice_body(shop, scripted=True)).status_code == 422
    assert post(client, choice_body(shop, "reject_all", scripted=True)).status_code == 201

    testing = make_app(CONSENT_NOTICE="shop", CONSENT_SCRIPTED_GRANTS=True, CONSENT_DATABASE="sqlite://")
    assert post(testing.test_client(), choice_body(shop, scripted=True)).status_code == 201


def test_the_signal_in_the_header_wins_over_accept_all(app: Flask, client: FlaskClient, shop: Notice) -> None:
    post(client, choice_body(shop), **{"Sec-GPC": "1"})

    (choice,) = kept(app)
    assert choice.signals == ("gpc",)
    assert not choice.purposes["targeted_advertising"]
    assert choice.purposes["data_analytics"]


def test_listeners_are_called_once_for_a_stored_choice(app: Flask, client: FlaskClient, shop: Notice) -> None:
    heard: list[Choice] = []

    def listen(sender: Flask, choice: Choice) -> None:
        heard.append(choice)

    with choice_recorded.connected_to(listen, app):
        body = choice_body(shop)
        post(client, body)
        post(client, body)

    assert heard == kept(app)


def test_a_failing_listener_does_not_make_a_stored_choice_look_lost(
    app: Flask, client: FlaskClient, shop: Notice, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(sender: Flask, choice: Choice) -> None:
        raise RuntimeError("listener")

    with choice_recorded.connected_to(fail, app):
        assert post(client, choice_body(shop)).status_code == 201
    assert [record.message for record in caplog.records] == ["A listener of choice_recorded failed."]


def test_no_input_is_echoed_stored_or_logged(
    app: Flask, client: FlaskClient, shop: Notice, caplog: pytest.LogCaptureFixture
) -> None:
    rng = random.Random(7)

    def personal() -> str:
        return rng.choice(["{}@mail.example", "+86138{}", "1101011990{}", "<b>{}</b>"]).format(
            "".join(rng.choices(string.digits, k=8))
        )

    for _ in range(200):
        body, secret = choice_body(shop), personal()
        where = rng.choice([*body, "extra", "purpose"])
        if where == "purpose":
            body["purposes"] = {secret: True}
        else:
            body[where] = secret
        response = post(client, body)
        assert 400 <= response.status_code < 500
        assert secret not in response.text
        assert secret not in caplog.text
    assert kept(app) == []


def test_a_fuzzed_body_never_breaks_the_server(client: FlaskClient, shop: Notice) -> None:
    rng, good = random.Random(11), json.dumps(choice_body(shop)).encode()
    for _ in range(400):
        body = bytearray(good)
        for _ in range(rng.randint(1, 12)):
            at = rng.randrange(len(body))
            body[at : at + rng.randint(0, 3)] = rng.randbytes(rng.randint(0, 3))
        assert post(client, bytes(body)).status_code < 500


def test_a_record_holds_nothing_that_identifies_the_visitor(app: Flask, client: FlaskClient, shop: Notice) -> None:
    post(
        client,
        choice_body(shop),
        **{"User-Agent": "Very/Special", "X-Forwarded-For": "203.0.113.9", "Referer": "http://localhost/secret"},
    )

    told = json.dumps(kept(app)[0].plain())
    for trace in ("Very/Special", "203.0.113.9", "127.0.0.1", "secret"):
        assert trace not in told


def test_the_server_deletes_cookies_that_scripts_cannot_reach(make_app: MakeApp, shop: Notice) -> None:
    tally: Any = Service(
        id="tally", name=shop.title, company="Tally", country="CN", purposes=("data_analytics",),
        cookies=(Cookie(name="tally_id"), Cookie(name="tally_s_*")),
    )  # fmt: skip
    notice = replace(shop, services=(tally,))
    client = make_app(CONSENT_NOTICE=notice).test_client()
    for name in ("tally_id", "tally_s_9", "tally", "session"):
        client.set_cookie(name, "x")
    post(client, choice_body(notice))
    assert client.get_cookie("tally_id") is not None

    post(client, choice_body(notice, "withdraw_all"))
    left = {name for name in ("tally_id", "tally_s_9", "tally", "session") if client.get_cookie(name)}
    assert left == {"tally", "session"}


def test_a_retry_that_names_another_visitor_gets_no_token_of_the_first(
    app: Flask, client: FlaskClient, shop: Notice
) -> None:
    body, other = choice_body(shop), app.test_client()
    post(client, body)
    post(other, choice_body(shop, "save", "data_analytics"))
    answer = post(other, body)

    assert (answer.status_code, answer.json["type"]) == (409, "urn:consent_widget:key-reused")  # type: ignore[index]
    assert "Set-Cookie" not in answer.headers
    assert len(kept(app)) == 2


def test_a_refusal_with_the_key_of_somebody_else_is_recorded_all_the_same(
    app: Flask, client: FlaskClient, shop: Notice
) -> None:
    body, other = choice_body(shop, "reject_all"), app.test_client()
    post(client, body)
    post(other, choice_body(shop))
    answer = post(other, body)

    first, second, third = kept(app)
    assert answer.status_code == 201
    assert first.subject != second.subject
    assert (third.subject, third.action) == (second.subject, "reject_all")
    assert client.post("/consent/verify", json={"token": answer.json["token"]}).json["granted"] == []  # type: ignore[index]


def erased_subject(app: Flask, client: FlaskClient, notice: Notice) -> str:
    """Records a choice of this client, and erases its subject in the back office."""
    post(client, choice_body(notice))
    (choice,) = kept(app)
    with app.app_context():
        processing.erase(choice.subject)
    return choice.subject


def test_a_visitor_erased_in_the_back_office_is_asked_again_as_a_new_subject(
    app: Flask, client: FlaskClient, shop: Notice
) -> None:
    erased = erased_subject(app, client, shop)
    late = post(client, choice_body(shop, "allow", "event_eligibility"))

    assert (late.status_code, late.json["token"], kept(app)) == (409, "", [])  # type: ignore[index]
    assert client.get_cookie("cw") is None
    token = post(client, choice_body(shop, "allow", "event_eligibility")).json["token"]  # type: ignore[index]
    (choice,) = kept(app)
    assert (choice.subject != erased, choice.seq) == (True, 1)
    assert client.post("/consent/verify", json={"token": token}).json["granted"] == ["event_eligibility"]  # type: ignore[index]


def test_a_refusal_of_a_visitor_erased_in_the_back_office_counts_at_once(
    app: Flask, client: FlaskClient, shop: Notice
) -> None:
    erased = erased_subject(app, client, shop)

    assert post(client, choice_body(shop, "reject_all")).status_code == 201
    (choice,) = kept(app)
    assert (choice.subject != erased, choice.action) == (True, "reject_all")


def test_a_retry_while_reading_fails_is_told_to_come_back(
    app: Flask, client: FlaskClient, shop: Notice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: str) -> list[Choice]:
        raise StoreError("away")

    body = choice_body(shop)
    post(client, body)
    monkeypatch.setattr(app.extensions["consent_widget"].store, "history", away)

    assert post(app.test_client(), body).status_code == 503


def test_cookie_and_store_agree_under_the_opt_out_signal(app: Flask, client: FlaskClient, shop: Notice) -> None:
    post(client, choice_body(shop))
    token = post(client, choice_body(shop, "allow", "event_eligibility"), **{"Sec-GPC": "1"}).json["token"]  # type: ignore[index]
    granted = client.post("/consent/verify", json={"token": token}).json["granted"]  # type: ignore[index]

    assert "targeted_advertising" not in granted
    with app.app_context():
        subject = kept(app)[0].subject
        others = {option.key for option in shop.options.values() if option.recipient or option.for_guardian}
        assert set(granted) == {key for key in shop.options.keys() - others if processing.granted(subject, key)}


@pytest.mark.parametrize(("config", "most"), [({}, 0), ({"CONSENT_AGE": {}}, 1)])
def test_a_choice_reads_the_history_only_where_an_age_may_be_in_it_and_then_once(
    make_app: MakeApp, shop: Notice, monkeypatch: pytest.MonkeyPatch, config: dict[str, Any], most: int
) -> None:
    app = make_app(CONSENT_NOTICE="shop", **config)
    client, store, reads = app.test_client(), app.extensions["consent_widget"].store, list[str]()
    read = store.history
    monkeypatch.setattr(store, "history", lambda subject: reads.append(subject) or read(subject))
    if config:
        post(client, choice_body(shop, "age_adult"))
    for action in ("accept_all", "reject_all", "accept_all"):
        reads.clear()
        known = client.get_cookie("cw") is not None
        assert post(client, choice_body(shop, action)).status_code == 201
        assert len(reads) == (most if known else 0)
