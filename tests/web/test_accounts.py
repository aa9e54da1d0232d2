"""Choices that follow the account (CONSENT_ACCOUNT): two devices, sign-out, shared computers, and the age band."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from contextlib import closing
from typing import Any

import pytest
from flask import Flask, render_template_string, session
from flask.testing import FlaskClient

from consent_widget import ConfigurationError, StoreError, choice_recorded, consent, processing
from consent_widget.choice.account import AccountNames
from consent_widget.choice.act import Choice
from consent_widget.choice.state import State
from consent_widget.notice.model import Notice
from examples.jsonlines_store import JSONLinesStore

from ..conftest import HERE, MakeApp
from ..support.choice_body import choice_body

GRANT, REFUSAL = ("save", "analytics"), ("reject_all",)
AGES = {"ada": "adult", "kim": "child", "lee": None}


def with_pages(app: Flask) -> Flask:
    @app.get("/in/<name>")
    def enter(name: str) -> str:
        session["user"] = name
        return "in"

    @app.get("/out")
    def leave() -> str:
        session.pop("user", None)
        return "out"

    @app.get("/page")
    def page() -> str:
        return render_template_string("<body>{{ consent_widget(locale='en') }}")

    @app.get("/who")
    def who() -> dict[str, Any]:
        return {"subject": consent.subject, "granted": consent.granted("analytics"), "band": consent.band}

    return app


def signed_in() -> str | None:
    return session.get("user")


@pytest.fixture
def settings() -> dict[str, Any]:
    return {"SECRET_KEY": "s" * 40, "CONSENT_ACCOUNT": signed_in}


@pytest.fixture
def app(make_app: MakeApp, settings: dict[str, Any]) -> Flask:
    return with_pages(make_app(**settings))


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The time by which choices are recorded, in milliseconds: one minute later with each look."""
    now = [1_800_000_000_000]

    def later() -> int:
        now[0] += 60_000
        return now[0]

    monkeypatch.setattr("consent_widget.subject.storing.now_ms", later)
    monkeypatch.setattr("consent_widget.days.now_ms", lambda: now[0])
    return now


class Device:
    """One browser, in which somebody chooses and signs in."""

    def __init__(self, app: Flask, **headers: str) -> None:
        self.app, self.client, self.headers = app, app.test_client(), headers

    def choose(self, action: str, *granted: str, status: int = 201, **more: Any) -> str:
        notice: Notice = self.app.extensions["consent_widget"].notice
        body = choice_body(notice, action, *granted, **more)
        answer = self.client.post("/consent/records", json=body, headers=HERE | self.headers)
        assert answer.status_code == status, answer.text
        return str(self.who()["subject"])

    def sign_in(self, name: str) -> dict[str, Any]:
        self.client.get(f"/in/{name}")
        return self.who()

    def sign_out(self) -> dict[str, Any]:
        self.client.get("/out")
        return self.who()

    def page(self) -> str:
        return self.client.get("/page", headers=self.headers).text

    def who(self) -> dict[str, Any]:
        answer = self.client.get("/who", headers=self.headers).json
        assert isinstance(answer, dict)
        return answer


def records(app: Flask) -> list[Choice]:
    return list(app.extensions["consent_widget"].store.export())


def links(app: Flask) -> list[Any]:
    with app.extensions["consent_widget"].store._engine.connect() as connection:
        return connection.exec_driver_sql("SELECT account, subject FROM consent_accounts").all()  # type: ignore[no-any-return]


def test_a_choice_follows_the_account_to_another_device_and_so_does_its_withdrawal(app: Flask) -> None:
    first, second = Device(app), Device(app)
    first.sign_in("ada")
    subject = first.choose(*GRANT)

    assert second.sign_in("ada") == {"subject": subject, "granted": True, "band": ""}
    assert second.choose(*REFUSAL) == subject
    assert first.who()["granted"] is False  # with the next page there, without signing in again
    with app.app_context():
        assert processing.subject_of("ada") == subject
        assert not processing.granted(subject, "analytics")


