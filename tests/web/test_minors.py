"""Minors: what is off and locked, who says how old somebody is, and that no child grants anything by any way."""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template_string, request
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from consent_widget import (
    Choice,
    ConfigurationError,
    SQLStore,
    StoreError,
    consent,
    consent_ended,
    processing,
    requires_consent,
)
from consent_widget.choice.act import new_key, new_subject
from consent_widget.choice.age import read_age, read_band
from consent_widget.choice.guardian_link import GuardianLinks
from consent_widget.choice.policy import permits
from consent_widget.choice.state import Decision, State
from consent_widget.days import today
from consent_widget.notice.model import Notice
from consent_widget.regions import REGIONS
from consent_widget.site.site import current_site

from ..conftest import HERE, MakeApp
from ..support.parties import ACME
from ..support.said import said

Send = list[tuple[str, str, str]]
CHECKER = replace(ACME, id="checker", purposes=("identity_verification",), data=("identity_documents",))
ADDRESS = "mother@family.example"
HOME = "https://www.shop.example"


@pytest.fixture
def notice(shop: Notice) -> Notice:
    return replace(shop, recipients=(ACME, CHECKER))


@pytest.fixture
def sent() -> Send:
    return []


@pytest.fixture
def app(make_app: MakeApp, notice: Notice, sent: Send) -> Flask:
    app = make_app(
        CONSENT_NOTICE=notice,
        CONSENT_AGE={
            "account": lambda: request.headers.get("X-Account-Band"),
            "send": lambda *told: sent.append(told),
            "url": HOME,
        },
    )
    app.add_url_rule("/page", "page", lambda: render_template_string("{{ consent_widget() }}"))
    app.add_url_rule("/report", "report", requires_consent("data_analytics")(lambda: "let in"))
    return app


def tell(client: FlaskClient, notice: Notice, band: str, **more: Any) -> int:
    body = said(notice, f"age_{band}", **more)
    return client.post("/consent/records", json=body, headers=HERE).status_code


def grant(client: FlaskClient, notice: Notice, action: str = "accept_all", *keys: str, **headers: str) -> Any:
    return client.post("/consent/records", json=said(notice, action, *keys), headers={**HERE, **headers})


def granted(client: FlaskClient, **headers: str) -> set[str]:
    with client.application.test_request_context(headers=headers | _cookie(client)):
        return {key for key, option in current_site().notice.options.items() if _permitted(option)}


def _permitted(option: Any) -> bool:
    return consent.granted(option.purpose.id, option.recipient.id if option.recipient else None)


def _cookie(client: FlaskClient) -> dict[str, str]:
    found = client.get_cookie("cw")
    return {"Cookie": f"cw={found.value}"} if found else {}


def records(app: Flask) -> list[Choice]:
    return list(app.extensions["consent_widget"].store.export())


def subject_of(client: FlaskClient) -> str:
    found = client.get_cookie("cw")
    assert found
    return str(found.value).split(".")[1]


@pytest.fixture
def child(app: Flask, notice: Notice) -> FlaskClient:
    client = app.test_client()
    assert tell(client, notice, "child") == 201
    return client


@pytest.fixture
def link(child: FlaskClient, sent: Send) -> str:
    """The path of an invitation, as the guardian gets it."""
    assert child.post("/consent/guardian", data={"address": ADDRESS}, headers=HERE).status_code == 200
    return sent.pop()[1].removeprefix(HOME)


# The setting


def test_the_age_of_a_child_is_the_regions_unless_the_site_says_otherwise() -> None:
    ages = [read_age({}, region).child_below for region in ("CN", "US-CA", "UK", "EU", "FR", "", "JP")]

    assert ages == [14, 13, 13, 16, 15, 14, 14]
    assert read_age({"child_below": 15}, "US").child_below == 15
    assert all(13 <= region.consent_age <= 16 for region in REGIONS.values())


