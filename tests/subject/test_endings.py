"""When a grant ends, the site's own code is told: once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from consent_widget import SQLStore, consent_ended, processing
from consent_widget.choice.act import new_subject
from consent_widget.notice.model import Notice
from consent_widget.subject.endings import CLAIMED_AT_ONCE, announce_all_ended

from ..conftest import HERE, MakeApp
from ..support.acts import act
from ..support.choice_body import choice_body
from ..support.parties import ACME

Told = list[tuple[str, tuple[str, ...], str]]


@pytest.fixture
def told() -> Iterator[Told]:
    told: Told = []

    def listen(app: Flask, subject: str, purposes: tuple[str, ...], reason: str) -> None:
        told.append((subject, purposes, reason))

    with consent_ended.connected_to(listen):
        yield told


@pytest.fixture
def app(make_app: MakeApp, store: SQLStore) -> Flask:
    return make_app(CONSENT_NOTICE="shop", CONSENT_STORE=store)


def sweep(app: Flask) -> str:
    result = app.test_cli_runner().invoke(args=["consent", "expire"])
    assert result.exit_code == 0, result.output
    return str(result.output)


def changed(notice: Notice, purpose: str) -> Notice:
    purposes = (replace(each, revision=2) if each.id == purpose else each for each in notice.purposes)
    return replace(notice, version="2.0.0", purposes=tuple(purposes))


def test_a_withdrawal_is_announced_with_the_choice(app: Flask, store: SQLStore, shop: Notice, told: Told) -> None:
    client = app.test_client()
    for body in (
        choice_body(shop, "save", "data_analytics", "service_research"),
        choice_body(shop, "save", "data_analytics"),
    ):
        client.post("/consent/records", json=body, headers=HERE)
    (subject,) = {choice.subject for choice in store.export()}

    assert told == [(subject, ("service_research",), "withdrawn")]
    assert "told: 0." in sweep(app)


def test_agreeing_and_renewing_announce_nothing(app: Flask, shop: Notice, told: Told) -> None:
    client = app.test_client()
    for _ in range(2):
        client.post("/consent/records", json=choice_body(shop), headers=HERE)

    assert told == []


def test_an_expired_grant_is_announced_once(app: Flask, store: SQLStore, shop: Notice, told: Told) -> None:
    subject, fresh = new_subject(), new_subject()
    act(store, shop, subject, "save", "data_analytics", ago=181)
    act(store, shop, fresh, "save", "data_analytics", ago=180)

    assert "told: 1." in sweep(app)
    assert "told: 0." in sweep(app)
    assert told == [(subject, ("data_analytics",), "expired")]


def test_a_grant_that_expired_before_it_was_refused_is_announced_as_expired(
    app: Flask, store: SQLStore, shop: Notice, told: Told
) -> None:
    subject = new_subject()
    act(store, shop, subject, "save", "data_analytics", ago=200)
    act(store, shop, subject, "reject_all")
    sweep(app)

    assert told == [(subject, ("data_analytics",), "expired")]


def test_a_renewed_grant_is_not_announced(app: Flask, store: SQLStore, shop: Notice, told: Told) -> None:
    subject = new_subject()
    act(store, shop, subject, "save", "data_analytics", ago=200)
    act(store, shop, subject, "save", "data_analytics")
    sweep(app)

    assert told == []


def test_each_end_of_a_grant_is_announced(app: Flask, store: SQLStore, shop: Notice, told: Told) -> None:
    subject = new_subject()
    for _ in range(2):
        act(store, shop, subject, "allow", "event_eligibility")
        act(store, shop, subject, "refuse", "event_eligibility")
        sweep(app)

    assert told == [(subject, ("event_eligibility",), "withdrawn")] * 2


def test_a_changed_meaning_is_announced_and_changed_words_are_not(
    app: Flask, make_app: MakeApp, store: SQLStore, shop: Notice, told: Told
) -> None:
    subject = new_subject()
    act(store, shop, subject, "accept_all")
    sweep(make_app(CONSENT_NOTICE=replace(shop, version="1.0.1"), CONSENT_STORE=store))
    assert told == []

    sweep(make_app(CONSENT_NOTICE=changed(shop, "data_analytics"), CONSENT_STORE=store))
    assert told == [(subject, ("data_analytics",), "changed")]


def test_opting_out_announces_recipients_too(make_app: MakeApp, store: SQLStore, shop: Notice, told: Told) -> None:
    notice, subject = replace(shop, recipients=(ACME,)), new_subject()
    act(store, notice, subject, "allow", "partner_sharing:acme")
    act(store, notice, subject, "opt_out")
    sweep(make_app(CONSENT_NOTICE=notice, CONSENT_STORE=store))

    assert told == [(subject, ("partner_sharing:acme",), "withdrawn")]


def test_a_single_use_that_was_used_does_not_end(app: Flask, store: SQLStore, shop: Notice, told: Told) -> None:
    subject = new_subject()
    act(store, shop, subject, "allow", "contact_messages")
    with app.app_context():
        assert processing.use(subject, "contact_messages")
    act(store, shop, subject, "reject_all")
    sweep(app)

    assert told == []


def test_an_erasure_is_announced(app: Flask, store: SQLStore, shop: Notice, told: Told) -> None:
    subject = new_subject()
    act(store, shop, subject, "save", "data_analytics")
    with app.app_context():
        processing.erase(subject)

    assert told == [(subject, ("data_analytics",), "erased")]


def test_simultaneous_sweeps_announce_each_end_once(app: Flask, store: SQLStore, shop: Notice, told: Told) -> None:
    subjects = [new_subject() for _ in range(20)]
    for subject in subjects:
        act(store, shop, subject, "save", "data_analytics", "service_research", ago=181)
    threads = [threading.Thread(target=lambda: sweep(app)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted((subject, key) for subject, keys, _ in told for key in keys) == sorted(
        (subject, key) for subject in subjects for key in ("data_analytics", "service_research")
    )


def test_a_failing_listener_is_called_again_and_the_choice_stands(app: Flask, store: SQLStore, shop: Notice) -> None:
    heard: list[str] = []

    def listen(app: Flask, subject: str, **_: object) -> None:
        heard.append(subject)
        if len(heard) < 3:
            raise RuntimeError("no")

    client = app.test_client()
    with consent_ended.connected_to(listen):
        client.post("/consent/records", json=choice_body(shop), headers=HERE)
        answer = client.post("/consent/records", json=choice_body(shop, "reject_all"), headers=HERE)
        failed = app.test_cli_runner().invoke(args=["consent", "expire"])
        sweep(app)
        sweep(app)

    assert answer.status_code == 201
    assert failed.exit_code == 1
    assert "failed for 1 visitor " in failed.output
    assert len(heard) == 3


def test_one_failing_listener_keeps_no_other_visitor_from_being_announced(
    app: Flask, store: SQLStore, shop: Notice
) -> None:
    subjects, heard = sorted(new_subject() for _ in range(5)), list[str]()
    for subject in subjects:
        act(store, shop, subject, "save", "data_analytics", ago=181)

    def listen(app: Flask, subject: str, **_: object) -> None:
        heard.append(subject)
        if subject == subjects[1] and heard.count(subject) == 1:
            raise RuntimeError("no")

    with consent_ended.connected_to(listen):
        failed = app.test_cli_runner().invoke(args=["consent", "expire"])
        assert "told: 1." in sweep(app)

    assert "failed for 1 visitor" in failed.output
    assert sorted(heard) == sorted([*subjects, subjects[1]])


def test_an_interrupted_sweep_announces_the_rest_next_time(
    app: Flask, store: SQLStore, shop: Notice, told: Told
) -> None:
    subjects = [new_subject() for _ in range(5)]
    for subject in subjects:
        act(store, shop, subject, "save", "data_analytics", ago=181)

    def interrupt(app: Flask, **_: object) -> None:
        if len(told) == 3:
            raise KeyboardInterrupt

    with consent_ended.connected_to(interrupt), pytest.raises(KeyboardInterrupt), app.app_context():
        announce_all_ended(app.extensions["consent_widget"])
    told_before = told[:3]
    told.clear()
    sweep(app)

    assert sorted(subject for subject, _, _ in {*told_before, *told}) == sorted(subjects)


def test_a_sweep_claims_the_ends_of_many_visitors_in_one_commit(
    app: Flask, store: SQLStore, shop: Notice, told: Told
) -> None:
    for _ in range(2 * CLAIMED_AT_ONCE):
        act(store, shop, new_subject(), "save", "data_analytics", ago=181)
    commits = []
    sa.event.listen(store._engine, "commit", commits.append)
    sweep(app)

    assert len(told) == 2 * CLAIMED_AT_ONCE
    assert len(commits) < 6


def test_a_sweep_without_listeners_announces_nothing_and_says_so(app: Flask, store: SQLStore, shop: Notice) -> None:
    act(store, shop, new_subject(), "accept_all", ago=181)
    result = app.test_cli_runner().invoke(args=["consent", "expire"])

    assert result.exit_code == 1
    assert "Nothing listens to consent_ended" in result.output


def test_a_sweep_reads_more_than_a_page_of_records(store: SQLStore, shop: Notice) -> None:
    subjects = [new_subject() for _ in range(3)]
    for number in range(1203):
        act(store, shop, subjects[number % 3], "close", seq=number // 3 + 1)

    found = list(store.histories())
    assert sorted(choices[0].subject for choices in found) == sorted(subjects)
    assert [len(choices) for choices in found] == [401] * 3
    assert all(choices == store.history(choices[0].subject) for choices in found)


def test_a_sweep_of_a_site_without_a_name_leaves_the_others_alone(
    app: Flask, store: SQLStore, shop: Notice, told: Told
) -> None:
    act(store, shop, new_subject(), "save", "data_analytics", ago=181, site="club")

    assert "told: 0." in sweep(app)
    assert told == []


def test_seeing_a_change_under_the_signal_ends_nothing(app: Flask, store: SQLStore, shop: Notice, told: Told) -> None:
    subject = new_subject()
    act(store, shop, subject, "accept_all")
    act(store, shop, subject, "acknowledge", signals=("gpc",))
    sweep(app)

    assert told == []
    with app.app_context():
        assert processing.granted(subject, "targeted_advertising")


def test_a_process_with_an_earlier_notice_does_not_end_grants_of_a_newer_one(
    app: Flask, make_app: MakeApp, store: SQLStore, shop: Notice, told: Told
) -> None:
    newer, subject = replace(changed(shop, "data_analytics"), effective="2099-01-01"), new_subject()
    store.keep_notice(newer.digest, newer.text)
    act(store, newer, subject, "save", "data_analytics", "service_research")
    sweep(app)
    assert told == []
    with app.app_context():
        assert not processing.granted(subject, "data_analytics")
        assert processing.granted(subject, "service_research")

    act(store, newer, subject, "refuse", "data_analytics")
    sweep(make_app(CONSENT_NOTICE=newer, CONSENT_STORE=store))
    assert told == [(subject, ("data_analytics",), "withdrawn")]
