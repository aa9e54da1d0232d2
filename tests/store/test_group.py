"""Choices that come together are stored together: each answer comes after its commit, and no fault is another's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from threading import Event

import pytest
import sqlalchemy as sa

from consent_widget import SQLStore, StoreError
from consent_widget.choice.act import Choice
from consent_widget.errors import StateMoved
from consent_widget.proof.entry import canonical_record, commitment

from .test_store import choice

PATIENCE = 60


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool


class Gate:
    """Lets a first transaction wait until all others stand in the queue, and counts the transactions."""

    def __init__(self, store: SQLStore) -> None:
        self.inside, self.go, self.batches = Event(), Event(), list[list[Choice]]()
        store.in_transaction.append(self)

    def __call__(self, connection: sa.Connection, stored: object) -> None:
        self.batches.append([each for _, each in stored])  # type: ignore[attr-defined]
        self.inside.set()
        assert self.go.wait(PATIENCE)


def together(store: SQLStore, threads: ThreadPoolExecutor, acts: list[Callable[[], Choice]]) -> list[object]:
    """What each act returns, or raises, all but the first in one transaction if they can be."""
    gate = Gate(store)
    first = threads.submit(store.add, choice())
    assert gate.inside.wait(PATIENCE)
    futures = [threads.submit(act) for act in acts]
    while len(store._group._queue) < len(acts):
        pass
    gate.go.set()
    first.result(PATIENCE)
    got = [future.exception(PATIENCE) or future.result() for future in futures]
    store.in_transaction.remove(gate)
    together.batches = gate.batches  # type: ignore[attr-defined]
    return got


@pytest.fixture
def warm(store: SQLStore) -> SQLStore:
    """A store that has the context of these choices."""
    store.add(choice())
    return store


def test_all_who_wait_share_one_transaction(warm: SQLStore, threads: ThreadPoolExecutor) -> None:
    added = [choice() for _ in range(12)]
    stored = together(warm, threads, [lambda each=each: warm.add(each) for each in added])  # type: ignore[misc]

    assert stored == added
    assert [len(batch) for batch in together.batches] == [1, 12]  # type: ignore[attr-defined]
    records = list(warm.records())
    assert [each.number for each in records] == [*range(14)]
    assert [entry for _, entry in warm.entries()] == [
        commitment(each.salt, canonical_record(each.choice)) for each in records
    ]


def test_each_gets_their_own_answer(warm: SQLStore, threads: ThreadPoolExecutor) -> None:
    known, child = warm.add(choice()), warm.add(choice(action="refuse", purposes={"data_analytics": False}))
    late = choice(subject=child.subject, seq=1)
    fine, broken, moved = choice(), choice(locale=None), choice(subject=known.subject, seq=1)
    again = replace(known, time=1, subject=choice().subject)
    got = together(warm, threads, [lambda each=each: warm.add(each) for each in (fine, again, broken, late, moved)])  # type: ignore[misc]

    assert (got[0], got[1]) == (fine, known)
    assert isinstance(got[2], StoreError)
    assert isinstance(got[3], StateMoved)
    assert isinstance(got[4], StateMoved)
    assert [each.number for each in warm.records()] == [*range(5)]


def test_two_acts_of_one_subject_at_once_are_stored_in_turn(warm: SQLStore, threads: ThreadPoolExecutor) -> None:
    one = choice(action="refuse", purposes={"data_analytics": False})
    both = [one, replace(one, id=choice().id)]
    got = together(warm, threads, [lambda each=each: warm.add(each) for each in both])  # type: ignore[misc]

    assert sorted(each.seq for each in got) == [1, 2]  # type: ignore[attr-defined]
    assert [each.seq for each in warm.history(one.subject)] == [1, 2]


def test_what_a_listener_refuses_is_refused_alone(warm: SQLStore, threads: ThreadPoolExecutor) -> None:
    bad, good = choice(), choice()

    def listen(connection: sa.Connection, stored: list[tuple[int, Choice]]) -> None:
        if any(each.id == bad.id for _, each in stored):
            raise ValueError("not this one")

    warm.in_transaction.append(listen)  # type: ignore[arg-type]
    got = together(warm, threads, [lambda each=each: warm.add(each) for each in (good, bad, choice())])  # type: ignore[misc]

    assert got[0] == good
    assert isinstance(got[1], ValueError)
    assert warm.history(bad.subject) == []
    assert warm.history(good.subject) == [good]


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