@pytest.mark.parametrize(("older", "newer"), [(GRANT, REFUSAL), (REFUSAL, GRANT)])
@pytest.mark.parametrize("signed_in", [True, False])
def test_the_most_recent_explicit_choice_wins_wherever_it_was_made(
    app: Flask, older: Any, newer: Any, *, signed_in: bool
) -> None:
    account, other = Device(app), Device(app)
    account.sign_in("ada")
    subject = account.choose(*older)
    if signed_in:
        other.sign_in("ada")
    other.choose(*newer)

    assert other.sign_in("ada") == {"subject": subject, "granted": newer == GRANT, "band": ""}
    assert account.who()["granted"] is (newer == GRANT)
    with app.app_context():
        assert processing.granted(subject, "analytics") is (newer == GRANT)


def test_an_earlier_choice_of_a_browser_yields_to_the_accounts(app: Flask) -> None:
    account, browser = Device(app), Device(app)
    browser.choose(*GRANT)
    account.sign_in("ada")
    subject = account.choose(*REFUSAL)

    assert browser.sign_in("ada") == {"subject": subject, "granted": False, "band": ""}
    assert len(records(app)) == 2  # nothing new was chosen


def test_a_clock_that_goes_back_brings_no_grant_back_that_the_account_has_withdrawn(app: Flask, clock: Any) -> None:
    account, browser = Device(app), Device(app)
    browser.choose(*GRANT)
    account.sign_in("ada")
    clock[0] += 3_600_000  # of a machine whose clock is an hour ahead
    account.choose(*GRANT)
    clock[0] -= 3_600_000
    account.choose(*REFUSAL)

    assert browser.sign_in("ada")["granted"] is False
    assert account.who()["granted"] is False


def test_silence_on_one_device_ends_no_refusal_of_another_and_no_grant(make_app: MakeApp, settings: Any) -> None:
    app = with_pages(make_app(CONSENT_NOTICE="shop", **settings))
    account, browser = app.test_client(), app.test_client()
    notice: Notice = app.extensions["consent_widget"].notice

    def choose(client: FlaskClient, action: str, *keys: str, **more: Any) -> None:
        body = choice_body(notice, action, *keys, **more)
        assert client.post("/consent/records", json=body, headers=HERE).status_code == 201

    account.get("/in/ada")
    choose(account, "save", "data_analytics")
    choose(browser, "allow", "marketing_messages", surface="ask")
    browser.get("/in/ada")
    browser.get("/page")

    assert [(choice.surface, dict(choice.purposes)) for choice in records(app)[2:]] == [
        ("taken_over", {"marketing_messages": True})
    ]
    with app.app_context():
        subject = processing.subject_of("ada")
        asked = [purpose.id for purpose in notice.purposes if purpose.control != "always_on"]
        granted = {id for id in asked if id in notice.options and processing.granted(subject, id)}
    assert granted == {"data_analytics", "marketing_messages"}


def test_what_was_chosen_before_the_first_sign_in_becomes_the_accounts_and_is_on_record_as_that(app: Flask) -> None:
    browser, next_device = Device(app, **{"Accept-Language": "en"}), Device(app)
    own = browser.choose(*GRANT, locale="zh-CN")
    there = browser.sign_in("ada")
    before, taken = records(app)

    assert taken.locale == "zh-CN", "the language in which the visitor read the notice, and not that of this request"
    assert there["granted"]
    assert there["subject"] == taken.subject != own == before.subject
    assert (taken.action, taken.surface, taken.signals) == ("save", "taken_over", ("account",))
    assert taken.valid_until == before.valid_until
    assert next_device.sign_in("ada")["granted"]


def test_the_records_say_that_a_choice_is_for_all_devices_and_never_whose_account_it_is(app: Flask) -> None:
    device = Device(app)
    device.sign_in("ada")
    device.choose(*REFUSAL)
    (record,) = records(app)
    ((name, subject),) = links(app)

    assert record.signals == ("account",)
    assert (subject, len(name)) == (record.subject, 16)
    assert "ada" not in json.dumps(record.plain())
    assert name.hex() not in json.dumps(record.plain()) + urlsafe_b64encode(name).decode()
    device.sign_out()
    device.choose(*GRANT)
    assert records(app)[-1].signals == ()


