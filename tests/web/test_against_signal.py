"""Allowing something in spite of the browser's opt-out signal: only who looks for it is asked, and only a person answers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from consent_widget import consent
from consent_widget.choice.policy import permits
from consent_widget.days import today
from consent_widget.notice.model import Notice
from consent_widget.subject import processing

from ..conftest import HERE, MakeApp
from ..support.choice_body import choice_body
from .test_pages import Page, kept

ON = {"Sec-GPC": "1"}
URL = "/consent/allow-anyway?lang=en&option=targeted_advertising"
PREFERENCES = "/consent/preferences?lang=en"
CONFIRMED = ("gpc", "gpc_conflict_confirmed")


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    app = make_app(CONSENT_NOTICE="shop")

    @app.get("/ads")
    def ads() -> str:
        return str(consent.granted("targeted_advertising"))

    @app.get("/measured")
    def measured() -> str:
        return str(consent.granted("marketing_measurement"))

    return app


def answer(client: FlaskClient, action: str, headers: dict[str, str] | None = None, **more: str) -> Any:
    fields = {name: values[0] for name, values in Page(client.get(URL, headers=ON).text).inputs.items()}
    return client.post(
        "/consent/preferences", data=fields | {"action": action} | more, headers={**HERE, **ON, **(headers or {})}
    )


def send(client: FlaskClient, body: dict[str, Any], **headers: str) -> int:
    return client.post("/consent/records", json=body, headers={**HERE, **headers}).status_code


def test_the_page_that_asks_is_found_from_the_switch_and_from_the_opt_out_page(client: FlaskClient) -> None:
    for path in (PREFERENCES, "/consent/do-not-share?lang=en"):
        assert "option=targeted_advertising" in client.get(path, headers=ON).text
        assert "allow-anyway" not in client.get(path).text  # without the signal there is nothing to confirm


@pytest.mark.parametrize(
    ("lang", "question", "answers"),
    [
        ("en", "Allow “Personalised advertising” all the same?", ["Keep it off", "Allow it all the same"]),
        ("zh-CN", "仍要允许“个性化广告”吗？", ["保持关闭", "仍然允许"]),
    ],
)
def test_it_asks_about_one_thing_with_two_equal_answers(
    client: FlaskClient, lang: str, question: str, answers: list[str]
) -> None:
    page = client.get(URL.replace("=en", f"={lang}"), headers=ON).text

    assert question in page
    buttons = re.findall(r"<button([^>]*)>([^<]*)</button>", page)
    assert [text for _, text in buttons] == answers
    assert len({re.sub(r'value="\w+"', "", attributes) for attributes, _ in buttons}) == 1
    assert "autofocus" not in page


def test_a_confirmed_grant_holds_on_record_and_against_the_signal(app: Flask, client: FlaskClient) -> None:
    assert answer(client, "allow").status_code == 303

    (choice,) = kept(app)
    assert (choice.action, choice.surface, choice.signals) == ("allow", "page", CONFIRMED)
    assert choice.purposes == {"targeted_advertising": True}
    assert client.get("/ads", headers=ON).text == "True"
    assert client.get("/measured", headers=ON).text == "False"
    page = client.get(PREFERENCES, headers=ON).text
    assert "targeted_advertising" in Page(page).checked  # it moves again
    assert "option=targeted_advertising" not in page
    assert "Allowed all the same" in client.get(f"/consent/records/{choice.id}?lang=en", headers=ON).text
    assert len(kept(app)) == 1  # the signal ends nothing by itself


def test_keeping_it_off_refuses_it(app: Flask, client: FlaskClient) -> None:
    answer(client, "refuse")

    assert [(choice.action, choice.purposes, choice.signals) for choice in kept(app)] == [
        ("refuse", {"targeted_advertising": False}, ("gpc",))
    ]
    assert client.get("/ads", headers=ON).text == "False"


def test_other_presses_keep_what_was_confirmed_and_confirm_nothing_more(client: FlaskClient, shop: Notice) -> None:
    answer(client, "allow")
    save = choice_body(shop, "save", "targeted_advertising", "marketing_measurement", surface="centre", gpc=True)
    assert send(client, save, **ON) == 201

    assert client.get("/ads", headers=ON).text == "True"
    assert client.get("/measured", headers=ON).text == "False"
    assert send(client, choice_body(shop, "accept_all", gpc=True), **ON) == 201
    assert client.get("/measured", headers=ON).text == "False"


@pytest.mark.parametrize(
    ("action", "more"), [("reject_all", {}), ("withdraw_all", {}), ("opt_out", {}), ("save", {}), ("refuse", {})]
)
def test_any_refusal_ends_it_for_good(client: FlaskClient, shop: Notice, action: str, more: dict[str, Any]) -> None:
    answer(client, "allow")
    picked = ["targeted_advertising"] if action == "refuse" else []
    assert send(client, choice_body(shop, action, *picked, **more), **ON) == 201
    assert client.get("/ads", headers=ON).text == "False"

    assert send(client, choice_body(shop, "accept_all")) == 201  # with the signal off, and on again
    assert client.get("/ads").text == "True"
    assert client.get("/ads", headers=ON).text == "False"


def test_what_is_allowed_without_the_signal_is_not_confirmed_with_it(client: FlaskClient, shop: Notice) -> None:
    answer(client, "allow")
    assert send(client, choice_body(shop, "allow", "marketing_measurement")) == 201

    assert client.get("/measured").text == "True"
    assert client.get("/measured", headers=ON).text == "False"


def test_what_was_allowed_before_the_signal_is_not_confirmed_by_confirming_something_else(
    client: FlaskClient, shop: Notice
) -> None:
    assert send(client, choice_body(shop, "allow", "marketing_measurement")) == 201
    answer(client, "allow")

    assert [client.get(path, headers=ON).text for path in ("/ads", "/measured")] == ["True", "False"]
    assert client.get("/measured").text == "False"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"action": "allow", "surface": "page", "gpc": True}, 422),  # nobody was asked
        ({"action": "allow", "surface": "ask", "gpc_conflict_confirmed": True}, 422),
        ({"action": "allow", "surface": "placeholder", "gpc_conflict_confirmed": True}, 422),
        ({"action": "accept_all", "surface": "page", "gpc_conflict_confirmed": True}, 422),
        ({"action": "save", "surface": "page", "gpc_conflict_confirmed": True}, 422),
        ({"action": "allow", "surface": "page", "gpc_conflict_confirmed": "yes"}, 422),
        ({"action": "allow", "surface": "page", "gpc_conflict_confirmed": True, "scripted": True}, 422),
        ({"action": "allow", "surface": "page"}, 201),  # recorded as denied
    ],
)
def test_nothing_else_overrides_the_signal(
    client: FlaskClient, shop: Notice, body: dict[str, Any], status: int
) -> None:
    picked = ["targeted_advertising"] if body["action"] == "allow" else []
    assert send(client, choice_body(shop, body["action"], *picked) | body, **ON) == status
    assert client.get("/ads", headers=ON).text == "False"


def test_no_script_confirms_even_where_scripts_may_grant(make_app: MakeApp, shop: Notice) -> None:
    client = make_app(CONSENT_NOTICE="shop", CONSENT_SCRIPTED_GRANTS=True).test_client()
    body = choice_body(
        shop, "allow", "targeted_advertising", surface="page", gpc_conflict_confirmed=True, scripted=True
    )

    response = client.post("/consent/records", json=body, headers={**HERE, **ON})

    assert response.status_code == 422
    assert "A script pressed this" in response.get_json()["detail"]


def test_a_form_that_nobody_can_tell_was_pressed_by_a_person_asks_the_same_again(
    app: Flask, client: FlaskClient
) -> None:
    response = answer(client, "allow", headers={"Sec-Fetch-Dest": "document"}, key="")

    assert response.status_code == 422
    assert "Allow “Personalised advertising” all the same?" in response.text
    assert kept(app) == []


def test_a_press_in_a_tab_that_does_not_know_of_a_refusal_in_another_does_not_count(
    client: FlaskClient, shop: Notice
) -> None:
    fields = {name: values[0] for name, values in Page(client.get(URL, headers=ON).text).inputs.items()}
    assert send(client, choice_body(shop, "reject_all"), **ON) == 201
    response = client.post("/consent/preferences", data=fields | {"action": "allow"}, headers={**HERE, **ON})

    assert response.status_code == 409
    assert client.get("/ads", headers=ON).text == "False"


def test_who_cannot_confirm_is_not_asked(make_app: MakeApp, client: FlaskClient) -> None:
    assert client.get(URL).location.startswith("/consent/preferences")  # no signal
    assert client.get(URL.replace("targeted_advertising", "data_analytics"), headers=ON).status_code == 404
    assert client.get("/consent/allow-anyway", headers=ON).status_code == 404
    teen = make_app(CONSENT_NOTICE="shop", CONSENT_AGE={"account": lambda: "teen"}).test_client()
    assert teen.get(URL, headers=ON).location.startswith("/consent/preferences")


def test_the_records_alone_say_the_same(app: Flask, client: FlaskClient, shop: Notice) -> None:
    answer(client, "allow")
    state = app.extensions["consent_widget"].token_signer.read(client.get_cookie("cw").value)  # type: ignore[union-attr]
    with app.app_context():
        assert processing.granted(state.subject, "targeted_advertising", gpc=True)
        assert not processing.granted(state.subject, "marketing_measurement", gpc=True)
    assert permits(shop, state, "targeted_advertising", gpc=True, today=today())


@pytest.mark.parametrize("band", ["teen", "child"])
def test_nothing_that_was_confirmed_stays_so_for_who_is_known_to_be_a_minor(
    app: Flask, client: FlaskClient, shop: Notice, band: str
) -> None:
    answer(client, "allow")
    state = app.extensions["consent_widget"].token_signer.read(client.get_cookie("cw").value)  # type: ignore[union-attr]
    minor = state.with_age_band(band)

    assert "-gpc" in state.decisions
    assert "-gpc" not in minor.decisions
    assert not permits(shop, minor, "targeted_advertising", gpc=True, today=today())
