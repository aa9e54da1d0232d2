"""How old a visitor is: the setting, the question, and what is off for each age band."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from consent_widget import (
    Choice,
    ConfigurationError,
    SQLStore,
    StoreError,
    consent_ended,
    processing,
)
from consent_widget.choice.act import new_key, new_subject
from consent_widget.choice.age import read_age, read_band
from consent_widget.choice.policy import permits
from consent_widget.choice.state import Decision, State
from consent_widget.days import today
from consent_widget.notice.model import Notice
from consent_widget.regions import region_of
from consent_widget.testing.stores import make_choice

from ...conftest import HERE, MakeApp
from ...support.choice_body import choice_body
from ...support.minors import ADDRESS, HOME, Send, grant, granted, records, subject_of, tell


def test_the_age_limit_of_a_child_is_the_regions_unless_the_site_sets_one() -> None:
    ages = [
        read_age({}).under(region_of(region)).child_below
        for region in ("CN", "US-CA", "UK", "EU", "FR", "", "IN", "ZZ")
    ]

    assert ages == [14, 13, 13, 16, 15, 14, 18, 18]
    assert read_age({"child_below": 15}).under(region_of("US")).child_below == 15
    assert read_age({"child_below": 18}).under(region_of("US")).child_below == 18


@pytest.mark.parametrize(
    "table",
    [
        "yes",
        {"birthday": True},
        {"child_below": 12},
        {"child_below": 19},
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


def test_without_the_setting_no_age_is_asked_for_or_accepted(make_app: MakeApp, shop: Notice) -> None:
    app = make_app(CONSENT_NOTICE="shop")
    client = app.test_client()

    assert tell(client, shop, "adult") == 422
    assert client.get("/consent/guardian").status_code == 404
    assert client.get("/consent/guardian/anything").status_code == 404
    assert grant(client, shop).status_code == 201


@pytest.mark.parametrize("field", ["birth_date", "birthday", "dob", "age", "age_band", "band", "actor"])
def test_no_birth_date_and_no_age_is_taken_anywhere(app: Flask, notice: Notice, field: str) -> None:
    body = choice_body(notice, "age_adult") | {field: "2015-06-01"}

    assert app.test_client().post("/consent/records", json=body, headers=HERE).status_code == 422
    assert records(app) == []


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", ["Under 14", "14 to 17", "18 or over"]), ("zh-CN", ["未满 14 岁", "14–17 岁", "满 18 岁"])],
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


def test_a_visitor_from_before_the_setting_is_asked_and_keeps_their_decisions(app: Flask, notice: Notice) -> None:
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


def test_a_teen_decides_alone_except_on_what_is_for_adults_only(app: Flask, notice: Notice) -> None:
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
    assert grant(client, notice, "allow", "event_eligibility").status_code == 422
    assert grant(client, notice, "allow", "identity_verification:checker").status_code == 201


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
def test_becoming_a_child_or_growing_up_drops_all_decisions(was: str, now: str | None, left: int) -> None:
    assert len(State("s", decisions={"AAAA": Decision(True, 9)}, band=was).with_age_band(now).decisions) == left


@pytest.mark.parametrize("band", ["teen", "adult"])
def test_a_child_cannot_unlock_by_switching_the_band_back(
    app: Flask, child: FlaskClient, notice: Notice, band: str
) -> None:
    problem = child.post("/consent/records", json=choice_body(notice, f"age_{band}"), headers=HERE)

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
    switches = re.findall(r'<[^>]* role="switch"[^>]*>', centre)
    assert switches
    assert all('aria-disabled="true"' in each and 'aria-checked="false"' in each for each in switches)
    assert 'name="grant"' not in centre


def test_a_page_that_rests_on_consent_tells_a_child_who_can_decide(child: FlaskClient) -> None:
    response = child.get("/report")

    assert response.status_code == 403
    assert "/consent/guardian" in response.text
    assert 'value="allow"' not in response.text


def test_back_ends_are_told_what_the_band_forbids(app: Flask, notice: Notice) -> None:
    client, token_signer = app.test_client(), app.extensions["consent_widget"].token_signer
    tags = {option.fingerprint: Decision(True, today() + 1) for option in notice.options.values()}
    subject = app.extensions["consent_widget"].store.add(make_choice(site="")).subject
    token = token_signer.write(State(subject, 2, 1, notice.digest[:8], tags, "teen"))
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


def test_only_for_children_a_page_reads_the_store(app: Flask, notice: Notice, monkeypatch: pytest.MonkeyPatch) -> None:
    client = app.test_client()
    tell(client, notice, "adult")
    grant(client, notice)

    def never(self: SQLStore, subject: str) -> list[Choice]:
        raise AssertionError("asked")

    monkeypatch.setattr(SQLStore, "history", never)
    assert client.get("/page").status_code == 200
    assert len(granted(client)) == 7


def test_while_the_store_is_unavailable_a_child_has_nothing_granted(
    app: Flask, child: FlaskClient, back: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    child.get("/page")
    assert granted(child)

    def away(self: SQLStore, subject: str) -> list[Choice]:
        raise StoreError("away")

    monkeypatch.setattr(SQLStore, "history", away)
    assert granted(child) == set()
    assert app.test_client().get(back).status_code == 503