@pytest.mark.parametrize(
    "table",
    [
        "yes",
        {"birthday": True},
        {"child_below": 12},
        {"child_below": 17},
        {"child_below": True},
        {"ask": 1},
        {"ask": False},
        {"account": "child"},
        {"send": "mail"},
        {"send": print},
        {"send": print, "url": ""},
        {"url": "shop.example"},
    ],
)
def test_a_setting_that_cannot_work_stops_start_up(make_app: MakeApp, table: Any) -> None:
    with pytest.raises(ConfigurationError, match="CONSENT_AGE"):
        make_app(CONSENT_NOTICE="shop", CONSENT_AGE=table)


def test_a_notice_without_words_for_children_stops_start_up(make_app: MakeApp, shop: Notice) -> None:
    with pytest.raises(ConfigurationError, match="child_body"):
        make_app(CONSENT_NOTICE=replace(shop, child_body=None), CONSENT_AGE={})


def test_a_store_that_cannot_be_read_back_stops_start_up(make_app: MakeApp) -> None:
    class Blind:
        def add(self, choice: Choice) -> Choice:
            return choice

    with pytest.raises(ConfigurationError, match="history"):
        make_app(CONSENT_NOTICE="shop", CONSENT_STORE=Blind(), CONSENT_AGE={})


def test_an_account_that_says_something_else_is_an_error_for_the_developer(app: Flask) -> None:
    with app.test_request_context(headers={"X-Account-Band": "13"}), pytest.raises(ConfigurationError, match="adult"):
        _ = consent.band


def test_without_the_setting_nothing_is_asked_and_nobody_says_his_age(make_app: MakeApp, shop: Notice) -> None:
    app = make_app(CONSENT_NOTICE="shop")
    client = app.test_client()

    assert tell(client, shop, "adult") == 422
    assert client.get("/consent/guardian").status_code == 404
    assert client.get("/consent/guardian/anything").status_code == 404
    assert grant(client, shop).status_code == 201


# Asking


@pytest.mark.parametrize("field", ["birth_date", "birthday", "dob", "age", "age_band", "band", "actor"])
def test_no_birth_date_and_no_age_is_taken_anywhere(app: Flask, notice: Notice, field: str) -> None:
    body = said(notice, "age_adult") | {field: "2015-06-01"}

    assert app.test_client().post("/consent/records", json=body, headers=HERE).status_code == 422
    assert records(app) == []


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", ["Under 14", "14 to 17", "18 or over"]), ("zh-CN", ["未满 14 岁", "14 至 17 岁", "18 岁及以上"])],
)
def test_the_question_has_three_equal_answers_and_none_is_chosen(app: Flask, lang: str, words: list[str]) -> None:
    page = app.test_client().get("/page", headers={"Accept-Language": lang}).text

    buttons = re.findall(r'<button class="cw-quiet" name="action" value="age_\w+" part="button">([^<]+)', page)
    assert buttons == words
    assert "checked" not in page.partition("<script")[0]
    assert "accept_all" not in page


def test_what_is_granted_waits_for_the_band_and_what_is_refused_does_not(app: Flask, notice: Notice) -> None:
    client = app.test_client()

    refused = grant(client, notice)
    assert (refused.status_code, refused.json["type"]) == (422, "urn:consent_widget:age-needed")
    assert grant(client, notice, "reject_all").status_code == 201
    assert grant(client, notice).status_code == 422
    assert tell(client, notice, "adult") == 201
    assert grant(client, notice).status_code == 201
    assert [(each.action, each.age_band) for each in records(app)] == [
        ("reject_all", None),
        ("age_adult", "18_or_over"),
        ("accept_all", "18_or_over"),
    ]


def test_a_visitor_of_before_is_asked_and_keeps_what_he_decided(app: Flask, notice: Notice) -> None:
    client = app.test_client()
    grant(client, notice, **{"X-Account-Band": "adult"})
    site = app.extensions["consent_widget"]
    state = site.token_signer.read(client.get_cookie("cw").value)
    client.set_cookie("cw", site.token_signer.write(state._replace(band="")))

    assert "age_child" in client.get("/page").text
    assert len(granted(client)) == 7


