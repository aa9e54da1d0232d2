"""A database of an earlier version is brought up to date: nothing that visitors or receipts know is lost or changed."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from consent_widget import SQLStore, StoreError
from consent_widget.choice.act import Choice, record_id
from consent_widget.choice.replay import Grant
from consent_widget.notice.model import Notice
from consent_widget.proof.entry import canonical_record, commitment
from consent_widget.store import sqlite
from consent_widget.store.making import HEAD, STAMP
from consent_widget.store.migrating import FOLDER
from consent_widget.store.tables import METADATA, RECORDS
from consent_widget.store.upgrading import CHOICES

from ..conftest import HERE, MakeApp
from ..support.choice_body import choice_body
from .test_store import choice
from .test_together import in_processes

#: A row of the earlier table.
Row = dict[str, object]
#: Databases as those versions wrote them, each with the idempotency key that the browser of its first act sent.
EARLIER = {"09e8246": "Dd6Rsql5kHafaxE9mQtf3gPaT1E", "fa10a79": "I9mBAg_SK7ONbc0d7HuCNs6be_E"}


@pytest.fixture(params=EARLIER)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def path(tmp_path: Path, version: str) -> Path:
    path = tmp_path / "consent.sqlite"
    with closing(sqlite3.connect(path)) as file:
        file.executescript((Path(__file__).parent / "earlier" / f"{version}.sql").read_text("utf-8"))
    return path


@pytest.fixture
def before(path: Path) -> list[Choice]:
    """What the earlier version had stored."""
    with closing(sqlite3.connect(path)) as file:
        file.row_factory = sqlite3.Row
        rows = [dict(row) for row in file.execute("SELECT * FROM consent_choices ORDER BY number")]
    made = ({name: value for name, value in row.items() if name not in ("number", "key")} for row in rows)
    return [
        Choice(**{**row, "purposes": json.loads(row["purposes"]), "signals": tuple(json.loads(row["signals"]))})
        for row in made
    ]


@pytest.fixture
def upgraded(path: Path, before: list[Choice]) -> Iterator[SQLStore]:
    with closing(SQLStore(f"sqlite:///{path}")) as store:
        yield store


def test_every_record_is_there_as_it_was_and_has_an_entry(upgraded: SQLStore, before: list[Choice]) -> None:
    stored = list(upgraded.records())

    assert len(before) == 6
    assert [each.choice for each in stored] == list(upgraded.export()) == before
    assert [each.number for each in stored] == [*range(6)]
    assert [*upgraded.entries()] == [
        (each.number, commitment(each.salt, canonical_record(each.choice))) for each in stored
    ]
    assert upgraded.history(before[0].subject) == before[:3]


def indices(store: SQLStore) -> set[tuple[str, bool]]:
    """The names of those of the records, and whether they let nothing be there twice."""
    return {(str(each["name"]), bool(each["unique"])) for each in sa.inspect(store._engine).get_indexes(RECORDS.name)}


def test_records_have_the_indices_that_they_have_in_a_new_database(upgraded: SQLStore) -> None:
    with closing(SQLStore("sqlite://")) as new:
        assert indices(upgraded) == indices(new) != set()


def test_in_postgresql_they_have_them_too(outdated: str) -> None:
    with closing(SQLStore(outdated)) as store:
        store.upgrade()
        assert indices(store) == {("ix_consent_records_id", True), ("ix_consent_records_subject_number", False)}


def test_what_was_used_and_told_stays_so(upgraded: SQLStore, before: list[Choice]) -> None:
    used, told = Grant(before[-1].id, "contact_messages"), Grant(before[1].id, "data_analytics")

    assert set(upgraded.uses(before[-1].subject)) == {used}
    assert upgraded.claimed([used, told]) == [told]


def test_a_choice_that_was_stored_before_and_is_sent_again_is_not_stored_twice(
    upgraded: SQLStore, before: list[Choice], version: str
) -> None:
    again = replace(before[0], id=record_id("", EARLIER[version]), subject=choice().subject)

    assert upgraded.add(again) == before[0]
    assert upgraded.size() == len(before)


def test_the_next_choice_follows(upgraded: SQLStore, before: list[Choice]) -> None:
    following = choice(subject=before[0].subject, seq=4)

    assert upgraded.add(following) is following
    assert upgraded.history(before[0].subject) == [*before[:3], following]
    assert upgraded.record(following.id).number == 6  # type: ignore[union-attr]


def test_nothing_of_the_old_rows_stays_in_the_files(upgraded: SQLStore, before: list[Choice], tmp_path: Path) -> None:
    assert upgraded.size() == len(before)
    for file in tmp_path.iterdir():
        assert [each.id for each in before if each.subject.encode() in file.read_bytes()] == [], file.name


@pytest.mark.parametrize("version", ["fa10a79"], indirect=True)
def test_on_a_disk_without_room_nothing_is_changed(
    path: Path, before: list[Choice], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full, closing(SQLStore("sqlite://")):
        full.setattr(sqlite, "ROOM", 1 << 60)
        with closing(SQLStore(f"sqlite:///{path}")) as store:
            assert "no room to upgrade it: free" in str(store.trouble)
            with pytest.raises(StoreError, match="no room"):
                store.add(choice())
    with closing(SQLStore(f"sqlite:///{path}")) as store:
        assert list(store.export()) == before


@pytest.mark.parametrize("version", ["fa10a79"], indirect=True)
def test_a_file_that_can_only_be_read_stays_as_it_is(path: Path, before: list[Choice]) -> None:
    with closing(SQLStore(f"sqlite:///file:{path}?mode=ro&uri=true")) as store:
        assert "readonly" in str(store.trouble)
    with closing(SQLStore(f"sqlite:///{path}")) as store:
        assert list(store.export()) == before


@pytest.mark.parametrize("version", ["fa10a79"], indirect=True)
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_of_processes_that_open_the_file_together_one_upgrades_it(path: Path, before: list[Choice]) -> None:
    assert in_processes(4, lambda: SQLStore(f"sqlite:///{path}").add(choice())) == []
    with closing(SQLStore(f"sqlite:///{path}")) as store:
        assert list(store.export())[:6] == before
        assert store.size() == 10


@pytest.mark.parametrize("version", ["fa10a79"], indirect=True)
def test_a_process_that_is_killed_in_the_middle_has_changed_nothing(path: Path, before: list[Choice]) -> None:
    killed = (
        "import os, signal, sys; from consent_widget import SQLStore; from consent_widget.store import upgrading\n"
        "upgrading.CHOICES.drop = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "SQLStore('sqlite:///' + sys.argv[1])"
    )
    assert subprocess.run([sys.executable, "-c", killed, str(path)], check=False).returncode == -signal.SIGKILL
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("SELECT count(*) FROM consent_choices").fetchone() == (6,)
    with closing(SQLStore(f"sqlite:///{path}")) as store:
        assert list(store.export()) == before


@pytest.fixture
def outdated(postgresql: str, version: str) -> Iterator[str]:
    """The same in PostgreSQL."""
    engine = sa.create_engine(postgresql, poolclass=sa.NullPool)
    with engine.begin() as connection:
        METADATA.drop_all(connection)
        STAMP.drop(connection)
        text = (Path(__file__).parent / "earlier" / f"{version}.sql").read_text("utf-8").replace(" BLOB ", " BYTEA ")
        connection.exec_driver_sql(text.replace("BEGIN TRANSACTION;", "").replace("COMMIT;", "").replace("%", "%%"))
    yield postgresql
    with engine.begin() as connection:
        CHOICES.drop(connection, checkfirst=True)


def test_postgresql_waits_for_the_command_and_loses_nothing_until_then(
    outdated: str, before: list[Choice], make_app: MakeApp, shop: Notice
) -> None:
    app = make_app(CONSENT_NOTICE="shop", CONSENT_DATABASE=outdated)
    sent, client = choice_body(shop), app.test_client()
    refused = client.post("/consent/records", json=sent, headers=HERE)
    assert (refused.status_code, client.get("/consent/health").status_code) == (503, 503)
    with closing(SQLStore(outdated)) as store:
        assert "flask consent upgrade" in str(store.trouble)
        with pytest.raises(StoreError, match="earlier version"):
            store.ping()

    run = app.test_cli_runner().invoke
    done, again = run(args=["consent", "upgrade"]), run(args=["consent", "upgrade"])
    assert (done.output, again.output) == (
        "The database is up to date now.\n",
        "The database is up to date already.\n",
    )
    with closing(SQLStore(outdated)) as store:
        store.ping()
        assert list(store.export()) == before
        entries = [commitment(each.salt, canonical_record(each.choice)) for each in store.records()]
        assert [entry for _, entry in store.entries()] == entries
    answer = (
        make_app(CONSENT_NOTICE="shop", CONSENT_DATABASE=outdated)
        .test_client()
        .post("/consent/records", json=sent, headers=HERE)
    )
    assert answer.status_code == 201


def go_back(engine: sa.Engine, version: str, row: Row, *, also: str) -> None:
    """A process of the earlier version is started after the upgrade: it makes its table anew. A browser sends it again
    what it had stored, and a visitor chooses something (`also` is the id).
    """
    text = (Path(__file__).parent / "earlier" / f"{version}.sql").read_text("utf-8")
    with engine.begin() as connection:
        connection.exec_driver_sql(text[text.index("CREATE TABLE consent_choices") :].partition(";")[0])
        new = {**row, "number": 2, "id": also, "key": "f" * 64, "subject": choice().subject, "seq": 1}
        connection.execute(CHOICES.insert(), [{**row, "number": 1}, new])


@pytest.fixture
def latest(path: Path) -> Row:
    with closing(sqlite3.connect(path)) as file:
        file.row_factory = sqlite3.Row
        return dict(file.execute("SELECT * FROM consent_choices ORDER BY number DESC").fetchone())


def test_a_process_of_before_that_starts_after_the_upgrade_keeps_nobody_from_starting(
    path: Path, version: str, before: list[Choice], latest: Row
) -> None:
    url, also = f"sqlite:///{path}", choice().id
    with closing(SQLStore(url)) as store:
        go_back(store._engine, version, latest, also=also)
    with closing(SQLStore(url)) as store:
        assert store.trouble is None
        assert [each.id for each in store.export()] == [*(each.id for each in before), also]
        assert store.size() == len(before) + 1


def test_in_postgresql_the_command_is_run_again_for_that(
    outdated: str, version: str, before: list[Choice], latest: Row
) -> None:
    also = choice().id
    with closing(SQLStore(outdated)) as store:
        store.upgrade()
        go_back(store._engine, version, latest, also=also)
        assert store.upgrade()
    with closing(SQLStore(outdated)) as store:
        assert store.trouble is None
        assert [each.id for each in store.export()] == [*(each.id for each in before), also]


def test_a_new_database_is_current_for_alembic(store: SQLStore) -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD
    with store._engine.connect() as connection:
        assert connection.execute(sa.select(STAMP.c.version_num)).scalars().all() == [HEAD]
    assert store.upgrade() is False