def test_after_signing_out_the_browser_has_its_own_choice_again_and_no_trace_of_the_accounts(app: Flask) -> None:
    family = Device(app)
    own = family.choose(*REFUSAL)
    family.sign_in("ada")
    account = family.choose(*GRANT)

    assert family.who() == {"subject": account, "granted": True, "band": ""}
    assert family.sign_out() == {"subject": own, "granted": False, "band": ""}
    cookies = family.client.get_cookie("cw"), family.client.get_cookie("cw-own")
    assert own in cookies[0].value  # type: ignore[union-attr]
    assert cookies[1] is None
    assert account not in family.client.get("/consent/choices?format=json").text


@pytest.mark.parametrize("known", [True, False])
def test_what_one_account_chose_is_never_taken_over_by_another(app: Flask, known: bool) -> None:
    shared, elsewhere = Device(app), Device(app)
    if known:
        elsewhere.sign_in("lee")
        elsewhere.choose(*REFUSAL)
    shared.sign_in("ada")
    shared.choose(*GRANT)
    shared.client.delete_cookie("cw-own")

    assert shared.sign_in("lee")["granted"] is False
    assert shared.who()["granted"] is False
    assert [each.surface for each in records(app)].count("taken_over") == 0
    assert shared.sign_out() == {"subject": None, "granted": False, "band": ""}


def test_an_answer_that_comes_after_that_to_a_sign_out_leaves_nothing_of_the_account(app: Flask) -> None:
    shared, elsewhere = Device(app), Device(app)
    shared.sign_in("ada")
    shared.choose(*GRANT)
    elsewhere.sign_in("ada")
    elsewhere.choose(*REFUSAL)
    notice: Notice = app.extensions["consent_widget"].notice

    def late(answer: Any) -> dict[str, Any]:
        cookies = [each.partition(";")[0].partition("=") for each in answer.headers.getlist("Set-Cookie")]
        assert "cw" in [name for name, _, _ in cookies]
        shared.sign_out()
        for name, _, value in cookies:
            shared.client.set_cookie(name, value)
        return shared.who()

    assert late(shared.client.get("/page")) == {"subject": None, "granted": False, "band": ""}
    shared.sign_in("ada")
    answer = shared.client.post("/consent/records", json=choice_body(notice, *GRANT), headers=HERE)
    assert late(answer) == {"subject": None, "granted": False, "band": ""}


def test_where_the_second_cookie_was_lost_nothing_of_the_account_stays_after_signing_out(app: Flask) -> None:
    shared = Device(app)
    shared.sign_in("ada")
    shared.choose(*GRANT)
    shared.client.delete_cookie("cw-own")
    assert shared.who()["granted"] is True
    assert "cw-told" not in shared.page()

    assert shared.sign_out() == {"subject": None, "granted": False, "band": ""}
    assert shared.client.get_cookie("cw") is None


def put_back(device: Device, token: str, where: str) -> None:
    """What somebody at a shared computer can do with a token of an account that they have kept."""
    if where == "second cookie":
        name = device.client.get_cookie("cw-own").value.partition(".")[0]  # type: ignore[union-attr]
        device.client.set_cookie("cw-own", f"{name}.{token}")
    else:
        device.client.set_cookie("cw", token, path="/" if where == "cookie" else "/who")


@pytest.mark.parametrize("where", ["cookie", "one cookie of two"])
@pytest.mark.parametrize("own", [None, REFUSAL])
def test_a_token_from_before_signing_out_grants_nothing_and_names_nobody(app: Flask, where: str, own: Any) -> None:
    shared = Device(app)
    browser = shared.choose(*own) if own else None
    shared.sign_in("ada")
    account = shared.choose(*GRANT)
    token = shared.client.get_cookie("cw").value  # type: ignore[union-attr]
    shared.sign_out()
    put_back(shared, token, where)

    here = shared.who()
    assert (here["subject"], here["granted"]) == (browser if where == "one cookie of two" else None, False)
    assert account not in shared.client.get("/consent/choices?format=json").text
    put_back(shared, token, where)
    assert shared.client.post("/consent/verify", json={"token": token}).json["genuine"] is (where != "cookie")  # type: ignore[index]
    assert app.test_client().post("/consent/verify", json={"token": token}).json["genuine"]  # type: ignore[index]


