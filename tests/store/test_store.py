from __future__ import annotations

import json
import os
import sqlite3
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from consent_widget import SQLStore, StoreError
from consent_widget.choice.act import Choice, new_subject
from consent_widget.choice.replay import Grant
from consent_widget.notice.model import Notice
from consent_widget.store.packed import id_to_bytes, subject_to_bytes
from consent_widget.store.sqlite import BRIEFLY


def choice(**more: object) -> Choice:
    base = Choice(
        subject=new_subject(),
        seq=1,
        time=1_800_000_000_123,
        notice="ab" * 32,
        locale="zh-CN",
        action="save",
        surface="centre",
        purposes={"data_analytics": True, "partner_sharing:acme": False},
        valid_until=21_000,
        signals=("gpc",),
        age_band=None,
    )
    return replace(base, **more)  # type: ignore[arg-type]


def test_what_is_added_is_there_as_it_was(store: SQLStore) -> None:
    added = choice()

    assert store.add(added) == added
    assert store.history(added.subject) == [added]


def test_an_id_that_is_known_gives_the_earlier_choice_back(store: SQLStore) -> None:
    first = store.add(choice())

    assert store.add(choice(id=first.id)) == first
    assert list(store.export()) == [first]


def test_each_site_reads_its_own_choices(store: SQLStore) -> None:
    shop, other = store.add(choice(site="shop", region="US-CA")), store.add(choice(site="club"))

    assert (list(store.export("shop")), list(store.export("club"))) == ([shop], [other])
    assert list(store.export()) == [shop, other]


