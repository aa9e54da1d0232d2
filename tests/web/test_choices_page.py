"""My choices: what stands, what was, each with its receipt; withdrawn, taken along, erased."""

from __future__ import annotations

import re
import secrets
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from flask import Flask
from flask.testing import FlaskClient

from consent_widget import Cookie, Service, SQLStore, StoreError, consent_ended, processing
from consent_widget.choice.act import Choice
from consent_widget.choice.actions import Action
from consent_widget.notice.model import Notice
from consent_widget.text import Text
from consent_widget.ui.dates import written_date, written_time
from consent_widget.ui.i18n import messages
from examples.jsonlines_store import JSONLinesStore

from ..conftest import HERE, MakeApp
from ..support.acts import act
from ..support.choice_body import choice_body
from ..support.parties import ACME
from .test_pages import Page

URL = "/consent/choices"


@pytest.fixture
def notice(shop: Notice) -> Notice:
    tally = Service(
        id="tally", name=Text({"zh-CN": "Tally", "en": "Tally"}), company="Tally", country="CN",
        purposes=("data_analytics",), cookies=(Cookie(name="tally_*"),),
    )  # fmt: skip
    return replace(shop, recipients=(ACME,), services=(tally,))


@pytest.fixture
def app(make_app: MakeApp, notice: Notice) -> Flask:
    return make_app(CONSENT_NOTICE=notice)


def choose(client: FlaskClient, notice: Notice, *args: str, **more: object) -> str:
    answer = client.post("/consent/records", json=choice_body(notice, *args, **more), headers=HERE)
    assert answer.status_code == 201
    assert answer.json is not None
    return str(answer.json["receipt"]["id"])


def kept(app: Flask) -> list[Choice]:
    return list(app.extensions["consent_widget"].store.export())


def forms(html: str) -> list[tuple[str, dict[str, str], str]]:
    """Where each form of a page goes, what it sends, and what its button says."""
    return [
        (
            re.search(r'action="([^"]*)"', form)[1],  # type: ignore[index]
            {name: values[0] for name, values in Page(form).inputs.items()}
            | dict(re.findall(r'<button[^>]*name="(\w+)" value="(\w+)"', form)),
            re.findall(r"<button[^>]*>([^<]*)", form)[0],
        )
        for form in re.findall(r"<form.*?</form>", html, re.DOTALL)
    ]


@pytest.mark.parametrize(("lang", "said_so"), [("en", "have not made a choice"), ("zh-CN", "还没有作出选择")])
def test_without_a_choice_there_is_a_way_to_make_one(client: FlaskClient, lang: str, said_so: str) -> None:
    page = client.get(URL, query_string={"lang": lang})

    assert said_so in page.text
    assert f'href="/consent/preferences?lang={lang}"' in page.text
    assert "Set-Cookie" not in page.headers
    assert forms(page.text) == []


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_the_page_shows_current_decisions_and_past_acts_in_words(
    client: FlaskClient, notice: Notice, lang: str
) -> None:
    choose(client, notice, "accept_all")
    choose(client, notice, "allow", "partner_sharing:acme")
    choose(client, notice, "refuse", purposes={"data_analytics": False})
    page = client.get(URL, query_string={"lang": lang}).text
    headings = {"en": ("agreed to", "refused", "History"), "zh-CN": ("您同意的", "您拒绝的", "历史记录")}[lang]
    standing, refused, past = (part.split("<h3>")[0] for part in re.split("|".join(headings), page)[1:4])
    label = {purpose.id: purpose.label[lang] for purpose in notice.purposes}

    assert f"{label['partner_sharing']} · Acme" in standing
    assert label["marketing_messages"] in standing
    assert label["data_analytics"] in refused
    assert label["data_analytics"] not in standing
    words = {
        "en": ["Refused or withdrew: ", "Agreed to: ", "Accepted all"],
        "zh-CN": ["拒绝或撤回：", "同意：", "全部接受"],
    }[lang]
    assert [past.index(word) for word in words] == sorted(past.index(word) for word in words)
    assert past.count(f'href="/consent/notice/{notice.digest}.{lang}"') == 3


def test_each_thing_is_withdrawn_by_its_own_button(app: Flask, client: FlaskClient, notice: Notice) -> None:
    choose(client, notice, "accept_all")
    choose(client, notice, "allow", "partner_sharing:acme")
    found = [(action, sent) for action, sent, _ in forms(client.get(URL).text) if "grant" in sent]
    assert len(found) == 8
    for action, sent in found:
        answer = client.post(action, data=sent, headers=HERE)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{URL}?lang=en&saved=1")

    assert [dict(choice.purposes) for choice in kept(app)[2:]] == [{sent["grant"]: False} for _, sent in found]
    assert "Withdraw" not in [button for _, _, button in forms(client.get(URL).text)]
    assert "Your choices are saved." in client.get(f"{URL}?lang=en&saved=1").text