def test_the_band_comes_with_every_record_and_no_exact_age(make_app: MakeApp, notice: Notice) -> None:
    app = make_app(CONSENT_NOTICE=notice, CONSENT_AGE={}, CONSENT_REGION="FR")
    client = app.test_client()
    tell(client, notice, "teen")
    grant(client, notice)

    assert [each.age_band for each in records(app)] == ["15_to_17", "15_to_17"]
    assert [read_band(band) for band in ("under_16", "15_to_17", "18_or_over", None)] == [
        "child",
        "teen",
        "adult",
        None,
    ]


def test_an_old_token_stays_good_and_a_band_is_part_of_what_is_signed(app: Flask) -> None:
    token_signer = app.extensions["consent_widget"].token_signer
    state = State(new_subject(), 1, 1, "0123abcd")

    assert token_signer.write(state).startswith("1.")
    for band in ("", "child", "teen", "adult"):
        assert token_signer.read(token_signer.write(state._replace(band=band))) == state._replace(band=band)
    assert token_signer.read(token_signer.write(state._replace(band="child")).replace("1c.", "1a.")) is None


# What is off


def test_a_teen_decides_for_himself_what_is_not_for_adults_alone(app: Flask, notice: Notice) -> None:
    client = app.test_client()
    tell(client, notice, "teen")

    assert grant(client, notice).status_code == 201
    assert granted(client) == {
        "personalized_recommendations",
        "data_analytics",
        "service_improvement",
        "service_research",
    } & {option.key for option in notice.options.values() if not option.for_adults}
    assert grant(client, notice, "allow", "contact_messages").status_code == 422
    assert grant(client, notice, "allow", "event_eligibility").status_code == 201


def test_becoming_a_child_ends_what_was_granted_and_tells_the_sites_code(app: Flask, notice: Notice) -> None:
    client, ended = app.test_client(), []

    def stop(app: Flask, subject: str, purposes: tuple[str, ...], reason: str) -> None:
        ended.extend(purposes)

    with consent_ended.connected_to(stop, app):
        tell(client, notice, "adult")
        grant(client, notice)
        assert len(granted(client)) == 7
        assert tell(client, notice, "child") == 201

    assert granted(client) == set()
    assert len(ended) == 7
    with app.app_context():
        assert not processing.granted(subject_of(client), "data_analytics")


@pytest.mark.parametrize(
    ("was", "now", "left"),
    [
        ("", "child", 0),
        ("adult", "child", 0),
        ("teen", "child", 0),
        ("child", "child", 1),
        ("child", "adult", 0),
        ("child", "teen", 0),
        ("", "adult", 1),
        ("teen", "adult", 1),
        ("adult", "teen", 1),
        ("child", None, 1),
    ],
)
def test_childhood_begins_and_ends_anew(was: str, now: str | None, left: int) -> None:
    assert len(State("s", decisions={"AAAA": Decision(True, 9)}, band=was).with_age_band(now).decisions) == left


@pytest.mark.parametrize("band", ["teen", "adult"])
def test_a_child_cannot_unlock_by_switching_the_band_back(
    app: Flask, child: FlaskClient, notice: Notice, band: str
) -> None:
    problem = child.post("/consent/records", json=said(notice, f"age_{band}"), headers=HERE)

    assert (problem.status_code, problem.json["type"]) == (403, "urn:consent_widget:guardian-needed")
    form = {"action": f"age_{band}", "notice": notice.digest, "locale": "en", "surface": "layer", "key": new_key()}
    assert child.post("/consent/preferences", data=form, headers=HERE).status_code == 403
    assert grant(child, notice).status_code == 403
    assert [each.action for each in records(app)] == ["age_child"]


def test_an_older_cookie_makes_nobody_grow_up(app: Flask, notice: Notice) -> None:
    client = app.test_client()
    tell(client, notice, "adult")
    before = client.get_cookie("cw").value
    tell(client, notice, "child")
    client.set_cookie("cw", before)

    assert grant(client, notice).status_code == 403
    assert tell(client, notice, "adult") == 403