def test_a_token_from_before_signing_out_is_nobodys_for_another_account_and_is_not_erased_with_it(app: Flask) -> None:
    shared = Device(app)
    shared.sign_in("ada")
    ada = shared.choose(*GRANT)
    token = shared.client.get_cookie("cw").value  # type: ignore[union-attr]
    shared.sign_out()
    put_back(shared, token, "cookie")
    assert shared.sign_in("lee") == {"subject": None, "granted": False, "band": ""}
    lee = shared.choose(*REFUSAL)
    put_back(shared, token, "cookie")
    assert shared.who() == {"subject": lee, "granted": False, "band": ""}

    put_back(shared, token, "second cookie")
    shared.client.post("/consent/choices/erase", headers=HERE, data={"locale": "en"})
    assert {choice.subject for choice in records(app)} == {ada}
    shared.sign_in("lee")
    shared.choose(*REFUSAL)
    put_back(shared, token, "second cookie")
    assert shared.sign_out() == {"subject": None, "granted": False, "band": ""}


@pytest.mark.parametrize("kept_in", ["cookie", "body", "cookie from elsewhere"])
def test_a_token_from_before_signing_out_chooses_for_no_account(make_app: MakeApp, settings: Any, kept_in: str) -> None:
    app = with_pages(make_app(CONSENT_ORIGINS=["https://shop.example"], **settings))
    shared = Device(app)
    shared.sign_in("ada")
    subject = shared.choose(*REFUSAL)
    token = shared.client.get_cookie("cw").value  # type: ignore[union-attr]
    shared.sign_out()

    more = {"token": token} if kept_in == "body" else {}
    if kept_in != "body":
        shared.client.set_cookie("cw", token)
    if kept_in == "cookie from elsewhere":
        shared.headers = {"Origin": "https://shop.example", "Sec-Fetch-Site": "cross-site"}
    assert shared.choose(*GRANT, **more) != subject
    shared.headers = {}
    assert [choice.subject for choice in records(app)].count(subject) == 1
    with app.app_context():
        assert not processing.granted(subject, "analytics")
    assert shared.sign_in("lee") != subject


def test_a_browser_in_which_nobody_had_chosen_is_asked_again_once_somebody_has_signed_out(app: Flask) -> None:
    public = Device(app)
    public.sign_in("ada")
    public.choose(*GRANT)
    assert "cw-layer" not in public.page()

    assert public.sign_out() == {"subject": None, "granted": False, "band": ""}
    assert public.client.get_cookie("cw") is None
    assert "cw-layer" in public.page()


def test_two_accounts_in_one_browser_never_see_each_others_choices(app: Flask) -> None:
    browser = Device(app)
    browser.sign_in("ada")
    ada = browser.choose(*GRANT)

    assert browser.sign_in("lee") == {"subject": None, "granted": False, "band": ""}
    lee = browser.choose(*REFUSAL)
    assert browser.sign_in("ada") == {"subject": ada, "granted": True, "band": ""}
    assert browser.sign_in("lee") == {"subject": lee, "granted": False, "band": ""}
    assert {subject for _, subject in links(app)} == {ada, lee}


def test_an_old_cookie_of_a_signed_in_visitor_brings_nothing_back(app: Flask) -> None:
    first, second = Device(app), Device(app)
    first.sign_in("ada")
    first.choose(*GRANT)
    old = first.client.get_cookie("cw")
    second.sign_in("ada")
    second.choose(*REFUSAL)
    first.client.set_cookie("cw", old.value)  # type: ignore[union-attr]

    assert first.who()["granted"] is False
    assert first.client.get_cookie("cw").value != old.value  # type: ignore[union-attr]


def test_of_two_devices_that_choose_first_at_once_both_choose_for_one_subject(app: Flask) -> None:
    refusing, granting = Device(app), Device(app)
    for each in (refusing, granting):
        each.sign_in("ada")
        each.page()
    subject = refusing.choose(*REFUSAL, after="0")

    assert granting.choose(*GRANT, after="0", status=409) == subject  # pressed on a state that is no more
    assert {choice.subject for choice in records(app)} == {subject}
    state = granting.client.get_cookie("cw").value.split(".")  # type: ignore[union-attr]
    granting.choose(*GRANT, after=f"{state[1]}.{state[2]}")
    assert refusing.who()["granted"] is True


