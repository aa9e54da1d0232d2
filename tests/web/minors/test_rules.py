"""The three rules that a purpose has for minors, each by what it does: also where the purpose is always on."""

from __future__ import annotations

import html
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from consent_widget import NoticeError, consent_ended, processing
from consent_widget.choice.policy import permits
from consent_widget.days import today
from consent_widget.notice.changes import asked_again
from consent_widget.notice.model import Notice
from consent_widget.notice.parts import MinorsRule
from consent_widget.site.site import current_site
from consent_widget.subject.records import replay_subject

from ...conftest import HERE, MakeApp
from ...support.minors import records, subject_of, tell

OPEN, SHUT = 200, 403


def agree(app: Flask, link: str, *keys: str) -> str:
    """The guardian agrees to these. Returns the path of their lasting link."""
    return str(app.test_client().post(link, data={"action": "save", "grant": list(keys)}, headers=HERE).location)


@pytest.mark.parametrize("band", ["", "teen", "adult"])
def test_only_a_child_waits_for_a_guardian_where_no_consent_is_needed(app: Flask, notice: Notice, band: str) -> None:
    client = app.test_client()
    if band:
        tell(client, notice, band)

    assert (client.get("/order").status_code, client.post("/order").status_code) == (OPEN, OPEN)


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_a_childs_order_asks_for_the_guardian_before_it_asks_for_a_name(child: FlaskClient, lang: str) -> None:
    answer = child.get("/order", headers={"Accept-Language": lang})
    words = {"en": ("once a parent or guardian agrees", "for 14"), "zh-CN": ("要家长同意后才能打开", "您同意")}[lang]

    assert (answer.status_code, child.post("/order").status_code) == (SHUT, SHUT)
    assert words[0] in answer.text
    assert words[1] not in answer.text
    assert f"/consent/guardian?lang={lang}" in answer.text
    assert "let in" not in answer.text


def test_a_child_of_an_account_who_has_no_cookie_yet_waits_too(app: Flask) -> None:
    assert app.test_client().get("/order", headers={"X-Account-Band": "child"}).status_code == SHUT


def test_the_order_opens_with_the_guardians_agreement_and_shuts_with_its_end(
    app: Flask, child: FlaskClient, link: str
) -> None:
    ended: list[tuple[str, ...]] = []

    def forget(app: Flask, subject: str, purposes: tuple[str, ...], reason: str) -> None:
        ended.append((*purposes, reason))

    page = app.test_client().get(link).text
    assert "Providing the goods and services asked for" in html.unescape(page)
    lasting = agree(app, link, "service_delivery")
    assert (child.get("/order").status_code, child.post("/order").status_code) == (OPEN, OPEN)
    with app.app_context():
        assert processing.granted(subject_of(child), "service_delivery")
        assert not processing.granted(subject_of(child), "payment_processing")
    with consent_ended.connected_to(forget, app):
        app.test_client().post(lasting, data={"action": "refuse", "grant": "service_delivery"}, headers=HERE)

    assert child.get("/order").status_code == SHUT
    assert ended == [("service_delivery", "withdrawn")]


def test_a_guardian_who_agrees_to_something_else_opens_no_order(app: Flask, child: FlaskClient, link: str) -> None:
    agree(app, link, "data_analytics")

    assert child.get("/order").status_code == SHUT


def test_a_child_withdraws_what_the_guardian_agreed_to_and_cannot_agree(
    app: Flask, child: FlaskClient, link: str, notice: Notice
) -> None:
    agree(app, link, "service_delivery")

    def say(action: str) -> int:
        data = {
            "action": action,
            "grant": "service_delivery",
            "notice": notice.digest,
            "locale": "en",
            "surface": "page",
        }
        return child.post("/consent/preferences", data=data, headers=HERE).status_code

    assert child.get("/order").status_code == OPEN
    assert say("refuse") == 303
    assert child.get("/order").status_code == SHUT
    assert say("allow") == 422
    assert child.get("/order").status_code == SHUT


def test_what_goes_on_without_a_guardian_says_so_and_what_is_for_adults_opens_for_no_minor(
    app: Flask, child: FlaskClient, link: str, notice: Notice
) -> None:
    teen = app.test_client()
    tell(teen, notice, "teen")
    agree(app, link, "service_delivery")

    assert [each.get("/safe").status_code for each in (child, teen)] == [OPEN, OPEN]
    for each in (child, teen):
        answer = each.get("/club")
        assert (answer.status_code, "not available to minors" in answer.text) == (SHUT, True)
        assert "/consent/guardian" not in answer.text


def test_the_guardians_agreement_is_asked_anew_when_what_it_covers_changes(
    app: Flask, child: FlaskClient, link: str, notice: Notice
) -> None:
    agree(app, link, "service_delivery")
    purposes = tuple(replace(p, revision=2) if p.id == "service_delivery" else p for p in notice.purposes)
    changed = replace(notice, purposes=purposes)
    with app.app_context():
        state = replay_subject(current_site(), subject_of(child)).state

    assert [permits(each, state, "service_delivery", gpc=False, today=today()) for each in (notice, changed)] == [
        True,
        False,
    ]
    assert "service_delivery" not in asked_again(notice, changed)  # nobody else is asked


def test_nobody_else_can_answer_for_what_is_always_on(app: Flask, notice: Notice) -> None:
    adult = app.test_client()
    tell(adult, notice, "adult")
    data: dict[str, Any] = {"action": "allow", "grant": "service_delivery", "notice": notice.digest, "locale": "en"}
    answer = adult.post("/consent/preferences", data=data | {"surface": "page"}, headers=HERE)

    assert answer.status_code == 422
    assert not [record for record in records(app) if record.purposes]


def test_a_template_asks_the_same_question(app: Flask, child: FlaskClient) -> None:
    assert [each.get("/basket").text for each in (child, app.test_client())] == ["ask", "order"]


def with_rule(notice: Notice, id: str, rule: MinorsRule) -> Notice:
    purposes = tuple(replace(each, minors=rule) if each.id == id else each for each in notice.purposes)
    return replace(notice, purposes=purposes)


def test_a_notice_cannot_say_that_a_child_agrees_alone(notice: Notice) -> None:
    with pytest.raises(NoticeError, match=r"data_analytics.minors: no child can agree alone"):
        with_rule(notice, "data_analytics", "allowed")


def test_a_notice_cannot_say_always_on_and_off_for_minors_where_ages_count(make_app: MakeApp, notice: Notice) -> None:
    contradicts = with_rule(notice, "consent_management", "off")

    make_app(CONSENT_NOTICE=contradicts)
    with pytest.raises(NoticeError, match=r"consent_management.minors: always on, and off for minors"):
        make_app(CONSENT_NOTICE=contradicts, CONSENT_AGE={})
