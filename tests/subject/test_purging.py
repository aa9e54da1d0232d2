"""Records are deleted when the notice promises it: not before, and nothing that is still in force with them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consent_widget import NoticeError, SQLStore, consent_ended, processing, read_notice
from consent_widget.choice.act import Choice
from consent_widget.choice.replay import Grant
from consent_widget.days import DAY, iso_date, months_before, today
from consent_widget.notice.facts import warnings
from consent_widget.notice.file import notice_from
from consent_widget.notice.model import Notice
from consent_widget.store.tables import CONTEXTS, ENDS, ENTRIES, METADATA, NOTICES, RECORDS, SCRIPTS, USES, VERSIONS
from consent_widget.subject import purging
from consent_widget.testing import make_choice
from consent_widget.text import Text

from ..conftest import CONTROLLER, MakeApp
from ..support.changing import both
from ..support.notices import notice_table

#: The last day of a choice whose record is kept today for the last time, with the shipped notices' 36 months.
LAST = months_before(today(), 36)
YES = {"functional": True, "analytics": True, "marketing": False}


@pytest.fixture
def app(make_app: MakeApp, store: SQLStore) -> Flask:
    return make_app(CONSENT_STORE=store)


@pytest.fixture
def add(store: SQLStore, minimal: Notice) -> Any:
    """Adds a choice that was valid for 180 days, `until` a day."""

    def add(until: int, **values: Any) -> Choice:
        made = (until - 180) * DAY * 1000
        given = {"site": "", "notice": minimal.digest, "time": made, "valid_until": until, "region": "", "signals": ()}
        return store.add(make_choice(**{"purposes": YES, **given, **values}))

    return add


def purge(app: Flask, *options: str) -> str:
    result = app.test_cli_runner().invoke(args=["consent", "purge", *options])
    assert result.exit_code == 0, result.output
    return str(result.output)


def left(store: SQLStore) -> set[str]:
    return {choice.id for choice in store.export()}


def test_a_record_is_deleted_the_day_after_its_term_and_not_before(app: Flask, store: SQLStore, add: Any) -> None:
    kept = [add(LAST), add(today() - 1), add(today() + 100)]
    old = [add(LAST - 1), add(LAST - 1), add(LAST - 500)]

    assert purge(app, "--dry-run") == "Would delete: 3 records of 3 visitors.\n          3  minimal 1.0.0\n"
    assert left(store) == {each.id for each in (*kept, *old)}
    assert purge(app).startswith("Deleted: 3 records of 3 visitors.\n")
    assert left(store) == {each.id for each in kept}
    assert purge(app) == "Deleted: 0 records of 0 visitors.\n"


def test_of_a_visitor_who_is_still_here_only_what_is_old_goes_and_what_they_agreed_to_stands(
    app: Flask, store: SQLStore, add: Any
) -> None:
    first = add(LAST - 1)
    second = add(today() + 9, subject=first.subject, seq=2)

    assert "1 record of 1 visitor" in purge(app)
    assert store.history(first.subject) == [second]
    with app.app_context():
        assert processing.granted(first.subject, "analytics")


def test_a_withdrawal_never_goes_before_what_it_withdrew(app: Flask, store: SQLStore, add: Any) -> None:
    grant = add(LAST + 300, time=(LAST - 90) * DAY * 1000)
    add(LAST - 1, subject=grant.subject, seq=2, action="withdraw_all", purposes=dict.fromkeys(YES, False))

    assert "0 records" in purge(app)
    assert len(store.history(grant.subject)) == 2
    with app.app_context():
        assert not processing.granted(grant.subject, "analytics")


def test_a_refusal_that_lasts_a_year_by_its_law_is_kept_after_that_year(app: Flask, store: SQLStore, add: Any) -> None:
    refusal = add(LAST - 1, region="US-CA", purposes=dict.fromkeys(YES, False))
    grant = add(LAST - 1, region="US-CA", purposes=dict.fromkeys(YES, True))
    older = add(LAST - 190, region="US-CA", purposes=dict.fromkeys(YES, False))

    purge(app)
    assert left(store) == {refusal.id}
    assert {grant.id, older.id}.isdisjoint(left(store))


def test_what_a_visitor_was_promised_counts_and_not_what_later_ones_are(
    make_app: MakeApp, store: SQLStore, minimal: Notice, add: Any
) -> None:
    shorter = replace(minimal, version="0.9.0", records_months=12)
    silent = replace(minimal, version="0.8.0", records_months=None)
    for notice in (shorter, silent):
        store.keep_notice(notice.digest, notice.text)
    app, two_years_ago = make_app(CONSENT_STORE=store), months_before(today(), 24)
    under = {each.version: add(two_years_ago, notice=each.digest) for each in (minimal, shorter, silent)}
    lost = add(LAST - 1, notice="0" * 64)  # of a notice whose text is lost: as the one in effect says
    add(LAST - 1, notice=silent.digest)

    told = purge(app)
    assert "          1  minimal 0.9.0\n" in told
    assert f"          1  {'0' * 64}\n" in told
    assert left(store) == {under["1.0.0"].id, under["0.8.0"].id}
    assert lost.id not in left(store)


def test_only_the_records_of_this_site_are_deleted(app: Flask, store: SQLStore, add: Any) -> None:
    other = add(LAST - 1, site="other")
    add(LAST - 1)

    assert "1 record " in purge(app)
    assert left(store) == {other.id}


def test_what_had_ended_untold_is_told_before_its_record_goes(app: Flask, store: SQLStore, add: Any) -> None:
    told = []

    def listen(app: Flask, subject: str, purposes: tuple[str, ...], reason: str) -> None:
        assert store.history(subject)  # not gone yet
        told.append((subject, purposes, reason))

    with consent_ended.connected_to(listen, app):
        old = add(LAST - 1)
        purge(app, "--dry-run")
        assert told == []
        purge(app)
        assert [(subject, set(purposes), reason) for subject, purposes, reason in told] == [
            (old.subject, {"analytics", "functional"}, "expired")
        ]
        add(LAST - 1, purposes=dict.fromkeys(YES, False))
        purge(app)
        assert len(told) == 1


def test_where_a_listener_fails_the_record_is_kept_for_the_next_time(
    app: Flask, store: SQLStore, add: Any, caplog: pytest.LogCaptureFixture
) -> None:
    broken, fine = add(LAST - 1), add(LAST - 1)

    def listen(app: Flask, subject: str, **ended: Any) -> None:
        if subject == broken.subject:
            raise RuntimeError("out of order")

    with consent_ended.connected_to(listen, app), caplog.at_level(logging.ERROR):
        result = app.test_cli_runner().invoke(args=["consent", "purge"])
    assert result.exit_code == 1
    assert "failed for 1 visitor " in result.output
    assert left(store) == {broken.id}
    assert fine.id not in left(store)
    assert "1 record " in purge(app)


def test_of_a_deleted_record_nothing_is_left_in_any_table(app: Flask, store: SQLStore, add: Any) -> None:
    def listen(app: Flask, **ended: Any) -> None: ...

    with consent_ended.connected_to(listen, app):
        for _ in range(3):
            grant = add(LAST - 1)
            store.use(grant.subject, Grant(grant.id, "analytics"))
        purge(app)

    about_people = set(METADATA.tables.values()) - {CONTEXTS, ENTRIES, NOTICES, SCRIPTS, VERSIONS}
    assert {RECORDS, ENDS, USES} <= about_people
    with store._engine.connect() as connection:
        for table in about_people:
            assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 0, table.name


def test_a_visitor_who_chooses_between_two_batches_waits_for_nobody_and_loses_nothing(
    app: Flask, store: SQLStore, add: Any
) -> None:
    for _ in range(250):
        add(LAST - 1)
    begun, chosen = threading.Event(), list[Choice]()
    last = [history[0].subject for history in store.histories("")][-5:]

    def choose() -> None:
        begun.wait(60)
        chosen.extend(add(today() + 9, subject=subject, seq=2) for subject in last)

    visitor = threading.Thread(target=choose)
    visitor.start()
    with app.app_context():
        site, result = app.extensions["consent_widget"], purging.Purged()

        def stepping() -> Iterator[list[Choice]]:
            for number, batch in enumerate(purging._batches(site, purging.terms(site), result, dry_run=False)):
                if number == 1:
                    begun.set()
                    visitor.join(60)
                yield batch

        store.purge(stepping())
    assert result.visitors == 250
    assert left(store) == {each.id for each in chosen}
    assert len(chosen) == 5


def test_two_who_purge_at_once_delete_everything_once(app: Flask, store: SQLStore, add: Any) -> None:
    for _ in range(120):
        add(LAST - 1)
    outputs: list[str] = []
    both_at_once = [threading.Thread(target=lambda: outputs.append(purge(app))) for _ in range(2)]
    for each in both_at_once:
        each.start()
    for each in both_at_once:
        each.join(60)

    assert len(outputs) == 2
    assert left(store) == set()


# The term


def test_start_up_stops_where_a_text_speaks_of_a_term_that_is_not_set() -> None:
    for name in ("minimal", "shop"):
        table = notice_table(name) | {"controller": CONTROLLER}
        del table["records_months"]
        with pytest.raises(NoticeError, match=r"retention: speaks of records_months, which is not set"):
            notice_from(table)


@pytest.mark.parametrize("months", [0, -1, 241])
def test_a_term_is_some_months(minimal: Notice, months: int) -> None:
    with pytest.raises(NoticeError, match="records_months: must be between 1 and 240"):
        replace(minimal, records_months=months)


def test_the_term_stands_in_the_text(shop: Notice) -> None:
    purpose = shop.purpose("consent_management")

    assert purpose
    assert purpose.retention["en"].endswith("the proof is kept for 36 months after it ends.")
    assert "保存 36 个月" in purpose.retention["zh-CN"]


def test_check_points_to_a_promise_that_no_command_keeps_and_to_a_term_that_no_text_tells(minimal: Notice) -> None:
    first = minimal.purposes[0]
    promising = replace(first, retention=Text(both("We keep the proof for three years. 证明保存三年。")))
    untold = replace(first, retention=Text(both("As long as needed.")))
    no_term = replace(minimal, records_months=None, purposes=(promising, *minimal.purposes[1:]))

    assert [line for line in warnings(minimal) if "records_months" in line] == []
    assert "records_months is not set" in next(line for line in warnings(no_term) if "records_months" in line)
    found = [line for line in warnings(replace(minimal, purposes=(untold,))) if "records_months" in line]
    assert [("'zh-CN'" in line, "'en'" in line) for line in found] == [(True, False), (False, True)]


def test_without_a_term_purge_says_what_to_set_and_deletes_nothing(
    make_app: MakeApp, store: SQLStore, minimal: Notice, add: Any
) -> None:
    silent = replace(minimal, records_months=None)
    app = make_app(CONSENT_STORE=store, CONSENT_NOTICE=silent)
    add(LAST - 1, notice=silent.digest)
    result = app.test_cli_runner().invoke(args=["consent", "purge"])

    assert result.exit_code == 1
    assert "Set records_months in it" in result.output
    assert len(left(store)) == 1


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [("2026-11-29", 36, "2023-11-29"), ("2026-03-31", 1, "2026-02-28"), ("2028-02-29", 12, "2027-02-28"),
     ("2026-01-31", 2, "2025-11-30"), ("2026-12-31", 12, "2025-12-31")],
)  # fmt: skip
def test_months_back_end_on_the_same_day_or_the_last(day: str, months: int, before: str) -> None:
    assert iso_date(months_before((date.fromisoformat(day) - date(1970, 1, 1)).days, months)) == before


def test_a_notice_of_before_the_term_keeps_its_digest(minimal: Notice) -> None:
    silent = replace(minimal, records_months=None)

    assert "records_months" not in silent.text
    assert read_notice("minimal", CONTROLLER).records_months == 36


def test_no_page_of_old_records_is_sorted_anew(store: SQLStore, add: Any) -> None:
    if store._engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL chooses a plan by how much there is")
    asked = []

    @sa.event.listens_for(store._engine, "before_cursor_execute")
    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        asked.append((statement, parameters))

    add(LAST - 1)
    asked.clear()
    assert len(list(store.ended_histories(LAST))) == 1
    plans = []
    with store._engine.connect() as connection:
        for statement, parameters in [each for each in asked if each[0].startswith("SELECT")]:
            plans += [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    of_records = [plan for plan in plans if "consent_records" in plan]
    assert len(of_records) >= 2
    assert [plan for plan in of_records if "ix_consent_records_subject" not in plan] == []
    assert [plan for plan in plans if "TEMP B-TREE" in plan] == []
