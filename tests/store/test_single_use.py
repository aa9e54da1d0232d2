"""One agreement, one use."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from consent_widget import ConfigurationError, SQLStore, consent, processing, requires_consent
from consent_widget.choice.act import new_subject
from consent_widget.choice.replay import Grant
from consent_widget.notice.model import Notice

from ..conftest import HERE, MakeApp
from ..support.acts import act
from ..support.choice_body import choice_body

PURPOSE = "contact_messages"


@pytest.fixture
def app(make_app: MakeApp, store: SQLStore) -> Flask:
    app = make_app(CONSENT_NOTICE="shop", CONSENT_STORE=store)

    @app.post("/send")
    def send() -> dict[str, bool]:
        return {"sent": consent.use(PURPOSE), "granted": consent.granted(PURPOSE)}

    @app.get("/granted")
    @requires_consent(PURPOSE)
    def granted() -> str:
        return "granted"

    return app


@pytest.fixture
def client(app: Flask, shop: Notice) -> FlaskClient:
    client = app.test_client()
    agree(client, shop)
    return client


def agree(client: FlaskClient, notice: Notice) -> None:
    answer = client.post("/consent/records", json=choice_body(notice, "allow", PURPOSE, surface="page"), headers=HERE)
    assert answer.status_code == 201


def sent(client: FlaskClient) -> bool:
    answer = client.post("/send").json
    assert answer is not None
    return bool(answer["sent"])


def at_once(count: int, do: Callable[[], bool]) -> list[bool]:
    """What each of that many threads gets, all starting at the same moment."""
    barrier, got = threading.Barrier(count), list[bool]()

    def one() -> None:
        barrier.wait()
        got.append(do())

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def test_one_agreement_is_one_use(client: FlaskClient) -> None:
    assert [sent(client) for _ in range(3)] == [True, False, False]


def test_agreeing_again_is_one_more_use(client: FlaskClient, shop: Notice) -> None:
    assert sent(client)
    agree(client, shop)

    assert [sent(client) for _ in range(2)] == [True, False]


def test_agreeing_twice_before_a_use_is_one_use(client: FlaskClient, shop: Notice) -> None:
    agree(client, shop)

    assert [sent(client) for _ in range(2)] == [True, False]


def test_fifty_requests_at_once_get_one_use(app: Flask, client: FlaskClient) -> None:
    cookie = client.get_cookie("cw")
    assert cookie

    def request() -> bool:
        other = app.test_client()
        other.set_cookie("cw", cookie.value)
        return sent(other)

    assert sorted(at_once(50, request)) == [False] * 49 + [True]


def test_fifty_jobs_at_once_over_fifty_connections_get_one_use(store: SQLStore, url: str, shop: Notice) -> None:
    subject = new_subject()
    grant = Grant(act(store, shop, subject, "allow", PURPOSE).id, PURPOSE)
    stores = [SQLStore(url) for _ in range(50)]
    waiting = iter(stores)

    assert sorted(at_once(50, lambda: next(waiting).use(subject, grant))) == [False] * 49 + [True]
    assert list(store.uses(subject)) == [grant]
    for each in stores:
        each.close()


def test_once_used_the_cookie_does_not_grant_it(client: FlaskClient) -> None:
    assert client.get("/granted").status_code == 200
    answer = client.post("/send")

    assert answer.json == {"sent": True, "granted": False}
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Used on" in client.get("/consent/choices?lang=en").text
    assert client.get("/granted").status_code == 403


def test_using_a_grant_up_changes_no_other_decision(client: FlaskClient, shop: Notice, app: Flask) -> None:
    client.post("/consent/records", json=choice_body(shop), headers=HERE)
    client.post("/send")
    cookie = client.get_cookie("cw")

    assert cookie
    with app.test_request_context(headers={"Cookie": f"cw={cookie.value}"}):
        assert consent.granted("data_analytics")
        assert not consent.pending


def test_a_replayed_cookie_uses_nothing_twice(client: FlaskClient) -> None:
    cookie = client.get_cookie("cw")
    assert cookie
    assert sent(client)
    client.set_cookie("cw", cookie.value)

    assert not sent(client)
    assert client.get("/granted").status_code == 403


def test_what_was_withdrawn_cannot_be_used(client: FlaskClient, shop: Notice) -> None:
    cookie = client.get_cookie("cw")
    assert cookie
    client.post("/consent/records", json=choice_body(shop, "refuse", purposes={PURPOSE: False}), headers=HERE)
    assert not sent(client)
    client.set_cookie("cw", cookie.value)

    assert not sent(client)


def test_nobody_uses_what_another_agreed_to(app: Flask, client: FlaskClient, shop: Notice) -> None:
    other = app.test_client()
    other.post("/consent/records", json=choice_body(shop, "reject_all"), headers=HERE)

    assert not sent(other)
    assert not sent(app.test_client())
    assert sent(client)


def test_nobody_uses_a_grant_by_naming_it(store: SQLStore, shop: Notice) -> None:
    grant = Grant(act(store, shop, new_subject(), "allow", PURPOSE).id, PURPOSE)

    assert not store.use(new_subject(), grant)


def test_a_job_may_use_it_without_a_request(app: Flask, store: SQLStore, shop: Notice) -> None:
    subject, late = new_subject(), new_subject()
    act(store, shop, subject, "allow", PURPOSE, ago=180)
    act(store, shop, late, "allow", PURPOSE, ago=181)

    with app.app_context():
        assert [processing.use(subject, PURPOSE) for _ in range(2)] == [True, False]
        assert not processing.use(late, PURPOSE)


def test_a_grant_of_another_meaning_cannot_be_used(make_app: MakeApp, store: SQLStore, shop: Notice) -> None:
    subject = new_subject()
    changed = replace(shop, purposes=tuple(replace(p, revision=p.revision + (p.id == PURPOSE)) for p in shop.purposes))
    store.keep_notice(shop.digest, shop.text)
    act(store, shop, subject, "allow", PURPOSE)

    with make_app(CONSENT_NOTICE=changed, CONSENT_STORE=store).app_context():
        assert not processing.use(subject, PURPOSE)


def test_the_signal_forbids_a_single_use_that_it_speaks_of(make_app: MakeApp, store: SQLStore, shop: Notice) -> None:
    subject = new_subject()
    notice = replace(shop, purposes=tuple(replace(p, gpc_opt_out=p.id == PURPOSE) for p in shop.purposes))
    act(store, notice, subject, "allow", PURPOSE)

    with make_app(CONSENT_NOTICE=notice, CONSENT_STORE=store).app_context():
        assert not processing.use(subject, PURPOSE, gpc=True)
        assert processing.use(subject, PURPOSE)


class Interrupted(SQLStore):
    """A store that records an act of the visitor's own just before each use."""

    def __init__(self, url: str, under: Notice, action: str, purposes: dict[str, bool]) -> None:
        super().__init__(url)
        self.act = lambda subject: act(self, under, subject, action, purposes=purposes)

    def use(self, subject: str, grant: Grant) -> bool:
        self.act(subject)
        return super().use(subject, grant)