def test_the_link_is_made_once_however_many_devices_begin_at_the_same_moment(store: Any) -> None:
    name = b"0123456789abcdef"
    subjects = {store.link(name, subject).subject for subject in ("a" * 22, "b" * 22, "c" * 22)}

    assert subjects == {"a" * 22}
    assert store.linked([name]).subject == "a" * 22
    assert store.linked([b"another name 123"]) is None


def test_a_link_is_found_under_a_newer_key_and_kept_under_it(store: Any) -> None:
    before, after = AccountNames([b"k" * 32]), AccountNames([b"k" * 32, b"n" * 32])
    store.link(before.of("ada")[0], "a" * 22)

    assert store.linked(after.of("ada")).subject == "a" * 22
    assert store.linked(AccountNames([b"n" * 32]).of("ada")).subject == "a" * 22
    assert store.linked(before.of("ada")) is None


def test_an_account_has_another_name_at_every_site_and_with_every_key() -> None:
    names = {AccountNames([key], site).of("ada")[0] for key in (b"k" * 32, b"n" * 32) for site in ("", "shop")}

    assert len(names) == 4


@pytest.mark.parametrize("reference", ["", True, 1.5, b"ada", object()])
def test_what_names_no_account_is_nobodys_and_the_log_says_so(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture, reference: object
) -> None:
    app = with_pages(make_app(SECRET_KEY="s" * 40, CONSENT_ACCOUNT=lambda: reference))
    device = Device(app)

    assert device.choose(*GRANT)
    assert links(app) == []
    assert "CONSENT_ACCOUNT" in caplog.text


def test_a_fault_in_the_sites_function_breaks_no_page_and_changes_nothing(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    broken = [False]

    def account() -> str | None:
        if broken[0]:
            raise RuntimeError("the session's database is away")
        return signed_in()

    app = with_pages(make_app(SECRET_KEY="s" * 40, CONSENT_ACCOUNT=account))
    device = Device(app)
    device.sign_in("ada")
    subject = device.choose(*GRANT)
    broken[0] = True

    assert device.who() == {"subject": subject, "granted": True, "band": ""}
    assert "CONSENT_ACCOUNT: the function failed" in caplog.text


def test_the_opt_out_signal_of_one_device_turns_the_account_off_on_all(app: Flask) -> None:
    plain, private = Device(app), Device(app, **{"Sec-GPC": "1"})
    plain.sign_in("ada")
    subject = plain.choose("accept_all")
    private.sign_in("ada")
    private.page()

    with app.app_context():
        assert not processing.granted(subject, "marketing")
        assert processing.granted(subject, "analytics")
    assert [choice.action for choice in records(app)] == ["accept_all", "opt_out"]
    private.page()
    assert len(records(app)) == 2


def test_the_signal_counts_for_an_account_that_has_chosen_nothing_yet(app: Flask) -> None:
    private = Device(app, **{"Sec-GPC": "1"})
    private.sign_in("ada")
    assert "cw-layer" in private.page()
    (record,) = records(app)

    assert (record.action, record.surface, record.signals) == ("opt_out", "signal", ("gpc", "account"))
    assert not any(record.purposes.values())
    private.page()
    assert len(records(app)) == 1


def test_an_erased_account_begins_anew_and_every_device_forgets_it(app: Flask) -> None:
    first, second = Device(app), Device(app)
    first.sign_in("ada")
    subject = first.choose(*GRANT)
    second.sign_in("ada")
    with app.app_context():
        assert processing.erase_account("ada")
        assert processing.erase_account("ada")  # nothing is left, and that is no error

    assert links(app) == []
    assert second.who() == {"subject": None, "granted": False, "band": ""}
    assert first.choose(*REFUSAL) != subject
    second.who()
    assert subject not in str(second.client.get_cookie("cw"))


def test_who_erases_everything_erases_what_was_chosen_here_before_signing_in_too(app: Flask) -> None:
    device = Device(app)
    device.choose(*GRANT)
    device.sign_in("ada")
    assert len(records(app)) == 2
    device.client.post("/consent/choices/erase", headers=HERE, data={"locale": "en"})

    assert records(app) == [] == links(app)
    assert device.client.get_cookie("cw") is None
    assert device.sign_out()["subject"] is None


def test_a_purged_account_leaves_no_link(app: Flask) -> None:
    device = Device(app)
    device.sign_in("ada")
    device.choose(*GRANT)
    store = app.extensions["consent_widget"].store
    store.purge([records(app)])

    assert links(app) == []


def test_the_own_data_of_a_signed_in_visitor_says_that_it_is_the_accounts_and_since_when(app: Flask) -> None:
    device = Device(app)
    device.sign_in("ada")
    device.choose(*GRANT)
    answer = device.client.get("/consent/choices?format=json").json

    assert answer is not None
    assert set(answer["account"]) == {"linked_since"}
    assert (
        "all devices" in device.client.get("/consent/choices?lang=en").text
        or "every device" in device.client.get("/consent/choices?lang=en").text
    )


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [("en", "on every device where you are signed in"), ("zh-CN", "登录此账号的所有设备")],
)
def test_the_first_layer_says_that_the_choice_holds_on_all_devices_where_somebody_is_signed_in(
    app: Flask, lang: str, sentence: str
) -> None:
    app.add_url_rule(
        "/in-language", "lang", lambda: render_template_string("{{ consent_widget(locale=lang) }}", lang=lang)
    )
    device = Device(app)

    assert sentence not in device.client.get("/in-language").text
    device.sign_in("ada")
    assert sentence in device.client.get("/in-language").text