def test_erasing_everything_does_not_make_a_child_grow_up(
    app: Flask, child: FlaskClient, notice: Notice, sent: Send
) -> None:
    subject = subject_of(child)
    assert "only that you are under 14" in child.get("/consent/choices/erase?lang=en").text
    child.post("/consent/choices/erase", data={"locale": "en"}, headers=HERE)

    assert subject_of(child) != subject
    assert records(app) == []
    assert grant(child, notice).status_code == 403
    child.post("/consent/guardian", data={"address": ADDRESS}, headers=HERE)
    assert app.test_client().get(sent[0][1].removeprefix(HOME)).status_code == 200


def test_a_child_may_always_refuse_and_withdraw(child: FlaskClient, notice: Notice) -> None:
    for action in ("reject_all", "withdraw_all", "close", "opt_out"):
        assert grant(child, notice, action).status_code == 201, action
    assert grant(child, notice, "refuse", "data_analytics").status_code == 201


@pytest.mark.parametrize(("lang", "words"), [("en", "small files"), ("zh-CN", "小文件")])
def test_a_child_reads_words_for_children_and_finds_no_way_to_grant(child: FlaskClient, lang: str, words: str) -> None:
    page = child.get("/page", headers={"Accept-Language": lang}).text
    centre = child.get(f"/consent/preferences?lang={lang}").text

    assert words in page
    assert f"/consent/guardian?lang={lang}" in page
    for text in (page, centre):
        assert not re.search(r'value="(accept_all|save|allow|age_\w+)"', text)
    switches = re.findall(r'<input type="checkbox"[^>]*name="grant"[^>]*>', centre)
    assert switches
    assert all("disabled" in each and "checked" not in each for each in switches)


def test_a_page_that_rests_on_consent_tells_a_child_who_can_decide(child: FlaskClient) -> None:
    response = child.get("/report")

    assert response.status_code == 403
    assert "/consent/guardian" in response.text
    assert 'value="allow"' not in response.text


# The account


def test_the_accounts_band_wins_over_the_browsers(app: Flask, notice: Notice) -> None:
    client = app.test_client()
    tell(client, notice, "adult")
    grant(client, notice)

    assert granted(client, **{"X-Account-Band": "child"}) == set()
    assert grant(client, notice, **{"X-Account-Band": "child"}).status_code == 403
    assert len(granted(client)) == 7  # nothing was recorded by asking


def test_a_page_notes_what_the_account_says_once(app: Flask, notice: Notice) -> None:
    client = app.test_client()
    tell(client, notice, "adult")
    grant(client, notice)
    for _ in range(3):
        page = client.get("/page", headers={"X-Account-Band": "child"}).text
        assert 'data-band="c"' in page

    assert [(each.action, each.surface) for each in records(app)][2:] == [("age_child", "account")]
    with app.app_context():
        assert not processing.can_message(subject_of(client))
    assert grant(client, notice).status_code == 403  # also once he has signed out


