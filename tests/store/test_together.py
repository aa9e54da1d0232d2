"""Several processes and threads on one database, and a file that is replaced under them."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock
from pathlib import Path
from threading import Thread
from time import sleep
from typing import TextIO

import pytest

from consent_widget import SQLStore
from consent_widget.choice.act import record_id
from consent_widget.errors import StoreError
from consent_widget.store import queueing
from consent_widget.store.verifying import Verification
from consent_widget.testing.stores import make_choice

from .test_store import choice

FORK = multiprocessing.get_context("fork")
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


#: A host: stores a choice for each key that it is told, and says its id once it is stored.
HOST = """
import sys
from consent_widget import SQLStore
from consent_widget.choice.act import record_id
from consent_widget.testing import make_choice
store = SQLStore(sys.argv[1])
for key in map(str.strip, sys.stdin):
    print(store.add(make_choice(site="", id=record_id("", key))).id, flush=True)
"""


def in_processes(number: int, work: Callable[[], None]) -> list[str]:
    """What went wrong in so many processes that do `work` at the same moment."""
    barrier, said = FORK.Barrier(number), FORK.SimpleQueue()

    def run() -> None:
        barrier.wait()
        try:
            work()
            said.put("")
        except BaseException as error:
            said.put(repr(error))

    processes = [FORK.Process(target=run) for _ in range(number)]
    for process in processes:
        process.start()
    found = [said.get() for _ in processes]
    for process in processes:
        process.join()
    return [each for each in found if each]


def test_workers_that_start_together_on_a_new_database_all_start(tmp_path: Path) -> None:
    for attempt in range(3):
        url = f"sqlite:///{tmp_path / str(attempt)}.sqlite"
        assert in_processes(8, lambda url=url: SQLStore(url).close()) == []  # type: ignore[misc]


def test_an_app_that_is_made_before_its_workers_are_forked_keeps_every_choice(store: SQLStore) -> None:
    store.add(choice())  # its connections are in use already
    assert in_processes(4, lambda: [store.add(choice()) for _ in range(25)] and None) == []
    assert len(list(store.export())) == 101


def test_all_threads_share_a_database_in_memory() -> None:
    with closing(SQLStore("sqlite://")) as store:
        threads = [Thread(target=lambda: [store.add(choice()) for _ in range(10)]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(list(store.export())) == 80


def test_no_choice_goes_to_a_file_that_was_moved_away(tmp_path: Path) -> None:
    path, elsewhere = tmp_path / "x.sqlite", tmp_path / "elsewhere"
    elsewhere.mkdir()
    with closing(SQLStore(f"sqlite:///{path}")) as store:
        first = store.add(choice())
        for each in tmp_path.glob("x.sqlite*"):
            each.rename(elsewhere / each.name)
        for act in (store.ping, lambda: store.add(choice()), lambda: store.history(first.subject)):
            with pytest.raises(StoreError, match="Put it back"):
                act()  # type: ignore[operator]
        for each in elsewhere.iterdir():
            each.rename(tmp_path / each.name)
        store.ping()
        assert store.history(first.subject) == [first]


def test_a_file_that_was_restored_from_a_backup_is_the_one_that_is_written_to(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    with closing(SQLStore(f"sqlite:///{path}")) as store, closing(sqlite3.connect(tmp_path / "backup")) as backup:
        first = store.add(choice())
        with closing(sqlite3.connect(path)) as source:
            source.backup(backup)
        store.add(choice())
        for each in tmp_path.glob("x.sqlite-*"):
            each.unlink()
        os.replace(tmp_path / "backup", path)
        last = store.add(choice())
        assert list(store.export()) == [first, last]


def test_a_file_that_is_replaced_while_a_choice_is_stored_is_the_one_that_the_next_goes_to(tmp_path: Path) -> None:
    path, other = tmp_path / "x.sqlite", tmp_path / "other"
    with closing(SQLStore(f"sqlite:///{path}")) as store, closing(SQLStore(f"sqlite:///{other}")) as restored:
        first = restored.add(choice())
        restored.close()
        store.add(choice())
        with store._storing(1.0):  # as long as another thread looks at the file
            for each in tmp_path.glob("x.sqlite-*"):
                each.unlink()
            os.replace(other, path)
            assert list(store.export()) == [first]
        last = store.add(choice())
        assert list(store.export()) == [first, last]


def test_a_database_that_cannot_be_written_is_not_healthy(store: SQLStore) -> None:
    store.ping()
    with store._engine.connect() as connection:
        sqlite = store._engine.dialect.name == "sqlite"
        forbid, allow = (
            ("PRAGMA query_only = ON", "PRAGMA query_only = OFF")
            if sqlite
            else ("SET SESSION default_transaction_read_only = on", "SET SESSION default_transaction_read_only = off")
        )
        connection.exec_driver_sql(forbid)
        connection.commit()
    with pytest.raises(StoreError, match=r"read-?only"):
        store.ping()
    with store._engine.connect() as connection:
        connection.exec_driver_sql(allow)
        connection.commit()
    store.ping()


def test_a_database_that_another_program_holds_is_not_healthy_and_says_so_soon(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    with closing(SQLStore(f"sqlite:///{path}")) as store, closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked"):
            store.ping()
        other.rollback()
        store.ping()


def test_of_three_hosts_one_is_killed_and_no_choice_is_lost_or_there_twice(url: str) -> None:
    keys = [[f"{host}-{number}-{'x' * 16}" for number in range(25)] for host in range(3)]
    hosts = [
        subprocess.Popen([sys.executable, "-c", HOST, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in keys
    ]
    for host, own in zip(hosts, keys, strict=True):
        assert host.stdin
        host.stdin.write("\n".join(own) + "\n")
        host.stdin.flush()
    assert hosts[0].stdout
    acknowledged = {hosts[0].stdout.readline().strip() for _ in range(10)}
    hosts[0].kill()
    acknowledged |= {*hosts[0].communicate()[0].split()}
    said = hosts[1].communicate("\n".join(keys[0]))[0].split()  # what was not answered is sent elsewhere
    said += hosts[2].communicate()[0].split()

    with closing(SQLStore(url)) as store:
        records = list(store.records())
        assert not [fault for fault in Verification(store).run() if fault.kind != "notice"]
    ids = [record.choice.id for record in records]
    assert acknowledged <= {*ids}
    assert len(acknowledged) >= 10
    assert sorted(ids) == sorted({*said}) == sorted(record_id("", key) for own in keys for key in own)
    assert [record.number for record in records] == [*range(75)]


def test_of_two_processes_that_store_under_load_neither_keeps_the_other_out(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.sqlite'}"

    def work() -> None:
        with closing(SQLStore(url)) as own, ThreadPoolExecutor(16) as pool:
            for stored in [pool.submit(own.add, make_choice()) for _ in range(160)]:  # each alone: its context is new
                stored.result()

    with closing(SQLStore(url)) as store:
        assert in_processes(2, work) == []
        assert len(list(store.export())) == 2 * 160


def test_a_process_that_was_stopped_in_the_queue_does_not_stop_the_others(tmp_path: Path) -> None:
    with (
        closing(SQLStore(f"sqlite:///{tmp_path / 'x.sqlite'}")) as store,
        (tmp_path / "x.sqlite-queue").open() as queue,
    ):
        flock(queue, LOCK_EX)
        added = store.add(choice())
        assert list(store.export()) == [added]


def test_without_a_queue_beside_it_a_database_is_written_to_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite-queue").mkdir()
    with closing(SQLStore(f"sqlite:///{tmp_path / 'x.sqlite'}")) as store:
        added = store.add(choice())
        assert list(store.export()) == [added]


def test_who_waits_to_write_comes_before_who_came_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queueing, "LONGEST", 60.0)  # a machine that stands still for a moment does not end the order
    path = tmp_path / "x.sqlite"
    with (
        closing(SQLStore(f"sqlite:///{path}")) as first,
        closing(SQLStore(f"sqlite:///{path}")) as later,
        closing(sqlite3.connect(path)) as other,
        (tmp_path / "x.sqlite-queue").open() as queue,
        ThreadPoolExecutor(2) as threads,
    ):
        known = first.add(choice())  # the first with its context is written to the file twice, and queues twice
        other.execute("BEGIN IMMEDIATE")
        waiting = threads.submit(first.add, choice())
        while not waiting.done() and is_free(queue):
            sleep(queueing.MOMENT)  # it does not find its place taken by this look all the time
        assert not waiting.done()  # it has its place in the queue
        coming = threads.submit(later.add, choice())
        other.rollback()
        stored = [known.id, waiting.result().id, coming.result().id]
        assert [each.id for each in first.export()] == stored


def is_free(queue: TextIO) -> bool:
    try:
        flock(queue, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    flock(queue, LOCK_UN)
    return True
