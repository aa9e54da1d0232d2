"""Where everybody under 18 is a child: in India, and wherever a site says so."""

from __future__ import annotations

import re

import pytest
from flask import Flask, request

from consent_widget.choice.act import new_subject
from consent_widget.choice.state import Decision, State
from consent_widget.notice.model import Notice

from ...conftest import HERE, MakeApp
from ...support.minors import ADDRESS, HOME, Send, ask, grant, granted, records, tell


@pytest.fixture
def app(make_app: MakeApp, notice: Notice, sent: Send) -> Flask:
    age = {
        "account": lambda: request.headers.get("X-Account-Band"),
        "send": lambda *told: sent.append(told),
        "url": HOME,
    }
    return make_app(CONSENT_NOTICE=notice, CONSENT_AGE=age, CONSENT_REGION="IN")


@pytest.mark.parametrize(("lang", "texts"), [("en", ["Under 18", "18 or over"]), ("zh-CN", ["未满 18 岁", "满 18 岁"])])
def test_the_question_has_two_answers(app: Flask, lang: str, texts: list[str]) -> None:
    page = app.test_client().get("/consent/preferences", query_string={"lang": lang}).text

    buttons = re.findall(r'<button[^>]*value="(age_\w+)"[^>]*>([^<]*)', page)
    assert [name for name, _ in buttons] == ["age_child", "age_adult"]
    assert [re.sub(r"\s", "", text) for _, text in buttons] == [re.sub(r"\s", "", text) for text in texts]


def test_who_said_that_they_are_a_teen_elsewhere_is_a_child_here(app: Flask, notice: Notice) -> None:
    client = app.test_client()
    tags = {option.fingerprint: Decision(True, 99_999) for option in notice.options.values()}
    teen = State(new_subject(), 1, 1_700_000_000, notice.digest[:8], tags, "teen")
    client.set_cookie("cw", app.extensions["consent_widget"].token_signer.write(teen))

    assert granted(client) == set()
    assert grant(client, notice).status_code == 403


def test_an_account_that_says_teen_says_child(app: Flask, notice: Notice) -> None:
    answer = grant(app.test_client(), notice, **{"X-Account-Band": "teen"})

    assert answer.status_code == 403


def test_a_press_on_an_older_question_makes_nobody_a_teen(app: Flask, notice: Notice) -> None:
    client = app.test_client()

    assert tell(client, notice, "teen") == 201
    assert records(app)[-1].age_band == "under_18"
    assert grant(client, notice).status_code == 403


def test_a_guardian_can_allow_what_is_needed_and_no_tracking(app: Flask, notice: Notice, sent: Send) -> None:
    child = app.test_client()
    tell(child, notice, "child")
    ask(child, ADDRESS)
    link = sent[-1][1].removeprefix(HOME)

    offered = re.findall(r'name="grant" value="([^"]+)"', app.test_client().get(link).text)
    assert offered == [key for key, option in notice.options.items() if option.for_guardian and not option.for_adults]
    refused = app.test_client().post(link, data={"action": "save", "grant": "data_analytics"}, headers=HERE)
    assert refused.status_code == 422
    done = app.test_client().post(link, data={"action": "save", "grant": offered}, headers=HERE)
    assert done.status_code == 303
    assert records(app)[-1].actor == "guardian"