def test_fifty_at_once_with_one_id_make_one_record(store: SQLStore) -> None:
    one, kept, barrier = choice(), [], threading.Barrier(50)

    def add() -> None:
        barrier.wait()
        kept.append(store.add(choice(id=one.id)))

    threads = [threading.Thread(target=add) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(kept) == 50
    assert len({each.subject for each in kept}) == 1
    assert len(list(store.export())) == 1


def test_history_is_one_subjects_and_in_order(store: SQLStore) -> None:
    subject = new_subject()
    mine = [store.add(choice(subject=subject, seq=n)) for n in range(1, 4)]
    store.add(choice())

    assert store.history(subject) == mine


def test_export_reads_more_than_a_page(store: SQLStore) -> None:
    added = [store.add(choice()) for _ in range(1203)]

    assert list(store.export()) == added


@pytest.mark.parametrize("nasty", ["'; DROP TABLE consent_records; --", '"', "\\", "%", "名字", "😀"])
def test_text_is_never_sql(store: SQLStore, nasty: str) -> None:
    added = store.add(choice(purposes={nasty: True}, locale=nasty[:20]))

    assert store.history(added.subject)[0].purposes == {nasty: True}


def test_a_notice_is_kept_by_its_digest_for_good(store: SQLStore) -> None:
    store.keep_notice("d" * 64, '{"a":1}')
    store.keep_notice("d" * 64, '{"a":1}')

    assert store.notice("d" * 64) == '{"a":1}'
    assert store.notice("e" * 64) is None


def test_workers_that_start_at_once_keep_one_notice(url: str, store: SQLStore) -> None:
    stores, barrier, kept = [SQLStore(url) for _ in range(10)], threading.Barrier(10), []

    def keep(each: SQLStore) -> None:
        barrier.wait()
        each.keep_notice("d" * 64, '{"a":1}')
        kept.append(each.notice("d" * 64))

    threads = [threading.Thread(target=keep, args=[each]) for each in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept == ['{"a":1}'] * 10
    for each in stores:
        each.close()


def test_a_second_store_on_the_same_database_sees_everything(store: SQLStore, url: str) -> None:
    added = store.add(choice())
    other = SQLStore(url)

    assert other.history(added.subject) == [added]
    other.close()


def test_a_database_that_is_away_is_a_store_error(tmp_path: Path) -> None:
    with closing(SQLStore(f"sqlite:///{tmp_path}/no/such/folder/x.sqlite")) as store:
        for act in (store.ping, lambda: store.add(choice()), lambda: store.history(GONE)):
            with pytest.raises(StoreError, match="CONSENT_DATABASE"):
                act()  # type: ignore[operator]


def test_sqlite_keeps_each_choice_on_the_disk(tmp_path: Path) -> None:
    store = SQLStore(f"sqlite:///{tmp_path / 'x.sqlite'}")
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    store.close()


def test_a_record_says_everything_in_plain_json() -> None:
    told = choice().plain()

    assert json.loads(json.dumps(told)) == told
    assert told["time"] == "2027-01-15T08:00:00.123+00:00"
    assert told["valid_until"] == "2027-07-01"


def test_on_sqlite_nothing_of_an_erased_subject_stays_on_the_disk(tmp_path: Path) -> None:
    store = SQLStore(f"sqlite:///{tmp_path / 'store.sqlite'}")
    for _ in range(50):
        store.add(choice())
    gone = store.add(choice(subject="g" * 22))
    store.add(choice())
    store.erase(gone.subject)
    files = [file.read_bytes() for file in tmp_path.iterdir()]

    assert any(file for file in files)
    assert not [file for file in files if subject_to_bytes(gone.subject) in file or id_to_bytes(gone.id) in file]
    store.close()


# While somebody reads


GONE = "g" * 22
KNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[SQLStore]:
    store = SQLStore(f"sqlite:///{tmp_path / 'store.sqlite'}")
    yield store
    store.close()


def reading(folder: Path) -> sqlite3.Connection:
    """A program that reads the whole database, as a backup does, and has not ended."""
    reader = sqlite3.connect(folder / "store.sqlite")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM consent_records").fetchone()
    return reader


def left(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir() if subject_to_bytes(GONE) in file.read_bytes()]


GRANT = Grant("a choice", "contact_messages")
WRITES: dict[str, Callable[[SQLStore, Notice], object]] = {
    "a choice": lambda store, notice: store.add(choice()),
    "a retry": lambda store, notice: store.add(choice(id=KNOWN)),
    "a use that is not there": lambda store, notice: store.use("nobody", GRANT),
    "an end": lambda store, notice: store.claim_ends({GRANT: 0}),
    "an end given back": lambda store, notice: store.release_ends([GRANT]),
    "a notice": lambda store, notice: store.publish(notice),
    "another erasure": lambda store, notice: store.erase("nobody"),
    "the end": lambda store, notice: store.close(),
}


@pytest.mark.parametrize("write", WRITES)
def test_rows_that_a_reader_kept_from_being_erased_go_with_the_next_write(
    lite: SQLStore, tmp_path: Path, minimal: Notice, write: str
) -> None:
    lite.add(choice(id=KNOWN))
    lite.add(choice(subject=GONE))
    with closing(reading(tmp_path)), closing(sqlite3.connect(tmp_path / "store.sqlite")) as another:
        another.execute("SELECT count(*) FROM consent_records").fetchone()
        assert lite.erase(GONE) is False
        assert lite.history(GONE) == []
        lite.add(choice())
        assert left(tmp_path)  # who reads may go on to the end
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as another:
        another.execute(
            "SELECT count(*) FROM consent_records"
        ).fetchone()  # not the last to leave: that one empties the log
        WRITES[write](lite, minimal)
        assert left(tmp_path) == []


def test_rows_that_a_killed_process_left_go_with_the_first_write_of_the_next(lite: SQLStore, tmp_path: Path) -> None:
    killed = SQLStore(f"sqlite:///{tmp_path / 'store.sqlite'}")
    lite.add(choice(subject=GONE))
    with closing(reading(tmp_path)):
        assert killed.erase(GONE) is False
        killed._engine.dispose()
    assert left(tmp_path)
    with closing(SQLStore(f"sqlite:///{tmp_path / 'store.sqlite'}")) as following:
        following.add(choice())
        assert left(tmp_path) == []


def marked(folder: Path) -> bool:
    return (folder / "store.sqlite-scrub").exists()


@pytest.mark.parametrize("write", WRITES)
def test_what_one_worker_could_not_scrub_goes_with_the_first_write_of_another(
    lite: SQLStore, tmp_path: Path, minimal: Notice, write: str
) -> None:
    other = SQLStore(f"sqlite:///{tmp_path / 'store.sqlite'}")
    lite.add(choice(id=KNOWN))
    other.add(choice())  # its log is clean, as far as it has seen
    lite.add(choice(subject=GONE))
    with closing(reading(tmp_path)):
        assert lite.erase(GONE) is False
        assert marked(tmp_path)
    assert left(tmp_path)
    WRITES[write](other, minimal)
    assert (left(tmp_path), marked(tmp_path)) == ([], False)
    other.close()


def test_a_worker_that_could_not_scrub_either_leaves_it_to_the_next(lite: SQLStore, tmp_path: Path) -> None:
    one, two = (SQLStore(f"sqlite:///{tmp_path / 'store.sqlite'}") for _ in range(2))
    for each in (one, two):
        each.add(choice())
    lite.add(choice(subject=GONE))
    with closing(reading(tmp_path)):
        lite.erase(GONE)
        one.add(choice())
        assert marked(tmp_path)
    two.add(choice())
    assert (left(tmp_path), marked(tmp_path)) == ([], False)
    for each in (one, two):
        each.close()


@pytest.mark.parametrize("address", ["{}", "file:{}?uri=true", "file:{}?mode=rw&uri=true"])
def test_however_the_database_is_named_all_workers_find_the_same_mark(
    lite: SQLStore, tmp_path: Path, address: str
) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "store.sqlite")
    other = SQLStore("sqlite:///" + address.format(tmp_path / "link"))
    for each in (lite, other):
        each.add(choice())
    lite.add(choice(subject=GONE))
    with closing(reading(tmp_path)):
        assert other.erase(GONE) is False
        assert marked(tmp_path)
    lite.add(choice())
    assert (left(tmp_path), marked(tmp_path)) == ([], False)
    other.close()


def test_without_a_reader_nothing_is_left_and_erase_says_so(store: SQLStore) -> None:
    added = store.add(choice())

    assert store.erase(added.subject) is True
    assert store.erase("nobody") is True


def test_writers_wait_for_each_other_as_long_as_before_once_the_log_is_empty(lite: SQLStore, tmp_path: Path) -> None:
    with closing(reading(tmp_path)):
        lite.erase(GONE)
        lite.add(choice())
    with lite._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == BRIEFLY


# Who may read


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    return {file.name: oct(file.stat().st_mode & 0o777) for file in folder.iterdir()}


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize(
    "database", ["{}/x.sqlite", "file:{}/x.sqlite?uri=true", "file:{}/x.sqlite?mode=rwc&uri=true", "{}/../a/x.sqlite"]
)
def test_a_database_file_and_what_is_beside_it_is_its_owners_alone(tmp_path: Path, database: str) -> None:
    (folder := tmp_path / "a").mkdir()
    with closing(SQLStore("sqlite:///" + database.format(folder))) as store:
        store.add(choice())
        assert modes(folder) == dict.fromkeys(("x.sqlite", "x.sqlite-wal", "x.sqlite-shm", "x.sqlite-queue"), "0o600")


@pytest.mark.usefixtures("umask")
def test_the_mark_of_a_log_that_is_to_be_emptied_is_its_owners_alone(tmp_path: Path) -> None:
    with closing(SQLStore(f"sqlite:///{tmp_path / 'store.sqlite'}")) as store:
        store.add(choice(subject=GONE))
        with closing(reading(tmp_path)):
            store.erase(GONE)
            mark = tmp_path / "store.sqlite-scrub"
            assert (modes(tmp_path)[mark.name], mark.read_bytes()) == ("0o600", b"")


@pytest.mark.usefixtures("umask")
def test_a_link_to_a_database_that_is_not_there_yet_makes_one_that_is_its_owners_alone(tmp_path: Path) -> None:
    for name in ("link", "disk"):
        (tmp_path / name).mkdir()
    (tmp_path / "link" / "x.sqlite").symlink_to(tmp_path / "disk" / "real.sqlite")
    with closing(SQLStore(f"sqlite:///{tmp_path / 'link' / 'x.sqlite'}")) as store:
        store.add(choice())
        assert modes(tmp_path / "disk").pop("real.sqlite") == "0o600"
        assert set(modes(tmp_path / "disk").values()) == {"0o600"}


def test_a_file_that_is_there_keeps_its_mode_and_its_records(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.sqlite'}"
    with closing(SQLStore(url)) as store:
        added = store.add(choice())
    (tmp_path / "x.sqlite").chmod(0o640)
    with closing(SQLStore(url)) as store:
        assert store.history(added.subject) == [added]
        assert modes(tmp_path)["x.sqlite"] == "0o640"


@pytest.mark.parametrize(
    "database", ["", ":memory:", "file::memory:?uri=true", "file:x?mode=memory&cache=shared&uri=true"]
)
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")
def test_a_database_in_memory_makes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(SQLStore(f"sqlite:///{database}")) as store:
        added = store.add(choice())
        assert store.history(added.subject) == [added]
        assert store.erase(added.subject) is True
    assert list(tmp_path.iterdir()) == []


def test_where_sqlite_is_to_make_no_file_none_is_made(tmp_path: Path) -> None:
    with closing(SQLStore(f"sqlite:///file:{tmp_path / 'x.sqlite'}?mode=rw&uri=true")) as store:
        assert store.trouble
    assert list(tmp_path.iterdir()) == []


# What a log may say


def printed(act: Callable[[], object]) -> str:
    """What Flask, or any other, logs of an error that nobody caught."""
    with pytest.raises(StoreError) as raised:
        act()
    return "".join(traceback.format_exception(raised.value))


def test_no_value_of_a_row_reaches_a_log_when_the_table_is_gone(store: SQLStore) -> None:
    added = store.add(choice())
    with store._engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE consent_records RENAME TO elsewhere"))
    try:
        acts: list[Callable[[], object]] = [
            lambda: store.add(added),
            lambda: store.history(added.subject),
            lambda: store.uses(added.subject),
            lambda: store.use(added.subject, Grant(added.id, "data_analytics")),
            lambda: store.erase(added.subject),
            lambda: list(store.export()),
        ]
        logged = [printed(act) for act in acts]
    finally:
        with store._engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE elsewhere RENAME TO consent_records"))

    for each in logged:
        assert "consent_records" in each.splitlines()[-1]  # what is wrong is said
        assert "CONSENT_DATABASE" in each
        assert not [value for value in (added.subject, added.id, added.notice) if value in each]


@pytest.mark.parametrize("broken", [{"locale": None}, {"action": None, "region": None}])
def test_no_value_of_a_row_reaches_a_log_when_the_row_is_refused(store: SQLStore, broken: dict[str, object]) -> None:
    refused = choice(**broken)
    logged = printed(lambda: store.add(refused))

    assert not [value for value in (refused.subject, refused.id, refused.notice) if value in logged]


def test_no_value_of_a_row_reaches_a_log_when_it_cannot_be_read(lite: SQLStore) -> None:
    added = lite.add(choice(subject=GONE))
    with lite._engine.begin() as connection:
        connection.execute(sa.text("UPDATE consent_contexts SET locale = CAST(x'737061736d6f647963ff' AS TEXT)"))
    logged = printed(lambda: lite.history(added.subject))

    assert "OperationalError" in logged
    assert not [value for value in ("spasmodyc", added.subject) if value in logged]
