"""Nobody waits without an end for a database that is locked, hangs or is gone, and few wait at all."""

from __future__ import annotations

import gc
import os
import socket
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
import sqlalchemy as sa

from consent_widget import SQLStore
from consent_widget.choice.act import Choice
from consent_widget.errors import StoreError
from consent_widget.notice.model import Notice
from consent_widget.store.postgresql import Watch
from consent_widget.store.turns import FEW, Turns

from ..conftest import HERE, MakeApp
from ..support.choice_body import choice_body
from ..support.hanging import silent, stopped
from .test_store import choice

#: Seconds for something to happen.
PATIENCE = 60


@pytest.fixture
def patient() -> None:
    """Here nobody is: how long threads wait is what these tests are about."""


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[SQLStore]:
    with closing(SQLStore(f"sqlite:///{tmp_path / 'x.sqlite'}")) as store:
        yield store


def ended(futures: list[Future[Choice]], number: int) -> tuple[set[Future[Choice]], set[Future[Choice]]]:
    """Waits until so many have ended: those that have, and those that have not."""
    waiting = set(futures)
    while len(futures) - len(waiting) < number:
        done, waiting = wait(waiting, PATIENCE, FIRST_COMPLETED)
        assert done
    return set(futures) - waiting, waiting


def test_while_a_file_is_locked_few_wait_and_all_others_learn_of_it_first(
    lite: SQLStore, tmp_path: Path, threads: ThreadPoolExecutor
) -> None:
    with closing(sqlite3.connect(tmp_path / "x.sqlite")) as other:
        other.execute("BEGIN IMMEDIATE")
        acts = [threads.submit(lite.add, choice()) for _ in range(12)]
        refused, waiting = ended(acts, 12 - FEW)
        assert len(waiting) == FEW
        assert all(isinstance(act.exception(), StoreError) for act in refused)
        assert lite.history("nobody") == []  # who reads does not wait
        other.rollback()
    stored = [act.result(PATIENCE) for act in waiting]

    assert sorted(each.id for each in lite.export()) == sorted(each.id for each in stored)
    assert lite.add(choice())


def test_a_file_that_stays_locked_is_told_of_by_name(lite: SQLStore, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x.sqlite")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"is locked\)\. Another program"):
            lite.add(choice())


@pytest.mark.slow
def test_a_server_that_hangs_is_given_up_and_used_again_when_it_answers(
    postgresql: str, threads: ThreadPoolExecutor
) -> None:
    with closing(SQLStore(postgresql)) as store:
        acts = [threads.submit(store.add, choice()) for _ in range(50)]
        kept = [act.result(PATIENCE).id for act in acts]
        with stopped(postgresql):
            acts = [threads.submit(store.add, choice()) for _ in range(12)]
            assert all(isinstance(act.exception(PATIENCE), StoreError) for act in acts)
            for act in (store.ping, lambda: store.history("nobody")):
                with pytest.raises(StoreError):
                    act()  # type: ignore[operator]
        store.ping()
        last = store.add(choice())

        assert {*kept, last.id} <= {each.id for each in store.export()}


@pytest.mark.slow
def test_a_server_that_never_says_anything_does_not_stop_a_start() -> None:
    with silent() as url, closing(SQLStore(url)) as store:
        assert "timeout expired). See whether its server runs" in str(store.trouble)
        for act in (store.ping, lambda: store.add(choice())):
            with pytest.raises(StoreError):
                act()  # type: ignore[operator]


def test_a_connection_that_the_server_has_closed_is_replaced_before_it_is_used(postgresql: str) -> None:
    with closing(SQLStore(postgresql)) as store:
        store.add(choice())
        engine = sa.create_engine(postgresql, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            others = "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid) {others}")
            while connection.exec_driver_sql(f"SELECT 1 {others}").all():
                pass
        added = store.add(choice())
        assert store.history(added.subject) == [added]


def test_as_many_threads_as_there_are_need_no_new_connection(postgresql: str, threads: ThreadPoolExecutor) -> None:
    with closing(SQLStore(postgresql)) as store:
        opened: list[object] = []
        sa.event.listen(store._engine, "connect", lambda *connection: opened.append(connection))
        for act in [threads.submit(store.add, choice()) for _ in range(200)]:
            act.result(PATIENCE)
        assert len(opened) <= FEW