def test_the_next_device_is_told_once_that_choices_came_from_the_account_and_how_to_change_them(app: Flask) -> None:
    first, second = Device(app), Device(app)
    first.sign_in("ada")
    first.choose(*REFUSAL)
    assert "cw-told" not in first.page()
    second.sign_in("ada")
    told = second.page()

    assert "taken over from your account" in told
    assert 'href="/consent/preferences?lang=en"' in told.split("cw-told", 1)[1]
    assert "cw-told" not in second.page()


def test_a_visitor_is_told_that_what_they_chose_here_holds_for_their_account_now(app: Flask) -> None:
    first, second = Device(app), Device(app)
    first.sign_in("ada")
    first.choose(*REFUSAL)
    second.choose(*GRANT)
    second.sign_in("ada")

    assert "now hold for your account" in second.page()
    assert "taken over from your account" in first.page() or "cw-told" not in first.page()


def test_a_site_without_the_setting_sends_nothing_of_it(make_app: MakeApp) -> None:
    app = with_pages(make_app(SECRET_KEY="s" * 40))
    device = Device(app)
    device.sign_in("ada")
    page = device.page()

    assert "signed in" not in page
    assert "cw-told" not in app.extensions["consent_widget"].assets.layer_sheet
    device.choose(*GRANT)
    assert device.client.get_cookie("cw-own") is None


