"""Choices that come together are stored together: each answer comes after its commit, and no fault is another's."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from time import sleep

import pytest

from consent_widget import SQLStore, StoreError
from consent_widget.choice.act import Choice
from consent_widget.errors import StateMoved
from consent_widget.proof.entry import canonical_record, commitment
from consent_widget.store import turns
from consent_widget.store.packed import id_to_bytes

from .test_store import choice

PATIENCE = 60


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here no thread gives up before all have come."""
    for limit in ("PATIENCE", "BRIEFLY"):
        monkeypatch.setattr(turns, limit, PATIENCE)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool


def together(store: SQLStore, threads: ThreadPoolExecutor, choices: list[Choice]) -> list[Choice | BaseException]:
    """What the store returns for each of these choices, or raises: they all come while every turn is taken."""
    with ExitStack() as busy:
        for _ in range(store._turns._at_once):
            busy.enter_context(store._turns.take())
        futures = [threads.submit(store.add, each) for each in choices]
        while len(store._group._queue) < len(choices):
            assert not any(future.done() for future in futures)
            sleep(0.001)  # lets them come
    return [future.exception(PATIENCE) or future.result() for future in futures]


@pytest.fixture
def warm(store: SQLStore) -> SQLStore:
    """A store that has the context of these choices."""
    store.add(choice())
    return store


def test_all_who_wait_share_one_transaction(warm: SQLStore, threads: ThreadPoolExecutor) -> None:
    added = [choice() for _ in range(12)]
    commits = list[object]()
    if warm._sqlite:
        warm._kept._kept[0].set_trace_callback(lambda said: said == "COMMIT" and commits.append(said))
    stored = together(warm, threads, added)
    if not warm._sqlite:  # which transaction each row is of
        with warm._reading() as connection:
            commits += connection.exec_driver_sql("SELECT DISTINCT xmin::text FROM consent_records WHERE number > 0")

    assert stored == added
    assert len(commits) == 1
    records = list(warm.records())
    assert [each.number for each in records] == [*range(13)]
    assert [entry for _, entry in warm.entries()] == [
        commitment(each.salt, canonical_record(each.choice)) for each in records
    ]


def test_each_gets_their_own_answer(warm: SQLStore, threads: ThreadPoolExecutor) -> None:
    known, child = warm.add(choice()), warm.add(choice(action="refuse", purposes={"data_analytics": False}))
    late = choice(subject=child.subject, seq=1)
    fine, broken, moved = choice(), choice(locale=None), choice(subject=known.subject, seq=1)
    again = replace(known, time=1, subject=choice().subject)
    got = together(warm, threads, [fine, again, broken, late, moved])

    assert (got[0], got[1]) == (fine, known)
    assert isinstance(got[2], StoreError)
    assert isinstance(got[3], StateMoved)
    assert isinstance(got[4], StateMoved)
    assert [each.number for each in warm.records()] == [*range(4)]


def test_two_acts_of_one_subject_at_once_are_stored_in_turn(warm: SQLStore, threads: ThreadPoolExecutor) -> None:
    one = choice(action="refuse", purposes={"data_analytics": False})
    both = [one, replace(one, id=choice().id)]
    got = together(warm, threads, both)

    assert sorted(each.seq for each in got if isinstance(each, Choice)) == [1, 2]
    assert [each.seq for each in warm.history(one.subject)] == [1, 2]


def test_a_thread_that_is_interrupted_while_it_waits_keeps_nobody_out(
    warm: SQLStore, threads: ThreadPoolExecutor
) -> None:
    one = choice(action="refuse", purposes={"data_analytics": False})

    def interrupt(*_: object) -> None:
        raise InterruptedError

    def when(waiting: int) -> None:
        while len(warm._group._queue) < waiting:
            sleep(0.001)

    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        with ExitStack() as busy:
            for _ in range(warm._turns._at_once):
                busy.enter_context(warm._turns.take())
            first = threads.submit(warm.add, one)
            when(1)
            threads.submit(lambda: (when(2), signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)))
            with pytest.raises(InterruptedError):  # would lead next: it cannot be stored together with the first
                warm.add(replace(one, id=choice().id))
        assert first.result(PATIENCE) == one
    finally:
        signal.signal(signal.SIGUSR1, before)
    last = choice()
    assert threads.submit(warm.add, last).result(PATIENCE) == last


def test_what_the_database_refuses_is_refused_alone(postgresql: str, threads: ThreadPoolExecutor) -> None:
    good, bad = choice(), choice()
    with closing(SQLStore(postgresql)) as store:
        store.add(choice())
        refusal = f"ADD CONSTRAINT refusal CHECK (id <> '\\x{id_to_bytes(bad.id).hex()}')"
        with store._engine.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE consent_records {refusal}")
        try:
            got = together(store, threads, [good, bad, choice()])
        finally:
            with store._engine.begin() as connection:
                connection.exec_driver_sql("ALTER TABLE consent_records DROP CONSTRAINT refusal")

        assert got[0] == good
        assert isinstance(got[1], StoreError)
        assert store.history(bad.subject) == []
        assert store.history(good.subject) == [good]
        assert store.size() == 3


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_a_database_with_another_level_of_isolation_takes_choices_of_two_processes_at_once(
    postgresql: str, threads: ThreadPoolExecutor, level: str
) -> None:
    with closing(SQLStore(postgresql)) as store, store._engine.connect() as connection:
        store.add(choice())
        name = connection.exec_driver_sql("SELECT current_database()").scalar_one()
        alter = f'ALTER DATABASE "{name}" '
        connection.exec_driver_sql(f"{alter} SET default_transaction_isolation = '{level}'")
        connection.commit()
        try:
            with closing(SQLStore(postgresql)) as one, closing(SQLStore(postgresql)) as other:
                futures = [threads.submit((one, other)[number % 2].add, choice()) for number in range(100)]
                assert [each.exception(PATIENCE) for each in futures] == [None] * 100
        finally:
            connection.exec_driver_sql(f"{alter} RESET default_transaction_isolation")
            connection.commit()
        assert store.size() == 101


def test_after_a_commit_that_failed_all_who_try_again_are_stored_once(
    postgresql: str, threads: ThreadPoolExecutor
) -> None:
    with closing(SQLStore(postgresql)) as store:
        store.add(choice())
        with store._engine.begin() as connection:
            connection.exec_driver_sql(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$"
            )
            connection.exec_driver_sql(
                "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON consent_entries DEFERRABLE INITIALLY DEFERRED "
                "FOR EACH ROW EXECUTE FUNCTION refuse()"
            )
        added = [choice() for _ in range(8)]
        try:
            futures = [threads.submit(store.add, each) for each in added]
            assert {type(each.exception(PATIENCE)) for each in futures} == {StoreError}
            assert store.size() == 1
        finally:
            with store._engine.begin() as connection:
                connection.exec_driver_sql("DROP FUNCTION refuse CASCADE")
        for _ in range(2):
            assert [threads.submit(store.add, each).result(PATIENCE) for each in added] == added
        assert store.size() == 9
