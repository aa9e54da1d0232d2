"""What several processes do with the same visitors and records: keys, formats, ends, backups, ages, clocks."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consent_widget import SQLStore, consent_ended, processing
from consent_widget.errors import NoticeError
from consent_widget.notice.model import Notice
from consent_widget.store.tables import RECORDS

from ..conftest import KEY, MakeApp
from ..support.changing import day
from .conftest import Release
from .test_release import changed, without
from .visitor import FIELD, Visitor, site_of

NEW_KEY = "another-key-for-tests-0123456789"
AGE = {"CONSENT_AGE": {"child_below": 14}}


# keys and formats


def test_a_process_that_has_not_learned_the_key_asks_and_leaves_the_cookie_alone(
    release: Release, minimal: Notice
) -> None:
    ahead, behind = release(minimal, CONSENT_KEYS=[KEY, NEW_KEY]), release(minimal, CONSENT_KEYS=[KEY])
    visitor = Visitor((ahead,))
    visitor.send(ahead, "reject_all")
    jar = dict(visitor.jar)

    assert visitor.look(behind)
    assert visitor.open("/consent/preferences", behind).status_code == 200
    assert visitor.open("/consent/choices", behind).status_code == 200
    assert visitor.open("/consent/records", behind, method="POST", json={}).status_code == 422
    assert visitor.jar == jar
    assert not visitor.look(ahead)


def test_a_key_that_is_new_first_and_last_later_is_learned_without_a_gap(release: Release, minimal: Notice) -> None:
    before = release(minimal, CONSENT_KEYS=[KEY])
    first = release(minimal, CONSENT_KEYS=[NEW_KEY, KEY])
    then = release(minimal, CONSENT_KEYS=[KEY, NEW_KEY])
    visitor = Visitor((then,))
    for pair in ((before, first), (first, then)):
        for at, other in (pair, pair[::-1]):
            visitor.send(at, "accept_all")
            assert not visitor.look(other)
            assert visitor.is_granted("analytics", other)
    assert visitor.seen["lost"] == 0


@pytest.mark.parametrize("sent", ["2.{rest}", "1z.{rest}", "not.a.token", "x" * 5000, "1.{rest}.more"])
def test_a_cookie_of_a_later_format_is_ignored_and_left_alone(release: Release, minimal: Notice, sent: str) -> None:
    app = release(minimal)
    visitor = Visitor((app,))
    visitor.send(app, "accept_all")
    value = sent.format(rest=visitor.token.partition(".")[2])
    visitor.jar = {"cw": value}

    assert visitor.look(app)
    assert not visitor.is_granted("analytics", app)
    assert visitor.jar == {"cw": value}


# ends


@pytest.fixture
def told(release: Release) -> Iterator[Callable[..., Any]]:
    """Starts a process that listens to ended grants; `heard` is what it was told."""
    heard: list[tuple[tuple[str, ...], str]] = []

    def listen(sender: Flask, subject: str, purposes: tuple[str, ...], reason: str) -> None:
        heard.append((purposes, reason))

    def make(notice: Notice, **config: Any) -> Flask:
        app = release(notice, **config)
        consent_ended.connect(listen, app)
        return app

    make.heard = heard  # type: ignore[attr-defined]
    yield make
    consent_ended.disconnect(listen)


def job(app: Flask) -> None:
    assert app.test_cli_runner().invoke(args=["consent", "expire"]).exit_code == 0


def test_a_grant_that_ends_comes_back_and_ends_again_is_told_again(told: Any, minimal: Notice) -> None:
    first, second = told(minimal), told(without(minimal, "marketing", effective="2026-11-25"))
    visitor = Visitor((first,))
    visitor.send(first, "accept_all")
    job(second)
    job(second)
    assert told.heard == [(("marketing",), "changed")]

    third = told(replace(minimal, version="1.3.0", effective="2026-11-26"))
    assert not visitor.look(third)
    with third.app_context():
        assert processing.granted(visitor.state().subject, "marketing")
    told.heard.clear()
    visitor.send(third, "withdraw_all")
    job(third)
    job(third)
    (purposes, reason), *more = told.heard
    assert (set(purposes), reason, more) == ({"functional", "analytics", "marketing"}, "withdrawn", [])


def test_an_earlier_release_does_not_tell_the_end_of_what_a_newer_was_granted(told: Any, minimal: Notice) -> None:
    for newer in (changed(minimal, "analytics"), changed(minimal, "analytics", effective="2026-11-25")):
        old, new = told(minimal), told(newer)
        visitor = Visitor((old, new))
        visitor.send(old, "accept_all")
        visitor.send(new, "accept_all")
        job(old)
        job(new)
        assert told.heard == []
        visitor.send(old, "refuse", "analytics")
        ended = [(purposes, reason) for purposes, reason in told.heard if purposes]
        assert {key for purposes, _ in ended for key in purposes} == {"analytics"}
        assert {reason for _, reason in ended} == {"withdrawn"}
        told.heard.clear()


def test_two_jobs_at_once_tell_an_end_once(told: Any, minimal: Notice) -> None:
    apps = [told(without(minimal, "marketing", effective="2026-11-25")) for _ in range(3)]
    first = told(minimal)
    for _ in range(5):
        Visitor((first,)).send(first, "accept_all")
    with ThreadPoolExecutor() as pool:
        list(pool.map(job, apps))
    assert told.heard == [(("marketing",), "changed")] * 5


# backups


def test_what_was_withdrawn_after_the_backup_stays_withdrawn(
    make_app: MakeApp, minimal: Notice, tmp_path: Path
) -> None:
    file, backup = tmp_path / "consent.sqlite", tmp_path / "backup.sqlite"

    def process() -> Flask:
        app = make_app(CONSENT_NOTICE=minimal, CONSENT_DATABASE=f"sqlite:///{file}")
        app.add_url_rule("/may/<subject>", "may", lambda subject: {"may": _may_message(subject)})
        return app

    before = process()
    visitor = Visitor((before,))
    visitor.send(before, "accept_all")
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(backup)) as target:
        source.backup(target)
    visitor.send(before, "withdraw_all")
    store = site_of(before).store
    assert isinstance(store, SQLStore)
    store.close()
    for path in tmp_path.glob("consent.sqlite*"):
        path.unlink()
    shutil.copy(backup, file)
    restored = process()

    subject = visitor.state().subject
    assert visitor.open(f"/may/{subject}", restored).json == {"may": False}
    assert not visitor.look(restored) if "home" in restored.view_functions else True
    visitor.send(restored, "refuse", "functional")
    with restored.app_context():
        assert not processing.granted(subject, "marketing")


def _may_message(subject: str) -> bool:
    from consent_widget import consent

    return consent.can_message(subject, "marketing")


# ages


def test_a_childs_own_grant_counts_nowhere_also_where_the_age_is_not_asked(release: Release, minimal: Notice) -> None:
    plain, asking = release(minimal), release(minimal, **AGE)
    visitor = Visitor((plain, asking))
    assert visitor.send(asking, "age_child").status_code == 201
    assert visitor.send(plain, "accept_all").status_code == 403
    visitor.look(plain)
    assert not visitor.press("accept_all", plain)

    for each in (plain, asking, release(minimal, **AGE)):
        assert not visitor.is_granted("functional", each)
        with each.app_context():
            assert not processing.granted(visitor.state().subject, "functional")
    assert visitor.send(plain, "reject_all").status_code == 201
    assert not visitor.look(plain)
    assert visitor.state().band == "child"


@pytest.mark.parametrize("band", ["teen", "adult"])
def test_whoever_said_their_age_is_not_asked_again_after_a_choice_where_it_is_not_asked(
    release: Release, minimal: Notice, band: str
) -> None:
    plain, asking = release(minimal), release(minimal, **AGE)
    visitor = Visitor((plain, asking))
    visitor.send(asking, f"age_{band}")
    assert visitor.send(plain, "accept_all").status_code in (201, 422)  # a teen cannot accept what is for adults
    visitor.send(plain, "save", "functional")

    assert visitor.state().band == band
    assert not visitor.look(asking)
    assert visitor.is_granted("functional", asking)


def test_where_the_age_is_asked_from_now_on_a_choice_of_before_stays(release: Release, minimal: Notice) -> None:
    plain, asking = release(minimal), release(minimal, **AGE)
    visitor = Visitor((plain, asking))
    visitor.send(plain, "save", "functional")
    assert visitor.look(asking)
    visitor.send(asking, "age_adult")

    assert not visitor.look(asking)
    assert visitor.is_granted("functional", plain)
    assert visitor.is_granted("functional", asking)


# how long an answer is valid


def test_another_lifetime_asks_nobody_again(release: Release, minimal: Notice) -> None:
    old, new = release(minimal), release(replace(minimal, version="1.0.1", lifetime_days=30))
    visitor = Visitor((old, new))
    for at, other in ((old, new), (new, old)):
        visitor.send(at, "accept_all")
        assert not visitor.look(other)
        assert visitor.is_granted("analytics", other)


# clocks


def test_of_two_cookies_of_one_visitor_the_later_act_counts_whichever_clock_was_ahead(
    release: Release, minimal: Notice
) -> None:
    app = release(minimal)
    visitor = Visitor((app,))
    visitor.send(app, "accept_all")
    ahead = visitor.state()._replace(time=visitor.state().time + 300)
    visitor.send(app, "reject_all")
    signer = site_of(app).token_signer
    for tokens in ((signer.write(ahead), visitor.token), (visitor.token, signer.write(ahead))):
        cookie = "; ".join(f"cw={token}" for token in tokens)
        answer = app.test_client(use_cookies=False).get("/granted/analytics", headers={"Cookie": cookie})
        assert answer.json == {"granted": False}


def test_a_refusal_at_a_process_whose_clock_is_behind_is_told_once(told: Any, minimal: Notice) -> None:
    app = told(minimal)
    visitor = Visitor((app,))
    visitor.send(app, "accept_all")
    visitor.send(app, "reject_all")
    store = site_of(app).store
    with store._engine.begin() as connection:  # type: ignore[attr-defined]
        connection.execute(RECORDS.update().values(time=RECORDS.c.time + 300_000))
    told.heard.clear()
    job(app)
    job(app)
    assert len(told.heard) <= 1


# publishing


def test_of_two_versions_that_are_published_at_once_the_second_is_judged_after_the_first(
    url: str, store: SQLStore, minimal: Notice
) -> None:
    stores = [SQLStore(url) for _ in range(2)]
    stores[0].publish(minimal)
    both = [
        changed(minimal, "analytics", version="1.1.0", effective=day(20)),
        changed(minimal, "marketing", version="1.2.0", effective=day(20)),
    ]

    def publish(at: SQLStore, notice: Notice) -> str:
        try:
            at.publish(notice)
        except NoticeError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor() as pool:
        errors = [error for error in pool.map(publish, stores, both) if error]
    with store._engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT version, published FROM consent_versions ORDER BY published")).all()
    for each in stores:
        each.close()
    published = [row.published for row in rows]
    assert len(set(published)) == len(published)
    # either 1.1.0 came first and both stand, or 1.2.0 did and nothing can come before it
    assert [row.version for row in rows] == ["1.0.0", "1.1.0", "1.2.0"] if not errors else ["1.0.0", "1.2.0"]


def test_a_version_of_the_same_day_must_come_after_the_last(store: SQLStore, minimal: Notice) -> None:
    store.publish(replace(minimal, version="1.10"))
    with pytest.raises(NoticeError, match=r"1\.9"):
        store.publish(changed(minimal, "analytics", version="1.9"), unannounced=True)
    store.publish(changed(minimal, "analytics", version="1.11"), unannounced=True)


def test_a_grant_whose_meaning_goes_twice_is_told_twice(told: Any, minimal: Notice) -> None:
    visitor = Visitor((told(minimal),))
    visitor.send(visitor.processes[0], "accept_all")
    for turn, effective in ((1, "2026-11-25"), (2, "2026-11-27")):
        gone = told(without(minimal, "marketing", version=f"1.{turn}.0", effective=effective))
        job(gone)
        job(gone)
        assert told.heard == [(("marketing",), "changed")] * turn
        job(told(replace(minimal, version=f"1.{turn}.5", effective="2026-11-26")))
    assert len(told.heard) == 2


def test_a_guardian_who_read_one_notice_agrees_to_that_one_also_at_the_process_with_the_other(
    release: Release, shop: Notice
) -> None:
    old, new = (
        release(notice, **AGE | {"CONSENT_AGE": AGE["CONSENT_AGE"] | {"send": _no_letter, "url": "http://localhost"}})
        for notice in (shop, changed(shop, "data_analytics"))
    )
    child = Visitor((old, new))
    child.send(new, "age_child")
    link = site_of(new).guardian_links.invitation_link(child.state().subject, int(time.time()))
    guardian = Visitor((old, new))
    guardian.html = guardian.open(f"/consent/guardian/{link}", new).text
    form = dict(FIELD.findall(guardian.html)) | {"action": "save", "grant": "data_analytics"}
    answer = guardian.open(f"/consent/guardian/{link}", old, method="POST", data=form)

    assert answer.status_code == 303
    record = site_of(old).store.history(child.state().subject)[-1]  # type: ignore[attr-defined]
    assert record.notice == site_of(new).notice.digest
    for each in (old, new):
        with each.app_context():
            assert processing.granted(record.subject, "data_analytics") is (each is new)


def _no_letter(address: str, link: str, locale: str) -> None:
    """Sends nothing."""
