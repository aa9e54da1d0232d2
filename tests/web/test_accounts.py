"""With Flask-Login: the age band and the choice follow the account."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from consent_widget import choice_recorded, consent, processing
from consent_widget.notice.model import Notice

from ..conftest import HERE, MakeApp
from ..support.choice_body import choice_body

flask_login = pytest.importorskip("flask_login")
GRANT, REFUSAL = ("save", "analytics"), ("reject_all",)


class Account(flask_login.UserMixin):  # type: ignore[misc]
    """What the site knows about somebody."""

    def __init__(self, id: str, age_band: str | None) -> None:
        self.id, self.age_band, self.consent_subject = id, age_band, None


@pytest.fixture
def accounts() -> dict[str, Account]:
    return {"ada": Account("ada", "adult"), "kim": Account("kim", "child"), "lee": Account("lee", None)}


@pytest.fixture
def app(make_app: MakeApp, accounts: dict[str, Account], request: pytest.FixtureRequest) -> Any:
    user = flask_login.current_user
    age = {"account": lambda: user.age_band if user.is_authenticated else None, "ask": False}
    app = make_app(SECRET_KEY="s" * 40, CONSENT_AGE=age)
    manager = flask_login.LoginManager(app)
    manager.user_loader(accounts.get)

    # as docs/neighbours.md has it
    def sign_in(app: Flask, user: Account) -> None:
        user.consent_subject = consent.follow(user.consent_subject)

    def remember(app: Flask, choice: Any) -> None:
        if user.is_authenticated:
            user.consent_subject = choice.subject

    @app.get("/in/<name>")
    def enter(name: str) -> str:
        flask_login.login_user(accounts[name])
        return "in"

    @app.get("/who")
    def who() -> dict[str, Any]:
        return {"subject": consent.subject, "granted": consent.granted("analytics"), "band": consent.band}

    with flask_login.user_logged_in.connected_to(sign_in, app), choice_recorded.connected_to(remember, app):
        yield app


class Browser:
    """One browser, in which somebody chooses and signs in."""

    def __init__(self, app: Flask) -> None:
        self.app, self.client = app, app.test_client()

    def choose(self, action: str, *granted: str) -> str:
        notice: Notice = self.app.extensions["consent_widget"].notice
        body = choice_body(notice, action, *granted, after=None)
        del body["after"]
        answer = self.client.post("/consent/records", json=body, headers=HERE)
        assert answer.status_code == 201, answer.text
        return str(self.who()["subject"])

    def sign_in(self, name: str) -> dict[str, Any]:
        assert self.client.get(f"/in/{name}").status_code == 200
        return self.who()

    def who(self) -> dict[str, Any]:
        answer = self.client.get("/who").json
        assert isinstance(answer, dict)
        return answer


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The time by which choices are recorded, in milliseconds: one minute later with each look."""
    now = [1_800_000_000_000]

    def later() -> int:
        now[0] += 60_000
        return now[0]

    monkeypatch.setattr("consent_widget.subject.storing.now_ms", later)
    return now


def test_the_band_is_that_of_the_account_that_is_signed_in(app: Flask) -> None:
    browser = Browser(app)

    assert browser.who()["band"] == ""
    assert [browser.sign_in(name)["band"] for name in ("ada", "kim", "lee")] == ["adult", "child", ""]


def test_a_choice_follows_the_account_into_another_browser(
    app: Flask, accounts: dict[str, Account], clock: list[int]
) -> None:
    first, second = Browser(app), Browser(app)
    first.sign_in("ada")
    subject = first.choose(*GRANT)

    assert accounts["ada"].consent_subject == subject
    assert second.sign_in("ada") == {"subject": subject, "granted": True, "band": "adult"}
    assert second.choose(*REFUSAL) == subject
    with app.app_context():
        assert not processing.granted(subject, "analytics")
    assert first.sign_in("ada")["granted"] is False


@pytest.mark.parametrize(("older", "newer"), [(GRANT, REFUSAL), (REFUSAL, GRANT)])
def test_the_latest_press_counts_wherever_it_was(
    app: Flask, accounts: dict[str, Account], clock: list[int], older: Any, newer: Any
) -> None:
    account, browser = Browser(app), Browser(app)
    account.sign_in("ada")
    account.choose(*older)
    own = browser.choose(*newer)

    assert browser.sign_in("ada") == {"subject": own, "granted": newer == GRANT, "band": "adult"}
    assert accounts["ada"].consent_subject == own
    assert account.sign_in("ada")["subject"] == own


def test_an_earlier_choice_of_a_browser_yields_to_the_accounts(
    app: Flask, accounts: dict[str, Account], clock: list[int]
) -> None:
    account, browser = Browser(app), Browser(app)
    browser.choose(*GRANT)
    account.sign_in("ada")
    subject = account.choose(*REFUSAL)

    assert browser.sign_in("ada") == {"subject": subject, "granted": False, "band": "adult"}


def test_a_subject_that_was_erased_is_followed_no_more(app: Flask, accounts: dict[str, Account]) -> None:
    first, second = Browser(app), Browser(app)
    first.sign_in("ada")
    subject = first.choose(*GRANT)
    with app.app_context():
        processing.erase(subject)

    assert second.sign_in("ada")["subject"] is None
    assert accounts["ada"].consent_subject is None


def test_a_childs_browser_follows_no_account_whose_age_is_not_known(
    app: Flask, accounts: dict[str, Account], clock: list[int]
) -> None:
    child = Browser(app)
    child.choose(*REFUSAL)
    child.sign_in("kim")
    own = child.who()["subject"]
    grown = Browser(app)
    grown.sign_in("lee")
    subject = grown.choose(*GRANT)

    assert child.sign_in("lee")["subject"] in (own, subject)
    assert child.who()["granted"] is False or child.who()["band"] != "child"
