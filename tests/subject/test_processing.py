"""Answers by subject, for jobs: from the store, whatever a cookie says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from consent_widget import ConfigurationError, SQLStore, consent, processing, requires_consent
from consent_widget.choice.act import new_subject
from consent_widget.notice.model import Notice
from examples.jsonlines_store import JSONLinesStore

from ..conftest import HERE, MakeApp
from ..support.acts import act
from ..support.choice_body import choice_body
from ..support.parties import ACME, BOLT


@pytest.fixture
def notice(shop: Notice) -> Notice:
    return replace(shop, recipients=(ACME, BOLT))


@pytest.fixture
def app(make_app: MakeApp, notice: Notice, store: SQLStore) -> Iterator[Flask]:
    app = make_app(CONSENT_NOTICE=notice, CONSENT_STORE=store)
    with app.app_context():
        yield app


@pytest.fixture
def subject() -> str:
    return new_subject()


def later(make_app: MakeApp, notice: Notice, store: SQLStore) -> Flask:
    """The same site once it has published another notice."""
    return make_app(CONSENT_NOTICE=notice, CONSENT_STORE=store)


def test_nothing_is_shared_or_sent_before_the_subject_agreed(app: Flask, subject: str) -> None:
    assert not processing.may_share(subject, "acme")
    assert not processing.can_message(subject)
    assert not processing.can_message(None)


def test_a_recipient_is_granted_alone(app: Flask, notice: Notice, store: SQLStore, subject: str) -> None:
    act(store, notice, subject, "accept_all")
    act(store, notice, subject, "allow", "partner_sharing:acme")

    assert processing.may_share(subject, "acme")
    assert not processing.may_share(subject, "bolt")
    assert not processing.may_share(new_subject(), "acme")
    assert processing.can_message(subject)


@pytest.mark.parametrize(
    ("action", "key"),
    [("refuse", "partner_sharing:acme"), ("opt_out", ""), ("reject_all", ""), ("withdraw_all", ""), ("save", "")],
)
def test_withdrawing_ends_sharing(
    app: Flask, notice: Notice, store: SQLStore, subject: str, action: str, key: str
) -> None:
    act(store, notice, subject, "allow", "partner_sharing:acme")
    act(store, notice, subject, action, key)

    assert not processing.may_share(subject, "acme")


def test_opting_out_of_sharing_stops_no_messages(app: Flask, notice: Notice, store: SQLStore, subject: str) -> None:
    act(store, notice, subject, "accept_all")
    act(store, notice, subject, "opt_out")

    assert processing.can_message(subject)
    assert not processing.granted(subject, "targeted_advertising")


def test_the_newest_choice_wins(app: Flask, notice: Notice, store: SQLStore, subject: str) -> None:
    for action in ("allow", "refuse", "allow"):
        act(store, notice, subject, action, "partner_sharing:acme")

    assert processing.may_share(subject, "acme")


def test_a_grant_runs_out(app: Flask, notice: Notice, store: SQLStore, subject: str) -> None:
    act(store, notice, subject, "accept_all", ago=180)
    assert processing.can_message(subject)

    other = new_subject()
    act(store, notice, other, "accept_all", ago=181)
    assert not processing.can_message(other)


def test_a_grant_of_another_meaning_does_not_count(
    app: Flask, make_app: MakeApp, notice: Notice, store: SQLStore, subject: str
) -> None:
    act(store, notice, subject, "accept_all")
    changed = replace(
        notice,
        version="2.0.0",
        purposes=tuple(replace(p, revision=2) if p.id == "marketing_messages" else p for p in notice.purposes),
    )

    with later(make_app, changed, store).app_context():
        assert not processing.can_message(subject)
        assert processing.granted(subject, "data_analytics")


def test_a_change_of_words_changes_no_answer(
    app: Flask, make_app: MakeApp, notice: Notice, store: SQLStore, subject: str
) -> None:
    act(store, notice, subject, "accept_all")

    with later(make_app, replace(notice, version="1.0.1"), store).app_context():
        assert processing.can_message(subject)


def test_under_a_notice_whose_text_is_gone_refusals_hold_and_grants_do_not(
    app: Flask, notice: Notice, store: SQLStore, subject: str
) -> None:
    act(store, notice, subject, "accept_all")
    act(store, notice, subject, "refuse", "marketing_messages", notice="0" * 64)
    act(store, notice, subject, "allow", "partner_sharing:acme", notice="0" * 64)

    assert not processing.can_message(subject)
    assert not processing.may_share(subject, "acme")
    assert processing.granted(subject, "data_analytics")


def test_a_stored_text_that_was_altered_grants_nothing_and_refusals_hold(
    app: Flask, make_app: MakeApp, notice: Notice, store: SQLStore, subject: str
) -> None:
    purposes = tuple(replace(p, revision=2) if p.id == "marketing_messages" else p for p in notice.purposes)
    changed, refusing = replace(notice, version="2.0.0", purposes=purposes), new_subject()
    act(store, notice, subject, "accept_all")
    act(store, changed, refusing, "accept_all")
    act(store, notice, refusing, "reject_all")
    with store._engine.begin() as connection:  # as if the visitor had agreed to what is asked now
        told = {"text": changed.text, "digest": notice.digest}
        connection.execute(sa.text("UPDATE consent_notices SET text = :text WHERE digest = :digest"), told)

    with later(make_app, changed, store).app_context():
        assert not processing.can_message(subject)
        assert not processing.granted(subject, "data_analytics")
        assert not processing.granted(refusing, "data_analytics")


def test_the_browsers_signal_ends_what_was_granted_before(
    app: Flask, notice: Notice, store: SQLStore, subject: str
) -> None:
    act(store, notice, subject, "allow", "partner_sharing:acme")
    act(store, notice, subject, "allow", "event_eligibility", signals=("gpc",))

    assert not processing.may_share(subject, "acme")
    assert processing.granted(subject, "event_eligibility")


def test_the_signal_of_this_request_counts_for_its_visitor(app: Flask, notice: Notice) -> None:
    @app.get("/share")
    def share() -> list[bool]:
        return [consent.may_share(consent.subject, "acme"), consent.can_message(consent.subject)]

    client = app.test_client()
    for body in (choice_body(notice), choice_body(notice, "allow", "partner_sharing:acme")):
        client.post("/consent/records", json=body, headers=HERE)

    assert client.get("/share").json == [True, True]
    assert client.get("/share", headers={"Sec-GPC": "1"}).json == [False, True]


def test_a_replayed_cookie_does_not_bring_back_what_was_withdrawn(app: Flask, notice: Notice) -> None:
    client = app.test_client()
    client.post("/consent/records", json=choice_body(notice), headers=HERE)
    old = client.get_cookie("cw")
    client.post("/consent/records", json=choice_body(notice, "withdraw_all"), headers=HERE)
    assert old
    client.set_cookie("cw", old.value)
    with app.test_request_context(headers={"Cookie": f"cw={old.value}"}):
        subject = consent.subject

        assert not consent.can_message(subject)
        assert not processing.can_message(subject)


def test_an_ordinary_purpose_is_shared_only_with_both_agreements(
    make_app: MakeApp, shop: Notice, store: SQLStore, subject: str
) -> None:
    notice = replace(shop, recipients=(replace(ACME, purposes=("targeted_advertising",)),))
    with make_app(CONSENT_NOTICE=notice, CONSENT_STORE=store).app_context():
        act(store, notice, subject, "allow", "targeted_advertising:acme")
        assert not processing.may_share(subject, "acme")

        act(store, notice, subject, "allow", "targeted_advertising")
        assert processing.may_share(subject, "acme")


def test_the_site_names_its_own_purpose_of_messages(make_app: MakeApp, minimal: Notice, store: SQLStore) -> None:
    subject = new_subject()
    with make_app(CONSENT_NOTICE="minimal", CONSENT_STORE=store).app_context():
        act(store, minimal, subject, "accept_all")

        assert processing.can_message(subject, purpose="marketing")
        with pytest.raises(ConfigurationError, match="no purpose 'marketing_messages'"):
            processing.can_message(subject)


def test_what_the_notice_does_not_know_is_an_error_for_the_developer(app: Flask, subject: str) -> None:
    with pytest.raises(ConfigurationError, match="names no recipient 'nobody'"):
        processing.may_share(subject, "nobody")
    with pytest.raises(ConfigurationError, match="no purpose 'typo'"):
        processing.may_share(subject, "acme", "typo")


def test_a_recipient_of_several_purposes_is_asked_about_by_purpose(
    make_app: MakeApp, shop: Notice, store: SQLStore, subject: str
) -> None:
    notice = replace(shop, recipients=(replace(ACME, purposes=("partner_sharing", "credit_risk_exchange")),))
    with make_app(CONSENT_NOTICE=notice, CONSENT_STORE=store).app_context():
        act(store, notice, subject, "allow", "credit_risk_exchange:acme")

        with pytest.raises(ConfigurationError, match="Say which: partner_sharing, credit_risk_exchange"):
            processing.may_share(subject, "acme")
        assert processing.may_share(subject, "acme", "credit_risk_exchange")
        assert not processing.may_share(subject, "acme", "partner_sharing")


def test_a_store_that_cannot_be_read_back_says_what_to_add(make_app: MakeApp, tmp_path: Path, subject: str) -> None:
    store = JSONLinesStore(tmp_path / "choices.jsonl")
    with (
        make_app(CONSENT_NOTICE="shop", CONSENT_STORE=store).app_context(),
        pytest.raises(ConfigurationError, match=r"asks the store for history.*Add that method"),
    ):
        processing.can_message(subject)
    store.close()


def test_nothing_is_left_of_an_erased_subject(app: Flask, notice: Notice, store: SQLStore, subject: str) -> None:
    other = new_subject()
    for each in (subject, other):
        act(store, notice, each, "accept_all")
        act(store, notice, each, "allow", "contact_messages")
        assert processing.use(each, "contact_messages")
    processing.erase(subject)

    assert not processing.can_message(subject)
    assert processing.can_message(other)
    assert store.history(subject) == []
    assert not store.uses(subject)
    assert len(store.uses(other)) == 1


@pytest.mark.parametrize(("answer", "gone"), [(None, True), (True, True), (False, False)])
def test_erasing_says_whether_anything_is_left_in_the_databases_files(
    make_app: MakeApp, notice: Notice, store: SQLStore, subject: str, answer: bool | None, gone: bool
) -> None:
    class Own:
        """A store of a site's own, whose erase may say nothing."""

        add, history, notice = store.add, store.history, store.notice

        def erase(self, subject: str) -> bool | None:
            store.erase(subject)
            return answer

    act(store, notice, subject, "accept_all")
    with make_app(CONSENT_NOTICE=notice, CONSENT_STORE=Own()).app_context():
        assert processing.erase(subject) is gone
        assert processing.erase(subject) is True
    assert store.history(subject) == []


