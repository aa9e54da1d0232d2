"""Only a person in a top-level page of the site grants by a form. Refusing takes nothing but a press."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner

from consent_widget import requires_consent
from consent_widget.choice.form_proof import FormProofs
from consent_widget.days import today
from consent_widget.notice.model import Notice
from consent_widget.web.press import mark

from ..conftest import KEY, MakeApp
from .test_pages import URL, Page, form, kept

#: What the test client calls itself.
AGENT = f"Werkzeug/{version('werkzeug')}"
ORIGIN = {"Origin": "http://localhost"}
SAME = ORIGIN | {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
#: What browsers send with a form that was pressed at top level, as it was seen (Chromium 156, Firefox ESR 153).
PRESSED = SAME | {"Sec-Fetch-Dest": "document", "Sec-Fetch-User": "?1"}
#: Where nobody can tell whether a person pressed.
UNKNOWN = {
    "a script of the page, in Chromium and Firefox; any press in WebKit": SAME | {"Sec-Fetch-Dest": "document"},
    "a service worker that passes requests on, Chromium": SAME | {"Sec-Fetch-Dest": "empty"},
    "the same, Firefox": SAME | {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "same-origin"},
    "plain HTTP, or a browser without Fetch Metadata": ORIGIN,
    "a user header of another value": PRESSED | {"Sec-Fetch-User": "?0"},
    "fetch by a script of the page": SAME | {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors"},
}
FRAMED = {
    **{each: PRESSED | {"Sec-Fetch-Dest": each} for each in ("iframe", "frame", "embed", "object", "fencedframe")},
    "a frame, not pressed": SAME | {"Sec-Fetch-Dest": "iframe"},
    "a frame in a browser of 2019": ORIGIN | {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "nested-navigate"},
}
unknown = pytest.mark.parametrize("headers", UNKNOWN.values(), ids=UNKNOWN)
framed = pytest.mark.parametrize("headers", FRAMED.values(), ids=FRAMED)
anyhow = pytest.mark.parametrize("headers", (UNKNOWN | FRAMED).values(), ids=UNKNOWN | FRAMED)
GRANTS: list[dict[str, Any]] = [
    {"action": "accept_all"},
    {"action": "save", "grant": ["data_analytics"]},
    {"action": "allow", "grant": "data_analytics"},
]
grants = pytest.mark.parametrize("answer", GRANTS, ids=lambda answer: answer["action"])
REFUSALS: list[dict[str, Any]] = [
    {"action": "reject_all"},
    {"action": "close"},
    {"action": "save"},
    {"action": "refuse", "grant": "data_analytics"},
    {"action": "withdraw_all"},
]


def layer(notice: Notice) -> dict[str, str]:
    """What a form can send that somebody has written into a comment: nothing that only a browser was sent."""
    return {"notice": notice.digest, "locale": "en", "surface": "layer", "next": "/shop"}


def of_day(app: Flask, ago: int, agent: str = "Browser/1") -> str:
    with app.test_request_context(headers={"User-Agent": agent}, environ_base={"REMOTE_ADDR": "127.0.0.1"}):
        return mark(app.extensions["consent_widget"].proofs, ago)


def ours(app: Flask, notice: Notice, agent: str = AGENT) -> dict[str, str]:
    """What our own first layer sends."""
    return layer(notice) | {"mark": of_day(app, 0, agent)}


def test_the_first_layer_is_marked_for_the_browser_that_it_was_made_for(app: Flask, shop: Notice) -> None:
    app.add_url_rule("/", "home", lambda: render_template_string("<body>{{ consent_widget() }}"))
    page = Page(app.test_client().get("/", headers={"User-Agent": "Browser/1"}).text)

    assert page.inputs["mark"] == [of_day(app, 0)]


@grants
def test_a_person_at_top_level_grants_with_one_press(app: Flask, shop: Notice, answer: dict[str, Any]) -> None:
    assert app.test_client().post(URL, data=ours(app, shop) | answer, headers=PRESSED).status_code == 303
    assert kept(app)[0].signals == ()


@pytest.mark.parametrize("ago", [0, 1])
def test_a_page_that_was_open_overnight_still_grants(app: Flask, shop: Notice, ago: int) -> None:
    filled = layer(shop) | {"action": "accept_all", "mark": of_day(app, ago)}

    assert app.test_client().post(URL, data=filled, headers=PRESSED | {"User-Agent": "Browser/1"}).status_code == 303


MARKS: dict[str, Callable[[Flask], str | None]] = {
    "none, as in a form in a comment": lambda app: None,
    "one of another browser, as from a cache": lambda app: of_day(app, 0, "Another/1"),
    "one of another network": lambda app: app.extensions["consent_widget"].proofs.mark(
        "198.51.100.0/24 Browser/1", today()
    ),
    "one of the day before yesterday": lambda app: of_day(app, 2),
    "another text": lambda app: "A" * 22,
}


@pytest.mark.parametrize("how", MARKS)
@grants
def test_a_form_that_we_did_not_make_for_this_browser_grants_nothing(
    app: Flask, shop: Notice, how: str, answer: dict[str, Any]
) -> None:
    marked = MARKS[how](app)
    filled = layer(shop) | ({"mark": marked} if marked else {}) | answer
    response = app.test_client().post(URL, data=filled, headers=PRESSED | {"User-Agent": "Browser/1"})

    assert "press once more" in response.text
    assert kept(app) == []


@framed
@grants
def test_in_a_frame_nothing_is_granted(
    app: Flask, shop: Notice, headers: dict[str, str], answer: dict[str, Any]
) -> None:
    response = app.test_client().post(URL, data=layer(shop) | answer, headers=headers)

    assert (response.status_code, response.json["type"]) == (403, "urn:consent_widget:framed")
    assert kept(app) == []
    assert "Set-Cookie" not in response.headers


@framed
def test_in_a_frame_no_proof_helps(app: Flask, client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.post(URL, data=form(client) | {"action": "accept_all"}, headers=headers).status_code == 403
    assert kept(app) == []


@unknown
@grants
def test_where_nobody_can_tell_who_pressed_nothing_is_granted_and_our_own_page_asks_once_more(
    app: Flask, shop: Notice, headers: dict[str, str], answer: dict[str, Any]
) -> None:
    client = app.test_client()
    asked = client.post(URL, data=layer(shop) | answer, headers=headers)
    page = Page(asked.text)

    assert kept(app) == []
    assert "Set-Cookie" not in asked.headers
    assert "press once more" in asked.text
    inputs = {name: values[0] for name, values in page.inputs.items() if name != "grant"}
    more = {"action": answer["action"], "grant": sorted(page.checked) or answer.get("grant", [])}
    if answer["action"] == "save":
        assert page.checked == set(answer["grant"])
    done = client.post(URL, data=inputs | more, headers=headers)
    assert (done.status_code, done.headers["Location"]) == (303, "/shop")
    assert [(choice.action, choice.signals) for choice in kept(app)] == [(answer["action"], ())]


def test_the_second_press_is_asked_for_in_the_visitors_language(app: Flask, shop: Notice) -> None:
    response = app.test_client().post(
        URL, data=layer(shop) | {"action": "accept_all", "locale": "zh-CN"}, headers=ORIGIN
    )

    assert "尚未开启任何项目" in response.text
    assert response.status_code == 422


@anyhow
@pytest.mark.parametrize("answer", REFUSALS, ids=lambda answer: answer["action"])
def test_a_refusal_always_counts_at_once(
    app: Flask, shop: Notice, headers: dict[str, str], answer: dict[str, Any]
) -> None:
    assert app.test_client().post(URL, data=layer(shop) | answer, headers=headers).status_code == 303
    assert [(choice.action, choice.signals) for choice in kept(app)] == [(answer["action"], ())]


@anyhow
def test_the_opt_out_of_sharing_always_counts_at_once(app: Flask, headers: dict[str, str]) -> None:
    assert app.test_client().post("/consent/do-not-share", data={"locale": "en"}, headers=headers).status_code == 200
    assert [choice.action for choice in kept(app)] == ["opt_out"]


@unknown
def test_a_site_that_lets_its_tests_grant_is_told_so_in_the_record(
    make_app: MakeApp, shop: Notice, headers: dict[str, str]
) -> None:
    app = make_app(CONSENT_NOTICE="shop", CONSENT_SCRIPTED_GRANTS=True)

    assert app.test_client().post(URL, data=layer(shop) | GRANTS[0], headers=headers).status_code == 303
    assert kept(app)[0].signals == ("scripted",)


@pytest.mark.parametrize("headers", [*UNKNOWN.values(), *FRAMED.values()], ids=[*UNKNOWN, *FRAMED])
@pytest.mark.parametrize("band", ["teen", "adult"])
def test_nobody_becomes_older_without_their_own_press(
    make_app: MakeApp, shop: Notice, headers: dict[str, str], band: str
) -> None:
    app = make_app(CONSENT_NOTICE="shop", CONSENT_AGE={})
    told = ours(app, shop) | {"action": f"age_{band}"}

    assert app.test_client().post(URL, data=told, headers=headers).status_code in (403, 422)
    assert kept(app) == []
    assert app.test_client().post(URL, data=told | {"action": "age_child"}, headers=headers).status_code == 303
    assert app.test_client().post(URL, data=told, headers=PRESSED).status_code == 303


def test_a_script_cannot_make_anybody_older_by_json_either(make_app: MakeApp, shop: Notice) -> None:
    app = make_app(CONSENT_NOTICE="shop", CONSENT_AGE={})
    said = {
        "key": "k" * 22,
        "notice": shop.digest,
        "locale": "en",
        "action": "age_adult",
        "surface": "layer",
        "purposes": {},
    }
    answer = app.test_client().post("/consent/records", json=said | {"scripted": True}, headers=SAME)

    assert (answer.status_code, kept(app)) == (422, [])
    assert app.test_client().post("/consent/records", json=said, headers=SAME).status_code == 201


# The proof


def forged() -> dict[str, str]:
    def of(browser: str, ago: int = 0) -> str:
        return FormProofs([KEY]).mark(browser, today() - ago)

    marked = of(f"127.0.0.0/24 {AGENT}")
    genuine = FormProofs([KEY]).make(marked)
    key, made, signature = genuine.split(".")

    class Yesterday(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(time.time()) - 86_460

    class Tomorrow(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(time.time()) + 86_460

    def signed(kind: type[TimestampSigner], salt: str = "consent_widget.form.") -> str:
        return kind([KEY], salt, ".", "hmac", hashlib.sha256).sign(key).decode()

    assert FormProofs([KEY]).holds(signed(TimestampSigner), [marked])
    return {
        "of a day before": signed(Yesterday),
        "of a day to come": signed(Tomorrow),
        "signed for something else": signed(TimestampSigner, "consent_widget.token.1."),
        "of another site": FormProofs([KEY], "other").make(marked),
        "of another key": FormProofs(["another-key-0123456789"]).make(marked),
        "for another act": f"{'k' * 22}{marked}.{made}.{signature}",
        "of a page made for another browser": FormProofs([KEY]).make(of("127.0.0.0/24 Another/1")),
        "of a page made for another network": FormProofs([KEY]).make(of(f"192.0.2.0/24 {AGENT}")),
        "of the day before yesterday": FormProofs([KEY]).make(of(f"127.0.0.0/24 {AGENT}", 2)),
        "made for no browser": FormProofs([KEY]).make(""),
        "cut": genuine[:-1],
        "without a signature": key,
        "nothing": "",
        "strange": "é.\x00.é",
        "long": genuine * 20,
    }


@pytest.mark.parametrize("why", forged())
def test_an_invalid_proof_grants_nothing_and_still_refuses(app: Flask, client: FlaskClient, why: str) -> None:
    filled = form(client) | {"key": forged()[why]}

    assert client.post(URL, data=filled | {"action": "accept_all"}, headers=ORIGIN).status_code == 422
    assert kept(app) == []
    if why not in ("strange", "long"):
        assert client.post(URL, data=filled | {"action": "reject_all"}, headers=ORIGIN).status_code == 303


OTHERS: dict[str, dict[str, Any]] = {
    "another browser": {"headers": {"User-Agent": "Another/1"}},
    "another network": {"environ_overrides": {"REMOTE_ADDR": "198.51.100.7"}},
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("path", [URL, "/report"])
@pytest.mark.parametrize("headers", [PRESSED, *UNKNOWN.values()], ids=["pressed", *UNKNOWN])
def test_the_key_of_a_page_that_somebody_else_fetched_grants_nothing_and_ours_asks_once_more(
    app: Flask, shop: Notice, other: dict[str, Any], path: str, headers: dict[str, str]
) -> None:
    app.add_url_rule("/report", "report", requires_consent("data_analytics")(lambda: "in"))
    copied = {"key": Page(app.test_client().get(path, **other).text).inputs["key"][0]}
    client, answer = app.test_client(), {"action": "accept_all"}
    asked = client.post(URL, data=layer(shop) | copied | answer, headers=headers)

    assert (asked.status_code, kept(app)) == (422, [])
    inputs = {name: values[0] for name, values in Page(asked.text).inputs.items() if name != "grant"}
    assert client.post(URL, data=inputs | answer, headers=headers).status_code == 303
    refused = app.test_client().post(URL, data=layer(shop) | copied | {"action": "withdraw_all"}, headers=headers)
    assert refused.status_code == 303
    assert [choice.action for choice in kept(app)] == ["accept_all", "withdraw_all"]


def test_a_page_of_ours_that_was_open_at_midnight_still_grants(app: Flask, client: FlaskClient) -> None:
    filled = form(client) | {"key": FormProofs([KEY]).make(of_day(app, 1, AGENT)), "action": "accept_all"}

    assert client.post(URL, data=filled, headers=ORIGIN).status_code == 303


def test_a_proof_is_good_for_one_act(app: Flask, client: FlaskClient) -> None:
    filled = form(client)
    for _ in range(3):
        client.post(URL, data=filled | {"action": "accept_all"}, headers=ORIGIN)

    assert [choice.action for choice in kept(app)] == ["accept_all"]


AGAIN: dict[str, tuple[str, str, dict[str, Any]]] = {
    "everything, on the preference centre": (URL, URL, {"action": "reject_all"}),
    "everything, by the switches": (URL, URL, {"action": "save"}),
    "one thing, on the page that asks for it": ("/report", URL, {"action": "refuse", "grant": "data_analytics"}),
    "selling and sharing": ("/consent/do-not-share", "/consent/do-not-share", {}),
}


@pytest.mark.parametrize("what", AGAIN)
def test_a_refusal_that_is_pressed_again_after_a_grant_counts_again(
    app: Flask, client: FlaskClient, shop: Notice, what: str
) -> None:
    app.add_url_rule("/report", "report", requires_consent("data_analytics")(lambda: "in"))
    path, to, answer = AGAIN[what]
    page = Page(client.get(path).text)  # which the browser keeps, and shows again by its back button
    filled = {name: values[0] for name, values in page.inputs.items() if name != "grant"} | answer

    def granted() -> set[str]:
        now = client.get("/consent/choices?format=json").json["now"]  # type: ignore[index]
        return {key for key, each in now.items() if each["granted"]}

    for _ in range(3):
        client.post(to, data=filled, headers=PRESSED)
    assert len(kept(app)) == 1
    denied = {key for key, granted in kept(app)[0].purposes.items() if not granted}
    for turn in (1, 2):
        client.post(URL, data=ours(app, shop) | {"action": "accept_all"}, headers=PRESSED)
        assert granted() & denied
        for _ in range(2):
            assert client.post(to, data=filled, headers=PRESSED).status_code in (200, 303)
            assert not granted() & denied
        assert len(kept(app)) == 1 + 2 * turn


def test_refusing_everything_again_ends_what_was_granted_on_the_way(
    app: Flask, client: FlaskClient, shop: Notice
) -> None:
    alone = next(key for key, option in shop.options.items() if option.purpose.control == "just_in_time")
    refusing = form(client) | {"action": "reject_all"}
    client.post(URL, data=refusing, headers=PRESSED)
    client.post(URL, data=ours(app, shop) | {"action": "allow", "grant": alone}, headers=PRESSED)
    client.post(URL, data=refusing, headers=PRESSED)

    assert [choice.action for choice in kept(app)] == ["reject_all", "allow", "reject_all"]


def test_no_proof_stands_in_a_page_of_the_site_which_may_be_cached(app: Flask, client: FlaskClient) -> None:
    app.add_url_rule("/", "home", lambda: render_template_string("<body>{{ consent_widget() }}"))
    pages = [app.test_client().get("/", headers=headers).text for headers in ({}, PRESSED, {"User-Agent": "another"})]
    marks = [Page(page).inputs["mark"][0] for page in pages]

    assert len({page.replace(mark, "") for page, mark in zip(pages, marks, strict=True)}) == 1
    assert len(set(marks)) == 2  # the same for all that one browser gets
    assert "key" not in Page(pages.pop()).inputs


@pytest.mark.parametrize("path", ["/consent/preferences", "/report", "/consent/do-not-share", "/consent/choices"])
def test_our_pages_run_no_script_and_cannot_be_framed_or_reached_by_their_opener(app: Flask, path: str) -> None:
    app.add_url_rule("/report", "report", requires_consent("data_analytics")(lambda: "in"))
    response = app.test_client().get(path)

    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


# What a frame could do besides


def test_a_layer_in_a_frame_does_not_grant_when_ctrl_opens_a_window(app: Flask, shop: Notice) -> None:
    app.add_url_rule("/", "home", lambda: render_template_string("<body>{{ consent_widget() }}"))
    client = app.test_client()
    page = client.get("/", headers={"Sec-Fetch-Dest": "iframe"})
    inputs = {name: values[0] for name, values in Page(page.text).inputs.items()}

    assert "Sec-Fetch-Dest" in page.vary
    assert client.post(URL, data=inputs | {"action": "accept_all"}, headers=PRESSED).status_code == 403
    assert client.post(URL, data=inputs | {"action": "reject_all"}, headers=PRESSED).status_code == 303


def test_every_form_of_ours_stays_in_its_own_window_whatever_the_page_says(make_app: MakeApp) -> None:
    app = make_app(CONSENT_NOTICE="shop", CONSENT_AGE={})
    app.add_url_rule("/", "home", lambda: render_template_string("<base target=_top>{{ consent_widget() }}"))
    app.add_url_rule("/report", "report", requires_consent("data_analytics")(lambda: "in"))
    client = app.test_client()
    for path in ("/", "/report", URL, "/consent/do-not-share"):
        forms = re.findall(r"<form[^>]*>", client.get(path).text)
        assert forms
        assert all('target="_self"' in each for each in forms)


# The guardian


@pytest.fixture
def sent() -> list[str]:
    return []


@pytest.fixture
def invitation(make_app: MakeApp, shop: Notice, sent: list[str]) -> tuple[Flask, str]:
    """An app, and the path of an invitation to decide for a child."""
    age = {"send": lambda address, link, locale: sent.append(link), "url": "http://localhost"}
    app = make_app(CONSENT_NOTICE="shop", CONSENT_AGE=age)
    child = app.test_client()
    child.post(URL, data=layer(shop) | {"action": "age_child"}, headers=PRESSED)
    child.post("/consent/guardian", data={"address": "mother@family.example"}, headers=PRESSED)
    return app, sent.pop().removeprefix("http://localhost")


@framed
def test_in_a_frame_no_guardian_grants_but_any_refuses(invitation: tuple[Flask, str], headers: dict[str, str]) -> None:
    app, link = invitation
    granting = {"action": "save", "grant": "data_analytics"}

    assert app.test_client().post(link, data=granting, headers=headers).status_code == 403
    assert app.test_client().post(link, data={"action": "refuse"}, headers=headers).status_code == 303
    assert [(choice.action, choice.actor) for choice in kept(app)][1:] == [("reject_all", "guardian")]


@unknown
def test_a_guardians_grant_counts_only_with_proof_that_they_saw_the_page(
    invitation: tuple[Flask, str], headers: dict[str, str]
) -> None:
    app, link = invitation
    guardian, granting = app.test_client(), {"action": "save", "grant": "data_analytics"}
    asked = guardian.post(link, data=granting, headers=headers)
    page = Page(asked.text)

    assert (asked.status_code, page.checked) == (422, {"data_analytics"})
    assert len(kept(app)) == 1
    inputs = {name: values[0] for name, values in page.inputs.items() if name != "grant"}
    assert guardian.post(link, data=inputs | granting, headers=headers).status_code == 303
    assert [choice.actor for choice in kept(app)] == ["subject", "guardian"]


@pytest.mark.parametrize("path", ["/consent/preferences", "/consent/do-not-share"])
def test_a_key_written_into_a_form_by_somebody_else_gets_no_token(app: Flask, shop: Notice, path: str) -> None:
    """A refusing form in a comment, with a key that its author knows: they cannot come back with it as the visitor."""
    planted = layer(shop) | {"action": "reject_all", "key": "k" * 22}
    victim, author = app.test_client(), app.test_client()
    victim.post(path, data=planted, headers=PRESSED | {"User-Agent": "Browser/1"})
    author.post(path, data=planted, headers=PRESSED | {"User-Agent": "Browser/2"})

    (theirs, own) = (client.get_cookie("cw") for client in (victim, author))
    assert theirs
    assert own is None or own.value.split(".")[1] != theirs.value.split(".")[1]