def test_nothing_is_kept_of_a_child_who_has_not_chosen(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/page", headers={"X-Account-Band": "child"})

    assert "small files" in page.text
    assert "Set-Cookie" not in page.headers
    assert records(app) == []


def test_only_the_account_lets_somebody_grow_up_and_he_is_asked_anew(
    app: Flask, child: FlaskClient, notice: Notice, link: str
) -> None:
    app.test_client().post(link, data={"action": "save", "grant": "data_analytics"}, headers=HERE)
    assert granted(child) == {"data_analytics"}

    assert granted(child, **{"X-Account-Band": "teen"}) == set()
    page = child.get("/page", headers={"X-Account-Band": "teen"}).text
    assert 'value="accept_all"' in page
    with app.app_context():
        assert not processing.granted(subject_of(child), "data_analytics")


# Every way there is


KINDS: dict[str, Callable[[Notice], dict[str, Any]]] = {
    "accept_all": lambda notice: said(notice),
    "save": lambda notice: said(notice, "save", *[k for k, o in notice.options.items() if o.in_bulk]),
    **{
        f"allow {key}": lambda notice, key=key: said(notice, "allow", key, surface="ask")
        for key in (
            "event_eligibility",
            "contact_messages",
            "data_analytics",
            "identity_verification:checker",
            "partner_sharing:acme",
        )
    },
    "age_teen": lambda notice: said(notice, "age_teen"),
    "age_adult": lambda notice: said(notice, "age_adult"),
    "a guardian's": lambda notice: said(notice, "save", "data_analytics", surface="guardian"),
    "acting as one": lambda notice: said(notice) | {"actor": "guardian"},
    "saying a band": lambda notice: said(notice) | {"age_band": "18_or_over"},
}


def bodies(notice: Notice, token: str) -> list[dict[str, Any]]:
    """Everything that could grant something, as JSON and as a form."""
    every = list(notice.options)
    made: list[dict[str, Any]] = []
    for make in KINDS.values():
        body = make(notice)
        keys = [key for key, yes in body["purposes"].items() if yes]
        made.append({"json": body})
        made.append({"json": body | {"key": new_key(), "token": token}})
        made.append({"data": {**body, "key": new_key(), "purposes": "", "grant": keys or every}})
    made.append({"data": {"action": "erase"}})
    made.append({"data": {"address": ADDRESS}})
    made.append({"json": {"token": token}})
    return made


def paths(rule: Rule, notice: Notice) -> list[str]:
    values = {"locale": "en", "hash": "0" * 16, "version": notice.version, "filename": "x", "digest": "0" * 8}
    named = {name: values.get(name, "k" + "A" * 40) for name in rule.arguments}
    return [_built(rule, named)]


def _built(rule: Rule, named: dict[str, str]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: named[found[1]], rule.rule)


def test_a_child_grants_nothing_by_any_endpoint_and_any_method(
    app: Flask, child: FlaskClient, notice: Notice, sent: Send
) -> None:
    token = child.get_cookie("cw").value
    tried = 0
    for rule in list(app.url_map.iter_rules()):
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            for body in [{}] if method in ("GET", "HEAD", "OPTIONS") else bodies(notice, token):
                for path in paths(rule, notice):
                    child.open(path, method=method, headers=HERE, **body)
                    tried += 1
                    assert granted(child) == set(), (path, method, body)

    assert tried > 1000
    assert not [each for each in records(app) if any(each.purposes.values())]
    assert child.get_cookie("cw").value.startswith("1c.")
    with app.app_context():
        subject = subject_of(child)
        assert not any(
            processing.granted(subject, p.id) for p in notice.purposes if p.consent not in ("none", "separate")
        )
        assert not processing.may_share(subject, "acme")
    assert sent  # that way stood open: it leads to the guardian


def test_a_childs_grant_without_script_says_who_can_decide(child: FlaskClient, notice: Notice) -> None:
    form = {"action": "accept_all", "notice": notice.digest, "locale": "en", "surface": "layer", "key": new_key()}
    response = child.post("/consent/preferences", data=form, headers=HERE)

    assert response.status_code == 403
    assert "Nothing was switched on." in response.text
    assert "/consent/guardian" in response.text


# The guardian


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
def test_what_is_no_address_is_not_sent_to(child: FlaskClient, sent: Send, address: str) -> None:
    assert child.post("/consent/guardian", data={"address": address}, headers=HERE).status_code == 422
    assert sent == []


def ask(client: FlaskClient, address: str) -> int:
    return client.post("/consent/guardian", data={"address": address}, headers=HERE).status_code


def test_one_child_asks_five_times_a_day_whomever(child: FlaskClient, sent: Send) -> None:
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


def test_the_three_limits_answer_alike_and_an_address_stands_nowhere(
    make_app: MakeApp, notice: Notice, sent: Send
) -> None:
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


def test_a_way_to_send_that_fails_says_so_and_logs_no_address(
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


def test_a_child_known_by_his_account_alone_can_ask_too(app: Flask, sent: Send) -> None:
    client = app.test_client()
    told = {**HERE, "X-Account-Band": "child"}
    assert client.post("/consent/guardian", data={"address": ADDRESS}, headers=told).status_code == 200

    path = sent[0][1].removeprefix(HOME)
    assert app.test_client().get(path).status_code == 200
    assert client.get_cookie("cw").value.startswith("1c.")


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_the_guardian_sees_what_is_asked_and_only_what_the_notice_lets_him_grant(
    app: Flask, link: str, notice: Notice, lang: str
) -> None:
    page = app.test_client().get(link.partition("?")[0] + f"?lang={lang}").text

    offered = re.findall(r'name="grant" value="([^"]+)"', page)
    assert offered == [
        key for key, o in notice.options.items() if not o.for_adults and o.purpose.consent != "single_use"
    ]
    assert "identity_verification:checker" in offered
    assert "marketing_messages" not in offered
    assert "partner_sharing:acme" not in offered
    assert "checked" not in page
    for key in offered:
        assert notice.options[key].purpose.label[lang] in page


def test_what_a_guardian_grants_reaches_the_childs_browser_with_the_next_page(
    app: Flask, child: FlaskClient, link: str
) -> None:
    guardian = app.test_client()
    done = guardian.post(
        link, data={"action": "save", "grant": ["data_analytics", "identity_verification:checker"]}, headers=HERE
    )
    assert done.status_code == 303
    assert guardian.get_cookie("cw") is None

    child.get("/page")
    assert granted(child) == {"data_analytics", "identity_verification:checker"}
    assert child.get("/report").text == "let in"
    choice = records(app)[-1]
    assert (choice.actor, choice.surface, choice.age_band) == ("guardian", "guardian", "under_14")
    assert "accept_all" not in child.get("/page").text


@pytest.mark.parametrize("picked", ["marketing_messages", "partner_sharing:acme", "contact_messages", "typo"])
def test_a_guardian_grants_nothing_that_the_notice_does_not_let_him(app: Flask, link: str, picked: str) -> None:
    before = len(records(app))

    assert app.test_client().post(link, data={"action": "save", "grant": picked}, headers=HERE).status_code == 422
    assert len(records(app)) == before


def test_a_second_link_shows_what_stands_by_the_first(app: Flask, child: FlaskClient, link: str, sent: Send) -> None:
    guardian = app.test_client()
    guardian.post(link, data={"action": "save", "grant": "data_analytics"}, headers=HERE)
    child.post("/consent/guardian", data={"address": ADDRESS}, headers=HERE)
    second = sent.pop()[1].removeprefix(HOME)

    checked = re.findall(r'value="([^"]+)" checked', guardian.get(second).text)
    assert checked == ["data_analytics"]
    guardian.post(second, data={"action": "save", "grant": "service_improvement"}, headers=HERE)
    assert granted(child) == {"service_improvement"}


def test_a_guardian_may_refuse_everything(app: Flask, child: FlaskClient, link: str) -> None:
    assert app.test_client().post(link, data={"action": "refuse"}, headers=HERE).status_code == 303
    assert granted(child) == set()
    assert "cw-layer" not in child.get("/page").text


def bad_links(app: Flask, link: str) -> dict[str, str]:
    token = link.rpartition("/")[2].partition("?")[0]
    kind, subject, until, chance, signature = token.split(".")
    other = GuardianLinks(["another-key-0123456789"]).invite(subject, today() * 86400)
    with app.app_context():
        old = current_site().guardian_links.invite(subject, 0)
        stranger = current_site().guardian_links.invite(new_subject(), today() * 86400)
    return {
        "expired": old,
        "altered": token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1],
        "for another child": ".".join([kind, new_subject(), until, chance, signature]),
        "for nobody": stranger,
        "longer": ".".join([kind, subject, str(int(until) + 1), chance, signature]),
        "the way back": ".".join(["k", subject, until, chance, signature]),
        "signed with another key": other,
        "cut": token[:20],
        "a word": "guess",
        "strange": "%C3%A9%00",
        "deep": "a/b/c",
        "long": "a" * 3000,
    }


def test_a_link_that_is_not_good_opens_nothing_and_all_say_the_same(app: Flask, child: FlaskClient, link: str) -> None:
    guesser, before = app.test_client(), len(records(app))
    answers = set()
    for name, token in bad_links(app, link).items():
        for method in ("GET", "POST"):
            answer = guesser.open(
                f"/consent/guardian/{token}?lang=en",
                method=method,
                headers=HERE,
                data={"action": "save"} if method == "POST" else None,
            )
            assert answer.status_code == 404, name
            answers.add((answer.data, tuple(sorted(answer.headers.items()))))

    assert len(answers) == 1
    assert len(records(app)) == before


def test_a_link_has_one_spelling(app: Flask, link: str) -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    token = link.rpartition("/")[2].partition("?")[0]
    codes = [app.test_client().get(f"/consent/guardian/{token[:-1]}{letter}").status_code for letter in letters]

    assert sorted(codes) == [200, *[404] * 63]


def test_a_link_works_once(app: Flask, child: FlaskClient, link: str) -> None:
    guardian = app.test_client()
    guardian.get(link)
    assert guardian.get(link).status_code == 200
    assert guardian.post(link, data={"action": "save", "grant": "data_analytics"}, headers=HERE).status_code == 303

    never = guardian.get("/consent/guardian/guess?lang=en")
    again = guardian.get(link)
    assert (again.status_code, again.data) == (404, never.data)
    assert guardian.post(link, data={"action": "refuse"}, headers=HERE).status_code == 404
    assert granted(child) == {"data_analytics"}


@pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)
def test_of_fifty_uses_at_once_one_counts(make_app: MakeApp, notice: Notice, sent: Send, url: str) -> None:
    age = {"send": lambda *told: sent.append(told), "url": HOME}
    app = make_app(CONSENT_NOTICE=notice, CONSENT_DATABASE=url, CONSENT_AGE=age)
    client = app.test_client()
    tell(client, notice, "child")
    client.post("/consent/guardian", data={"address": ADDRESS}, headers=HERE)
    path = sent[0][1].removeprefix(HOME)
    before = len(records(app))

    def use(number: int) -> int:
        data = {"action": "save", "grant": "data_analytics"} if number % 2 else {"action": "refuse"}
        return app.test_client().post(path, data=data, headers=HERE).status_code

    with ThreadPoolExecutor(50) as pool:
        codes = list(pool.map(use, range(50)))
    assert sorted(codes) == [303, *[404] * 49]
    assert len(records(app)) == before + 1


