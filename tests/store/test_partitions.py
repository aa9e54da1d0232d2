"""The tables of the log in parts, by the SQL of docs/scale.md as it stands there, in a real PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from consent_widget import SQLStore
from consent_widget.choice.act import Choice
from consent_widget.errors import StoreError
from consent_widget.proof.checkpoint import Checkpoint
from consent_widget.store.tables import ACCOUNTS
from consent_widget.store.verifying import Verification
from consent_widget.testing import check_store, make_choice

from ..support.log import KEYS

PAGE = (Path(__file__).parents[2] / "docs/scale.md").read_text("utf-8")
#: As many records as are in a part here, instead of 33,554,432: whole tiles of the log.
WIDTH = 256
PARTS = "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' ORDER BY relname"


def sql(name: str, **values: object) -> str:
    """The SQL of the page that begins with this comment."""
    text = re.search(rf"```sql\n(-- {name}.*?)```", PAGE, re.DOTALL)
    assert text, name
    found = text[1].replace("33554432", str(WIDTH))
    for before, after in values.items():
        assert f":{before}" in found
        found = found.replace(f":{before}", str(after))
    return found


@pytest.fixture
def server(server_of_postgresql: str) -> Iterator[psycopg.Connection]:
    """A connection to a database of its own: what is made here fits no other test."""
    with psycopg.connect(server_of_postgresql.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE DATABASE parts")
        with psycopg.connect(server_of_postgresql.replace("+psycopg", ""), dbname="parts", autocommit=True) as parts:
            yield parts
        connection.execute("DROP DATABASE parts WITH (FORCE)")


@pytest.fixture
def store(server: psycopg.Connection, server_of_postgresql: str) -> Iterator[SQLStore]:
    with closing(SQLStore(server_of_postgresql.replace("/postgres?", "/parts?"))) as store:
        yield store


def fill(store: SQLStore, number: int) -> list[Choice]:
    choices = [make_choice(site="") for _ in range(number)]
    store.keep_notice("ab" * 32, "")
    store.take_in(choices, [])
    return choices


def faults(store: SQLStore) -> list[str]:
    return [fault.text for fault in Verification(store).run() if fault.kind != "notice"]


def test_a_store_whose_tables_are_split_meanwhile_does_all_that_it_did(
    store: SQLStore, server: psycopg.Connection
) -> None:
    before = fill(store, WIDTH - 10)
    server.execute(sql("Split the tables"))
    after = [store.add(make_choice(site="")) for _ in range(20)]

    for choice in (before[0], before[-1], after[0], after[-1]):
        assert store.add(choice) == choice
        assert store.history(choice.subject) == [choice]
    assert [record.number for record in store.records()] == [*range(WIDTH + 10)]
    check_store(store)
    assert faults(store) == []
    assert server.execute(PARTS).fetchall()[:3] == [
        ("consent_entries_0",), ("consent_entries_1",), ("consent_entries_2",)
    ]  # fmt: skip


def test_where_no_part_is_left_choices_are_refused_and_go_on_once_there_is_one(
    store: SQLStore, server: psycopg.Connection
) -> None:
    server.execute(sql("Split the tables").replace("ahead => 4", "ahead => 0"))
    fill(store, WIDTH)
    with pytest.raises(StoreError):
        store.add(make_choice(site=""))
    server.execute(sql("Make parts ahead"))

    store.add(make_choice(site=""))
    assert [number for number, _ in store.entries()] == [*range(WIDTH + 1)]


def test_a_part_is_dropped_once_nothing_of_it_is_kept_and_the_log_goes_on(
    store: SQLStore, server: psycopg.Connection
) -> None:
    server.execute(sql("Split the tables"))
    choices = fill(store, WIDTH + 300)
    with store._writing() as connection:
        for choice in (choices[0], choices[-1]):
            account = {"account": choice.subject[:16].encode(), "subject": choice.subject, "time": 1}
            connection.execute(ACCOUNTS.insert(), account)
    store.sign_checkpoint(KEYS)
    part = {"part": 0, "day": 21_001}
    assert server.execute(sql("Who is still in a part", **part)).fetchall() == [(0,)]
    assert server.execute(sql("Who is still in a part", part=0, day=21_000)).fetchall() == [(WIDTH,)]

    server.execute(sql("Drop a part", part=0))

    assert store.first_entry() == WIDTH
    assert [record.choice for record in store.records()] == choices[WIDTH:]
    assert server.execute("SELECT subject FROM consent_accounts").fetchall() == [(choices[-1].subject,)]
    assert faults(store) == []
    fill(store, 10)
    assert Checkpoint.parse(store.sign_checkpoint(KEYS).text).size == WIDTH + 310


def test_a_visitor_who_chose_again_later_keeps_a_part(store: SQLStore, server: psycopg.Connection) -> None:
    server.execute(sql("Split the tables"))
    first = fill(store, WIDTH)[0]
    store.add(make_choice(site="", subject=first.subject, seq=2, valid_until=30_000))

    assert server.execute(sql("Who is still in a part", part=0, day=21_001)).fetchall() == [(1,)]