MEANWHILE = {
    "refused": ("refuse", {PURPOSE: False}),
    "rejected all": ("reject_all", {PURPOSE: False, "data_analytics": False}),
    "agreed again": ("allow", {PURPOSE: True}),
    "decided something else": ("save", {"data_analytics": False}),
}


@pytest.mark.parametrize(("meanwhile", "used"), zip(MEANWHILE, (False, False, False, True), strict=True))
def test_a_refusal_recorded_while_a_use_is_under_way_comes_before_it(
    make_app: MakeApp, store: SQLStore, url: str, shop: Notice, meanwhile: str, used: bool
) -> None:
    subject = new_subject()
    grant = Grant(act(store, shop, subject, "allow", PURPOSE).id, PURPOSE)
    interrupted = Interrupted(url, shop, *MEANWHILE[meanwhile])

    with make_app(CONSENT_NOTICE=shop, CONSENT_STORE=interrupted).app_context():
        assert processing.use(subject, PURPOSE) is used
    assert list(store.uses(subject)) == [grant]
    with make_app(CONSENT_NOTICE=shop, CONSENT_STORE=store).app_context():
        assert processing.use(subject, PURPOSE) is (meanwhile == "agreed again")
        act(store, shop, subject, "allow", PURPOSE)
        assert processing.use(subject, PURPOSE)


@pytest.mark.parametrize(("purpose", "why"), [("typo", "no purpose 'typo'"), ("data_analytics", "not a single_use")])
def test_using_what_is_no_single_use_is_an_error_for_the_developer(app: Flask, purpose: str, why: str) -> None:
    with app.test_request_context(), pytest.raises(ConfigurationError, match=why):
        consent.use(purpose)


@pytest.mark.parametrize("action", ["accept_all", "save"])
def test_it_is_never_granted_in_bulk(client: FlaskClient, shop: Notice, action: str) -> None:
    body = choice_body(shop, action)

    answer = client.post("/consent/records", json=body | {"purposes": body["purposes"] | {PURPOSE: True}}, headers=HERE)
    assert answer.status_code == 422
    assert PURPOSE not in body["purposes"]


def test_it_is_never_granted_along_with_something_else(client: FlaskClient, shop: Notice) -> None:
    body = choice_body(shop, "allow", PURPOSE, "event_eligibility")

    assert client.post("/consent/records", json=body, headers=HERE).status_code == 422