def test_what_fails_when_it_is_committed_does_not_count_as_stored(postgresql: str) -> None:
    with closing(SQLStore(postgresql)) as store:
        with store._engine.begin() as connection:
            connection.exec_driver_sql(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$"
            )
            connection.exec_driver_sql(
                "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON consent_records DEFERRABLE INITIALLY DEFERRED "
                "FOR EACH ROW EXECUTE FUNCTION refuse()"
            )
        try:
            with pytest.raises(StoreError):
                store.add(choice())
            assert list(store.export()) == []
        finally:
            with store._engine.begin() as connection:
                connection.exec_driver_sql("DROP FUNCTION refuse CASCADE")
        assert store.add(choice())


def test_threads_take_turns_and_whoever_would_wait_for_a_hanging_one_is_told(threads: ThreadPoolExecutor) -> None:
    turns, go, inside = Turns(1), Event(), Event()

    def hold() -> None:
        with turns.take():
            inside.set()
            go.wait(PATIENCE)

    def enter() -> str:
        with turns.take(PATIENCE):
            return "in"

    holding = threads.submit(hold)
    inside.wait(PATIENCE)
    acts = [threads.submit(enter) for _ in range(6)]
    refused = {act for act in acts if isinstance(wait_for(act, 6 - (FEW - 1), acts), StoreError)}
    go.set()

    assert holding.result(PATIENCE) is None
    assert [act.result(PATIENCE) for act in acts if act not in refused] == ["in"] * (FEW - 1)


def wait_for(act: Future[str], number: int, acts: list[Future[str]]) -> BaseException | None:
    """What an act raised, once so many have ended."""
    while sum(each.done() for each in acts) < number:
        wait(acts, 0.05, FIRST_COMPLETED)
    return act.exception() if act.done() else None


# What is missing, and what is left behind


def test_a_store_that_nobody_closed_leaves_no_connection_open(tmp_path: Path) -> None:
    store: SQLStore | None = SQLStore(f"sqlite:///{tmp_path / 'x.sqlite'}")
    opened: list[sqlite3.Connection] = []
    sa.event.listen(store._engine, "checkout", lambda connection, *_: opened.append(connection))  # type: ignore[union-attr]
    store.add(choice())  # type: ignore[union-attr]
    assert opened
    store = None
    gc.collect()
    for connection in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")


# Causes and remedies


def away(url: str, act: Callable[[SQLStore], object] = lambda store: store.ping()) -> str:
    with closing(SQLStore(url)) as store, pytest.raises(StoreError) as raised:
        act(store)
    return str(raised.value)


def test_a_missing_folder_and_a_file_that_is_no_database_are_told_by_name(tmp_path: Path) -> None:
    assert f"The folder {tmp_path / 'no'} is not there: make it" in away(f"sqlite:///{tmp_path / 'no'}/x.sqlite")
    (tmp_path / "text").write_text("This is no database, but a text of some length.\n" * 100, "utf-8")
    assert "is not a database). Name another file" in away(f"sqlite:///{tmp_path / 'text'}")