def test_everything_is_withdrawn_by_one_button(app: Flask, client: FlaskClient, notice: Notice) -> None:
    choose(client, notice, "accept_all")
    choose(client, notice, "allow", "partner_sharing:acme")
    ((action, sent),) = [(a, s) for a, s, button in forms(client.get(URL).text) if button == "Withdraw everything"]
    client.post(action, data=sent, headers=HERE)

    assert kept(app)[-1].action == "withdraw_all"
    with app.app_context():
        assert not processing.may_share(kept(app)[0].subject, "acme")


def test_a_forged_form_withdraws_and_erases_nothing(app: Flask, client: FlaskClient, notice: Notice) -> None:
    choose(client, notice, "accept_all")
    for action, sent, _ in forms(client.get(URL).text + client.get(f"{URL}/erase").text):
        assert client.post(action, data=sent, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403

    assert len(kept(app)) == 1


def test_nobody_sees_anybody_elses(app: Flask, client: FlaskClient, notice: Notice) -> None:
    mine = choose(client, notice, "accept_all")
    other = app.test_client()
    theirs = choose(other, notice, "reject_all")

    assert mine in client.get(URL).text
    assert mine not in other.get(URL).text
    assert client.get(f"/consent/records/{mine}").status_code == 200
    assert client.get(f"/consent/records/{theirs}").status_code == 404
    assert other.get(f"/consent/records/{mine}").status_code == 404


def test_a_forged_cookie_shows_nothing(app: Flask, client: FlaskClient, notice: Notice) -> None:
    mine = choose(client, notice, "accept_all")
    cookie = client.get_cookie("cw")
    assert cookie
    *start, last = cookie.value  # its lowest bits are padding, so another one there may mean the same
    client.set_cookie("cw", "".join(start[:-1]) + ("A" if start[-1] != "A" else "B") + last)

    assert mine not in client.get(URL).text
    assert client.get(f"/consent/records/{mine}").status_code == 404


def test_what_the_store_has_ended_is_not_shown_as_granted_by_an_older_cookie(
    app: Flask, client: FlaskClient, notice: Notice
) -> None:
    choose(client, notice, "accept_all")
    cookie = client.get_cookie("cw")
    choose(client, notice, "withdraw_all")
    assert cookie
    client.set_cookie("cw", cookie.value)

    assert "Nothing at present." in client.get(URL).text


def test_the_page_says_where_the_opt_out_signal_keeps_something_off(client: FlaskClient, notice: Notice) -> None:
    choose(client, notice, "accept_all")
    plain, signalled = client.get(URL).text, client.get(URL, headers={"Sec-GPC": "1"}).text

    assert len(forms(plain)) == len(forms(signalled)) + 2
    assert signalled.count("Off, because your browser sends an opt-out signal (GPC).") == 2


def test_a_use_is_shown_beside_the_grant_that_it_used(app: Flask, client: FlaskClient, notice: Notice) -> None:
    choose(client, notice, "allow", "contact_messages")
    with app.app_context():
        assert processing.use(kept(app)[0].subject, "contact_messages")
    page = client.get(URL).text

    assert re.search(r"Used on <time [^>]*>\d+ \w+ \d{4}, \d\d:\d\d UTC</time>", page)
    assert "Nothing at present." in page


def test_choices_under_an_earlier_notice_are_shown_in_its_words(
    app: Flask, make_app: MakeApp, client: FlaskClient, notice: Notice
) -> None:
    id = choose(client, notice, "allow", "event_eligibility")
    purposes = tuple(each for each in notice.purposes if each.id != "event_eligibility")
    later = make_app(CONSENT_NOTICE=replace(notice, version="2.0.0", purposes=purposes)).test_client()
    cookie = client.get_cookie("cw")
    assert cookie
    later.set_cookie("cw", cookie.value)
    label = notice.purpose("event_eligibility").label["en"]  # type: ignore[union-attr]
    page, receipt = later.get(URL).text, later.get(f"/consent/records/{id}").text

    assert f"Agreed to: {label}" in page
    assert "Notice 1.0.0" in page
    assert label in receipt
    assert notice.digest in receipt


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_a_receipt_shows_the_record_and_the_notice(app: Flask, client: FlaskClient, notice: Notice, lang: str) -> None:
    id = choose(client, notice, "save", "data_analytics", locale=lang)
    page = client.get(f"/consent/records/{id}", query_string={"lang": lang})
    (choice,) = kept(app)
    plain = choice.plain()

    valid_until = written_date(str(plain["valid_until"]), lang)
    for told in (id, notice.digest, written_time(choice.time, lang), str(plain["time"])[:16], valid_until):
        assert told in page.text
    for purpose in ("data_analytics", "marketing_messages"):
        assert notice.purpose(purpose).label[lang] in page.text  # type: ignore[union-attr]
    assert notice.controller.name[lang] in page.text
    assert choice.subject not in page.text


def test_a_receipt_as_json_is_the_one_that_the_choice_was_answered_with(client: FlaskClient, notice: Notice) -> None:
    answer = client.post("/consent/records", json=choice_body(notice), headers=HERE).json
    assert answer is not None
    again = client.get(f"/consent/records/{answer['receipt']['id']}?format=json")

    assert again.json is not None
    assert answer["receipt"].items() <= again.json.items()
    assert again.headers["Content-Disposition"].startswith("attachment")


def test_a_thousand_guesses_all_get_the_same(client: FlaskClient, app: Flask, notice: Notice) -> None:
    choose(client, notice, "accept_all")
    theirs = choose(app.test_client(), notice, "accept_all")
    shapes = [
        lambda: str(uuid.uuid4()),
        lambda: secrets.token_urlsafe(16),
        lambda: str(secrets.randbelow(10_000)),
        lambda: f"{theirs[:-1]}{secrets.choice('0123456789abcdef'.replace(theirs[-1], ''))}",
        lambda: theirs.upper(),
        lambda: f"{theirs}/",
        lambda: f"{theirs}%00",
        lambda: f"..%2f{theirs}",
        lambda: "%27%20OR%201=1--",
        lambda: "x" * secrets.randbelow(2000) + "x",
    ]
    guesses = [theirs, *(shapes[number % len(shapes)]() for number in range(999))]
    answers = {
        (response.status_code, response.text, tuple(pair for pair in response.headers if pair[0] != "Date"))
        for response in (client.get(f"/consent/records/{guess}") for guess in guesses)
    }
    stranger = app.test_client().get(f"/consent/records/{theirs}")

    ((status, text, headers),) = answers
    assert status == 404
    assert (stranger.status_code, stranger.text, tuple(stranger.headers)) == (status, text, headers)


def test_a_stranger_with_json_gets_the_same_too(app: Flask, client: FlaskClient, notice: Notice) -> None:
    id = choose(client, notice, "accept_all")
    answers = [app.test_client().get(f"/consent/records/{each}?format=json") for each in (id, "nonsense")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].data == answers[1].data


@pytest.mark.parametrize("path", ["choices", "choices?format=json", "choices/erase", "records/{id}", "records/nobodys"])
def test_pages_about_the_visitor_are_not_cached_and_send_no_referrer(
    client: FlaskClient, notice: Notice, path: str
) -> None:
    id = choose(client, notice, "accept_all")
    headers = client.get(f"/consent/{path.format(id=id)}").headers

    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert {"Cookie", "Sec-GPC"} <= set(headers["Vary"].split(", "))
    assert "Access-Control-Allow-Origin" not in headers


def test_no_listed_origin_may_read_it(make_app: MakeApp, notice: Notice) -> None:
    client = make_app(CONSENT_NOTICE=notice, CONSENT_ORIGINS=["https://elsewhere.example"]).test_client()
    id = choose(client, notice, "accept_all")

    for path in ("choices", "choices?format=json", f"records/{id}?format=json", "do-not-share"):
        headers = client.get(f"/consent/{path}", headers={"Origin": "https://elsewhere.example"}).headers
        assert "Access-Control-Allow-Origin" not in headers


def test_everything_can_be_downloaded(app: Flask, client: FlaskClient, notice: Notice) -> None:
    choose(client, notice, "save", "data_analytics")
    choose(client, notice, "allow", "contact_messages")
    with app.app_context():
        processing.use(kept(app)[0].subject, "contact_messages")
    answer = client.get(f"{URL}?format=json")
    told = answer.json

    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-choices.json"'
    assert told is not None
    assert told["now"]["data_analytics"]["granted"] is True
    assert "contact_messages" not in told["now"]
    assert [len(each.pop("used")) for each in told["choices"]] == [0, 1]
    assert {each.pop("notice_version") for each in told["choices"]} == {"1.0.0"}
    assert told["choices"] == [choice.plain() for choice in kept(app)]


def test_erasing_asks_once_more_and_then_nothing_is_left(app: Flask, client: FlaskClient, notice: Notice) -> None:
    id = choose(client, notice, "accept_all")
    choose(client, notice, "allow", "partner_sharing:acme")
    client.set_cookie("tally_id", "1")
    subject = kept(app)[0].subject
    other = app.test_client()
    choose(other, notice, "accept_all")
    ended: list[str] = []

    def listen(app: Flask, reason: str, **_: object) -> None:
        ended.append(reason)

    asked = client.get(f"{URL}/erase?lang=en")
    assert len(kept(app)) == 3
    assert "It cannot be undone." in asked.text
    ((action, sent, _),) = forms(asked.text)
    with consent_ended.connected_to(listen):
        answer = client.post(action, data=sent, headers=HERE)

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{URL}?lang=en&erased=1")
    assert client.get_cookie("cw") is None
    assert client.get_cookie("tally_id") is None
    page = client.get(f"{URL}?lang=en&erased=1").text
    assert "Everything is erased." in page
    assert "You have not made a choice yet." in page
    assert client.get(f"/consent/records/{id}").status_code == 404
    assert ended == ["erased"]
    assert [choice.subject == subject for choice in kept(app)] == [False]
    with app.app_context():
        assert not processing.may_share(subject, "acme")
        assert not processing.can_message(subject)
        assert processing.can_message(kept(app)[0].subject)


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "The records are erased. A remainder in the database’s own log"), ("zh-CN", "仍有残留")]
)
def test_a_visitor_is_told_when_a_reader_of_the_database_delays_the_erasure(
    app: Flask, client: FlaskClient, notice: Notice, tmp_path: Path, lang: str, words: str
) -> None:
    choose(client, notice, "accept_all")
    with closing(sqlite3.connect(tmp_path / "consent.sqlite")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM consent_records").fetchone()
        answer = client.post(f"{URL}/erase?lang={lang}", data={"locale": lang}, headers=HERE)
        page = client.get(answer.headers["Location"]).text

    assert words in page
    assert "Everything is erased." not in page
    assert "全部记录已删除。" not in page
    assert (client.get_cookie("cw"), kept(app)) == (None, [])


def test_on_https_the_bound_cookie_goes_too(client: FlaskClient, notice: Notice) -> None:
    secure = {"base_url": "https://shop.example", "headers": {"Sec-Fetch-Site": "same-origin"}}
    client.post("/consent/records", json=choice_body(notice), **secure)
    answer = client.post(f"{URL}/erase", data={"locale": "en"}, **secure)

    assert answer.headers["Set-Cookie"].startswith("__Host-cw=;")
    assert {"Secure", "Path=/", "Max-Age=0"} <= set(answer.headers["Set-Cookie"].split("; "))


def test_a_cookie_that_comes_back_after_erasure_brings_nothing_back(
    app: Flask, client: FlaskClient, notice: Notice
) -> None:
    choose(client, notice, "accept_all")
    cookie, subject = client.get_cookie("cw"), kept(app)[0].subject
    client.post(f"{URL}/erase", data={"locale": "en"}, headers=HERE)
    assert cookie
    client.set_cookie("cw", cookie.value)

    assert "You have not made a choice yet." in client.get(URL).text
    with app.app_context():
        assert not processing.can_message(subject)


def test_there_is_nothing_to_erase_before_a_choice(client: FlaskClient) -> None:
    for answer in (client.get(f"{URL}/erase"), client.post(f"{URL}/erase", data={"a": "b"}, headers=HERE)):
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith(f"{URL}?lang=")


@pytest.mark.parametrize("path", [URL, f"{URL}?format=json", "/consent/records/x", f"{URL}/erase"])
def test_an_unavailable_store_is_reported_and_nothing_breaks(
    app: Flask, client: FlaskClient, notice: Notice, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(client, notice, "accept_all")

    def away(*_: object) -> Iterator[Choice]:
        raise StoreError("away")

    for method in ("history", "erase"):
        monkeypatch.setattr(app.extensions["consent_widget"].store, method, away)
    answer = client.post(path, data={"a": "b"}, headers=HERE) if path.endswith("erase") else client.get(path)

    assert answer.status_code == 503
    assert "cannot be read at the moment" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_a_store_that_cannot_be_read_back_still_shows_what_stands(
    make_app: MakeApp, notice: Notice, tmp_path: Path
) -> None:
    store = JSONLinesStore(tmp_path / "choices.jsonl")
    client = make_app(CONSENT_NOTICE=notice, CONSENT_STORE=store).test_client()
    id = choose(client, notice, "accept_all")
    page = client.get(URL).text

    assert len([sent for _, sent, _ in forms(page) if "grant" in sent]) == 7
    assert "Erase everything" not in page
    assert client.get(f"/consent/records/{id}").status_code == 404
    store.close()


def test_a_long_history_is_all_there(make_app: MakeApp, notice: Notice, tmp_path: Path) -> None:
    app = make_app(CONSENT_NOTICE=notice)
    client, store = app.test_client(), app.extensions["consent_widget"].store
    choose(client, notice, "accept_all")
    assert isinstance(store, SQLStore)
    subject = kept(app)[0].subject
    for number in range(300):
        act(store, notice, subject, ("reject_all", "accept_all")[number % 2], seq=number + 2)

    assert client.get(URL).text.count("/consent/records/") == 301


def test_the_pages_lead_to_each_other(client: FlaskClient, notice: Notice, app: Flask) -> None:
    link = 'href="/consent/choices?lang=en"'

    assert client.get("/consent/preferences?lang=en").text.count(link) == 2
    assert link in client.get("/consent/notice?lang=en").text
    assert b'"choices?lang=en"' in client.get("/consent/i18n/en.json").data


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_every_act_has_words(app: Flask, notice: Notice, lang: str) -> None:
    client = app.test_client()
    choose(client, notice, "accept_all")
    choose(client, notice, "acknowledge", purposes={})
    page = client.get(f"/consent/choices?lang={lang}")

    assert {"zh-CN": "知悉声明的变更", "en": "Saw what changed in the notice"}[lang] in page.text
    assert {f"did_{action}" for action in get_args(Action)} <= messages(lang).keys()


def test_no_page_and_no_file_of_a_visitor_gives_access_to_their_records(
    app: Flask, client: FlaskClient, notice: Notice
) -> None:
    choose(client, notice, "accept_all")
    choose(client, notice, "allow", "partner_sharing:acme")
    receipts = [f"/consent/records/{choice.id}" for choice in kept(app)]
    pages = [URL, f"{URL}?format=json", *receipts, *(f"{each}?format=json" for each in receipts)]
    runner = app.test_cli_runner()
    told = [client.get(each).text for each in pages]
    told += [runner.invoke(args=["consent", "export", "--format", form]).output for form in ("jsonl", "csv")]
    cookie = client.get_cookie("cw")

    assert cookie
    assert all(kept(app)[0].id in each for each in (told[0], told[1], *told[-2:]))
    assert not [each for each in told if cookie.value in each or cookie.value.rpartition(".")[2] in each]


def test_after_an_erasure_in_the_back_office_the_visitors_page_clears_their_browser(
    app: Flask, client: FlaskClient, notice: Notice
) -> None:
    choose(client, notice, "accept_all")
    client.set_cookie("tally_id", "1")
    with app.app_context():
        processing.erase(kept(app)[0].subject)

    assert "You have not made a choice yet." in client.get(f"{URL}?lang=en").text
    assert client.get_cookie("cw") is None
    assert client.get_cookie("tally_id") is None


def test_a_listener_that_fails_keeps_nobody_from_being_erased(app: Flask, client: FlaskClient, notice: Notice) -> None:
    heard: list[str] = []

    def fails(app: Flask, **_: object) -> None:
        raise RuntimeError("down")

    def hears(app: Flask, reason: str, **_: object) -> None:
        heard.append(reason)

    choose(client, notice, "accept_all")
    with consent_ended.connected_to(fails), consent_ended.connected_to(hears):
        answer = client.post(f"{URL}/erase", data={"locale": "en"}, headers=HERE)

    assert answer.status_code == 303
    assert client.get_cookie("cw") is None
    assert kept(app) == []
    assert heard == ["erased"]


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_a_choice_that_cannot_be_verified_is_not_called_none(client: FlaskClient, notice: Notice, locale: str) -> None:
    choose(client, notice)
    kept = client.get_cookie("cw")
    assert kept
    client.set_cookie("cw", kept.value[:-4] + "AAAA")
    page = client.get(f"{URL}?lang={locale}").text

    assert messages(locale)["choices_unverified"].partition("{")[0] in page
    assert messages(locale)["choices_none"] not in page
    assert f'href="mailto:{notice.controller.email[locale]}"' in page