def test_sites_in_one_database_know_nothing_of_each_other(
    make_app: MakeApp, notice: Notice, store: SQLStore, subject: str
) -> None:
    one, two, plain = (make_app(CONSENT_NOTICE=notice, CONSENT_STORE=store, **each) for each in (
        {"CONSENT_SITE": "one", "CONSENT_ORIGINS": ["https://one.example"]},
        {"CONSENT_SITE": "two", "CONSENT_ORIGINS": ["https://two.example"]},
        {},
    ))  # fmt: skip
    act(store, notice, subject, "accept_all", site="one")
    for other in (two, plain):
        with other.app_context():
            assert not processing.can_message(subject)
            processing.erase(subject)

    with one.app_context():
        assert processing.can_message(subject)
        processing.erase(subject)
    assert store.history(subject) == []


@pytest.mark.parametrize(
    ("purpose", "recipient", "message"),
    [
        ("partner_sharing", None, "Say which recipient"),
        ("partner_sharing", "typo", "names no recipient 'typo' for 'partner_sharing'"),
        ("data_analytics", "acme", "names no recipient 'acme' for 'data_analytics'"),
    ],
)
def test_what_no_visitor_can_grant_is_an_error_for_the_developer(
    app: Flask, subject: str, purpose: str, recipient: str | None, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        processing.granted(subject, purpose, recipient)
    with app.test_request_context(), pytest.raises(ConfigurationError, match=message):
        consent.granted(purpose, recipient)
    with app.test_request_context(), pytest.raises(ConfigurationError, match=message):
        requires_consent(purpose, recipient)(lambda: "in")()


def test_a_recipient_of_what_is_always_on_may_have_it(
    make_app: MakeApp, shop: Notice, store: SQLStore, subject: str
) -> None:
    (always,) = [each.id for each in shop.purposes if each.control == "always_on"][:1]
    notice = replace(shop, recipients=(replace(ACME, purposes=(always,)),))
    with make_app(CONSENT_NOTICE=notice, CONSENT_STORE=store).app_context():
        assert processing.may_share(subject, "acme")