def test_a_full_disk_and_one_that_only_reads_are_told_by_name(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.sqlite'}"

    def fill(store: SQLStore) -> None:
        sa.event.listen(store._engine, "checkout", lambda file, *_: file.execute("PRAGMA max_page_count = 1"))
        for _ in range(1000):
            store.add(choice())

    assert "is full). The disk of the database is full: make room" in away(url, fill)
    only_reads = f"sqlite:///file:{tmp_path / 'x.sqlite'}?mode=ro&uri=true"
    assert "must be able to write the file and its folder" in away(only_reads)


def newer(notice: Notice) -> Notice:
    """The notice of the next release."""
    return replace(notice, version="9.1.0", purposes=tuple(replace(each, revision=7) for each in notice.purposes))


def test_while_the_database_is_stopped_no_page_of_another_release_is_called_outdated(
    make_app: MakeApp, postgresql: str, minimal: Notice
) -> None:
    process = make_app(CONSENT_DATABASE=postgresql, CONSENT_NOTICE=minimal)
    make_app(CONSENT_DATABASE=postgresql, CONSENT_NOTICE=newer(minimal))
    client, body = process.test_client(), choice_body(newer(minimal), "reject_all")
    with stopped(postgresql):
        assert client.post("/consent/records", json=body, headers=HERE).status_code == 503
    assert client.post("/consent/records", json=body, headers=HERE).status_code == 201


def test_nor_are_its_forms_and_its_texts(make_app: MakeApp, lite: SQLStore, minimal: Notice) -> None:
    client = make_app(CONSENT_STORE=lite, CONSENT_NOTICE=minimal).test_client()
    make_app(CONSENT_STORE=lite, CONSENT_NOTICE=newer(minimal))
    digest = newer(minimal).digest

    def fail(*_: object) -> None:
        raise sa.exc.OperationalError("", {}, Exception("away"))

    for engine in {lite._engine, lite._reader}:
        sa.event.listen(engine, "before_cursor_execute", fail)
    form = {"notice": digest, "action": "reject_all"}
    assert "could not be saved" in client.post("/consent/preferences", data=form, headers=HERE).text
    assert client.get(f"/consent/i18n/en.json?{digest[:16]}").status_code == 503
    for engine in {lite._engine, lite._reader}:
        sa.event.remove(engine, "before_cursor_execute", fail)
    assert client.get(f"/consent/i18n/en.json?{digest[:16]}").status_code == 200


@pytest.mark.parametrize("where", ["url", "PGOPTIONS"])
def test_other_options_of_the_site_hold_beside_ours_but_for_the_level_of_isolation(
    postgresql: str, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    url, said = sa.make_url(postgresql), "-c work_mem=1MB -c default_transaction_isolation=serializable"
    if where == "url":
        url = url.update_query_dict({"options": said})
    else:
        monkeypatch.setenv("PGOPTIONS", said)
    names = "statement_timeout", "work_mem", "transaction_isolation"
    with closing(SQLStore(url.render_as_string(hide_password=False))) as store, store._reading() as connection:
        found = [connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in names]

    assert found == ["2s", "1MB", "read committed"]


def test_what_a_role_lacks_is_told_by_name(postgresql: str) -> None:
    SQLStore(postgresql).close()
    engine = sa.create_engine(postgresql, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    url = sa.make_url(postgresql)
    with engine.connect() as connection:
        for statement in ("CREATE ROLE web LOGIN", "CREATE SCHEMA empty", "GRANT USAGE ON SCHEMA empty TO web"):
            connection.exec_driver_sql(statement)
    web = url.set(username="web")
    try:
        nowhere = web.update_query_dict({"options": "-c search_path=empty"}).render_as_string(hide_password=False)
        assert "GRANT CREATE, USAGE ON SCHEMA public" in away(nowhere)
        assert "GRANT CREATE, USAGE ON SCHEMA public" in away(web.render_as_string(hide_password=False))
    finally:
        with engine.connect() as connection:
            for statement in ("DROP SCHEMA empty CASCADE", "DROP OWNED BY web", "DROP ROLE web"):
                connection.exec_driver_sql(statement)
    missing = url.set(database="nowhere").render_as_string(hide_password=False)
    assert "does not exist). Make it (createuser, createdb)" in away(missing)


def test_a_server_that_refuses_is_told_by_name() -> None:
    assert "refused). Check CONSENT_DATABASE, and that its server runs" in away(
        "postgresql+psycopg://me:hidden@127.0.0.1:9/x"
    )


def test_a_connection_is_cut_in_time_though_it_has_the_number_of_one_that_was_closed() -> None:
    watch, (earlier, one), (answering, other) = Watch(), socket.socketpair(), socket.socketpair()
    with one, other, answering, ExitStack() as later:
        with watch.over(earlier, PATIENCE):
            connection = socket.socket(fileno=os.dup2(answering.fileno(), earlier.detach()))
            connection.settimeout(PATIENCE)
            later.enter_context(connection)
            later.enter_context(watch.over(connection, 0))
        assert connection.recv(1) == b""