def test_a_thousand_guesses_all_get_the_same(app: Flask, link: str) -> None:
    guesser, answers = app.test_client(), set()
    for number in range(1000):
        guess = [f"i.{new_subject()}.{2_000_000_000 + number}.{new_key()}.{new_key()}", new_key(), str(number)][
            number % 3
        ]
        answer = guesser.get(f"/consent/guardian/{guess}?lang=en")
        answers.add((answer.status_code, answer.data, tuple(sorted(answer.headers.items()))))

    ((status, body, headers),) = answers
    assert status == 404
    assert "does not work" in body.decode()
    assert dict(headers)["Cache-Control"] == "private, no-store"
    assert dict(headers)["Referrer-Policy"] == "no-referrer"


@pytest.fixture
def back(app: Flask, link: str) -> str:
    """The path of the guardian's lasting link, after he granted two things."""
    picked = {"action": "save", "grant": ["data_analytics", "identity_verification:checker"]}
    return str(app.test_client().post(link, data=picked, headers=HERE).location)


def test_the_guardian_gets_a_lasting_link_and_withdraws_by_it(app: Flask, child: FlaskClient, back: str) -> None:
    guardian = app.test_client()
    page = guardian.get(back).text
    assert f"{HOME}{back.removesuffix('&saved=1')}" in page.replace("&amp;", "&")
    assert "Data analytics" in page

    assert guardian.post(back, data={"action": "refuse", "grant": "data_analytics"}, headers=HERE).status_code == 303
    assert granted(child) == {"identity_verification:checker"}
    assert guardian.post(back, data={"action": "withdraw_all"}, headers=HERE).status_code == 303
    assert granted(child) == set()
    assert [each.actor for each in records(app)][-3:] == ["guardian"] * 3
    for data in ({"action": "save", "grant": "data_analytics"}, {"action": "accept_all"}, {"action": ""}):
        assert guardian.post(back, data=data, headers=HERE).status_code == 422
    assert granted(child) == set()


