"""One service decided alone, through every page and answer of the server."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from consent_widget import ConfigurationError, consent, processing
from consent_widget.choice.act import new_subject
from consent_widget.notice.model import Notice

from ..conftest import HERE, MakeApp
from ..support.choice_body import choice_body
from ..support.vendors import BOTH, FILM, PIXEL, TALLY, VENDORS, with_vendors
from .test_pages import Page, kept

PREFERENCES = "/consent/preferences"
TEMPLATE = "{% for id in ids if consent.granted_service(id) %}{{ id }} {% endfor %}"


@pytest.fixture
def notice(minimal: Notice) -> Notice:
    return with_vendors(minimal)


@pytest.fixture
def app(make_app: MakeApp, notice: Notice) -> Flask:
    app = make_app(CONSENT_NOTICE=notice)
    app.add_url_rule("/running", "running", lambda: render_template_string(TEMPLATE, ids=[each.id for each in VENDORS]))
    return app


def choose(client: FlaskClient, notice: Notice, action: str, **more: Any) -> dict[str, Any]:
    answer = client.post("/consent/records", json=choice_body(notice, action, **more), headers=HERE)
    assert answer.status_code == 201, answer.text
    assert answer.json is not None
    return answer.json


def running(client: FlaskClient, **headers: str) -> set[str]:
    return set(client.get("/running", headers=headers).text.split())


def test_the_record_the_cookie_and_every_question_agree_on_one_service(
    app: Flask, client: FlaskClient, notice: Notice
) -> None:
    receipt = choose(client, notice, "allow", purposes={FILM: True}, surface="placeholder")["receipt"]
    (record,) = kept(app)

    assert receipt["purposes"] == record.purposes == {FILM: True}
    assert running(client) == {"film"}
    assert running(client, **{"Sec-GPC": "1"}) == set()
    with app.app_context():
        assert processing.granted_service(record.subject, "film")
        assert not processing.granted_service(record.subject, "film", gpc=True)
        assert not processing.granted_service(record.subject, "pixel")
        assert not processing.granted(record.subject, "marketing")
        assert not processing.granted_service(new_subject(), "film")
        assert not processing.granted_service(None, "film")
        with pytest.raises(ConfigurationError, match="no service 'flim'"):
            processing.granted_service(record.subject, "flim")


def test_a_back_end_that_verifies_a_token_is_told_which_services_may_run(client: FlaskClient, notice: Notice) -> None:
    token = choose(client, notice, "save", purposes={"functional": True, "analytics": False, "marketing": True,
                                                     PIXEL: False, TALLY: True})["token"]  # fmt: skip
    told = client.post("/consent/verify", json={"token": token}, headers=HERE).json
    forged = client.post("/consent/verify", json={"token": token[:-1]}, headers=HERE).json

    assert told == {"genuine": True, "current": True, "granted": ["functional", "marketing", TALLY],
                    "services": ["film", "map", "tally"]}  # fmt: skip
    assert forged == {"genuine": False, "current": False, "granted": [], "services": []}


def test_a_forged_cookie_grants_no_service(app: Flask, client: FlaskClient, notice: Notice) -> None:
    choose(client, notice, "allow", purposes={TALLY: True})
    cookie = client.get_cookie("cw")
    assert cookie
    film, tally = (notice.options[key].fingerprint for key in (FILM, TALLY))
    client.set_cookie("cw", cookie.value.replace(tally, film))

    assert running(client) == set()


def test_no_request_of_a_script_grants_a_service(app: Flask, client: FlaskClient, notice: Notice) -> None:
    body = choice_body(notice, "allow", purposes={FILM: True}, scripted=True)

    assert client.post("/consent/records", json=body, headers=HERE).status_code == 422
    assert kept(app) == []


def filled(text: str, *picked: str, action: str = "save") -> dict[str, Any]:
    """The form of a page, with exactly these switches on."""
    inputs = Page(text).inputs
    hidden = {name: values[0] for name, values in inputs.items() if name != "grant"}
    return hidden | {"grant": list(picked), "action": action}


def save(client: FlaskClient, *picked: str) -> None:
    answer = client.post(PREFERENCES, data=filled(client.get(PREFERENCES).text, *picked), headers=HERE)
    assert answer.status_code == 303, answer.text


def on(client: FlaskClient) -> set[str]:
    """The switches that the form shows as on."""
    return Page(client.get(PREFERENCES).text).checked


def test_without_a_script_a_service_is_granted_and_refused_by_its_switch(
    app: Flask, client: FlaskClient, notice: Notice
) -> None:
    save(client, FILM)
    assert (running(client), on(client)) == ({"film"}, {FILM})
    assert kept(app)[-1].purposes == {"functional": False, "analytics": False, "marketing": False, FILM: True}
    save(client)
    assert (running(client), on(client)) == (set(), set())
    assert FILM not in kept(app)[-1].purposes


def test_without_a_script_services_follow_the_switch_of_their_purpose(client: FlaskClient) -> None:
    save(client, "marketing")
    assert running(client) == {"film", "pixel", "map"}
    assert on(client) == {"marketing", FILM, PIXEL, "marketing@map", "marketing@both"}
    save(client, *on(client) - {PIXEL})
    assert running(client) == {"film", "map"}
    save(client, *on(client) - {"marketing"})
    assert (running(client), on(client)) == (set(), set())


def test_without_a_script_an_exception_stands_until_it_or_its_purpose_is_moved(client: FlaskClient) -> None:
    save(client, "marketing")
    save(client, *on(client) - {PIXEL})
    save(client, *on(client), "functional")
    assert running(client) == {"film", "map"}
    save(client, *on(client) - {"marketing"})
    save(client, *on(client), "marketing")
    assert running(client) == {"film", "pixel", "map"}


def test_a_form_of_the_sites_own_that_knows_no_services_decides_about_purposes(client: FlaskClient, app: Flask) -> None:
    fields = filled(client.get(PREFERENCES).text, "analytics")
    del fields["shown"]
    client.post(PREFERENCES, data=fields, headers=HERE)

    assert kept(app)[-1].purposes == {"functional": False, "analytics": True, "marketing": False}
    assert running(client) == {"tally"}


def test_a_notice_without_services_has_neither_their_switches_nor_their_fields(make_app: MakeApp) -> None:
    text = make_app().test_client().get(PREFERENCES).text

    assert "@" not in "".join(Page(text).inputs["grant"])
    assert 'name="shown"' not in text
    assert "data-services" not in text


WORDS = {
    "en": ("Personalised advertising · Cinema", "Agreed to: Personalised advertising · Cinema"),
    "zh-CN": ("个性化广告 · 影院", "同意：个性化广告 · 影院"),
}


@pytest.mark.parametrize("lang", WORDS)
def test_my_choices_and_the_receipt_name_the_service(client: FlaskClient, notice: Notice, lang: str) -> None:
    receipt = choose(client, notice, "allow", purposes={FILM: True}, surface="placeholder", locale=lang)["receipt"]
    name, _ = WORDS[lang]
    mine = client.get("/consent/choices", query_string={"lang": lang}).text
    one = client.get(f"/consent/records/{receipt['id']}", query_string={"lang": lang}).text

    assert mine.count(name) >= 2  # what stands, and what was done
    assert name in one
    assert FILM in client.get("/consent/choices?format=json").json["now"]  # type: ignore[index]


def test_a_service_is_withdrawn_on_the_page_of_my_choices(app: Flask, client: FlaskClient, notice: Notice) -> None:
    choose(client, notice, "allow", purposes={FILM: True})
    page = client.get("/consent/choices").text
    client.post(PREFERENCES, data=filled(page, FILM, action="refuse"), headers=HERE)

    assert running(client) == set()
    assert kept(app)[-1].purposes == {FILM: False}


def test_the_lists_of_a_terminal_name_the_service(app: Flask, client: FlaskClient, notice: Notice) -> None:
    choose(client, notice, "allow", purposes=dict.fromkeys(BOTH, True))
    run = app.test_cli_runner()

    assert " ".join(f"+{key}" for key in BOTH) in run.invoke(args=["consent", "list"]).output
    assert json.loads(run.invoke(args=["consent", "export"]).output)["purposes"] == dict.fromkeys(BOTH, True)
    (row,) = csv.DictReader(io.StringIO(run.invoke(args=["consent", "export", "--format", "csv"]).output))
    assert json.loads(row["purposes"]) == dict.fromkeys(BOTH, True)


def test_the_opt_out_ends_what_was_granted_to_a_service_and_says_when_there_is_nothing_to_end(
    app: Flask, client: FlaskClient, notice: Notice
) -> None:
    url, already = "/consent/do-not-share?lang=en", "These are off for you:"
    choose(client, notice, "reject_all")
    assert already in client.get(url).text
    choose(client, notice, "allow", purposes={FILM: True})
    page = client.get(url).text
    assert already not in page
    client.post("/consent/do-not-share", data=filled(page, action="opt_out"), headers=HERE)

    assert running(client) == set()
    assert kept(app)[-1].purposes == {"marketing": False}
    assert already in client.get(url).text


def test_erasing_forgets_services_too(client: FlaskClient, app: Flask, notice: Notice) -> None:
    choose(client, notice, "allow", purposes={FILM: True})
    with app.app_context():
        processing.erase(kept(app)[0].subject)

    assert kept(app) == []
    choose(client, notice, "reject_all")
    assert running(client) == set()


def test_views_ask_for_services_that_the_notice_has(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(ConfigurationError, match="no service 'flim'"):
        consent.granted_service("flim")