def test_while_the_store_is_away_the_cookie_of_the_same_account_counts(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = Device(app)
    device.sign_in("ada")
    subject = device.choose(*GRANT)
    store = app.extensions["consent_widget"].store

    def away(*_: object) -> None:
        raise StoreError("away")

    for name in ("linked", "link", "last_act", "history", "add"):
        monkeypatch.setattr(store, name, away)
    assert device.who() == {"subject": subject, "granted": True, "band": ""}
    token = device.client.get_cookie("cw").value  # type: ignore[union-attr]
    stranger = Device(app)
    stranger.client.set_cookie("cw", token)  # put back by hand: nobody can tell whose it is
    assert stranger.sign_in("lee") == {"subject": None, "granted": False, "band": ""}
    assert stranger.client.get_cookie("cw").value == token  # type: ignore[union-attr]
    assert device.sign_in("lee") == {"subject": None, "granted": False, "band": ""}
    assert device.sign_out()["subject"] is None


def test_a_store_of_ones_own_needs_what_accounts_need(make_app: MakeApp, tmp_path: Any) -> None:
    with closing(JSONLinesStore(tmp_path / "records")) as store, pytest.raises(ConfigurationError) as error:
        make_app(CONSENT_ACCOUNT=signed_in, CONSENT_STORE=store)

    assert "Add history, linked, link, last_act to CONSENT_STORE" in str(error.value)


def test_the_second_cookie_is_read_by_no_script_and_an_altered_one_grants_nothing(app: Flask) -> None:
    device = Device(app)
    device.sign_in("ada")
    device.choose(*GRANT)
    cookie = device.client.get_cookie("cw-own")
    assert cookie
    assert cookie.http_only
    token = device.client.get_cookie("cw").value  # type: ignore[union-attr]
    device.client.set_cookie("cw-own", cookie.value + token[:-4] + "AAAA")

    assert device.sign_out() == {"subject": None, "granted": False, "band": ""}


def test_a_listener_who_is_told_of_what_was_taken_over_may_ask_about_the_visitor(app: Flask) -> None:
    seen = []

    def listen(app: Flask, choice: Choice) -> None:
        seen.append((choice.surface, consent.account_band))

    device = Device(app)
    device.choose(*GRANT)
    with choice_recorded.connected_to(listen, app):
        device.sign_in("ada")

    assert seen == [("taken_over", None)]


def test_a_single_use_that_is_used_up_on_one_device_comes_back_on_none(make_app: MakeApp, settings: Any) -> None:
    app = with_pages(make_app(CONSENT_NOTICE="shop", **settings))
    notice: Notice = app.extensions["consent_widget"].notice
    app.add_url_rule("/use", "use", lambda: str(consent.use("contact_messages")))
    app.add_url_rule("/may", "may", lambda: str(consent.granted("contact_messages")))
    first, second = app.test_client(), app.test_client()
    first.get("/in/ada")
    body = choice_body(notice, "allow", "contact_messages", surface="ask")
    assert first.post("/consent/records", json=body, headers=HERE).status_code == 201
    second.get("/in/ada")

    assert [each.get("/may").text for each in (first, second)] == ["True", "True"]
    assert second.get("/use").text == "True"
    assert [each.get("/may").text for each in (first, second)] == ["False", "False"]
    assert first.get("/use").text == "False"


def test_a_cached_page_is_told_whose_choices_count_and_what_to_tell_once(make_app: MakeApp, settings: Any) -> None:
    app = with_pages(make_app(CONSENT_RENDER="cached", **settings))
    first, second = Device(app), Device(app)
    url = "/consent/account?lang=en"
    assert second.client.get(url).json == {"token": "", "bar": None, "signed_in": False}
    first.client.get("/in/ada")
    first.choose(*GRANT)
    second.client.get("/in/ada")
    answer = second.client.get(url)

    assert answer.json
    assert answer.json["signed_in"] is True
    assert answer.json["token"] == second.client.get_cookie("cw").value  # type: ignore[union-attr]
    assert "taken over from your account" in str(answer.json["bar"])
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert second.client.get(url).json["bar"] is None  # type: ignore[index]
    second.client.get("/out")
    assert second.client.get(url).json == {"token": "", "bar": None, "signed_in": False}
    assert second.client.get_cookie("cw") is None
    assert with_pages(make_app()).test_client().get(url).status_code == 404


class TestWithAges:
    """The account also says how old its visitor is."""

    @pytest.fixture
    def settings(self) -> dict[str, Any]:
        age = {"account": lambda: AGES.get(session.get("user", "")), "ask": False}
        return {"SECRET_KEY": "s" * 40, "CONSENT_ACCOUNT": signed_in, "CONSENT_AGE": age}

    def test_the_band_is_that_of_the_account_that_is_signed_in(self, app: Flask) -> None:
        device = Device(app)

        assert device.who()["band"] == ""
        assert [device.sign_in(name)["band"] for name in ("ada", "kim", "lee")] == ["adult", "child", ""]

    def test_nothing_that_a_grown_up_chose_in_the_browser_becomes_a_childs(self, app: Flask) -> None:
        device = Device(app)
        device.choose(*GRANT)
        there = device.sign_in("kim")

        assert (there["granted"], there["band"]) == (False, "child")
        assert device.sign_out()["granted"] is True

    def test_a_childs_browser_follows_no_account_whose_age_is_not_known(self, app: Flask) -> None:
        grown, family, own = Device(app), Device(app), "c" * 22
        grown.sign_in("lee")
        grown.choose(*GRANT)
        token = app.extensions["consent_widget"].token_signer.write(State(own, 1, band="child"))
        family.client.set_cookie("cw", token)
        there = family.sign_in("lee")

        assert (there["subject"], there["granted"]) == (own, False)