def test_the_guardian_has_everything_erased_and_nothing_is_sent_any_more(
    app: Flask, child: FlaskClient, notice: Notice, back: str, link: str
) -> None:
    subject, told, guardian = subject_of(child), [], app.test_client()

    def stop(app: Flask, subject: str, purposes: tuple[str, ...], reason: str) -> None:
        told.append((subject, reason))

    with consent_ended.connected_to(stop, app):
        erased = guardian.post(back, data={"action": "erase"}, headers=HERE)

    assert erased.status_code == 200
    assert "remainder" not in erased.text
    assert records(app) == []
    assert told == [(subject, "erased")]
    with app.app_context():
        assert not processing.can_message(subject)
    assert granted(child) == set()
    child.get("/page")
    assert grant(child, notice).status_code == 403
    for path in (back, link):
        assert guardian.get(path).status_code == 404


@pytest.mark.parametrize(("lang", "words"), [("en", "A remainder in the database’s own log"), ("zh-CN", "仍有残留")])
def test_a_guardian_is_told_what_a_reader_keeps_from_being_erased(
    app: Flask, back: str, tmp_path: Path, lang: str, words: str
) -> None:
    path, guardian = f"{back.partition('?')[0]}?lang={lang}", app.test_client()
    with closing(sqlite3.connect(tmp_path / "consent.sqlite")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM consent_choices").fetchone()
        page = guardian.post(path, data={"action": "erase"}, headers=HERE).text

    assert words in page
    assert records(app) == []


def test_a_foreign_page_decides_nothing_for_a_guardian(app: Flask, link: str, back: str) -> None:
    before = len(records(app))
    for path in (link, back):
        response = app.test_client().post(path, data={"action": "erase"}, headers={"Sec-Fetch-Site": "cross-site"})
        assert response.status_code == 403
    assert len(records(app)) == before


def test_while_the_store_is_away_a_child_has_nothing_granted(
    app: Flask, child: FlaskClient, back: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    child.get("/page")
    assert granted(child)

    def away(self: SQLStore, subject: str) -> list[Choice]:
        raise StoreError("away")

    monkeypatch.setattr(SQLStore, "history", away)
    assert granted(child) == set()
    assert app.test_client().get(back).status_code == 503


def test_for_everybody_else_no_page_asks_the_store(app: Flask, notice: Notice, monkeypatch: pytest.MonkeyPatch) -> None:
    client = app.test_client()
    tell(client, notice, "adult")
    grant(client, notice)

    def never(self: SQLStore, subject: str) -> list[Choice]:
        raise AssertionError("asked")

    monkeypatch.setattr(SQLStore, "history", never)
    assert client.get("/page").status_code == 200
    assert len(granted(client)) == 7


def test_the_history_says_what_a_guardian_decided(child: FlaskClient, back: str) -> None:
    page = child.get("/consent/choices?lang=en").text

    assert "By a parent or guardian" in page
    assert "Gave an age group" in page


def test_back_ends_are_told_what_the_band_forbids(app: Flask, notice: Notice) -> None:
    client, token_signer = app.test_client(), app.extensions["consent_widget"].token_signer
    tags = {option.fingerprint: Decision(True, today() + 1) for option in notice.options.values()}
    token = token_signer.write(State(new_subject(), 1, 1, notice.digest[:8], tags, "teen"))
    told = client.post("/consent/verify", json={"token": token}).json

    assert "data_analytics" in told["granted"]
    assert "marketing_messages" not in told["granted"]


def test_the_shipped_notices_speak_to_children_in_both_languages(shop: Notice, minimal: Notice) -> None:
    for notice in (shop, minimal):
        assert notice.child_body
        assert notice.child_body.keys() == {"zh-CN", "en"}
    section = next(each for each in shop.sections if each.id == "children")
    assert all(len(re.findall(r"\w+", each.text["en"])) < 60 for each in section.paragraphs)


def test_what_is_for_adults_alone_is_off_for_minors_whatever_the_state_says(notice: Notice) -> None:
    tags = {option.fingerprint: Decision(True, 9) for option in notice.options.values()}
    for band, answer in (("child", False), ("teen", False), ("adult", True), ("", True)):
        assert (
            permits(notice, State("s", decisions=tags, band=band), "marketing_messages", gpc=False, today=1) is answer
        )
