"""A guardian decides by the link, withdraws and erases by another; no other link opens anything."""

from __future__ import annotations

import re
import sqlite3
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from consent_widget import (
    consent_ended,
    processing,
)
from consent_widget.choice.act import new_key, new_subject
from consent_widget.choice.guardian_link import GuardianLinks
from consent_widget.days import today
from consent_widget.notice.model import Notice
from consent_widget.site.site import current_site

from ...conftest import HERE, MakeApp
from ...support.minors import ADDRESS, HOME, Send, grant, granted, records, subject_of, tell


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_the_guardian_sees_only_what_the_notice_lets_them_grant(
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
def test_a_guardian_cannot_grant_what_the_notice_does_not_let_them(app: Flask, link: str, picked: str) -> None:
    before = len(records(app))

    assert app.test_client().post(link, data={"action": "save", "grant": picked}, headers=HERE).status_code == 422
    assert len(records(app)) == before


def test_a_second_link_shows_what_was_granted_by_the_first(
    app: Flask, child: FlaskClient, link: str, sent: Send
) -> None:
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
    other = GuardianLinks(["another-key-0123456789"]).invitation_link(subject, today() * 86400)
    with app.app_context():
        old = current_site().guardian_links.invitation_link(subject, 0)
        stranger = current_site().guardian_links.invitation_link(new_subject(), today() * 86400)
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


def test_all_invalid_links_get_the_same_answer_and_open_nothing(app: Flask, child: FlaskClient, link: str) -> None:
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
def test_of_fifty_simultaneous_uses_one_counts(make_app: MakeApp, notice: Notice, sent: Send, url: str) -> None:
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


def test_no_way_of_deciding_stores_a_key_as_it_was_sent(app: Flask, child: FlaskClient, link: str, back: str) -> None:
    """Here an account, a child, and a guardian in both ways."""
    guardian = app.test_client()
    guardian.post(back, data={"action": "refuse", "grant": "data_analytics"}, headers=HERE)
    guardian.post(back, data={"action": "withdraw_all"}, headers=HERE)
    child.get("/page", headers={"X-Account-Band": "teen"})
    made = [(each.surface, each.action) for each in records(app)]

    assert made == [
        ("layer", "age_child"),
        ("guardian", "save"),
        ("guardian", "refuse"),
        ("guardian", "withdraw_all"),
        ("account", "age_teen"),
    ]
    assert [each.id for each in records(app) if uuid.UUID(each.id).version != 8] == []


def test_the_guardian_erases_everything_and_no_link_works_any_more(
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
def test_a_guardian_is_told_when_a_reader_of_the_database_delays_the_erasure(
    app: Flask, back: str, tmp_path: Path, lang: str, words: str
) -> None:
    path, guardian = f"{back.partition('?')[0]}?lang={lang}", app.test_client()
    with closing(sqlite3.connect(tmp_path / "consent.sqlite")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM consent_records").fetchone()
        page = guardian.post(path, data={"action": "erase"}, headers=HERE).text

    assert words in page
    assert records(app) == []


def test_a_foreign_page_decides_nothing_for_a_guardian(app: Flask, link: str, back: str) -> None:
    before = len(records(app))
    for path in (link, back):
        response = app.test_client().post(path, data={"action": "erase"}, headers={"Sec-Fetch-Site": "cross-site"})
        assert response.status_code == 403
    assert len(records(app)) == before


def test_the_history_says_what_a_guardian_decided(child: FlaskClient, back: str) -> None:
    page = child.get("/consent/choices?lang=en").text

    assert "By a parent or guardian" in page
    assert "Chose an age group" in page
